"""Read the photo of a proposed person."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from registry.core.errors import BadMedia
from registry.core.service import Service
from registry.jobs import Job
from registry.persons.photos import model as photo
from registry.persons.photos.model import Reading
from registry.persons.photos.service import open_photo, save_reading
from workers.app import task
from workers.media.limits import Limits
from workers.pipeline import walled
from workers.runtime.lease import Progress
from workers.runtime.perform import perform

SECONDS: Final = 60
"""Seconds of CPU that one photo may take."""
_TOO_LARGE: Final = "too_large"


@task("fakeprint.read_photo")
def read_photo(job_id: str) -> None:
    """Run the job with this id."""
    perform(job_id, _read)


def _read(service: Service, job: Job, path: Path, _progress: Progress) -> None:
    raw = open_photo(service, job, path)
    save_reading(service, job, None if raw is None else _seen(raw, Limits.of(service.settings)))


def _seen(raw: bytes, limits: Limits) -> Reading | photo.Reason:
    """Return what the photo shows, or why it could not be read."""
    try:
        with _in_memory(raw) as path, walled.opened(path, limits, seconds=SECONDS) as decoding:
            return decoding.photo()
    except BadMedia as error:
        return "too_large" if error.code == _TOO_LARGE else "unreadable"


@contextmanager
def _in_memory(raw: bytes) -> Iterator[Path]:
    """Yield a path to the bytes, which are never on a disk."""
    descriptor = os.memfd_create("photo", os.MFD_CLOEXEC)
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(raw)
        yield Path(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)
