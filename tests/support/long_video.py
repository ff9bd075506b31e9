"""A long video that is read in segments, with this process as the worker."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from registry.catalogue.entries.schemas.registration import Registered
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.media.service.uploads import Upload
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.service.jobs import claim_job
from tests.support.decoding import in_this_process
from tests.support.media import clips as media
from tests.support.service.as_worker import as_worker
from workers.errors import NotDivisible
from workers.hashers import catalogue
from workers.media import sampling
from workers.pipeline import registration as registering
from workers.runtime import shutdown
from workers.tasks.fingerprints import fingerprint_asset, fingerprint_segment


@contextmanager
def worker(database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Use this process as a worker that treats six seconds as a long video. No other worker takes the
    jobs."""
    monkeypatch.setattr(shutdown, "_SHARED", mmap.mmap(-1, 1))
    in_this_process(monkeypatch)
    monkeypatch.setattr(sampling, "CHAPTER", 2.0)
    monkeypatch.setattr(registering, "GO_ON", 0)  # one job for each message
    usable = catalogue.usable()[:2]
    monkeypatch.setattr(catalogue, "usable", lambda: usable)
    chosen = {"LEASE_SECONDS": "20", "MAX_ATTEMPTS": "2", "SPLIT_SECONDS": "4"}
    with as_worker(database_url, folder, monkeypatch, **chosen) as found:
        yield found


def draw(path: Path) -> Path:
    """Create a video of six seconds with a keyframe each second."""
    return media.encode(path, media.panning("coffee", 192, 108, 60), rate=10, options={"g": "10"})


def divided(service: Service, caller: Caller, clip: Path) -> Any:
    """Register the video as an entry and divide it, so that its segments wait."""
    found = register(service, caller, clip)
    fingerprint_asset(job_of(service, "fingerprint_asset"))
    return found.entry_id


def register(service: Service, caller: Caller, clip: Path) -> Registered:
    with clip.open("rb") as stream:
        blob = service.blobs.put(stream, limit=1 << 24)
    return register_entry(
        service, caller, Registration(fakes=[Upload(blob, "long.mp4")], manipulation="edited")
    )


def rows(service: Service, statement: str) -> list[dict[str, Any]]:
    with psycopg.connect(service.settings.database_url, row_factory=psycopg.rows.dict_row) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def jobs_of(service: Service, task: str) -> list[str]:
    """Return the waiting jobs of a task, in the order of the segments."""
    found = rows(
        service,
        "SELECT j.job_id, j.task FROM job j LEFT JOIN segment s ON s.segment_id = j.subject_id"
        " WHERE j.status = 'queued' ORDER BY s.number",
    )
    return [str(row["job_id"]) for row in found if row["task"] == task]


def job_of(service: Service, task: str) -> str:
    (found,) = jobs_of(service, task)
    return found


def read_all(service: Service) -> None:
    for job_id in jobs_of(service, "fingerprint_segment"):
        fingerprint_segment(job_id)


def fingerprints(service: Service) -> list[dict[str, Any]]:
    return rows(
        service,
        "SELECT time_s, duration_s, view, phash256, pdq FROM frame_fingerprint ORDER BY time_s, view, pdq",
    )


def left(service: Service) -> list[Any]:
    return [
        *rows(service, "SELECT * FROM division"),
        *rows(service, "SELECT * FROM segment"),
        *rows(service, "SELECT * FROM job WHERE task = 'fingerprint_segment'"),
    ]


def asset(service: Service, caller: Caller, entry_id: Any) -> dict[str, Any]:
    return show_entry(service, caller, entry_id).assets[0].model_dump()


def claimed(service: Service, job_id: str) -> Job:
    job = claim_job(service, UUID(job_id))
    assert job is not None
    return job


def refusing(*_given: object) -> bytes:
    raise NotDivisible("No.")
