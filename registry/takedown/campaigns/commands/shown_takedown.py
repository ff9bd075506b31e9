"""Print campaigns and notices for people."""

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
"""Maximum number of rows printed. --json prints all."""


def campaign(row: Row) -> None:
    """Print a campaign, and the states of its notices."""
    click.echo(f"{row['campaign_id']}  {_title(row)}")
    click.echo(f"  {row['state']}, under {', '.join(row['regimes'])}, in {row['language']}")
    mandate = row["mandate"]
    holds = "holds" if mandate["holds"] else "DOES NOT HOLD"
    click.echo(f"  mandate of {mandate['granted_by']} {holds}, until {local_end(mandate['valid_until'])}")
    signatory = row["signatory"]
    click.echo(f"  signed by {printable(signatory['name'])}" if signatory else "  no signatory yet")
    for entry in row["entries"]:
        fit = "" if entry["sendable"] else "; its notices cannot be sent"
        title = printable(str(entry["title"])) if entry["title"] else "an entry that you can no longer see"
        click.echo(f"  entry {entry['entry_id']}  “{title}”: {entry['status']}, {entry['tier']}{fit}")
    if row["notices"]:
        rows = (
            [notice["state"], notice["regime"], notice["notices"], notice["paused"], notice["overdue"]]
            for notice in row["notices"]
        )
        output.table(("state", "regime", "notices", "paused", "overdue"), rows)
        rows = (
            [platform["platform"], platform["notices"], platform["not_handed_over"], platform["removed"]]
            for platform in row["platforms"][:MOST]
        )
        output.table(("platform", "notices", "not handed over", "removed"), rows)
        _more(row["platforms"])
    if statements := row["statements"]:
        counts = Counter[str]()
        for statement in statements:
            counts[statement["outcome"]] += statement["statements"]
        machines = sum(
            statement["statements"] for statement in statements if statement["automated_decision"] == "fully"
        )
        listed = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
        click.echo(f"  statements of reasons: {listed}; {machines} fully automated")
    if row["recurrences_proposed"]:
        step = f"fakeprint takedown recurrences {row['campaign_id']} --proposed"
        click.echo(f"  {row['recurrences_proposed']} possible recurrences: {step}")
    if row["retractions_due"]:
        step = f"fakeprint takedown retract {row['campaign_id']}"
        click.echo(f"  {row['retractions_due']} notices to retract: {step}")


def added(report: Row) -> None:
    """Print how many rows of a list became notices, and the faults of the others."""
    click.echo(
        f"{report['added']} added, {report['duplicates']} there already, {report['rejected']} refused,"
        f" of {report['read']} rows"
    )
    for platform in report["platforms"][:MOST]:
        click.echo(f"  {platform['notices']:>6}  {platform['platform']}")
    for fault in report["faults"][:MOST]:
        click.echo(f"line {fault['line']}: {fault['code']}: {printable(fault['message'])}", err=True)
        if fault["next_step"]:
            click.echo(f"  next: {fault['next_step']}", err=True)
    _more(report["faults"])
    if report["unread"]:
        click.echo(f"{report['unread']} lines without an address were not read:", err=True)
    for line in report["unread_lines"][:MOST]:
        click.echo(f"line {line['line']}: {printable(line['given'][:100])}", err=True)
    _more(report["unread_lines"])
    for remark in report["remarks"][:MOST]:
        click.echo(f"line {remark['line']}: look at it: {', '.join(remark['codes'])}", err=True)
    for match in report.get("matches", ())[:MOST]:
        click.echo(f"  {match['notice_id']}  {match['verdict']}")
    click.echo(f"  next: fakeprint takedown check {report['campaign_id']}")


def checked(report: Row) -> None:
    """Print what notices lack."""
    click.echo(
        f"{report['checked']} notices: {report['sendable']} could be sent now;"
        f" {report['prepared']} were made ready"
    )
    for code, number in report["hindrances"].items():
        click.echo(f"  {number:>6}  {code}")
    for notice in report["notices"][:MOST]:
        click.echo(f"{notice['notice_id']}  {notice['state']}  {where(notice)}")
        for reason in notice["said"]:
            click.echo(f"  {reason}")
        for fault in notice["elements"]:
            click.echo(f"  element {fault['element']}: {printable(fault['message'])}")
        if notice["questions"]:
            click.echo(f"  not answered under {notice['regime']}: {', '.join(notice['questions'])}")
    _more(report["notices"])
    for regime in sorted(
        {notice["regime"] for notice in report["notices"] if notice["questions"] or notice["elements"]}
    ):
        click.echo(f"  requirements of {regime}: fakeprint takedown regimes {regime}")


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


def _more(rows: Sequence[Row]) -> None:
    if len(rows) > MOST:
        click.echo(f"… and {len(rows) - MOST} more: --json prints all.", err=True)


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
