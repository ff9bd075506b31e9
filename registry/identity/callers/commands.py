"""`fakeprint admin caller`, `fakeprint admin key` and `fakeprint whoami`: callers, keys and permissions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final

import click

from registry.core.terminal import named, times
from registry.core.terminal.api_command import Fields, answers, sends
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row, Rows
from registry.core.terminal.text import printable
from registry.core.terminal.times import local_end, local_time
from registry.identity.callers.model import ROLES, SCOPES
from registry.identity.quotas.commands import in_words, limits

_ROLE = click.Choice(sorted(ROLES | SCOPES))
_CALLER = click.argument("caller", metavar="CALLER", type=named.CALLER)
_EXPIRES = click.option(
    "--expires", "expires_at", type=times.Expiry(), metavar="WHEN",
    help="90d, 12h, 2027-01-31 (end of the day, local time) or never.",
)  # fmt: skip


def _lines(row: Row) -> Iterator[str]:
    """Yield the lines of a caller and its keys."""
    yield f"{row['caller_id']}  “{printable(str(row['name']))}”"
    ends = f", until {local_end(row['expires_at'])}" if row["expires_at"] else ""
    yield f"  {row['state']}{ends}; may: {', '.join(row['roles'])}"
    yield f"  limits: {in_words(row['limits'])}"
    for key in row["keys"]:
        yield f"  key {_prefix(key)} {key['key_id']}: {_state(key)}"


def _prefix(key: Row) -> str:
    return f"{key['prefix']}…" if key["prefix"] else "(older)"


def _state(key: Row) -> str:
    last = f", last used {local_time(key['last_used_at'])}" if key["last_used_at"] else ""
    if key["state"] == "revoked":
        return f"revoked {local_time(key['revoked_at'])}{last}"
    if key["state"] == "expired":
        return f"expired {local_time(key['expires_at'])}{last}"
    ends = f"works until {local_end(key['expires_at'])}" if key["expires_at"] else "works, does not expire"
    return ends + last


@click.group()
def caller() -> None:
    """Callers and their permissions. CALLER is an id or a name.

    \b
    Examples:
      fakeprint admin caller add "upload pipeline" --role lookup --expires 365d
      fakeprint admin caller list
      fakeprint admin caller change "upload pipeline" --role lookup --role register
      fakeprint admin caller revoke "upload pipeline"
    """


def _created(created: Row) -> str:
    ends = f", until {local_end(created['expires_at'])}" if created["expires_at"] else ""
    click.echo(
        f"caller “{printable(created['sent']['name'])}” may: {', '.join(created['roles'])}{ends}", err=True
    )
    click.echo(_key_follows("Its key"), err=True)
    return str(created["key"])


def _key_follows(name: str) -> str:
    """Return the line before a key. With `KEY=$(…)` a person does not see the key."""
    if sys.stdout.isatty():
        return f"{name}, shown only here:"
    return f"{name} goes to the standard output, and is shown only there."


@caller.command("add")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, type=_ROLE, help="May be repeated.")
@click.option("--organization", metavar="NAME", help="Created if it is new. [default: your own]")
@_EXPIRES
@sends(
    "POST /v1/callers",
    _created,
    example=(
        'admin caller add newsroom --role lookup --role register --organization "Daily News"',
        'admin caller add "audit" --role lookup --expires 2030-01-31',
    ),
)
def add() -> None:
    """Create a caller and print its key. The key is shown only here: the service stores only its digest."""


_CALLERS: Final = Rows(
    "callers",
    "caller: caller_id, name, roles, state, keys, expires: expires_at",
    """No active callers.
  next: fakeprint admin caller list --all also lists expired and revoked ones""",
    {"keys": lambda row: ", ".join(map(_prefix, row["keys"]))},
    pages=True,
)


@caller.command("list")
@click.option("--all", "over", is_flag=True, help="Also list expired and revoked callers.")
@sends("GET /v1/callers", _CALLERS, example="admin caller list --all --json")
def list_all() -> None:
    """List your organization's callers, with the first letters of their keys."""


@caller.command("show")
@_CALLER
@sends("GET /v1/callers/{caller}", _lines, example='admin caller show "upload pipeline"')
def show() -> None:
    """Show a caller with all its keys."""


