"""The service under test: `fakeprint up` of this run, registered into and asked through its public API."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import psutil

from tests.bench.accuracy.first import Running

MANIPULATION: Final = {"deepfake_pairs": "face_swap"}
"""By category; everything else is `edited`, where footage alone decides."""


@dataclass(frozen=True, slots=True)
class Match:
    """One asset of an answer. Spans are ((query start, end), (asset start, end)) in seconds."""

    entry_id: str
    verdict: str
    relation: str | None
    spans: tuple[tuple[tuple[float, float], tuple[float, float]], ...]
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its verdict, its matches, the milliseconds that it took the service, its reasons."""

    verdict: str
    matches: tuple[Match, ...]
    ms: float
    reasons: tuple[str, ...] = ()


class Refused(Exception):
    """The service does not take a document, and why."""


REFUSED: Final = Answer("undecidable", (), 0.0)
"""What a file that cannot be fingerprinted comes to: its owner hears why, and nothing is asked."""

SERVER_ERROR: Final = Answer("server_error", (), 0.0)
"""What an answer with a status from 500 on comes to: it is counted, and the run goes on."""


def register(client: httpx2.Client, title: str, category: str, document: dict[str, Any]) -> str:
    """Register a fake by its document; the entry's id. A file that was there already keeps its entry. Raises
    `Refused`."""
    payload = {"title": title, "manipulation": MANIPULATION.get(category, "edited"), "fakes": [document]}
    answer = client.post("/v1/entries", json=payload)
    if answer.is_client_error:
        raise Refused(answer.text[:300])
    _check(answer)
    entry: dict[str, Any] = answer.json()
    if entry["status"] != "matchable":
        raise Refused(str(entry["status"]))
    entry_id: str = entry["entry_id"]
    return entry_id


def add_original(client: httpx2.Client, entry_id: str, document: dict[str, Any]) -> None:
    """Say what a registered fake was made from."""
    part = ("original.json", json.dumps(document), "application/json")
    _check(client.post(f"/v1/entries/{entry_id}/assets", files={"original_document": part}))


def misses_quickly(client: httpx2.Client, keyframes: dict[str, Any]) -> bool:
    """Tell whether a document of keyframes is `no_match` for who wants the least effort."""
    body = {"type": "document", "document": keyframes, "effort": "quick"}
    response = client.post("/v1/lookups", json=body)
    if response.is_error and response.json()["code"] == "not_settled":
        return False
    _check(response)
    return bool(response.json()["verdict"] == "no_match")


def look_up(client: httpx2.Client, document: dict[str, Any]) -> Answer:
    """Ask with a document."""
    response = client.post("/v1/lookups", json={"type": "document", "document": document})
    if response.is_server_error:
        print(f"server error: {response.status_code} {response.text[:500]}")
        return SERVER_ERROR
    _check(response)
    body = response.json()
    matches = tuple(map(_match, body["matches"]))
    return Answer(body["verdict"], matches, body["timing_ms"]["total"], tuple(body["reasons"]))


def database_url(service: Running) -> str:
    """Where the service keeps its fingerprints, for measurements beneath the API."""
    pids = json.loads((service.data / "run.json").read_text())["pids"]
    url: str = psutil.Process(pids["api"]).environ()["FAKEPRINT_DATABASE_URL"]
    return url


def _match(body: dict[str, Any]) -> Match:
    spans = tuple((tuple(span["query"]), tuple(span["asset"])) for span in body["spans"])
    return Match(body["entry_id"], body["verdict"], body["relation"], spans, body["confidence"])


def _check(response: httpx2.Response) -> None:
    if response.is_error:
        message = f"{response.request.url}: {response.status_code} {response.text[:500]}"
        raise SystemExit(message)
