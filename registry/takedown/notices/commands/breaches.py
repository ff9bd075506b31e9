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


def _breaches(found: Row) -> Iterator[str]:
    names = ("platform", "handed_over", "not_handed_over", "removed", "breaches", "overdue")
    head = [name.replace("_", " ") for name in names]
    table(head, ([platform[name] for name in names] for platform in found["platforms"]))
    if found["breaches"]:
        _LATE.print({"breaches": found["breaches"]})
        yield "  next: fakeprint takedown escalate CAMPAIGN NOTICE"


_LATE: Final = Rows("breaches", "kind, platform, notice: notice_id, was due: due_at, state", "")


@click.command(short_help="Report which terms were over before an answer came.")
@click.option("--campaign", "campaign_id", type=click.UUID, help="Only of this campaign.")
@click.option("--platform", help="Only of this platform.")
@click.option("--since", metavar="TIME", help="Only since, such as 2026-11-25T00:00:00+00:00.")
@sends("GET /v1/breaches", _breaches, example="takedown breaches --platform telegram --json")
def breaches() -> None:
    """Report by platform what it was told, what came of it, and which terms were over: a `breach` of a term
    that the law sets, or `overdue`.
    """


def _complaint(found: Row) -> Iterator[str]:
    click.echo(f"{printable(found['authority'])}\n{found['url']}\n{printable(found['note'])}\n", err=True)
    yield f"{printable(found['subject'])}\n"
    yield from map(printable, found["text"].splitlines())


@click.command(short_help="Draft the complaint about a term that was over.")
@_CAMPAIGN
@click.argument("notice_id", metavar="NOTICE", type=click.UUID)
@click.option("--language", type=click.Choice(LANGUAGES), help="Else the campaign's.")
@sends(
    "GET /v1/campaigns/{campaign_id}/notices/{notice_id}/escalation",
    _complaint,
    context="notice_id",
    example="takedown escalate CAMPAIGN NOTICE --language es",
)
def escalate() -> None:
    """Draft the complaint to whoever hears it under the regime of NOTICE. You complete and send it."""


COMMANDS = (breaches, escalate)
