"""Errors with a stable code, an HTTP status and a next step: one class for each code.

The code is part of the API: clients branch on it. It is the name of the class in lower case
(`UnknownBank`: `unknown_bank`), unless the class gives another. The status comes from the base class
(`BadInput`, `NotFound`, `Conflict` …). Errors of one room are in the `errors.py` of that room. One handler
makes problem documents (RFC 9457); the CLI prints code, message and next step.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, Self


class FakeprintError(Exception):
    """Base class of all errors that this project raises on purpose.

    meaning: the code's row in the API's description; "" if the API never answers with it.
    message: what a person reads, if the raise site gives no other; else the meaning.
    next_step: what to do about this code. Problem documents fall back to `step`, that of the base class.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong in the service"
    step: ClassVar[str] = "Try again; if it fails again, tell whoever runs the service the request id."
    meaning: ClassVar[str] = "A bug; the service's log explains it under the request id."
    code: str = "internal"
    message: str = ""
    next_step: str | None = None

    def __init_subclass__(cls) -> None:
        """Derive the code, and inherit no texts: they belong to one code."""
        own = vars(cls)
        cls.code = own.get("code", re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower())
        cls.meaning, cls.message = own.get("meaning", ""), own.get("message", "")
        cls.next_step = own.get("next_step")

    def __init__(
        self, message: str = "", *, next_step: str | None = None, extra: Mapping[str, Any] | None = None
    ) -> None:
        self.message = message or self.message or self.meaning
        super().__init__(self.message)
        self.next_step = next_step or self.next_step
        self.extra = dict(extra or {})

    @classmethod
    def kinds(cls) -> Iterator[type[Self]]:
        """Yield the class and its subclasses: those of the modules that are imported."""
        yield cls
        for kind in cls.__subclasses__():
            yield from kind.kinds()

    @classmethod
    def of(cls, *values: object) -> Self:
        """Return the error with values in the `{}` of the class's message."""
        return cls(cls.message.format(*values))

    @classmethod
    def of_code(
        cls,
        code: str,
        message: str,
        *,
        next_step: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Self:
        """Return the error of a code that comes from data: a row, or a problem document. It is of the code's
        class if that has this class's status, else of this class."""
        fitting = (kind for kind in cls.kinds() if kind.code == code and kind.status == cls.status)
        error = next(fitting, cls)(message, next_step=next_step, extra=extra)
        error.code = code
        return error

    def problem(self) -> dict[str, Any]:
        """Return the RFC 9457 problem document, without `instance` (the middleware adds the request id)."""
        body: dict[str, Any] = {
            "type": f"urn:fakeprint:error:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.message,
            "code": self.code,
            "next_step": self.next_step or self.step,
        }
        return body | {name: value for name, value in self.extra.items() if name not in body}


class BadInput(FakeprintError):
    status = 400
    title = "The request cannot be understood"
    step = "Correct what the message names; GET /openapi.json shows what is taken."
    meaning = "A field is missing, unknown, of the wrong type or out of its range; `errors` lists them."


class Unauthenticated(FakeprintError):
    status = 401
    title = "A valid API key is needed"
    step = "Send `Authorization: Bearer KEY`; an administrator of your organization makes keys."
    meaning = "No API key, or one that is unknown, expired or revoked."


class Forbidden(FakeprintError):
    status = 403
    title = "The caller may not do this"
    step = "Ask an administrator of your organization for a key that may do this."
    meaning = "The key lacks the role."


class NotFound(FakeprintError):
    status = 404
    title = "Not found"
    step = "Check the id or name, and that your key may see it."
    meaning = "There is nothing at that address, or the id is malformed."


class MethodNotAllowed(FakeprintError):
    status = 405
    title = "Method not allowed"
    step = "GET /docs, or /openapi.json, shows every address and its methods."
    meaning = "The address does not take that method."


class BodyStalled(FakeprintError):
    """The body arrives more slowly than the allowed minimum."""

    status = 408
    title = "The request did not come in time"
    step = "Send the request again, without pauses in its body."
    meaning = "The body stopped coming, or came too slowly."


class Conflict(FakeprintError):
    """The current state of the object does not allow the operation."""

    status = 409
    title = "The current state does not allow this"
    step = "Read its current state again, then decide what to do."


class Gone(FakeprintError):
    """The resource is gone for good. Automatic clients should stop requesting it."""

    status = 410
    title = "No longer here"
    step = "Stop asking for it."


class TooLarge(FakeprintError):
    status = 413
    title = "Too large"
    step = "Send less, or send it in parts."
    meaning = "More bytes, pixels or seconds than the limit."
    next_step = "Send a shorter or smaller version."


class AddressTooLong(FakeprintError):
    status = 414
    title = "The address is too long"
    step = "Send the value in the body of a POST."
    meaning = "A value in the address is too long; it may be sent with POST."


class UnsupportedContentType(FakeprintError):
    status = 415
    title = "The content type is not supported"
    step = "Send a content type that GET /openapi.json lists for this address, not compressed."
    meaning = "The body's content type or encoding is not read here."


class BadMedia(FakeprintError):
    """A file that cannot be fingerprinted. Its subclasses in this module are the reasons that are stored."""

    status = 422
    title = "The media cannot be fingerprinted"
    step = "Send another copy of the media."


class BadDocument(FakeprintError):
    status = 422
    title = "The fingerprint document is not valid"
    step = "Make the document again with `fakeprint hash`."
    meaning = "The fingerprint document breaks its schema; the message names the place."


class TooMany(FakeprintError):
    """Too many requests. The caller may retry after `retry_after` seconds."""

    status = 429
    code = "too_many_requests"
    title = "Too many requests"
    meaning = "This address or caller asks too often, or too much at once; try again after `Retry-After`."

    def __init__(self, message: str = "", *, retry_after: float = 1.0) -> None:
        super().__init__(message, next_step=f"Try again in {math.ceil(retry_after)} s.")
        self.retry_after = math.ceil(retry_after)


class HeadTooLarge(FakeprintError):
    status = 431
    title = "The headers are too large"
    step = "Send fewer headers and a shorter address."
    meaning = "The address and the headers are longer than is read."


class NotSettled(FakeprintError):
    """The part of the file that was sent does not settle the lookup. `wanted` names what does: `keyframes`
    (all keyframes) or `full`."""

    status = 422
    title = "More of the file is needed"
    meaning = (
        "The document is noted `keyframes`, and these decide nothing; none was kept. Send what is `wanted`."
    )

    def __init__(self, message: str, *, wanted: str) -> None:
        super().__init__(
            message, next_step="Send the fingerprint of the whole file.", extra={"wanted": wanted}
        )
        self.wanted = wanted


class NotInstalled(FakeprintError):
    """A command or model needs an optional dependency (extra) that is not installed."""

    status = 501
    title = "A part is not installed"
    step = "Install the part that the message names."
    meaning = "The deployment lacks an extra that this takes; the message names it."


class Unavailable(FakeprintError):
    status = 503
    title = "The service cannot answer now"
    step = "Try again after the seconds of Retry-After."
    meaning = "A part of the service does not answer; try again."


class BadLabel(BadInput):
    meaning = "A name, title or claim is empty, too long, holds control characters or reads as an id."


class BadCursor(BadInput):
    meaning = "`after` is not a cursor of this list."


class BadSha256(BadInput):
    meaning = "Not 64 hex digits."


class DocumentTooLarge(BadDocument):
    meaning = "The fingerprint document holds more samples than are taken."
    next_step = "Sample at 2 Hz, as `fakeprint hash` does."


class BadSetting(BadInput):
    meaning = "The deployment's own settings are wrong; the message names the variable."
    next_step = "Correct or unset it in the environment."


class UnknownDelivery(NotFound):
    meaning = "No delivery of that id, to a webhook or of a notice, that is kept for the key's organization."


class AmbiguousDate(BadInput):
    meaning = "A date may be two days: 03/04/2026."
    next_step = "Write the date as 2026-11-24."


class BadDate(BadInput):
    meaning = "A moment is not ISO 8601, nor a day, month and year."
    next_step = "Write it as 2026-11-24 or 2026-11-24T18:30, or leave it out."


class FutureDate(BadInput):
    meaning = "It was seen at a time that has not come."
    next_step = "Correct the date, or leave it out."


class BadTime(BadInput):
    meaning = "Not a date, or a time without its offset."
    message = "A time needs its offset, as in 2026-11-25T10:00:00+01:00."


class SecondReviewer(Forbidden):
    meaning = "Whoever proposed or registered it does not decide on it."


class WrongState(Conflict):
    meaning = "The `state` of the person, the dispute or the notice does not allow it."


class MissingPath(BadMedia):
    meaning = "There is no file at that path."
    next_step = "Check the path."


class IsADirectory(BadMedia):
    meaning = "A folder was given where a file is needed."
    next_step = "Give the files in the folder, or the folder with `--recursive`."


class NoPermission(BadMedia):
    meaning = "The file cannot be read with this user's rights."
    next_step = "Give this user the right to read the file."


class EmptyFile(BadMedia):
    meaning = "The file holds no bytes."
    next_step = "Fetch or copy the file again, then send it."


class NotMedia(BadMedia):
    meaning = "The bytes are not an image, a video or sound of a known format."
    message = "The file is not an image, a video or sound of a known format."
    next_step = "Send an image, a video or sound, for example JPEG, PNG, MP4, WebM, OGG or MP3."


class TruncatedMedia(BadMedia):
    meaning = "The file ends before its content does, and nothing in it can be decoded."
    next_step = "Fetch the file again; its download may have been cut."


class NoPicture(BadMedia):
    meaning = "The file holds no picture (audio only), and a picture is needed."
    next_step = "Send the video or the image."


class ZeroLength(BadMedia):
    meaning = "The video holds no frame."
    next_step = "Export the video again, then send it."


class MediaTooLarge(BadMedia):
    code = "too_large"
    meaning = TooLarge.meaning
    next_step = TooLarge.next_step


class UnsupportedMedia(BadMedia):
    meaning = "The format is known but its codec cannot be decoded here."
    next_step = "Convert it to H.264 in MP4, or a still to JPEG, and send that."


class DecodeFailed(BadMedia):
    meaning = "Decoding failed for another reason; the message names it."
    next_step = "Play it; if it plays, export it as H.264 in MP4 and send that."


class DecoderCrashed(BadMedia):
    meaning = "The file made its decoder crash. It is not tried again."
    message = "The process that decoded the file ended ({})."
    killed: bool = False
    """By a signal that no file causes by itself: the machine has no memory, or somebody sent it."""
    next_step = "Play it; if it plays, export it as H.264 in MP4 and send that."


class TookTooLong(BadMedia):
    code = "timed_out"
    meaning = "Reading the file takes more CPU time than is allowed."
    message = "Reading the file took more than the limit of {} s of CPU time."
    next_step = "Send a shorter or smaller copy, or the document that `fakeprint hash` makes of it."


class LowInformation(BadMedia):
    meaning = "Nothing in it can be compared: blank, dark or plain pictures, or silence and noise."
    next_step = "Send footage that shows more, or sound in which something is said or played."


MEDIA_CODES: Final = frozenset(kind.code for kind in BadMedia.__subclasses__())
"""Why a file could not be read; a worker stores the code with the job."""
