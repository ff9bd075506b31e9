"""Requests and answers of C2PA's Soft Binding Resolution API, with examples."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from registry.core.http.schemas import Answer, Request
from registry.sharing.soft_binding.model import LONGEST


class SoftBindingQuery(Request):
    alg: str = Field(max_length=200, examples=["org.fakeprint.frames.1"])
    value: str = Field(
        max_length=LONGEST,
        description="base64, see registry/sharing/soft_binding/model.py",
        examples=["AQAAAAAAAAAAAQAAAABk…"],
    )


class FoundManifest(Answer):
    manifestId: str = Field(examples=["urn:c2pa:5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])  # noqa: N815 - C2PA's name
    similarityScore: int = Field(  # noqa: N815
        ge=0,
        le=100,
        description="similarity of the aligned pictures; 100: the same file. In steps of 5 without the scope"
        " `signals`",
        examples=[95],
    )


class SoftBindingResult(Answer):
    matches: list[FoundManifest]


class BindingAlgorithm(Answer):
    alg: str = Field(examples=["org.fakeprint.frames.1"])


class BindingAlgorithms(Answer):
    watermarks: list[BindingAlgorithm] = Field(examples=[[]])
    fingerprints: list[BindingAlgorithm]


MEDIA: Final[dict[str, Any]] = {
    kind: {"schema": {"type": "string", "format": "binary"}, "example": "(bytes)"}
    for kind in ("image/*", "video/*", "audio/*")
}
STORE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A manifest store (JUMBF).",
        "content": {
            "application/c2pa": {"schema": {"type": "string", "format": "binary"}, "example": "(bytes)"}
        },
    }
}
