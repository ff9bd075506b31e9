"""Every event gets one place, as commits are seen; what is signed follows from what was signed."""

from __future__ import annotations

import logging
import os
import stat
import threading
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.errors import InsufficientPrivilege

from registry.catalogue.banks.store import banks
from registry.core.audit.model.ledger import event_leaf, lookup_leaf, opens
from registry.core.audit.service import event, record_event, record_events
from registry.core.audit.store import events
from registry.core.database.pool import Pool
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.store import organizations
from registry.matching.lookups.model import Origin
from registry.matching.lookups.store import lookups
from registry.transparency.ledger import store as ledger
from registry.transparency.ledger.model import merkle, note, signing
from registry.transparency.ledger.service.sequencing import ledger_folder, sequence_events
from tests.support.documents import runbook
from tests.support.entries import add_bare_entry
from tests.support.record.ledger import add_event, add_lookup, cut_ledger, restore_elsewhere
from tests.support.service.rows import forge

ROLE = Path(__file__).parent.parent.parent / "deploy" / "service-role.sql"


def happen(service: Service, owner: Caller, count: int = 1) -> list[int]:
    with service.pool.transaction() as connection:
        return record_events(
            connection, [event(owner, "entry.changed", entry_id=uuid4()) for _ in range(count)]
        )


def places(service: Service) -> list[dict[str, Any]]:
    with service.pool.transaction() as connection:
        return connection.execute("SELECT * FROM ledger_leaf ORDER BY leaf_index").fetchall()


def checkpoint(service: Service) -> note.Checkpoint:
    with service.pool.transaction() as connection:
        found = ledger.checkpoint(connection)
        keys = [note.verifier_key(row.verifier_key) for row in ledger.keys(connection)]
    assert found
    return note.checkpoint(note.verify(found.note, keys).text)


def test_events_become_leaves_without_a_gap(service: Service, owner: Caller) -> None:
    sequence_events(service)
    before = len(places(service))
    tree = merkle.Growing()
    for count in (1, 2, 40, 300):
        happen(service, owner, count)
        assert sequence_events(service) == count
        assert sequence_events(service) == 0
    leaves = places(service)
    assert [row["leaf_index"] for row in leaves] == list(range(before + 343))
    with service.pool.transaction() as connection:
        rows = {row["event_id"]: row for row in connection.execute("SELECT * FROM event").fetchall()}
    for row in leaves:
        assert row["hash"] == merkle.leaf_hash(event_leaf(rows.pop(row["event_id"])))
        tree.append(row["hash"])
    assert not rows
    assert (checkpoint(service).size, checkpoint(service).root) == (tree.size, tree.root)


def test_late_commits_are_not_skipped(service: Service, owner: Caller) -> None:
    sequence_events(service)
    before = len(places(service))
    with service.pool.transaction() as slow:
        early = record_event(slow, owner, "entry.changed", entry_id=uuid4())
        (late,) = happen(service, owner)
        assert early < late
        assert sequence_events(service) == 1
    assert sequence_events(service) == 1
    assert [row["event_id"] for row in places(service)[before:]] == [late, early]


