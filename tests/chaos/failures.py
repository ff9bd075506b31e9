"""Jobs that failed. Each medium is sound and each question a good one, so that nothing may fail; only what
was hit at each of its tries is given up by rule, and counted apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.chaos.faults import Hit
from tests.chaos.model import Model

FAILED: Final = """
SELECT j.job_id::text, j.task, j.queue, j.subject_id::text, j.attempts + j.deferrals AS tries, j.error_code,
       extract(epoch FROM j.created_at)::float8 AS created,
       extract(epoch FROM j.finished_at)::float8 AS finished,
       coalesce((SELECT array_agg(e.entry_id::text) FROM entry_asset e WHERE e.asset_id = j.subject_id),
                '{}') AS entries
FROM job j WHERE j.status = 'failed'
"""

Rows = Callable[..., Sequence[Mapping[str, Any]]]


@dataclass
class Failures:
    """`hits`: what was done so far; `judged`: subjects of jobs that failed, lost or given up by rule."""

    rows: Rows
    model: Model
    hits: Sequence[Hit]
    known: set[str] = field(default_factory=set)
    judged: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Judge what has failed since."""
        for row in self.rows(FAILED):
            if row["job_id"] not in self.known:
                self.known.add(row["job_id"])
                self.judged.add(row["subject_id"])
                self._judge(row)

    def _judge(self, row: Mapping[str, Any]) -> None:
        """By the database's own record: a try is owed to a fault that hit who did it, while it was open."""
        hits = sum(
            one.touches(row["queue"]) and one.within(row["created"], row["finished"]) for one in self.hits
        )
        what = f"{row['task']} {row['error_code']}"
        if 0 < row["tries"] <= hits:
            with self.model.lock:
                self.model.exhausted[what] += 1
                self.model.may_retry.update(row["entries"])
            self.model.told(
                f"given up after {row['tries']} tries and {hits} hits: {what} {row['subject_id']}"
            )
            return
        seconds = row["finished"] - row["created"]
        self.model.find(
            "lost",
            f"{what} of {row['subject_id']} after {row['tries']} tries and {hits} hits in {seconds:.0f} s;"
            f" entries {row['entries']}",
        )
        with self.model.lock:
            for entry_id in row["entries"]:
                if entry_id in self.model.entries:
                    self.model.entries[entry_id].lost = True
