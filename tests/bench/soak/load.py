"""A steady load: documents, files and digests are looked up, entries registered and taken back, lookups
watched, notices sent, webhooks told. Half of what is asked and given was never seen before, so that what is
kept by what was asked would grow."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fakeprint import Client, operations
from fakeprint.failures import ClientError
from registry.catalogue.fingerprints.model.document import to_document
from tests.support.media import clips as media
from tests.support.media import drawn
from tests.system.chaos.load import unique
from tests.system.smoke.caller import Caller
from tests.system.smoke.job import NO, YES

KEPT: Final = 20
"""Entries of files that stay; the oldest is taken back when another comes."""
CLIPS: Final = 40
"""Clips that are asked about as documents, again and again; each second one is new."""
NEW_PICTURES: Final = 5
"""Of so many files one shows what no other of its kind did for a while; its bytes are ever its own."""
HURRY: Final = 8.0
"""So many times as often documents are registered, and lookups watched, in the warm-up. A worker's memory
settles after one or two thousand jobs, not after a time: at the steady pace that is an hour."""
HURRY_LONG: Final = 5.0
"""The same of long videos: what reads them settles after three or four."""
HURRY_SEVERAL: Final = 4.0
"""The same of entries of several files. Files take what documents would, so there are few."""
SEVERAL: Final = 4
HURRY_NOTICES: Final = 9.0
"""The same of notices: with its first a process of the API reads regimes and calendars, 12 MB."""
LONG_SECONDS: Final = 200
"""Of a video that is read in segments."""


@dataclass
class Load:
    """Each act goes on at its own pace until the block ends. `lawyer` sends notices of that `campaign`.
    `hurried`: the time (of `monotonic`) until which some go faster, to warm up. `errors`: what was answered
    otherwise than hoped."""

    url: str
    key: str
    clip: bytes
    folder: Path
    lawyer: Caller
    campaign: str
    hurried: float = 0.0
    done: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)
    entries: list[str] = field(default_factory=list)

    def ask_document(self, client: Client, number: int) -> None:
        """A clip that is registered or not."""
        clip = drawn.clip(_footage(number), seconds=8.0, noise=0.02)
        client.look_up_document(to_document(clip, faces=False))

    def ask_hashes(self, client: Client, number: int) -> None:
        """A digest that nobody knows, and a hash."""
        client.look_up_sha256(hashlib.sha256(f"soak {number}".encode()).hexdigest())
        client.look_up_hash("pdq.1", hashlib.sha256(f"hash {number}".encode()).hexdigest())

    def ask_file(self, client: Client, number: int, said: str = "asked") -> None:
        """A file whose bytes are new, and now and then its pictures. `said`: what it is called."""
        path = self._file(said, number)
        client.look_up_file(path, wait=300.0)
        path.unlink()

    def ask_beside(self, client: Client, number: int) -> None:
        """The same beside it, so that each process of the pool has a file to read, and not only the first."""
        self.ask_file(client, number, "beside")

    def register_file(self, client: Client, number: int) -> None:
        """A file becomes an entry; the oldest one goes."""
        path = self._file("given", number)
        made = client.register([path], manipulation="edited", title=f"soak {number}")
        path.unlink()
        client.wait_matchable(made["entry_id"], seconds=300.0)
        self.entries.append(made["entry_id"])
        if len(self.entries) > KEPT:
            self._withdraw(client, self.entries.pop(0))

    def register_several(self, client: Client, number: int) -> None:
        """An entry of several files, one for each process of the pool: else the first reads all there is."""
        paths = [self._file(f"several-{at}", number) for at in range(SEVERAL)]
        self._come_and_go(client, paths, f"soak several {number}")
        for path in paths:
            path.unlink()

    def register_document(self, client: Client, number: int) -> None:
        """A document becomes an entry, and goes again."""
        document = to_document(drawn.clip(_footage(number), file=f"{number}"), faces=False)
        self._come_and_go(client, [document], f"soak document {number}")

    def register_long(self, client: Client, number: int) -> None:
        """A video that is read in segments becomes an entry, and goes again."""
        pictures = (media.drawn(192, 108, seed=number * 50 + half // 10) for half in range(LONG_SECONDS * 2))
        path = media.encode(self.folder / f"long-{number}.mp4", pictures, rate=2, options={"g": "10"})
        self._come_and_go(client, [path], f"soak long {number}")
        path.unlink()

    def watch(self, client: Client, number: int) -> None:
        """A lookup is watched, and what it waits for comes and goes."""
        document = to_document(drawn.clip(f"soak watched {number}"), faces=False)
        payload = {"type": "document", "document": document, "watch_days": 1}
        client.look_up(payload)
        self._come_and_go(client, [document], f"soak watched {number}")

    def send_notice(self, _client: Client, number: int) -> None:
        """A notice about a place of its own goes to the platform's API."""
        places = self.folder / "places.txt"
        places.write_text(f"https://t.me/soak_{number}/{number}\n")
        [notice] = self.lawyer("takedown", "add", self.campaign, places)["notices"]
        scope_answers = [f"{name}=yes" for name in YES] + [f"{name}=no" for name in NO]
        answers = [word for ye in scope_answers for word in ("--answer", ye)]
        seen = ("--seen", notice["notice_id"], "--prepare")
        self.lawyer("takedown", "check", self.campaign, "--regime", "dsa16", *answers, *seen)
        sent = self.lawyer("takedown", "send", self.campaign)
        assert sent["ways"] == {"api": 1}, sent

    def _come_and_go(self, client: Client, what: Sequence[Path | Mapping[str, Any]], title: str) -> None:
        made = client.register(what, manipulation="edited", title=title)
        client.wait_matchable(made["entry_id"], seconds=300.0)
        self._withdraw(client, made["entry_id"])

    def _withdraw(self, client: Client, entry_id: str) -> None:
        client.request(operations.withdraw_entry(entry_id, {"reason_code": "mistaken"}))

    def _file(self, said: str, number: int) -> Path:
        path = self.folder / f"{said}-{number}.mp4"
        if number % NEW_PICTURES == 0:
            pictures = (media.drawn(192, 108, seed=number + half // 4) for half in range(16))
            media.encode(path, pictures, rate=2)
            path.write_bytes(unique(path.read_bytes(), f"{said} {number}"))
            return path
        path.write_bytes(unique(self.clip, f"{said} {number}"))
        return path

    @contextmanager
    def running(self) -> Iterator[None]:
        """All of it, until the block ends."""
        acts: list[tuple[Callable[[Client, int], None], float, float]] = [
            *((self.ask_document, 0.5, 1.0), (self.ask_hashes, 0.25, 1.0)),
            *((self.ask_file, 7.0, 1.0), (self.ask_beside, 9.0, 1.0)),
            *((self.register_file, 6.0, 1.0), (self.register_several, 120.0, HURRY_SEVERAL)),
            (self.register_document, 3.0, HURRY),
            *((self.register_long, 600.0, HURRY_LONG), (self.watch, 60.0, HURRY)),
            (self.send_notice, 180.0, HURRY_NOTICES),
        ]
        threads = [threading.Thread(target=self._go_on, args=act) for act in acts]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.ending.set()
            for thread in threads:
                thread.join()

    def _go_on(self, act: Callable[[Client, int], None], seconds: float, hurry: float) -> None:
        with Client(self.url, self.key) as client:
            number = 0
            while not self.ending.is_set():
                begun = time.monotonic()
                try:
                    act(client, number)
                    self.done[act.__name__] += 1
                except (ClientError, AssertionError, ValueError) as error:
                    self.errors.append(f"{act.__name__} {number}: {error}")
                number += 1
                pause = seconds / hurry if begun < self.hurried else seconds
                self.ending.wait(max(0.0, pause - (time.monotonic() - begun)))


def _footage(number: int) -> str:
    """What a clip shows: known footage, or new."""
    return f"soak {number % CLIPS}" if number % 2 else f"soak new {number}"
