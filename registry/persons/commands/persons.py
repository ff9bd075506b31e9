"""`fakeprint persons`: enrol, list, show, review, renew and revoke people under protection."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from registry.core.terminal import ending, files, options
from registry.core.terminal.client import Request
from registry.core.terminal.progress import Bars
from registry.core.terminal.report import Report, print_json, told
from registry.core.terminal.text import printable
from registry.persons.commands import consent as consents
from registry.persons.commands import shown_persons
from registry.persons.commands.consent import Options
from registry.persons.model import REFUSALS, STATES
from registry.persons.photos.commands import send_photos
from registry.persons.photos.commands.persons_photos import add_photos, photo, photos_of, remove_photo

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


persons.add_command(add_photos)
persons.add_command(remove_photo)
persons.add_command(photo)
persons.add_command(photos_of)


@persons.command(short_help="Propose a person, with photos.")
@click.argument("name")
@click.argument("photos", metavar="PHOTO...", nargs=-1, type=click.Path(path_type=str, readable=False))
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
    if files.checked(name).error is None:
        raise click.UsageError(f"{printable(name)} is a file; the person's name comes first.")
    with told({}, as_json=as_json), Bars() as bars:
        report = Report(bars, as_json=as_json)
        named = send_photos.checked(photos)
        body = {
            "name": name,
            "consent": consent.body(),
            "shows_minor_sexually": abuse == "yes",
            "notes": notes,
        }
        headers = {"Idempotency-Key": idempotency_key or send_photos.random_key()}
        with service.connect() as client:
            request = Request("POST", "/v1/persons", headers=headers, build=lambda: {"json": body})
            made = client.call(request).body
            report.answered(made, shown_persons.proposed(made))
            send_photos.send(client, made["person_id"], named, report, bars)
    return report.status


@persons.command("list", short_help="List your organization's persons.")
@click.option("--state", type=click.Choice(STATES), help="Only these.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="At most so many.")
@options.json
@options.service
def list_(state: str | None, limit: int, as_json: bool, service: options.Service) -> int:
    """List the persons of your organization, newest first.

    \b
    Example:
      fakeprint persons list --state proposed
    """
    params = {"limit": str(limit)} | ({"state": state} if state else {})
    with told({}, as_json=as_json), service.connect() as client:
        found = client.get("/v1/persons", params).body
    if as_json:
        for person in found["persons"]:
            print_json(person)
    else:
        shown_persons.listing(found["persons"], more=bool(found["next"]))
    return ending.DONE


@persons.command(short_help="Show a person, photos and the acts on record.")
@_ID
@options.json
@options.service
def show(person_id: UUID, as_json: bool, service: options.Service) -> int:
    """Show one person, with photos and the acts on record.

    \b
    Example:
      fakeprint persons show 7c9e6679-…
    """
    with told({"person_id": str(person_id)}, as_json=as_json), service.connect() as client:
        _print(client.get(f"/v1/persons/{person_id}").body, as_json=as_json)
    return ending.DONE


@persons.command(short_help="Decide on a person whom somebody else has proposed.")
@_ID
@click.option("--accept", is_flag=True, help="Protect the person from now on.")
@click.option("--refuse", is_flag=True, help="Destroy everything personal; of a new consent: drop it.")
@click.option("--identity-checked", is_flag=True, help="You have checked who the person is.")
@click.option("--mandate-checked", is_flag=True, help="You have checked the mandate or the guardianship.")
@click.option("--how", metavar="TEXT", help="How you have checked; kept sealed. - reads stdin.")
@click.option("--reason", type=click.Choice(REFUSALS), help="Of a refusal.")
@options.json
@options.service
def review(
    person_id: UUID,
    accept: bool,
    refuse: bool,
    identity_checked: bool,
    mandate_checked: bool,
    how: str | None,
    reason: str | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """Accept or refuse a person whom somebody else has proposed, or a new consent.

    Look at the photos first: `fakeprint persons photos`. Refusing destroys everything personal at once.

    \b
    Examples:
      fakeprint persons review 7c9e6679-… --accept --identity-checked --how "passport seen in person"
      fakeprint persons review 7c9e6679-… --refuse --reason photos
    """
    if accept == refuse:
        raise click.UsageError("Give --accept or --refuse.")
    body = {
        "decision": "accept" if accept else "refuse",
        "identity_checked": identity_checked,
        "mandate_checked": mandate_checked,
        "how": consents.read_text(how) if how == consents.STDIN else how,
        "reason": reason,
    }
    with told({"person_id": str(person_id)}, as_json=as_json), service.connect() as client:
        _print(client.post(f"/v1/persons/{person_id}/review", body).body, as_json=as_json)
    return ending.DONE


@persons.command(short_help="Send a new consent before the old one ends.")
@_ID
@consents.options
@options.json
@options.service
def renew(person_id: UUID, consent: Options, as_json: bool, service: options.Service) -> int:
    """Send a new consent before the old one ends; somebody else reviews it.

    \b
    Example:
      fakeprint persons renew 7c9e6679-… --consent words.txt --given 2026-11-25
    """
    with told({"person_id": str(person_id)}, as_json=as_json):
        body = consent.body()
        with service.connect() as client:
            _print(client.post(f"/v1/persons/{person_id}/renewal", body).body, as_json=as_json)
    return ending.DONE


@persons.command(short_help="Withdraw a consent, and destroy the data.")
@click.argument("person_id", metavar="[ID]", type=click.UUID, required=False)
@click.option("--code", metavar="CODE", help="The person's own code; needs no key. - reads stdin.")
@options.json
@options.service
def revoke(person_id: UUID | None, code: str | None, as_json: bool, service: options.Service) -> int:
    """Withdraw a consent: of a person of your organization by ID, or your own by --code, without a key.

    \b
    Examples:
      fakeprint persons revoke 7c9e6679-…
      fakeprint persons revoke --code XXXXX-XXXXX-XXXXX-XXXXX-XXXXX --url https://registry.example
    """
    if (person_id is None) == (code is None):
        raise click.UsageError("Give an ID, or --code.")
    if code is None:
        with told({"person_id": str(person_id)}, as_json=as_json), service.connect() as client:
            _print(client.post(f"/v1/persons/{person_id}/revocation", {}, again=True).body, as_json=as_json)
        return ending.DONE
    with told({}, as_json=as_json), service.anonymous() as client:
        given = consents.read_text(code) if code == consents.STDIN else code
        taken = client.post("/v1/revocations", {"code": given.strip()}, again=True).body
    if as_json:
        print_json(taken)
    else:
        click.echo(printable(str(taken["message"])))
    return ending.DONE


def _print(person: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(person)
    else:
        for line in shown_persons.person(person):
            click.echo(line)
