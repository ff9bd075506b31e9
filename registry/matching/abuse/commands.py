"""`fakeprint admin reconstruction`: whether an organization is suspected to reconstruct registered hashes."""

from __future__ import annotations

from collections.abc import Iterator

import click

from registry.core.terminal import named
from registry.core.terminal.api_command import answers
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row
from registry.core.terminal.times import local_time


def _lines(report: Row) -> Iterator[str]:
    until = report["refused_until"]
    refusal = (
        f"near-identical hashes are refused until {local_time(until)}" if until else "nothing is refused"
    )
    yield f"{report['organization_id']}: {refusal}"
    for walk in report["suspected"]:
        at = local_time(walk["suspected_at"])
        yield f"  {at}  {walk['algorithm']}  {walk['bits']} bits  caller {walk['caller_id']}"


@click.command(short_help="Show or clear suspected reconstruction of hashes.")
@click.argument("organization", metavar="ORGANIZATION")
@click.option("--lift", is_flag=True, help="Clear the suspicion, and answer its near-identical hashes again.")
@answers(
    _lines,
    context="organization",
    example=('admin reconstruction "Daily News"', 'admin reconstruction "Daily News" --lift'),
)
def reconstruction(organization: str, lift: bool, service: Service) -> Row:
    """Show whether lookups of an organization seem to reconstruct registered hashes.

    Such lookups are of near-identical hashes with different answers. They are refused for a while; other
    lookups are answered. ORGANIZATION is an id, or a name for the operator of the deployment. Other
    organizations give their own id.
    """
    with service.connect() as client:
        organization_id = named.organization(client, organization)
        return client.send(
            f"{'DELETE' if lift else 'GET'} /v1/organizations/{organization_id}/reconstruction"
        )
