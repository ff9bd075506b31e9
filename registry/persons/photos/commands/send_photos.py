"""Photos of a person on their way: checked here, sent in one call, waited for, told path by path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from registry.core.errors import BadMedia, Conflict, FakeprintError, TooLarge
from registry.core.terminal import files, upload
from registry.core.terminal.client import Client
from registry.core.terminal.deadline import TimedOut
from registry.core.terminal.files import Named
from registry.core.terminal.progress import Advance, Bars
from registry.core.terminal.report import Report
from registry.core.terminal.text import printable
from registry.persons.commands import shown_persons
from registry.persons.photos.model import MOST_PHOTOS


def checked(paths: Sequence[str]) -> list[Named]:
    """The files, each with what keeps it from being read. Raises `TooLarge` (`too_many_photos`)."""
    if len(paths) > MOST_PHOTOS:
        raise TooLarge(
            f"A person has {MOST_PHOTOS} photos at most; these are {len(paths)}.", code="too_many_photos"
        )
    return [files.checked(path) for path in paths]


def random_key() -> str:
    """An Idempotency-Key: what is sent twice because an answer was lost is one person."""
    return str(uuid4())


def send(client: Client, person_id: str, named: Sequence[Named], report: Report, bars: Bars) -> None:
    """Send those that can be read, wait until a worker has read them, and report each."""
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
    """The photos once none of them is pending. Raises `TimedOut`, `Conflict` (`wrong_state`)."""
    try:
        for _ in client.deadline.pauses():
            person = client.get(f"/v1/persons/{person_id}").body
            if person["state"] != "proposed":
                raise Conflict(f"The person is {person['state']} by now.", code="wrong_state")
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
        error = BadMedia(str(photo["message"]), code=str(photo["reason"]), next_step=_which(photo, names))
        known = {name: photo[name] for name in ("photo_id", "other_photo_id", "faces") if photo[name]}
        report.failed(path, error, person_id=person_id, **known)
        return
    line = {"path": path, "person_id": person_id, **{name: photo[name] for name in ("photo_id", "state")}}
    report.answered(line, [shown_persons.usable(path)])


def _which(photo: Mapping[str, Any], names: Mapping[str, str]) -> str | None:
    """Which photo it repeats, or which faces compete, for a person who has to choose."""
    if other := photo["other_photo_id"]:
        return f"The other is {printable(names.get(other, other))}."
    if photo["reason"] != "several_faces":
        return None
    shown = ("{:.0%} from the left, {:.0%} from the top".format(*face) for face in photo["faces"])
    return f"The faces begin {'; '.join(shown)}."
