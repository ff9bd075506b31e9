"""Enrolment with a worker at work: photos read, judged, decided on; nothing personal anywhere in plain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from registry.app.service.bootstrap import bootstrap
from registry.app.service.sweep import sweep
from registry.core.errors import Conflict, FakeprintError, NotFound, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.persons import store as persons
from registry.persons.erasure.service import revoke_by_code, revoke_person, sweep_persons
from registry.persons.photos.service import get_photo, remove_photo
from registry.persons.schemas import NewConsent
from registry.persons.service.assessments import record_assessment
from registry.persons.service.persons import get_person
from registry.persons.service.proposal import renew_person
from registry.persons.service.review import Review, review_person
from tests.support import people as enrolment
from tests.support.enrolment import ACCEPT, look, propose, send, work
from tests.support.jobs import die_at_once
from tests.support.media import clips as media
from tests.support.persons import let_proposal_age
from tests.support.record import traces
from tests.support.service.as_worker import as_worker
from tests.support.service.rows import forge
from workers.tasks.read_photo import read_photo

CROPS = [(0, 0, 512, 512), (90, 0, 420, 300), (140, 20, 330, 260)]


@pytest.fixture
def service(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """This process as a worker. The broker is away: nobody else takes the jobs."""
    with as_worker(database_url, tmp_path, monkeypatch, MAX_ATTEMPTS="2") as found:
        yield found


@pytest.fixture
def owner(service: Service) -> Caller:
    """Who enrols: the first caller, in a deployment that has an assessment."""
    caller = authenticate(service, bootstrap(service) or "")
    record_assessment(service, caller, title="Faces", document_sha256="ab" * 32, assessed_on="2026-11-01")
    return caller


@pytest.fixture
def reviewer(service: Service, owner: Caller) -> Caller:
    """Somebody else of the same organization."""
    made = create_caller(service, owner, organization=None, name="second", roles=["review", "faces"])
    return authenticate(service, made.key)


def rows(service: Service, query: str, *values: object) -> list[dict[str, Any]]:
    with psycopg.connect(service.settings.database_url, row_factory=psycopg.rows.dict_row) as connection:
        return connection.execute(query.encode(), values).fetchall()


def change(service: Service, statement: str) -> None:
    with psycopg.connect(service.settings.database_url) as connection:
        connection.execute(statement.encode())


def reasons(service: Service, caller: Caller, person_id: UUID) -> list[str | None]:
    return [photo.reason for photo in get_person(service, caller, person_id).photos]


def enrolled(service: Service, owner: Caller, reviewer: Caller) -> tuple[UUID, str]:
    person_id, code = propose(service, owner)
    send(service, owner, person_id, *map(enrolment.portrait, CROPS))
    work(service)
    look(service, reviewer, person_id)
    review_person(service, reviewer, person_id, ACCEPT)
    return person_id, code


@pytest.mark.slow
def test_a_person_is_enrolled_and_found_by_the_photos(
    service: Service, owner: Caller, reviewer: Caller
) -> None:
    person_id, _ = propose(service, owner)
    photos = [enrolment.portrait(crop) for crop in CROPS]
    sent = send(service, owner, person_id, *photos, enrolment.jpeg(media.photograph("coffee")))
    assert [photo.state for photo in sent] == ["pending"] * 4
    with pytest.raises(Conflict, match="still being read"):
        review_person(service, reviewer, person_id, ACCEPT)
    assert work(service) == 4
    assert reasons(service, owner, person_id) == [None, None, None, "no_face"]
    look(service, reviewer, person_id)
    seen = get_photo(service, reviewer, person_id, UUID(sent[0].photo_id))
    assert seen == ("image/jpeg", photos[0])
    shown = review_person(service, reviewer, person_id, ACCEPT)
    assert (shown.state, shown.name, shown.revision) == ("active", enrolment.NAME, 2)
    review = shown.consents[0].review
    assert (review and review.how) == enrolment.HOW
    assert not any(photo.kept for photo in shown.photos)
    assert [event.event for event in shown.events] == [
        *["proposed"],
        *["photo_added"] * 4,
        *["photo_read"] * 4,
        *["photo_viewed"] * 5,
        "accepted",
    ]
    with service.pool.transaction() as connection:
        [active] = persons.active(connection, owner.organization_id)
    assert len(service.keys.get(person_id).open(active.sealed_vectors, "face")) == 3 * 256
    assert traces.files(service.settings.data / "blobs", "blob") == {}


@pytest.mark.slow
def test_nothing_personal_is_kept_in_plain(
    service: Service, owner: Caller, reviewer: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    person_id, _ = propose(service, owner)
    photos = [enrolment.portrait(crop) for crop in CROPS]
    broken = photos[0][:2000]
    send(service, owner, person_id, *photos, broken, enrolment.jpeg(enrolment.somebody_else()))
    work(service)
    kept = [_places(service)]
    look(service, reviewer, person_id)
    review_person(service, reviewer, person_id, ACCEPT)
    renew_person(
        service, owner, person_id, NewConsent(**enrolment.consent(given_at="2026-11-20", expires_at=None))
    )
    kept.append(_places(service))
    review_person(service, reviewer, person_id, ACCEPT)
    other, _ = propose(service, owner, name="Otra Persona Cualquiera")
    send(service, owner, other, broken)
    revoke_person(service, owner, other)
    kept += [_places(service), {"log": caplog.text.encode()}]
    raw = service.keys.get(person_id).open(
        rows(service, "SELECT sealed_vectors FROM person WHERE state = 'active'")[0]["sealed_vectors"], "face"
    )
    forms: dict[str, bytes] = {}
    for text in (enrolment.NAME, enrolment.NOTES, enrolment.ACTING, enrolment.HOW, "Otra Persona"):
        forms |= traces.needles(text, text.encode())
        escaped = json.dumps(text)[1:-1]
        forms |= traces.needles(f"{text} escaped", escaped.encode())
    forms |= traces.needles("consent", enrolment.TEXT[:20].encode())
    for digest in (enrolment.DOCUMENT, enrolment.MANDATE):
        forms |= traces.needles("document", bytes.fromhex(digest))
    for start in range(0, len(raw), 256):
        forms |= traces.needles("vector", raw[start : start + 64])
    for photo in photos:
        forms |= traces.needles("photo", photo[600:640])
    assert traces.found(forms, kept) == []
    assert traces.found(traces.needles("id", str(person_id).encode()), kept), "the search finds what is there"


def _places(service: Service) -> traces.Places:
    blobs = traces.files(service.settings.data / "blobs", "blob")
    return {**traces.tables(service.settings.database_url), **blobs}


@pytest.mark.slow
def test_photos_are_judged_together(service: Service, owner: Caller) -> None:
    person_id, _ = propose(service, owner)
    hers, his = enrolment.portrait(), enrolment.jpeg(enrolment.somebody_else())
    sent = send(service, owner, person_id, hers, his, hers, b"no picture")
    assert [(photo.state, photo.reason) for photo in sent] == [
        *[("pending", None)] * 2,
        ("refused", "same_photo_twice"),
        ("refused", "unreadable"),
    ]
    assert sent[2].other_photo_id == sent[0].photo_id
    work(service)
    assert reasons(service, owner, person_id) == ["different_people"] * 2
    again = send(
        service, owner, person_id, hers, enrolment.portrait(quality=40), enrolment.portrait(CROPS[1])
    )
    assert [photo.created for photo in again] == [False, True, True]
    work(service)
    shown = get_person(service, owner, person_id)
    assert [photo.reason for photo in shown.photos] == [
        None,
        "different_people",
        "same_photo_twice",
        None,
    ]
    assert shown.photos[2].other_photo_id == shown.photos[0].photo_id
    left = remove_photo(service, owner, person_id, UUID(shown.photos[0].photo_id))
    assert [photo.reason for photo in left.photos] == ["different_people", None, None]
    assert [photo.number for photo in left.photos] == [2, 3, 4]


@pytest.mark.slow
def test_a_photo_survives_the_workers_that_die_on_it(service: Service, owner: Caller) -> None:
    person_id, _ = propose(service, owner)
    send(service, owner, person_id, enrolment.portrait())
    die_at_once(service)
    sweep(service)
    [job] = rows(service, "SELECT job_id FROM job")
    read_photo(str(job["job_id"]))
    assert reasons(service, owner, person_id) == [None]
    send(service, owner, person_id, enrolment.portrait(CROPS[1]))
    for _ in range(2):
        die_at_once(service)
    sweep(service)
    assert reasons(service, owner, person_id) == [None, "not_read"]


def test_results_after_an_erasure_are_not_stored(service: Service, owner: Caller) -> None:
    person_id, _ = propose(service, owner)
    send(service, owner, person_id, enrolment.portrait())
    [job] = rows(service, "SELECT job_id FROM job")
    let_proposal_age(service, days=31)
    assert sweep_persons(service) == 1
    read_photo(str(job["job_id"]))
    assert get_person(service, owner, person_id).ended_as == "expired"
    assert rows(service, "SELECT * FROM person_photo") == []
    assert traces.files(service.settings.data / "blobs", "blob") == {}


@pytest.mark.slow
def test_photos_changed_behind_the_reviewers_back_are_looked_at_first(
    service: Service, owner: Caller, reviewer: Caller
) -> None:
    person_id, _ = propose(service, owner)
    [shown] = send(service, owner, person_id, enrolment.portrait())
    work(service)
    with pytest.raises(Conflict) as caught:
        review_person(service, reviewer, person_id, ACCEPT)
    assert caught.value.code == "photos_unseen", "nobody accepts unseen"
    look(service, reviewer, person_id)
    send(service, owner, person_id, enrolment.jpeg(enrolment.somebody_else()))
    work(service)
    remove_photo(service, owner, person_id, UUID(shown.photo_id))
    [swapped] = get_person(service, owner, person_id).photos
    assert swapped.state == "usable"
    with pytest.raises(Conflict) as caught:
        review_person(service, reviewer, person_id, ACCEPT)
    assert (caught.value.code, caught.value.extra["photo_ids"]) == ("photos_unseen", [swapped.photo_id])
    assert get_person(service, owner, person_id).state == "proposed"
    look(service, reviewer, person_id)
    assert review_person(service, reviewer, person_id, ACCEPT).state == "active"


@pytest.mark.slow
def test_a_decision_that_was_cut_off_is_finished(service: Service, owner: Caller, reviewer: Caller) -> None:
    person_id, _ = propose(service, owner)
    send(service, owner, person_id, enrolment.portrait())
    work(service)
    look(service, reviewer, person_id)
    folder = service.settings.data / "blobs"
    away = folder.rename(folder.with_name("away"))
    folder.write_bytes(b"no folder now")
    assert review_person(service, reviewer, person_id, ACCEPT).state == "active"
    other, _ = propose(service, owner, name="Other")
    assert revoke_person(service, owner, other).state == "erased"
    with pytest.raises(Unavailable) as caught:
        sweep_persons(service)
    assert caught.value.code == "blobs_unavailable"
    folder.unlink()
    away.rename(folder)
    assert len(traces.files(folder, "blob")) == 1
    with pytest.raises(NotFound, match="no longer kept"):
        look(service, reviewer, person_id)
    sweep_persons(service)
    assert traces.files(folder, "blob") == {}
    assert not get_person(service, owner, person_id).photos[0].kept


@pytest.mark.slow
def test_a_new_consent_holds_once_it_is_reviewed(service: Service, owner: Caller, reviewer: Caller) -> None:
    person_id, _ = enrolled(service, owner, reviewer)
    renewal = NewConsent(
        **enrolment.consent(given_at="2026-11-20", expires_at="2027-11-19", scope=["lookups"])
    )
    shown = renew_person(service, owner, person_id, renewal)
    assert shown.renewal is not None
    assert (shown.expires_at[:10], shown.renewal.expires_at[:10]) == ("2026-12-31", "2027-11-19")
    shown = review_person(service, reviewer, person_id, Review("refuse", reason="consent"))
    assert (shown.state, shown.renewal, shown.revision) == ("active", None, 2)
    renew_person(service, owner, person_id, renewal)
    shown = review_person(service, reviewer, person_id, ACCEPT)
    assert (shown.expires_at[:10], shown.scope, shown.revision) == ("2027-11-19", ["lookups"], 3)
    assert [consent.given_at[:10] for consent in shown.consents] == ["2026-01-31", "2026-11-20"]
    with service.pool.transaction() as connection:
        assert len(persons.active(connection, owner.organization_id)) == 1
        assert persons.active(connection, owner.organization_id, "entries") == []


@pytest.mark.slow
def test_the_person_withdraws_with_the_code_alone(service: Service, owner: Caller, reviewer: Caller) -> None:
    person_id, code = enrolled(service, owner, reviewer)
    unknown = propose(service, owner, name="X")[1]
    revoke_by_code(service, unknown)
    revoke_by_code(service, unknown)
    assert get_person(service, owner, person_id).state == "active"
    revoke_by_code(service, code.lower().replace("-", " "))
    revoke_by_code(service, code)
    shown = get_person(service, owner, person_id)
    assert (shown.state, shown.ended_as, shown.name) == ("erased", "revoked", None)
    assert [(event.event, event.actor) for event in shown.events][-2:] == [
        ("revoked", "person"),
        ("erased", "service"),
    ]
    assert service.keys.find(person_id) is None
    with service.pool.transaction() as connection:
        assert persons.active(connection, owner.organization_id) == []


def test_a_consent_ends_though_the_keys_are_away(service: Service, owner: Caller, reviewer: Caller) -> None:
    person_id, code = enrolled(service, owner, reviewer)
    folder = service.keys.folder
    away = folder.rename(folder.with_name("away"))
    folder.write_bytes(b"no folder now")
    with pytest.raises(Unavailable) as caught:
        get_person(service, owner, person_id)
    assert caught.value.code == "keys_unavailable"
    revoke_by_code(service, code)
    with service.pool.transaction() as connection:
        assert persons.active(connection, owner.organization_id) == []
    folder.unlink()
    away.rename(folder)
    assert sweep_persons(service) == 1
    assert service.keys.find(person_id) is None


FORGED = {
    "person_second_reviewer": "UPDATE person SET reviewed_by = proposed_by",
    "person_active_is_reviewed": "UPDATE person SET identity_checked = false",
    "person_active_has_vectors": "UPDATE person SET sealed_vectors = NULL",
    "person_consent_is_limited": "UPDATE person SET expires_at = consented_at + interval '367 days'",
    "person_ended_is_empty": "UPDATE person SET state = 'revoked', ended_as = 'revoked', ended_at = now(),"
    " sealed_vectors = NULL",
    "person_living_is_sealed": "UPDATE person SET sealed_record = NULL",
    "person_ended_says_how": "UPDATE person SET state = 'revoked', sealed_vectors = NULL,"
    " sealed_record = NULL, revocation_sha256 = NULL, consent_commitment = NULL",
    "person_erased_says_when": "UPDATE person SET erased_at = now()",
    "person_renewal_is_whole": "UPDATE person SET renewal_at = now()",
    "person_sealed_vectors_check": "UPDATE person SET sealed_vectors = '\\x00'",
    "person_scope_check": "UPDATE person SET scope = '{}'",
    "person_assessment_id_fkey": "UPDATE person SET assessment_id = gen_random_uuid()",
    "person_photo_refused_says_why": "UPDATE person_photo SET state = 'refused'",
    "person_photo_pending_is_kept": "UPDATE person_photo SET state = 'pending'",
    "person_photo_number_check": "UPDATE person_photo SET number = 21",
    "person_event_check": "INSERT INTO person_event (person_id, event, actor, revision)"
    " SELECT person_id, 'seen', 'caller', 1 FROM person",
}


@pytest.mark.slow
def test_the_database_holds_the_rules_too(service: Service, owner: Caller, reviewer: Caller) -> None:
    enrolled(service, owner, reviewer)
    broken = {}
    for name, forged in FORGED.items():
        with pytest.raises(psycopg.IntegrityError) as caught:
            forge(service, forged)
        broken[name] = caught.value.diag.constraint_name
    assert broken == {name: name for name in FORGED}
    with pytest.raises(psycopg.errors.CheckViolation):
        forge(service, "UPDATE person SET state = 'paused'")
    for forged in (
        "UPDATE person_event SET event = 'x'",
        "DELETE FROM person_event",
        "TRUNCATE person_event",
        "DELETE FROM face_assessment WHERE false",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation):
            forge(service, forged)


def test_nobody_is_enrolled_without_an_assessment(service: Service) -> None:
    caller = authenticate(service, bootstrap(service) or "")
    with pytest.raises(FakeprintError) as caught:
        propose(service, caller)
    assert caught.value.code == "no_assessment"
    assert rows(service, "SELECT * FROM person") == []
    assert service.keys.held() == set()
