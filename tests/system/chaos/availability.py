"""Which share of lookups is answered while the primary database is dead: two APIs, one replica, and a client
that asks whichever of them without pause and does not repeat itself."""

from __future__ import annotations

import itertools
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.document import to_document
from registry.identity.callers.service.keys import authenticate
from tests.support.media import drawn
from tests.support.service import api as processes
from tests.support.service import replication
from tests.support.service import servers as services

DEAD_SECONDS: Final = 35.0
BEFORE: Final = 200
"""Lookups answered before the primary is killed: those do not count."""


@dataclass
class _Asking(threading.Thread):
    """Asks one question after another, through one address after the other."""

    urls: list[str]
    key: str
    questions: list[dict[str, Any]]
    asked: list[tuple[float, float, bool]] = field(default_factory=list)
    """When each began and ended, and whether it was answered."""
    refused: list[str] = field(default_factory=list)
    ending: bool = False

    def __post_init__(self) -> None:
        super().__init__(name="asking")

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        with httpx2.Client(headers=headers, timeout=30, trust_env=False) as client:
            for number in itertools.count():
                if self.ending:
                    return
                began, error_text = time.monotonic(), ""
                url = self.urls[number % len(self.urls)]
                try:
                    answer = client.post(f"{url}/v1/lookups", json=self.questions[number % 4])
                    error_text = (
                        "" if answer.status_code == 200 else f"{answer.status_code} {answer.text[:200]}"
                    )
                except httpx2.TransportError as error:
                    error_text = type(error).__name__
                self.asked.append((began, time.monotonic(), not error_text))
                if error_text:
                    self.refused.append(error_text)


def measure(seconds: float = DEAD_SECONDS) -> dict[str, Any]:
    """`availability_primary_crash`, of how many, the longest wait in seconds, and how long it was dead."""
    with replication.pair() as pair, pair.database() as database:
        replica = {"FAKEPRINT_REPLICA_URLS": database.replica_url}
        with (
            services.open_temporary_folder("availability") as folder,
            processes.running(database.url, folder, environment=replica) as first,
            processes.another(first, "second", **replica) as second,
        ):
            clip = drawn.clip("available", face="a")
            with first.service() as service:
                register_entry(service, authenticate(service, first.key), Registration(fakes=[clip]))
            database.catch_up()
            questions: list[dict[str, Any]] = [
                {"type": "hash", "algorithm": "pdq.1", "value": (clip.frames[0].pdq or b"").hex()},
                {"type": "hash", "algorithm": "phash256.1", "value": "0f" * 32},
                {"type": "sha256", "sha256": clip.media.sha256},
                {"type": "document", "document": to_document(clip, faces=True)},
            ]
            asking = _Asking([first.url, second], first.key, questions)
            asking.start()
            try:
                services.wait_until(lambda: len(asking.asked) > BEFORE, 120)
                pair.kill()
                died = time.monotonic()
                services.wait_until(lambda: time.monotonic() - died > seconds, seconds + 30)
                came = time.monotonic()
                pair.primary.start()
            finally:
                asking.ending = True
                asking.join(60)
    within = [(ended - began, good) for began, ended, good in asking.asked if ended > died and began < came]
    return {
        "availability_primary_crash": round(sum(good for _, good in within) / len(within), 5),
        "lookups_primary_crash": len(within),
        "longest_wait_primary_crash_s": round(max(took for took, _ in within), 2),
        "primary_dead_s": round(came - died, 1),
    }


if __name__ == "__main__":
    print(json.dumps({"figures": measure()}))
