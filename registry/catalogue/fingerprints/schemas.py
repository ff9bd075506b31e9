"""The fingerprint document in the API's description."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, WithJsonSchema

from registry.catalogue.media.model import Kind
from registry.core.http.schemas import Answer, Sha256

_HASH: Final = "d8f8f0cce0f4e84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"
DOCUMENT: Final[dict[str, Any]] = {
    "version": 1,
    "generator": "fakeprint 0.1.0",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "kind": "video",
    "duration": 8.1,
    "size": {"bytes": 1048576, "width": 640, "height": 360},
    "notes": ["no_sscd"],
    "algorithms": {
        "phash256.1": {"frames": [{"t": 0.0, "d": 0.5, "view": "full", "value": _HASH}]},
        "pdq.1": {"frames": [{"t": 0.0, "d": 0.5, "view": "full", "value": _HASH, "quality": 100}]},
    },
}
"""An example of a fingerprint document."""

Document = Annotated[
    dict[str, Any], WithJsonSchema({"allOf": [{"$ref": "#/components/schemas/FingerprintDocument"}]})
]


class DocumentSize(Answer):
    bytes: int
    width: int
    height: int


class FingerprintDocument(Answer):
    """Version 1, `application/vnd.fakeprint+json`. Full schema: schema/fingerprint-document.v1.json."""

    version: Literal[1]
    generator: str | None = None
    sha256: Sha256
    kind: Kind
    duration: float = Field(description="seconds, 0 for an image")
    size: DocumentSize
    notes: list[str] = Field(default=[])
    algorithms: dict[str, Any]
