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
    None: "the same footage; it may be another fake",
}


def entry(row: Row) -> Iterator[str]:
    """Yield the lines of an entry with its files."""
    yield f"{row['entry_id']}  “{printable(str(row['title']))}”"
    tier = str(row["tier"]).replace("_", " ")
    documents_alone = row.get("unverified") and row["status"] == "matchable"
    unverified = ", from fingerprints alone" if documents_alone else ""
    yield f"  {row['status']}, {tier}{unverified}, in bank “{printable(str(row['bank']))}”"
    yield from origins.foreign(row.get("foreign"), "  ")
    yield from _reviewed(row.get("review"))
    if row.get("manipulation"):
        yield f"  made by: {str(row['manipulation']).replace('_', ' ')}"
    if row.get("claim"):
        yield f"  claim: {printable(str(row['claim']))}"
    if row.get("error"):
        yield f"  {_error(row['error'])}"
        yield f"  next: fakeprint entries retry {row['entry_id']}"
    yield from _details(row)
    for reference in row.get("references") or ():
        yield f"  see {printable(str(reference.get('url', '')))}"
    for asset in row.get("assets") or ():
        yield from _asset(asset)


def _details(row: Row) -> Iterator[str]:
    for person in row.get("depicted") or ():
        page = f" ({printable(str(person['url']))})" if person.get("url") else ""
        yield f"  depicts: {printable(str(person['name']))}{page}"
    for place in row.get("seen") or ():
        address = " ".join(printable(str(place[name])) for name in ("platform", "url") if place.get(name))
        yield f"  seen: {address}, {place['channel']}{', ' + str(place['at']) if place.get('at') else ''}"
    if row.get("evidence"):
        yield f"  evidence: {printable(str(row['evidence']))}"
    for variant in row.get("variants") or ():
        first = "variant of" if variant["entry_id"] == row.get("variant_of") else "other variant:"
        yield f"  {first} {variant['entry_id']} “{printable(str(variant['title']))}”, {variant['status']}"


def _reviewed(review: Row | None) -> Iterator[str]:
    """Yield the reviews and opinions of an entry of one's own."""
    if not review:
        return
    if review["suspended_for"]:
        yield f"  suspended for: {str(review['suspended_for']).replace('_', ' ')}"
    if review["own_tier"] != "unreviewed":
        yield f"  by your own reviewers: {str(review['own_tier']).replace('_', ' ')}"
    opinions = review["opinions"]
    if opinions["true_positive"] or opinions["false_positive"]:
        confirmed, denied = opinions["true_positive"], opinions["false_positive"]
        yield f"  matches confirmed {confirmed} times, denied {denied} times"


def _asset(asset: Row) -> Iterator[str]:
    name = printable(str(asset.get("filename") or "")) or f"sha256 {str(asset['sha256'])[:16]}…"
    size = f", {asset['width']}×{asset['height']}" if asset.get("width") else ""
    length = f", {clip_time(float(asset['duration']))}" if asset.get("duration") else ""
    media_note = "" if asset.get("media_kept") else ", media not kept"
    yield f"  {asset['role']}: {name}{size}{length}{media_note}"
    yield f"    asset {asset['asset_id']}: {_state(asset)}"
    yield from origins.of_asset(asset.get("provenance"))
    if asset.get("error"):
        yield f"    {_error(asset['error'])}"


def _state(asset: Row) -> str:
    if asset.get("matchable_at"):
        return f"matchable, {asset['frames']} frames, {asset['faces']} faces"
    if asset["status"] == "pending":
        segments = asset.get("segments")
        parts = f", {segments['done']} of {segments['of']} segments read" if segments else ""
        return f"being fingerprinted, {float(asset.get('progress') or 0):.0%}{parts}"
    return str(asset["status"])


def _error(error: Row) -> str:
    return f"error [{printable(str(error['code']))}]: {printable(str(error['message']))}"


def related(row: Row) -> Iterator[str]:
    """Yield the lines of the entries with the same footage, or of the next step if there are none."""
    entry_id, count, relatives = row["entry_id"], int(row["count"]), row["related"]
    if not relatives:
        yield from _no_relatives(str(entry_id), pending=bool(row["pending"]))
        return
    sentence = f"{count} entries show" if count != 1 else "1 entry shows"
    persons = any(relative["kind"] == "same_person" for relative in relatives)
    yield f"{sentence} the same footage{' or person' if persons else ''} as {entry_id}"
    for relative in relatives:
        yield from _relative(relative)
    if len(relatives) < count:
        yield f"  … and {count - len(relatives)} more: give a greater --limit"
    if row["pending"]:
        yield "  the search is not finished; run this again for all"


def near(entry_id: str, relatives: Sequence[Row], *, pending: bool) -> Iterator[str]:
    """Yield near-duplicates of a medium that was just registered, and how to join the entries as variants.

    `pending`: workers are still looking for more.
    """
    for row in relatives:
        relation = RELATIONS.get(row["relation"], printable(str(row["relation"])))
        spans = ", ".join(_stretch(span["related"]) for span in row["spans"])
        yield f"  {relation}: entry {row['entry_id']}, “{printable(str(row['title']))}”, {spans}"
    if relatives:
        nearest = relatives[0]["entry_id"]
        yield f"    next: fakeprint entries change {entry_id} --variant-of {nearest} joins them"
    if pending:
        yield f"  being linked with entries of the same footage: fakeprint entries {entry_id} --related"


def _no_relatives(entry_id: str, *, pending: bool) -> Iterator[str]:
    if pending:
        yield "Workers have not searched entries with the same footage yet; they do so after registration."
        yield f"  next: fakeprint entries {entry_id} --related (in a moment)"
        return
    yield "No other entry that you may see shows the same footage."
    yield "  next: fakeprint register ANOTHER-VARIANT (entries registered later are linked automatically)"


def _relative(row: Row) -> Iterator[str]:
    relation = RELATIONS.get(row["relation"], printable(str(row["relation"])))
    if row["kind"] == "same_person":
        relation = f"the same enrolled person, {', '.join(map(str, row['persons']))}"
    probability = "" if row["score"] is None else f", probability {row['score']:.2f}"
    yield f"  “{printable(str(row['title']))}”: {relation}{probability}"
    tier = str(row["tier"]).replace("_", " ")
    manipulation = f", {str(row['manipulation']).replace('_', ' ')}" if row.get("manipulation") else ""
    yield f"    entry {row['entry_id']} in bank “{printable(str(row['bank']))}”, {tier}{manipulation}"
    for span in row["spans"]:
        mirrored = ", mirrored" if span["mirrored"] else ""
        own, other = _stretch(span["entry"]), _stretch(span["related"])
        yield f"    {row['role']} {own} = its {row['related_role']} {other}{mirrored}"


def _stretch(times: Sequence[float]) -> str:
    start, end = times
    return f"{clip_time(start)}–{clip_time(end)}"
