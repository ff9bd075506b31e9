"""`fakeprint entries assertion`, and how `fakeprint verify` checks an assertion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import click

from registry.core.errors.terminal import Unreadable
from registry.core.terminal import exit_status, files, options
from registry.core.terminal.client import Client
from registry.core.terminal.report import error_report
from registry.core.terminal.text import printable
from registry.transparency.credentials.errors import BadStatusList, NoStatusList
from registry.transparency.credentials.model import assertion as model
from registry.transparency.credentials.model import jose
from registry.transparency.ledger.model.note import VerifierKey
from registry.transparency.ledger.model.verification import Report

_BEGINS: Final = b"eyJ"
"""The first characters of every JWT: `{"` in base64url."""


def begins(line: bytes) -> bool:
    """Return whether a file that begins with this line is an assertion."""
    return line.startswith(_BEGINS) and line.count(b".") == 2


def check(
    line: bytes, keys: Sequence[VerifierKey], notes: Sequence[str], lists: Sequence[str] = ()
) -> Report:
    """Return the report of an assertion, also by status lists that were fetched."""
    return model.check(line.decode("ascii", "replace"), keys, notes, datetime.now(UTC), lists)


def lists(paths: Sequence[Path]) -> list[str]:
    """Return the status lists in these files, each a line. Raises `BadInput` (`unreadable`,
    `bad_status_list`)."""
    jwts: list[str] = []
    for path in paths:
        try:
            lines = path.read_text(encoding="ascii").split()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise Unreadable(f"{printable(str(path))} cannot be read: {reason}.") from None
        if not lines or not all(begins(line.encode()) for line in lines):
            raise BadStatusList(f"There is no status list in {printable(str(path))}.")
        jwts += lines
    return jwts


def addresses(raw: str) -> list[str]:
    """Return the addresses of the status lists that an unchecked assertion names."""
    entries = jose.claims(raw).get("credentialStatus") or []
    return [str(entry["statusListCredential"]) for entry in entries]


@click.command("assertion", short_help="Print a signed assertion about a fake.")
@click.argument("entry_id", metavar="ID", type=click.UUID)
@click.option(
    "--status",
    "status_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the present status lists, which revoke assertions, to this file.",
)
@options.service
def assertion(entry_id: UUID, status_file: Path | None, service: options.Service) -> int:
    """Print a signed assertion about a reviewed entry (JWT, `vc+jwt`), which others can verify offline. It is
    valid for 7 days. It names the URLs of two public status lists, which say whether it was revoked or
    suspended. A list is valid for a day.

    \b
    Examples:
      fakeprint entries assertion 01890a5d-… > fake.jwt
      fakeprint verify fake.jwt --key ledger.vkey
      fakeprint entries assertion 01890a5d-… --status fake.status > fake.jwt
      fakeprint verify fake.jwt --key ledger.vkey --status fake.status
    """
    with error_report({"entry_id": str(entry_id)}, as_json=False), service.connect() as client:
        jwt = client.fetch(f"/v1/entries/{entry_id}/assertion").decode()
        if status_file:
            files.write(status_file, _lists(client, jwt))
    click.echo(jwt)
    return exit_status.DONE


def _lists(client: Client, raw: str) -> bytes:
    """Fetch the status lists that an assertion names, a line each. Raises `BadInput` (`no_status_list`)."""
    paths = [urlsplit(address).path for address in addresses(raw)]
    if not paths:
        raise NoStatusList("The assertion names no status lists.")
    # The client knows the base URL of the service, so only the path is used.
    jwts = [client.fetch(jwt[jwt.index("/v1/") :]) for jwt in paths]
    return b"".join(jwt + b"\n" for jwt in jwts)
