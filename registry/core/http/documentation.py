"""Helpers for the OpenAPI description: request bodies, answers and problems of an operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

import orjson

from registry.core.errors import BadInput, FakeprintError, NotMedia
from registry.core.http.bodies import FORM, JSON
from registry.core.http.ndjson import NDJSON
from registry.core.http.schemas import Model

Responses = dict[int | str, dict[str, Any]]

_BAD_HASH: Final = "The value of pdq.1 must be 64 hex digits."

PROBLEM: Final = "application/problem+json"

LOCATION: Final = {"Location": {"description": "Where it is found.", "schema": {"type": "string"}}}
PREFERENCE: Final = {
    "Preference-Applied": {"description": "What was honoured of `Prefer`.", "schema": {"type": "string"}}
}

RETRY_AFTER: Final = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}

REFUSALS: Final[Mapping[int, tuple[str, str, str]]] = {
    400: ("bad_input", "The request cannot be understood", "title: Input should be a valid string."),
    401: ("unauthenticated", "A valid API key is needed", "No API key was sent."),
    403: ("forbidden", "The caller may not do this", "This needs the role `register`; the key has: lookup."),
    404: ("unknown_bank", "Not found", "There is no bank 'attic' that this key may use."),
    408: ("body_stalled", "The request did not come in time", "9000 bytes came, and then no more."),
    409: ("role_conflict", "The current state does not allow this", "The same file is fake and original."),
    410: ("peer_gone", "No longer here", "This peer is not read here."),
    413: ("too_large", "Too large", "The body is larger than 67108864 bytes."),
    414: ("address_too_long", "The address is too long", "A value has 8,192 characters at most."),
    415: ("unsupported_content_type", "The content type is not supported", "A body of type 'text/html' …"),
    422: ("not_media", "The media cannot be fingerprinted", "The bytes are not an image or a video."),
    429: ("too_many_requests", "Too many requests", "This address asks too often."),
    503: ("database_unavailable", "The service cannot answer now", "The database cannot be reached."),
}
"""Example code, title and detail for each status."""


def answer(
    status: int,
    model: type[Model],
    description: str,
    *,
    example: Mapping[str, Any] | None = None,
    headers: Mapping[str, Any] | None = None,
) -> Responses:
    """Document an answer. Its example is `example`, else that of the model."""
    body = model.example() if example is None else dict(example)
    documented = {"description": description, "model": model, "content": {JSON: {"example": body}}}
    return {status: documented | ({"headers": dict(headers)} if headers else {})}


def problems(*statuses: int) -> Responses:
    """Document the problems that an operation may return. 503 and a default (500) are added."""
    responses: Responses = {}
    for status in (*statuses, 503):
        code, title, detail = REFUSALS[status]
        example = problem_example(status, code, title, detail)
        responses[status] = {
            "description": f"{title} (`{code}` and others).",
            "content": {PROBLEM: {"schema": _reference("Problem"), "example": example}},
        }
        if status == 401:
            responses[status]["headers"] = {"WWW-Authenticate": _header("The scheme that is expected.")}
        if status in {429, 503}:
            responses[status]["headers"] = dict(RETRY_AFTER)
    responses["default"] = {
        "description": "Any other problem; `internal` (500) is a bug.",
        "content": {PROBLEM: {"schema": _reference("Problem")}},
    }
    return responses


def problem_example(status: int, code: str, title: str, detail: str) -> dict[str, Any]:
    """Return an example problem document."""
    return {
        "type": f"urn:fakeprint:error:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "next_step": _STEPS.get(status, BadInput.step),
        "instance": "urn:fakeprint:request:4f9c2b7e",
        "request_id": "4f9c2b7e",
    }


_STEPS: Final = {kind.status: kind.next_step or kind.step for kind in FakeprintError.__subclasses__()} | {
    422: NotMedia.next_step
}


def json_body(*models: type[Model]) -> dict[str, Any]:
    """Document a JSON body that is one of the models."""
    references = [_reference(model.__name__) for model in models]
    schema: dict[str, Any] = references[0]
    if len(models) > 1:
        mapping = {
            get_args(model.model_fields["type"].annotation)[0]: reference["$ref"]
            for model, reference in zip(models, references, strict=True)
        }
        schema = {"oneOf": references, "discriminator": {"propertyName": "type", "mapping": mapping}}
    return {JSON: {"schema": schema, "examples": examples(*models)}}


def examples(*models: type[Model]) -> dict[str, Any]:
    """Return the examples of a body by the names of its models."""
    return {model.__name__: {"value": model.example()} for model in models}


def lines_body(*models: type[Model]) -> dict[str, Any]:
    """Document an NDJSON body whose lines are each one of the models."""
    schema = json_body(*models)[JSON]["schema"]
    return {NDJSON: {"schema": schema, "example": _lines(*(model.example() for model in models))}}


def lines_answer(model: type[Model], description: str) -> Responses:
    """Document an NDJSON answer: each line is the model or a problem, with the number of its request line."""
    line = {"type": "integer", "minimum": 1, "description": "number of the question's line, from 1 on"}
    failed = {"line": line, "error": _reference("Problem")}
    error = {"type": "object", "required": ["line", "error"], "properties": failed}
    answered = {"type": "object", "required": ["line"], "properties": {"line": line}}
    schema = {"oneOf": [{"allOf": [answered, _reference(model.__name__)]}, error]}
    refused = problem_example(400, "bad_hash", "The request cannot be understood", _BAD_HASH)
    lines = _lines({"line": 1} | model.example(), {"line": 2, "error": refused})
    return {200: {"description": description, "content": {NDJSON: {"schema": schema, "example": lines}}}}


def _lines(*values: Mapping[str, Any]) -> str:
    return "".join(f"{orjson.dumps(value).decode()}\n" for value in values)


def form_body(
    *,
    media: Mapping[str, str],
    documents: Mapping[str, str],
    texts: Mapping[str, str],
    example: Mapping[str, Any],
) -> dict[str, Any]:
    """Document a multipart form. Keys are part names, values their descriptions. `example` is the example."""
    properties: dict[str, Any] = {}
    for name, description in media.items():
        file = {"type": "string", "format": "binary", "description": description}
        properties[name] = {"type": "array", "items": file}
    for name, description in documents.items():
        properties[name] = {"type": "array", "items": {"type": "string", "description": description}}
    for name, description in texts.items():
        properties[name] = {"type": "string", "description": description}
    schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return {FORM: {"schema": schema, "example": dict(example)}}


def body(*contents: Mapping[str, Any]) -> dict[str, Any]:
    """Return `openapi_extra` of an operation that reads its body itself."""
    content = {name: value for content in contents for name, value in content.items()}
    return {"requestBody": {"required": True, "content": content}}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}
