"""Search for the candidates of a query: entries that may answer it, with all data needed to decide.

SQL proposes, Python decides. `hash_lookup.py` answers lookups of single hashes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, LiteralString
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from registry.catalogue import banks
from registry.catalogue.banks import Overlays
from registry.catalogue.entries.model.entry import Candidate
from registry.catalogue.fingerprints.model import audio, expressions, mosaics, peaks, timeline
from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE, PDQ, PHASH256, SSCD
from registry.catalogue.fingerprints.model.mosaics import Mosaics
from registry.catalogue.fingerprints.model.timeline import FaceTimeline, Timeline
from registry.core.database import arrays, sql
from registry.core.database.pool import Connection
from registry.matching.candidates.model import index as indexes
from registry.matching.candidates.model import probes
from registry.matching.candidates.model.index import CandidateIndex
from registry.matching.candidates.store.near import PostgresIndex

_SQL = sql.load(__name__)

RADIUS: Final = 64
"""Hash distance of a candidate: no false pair in 25.6 M at 64 for pHash-256."""
FAR: Final = 0.45
"""Cosine distance of a candidate: similarity .55."""
CLOSE: Final = 31
"""Hash distance at which a moment may count as found."""
WEIGHT: Final = 4
"""Votes of a hash that is searched first: it stands for its neighbours, which may not be searched."""
EFFORT: Final = 15
"""Bits of a band that are flipped, one at a time, if the query is a single hash. This gives 192 keys, which
find all of 3,525 hashes that real edits leave within 31 bits, and .992 if bits are flipped evenly."""
NEAREST: Final = 40
"""Neighbours that HNSW returns per vector, among those that may answer the caller."""
SEARCHED: Final = ((2, 100), (6, 64))
"""`hnsw.ef_search` for up to so many vectors; for more, `LEAST_SEARCHED`. Of a million, a vector at cosine .9
was found 200 of 200 times at 100 and at 64 (4.5 and 3.2 ms), 486 of 500 at 40 (2.1 ms). Of its ten nearest,
as 800 finds them, .92, .90 and .88."""
LEAST_SEARCHED: Final = 40
SCANNED: Final = 4_000
"""Most vectors that HNSW scans on its way to them, per vector searched."""
TRUSTED: Final = 24
"""Most entries returned of those that can give the caller `known_fake`."""
OTHERS: Final = 8
"""Most entries returned of the others, which can only be `related`."""
MEDIA: Final = 8
"""Most fakes of an entry returned, and as many originals."""
FRAMES: Final = 4_000
"""Most frames of an asset returned, evenly spaced if it has more: half an hour at 2 Hz is complete."""
MIDDLE_AREA: Final = (0.25, 0.0, 0.75, 1.0)
_LIMITS: Final[dict[str, object]] = {
    "radius": RADIUS,
    "first_effort": probes.FIRST_EFFORT,
    "close": CLOSE,
    "agreeing": probes.AGREEING,
    "weight": WEIGHT,
    "far": FAR,
    "nearest": NEAREST,
    "trusted": TRUSTED,
    "media": MEDIA,
    "frames": FRAMES,
}
"""Parameters of `query` that are the same for all."""
_BIT256: Final = np.dtype([("bits", ">i4"), ("hash", "u1", 32)])


@dataclass(frozen=True, slots=True)
class Probe:
    """The values of a query that are sent to the database: raw 32-byte hashes and 1,024-byte vectors, few and
    distinct.

    `sounds`: the query has sound, so the candidates' sound is needed. `preselected`: media that sound like
    it, or have its MD5, which are candidates whatever they show. `first`: pHash-256 of moments that stand
    for others. If an asset is close at several of them, the others around these are not searched. `…_at`:
    the moment of `first`, from 1 on, around which each of the other values lies; 0 or missing: always
    search it. `model`: the embedding model of the vectors; only vectors of the same model are compared.
    `mosaics`: the query has mosaics, so those of the media are needed.
    """

    phash256: Sequence[bytes]
    pdq: Sequence[bytes]
    sscd: Sequence[bytes]
    sha256: str | None
    sounds: bool = False
    preselected: Sequence[UUID] = ()
    first: Sequence[bytes] = ()
    phash256_at: Sequence[int] = ()
    model: str = SSCD.name
    pdq_at: Sequence[int] = ()
    sscd_at: Sequence[int] = ()
    mosaics: bool = False


def propose(
    connection: Connection,
    probe: Probe,
    *,
    organization_id: UUID | None,
    bank_id: UUID | None,
    without: Sequence[UUID] = (),
    index: CandidateIndex | None = None,
) -> list[Candidate]:
    """Return the media that may answer, entries with most votes first: fakes with votes, and their originals.

    `organization_id` None: all entries, whoever may see them; do not show these to anybody. `without`:
    entries left out. `index`: searched in place of PostgreSQL's own indexes; who may see what it finds is
    still decided by rows. None: the statement that reads the candidates searches too, without a round trip.
    """
    with connection.pipeline():
        connection.execute(_SQL["plan"], planning(probe), prepare=True)
        near = _near(connection, probe, index)
        if near == {} and _single(probe):
            return []
        arguments = parameters(
            probe, organization_id=organization_id, bank_id=bank_id, without=without, near=near
        )
        # Planned when a connection runs it first: planning takes as long as a lookup, or longer.
        cursor = connection.execute(query(probe), arguments, prepare=True, binary=True)
    rows = cursor.fetchall()
    overlays = banks.overlays(connection, organization_id, rows)
    coarse = read_mosaics(connection, [row["asset_id"] for row in rows]) if probe.mosaics else {}
    return [_candidate(row, overlays, coarse) for row in rows]


def query(probe: Probe) -> LiteralString:
    """Return the query that fetches candidates with `parameters`; a shorter one if near assets are already
    known."""
    return _SQL["by_near" if _single(probe) else "by_all"] + ",\n" + _SQL["fetch"]


def planning(probe: Probe) -> dict[str, object]:
    """Return the parameters of the statement before `query`."""
    searched = next((ef for most, ef in SEARCHED if len(probe.sscd) <= most), LEAST_SEARCHED)
    return {"scanned": str(SCANNED), "searched": str(searched)}


def _single(probe: Probe) -> bool:
    """Tell whether the query is a single hash. Then assets are searched first, and mostly there are none."""
    return len(_hashes_of(probe)) == 1 and not (probe.sscd or probe.preselected or probe.sha256)


def _near(connection: Connection, probe: Probe, index: CandidateIndex | None) -> dict[int, float] | None:
    """Return the votes for assets near the probe's values, by `asset_no`. None: the main statement searches.

    Of a single hash, which is mostly near nothing, PostgreSQL's keys are searched before the main statement.
    """
    if index is None:
        if not _single(probe):
            return None
        index = PostgresIndex(connection)
    effort = probes.effort(len(_hashes_of(probe)))
    phash256 = index.near_hashes(PHASH256.name, [*probe.first, *probe.phash256], radius=RADIUS, effort=effort)
    pdq = index.near_hashes(PDQ.name, probe.pdq, radius=RADIUS, effort=effort)
    sscd = index.near_vectors(probe.model, probe.sscd, distance=FAR, most=SCANNED)
    return indexes.votes([(phash256, 256), (pdq, 256), (sscd, 1)])


def _hashes_of(probe: Probe) -> list[bytes]:
    return [*probe.first, *probe.phash256, *probe.pdq]


def _without_values(probe: Probe) -> Probe:
    return replace(probe, first=(), phash256=(), phash256_at=(), pdq=(), pdq_at=(), sscd=(), sscd_at=())


def parameters(
    probe: Probe,
    *,
    organization_id: UUID | None,
    bank_id: UUID | None,
    without: Sequence[UUID] = (),
    near: Mapping[int, float] | None = None,
) -> dict[str, object]:
    """Return the parameters of `query`, with fixed types.

    `near`: votes for the assets near the values of the probe, by `asset_no`. None: the query searches for the
    values itself. Candidates' vectors are fetched only if the query has vectors.
    """
    searched = probe if near is None else _without_values(probe)
    known = near or {}
    return {
        "first": arrays.bits_literal(searched.first),
        "phash256": arrays.bits_literal(searched.phash256),
        "phash256_at": arrays.array_literal(searched.phash256_at),
        "pdq": arrays.bits_literal(searched.pdq),
        "pdq_at": arrays.array_literal(searched.pdq_at),
        "sscd": arrays.HalfVectors(searched.sscd),
        "sscd_at": arrays.array_literal(searched.sscd_at),
        "model": probe.model,
        "near": arrays.array_literal(known),
        "likeness": arrays.array_literal(known.values()),
        "vectors": bool(probe.sscd),
        "sounds": probe.sounds,
        "preselected": arrays.array_literal(probe.preselected),
        "sha256": bytes.fromhex(probe.sha256 or ""),
        "organization_id": _text(organization_id),
        "everybody": organization_id is None,
        "bank_id": _text(bank_id),
        "without": arrays.array_literal(without),
        "effort": probes.effort(len(_hashes_of(probe))),
        "others": TRUSTED if organization_id is None else OTHERS,
    } | _LIMITS


def _text(identifier: UUID | None) -> str | None:
    return None if identifier is None else str(identifier)


def read_mosaics(connection: Connection, asset_ids: Iterable[UUID]) -> dict[UUID, Mosaics]:
    """Return the mosaics of media. Those that have none are left out."""
    found = connection.execute(_SQL["mosaics"], {"asset_ids": list(set(asset_ids))}, binary=True)
    return {row["asset_id"]: mosaics.of_values(_reals(row["mosaic_times"]), row["mosaics"]) for row in found}


def _candidate(row: dict[str, Any], overlays: Overlays, coarse: Mapping[UUID, Mosaics]) -> Candidate:
    return Candidate(
        asset_id=row["asset_id"],
        entry_id=row["entry_id"],
        role=row["role"],
        sha256=row["sha256"] or "",
        kind=row["kind"],
        duration=row["duration"],
        title=row["title"],
        bank=row["bank"],
        tier=row["tier"],
        original_tier=row["original_tier"],
        manipulation=row["manipulation"],
        own=row["own"],
        policy=banks.policy_of(row, overlays),
        references=tuple(row["references"]),
        frames=_frames(row),
        faces=_faces(row),
        faces_ran=row["faces_ran"],
        audio=audio.values(row["chromaprint"]),
        allowlisted=row["allowlisted"],
        bank_id=row["bank_id"],
        mosaics=coarse.get(row["asset_id"], mosaics.none()),
        peaks=peaks.values(row["peaks"]),
    )


def _frames(row: dict[str, Any]) -> Timeline:
    times = _reals(row["frame_times"])
    phash256, has_phash256 = _hashes(row["frame_phash256"], row["frame_has_phash256"])
    pdq, has_pdq = _hashes(row["frame_pdq"], row["frame_has_pdq"])
    has_sscd = np.array(row["frame_has_sscd"] or [], dtype=np.bool_)
    sscd = _spaced(_vectors(row["frame_sscd"], SSCD.dimensions), has_sscd)
    order = np.argsort(times, kind="stable")
    return Timeline(
        times=times[order],
        durations=_reals(row["frame_durations"])[order],
        mirrored=np.zeros(len(times), dtype=np.bool_),
        areas=_areas(row["frame_middle"], len(times))[order],
        phash256=phash256[order],
        has_phash256=has_phash256[order],
        pdq=pdq[order],
        has_pdq=has_pdq[order],
        sscd=sscd[order] if has_sscd.any() else sscd,
        has_sscd=has_sscd[order],
    )


def _areas(middle: list[bool] | None, count: int) -> NDArray[np.float64]:
    """Return (count, 4) the part of the picture of each frame. How wide a middle is depends on the file, and
    only has to differ from the whole."""
    areas = np.array(timeline.whole(count))
    areas[np.array(middle or [], dtype=np.bool_)] = MIDDLE_AREA
    return areas


def _spaced(vectors: NDArray[np.float32], present: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return a row for each of `present`, zeros if there is none; uses no memory if all are missing."""
    shape = (len(present), vectors.shape[1])
    if not present.any():
        return np.broadcast_to(np.float32(0), shape)
    rows = np.zeros(shape, dtype=np.float32)
    rows[present] = vectors
    return rows


