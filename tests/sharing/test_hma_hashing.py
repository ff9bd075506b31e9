"""Files that a worker hashes while their request waits."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from registry.app.service.bootstrap import bootstrap
from registry.catalogue.media.service.uploads import Upload
from registry.core.errors import BadMedia
from registry.core.service import Service
from registry.identity.callers.service.keys import authenticate
from registry.sharing.hma.service.signals import get_hashing, queue_hashing
from tests.support.media import clips as media
from tests.support.service.as_worker import as_worker
from workers.runtime import shutdown
from workers.tasks import hash_file


@pytest.fixture
def service(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(shutdown, "_SHARED", mmap.mmap(-1, 1))
    with as_worker(database_url, tmp_path, monkeypatch) as found:
        yield found


@pytest.mark.slow
def test_a_video_too_long_to_wait_for_is_refused_before_it_is_decoded(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hash_file, "LONGEST", 2.0)
    clip = media.clip(tmp_path / "clip.mp4", seconds=3, size=(64, 64))
    owner = authenticate(service, bootstrap(service) or "")
    with clip.open("rb") as stream:
        upload = Upload(service.blobs.put(stream, limit=1 << 24), "clip.mp4")
    hashing_id = queue_hashing(service, owner, upload, "video")
    with psycopg.connect(service.settings.database_url) as connection:
        row = connection.execute("SELECT job_id FROM job WHERE task = 'hash_file'").fetchone()
    assert row
    hash_file.hash_file(str(row[0]))
    found = get_hashing(service, owner, hashing_id)
    assert (found.status, found.error_code) == ("failed", "video_too_long")
    problem = BadMedia.of_code(found.error_code or "", found.error_message or "").problem()
    assert problem["status"] == 422
    assert "types=video_md5" in problem["next_step"]
