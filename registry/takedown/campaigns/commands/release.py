"""`fakeprint takedown release`: release fields of a campaign to a recipient."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import click

from registry.core.terminal import options, times
from registry.core.terminal.api_command import answers
from registry.core.terminal.output import Row, Rows
from registry.core.terminal.times import local_end
from registry.takedown.campaigns.model import RELEASED_FIELDS

_CAMPAIGN: Final = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)


def _state(row: Row) -> str:
    return "valid" if row["holds"] else "revoked" if row["revoked_at"] else "expired"


_RELEASES: Final = Rows(
    "releases",
    "release: release_id, to: recipient, what: fields, until: valid_until, : state",
    "No releases. Exports for recipients are redacted.",
    {"valid_until": lambda row: local_end(row["valid_until"]), "state": _state},
)


@click.command(short_help="Release fields of a campaign to a recipient.")
@_CAMPAIGN
@click.option("--to", "recipient", metavar="NAME", help="The recipient: a short name, such as lumen.")
@click.option(
    "--field",
    "fields",
    type=click.Choice(RELEASED_FIELDS),
    multiple=True,
    help="A field to release. `texts` needs all other fields.",
)
@click.option(
    "--until", metavar="TIME", help="End of the release, such as 2026-12-31; at most a year from now."
)
@click.option("--withhold", metavar="RELEASE", type=click.UUID, help="Revoke this release.")
@answers(
    _RELEASES,
    context="campaign_id",
    example=(
        "takedown release CAMPAIGN --to lumen --field places --until 2026-12-31",
        "takedown release CAMPAIGN",
        "takedown release CAMPAIGN --withhold RELEASE",
    ),
)
def release(
    campaign_id: UUID,
    recipient: str | None,
    fields: tuple[str, ...],
    until: str | None,
    withhold: UUID | None,
    service: options.Service,
) -> Row:
    """Release fields of CAMPAIGN to a recipient of exports. Without options, list the releases.

    Releases are recorded in the ledger. --withhold does not call back earlier exports.
    """
    if (recipient or fields or until) and (withhold or not (recipient and fields and until)):
        raise click.UsageError("Give --to, --field and --until together, or --withhold, or none of these.")
    place = f"/v1/campaigns/{campaign_id}/releases"
    with service.connect() as client:
        if recipient and until:
            ends = times.parse_end(until, "--until")
            body = {"recipient": recipient, "fields": list(fields), "valid_until": ends}
            return client.send(f"POST {place}", body)
        return client.send(f"DELETE {place}/{withhold}" if withhold else f"GET {place}")
