"""`fakeprint takedown breaches`, `escalate`: missed deadlines, and complaints about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import click

from registry.core.terminal.api_command import sends
from registry.core.terminal.output import Row, Rows, table
from registry.core.terminal.text import printable
from registry.takedown.regimes.model.regime import LANGUAGES

_CAMPAIGN: Final = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)


def _breaches(report: Row) -> Iterator[str]:
    names = ("platform", "handed_over", "not_handed_over", "removed", "breaches", "overdue")
    head = [name.replace("_", " ") for name in names]
    table(head, ([platform[name] for name in names] for platform in report["platforms"]))
    if report["breaches"]:
        _LATE.print({"breaches": report["breaches"]})
        yield "  next: fakeprint takedown escalate CAMPAIGN NOTICE"


_LATE: Final = Rows("breaches", "kind, platform, notice: notice_id, was due: due_at, state", "")


@click.command(short_help="Report missed deadlines by platform.")
@click.option("--campaign", "campaign_id", type=click.UUID, help="Only in this campaign.")
@click.option("--platform", help="Only by this platform.")
@click.option("--since", metavar="TIME", help="Only since this time, such as 2026-11-25T00:00:00+00:00.")
@sends("GET /v1/breaches", _breaches, example="takedown breaches --platform telegram --json")
def breaches() -> None:
    """Report notices, their results and missed deadlines by platform.

    A missed deadline is a `breach` if the law sets it, else `overdue`.
    """


def _complaint(draft: Row) -> Iterator[str]:
    click.echo(f"{printable(draft['authority'])}\n{draft['url']}\n{printable(draft['note'])}\n", err=True)
    yield f"{printable(draft['subject'])}\n"
    yield from map(printable, draft["text"].splitlines())


@click.command(short_help="Draft a complaint about a missed deadline.")
@_CAMPAIGN
@click.argument("notice_id", metavar="NOTICE", type=click.UUID)
@click.option("--language", type=click.Choice(LANGUAGES), help="Default: the campaign's language.")
@sends(
    "GET /v1/campaigns/{campaign_id}/notices/{notice_id}/escalation",
    _complaint,
    context="notice_id",
    example="takedown escalate CAMPAIGN NOTICE --language es",
)
def escalate() -> None:
    """Draft a complaint to the authority that is competent for NOTICE. You complete and send it."""


COMMANDS = (breaches, escalate)
