"""List the operator's data-protection assessments."""

from __future__ import annotations

from typing import Any

from registry.actions.record_assessment import shape
from registry.actions.service import Service
from registry.domain.caller import Caller
from registry.store import persons


def list_assessments(service: Service, caller: Caller) -> list[dict[str, Any]]:
    """The one in force first; empty: nobody can be enrolled yet. Needs `admin` or `faces`."""
    caller.require_any("admin", "faces")
    with service.pool.transaction() as connection:
        return [shape(row) for row in persons.assessments(connection)]
