"""`fakeprint persons`: enrol, list, show, review, renew and revoke people under protection."""

from __future__ import annotations

from uuid import UUID

import click

from registry.core.terminal import files, options
from registry.core.terminal.api_command import Fields, answers, sends
from registry.core.terminal.client import Request
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row
from registry.core.terminal.progress import Bars
from registry.core.terminal.report import Report, error_report
from registry.core.terminal.text import printable
from registry.persons.commands import consent as consents
from registry.persons.commands import shown_persons
from registry.persons.commands.consent import Options
from registry.persons.model import REFUSALS, STATES
from registry.persons.photos.commands import (
    add_photos,
    checked_photos,
    photo,
    photos_of,
    random_key,
    remove_photo,
    send_photos,
)

EPILOG = """\b
Examples:
  fakeprint persons enrol "Dolores Ibáñez" a.jpg b.jpg --consent words.txt --shows-minor-sexually no
  fakeprint persons list --state proposed
  fakeprint persons show ID
  fakeprint persons photos ID --output FOLDER
  fakeprint persons review ID --accept --identity-checked --how "passport seen in person"
  fakeprint persons revoke --code XXXXX-XXXXX-XXXXX-XXXXX-XXXXX
"""

_ID = click.argument("person_id", metavar="ID", type=click.UUID)


@click.group(epilog=EPILOG, short_help="Enrol and review people whose faces are protected.")
def persons() -> None:
    """People whose faces are protected, by consent and for a time. Needs a key with the scope `faces`."""


for _command in (add_photos, remove_photo, photo, photos_of):
    persons.add_command(_command)


@persons.command(short_help="Propose a person, with photos.")
@click.argument("name")
@click.argument("photos", metavar="PHOTO...", nargs=-1, type=files.PATH)
@consents.options
@click.option(
    "--shows-minor-sexually",
    "abuse",
    type=click.Choice(["yes", "no"]),
    required=True,
    help="Do these photos, or the media because of which the person is enrolled, or might they?",
)
@click.option("--notes", metavar="TEXT", help="For your own organization.")
@click.option("--idempotency-key", metavar="KEY", help="Of an attempt to be repeated; else a random one.")
@options.json
@options.service
def enrol(
    name: str,
    photos: tuple[str, ...],
    consent: Options,
    abuse: str,
    notes: str | None,
    idempotency_key: str | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """Propose a person for protection, with up to 20 photos, and wait until these are read.

    Prints the revocation code, this once: give it to the person. Somebody else then reviews it.

    \b
    Examples:
      fakeprint persons enrol "Dolores Ibáñez" a.jpg b.jpg --consent words.txt --shows-minor-sexually no
      fakeprint persons enrol "Ana Ruiz" a.jpg --consent words.txt --by representative \\
        --acting "Carmen Soto" --mandate mandate.pdf --expires 2027-06-30 --shows-minor-sexually no
    """
    if idempotency_key and not consent.given:
        raise click.UsageError("--idempotency-key needs --given: else each attempt is of another moment.")
    if files.check(name).error is None:
        raise click.UsageError(f"{printable(name)} is a file; the person's name comes first.")
    with error_report({}, as_json=as_json), Bars() as bars:
        report = Report(bars, as_json=as_json)
        named = checked_photos(photos)
        body = {
            "name": name,
            "consent": consent.body(),
            "shows_minor_sexually": abuse == "yes",
            "notes": notes,
        }
        headers = {"Idempotency-Key": idempotency_key or random_key()}
        with service.connect() as client:
            request = Request("POST", "/v1/persons", headers=headers, build=lambda: {"json": body})
            made = client.call(request).body
            report.answered(made, shown_persons.proposed(made))
            send_photos(client, made["person_id"], named, report, bars)
    return report.status


@persons.command("list", short_help="List your organization's persons.")
@click.option("--state", type=click.Choice(STATES), help="Only these.")
@options.page
@sends("GET /v1/persons", shown_persons.PERSONS, example="persons list --state proposed")
def list_() -> None:
    """List the persons of your organization, newest first."""


@persons.command(short_help="Show a person, photos and the acts on record.")
@_ID
@sends("GET /v1/persons/{person_id}", shown_persons.person, example="persons show 7c9e6679-…")
def show() -> None:
    """Show one person, with photos and the acts on record."""


@persons.command(short_help="Decide on a person whom somebody else has proposed.")
@_ID
@click.option("--accept", is_flag=True, help="Protect the person from now on.")
@click.option("--refuse", is_flag=True, help="Destroy everything personal; of a new consent: drop it.")
@click.option("--identity-checked", is_flag=True, help="You have checked who the person is.")
@click.option("--mandate-checked", is_flag=True, help="You have checked the mandate or the guardianship.")
@click.option(
    "--how", metavar="TEXT", type=files.TEXT, help="How you have checked; stored encrypted. - reads stdin."
)
@click.option("--reason", type=click.Choice(REFUSALS), help="Of a refusal.")
@sends(
    "POST /v1/persons/{person_id}/review",
    shown_persons.person,
    example=(
        'persons review 7c9e6679-… --accept --identity-checked --how "passport seen in person"',
        "persons review 7c9e6679-… --refuse --reason photos",
    ),
)
def review(accept: bool, refuse: bool) -> Fields:
    """Accept or refuse a person whom somebody else has proposed, or a new consent.

    Look at the photos first: `fakeprint persons photos`. Refusing destroys everything personal at once.
    """
    if accept == refuse:
        raise click.UsageError("Give --accept or --refuse.")
    return {"decision": "accept" if accept else "refuse"}


@persons.command(short_help="Send a new consent before the old one ends.")
@_ID
@consents.options
@sends(
    "POST /v1/persons/{person_id}/renewal",
    shown_persons.person,
    example="persons renew 7c9e6679-… --consent words.txt --given 2026-11-25",
)
def renew(consent: Options) -> Fields:
    """Send a new consent before the old one ends; somebody else reviews it."""
    return consent.body()


def _revoked(found: Row) -> list[str]:
    return [printable(str(found["message"]))] if "message" in found else [*shown_persons.person(found)]


@persons.command(short_help="Withdraw a consent, and destroy the data.")
@click.argument("person_id", metavar="[ID]", type=click.UUID, required=False)
@click.option("--code", metavar="CODE", help="The person's own code; needs no key. - reads stdin.")
@answers(
    _revoked,
    context="person_id",
    example=(
        "persons revoke 7c9e6679-…",
        "persons revoke --code XXXXX-XXXXX-XXXXX-XXXXX-XXXXX --url https://registry.example",
    ),
)
def revoke(person_id: UUID | None, code: str | None, service: Service) -> Row:
    """Withdraw a consent: of a person of your organization by ID, or your own by --code, without a key."""
    if (person_id is None) == (code is None):
        raise click.UsageError("Give an ID, or --code.")
    if code is None:
        with service.connect() as client:
            return client.send(f"POST /v1/persons/{person_id}/revocation", again=True)
    with service.anonymous() as client:
        given = files.text(code) if code == files.STDIN else code
        return client.send("POST /v1/revocations", {"code": given.strip()}, again=True)