def _faces(row: dict[str, Any]) -> FaceTimeline:
    return FaceTimeline(
        times=_reals(row["face_times"]),
        tracks=np.array(row["face_tracks"] or [], dtype=np.int64),
        pixels=_reals(row["face_pixels"]),
        quality=_reals(row["face_quality"]),
        centres=_reals(row["face_centres"]).reshape(-1, 2),
        embeddings=_vectors(row["face_embeddings"], FACE_SFACE.dimensions),
        expressions=expressions.of_bytes(row["face_expressions"] or []),
    )


def _reals(packed: bytes | None) -> NDArray[np.float64]:
    return np.round(np.frombuffer(packed or b"", dtype=">f4").astype(np.float64), 4)


def _hashes(packed: bytes | None, present: list[bool] | None) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    has = np.array(present or [], dtype=np.bool_)
    rows = np.zeros((len(has), 32), dtype=np.uint8)
    rows[has] = np.frombuffer(packed or b"", dtype=_BIT256)["hash"]
    return rows, has


def _vectors(packed: bytes | None, dimensions: int) -> NDArray[np.float32]:
    layout = np.dtype([("dimensions", ">u2"), ("unused", ">u2"), ("vector", ">f2", dimensions)])
    return np.frombuffer(packed or b"", dtype=layout)["vector"].astype(np.float32)
