"""Reviews as a person reads them on a terminal, with local times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.core.terminal.output import Row, Rows
from registry.core.terminal.text import printable
from registry.core.terminal.times import local_time


def _why(row: Row) -> str:
    case = "private case: " if row["private_case"] else ""
    return f"{case}{words(row['reason'])}{', from a document alone' if row['unverified'] else ''}"


def _nothing(found: Row) -> str:
    filtered = set(found["sent"]) - {"limit", "after"}
    return "No such entries wait.\n  next: fakeprint review list" if filtered else "Nothing waits."


QUEUE: Final = Rows(
    "items",
    "entry: entry_id, why, since, tier, claimed by: claimed.by, bank, organization, title",
    _nothing,
    {"why": _why, "since": lambda row: local_time(row["since"]), "tier": lambda row: words(row["tier"])},
    cursor=True,
)


def review(found: Row) -> Iterator[str]:
    """Yield the lines of an entry for its reviewer."""
    yield f"{found['entry_id']}  “{printable(str(found['title']))}”"
    why = f" ({words(found['suspended_for'])})" if found["suspended_for"] else ""
    yield f"  {found['status']}{why}, of {printable(str(found['organization']))}"
    yield f"  fakes {_tier(found, 'tier')}, originals {_tier(found, 'original_tier')}"
    if claimed := found["claimed"]:
        yield f"  claimed by {claimed['by']} until {local_time(claimed['lease_until'])}"
    yield from _said(found)
    for medium in found["media"]:
        yield from _medium(medium)
    for conflict in found["conflicts"]:
        yield (
            f"  the same file is {_article(conflict['other_role'])} in entry {conflict['entry_id']}"
            f" “{printable(str(conflict['title']))}” ({words(conflict['tier'])})"
        )
    said = found["opinions"]
    if said["true_positive"] or said["false_positive"]:
        yield (
            f"  matches confirmed {said['true_positive']} times, by {said['confirming']} organizations;"
            f" denied {said['false_positive']} times, by {said['denying']}"
        )
    for item in found["disputes"]:
        yield f"  dispute {item['dispute_id']}: {words(item['kind'])}, {outcome(item)}"
    for decision in found["decisions"]:
        yield from _decision(decision)


def _said(found: Row) -> Iterator[str]:
    """Yield the claim, references, depicted people, places and evidence."""
    if case := found["private_case"]:
        whom = "it shows them" if case["standing"] == "depicted" else "they act for whom it shows"
        yield f"  private case: whoever opened it says that {whom}{', intimate' if case['intimate'] else ''}"
    if found["claim"]:
        yield from prose("claim", found["claim"], erased=None)
    for reference in found["references"]:
        yield f"  reference: {printable(str(reference['url']))}"
    for item in found["depicted"]:
        yield f"  depicts: {printable(str(item['name']))}"
    for item in found["seen"]:
        named = [printable(str(item[name])) for name in ("platform", "url", "at", "note") if item.get(name)]
        yield f"  seen: {', '.join(named)}"
    if found["evidence"]:
        yield from prose(
            "written by whoever opened it" if case else "evidence", found["evidence"], erased=None
        )


def _medium(row: Row) -> Iterator[str]:
    known = "" if row["recomputed"] else ", known by a document alone"
    noted = ", its document was forged" if "forged_fingerprint" in row["notes"] else ""
    own = ", added by you" if row["added_by_you"] else ""
    own += "" if row["seen_by_you"] else ", its pictures not looked at by you"
    yield f"  {row['role']} {row['asset_id']}: {words(row['tier'])}{known}{noted}{own}"
    if row["sha256"]:
        yield f"    sha256 {row['sha256']}"


def _decision(row: Row) -> Iterator[str]:
    by = printable(str(row["organization"]))
    stands = "" if row["stands"] else ", superseded"
    code = f" [{row['reason_code']}]" if row["reason_code"] else ""
    files = "1 file" if row["unseen"] == 1 else f"{row['unseen']} files"
    unseen = f", without looking at the pictures of {files}" if row["unseen"] else ""
    yield f"  {local_time(row['decided_at'])}  {words(row['decision'])}{code} by {by}{unseen}{stands}"
    if order := row["order"]:
        named = [printable(str(order[name])) for name in ("court", "docket", "date") if order[name]]
        yield f"    {', '.join(named) or 'order'}, document sha256 {order['document_sha256']}"
    if row["reason"]:
        yield from prose("", row["reason"], erased=None)


def prose(what: str, text: str | None, *, erased: str | None) -> Iterator[str]:
    """Yield a text under its heading, or that it was erased."""
    if text is None:
        yield f"  {what}: {'erased' if erased else 'nothing'}"
        return
    if what:
        yield f"  {what}:"
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
