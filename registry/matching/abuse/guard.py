"""Refuse lookups that reconstruct registered hashes. All API processes share what they observe.

Callers with the scope `signals` are not checked: their answers state distances anyway.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime
from threading import Lock
from typing import Any, Final
from uuid import UUID

from registry.catalogue.fingerprints.model.algorithms import ISCC, PDQ, PHASH256
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.errors import FakeprintError, TooMany
from registry.core.http.thread_pool import ThreadPool
from registry.core.service import Service
from registry.core.settings import Settings
from registry.identity.callers.model import Caller
from registry.matching.abuse import model as reconstruction
from registry.matching.abuse.errors import ReconstructionSuspected
from registry.matching.abuse.model import SharedWalk, Walk, WalkReport, Walks
from registry.matching.abuse.service import News, share_walks
from registry.matching.counters import LookupCounters

EXCHANGE_SECONDS: Final = 0.5
"""Seconds between two exchanges with the other processes."""
MOST_ORGANIZATIONS: Final = 1_000
MOST_WALKS: Final = 50_000
"""Most organizations, and most walks in total, that are remembered. The organization added first is dropped
first."""
STEP: Final = 4
"""Further bits that a walk must flip before it is reported again."""

_Place = tuple[UUID, str, str]
"""Organization, algorithm and middle of a walk."""


class _Organization:
    """The walks of one organization, by algorithm, and until when its near-identical hashes are refused."""

    def __init__(self) -> None:
        self.walks = {algorithm: Walks() for algorithm in _WATCHED}
        self.refused_until = 0.0
        self.lifted_at: datetime | None = None

    def __len__(self) -> int:
        return sum(len(walks.centres) for walks in self.walks.values())


class ReconstructionGuard:
    """The walks of all organizations in one process.

    `most`: flipped bits from which a walk is suspected; 0 turns the guard off. `hold`: seconds for which
    near-identical hashes are then refused.
    """

    def __init__(self, *, most: int, hold: float, instruments: LookupCounters) -> None:
        self._most = most
        self._hold = hold
        self._instruments = instruments
        self._organizations: dict[UUID, _Organization] = {}
        self._unreported: dict[_Place, tuple[Walk, UUID]] = {}
        self._since: datetime | None = None
        self._lock = Lock()

    @classmethod
    def of(cls, settings: Settings, instruments: LookupCounters) -> ReconstructionGuard:
        """Return a guard with the deployment's settings."""
        return cls(
            most=settings.reconstruction_bits, hold=settings.reconstruction_seconds, instruments=instruments
        )

    def admit(self, caller: Caller, algorithm: str, value: str) -> None:
        """Raise `TooMany` (`reconstruction_suspected`) if the hash (hex) is near one that the organization
        seems to reconstruct."""
        organization = self._organizations.get(caller.organization_id)
        if (
            organization is None
            or not organization.refused_until
            or caller.sees_signals
            or algorithm not in organization.walks
        ):
            return
        value = reconstruction.normalised(value)
        with self._lock:
            self._admit(organization, algorithm, value)

    def note(self, caller: Caller, algorithm: str, value: str, answer: Mapping[str, Any]) -> None:
        """Add a hash and its answer, as the caller will see it. Call this before the answer is sent.

        Raises as `admit` if this hash completes a suspicion.
        """
        if not self._most or algorithm not in _WATCHED or caller.sees_signals:
            return
        matches = answer["matches"]
        organization = self._organizations.get(caller.organization_id)
        if organization is None and not matches:
            return
        value = reconstruction.normalised(value)
        with self._lock:
            organization = organization or self._organization(caller.organization_id)
            self._note(organization, caller, algorithm, value, _distinguishable(matches))

    def admit_document(self, caller: Caller, fingerprint: Fingerprint) -> None:
        """As `admit`, for each frame."""
        organization = self._organizations.get(caller.organization_id)
        if organization is None or not organization.refused_until or caller.sees_signals:
            return
        for _, algorithm, value in _hashes(fingerprint):
            with self._lock:
                self._admit(organization, algorithm, value)

    def note_document(self, caller: Caller, fingerprint: Fingerprint, answer: Mapping[str, Any]) -> None:
        """As `note`, for each frame. The answer to a frame is the matches whose spans cover it."""
        if not self._most or caller.sees_signals:
            return
        matches = answer["matches"]
        organization = self._organizations.get(caller.organization_id)
        if organization is None and not matches:
            return
        with self._lock:
            organization = organization or self._organization(caller.organization_id)
        for time_s, algorithm, value in _hashes(fingerprint):
            frame_answer = _distinguishable([match for match in matches if _covers(match, time_s)])
            with self._lock:  # frame by frame, so that other lookups do not wait for all of them
                self._note(organization, caller, algorithm, value, frame_answer)

    async def exchange(self, threads: ThreadPool, service: Service) -> None:
        """Report changed walks to the other processes, and merge theirs. Call it every `EXCHANGE_SECONDS`."""
        if not self._most:
            return
        with self._lock:
            # All processes report in the same order, so that no two of them wait for each other.
            unreported, self._unreported = dict(sorted(self._unreported.items(), key=_place)), {}
            reports = [_report(*place, walk, caller_id) for place, (walk, caller_id) in unreported.items()]
        try:
            news = await threads.run(share_walks, service, reports, self._since)
        except FakeprintError:
            with self._lock:
                for (walk, _), report in zip(unreported.values(), reports, strict=True):
                    walk.reported_turns -= report.turns
                    walk.reported_hashes -= report.hashes
                self._unreported = unreported | self._unreported
            return
        self.merge(news)

    def merge(self, news: News) -> None:
        """Merge what the other processes have reported."""
        self._since = news.since
        for _ in news.suspected:
            self._instruments.suspected()
        with self._lock:
            for walk in news.walks:
                self._join(walk)

    def _join(self, shared: SharedWalk) -> None:
        organization = self._organization(shared.organization_id)
        if shared.lifted_at and (organization.lifted_at is None or shared.lifted_at > organization.lifted_at):
            organization = self._add(shared.organization_id)
            organization.lifted_at = shared.lifted_at
            for place in [place for place in self._unreported if place[0] == shared.organization_id]:
                del self._unreported[place]
        turned = int(shared.turned, 16)
        if turned:
            organization.walks[shared.algorithm].join(shared.centre, turned, shared.turns, shared.hashes)
        if shared.refused > 0:
            refused_until = time.monotonic() + shared.refused
            organization.refused_until = max(organization.refused_until, refused_until)

    def _admit(self, organization: _Organization, algorithm: str, value: str) -> None:
        remaining = organization.refused_until - time.monotonic()
        if remaining <= 0:
            organization.refused_until = 0.0
            return
        walk = organization.walks[algorithm].near(value)
        # The same hash again reveals nothing new.
        if walk is not None and walk.centre != value:
            raise self._refusal(remaining)

    def _note(
        self, organization: _Organization, caller: Caller, algorithm: str, value: str, answer: Hashable
    ) -> None:
        walk = organization.walks[algorithm].add(value, answer)
        if walk is None or walk.bits < reconstruction.SHARED:
            return
        suspected = organization.walks[algorithm].is_suspected(walk, self._most)
        if suspected or walk.bits >= walk.reported + STEP:
            organization.walks[algorithm].shared[walk.name()] = walk
            place = (caller.organization_id, algorithm, walk.middle)
            self._unreported[place] = (walk, caller.caller_id)
        if suspected:
            organization.refused_until = time.monotonic() + self._hold
            raise self._refusal(self._hold)

    def _refusal(self, seconds: float) -> TooMany:
        self._instruments.probe_refused()
        return ReconstructionSuspected(
            "You looked up near-identical hashes with different answers, which can reconstruct a registered"
            " hash. Other hashes are answered.",
            retry_after=seconds,
        )

    def _organization(self, organization_id: UUID) -> _Organization:
        return self._organizations.get(organization_id) or self._add(organization_id)

    def _add(self, organization_id: UUID) -> _Organization:
        """Start an organization without walks. If there are too many, drop the one added first."""
        self._organizations.pop(organization_id, None)
        if len(self._organizations) >= MOST_ORGANIZATIONS or (
            len(self._organizations) > 1 and self._size() > MOST_WALKS
        ):
            del self._organizations[next(iter(self._organizations))]
        organization = self._organizations[organization_id] = _Organization()
        return organization

    def _size(self) -> int:
        return sum(map(len, self._organizations.values()))


