"""Data-protection impact assessments that the operator has recorded."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from registry.core.audit.service import record_event
from registry.core.errors import BadTime
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import require_operator
from registry.persons import model as person
from registry.persons import store as persons
from registry.persons.schemas import Assessment


def record_assessment(
    service: Service, caller: Caller, *, title: str, document_sha256: str, assessed_on: str
) -> Assessment:
    """Record an assessment (Article 35 of the GDPR): title, SHA-256 and date (`YYYY-MM-DD`). Needs `admin` of
    the operating organization, which is responsible for it.

    From then on persons may be enrolled. The newest assessment counts, and none can be removed. Raises
    `BadInput` (`bad_label`, `bad_sha256`, `bad_time`), `Forbidden` (`not_operator`).
    """
    caller.require("admin")
    try:
        day = date.fromisoformat(assessed_on)
    except ValueError:
        raise BadTime("`assessed_on` is a date, as in 2026-11-25.") from None
    if day > (datetime.now(UTC) + timedelta(hours=14)).date():  # it may already be tomorrow elsewhere
        raise BadTime("`assessed_on` is in the future.")
    title = label(title, "title")
    digest = bytes.fromhex(person.checked_sha256(document_sha256, "document_sha256"))
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        row = persons.record_assessment(
            connection,
            title=title,
            document_sha256=digest,
            assessed_on=day,
            recorded_by=caller.caller_id,
        )
        record_event(
            connection,
            caller,
            "face_assessment.recorded",
            subject={"assessment_id": row["assessment_id"]},
            said={"document_sha256": digest},
        )
    return Assessment.model_validate(row | {"recorded_by": caller.name})


def list_assessments(service: Service, caller: Caller) -> list[Assessment]:
    """Return the assessments, the one in force first. Empty: nobody can be enrolled yet. Needs `admin` or
    `faces`."""
    caller.require_any("admin", "faces")
    with service.pool.transaction() as connection:
        return [Assessment.model_validate(row) for row in persons.assessments(connection)]
