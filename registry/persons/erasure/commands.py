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
    """Destroy an enrolled person's data, in the database and in every copy."""


def _erased(person: Row) -> str:
    if person["erased_at"]:
        return f"{person['person_id']} is erased: the key is destroyed, and its data cannot be read."
    return f"{person['person_id']} is {person['state']}; the service will destroy the key soon."


@erase.command()
@click.argument("person_id", metavar="ID", type=click.UUID)
@answers(_erased, context="person_id", example="erase person 7c9e6679-7425-40de-944b-e07fc1f90ae7")
def person(person_id: UUID, service: Service) -> Row:
    """Withdraw a person's consent and destroy the key, vectors, photos and all derived data.

    This cannot be undone. Safe to repeat: an interrupted erasure is finished. Needs a key with the scope
    `faces`. A person without an account uses `fakeprint persons revoke --code`.
    """
    with service.connect() as client:
        answer = client.send(f"POST /v1/persons/{person_id}/revocation", again=True)
    return {name: answer[name] for name in ("person_id", "state", "erased_at")}


@erase.command()
@options.json
def replay(as_json: bool) -> int:
    """Erase persons again after a restored backup, and finish interrupted erasures.

    Run it with the service's FAKEPRINT_DATABASE_URL, FAKEPRINT_KEYS_URL and FAKEPRINT_BLOBS_URL, before the
    service starts. `fakeprint up` and the workers do the same every 15 s. Restored data of erased persons
    cannot be read meanwhile, because their keys stay destroyed.

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
        click.echo(f"erased {erased}" if erased else "nobody to erase")
    return exit_status.DONE
