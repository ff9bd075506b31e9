"""Lookups that keyframes settle, and those they do not: by a worker, by document, by the command line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args
from uuid import UUID, uuid4

import httpx2
import psycopg
import pytest
from PIL import Image

from registry.app.service.bootstrap import bootstrap
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.service.retention import sweep_blobs
from registry.catalogue.media.service.uploads import Upload
from registry.core.errors import BadMedia
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.jobs.service import queue
from registry.jobs.service.turns import claim_in_turn, hand_over
from registry.matching.decision.model.keyframe_answers import Effort
from registry.matching.lookups.model import Answer, Options
from registry.matching.lookups.service.records import queue_lookup, seen
from registry.matching.lookups.store import sightings
from registry.matching.watches.service.watches import list_watches
from tests.support import persons as protected
from tests.support import steps
from tests.support.matching.answers import answer_of
from tests.support.media import clips as media
from tests.support.media import drawn, sounds
from tests.support.service.as_worker import as_worker
from tests.support.service.stack import Stack
from workers.pipeline import walled
from workers.pipeline.fingerprint import fingerprint_file
from workers.runtime.perform import IN_TURN
from workers.tasks import answer_lookup as answering
from workers.tasks.answer_lookup import answer_lookup
from workers.tasks.fingerprints import fingerprint_asset

pytestmark = pytest.mark.slow(89)

SEEN = seen("https://chat.example/c/1", None, None)
KEYED = ("-g", "20", "-c:v", "libx264", "-preset", "veryfast")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fake, a re-encode of it, another clip, and the fake for a while with the other after it."""
    folder = tmp_path_factory.mktemp("clips")
    media.clip(folder / "fake.mp4", "astronaut", seconds=12, size=(426, 240), rate=10)
    media.clip(folder / "coffee.mp4", "coffee", seconds=12, size=(426, 240), rate=10)
    media.ffmpeg("-i", folder / "coffee.mp4", *KEYED, folder / "other.mp4")
    media.ffmpeg("-i", folder / "fake.mp4", *KEYED, "-crf", "28", folder / "copy.mp4")
    both = "[0:v]trim=0:6[a];[1:v]trim=0:6,setpts=PTS-STARTPTS[b];[a][b]concat=2[v]"
    inputs = ("-i", folder / "fake.mp4", "-i", folder / "other.mp4")
    media.ffmpeg(*inputs, "-filter_complex", both, "-map", "[v]", *KEYED, folder / "report.mp4")
    return folder


