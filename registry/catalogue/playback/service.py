"""Open media for watching, on record, and read them in parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from uuid import UUID

from registry.catalogue.media.model import Kind
from registry.catalogue.playback import model as playing
from registry.catalogue.playback.errors import NotPlayable
from registry.catalogue.playback.model import Part
from registry.catalogue.previews.errors import RevealRefused
from registry.catalogue.previews.service import Pictured, find_pictured
from registry.core.audit.service import event, record_events
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller


@dataclass(frozen=True, slots=True)
class Streamed:
    """A part of a medium. `content_type` of the file; `part` None: the range lies outside it."""

    content_type: str
    size: int
    part: Part | None
    chunks: Iterator[bytes]


def open_media(service: Service, caller: Caller, media: Sequence[tuple[UUID, UUID]]) -> list[Kind]:
    """Record that the caller plays these media clearly: pairs of an entry and an asset. Returns their kinds.

    Each is an event `asset.revealed` with `played`, which the owner of the entry can read too. Raises as
    `previews.service.find_pictured`, and `Forbidden` (`reveal_refused`), `Conflict` (`not_playable`).
    """
    with service.pool.transaction() as connection:
        opened = [_medium(service, connection, caller, entry_id, asset_id) for entry_id, asset_id in media]
    for medium in opened:
        with service.blobs.ranged(medium.blob_key) as ranged:
            if playing.format_of(b"".join(ranged.read(0, playing.HEAD)), medium.kind) is None:
                raise NotPlayable("Browsers cannot play this file.")
    with service.pool.transaction() as connection:
        events = []
        for entry_id, asset_id in media:
            owner_id = find_pictured(service, connection, caller, entry_id, asset_id).owner_id
            events += [
                event(caller, "asset.revealed", reader, entry_id, {"asset_id": asset_id}, {"played": True})
                for reader in sorted({caller.organization_id, owner_id})
            ]
        record_events(connection, events)
    return [medium.kind for medium in opened]


def stream_media(service: Service, caller: Caller, entry_id: UUID, asset_id: UUID, wanted: str) -> Streamed:
    """Return a part of a medium. `wanted`: the `Range` header, or empty.

    The permission is checked at each call, because the entry may be withdrawn meanwhile. Read `chunks` to the
    end, or close them. Raises as `open_media`.
    """
    with service.pool.transaction() as connection:
        medium = _medium(service, connection, caller, entry_id, asset_id)
    with ExitStack() as stack:
        ranged = stack.enter_context(service.blobs.ranged(medium.blob_key))
        content_type = playing.format_of(b"".join(ranged.read(0, playing.HEAD)), medium.kind)
        if content_type is None:
            raise NotPlayable("Browsers cannot play this file.")
        part = playing.part_of(wanted, ranged.size)
        if part is None:
            return Streamed(content_type, ranged.size, None, iter(()))
        chunks = _chunks(ranged.read(part.start, part.end), stack.pop_all())
    return Streamed(content_type, part.size, part, chunks)


def _chunks(chunks: Iterator[bytes], stack: ExitStack) -> Iterator[bytes]:
    with stack:
        yield from chunks


def _medium(
    service: Service, connection: Connection, caller: Caller, entry_id: UUID, asset_id: UUID
) -> Pictured:
    medium = find_pictured(service, connection, caller, entry_id, asset_id)
    if not medium.revealable:
        raise RevealRefused
    return medium
