"""The load: clients that register, look up, watch and send notices while the service suffers. They repeat
what was not answered, as people's programs do, and believe every answer."""

from __future__ import annotations

import hashlib
import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2

from registry.catalogue.fingerprints.model.document import to_document
from tests.support.media import drawn
from tests.system.chaos.model import Entry, Model, drawing

LONGEST_PAUSE: Final = 2.0
GIVE_UP: Final = 180.0
"""Seconds after which a request that nobody answers is a finding."""
MOST_OPEN: Final = 4
"""Registrations of files that wait; a client that is told to come back later waits too."""


@dataclass
class Client:
    """Asks one of the addresses after another until it has an answer."""

    model: Model
    urls: Sequence[str]
    key: str
    chance: random.Random
    ending: threading.Event
    http: httpx2.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx2.Client(
            headers={"Authorization": f"Bearer {self.key}"}, timeout=60, trust_env=False
        )

    def ask(self, method: str, path: str, **fields: Any) -> tuple[httpx2.Response, int] | None:
        """The answer and how often it took; None where the run ended before there was one."""
        began, name = time.monotonic(), f"{method} {path.partition('?')[0]}"
        for attempt in itertools.count(1):
            url = self.chance.choice(self.urls)
            pause, error_text = 0.2, ""
            try:
                answer = self.http.request(method, f"{url}{path}", **fields)
            except httpx2.TransportError as error:
                error_text = type(error).__name__
            else:
                if answer.status_code < 500 and answer.status_code != 429:
                    return answer, attempt
                pause, error_text = self._refused(name, answer)
                if not pause:
                    return answer, attempt
            with self.model.lock:
                self.model.refusals[error_text] += 1
            if time.monotonic() - began > GIVE_UP:
                self.model.find("stuck", f"{name} not answered in {GIVE_UP:.0f} s: {error_text}")
                return None
            if self.ending.is_set():
                return None
            time.sleep(min(pause, LONGEST_PAUSE))
        return None

    def _refused(self, name: str, answer: httpx2.Response) -> tuple[float, str]:
        """How long to wait, and the code; 0: it is the answer to a lookup that failed."""
        try:
            problem = answer.json()
        except ValueError:
            problem = {}
        code = str(problem.get("code"))
        if "lookup_id" in problem:
            return 0.0, code
        if answer.status_code not in (429, 503):
            self.model.find("wrong", f"{name.split('/')[0:3]} answered {answer.status_code} {code}")
        elif not answer.headers.get("retry-after", "").isdigit():
            self.model.find("wrong", f"{answer.status_code} {code} without Retry-After")
        return max(0.2, float(answer.headers.get("retry-after", 1))), code


