"""A steady load: documents, files and digests are looked up, entries registered and taken back, webhooks
told."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from registry.client import Client, calls
from registry.client.failures import ClientError
from registry.domain.document import to_document
from tests import drawn
from tests.chaos.load import unique

KEPT: Final = 20
"""Entries of files that stay; the oldest is taken back when another comes."""
CLIPS: Final = 40
"""Clips that are asked about as documents."""


@dataclass
class Load:
    """Each act goes on at its own pace until the block ends. `errors`: what was answered otherwise than
    hoped."""

    url: str
    key: str
    clip: bytes
    folder: Path
    done: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)
    entries: list[str] = field(default_factory=list)

    def ask_document(self, client: Client, number: int) -> None:
        """A clip that is registered or not."""
        asked = drawn.clip(f"soak {number % CLIPS}", seconds=8.0, noise=0.02)
        client.look_up_document(to_document(asked, faces=False))

    def ask_hashes(self, client: Client, number: int) -> None:
        """A digest that nobody knows, and a hash."""
        client.look_up_sha256(hashlib.sha256(f"soak {number}".encode()).hexdigest())
        client.look_up_hash("pdq.1", hashlib.sha256(f"hash {number}".encode()).hexdigest())

    def ask_file(self, client: Client, number: int) -> None:
        """A file whose bytes are new and whose pictures are known."""
        path = self._file("asked", number)
        client.look_up_file(path, wait=300.0)
        path.unlink()

    def register_file(self, client: Client, number: int) -> None:
        """A file becomes an entry; the oldest one goes."""
        path = self._file("given", number)
        made = client.register([path], manipulation="edited", title=f"soak {number}")
        path.unlink()
        client.wait_matchable(made["entry_id"], seconds=300.0)
        self.entries.append(made["entry_id"])
        if len(self.entries) > KEPT:
            self._withdraw(client, self.entries.pop(0))

    def register_document(self, client: Client, number: int) -> None:
        """A document becomes an entry, and goes again."""
        document = to_document(drawn.clip(f"soak {number % CLIPS}", file=f"{number}"), faces=False)
        made = client.register([document], manipulation="edited", title=f"soak document {number}")
        client.wait_matchable(made["entry_id"], seconds=300.0)
        self._withdraw(client, made["entry_id"])

    def _withdraw(self, client: Client, entry_id: str) -> None:
        client.request(calls.send("POST", f"/v1/entries/{entry_id}/withdraw", {"reason_code": "mistaken"}))

    def _file(self, said: str, number: int) -> Path:
        path = self.folder / f"{said}-{number}.mp4"
        path.write_bytes(unique(self.clip, f"{said} {number}"))
        return path

    @contextmanager
    def running(self) -> Iterator[None]:
        """All of it, until the block ends."""
        acts: list[tuple[Callable[[Client, int], None], float]] = [
            *((self.ask_document, 0.5), (self.ask_hashes, 0.25), (self.ask_file, 4.0)),
            *((self.register_file, 6.0), (self.register_document, 3.0)),
        ]
        threads = [threading.Thread(target=self._go_on, args=one) for one in acts]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.ending.set()
            for thread in threads:
                thread.join()

    def _go_on(self, act: Callable[[Client, int], None], seconds: float) -> None:
        with Client(self.url, self.key) as client:
            number = 0
            while not self.ending.is_set():
                begun = time.monotonic()
                try:
                    act(client, number)
                    self.done[act.__name__] += 1
                except ClientError as error:
                    self.errors.append(f"{act.__name__} {number}: {error}")
                number += 1
                self.ending.wait(max(0.0, seconds - (time.monotonic() - begun)))
