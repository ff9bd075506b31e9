"""Reviews, disputes and opinions as people read them on a terminal; times are of this machine's time zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from registry.core.terminal.shown import table
from registry.core.terminal.text import printable

Row = Mapping[str, Any]


def queue(found: Sequence[Row], *, more: bool, filtered: bool) -> None:
    """What waits for a reviewer."""
    if not found:
        click.echo("No such entries wait.\n  next: fakeprint review list" if filtered else "Nothing waits.")
        return
    table(
        ("entry", "why", "since", "tier", "claimed by", "bank", "organization", "title"),
        (
            [
                row["entry_id"],
                ("private case: " if row["private_case"] else "")
                + _words(row["reason"])
                + (", from a document alone" if row["unverified"] else ""),
                when(row["since"]),
                _words(row["tier"]),
                (row["claimed"] or {}).get("by", ""),
                row["bank"],
                row["organization"],
                row["title"],
            ]
            for row in found
        ),
    )
    _more(more)


def review(found: Row) -> Iterator[str]:
    """One entry as a reviewer sees it."""
    yield f"{found['entry_id']}  “{printable(str(found['title']))}”"
    why = f" ({_words(found['suspended_for'])})" if found["suspended_for"] else ""
    yield f"  {found['status']}{why}, of {printable(str(found['organization']))}"
    yield f"  fakes {_tier(found, 'tier')}, originals {_tier(found, 'original_tier')}"
    if claimed := found["claimed"]:
        yield f"  claimed by {claimed['by']} until {when(claimed['lease_until'])}"
    yield from _said(found)
    for medium in found["media"]:
        yield from _medium(medium)
    for conflict in found["conflicts"]:
        yield (
            f"  the same file is {_article(conflict['other_role'])} in entry {conflict['entry_id']}"
            f" “{printable(str(conflict['title']))}” ({_words(conflict['tier'])})"
        )
    said = found["opinions"]
    if said["true_positive"] or said["false_positive"]:
        yield (
            f"  matches confirmed {said['true_positive']} times, by {said['confirming']} organizations;"
            f" denied {said['false_positive']} times, by {said['denying']}"
        )
    for item in found["disputes"]:
        yield f"  dispute {item['dispute_id']}: {_words(item['kind'])}, {_outcome(item)}"
    for decision in found["decisions"]:
        yield from _decision(decision)


def disputes(found: Sequence[Row], *, more: bool) -> None:
    """A page of disputes."""
    if not found:
        click.echo("No such disputes.\n  next: fakeprint dispute open --help")
        return
    table(
        ("dispute", "state", "kind", "by", "against", "opened", "entry", "title"),
        (
            [
                row["dispute_id"],
                _outcome(row),
                _words(row["kind"]),
                row["organization"],
                row["owner"],
                when(row["opened_at"]),
                row["entry_id"],
                row["title"],
            ]
            for row in found
        ),
    )
    _more(more)


def dispute(found: Row) -> Iterator[str]:
    """One dispute, with what both sides say."""
    yield f"{found['dispute_id']}  {_words(found['kind'])}, {_outcome(found)}"
    yield f"  entry {found['entry_id']} “{printable(str(found['title']))}”, {found['entry_status']}"
    by = printable(str(found["organization"]))
    yield f"  opened {when(found['opened_at'])} by {by} ({found['standing']})"
    yield from _prose("statement", found["statement"], erased=found["erased_at"])
    if found["contact"]:
        yield f"  contact: {printable(str(found['contact']))}"
    if found["answered_at"]:
        yield from _prose(
            f"{printable(str(found['owner']))} answers", found["answer"], erased=found["erased_at"]
        )
    elif found["state"] != "closed":
        yield f"  {printable(str(found['owner']))} may answer until {when(found['answer_due'])}"
    if found["reason_code"]:
        yield f"  because: {_words(found['reason_code'])}"
    if found["reasons"]:
        yield from _prose("reasons", found["reasons"], erased=None)
    if found["order_sha256"]:
        yield f"  order, document sha256 {found['order_sha256']}"


def opinions(found: Sequence[Row], *, more: bool) -> None:
    """A page of opinions."""
    if not found:
        click.echo("No opinions yet.\n  next: fakeprint opinion --help")
        return
    table(
        ("entry", "opinion", "verdict", "confidence", "organization", "given"),
        (
            [
                row["entry_id"],
                _words(row["opinion"]),
                _words(row["verdict"]),
                "" if row["confidence"] is None else f"{row['confidence']:.3g}",
                row["organization"],
                when(row["given_at"]),
            ]
            for row in found
        ),
    )
    _more(more)


def when(at: str) -> str:
    """A time of the API in this machine's time zone, with its offset."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M %z")