@pytest.fixture
def worker(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """This process as a worker. The broker is away: nobody else takes the jobs."""
    with as_worker(database_url, tmp_path, monkeypatch) as found:
        yield found


@pytest.fixture
def owner(worker: Service) -> Caller:
    return authenticate(worker, bootstrap(worker) or "")


def received(service: Service, path: Path) -> Upload:
    with path.open("rb") as stream:
        return Upload(service.blobs.put(stream, limit=1 << 24), path.name)


def waiting(service: Service) -> str:
    """The id of the one job with media that is to be done."""
    with psycopg.connect(service.settings.database_url) as connection:
        query = "SELECT job_id FROM job WHERE status = 'queued' AND task <> ALL (%s)"
        ((job_id,),) = connection.execute(query, [["relate_entry", "hash_whole_file"]]).fetchall()
    return str(job_id)


def answered_lookup(service: Service, owner: Caller, path: Path, *, effort: Effort = "standard") -> Answer:
    """The answer of a worker to a file."""
    lookup_id = queue_lookup(service, owner, received(service, path), Options(effort=effort))
    answer_lookup(waiting(service))
    return answer_of(service, owner, lookup_id)


def test_a_worker_reads_no_more_than_it_takes(worker: Service, owner: Caller, clips: Path) -> None:
    """Unless asked to: `quick` ends where keyframes resemble nothing; what they resemble is decided as
    ever."""
    made = register_entry(worker, owner, Registration(fakes=[received(worker, clips / "fake.mp4")]))
    fingerprint_asset(waiting(worker))
    answers: dict[tuple[str, Effort], Answer] = {
        (name, effort): answered_lookup(worker, owner, clips / f"{name}.mp4", effort=effort)
        for name in ("copy", "other", "report")
        for effort in get_args(Effort)
    }
    seen = {asked: (answer["verdict"], answer["sampling"]) for asked, answer in answers.items()}

    copy = answers["copy", "standard"]
    assert (copy["verdict"], copy["sampling"], copy["notes"]) == ("known_fake", "keyframes", [])
    (match,) = copy["matches"]
    assert (match["entry_id"], match["relation"]) == (made.entry_id, "copy")
    assert match["signals"]["faces"]["same"] is True
    (span,) = match["spans"]
    assert span["query"] == pytest.approx([0, 12], abs=0.5)
    assert span["asset"] == pytest.approx([0, 12], abs=0.5)
    assert {seen["copy", effort] for effort in ("quick", "standard")} == {("known_fake", "keyframes")}
    assert seen["copy", "full"] == ("known_fake", "full")

    same = answered_lookup(worker, owner, clips / "fake.mp4")
    assert (same["verdict"], same["sampling"], same["notes"]) == ("known_fake", "digest", [])
    assert same["matches"][0]["exact"] is True
    assert same["matches"][0]["spans"][0]["query"] == pytest.approx([0, 12], abs=0.1)

    assert seen["other", "quick"] == ("no_match", "keyframes")
    assert {seen["other", effort] for effort in ("standard", "full")} == {("no_match", "full")}

    assert {seen["report", effort] for effort in get_args(Effort)} == {("known_fake", "full")}
    report = answers["report", "standard"]
    assert report["matches"][0]["spans"][0]["query"] == pytest.approx([0, 6], abs=0.6)


def test_all_of_a_file_is_read_after_a_quick_miss_that_is_watched(
    worker: Service, owner: Caller, clips: Path
) -> None:
    """Here the sound of a fake under other pictures, which keyframes do not show."""
    voice = sounds.speech(1, 12)
    fake = sounds.under(clips / "fake.mp4", voice, clips / "speaks.mp4")
    other = sounds.under(clips / "other.mp4", voice, clips / "dubbed.mp4", "-c:a", "aac", "-b:a", "48k")
    made = register_entry(worker, owner, Registration(fakes=[received(worker, fake)]))
    fingerprint_asset(waiting(worker))
    quick = Options(effort="quick", watch_days=7)
    lookup_id = queue_lookup(worker, owner, received(worker, other), quick, seen=SEEN)
    answer_lookup(waiting(worker))
    missed = answer_of(worker, owner, lookup_id)
    assert (missed["verdict"], missed["sampling"]) == ("no_match", "keyframes")
    assert "watch" not in missed
    assert list_watches(worker, owner).watches == []

    sweep_blobs(worker, unchanged_for=0)
    answer_lookup(waiting(worker))
    found = answer_of(worker, owner, UUID(missed["rest_lookup_id"]))
    assert (found["verdict"], found["sampling"]) == ("related", "full")
    assert [(match["entry_id"], match["relation"]) for match in found["matches"]] == [
        (made.entry_id, "audio")
    ]
    (watch,) = list_watches(worker, owner).watches
    assert (watch.lookup_id, watch.watch_id) == (missed["rest_lookup_id"], found["watch"]["watch_id"])
    assert answer_of(worker, owner, lookup_id) == missed
    with worker.pool.transaction() as connection:
        kept = [sightings.is_kept(connection, UUID(str(id_))) for id_ in (lookup_id, watch.lookup_id)]
    assert kept == [False, True]


def test_all_of_a_file_is_read_at_once_where_too_much_waits(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clips: Path
) -> None:
    """A watch that is no longer allowed when a file is read is left out."""
    monkeypatch.setattr(queue, "FRESH_SECONDS", 0.0)
    quick = Options(effort="quick", watch_days=7)
    with as_worker(database_url, tmp_path, monkeypatch, MOST_LOOKUPS="1") as busy:
        owner = authenticate(busy, bootstrap(busy) or "")
        asked = []
        for _ in range(2):
            asked.append(queue_lookup(busy, owner, received(busy, clips / "other.mp4"), quick))
            answer_lookup(str(uuid4()))
        first, second = (answer_of(busy, owner, lookup_id) for lookup_id in asked)
        rest_id = UUID(first["rest_lookup_id"])
        assert [watch.lookup_id for watch in list_watches(busy, owner).watches] == [str(asked[1])]
    assert [answer["sampling"] for answer in (first, second)] == ["keyframes", "full"]
    assert "rest_lookup_id" not in second
    with as_worker(database_url, tmp_path, monkeypatch, WATCH_DAYS="0") as strict:
        answer_lookup(waiting(strict))
        rest = answer_of(strict, owner, rest_id)
    assert rest["sampling"] == "full"
    assert "watch" not in rest


def test_a_file_that_was_handed_over_is_read_before_one_to_register(
    worker: Service, owner: Caller, tmp_path: Path
) -> None:
    """Somebody waits for it. It is not known yet."""
    path = tmp_path / "still.png"
    Image.radial_gradient("L").save(path)
    register_entry(worker, owner, Registration(fakes=[received(worker, path)]))
    registration = waiting(worker)
    lookup_id = queue_lookup(worker, owner, received(worker, path))
    job = claim_in_turn(worker, None, "interactive", IN_TURN)
    assert job
    hand_over(worker, job)
    fingerprint_asset(registration)
    assert answer_of(worker, owner, lookup_id)["verdict"] == "no_match"
    assert answered_lookup(worker, owner, path)["verdict"] == "known_fake"


def test_a_file_that_cannot_be_read_may_be_known_all_the_same(
    worker: Service, owner: Caller, clips: Path, tmp_path: Path
) -> None:
    """Where enrolled persons are looked for files are read whole; that must not hide a known fake."""
    broken = tmp_path / "broken.mp4"
    content = (clips / "fake.mp4").read_bytes()
    broken.write_bytes(content[: len(content) // 2])
    with pytest.raises(BadMedia) as unknown:
        answered_lookup(worker, owner, broken)
    sha256 = hashlib.sha256(broken.read_bytes()).hexdigest()
    register_entry(worker, owner, Registration(fakes=[steps.renamed(drawn.clip("body", face="ada"), sha256)]))
    protected.enrol(worker, owner, "ada")
    assert owner.searches_faces
    answer = answered_lookup(worker, owner, broken)
    assert (answer["verdict"], answer["sampling"]) == ("known_fake", "digest")
    assert answer["notes"] == ["faces_not_searched"]
    broken.write_bytes(content[: len(content) // 3])
    with pytest.raises(BadMedia) as still:
        answered_lookup(worker, owner, broken)
    assert still.value.code == unknown.value.code


def test_a_file_that_takes_long_holds_up_no_other(
    worker: Service, owner: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes to the queue of registrations, and is answered there."""
    options = {"preset": "veryfast", "g": "80"}
    clip = media.encode(
        tmp_path / "clip.mp4", media.panning("coffee", 960, 540, 720), rate=8, options=options
    )
    monkeypatch.setattr(answering, "AWAITED", 1)
    lookup_id = queue_lookup(worker, owner, received(worker, clip))
    answer_lookup(waiting(worker))
    with psycopg.connect(worker.settings.database_url) as connection:
        jobs = connection.execute("SELECT queue, status FROM job WHERE status <> 'done'").fetchall()
        messages = connection.execute("SELECT DISTINCT queue FROM outbox").fetchall()
    assert jobs == [("media", "queued")]
    assert ("media",) in messages
    answer_lookup(waiting(worker))
    answer = answer_of(worker, owner, lookup_id)
    assert (answer["verdict"], answer["sampling"]) == ("no_match", "full")


def test_a_small_file_that_takes_long_is_an_error_of_the_file(
    worker: Service, owner: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = media.clip(tmp_path / "clip.mp4", "coffee", seconds=150, size=(320, 180))
    assert clip.stat().st_size < 1_000_000
    monkeypatch.setattr(walled, "MOST_A_MEGABYTE", 1)
    with pytest.raises(BadMedia) as caught:
        answered_lookup(worker, owner, clip)
    assert (caught.value.code, caught.value.status) == ("timed_out", 422)


def _send(client: httpx2.Client, fingerprint: Fingerprint, **wanted: str) -> httpx2.Response:
    document = to_document(fingerprint, faces=True)
    return client.post("/v1/lookups", json={"type": "document", "document": document, **wanted})


def test_a_keyframe_document_is_settled_or_refused(admin: httpx2.Client, clips: Path) -> None:
    whole = fingerprint_file(clips / "fake.mp4")
    documents = [to_document(whole, faces=True)]
    assert admin.post("/v1/entries", json={"fakes": documents}).status_code == 201

    glance = fingerprint_file(clips / "copy.mp4", sampling="glance")
    refused = _send(admin, glance)
    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["wanted"]) == (422, "not_settled", "keyframes")

    closer = fingerprint_file(clips / "copy.mp4", sampling="keyframes", before=glance)
    answer = _send(admin, closer).json()
    assert (answer["verdict"], answer["sampling"]) == ("known_fake", "keyframes")
    assert admin.get(f"/v1/lookups/{answer['lookup_id']}").json() == answer

    unknown = fingerprint_file(clips / "other.mp4", sampling="keyframes")
    other = _send(admin, unknown).json()
    assert (other["code"], other["wanted"]) == ("not_settled", "full")
    assert _send(admin, closer, effort="full").json()["wanted"] == "full"
    missed = _send(admin, unknown, effort="quick").json()
    assert (missed["verdict"], missed["sampling"]) == ("no_match", "keyframes")
    bare = {"Content-Type": "application/vnd.fakeprint+json"}
    alone = admin.post("/v1/lookups?effort=quick", json=to_document(unknown, faces=True), headers=bare).json()
    assert (alone["verdict"], alone["sampling"]) == ("no_match", "keyframes")
    assert "keyframes_only" in {item["reason"] for item in missed["not_checked"]}
    assert _send(admin, whole).json()["sampling"] == "full"
    digest = admin.post("/v1/lookups", json={"type": "sha256", "sha256": whole.media.sha256}).json()
    assert digest["sampling"] == "digest"


def test_an_effort_that_does_not_exist_is_refused(admin: httpx2.Client, clips: Path) -> None:
    clip = (clips / "copy.mp4").read_bytes()
    sent = admin.post("/v1/lookups", files={"file": ("a.mp4", clip)}, data={"effort": "little"})
    asked = admin.post("/v1/lookups", json={"type": "document", "document": {}, "effort": "little"})
    for refused in (sent, asked):
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_input")
        assert "effort" in refused.text


def test_keyframes_are_not_registered(admin: httpx2.Client, clips: Path) -> None:
    document = to_document(fingerprint_file(clips / "copy.mp4", sampling="keyframes"), faces=True)
    refused = admin.post("/v1/entries", json={"fakes": [document]})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_document")
    assert "keyframes" in refused.json()["detail"]


def test_the_command_line_asks_with_keyframes_first(running_service: Stack, clips: Path) -> None:
    bank = f"bank {uuid4()}"
    assert running_service.fakeprint("admin", "bank", "add", bank).status == 0
    assert running_service.fakeprint("register", clips / "fake.mp4", "--bank", bank).status == 0
    paths = [clips / "copy.mp4", clips / "report.mp4", clips / "other.mp4"]
    done = running_service.fakeprint("lookup", *paths, "--bank", bank, "--json")
    assert (done.status, done.stderr) == (0, "")
    outcomes = [(line["verdict"], line["sampling"]) for line in done.lines]
    assert outcomes == [("known_fake", "keyframes"), ("known_fake", "full"), ("no_match", "full")]
    for more in ((), ("--upload",)):
        quick = running_service.fakeprint(
            "lookup", *paths, "--bank", bank, "--json", "--effort", "quick", *more
        )
        outcomes = [(line["verdict"], line["sampling"]) for line in quick.lines]
        assert outcomes == [("known_fake", "keyframes"), ("known_fake", "full"), ("no_match", "keyframes")]
    result = running_service.fakeprint("lookup", clips / "copy.mp4", "--bank", bank)
    assert "decided on its keyframes" in result.stdout
