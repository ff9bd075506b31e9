"""A second version of the model: kept media is read again in the background, and both are answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from registry.app.commands import main
from registry.app.service.bootstrap import bootstrap
from registry.app.service.sweep import sweep
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model import algorithms
from registry.catalogue.fingerprints.model.algorithms import SSCD
from registry.catalogue.fingerprints.model.document import from_document, to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.service import end_refingerprinting, get_version, retire_version
from registry.catalogue.media.service.uploads import Upload
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.matching.lookups.service.answers import answer_document
from tests.support.decoding import in_this_process
from tests.support.media import clips as media
from tests.support.service.as_worker import as_worker
from workers.hashers import catalogue
from workers.hashers.base import Hashed, Hasher
from workers.hashers.pdq import Pdq
from workers.media.picture import Pixels
from workers.pipeline import fingerprint as pipeline
from workers.tasks.fingerprints import fingerprint_asset, refingerprint_asset

SECOND = replace(SSCD, name="sscd.2", source="a drawing of this test")


class _Sketch:
    """A model of 512 dimensions that takes no time: the small picture, seen along drawn directions."""

    mirrored = False

    def __init__(self, algorithm: algorithms.Algorithm, seed: int) -> None:
        self.algorithm = algorithm
        self._directions = np.random.default_rng(seed).standard_normal((512, 16 * 16 * 3))

    def available(self) -> str | None:
        return None

    def compute(self, pixels: Pixels) -> Hashed:
        small = cv2.resize(pixels, (16, 16), interpolation=cv2.INTER_AREA).astype(np.float64).ravel()
        vector = self._directions @ (small - small.mean())
        return Hashed((vector / np.linalg.norm(vector)).astype("<f2").tobytes())

    def compute_pair(self, pixels: Pixels) -> tuple[Hashed, Hashed]:
        return self.compute(pixels), self.compute(pixels[:, ::-1])


OLD, NEW = _Sketch(SSCD, 1), _Sketch(SECOND, 2)


@pytest.fixture(autouse=True)
def two_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that asks by the first and knows the second."""
    in_this_process(monkeypatch)
    monkeypatch.setitem(algorithms.BY_NAME, SECOND.name, SECOND)
    monkeypatch.setattr(catalogue, "COMING", (NEW,))


@pytest.fixture
def service(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """This process as a worker. The broker is away: nobody else takes the jobs."""
    with as_worker(database_url, tmp_path, monkeypatch) as found:
        yield found


@pytest.fixture
def owner(service: Service) -> Caller:
    return authenticate(service, bootstrap(service) or "")


def _clip(folder: Path, name: str) -> Path:
    path = folder / f"{name}.mp4"
    media.encode(path, media.panning(name, 320, 240, 30), rate=10)
    return path


def _register(service: Service, owner: Caller, path: Path) -> None:
    blob = service.blobs.put(BytesIO(path.read_bytes()), limit=1 << 24)
    register_entry(service, owner, Registration(fakes=[Upload(blob, path.name)], manipulation="edited"))
    assert _work(service, "fingerprint_asset") == 1


def _work(service: Service, task: str) -> int:
    """Do the jobs of a task that wait."""
    with service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT job_id, queue FROM job WHERE status = 'queued' AND task = %s", [task]
        ).fetchall()
    for row in rows:
        (fingerprint_asset if task == "fingerprint_asset" else refingerprint_asset)(str(row["job_id"]))
    assert task != "refingerprint_asset" or all(row["queue"] == "bulk" for row in rows)
    return len(rows)


def _query(path: Path, *hashers: Hasher) -> Fingerprint:
    """What a client sends that has nothing but the vectors of these versions: no hash finds it anything."""
    said = pipeline.fingerprint_file(path, faces=False, audio=False, hashers=(Pdq(), *hashers))
    bare = tuple(
        replace(frame, pdq=None, quality=100) for frame in said.frames if frame.sscd and frame.quality >= 50
    )
    names = tuple(hasher.algorithm.name for hasher in hashers)
    document = to_document(replace(said, frames=bare, algorithms=names), faces=False)
    return from_document(document)


def _found(service: Service, owner: Caller, asked: Fingerprint) -> list[str]:
    answer = answer_document(service, owner, replace(asked, media=replace(asked.media, sha256="0" * 64)))
    assert all(match["signals"]["frames"]["sscd"] > 0.9 for match in answer["matches"])
    return [match["title"] for match in answer["matches"]]


