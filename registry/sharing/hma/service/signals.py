"""Hash files and match signals for the Hasher-Matcher-Actioner API."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal
from uuid import UUID

from registry import jobs
from registry.catalogue.fingerprints.model.algorithms import PDQ
from registry.catalogue.fingerprints.model.fingerprint import FULL, UNTURNED, Fingerprint
from registry.catalogue.media.service.retention import forget_blob
from registry.catalogue.media.service.uploads import Upload, keep_blob
from registry.core.database.pool import Connection
from registry.core.database.replicas import Source
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import digest
from registry.jobs import Job
from registry.jobs.service.queue import admit_work, wake_workers
from registry.matching.decision.model import rollout
from registry.matching.decision.model.nearest import Nearest
from registry.matching.lookups.errors import BadHash
from registry.matching.lookups.model import Answer, Match, Origin
from registry.matching.lookups.service.answer_json import mark_as_of
from registry.matching.lookups.service.answers import answer_md5
from registry.matching.lookups.service.hashes import answer_of, near_media
from registry.matching.lookups.service.pipeline import Lookup, look_up
from registry.matching.lookups.service.records import record_lookups
from registry.sharing.hma import model as hma
from registry.sharing.hma.errors import UnknownHashing, UnknownSignalType
from registry.sharing.hma.store import hashings, numbers
from registry.sharing.hma.store.hashings import Hashing
from registry.sharing.lists.model import vpdq
from registry.sharing.lists.model.listed import hash_medium

Content = Literal["photo", "video"]

KEPT_SECONDS: Final = 3600.0
"""Seconds for which computed hashes can be fetched."""


def queue_hashing(service: Service, caller: Caller, upload: Upload, content: Content) -> UUID:
    """Enqueue a file to be hashed, on the interactive queue, and return the id. The media is deleted
    afterwards.

    Raises `Unavailable` (`media_lost`, `queue_full`), `TooMany` (`queue_share_full`).
    """
    caller.require("hma")
    admit_work(service, "lookups", caller)
    with service.pool.transaction() as connection:
        keep_blob(service, connection, upload.blob.key, upload.stream)
        hashing_id = hashings.queue(connection, caller.caller_id, content, upload.blob.key)
        jobs.enqueue(connection, "hash_file", hashing_id, owner=caller)
    wake_workers(service)
    return hashing_id


def get_hashing(service: Service, caller: Caller, hashing_id: UUID) -> Hashing:
    """Return the result of hashing a file. Raises `NotFound` (`unknown_hashing`)."""
    with service.pool.transaction() as connection:
        hashing = hashings.get(connection, caller.caller_id, hashing_id)
    if hashing is None:
        raise UnknownHashing(
            "The file is not waiting to be hashed, or its hashes were deleted.", next_step="Send it again."
        )
    return hashing


def cancel_hashing(service: Service, caller: Caller, hashing_id: UUID) -> None:
    """Cancel the hashing of a file. Its job ends, and the next sweep deletes the file.

    A worker that has started loses its lease. Raises `NotFound` (`unknown_hashing`).
    """
    get_hashing(service, caller, hashing_id)
    with service.pool.transaction() as connection:
        # Lock the job first, in the same order as a worker does.
        jobs.drop_open(connection, "hash_file", hashing_id)
        hashings.fail(connection, hashing_id, "busy", "The request ended before the file was hashed.")


def content_of(service: Service, job: Job) -> Content:
    """Return the declared content type of a job's file. Raises `NotFound` (`unknown_hashing`) if it was
    cancelled."""
    with service.pool.transaction() as connection:
        content = hashings.content(connection, job.subject_id)
    if content is None:
        raise UnknownHashing("The request for these hashes has ended.")
    return "photo" if content == "photo" else "video"


def store_hashes(service: Service, job: Job, signals: Mapping[str, str]) -> None:
    """Store the hashes and finish the job. Raises `Conflict` (`lease_lost`) if another worker has the job."""
    with service.pool.transaction() as connection:
        jobs.hold(connection, job)
        hashings.finish(connection, job.subject_id, signals)
        jobs.finish(connection, job)
    forget_blob(service, job.blob_key)


def pdq_of(fingerprint: Fingerprint) -> dict[str, str]:
    """Return the PDQ of a picture as 64 hex digits; "": it shows too little to be hashed, as HMA answers.
    Empty: it has none.

    `pdq` is of the pixels as they lie in the file, as in HMA. If EXIF turns them, `hma.UPRIGHT` is of the
    picture as shown.
    """
    by_view: dict[str, str] = {}
    for frame in fingerprint.frames:
        if frame.view in {FULL, UNTURNED} and frame.pdq and (frame.informative or frame.view not in by_view):
            value = frame.pdq.hex() if frame.informative else ""
            by_view[frame.view] = by_view.get(frame.view) or value
    if UNTURNED in by_view:
        return {"pdq": by_view[UNTURNED], hma.UPRIGHT: by_view[FULL]}
    return {"pdq": by_view[FULL]} if FULL in by_view else {}


NO_DISTANCE: Final = "-"
"""Distance of signals that are equal or not."""
_PDQ: Final = re.compile(r"[0-9a-fA-F]{64}\Z")
FAKES: Final = frozenset({"copy", "same_footage_other_face"})
"""Relations to a fake that count as a match or need a reviewer."""


@dataclass(frozen=True, slots=True)
class Matched:
    """A banked medium with its number and bank (`ORGANIZATION/NAME` for another organization's bank).

    `distance`: in the notation of its signal type. `enabled`: nobody switched it off. `share`: of lookups
    that the bank answers.
    """

    number: int
    bank: str
    distance: str
    enabled: bool
    share: float


@dataclass(frozen=True, slots=True)
class SignalQuery:
    """A signal to be matched.

    `banks`: names; empty: all banks that the caller may query. `coin`: of the caller's own banks those answer
    whose share of lookups is at least this (0: all); None: the signal decides, as in other lookups.
    """

    type: str
    value: str
    banks: Collection[str] = ()
    coin: float | None = None


def match_signal(service: Service, caller: Caller, key: str, query: SignalQuery) -> list[Matched]:
    """Return the media that a signal matches, nearest first.

    `key`: the caller's API key. Distances are as the library `threatexchange` writes them: bits for pdq, `-`
    for video_md5, for vpdq the matching shares of the query and of the medium. The lookup is recorded like
    any other. Needs `lookup` and `hma`. Raises `BadInput` (`unknown_signal_type`, `bad_hash`, `bad_md5`),
    `Unauthenticated`, `Forbidden`.
    """
    caller.require("lookup")
    caller.require("hma")
    matches = _matcher(query.type)(service, caller, key, query)
    return [
        match
        for match in matches
        if (not query.banks or match.bank in query.banks)
        and (query.coin is None or match.share >= query.coin)
    ]


def nearest(*searches: Sequence[Matched]) -> list[Matched]:
    """Return the matches of several PDQ hashes of a picture, each medium once, nearest first."""
    ranked = sorted((match for matches in searches for match in matches), key=lambda each: int(each.distance))
    once = {(match.bank, match.number): match for match in reversed(ranked)}
    return sorted(once.values(), key=lambda each: int(each.distance))


def _matcher(signal_type: str) -> Any:
    matchers = {"pdq": _pdq, "video_md5": _md5, "vpdq": _vpdq}
    if signal_type not in matchers:
        raise UnknownSignalType.of(signal_type[:50])
    return matchers[signal_type]


def _pdq(service: Service, caller: Caller, key: str, query: SignalQuery) -> list[Matched]:
    if not _PDQ.match(query.value):
        raise BadHash("invalid signal: a pdq signal is 64 hex digits.")
    value = bytes.fromhex(query.value)
    near = partial(_near, key, value, whole=query.coin is not None)
    media, answer, ids = service.read(near, digest(key))
    record_lookups(service, [answer], Origin(caller.caller_id, "hash"))
    return [
        ids.match(medium.candidate.entry_id, medium.candidate.asset_id, str(medium.bits)) for medium in media
    ]


@dataclass(frozen=True, slots=True)
class _Ids:
    """Numbers by medium, banks with their shares by entry, and media that are switched off."""

    number: dict[UUID, int]
    bank: dict[UUID, tuple[str, float]]
    disabled: set[UUID]

    def match(self, entry_id: UUID, asset_id: UUID, distance: str) -> Matched:
        """Return the match of a medium."""
        bank, share = self.bank[entry_id]
        return Matched(self.number[asset_id], bank, distance, asset_id not in self.disabled, share)


def _ids(connection: Connection, caller: Caller, pairs: Collection[tuple[UUID, UUID]]) -> _Ids:
    """Look up the numbers and banks for pairs of entry and medium."""
    asset_ids = [asset_id for _, asset_id in pairs]
    return _Ids(
        numbers.of_media(connection, asset_ids),
        numbers.bank_names(connection, caller.organization_id, [entry_id for entry_id, _ in pairs]),
        numbers.disabled(connection, asset_ids),
    )


def _near(key: str, value: bytes, source: Source, *, whole: bool) -> tuple[list[Nearest], Answer, _Ids]:
    started = time.perf_counter()
    with source.quick() as connection:
        caller, media = near_media(connection, key, PDQ.name, [value])
        nearest = media.get(0, [])
        split = rollout.split(nearest, [medium.candidate for medium in nearest], value)
        matched = hma.matches(split.whole if whole else split.answering)
        ids = _ids(
            connection, caller, [(match.candidate.entry_id, match.candidate.asset_id) for match in matched]
        )
    answer = answer_of(PDQ.name, value, nearest or None, started, time.perf_counter())
    return matched, mark_as_of(answer, source), ids


def _md5(service: Service, caller: Caller, _key: str, query: SignalQuery) -> list[Matched]:
    answer = answer_md5(service, caller, query.value.strip().lower(), whole=query.coin is not None)
    with service.pool.transaction() as connection:
        asset_ids = [UUID(match["asset_id"]) for match in answer["matches"] if match["asset_id"]]
        videos = numbers.videos(connection, asset_ids)
    # The MD5 of a picture, as NCMEC lists them, is not a `video_md5`.
    found = [match for match in answer["matches"] if match["asset_id"] and UUID(match["asset_id"]) in videos]
    return _matched(service, caller, found, lambda _match: NO_DISTANCE)


def _vpdq(service: Service, caller: Caller, _key: str, query: SignalQuery) -> list[Matched]:
    fingerprint = hash_medium("vpdq", vpdq.parse_json(query.value)).fingerprint
    assert fingerprint is not None  # noqa: S101 - a list of features has frames
    answer = look_up(service, Lookup(caller, fingerprint, "document", whole=query.coin is not None))
    return _matched(service, caller, answer["matches"], _shares)


def _shares(match: Match) -> str:
    coverage = match["coverage"]
    return f"{100 * coverage['query']:.0f}%[{100 * coverage['asset']:.0f}%]"


def _matched(service: Service, caller: Caller, matches: Sequence[Match], distance: Any) -> list[Matched]:
    # A vPDQ list contains no faces. For the footage of a face swap the relation is therefore unknown: null.
    fakes = [match for match in matches if match["verdict"] in {"known_fake", "related"}]
    fakes = [fake for fake in fakes if fake["relation"] is None or fake["relation"] in FAKES]
    # Matches whose bank strangers may not see have no number either.
    fakes = [fake for fake in fakes if fake["asset_id"] and "unreviewed" not in fake["reasons"]]
    with service.pool.transaction() as connection:
        pairs = [(UUID(fake["entry_id"]), UUID(fake["asset_id"])) for fake in fakes]
        ids = _ids(connection, caller, pairs)
    return [
        ids.match(entry_id, asset_id, distance(fake))
        for fake, (entry_id, asset_id) in zip(fakes, pairs, strict=True)
        if asset_id in ids.number and entry_id in ids.bank
    ]