def test_sequencers_take_turns(service: Service, owner: Caller) -> None:
    sequence_events(service)
    before = len(places(service))
    happen(service, owner, 500)
    added: list[int] = []
    threads = [threading.Thread(target=lambda: added.append(sequence_events(service))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(added) == 500
    assert [row["leaf_index"] for row in places(service)] == list(range(before + 500))


def test_checkpoints_are_signed_and_kept_outside(service: Service, owner: Caller) -> None:
    for _ in range(3):
        happen(service, owner)
        sequence_events(service)
    folder = ledger_folder(service.settings)
    key = folder / signing.FIRST
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    kept = signing.notes((folder / signing.KEPT).read_text())
    with service.pool.transaction() as connection:
        assert kept == ledger.checkpoints(connection)
        (shown,) = ledger.keys(connection)
        dumped = connection.execute("SELECT string_agg(t::text, '') AS t FROM ledger_checkpoint t").fetchone()
    assert str(signing.signers(folder, "fakeprint/ledger", create=False)[0].verifier) == shown.verifier_key
    assert dumped
    assert "PRIVATE" not in dumped["t"]
    note.verify(kept[-1], [note.verifier_key(shown.verifier_key)])


def test_a_key_is_changed_by_a_time_of_both(service: Service, owner: Caller) -> None:
    happen(service, owner)
    sequence_events(service)
    folder = ledger_folder(service.settings)
    (old,) = signing.signers(folder, "fakeprint/ledger", create=False)
    path = {"PATH": os.environ["PATH"]}
    runbook.typed("**The ledger's key.**", path | {"FAKEPRINT_LEDGER": str(folder)})
    assert stat.S_IMODE((folder / "second.key").stat().st_mode) == 0o600
    happen(service, owner)
    sequence_events(service)
    (folder / signing.FIRST).unlink()
    (new,) = signing.signers(folder, "fakeprint/ledger", create=False)
    happen(service, owner)
    sequence_events(service)
    with service.pool.transaction() as connection:
        first, both, last = ledger.checkpoints(connection)[-3:]
        assert len(ledger.keys(connection)) == 2
    for signed, by in ((first, old), (both, old), (both, new), (last, new)):
        note.verify(signed, [by.verifier])
    with pytest.raises(note.BadNote, match="none of the keys"):
        note.verify(last, [old.verifier])


def test_a_host_without_the_key_makes_no_other(service: Service, owner: Caller) -> None:
    happen(service, owner)
    sequence_events(service)
    (ledger_folder(service.settings) / signing.FIRST).unlink()
    happen(service, owner)
    assert sequence_events(service) == 1
    assert not list(ledger_folder(service.settings).glob("*.key"))
    assert checkpoint(service).size == len(places(service)) - 1


def test_a_ledger_that_was_cut_is_not_signed(
    service: Service, owner: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    happen(service, owner, 20)
    sequence_events(service)
    signed = checkpoint(service)
    cut_ledger(service, 10)
    happen(service, owner, 30)
    with caplog.at_level(logging.ERROR):
        sequence_events(service)
    assert "THE LEDGER WAS ALTERED" in caplog.text
    with service.pool.transaction() as connection:
        assert ledger.checkpoint(connection) is None
    kept = signing.last_kept(ledger_folder(service.settings) / signing.KEPT)
    assert kept
    assert note.checkpoint(note.read(kept).text) == signed


def test_a_clock_that_jumps_changes_no_order(service: Service, owner: Caller) -> None:
    """Times are the database's clock; the order is the sequencer's, whatever they say."""
    sequence_events(service)
    before = len(places(service))
    times = ["2031-05-01", "1999-01-01", "2026-11-25", "1999-01-01"]
    ids = []
    for at in times:
        ids.append(add_event(service, at))
        sequence_events(service)
    assert [row["event_id"] for row in places(service)[before:]] == ids


def answer(verdict: str, entry: UUID | None = None) -> Any:
    return {
        "lookup_id": str(uuid4()),
        "verdict": verdict,
        "matches": [{"entry_id": str(entry)}] if entry else [],
        "confidence": 0.98,
    }


def ask(service: Service, owner: Caller, *verdicts: str, bank_id: UUID | None = None) -> list[str]:
    made = [answer(verdict) for verdict in verdicts]
    with service.pool.transaction() as connection:
        if bank_id is None:
            lookups.record_all(connection, caller_id=owner.caller_id, input_kind="hash", answers=made)
        else:
            for item in made:
                lookups.record(connection, Origin(owner.caller_id, "sha256", bank_id, "ab" * 32), item)
    return [verdict["lookup_id"] for verdict in made]


def recorded(service: Service) -> list[str]:
    with service.pool.transaction() as connection:
        rows = connection.execute("SELECT lookup_id FROM ledger_lookup ORDER BY leaf_index").fetchall()
    return [str(row["lookup_id"]) for row in rows]


def own_bank(service: Service, owner: Caller) -> UUID:
    with service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT bank_id FROM bank WHERE organization_id = %s LIMIT 1", [owner.organization_id]
        ).fetchone()
    assert row
    bank_id: UUID = row["bank_id"]
    return bank_id


def test_lookups_are_recorded_by_policy(service: Service, owner: Caller) -> None:
    bank_id = own_bank(service, owner)
    found, _, related = ask(service, owner, "known_fake", "no_match", "related")
    sequence_events(service)
    assert sorted(recorded(service)) == sorted([found, related])
    with service.pool.transaction() as connection:
        organizations.set_recording(connection, owner.organization_id, "none")
    ask(service, owner, "known_fake")
    sequence_events(service)
    assert len(recorded(service)) == 2
    with service.pool.transaction() as connection:
        banks.set_recording(connection, owner.organization_id, bank_id, "none")
        banks.set_recording(connection, owner.organization_id, bank_id, "all")
    (asked,) = ask(service, owner, "no_match", bank_id=bank_id)
    ask(service, owner, "no_match")
    sequence_events(service)
    assert recorded(service)[2:] == [asked]
    with service.pool.transaction() as connection:
        organizations.set_recording(connection, owner.organization_id, "all")
    every = ask(service, owner, "no_match", "undecidable")
    sequence_events(service)
    assert sorted(recorded(service)[3:]) == sorted(every)


def test_a_lookups_leaf_commits_to_its_row(service: Service, owner: Caller) -> None:
    (lookup_id,) = ask(service, owner, "known_fake", bank_id=own_bank(service, owner))
    sequence_events(service)
    with service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT k.*, l.answer::text AS answer, f.hash"
            " FROM ledger_lookup k JOIN lookup l USING (lookup_id) JOIN ledger_leaf f USING (leaf_index)"
            " WHERE k.lookup_id = %s",
            [lookup_id],
        ).fetchone()
    assert row
    assert row["hash"] == merkle.leaf_hash(lookup_leaf(row))
    assert opens("ab" * 32, row["salt"], row["query_commitment"])
    assert opens(row["answer"], row["salt"], row["answer_commitment"])
    assert row["salt"].hex().encode() not in lookup_leaf(row)


def test_lookups_that_commit_late_are_not_passed_over(
    service: Service, owner: Caller, database_url: str
) -> None:
    pool = Pool(database_url, size=3, statement_timeout_ms=10_000)
    pool.open()
    try:
        with pool.transaction() as slow:
            held = answer("known_fake")
            lookups.record_all(slow, caller_id=owner.caller_id, input_kind="hash", answers=[held])
            (quick,) = ask(service, owner, "known_fake")
            sequence_events(service)
            assert recorded(service) == []  # an older transaction still runs
        sequence_events(service)
        assert recorded(service) == [held["lookup_id"], quick]
    finally:
        pool.close()


def test_a_file_is_recorded_when_it_was_answered(service: Service, owner: Caller) -> None:
    with service.pool.transaction() as connection:
        waiting = lookups.queue(
            connection, caller_id=owner.caller_id, bank_id=None, sha256="cd" * 32, blob_key="x"
        )
    ask(service, owner, "known_fake")
    sequence_events(service)
    assert len(recorded(service)) == 1
    with service.pool.transaction() as connection:
        lookups.answer(connection, waiting, answer("known_fake"))
    sequence_events(service)
    assert recorded(service)[1:] == [str(waiting)]
    with service.pool.transaction() as connection:
        lookups.forget_blob(connection, "x", 0)
    sequence_events(service)
    assert len(recorded(service)) == 2


def test_a_copy_in_another_cluster_goes_on(service: Service, owner: Caller) -> None:
    """Transactions have other numbers where a dump was restored: the record goes on, and repeats nothing."""
    (old,) = ask(service, owner, "known_fake")
    sequence_events(service)
    (open_,) = ask(service, owner, "known_fake")
    restore_elsewhere(service)
    (new,) = ask(service, owner, "known_fake")
    sequence_events(service)
    sequence_events(service)
    assert recorded(service)[0] == old
    assert sorted(recorded(service)[1:]) == sorted([open_, new])


def test_a_matched_bank_may_ask_for_the_record(service: Service, owner: Caller) -> None:
    bank_id = own_bank(service, owner)
    one = answer("known_fake", add_bare_entry(service, bank_id, owner.caller_id))
    with service.pool.transaction() as connection:
        organizations.set_recording(connection, owner.organization_id, "none")
        banks.set_recording(connection, owner.organization_id, bank_id, "matches")
    add_lookup(service, owner.caller_id, one)
    ask(service, owner, "known_fake")
    sequence_events(service)
    assert recorded(service) == [one["lookup_id"]]


def test_a_key_that_cannot_be_read_is_said(
    service: Service, owner: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    folder = ledger_folder(service.settings)
    folder.mkdir(parents=True)
    (folder / "first.key").write_bytes(os.urandom(40))
    happen(service, owner)
    with caplog.at_level(logging.ERROR):
        assert sequence_events(service) >= 1
    assert "not an Ed25519 key" in caplog.text


def test_a_role_of_its_own_records_and_cannot_alter(
    service: Service, owner: Caller, database_url: str
) -> None:
    """As deploy/service-role.sql gives it: everything goes on, and what is on record stays."""
    with service.pool.transaction() as connection:
        connection.execute(ROLE.read_bytes())
    with service.pool.transaction() as connection:
        connection.execute("SET LOCAL ROLE fakeprint_service")
        record_event(connection, owner, "entry.changed", entry_id=uuid4())
        assert ledger.begin(connection).events
        (row,) = events.dequeue_events(connection, 1)
        leaf = ledger.NewLeaf(10**6, row["event_id"], row["entry_id"], bytes(32), bytes(32))
        ledger.append(connection, {(0, 10**6): merkle.leaf_hash(event_leaf(row))}, [leaf])
        ledger.add_checkpoint(connection, 10**6 + 1, merkle.EMPTY, "note")
    for forged in (
        "UPDATE event SET kind = 'a.b'",
        "DELETE FROM ledger_leaf",
        "TRUNCATE ledger_checkpoint",
        "UPDATE ledger_lookup SET verdict = 'no_match'",
        "ALTER TABLE event DISABLE TRIGGER USER",
        "DELETE FROM ledger_key",
    ):
        with pytest.raises(InsufficientPrivilege):
            forge(service, forged, role="fakeprint_service")


def _as_service_role(service: Service, act: str) -> None:
    with service.pool.transaction() as connection:
        connection.execute("SET LOCAL ROLE fakeprint_service")
        connection.execute(act.encode())
