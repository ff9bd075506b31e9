"""Requests and answers of C2PA's Soft Binding Resolution API, with examples."""

from __future__ import annotations

from typing import Any, Final, Literal

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


class AssetReference(Request):
    """A file that the service downloads."""

    referenceUrl: str = Field(  # noqa: N815
        max_length=8192,
        pattern="^https://",
        description="public HTTPS address; let it be signed and expire soon",
        examples=["https://media.example/video.mp4?Expires=1712345678&Signature=abcdefg"],
    )
    assetLength: int = Field(ge=1, description="bytes; a longer file is refused", examples=[20971520])  # noqa: N815
    assetType: str | None = Field(  # noqa: N815
        None,
        max_length=200,
        description="media type; a file of another one is refused",
        examples=["video/mp4"],
    )
    region: list[Any] | None = Field(None, description="not supported", examples=[None])


Capability = Literal["queryByContent", "queryByReference"]


class Capabilities(Answer):
    c2paSpecificationVersion: str = Field(examples=["2.4.0"])  # noqa: N815
    supportedCapabilities: list[Capability] = Field(  # noqa: N815
        description="optional parts of the API that are here",
        examples=[["queryByContent", "queryByReference"]],
    )


class ServiceStatus(Answer):
    status: Literal["ok", "degraded", "down"] = Field(
        description="`degraded`: files or registrations wait; see `/health/ready`"
    )
    timestamp: str = Field(examples=["2026-01-31T09:30:00Z"])


class Discovery(Answer):
    apiEndpoint: str = Field(examples=["https://registry.example/c2pa/v1"])  # noqa: N815
    c2paSpecificationVersion: str = Field(examples=["2.4.0"])  # noqa: N815
    capabilitiesEndpoint: str = Field(examples=["https://registry.example/c2pa/v1/services/capabilities"])  # noqa: N815
    statusEndpoint: str = Field(examples=["https://registry.example/c2pa/v1/services/status"])  # noqa: N815


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
