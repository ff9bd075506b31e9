"""Print reviews on a terminal, with local times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.core.terminal.output import Row, Rows
from registry.core.terminal.text import printable
from registry.core.terminal.times import local_time


def _why(row: Row) -> str:
    prefix = "private case: " if row["private_case"] else ""
    return f"{prefix}{words(row['reason'])}{', from a document alone' if row['unverified'] else ''}"


def _nothing(answer: Row) -> str:
    filtered = set(answer["sent"]) - {"limit", "after"}
    return "No such entries wait.\n  next: fakeprint review list" if filtered else "Nothing waits."


QUEUE: Final = Rows(
    "items",
    "entry: entry_id, why, since, tier, claimed by: claimed.by, bank, organization, title",
    _nothing,
    {"why": _why, "since": lambda row: local_time(row["since"]), "tier": lambda row: words(row["tier"])},
    cursor=True,
)


def review(entry: Row) -> Iterator[str]:
    """Yield the lines of an entry for its reviewer."""
    yield f"{entry['entry_id']}  “{printable(str(entry['title']))}”"
    reason = f" ({words(entry['suspended_for'])})" if entry["suspended_for"] else ""
    yield f"  {entry['status']}{reason}, of {printable(str(entry['organization']))}"
    yield f"  fakes {_tier(entry, 'tier')}, originals {_tier(entry, 'original_tier')}"
    if claimed := entry["claimed"]:
        yield f"  claimed by {claimed['by']} until {local_time(claimed['lease_until'])}"
    yield from _said(entry)
    for medium in entry["media"]:
        yield from _medium(medium)
    for conflict in entry["conflicts"]:
        yield (
            f"  the same file is {_article(conflict['other_role'])} in entry {conflict['entry_id']}"
            f" “{printable(str(conflict['title']))}” ({words(conflict['tier'])})"
        )
    opinions = entry["opinions"]
    if opinions["true_positive"] or opinions["false_positive"]:
        confirmed, denied = opinions["true_positive"], opinions["false_positive"]
        yield (
            f"  matches confirmed {confirmed} times, by {opinions['confirming']} organizations;"
            f" denied {denied} times, by {opinions['denying']}"
        )
    for dispute in entry["disputes"]:
        yield f"  dispute {dispute['dispute_id']}: {words(dispute['kind'])}, {outcome(dispute)}"
    for decision in entry["decisions"]:
        yield from _decision(decision)


def _said(entry: Row) -> Iterator[str]:
    """Yield the claim, references, depicted people, places and evidence."""
    if case := entry["private_case"]:
        shown = "it shows them" if case["standing"] == "depicted" else "they act for whom it shows"
        intimate = ", intimate" if case["intimate"] else ""
        yield f"  private case: according to the person who opened it, {shown}{intimate}"
    if entry["claim"]:
        yield from prose("claim", entry["claim"], erased=None)
    for reference in entry["references"]:
        yield f"  reference: {printable(str(reference['url']))}"
    for place in entry["depicted"]:
        yield f"  depicts: {printable(str(place['name']))}"
    for place in entry["seen"]:
        parts = [printable(str(place[name])) for name in ("platform", "url", "at", "note") if place.get(name)]
        yield f"  seen: {', '.join(parts)}"
    if entry["evidence"]:
        yield from prose(
            "note of the person who opened it" if case else "evidence", entry["evidence"], erased=None
        )


def _medium(row: Row) -> Iterator[str]:
    known = "" if row["recomputed"] else ", known by a document alone"
    noted = ", its document was forged" if "forged_fingerprint" in row["notes"] else ""
    own = ", added by you" if row["added_by_you"] else ""
    own += "" if row["seen_by_you"] else ", its pictures not viewed by you"
    yield f"  {row['role']} {row['asset_id']}: {words(row['tier'])}{known}{noted}{own}"
    if row["sha256"]:
        yield f"    sha256 {row['sha256']}"


def _decision(row: Row) -> Iterator[str]:
    organization = printable(str(row["organization"]))
    superseded = "" if row["stands"] else ", superseded"
    code = f" [{row['reason_code']}]" if row["reason_code"] else ""
    files = "1 file" if row["unseen"] == 1 else f"{row['unseen']} files"
    unseen = f", without viewing the pictures of {files}" if row["unseen"] else ""
    decision = f"{words(row['decision'])}{code} by {organization}{unseen}{superseded}"
    yield f"  {local_time(row['decided_at'])}  {decision}"
    if order := row["order"]:
        parts = [printable(str(order[name])) for name in ("court", "docket", "date") if order[name]]
        yield f"    {', '.join(parts) or 'order'}, document sha256 {order['document_sha256']}"
    if row["reason"]:
        yield from prose("", row["reason"], erased=None)


def prose(heading: str, text: str | None, *, erased: str | None) -> Iterator[str]:
    """Yield a text under its heading, or that it was erased."""
    if text is None:
        yield f"  {heading}: {'erased' if erased else 'nothing'}"
        return
    if heading:
        yield f"  {heading}:"
    for line in text.split("\n"):
        yield f"    {printable(line)}"


def outcome(row: Row) -> str:
    """Return the outcome of a dispute, or its state."""
    if row["outcome"]:
        return f"{row['outcome']}{', ' + row['remedy'] if row['remedy'] else ''}"
    return f"{row['state']}{', entry suspended' if row['suspends'] else ''}"


def _tier(found: Row, name: str) -> str:
    inner = found.get(f"own_{name}")
    own = f" ({words(inner)} by your own)" if inner and inner != found[name] else ""
    return f"{words(found[name])}{own}"


def words(code: str) -> str:
    """Return a code in words."""
    return str(code).replace("_", " ")


def _article(role: str) -> str:
    return "an original" if role == "original" else "a fake"
