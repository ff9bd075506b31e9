"""Watched lookups: create, change, list, end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from registry import jobs
from registry.catalogue.banks.service.banks import find_bank
from registry.catalogue.entries.model.entry import is_partial
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.service.retention import LETTER_DAYS, letter_days
from registry.core import cursor
from registry.core.audit.service import event, record_event, record_events
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, NotFound, NotSettled
from registry.core.service import Service
from registry.identity import organizations
from registry.identity.callers.model import Caller
from registry.matching.decision.model.checked import InputKind
from registry.matching.lookups.model import Answer, Match
from registry.matching.lookups.service.visibility import conceal_gone
from registry.matching.lookups.store import sightings
from registry.matching.watches import model as watch
from registry.matching.watches import store as watches
from registry.matching.watches.errors import UnknownWatch, WatchTooLong
from registry.matching.watches.model import EVERYBODY, LONGEST_DAYS, NewWatch
from registry.matching.watches.schemas import Watch, WatchPage, WatchRulesInForce, WatchWithAnswers

Note = Callable[[Answer], None]
"""Takes the lookup's own answer before it is recorded, so that it is not reported again. Adds `watch` to
it."""


@contextmanager
def watching(service: Service, caller: Caller, new: NewWatch) -> Iterator[Note]:
    """Create a watch of a lookup that is answered in the block; delete it if the block fails.

    The watch is committed before the search for the answer, on the primary. Entries that open earlier are in
    the answer, and entries that open later find the watch.

    Raises `BadInput` (`watch_too_long`), `NotFound` (`unknown_bank`), and `NotSettled` for a part of a file.
    """
    if not is_whole(new.fingerprint, new.input_kind):
        raise NotSettled("A watch keeps the fingerprint of the whole file.", wanted="full")
    keys = watch.stored_keys(new.fingerprint)
    with service.pool.transaction() as connection:
        check_days(connection, service, caller, new.days)
        bank = find_bank(connection, caller, new.bank)
        created = watches.insert(connection, caller, new, bank.bank_id if bank else None, keys)

    verdicts: list[tuple[UUID, str, bool]] = []

    def note(body: Answer) -> None:
        body["lookup_id"] = str(new.lookup_id)
        body["watch"] = {"watch_id": str(created.watch_id), "expires_at": created.expires_at.isoformat()}
        verdicts.extend(
            (UUID(match["entry_id"]), match["verdict"], unreviewed(match))
            for match in body["matches"]
            if match["entry_id"]
        )

    try:
        yield note
    except BaseException:
        with service.pool.transaction() as connection:
            watches.delete(connection, caller.organization_id, created.watch_id)
        raise
    with service.pool.transaction() as connection:
        watches.save_first_verdicts(connection, created.watch_id, verdicts)
        record_event(
            connection,
            caller,
            "watch.created",
            subject={"watch_id": created.watch_id, "lookup_id": new.lookup_id},
            said={"expires_at": created.expires_at.isoformat()},
        )


def is_whole(fingerprint: Fingerprint, input_kind: InputKind) -> bool:
    """Tell whether the fingerprint is of the whole input, which a watch stores."""
    read = bool(fingerprint.frames) or fingerprint.media.kind == "audio"
    return not is_partial(fingerprint) and (input_kind != "file" or read)


def unreviewed(match: Match) -> bool:
    """Tell whether a match is in doubt and its entry unreviewed.

    A watch stores no faces, so a face swap stays `related` to it. The review is then the only change, and
    worth reporting.
    """
    return bool(match["verdict"] == "related" and match["tier"] == "unreviewed")


def check_days(connection: Connection, service: Service, caller: Caller, days: int) -> None:
    """Raise `BadInput` (`watch_too_long`) if the caller's lookups may not be watched for so many days."""
    most = _most_days(connection, service, caller)
    if not 1 <= days <= most:
        raise WatchTooLong(
            f"A lookup may be watched for 1 to {most} days." if most else "Lookups may not be watched."
        )


def longest_watch(service: Service, caller: Caller) -> int:
    """Return the most days for which the caller's lookups may be watched; 0: not at all."""
    with service.pool.transaction() as connection:
        return _most_days(connection, service, caller)


def _most_days(connection: Connection, service: Service, caller: Caller) -> int:
    own = watches.longest(connection, caller.organization_id)
    return service.settings.watch_days if own is None else min(own, service.settings.watch_days)


