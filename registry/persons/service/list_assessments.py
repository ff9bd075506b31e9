"""List the operator's data-protection assessments."""

from __future__ import annotations

from typing import Any

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.persons import store as persons
from registry.persons.service.record_assessment import shape


def list_assessments(service: Service, caller: Caller) -> list[dict[str, Any]]:
    """The one in force first; empty: nobody can be enrolled yet. Needs `admin` or `faces`."""
    caller.require_any("admin", "faces")
    with service.pool.transaction() as connection:
        return [shape(row) for row in persons.assessments(connection)]
