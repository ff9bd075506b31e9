"""What people do meanwhile: they register and look up, and count what is refused."""

from __future__ import annotations

import io
import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx2
from PIL import Image

from tests.support.media import clips as media
from tests.support.service import servers as services


def picture(seed: int) -> bytes:
    """A drawn picture of its own."""
    out = io.BytesIO()
    Image.fromarray(media.drawn(320, 240, seed)).save(out, "PNG")
    return out.getvalue()


@dataclass
class Load:
    """`urls`: the APIs in service, asked in turn. `answered` counts by url and kind, `refused` says what was
    not as it should be."""

    key: str
    urls: list[str]
    seeds: itertools.count[int]
    entries: list[dict[str, Any]] = field(default_factory=list)
    answered: dict[tuple[str, str], int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    _ending: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        for work in (self._register, self._look, self._look):
            thread = threading.Thread(target=work)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(60)

    def join(self, url: str) -> None:
        """One more API is in service."""
        with self._lock:
            self.urls.append(url)

    def leave(self, url: str) -> None:
        """As a balancer does: nothing new goes there."""
        with self._lock:
            self.urls.remove(url)
        before = sum(self.answered.values())
        services.wait_until(lambda: sum(self.answered.values()) > before + 6, 60)

    def all_matchable(self) -> bool:
        """Whether workers have read all that was registered."""
        url = self.urls[-1]
        with self._client() as client:
            return all(
                client.get(f"{url}/v1/entries/{entry['entry_id']}").json()["status"] == "matchable"
                for entry in list(self.entries)
            )

    def finds(self, url: str, entries: Sequence[dict[str, Any]]) -> int:
        """How many of these entries an API finds by their files' digests."""
        with self._client() as client:
            answers = [
                client.post(f"{url}/v1/lookups", json={"type": "sha256", "sha256": _sha256(entry)}).json()
                for entry in entries
            ]
        return sum(bool(answer["matches"]) for answer in answers)

    def shown(self, url: str, entries: Sequence[dict[str, Any]]) -> int:
        """For how many of these entries an API has a picture made; asking is what has it made."""
        made = 0
        with self._client() as client:
            for entry in entries:
                payload = {"asset_id": entry["assets"][0]["asset_id"], "at": [0.0]}
                answer = client.post(f"{url}/v1/entries/{entry['entry_id']}/previews", json=payload).json()
                made += [still["state"] for still in answer.get("stills", [])] == ["ready"]
        return made

    def _client(self) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx2.Client(headers=headers, timeout=60, trust_env=False)

    def _register(self) -> None:
        with self._client() as client:
            while not self._ending.wait(0.3):
                if len(self.entries) % 4 == 3 and not self.all_matchable():
                    continue  # no faster than the workers are
                seed = next(self.seeds)
                files = {"fake": (f"{seed}.png", picture(seed), "image/png")}
                send = partial(_post, client, "/v1/entries", files=files)
                answer = self._ask(seed, "registration", send)
                if answer is not None:
                    self.entries.append(answer)

    def _look(self) -> None:
        with self._client() as client:
            for turn in itertools.count():
                if self._ending.wait(0.02):
                    return
                asked = {"type": "sha256", "sha256": _sha256(self.entries[0])} if self.entries else None
                asked = asked or {"type": "hash", "algorithm": "pdq.1", "value": "0f" * 32}
                self._ask(turn, "lookup", partial(_post, client, "/v1/lookups", json=asked))

    def _ask(self, turn: int, kind: str, send: Callable[[str], httpx2.Response]) -> dict[str, Any] | None:
        with self._lock:
            url = self.urls[turn % len(self.urls)]
        try:
            answer = send(url)
        except httpx2.TransportError as error:
            self.refused.append(f"{kind} at {url}: {error!r}")
            return None
        if answer.status_code >= 300:
            self.refused.append(f"{kind} at {url}: {answer.status_code} {answer.text[:300]}")
            return None
        self.answered[url, kind] = self.answered.get((url, kind), 0) + 1
        return dict(answer.json())


def _post(client: httpx2.Client, place: str, url: str, **body: Any) -> httpx2.Response:
    return client.post(url + place, **body)


def _sha256(entry: dict[str, Any]) -> str:
    return str(entry["assets"][0]["sha256"])
