"""Entries with the same footage, in words for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from registry.core.terminal.text import clip_time, printable

RELATIONS: Final[Mapping[str | None, str]] = {
    "copy": "the same fake",
    "same_footage_other_face": "the same footage with another face",
    "shares_original": "the same footage, an original among it",
    None: "the same footage; whether the same fake cannot be told",
}


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """What is related with the entry, line by line; where there is nothing, what to do."""
    entry_id, count, shown = found["entry_id"], int(found["count"]), found["related"]
    if not shown:
        yield from _nothing(str(entry_id), pending=bool(found["pending"]))
        return
    many = f"{count} entries show" if count != 1 else "1 entry shows"
    persons = any(one["kind"] == "same_person" for one in shown)
    yield f"{many} the same footage{' or person' if persons else ''} as {entry_id}"
    for one in shown:
        yield from _entry(one)
    if len(shown) < count:
        yield f"  … and {count - len(shown)} more: give a greater --limit"
    if found["pending"]:
        yield "  the workers are still looking; ask again for all"


def near(entry_id: str, found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Near-duplicates of a medium that was just registered, and how to join its entry to one as a variant."""
    for one in found:
        said = RELATIONS.get(one["relation"], printable(str(one["relation"])))
        spans = ", ".join(_stretch(span["related"]) for span in one["spans"])
        yield f"  {said}: entry {one['entry_id']}, “{printable(str(one['title']))}”, {spans}"
    if found:
        yield f"    next: fakeprint entries change {entry_id} --variant-of {found[0]['entry_id']} joins them"


def _nothing(entry_id: str, *, pending: bool) -> Iterator[str]:
    if pending:
        yield "Nobody has looked for entries with the same footage yet: the workers do so after registration."
        yield f"  next: fakeprint entries {entry_id} --related (again, in a moment)"
        return
    yield "No other entry that you may see shows the same footage."
    yield "  next: fakeprint register ANOTHER-VARIANT (what is registered later finds this one by itself)"


def _entry(one: Mapping[str, Any]) -> Iterator[str]:
    said = RELATIONS.get(one["relation"], printable(str(one["relation"])))
    if one["kind"] == "same_person":
        said = f"the same enrolled person, {', '.join(map(str, one['persons']))}"
    sure = "" if one["score"] is None else f", probability {one['score']:.2f}"
    yield f"  “{printable(str(one['title']))}”: {said}{sure}"
    tier = str(one["tier"]).replace("_", " ")
    made = f", {str(one['manipulation']).replace('_', ' ')}" if one.get("manipulation") else ""
    yield f"    entry {one['entry_id']} in bank “{printable(str(one['bank']))}”, {tier}{made}"
    for span in one["spans"]:
        mirrored = ", mirrored" if span["mirrored"] else ""
        here, there = _stretch(span["entry"]), _stretch(span["related"])
        yield f"    {one['role']} {here} = its {one['related_role']} {there}{mirrored}"


def _stretch(times: Sequence[float]) -> str:
    start, end = times
    return f"{clip_time(start)}–{clip_time(end)}"
