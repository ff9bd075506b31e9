"""Take the opinion of a reader of other exchanges' words on what a feed says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.catalogue.fingerprints.model.algorithms import PDQ
from registry.core.errors import BadInput, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.answer_hash import answer_hash
from registry.matching.lookups.service.answer_md5 import answer_md5
from registry.matching.lookups.service.answer_sha256 import answer_sha256
from registry.review.opinions.service.give_opinion import Opinion, give_opinion
from registry.sharing.federation.model import foreign_feed
from registry.sharing.lists.store import exports


def judge_entry(service: Service, caller: Caller, entry_id: UUID, opinion: Opinion) -> int:
    """How many opinions were kept on an entry that a feed says: one of the lookup of its first hash. Needs
    `lookup`. Raises as `judge_hash`."""
    caller.require("lookup")
    with service.pool.transaction() as connection:
        found = exports.entries(connection, [entry_id])
    signals = foreign_feed.signals(found[0]) if found else []
    if not signals:
        raise NotFound("Nothing is said of that entry.", code="unknown_entry")
    return judge_hash(service, caller, signals[0].value, opinion, only=entry_id)


def judge_hash(
    service: Service, caller: Caller, value: str, opinion: Opinion, *, only: UUID | None = None
) -> int:
    """How many opinions were kept on entries that a hash finds. The hash is looked up, which is on record as
    any lookup, and the opinion is one of that answer: what the caller is not answered it has no opinion on.
    `only`: of this entry alone. Needs `lookup`.

    Raises `BadInput` (`bad_hash`), `NotFound` (`unknown_match`) where nothing is found.
    """
    caller.require("lookup")
    answer = _answer(service, caller, value)
    entries = dict.fromkeys(UUID(one["entry_id"]) for one in answer["matches"] if one["entry_id"])
    judged = [one for one in entries if only in {None, one}]
    if not judged:
        raise NotFound("Nothing that you are answered has that hash.", code="unknown_match")
    for entry_id in judged:
        give_opinion(service, caller, UUID(answer["lookup_id"]), entry_id=entry_id, opinion=opinion)
    return len(judged)


def _answer(service: Service, caller: Caller, value: str) -> dict[str, Any]:
    """By PDQ, or by MD5; 64 hex digits are also looked for as a SHA-256."""
    if len(value) == 32:
        return answer_md5(service, caller, value)
    if len(value) != 64:
        raise BadInput("A hash has 64 hex digits, or 32.", code="bad_hash")
    exact = answer_sha256(service, caller, value)
    return exact if exact["matches"] else answer_hash(service, caller, PDQ.name, value)
