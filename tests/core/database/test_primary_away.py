"""The primary is killed amid lookups: they go on, say as of when, and none of their records is lost."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from registry.app.service.bootstrap import bootstrap
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.document import to_document
from registry.core.database.require_schema import require_schema
from registry.core.database.watch import STALE
from registry.core.errors import Unavailable
from registry.core.journal import REFUSED
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.matching.lookups.model import Origin
from registry.matching.lookups.service.answers import answer_document
from registry.matching.lookups.service.hashes import answer_hash_of, answer_hashes
from registry.matching.lookups.service.records import record_lookups
from registry.operations.service import drain_spool
from tests.support.matching.answers import answer_of
from tests.support.media import drawn
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import Api
from tests.support.service.replication import Database, Pair, hanging


@pytest.fixture
def database(replicated: Pair) -> Iterator[Database]:
    with replicated.database() as made:
        yield made


@contextmanager
def _killed(pair: Pair) -> Iterator[None]:
    """Within, the primary is dead."""
    pair.kill()
    try:
        yield
    finally:
        pair.primary.start()


@pytest.fixture
def service(database: Database, tmp_path: Path) -> Iterator[Service]:
    opened = database.service(tmp_path, spool_bytes=1 << 20)
    yield opened
    opened.close()


@pytest.fixture
def key(service: Service) -> str:
    made = bootstrap(service)
    assert made
    return made


@pytest.fixture
def owner(service: Service, key: str) -> Caller:
    return authenticate(service, key)


class Asking(threading.Thread):
    """A client that asks one thing after another until it is told to stop."""

    def __init__(self, client: httpx2.Client, questions: list[dict[str, Any]]) -> None:
        super().__init__()
        self.answers: list[dict[str, Any]] = []
        self.refused: list[tuple[int, str]] = []
        self.ending = False
        self._client = client
        self._questions = questions

    def run(self) -> None:
        while not self.ending:
            for question in self._questions:
                answer = self._client.post("/v1/lookups", json=question)
                if answer.status_code == 200:
                    self.answers.append(answer.json() | {"given": question["type"]})
                else:
                    self.refused.append((answer.status_code, answer.text))

    def dated(self) -> list[dict[str, Any]]:
        return [answer for answer in self.answers if "as_of" in answer]


def _questions(clip: Any) -> list[dict[str, Any]]:
    return [
        {"type": "hash", "algorithm": "pdq.1", "value": clip.frames[0].pdq.hex()},
        {"type": "hash", "algorithm": "phash256.1", "value": "0f" * 32},
        {"type": "sha256", "sha256": clip.media.sha256},
        {"type": "document", "document": to_document(clip, faces=True)},
    ]


def test_lookups_go_on_without_the_primary_and_every_record_arrives_once(
    replicated: Pair, database: Database, tmp_path: Path
) -> None:
    """Two processes of the service, four clients; the primary is killed, and comes back."""
    urls = {"FAKEPRINT_REPLICA_URLS": database.replica_url}
    began = datetime.now(UTC)
    with processes.running(database.url, tmp_path, "--workers", "2", environment=urls) as api:
        clip = drawn.clip("goes on", face="a")
        with api.service() as service:
            register_entry(service, authenticate(service, api.key), Registration(fakes=[clip]))
        database.catch_up()
        with _asking(api, clip) as clients:
            _until(lambda: all(len(client.answers) > 20 for client in clients))
            assert [client.refused for client in clients] == [[]] * 4
            assert not any(client.dated() for client in clients)
            with _killed(replicated):
                _until(lambda: all(len(client.dated()) > 20 for client in clients))
                _says_that_it_is_away(api, began)
            _until(lambda: not any("as_of" in client.answers[-1] for client in clients))
            _until(lambda: _spooled(api) == 0)
        assert [client.refused for client in clients] == [[]] * 4
        answers_by_id = {answer["lookup_id"]: answer for client in clients for answer in client.answers}
        assert len(answers_by_id) == sum(len(client.answers) for client in clients)
        _until(lambda: database.on_primary("SELECT count(*) FROM lookup") >= len(answers_by_id))
        recorded = database.on_primary("SELECT jsonb_object_agg(lookup_id, input) FROM lookup")
        assert recorded == {lookup_id: answer["given"] for lookup_id, answer in answers_by_id.items()}
        _tells_again_what_it_told(api, [client.dated()[3] for client in clients])
        for client in clients:
            _sane(client, began)


@contextmanager
def _asking(api: Api, clip: Any) -> Iterator[list[Asking]]:
    with ExitStack() as stack:
        opened = [stack.enter_context(api.client(api.key)) for _ in range(4)]
        clients = [Asking(client, _questions(clip)) for client in opened]
        for item in clients:
            item.start()
        try:
            yield clients
        finally:
            for item in clients:
                item.ending = True
            for item in clients:
                item.join(60)


def _until(condition: Callable[[], bool]) -> None:
    services.wait_until(condition, 120)


def _says_that_it_is_away(api: Api, began: datetime) -> None:
    """Health, metrics and what cannot be done now."""
    with api.client(api.key) as client:
        refused = client.post("/v1/banks", json={"name": "new"})
        assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
        assert int(refused.headers["retry-after"]) > 0
        ready = client.get("/health/ready")
        assert (ready.status_code, ready.json()["ready"]) == (200, True)
        assert ready.json()["checks"]["database"]["ok"] is False
        assert began < datetime.fromisoformat(ready.json()["as_of"]) < datetime.now(UTC)
        assert ready.json()["spool_bytes"] > 0
        told = client.get("/metrics").text
        assert "fakeprint_primary_away 1.0" in told
        assert 'fakeprint_replica_answers{replica="replica1"} 0.0' in told


def _spooled(api: Api) -> int:
    with api.client(None) as client:
        return int(client.get("/health/ready").json()["spool_bytes"])


def _tells_again_what_it_told(api: Api, answers: list[dict[str, Any]]) -> None:
    with api.client(api.key) as client:
        for answer in answers:
            shown = client.get(f"/v1/lookups/{answer['lookup_id']}").json()
            assert shown == {name: value for name, value in answer.items() if name != "given"}


def _sane(client: Asking, began: datetime) -> None:
    """Each kind of lookup was answered while it was away, and found what it finds otherwise."""
    found = {
        dated: {
            (answer["given"], bool(answer["matches"]))
            for answer in client.answers
            if ("as_of" in answer) is dated
        }
        for dated in (True, False)
    }
    assert found[True] == found[False]
    times = [datetime.fromisoformat(answer["as_of"]) for answer in client.dated()]
    assert began < min(times) <= max(times) < datetime.now(UTC)


def test_a_restriction_that_is_known_is_kept_to_though_no_replica_has_it(
    replicated: Pair, database: Database, service: Service, owner: Caller, key: str
) -> None:
    clip = drawn.clip("known to be withdrawn")
    register_entry(service, owner, Registration(fakes=[clip]))
    database.settle(service)
    with database.paused():
        database.on_primary("UPDATE entry SET status = 'withdrawn'")
        assert answer_document(service, owner, clip)["matches"] == []
        with _killed(replicated):
            with pytest.raises(Unavailable) as caught:
                answer_document(service, owner, clip)
            assert caught.value.code == "database_unavailable"
            with pytest.raises(Unavailable):
                authenticate(service, key)


def test_a_process_starts_without_the_primary_and_calls_no_key_unknown(
    replicated: Pair, database: Database, service: Service, owner: Caller, key: str, tmp_path: Path
) -> None:
    register_entry(service, owner, Registration(fakes=[drawn.clip("before")]))
    database.settle(service)
    with _killed(replicated):
        require_schema(service.settings)
        late = database.service(tmp_path / "late")
        answer = answer_document(late, authenticate(late, key), drawn.clip("before"))
        assert answer["matches"]
        assert datetime.fromisoformat(answer["as_of"]) < datetime.now(UTC)
        late.close()
        assert authenticate(service, key) == owner
        with pytest.raises(Unavailable, match="do not know this API key"):
            authenticate(service, "fp_nobody")
        with pytest.raises(Unavailable, match="do not know this API key"):
            answer_hash_of(service, "fp_nobody", "pdq.1", "00" * 32)


def test_a_primary_that_hangs_is_away(
    replicated: Pair, database: Database, service: Service, owner: Caller, key: str
) -> None:
    """It is there, and says nothing: as on a disk that does not answer, or a network that is cut."""
    register_entry(service, owner, Registration(fakes=[drawn.clip("hangs")]))
    database.settle(service)
    with hanging(replicated.primary):
        time.sleep(STALE)
        answer = answer_document(service, authenticate(service, key), drawn.clip("hangs"))
        assert answer["matches"]
        assert answer["as_of"]
        assert service.journal.waiting() > 0
    services.wait_until(lambda: "as_of" not in answer_hash_of(service, key, "pdq.1", "00" * 32)[1], 20)
    assert drain_spool(service) > 0
    assert answer_of(service, owner, UUID(answer["lookup_id"])) == answer


def test_a_full_spool_refuses_lookups_until_it_was_drained(
    replicated: Pair, database: Database, service: Service, owner: Caller, key: str
) -> None:
    database.settle(service)
    notifications: list[Any] = []
    with _killed(replicated):
        while service.settings.spool_bytes - service.journal.waiting() > 100_000:
            notifications += answer_hashes(service, key, "pdq.1", ["00" * 32] * 100)[1]
        with pytest.raises(Unavailable) as caught:
            answer_hashes(service, key, "pdq.1", ["00" * 32] * 500)
        assert caught.value.code == "spool_full"
        notifications += answer_hashes(service, key, "pdq.1", ["00" * 32])[1]
        assert service.journal.waiting() <= service.settings.spool_bytes
        with pytest.raises(Unavailable):
            drain_spool(service)
    services.wait_until(lambda: _drains(service), 20)
    assert database.on_primary("SELECT count(*) FROM lookup") == len(notifications)
    answer_hashes(service, key, "pdq.1", ["00" * 32])
    assert answer_of(service, owner, UUID(notifications[-1]["lookup_id"])) == notifications[-1]
    at = database.on_primary("SELECT max(answered_at) FROM lookup WHERE answer ? 'as_of'")
    assert at < database.on_primary("SELECT pg_postmaster_start_time()"), "when it was answered, not recorded"


def _drains(service: Service) -> bool:
    try:
        drain_spool(service)
    except Unavailable:
        return False
    return service.journal.waiting() == 0


def test_a_drain_that_is_killed_is_begun_again(
    replicated: Pair, database: Database, owner: Caller, tmp_path: Path
) -> None:
    """What a killed API left, its last line torn; the command is killed when it has recorded some of it."""
    spooling = database.service(tmp_path, spool_bytes=1 << 26)
    database.settle(spooling)
    answer: Any = {"verdict": "no_match", "matches": [], "as_of": "2026-01-01T00:00:00.000Z"}
    made: list[Any] = [{**answer, "lookup_id": str(uuid4())} for _ in range(10_000)]
    stranger: Any = {**answer, "lookup_id": str(uuid4())}
    with _killed(replicated):
        services.wait_until(lambda: bool(spooling.replicas and spooling.replicas.primary.is_away()), 10)
        for start in range(0, len(made), 500):
            record_lookups(spooling, made[start : start + 500], Origin(owner.caller_id, "hash"))
        record_lookups(spooling, [stranger], Origin(uuid4(), "hash"))
    spooling.journal.release()
    spooling.close()
    (segment,) = (tmp_path / "spool").glob("*.spool")
    whole = segment.read_bytes()
    segment.write_bytes(whole + whole[: len(whole.splitlines()[0]) // 2])
    environment = processes.variables(spooling.settings)
    count = "SELECT count(*) FROM lookup"
    with services.running(processes.command("drain"), tmp_path / "log", environment) as process:
        services.wait_until(lambda: database.on_primary(count) > 0, 30, process, tmp_path / "log")
        process.kill()
        process.wait(services.PATIENCE)
    text = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
    services.wait_until(lambda: database.on_primary(text) == 1, 10)
    assert 0 < database.on_primary(count) < len(made)
    assert segment.exists()
    assert _drain(environment) == f"recorded {len(made)} lookups\n"
    ids = database.on_primary("SELECT jsonb_agg(lookup_id) FROM lookup")
    assert sorted(ids) == sorted(str(item["lookup_id"]) for item in made)
    (refused,) = (tmp_path / "spool").iterdir()
    assert refused.suffix == REFUSED
    assert str(stranger["lookup_id"]) in refused.read_text()
    assert _drain(environment) == "recorded 0 lookups\n"


def _drain(environment: dict[str, str]) -> str:
    done = subprocess.run(
        processes.command("drain"), env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
