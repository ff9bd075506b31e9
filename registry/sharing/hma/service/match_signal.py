"""Match one signal against banks, for clients of Hasher-Matcher-Actioner."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from registry.catalogue.fingerprints.model.algorithms import PDQ
from registry.core.database.pool import Connection
from registry.core.database.replicas import Source
from registry.core.errors import BadInput
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.authenticate import digest, unknown_key
from registry.matching.alignment.model.nearest import Nearest
from registry.matching.candidates.store import hashes
from registry.matching.decision.model import rollout
from registry.matching.lookups.service.answer import answer_and_record
from registry.matching.lookups.service.answer_hashes import answer_of
from registry.matching.lookups.service.answer_md5 import answer_md5
from registry.matching.lookups.service.record_lookups import record_lookups
from registry.sharing.hma import model as hma
from registry.sharing.hma.store import hma as numbers
from registry.sharing.lists.model.listed import hash_item

_PDQ: Final = re.compile(r"[0-9a-fA-F]{64}\Z")
FAKES: Final = frozenset({"copy", "same_footage_other_face"})
"""Relations to a fake; of these, those that the answer counts as one, or that a person must look at."""


@dataclass(frozen=True, slots=True)
class Matched:
    """A banked medium: its number, its bank (`ORGANIZATION/NAME` where it is not the caller's own), and how
    far away it is, in the words of its signal type."""

    number: int
    bank: str
    distance: str


def match_signal(
    service: Service, caller: Caller, key: str, signal_type: str, signal: str, banks: Collection[str] = ()
) -> list[Matched]:
    """The media that a signal matches in `banks` (names; none: all that answer the caller), the nearest
    first.

    `key`: the one that the caller shows. Distances are bits for pdq, `0` for video_md5, and for vpdq the
    share of the query and of the medium that agree. The lookup is recorded like any other. Needs `lookup`
    and `hma`. Raises `BadInput` (`unknown_signal_type`, `bad_hash`, `bad_md5`), `Unauthenticated`,
    `Forbidden`.
    """
    caller.require("lookup")
    caller.require("hma")
    found = _matcher(signal_type)(service, caller, key, signal)
    return [one for one in found if not banks or one.bank in banks]


def _matcher(signal_type: str) -> Any:
    known = {"pdq": _pdq, "video_md5": _md5, "vpdq": _vpdq}
    if signal_type not in known:
        raise BadInput(
            f"No such signal type: {signal_type[:50]!r}.",
            code="unknown_signal_type",
            next_step=f"Choose among {', '.join(known)}.",
        )
    return known[signal_type]


def _pdq(service: Service, caller: Caller, key: str, signal: str) -> list[Matched]:
    if not _PDQ.match(signal):
        raise BadInput("A pdq signal is 64 hex digits.", code="bad_hash")
    value = bytes.fromhex(signal)
    media, answer, ids = service.read(partial(_near, key, value), digest(key))
    record_lookups(service, [answer], caller_id=caller.caller_id, given="hash")
    return [
        Matched(ids.number[one.candidate.asset_id], ids.bank[one.candidate.entry_id], str(one.bits))
        for one in media
    ]


@dataclass(frozen=True, slots=True)
class _Ids:
    """The numbers of media, and the names of entries' banks."""

    number: dict[UUID, int]
    bank: dict[UUID, str]


def _ids(connection: Connection, caller: Caller, found: Collection[tuple[UUID, UUID]]) -> _Ids:
    """Of pairs of entry and medium."""
    return _Ids(
        numbers.numbers(connection, [asset_id for _, asset_id in found]),
        numbers.bank_names(connection, caller.organization_id, [entry_id for entry_id, _ in found]),
    )


def _near(key: str, value: bytes, source: Source) -> tuple[list[Nearest], dict[str, Any], _Ids]:
    started = time.perf_counter()
    with source.quick() as connection:
        found = hashes.near(connection, digest(key), PDQ.name, [value])
        if found is None:
            raise unknown_key()
        caller, near = found
        media = hashes.media(connection, caller.organization_id, PDQ.name, [value], near) if near else {}
        seen = media.get(0, [])
        answering, _ = rollout.apart(seen, lambda one: one.candidate, value)
        matched = hma.matches(answering)
        ids = _ids(connection, caller, [(one.candidate.entry_id, one.candidate.asset_id) for one in matched])
    answer = answer_of(PDQ.name, value, seen or None, started, time.perf_counter())
    return matched, source.dated(answer), ids


def _md5(service: Service, caller: Caller, _key: str, signal: str) -> list[Matched]:
    answer = answer_md5(service, caller, signal)
    return _matched(service, caller, answer["matches"], lambda _match: "0")


def _vpdq(service: Service, caller: Caller, _key: str, signal: str) -> list[Matched]:
    fingerprint = hash_item("vpdq", features(signal)).fingerprint
    assert fingerprint is not None  # noqa: S101 - a list of features has frames
    answer = answer_and_record(service, caller, fingerprint, bank=None, given="document", sha256=None)
    return _matched(service, caller, answer["matches"], _shares)


def features(signal: object) -> object:
    """The list that a vpdq signal writes as JSON. Raises `BadInput` (`bad_hash`)."""
    try:
        return json.loads(signal) if isinstance(signal, str) else signal
    except (ValueError, RecursionError) as error:
        raise BadInput("A vpdq signal is a JSON list of features.", code="bad_hash") from error


def _shares(match: dict[str, Any]) -> str:
    coverage = match["coverage"]
    return f"{coverage['query']:.0%}, {coverage['asset']:.0%}"


def _matched(
    service: Service, caller: Caller, found: Sequence[dict[str, Any]], distance: Any
) -> list[Matched]:
    # A vPDQ list has no faces, so of a face swap's footage nobody can say whose face it shows: relation null.
    shown = [one for one in found if one["verdict"] in {"known_fake", "related"}]
    fakes = [one for one in shown if one["relation"] is None or one["relation"] in FAKES]
    # What strangers are told of without its bank has no number either.
    fakes = [one for one in fakes if one["asset_id"] and "unreviewed" not in one["reasons"]]
    with service.pool.transaction() as connection:
        pairs = [(UUID(one["entry_id"]), UUID(one["asset_id"])) for one in fakes]
        ids = _ids(connection, caller, pairs)
    return [
        Matched(ids.number[asset_id], ids.bank[entry_id], distance(one))
        for one, (entry_id, asset_id) in zip(fakes, pairs, strict=True)
        if asset_id in ids.number and entry_id in ids.bank
    ]
