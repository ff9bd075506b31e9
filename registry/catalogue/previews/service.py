"""Request, make, show and delete previews."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from registry import jobs
from registry.catalogue.entries.service.entries import works_on
from registry.catalogue.errors import EntryWithdrawn
from registry.catalogue.media import of_entry as media_of_entry
from registry.catalogue.media.model import Kind, Role, refuse_minor
from registry.catalogue.media.service.retention import forget_blob
from registry.catalogue.media.service.uploads import keep_blob
from registry.catalogue.previews import model as blurring
from registry.catalogue.previews import store as previews
from registry.catalogue.previews.errors import (
    GivesWay,
    MediaNotKept,
    NotFingerprinted,
    NotShown,
    PreviewNotReady,
    RevealRefused,
    TooManyPreviews,
    UnknownAsset,
)
from registry.catalogue.previews.schemas import (
    Preview,
    Previews,
    PreviewsOriginal,
    RevealedPreview,
    RevealedPreviews,
    State,
)
from registry.catalogue.provenance import store as manifests
from registry.core.audit.service import event, record_events
from registry.core.database.pool import Connection
from registry.core.errors import BadMedia, NoPicture, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.service.queue import wake_workers


@dataclass(frozen=True, slots=True)
class Pictured:
    """A medium whose file is stored here.

    `role`: its role in its entry. `duration`: seconds, 0 for an image. `owner_id`: the organization of the
    entry. `revealable`: the caller may see clear pictures. `blob_key`: of its file.
    """

    role: str
    kind: Kind
    duration: float
    owner_id: UUID
    revealable: bool
    blob_key: str


def find_pictured(
    service: Service, connection: Connection, caller: Caller, entry_id: UUID, asset_id: UUID
) -> Pictured:
    """Find a medium of which the caller may see previews.

    Clear pictures are for callers who work on entries of their own organization, and for reviewers of entries
    that they may review. Callers with the scope `signals` see only blurred ones. All others see none: even a
    picture of few pixels helps to approximate a hash, and only callers with `signals` may know digests.

    Raises `NotFound` (`unknown_asset`), `Forbidden` (`not_shown`, `minor_protection`), `Conflict`
    (`media_not_kept`, `entry_withdrawn`, `not_fingerprinted`), and `BadMedia` with the error of a medium that
    could not be read.
    """
    row = previews.find(connection, caller.organization_id, entry_id, asset_id)
    reviews = "review" in caller.roles
    if (
        row is None
        or not (row["own"] or reviews or row["entry_status"] == "matchable")
        or (row["private_case"] and not caller.sees_cases)
    ):
        raise UnknownAsset(f"Entry {entry_id} has no medium {asset_id} that this key may see.")
    revealable = reviews or works_on(caller, own=row["own"])
    if not revealable and not caller.sees_signals:
        raise NotShown(
            "Pictures are shown to callers who review or work on the entry, or have the scope `signals`."
        )
    if row["minor"]:
        raise refuse_minor()
    if row["status"] == "failed" and row["error_code"] is not None:
        raise BadMedia.of_code(row["error_code"], row["error_message"] or "It could not be read.")
    if row["status"] != "fingerprinted":
        raise NotFingerprinted
    if row["entry_status"] == "withdrawn":
        raise EntryWithdrawn("The entry was withdrawn, so its pictures are not shown.")
    if not service.settings.keep_media:
        raise MediaNotKept("This deployment keeps no media, so there are no pictures.")
    if row["blob_key"] is None:
        raise MediaNotKept(
            "The medium is not kept here: it was registered as a fingerprint, or its file was released."
        )
    return Pictured(
        row["role"], row["kind"], row["duration"] or 0.0, row["owner_id"], revealable, row["blob_key"]
    )


GONE: Final = "media_gone"
ORIGINALS: Final[list[Callable[[Connection, UUID, UUID, Sequence[float]], PreviewsOriginal | None]]] = []
"""Functions that find the same moment in the entry's original. `registry/app/wiring.py` fills the table."""


