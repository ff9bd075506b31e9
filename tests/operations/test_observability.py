"""One flow through real processes, seen from outside: its traces, its metrics, its logs."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, cast

import httpx2
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from registry.app.service.bootstrap import bootstrap
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.document import to_document
from registry.core.blobs import EncryptedBlobs, age_keys, open_blobs
from registry.core.errors import BadInput, Unauthenticated
from registry.core.service import Service
from registry.identity.callers.service.keys import authenticate
from registry.jobs.store import metrics
from registry.operations.service import look_up_canaries
from tests.support.media import clips as media
from tests.support.media import drawn
from tests.support.operations import forget_work_times
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import Api
from tests.support.takedown.endpoints import Endpoint, endpoint, says

NAME: Final = "Eileen Ibáñez-Núñez"
MAIL: Final = "victim.of.it@mail.example"
ADDRESS: Final = "https://forum.example/threads/4711-the-clip"
FILE: Final = "mayor-in-bed.mp4"
ELSEWHERE: Final = "203.0.113.77"
NOTE: Final = "la concejala en el vídeo no es ella"


@dataclass(frozen=True)
class Span:
    """One span as it was received."""

    name: str
    trace: str
    span: str
    parent: str
    attributes: dict[str, str]


def spans(collector: Endpoint) -> list[Span]:
    found = []
    for item in collector.received:
        for resource in ExportTraceServiceRequest.FromString(item.body).resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    attributes = {each.key: each.value.string_value for each in span.attributes}
                    ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
                    found.append(Span(span.name, *ids, attributes))
    return found


@dataclass(frozen=True)
class Seen:
    """What the flow left behind."""

    api: Api
    collector: Endpoint
    worker_log: Path
    secrets: dict[str, str]
    trace: str
    place: str


@pytest.fixture(scope="module")
def seen(
    embedded_postgres: services.PostgresServer, s3_store: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seen]:
    """Run an API and a worker with tracing, and encrypted media in a bucket. Do a registration, a lookup,
    a refused request, and a failing one."""
    folder = tmp_path_factory.mktemp("observed")
    with embedded_postgres.clone() as url, endpoint(says(200)) as collector:
        place = s3_store.replace("?", "/observed?")
        traced = {
            "FAKEPRINT_OTLP_URL": collector.url(""),
            "FAKEPRINT_BLOBS_URL": place,
            "FAKEPRINT_BLOBS_KEYS": age_keys.new_key(),
        }
        with processes.running(url, folder, environment=traced) as api:
            log = folder / "worker.log"
            command = processes.command("worker", "--queues", "media,interactive")
            with services.running(command, log, processes.variables(api.settings) | traced) as worker:
                trace = secrets.token_hex(16)
                key = _walk(api, folder, trace)
                services.wait_until(lambda: _names(collector, trace) >= WANTED, 60, worker, log)
                yield Seen(api, collector, log, {"key": key, "admin's key": api.key}, trace, place)


FREE: Final = b"\x00\x00\x00\x08free"
"""An empty box at the end of an MP4: the same pictures in another file, which a worker has to read."""
WANTED: Final = {"POST /v1/entries", "publish fakeprint.fingerprint_asset", "task fingerprint_asset"}


def _names(collector: Endpoint, trace: str) -> set[str]:
    return {span.name for span in spans(collector) if span.trace == trace}


def _walk(api: Api, folder: Path, trace: str) -> str:
    """Whose key it was."""
    clip = media.clip(folder / "clip.mp4", seconds=2, size=(320, 240), rate=5).read_bytes()
    with api.stranger("lookup", "register", "review", "takedown", "admin", "signals") as client:
        key = client.headers["authorization"].removeprefix("Bearer ")
        forwarded = {"X-Forwarded-For": ELSEWHERE, "User-Agent": f"browser of {MAIL}", "Referer": ADDRESS}
        made = client.post(
            "/v1/entries",
            data={"title": f"{NAME} {MAIL}"},
            files={"fake": (FILE, clip)},
            headers=forwarded | {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"},
        )
        assert made.status_code == 201, made.text
        entry = f"/v1/entries/{made.json()['entry_id']}"
        services.wait_until(lambda: client.get(entry).json()["status"] == "matchable", 90)
        response = client.post(
            "/v1/lookups", files={"file": (FILE, clip + FREE)}, headers=forwarded | {"Prefer": "wait=60"}
        )
        assert response.json()["verdict"] == "known_fake", response.text
        for refused in (
            client.post("/v1/lookups", json={"type": "sha256", "sha256": f"{NAME} {MAIL}"}),
            client.post("/v1/entries", json={"title": NOTE, "nonsense": ADDRESS}),
            client.get(f"/v1/entries/{MAIL}"),
            client.get(f"/{FILE}?who={MAIL}"),
            client.post("/v1/disputes", json={"entry_id": made.json()["entry_id"], "statement": NOTE}),
            httpx2.get(f"{api.url}/v1/entries", headers={"Authorization": f"Bearer {key[:-1]}x"}),
        ):
            assert refused.status_code >= 400
        broken = client.post("/v1/entries", data={"title": NOTE}, files={"fake": (FILE, clip[:-2000] + b"x")})
        assert broken.status_code == 201
        return key


def test_a_trace_goes_from_the_request_over_the_message_to_the_task_and_its_sql(seen: Seen) -> None:
    ours = [span for span in spans(seen.collector) if span.trace == seen.trace]
    (request,) = [span for span in ours if span.name == "POST /v1/entries"]
    (task,) = [span for span in ours if span.name == "task fingerprint_asset"]
    publish = [span for span in ours if span.name == "publish fakeprint.fingerprint_asset"]
    ids = {span.span: span for span in ours}
    assert request.attributes["http.route"] == "/v1/entries"
    assert publish
    for later in (task, *publish):
        ancestor = later
        while ancestor.span != request.span:
            ancestor = ids[ancestor.parent]
    statements = {span.parent for span in ours if span.name.startswith("sql ")}
    assert {request.span, task.span} <= statements
    assert task.attributes["fakeprint.outcome"] == "done"


def test_traces_and_logs_hold_no_personal_data(seen: Seen) -> None:
    private = {
        "name": NAME,
        "mail": MAIL,
        "address": ADDRESS,
        "file": FILE,
        "client's address": ELSEWHERE,
        "note": NOTE,
        **seen.secrets,
    }
    logs = seen.api.log.read_text() + seen.worker_log.read_text()
    content = "".join(
        f"{span.name} {json.dumps(span.attributes, ensure_ascii=False)}" for span in spans(seen.collector)
    )
    for text in (logs, content):
        assert [what for what, value in private.items() if value in text] == []
        assert "127.0.0.1:" not in text.replace(seen.api.url.removeprefix("http://"), "")
    lines = [json.loads(line) for line in logs.splitlines() if line.startswith("{")]
    assert {"job_id", "task_id"} <= {name for line in lines for name in line}
    assert any(line.get("route") == "/v1/entries" for line in lines), "and they do tell what was done"


def test_media_is_encrypted_in_the_bucket(seen: Seen) -> None:
    blobs = cast("EncryptedBlobs", open_blobs(seen.place, Path("/nowhere")))
    found = [item.name for item in blobs._objects.found("")]
    assert found
    assert all(name.endswith(".age") for name in found)
    with blobs._objects.open(found[0]) as stream:
        assert stream.read(22) == b"age-encryption.org/v1\n"


def test_metrics_count_the_workers_jobs(seen: Seen) -> None:
    with seen.api.client(seen.api.key) as client:
        text = client.get("/metrics").text
    assert 'fakeprint_work_seconds_count{outcome="done",task="fingerprint_asset"} ' in text
    assert 'fakeprint_work_seconds_bucket{le="+Inf",outcome="done",task="answer_lookup"} 1.0' in text
    assert "fakeprint_database_answers 1.0" in text
    assert "fakeprint_jobs_dead " in text


def test_canaries_are_found_until_they_are_not(service: Service, tmp_path: Path) -> None:
    key = bootstrap(service) or ""
    known, unknown = drawn.clip("known"), drawn.clip("unknown")
    register_entry(service, authenticate(service, key), Registration(fakes=[known], title="Canary"))
    file = tmp_path / "canaries.jsonl"
    file.write_text(
        "\n".join([json.dumps(to_document(item, faces=False)) for item in (known, unknown)] + ["{}", "no"])
    )
    chosen = service.settings.model_copy(update={"canaries": str(file), "canary_key": key})
    watched = replace(service, settings=chosen)
    assert look_up_canaries(watched) == (1, 4)
    file.write_text(json.dumps(to_document(known, faces=False)))
    assert look_up_canaries(watched) == (1, 1)


def test_an_empty_file_has_no_canaries_and_asks_for_no_key(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "canaries.jsonl"
    file.write_text("\n")
    chosen = service.settings.model_copy(update={"canaries": str(file), "canary_key": ""})
    assert look_up_canaries(replace(service, settings=chosen)) == (0, 0)


@pytest.mark.slow
def test_canaries_that_are_set_up_wrongly_count_as_work_that_fails(service: Service, tmp_path: Path) -> None:
    key = bootstrap(service) or ""
    file = tmp_path / "canaries.jsonl"
    file.write_text(json.dumps(to_document(drawn.clip("canary"), faces=False)))

    def counted(**chosen: str) -> list[tuple[str, str]]:
        """What asking counted as, with these settings."""
        with suppress(BadInput, Unauthenticated):
            look_up_canaries(replace(service, settings=service.settings.model_copy(update=chosen)))
        with service.pool.transaction() as connection:
            found = [(item.task, item.outcome) for item in metrics.durations(connection)]
        forget_work_times(service)
        return found

    failed = [("ask_canaries", "failed")]
    assert counted(canaries=str(tmp_path / "none"), canary_key=key) == failed
    assert counted(canaries=str(file), canary_key="fp_nobody") == failed
    assert counted(canaries=str(file), canary_key=key) == [("ask_canaries", "done")]
    file.write_text("")
    assert counted(canaries=str(file), canary_key=key) == []
    assert counted(canaries="", canary_key="") == []