def get_watch(service: Service, caller: Caller, watch_id: UUID) -> WatchWithAnswers:
    """Return the watch with its latest new answers. Needs `lookup`. Raises `NotFound` (`unknown_watch`)."""
    caller.require("lookup")
    with service.pool.transaction() as connection:
        row = watches.show(connection, caller.organization_id, watch_id)
        if row is None:
            raise unknown(watch_id)
        answers = [
            {**answer, "answer": conceal_gone(connection, caller, answer["answer"])}
            for answer in watches.answers(connection, watch_id)
        ]
    matched = [
        answer["answer"] | {"entry_id": answer["entry_id"], "answered_at": answer["answered_at"]}
        for answer in answers
    ]
    return WatchWithAnswers.model_validate({**row, "matched": matched})


def unknown(watch_id: UUID) -> NotFound:
    """Return the error for a watch that has ended or belongs to another organization."""
    return UnknownWatch(f"There is no watch {watch_id} of your organization.")


def list_watches(service: Service, caller: Caller, *, limit: int = 50, after: str | None = None) -> WatchPage:
    """Return the watched lookups of the caller's organization, the newest first.

    `next` continues after this page. Needs `lookup`. Raises `BadInput` (`bad_cursor`).
    """
    caller.require("lookup")
    with service.pool.transaction() as connection:
        rows = watches.page(
            connection, caller.organization_id, after=_decode(after) if after else None, limit=limit + 1
        )
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if rows else None
    return WatchPage(
        watches=[Watch.model_validate(row) for row in rows],
        next=cursor.encode(last["created_at"].isoformat(), last["watch_id"]) if more and last else None,
    )


def _decode(text: str) -> tuple[datetime, UUID]:
    at, watch_id = cursor.decode(text, words=2)
    try:
        moment, identity = datetime.fromisoformat(at), UUID(watch_id)
    except ValueError as error:
        raise cursor.refused() from error
    if moment.tzinfo is None:
        raise cursor.refused()
    return moment, identity


def change_watch_rules(service: Service, caller: Caller, changes: Mapping[str, Any]) -> WatchRulesInForce:
    """Change the organization's rules for watches and return them; rules missing from `changes` stay. Needs
    `admin`.

    `watch_days_most`: days for which its lookups may be watched (0: not at all; None: as long as the
    deployment allows). Existing watches stay. `tells_matches`: whether entry owners, and people with a
    confirmed intake case, are told that one of its lookups matched them, without its name. `reports_places`:
    whether places at which its lookups saw a known fake again are reported. They are reported to
    organizations that had the fake removed from the same platform.

    Raises `BadInput`.
    """
    caller.require("admin")
    days = changes.get("watch_days_most")
    if days is not None and not 0 <= days <= LONGEST_DAYS:
        raise BadInput(f"`watch_days_most` is a number from 0 to {LONGEST_DAYS}, or null.")
    with service.pool.transaction() as connection:
        rules = {**watches.rules(connection, caller.organization_id), **changes}
        organizations.set_watch_rules(connection, caller.organization_id, **rules)
        if changes:
            record_event(connection, caller, "organization.changed", said=dict(rules))
    return WatchRulesInForce(**rules, deployment_days=service.settings.watch_days)


def end_watch(service: Service, caller: Caller, watch_id: UUID) -> None:
    """Delete all data of a watched lookup. The lookup's own answer stays. Needs `lookup`.

    Raises `NotFound` (`unknown_watch`).
    """
    caller.require("lookup")
    with service.pool.transaction() as connection:
        lookup_id = watches.delete(connection, caller.organization_id, watch_id)
        if lookup_id is None:
            raise unknown(watch_id)
        record_event(
            connection, caller, "watch.ended", subject={"watch_id": watch_id, "lookup_id": lookup_id}
        )


def sweep_watches(service: Service) -> int:
    """Delete expired watches and sightings, some thousands at most, and return their number.

    Safe to run at any time, also several at once.
    """
    deleted = 0
    for _ in range(10):
        with service.pool.transaction() as connection:
            count = watches.forget(connection)
            jobs.delete_ended(connection, "follow_sighting")
            jobs.delete_ended(connection, "answer_watches", [EVERYBODY])
            count += sightings.forget(connection, letter_days=LETTER_DAYS, media_days=letter_days(service))
        deleted += count
        if not count:
            break
    return deleted


def end_all_watches(connection: Connection, caller: Caller, organization_id: UUID) -> None:
    """Delete all watches of an organization that is closed, in the caller's transaction."""
    ended = watches.end_all(connection, organization_id)
    record_events(connection, [event(caller, "watch.ended", organization_id, subject=ids) for ids in ended])
