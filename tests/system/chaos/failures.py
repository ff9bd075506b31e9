"""Judge failed jobs. Every medium is sound and every request valid, so no job should fail.

A job may be given up by rule only if no worker survived it, or if something it needs was away for too
long. It is counted apart if each of its attempts was ended by a fault of its own. The fault must have hit
the process that held it, or something that all depend on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from registry.core.settings import Settings
from tests.system.chaos.faults import Hit
from tests.system.chaos.model import Model

FAILED: Final = """
SELECT j.job_id::text, j.task, j.subject_id::text, j.attempts, j.deferrals, j.error_code,
       extract(epoch FROM j.finished_at)::float8 AS finished,
       (SELECT coalesce(json_agg(json_build_object('attempt', c.attempts, 'worker', c.worker,
                                                   'at', extract(epoch FROM c.at)::float8)
                                 ORDER BY c.fence), '[]')
        FROM chaos.claim c WHERE c.job_id = j.job_id) AS claims,
       coalesce((SELECT array_agg(e.entry_id::text) FROM entry_asset e WHERE e.asset_id = j.subject_id),
                '{}') AS entries
FROM job j WHERE j.status = 'failed'
"""
NOBODY_SURVIVES: Final = "worker_lost"
AWAY: Final = frozenset(
    {
        *("blobs_unavailable", "broker_unavailable", "keys_unavailable", "unavailable"),
        *("database_unavailable", "database_busy", "database_full", "database_timeout"),
    }
)
"""Codes of what a job needs and a fault may take away. No hit explains any other: not those of media, nor of
errors that nobody foresaw."""
MOST_ATTEMPTS: Final = int(Settings.model_fields["max_attempts"].default)
MOST_DEFERRALS: Final = int(Settings.model_fields["max_deferrals"].default)

Rows = Callable[..., Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Try:
    """A job held by one process, from its claim until the next claim."""

    pid: int
    since: float
    until: float

    def owed_to(self, hit: Hit) -> bool:
        """Return whether a fault may have ended the attempt."""
        return hit.ends(self.pid) and hit.within(self.since, self.until)


@dataclass
class Failures:
    """`hits`: faults so far. `judged`: subjects of failed jobs, lost or given up by rule."""

    rows: Rows
    model: Model
    hits: Sequence[Hit]
    known: set[str] = field(default_factory=set)
    judged: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Judge new failures."""
        for row in self.rows(FAILED):
            if row["job_id"] not in self.known:
                self.known.add(row["job_id"])
                self.judged.add(row["subject_id"])
                self._judge(row)

    def _judge(self, row: Mapping[str, Any]) -> None:
        what = f"{row['task']} {row['error_code']}"
        tries = _tries(row)
        explained = owed(tries, self.hits)
        if _by_rule(row, tries) and explained == len(tries):
            with self.model.lock:
                self.model.exhausted[what] += 1
                self.model.may_retry.update(row["entries"])
            self.model.told(f"given up, {explained} tries and as many hits: {what} {row['subject_id']}")
            return
        self.model.find(
            "lost",
            f"{what} of {row['subject_id']}, {row['attempts']} attempts and {row['deferrals']} deferrals: of"
            f" {len(tries)} tries {explained} are owed to a hit; entries {row['entries']}",
        )
        with self.model.lock:
            for entry_id in row["entries"]:
                if entry_id in self.model.entries:
                    self.model.entries[entry_id].lost = True


def _tries(row: Mapping[str, Any]) -> list[Try]:
    """Return the attempts that brought it to its end, by the suite's own record. Attempts given back
    because something was away or the worker was shut down do not count."""
    claims = row["claims"]
    ends = [*(claim["at"] for claim in claims[1:]), row["finished"]]
    tries = [
        (one["attempt"], Try(int(one["worker"].rpartition(":")[2]), one["at"], end))
        for one, end in zip(claims, ends, strict=True)
    ]
    if row["error_code"] == NOBODY_SURVIVES:
        return list(dict(tries).values())
    return [one for _, one in tries]


def _by_rule(row: Mapping[str, Any], tries: Sequence[Try]) -> bool:
    """Return whether the service gives such a job up because of faults, not because of its content."""
    if row["error_code"] == NOBODY_SURVIVES:
        return bool(row["attempts"] == len(tries) == MOST_ATTEMPTS)
    return row["error_code"] in AWAY and int(row["deferrals"]) + 1 >= MOST_DEFERRALS


def owed(tries: Sequence[Try], hits: Sequence[Hit]) -> int:
    """Return how many attempts are explained by a fault each, no fault counted for two (Kuhn's matching)."""
    taken: dict[int, int] = {}

    def find(place: int, seen: set[int]) -> bool:
        for number, hit in enumerate(hits):
            if number not in seen and tries[place].owed_to(hit):
                seen.add(number)
                if number not in taken or find(taken[number], seen):
                    taken[number] = place
                    return True
        return False

    return sum(find(place, set()) for place in range(len(tries)))
