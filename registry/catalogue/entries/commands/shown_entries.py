"""Entries, and entries with the same footage, as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from registry.catalogue.provenance import commands as origins
from registry.core.terminal.output import Row, Rows
from registry.core.terminal.text import clip_time, printable

NOTHING_YET: Final = "No entries yet.\n  next: fakeprint register FAKE --original ORIGINAL"
NOTHING_SUCH: Final = "No such entries.\n  next: fakeprint entries (without --bank and --status) lists all"
ENTRIES: Final = Rows(
    "entries",
    "entry: entry_id, status, tier, bank, registered: created_at, title",
    lambda found: NOTHING_SUCH if found["filtered"] else NOTHING_YET,
)
RELATIONS: Final[Mapping[str | None, str]] = {
    "copy": "the same fake",
    "same_footage_other_face": "the same footage with another face",
    "shares_original": "the same footage, an original among it",
    None: "the same footage; whether the same fake cannot be told",
}


def entry(found: Row) -> Iterator[str]:
    """Yield the lines of an entry with its files."""
    yield f"{found['entry_id']}  “{printable(str(found['title']))}”"
    tier = str(found["tier"]).replace("_", " ")
    alone = found.get("unverified") and found["status"] == "matchable"
    unverified = ", from fingerprints alone" if alone else ""
    yield f"  {found['status']}, {tier}{unverified}, in bank “{printable(str(found['bank']))}”"
    yield from origins.foreign(found.get("foreign"), "  ")
    yield from _reviewed(found.get("review"))
    if found.get("manipulation"):
        yield f"  made by: {str(found['manipulation']).replace('_', ' ')}"
    if found.get("claim"):
        yield f"  claim: {printable(str(found['claim']))}"
    if found.get("error"):
        yield f"  {_error(found['error'])}"
        yield f"  next: fakeprint entries retry {found['entry_id']}"
    yield from _details(found)
    for reference in found.get("references") or ():
        yield f"  see {printable(str(reference.get('url', '')))}"
    for asset in found.get("assets") or ():
        yield from _asset(asset)


def _details(found: Row) -> Iterator[str]:
    for item in found.get("depicted") or ():
        page = f" ({printable(str(item['url']))})" if item.get("url") else ""
        yield f"  depicts: {printable(str(item['name']))}{page}"
    for place in found.get("seen") or ():
        where = " ".join(printable(str(place[name])) for name in ("platform", "url") if place.get(name))
        yield f"  seen: {where}, {place['channel']}{', ' + str(place['at']) if place.get('at') else ''}"
    if found.get("evidence"):
        yield f"  evidence: {printable(str(found['evidence']))}"
    for other in found.get("variants") or ():
        first = "variant of" if other["entry_id"] == found.get("variant_of") else "other variant:"
        yield f"  {first} {other['entry_id']} “{printable(str(other['title']))}”, {other['status']}"


def _reviewed(said: Row | None) -> Iterator[str]:
    """Yield the reviews and opinions of an entry of one's own."""
    if not said:
        return
    if said["suspended_for"]:
        yield f"  suspended for: {str(said['suspended_for']).replace('_', ' ')}"
    if said["own_tier"] != "unreviewed":
        yield f"  by your own reviewers: {str(said['own_tier']).replace('_', ' ')}"
    opinions = said["opinions"]
    if opinions["true_positive"] or opinions["false_positive"]:
        confirmed, denied = opinions["true_positive"], opinions["false_positive"]
        yield f"  matches confirmed {confirmed} times, denied {denied} times"


def _asset(asset: Row) -> Iterator[str]:
    name = printable(str(asset.get("filename") or "")) or f"sha256 {str(asset['sha256'])[:16]}…"
    size = f", {asset['width']}×{asset['height']}" if asset.get("width") else ""
    length = f", {clip_time(float(asset['duration']))}" if asset.get("duration") else ""
    kept = "" if asset.get("media_kept") else ", media not kept"
    yield f"  {asset['role']}: {name}{size}{length}{kept}"
    yield f"    asset {asset['asset_id']}: {_state(asset)}"
    yield from origins.of_asset(asset.get("provenance"))
    if asset.get("error"):
        yield f"    {_error(asset['error'])}"


def _state(asset: Row) -> str:
    if asset.get("matchable_at"):
        return f"matchable, {asset['frames']} frames, {asset['faces']} faces"
    if asset["status"] == "pending":
        read = asset.get("segments")
        parts = f", {read['done']} of {read['of']} segments read" if read else ""
        return f"being fingerprinted, {float(asset.get('progress') or 0):.0%}{parts}"
    return str(asset["status"])


def _error(said: Row) -> str:
    return f"error [{printable(str(said['code']))}]: {printable(str(said['message']))}"


def related(found: Row) -> Iterator[str]:
    """Yield the lines of the entries with the same footage, or of the next step if there are none."""
    entry_id, count, shown = found["entry_id"], int(found["count"]), found["related"]
    if not shown:
        yield from _no_relatives(str(entry_id), pending=bool(found["pending"]))
        return
    many = f"{count} entries show" if count != 1 else "1 entry shows"
    persons = any(item["kind"] == "same_person" for item in shown)
    yield f"{many} the same footage{' or person' if persons else ''} as {entry_id}"
    for item in shown:
        yield from _relative(item)
    if len(shown) < count:
        yield f"  … and {count - len(shown)} more: give a greater --limit"
    if found["pending"]:
        yield "  the workers are still looking; ask again for all"


def near(entry_id: str, found: Sequence[Row]) -> Iterator[str]:
    """Yield near-duplicates of a medium that was just registered, and how to join the entries as variants."""
    for row in found:
        said = RELATIONS.get(row["relation"], printable(str(row["relation"])))
        spans = ", ".join(_stretch(span["related"]) for span in row["spans"])
        yield f"  {said}: entry {row['entry_id']}, “{printable(str(row['title']))}”, {spans}"
    if found:
        yield f"    next: fakeprint entries change {entry_id} --variant-of {found[0]['entry_id']} joins them"


def _no_relatives(entry_id: str, *, pending: bool) -> Iterator[str]:
    if pending:
        yield "Nobody has looked for entries with the same footage yet: the workers do so after registration."
        yield f"  next: fakeprint entries {entry_id} --related (again, in a moment)"
        return
    yield "No other entry that you may see shows the same footage."
    yield "  next: fakeprint register ANOTHER-VARIANT (what is registered later finds this one by itself)"


def _relative(row: Row) -> Iterator[str]:
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
        own, there = _stretch(span["entry"]), _stretch(span["related"])
        yield f"    {row['role']} {own} = its {row['related_role']} {there}{mirrored}"


def _stretch(times: Sequence[float]) -> str:
    start, end = times
    return f"{clip_time(start)}–{clip_time(end)}"
