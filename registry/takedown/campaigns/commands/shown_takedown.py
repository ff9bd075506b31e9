"""Campaigns and notices as a person reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from registry.core.terminal import shown
from registry.core.terminal.lifetime import here, until
from registry.core.terminal.report import print_json
from registry.core.terminal.text import printable

MOST: Final = 50
"""Rows of a report that are shown; --json gives all."""
Row = Mapping[str, Any]


def campaigns(found: Row, *, as_json: bool) -> None:
    """A page of campaigns."""
    if as_json:
        for one in found["campaigns"]:
            print_json(one)
    elif not found["campaigns"]:
        click.echo("No campaigns.\n  next: fakeprint takedown new TITLE --entry ENTRY …")
    else:
        rows = (
            [one["campaign_id"], one["state"], one["notices"], here(one["created_at"]), _title(one)]
            for one in found["campaigns"]
        )
        shown.table(("campaign", "state", "notices", "since", "title"), rows)
        _more(found)


def campaign(found: Row) -> None:
    """One campaign, and how its notices stand."""
    click.echo(f"{found['campaign_id']}  {_title(found)}")
    click.echo(f"  {found['state']}, under {', '.join(found['regimes'])}, in {found['language']}")
    mandate = found["mandate"]
    holds = "holds" if mandate["holds"] else "DOES NOT HOLD"
    click.echo(f"  mandate of {mandate['granted_by']} {holds}, until {until(mandate['valid_until'])}")
    signatory = found["signatory"]
    click.echo(f"  signed by {printable(signatory['name'])}" if signatory else "  nobody signs it yet")
    for one in found["entries"]:
        fit = "" if one["sendable"] else "; nothing about it can be sent"
        title = printable(str(one["title"])) if one["title"] else "an entry that you no longer see"
        click.echo(f"  entry {one['entry_id']}  “{title}”: {one['status']}, {one['tier']}{fit}")
    if found["notices"]:
        rows = (
            [one["state"], one["regime"], one["notices"], one["paused"], one["overdue"]]
            for one in found["notices"]
        )
        shown.table(("state", "regime", "notices", "paused", "overdue"), rows)
        rows = (
            [one["platform"], one["notices"], one["not_handed_over"], one["removed"]]
            for one in found["platforms"][:MOST]
        )
        shown.table(("platform", "notices", "not handed over", "removed"), rows)
        _rest(found["platforms"])
    if said := found["statements"]:
        counts = Counter[str]()
        for one in said:
            counts[one["outcome"]] += one["statements"]
        machines = sum(one["statements"] for one in said if one["automated_decision"] == "fully")
        listed = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
        click.echo(f"  statements of reasons: {listed}; {machines} decided by machines alone")
    if found["returns_proposed"]:
        step = f"fakeprint takedown returns {found['campaign_id']} --proposed"
        click.echo(f"  {found['returns_proposed']} places where it may be again: {step}")
    if found["retractions_due"]:
        step = f"fakeprint takedown retract {found['campaign_id']}"
        click.echo(f"  {found['retractions_due']} notices are to be taken back: {step}")


def notices(found: Row, *, as_json: bool) -> None:
    """A page of notices."""
    if as_json:
        for one in found["notices"]:
            print_json(one)
    elif not found["notices"]:
        click.echo("No such notices.")
    else:
        rows = (
            [one["notice_id"], state(one), one["regime"], here(one["due_at"]), where(one)]
            for one in found["notices"]
        )
        shown.table(("notice", "state", "regime", "due", "where"), rows)
        _more(found)


def added(made: Row) -> None:
    """What became of the rows of a list."""
    click.echo(
        f"{made['added']} added, {made['duplicates']} there already, {made['rejected']} refused,"
        f" of {made['read']} rows"
    )
    for one in made["platforms"][:MOST]:
        click.echo(f"  {one['notices']:>6}  {one['platform']}")
    for one in made["faults"][:MOST]:
        click.echo(f"line {one['line']}: {one['code']}: {printable(one['message'])}", err=True)
        if one["next_step"]:
            click.echo(f"  next: {one['next_step']}", err=True)
    _rest(made["faults"])
    if made["unread"]:
        click.echo(f"{made['unread']} lines without an address were not read:", err=True)
    for one in made["unread_lines"][:MOST]:
        click.echo(f"line {one['line']}: {printable(one['given'][:100])}", err=True)
    _rest(made["unread_lines"])
    for one in made["remarks"][:MOST]:
        click.echo(f"line {one['line']}: look at it: {', '.join(one['codes'])}", err=True)
    for one in made.get("matches", ())[:MOST]:
        click.echo(f"  {one['notice_id']}  {one['verdict']}")
    click.echo(f"  next: fakeprint takedown check {made['campaign_id']}")


def checked(found: Row) -> None:
    """What notices lack."""
    click.echo(
        f"{found['checked']} notices: {found['sendable']} could be sent now;"
        f" {found['prepared']} were made ready"
    )
    for code, number in found["hindrances"].items():
        click.echo(f"  {number:>6}  {code}")
    for one in found["notices"][:MOST]:
        click.echo(f"{one['notice_id']}  {one['state']}  {where(one)}")
        for said in one["said"]:
            click.echo(f"  {said}")
        for fault in one["elements"]:
            click.echo(f"  element {fault['element']}: {printable(fault['message'])}")
        if one["questions"]:
            click.echo(f"  not answered under {one['regime']}: {', '.join(one['questions'])}")
    _rest(found["notices"])
    for regime in sorted({one["regime"] for one in found["notices"] if one["questions"] or one["elements"]}):
        click.echo(f"  what {regime} asks for: fakeprint takedown regimes {regime}")


def where(one: Row) -> str:
    """The place of a notice; its platform where that was erased."""
    return printable(str(one["url"] or one["platform"]))


def state(one: Row) -> str:
    """Its state, and what it waits for."""
    return (
        f"{one['state']} (paused: {', '.join(one['paused_for'])})" if one["paused_for"] else str(one["state"])
    )


def _title(one: Row) -> str:
    return f"“{printable(one['title'])}”" if one["title"] else "(erased)"


def _rest(found: Sequence[Row]) -> None:
    if len(found) > MOST:
        click.echo(f"… and {len(found) - MOST} more: --json gives all.", err=True)


def _more(found: Row) -> None:
    if found["next"]:
        click.echo("There are more: give a greater --limit.", err=True)
