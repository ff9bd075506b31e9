"""What agrees in each span of a match: pictures, faces and sound, as bars with words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from registry.console.charts import Part, gauge
from registry.console.languages import N_, Words

Tone = Literal["agrees", "differs", "unclear", "none"]

FACES: Final[Mapping[bool | None, tuple[str, Tone]]] = {
    True: (N_("the same"), "agrees"),
    False: (N_("other ones"), "differs"),
    None: (N_("unclear"), "unclear"),
}


@dataclass(frozen=True, slots=True)
class Sign:
    """A signal in a span. `bar`: how much agrees, as drawn; None if it was not compared."""

    name: str
    text: str
    tone: Tone
    bar: Part | None


@dataclass(frozen=True, slots=True)
class Row:
    """A span, and what agrees in it. `signs` None: the reader may not see it."""

    span: Mapping[str, Any]
    signs: tuple[Sign, ...] | None


def rows(match: Mapping[str, Any], words: Words) -> list[Row]:
    """Return the spans of a match in order, each with its signals."""
    signals, spans = match["signals"], match["spans"]
    if signals is None:
        return [Row(span, None) for span in spans]
    of_spans: Sequence[Mapping[str, Any]] = signals.get("spans") or ([signals] if len(spans) == 1 else [])
    if len(of_spans) != len(spans):
        return [Row(span, None) for span in spans]
    return [Row(span, signs(found, span, words)) for span, found in zip(spans, of_spans, strict=True)]


def signs(signals: Mapping[str, Any], span: Mapping[str, Any] | None, words: Words) -> tuple[Sign, ...]:
    """Return the three signals of a span; of the whole match for None."""
    mirrored = words.direction == "rtl"
    return (
        _pictures(signals["frames"], words, mirrored=mirrored),
        _faces(signals["faces"], words, mirrored=mirrored),
        _sound(signals["audio"], span, words, mirrored=mirrored),
    )


def _pictures(frames: Mapping[str, Any], words: Words, *, mirrored: bool) -> Sign:
    name = words.text(N_("Pictures"))
    alike = max((frames[key] for key in ("phash", "sscd") if frames[key] is not None), default=None)
    if not frames["aligned"] or alike is None:
        return Sign(name, words.text(N_("not compared")), "none", None)
    text = words.several(
        "%(count)s picture, %(share)s alike",
        "%(count)s pictures, %(share)s alike",
        frames["aligned"],
        share=words.percent(alike),
    )
    return Sign(name, text, "agrees", gauge(alike, mirrored=mirrored))


def _faces(faces: Mapping[str, Any] | None, words: Words, *, mirrored: bool) -> Sign:
    name = words.text(N_("Faces"))
    if not faces or not faces["compared"]:
        return Sign(name, words.text(N_("not compared")), "none", None)
    text, tone = FACES[faces["same"]]
    return Sign(
        name, words.text(text), tone, gauge(1.0 if faces["same"] is not None else 0.5, mirrored=mirrored)
    )


def _sound(
    sound: Mapping[str, Any] | None, span: Mapping[str, Any] | None, words: Words, *, mirrored: bool
) -> Sign:
    name = words.text(N_("Sound"))
    if not sound:
        return Sign(name, words.text(N_("not compared, or another")), "none", None)
    text = words.text(N_("agrees for %(seconds)s seconds"), seconds=words.number(round(sound["seconds"], 1)))
    lasts = span["query"][1] - span["query"][0] if span else 0.0
    share = min(1.0, sound["seconds"] / lasts) if lasts > 0 else 1.0
    return Sign(name, text, "agrees", gauge(share, mirrored=mirrored))
