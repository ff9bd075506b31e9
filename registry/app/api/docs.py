"""GET /docs: the description as a page for people. Made of /openapi.json once, without scripts."""

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

_HERE: Final = Path(__file__).parent
_STYLE: Final = (_HERE / "docs.css").read_text(encoding="utf-8")
_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
"""It loads nothing at all: its style is in it."""
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
    kept: ConstantBody | None = getattr(state, "docs", None)
    if kept is None:
        kept = state.docs = ConstantBody(
            page(openapi.document(request.app)), "text/html; charset=utf-8", HEADERS
        )
    return kept.answer(request)


def page(described: dict[str, Any]) -> bytes:
    """The page of an OpenAPI document, in UTF-8."""
    environment = Environment(autoescape=True, trim_blocks=True)
    environment.filters |= {"prose": _prose, "type": _type, "anchor": _anchor}
    template = environment.from_string((_HERE / "docs.html").read_text(encoding="utf-8"))
    operations = [*_operations(described)]
    tags = [
        {**tag, "operations": [operation for operation in operations if operation["tag"] == tag["name"]]}
        for tag in described["tags"]
    ]
    models = {
        name: {"description": "", "properties": {}, "required": []} | model
        for name, model in described["components"]["schemas"].items()
    }
    return template.render(
        style=Markup(_STYLE),  # noqa: S704 - a file of ours
        version=described["info"]["version"],
        summary=described["info"]["summary"],
        guide=guide,
        tags=tags,
        codes=CODES,
        models=models,
    ).encode()


def _operations(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in described["paths"].items():
        for method in _METHODS:
            if (one := methods.get(method)) is None:
                continue
            yield {
                "id": one["operationId"],
                "tag": one["tags"][0],
                "method": method.upper(),
                "path": path,
                "summary": one["summary"],
                "description": one["description"],
                "permissions": _permissions(one["x-roles"]),
                "parameters": [
                    {"description": "", "required": False, **each} for each in one.get("parameters", ())
                ],
                "bodies": [*_contents(one.get("requestBody", {}))],
                "answers": [*_answers(one["responses"])],
                "problems": ", ".join(status for status in one["responses"] if status >= "4"),
            }


def _answers(responses: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for status, said in responses.items():
        if status < "4":
            content: dict[str, Any] = next(_contents(said), {"schema": None, "examples": []})
            yield {"status": status, "description": said["description"], **content}


def _contents(said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for kind, content in said.get("content", {}).items():
        shown = [example["value"] for example in content.get("examples", {}).values()]
        shown += [content["example"]] if "example" in content else []
        examples = [
            example if isinstance(example, str) else json.dumps(example, indent=2) for example in shown
        ]
        yield {"kind": kind, "schema": content.get("schema", {}), "examples": examples}


def _permissions(roles: dict[str, Any]) -> str:
    if not roles["key"]:
        return "none, no key is needed"
    wanted = [*roles["all_of"], *([" or ".join(roles["one_of"])] if roles["one_of"] else [])]
    said = ", and ".join(wanted) or "any key"
    return f"{said}, of the organization that runs the deployment" if roles["operator"] else said


def _prose(text: str) -> Markup:
    """Text with `code` in it."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped


def _anchor(text: str) -> str:
    return text.replace(" ", "-")


def _type(schema: dict[str, Any]) -> Markup:
    """What a value is, models as links."""
    if reference := schema.get("$ref"):
        name = str(reference).rpartition("/")[2]
        return Markup('<a href="#model-{0}">{0}</a>').format(name)
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return Markup(" or ").join(_type(item) for item in schema[word])
    if "enum" in schema:
        return Markup(" or ").join(Markup("<code>{}</code>").format(item) for item in schema["enum"])
    if "const" in schema:
        return Markup("<code>{}</code>").format(schema["const"])
    kind = str(schema.get("type", "any value"))
    return Markup("array of {}").format(_type(schema["items"])) if "items" in schema else escape(kind)
