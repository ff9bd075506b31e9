"""Recorded lookups: queue, store, get, and the places where clips were seen."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from registry import jobs
from registry.catalogue import platforms
from registry.catalogue.banks.service.banks import find_bank
from registry.catalogue.media.service.uploads import Upload, keep_blob
from registry.catalogue.platforms.errors import NoPlace
from registry.catalogue.platforms.model.web_address import Address
from registry.core.audit import service as statements
from registry.core.crypto.keys import Key
from registry.core.database.pool import PATIENCE, Connection
from registry.core.database.replicas import POOL_PATIENCE
from registry.core.errors import MEDIA_CODES, BadMedia, BadTime, Unavailable
from registry.core.net.outbound import fetch
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import organization_key
from registry.jobs.service.queue import admit_work, wake_workers
from registry.matching.lookups.errors import LookupFailed, UnknownLookup
from registry.matching.lookups.model import Answer, Options, Origin
from registry.matching.lookups.service.visibility import conceal_gone
from registry.matching.lookups.store import lookups, sightings
from registry.matching.lookups.store.unrecorded import Unrecorded
from registry.matching.watches import store as watches
from registry.matching.watches.service.watches import check_days
from registry.persons import search as face_searches
from registry.persons.search.service import reveal_persons

SIGHTING: Final = "sighting"
"""Purpose under which a place is encrypted with the organization's key."""
_AHEAD: Final = timedelta(minutes=5)
_LONGEST_AGO: Final = timedelta(days=3660)
USUAL: Final = Options()


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """Place where the media were seen, normalised as in URL lists, and the time. None: the time of the
    lookup."""

    address: Address
    time: datetime | None


def seen(
    url: str | None, platform: str | None, content_id: str | None, moment: str | None = None
) -> Seen | None:
    """Return the place where a lookup's media were seen; None if no place is given.

    Raises `BadInput` with the codes of `platforms.place`, `no_place` and `bad_time`.
    """
    if url is None and platform is None and content_id is None:
        if moment is not None:
            raise NoPlace("`seen_time` needs a place.", next_step="Give `seen_at`.")
        return None
    return Seen(platforms.place(url, platform, content_id), _time(moment) if moment is not None else None)


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC) if "T" in text or " " in text else None
        aware = moment is not None and datetime.fromisoformat(text).tzinfo is not None
    except (ValueError, OverflowError):
        moment, aware = None, False
    now = datetime.now(UTC)
    if moment is None or not aware or not now - _LONGEST_AGO <= moment <= now + _AHEAD:
        raise BadTime("`seen_time` is a past time with its offset, such as 2026-11-25T10:00:00+01:00.")
    return moment


def write(
    connection: Connection, key: Key, caller: Caller, lookup_id: UUID, seen: Seen, *, follow: bool
) -> None:
    """Save the sighting in this transaction. `follow`: enqueue its job. `key`: from `organization_key`."""
    address = seen.address
    sealed, _ = statements.pack(key, {"url": address.text, "given": address.given}, SIGHTING)
    platform = address.platform or address.host
    sightings.keep(connection, lookup_id, caller, platform=platform, sealed=sealed, seen_time=seen.time)
    if follow:
        jobs.enqueue(connection, "follow_sighting", lookup_id)


def save_sighting(service: Service, caller: Caller, answer: Answer, place: Seen) -> None:
    """Save the sighting of a lookup that was just answered, unless it found nothing and is not watched.

    Raises `Unavailable` (`keys_unavailable`, or while the primary database is down).
    """
    is_match = any(match["verdict"] in {"known_fake", "related"} for match in answer["matches"])
    if not is_match and "watch" not in answer:
        return
    key = organization_key(service, caller.organization_id)
    with service.pool.transaction() as connection:
        write(connection, key, caller, UUID(answer["lookup_id"]), place, follow=True)
    wake_workers(service)


def record_lookups(service: Service, answers: Sequence[Answer], origin: Origin) -> None:
    """Record answered lookups on the primary database.

    If there are replicas and the primary is down, the records go to disk until `drain_spool`. Either way they
    survive a crash once this returns. Of those that found nothing, `miss_sample` tells how many are recorded.

    Raises `Unavailable`: without replicas as `Pool.transaction`; with replicas `spool_full`,
    `spool_unavailable`.
    """
    if service.replicas is None:
        _record(service, answers, origin, PATIENCE)
        return
    if not service.replicas.primary.is_away():
        try:
            _record(service, answers, origin, POOL_PATIENCE)
        except Unavailable:
            pass  # it may have been recorded after all; recording twice has no effect
        else:
            return
    at = datetime.now(UTC)
    service.journal.append([Unrecorded(origin, at, answer).packed() for answer in answers])


