"""Limits on waiting work. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

REOPENS: Final = 0.8
"""Hysteresis: once refused, work is accepted again when the load falls to this share of the limit."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of a queue: number of open jobs, and age in seconds of the oldest unstarted job (0: no limit).
    `retry_after`: seconds until a new attempt is useful."""

    jobs: int
    seconds: float
    retry_after: int


@dataclass(frozen=True, slots=True)
class Share:
    """Open jobs of one caller: how many, and the age in seconds of the oldest unstarted one."""

    organization_id: UUID | None
    caller_id: UUID | None
    jobs: int
    oldest: float = 0.0


@dataclass(frozen=True, slots=True)
class Load:
    """Open jobs of all callers that have any. `is_idle`: no worker has worked on these queues lately."""

    shares: Sequence[Share]
    is_idle: bool = False

    @property
    def jobs(self) -> int:
        return sum(share.jobs for share in self.shares)

    @property
    def oldest(self) -> float:
        return max((share.oldest for share in self.shares), default=0.0)

    def fills(self, caller_id: UUID, organization_id: UUID, *, room: float, seconds: float) -> bool:
        """Return whether a caller, or its organization among several, has at least as many jobs as there is
        room for, or the caller waits for one of its own for `seconds` (0: no limit). Without room, so has
        each organization that has jobs."""
        own = [share for share in self.shares if share.caller_id == caller_id]
        kin = [share for share in self.shares if share.organization_id == organization_id]
        if any(share.jobs >= room or 0 < seconds <= share.oldest for share in own):
            return True
        among_others = len(kin) < len(self.shares)
        return bool(kin) and (room <= 0 or (among_others and sum(share.jobs for share in kin) >= room))


Refusal = Literal["share", "full"]
"""Why work is refused: the caller has its share of what waits, or too much waits of all callers."""
FACTOR: Final = 2
"""How far beyond the limit callers with little waiting work are let in."""


def refusal(bounds: Bounds, load: Load, caller_id: UUID, organization_id: UUID) -> Refusal | None:
    """Return why a caller's work is refused when the queue is full; None: it is let in. If no worker works,
    all are refused.

    The last fifth of the room is for organizations that have no jobs. Of the rest, a caller has its share if
    it has as many jobs as there is room left. So n that fill the queue get 1/(n + 1) of it each in the long
    run, however often they try, and leave as much to others.
    """
    most = FACTOR * bounds.jobs
    if load.is_idle and bounds.seconds > 0 and load.oldest >= bounds.seconds:
        return "full"
    if load.fills(caller_id, organization_id, room=REOPENS * most - load.jobs, seconds=bounds.seconds):
        return "share"
    return "full" if load.jobs >= most else None


def is_full(bounds: Bounds, *, jobs: int, oldest: float, was: bool) -> bool:
    """Whether more work is refused. `jobs`: open jobs; `oldest`: age in seconds of the oldest unstarted one;
    `was`: whether work was refused until now."""
    share = REOPENS if was else 1.0
    return jobs >= bounds.jobs * share or (bounds.seconds > 0 and oldest >= bounds.seconds * share)
