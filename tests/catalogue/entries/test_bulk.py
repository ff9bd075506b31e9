"""Filling a registry at once: the same rows and indexes as one medium after another."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.store import bulk, fingerprints
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.answers import answer_document
from tests.support.entries import lose_fingerprints
from tests.support.media import drawn

INDEXES = (
    "SELECT indexdef FROM pg_indexes WHERE tablename IN ('frame_fingerprint', 'frame_vector') ORDER BY 1"
)
FRAMES = """
SELECT f.*, v.sscd FROM frame_fingerprint f JOIN asset a USING (asset_no)
LEFT JOIN frame_vector v USING (asset_id, time_s, view) WHERE a.asset_id = %s ORDER BY time_s, view
"""


def test_media_loaded_at_once_are_found_and_the_indexes_there_again(service: Service, owner: Caller) -> None:
    clips = [drawn.clip(f"clip {number}", face=f"{number}") for number in range(3)]
    entries = [register_entry(service, owner, Registration(fakes=[clip])).entry_id for clip in clips]
    with service.pool.transaction() as connection:
        ids = _assets(connection, entries)
        before = [connection.execute(FRAMES, [asset_id]).fetchall() for asset_id in ids]
        indexes = connection.execute(INDEXES).fetchall()
    lose_fingerprints(service)
    with service.pool.transaction() as connection, bulk.deferred(connection, memory_mb=64):
        media = [*zip(ids, clips, strict=True), (uuid4(), drawn.clip("nobody's"))]
        assert bulk.load(connection, media) == sum(len(rows) for rows in before)
    with service.pool.transaction() as connection:
        assert [connection.execute(FRAMES, [asset_id]).fetchall() for asset_id in ids] == before
        assert connection.execute(INDEXES).fetchall() == indexes
        stored = fingerprints.read(connection, ids[0], frames=100)
        assert stored is not None
        assert len(stored.faces) == len(clips[0].faces)
    answer = answer_document(service, owner, clips[1])
    assert [match["entry_id"] for match in answer["matches"]] == [entries[1]]


def test_a_load_that_fails_leaves_all_as_it_was(service: Service, owner: Caller) -> None:
    clip = drawn.clip("clip")
    register_entry(service, owner, Registration(fakes=[clip]))
    with service.pool.transaction() as connection:
        indexes = connection.execute(INDEXES).fetchall()
    with (
        pytest.raises(ZeroDivisionError),
        service.pool.transaction() as connection,
        bulk.deferred(connection, memory_mb=64),
    ):
        raise ZeroDivisionError
    with service.pool.transaction() as connection:
        assert connection.execute(INDEXES).fetchall() == indexes
    assert answer_document(service, owner, clip)["matches"]


def _assets(connection: Any, entries: list[str]) -> list[UUID]:
    query = "SELECT asset_id FROM entry_asset WHERE entry_id = %s"
    return [connection.execute(query, [entry_id]).fetchone()["asset_id"] for entry_id in entries]
