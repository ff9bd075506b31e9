"""Errors of the HMA interface."""

from __future__ import annotations

from registry.core.errors import BadInput, BadMedia, FakeprintError, Forbidden, NotFound


class NoSignal(BadInput):
    meaning = "Neither `signal` with `signal_type` nor `url` was given."


class NoSignals(BadInput):
    meaning = "No signals were given."
    next_step = 'Send {"pdq": "…"}.'


class UnknownSignalType(BadInput):
    meaning = "Not one of the signal types pdq, video_md5 and vpdq."
    message = "No such signal type: {!r}."
    next_step = "Choose among pdq, video_md5, vpdq."


class FixedRatio(BadInput):
    meaning = "Every signal type is matched in all lookups; only a bank's share can be set."
    next_step = "Send 1.0, or set `enabled_ratio` of a bank with `PUT /c/bank/{name}`."


class Unprocessable(FakeprintError):
    status = 422
    code = "bad_input"
    title = "The request cannot be understood"
    step = BadInput.step
    meaning = BadInput.meaning


class HmaBankExists(Forbidden):
    code = "bank_exists"
    meaning = "Through the HMA interface: the organization already has a bank of that name."


class BadHmaBankName(BadInput):
    code = "bad_bank_name"
    meaning = (
        "Through the HMA interface a bank's name has capital letters, digits and `_`, and no digit first."
    )


class BadContentNote(BadInput):
    meaning = "A note is a text of at most 255 characters."


class BadDisableUntil(BadInput):
    meaning = "`disable_until_ts` is a whole number of seconds since 1970, at most five years from now."


class UnknownContentType(BadInput):
    meaning = "The URL has neither an image nor a video."
    next_step = "Add `content_type=photo` or `content_type=video`."


class VideoTooLong(BadMedia):
    meaning = "A video of more than an hour is not hashed as vpdq while its request waits."
    next_step = "Send it with `types=video_md5`, or hash it on your machine and send its vpdq."


class UnknownContent(NotFound):
    meaning = "The bank has no content with that number."


class UnknownHashing(NotFound):
    meaning = "The file is not waiting to be hashed, or its hashes were deleted after an hour."
