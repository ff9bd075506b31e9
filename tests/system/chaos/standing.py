"""Detect stuck jobs: those that wait or run without any change for too long.

After a fault, work goes on within one lease and one round of the sweeper, once the hit process runs again.
That includes its start, a lost message that is sent again, and the time of the work. A queued job is not
stuck while earlier jobs of its queue are started or run. Earlier means: requested before its message was
written, so their number is limited. When none of these is left, it is that job's turn, whatever else
happens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.system.chaos.claims import BEGUN, REMEMBERED, WORK, Begun
from tests.system.chaos.faults import Hit
from tests.system.chaos.model import Model
from tests.system.chaos.system import LEASE_SECONDS

SWEEP_SECONDS: Final = 5.0
"""From one round of the sweeper to the next (`registry.core.messaging.broker`)."""
SETTLES_SECONDS: Final = 10.0
"""For so long after a pause of its own the sweeper believes nobody dead: who lives says so first."""
PATIENCE: Final = 1.5 * LEASE_SECONDS
"""A job that waits for longer than this is said again (`jobs.wake`), the first time."""
CLEARLY: Final = 5.0
"""Seconds by which a job has to be asked for later than another's message was written to come after it:
messages wait for a relay."""
LEAST_WORK: Final = 5.0
MOST_WORK: Final = 30.0
BUSY: Final = 2.0
"""Times that a job may take as long as nine in ten of its queue do, within these bounds."""

STANDING: Final = """
SELECT s.*, extract(epoch FROM j.created_at)::float8 AS created,
       extract(epoch FROM j.sent_at)::float8 AS sent,
       coalesce(j.status <> 'running' OR j.lease_until < now(), true) AS waits
FROM (
SELECT 'job' AS what, concat_ws(' ', task, status, error_code) AS one, job_id::text AS id, queue,
       concat_ws(' ', status, fence, attempts, deferrals, progress,
                 -- These end with what they are for, which is listed below.
                 CASE WHEN task IN ('deliver_messages', 'answer_watches') THEN renewed_at END) AS version,
       extract(epoch FROM CASE WHEN status = 'running' THEN lease_until ELSE due_at END)::float8 AS due
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
) s LEFT JOIN job j ON s.what = 'job' AND j.job_id::text = s.id
"""
"""All that is not done; empty once everything is. `version` changes when it goes on; `due`: when the service
itself looks at it next, at the latest, `created`: when a job was asked for, and `sent`: when a message was
last written for it, seconds since 1970. `waits`: nobody holds it."""

Key = tuple[str, str]
Rows = Callable[..., Sequence[Mapping[str, Any]]]


@dataclass
class _Seen:
    """The state of a job. It has been so since a time, and may be so until another. `start`: when it would
    have become stuck without earlier jobs. These are the ones requested until `placed`. `turn`: when one
    of them was last started or held. `again`: a message was written again since the start. It counts once,
    since messages may be repeated in vain."""

    one: str
    queue: str
    version: str
    waits: bool
    since: float
    due: float
    start: float
    placed: float
    turn: float
    again: bool


@dataclass
class Standing:
    """`boot`: seconds that the workers took to start. `hits`: faults so far. `work`: seconds of a job by
    queue."""

    rows: Rows
    model: Model
    hits: Sequence[Hit]
    boot: float
    work: dict[str, float] = field(default_factory=dict)
    settled: float = 0.0
    """When all that was hit last ran again."""
    seen: dict[Key, _Seen] = field(default_factory=dict)
    told: set[Key] = field(default_factory=set)
    longest: float = 0.0
    """Seconds that anything stood at most beyond what it waits for by itself."""

    @property
    def most(self) -> float:
        """Return the longest time that anything may stay unchanged."""
        return self.limit("")

    def limit(self, queue: str) -> float:
        """Return that limit for jobs of a queue (empty: of any queue)."""
        work = self.work.get(queue, LEAST_WORK) if queue else max(self.work.values(), default=LEAST_WORK)
        return LEASE_SECONDS + SWEEP_SECONDS + SETTLES_SECONDS + PATIENCE + self.boot + work

    def measure(self) -> None:
        """Measure how long work takes, from finished jobs."""
        self.work = {
            row["queue"]: min(MOST_WORK, max(LEAST_WORK, BUSY * row["usual"])) for row in self.rows(WORK)
        }
        self.model.stuck_after = max(self.model.stuck_after, self.most)

    def settle(self) -> None:
        """Note that everything that was hit runs again."""
        self.settled = time.time()
        self.measure()

    def look(self) -> dict[Key, str]:
        """Return waiting and running jobs by their version, without those found to be stuck."""
        now = time.time()
        found = {(row["what"], row["id"]): row for row in self.rows(STANDING)}
        begun, held = Begun.of(self.rows(BEGUN, REMEMBERED)), self._held(found)
        seen = {key: self._of(self.seen.get(key), row, now) for key, row in found.items()}
        for item in seen.values():
            until = item.placed + CLEARLY
            if item.waits:
                busy = now if held.get(item.queue, until + 1) <= until else 0.0
                item.turn = max(item.turn, busy, begun.last(item.queue, until))
        self.seen = seen
        for key, one in seen.items():
            stood = now - max(one.start, one.turn)
            if key in self.told:
                continue
            self.longest = max(self.longest, stood)
            if stood > self.limit(one.queue):
                self.told.add(key)
                text = f"{key[0]} {one.one} {key[1]} has stood for {stood:.0f} s: {one.version}"
                self.model.find("stuck", text)
        return {key: one.version for key, one in self.seen.items() if key not in self.told}

    def await_moved(self) -> None:
        """Wait until all present jobs have made progress or were found to be stuck, while new ones arrive.
        Jobs with a due time are looked at then."""
        soon = time.time() + 2 * LEASE_SECONDS
        before = {key: version for key, version in self.look().items() if self.seen[key].due < soon}
        while before:
            time.sleep(0.5)
            now = self.look()
            before = {key: version for key, version in before.items() if now.get(key) == version}

    def _of(self, known: _Seen | None, row: Mapping[str, Any], now: float) -> _Seen:
        same = known if known is not None and known.version == row["version"] else None
        # A lease that is renewed moves on by itself: of that the first counts, until it has run out.
        due = same.due if same and not row["waits"] else row["due"] or 0.0
        since = same.since if same else now
        start = max(since, due, self._hit(row["queue"]))
        sent, placed, turn, again = row["sent"] or 0.0, start, 0.0, False
        if same and same.start == start:
            placed, turn, again = same.placed, same.turn, same.again
        if sent > start and not again:
            placed, again = sent, True
        state = (row["one"], row["queue"], row["version"], row["waits"])
        return _Seen(*state, since, due, start, placed, turn, again)

    def _held(self, found: Mapping[Key, Mapping[str, Any]]) -> dict[str, float]:
        """Return by queue when the oldest held job was requested."""
        held: dict[str, float] = {}
        for key, row in found.items():
            if not (row["created"] is None or row["waits"] or key in self.told):
                held[row["queue"]] = min(row["created"], held.get(row["queue"], row["created"]))
        return held

    def _hit(self, queue: str) -> float:
        """Return when its process ran again after the last fault."""
        last = max((hit.ended for hit in self.hits if hit.touches(queue)), default=0.0)
        return max(last, self.settled) if last else 0.0