def _record(service: Service, answers: Sequence[Answer], origin: Origin, patience: float) -> None:
    sample = miss_sample(service)
    if origin.bank_id is None and origin.sha256 is None:
        with service.pool.quick(patience) as connection:
            lookups.record_all(
                connection,
                caller_id=origin.caller_id,
                input_kind=origin.input_kind,
                answers=answers,
                sample=sample,
            )
        return
    with service.pool.transaction(patience) as connection:
        for answer in answers:
            lookups.record(connection, origin, answer, sample)


def miss_sample(service: Service) -> int:
    """Return of how many lookups that found nothing one is kept: 1 where the ledger takes all lookups."""
    return 1 if service.settings.ledger_lookups == "all" else service.settings.miss_sample


def fetch_document(service: Service, caller: Caller, url: str) -> bytes:
    """Fetch a document's bytes, unparsed and at most `max_document_bytes`. Needs `lookup`.

    Addresses that are not public are refused unless hash exchanges may use them (`exchange_private`). Raises
    `BadInput` (`bad_url`, `address_refused`, `not_fetched`), `TooLarge`, `Forbidden`.
    """
    caller.require("lookup")
    settings = service.settings
    document = io.BytesIO()
    fetch(url, document, private=settings.exchange_private, most=settings.max_document_bytes)
    return document.getvalue()


def queue_lookup(
    service: Service,
    caller: Caller,
    upload: Upload,
    options: Options = USUAL,
    *,
    seen: Seen | None = None,
) -> UUID:
    """Queue a file for a worker on the interactive queue and return the lookup's id. Needs `lookup`.

    The media is deleted once it is answered. Its file name is never stored: people name files after the
    person in them. `seen`: the place where it was found.

    Raises `NotFound` (`unknown_bank`), `Forbidden`, `BadInput` (`watch_too_long`), `Unavailable`
    (`keys_unavailable`).
    """
    caller.require("lookup")
    admit_work(service, "lookups", caller)
    with service.pool.transaction() as connection:
        searched_bank = find_bank(connection, caller, options.bank)
        keep_blob(service, connection, upload.blob.key, upload.stream)
        lookup_id = lookups.queue(
            connection,
            caller_id=caller.caller_id,
            bank_id=searched_bank.bank_id if searched_bank else None,
            sha256=upload.blob.sha256,
            blob_key=upload.blob.key,
            effort=options.effort,
        )
        if options.watch_days is not None:
            check_days(connection, service, caller, options.watch_days)
            watches.ask_for(connection, lookup_id, options.watch_days)
        if seen is not None:
            key = organization_key(service, caller.organization_id)
            write(connection, key, caller, lookup_id, seen, follow=False)
        jobs.enqueue(connection, "answer_lookup", lookup_id, owner=caller)
    wake_workers(service)
    return lookup_id


def get_lookup(service: Service, caller: Caller, lookup_id: UUID) -> Answer | None:
    """Return the answer; None while a worker has not answered yet. Needs `lookup`.

    Callers with the scope `faces` also see the ids of enrolled persons whom the file shows and whose consent
    is in force. Entries that are gone since keep only their ids and verdicts.

    Raises `NotFound` (`unknown_lookup`), and the worker's error: `BadMedia` with its code, or `LookupFailed`.
    """
    caller.require("lookup")
    with service.pool.transaction() as connection:
        row = lookups.find_lookup(connection, caller.organization_id, lookup_id)
        persons = _persons(connection, caller, lookup_id)
        answer = conceal_gone(connection, caller, row["answer"]) if row and row["answer"] else None
    if row is None:
        raise UnknownLookup(
            f"There is no lookup {lookup_id} of your organization, or it is no longer kept.",
            next_step="Look it up again. Answers are kept for some weeks, and not all that found nothing.",
        )
    if row["status"] == "failed":
        extra = {"lookup_id": str(lookup_id)}
        if row["error_code"] in MEDIA_CODES:
            raise BadMedia.of_code(row["error_code"], row["error_message"], extra=extra)
        raise LookupFailed.of_code(row["error_code"], row["error_message"], extra=extra)
    if answer is None:
        return None
    return reveal_persons(service, answer, persons)


def _persons(connection: Connection, caller: Caller, lookup_id: UUID) -> Mapping[UUID, bytes]:
    """Return the encrypted persons that the lookup found; none for a caller who may not search faces."""
    if not caller.searches_faces:
        return {}
    return face_searches.matches(connection, caller.organization_id, lookup_id)
