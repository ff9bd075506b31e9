"""Requests and answers about previews."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field

from registry.catalogue.previews import model as blurring
from registry.core.http.schemas import Answer, BodyId, Request, UuidText

State = Literal["ready", "waiting", "failed"]

_PNG: Final = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mNggAAAAAoAAYMrvtQAAAAASUVORK5C"
    "YII="
)


class PreviewRequest(Request):
    """A medium of the entry, and the instants."""

    asset_id: Annotated[UUID, BodyId("Asset")] = Field(examples=["0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21"])
    at: list[float] = Field(
        min_length=1,
        max_length=1_000,
        description=f"seconds from its first picture, rounded to a tenth; 0 for an image; at most "
        f"{blurring.MOST_INSTANTS}",
        examples=[[0.0, 4.1]],
    )


class Preview(Answer):
    """A blurred picture, once it is ready."""

    at: float = Field(examples=[0.0])
    state: State
    blurred: str | None = Field(
        description=f"a `data:` URL of a PNG of {blurring.BLURRED_LENGTHS[-1]} pixels at most a side",
        examples=[_PNG],
    )
    error_code: str | None = Field(description="error code if there is no picture")


class PreviewsOriginal(Answer):
    """Where the entry's original shows the same, by alignment."""

    asset_id: UuidText = Field(examples=["6d4d5f0c-3c4c-4d6f-9d57-7f4a2b9a1e63"])
    at: list[float | None] = Field(
        description="seconds in the original, one for each requested instant", examples=[[12.0, 16.1]]
    )


class Previews(Answer):
    """Blurred pictures, in the order requested. `revealable`: the key may see the clear pictures."""

    entry_id: UuidText = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
    asset_id: UuidText = Field(examples=["0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21"])
    ready: bool = Field(description="false: some wait for a worker; repeat the request after a second")
    revealable: bool = Field(examples=[True])
    previews: list[Preview] = Field(
        examples=[
            [
                {"at": 0.0, "state": "ready", "blurred": _PNG, "error_code": None},
                {"at": 4.1, "state": "waiting", "blurred": None, "error_code": None},
            ]
        ]
    )
    original: PreviewsOriginal | None


class RevealedPreview(Answer):
    """A clear picture, in base64."""

    at: float = Field(examples=[0.0])
    content_type: Literal["image/jpeg"]
    picture: str = Field(examples=["/9j/4AAQSkZJRgABAQAAAQABAAD/2Q=="])


class RevealedPreviews(Answer):
    """Clear pictures, in the order requested."""

    entry_id: UuidText = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
    asset_id: UuidText = Field(examples=["0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21"])
    previews: list[RevealedPreview]
