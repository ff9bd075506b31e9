"""`fakeprint admin reconstruction`: is an organization suspected to reconstruct registered hashes?"""

from __future__ import annotations

import click

from registry.core.terminal import ending, lifetime, named, options
from registry.core.terminal.client import Request
from registry.core.terminal.report import print_json, told


@click.command(short_help="Show whose lookups seem to reconstruct hashes, or lift it.")
@click.argument("word", metavar="ORGANIZATION")
@click.option("--lift", is_flag=True, help="They do not: answer its near-identical hashes again.")
@options.json
@options.service
def reconstruction(word: str, lift: bool, as_json: bool, service: options.Service) -> int:
    """Show whether an organization's lookups seem to reconstruct registered hashes: near-identical ones whose
    answers differ. These are refused for a while; all others are answered. For whoever runs the deployment;
    ORGANIZATION is an id or a name. Others give the id of their own.

    \b
    Examples:
      fakeprint admin reconstruction "Daily News"
      fakeprint admin reconstruction "Daily News" --lift
    """
    with told({"organization": word}, as_json=as_json), service.connect() as client:
        place = f"/v1/organizations/{named.organization(client, word)}/reconstruction"
        found = client.call(Request("DELETE" if lift else "GET", place)).body
    if as_json:
        print_json(found)
        return ending.DONE
    until = found["refused_until"]
    said = (
        f"near-identical hashes are refused until {lifetime.here(until)}" if until else "nothing is refused"
    )
    click.echo(f"{found['organization_id']}: {said}")
    for item in found["suspected"]:
        at = lifetime.here(item["suspected_at"])
        click.echo(f"  {at}  {item['algorithm']}  {item['bits']} bits  caller {item['caller_id']}")
    return ending.DONE
