"""Pages of the data-protection assessments that allow faces to be looked for."""

from __future__ import annotations

from starlette.responses import Response

from registry.console.fields import wrong
from registry.console.view import Page, Shown
from registry.persons.pages.area import area
from registry.persons.pages.consents import digest
from registry.persons.service.assessments import list_assessments, record_assessment


@area.page("/persons/assessments", operation="listAssessments")
def assessments(page: Page) -> Shown:
    """List the assessments on record."""
    return page.show("persons/assessments.html", assessments=list_assessments(page.service, page.caller))


@area.form("/persons/assessments", operation="recordAssessment", again=assessments, files=1)
def record(page: Page) -> Response:
    """Record an assessment by the digest of its document, which is not stored."""
    sha256 = digest(page, "document")
    if sha256 is None:
        raise wrong("bad_sha256", "document", page.words.text("Choose the document."))
    record_assessment(
        page.service,
        page.caller,
        title=page.typed.text("title"),
        document_sha256=sha256,
        assessed_on=page.typed.text("assessed_on"),
    )
    return page.go("/persons/assessments", "assessment_recorded")