def _said(found: Row) -> Iterator[str]:
    """Claim, references, whom it depicts, where it was seen and on what evidence."""
    if case := found["private_case"]:
        whom = "it shows them" if case["standing"] == "depicted" else "they act for whom it shows"
        yield f"  private case: whoever opened it says that {whom}{', intimate' if case['intimate'] else ''}"
    if found["claim"]:
        yield from _prose("claim", found["claim"], erased=None)
    for reference in found["references"]:
        yield f"  reference: {printable(str(reference['url']))}"
    for item in found["depicted"]:
        yield f"  depicts: {printable(str(item['name']))}"
    for item in found["seen"]:
        named = [printable(str(item[name])) for name in ("platform", "url", "at", "note") if item.get(name)]
        yield f"  seen: {', '.join(named)}"
    if found["evidence"]:
        yield from _prose(
            "written by whoever opened it" if case else "evidence", found["evidence"], erased=None
        )


def _medium(row: Row) -> Iterator[str]:
    known = "" if row["recomputed"] else ", known by a document alone"
    noted = ", its document was forged" if "forged_fingerprint" in row["notes"] else ""
    own = ", added by you" if row["added_by_you"] else ""
    own += "" if row["seen_by_you"] else ", its pictures not looked at by you"
    yield f"  {row['role']} {row['asset_id']}: {_words(row['tier'])}{known}{noted}{own}"
    if row["sha256"]:
        yield f"    sha256 {row['sha256']}"


def _decision(row: Row) -> Iterator[str]:
    by = printable(str(row["organization"]))
    stands = "" if row["stands"] else ", superseded"
    code = f" [{row['reason_code']}]" if row["reason_code"] else ""
    files = "1 file" if row["unseen"] == 1 else f"{row['unseen']} files"
    unseen = f", without looking at the pictures of {files}" if row["unseen"] else ""
    yield f"  {when(row['decided_at'])}  {_words(row['decision'])}{code} by {by}{unseen}{stands}"
    if order := row["order"]:
        named = [printable(str(order[name])) for name in ("court", "docket", "date") if order[name]]
        yield f"    {', '.join(named) or 'order'}, document sha256 {order['document_sha256']}"
    if row["reason"]:
        yield from _prose("", row["reason"], erased=None)


def _prose(what: str, text: str | None, *, erased: str | None) -> Iterator[str]:
    if text is None:
        yield f"  {what}: {'erased' if erased else 'nothing'}"
        return
    if what:
        yield f"  {what}:"
    for line in text.split("\n"):
        yield f"    {printable(line)}"


def _outcome(row: Row) -> str:
    if row["outcome"]:
        return f"{row['outcome']}{', ' + row['remedy'] if row['remedy'] else ''}"
    return f"{row['state']}{', entry suspended' if row['suspends'] else ''}"


def _tier(found: Row, name: str) -> str:
    inner = found.get(f"own_{name}")
    own = f" ({_words(inner)} by your own)" if inner and inner != found[name] else ""
    return f"{_words(found[name])}{own}"


def _words(code: str) -> str:
    return str(code).replace("_", " ")


def _article(role: str) -> str:
    return "an original" if role == "original" else "a fake"


def _more(more: bool) -> None:
    if more:
        click.echo("There are more: give a greater --limit.", err=True)
