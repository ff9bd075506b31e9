"""What stands still: all that waits or is being done, and since when nothing of it has changed.

Whatever is hit goes on within one lease and one round of the sweeper, once what was hit runs again. What runs
again has to start first, and work takes its time on a busy machine: both are measured in the run itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.chaos.faults import Hit
from tests.chaos.model import Model
from tests.chaos.system import LEASE_SECONDS

SWEEP_SECONDS: Final = 5.0
"""From one round of the sweeper to the next (`registry.broker`)."""
SETTLES_SECONDS: Final = 10.0
"""For so long after a pause of its own the sweeper believes nobody dead: who lives says so first."""
PATIENCE: Final = 1.5 * LEASE_SECONDS
"""A job that waits for longer than this, and than it had waited before, is said again (`jobs.wake`)."""
LEAST_WORK: Final = 5.0
BUSY: Final = 2.0
"""Times that a job may take as long as nine in ten do."""

USUAL: Final = """
SELECT coalesce(max(usual), 0)::float8 AS usual FROM (
    SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - created_at)) AS usual
    FROM job WHERE status = 'done' AND attempts = 1 AND deferrals = 0
      AND task IN ('fingerprint_asset', 'fingerprint_segment', 'answer_lookup', 'relate_entry')
    GROUP BY task) tasks
"""
"""Seconds from the asking to the end that nine in ten jobs took at most which nothing has disturbed, of the
slowest kind."""

STANDING: Final = """
SELECT 'job' AS what, concat_ws(' ', task, status, error_code) AS one, job_id::text AS id, queue,
       concat_ws(' ', status, fence, attempts, deferrals, progress,
                 -- These end with what they are for, which is listed below.
                 CASE WHEN task IN ('deliver_messages', 'answer_watches') THEN renewed_at END) AS version,
       extract(epoch FROM CASE WHEN status = 'running' THEN lease_until ELSE greatest(
           due_at, sent_at + greatest(make_interval(secs => %s), sent_at - created_at)) END)::float8 AS due
FROM job WHERE status IN ('queued', 'running')
UNION ALL SELECT 'message in the outbox', task, outbox_id::text, '', '', NULL FROM outbox
UNION ALL SELECT 'event without a place in the ledger', '', event_id::text, '', '', NULL FROM event_waiting
UNION ALL SELECT 'event of which nobody was told', '', event_id::text, '', '', NULL FROM event_untold
UNION ALL SELECT 'message of a webhook', kind, delivery_id::text, 'delivery', attempts::text,
    extract(epoch FROM next_at)::float8 FROM webhook_delivery WHERE status = 'waiting'
UNION ALL SELECT 'watch to be answered', '', entry_id::text, 'media', concat_ws(' ', asked, tries), NULL
    FROM watch_due
UNION ALL SELECT 'segment that nobody reads', '', segment_id::text, 'media', '', NULL FROM segment s
    WHERE found IS NULL AND NOT EXISTS (SELECT FROM job j WHERE j.task = 'fingerprint_segment'
        AND j.subject_id = s.segment_id AND j.status IN ('queued', 'running'))
UNION ALL SELECT 'division that nobody joins', '', asset_id::text, 'media', remaining::text, NULL
    FROM division d WHERE NOT EXISTS (SELECT FROM job j WHERE j.status IN ('queued', 'running')
        AND (j.subject_id = d.asset_id OR j.subject_id IN (
            SELECT segment_id FROM segment s WHERE s.asset_id = d.asset_id)))
UNION ALL SELECT 'lookup that nobody answers', '', lookup_id::text, 'interactive', '', NULL FROM lookup l
    WHERE status = 'queued' AND NOT EXISTS (SELECT FROM job j WHERE j.task = 'answer_lookup'
        AND j.subject_id = l.lookup_id AND j.status IN ('queued', 'running'))
UNION ALL SELECT 'medium that nobody reads', '', asset_id::text, 'media', '', NULL FROM asset a
    WHERE status = 'pending' AND NOT EXISTS (SELECT FROM division d WHERE d.asset_id = a.asset_id)
      AND NOT EXISTS (SELECT FROM job j WHERE j.task = 'fingerprint_asset'
        AND j.subject_id = a.asset_id AND j.status IN ('queued', 'running'))
UNION ALL SELECT 'notice on its way', channel || ' ' || status, delivery_id::text, 'delivery',
    concat_ws(' ', status, attempts), extract(epoch FROM next_at)::float8
    FROM notice_delivery WHERE status IN ('waiting', 'sending', 'handing')
"""
"""All that is not done; empty once everything is. `version` changes when it goes on; `due`: when the service
itself looks at it next, at the latest, seconds since 1970."""

Key = tuple[str, str]
Rows = Callable[..., Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class _Seen:
    """Since when it has been as it is, and until when it may be."""

    one: str
    queue: str
    version: str
    since: float
    due: float


@dataclass
class Standing:
    """`boot`: seconds that the workers took to start; `hits`: what was done so far."""

    rows: Rows
    model: Model
    hits: Sequence[Hit]
    boot: float
    limit: float = 0.0
    settled: float = 0.0
    """When all that was hit last ran again."""
    seen: dict[Key, _Seen] = field(default_factory=dict)
    told: set[Key] = field(default_factory=set)
    longest: float = 0.0
    """Seconds that anything stood at most beyond what it waits for by itself."""

    def measure(self) -> None:
        """How long anything may stand, by what the load is now."""
        work = max(LEAST_WORK, BUSY * float(self.rows(USUAL)[0]["usual"]))
        self.limit = LEASE_SECONDS + SWEEP_SECONDS + SETTLES_SECONDS + self.boot + work
        self.model.stuck_after = max(self.model.stuck_after, self.limit)

    def settle(self) -> None:
        """All that was hit runs again."""
        self.settled = time.time()
        self.measure()

    def look(self) -> dict[Key, str]:
        """What waits or is done now, by its version, without what was found to be stuck."""
        now = time.time()
        found = {(row["what"], row["id"]): row for row in self.rows(STANDING, PATIENCE)}
        self.seen = {key: self._of(key, row, now) for key, row in found.items()}
        for key, one in self.seen.items():
            stood = now - max(one.since, one.due, self._hit(one.queue))
            if key in self.told:
                continue
            self.longest = max(self.longest, stood)
            if stood > self.limit:
                self.told.add(key)
                said = f"{key[0]} {one.one} {key[1]} has stood for {stood:.0f} s: {one.version}"
                self.model.find("stuck", said)
        return {key: one.version for key, one in self.seen.items() if key not in self.told}

    def await_moved(self) -> None:
        """Until all that stands now has gone on, or was found to be stuck, while others come. What waits for
        a time of its own is looked at then."""
        soon = time.time() + 2 * LEASE_SECONDS
        before = {key: version for key, version in self.look().items() if self.seen[key].due < soon}
        while before:
            time.sleep(0.5)
            now = self.look()
            before = {key: version for key, version in before.items() if now.get(key) == version}

    def _of(self, key: Key, row: Mapping[str, Any], now: float) -> _Seen:
        known = self.seen.get(key)
        if known is not None and known.version == row["version"]:
            return known
        return _Seen(row["one"], row["queue"], row["version"], now, row["due"] or 0.0)

    def _hit(self, queue: str) -> float:
        """When what does it ran again after it was hit last."""
        last = max((one.ended for one in self.hits if one.touches(queue)), default=0.0)
        return max(last, self.settled) if last else 0.0
