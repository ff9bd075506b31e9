"""An administrator of the database alters the record in every way, and `fakeprint verify` sees each."""

from __future__ import annotations

from registry.core.service import Service
from registry.identity.callers.model import Caller
from tests.bench.registry.alterations import attempts
from tests.bench.registry.tampering import tamper


def test_no_way_of_altering_the_record_goes_unseen(service: Service, owner: Caller) -> None:
    found = tamper(service, owner)
    assert found["attempts"] == list(attempts())
    assert found["unseen"] == []
