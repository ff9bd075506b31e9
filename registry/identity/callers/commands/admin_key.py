"""`fakeprint admin key`: keys of a caller, and how one is replaced without downtime."""

from __future__ import annotations

from typing import Any

import click

from registry.core.terminal import ending, lifetime, named, options
from registry.core.terminal.client import Request
from registry.core.terminal.report import print_json, told
from registry.identity.callers.commands import shown_callers

_CALLER = click.argument("word", metavar="CALLER")
_EXPIRES = click.option(
    "--expires", type=lifetime.Expiry(), metavar="WHEN", help="90d, 12h, 2027-01-31 (its end, here), never."
)


@click.group()
def key() -> None:
    """Keys of a caller. CALLER is an id or a name.

    \b
    Examples:
      fakeprint admin key rotate "upload pipeline" --overlap 24
      fakeprint admin key add "upload pipeline" --expires 90d
      fakeprint admin key revoke "upload pipeline" fp_Ab3dEf9h
    """


@key.command("add")
@_CALLER
@_EXPIRES
@options.json
@options.service
def add(word: str, expires: str | None, as_json: bool, service: options.Service) -> int:
    """Give a caller one more key beside its others, and print it, this once.

    \b
    Example:
      fakeprint admin key add "upload pipeline" --expires 90d
    """
    with told({"caller": word}, as_json=as_json), service.connect() as client:
        place = f"/v1/callers/{named.caller(client, word)}/keys"
        made = client.post(place, lifetime.sent(expires)).body
    return _print(made, as_json=as_json, others="")


@key.command("rotate")
@_CALLER
@click.option(
    "--overlap",
    type=click.FloatRange(min=0),
    default=24.0,
    show_default=True,
    metavar="HOURS",
    help="How long the other keys work on; 0: they stop now.",
)
@_EXPIRES
@options.json
@options.service
def rotate(word: str, overlap: float, expires: str | None, as_json: bool, service: options.Service) -> int:
    """Replace a caller's keys by a new one, and print it, this once. The old ones work on for a while.

    \b
    Examples:
      fakeprint admin key rotate "upload pipeline"
      fakeprint admin key rotate "upload pipeline" --overlap 0      after a leak
    """
    body: dict[str, Any] = {"overlap_hours": overlap, **lifetime.sent(expires)}
    with told({"caller": word}, as_json=as_json), service.connect() as client:
        made = client.post(f"/v1/callers/{named.caller(client, word)}/keys", body).body
    others = (
        f"The other keys work for {overlap:g} hour{'' if overlap == 1 else 's'} more."
        if overlap
        else "The other keys have stopped."
    )
    return _print(made, as_json=as_json, others=others)


@key.command("revoke")
@_CALLER
@click.argument("which", metavar="KEY")
@options.json
@options.service
def revoke(word: str, which: str, as_json: bool, service: options.Service) -> int:
    """Take one key away at once. KEY is its id or its first letters.

    \b
    Example:
      fakeprint admin key revoke "upload pipeline" fp_Ab3dEf9h
    """
    with told({"caller": word, "key": which[:11]}, as_json=as_json), service.connect() as client:
        caller_id = named.caller(client, word)
        place = f"/v1/callers/{caller_id}/keys/{named.key(client, caller_id, which)}"
        found = client.call(Request("DELETE", place)).body
    if as_json:
        print_json(found)
    else:
        for line in shown_callers.caller(found):
            click.echo(line)
    return ending.DONE


def _print(made: dict[str, Any], *, as_json: bool, others: str) -> int:
    if as_json:
        print_json(made)
        return ending.DONE
    until = f"It works until {lifetime.until(made['expires_at'])}. " if made["expires_at"] else ""
    click.echo(f"{until}{others}".strip(), err=True)
    click.echo("The key stands below, and nowhere else:", err=True)
    click.echo(made["key"])
    return ending.DONE
