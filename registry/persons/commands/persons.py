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
    """Enrolled people, whose faces are protected by consent for a limited time. Needs the scope `faces`."""


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
    help="Whether the photos, or the media for which the person is enrolled, may show a minor sexually.",
)
@click.option("--notes", metavar="TEXT", help="Notes for your own organization.")
@click.option(
    "--idempotency-key",
    metavar="KEY",
    help="Key of an earlier attempt that you repeat. Default: a random one.",
)
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
    """Propose a person for protection, with up to 20 photos, and wait until the photos are read.

    Prints the revocation code, only once: give it to the person. A second reviewer then decides.

    \b
    Examples:
      fakeprint persons enrol "Dolores Ibáñez" a.jpg b.jpg --consent words.txt --shows-minor-sexually no
      fakeprint persons enrol "Ana Ruiz" a.jpg --consent words.txt --by representative \\
        --acting "Carmen Soto" --mandate mandate.pdf --expires 2027-06-30 --shows-minor-sexually no
    """
    if idempotency_key and not consent.given:
        raise click.UsageError("--idempotency-key needs --given; without it, each attempt has another time.")
    if files.check(name).error is None:
        raise click.UsageError(f"{printable(name)} is a file; give the person's name first.")
    with error_report({}, as_json=as_json), Bars() as bars:
        report = Report(bars, as_json=as_json)
        files_named = checked_photos(photos)
        body = {
            "name": name,
            "consent": consent.body(),
            "shows_minor_sexually": abuse == "yes",
            "notes": notes,
        }
        headers = {"Idempotency-Key": idempotency_key or random_key()}
        with service.connect() as client:
            request = Request("POST", "/v1/persons", headers=headers, build=lambda: {"json": body})
            proposed = client.call(request).body
            report.answered(proposed, shown_persons.proposed(proposed))
            send_photos(client, proposed["person_id"], files_named, report, bars)
    return report.status


@persons.command("list", short_help="List your organization's persons.")
@click.option("--state", type=click.Choice(STATES), help="Only persons in this state.")
@options.page
@sends("GET /v1/persons", shown_persons.PERSONS, example="persons list --state proposed")
def list_() -> None:
    """List the persons of your organization, newest first."""


@persons.command(short_help="Show a person with photos and recorded acts.")
@_ID
@sends("GET /v1/persons/{person_id}", shown_persons.person, example="persons show 7c9e6679-…")
def show() -> None:
    """Show a person with photos and recorded acts."""


@persons.command(short_help="Accept or refuse a proposed person.")
@_ID
@click.option("--accept", is_flag=True, help="Accept: the person is protected from now on.")
@click.option("--refuse", is_flag=True, help="Refuse: destroy all personal data, or drop a new consent.")
@click.option("--identity-checked", is_flag=True, help="You have checked who the person is.")
@click.option("--mandate-checked", is_flag=True, help="You have checked the mandate or the guardianship.")
@click.option(
    "--how", metavar="TEXT", type=files.TEXT, help="How you checked both; stored encrypted. - reads stdin."
)
@click.option("--reason", type=click.Choice(REFUSALS), help="Reason of a refusal.")
@sends(
    "POST /v1/persons/{person_id}/review",
    shown_persons.person,
    example=(
        'persons review 7c9e6679-… --accept --identity-checked --how "passport seen in person"',
        "persons review 7c9e6679-… --refuse --reason photos",
    ),
)
def review(accept: bool, refuse: bool) -> Fields:
    """Accept or refuse a person, or a new consent, that somebody else has proposed.

    View the photos first: `fakeprint persons photos`. A refusal destroys all personal data at once.
    """
    if accept == refuse:
        raise click.UsageError("Give --accept or --refuse.")
    return {"decision": "accept" if accept else "refuse"}


@persons.command(short_help="Submit a new consent before the old one ends.")
@_ID
@consents.options
@sends(
    "POST /v1/persons/{person_id}/renewal",
    shown_persons.person,
    example="persons renew 7c9e6679-… --consent words.txt --given 2026-11-25",
)
def renew(consent: Options) -> Fields:
    """Submit a new consent before the old one ends. A second reviewer decides."""
    return consent.body()


def _revoked(answer: Row) -> list[str]:
    return [printable(str(answer["message"]))] if "message" in answer else [*shown_persons.person(answer)]


@persons.command(short_help="Withdraw a consent and destroy the data.")
@click.argument("person_id", metavar="[ID]", type=click.UUID, required=False)
@click.option("--code", metavar="CODE", help="The person's revocation code; needs no API key. - reads stdin.")
@answers(
    _revoked,
    context="person_id",
    example=(
        "persons revoke 7c9e6679-…",
        "persons revoke --code XXXXX-XXXXX-XXXXX-XXXXX-XXXXX --url https://registry.example",
    ),
)
def revoke(person_id: UUID | None, code: str | None, service: Service) -> Row:
    """Withdraw a consent: of a person of your organization by ID, or your own by --code without an API
    key."""
    if (person_id is None) == (code is None):
        raise click.UsageError("Give an ID, or --code.")
    if code is None:
        with service.connect() as client:
            return client.send(f"POST /v1/persons/{person_id}/revocation", again=True)
    with service.anonymous() as client:
        typed_code = files.text(code) if code == files.STDIN else code
        return client.send("POST /v1/revocations", {"code": typed_code.strip()}, again=True)
