"""`fakeprint takedown retract`: withdraw notices."""

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


def _retracted(done: Row) -> Iterator[str]:
    sent = not done["sent"]["dry_run"]
    for notice in done["notices"]:
        if notice["hindrance"]:
            why = HINDRANCES.get(notice["hindrance"], notice["hindrance"])
            yield f"{notice['notice_id']}  not taken back: {why}"
            continue
        where = notice["address"].replace("\n", ", ") or "nowhere that is known"
        yield f"{notice['notice_id']}  {notice['channel']} to {printable(where)}, in {notice['language']}"
        if not sent:
            yield f"  {printable(notice['subject'])}"
            yield from (f"  {printable(line)}".rstrip() for line in notice["text"].splitlines())
    yield f"{done['retracted']} taken back" if sent else f"{done['would_be']} would be taken back"
    going = [notice for notice in done["notices"] if not notice["hindrance"]]
    if not sent and done["would_be"]:
        named = " ".join(notice["notice_id"] for notice in done["notices"][:3] if not notice["hindrance"])
        yield f"  next: fakeprint takedown retract {done['campaign_id']} {named} --send"
    if sent and any(notice["channel"] == "paper" for notice in going):
        yield f"  next: fakeprint takedown deliveries {done['campaign_id']} --to-print --into FOLDER"


@click.command(short_help="Take back notices that were sent and closed since; a dry run without --send.")
@_CAMPAIGN
@click.argument("notices", metavar="[NOTICE]...", type=click.UUID, nargs=-1)
@click.option("--send", "go", is_flag=True, help="Send them; else only show what would be written to whom.")
@answers(
    _retracted,
    context="campaign_id",
    example=(
        "takedown retract CAMPAIGN                   what is due, word for word",
        "takedown retract CAMPAIGN NOTICE --send",
    ),
    failed=lambda done: any(notice["hindrance"] for notice in done["notices"]),
)
def retract(campaign_id: UUID, notices: tuple[UUID, ...], go: bool, as_json: bool, service: Service) -> Row:
    """Withdraw notices of CAMPAIGN from the platforms that were told of them: where a dispute was upheld, it
    is due; one that you have closed yourself you may name. Each is sent once, to where the notice went.
    """
    if go and not notices:
        raise click.UsageError("--send needs each NOTICE by name: the dry run lists those that are due.")
    body: dict[str, Any] = {"dry_run": not go}
    body |= {"notice_ids": [str(notice) for notice in notices]} if notices else {}
    with service.connect() as client:
        done = client.send(f"POST /v1/campaigns/{campaign_id}/retractions", body, again=True)
    return done if as_json else done | {"sent": body}
