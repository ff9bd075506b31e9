"""GET /openapi.json: the description of the whole API, with examples."""

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
from registry.core.http.responses import ConstantBody, Json
from registry.core.http.schemas import Model
from registry.identity.callers.api.access import Route
from registry.identity.callers.model import Permission
from registry.sharing.federation.schemas import peer as peer_models
from registry.sharing.lists import schemas as list_models

router = APIRouter(route_class=Route, tags=["service"])

TAGS: Final = [
    {"name": "lookups", "description": "Is this a known fake, and which part of it?"},
    {"name": "entries", "description": "Known fakes and their media."},
    {"name": "review", "description": "Reviews of entries, disputes about them, and opinions on matches."},
    {"name": "takedown", "description": "Clients, campaigns and their notices: requests to take fakes down."},
    {
        "name": "persons",
        "description": "People whose faces are protected, with their consent and for a limited time.",
    },
    {
        "name": "private cases",
        "description": "Cases of people without an account, registered by fingerprints only.",
    },
    {"name": "banks", "description": "Collections of entries with an owner and a matching policy."},
    {
        "name": "imports",
        "description": "Import and export of hash lists, and exchanges that are read regularly.",
    },
    {
        "name": "exchange",
        "description": "Federation: feeds for other registries, and the registries that are read.",
    },
    {"name": "organizations", "description": "Organizations and their limits."},
    {"name": "callers", "description": "Callers of an organization, with their keys and roles."},
    {"name": "watches", "description": "Lookups that are answered again when a match is registered later."},
    {"name": "ledger", "description": "The signed, append-only record of changes, and proofs from it."},
    {"name": "webhooks", "description": "Addresses that receive signed messages about events."},
    {"name": "hma", "description": "The API of Hasher-Matcher-Actioner 2, for its clients."},
    {
        "name": "fact-checking",
        "description": "Lookups for fact-checkers' tools: InVID-WeVerify's plugin and Meedan's Check.",
    },
    {"name": "c2pa", "description": "C2PA Soft Binding Resolution: finds manifests that media lost."},
    {"name": "health", "description": "Health checks. No key is needed."},
    {"name": "service", "description": "Metrics, jobs and this description."},
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
    body: ConstantBody | None = getattr(state, "described", None)
    if body is None:
        body = state.described = ConstantBody(orjson.dumps(document(request.app)), JSON)
    return body.answer(request)


@router.get("/openapi/openapi.json", operation_id="hmaDescribe", include_in_schema=False)
def describe_hma(request: Request) -> Json:
    """Return the operations of Hasher-Matcher-Actioner, where its clients look for them. Needs no key."""
    whole = document(request.app)
    paths = {
        path: operations
        for path, operations in whole["paths"].items()
        if any("hma" in operation["tags"] for operation in operations.values())
    }
    info = whole["info"] | {"title": "Open Media Match API"}
    return Json(whole | {"info": info, "paths": paths})


@router.get("/site-map", operation_id="hmaSiteMap", include_in_schema=False)
def site_map(request: Request) -> Json:
    """Return all addresses, in order, as Hasher-Matcher-Actioner does. Needs no key."""
    return Json(sorted(document(request.app)["paths"]))


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of the application, created once."""
    if app.openapi_schema is None:
        app.openapi_schema = _document(app)
    return app.openapi_schema


def _document(app: FastAPI) -> dict[str, Any]:
    description = get_openapi(
        title="Fakeprint",
        version=__version__,
        summary="A registry of known deepfakes: fingerprints in, matches out, in milliseconds.",
        description=_description(),
        routes=app.routes,
        tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    models: list[type[Model]] = [*_NAMED, *_subclasses(base_models.Request)]
    _, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template=_TEMPLATE_REF
    )
    named = {model.__name__: model for model in models}
    components = description.setdefault("components", {})
    schemas = components.setdefault("schemas", {}) | definitions["$defs"]
    own_names = schemas.keys() - {"HTTPValidationError", "ValidationError"}
    components["schemas"] = {name: schemas[name] for name in sorted(own_names)}
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "The API key as a bearer token."},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    description["security"] = [{"bearer": []}, {"header": []}]
    for operations in description["paths"].values():
        for operation in operations.values():
            _add_example(operation, named)
            permission = PERMISSIONS[operation["operationId"]]
            operation["x-roles"] = permission.described()
            _add_problems(operation, permission)
    components["responses"] = _share_problems(description["paths"])
    return description


def _add_example(operation: dict[str, Any], models: Mapping[str, type[Model]]) -> None:
    """Add the example of a JSON body that is a parameter of the endpoint."""
    body = operation.get("requestBody", {}).get("content", {}).get(JSON, {})
    if body.keys() == {"schema"}:
        body["examples"] = documentation.examples(models[body["schema"]["$ref"].rpartition("/")[2]])


def _add_problems(operation: dict[str, Any], permission: Permission) -> None:
    """Add the problems of every operation with a key, with roles, or with a JSON body."""
    responses: dict[str, Any] = operation["responses"]
    if JSON in responses.get("422", {}).get("content", {}):
        del responses["422"]  # FastAPI's own
    statuses = [401] if permission.key else []
    if permission.needs or permission.one_of or permission.operator:
        statuses.append(403)
    if operation.get("requestBody", {}).get("content", {}).keys() == {JSON}:
        statuses += [400, 413, 415]
    if statuses:
        responses |= {str(status): problem for status, problem in problems(*statuses).items()}
    operation["responses"] = dict(sorted(responses.items()))


def _subclasses(model: type[Model]) -> Iterator[type[Model]]:
    for kind in model.__subclasses__():
        yield from _subclasses(kind) if kind.__subclasses__() else [kind]


def _share_problems(paths: dict[str, Any]) -> dict[str, Any]:
    """Replace equal problem responses by references, and return them. They would be two thirds of the
    description."""
    shared: dict[str, Any] = {}
    for operations in paths.values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                name = f"Problem{status}"
                if PROBLEM in response.get("content", {}) and shared.setdefault(name, response) == response:
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return shared


def _description() -> str:
    rows = "\n".join(f"| `{code}` | {status} | {meaning} |" for code, (status, meaning) in CODES.items())
    return f"{guide.markdown()}\n| code | status | meaning |\n|---|---|---|\n{rows}\n"
