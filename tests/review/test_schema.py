"""What the database refuses and does by itself: moves, disputes, what waits; whoever asks it."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from registry.catalogue.banks.service.banks import change_bank, create_bank
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.review.queue import model as review
from registry.review.queue import store as reviews
from registry.review.queue.service.decisions import Decision, decide_entry
from registry.review.queue.service.queue import claim_entry, list_reviews
from tests.support.matching.asking import ask
from tests.support.media import drawn
from tests.support.steps import join


@pytest.fixture
def stranger(service: Service, owner: Caller) -> Caller:
    return join(service, owner, "Strangers")


def put(service: Service, caller: Caller, *fakes: Fingerprint, **fields: Any) -> UUID:
    return UUID(register_entry(service, caller, Registration(fakes=fakes, **fields)).entry_id)


def force(connection: Connection, entry_id: UUID, status: str) -> None:
    """A status, past the guard."""
    connection.execute("SET LOCAL session_replication_role = replica")
    connection.execute(
        "UPDATE entry SET status = %s, error_code = 'x', matchable_at = now() WHERE entry_id = %s",
        [status, entry_id],
    )
    connection.execute("SET LOCAL session_replication_role = origin")


def test_the_database_has_the_same_moves_as_the_model(service: Service, owner: Caller) -> None:
    entry_id = put(service, owner, drawn.clip("moved"))
    allowed = set()
    for before, after in itertools.permutations(review.STATUSES, 2):
        with service.pool.transaction() as connection:
            force(connection, entry_id, before)
            try:
                with connection.transaction():
                    connection.execute("UPDATE entry SET status = %s WHERE entry_id = %s", [after, entry_id])
                    allowed.add((before, after))
            except psycopg.errors.CheckViolation:
                continue
    assert allowed == review.MOVES


CLOSED = "state = 'closed', closed_at = now(), decided_by = opened_by, reason_code = 'other'"


@pytest.mark.parametrize(
    "wrong",
    [
        "state = 'closed'",
        "outcome = 'upheld'",
        "state = 'answered'",
        "accepted_at = now()",
        "at_once = true",
        "answer_due = opened_at",
        f"{CLOSED}, outcome = 'upheld', decider_id = organization_id, remedy = 'withdrawn'",
        f"{CLOSED}, outcome = 'rejected', decider_id = owner_id",
        "state = 'closed', outcome = 'rejected', closed_at = now(), reason_code = 'other'",
    ],
)
def test_a_dispute_is_in_no_state_that_no_rule_knows(
    service: Service, owner: Caller, stranger: Caller, wrong: str
) -> None:
    with service.pool.transaction() as connection:
        dispute_id = disputed(connection, put(service, owner, drawn.clip("contested")), stranger, owner)
        with pytest.raises(psycopg.errors.CheckViolation), connection.transaction():
            connection.execute(f"UPDATE dispute SET {wrong} WHERE dispute_id = %s", [dispute_id])  # noqa: S608


def test_a_decision_is_final(service: Service, owner: Caller, stranger: Caller) -> None:
    with service.pool.transaction() as connection:
        dispute_id = disputed(connection, put(service, owner, drawn.clip("settled")), stranger, owner)
        withdrawn = f"{CLOSED}, outcome = 'withdrawn', decider_id = organization_id"
        connection.execute(f"UPDATE dispute SET {withdrawn} WHERE dispute_id = %s", [dispute_id])  # noqa: S608
        for again in ("state = 'open', outcome = NULL, closed_at = NULL", "outcome = 'rejected'"):
            with (
                pytest.raises(psycopg.errors.CheckViolation, match="cannot change from"),
                connection.transaction(),
            ):
                connection.execute(f"UPDATE dispute SET {again} WHERE dispute_id = %s", [dispute_id])  # noqa: S608


def disputed(connection: Connection, entry_id: UUID, opener: Caller, owner: Caller) -> UUID:
    dispute_id = uuid4()
    connection.execute(
        "INSERT INTO dispute (dispute_id, entry_id, kind, standing, opened_by, organization_id, owner_id,"
        " suspends, at_once, answer_due)"
        " VALUES (%s, %s, 'satire', 'author', %s, %s, %s, false, false, now() + interval '7 days')",
        [dispute_id, entry_id, opener.caller_id, opener.organization_id, owner.organization_id],
    )
    return dispute_id


def test_a_private_role_conflict_is_hidden(service: Service, owner: Caller, stranger: Caller) -> None:
    create_bank(service, owner, name="closed", visibility="private")
    clip = drawn.clip("both")
    hidden = put(service, owner, drawn.clip("x"), originals=[clip], bank="closed")
    seen = put(service, stranger, clip)
    with service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT entry_id FROM review_item WHERE reason = 'role_conflict' AND entry_id = ANY(%s)",
            [[hidden, seen]],
        ).fetchall()
    assert [row["entry_id"] for row in rows] == [hidden], "the stranger must not learn what the bank holds"


def test_the_queue_asks_the_index_of_each_bank(service: Service, owner: Caller) -> None:
    """A page of ten thousand that wait is read from the front of the index, not by sorting them all."""
    entry_id = put(service, owner, drawn.clip("first"))
    with service.pool.transaction() as connection:
        connection.execute(
            "INSERT INTO entry (bank_id, title, created_by, status, matchable_at)"
            " SELECT bank_id, 'x', created_by, 'matchable', now() FROM entry, generate_series(1, 10000)"
            " WHERE entry_id = %s",
            [entry_id],
        )
        connection.execute("ANALYZE review_item, entry, bank")
        waiting = connection.execute("SELECT count(*) AS n FROM review_item").fetchone()
        assert waiting
        assert waiting["n"] >= 10_000
        absent = (
            "bank_id",
            "reason",
            "claimed",
            "unverified",
            "words",
            "tier",
            "registered_from",
            "registered_before",
            "person_id",
        )
        parameters = dict.fromkeys((*absent, "priority", "since", "after_id"))
        parameters |= {
            "organization_id": owner.organization_id,
            "caller_id": owner.caller_id,
            "limit": 51,
            "detailed": False,
        }
        plan = connection.execute("EXPLAIN " + reviews._SQL["queue"], parameters).fetchall()
    assert any("review_item_order" in row["QUERY PLAN"] for row in plan)
    page = list_reviews(service, owner, limit=50)
    assert len(page.items) == 50
    assert page.next


def test_the_owners_tier_follows_its_own_reviewers(service: Service, owner: Caller, stranger: Caller) -> None:
    entry_id = put(service, owner, drawn.clip("body", face="victim"))
    change_bank(service, owner, "default", policy={"known_tier": "reviewed"})
    copy = drawn.clip("body", face="victim", noise=0.15, file="copy")
    assert ask(service, owner, copy)["verdict"] == "related"
    with service.pool.transaction() as connection:
        connection.execute("UPDATE asset_algorithm SET recomputed = true")
    for name in ("a", "b"):
        made = create_caller(service, owner, organization=None, name=name, roles=["review"])
        reviewer = authenticate(service, made.key)
        claim_entry(service, reviewer, entry_id)
        decide_entry(service, reviewer, entry_id, Decision("approve"))
    found = ask(service, owner, copy)
    assert (found["verdict"], found["matches"][0]["tier"]) == ("known_fake", "reviewed")
    found = ask(service, stranger, copy)
    assert (found["verdict"], found["matches"][0]["tier"]) == ("related", "unreviewed")


@pytest.mark.parametrize(
    ("change", "whose"),
    [
        ("UPDATE entry_asset SET own_tier = 'reviewed'", "own"),
        ("UPDATE entry SET own_tier = 'reviewed'", "everybody"),
        ("UPDATE entry SET status = 'suspended', suspended_for = 'dispute'", "everybody"),
        ("UPDATE entry_asset SET tier = 'reviewed'", "everybody"),
    ],
)
def test_replicas_wait_for_review_changes(service: Service, owner: Caller, change: str, whose: str) -> None:
    put(service, owner, drawn.clip("counted"))
    counted = UUID(int=0) if whose == "everybody" else owner.organization_id
    query = "SELECT coalesce(sum(changes), 0) AS n FROM change_count WHERE organization_id = %s"
    found = []
    for statement in (None, change):
        with service.pool.transaction() as connection:
            if statement:
                connection.execute(statement.encode())
        with service.pool.transaction() as connection:
            row = connection.execute(query, [counted]).fetchone()
            assert row
            found.append(row["n"])
    assert found[1] == found[0] + 1
