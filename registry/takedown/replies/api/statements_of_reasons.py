"""Platforms' statements of reasons (DSA, article 17)."""

from __future__ import annotations

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Query

from registry.catalogue.media.api import Body, receive
from registry.core.http import bodies, documentation
from registry.core.http.documentation import answer, problems
from registry.core.http.ndjson import NDJSON
from registry.core.http.responses import Json
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.takedown.notices.schemas.notices import NoticeWithHistory
from registry.takedown.replies import schemas as models
from registry.takedown.replies.api.notice_replies import ReplyId
from registry.takedown.replies.service.statements_of_reasons import accept_statement, import_statements

router = APIRouter(route_class=Route, tags=["takedown"])

_STATEMENT: Final[dict[str, Any]] = {
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
    "illegal_content_legal_ground": "Article 197.7 of the Spanish Criminal Code",
    "illegal_content_explanation": "It shows a person in acts they never took part in.",
    "content_type": ["CONTENT_TYPE_SYNTHETIC_MEDIA", "CONTENT_TYPE_VIDEO"],
    "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    "category_specification": ["KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE"],
    "content_date": "2026-01-20",
    "application_date": "2026-01-31",
    "decision_facts": "The video was reported as FP-MZXW6YTBOI2DEMZU.",
    "source_type": "SOURCE_ARTICLE_16",
    "automated_detection": "No",
    "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
    "puid": "TK421",
}
"""A statement as platforms send it to the DSA transparency database (`POST /api/v1/statement`)."""
_LINE: Final = orjson.dumps(_STATEMENT, option=orjson.OPT_APPEND_NEWLINE).decode()
_SHOWN: Final = {
    bodies.JSON: {
        "schema": {
            "oneOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}],
            "description": "one statement, an array of them, or an object whose `statements` is one",
        },
        "example": {"statements": [_STATEMENT]},
    },
    NDJSON: {"schema": {"type": "string"}, "example": _LINE},
}
Statements = Annotated[Body, Depends(receive(bodies.JSON, NDJSON))]


@router.post(
    "/v1/statements",
    operation_id="takeStatements",
    summary="Import platforms' statements of reasons",
    responses=answer(200, models.TakenStatements, "The result of each statement.")
    | problems(400, 408, 413, 415),
    openapi_extra=documentation.body(_SHOWN),
)
def import_all(
    service: ServiceOf,
    caller: CallerOf,
    body: Statements,
    platform: Annotated[
        str | None, Query(max_length=253, description="the platform that sent them: id, name or host")
    ] = None,
    accept: Annotated[
        bool, Query(description="move the notices where the decision is clear: removed, or only restricted")
    ] = False,
) -> Json:
    """Needs role `takedown`. In the format of the DSA transparency database, checked by its rules.
    `faults` lists the wrong fields of a row; a bad row does not affect the others. `warnings` lists terms
    that our list of the database's terms lacks; the statement is imported with them. Each statement is
    stored as a reply. It is matched if the FP-… reference, the notice's number or `url` names exactly one
    sent notice; otherwise it waits for a person. The same `puid` again changes nothing; with other content
    it is a conflict. A statement does not change its notice unless you `accept` it, here or one by one."""
    return Json(import_statements(service, caller, body.raw, platform=platform or None, accept=accept))


@router.post(
    "/v1/replies/{reply_id}/acceptance",
    operation_id="acceptStatement",
    summary="Change a notice by its statement of reasons",
    responses=answer(200, NoticeWithHistory, "The notice.") | problems(404, 409),
)
def accept(service: ServiceOf, caller: CallerOf, reply_id: ReplyId) -> Json:
    """Needs role `takedown`. Removed if the content was removed or disabled in all of the Union and
    permanently; refused if it was only restricted. For all else, record the result as a move."""
    return Json(accept_statement(service, caller, reply_id))
