"""How alike query and medium are, as models."""

from __future__ import annotations

from pydantic import Field

from registry.core.http.schemas import Answer


class FrameSignals(Answer):
    aligned: int = Field(examples=[8])
    phash: float | None = Field(examples=[0.91])
    sscd: float | None = Field(examples=[0.88])


class FaceSignals(Answer):
    compared: int = Field(examples=[6])
    same: bool | None = Field(examples=[True])


class AudioSignals(Answer):
    """Sound that agrees: in step with the pictures of the match, or by itself (relation `audio`)."""

    bit_error: float = Field(
        description="share of Chromaprint's bits that differ, 0-.15; chance is .5", examples=[0.04]
    )
    seconds: float = Field(examples=[8.1])


class Signals(Answer):
    """Raw similarities, for callers with the scope `signals` alone."""

    frames: FrameSignals
    faces: FaceSignals
    audio: AudioSignals | None = Field(
        None, description="null: no sound agrees, or there is none", examples=[AudioSignals.example()]
    )
