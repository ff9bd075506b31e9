"""`fakeprint takedown retract`: retract notices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import click

from registry.core.terminal.api_command import answers
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row
from registry.core.terminal.text import printable
from registry.takedown.delivery.model.retraction import HINDRANCES

_CAMPAIGN = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)


def _retracted(result: Row) -> Iterator[str]:
    sent = not result["sent"]["dry_run"]
    for notice in result["notices"]:
        if notice["hindrance"]:
            why = HINDRANCES.get(notice["hindrance"], notice["hindrance"])
            yield f"{notice['notice_id']}  not retracted: {why}"
            continue
        where = notice["address"].replace("\n", ", ") or "an unknown recipient"
        yield f"{notice['notice_id']}  {notice['channel']} to {printable(where)}, in {notice['language']}"
        if not sent:
            yield f"  {printable(notice['subject'])}"
            yield from (f"  {printable(line)}".rstrip() for line in notice["text"].splitlines())
    yield f"{result['retracted']} retracted" if sent else f"{result['would_be']} would be retracted"
    retracted = [notice for notice in result["notices"] if not notice["hindrance"]]
    if not sent and result["would_be"]:
        notice_ids = " ".join(
            notice["notice_id"] for notice in result["notices"][:3] if not notice["hindrance"]
        )
        yield f"  next: fakeprint takedown retract {result['campaign_id']} {notice_ids} --send"
    if sent and any(notice["channel"] == "paper" for notice in retracted):
        yield f"  next: fakeprint takedown deliveries {result['campaign_id']} --to-print --into FOLDER"


@click.command(short_help="Retract notices that were sent and then closed; a dry run without --send.")
@_CAMPAIGN
@click.argument("notices", metavar="[NOTICE]...", type=click.UUID, nargs=-1)
@click.option(
    "--send", "go", is_flag=True, help="Send them. Without it, only show the letters and their recipients."
)
@answers(
    _retracted,
    context="campaign_id",
    example=(
        "takedown retract CAMPAIGN                   the letters that are due",
        "takedown retract CAMPAIGN NOTICE --send",
    ),
    failed=lambda result: any(notice["hindrance"] for notice in result["notices"]),
)
def retract(campaign_id: UUID, notices: tuple[UUID, ...], go: bool, as_json: bool, service: Service) -> Row:
    """Retract notices of CAMPAIGN: write to the platforms that received them.

    A retraction is due if a dispute was upheld. You can also name a notice that you have closed yourself.
    Each retraction is sent once, to the recipient of the notice.
    """
    if go and not notices:
        raise click.UsageError("--send needs each NOTICE. The dry run lists those that are due.")
    body: dict[str, Any] = {"dry_run": not go}
    body |= {"notice_ids": [str(notice) for notice in notices]} if notices else {}
    with service.connect() as client:
        result = client.send(f"POST /v1/campaigns/{campaign_id}/retractions", body, again=True)
    return result if as_json else result | {"sent": body}
