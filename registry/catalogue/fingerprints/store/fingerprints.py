"""Fingerprints of an asset, written in bulk."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import numpy as np
from pgvector import Bit, HalfVector

from registry.catalogue.fingerprints.model import algorithms, audio, peaks, runs
from registry.catalogue.fingerprints.model.algorithms import SSCD
from registry.catalogue.fingerprints.model.fingerprint import FULL, Face, Fingerprint, Frame, Mosaic
from registry.catalogue.fingerprints.model.whole_file import WholeFile
from registry.catalogue.fingerprints.store import whole_files
from registry.catalogue.media.model import Media
from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)

CLEARED: Final = (
    "clear_frames",
    "clear_vectors",
    "clear_faces",
    "clear_mosaics",
    "clear_file",
    "clear_audio",
    "clear_algorithms",
)
FRAME_COLUMNS: Final = ("int4", "float4", "float4", "int2", "text", "bit", "bit")
"""Types of the columns into which frames are copied."""
VECTOR_COLUMNS: Final = ("uuid", "float4", "text", "int2", "halfvec", "text")
"""Types of the columns into which their vectors are copied."""
FACE_COLUMNS: Final = ("uuid", "float4", "int4", "float4[]", "float4", "float4", "float4", "halfvec", "bytea")
"""Types of the columns into which faces are copied."""
MOSAIC_COLUMNS: Final = ("uuid", "float4", "bytea")
"""Types of the columns into which mosaics are copied."""


def write(connection: Connection, asset_id: UUID, fingerprint: Fingerprint) -> None:
    """Write frames, faces and mosaics beside the existing ones.

    `supersede` must follow in the same transaction.

    Nobody sees or waits for the new rows until then, so long media (a minute of indexing for an hour and a
    half) block nothing. Query views are not stored, and a run of nearly equal frames becomes one row. Nothing
    is written for an asset that is gone.
    """
    connection.execute(_SQL["patience"])
    asset = connection.execute(_SQL["number"], {"asset_id": asset_id}).fetchone()
    if asset is None:
        return
    copy_all(connection, [(asset_id, asset["asset_no"], fingerprint)])


def copy_all(connection: Connection, media: Sequence[tuple[UUID, int, Fingerprint]]) -> int:
    """Copy frames, vectors, faces and mosaics of assets, given by id and number.

    Returns the number of frame rows.
    """
    frames = [
        (asset_id, number, frame, fingerprint.model)
        for asset_id, number, fingerprint in media
        for frame in _frames_to_store(fingerprint)
    ]
    with connection.cursor() as cursor:
        with cursor.copy(_SQL["copy_frames"]) as copy:
            copy.set_types(FRAME_COLUMNS)
            for _, number, frame, _ in frames:
                copy.write_row(_frame(number, frame))
        with cursor.copy(_SQL["copy_vectors"]) as copy:
            copy.set_types(VECTOR_COLUMNS)
            for asset_id, _, frame, model in frames:
                if frame.sscd is not None and frame.informative:
                    copy.write_row(_vector(asset_id, frame, frame.sscd, model))
        with cursor.copy(_SQL["copy_faces"]) as copy:
            copy.set_types(FACE_COLUMNS)
            for asset_id, _, fingerprint in media:
                for face in fingerprint.faces:
                    copy.write_row(_face(asset_id, face))
        with cursor.copy(_SQL["copy_mosaics"]) as copy:
            copy.set_types(MOSAIC_COLUMNS)
            for asset_id, _, fingerprint in media:
                for mosaic in fingerprint.mosaics:
                    if mosaic.view == FULL:
                        copy.write_row((asset_id, mosaic.time, mosaic.value))
    return len(frames)


def supersede(connection: Connection, asset_id: UUID, fingerprint: Fingerprint, *, recomputed: bool) -> None:
    """Replace the asset's earlier fingerprint with the rows that this transaction has written.

    Lock the asset's entries first. `recomputed`: a worker of this deployment computed it from the media.
    """
    key = {"asset_id": asset_id}
    for name in CLEARED:
        connection.execute(_SQL[name], key)
    write_whole(connection, asset_id, fingerprint)
    connection.execute(
        _SQL["algorithms"],
        key | {"recomputed": recomputed, "algorithms": list(fingerprint.algorithms)},
    )


def add_vectors(connection: Connection, asset_id: UUID, fingerprint: Fingerprint) -> tuple[int, int]:
    """Add the vectors of another version. Returns how many were stored, and the number of stored moments.

    Lock the asset's entries first. Only moments that are already stored get a vector, since only they have
    hashes.
    """
    key = {"asset_id": asset_id, "model": fingerprint.model}
    stored = connection.execute(_SQL["moments"], key).fetchall()
    frames_by_moment = {
        (struct.pack("f", frame.time), frame.view): frame for frame in fingerprint.frames if frame.sscd
    }
    connection.execute(_SQL["clear_version"], key)
    added = 0
    with connection.cursor() as cursor, cursor.copy(_SQL["copy_vectors"]) as copy:
        copy.set_types(VECTOR_COLUMNS)
        for row in stored:
            frame = frames_by_moment.get((struct.pack("f", row["time_s"]), row["view"]))
            if frame is not None and frame.sscd is not None:
                copy.write_row(_vector(asset_id, frame, frame.sscd, fingerprint.model))
                added += 1
    connection.execute(_SQL["add_version"], key)
    return added, len(stored)


def write_whole(connection: Connection, asset_id: UUID, fingerprint: Fingerprint) -> None:
    """Write the audio values and the video hash, if they are not stored yet."""
    key = {"asset_id": asset_id}
    if fingerprint.audio is not None or fingerprint.peaks is not None:
        keys = audio.keys(audio.values(fingerprint.audio)) + peaks.keys(peaks.values(fingerprint.peaks))
        values = {"chromaprint": fingerprint.audio or b"", "peaks": fingerprint.peaks, "keys": keys}
        connection.execute(_SQL["audio"], key | values)
    if fingerprint.videohash is not None:
        whole_files.save(connection, asset_id, WholeFile(fingerprint.videohash))


def read(connection: Connection, asset_id: UUID, *, frames: int) -> Fingerprint | None:
    """Return the stored fingerprint of an asset, in the form of a query. None if it is not fingerprinted.

    `frames`: the most frames, evenly spread over the comparable ones. Each stands for a run of nearly equal
    frames.
    """
    key = {"asset_id": asset_id}
    row = connection.execute(_SQL["read"], key).fetchone()
    if row is None:
        return None
    media = Media(*(row[name] for name in ("sha256", "kind", "duration", "width", "height", "bytes")))
    model = algorithms.version_of(row["algorithms"], SSCD) or SSCD.name
    parameters = key | {"frames": frames, "model": model}
    frame_rows = connection.execute(_SQL["read_frames"], parameters, binary=True).fetchall()
    faces = connection.execute(_SQL["read_faces"], key, binary=True).fetchall()
    mosaics = connection.execute(_SQL["read_mosaics"], key, binary=True).fetchall()
    return Fingerprint(
        media,
        algorithms=tuple(row["algorithms"]),
        frames=tuple(map(_stored_frame, frame_rows)),
        faces=tuple(map(_stored_face, faces)),
        audio=row["audio"] or None,
        peaks=row["peaks"],
        mosaics=tuple(Mosaic(round(row["time_s"], 4), FULL, row["mosaic"]) for row in mosaics),
    )


def halfvec(value: bytes) -> HalfVector:
    """Convert little-endian float16 bytes to pgvector's half vector."""
    return HalfVector(np.frombuffer(value, dtype="<f2"))


