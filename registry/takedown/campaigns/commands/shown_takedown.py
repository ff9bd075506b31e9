"""Campaigns and notices as a person reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import click

from registry.core.terminal import output
from registry.core.terminal.output import Row, Rows
from registry.core.terminal.text import printable
from registry.core.terminal.times import local_end

MOST: Final = 50
"""Rows of a report that are shown; --json gives all."""


def campaign(found: Row) -> None:
    """Print a campaign, and the states of its notices."""
    click.echo(f"{found['campaign_id']}  {_title(found)}")
    click.echo(f"  {found['state']}, under {', '.join(found['regimes'])}, in {found['language']}")
    mandate = found["mandate"]
    holds = "holds" if mandate["holds"] else "DOES NOT HOLD"
    click.echo(f"  mandate of {mandate['granted_by']} {holds}, until {local_end(mandate['valid_until'])}")
    signatory = found["signatory"]
    click.echo(f"  signed by {printable(signatory['name'])}" if signatory else "  nobody signs it yet")
    for entry in found["entries"]:
        fit = "" if entry["sendable"] else "; nothing about it can be sent"
        title = printable(str(entry["title"])) if entry["title"] else "an entry that you no longer see"
        click.echo(f"  entry {entry['entry_id']}  “{title}”: {entry['status']}, {entry['tier']}{fit}")
    if found["notices"]:
        rows = (
            [notice["state"], notice["regime"], notice["notices"], notice["paused"], notice["overdue"]]
            for notice in found["notices"]
        )
        output.table(("state", "regime", "notices", "paused", "overdue"), rows)
        rows = (
            [platform["platform"], platform["notices"], platform["not_handed_over"], platform["removed"]]
            for platform in found["platforms"][:MOST]
        )
        output.table(("platform", "notices", "not handed over", "removed"), rows)
        _rest(found["platforms"])
    if said := found["statements"]:
        counts = Counter[str]()
        for item in said:
            counts[item["outcome"]] += item["statements"]
        machines = sum(item["statements"] for item in said if item["automated_decision"] == "fully")
        listed = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
        click.echo(f"  statements of reasons: {listed}; {machines} decided by machines alone")
    if found["recurrences_proposed"]:
        step = f"fakeprint takedown recurrences {found['campaign_id']} --proposed"
        click.echo(f"  {found['recurrences_proposed']} places where it may be again: {step}")
    if found["retractions_due"]:
        step = f"fakeprint takedown retract {found['campaign_id']}"
        click.echo(f"  {found['retractions_due']} notices are to be taken back: {step}")


def added(made: Row) -> None:
    """Print how many rows of a list became notices, and the faults of the others."""
    click.echo(
        f"{made['added']} added, {made['duplicates']} there already, {made['rejected']} refused,"
        f" of {made['read']} rows"
    )
    for platform in made["platforms"][:MOST]:
        click.echo(f"  {platform['notices']:>6}  {platform['platform']}")
    for fault in made["faults"][:MOST]:
        click.echo(f"line {fault['line']}: {fault['code']}: {printable(fault['message'])}", err=True)
        if fault["next_step"]:
            click.echo(f"  next: {fault['next_step']}", err=True)
    _rest(made["faults"])
    if made["unread"]:
        click.echo(f"{made['unread']} lines without an address were not read:", err=True)
    for line in made["unread_lines"][:MOST]:
        click.echo(f"line {line['line']}: {printable(line['given'][:100])}", err=True)
    _rest(made["unread_lines"])
    for remark in made["remarks"][:MOST]:
        click.echo(f"line {remark['line']}: look at it: {', '.join(remark['codes'])}", err=True)
    for match in made.get("matches", ())[:MOST]:
        click.echo(f"  {match['notice_id']}  {match['verdict']}")
    click.echo(f"  next: fakeprint takedown check {made['campaign_id']}")


def checked(found: Row) -> None:
    """Print what notices lack."""
    click.echo(
        f"{found['checked']} notices: {found['sendable']} could be sent now;"
        f" {found['prepared']} were made ready"
    )
    for code, number in found["hindrances"].items():
        click.echo(f"  {number:>6}  {code}")
    for notice in found["notices"][:MOST]:
        click.echo(f"{notice['notice_id']}  {notice['state']}  {where(notice)}")
        for said in notice["said"]:
            click.echo(f"  {said}")
        for fault in notice["elements"]:
            click.echo(f"  element {fault['element']}: {printable(fault['message'])}")
        if notice["questions"]:
            click.echo(f"  not answered under {notice['regime']}: {', '.join(notice['questions'])}")
    _rest(found["notices"])
    for regime in sorted(
        {notice["regime"] for notice in found["notices"] if notice["questions"] or notice["elements"]}
    ):
        click.echo(f"  what {regime} asks for: fakeprint takedown regimes {regime}")


def where(row: Row) -> str:
    """Return the address of a notice; its platform if the address was erased."""
    return printable(str(row["url"] or row["platform"]))


def state(row: Row) -> str:
    """Return the state of a notice, and what it waits for."""
    return (
        f"{row['state']} (paused: {', '.join(row['paused_for'])})" if row["paused_for"] else str(row["state"])
    )


def _title(row: Row) -> str:
    return f"“{printable(row['title'])}”" if row["title"] else "(erased)"


def _rest(found: Sequence[Row]) -> None:
    if len(found) > MOST:
        click.echo(f"… and {len(found) - MOST} more: --json gives all.", err=True)


CAMPAIGNS: Final = Rows(
    "campaigns",
    "campaign: campaign_id, state, notices, since: created_at, title",
    "No campaigns.\n  next: fakeprint takedown new TITLE --entry ENTRY …",
    {"title": _title},
)
NOTICES: Final = Rows(
    "notices",
    "notice: notice_id, state, regime, due: due_at, where",
    "No such notices.",
    {"state": state, "where": where},
)