@caller.command("change")
@_CALLER
@click.option("--name", metavar="NAME", help="New name.")
@click.option("--role", "roles", multiple=True, type=_ROLE, help="Replaces all roles. May be repeated.")
@_EXPIRES
@sends(
    "PATCH /v1/callers/{caller}",
    _lines,
    example=(
        "admin caller change newsroom --role lookup --role review",
        "admin caller change newsroom --expires never",
    ),
)
def change(name: str | None, roles: tuple[str, ...], expires_at: Any) -> Fields:
    """Change a caller's name, roles or expiry. Its keys stay."""
    changes = {"name": name, "roles": roles or None, "expires_at": expires_at}
    if not any(value is not None for value in changes.values()):
        raise click.UsageError("Give --name, --role or --expires.")
    return {field: value for field, value in changes.items() if value is not None}


@caller.command("revoke")
@_CALLER
@sends("DELETE /v1/callers/{caller}", _lines, example="admin caller revoke newsroom")
def revoke() -> None:
    """Revoke a caller and its keys for good. Its registrations stay."""


@caller.command("limit")
@click.argument("caller_id", metavar="ID", type=click.UUID)
@limits
@sends(
    "PUT /v1/callers/{caller_id}/limits",
    lambda found: f"{found['caller_id']}: limits {in_words(found['limits'])}",
    example="admin caller limit 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed --rate 50 --daily 100000",
)
def limit(rate: float | None, daily: int | None, monthly: int | None) -> Fields:
    """Set the limits of a caller of any organization, for all API processes together. Needs an administrator
    of the organization that runs the deployment. A limit that is not given is removed."""
    return {"rate": rate, "daily": daily, "monthly": monthly}


@click.group()
def key() -> None:
    """Keys of a caller. CALLER is an id or a name.

    \b
    Examples:
      fakeprint admin key rotate "upload pipeline" --overlap 24
      fakeprint admin key add "upload pipeline" --expires 90d
      fakeprint admin key revoke "upload pipeline" fp_Ab3dEf9h
    """


def _new_key(created: Row) -> str:
    ends = f"It works until {local_end(created['expires_at'])}. " if created["expires_at"] else ""
    overlap = created["sent"].get("overlap_hours")
    other_keys = "The other keys no longer work." if overlap == 0 else ""
    if overlap:
        other_keys = f"The other keys work for another {overlap:g} hour{'' if overlap == 1 else 's'}."
    click.echo(f"{ends}{other_keys}".strip(), err=True)
    click.echo(_key_follows("The key"), err=True)
    return str(created["key"])


@key.command("add")
@_CALLER
@_EXPIRES
@sends("POST /v1/callers/{caller}/keys", _new_key, example='admin key add "upload pipeline" --expires 90d')
def add_key() -> None:
    """Add a key to a caller and print it. It is shown only here. The other keys stay."""


@key.command("rotate")
@_CALLER
@click.option(
    "--overlap",
    "overlap_hours",
    type=click.FloatRange(min=0),
    default=24.0,
    show_default=True,
    metavar="HOURS",
    help="How long the other keys still work; 0: not at all.",
)
@_EXPIRES
@sends(
    "POST /v1/callers/{caller}/keys",
    _new_key,
    example=(
        'admin key rotate "upload pipeline"',
        'admin key rotate "upload pipeline" --overlap 0      after a leak',
    ),
)
def rotate() -> None:
    """Replace a caller's keys with a new one and print it. It is shown only here. The old keys work until the
    overlap ends."""


@key.command("revoke")
@click.argument("caller", metavar="CALLER")
@click.argument("key", metavar="KEY")
@answers(
    _lines,
    context=lambda given: {"caller": given["caller"], "key": given["key"][:11]},
    example='admin key revoke "upload pipeline" fp_Ab3dEf9h',
)
def revoke_key(caller: str, key: str, service: Service) -> Row:
    """Revoke one key at once. KEY is its id or its first letters."""
    with service.connect() as client:
        caller_id = named.caller(client, caller)
        return client.send(f"DELETE /v1/callers/{caller_id}/keys/{named.key(client, caller_id, key)}")


def _me(answer: Row) -> Iterator[str]:
    """Yield the lines about the caller of the key."""
    organization = answer["organization"]
    runs = ", which runs the deployment" if organization["operator"] else ""
    yield f"“{printable(str(answer['name']))}” of “{printable(str(organization['name']))}”{runs}"
    yield f"  may: {', '.join(answer['roles'])}"
    yield f"  key {_prefix(answer['key'])}: {_state(answer['key'])}"
    yield f"  limits: {in_words(answer['limits'], answer['used'])}"
    yield f"  limits of the organization: {in_words(organization['limits'], organization['used'])}"


@click.command(short_help="Show the caller and permissions of your key.")
@sends("GET /v1/callers/me", _me, example=("whoami", "whoami --json"))
def whoami() -> None:
    """Show your organization, your roles, limits and their usage, and when your key expires."""
