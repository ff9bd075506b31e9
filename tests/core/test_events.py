"""Events are written with the change, hold ids alone, and stay."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from registry.catalogue.entries.service.registration import Registration, register_entry, retry_entry
from registry.core import logs
from registry.core.audit.model.ledger import commit, opens
from registry.core.audit.service import event, record_event, record_events
from registry.core.audit.store import commitments
from registry.core.errors.terminal import UnreadableMedia
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.jobs import fail_job
from tests.support.media import drawn
from tests.support.service.fixtures import Recorder
from tests.support.service.rows import forge
from tests.support.steps import claimed, upload


def rows(service: Service) -> list[dict[str, Any]]:
    with service.pool.transaction() as connection:
        return connection.execute("SELECT * FROM event ORDER BY event_id").fetchall()


def test_an_event_has_actor_action_and_request(service: Service, owner: Caller) -> None:
    entry, asset = uuid4(), uuid4()
    reason = commit("a text that may name somebody")
    with logs.bound(request_id="req-1"), service.pool.transaction() as connection:
        event_id = record_event(
            connection,
            owner,
            "entry.changed",
            entry_id=entry,
            subject={"asset_id": asset},
            said={"reason": reason.digest, "tiers": ["reviewed"], "count": 3, "own": True, "was": None},
        )
    row = next(row for row in rows(service) if row["event_id"] == event_id)
    assert (row["organization_id"], row["caller_id"]) == (owner.organization_id, owner.caller_id)
    assert (row["kind"], row["entry_id"], row["request_id"]) == ("entry.changed", entry, "req-1")
    assert row["subject"] == {"asset_id": str(asset)}
    assert row["said"]["reason"] == reason.digest.hex()
    assert (row["said"]["tiers"], row["said"]["count"]) == (["reviewed"], 3)
    assert opens("a text that may name somebody", reason.salt, reason.digest)
    assert not opens("another text", reason.salt, reason.digest)


def test_it_is_there_with_the_change_or_not_at_all(service: Service, owner: Caller) -> None:
    before = len(rows(service))

    def interrupted() -> None:
        with service.pool.transaction() as connection:
            record_event(connection, owner, "bank.created")
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    assert len(rows(service)) == before


def test_many_are_written_in_their_order(service: Service, owner: Caller) -> None:
    entries = [uuid4() for _ in range(50)]
    with service.pool.transaction() as connection:
        ids = record_events(
            connection,
            [event(owner, "entry.registered", entry_id=entry, said={"bulk": True}) for entry in entries],
        )
    by_id = {row["event_id"]: row["entry_id"] for row in rows(service)}
    assert [by_id[id_] for id_ in ids] == entries


@pytest.mark.parametrize(
    "said",
    [
        {"reason": "She said so."},
        {"url": "https://e.org/"},
        {"mail": "a@b.example"},
        {"score": 0.5},
        {"Who": "x"},
    ],
)
def test_texts_addresses_and_fractions_are_refused(said: dict[str, Any], owner: Caller) -> None:
    with pytest.raises(ValueError, match="event"):
        event(owner, "entry.changed", said=said)


def test_a_kind_that_is_not_listed_is_refused(owner: Caller) -> None:
    with pytest.raises(ValueError, match="no kind"):
        event(owner, "entry.exploded")


@pytest.mark.parametrize("forged", ["UPDATE event SET kind = 'a.b'", "DELETE FROM event", "TRUNCATE event"])
def test_events_stay(service: Service, owner: Caller, forged: str) -> None:
    with pytest.raises(psycopg.errors.RestrictViolation):
        forge(service, forged)


def kinds(service: Service) -> list[str]:
    return [row["kind"] for row in rows(service)]


def test_a_registration_is_on_record(service: Service, owner: Caller) -> None:
    before = len(rows(service))
    fake, original = drawn.clip("body", face="victim"), drawn.clip("body", face="b", file="original")
    made = register_entry(service, owner, Registration(fakes=[fake], originals=[original]))
    happened = rows(service)[before:]
    assert [row["kind"] for row in happened] == [
        "entry.registered",
        "asset.added",
        "asset.fingerprinted",
        "asset.added",
        "asset.fingerprinted",
        "entry.matchable",
    ]
    assert {str(row["entry_id"]) for row in happened} == {made.entry_id}
    assert {row["caller_id"] for row in happened} == {owner.caller_id}
    details = happened[1]["said"]
    with service.pool.transaction() as connection:
        opening = next(
            row
            for row in commitments.commitments_page(connection, ("", ""), 10)
            if row["text"] == fake.media.sha256
        )
    assert (details["role"], details["sha256"]) == ("fake", opening["commitment"].hex())
    assert opens(fake.media.sha256, opening["salt"], opening["commitment"])
    assert fake.media.sha256 not in str(happened)
    register_entry(service, owner, Registration(fakes=[fake], originals=[original]))
    assert len(rows(service)) == before + 6  # nothing changed, so nothing happened


def test_actions_of_workers_are_recorded(service: Service, owner: Caller, recorder: Recorder) -> None:
    made = register_entry(service, owner, Registration(fakes=[upload(service, b"no film at all")]))
    fail_job(service, claimed(service, recorder), UnreadableMedia("It cannot be read."))
    assert kinds(service)[-2:] == ["asset.added", "entry.failed"]
    failed = rows(service)[-1]
    assert (failed["caller_id"], failed["organization_id"]) == (None, owner.organization_id)
    assert failed["said"] == {"code": "unreadable"}
    retry_entry(service, owner, UUID(made.entry_id))
    assert kinds(service)[-1] == "entry.retried"
