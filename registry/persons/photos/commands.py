"""`fakeprint persons photos`, `photo`, `add-photos`, `remove-photo`: photos of a person who is proposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import click

from registry.core.errors import BadMedia, FakeprintError, WrongState
from registry.core.errors.terminal import TimedOut
from registry.core.terminal import exit_status, files, options, upload
from registry.core.terminal.api_command import sends
from registry.core.terminal.client import Client
from registry.core.terminal.files import Named
from registry.core.terminal.progress import Advance, Bars
from registry.core.terminal.report import Report, error_report, print_json
from registry.core.terminal.text import printable
from registry.persons.commands import shown_persons
from registry.persons.photos.errors import TooManyPhotos, UnknownPhoto
from registry.persons.photos.model import MOST_PHOTOS, content_type


def checked_photos(paths: Sequence[str]) -> list[Named]:
    """Return the files, each with its error if it cannot be read. Raises `TooLarge` (`too_many_photos`)."""
    if len(paths) > MOST_PHOTOS:
        raise TooManyPhotos(f"A person has {MOST_PHOTOS} photos at most; these are {len(paths)}.")
    return [files.check(path) for path in paths]


def random_key() -> str:
    """Return an Idempotency-Key: a request that is repeated makes one person."""
    return str(uuid4())


def send_photos(client: Client, person_id: str, named: Sequence[Named], report: Report, bars: Bars) -> None:
    """Send the readable photos, wait until a worker has read them, and report each."""
    for item in named:
        if item.error is not None:
            report.failed(item.path, item.error, person_id=person_id)
    usable = [item.path for item in named if item.error is None]
    if not usable:
        return
    try:
        with bars.task("photos") as advance:
            parts = [upload.Part("photo", path, client.deadline) for path in usable]
            sent = upload.send(client, f"/v1/persons/{person_id}/photos", parts, {}, advance)
            now = _until_read(client, person_id, sent.body["photos"], advance)
    except FakeprintError as error:
        for path in usable:
            report.failed(path, error, person_id=person_id)
        return
    names = {str(photo["photo_id"]): path for path, photo in zip(usable, now, strict=True)}
    for path, photo in zip(usable, now, strict=True):
        _tell(path, person_id, photo, names, report)


def _until_read(
    client: Client, person_id: str, photos: Sequence[Mapping[str, Any]], advance: Advance
) -> list[Mapping[str, Any]]:
    """Return the photos once none is pending. Raises `TimedOut`, `Conflict` (`wrong_state`)."""
    try:
        for _ in client.deadline.pauses():
            person = client.send(f"GET /v1/persons/{person_id}")
            if person["state"] != "proposed":
                raise WrongState(f"The person is {person['state']} by now.")
            there = {photo["photo_id"]: photo for photo in person["photos"]}
            now = [there.get(photo["photo_id"], photo) for photo in photos]
            waiting = sum(photo["state"] == "pending" for photo in now)
            advance(1 - waiting / len(now), "reading")
            if not waiting:
                return now
    except TimedOut:
        pass
    raise TimedOut(
        f"Photos are still being read. See them with `fakeprint persons show {person_id}`.",
        extra={"person_id": person_id},
    )


def _tell(
    path: str, person_id: str, photo: Mapping[str, Any], names: Mapping[str, str], report: Report
) -> None:
    if photo["state"] == "refused":
        error = BadMedia.of_code(str(photo["reason"]), str(photo["message"]), next_step=_which(photo, names))
        known = {name: photo[name] for name in ("photo_id", "other_photo_id", "faces") if photo[name]}
        report.failed(path, error, person_id=person_id, **known)
        return
    line = {"path": path, "person_id": person_id, **{name: photo[name] for name in ("photo_id", "state")}}
    report.answered(line, [f"{printable(path)}: usable"])


def _which(photo: Mapping[str, Any], names: Mapping[str, str]) -> str | None:
    """Return which photo this one repeats, or where the faces are that compete."""
    if other := photo["other_photo_id"]:
        return f"The other is {printable(names.get(other, other))}."
    if photo["reason"] != "several_faces":
        return None
    shown = ("{:.0%} from the left, {:.0%} from the top".format(*face) for face in photo["faces"])
    return f"The faces begin {'; '.join(shown)}."


_ID = click.argument("person_id", metavar="ID", type=click.UUID)
_PHOTO = click.argument("photo_id", metavar="PHOTO_ID", type=click.UUID)


@click.command(short_help="Add photos to a proposed person.")
@_ID
@click.argument("photos", metavar="PHOTO...", nargs=-1, required=True, type=files.PATH)
@options.json
@options.service
def add_photos(person_id: UUID, photos: tuple[str, ...], as_json: bool, service: options.Service) -> int:
    """Add photos to a proposed person, and wait until they are read. What was sent before is not kept twice.

    \b
    Example:
      fakeprint persons add-photos 7c9e6679-… c.jpg
    """
    with error_report({"person_id": str(person_id)}, as_json=as_json), Bars() as bars:
        report = Report(bars, as_json=as_json)
        named = checked_photos(photos)
        with service.connect() as client:
            send_photos(client, str(person_id), named, report, bars)
    return report.status


@click.command(short_help="Take a photo of a proposed person away.")
@_ID
@_PHOTO
@sends(
    "DELETE /v1/persons/{person_id}/photos/{photo_id}",
    shown_persons.person,
    context="person_id",
    example="persons remove-photo 7c9e6679-… 2f1b3c4d-…",
)
def remove_photo() -> None:
    """Take a photo of a proposed person away; the others are judged anew."""


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
    with error_report({"person_id": str(person_id)}, as_json=as_json):
        with service.connect() as client:
            content = client.fetch(f"/v1/persons/{person_id}/photos/{photo_id}")
        _save(output, content)
    if as_json:
        print_json({"path": str(output), "person_id": str(person_id), "photo_id": str(photo_id)})
    else:
        click.echo(f"{len(content):,} bytes saved")
    return exit_status.DONE


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
    with error_report({"person_id": str(person_id)}, as_json=as_json), service.connect() as client:
        found = client.send(f"GET /v1/persons/{person_id}")
        kept = [item for item in found["photos"] if item["kept"]]
        if found["state"] != "proposed" or not kept:
            raise UnknownPhoto("No photo of this person is kept.")
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
    return exit_status.DONE


def _save(path: Path, content: bytes) -> None:
    try:
        path.touch(0o600, exist_ok=False)
        path.write_bytes(content)
    except OSError as error:
        raise files.of_os_error(error) from error


def _ending(content: bytes) -> str:
    return (content_type(content[:16]) or "image/bin").removeprefix("image/")
