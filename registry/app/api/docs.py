"""GET /docs: the API description as an HTML page without scripts, rendered once from /openapi.json."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from jinja2 import Environment
from markupsafe import Markup, escape
from starlette.responses import Response

from registry.app.api import guide, openapi
from registry.app.api.codes import CODES
from registry.core.http.documentation import Responses
from registry.core.http.responses import ConstantBody
from registry.identity.callers.api.access import Route

router = APIRouter(route_class=Route, tags=["service"])

_FOLDER: Final = Path(__file__).parent
_STYLE: Final = (_FOLDER / "docs.css").read_text(encoding="utf-8")
_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
"""The page loads nothing: its style is inline."""
_CODE: Final = re.compile("`([^`]+)`")
_METHODS: Final = ("get", "post", "put", "patch", "delete")

_ANSWER: Final[Responses] = {
    200: {
        "description": "The page.",
        "content": {"text/html": {"schema": {"type": "string"}, "example": "<!doctype html>…"}},
    }
}


@router.get(
    "/docs",
    operation_id="readDocs",
    summary="This description as a page",
    response_class=Response,
    responses=_ANSWER,
    openapi_extra={"security": []},
)
def docs(request: Request) -> Response:
    """Needs no key. The page begins with authentication and the five most important calls."""
    state = request.app.state
    body: ConstantBody | None = getattr(state, "docs", None)
    if body is None:
        body = state.docs = ConstantBody(
            page(openapi.document(request.app)), "text/html; charset=utf-8", HEADERS
        )
    return body.answer(request)


def page(description: dict[str, Any]) -> bytes:
    """Return the HTML page of an OpenAPI document, in UTF-8."""
    environment = Environment(autoescape=True, trim_blocks=True)
    environment.filters |= {"prose": _prose, "type": _type, "anchor": _anchor}
    template = environment.from_string((_FOLDER / "docs.html").read_text(encoding="utf-8"))
    operations = [*_operations(description)]
    tags = [
        {**tag, "operations": [operation for operation in operations if operation["tag"] == tag["name"]]}
        for tag in description["tags"]
    ]
    models = {
        name: {"description": "", "properties": {}, "required": []} | model
        for name, model in description["components"]["schemas"].items()
    }
    return template.render(
        style=Markup(_STYLE),  # noqa: S704 - a file of ours
        version=description["info"]["version"],
        summary=description["info"]["summary"],
        guide=guide,
        tags=tags,
        codes=CODES,
        models=models,
    ).encode()


def _operations(description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in description["paths"].items():
        for method in _METHODS:
            if (operation := methods.get(method)) is None:
                continue
            yield {
                "id": operation["operationId"],
                "tag": operation["tags"][0],
                "method": method.upper(),
                "path": path,
                "summary": operation["summary"],
                "description": operation["description"],
                "permissions": _permissions(operation["x-roles"]),
                "parameters": [
                    {"description": "", "required": False, **parameter}
                    for parameter in operation.get("parameters", ())
                ],
                "bodies": [*_contents(operation.get("requestBody", {}))],
                "answers": [*_answers(operation["responses"])],
                "problems": ", ".join(status for status in operation["responses"] if status >= "4"),
            }


def _answers(responses: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for status, response in responses.items():
        if status < "4":
            content: dict[str, Any] = next(_contents(response), {"schema": None, "examples": []})
            yield {"status": status, "description": response["description"], **content}


def _contents(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for kind, content in body.get("content", {}).items():
        example_values = [example["value"] for example in content.get("examples", {}).values()]
        example_values += [content["example"]] if "example" in content else []
        examples = [
            example if isinstance(example, str) else json.dumps(example, indent=2)
            for example in example_values
        ]
        yield {"kind": kind, "schema": content.get("schema", {}), "examples": examples}


def _permissions(roles: dict[str, Any]) -> str:
    if not roles["key"]:
        return "none, no key is needed"
    roles_needed = [*roles["all_of"], *([" or ".join(roles["one_of"])] if roles["one_of"] else [])]
    text = ", and ".join(roles_needed) or "any key"
    return f"{text}, of the organization that runs the deployment" if roles["operator"] else text


def _prose(text: str) -> Markup:
    """Format text that contains `code`."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped


def _anchor(text: str) -> str:
    return text.replace(" ", "-")


def _type(schema: dict[str, Any]) -> Markup:
    """Return the type of a value; models are links."""
    if reference := schema.get("$ref"):
        name = str(reference).rpartition("/")[2]
        return Markup('<a href="#model-{0}">{0}</a>').format(name)
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return Markup(" or ").join(_type(alternative) for alternative in schema[word])
    if "enum" in schema:
        return Markup(" or ").join(
            Markup("<code>{}</code>").format(alternative) for alternative in schema["enum"]
        )
    if "const" in schema:
        return Markup("<code>{}</code>").format(schema["const"])
    kind = str(schema.get("type", "any value"))
    return Markup("array of {}").format(_type(schema["items"])) if "items" in schema else escape(kind)
