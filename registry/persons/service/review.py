"""Review of proposals: accept or refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from registry.core.after_commit import later
from registry.core.crypto import envelope
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import SecondReviewer
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons import model as person
from registry.persons import store as persons
from registry.persons.erasure.service import finish_erasure
from registry.persons.errors import (
    ConsentEndedMeanwhile,
    NoUsablePhoto,
    PhotosPending,
    PhotosUnseen,
    Unchecked,
)
from registry.persons.model import Refusal, StoredPerson
from registry.persons.photos import model as photo
from registry.persons.photos import store as person_photos
from registry.persons.photos.service import forget_photos, judge_photos
from registry.persons.schemas import Person
from registry.persons.service.persons import find_person, get_person, record_act


@dataclass(frozen=True, slots=True, repr=False)
class Review:
    """A decision. `how`: how identity and mandate were checked; it is personal and stored encrypted with the
    accepted consent. `reason`: code of a refusal. Nothing else of a refused person is stored."""

    decision: Literal["accept", "refuse"]
    identity_checked: bool = False
    mandate_checked: bool = False
    how: str | None = None
    reason: Refusal | None = None


def review_person(service: Service, caller: Caller, person_id: UUID, review: Review) -> Person:
    """Decide on a proposal or renewal and return the person: active, refused (all data destroyed), or with
    the new consent in force or dropped.

    Needs `faces` and `review`, and a caller other than the one who proposed. Raises `Forbidden`
    (`second_reviewer`), `BadInput` (`unchecked`, `bad_label`), `Conflict` (`wrong_state`, `photos_pending`,
    `no_usable_photo`, `photos_unseen`, `consent_over`), `NotFound` (`unknown_person`).
    """
    caller.require("faces")
    caller.require("review")
    with service.pool.transaction() as connection:
        row = find_person(connection, caller, person_id, lock=True)
        renewal = row.state == "active" and row.renewal_by is not None
        if not renewal:
            person.after(row.state, review.decision)
        if caller.caller_id == (row.renewal_by if renewal else row.proposed_by):
            raise SecondReviewer(
                "The caller who proposed a person cannot decide on it.",
                next_step="Another member of your organization, with their own key, has to review it.",
            )
        if review.decision == "refuse":
            _refuse(connection, caller, row, review.reason or "other", renewal=renewal)
        else:
            _accept(connection, service.keys.get(person_id), caller, row, review, renewal=renewal)
    if review.decision == "refuse" and not renewal:
        later(service, finish_erasure, person_id)
    elif not renewal:
        later(service, forget_photos, person_id)
    return get_person(service, caller, person_id)


def _refuse(
    connection: Connection, caller: Caller, row: StoredPerson, reason: Refusal, *, renewal: bool
) -> None:
    if renewal:
        persons.refuse_renewal(connection, row.person_id)
    else:
        persons.end(connection, row.person_id, "refused", reviewed_by=caller.caller_id)
        person_photos.close(connection, row.person_id)
    event = f"{'renewal_' if renewal else ''}refused_{reason}"
    record_act(connection, row.person_id, event, caller_id=caller.caller_id)


def _accept(
    connection: Connection,
    key: Key,
    caller: Caller,
    row: StoredPerson,
    review: Review,
    *,
    renewal: bool,
) -> None:
    renewed_by = row.renewal_consent_by if renewal else None
    _require_checks(review, renewed_by or row.consent_by)
    ends = row.renewal_expires_at if renewal else row.expires_at
    if ends is None or ends <= datetime.now(UTC):
        raise ConsentEndedMeanwhile("The consent has ended meanwhile.")
    record = envelope.unpack(key, row.sealed_record or b"", envelope.RECORD)
    if renewal:
        record["consents"].append(envelope.unpack(key, row.renewal_sealed or b"", envelope.RENEWAL))
    record["consents"][-1]["review"] = {
        "how": person.prose(review.how or "", "how"),
        "at": datetime.now(UTC).isoformat(),
        "by": str(caller.caller_id),
    }
    values = {
        "sealed_record": envelope.pack(key, record, envelope.RECORD),
        "identity_checked": review.identity_checked,
        "mandate_checked": review.mandate_checked,
        "reviewed_by": caller.caller_id,
    }
    if renewal:
        persons.accept_renewal(connection, row.person_id, values)
    else:
        vectors = _vectors(connection, key, caller)
        persons.accept(connection, row.person_id, {**values, "sealed_vectors": vectors})
        person_photos.close(connection, row.person_id)
    event = "renewed" if renewal else "accepted"
    record_act(connection, row.person_id, event, caller_id=caller.caller_id)


def _require_checks(review: Review, consent_by: str) -> None:
    if not review.identity_checked or (consent_by != "self" and not review.mandate_checked):
        raise Unchecked("To accept, check who the person is, and the mandate if somebody acts for them.")


def _vectors(connection: Connection, key: Key, caller: Caller) -> bytes:
    """Return the encrypted face vectors of the usable photos."""
    rows = person_photos.of_person(connection, key.subject_id)
    if any(row["state"] == "pending" for row in rows):
        raise PhotosPending("Photos are still being read.")
    usable = judge_photos(connection, key, key.subject_id)
    if not usable:
        raise NoUsablePhoto("No photo of the person can be used.")
    _require_seen(connection, key.subject_id, caller, list(usable))
    return key.seal(photo.vectors(list(usable.values())), envelope.VECTORS)


def _require_seen(connection: Connection, person_id: UUID, caller: Caller, usable: Sequence[UUID]) -> None:
    """Raise `Conflict` (`photos_unseen`) unless the reviewer has viewed each usable photo. Unviewed photos
    are unchecked, and photos may have changed since the last view."""
    viewed = person_photos.viewed_photos(connection, person_id, caller.caller_id)
    unviewed = [str(photo_id) for photo_id in usable if photo_id not in viewed]
    if unviewed:
        raise PhotosUnseen(
            f"You have not viewed {len(unviewed)} of the {len(usable)} usable photos.",
            extra={"photo_ids": unviewed},
        )