_WATCHED: Final = frozenset({PHASH256.name, PDQ.name, ISCC.name})
"""Of an ISCC the Content-Code is watched."""


def _place(unreported: tuple[_Place, object]) -> _Place:
    return unreported[0]


def _distinguishable(matches: list[Mapping[str, Any]]) -> Hashable:
    """Return everything by which a caller can tell answers apart, except times. None: nothing matched."""
    if not matches:
        return None
    return tuple(
        (match["asset_id"], match["verdict"], match["confidence"], tuple(match["reasons"]))
        for match in matches
    )


def _covers(match: Mapping[str, Any], time_s: float) -> bool:
    return any(span["query"][0] - 0.01 <= time_s <= span["query"][1] + 0.01 for span in match["spans"])


def _hashes(fingerprint: Fingerprint) -> Iterator[tuple[float, str, str]]:
    """Yield time, algorithm and hash of every frame that is compared."""
    for frame in fingerprint.informative():
        if frame.phash256 is not None:
            yield frame.time, PHASH256.name, frame.phash256.hex()
        if frame.pdq is not None:
            yield frame.time, PDQ.name, frame.pdq.hex()


def _report(organization_id: UUID, algorithm: str, middle: str, walk: Walk, caller_id: UUID) -> WalkReport:
    """Return the increase of a walk since its last report, and count it as reported."""
    turns, hashes = walk.own_turns - walk.reported_turns, walk.hashes - walk.reported_hashes
    walk.reported, walk.reported_turns, walk.reported_hashes = walk.bits, walk.own_turns, walk.hashes
    return WalkReport(organization_id, caller_id, algorithm, middle, f"{walk.turned:064x}", turns, hashes)
