"""The fingerprint document, as the API describes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from registry.catalogue.media.model import Kind
from registry.core.http.schemas import Answer, Sha256

Document = Annotated[
    dict[str, Any], WithJsonSchema({"allOf": [{"$ref": "#/components/schemas/FingerprintDocument"}]})
]


class DocumentSize(Answer):
    bytes: int
    width: int
    height: int


class FingerprintDocument(Answer):
    """Version 1, `application/vnd.fakeprint+json`; schema/fingerprint-document.v1.json says all of it."""

    version: Literal[1]
    generator: str | None = None
    sha256: Sha256
    kind: Kind
    duration: float = Field(description="seconds, 0 for an image")
    size: DocumentSize
    notes: list[str] = Field(default=[])
    algorithms: dict[str, Any]
