"""Open intake cases like people without an account."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import pytest

from registry.core.errors import FakeprintError
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.intake.schemas import ListedCase, OpenedCase
from registry.intake.service.cases import Declaration, list_cases
from tests.support.service.rows import write

TOLD: Final = Declaration(
    standing="depicted",
    intimate=True,
    adult=True,
    true=True,
    seen=[{"url": "https://videos.example/watch/1"}],
    note="Reach me at ana@example.org",
)


NEAR: Final = "192.0.2.7"
"""An address reserved for documentation (RFC 5737), from which cases are opened."""


def refused(code: str, act: Any, *values: Any, **more: Any) -> FakeprintError:
    with pytest.raises(FakeprintError) as caught:
        act(*values, **more)
    assert caught.value.code == code
    return caught.value


def of(service: Service, owner: Caller, case: OpenedCase) -> ListedCase:
    """Return the case as its organization lists it."""
    found = list_cases(service, owner).cases
    (listed,) = [row for row in found if row.case_number == case.case_number]
    return listed


def lose_case(service: Service, case_id: UUID) -> None:
    """Delete a case, as a request does that ends while another one reads the case."""
    write(service, "DELETE FROM private_case WHERE case_id = %s", case_id)