def _frames_to_store(fingerprint: Fingerprint) -> list[Frame]:
    """Return the frames to store: each view once at a time, at the stored precision."""
    stored = runs.joined(frame for frame in fingerprint.frames if frame.stored)
    once = {(struct.pack("f", frame.time), frame.view): frame for frame in stored}
    return list(once.values())


def _frame(asset_no: int, frame: Frame) -> tuple[object, ...]:
    """Return the row of a frame: see `FRAME_COLUMNS`."""
    return (
        asset_no,
        frame.time,
        frame.duration,
        frame.quality,
        frame.view,
        Bit(frame.phash256) if frame.phash256 is not None else None,
        Bit(frame.pdq) if frame.pdq is not None else None,
    )


def _vector(asset_id: UUID, frame: Frame, sscd: bytes, model: str) -> tuple[object, ...]:
    """Return the row of its vector: see `VECTOR_COLUMNS`."""
    return (asset_id, frame.time, frame.view, frame.quality, halfvec(sscd), model)


def _face(asset_id: UUID, face: Face) -> tuple[object, ...]:
    return (
        asset_id,
        face.time,
        face.track,
        [struct.unpack("f", struct.pack("f", share))[0] for share in face.box],
        face.pixels,
        face.score,
        face.quality,
        halfvec(face.embedding),
        face.expression or None,
    )


def _stored_frame(row: dict[str, Any]) -> Frame:
    return Frame(
        time=round(row["time_s"], 4),
        duration=round(row["duration_s"], 4),
        view=row["view"],
        quality=row["quality"],
        phash256=row["phash256"],
        pdq=row["pdq"],
        sscd=None if row["sscd"] is None else _little_endian(row["sscd"]),
    )


def _stored_face(row: dict[str, Any]) -> Face:
    left, top, width, height = row["box"]
    return Face(
        time=round(row["time_s"], 4),
        box=(left, top, width, height),
        pixels=row["pixels"],
        score=row["score"],
        quality=row["quality"],
        track=row["track"],
        embedding=_little_endian(row["embedding"]),
        expression=row["expression"] or b"",
    )


def _little_endian(vector: bytes) -> bytes:
    return np.frombuffer(vector, dtype=">f2").astype("<f2").tobytes()
