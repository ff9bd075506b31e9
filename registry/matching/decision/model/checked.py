"""The basis of an answer: signals compared, signals not compared with the reason, and what to send next.
Pure.

The same clip can get two answers. A document without faces, or a browser's document with few views, holds
less than the file. So each answer says what was not compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypedDict

from registry.catalogue.entries.model.entry import is_partial
from registry.catalogue.fingerprints.model.algorithms import CHROMAPRINT, FACE_SFACE, PDQ, PHASH256
from registry.catalogue.fingerprints.model.fingerprint import FULL, MIRROR, Fingerprint
from registry.matching.decision.model.decision import Decision

InputKind = Literal["file", "document", "sha256", "md5", "hash"]
"""Input of a lookup."""
Signal = Literal["sha256", "frames", "embedding", "faces", "sound"]
Omission = Literal["left_out", "not_computed", "keyframes_only", "not_read", "not_sent", "partial"]
NextStep = Literal["send_faces", "send_file"]

EVERYTHING: Final[tuple[Signal, ...]] = ("sha256", "frames", "embedding", "faces", "sound")
OF_SOUND: Final[tuple[Signal, ...]] = ("sha256", "sound")
"""Signals of a file of sound alone."""
FACES_LEFT_OUT: Final = "faces_left_out"
"""Note of a document whose maker detected faces and left their vectors out."""
FEW_VIEWS: Final = "few_views"
"""Note of a document with fewer views of each picture than the reference pipeline makes."""

FACES_DECIDE: Final = frozenset({"no_face", "original_close", "original_claimed"})
"""Reasons for doubt that faces could resolve, into a fake or its original."""

_PLAIN: Final = frozenset({FULL, MIRROR})


class Unchecked(TypedDict):
    """A signal that was not compared, and the reason."""

    what: Signal
    reason: Omission


class Examined(TypedDict):
    """`Checked` as the fields of an answer."""

    checked: list[Signal]
    not_checked: list[Unchecked]
    next_step: NextStep | None


@dataclass(frozen=True, slots=True)
class Checked:
    """Signals compared; signals not compared, each with its reason; what to send to have them compared."""

    checked: tuple[Signal, ...]
    not_checked: tuple[tuple[Signal, Omission], ...]
    next_step: NextStep | None

    def as_json(self) -> Examined:
        """Return the three fields of an answer."""
        omitted: list[Unchecked] = [
            {"what": signal, "reason": omission} for signal, omission in self.not_checked
        ]
        return {"checked": list(self.checked), "not_checked": omitted, "next_step": self.next_step}


def examined(fingerprint: Fingerprint, input_kind: InputKind, decision: Decision) -> Checked:
    """Return what the answer `decision` rests on, given the input of the query."""
    signals, missing = EVERYTHING, dict(_missing(fingerprint, input_kind))
    if fingerprint.media.kind == "audio":
        sound = _sound(fingerprint)
        signals, missing = OF_SOUND, {"sound": sound} if sound else {}
    return Checked(
        tuple(signal for signal in signals if signal not in missing),
        tuple((signal, missing[signal]) for signal in signals if signal in missing),
        _next_step(fingerprint, input_kind, missing, decision),
    )


def _next_step(
    fingerprint: Fingerprint, input_kind: InputKind, missing: dict[Signal, Omission], decision: Decision
) -> NextStep | None:
    """Return what could change the answer. No verdict is graver than a known fake, and no input holds more
    than a file."""
    whole = input_kind == "file" or fingerprint.media.kind == "audio"
    if whole or decision.verdict in {"known_fake", "authentic_original"}:
        return None
    rulings = [ruling for group in decision.groups for ruling in group]
    faceless = any(FACES_DECIDE.intersection(ruling.reasons) for ruling in rulings)
    if faceless and missing.get("faces") == "left_out":
        return "send_faces"
    incomplete = "embedding" in missing or _few_views(fingerprint)
    incomplete |= missing.get("frames") in {"not_sent", "not_computed", "partial"} and not _truncated(
        fingerprint
    )
    return "send_file" if incomplete or (faceless and "faces" in missing) else None


def _missing(fingerprint: Fingerprint, input_kind: InputKind) -> Iterator[tuple[Signal, Omission]]:
    if input_kind in {"md5", "hash"}:
        yield "sha256", "not_sent"
    if input_kind in {"sha256", "md5", "hash"} or not fingerprint.frames:
        omission: Omission = "not_read" if input_kind == "file" else "not_sent"
        for signal in EVERYTHING[1:]:
            if signal not in _hashed(fingerprint):
                yield signal, omission
        return
    if (frames := _frames(fingerprint)) is not None:
        yield "frames", frames
    if fingerprint.model not in fingerprint.algorithms:
        yield "embedding", "not_computed"
    if FACE_SFACE.name not in fingerprint.algorithms:
        yield "faces", _faces(fingerprint)
    if (sound := _sound(fingerprint)) is not None:
        yield "sound", sound


def _hashed(fingerprint: Fingerprint) -> tuple[Signal, ...]:
    """Return the signals of a single-hash query; none for a query with a digest alone."""
    if not fingerprint.frames:
        return ()
    return ("frames",) if {PHASH256.name, PDQ.name} & {*fingerprint.algorithms} else ("embedding",)


def _frames(fingerprint: Fingerprint) -> Omission | None:
    if is_partial(fingerprint):
        return "keyframes_only"
    if not {PHASH256.name, PDQ.name} & {*fingerprint.algorithms}:
        return "not_computed"
    if PHASH256.name not in fingerprint.algorithms or _few_views(fingerprint) or _truncated(fingerprint):
        return "partial"
    return None


def _few_views(fingerprint: Fingerprint) -> bool:
    """Tell whether only the whole picture was examined.

    The reference pipeline also rotates some pictures. A document without any other view was made by other
    software, whatever its notes say.
    """
    if is_partial(fingerprint):
        return False
    return FEW_VIEWS in fingerprint.notes or {frame.view for frame in fingerprint.frames} <= _PLAIN


def _truncated(fingerprint: Fingerprint) -> bool:
    return "truncated_media" in fingerprint.notes


def _faces(fingerprint: Fingerprint) -> Omission:
    """Return why there are no faces. A document without a note on faces was made without detecting them, so
    its maker can make one with faces."""
    if "no_faces" in fingerprint.notes:
        return "not_computed"
    return "not_read" if is_partial(fingerprint) else "left_out"


def _sound(fingerprint: Fingerprint) -> Omission | None:
    if "broken_sound" in fingerprint.notes:
        return "partial"
    if CHROMAPRINT.name in fingerprint.algorithms or fingerprint.media.kind == "image":
        return None
    return "not_read"