def request_previews(
    service: Service, caller: Caller, entry_id: UUID, asset_id: UUID, at: Sequence[float]
) -> Previews:
    """Request blurred previews at the instants `at` (seconds).

    Returns `previews`, one for each instant in that order: `state` is ready, waiting or failed, and `blurred`
    is a `data:` URL. `ready`: none is waiting; repeat the request until then. `original`: the same moments in
    the entry's original, by alignment. Repeating a request has no further effect.

    Raises as `find_pictured`, and `BadMedia` (`no_picture`), `BadInput` (`bad_instant`,
    `too_many_instants`), `TooMany` (`too_many_previews`).
    """
    with service.pool.transaction() as connection:
        medium = find_pictured(service, connection, caller, entry_id, asset_id)
        if medium.kind == "audio":
            raise NoPicture("The file holds no picture, only sound.")
        instants = blurring.instants(at, medium.duration)
        previews.lock(connection, asset_id)
        rows = previews.request(
            connection, asset_id, instants, caller.caller_id, again=blurring.AGAIN_SECONDS
        )
        waits = any(row["blob_key"] is None and row["error_code"] is None for row in rows.values())
        if waits:
            most = blurring.MOST_WAITING
            if previews.waiting_for(connection, caller.caller_id, most=most + 1) > most:
                raise TooManyPreviews(f"{most} pictures are already waiting for you.", retry_after=5)
            jobs.enqueue(connection, "make_previews", asset_id, owner=caller)
        originals = ORIGINALS if medium.role == "fake" else []
        original = next(
            (aligned for find in originals if (aligned := find(connection, entry_id, asset_id, at))), None
        )
    if waits:
        wake_workers(service)
    answers = [
        _preview(service, asset_id, second, rows[place]) for second, place in zip(at, instants, strict=True)
    ]
    return Previews(
        entry_id=str(entry_id),
        asset_id=str(asset_id),
        ready=not any(preview.state == "waiting" for preview in answers),
        revealable=medium.revealable,
        previews=answers,
        original=original,
    )


def request_poster(service: Service, caller: Caller, entry_id: UUID, role: Role = "fake") -> Preview | None:
    """Request the blurred picture that stands for an entry: the middle of its first fake that has pictures,
    or of its first original.

    None if there is no such medium. Raises as `request_previews`.
    """
    with service.pool.transaction() as connection:
        media = [
            row
            for row in media_of_entry(connection, entry_id)
            if row["role"] == role and row["media_kept"] and row["kind"] != "audio"
        ]
    if not media:
        return None
    middle = (media[0]["duration"] or 0.0) / 2
    return request_previews(service, caller, entry_id, media[0]["asset_id"], [middle]).previews[0]


def stored_pictures(service: Service, asset_id: UUID, row: Mapping[str, Any]) -> bytes | None:
    """Return both pictures of a row as one blob. If the blob is gone, forget it in the row and return
    None."""
    key = row["blob_key"]
    with suppress(NotFound, BadMedia), service.blobs.local_path(key) as path:
        return path.read_bytes()
    with service.pool.transaction() as connection:
        previews.forget(connection, asset_id, row["at_ms"], key)
    return None


def _preview(service: Service, asset_id: UUID, second: float, row: Mapping[str, Any]) -> Preview:
    state: State = "waiting"
    code, blurred = row["error_code"], None
    if row["blob_key"] is not None:
        blob = stored_pictures(service, asset_id, row)
        if blob is None:
            state, code = "failed", GONE
        else:
            text = base64.b64encode(blurring.blurred_of(blob)).decode()
            state, blurred = "ready", f"data:{blurring.BLURRED_TYPE};base64,{text}"
    elif code is not None:
        state = "failed"
    return Preview(at=second, state=state, blurred=blurred, error_code=code)


PATIENCE: Final = 3
"""Most times a preview job gives way to lookups. After that it runs anyway."""


def give_way(service: Service, job: Job) -> None:
    """Defer the job by raising `Unavailable` (`gives_way`) if a file of a lookup waits for a worker."""
    if job.deferrals >= PATIENCE:
        return
    with service.pool.transaction() as connection:
        waits = previews.lookups_wait(connection)
    if waits:
        raise GivesWay("Files of lookups come first.")


def waiting_previews(service: Service, job: Job) -> list[int]:
    """Return the instants (ms) of the job's medium that wait for a picture, ascending. Empty if no media is
    kept."""
    if not service.settings.keep_media:
        return []
    with service.pool.transaction() as connection:
        return previews.waiting(connection, job.subject_id)


