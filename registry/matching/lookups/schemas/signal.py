"""How alike query and medium are, as models."""

from __future__ import annotations

from pydantic import BaseModel, Field


class FrameSignals(BaseModel):
    aligned: int
    phash: float | None
    sscd: float | None


class FaceSignals(BaseModel):
    compared: int
    same: bool | None


class AudioSignals(BaseModel):
    """Sound that agrees: in step with the pictures of the match, or by itself (relation `audio`)."""

    bit_error: float = Field(description="share of Chromaprint's bits that differ, 0-.15; chance is .5")
    seconds: float


class Signals(BaseModel):
    """Raw similarities, for callers with the scope `signals` alone."""

    frames: FrameSignals
    faces: FaceSignals
    audio: AudioSignals | None = Field(None, description="null: no sound agrees, or there is none")
