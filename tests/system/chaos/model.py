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
    `matchable`: the service has said so; `failures`: codes with which it was said to have failed; `lost`:
    that was found, and nobody waits any more."""

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
    """Threads share it. `lookups`: acknowledged, with the entry they must find (None: any of their clip's),
    `queued`: those of files that are not answered yet; `watched`: lookups that are watched, with the entry
    that each waits for; `sent`: notices that were said to be sent. `exhausted`: jobs that failed since each
    of their tries was hit, by task and code; `may_retry`: entries that failed so; `unsure`: notices that a
    kill has left so; `stuck_after`: seconds that anything could stand still at most before it was found to
    be stuck."""

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
        """Note what must not be, once."""
        made = Finding(kind, what)
        with self.lock:
            if made in self.findings:
                return
            self.findings.append(made)
        self.told(f"FINDING {kind}: {what}")

    def open(self) -> list[Entry]:
        """Registrations that the service has not said to be matchable, nor lost."""
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
        """How much there is of each."""
        return (
            f"{len(self.entries)} entries, {len(self.lookups)} lookups, {len(self.sent)} notices,"
            f" {len(self.findings)} findings"
        )
