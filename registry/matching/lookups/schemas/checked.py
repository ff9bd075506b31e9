"""What an answer rests on, as models."""

from __future__ import annotations

from pydantic import Field

from registry.core.http.schemas import Answer
from registry.matching.decision.model.checked import NextStep, What, Why


class NotChecked(Answer):
    """What of the query was not compared, and why."""

    what: What = Field(description="as in `checked`", examples=["faces"])
    reason: Why = Field(
        description="`left_out`: the sender has it, or can make it, and did not send it (faces without"
        " `--faces`); `not_computed`: what made the document could not compute it; `keyframes_only`: only a"
        " video's keyframes were looked at; `not_read`: it could not be decoded, or nobody read it;"
        " `not_sent`: only a digest or a hash was sent; `partial`: a part of it was looked at (fewer views"
        " than the command line makes, or damaged media)"
    )


class Checked(Answer):
    """What an answer rests on."""

    checked: list[What] = Field(
        description="what was compared: the file's `sha256`, the pictures' hashes (`frames`), their SSCD"
        " vectors (`embedding`), `faces`, `sound`. What was looked for and is not in the clip counts too",
        examples=[["sha256", "frames", "sound"]],
    )
    not_checked: list[NotChecked] = Field(
        examples=[[{"what": "embedding", "reason": "not_computed"}, {"what": "faces", "reason": "left_out"}]]
    )
    next_step: NextStep | None = Field(
        description="what could change the answer: `send_faces` (the document with face vectors) or"
        " `send_file` (the file itself). Null: nothing would, or everything was checked"
    )
