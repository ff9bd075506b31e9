"""The primary is lost for good: the runbook's failover, under processes that are never restarted."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from PIL import Image

from registry.core.errors import BadInput
from registry.core.messaging.queues import pgmq_database
from registry.core.settings import Settings
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.support.documents import runbook
from tests.support.media import clips as media
from tests.support.service import api as processes
from tests.support.service import replication, stack
from tests.support.service import servers as services
from tests.support.service.api import Api
from tests.support.service.replication import Database, Pair


def _until(condition: Callable[[], bool]) -> None:
    services.wait_until(condition, 120)


def _both(pair: Pair, database: Database) -> str:
    """One address of both servers: whichever takes writes."""
    name = psycopg.conninfo.conninfo_to_dict(database.url)["dbname"]
    secret = pair.primary.password.read_text().strip()
    hosts = f"{pair.primary.sockets},{pair.replica.sockets}"
    return f"postgresql://fakeprint:{secret}@/{name}?host={hosts}&target_session_attrs=read-write"


@contextmanager
def _served(pair: Pair, database: Database, broker_url: str, folder: Path) -> Iterator[Api]:
    """API and workers that know both servers, and read from whichever is a replica."""
    urls = f"{database.url} {database.replica_url}"
    with processes.running(
        _both(pair, database), folder, broker_url=broker_url, replica_urls=urls, lease_seconds=5
    ) as api:
        command = processes.command("worker", "--queues", "media,control", "--beat")
        log = folder / "worker.log"
        with services.running(command, log, processes.variables(api.settings)):
            yield api


class Looking(threading.Thread):
    """Asks one digest after another, and keeps how that went."""

    def __init__(self, client: httpx2.Client, sha256: str) -> None:
        super().__init__()
        self.answers: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.ending = threading.Event()
        self._client = client
        self._question = {"type": "sha256", "sha256": sha256}

    def run(self) -> None:
        while not self.ending.wait(0.02):
            answer = self._client.post("/v1/lookups", json=self._question)
            if answer.status_code == 200:
                self.answers.append(answer.json())
            else:
                self.refused.append(answer.text)


@contextmanager
def _looking(api: Api, sha256: str) -> Iterator[Looking]:
    with api.client(api.key) as client:
        thread = Looking(client, sha256)
        thread.start()
        try:
            yield thread
        finally:
            thread.ending.set()
            thread.join(60)


def _picture(seed: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(media.drawn(320, 240, seed)).save(out, "PNG")
    return out.getvalue()


def _registered(client: httpx2.Client, seed: int) -> dict[str, Any]:
    answer = client.post("/v1/entries", files={"fake": (f"{seed}.png", _picture(seed), "image/png")})
    assert answer.status_code in {201, 202}, answer.text
    return dict(answer.json())


def _matchable(client: httpx2.Client, entry: dict[str, Any]) -> bool:
    shown = client.get(f"/v1/entries/{entry['entry_id']}").json()
    assert shown["status"] != "failed", shown
    return bool(shown["status"] == "matchable")


def _refused(client: httpx2.Client) -> None:
    """Registrations, while nothing takes writes: clearly, and to be sent again."""
    answer = client.post("/v1/entries", files={"fake": ("2.png", _picture(2), "image/png")})
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert int(answer.headers["retry-after"]) > 0


def _verified(api: Api, checkpoint: Path) -> stack.Ran:
    words = runbook.commands("**4. Was anything lost?**").replace('"$CHECKPOINT"', str(checkpoint)).split()
    settings = {"FAKEPRINT_URL": api.url, "FAKEPRINT_KEY": api.key}
    return stack.fakeprint(*words[1:], "--key", _ledger_key(api), **settings)


def _ledger_key(api: Api) -> str:
    with api.client(api.key) as client:
        return str(client.get("/v1/ledger").json()["keys"][0]["key"])


def _cut(database: Database) -> None:
    """The replica receives no more: what the primary commits now is lost with it."""
    database.catch_up()
    database.on_replica("ALTER SYSTEM SET primary_conninfo = ''")
    database.on_replica("SELECT pg_reload_conf()")
    _until(lambda: database.on_replica("SELECT count(*) FROM pg_stat_wal_receiver") == 0)


def _signed_after(client: httpx2.Client, folder: Path, size: int) -> Path:
    """A checkpoint of more leaves than `size`, as a subscriber keeps it. A new ledger has none."""
    path = folder / "kept.checkpoint"

    def signed() -> bool:
        answer = client.get("/v1/ledger/checkpoint")
        path.write_text(answer.text)
        return answer.status_code == 200 and int(answer.text.splitlines()[1]) > size

    _until(signed)
    return path


def test_failover_by_the_runbook_restarts_no_process(redis: str, tmp_path: Path) -> None:
    with ExitStack() as stacked:
        pair = stacked.enter_context(replication.pair())
        database = Database(pair.primary.url, pair.replica.url)
        api = stacked.enter_context(_served(pair, database, redis, tmp_path))
        client = stacked.enter_context(api.client(api.key))
        first = _registered(client, 1)
        _until(lambda: _matchable(client, first))
        known = first["assets"][0]["sha256"]
        _until(lambda: client.get("/health/ready").json()["replicas"][1]["ok"])
        with _looking(api, known) as looking:
            _until(lambda: len(looking.answers) > 20)
            _cut(database)
            size = client.get("/v1/ledger").json()["signed_size"]
            lost = client.post("/v1/banks", json={"name": "lost"})
            assert lost.status_code == 201
            kept = _signed_after(client, tmp_path, size)
            assert _verified(api, kept).status == 0
            pair.kill()
            _until(lambda: len([answer for answer in looking.answers if "as_of" in answer]) > 20)
            _refused(client)

            at = {"PGDATA": str(pair.primary.data), "REPLICA": replication.address(pair.replica, "postgres")}
            replication.run(pair.replica, runbook.commands("**1. Fence the old primary.**"), **at)
            assert "/" in replication.run(pair.replica, runbook.commands("**2. Choose.**"), **at)
            promoted = replication.run(pair.replica, runbook.commands("**3. Promote**"), **at)
            assert promoted.splitlines()[0] == "t"

            _until(lambda: client.post("/v1/banks", json={"name": "after"}).status_code in {201, 409})
            second = _registered(client, 2)
            assert second["created"], "of what was refused there is no trace"
            _until(lambda: _matchable(client, second))
            count = len(looking.answers)
            _until(lambda: len(looking.answers) > count + 20)
            assert "as_of" not in looking.answers[-1]
            _tells_of_the_dead_one_alone(client)

            pair.primary.start()  # whoever starts it: it is fenced
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                database.on_primary("CREATE TABLE split_brain ()")
            pair.primary.stop()
            replication.run(pair.replica, runbook.commands("**5. Bring the old one back**"), **at)
            pair.primary.start()
            _until(lambda: client.get("/health/ready").json()["replicas"][0]["ok"])
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                database.on_primary("CREATE TABLE split_brain ()")
        assert looking.refused == []
        assert all(answer["matches"] for answer in looking.answers), "what is known was found throughout"
        banks = {bank["name"] for bank in client.get("/v1/banks").json()["banks"]}
        assert banks >= {"after"}
        assert "lost" not in banks
        _tells_of_the_loss(api, kept)


def _tells_of_the_dead_one_alone(client: httpx2.Client) -> None:
    """The second address leads to the primary by now, which is no replica that is missed."""
    first, second = client.get("/health/ready").json()["replicas"]
    assert (first["ok"], second["ok"]) == (False, False)
    assert "it is the primary itself" in second["detail"]
    told = client.get("/metrics").text
    assert '\nfakeprint_replica_answers{replica="replica1"} 0.0\n' in told
    assert 'replica="replica2"' not in told


def _tells_of_the_loss(api: Api, kept: Path) -> None:
    """What was lost is told; the ledger goes on under another name, and no sooner."""
    result = _verified(api, kept)
    assert result.status == 1
    assert "ALTERED" in result.stdout
    _until(lambda: "THE LEDGER WAS ALTERED" in (api.settings.data / "worker.log").read_text())
    renamed = api.settings.model_copy(update={"ledger_origin": "registry.example/ledger-2"})
    with processes.Api(api.url, api.key, renamed, api.log, api.pid).service() as service:
        _until(lambda: _signs(service))


def _signs(service: Any) -> bool:
    sequence_events(service)
    kept = service.settings.data / "ledger"
    return any(b"registry.example/ledger-2" in path.read_bytes() for path in kept.iterdir() if path.is_file())


def test_the_broker_on_postgresql_does_not_guess_among_hosts() -> None:
    chosen = Settings(database_url="postgresql://x@a,b/x?target_session_attrs=read-write")
    with pytest.raises(BadInput, match="one host") as caught:
        pgmq_database(chosen)
    assert caught.value.code == "bad_broker_url"