def save_preview(service: Service, job: Job, at_ms: int, picture: bytes | str) -> None:
    """Store one picture (`packed`), or the error code if there is none.

    Each has its own commit, so that finished pictures stay if the worker gives way or dies. Raises `Conflict`
    (`lease_lost`).
    """
    if isinstance(picture, str):
        with service.pool.transaction() as connection:
            jobs.hold(connection, job)
            previews.fail(connection, job.subject_id, picture, at_ms=at_ms)
        return
    blob = service.blobs.put(io.BytesIO(picture), limit=blurring.MOST_BYTES + 16)
    is_stored = False
    try:
        with service.pool.transaction() as connection:
            keep_blob(service, connection, blob.key)
            jobs.hold(connection, job)
            is_stored = previews.mark_made(connection, job.subject_id, at_ms, blob.key)
    finally:
        if not is_stored:
            forget_blob(service, blob.key)


def finish_previews(service: Service, job: Job) -> None:
    """Finish the job. If more pictures were requested meanwhile, enqueue another job.

    Raises `Conflict` (`lease_lost`).
    """
    more = False
    with service.pool.transaction() as connection:
        gone = previews.lock(connection, job.subject_id) is None or not service.settings.keep_media
        jobs.finish(connection, job)
        if gone:
            previews.fail(connection, job.subject_id, "media_not_kept")
        elif previews.waiting(connection, job.subject_id):
            more = jobs.enqueue(connection, "make_previews", job.subject_id) is not None
    if more:
        wake_workers(service)


def reveal_previews(
    service: Service, caller: Caller, entry_id: UUID, asset_id: UUID, at: Sequence[float]
) -> RevealedPreviews:
    """Return the clear pictures (JPEG, base64) at instants requested by `request_previews` and ready.

    First the event `asset.revealed` is committed to the log: the caller, the medium and the instants. The
    owner of the entry can read it too.

    Raises as `find_pictured`, and `Forbidden` (`reveal_refused`), `BadInput` as `request_previews`,
    `Conflict` (`preview_not_ready`).
    """
    with service.pool.transaction() as connection:
        medium = find_pictured(service, connection, caller, entry_id, asset_id)
        if not medium.revealable:
            raise RevealRefused
        instants = blurring.instants(at, medium.duration)
        rows = previews.list_pictures(connection, asset_id, instants)
    pictures: dict[int, bytes] = {}
    for place in dict.fromkeys(instants):
        row = rows.get(place)
        blob = stored_pictures(service, asset_id, row) if row and row["blob_key"] is not None else None
        if blob is None:
            raise PreviewNotReady(f"There is no picture at {place / 1000:g} s yet.")
        pictures[place] = blurring.clear_of(blob)
    with service.pool.transaction() as connection:
        # Check again: the medium may have been withdrawn or deleted while the pictures were read.
        find_pictured(service, connection, caller, entry_id, asset_id)
        subject = {"asset_id": asset_id}
        details = {"at_ms": list(pictures)}
        record_events(
            connection,
            [
                event(caller, "asset.revealed", owner_id, entry_id, subject, details)
                for owner_id in sorted({caller.organization_id, medium.owner_id})
            ],
        )
    return RevealedPreviews(
        entry_id=str(entry_id),
        asset_id=str(asset_id),
        previews=[
            RevealedPreview(
                at=second,
                content_type=blurring.CLEAR_TYPE,
                picture=base64.b64encode(pictures[place]).decode(),
            )
            for second, place in zip(at, instants, strict=True)
        ],
    )


_BATCH: Final = 500
_SHELVES: Final = 64
"""Parts of all media, each swept for a minute. Ids are random, so the parts are of equal size."""


def sweep_previews(service: Service) -> int:
    """Delete expired previews and return their number.

    A preview expires with its medium or entry, a day after its last request, or when the medium has too many.
    If this is interrupted after the rows, `sweep_blobs` deletes the blobs. Thumbnails in manifests of media
    that are not kept, which an earlier release left, are deleted too. All media are checked within about an
    hour. Raises `Unavailable`.
    """
    with service.pool.transaction() as connection:
        deleted = manifests.let_pictures_go(connection, *_shelf())
    while True:
        with service.pool.transaction() as connection:
            keys = previews.expire(
                connection,
                kept=blurring.KEPT_SECONDS,
                most=blurring.MOST_KEPT,
                keep_media=service.settings.keep_media,
                limit=_BATCH,
            )
        for blob_key in keys:
            forget_blob(service, blob_key)
        deleted += len(keys)
        if len(keys) < _BATCH:
            return deleted


def _shelf() -> tuple[UUID, UUID]:
    """Return the first and last id of the media that this minute's sweep covers."""
    width = 2**128 // _SHELVES
    first = int(time.time() / 60) % _SHELVES * width
    return UUID(int=first), UUID(int=first + width - 1)
