"""What `register` waits for when workers do not come to link entries of the same footage."""

from __future__ import annotations

import pytest

from registry.catalogue.entries.commands import shown_entries, waiting
from registry.core.terminal.client import Client
from registry.core.terminal.deadline import Deadline
from registry.core.terminal.endpoint import Endpoint
from tests.support.service.stub_service import Stub, ok


def test_all_entries_of_a_command_share_one_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    unfinished = ok({"entry_id": "e", "count": 0, "related": [], "pending": True})
    monkeypatch.setattr(waiting, "LOOKING", 0.1)
    with Stub([unfinished] * 50).running() as service:
        searches, client = waiting.Searches(), Client(Endpoint(service.url, "secret"), Deadline(None))
        assert searches.found(client, "first")["pending"]
        asked = len(service.seen)
        assert searches.found(client, "second")["pending"]
        assert len(service.seen) == asked + 1


def test_an_entry_that_is_not_linked_yet_says_where_to_look() -> None:
    (line,) = shown_entries.near("0198", [], pending=True)
    assert "being linked" in line
    assert "fakeprint entries 0198 --related" in line
