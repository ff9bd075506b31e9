"""The basis of an answer."""

from __future__ import annotations

from pydantic import Field

from registry.core.http.schemas import Answer
from registry.matching.decision.model.checked import NextStep, Omission, Signal


class NotChecked(Answer):
    """A signal that was not compared, and the reason."""

    what: Signal = Field(description="as in `checked`", examples=["faces"])
    reason: Omission = Field(
        description="`left_out`: the sender has it and did not send it (faces without `--faces`);"
        " `not_computed`: the document's maker could not compute it; `keyframes_only`: only a video's"
        " keyframes were examined; `not_read`: it could not be decoded, or this kind of lookup does not"
        " decode it; `not_sent`: only a digest or a hash was sent; `partial`: only a part was examined (fewer"
        " views than the command line makes, or damaged media)"
    )


class Checked(Answer):
    """The basis of an answer."""

    checked: list[Signal] = Field(
        description="signals compared: the file's `sha256`, the pictures' hashes (`frames`), their SSCD"
        " vectors (`embedding`), `faces`, `sound`. A signal that was looked for and is not in the clip counts"
        " too",
        examples=[["sha256", "frames", "sound"]],
    )
    not_checked: list[NotChecked] = Field(
        examples=[[{"what": "embedding", "reason": "not_computed"}, {"what": "faces", "reason": "left_out"}]]
    )
    next_step: NextStep | None = Field(
        description="input that could change the answer: `send_faces` (the document with face vectors) or"
        " `send_file` (the file itself). Null: no input could"
    )
