"""`fakeprint admin reconstruction`: whether an organization is suspected to reconstruct registered hashes."""

from __future__ import annotations

from collections.abc import Iterator

import click

from registry.core.terminal import named
from registry.core.terminal.api_command import answers
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row
from registry.core.terminal.times import local_time


def _lines(found: Row) -> Iterator[str]:
    until = found["refused_until"]
    said = f"near-identical hashes are refused until {local_time(until)}" if until else "nothing is refused"
    yield f"{found['organization_id']}: {said}"
    for item in found["suspected"]:
        at = local_time(item["suspected_at"])
        yield f"  {at}  {item['algorithm']}  {item['bits']} bits  caller {item['caller_id']}"


@click.command(short_help="Show whose lookups seem to reconstruct hashes, or lift it.")
@click.argument("organization", metavar="ORGANIZATION")
@click.option("--lift", is_flag=True, help="They do not: answer its near-identical hashes again.")
@answers(
    _lines,
    context="organization",
    example=('admin reconstruction "Daily News"', 'admin reconstruction "Daily News" --lift'),
)
def reconstruction(organization: str, lift: bool, service: Service) -> Row:
    """Show whether an organization's lookups seem to reconstruct registered hashes: near-identical ones whose
    answers differ. These are refused for a while; all others are answered. For whoever runs the deployment;
    ORGANIZATION is an id or a name. Others give the id of their own."""
    with service.connect() as client:
        organization_id = named.organization(client, organization)
        return client.send(
            f"{'DELETE' if lift else 'GET'} /v1/organizations/{organization_id}/reconstruction"
        )
