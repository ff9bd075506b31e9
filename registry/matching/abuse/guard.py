"""Refuses lookups that reconstruct registered hashes, in this process and as the others say.

Callers with the scope `signals` are left alone: they are told how near a hash is.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime
from threading import Lock
from typing import Any, Final
from uuid import UUID

from registry.catalogue.fingerprints.model.algorithms import PDQ, PHASH256
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.errors import FakeprintError, TooMany
from registry.core.http.thread_pool import ThreadPool
from registry.core.service import Service
from registry.core.settings import Settings
from registry.identity.callers.model import Caller
from registry.matching.abuse import model as reconstruction
from registry.matching.abuse.errors import ReconstructionSuspected
from registry.matching.abuse.model import Heard, Turned, Walk, Walks
from registry.matching.abuse.service import News, share_walks
from registry.matching.counters import LookupCounters

EVERY: Final = 0.5
"""Seconds between two exchanges with the other processes."""
MOST_ORGANIZATIONS: Final = 1_000
MOST_WALKS: Final = 50_000
"""Organizations, and centres of all together, that are remembered; whoever began nothing for longest is
forgotten first."""
STEP: Final = 4
"""Bits that a walk turns before the others are told again."""


class _Organization:
    """What its callers ask about."""

    def __init__(self) -> None:
        self.walks = {PHASH256.name: Walks(), PDQ.name: Walks()}
        self.refused_until = 0.0
        self.lifted_at: datetime | None = None

    def __len__(self) -> int:
        return sum(len(walks.centres) for walks in self.walks.values())


class ReconstructionGuard:
    """The walks of all organizations in one process. `most`: bits that a walk turns until it is suspected, 0:
    nobody is; `hold`: seconds for which near-identical hashes are refused then."""

    def __init__(self, *, most: int, hold: float, instruments: LookupCounters) -> None:
        self._most = most
        self._hold = hold
        self._instruments = instruments
        self._organizations: dict[UUID, _Organization] = {}
        self._untold: dict[tuple[UUID, str, str], tuple[Walk, UUID]] = {}
        self._since: datetime | None = None
        self._lock = Lock()

    @classmethod
    def of(cls, settings: Settings, instruments: LookupCounters) -> ReconstructionGuard:
        """As a deployment has it."""
        return cls(
            most=settings.reconstruction_bits, hold=settings.reconstruction_seconds, instruments=instruments
        )

    def admit(self, caller: Caller, algorithm: str, value: str) -> None:
        """Raise `TooMany` (`reconstruction_suspected`) if the hash (hex) is near one that the organization
        seems to reconstruct."""
        one = self._organizations.get(caller.organization_id)
        if one is None or not one.refused_until or caller.sees_signals or algorithm not in one.walks:
            return
        value = reconstruction.written(value)
        with self._lock:
            self._admit(one, algorithm, value)

    def note(self, caller: Caller, algorithm: str, value: str, answer: Mapping[str, Any]) -> None:
        """A hash was answered so, as `shown`, and the answer not sent yet. Raises as `admit` where it
        completes a suspicion."""
        if not self._most or algorithm not in _WATCHED or caller.sees_signals:
            return
        matches = answer["matches"]
        one = self._organizations.get(caller.organization_id)
        if one is None and not matches:
            return
        with self._lock:
            self._note(
                one or self._begun(caller), caller, algorithm, reconstruction.written(value), _told(matches)
            )

    def admit_document(self, caller: Caller, fingerprint: Fingerprint) -> None:
        """As `admit`, for each frame."""
        one = self._organizations.get(caller.organization_id)
        if one is None or not one.refused_until or caller.sees_signals:
            return
        for _, algorithm, value in _hashes(fingerprint):
            with self._lock:
                self._admit(one, algorithm, value)

    def note_document(self, caller: Caller, fingerprint: Fingerprint, answer: Mapping[str, Any]) -> None:
        """As `note`, for each frame: it is answered by the matches whose spans hold it."""
        if not self._most or caller.sees_signals:
            return
        matches = answer["matches"]
        one = self._organizations.get(caller.organization_id)
        if one is None and not matches:
            return
        with self._lock:
            one = one or self._begun(caller)
        for at, algorithm, value in _hashes(fingerprint):
            here = _told([match for match in matches if _holds(match, at)])
            with self._lock:  # frame by frame: others wait for it
                self._note(one, caller, algorithm, value, here)

    async def tend(self, hands: ThreadPool, service: Service) -> None:
        """Tell the other processes, and hear of them; call it every `EVERY` seconds."""
        if not self._most:
            return
        with self._lock:
            # In one order everywhere, so that no two processes wait for each other.
            untold, self._untold = dict(sorted(self._untold.items(), key=_place)), {}
            told = [_turned(*place, *one) for place, one in untold.items()]
        try:
            news = await hands.run(share_walks, service, told, self._since)
        except FakeprintError:
            with self._lock:
                for (walk, _), turned in zip(untold.values(), told, strict=True):
                    walk.told_turns -= turned.turns
                    walk.told_hashes -= turned.hashes
                self._untold = untold | self._untold
            return
        self.hear(news)

    def hear(self, news: News) -> None:
        """Take in what others know."""
        self._since = news.since
        for _ in news.suspected:
            self._instruments.suspected()
        with self._lock:
            for heard in news.walks:
                self._join(heard)

    def _join(self, heard: Heard) -> None:
        one = self._organizations.get(heard.organization_id) or self._made(heard.organization_id)
        if heard.lifted_at and (one.lifted_at is None or heard.lifted_at > one.lifted_at):
            lifted = self._made(heard.organization_id)
            lifted.lifted_at = heard.lifted_at
            for place in [place for place in self._untold if place[0] == heard.organization_id]:
                del self._untold[place]
            one = lifted
        turned = int(heard.turned, 16)
        if turned:
            one.walks[heard.algorithm].join(heard.centre, turned, heard.turns, heard.hashes)
        if heard.refused > 0:
            one.refused_until = max(one.refused_until, time.monotonic() + heard.refused)

    def _admit(self, organization: _Organization, algorithm: str, value: str) -> None:
        left = organization.refused_until - time.monotonic()
        if left <= 0:
            organization.refused_until = 0.0
            return
        walk = organization.walks[algorithm].near(value)
        # The very hash again tells nothing new.
        if walk is not None and walk.centre != value:
            raise self._refused(left)

    def _note(
        self, organization: _Organization, caller: Caller, algorithm: str, value: str, answer: Hashable
    ) -> None:
        walk = organization.walks[algorithm].seen(value, answer)
        if walk is None or walk.bits < reconstruction.SHARED:
            return
        suspected = organization.walks[algorithm].is_suspected(walk, self._most)
        if suspected or walk.bits >= walk.told + STEP:
            organization.walks[algorithm].shared[walk.name()] = walk
            place = (caller.organization_id, algorithm, walk.middle)
            self._untold[place] = (walk, caller.caller_id)
        if suspected:
            organization.refused_until = time.monotonic() + self._hold
            raise self._refused(self._hold)

    def _refused(self, seconds: float) -> TooMany:
        self._instruments.probe_refused()
        return ReconstructionSuspected(
            "Near-identical hashes whose answers differ were asked, as if to reconstruct a registered one."
            " Other hashes are answered.",
            retry_after=seconds,
        )

    def _begun(self, caller: Caller) -> _Organization:
        return self._organizations.get(caller.organization_id) or self._made(caller.organization_id)

    def _made(self, organization_id: UUID) -> _Organization:
        self._organizations.pop(organization_id, None)
        if len(self._organizations) >= MOST_ORGANIZATIONS or (
            len(self._organizations) > 1 and self._size() > MOST_WALKS
        ):
            del self._organizations[next(iter(self._organizations))]
        made = self._organizations[organization_id] = _Organization()
        return made

    def _size(self) -> int:
        return sum(map(len, self._organizations.values()))


_WATCHED: Final = frozenset({PHASH256.name, PDQ.name})


def _place(item: tuple[tuple[UUID, str, str], object]) -> tuple[UUID, str, str]:
    return item[0]


def _told(matches: list[Mapping[str, Any]]) -> Hashable:
    """All that answers can be told apart by, but for times; None: nothing matched."""
    if not matches:
        return None
    return tuple(
        (match["asset_id"], match["verdict"], match["confidence"], tuple(match["reasons"]))
        for match in matches
    )


def _holds(match: Mapping[str, Any], at: float) -> bool:
    return any(span["query"][0] - 0.01 <= at <= span["query"][1] + 0.01 for span in match["spans"])


def _hashes(fingerprint: Fingerprint) -> Iterator[tuple[float, str, str]]:
    """Time, algorithm and hash of every frame that is compared."""
    for frame in fingerprint.informative():
        if frame.phash256 is not None:
            yield frame.time, PHASH256.name, frame.phash256.hex()
        if frame.pdq is not None:
            yield frame.time, PDQ.name, frame.pdq.hex()


def _turned(organization_id: UUID, algorithm: str, middle: str, walk: Walk, caller_id: UUID) -> Turned:
    turns, hashes = walk.own_turns - walk.told_turns, walk.hashes - walk.told_hashes
    walk.told, walk.told_turns, walk.told_hashes = walk.bits, walk.own_turns, walk.hashes
    return Turned(organization_id, caller_id, algorithm, middle, f"{walk.turned:064x}", turns, hashes)
