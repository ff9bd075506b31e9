"""Photos of a person who is proposed: add, take away, look at."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click

from registry.core.errors import NotFound
from registry.core.terminal import ending, files, options
from registry.core.terminal.client import Request
from registry.core.terminal.progress import Bars
from registry.core.terminal.report import Report, print_json, told
from registry.core.terminal.text import printable
from registry.persons.commands import shown_persons
from registry.persons.photos.commands import send_photos
from registry.persons.photos.model import content_type

_ID = click.argument("person_id", metavar="ID", type=click.UUID)
_PHOTO = click.argument("photo_id", metavar="PHOTO_ID", type=click.UUID)


@click.command(short_help="Add photos to a proposed person.")
@_ID
@click.argument(
    "photos", metavar="PHOTO...", nargs=-1, required=True, type=click.Path(path_type=str, readable=False)
)
@options.json
@options.service
def add_photos(person_id: UUID, photos: tuple[str, ...], as_json: bool, service: options.Service) -> int:
    """Add photos to a proposed person, and wait until they are read. What was sent before is not kept twice.

    \b
    Example:
      fakeprint persons add-photos 7c9e6679-… c.jpg
    """
    with told({"person_id": str(person_id)}, as_json=as_json), Bars() as bars:
        report = Report(bars, as_json=as_json)
        named = send_photos.checked(photos)
        with service.connect() as client:
            send_photos.send(client, str(person_id), named, report, bars)
    return report.status


@click.command(short_help="Take a photo of a proposed person away.")
@_ID
@_PHOTO
@options.json
@options.service
def remove_photo(person_id: UUID, photo_id: UUID, as_json: bool, service: options.Service) -> int:
    """Take a photo of a proposed person away; the others are judged anew.

    \b
    Example:
      fakeprint persons remove-photo 7c9e6679-… 2f1b3c4d-…
    """
    with told({"person_id": str(person_id)}, as_json=as_json), service.connect() as client:
        now = client.call(Request("DELETE", f"/v1/persons/{person_id}/photos/{photo_id}")).body
    if as_json:
        print_json(now)
    else:
        for line in shown_persons.person(now):
            click.echo(line)
    return ending.DONE


@click.command(short_help="Save a photo of a proposed person, to review it.")
@_ID
@_PHOTO
@click.option(
    "--output", type=click.Path(path_type=Path, readable=False), required=True, help="Where; must be new."
)
@options.json
@options.service
def photo(person_id: UUID, photo_id: UUID, output: Path, as_json: bool, service: options.Service) -> int:
    """Save a photo of a proposed person, to review it. That you looked is put on record; delete the file.

    \b
    Example:
      fakeprint persons photo 7c9e6679-… 2f1b3c4d-… --output /dev/shm/photo.jpg
    """
    with told({"person_id": str(person_id)}, as_json=as_json):
        with service.connect() as client:
            content = client.fetch(f"/v1/persons/{person_id}/photos/{photo_id}")
        _save(output, content)
    if as_json:
        print_json({"path": str(output), "person_id": str(person_id), "photo_id": str(photo_id)})
    else:
        click.echo(f"{len(content):,} bytes saved")
    return ending.DONE


@click.command("photos", short_help="Save all photos of a proposed person, to review them.")
@_ID
@click.option(
    "--output",
    type=click.Path(path_type=Path, readable=False),
    required=True,
    help="The folder to be made for them.",
)
@options.json
@options.service
def photos_of(person_id: UUID, output: Path, as_json: bool, service: options.Service) -> int:
    """Save all photos of a proposed person: whoever accepts has looked at each that is usable. That you
    looked is put on record; delete the folder afterwards.

    \b
    Example:
      fakeprint persons photos 7c9e6679-… --output /dev/shm/dolores
    """
    with told({"person_id": str(person_id)}, as_json=as_json), service.connect() as client:
        found = client.get(f"/v1/persons/{person_id}").body
        kept = [item for item in found["photos"] if item["kept"]]
        if found["state"] != "proposed" or not kept:
            raise NotFound("No photo of this person is kept.", code="unknown_photo")
        try:
            output.mkdir(mode=0o700)
        except OSError as error:
            raise files.of_os_error(error) from error
        for item in kept:
            content = client.fetch(f"/v1/persons/{person_id}/photos/{item['photo_id']}")
            path = output / f"{item['number']:02d}-{item['state']}.{_ending(content)}"
            _save(path, content)
            if as_json:
                print_json({"path": str(path), "person_id": str(person_id), "photo_id": item["photo_id"]})
            else:
                click.echo(printable(str(path)))
    return ending.DONE


def _save(path: Path, content: bytes) -> None:
    try:
        path.touch(0o600, exist_ok=False)
        path.write_bytes(content)
    except OSError as error:
        raise files.of_os_error(error) from error


def _ending(content: bytes) -> str:
    return (content_type(content[:16]) or "image/bin").removeprefix("image/")
