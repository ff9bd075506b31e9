"""What must hold, kept by the client: what the service has acknowledged, and what it must therefore know."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["lost", "duplicated", "stuck", "wrong"]


def drawing(seed: str) -> random.Random:
    """Chances that are the same each time."""
    return random.Random(seed)  # noqa: S311 - no secret


@dataclass(frozen=True)
class Finding:
    """Something that must not be. `wrong`: an answer that is no honest one."""

    kind: Kind
    what: str


@dataclass
class Entry:
    """A registration that was acknowledged. `clip`: which medium, empty for a document; `document`: that;
    `matchable`: the service has said so; `failures`: codes with which it was said to have failed."""

    entry_id: str
    title: str
    sha256: str
    clip: str = ""
    document: dict[str, object] | None = None
    matchable: bool = False
    failures: list[str] = field(default_factory=list)


@dataclass
class Model:
    """Threads share it. `lookups`: acknowledged, with the entry they must find (None: any of their clip's),
    `queued`: those of files that are not answered yet; `watched`: entries that a watched lookup waits for;
    `sent`: notices that were said to be sent; `titles`: all that were tried to register."""

    entries: dict[str, Entry] = field(default_factory=dict)
    lookups: set[str] = field(default_factory=set)
    queued: dict[str, str] = field(default_factory=dict)
    failed_lookups: Counter[str] = field(default_factory=Counter)
    watched: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    told: Callable[[str], None] = print

    def find(self, kind: Kind, what: str) -> None:
        """Note what must not be, once."""
        made = Finding(kind, what)
        with self.lock:
            if made in self.findings:
                return
            self.findings.append(made)
        self.told(f"FINDING {kind}: {what}")

    def open(self) -> list[Entry]:
        """Registrations that the service has not said to be matchable."""
        with self.lock:
            return [one for one in self.entries.values() if not one.matchable]

    def any_matchable(self, chance: random.Random) -> Entry | None:
        with self.lock:
            found = [one for one in self.entries.values() if one.matchable]
        return chance.choice(found) if found else None

    def add(self, entry: Entry) -> None:
        with self.lock:
            self.entries[entry.entry_id] = entry

    def count(self, kind: Kind) -> int:
        return sum(one.kind == kind for one in self.findings)
