"""The client's model: what the service has acknowledged, and what it must therefore know."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["lost", "duplicated", "stuck", "wrong"]


def drawing(seed: str) -> random.Random:
    """Return a generator of random numbers that is the same for each run."""
    return random.Random(seed)  # noqa: S311 - no secret


@dataclass(frozen=True)
class Finding:
    """A violation. `wrong`: an answer that is wrong."""

    kind: Kind
    what: str


@dataclass
class Entry:
    """An acknowledged registration. `clip`: its medium, empty for a document. `document`: that document.
    `matchable`: the service has said so. `failures`: codes of its failures. `lost`: that was found, and
    nobody waits for it."""

    entry_id: str
    title: str
    sha256: str
    clip: str = ""
    document: dict[str, object] | None = None
    matchable: bool = False
    failures: list[str] = field(default_factory=list)
    lost: bool = False


@dataclass
class Model:
    """The model, shared by threads. `lookups`: acknowledged ones with the entry they must find (None: any
    of their clip). `queued`: unanswered lookups of files. `watched`: watched lookups with the entry that
    each waits for. `sent`: notices reported as sent. `exhausted`: failed jobs of which every attempt was
    hit, by task and code. `may_retry`: their entries. `unsure`: notices that a kill left so.
    `stuck_after`: seconds after which anything counts as stuck."""

    entries: dict[str, Entry] = field(default_factory=dict)
    lookups: set[str] = field(default_factory=set)
    queued: dict[str, str] = field(default_factory=dict)
    watched: list[tuple[str, str]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    exhausted: Counter[str] = field(default_factory=Counter)
    may_retry: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    stuck_after: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    told: Callable[[str], None] = print

    def find(self, kind: Kind, what: str) -> None:
        """Record a violation once."""
        made = Finding(kind, what)
        with self.lock:
            if made in self.findings:
                return
            self.findings.append(made)
        self.told(f"FINDING {kind}: {what}")

    def open(self) -> list[Entry]:
        """Return registrations that are neither matchable nor lost."""
        with self.lock:
            return [entry for entry in self.entries.values() if not (entry.matchable or entry.lost)]

    def any_matchable(self, chance: random.Random) -> Entry | None:
        with self.lock:
            found = [entry for entry in self.entries.values() if entry.matchable]
        return chance.choice(found) if found else None

    def add(self, entry: Entry) -> None:
        with self.lock:
            self.entries[entry.entry_id] = entry

    def said(self) -> str:
        """Return the counts."""
        return (
            f"{len(self.entries)} entries, {len(self.lookups)} lookups, {len(self.sent)} notices,"
            f" {len(self.findings)} findings"
        )
