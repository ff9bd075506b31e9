"""GET /openapi.json: the whole API described, with examples. No page of ours loads scripts from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.responses import Response

from registry import __version__
from registry.app.api import guide
from registry.app.api.codes import CODES
from registry.app.api.permissions import PERMISSIONS
from registry.catalogue.fingerprints import schemas as document_models
from registry.core.http import documentation
from registry.core.http import schemas as base_models
from registry.core.http.bodies import JSON
from registry.core.http.documentation import PROBLEM, Responses, problems
from registry.core.http.responses import ConstantBody
from registry.core.http.schemas import Model
from registry.identity.callers.api.access import Route
from registry.identity.callers.model import Permission
from registry.sharing.federation.schemas import peer as peer_models
from registry.sharing.lists import schemas as list_models

router = APIRouter(route_class=Route, tags=["service"])

TAGS: Final = [
    {"name": "lookups", "description": "Is this a known fake, and which part of it?"},
    {"name": "entries", "description": "Known fakes and the media they are known by."},
    {"name": "review", "description": "Who may trust an entry, who contests it, and who denies a match."},
    {"name": "takedown", "description": "Clients, campaigns and their notices: requests to take fakes down."},
    {"name": "persons", "description": "People whose faces are protected, by consent and for a time."},
    {
        "name": "private cases",
        "description": "What a person without an account registers, by fingerprints alone.",
    },
    {"name": "banks", "description": "Collections of entries with an owner and a matching policy."},
    {"name": "imports", "description": "Hash lists in and out, and exchanges that are read again and again."},
    {"name": "exchange", "description": "What registries say to each other: feeds, and peers that are read."},
    {"name": "organizations", "description": "Who takes part, and how much each may ask."},
    {"name": "callers", "description": "Who calls for an organization, with which keys and roles."},
    {"name": "watches", "description": "Lookups that are answered again by what is registered later."},
    {"name": "ledger", "description": "The signed record of what was done, and proofs that it stands."},
    {"name": "webhooks", "description": "Addresses that are told of what happens, in signed messages."},
    {"name": "hma", "description": "What clients of Hasher-Matcher-Actioner 2 call, as they call it."},
    {"name": "c2pa", "description": "C2PA's resolution of soft bindings: manifests that media lost."},
    {"name": "health", "description": "For probes. No key is needed."},
    {"name": "service", "description": "Measurements and this description."},
]

_TEMPLATE_REF: Final = "#/components/schemas/{model}"
_NAMED: Final = (
    base_models.Problem,
    document_models.FingerprintDocument,
    list_models.ImportFault,
    peer_models.News,
)
"""Models that operations refer to by name, beside those of requests."""

_ANSWER: Final[Responses] = {
    200: {
        "description": "OpenAPI 3.1.",
        "content": {JSON: {"schema": {"type": "object"}, "example": {"openapi": "3.1.0"}}},
    }
}


@router.get(
    "/openapi.json",
    operation_id="describe",
    summary="This description",
    response_class=Response,
    responses=_ANSWER,
    openapi_extra={"security": []},
)
def describe(request: Request) -> Response:
    """OpenAPI 3.1. Needs no key. The repository holds the same file as deploy/openapi.json."""
    state = request.app.state
    kept: ConstantBody | None = getattr(state, "described", None)
    if kept is None:
        kept = state.described = ConstantBody(orjson.dumps(document(request.app)), JSON)
    return kept.answer(request)


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the application, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _document(app)
    return app.openapi_schema


def _document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title="Fakeprint",
        version=__version__,
        summary="A registry of known deepfakes: fingerprints in, matches out, in milliseconds.",
        description=_description(),
        routes=app.routes,
        tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    models: list[type[Model]] = [*_NAMED, *_subclasses(base_models.Request)]
    _, ours = models_json_schema([(model, "validation") for model in models], ref_template=_TEMPLATE_REF)
    named = {model.__name__: model for model in models}
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {}) | ours["$defs"]
    ours_alone = schemas.keys() - {"HTTPValidationError", "ValidationError"}
    components["schemas"] = {name: schemas[name] for name in sorted(ours_alone)}
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "The API key as a bearer token."},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    made["security"] = [{"bearer": []}, {"header": []}]
    for operations in made["paths"].values():
        for operation in operations.values():
            _show_body(operation, named)
            door = PERMISSIONS[operation["operationId"]]
            operation["x-roles"] = door.described()
            _add_problems(operation, door)
    components["responses"] = _share_problems(made["paths"])
    return made


def _show_body(operation: dict[str, Any], models: Mapping[str, type[Model]]) -> None:
    """Add the example of a JSON body that is a parameter of the endpoint."""
    body = operation.get("requestBody", {}).get("content", {}).get(JSON, {})
    if body.keys() == {"schema"}:
        body["examples"] = documentation.examples(models[body["schema"]["$ref"].rpartition("/")[2]])


def _add_problems(operation: dict[str, Any], door: Permission) -> None:
    """Add the problems of every operation with a key, with roles, or with a JSON body."""
    found: dict[str, Any] = operation["responses"]
    if JSON in found.get("422", {}).get("content", {}):
        del found["422"]  # FastAPI's own
    statuses = [401] if door.key else []
    if door.needs or door.one_of or door.operator:
        statuses.append(403)
    if operation.get("requestBody", {}).get("content", {}).keys() == {JSON}:
        statuses += [400, 413, 415]
    if statuses:
        found |= {str(status): said for status, said in problems(*statuses).items()}
    operation["responses"] = dict(sorted(found.items()))


def _subclasses(model: type[Model]) -> Iterator[type[Model]]:
    for kind in model.__subclasses__():
        yield from _subclasses(kind) if kind.__subclasses__() else [kind]


def _share_problems(paths: dict[str, Any]) -> dict[str, Any]:
    """Problem documents by status, each said once and referred to: they were two thirds of the
    description."""
    shared: dict[str, Any] = {}
    for operations in paths.values():
        for operation in operations.values():
            for status, answered in operation["responses"].items():
                name = f"Problem{status}"
                if PROBLEM in answered.get("content", {}) and shared.setdefault(name, answered) == answered:
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return shared


def _description() -> str:
    rows = "\n".join(f"| `{code}` | {status} | {meaning} |" for code, (status, meaning) in CODES.items())
    return f"{guide.markdown()}\n| code | status | meaning |\n|---|---|---|\n{rows}\n"
