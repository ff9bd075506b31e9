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
        raise TooManyPhotos(f"A person has {MOST_PHOTOS} photos at most; you gave {len(paths)}.")
    return [files.check(path) for path in paths]


def random_key() -> str:
    """Return a random Idempotency-Key, so that a repeated request creates one person."""
    return str(uuid4())


def send_photos(client: Client, person_id: str, files: Sequence[Named], report: Report, bars: Bars) -> None:
    """Send the readable photos, wait until a worker has read them, and report each."""
    for file in files:
        if file.error is not None:
            report.failed(file.path, file.error, person_id=person_id)
    usable = [file.path for file in files if file.error is None]
    if not usable:
        return
    try:
        with bars.task("photos") as advance:
            parts = [upload.Part("photo", path, client.deadline) for path in usable]
            reply = upload.send(client, f"/v1/persons/{person_id}/photos", parts, {}, advance)
            read_photos = _until_read(client, person_id, reply.body["photos"], advance)
    except FakeprintError as error:
        for path in usable:
            report.failed(path, error, person_id=person_id)
        return
    names = {str(photo["photo_id"]): path for path, photo in zip(usable, read_photos, strict=True)}
    for path, photo in zip(usable, read_photos, strict=True):
        _report(path, person_id, photo, names, report)


def _until_read(
    client: Client, person_id: str, photos: Sequence[Mapping[str, Any]], advance: Advance
) -> list[Mapping[str, Any]]:
    """Return the photos once none is pending. Raises `TimedOut`, `Conflict` (`wrong_state`)."""
    try:
        for _ in client.deadline.pauses():
            person = client.send(f"GET /v1/persons/{person_id}")
            if person["state"] != "proposed":
                raise WrongState(f"The person is {person['state']} by now.")
            photos_by_id = {photo["photo_id"]: photo for photo in person["photos"]}
            current = [photos_by_id.get(photo["photo_id"], photo) for photo in photos]
            waiting = sum(photo["state"] == "pending" for photo in current)
            advance(1 - waiting / len(current), "reading")
            if not waiting:
                return current
    except TimedOut:
        pass
    raise TimedOut(
        f"Photos are still being read. See them with `fakeprint persons show {person_id}`.",
        extra={"person_id": person_id},
    )


def _report(
    path: str, person_id: str, photo: Mapping[str, Any], names: Mapping[str, str], report: Report
) -> None:
    if photo["state"] == "refused":
        error = BadMedia.of_code(
            str(photo["reason"]), str(photo["message"]), next_step=_explanation(photo, names)
        )
        details = {name: photo[name] for name in ("photo_id", "other_photo_id", "faces") if photo[name]}
        report.failed(path, error, person_id=person_id, **details)
        return
    line = {"path": path, "person_id": person_id, **{name: photo[name] for name in ("photo_id", "state")}}
    report.answered(line, [f"{printable(path)}: usable"])


def _explanation(photo: Mapping[str, Any], names: Mapping[str, str]) -> str | None:
    """Return which photo this one repeats, or where its several faces are."""
    if other := photo["other_photo_id"]:
        return f"The other is {printable(names.get(other, other))}."
    if photo["reason"] != "several_faces":
        return None
    positions = ("{:.0%} from the left, {:.0%} from the top".format(*face) for face in photo["faces"])
    return f"The faces begin {'; '.join(positions)}."


_ID = click.argument("person_id", metavar="ID", type=click.UUID)
_PHOTO = click.argument("photo_id", metavar="PHOTO_ID", type=click.UUID)


@click.command(short_help="Add photos to a proposed person.")
@_ID
@click.argument("photos", metavar="PHOTO...", nargs=-1, required=True, type=files.PATH)
@options.json
@options.service
def add_photos(person_id: UUID, photos: tuple[str, ...], as_json: bool, service: options.Service) -> int:
    """Add photos to a proposed person, and wait until they are read. A photo sent before is stored once.

    \b
    Example:
      fakeprint persons add-photos 7c9e6679-… c.jpg
    """
    with error_report({"person_id": str(person_id)}, as_json=as_json), Bars() as bars:
        report = Report(bars, as_json=as_json)
        files_named = checked_photos(photos)
        with service.connect() as client:
            send_photos(client, str(person_id), files_named, report, bars)
    return report.status


@click.command(short_help="Remove a photo of a proposed person.")
@_ID
@_PHOTO
@sends(
    "DELETE /v1/persons/{person_id}/photos/{photo_id}",
    shown_persons.person,
    context="person_id",
    example="persons remove-photo 7c9e6679-… 2f1b3c4d-…",
)
def remove_photo() -> None:
    """Remove a photo of a proposed person. The other photos are judged again."""


@click.command(short_help="Save a photo of a proposed person, to review it.")
@_ID
@_PHOTO
@click.option(
    "--output", type=click.Path(path_type=Path, readable=False), required=True, help="New file for the photo."
)
@options.json
@options.service
def photo(person_id: UUID, photo_id: UUID, output: Path, as_json: bool, service: options.Service) -> int:
    """Save a photo of a proposed person, to review it. Your view is recorded. Delete the file afterwards.

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
    help="New folder for the photos.",
)
@options.json
@options.service
def photos_of(person_id: UUID, output: Path, as_json: bool, service: options.Service) -> int:
    """Save all photos of a proposed person, to review them. Your views are recorded.

    To accept a person you must have viewed each usable photo. Delete the folder afterwards.

    \b
    Example:
      fakeprint persons photos 7c9e6679-… --output /dev/shm/dolores
    """
    with error_report({"person_id": str(person_id)}, as_json=as_json), service.connect() as client:
        person = client.send(f"GET /v1/persons/{person_id}")
        stored = [photo_row for photo_row in person["photos"] if photo_row["kept"]]
        if person["state"] != "proposed" or not stored:
            raise UnknownPhoto("No photo of this person is kept.")
        try:
            output.mkdir(mode=0o700)
        except OSError as error:
            raise files.of_os_error(error) from error
        for photo_row in stored:
            content = client.fetch(f"/v1/persons/{person_id}/photos/{photo_row['photo_id']}")
            path = output / f"{photo_row['number']:02d}-{photo_row['state']}.{_extension(content)}"
            _save(path, content)
            if as_json:
                print_json(
                    {"path": str(path), "person_id": str(person_id), "photo_id": photo_row["photo_id"]}
                )
            else:
                click.echo(printable(str(path)))
    return exit_status.DONE


def _save(path: Path, content: bytes) -> None:
    try:
        path.touch(0o600, exist_ok=False)
        path.write_bytes(content)
    except OSError as error:
        raise files.of_os_error(error) from error


def _extension(content: bytes) -> str:
    return (content_type(content[:16]) or "image/bin").removeprefix("image/")