def _models(service: Service) -> dict[str, int]:
    with service.pool.transaction() as connection:
        rows = connection.execute("SELECT model, count(*) AS n FROM frame_vector GROUP BY 1").fetchall()
    return {row["model"]: row["n"] for row in rows}


def _run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["refingerprint", *arguments])
    return done.exit_code, done.stdout


@pytest.mark.slow
def test_both_versions_are_answered_while_kept_media_is_read_again(
    service: Service, owner: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "HASHERS", (*catalogue.HASHERS[:2], OLD))
    first, second = _clip(tmp_path, "coffee"), _clip(tmp_path, "chelsea")
    by_old, by_new = {}, {}
    for path in (first, second):
        by_old[path], by_new[path] = _query(path, OLD), _query(path, NEW)
    assert by_new[first].model == SECOND.name
    _register(service, owner, first)

    def answers(path: Path) -> tuple[int, int]:
        return len(_found(service, owner, by_old[path])), len(_found(service, owner, by_new[path]))

    assert answers(first) == (1, 0)
    status, printed = _run(SECOND.name)
    assert (status, printed) == (0, "sscd.2, requested: 0 media have it, 1 kept ones lack it\n")
    assert answers(first) == (1, 0)
    _register(service, owner, second)
    assert answers(second) == (1, 0), "matchable at once, by the version that lookups ask by"
    assert _work(service, "refingerprint_asset") == 2, "what is registered meanwhile is read for both"
    assert answers(first) == answers(second) == (1, 1)
    counted = _models(service)
    assert counted[SSCD.name] == counted[SECOND.name]
    assert _found(service, owner, by_old[first]) != _found(service, owner, by_new[second])
    assert _run(SECOND.name, "--wait")[1].startswith("sscd.2, requested: 2 media have it, 0 kept ones")
    assert _work(service, "refingerprint_asset") == 0
    _next_release(monkeypatch)
    third = _clip(tmp_path, "astronaut")
    _register(service, owner, third)
    assert len(_found(service, owner, _query(third, NEW))) == 1
    assert answers(first) == (1, 1), "who still asks by the old version is answered"


def _next_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lookups and registrations go by the second version."""
    monkeypatch.setattr(catalogue, "HASHERS", (*catalogue.HASHERS[:2], NEW))


@pytest.mark.slow
def test_an_interrupted_reading_is_done_once_and_an_old_version_goes(
    service: Service, owner: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "HASHERS", (*catalogue.HASHERS[:2], OLD))
    path = _clip(tmp_path, "coffee")
    _register(service, owner, path)
    _run(SECOND.name)
    monkeypatch.setattr(catalogue, "COMING", ())
    assert _work(service, "refingerprint_asset") == 1, "a worker that does not know the version"
    with service.pool.transaction() as connection:
        job = connection.execute("SELECT status, dead, error_code FROM job WHERE task ~ '^refing'").fetchone()
        entry = connection.execute("SELECT status FROM entry").fetchone()
    assert job == {"status": "failed", "dead": True, "error_code": "no_sscd"}
    assert entry == {"status": "matchable"}, "it is no fault of the entry's"
    assert get_version(service, SECOND.name).failed == 1
    monkeypatch.setattr(catalogue, "COMING", (NEW,))
    assert _run(SECOND.name)[0] == 0, "asked again, it is tried again"
    assert _work(service, "refingerprint_asset") == 1
    assert get_version(service, SECOND.name).have == 1
    with pytest.raises(Conflict, match="Lookups use"):
        retire_version(service, SSCD.name)
    with pytest.raises(Conflict, match="being fingerprinted"):
        retire_version(service, SECOND.name)
    assert end_refingerprinting(service, SECOND.name)
    sweep(service)
    assert _run(SECOND.name, "--retire") == (0, "deleted sscd.2 of 1 media\n")
    assert set(_models(service)) == {SSCD.name}
    assert len(_found(service, owner, _query(path, OLD))) == 1


def test_the_command_line_names_unknown_values(service: Service) -> None:
    assert _run()[1].splitlines()[0].startswith("sscd.1 (used by lookups): 0 media")
    assert _run("pdq.2")[0] != 0
    assert _run("--wait")[0] == 2
