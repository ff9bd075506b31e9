"""Raw similarities of a query and a medium."""

from __future__ import annotations

from pydantic import Field

from registry.catalogue.entries.model.verdict import Verdict
from registry.catalogue.fingerprints.model.whole_file import Unit
from registry.core.http.schemas import Answer


class FrameSignals(Answer):
    aligned: int = Field(examples=[8])
    phash: float | None = Field(examples=[0.91])
    sscd: float | None = Field(examples=[0.88])


class FaceSignals(Answer):
    compared: int = Field(examples=[6])
    same: bool | None = Field(examples=[True])


class DifferenceSignals(Answer):
    """The part of the picture where the fake and its original differ: whose it is, by mosaic.1."""

    value: float = Field(description="0: the fake's, 1: the original's", examples=[0.12])
    odds: float | None = Field(
        None, description="natural log-odds for the fake; several moments decide from 3 on", examples=[8.2]
    )
    decides: bool = Field(description="far enough from .5, and neither a third version's", examples=[True])
    moments: list[tuple[float, float]] = Field(
        description="seconds of the query, and the value there", examples=[[[0.5, 0.1], [1.5, 0.14]]]
    )
    place: tuple[float, float, float, float] = Field(
        (0.0, 0.0, 1.0, 1.0),
        description="part of the registered picture that the query shows: left, top, right, bottom, 0-1",
        examples=[[0.0, 0.0, 1.0, 1.0]],
    )
    cells: list[tuple[int, int, int, float]] = Field(
        [],
        description="where they differ, of 24 rows and 24 columns of that part: row, column, grey levels, "
        "and the value there. Empty: not recorded",
        examples=[[[8, 11, 23, 0.07], [8, 12, 31, 0.15]]],
    )


class MomentSignals(Answer):
    """Whether the moments are the same, or only the scene: the sum of what moves in pictures, mosaics and
    faces, of sound in step, and of what the manipulation says."""

    odds: float = Field(description="natural log-odds for the same moments", examples=[6.1])
    same: bool = Field(description="the sum is high enough", examples=[True])


class AudioSignals(Answer):
    """Matching sound: in sync with the pictures of the match, or alone (relation `audio`)."""

    bit_error: float = Field(
        description="0-.2; share of Chromaprint's bits that differ, or a quarter of that of peaks",
        examples=[0.04],
    )
    seconds: float = Field(examples=[8.1])


class FileSignals(Answer):
    """The nearest value of the whole file: `distance` of `bits`."""

    algorithm: str = Field(examples=["iscc.1"])
    unit: Unit | None = Field(description="unit of an ISCC; null: another algorithm", examples=["content"])
    distance: int = Field(examples=[2])
    bits: int = Field(examples=[64])


class PartSignals(Answer):
    """A part of the match, as the bank's policy judged it."""

    footage: float = Field(
        description="probability that the pictures are the same, whatever the faces", examples=[0.97]
    )
    confidence: float | None = Field(
        None, description="probability that the verdict is right; null: not recorded", examples=[0.95]
    )
    single: bool = Field(description="one side has only one picture", examples=[False])
    still: bool = Field(description="one side is a picture or a still", examples=[False])
    verdict: Verdict = Field(examples=["known_fake"])
    reasons: list[str] = Field(examples=[[]])
    located: bool = Field(
        False, description="decided by where the fake and its original differ", examples=[False]
    )


class SpanSignals(Answer):
    """Raw similarities of one span."""

    frames: FrameSignals
    faces: FaceSignals
    audio: AudioSignals | None = Field(
        None, description="null: no matching sound", examples=[AudioSignals.example()]
    )
    moments: MomentSignals | None = Field(
        None,
        description="null: not needed, as for stills, identical files, and where another doubt came first",
        examples=[MomentSignals.example()],
    )
    difference: DifferenceSignals | None = Field(
        None,
        description="null: no trusted match of the other role, no mosaics, or they hardly differ",
        examples=[DifferenceSignals.example()],
    )


class Signals(SpanSignals):
    """Raw similarities, only for callers with the scope `signals`."""

    spans: list[SpanSignals] = Field(
        [], description="of each span, in the order of `spans`; empty for a single span", examples=[[]]
    )
    file: FileSignals | None = Field(
        None, description="null: no value of a whole file was sent", examples=[None]
    )
    parts: list[PartSignals] = Field(
        [], description="empty: not recorded", examples=[[PartSignals.example()]]
    )
