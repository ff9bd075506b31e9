"""The tables that the application fills for rooms below: whole, and missed loudly where they are empty."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

import pytest

from registry.app.wiring import wire
from registry.catalogue.media.service import retention as holders
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.core.subscribers import Event
from registry.jobs import Task
from registry.jobs.service.handlers import HANDLERS


def test_each_task_has_a_handler_of_its_failures() -> None:
    assert set(HANDLERS) == set(get_args(Task))


def test_wiring_twice_changes_nothing() -> None:
    before = dict(HANDLERS), list(holders.HOLDERS)
    wire()
    assert (dict(HANDLERS), list(holders.HOLDERS)) == before


def test_an_event_reaches_each_follower_once(service: Service) -> None:
    seen: list[UUID] = []

    def follow(_: Connection, subject_id: UUID) -> None:
        seen.append(subject_id)

    happened = Event[UUID]("happened")
    with service.pool.transaction() as connection:
        with pytest.raises(LookupError, match="happened"):
            happened(connection, UUID(int=1))
        happened.subscribe(follow)
        happened.subscribe(follow)
        happened(connection, UUID(int=2))
    assert seen == [UUID(int=2)]


def test_without_holders_no_blob_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holders, "HOLDERS", [])
    with pytest.raises(LookupError):
        holders.holders()
