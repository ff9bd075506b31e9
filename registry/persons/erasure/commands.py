"""`fakeprint erase`: destroy an enrolled person's data; repeat erasures after a restored backup."""

from __future__ import annotations

from uuid import UUID

import click

from registry.core.service import open_service
from registry.core.settings import settings
from registry.core.terminal import exit_status, options
from registry.core.terminal.api_command import answers
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row
from registry.core.terminal.report import error_report, print_json
from registry.persons.erasure.service import sweep_persons

EPILOG = """\b
Examples:
  fakeprint erase person 7c9e6679-7425-40de-944b-e07fc1f90ae7
  fakeprint erase replay
"""


@click.group(epilog=EPILOG, short_help="Destroy an enrolled person's data.")
def erase() -> None:
    """Destroy an enrolled person's data, in the database and in every copy of it."""


def _erased(found: Row) -> str:
    if found["erased_at"]:
        return f"{found['person_id']} is erased: the key is destroyed, and nothing opens what it sealed."
    return f"{found['person_id']} is {found['state']}; the service destroys the key as soon as it can."


@erase.command()
@click.argument("person_id", metavar="ID", type=click.UUID)
@answers(_erased, context="person_id", example="erase person 7c9e6679-7425-40de-944b-e07fc1f90ae7")
def person(person_id: UUID, service: Service) -> Row:
    """Withdraw a person's consent and destroy the key, vectors, photos and all that was derived.

    There is no way back. Safe to repeat: what was cut off is finished. Needs a key with the scope `faces`;
    the person, without an account, uses `fakeprint persons revoke --code`.
    """
    with service.connect() as client:
        found = client.send(f"POST /v1/persons/{person_id}/revocation", again=True)
    return {name: found[name] for name in ("person_id", "state", "erased_at")}


@erase.command()
@options.json
def replay(as_json: bool) -> int:
    """Erase again whom a restored backup has brought back, and finish erasures that were cut off.

    Run it where FAKEPRINT_DATABASE_URL, FAKEPRINT_KEYS_URL and FAKEPRINT_BLOBS_URL are those of the service,
    before it starts; `fakeprint up` and the workers do the same every 15 s. Until then nothing of such a
    person opens: the key stays destroyed.

    \b
    Example:
      fakeprint erase replay
    """
    with error_report({}, as_json=as_json):
        service = open_service(settings())
        try:
            erased = sweep_persons(service)
        finally:
            service.close()
    if as_json:
        print_json({"erased": erased})
    else:
        click.echo(f"erased {erased}" if erased else "nobody is left to erase")
    return exit_status.DONE