@dataclass
class Load:
    """The clients of one run. `clips`: media by name, the long one is `long`; `notices`: what is ready to be
    sent; `small`: one client of each kind, instead of two that register files and two that look up."""

    model: Model
    urls: Sequence[str]
    key: str
    seed: str
    clips: Mapping[str, bytes]
    campaign_id: str
    notices: list[str]
    small: bool = False
    ending: threading.Event = field(default_factory=threading.Event)
    clients: list[Client] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def client(self, name: str) -> Client:
        made = Client(self.model, self.urls, self.key, drawing(f"{self.seed} {name}"), self.ending)
        self.clients.append(made)
        return made

    def close(self) -> None:
        for client in self.clients:
            client.http.close()

    def register_files(self, client: Client) -> None:
        """One after another, and bursts of them, which become bulk work."""
        waiting = sum(bool(item.clip) for item in self.model.open())
        if waiting >= MOST_OPEN:
            time.sleep(0.3)
            return
        burst = client.chance.choices((1, 8), (40, 1))[0]
        for _ in range(burst):
            names = sorted(self.clips)
            name = "long" if client.chance.random() < 0.03 else client.chance.choice(names)
            self.register(client, name if name in self.clips else names[0])
        time.sleep(client.chance.uniform(0.5, 2.0))

    def register(self, client: Client, name: str) -> Entry | None:
        """A file that nobody sent before, with pictures that were."""
        number = next(self.numbers)
        title = f"{self.seed} {number} of {name}"
        content = unique(self.clips[name], title)
        made = client.ask(
            "POST",
            "/v1/entries",
            files=[("fake", ("clip.mp4", content, "video/mp4"))],
            data={"title": title, "manipulation": "edited"},
        )
        sha256 = hashlib.sha256(content).hexdigest()
        return self._registered(made, Entry("", title, sha256, clip=name))

    def register_documents(self, client: Client) -> None:
        """A lookup that is watched, then what it waits for."""
        number = next(self.numbers)
        title = f"{self.seed} document {number}"
        document = to_document(drawn.clip(title, seconds=4.0), faces=False)
        watched = client.ask(
            "POST",
            "/v1/lookups?watch_days=1",
            json=document,
            headers={"Content-Type": "application/vnd.fakeprint+json"},
        )
        if watched is None:
            return
        self._looked_up(watched[0], "watched lookup", "")
        made = client.ask("POST", "/v1/entries", json={"fakes": [document], "title": title})
        entry = self._registered(
            made, Entry("", title, document["sha256"], document=document, matchable=True)
        )
        if entry is not None and watched[0].status_code == 200:
            with self.model.lock:
                self.model.watched.append((watched[0].json()["lookup_id"], entry.entry_id))
        time.sleep(client.chance.uniform(2.0, 6.0))

    def _registered(self, made: tuple[httpx2.Response, int] | None, entry: Entry) -> Entry | None:
        if made is None:
            return None
        answer, _attempts = made
        if answer.status_code not in (200, 201):
            self.model.find("wrong", f"a registration was answered {answer.status_code} {answer.text[:300]}")
            return None
        entry.entry_id = answer.json()["entry_id"]
        with self.model.lock:
            self.model.calls["registrations"] += 1
        self.model.add(entry)
        return entry

    def look_up(self, client: Client) -> None:
        """What is known must be found, by its digest or its document."""
        entry = self.model.any_matchable(client.chance)
        if entry is None:
            time.sleep(0.2)
            return
        question: dict[str, Any] = {"type": "sha256", "sha256": entry.sha256}
        if entry.document is not None and client.chance.random() < 0.5:
            question = {"type": "document", "document": entry.document}
        answered = client.ask("POST", "/v1/lookups", json=question)
        if answered is not None:
            self._looked_up(answered[0], f"lookup by {question['type']}", entry.entry_id)
        time.sleep(client.chance.uniform(0.2, 0.6))

    def _looked_up(self, answer: httpx2.Response, what: str, entry_id: str) -> None:
        if answer.status_code != 200:
            self.model.find("wrong", f"{what} was answered {answer.status_code} {answer.text[:300]}")
            return
        body = answer.json()
        with self.model.lock:
            self.model.calls["lookups"] += 1
            twice = body["lookup_id"] in self.model.lookups
            self.model.lookups.add(body["lookup_id"])
        if twice:
            self.model.find("duplicated", f"two lookups are {body['lookup_id']}")
        if entry_id and entry_id not in [match["entry_id"] for match in body["matches"]]:
            self.model.find("lost", f"{what} says {body['verdict']} and not entry {entry_id}")

    def look_up_files(self, client: Client) -> None:
        """A copy of what is known, sent as a file."""
        entry = self.model.any_matchable(client.chance)
        if entry is None or not entry.clip or entry.clip == "long":
            time.sleep(0.2)
            return
        content = unique(self.clips[entry.clip], f"{self.seed} asked {next(self.numbers)}")
        answered = client.ask(
            "POST",
            "/v1/lookups",
            files=[("file", ("asked.mp4", content, "video/mp4"))],
            headers={"Prefer": "respond-async"},
        )
        if answered is not None:
            answer, _attempts = answered
            if answer.status_code in (200, 202):
                with self.model.lock:
                    self.model.calls["files"] += 1
                    self.model.queued[answer.json()["lookup_id"]] = entry.clip
            else:
                self.model.find("wrong", f"a file was answered {answer.status_code} {answer.text[:300]}")
        time.sleep(client.chance.uniform(3.0, 8.0))

    def follow(self, client: Client) -> None:
        """Ask after everything that is not done. Nobody helps what failed, unless each try was the end of a
        worker: then its owner asks again, and it is counted."""
        for entry in self.model.open():
            self._follow_entry(client, entry)
        with self.model.lock:
            queued = list(self.model.queued.items())
        for lookup_id, clip in queued:
            self._follow_lookup(client, lookup_id, clip)
        time.sleep(0.5)

    def _follow_entry(self, client: Client, entry: Entry) -> None:
        found = client.ask("GET", f"/v1/entries/{entry.entry_id}")
        if found is None:
            return
        if found[0].status_code != 200:
            self.model.find("lost", f"entry {entry.entry_id} is answered {found[0].status_code}")
            entry.lost = True
            return
        body = found[0].json()
        if body["status"] == "matchable":
            entry.matchable = True
        elif body["status"] == "failed" and entry.entry_id in self.model.may_retry:
            entry.failures.append(str(body["assets"][0].get("error")))
            response = client.ask("POST", f"/v1/entries/{entry.entry_id}/retry")
            if response is not None:
                self.model.may_retry.discard(entry.entry_id)

    def _follow_lookup(self, client: Client, lookup_id: str, clip: str) -> None:
        found = client.ask("GET", f"/v1/lookups/{lookup_id}")
        if found is None or found[0].status_code == 202:
            return
        body = found[0].json()
        with self.model.lock:
            self.model.queued.pop(lookup_id, None)
            self.model.lookups.add(lookup_id)
        if found[0].status_code == 404:
            self.model.find("lost", f"lookup {lookup_id} of a file is unknown")
        elif found[0].status_code == 200 and body["verdict"] not in ("known_fake", "related"):
            self.model.find("lost", f"lookup {lookup_id} of {clip} says {body['verdict']}")

    def send_notices(self, client: Client) -> None:
        """One notice after another."""
        if not self.notices:
            time.sleep(0.2)
            return
        notice_id = self.notices.pop()
        path = f"/v1/campaigns/{self.campaign_id}/send"
        response = client.ask("POST", path, json={"notice_ids": [notice_id]})
        if response is None:
            return
        answer, attempts = response
        if answer.status_code != 200 or not (answer.json()["prepared"] == 1 or attempts > 1):
            self.model.find("wrong", f"a notice was answered {answer.status_code} {answer.text[:300]}")
            return
        with self.model.lock:
            self.model.sent.append(notice_id)
        time.sleep(client.chance.uniform(1.0, 4.0))

    @contextmanager
    def running(self) -> Iterator[None]:
        """All of it goes on until the block ends."""
        self.ending.clear()
        acts: list[Callable[[Client], None]] = [
            *(self.register_files, self.register_files, self.register_documents, self.look_up),
            *(self.look_up, self.look_up_files, self.follow, self.send_notices),
        ]
        if self.small:
            acts = list(dict.fromkeys(acts))
        threads = [
            threading.Thread(target=self._go_on, args=(act, f"{act.__name__} {place}"))
            for place, act in enumerate(acts)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.ending.set()
            for thread in threads:
                thread.join()
            self.close()

    def _go_on(self, act: Callable[[Client], None], name: str) -> None:
        client = self.client(name)
        try:
            while not self.ending.is_set():
                act(client)
        except Exception as error:  # noqa: BLE001 - a client that stops must not go unseen
            self.model.find("wrong", f"{name} met {type(error).__name__}: {error}")


def unique(content: bytes, said: str) -> bytes:
    """The MP4 with a box at its end that readers skip (ISO/IEC 14496-12, `free`): other bytes, same
    pictures."""
    body = hashlib.sha256(said.encode()).digest()
    return content + (8 + len(body)).to_bytes(4, "big") + b"free" + body
