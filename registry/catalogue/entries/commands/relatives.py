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
    persons = any(item["kind"] == "same_person" for item in shown)
    yield f"{many} the same footage{' or person' if persons else ''} as {entry_id}"
    for item in shown:
        yield from _entry(item)
    if len(shown) < count:
        yield f"  … and {count - len(shown)} more: give a greater --limit"
    if found["pending"]:
        yield "  the workers are still looking; ask again for all"


def near(entry_id: str, found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Near-duplicates of a medium that was just registered, and how to join its entry to one as a variant."""
    for row in found:
        said = RELATIONS.get(row["relation"], printable(str(row["relation"])))
        spans = ", ".join(_stretch(span["related"]) for span in row["spans"])
        yield f"  {said}: entry {row['entry_id']}, “{printable(str(row['title']))}”, {spans}"
    if found:
        yield f"    next: fakeprint entries change {entry_id} --variant-of {found[0]['entry_id']} joins them"


def _nothing(entry_id: str, *, pending: bool) -> Iterator[str]:
    if pending:
        yield "Nobody has looked for entries with the same footage yet: the workers do so after registration."
        yield f"  next: fakeprint entries {entry_id} --related (again, in a moment)"
        return
    yield "No other entry that you may see shows the same footage."
    yield "  next: fakeprint register ANOTHER-VARIANT (what is registered later finds this one by itself)"


def _entry(row: Mapping[str, Any]) -> Iterator[str]:
    said = RELATIONS.get(row["relation"], printable(str(row["relation"])))
    if row["kind"] == "same_person":
        said = f"the same enrolled person, {', '.join(map(str, row['persons']))}"
    sure = "" if row["score"] is None else f", probability {row['score']:.2f}"
    yield f"  “{printable(str(row['title']))}”: {said}{sure}"
    tier = str(row["tier"]).replace("_", " ")
    made = f", {str(row['manipulation']).replace('_', ' ')}" if row.get("manipulation") else ""
    yield f"    entry {row['entry_id']} in bank “{printable(str(row['bank']))}”, {tier}{made}"
    for span in row["spans"]:
        mirrored = ", mirrored" if span["mirrored"] else ""
        here, there = _stretch(span["entry"]), _stretch(span["related"])
        yield f"    {row['role']} {here} = its {row['related_role']} {there}{mirrored}"


def _stretch(times: Sequence[float]) -> str:
    start, end = times
    return f"{clip_time(start)}–{clip_time(end)}"
