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
                one["entry_id"],
                ("private case: " if one["private_case"] else "")
                + _words(one["reason"])
                + (", from a document alone" if one["unverified"] else ""),
                when(one["since"]),
                _words(one["tier"]),
                (one["claimed"] or {}).get("by", ""),
                one["bank"],
                one["organization"],
                one["title"],
            ]
            for one in found
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
    for one in found["media"]:
        yield from _medium(one)
    for one in found["conflicts"]:
        yield (
            f"  the same file is {_article(one['other_role'])} in entry {one['entry_id']}"
            f" “{printable(str(one['title']))}” ({_words(one['tier'])})"
        )
    said = found["opinions"]
    if said["true_positive"] or said["false_positive"]:
        yield (
            f"  matches confirmed {said['true_positive']} times, by {said['confirming']} organizations;"
            f" denied {said['false_positive']} times, by {said['denying']}"
        )
    for one in found["disputes"]:
        yield f"  dispute {one['dispute_id']}: {_words(one['kind'])}, {_outcome(one)}"
    for one in found["decisions"]:
        yield from _decision(one)


def disputes(found: Sequence[Row], *, more: bool) -> None:
    """A page of disputes."""
    if not found:
        click.echo("No such disputes.\n  next: fakeprint dispute open --help")
        return
    table(
        ("dispute", "state", "kind", "by", "against", "opened", "entry", "title"),
        (
            [
                one["dispute_id"],
                _outcome(one),
                _words(one["kind"]),
                one["organization"],
                one["owner"],
                when(one["opened_at"]),
                one["entry_id"],
                one["title"],
            ]
            for one in found
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
                one["entry_id"],
                _words(one["opinion"]),
                _words(one["verdict"]),
                "" if one["confidence"] is None else f"{one['confidence']:.3g}",
                one["organization"],
                when(one["given_at"]),
            ]
            for one in found
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
    for one in found["references"]:
        yield f"  reference: {printable(str(one['url']))}"
    for one in found["depicted"]:
        yield f"  depicts: {printable(str(one['name']))}"
    for one in found["seen"]:
        named = [printable(str(one[name])) for name in ("platform", "url", "at", "note") if one.get(name)]
        yield f"  seen: {', '.join(named)}"
    if found["evidence"]:
        yield from _prose(
            "written by whoever opened it" if case else "evidence", found["evidence"], erased=None
        )


def _medium(one: Row) -> Iterator[str]:
    known = "" if one["recomputed"] else ", known by a document alone"
    noted = ", its document was forged" if "forged_fingerprint" in one["notes"] else ""
    own = ", added by you" if one["added_by_you"] else ""
    own += "" if one["seen_by_you"] else ", its pictures not looked at by you"
    yield f"  {one['role']} {one['asset_id']}: {_words(one['tier'])}{known}{noted}{own}"
    if one["sha256"]:
        yield f"    sha256 {one['sha256']}"


def _decision(one: Row) -> Iterator[str]:
    by = printable(str(one["organization"]))
    stands = "" if one["stands"] else ", superseded"
    code = f" [{one['reason_code']}]" if one["reason_code"] else ""
    files = "1 file" if one["unseen"] == 1 else f"{one['unseen']} files"
    unseen = f", without looking at the pictures of {files}" if one["unseen"] else ""
    yield f"  {when(one['decided_at'])}  {_words(one['decision'])}{code} by {by}{unseen}{stands}"
    if order := one["order"]:
        named = [printable(str(order[name])) for name in ("court", "docket", "date") if order[name]]
        yield f"    {', '.join(named) or 'order'}, document sha256 {order['document_sha256']}"
    if one["reason"]:
        yield from _prose("", one["reason"], erased=None)


def _prose(what: str, text: str | None, *, erased: str | None) -> Iterator[str]:
    if text is None:
        yield f"  {what}: {'erased' if erased else 'nothing'}"
        return
    if what:
        yield f"  {what}:"
    for line in text.split("\n"):
        yield f"    {printable(line)}"


def _outcome(one: Row) -> str:
    if one["outcome"]:
        return f"{one['outcome']}{', ' + one['remedy'] if one['remedy'] else ''}"
    return f"{one['state']}{', entry suspended' if one['suspends'] else ''}"


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
