"""Lookups are read from a replica, and no answer shows it: two real clusters, replay held up at will."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from registry.app.service.bootstrap import bootstrap
from registry.app.service.check_readiness import check_readiness
from registry.catalogue.banks.service.banks import change_bank, create_bank
from registry.catalogue.banks.service.shares import overlay_bank, share_bank, unshare_bank
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.database.replicas import MAX_LAG
from registry.core.errors import Forbidden, Unauthenticated
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.answers import answer_document, answer_sha256
from registry.matching.lookups.service.hashes import answer_hash, answer_hash_of, answer_hashes
from registry.operations.api.instruments import Instruments
from tests.support.matching.answers import answer_of
from tests.support.media import drawn
from tests.support.service import servers as services
from tests.support.service.replication import Database, Pair
from tests.support.service.servers import PostgresServer
from tests.support.steps import review


@pytest.fixture
def database(replicated: Pair) -> Iterator[Database]:
    with replicated.database() as made:
        yield made


@pytest.fixture
def service(database: Database, tmp_path: Path) -> Iterator[Service]:
    opened = database.service(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def key(service: Service) -> str:
    made = bootstrap(service)
    assert made
    return made


@pytest.fixture
def owner(service: Service, key: str) -> Caller:
    return authenticate(service, key)


@pytest.fixture
def stranger(service: Service, owner: Caller) -> str:
    """The key of another organization."""
    roles = ["lookup", "register", "signals"]
    return str(create_caller(service, owner, organization="strangers", name="x", roles=roles).key)


def _read_from_replica(service: Service, who: bytes | UUID | None) -> bool:
    return service.read(lambda source: source.pool is not service.pool, who)


WAYS: dict[str, Callable[[Service, str, Fingerprint], Answer]] = {
    "hash": lambda service, key, clip: answer_hash_of(service, key, "pdq.1", _pdq(clip))[1],
    "batch": lambda service, key, clip: _only(answer_hashes(service, key, "pdq.1", [_pdq(clip)])[1]),
    "vector": lambda service, key, clip: answer_hash(
        service, authenticate(service, key), "phash256.1", (clip.frames[0].phash256 or b"").hex()
    ),
    "document": lambda service, key, clip: answer_document(service, authenticate(service, key), clip),
    "sha256": lambda service, key, clip: answer_sha256(
        service, authenticate(service, key), clip.media.sha256
    ),
}


def _pdq(clip: Fingerprint) -> str:
    assert clip.frames[0].pdq
    return clip.frames[0].pdq.hex()


def _only(answers: list[Answer]) -> Answer:
    (answer,) = answers
    return answer


def _found(service: Service, key: str, clip: Fingerprint) -> dict[str, bool]:
    """By each way to ask: whether anything was found. No answer bears a time: the primary is there."""
    answers = {name: ask(service, key, clip) for name, ask in WAYS.items()}
    assert not any("as_of" in answer for answer in answers.values())
    return {name: bool(answer["matches"]) for name, answer in answers.items()}


EVERYWHERE, NOWHERE = dict.fromkeys(WAYS, True), dict.fromkeys(WAYS, False)


def test_lookups_are_read_from_the_replica_and_recorded_on_the_primary(
    service: Service, database: Database, owner: Caller, key: str
) -> None:
    clip = drawn.clip("read there", face="a")
    register_entry(service, owner, Registration(fakes=[clip]))
    database.settle(service)
    assert _found(service, key, clip) == EVERYWHERE
    for ask in WAYS.values():
        answer = ask(service, key, clip)
        assert answer_of(service, owner, UUID(answer["lookup_id"])) == answer
    assert service.journal.waiting() == 0
    text = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND (query LIKE '%%frame_fingerprint%%' OR query LIKE 'COMMIT%%')"
    )
    assert database.on_replica(text) > 0


def test_the_answers_are_those_of_the_primary(
    service: Service, database: Database, owner: Caller, key: str, stranger: str
) -> None:
    for name in ("one", "two"):
        made = register_entry(
            service,
            owner,
            Registration(fakes=[drawn.clip(name, face="a")], originals=[drawn.clip(name, face="b")]),
        )
        review(service, str(made.entry_id))
    database.settle(service)
    alone = Service(service.pool, service.blobs, service.publisher, service.settings)
    for asker in (key, stranger):
        for clip in (drawn.clip("one", noise=0.02), drawn.clip("two", face="b"), drawn.clip("other")):
            for ask in WAYS.values():
                there, here = dict(ask(service, asker, clip)), dict(ask(alone, asker, clip))
                different = {name for name in there if there[name] != here[name]}
                assert there.keys() == here.keys()
                assert {"lookup_id"} <= different <= {"lookup_id", "timing_ms"}


CHANGES = {
    "withdrawn": "UPDATE entry SET status = 'withdrawn'",
    "disputed": "UPDATE entry SET status = 'suspended'",
    "erased": "DELETE FROM entry_asset",
    "hidden": "UPDATE bank SET visibility = 'private'",
    "taken back": "UPDATE entry_asset SET matchable_at = NULL",
}


@pytest.mark.parametrize("change", CHANGES)
def test_withdrawn_entries_disappear_before_the_replica_catches_up(
    service: Service, database: Database, owner: Caller, stranger: str, change: str
) -> None:
    clip = drawn.clip("withdrawn")
    review(service, str(register_entry(service, owner, Registration(fakes=[clip])).entry_id))
    database.settle(service)
    assert _found(service, stranger, clip) == EVERYWHERE
    with database.paused():
        assert _found(service, stranger, clip) == EVERYWHERE
        database.on_primary(CHANGES[change])
        assert _found(service, stranger, clip) == NOWHERE
        assert database.on_replica(
            "SELECT count(*) FROM entry JOIN bank USING (bank_id) JOIN entry_asset ea USING (entry_id)"
            " WHERE status = 'matchable' AND visibility = 'public' AND ea.matchable_at IS NOT NULL"
        ), "the replica would have told"
    database.settle(service)
    assert _found(service, stranger, clip) == NOWHERE


def test_sharing_takes_effect_at_once_on_replicas(
    service: Service, database: Database, owner: Caller, stranger: str
) -> None:
    clip = drawn.clip("shared")
    create_bank(service, owner, name="desk", visibility="private")
    made = register_entry(service, owner, Registration(fakes=[clip], bank="desk", manipulation="edited"))
    review(service, str(made.entry_id))
    database.settle(service)
    assert _found(service, stranger, clip) == NOWHERE
    with database.paused():
        share_bank(service, owner, "desk", "strangers")
        assert _found(service, stranger, clip) == EVERYWHERE
    database.settle(service)
    assert _found(service, stranger, clip) == EVERYWHERE
    with database.paused():
        unshare_bank(service, owner, "desk", "strangers")
        assert _found(service, stranger, clip) == NOWHERE
        share_bank(service, owner, "desk", "strangers")
        assert _found(service, stranger, clip) == EVERYWHERE
        change_bank(service, owner, "desk", visibility="private")
        assert _found(service, stranger, clip) == NOWHERE
        assert database.on_replica(
            "SELECT count(*) FROM bank WHERE visibility = 'shared' AND cardinality(shared_with) = 1"
        ), "the replica would have told"
    database.settle(service)
    assert _found(service, stranger, clip) == NOWHERE


def test_rules_of_ones_own_count_at_once(
    service: Service, database: Database, owner: Caller, stranger: str
) -> None:
    clip = drawn.clip("overlaid")
    create_bank(service, owner, name="desk")
    made = register_entry(service, owner, Registration(fakes=[clip], bank="desk", manipulation="edited"))
    review(service, str(made.entry_id))
    asker = authenticate(service, stranger)
    boss = replace(asker, roles=frozenset({"admin"}))
    overlay_bank(service, boss, "desk", {"related_action": "label"})
    database.settle(service)
    assert WAYS["sha256"](service, stranger, clip)["verdict"] == "known_fake"
    with database.paused():
        overlay_bank(service, boss, "desk", {"known_tier": "court_order"})
        assert WAYS["sha256"](service, stranger, clip)["verdict"] == "related"
        overlay_bank(service, boss, "desk", {})
        assert WAYS["sha256"](service, stranger, clip)["verdict"] == "known_fake"


def test_a_lowered_tier_takes_effect_at_once(
    service: Service, database: Database, owner: Caller, stranger: str
) -> None:
    clip = drawn.clip("trusted")
    review(
        service,
        str(register_entry(service, owner, Registration(fakes=[clip], manipulation="edited")).entry_id),
    )
    database.settle(service)
    assert WAYS["sha256"](service, stranger, clip)["verdict"] == "known_fake"
    with database.paused():
        database.on_primary("UPDATE entry SET tier = 'unreviewed'")
        assert WAYS["sha256"](service, stranger, clip)["verdict"] == "related"
        database.on_primary("""UPDATE bank SET policy = '{"strangers_see_unreviewed": true}'""")
        database.on_primary("UPDATE entry_asset SET tier = 'unreviewed'")
        assert WAYS["document"](service, stranger, clip)["matches"][0]["tier"] == "unreviewed"


def test_a_revoked_key_and_a_lost_role_are_so_at_once(
    service: Service, database: Database, owner: Caller, stranger: str
) -> None:
    clip = drawn.clip("revoked")
    database.settle(service)
    _found(service, stranger, clip)
    with database.paused():
        database.on_primary("UPDATE caller SET roles = '{register}' WHERE 'signals' = ANY (roles)")
        for ask in WAYS.values():
            with pytest.raises(Forbidden):
                ask(service, stranger, clip)
        database.on_primary("UPDATE caller SET revoked_at = now() WHERE roles = '{register}'")
        for ask in WAYS.values():
            with pytest.raises(Unauthenticated):
                ask(service, stranger, clip)


def test_a_caller_reads_its_organizations_writes(
    service: Service, database: Database, owner: Caller, key: str, tmp_path: Path
) -> None:
    """By another process of the service too, and with a key made a moment ago."""
    other = database.service(tmp_path / "other")
    database.settle(service)
    database.settle(other)
    with database.paused():
        clip = drawn.clip("just registered")
        register_entry(service, owner, Registration(fakes=[clip]))
        assert _found(service, key, clip) == EVERYWHERE
        assert _found(other, key, clip) == EVERYWHERE
        made = create_caller(service, owner, organization=None, name="new", roles=["lookup"]).key
        assert _found(other, str(made), clip) == EVERYWHERE
        create_bank(service, owner, name="fresh", visibility="private")
        assert answer_sha256(other, owner, "ab" * 32, bank="fresh")["verdict"] == "no_match"
        assert database.on_replica("SELECT count(*) FROM entry") == 0
    other.close()


def test_a_replica_over_a_second_behind_does_not_answer(
    service: Service, database: Database, owner: Caller, stranger: str
) -> None:
    database.settle(service)
    with database.paused():
        clip = drawn.clip("by another")
        review(service, str(register_entry(service, owner, Registration(fakes=[clip])).entry_id))
        services.wait_until(lambda: not _read_from_replica(service, owner.organization_id), 20)
        assert _found(service, stranger, clip) == EVERYWHERE
        (state,) = check_readiness(service).replicas or []
        assert (state.ok, state.detail) == (False, "It is too far behind the primary.")
        assert (state.lag_seconds or 0) > MAX_LAG
    services.wait_until(lambda: _read_from_replica(service, owner.organization_id), 10)


def test_nothing_to_do_is_no_lag(service: Service, database: Database, owner: Caller) -> None:
    database.settle(service)
    until = time.monotonic() + 2.5 * MAX_LAG
    while time.monotonic() < until:
        (state,) = check_readiness(service).replicas or []
        assert (state.ok, state.detail) == (True, None)
        time.sleep(0.1)


def test_a_foreign_database_is_not_used_as_replica(
    database: Database, tmp_path: Path, owner: Caller, embedded_postgres: PostgresServer
) -> None:
    with embedded_postgres.clone() as another:
        nowhere = "postgresql://fakeprint@127.0.0.1:9/none"
        odd = database.service(tmp_path, database.url, another, nowhere)
        try:
            found = check_readiness(odd)
            assert [state.ok for state in (found.replicas or [])] == [False, False, False]
            assert (found.replicas or [])[0].detail == "It is no replica: it is the primary itself."
            assert "no replica: it takes writes" in str((found.replicas or [])[1].detail)
            assert "refused" in str((found.replicas or [])[2].detail)
            assert not _read_from_replica(odd, owner.organization_id)
            text = Instruments().text(odd, {}).decode()
            assert '{replica="replica1"}' not in text, "it is the primary itself"
            for number in (2, 3):
                assert f'fakeprint_replica_answers{{replica="replica{number}"}} 0.0' in text
        finally:
            odd.close()


def test_a_query_cancelled_by_the_replica_goes_to_the_primary(
    service: Service, database: Database, owner: Caller
) -> None:
    database.settle(service)
    tried = []

    def read(source: Any) -> int:
        tried.append(source.pool is service.pool)
        with source.transaction() as connection:
            if source.pool is not service.pool:
                connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            return int(connection.execute("SELECT 7 AS seven").fetchone()["seven"])

    assert service.read(read, owner.organization_id) == 7
    assert tried == [False, True]


def test_changes_are_counted_once_a_transaction_and_only_those_that_matter(
    service: Service, database: Database, owner: Caller, stranger: str
) -> None:
    def counted() -> dict[bool, int]:
        """For everybody (true), and for single organizations."""
        found = database.on_primary(
            "SELECT coalesce(jsonb_object_agg(everybody, changes), '{}') FROM ("
            " SELECT organization_id = '00000000-0000-0000-0000-000000000000' AS everybody,"
            " sum(changes) AS changes FROM change_count GROUP BY everybody)"
        )
        return {everybody: int(found.get(str(everybody).lower(), 0)) for everybody in (True, False)}

    clips = [drawn.clip(f"counted {number}") for number in range(3)]
    before = counted()[False]
    for clip in clips:
        register_entry(service, owner, Registration(fakes=[clip]))
    assert counted() == {True: 0, False: before + 3}
    _found(service, stranger, clips[0])
    database.on_primary("UPDATE entry_asset SET related_by = NULL")
    database.on_primary("UPDATE entry SET status = status")
    assert counted() == {True: 0, False: before + 3}
    database.on_primary("UPDATE entry SET status = 'withdrawn'")
    assert counted() == {True: 1, False: before + 3}
