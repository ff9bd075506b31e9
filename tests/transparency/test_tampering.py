"""An administrator of the database alters the record in every way, and each is seen by who was wronged."""

from __future__ import annotations

import pytest

from registry.core.service import Service
from registry.identity.callers.model import Caller
from tests.bench.registry.alterations import attempts
from tests.bench.registry.attacks import KINDS, attacks
from tests.bench.registry.tampering import tamper

pytestmark = pytest.mark.slow(19)


def test_no_way_of_altering_the_record_goes_unseen(service: Service, owner: Caller) -> None:
    found = tamper(service, owner)
    assert found.attempts == [*attempts(), *attacks()]
    assert (found.unseen, found.unseen_by_victim) == ([], [])
    tried = {kind.split(" ")[0] for kind in found.kinds}
    assert tried == set(KINDS)
