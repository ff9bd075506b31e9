"""Candidates of other kinds than pictures: media that sound like a query, or whose whole file is like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final
from uuid import UUID

from registry.catalogue import fingerprints
from registry.catalogue.entries.model.entry import FileMatch
from registry.catalogue.fingerprints.model import audio, peaks
from registry.catalogue.fingerprints.model.algorithms import ISCC, VIDEOHASH
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.model.sounds import Sounds
from registry.catalogue.fingerprints.model.whole_file import (
    CodeQuery,
    Unit,
    WholeFile,
    common_bits,
    is_identical,
    is_telling,
)
from registry.catalogue.media.model import Kind
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.matching.alignment.model import hearing
from registry.matching.candidates.store import audio as sounds

PEAKS_ALIGNED: Final = 200_000
"""Most peaks of media that a query is aligned with: two hours of sound, a second of CPU."""
VIDEOHASH_BITS: Final = 3
"""Bits of 64 by which the videohash.1 of copies may differ."""
CONTENT_BITS: Final[Mapping[Kind, int]] = {"video": 6, "image": 4}
"""Bits of 64 by which the ISCC Content-Codes of copies may differ, by kind. Of unrelated videos the nearest
are 12 bits apart, of photos of heads 10 (decision 111)."""
DATA_BITS: Final = 7
"""Bits of 64 by which the ISCC Data-Codes of files with mostly the same bytes may differ. Unrelated: from 17
on."""


def find_audio_candidates(
    connection: Connection, caller: Caller, fingerprint: Fingerprint, bank_id: UUID | None
) -> list[UUID]:
    """Return the media that sound like the query, without those that share keys by chance.

    A query without informative sound sends no keys to the database. One of sound alone has no pictures that
    could find its candidates, so it is searched more thoroughly: by near keys, and by peaks. Short media are
    aligned by peaks first, `PEAKS_ALIGNED` in all.
    """
    query = Sounds.of(fingerprint)
    hits = partial(sounds.hits, connection, organization_id=caller.organization_id, bank_id=bank_id)
    keys = [audio.keys(query.audio, audio.PROBES)]
    if fingerprint.media.kind == "audio":
        own = frozenset(keys[0])
        keys.append([key for key in audio.near_keys(query.audio, audio.PROBES) if key not in own])
    found: dict[UUID, Sounds] = {}
    for some in keys:
        found = hits(some) | found
    by_values = Sounds(query.audio, peaks.values())
    alike = [asset_id for asset_id, other in found.items() if hearing.align(by_values, other)]
    told = hits(peaks.probes(query.peaks), least=peaks.COMMON)
    left = PEAKS_ALIGNED
    for asset_id, other in sorted(told.items(), key=lambda item: len(item[1].peaks)):
        left -= len(other.peaks)
        if left >= 0 and asset_id not in alike and hearing.align(query, other):
            alike.append(asset_id)
    return alike


def find_whole_files(
    connection: Connection, caller: Caller, query: WholeFile | CodeQuery, bank_id: UUID | None
) -> dict[UUID, FileMatch]:
    """Return the media that may answer the caller whose whole file is like the query's, each with its nearest
    value.

    `query`: a videohash, or the units of an ISCC. A videohash that says too little is like nothing.
    """
    searched = fingerprints.Searched(caller.organization_id, bank_id)
    if isinstance(query, CodeQuery):
        return _near_code(connection, query, searched)
    value = query.videohash or b""
    return _near_videohash(connection, value, searched) if is_telling(value) else {}


def _near_videohash(
    connection: Connection, value: bytes, searched: fingerprints.Searched
) -> dict[UUID, FileMatch]:
    asset_ids = fingerprints.near_videohash(connection, value, searched, radius=VIDEOHASH_BITS)
    stored = fingerprints.read_whole_files(connection, asset_ids)
    return {
        asset_id: FileMatch(VIDEOHASH.name, None, *common_bits(value, medium.whole.videohash))
        for asset_id, medium in stored.items()
        if medium.whole.videohash is not None and is_telling(medium.whole.videohash)
    }


def _near_code(
    connection: Connection, query: CodeQuery, searched: fingerprints.Searched
) -> dict[UUID, FileMatch]:
    content = CONTENT_BITS[query.kind] if query.kind else 0
    asset_ids = fingerprints.near_code(connection, query, searched, content=content, data=DATA_BITS)
    found: dict[UUID, FileMatch] = {}
    for asset_id, medium in fingerprints.read_whole_files(connection, asset_ids).items():
        exact = is_identical(query, medium.whole)
        near = list(_near_units(query, medium.whole, same_kind=query.kind == medium.kind))
        if near:
            unit, distance, bits = min(near, key=lambda found: found[1] / found[2])
            found[asset_id] = FileMatch(ISCC.name, unit, distance, bits, exact)
    return found


def _near_units(query: CodeQuery, stored: WholeFile, *, same_kind: bool) -> Iterator[tuple[Unit, int, int]]:
    """Yield the units that are near, with their distance and the bits compared. Longer codes may differ by as
    large a share of their bits."""
    least: dict[Unit, int] = {"instance": 0, "data": DATA_BITS}
    if same_kind and query.kind:
        least["content"] = CONTENT_BITS[query.kind]
    for unit, most in least.items():
        body, other = getattr(query, unit), getattr(stored, unit)
        if body is not None and other is not None:
            distance, bits = common_bits(body, other)
            if distance * 64 <= most * bits:
                yield unit, distance, bits
