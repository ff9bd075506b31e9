"""Who took which job, and when: what a job's row forgets with the next claim, kept by a trigger in a schema
of the suite's own."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

import psycopg

REMEMBERED: Final = 900.0
"""Seconds for which what was begun counts."""

_KEEP: Final = """
CREATE SCHEMA chaos;
CREATE TABLE chaos.claim (
    job_id uuid,
    fence bigint,
    task text NOT NULL,
    queue text NOT NULL,
    attempts integer NOT NULL,
    deferrals integer NOT NULL,
    worker text,
    created_at timestamptz NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (job_id, fence)
);
CREATE FUNCTION chaos.keep_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO chaos.claim VALUES (NEW.job_id, NEW.fence, NEW.task, NEW.queue, NEW.attempts, NEW.deferrals,
                                    NEW.worker, NEW.created_at, clock_timestamp());
    RETURN NULL;
END $$;
CREATE TRIGGER chaos_claimed AFTER UPDATE OF fence ON job
    FOR EACH ROW WHEN (NEW.fence > OLD.fence) EXECUTE FUNCTION chaos.keep_claim();
"""

BEGUN: Final = """
SELECT queue, extract(epoch FROM created_at)::float8 AS created, extract(epoch FROM first)::float8 AS at
FROM (SELECT queue, created_at, min(at) AS first FROM chaos.claim
      GROUP BY job_id, queue, created_at, attempts, deferrals) tries
WHERE first > now() - make_interval(secs => %s)
"""
"""Each try of each job, when it was first begun: of a job there are so many and no more, however often it is
taken."""

WORK: Final = """
SELECT c.queue,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM j.finished_at - c.at)::float8) AS usual
FROM chaos.claim c JOIN job j USING (job_id, fence)
WHERE c.fence = 1 AND j.status = 'done'
  -- These go on for as long as there is something to do.
  AND c.task NOT IN ('deliver_messages', 'answer_watches')
GROUP BY c.queue
"""
"""Seconds from the claim to the end that nine in ten jobs of a queue took at most, of those that nothing has
disturbed."""


def keep(database_url: str) -> None:
    """From now on."""
    with psycopg.connect(database_url) as connection:
        connection.execute(_KEEP.encode())


@dataclass(frozen=True)
class Begun:
    """By queue: when the jobs were asked for, in that order, and when the last of each and those before it
    was begun."""

    queues: Mapping[str, tuple[list[float], list[float]]]

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> Begun:
        """From rows of `BEGUN`."""
        found = defaultdict(list)
        for row in rows:
            found[row["queue"]].append((row["created"], row["at"]))
        return cls(
            {
                queue: ([created for created, _ in jobs], list(accumulate((at for _, at in jobs), max)))
                for queue, unsorted in found.items()
                for jobs in [sorted(unsorted)]
            }
        )

    def last(self, queue: str, until: float) -> float:
        """When one was last begun on that queue that had been asked for until then; 0: none was."""
        created, begun = self.queues.get(queue, ([], []))
        place = bisect_right(created, until)
        return begun[place - 1] if place else 0.0
