"""An organization sees by its own key that an event of its own is gone, and which; others learn nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from registry.core.audit.service import event, record_events
from registry.core.service import Service
from registry.core.terminal.client import Client
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.transparency.ledger.commands.verify_service import check_service
from registry.transparency.ledger.model import note, readers
from registry.transparency.ledger.model.history import check_history
from registry.transparency.ledger.model.verification import Report
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.support.record.ledger import lose_event, lose_events, lose_waiting
from tests.support.service import inside

ENTRY = UUID("3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10")


class Organization:
    """An organization with a key, and five events of `ENTRY` unless it is another's."""

    def __init__(self, service: Service, owner: Caller, api: inside.Inside, name: str) -> None:
        made = create_caller(service, owner, organization=name, name=name, roles=["lookup", "admin"])
        self.caller = authenticate(service, made.key)
        self.client: Client = inside.client(api, made.key)

    def full(self) -> Report:
        return check_service(self.client, [], [], full=True)

    def history(self) -> dict[str, Any]:
        return self.client.send(f"GET /v1/entries/{ENTRY}/history")

    @property
    def reader_key(self) -> bytes:
        return bytes.fromhex(self.client.send("GET /v1/ledger")["reader_key"])

    def leaves(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.send("GET /v1/ledger/entries")["entries"]
        return found


@pytest.fixture
def agencies(service: Service, owner: Caller) -> Iterator[tuple[Organization, Organization]]:
    with inside.serving(service) as api:
        own = Organization(service, owner, api, "agency")
        other = Organization(service, owner, api, "another")
        with service.pool.transaction() as connection:
            record_events(
                connection,
                [
                    event(caller, "entry.changed", entry_id=ENTRY if caller is own.caller else uuid4())
                    for caller in (own.caller, other.caller) * 5
                ],
            )
        sequence_events(service)
        yield own, other


def messages(report: Report) -> list[str]:
    return [finding.message for finding in report.findings]


@pytest.mark.parametrize("nth", [0, 2, 4], ids=["first", "middle", "last"])
def test_a_deleted_event_is_named(
    service: Service, agencies: tuple[Organization, Organization], nth: int
) -> None:
    own, other = agencies
    shown = [leaf for leaf in own.leaves() if leaf["leaf"]]
    assert f"none is gone of the {len(shown)} leaves with your organization's mark" in own.full().checked
    history = own.history()
    gone = history["events"][nth]["index"]
    assert own.leaves()[gone]["leaf"]
    lose_event(service, gone)
    (found,) = own.full().findings
    assert (found.code, found.index) == ("leaf_lost", gone)
    assert f"of entry {ENTRY}" in found.message
    after = own.history()
    assert [lost["index"] for lost in after["missing"]] == [gone]
    (found,) = check_history(after, [], []).findings
    assert (found.code, found.index) == ("leaf_lost", gone)
    # Nobody else is told, and nobody else is alarmed.
    assert other.full().sound
    assert [leaf["lost"] for leaf in other.leaves() if leaf["index"] == gone] == [None]


def test_an_entry_whose_events_are_all_deleted(
    service: Service, agencies: tuple[Organization, Organization]
) -> None:
    own, _ = agencies
    lose_events(service, ENTRY)
    history = own.history()
    assert (history["events"], len(history["missing"])) == ([], 5)
    assert not check_history(history, [], []).sound


def test_marks_that_are_altered_contradict_the_signature(
    service: Service, agencies: tuple[Organization, Organization]
) -> None:
    """To hide the deletion, the administrator also removes every trace of whose the leaf was."""
    own, _ = agencies
    gone = own.history()["events"][2]["index"]
    lose_event(service, gone, hide=True)
    assert [finding.code for finding in own.full().findings] == ["readers_altered"]


@pytest.mark.slow
def test_an_event_without_a_leaf_is_named(
    service: Service, agencies: tuple[Organization, Organization]
) -> None:
    own, other = agencies
    with service.pool.transaction() as connection:
        (event_id,) = record_events(connection, [event(own.caller, "entry.changed", entry_id=ENTRY)])
    assert own.full().sound  # it waits
    lose_waiting(service)
    assert messages(own.full()) == [f"Event {event_id} of your organization is not in the ledger."]
    assert other.full().sound


@pytest.mark.slow
def test_marks_tell_others_nothing(agencies: tuple[Organization, Organization]) -> None:
    own, other = agencies
    leaves = own.leaves()
    marks = [bytes.fromhex(leaf["readers"]) for leaf in leaves]
    assert [leaf["readers"] for leaf in other.leaves()] == [leaf["readers"] for leaf in leaves]
    assert len({half for each in marks for half in (each[:16], each[16:])}) == 2 * len(leaves)
    for organization in (own, other):
        recognized = {
            leaf["index"]
            for leaf, each in zip(leaves, marks, strict=True)
            if readers.is_marked(each, organization.reader_key, bytes.fromhex(leaf["hash"]))
        }
        assert recognized == {leaf["index"] for leaf in organization.leaves() if leaf["leaf"]}
    assert own.reader_key != other.reader_key


def test_checkpoints_state_the_marks_in_a_line_of_their_own(
    agencies: tuple[Organization, Organization],
) -> None:
    """A reader that does not know the line passes over it (C2SP tlog-checkpoint, extension lines)."""
    own, _ = agencies
    text = own.client.fetch("/v1/ledger/checkpoint").decode()
    stated = note.checkpoint(note.read(text).text)
    marks = [bytes.fromhex(leaf["readers"]) for leaf in own.leaves()]
    assert stated.readers == readers.chained(readers.NONE, marks)[-1]
    assert text.splitlines()[3].startswith("readers ")
    older = note.Checkpoint(stated.origin, stated.size, stated.root)
    assert note.checkpoint(older.text) == older
    assert not older.contradicts(stated)
    with pytest.raises(note.BadNote):
        note.checkpoint(older.text + "readers AAAA\n")
