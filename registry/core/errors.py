"""Errors with a stable code, an HTTP status and a next step.

Each error carries a `code` (part of the API: clients branch on it), an HTTP `status`, a `message` that a
person can act on and a `next_step`. The next step is the error's own, else that of its code (`NEXT_STEPS`).
Problem documents (RFC 9457) fall back to the step of the class. One handler makes problem documents; the CLI
prints code, message and next step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar


class FakeprintError(Exception):
    """Base class of all errors that this project raises on purpose."""

    status: ClassVar[int] = 500
    default_code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong in the service"
    step: ClassVar[str] = "Try again; if it fails again, tell whoever runs the service the request id."

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        next_step: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.next_step = next_step or NEXT_STEPS.get(self.code)
        self.extra = dict(extra or {})

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
        return body | self.extra


class BadInput(FakeprintError):
    """The request, or a value in it, cannot be understood."""

    status = 400
    default_code = "bad_input"
    title = "The request cannot be understood"
    step = "Correct what the message names; GET /openapi.json shows what is taken."


class Unauthenticated(FakeprintError):
    """The API key is missing, unknown, expired or revoked."""

    status = 401
    default_code = "unauthenticated"
    title = "A valid API key is needed"
    step = "Send `Authorization: Bearer KEY`; an administrator of your organization makes keys."


class Forbidden(FakeprintError):
    """The caller is known but lacks the role."""

    status = 403
    default_code = "forbidden"
    title = "The caller may not do this"
    step = "Ask an administrator of your organization for a key that may do this."


class NotFound(FakeprintError):
    """There is nothing with that id, or the caller may not see it."""

    status = 404
    default_code = "not_found"
    title = "Not found"
    step = "Check the id or name, and that your key may see it."


class Conflict(FakeprintError):
    """The current state of the object does not allow the operation."""

    status = 409
    default_code = "conflict"
    title = "The current state does not allow this"
    step = "Read its current state again, then decide what to do."


class Gone(FakeprintError):
    """The resource is gone for good. Automatic clients should stop requesting it."""

    status = 410
    default_code = "peer_gone"
    title = "No longer here"
    step = "Stop asking for it."


class TooLarge(FakeprintError):
    """More bytes, pixels, seconds or samples than the limit."""

    status = 413
    default_code = "too_large"
    title = "Too large"
    step = "Send less, or send it in parts."


class AddressTooLong(FakeprintError):
    """The URL is too long. The caller can send the value in a body instead."""

    status = 414
    default_code = "address_too_long"
    title = "The address is too long"
    step = "Send the value in the body of a POST."


class UnsupportedType(FakeprintError):
    """The content type or encoding of the body is not supported."""

    status = 415
    default_code = "unsupported_content_type"
    title = "The content type is not supported"
    step = "Send a content type that GET /openapi.json lists for this address, not compressed."


class BadMedia(FakeprintError):
    """A file that cannot be fingerprinted. `code` says why; see `MEDIA_CODES`."""

    status = 422
    default_code = "not_media"
    title = "The media cannot be fingerprinted"
    step = "Send another copy of the media."


class BadDocument(FakeprintError):
    """A fingerprint document violates its schema or its limits."""

    status = 422
    default_code = "bad_document"
    title = "The fingerprint document is not valid"
    step = "Make the document again with `fakeprint hash`."


class TooMany(FakeprintError):
    """Too many requests. The caller may retry after `retry_after` seconds. Codes of configured limits:
    `rate_limited`, `quota_exhausted`."""

    status = 429
    default_code = "too_many_requests"
    title = "Too many requests"

    def __init__(self, message: str, *, code: str | None = None, retry_after: float = 1.0) -> None:
        super().__init__(message, code=code, next_step=f"Try again in {math.ceil(retry_after)} s.")
        self.retry_after = math.ceil(retry_after)


class Stalled(FakeprintError):
    """The body arrives more slowly than the allowed minimum."""

    status = 408
    default_code = "body_stalled"
    title = "The request did not come in time"
    step = "Send the request again, without pauses in its body."


class HeadTooLarge(FakeprintError):
    """The headers or the URL are larger than the server reads."""

    status = 431
    default_code = "head_too_large"
    title = "The headers are too large"
    step = "Send fewer headers and a shorter address."


class NotSettled(FakeprintError):
    """The part of the file that was sent does not settle the lookup. `wanted` names what does: `keyframes`
    (all keyframes) or `full`."""

    status = 422
    default_code = "not_settled"
    title = "More of the file is needed"

    def __init__(self, message: str, *, wanted: str) -> None:
        super().__init__(
            message, next_step="Send the fingerprint of the whole file.", extra={"wanted": wanted}
        )
        self.wanted = wanted


class Unavailable(FakeprintError):
    """A part that the service needs does not answer or is too busy."""

    status = 503
    default_code = "unavailable"
    title = "The service cannot answer now"
    step = "Try again after the seconds of Retry-After."


class NotInstalled(FakeprintError):
    """A command or model needs an optional dependency (extra) that is not installed."""

    status = 501
    default_code = "not_installed"
    title = "A part is not installed"
    step = "Install the part that the message names."


MEDIA_CODES: Mapping[str, str] = {
    "missing_path": "There is no file at that path.",
    "is_a_directory": "A folder was given where a file is needed.",
    "no_permission": "The file cannot be read with this user's rights.",
    "empty_file": "The file holds no bytes.",
    "not_media": "The bytes are not an image or a video of a known format.",
    "truncated_media": "The file ends before its content does, and nothing in it can be decoded.",
    "no_picture": "The file holds no picture (audio only).",
    "zero_length": "The video holds no frame.",
    "too_large": "More bytes, pixels or seconds than the limit.",
    "unsupported_media": "The format is known but its codec cannot be decoded here.",
    "decode_failed": "Decoding failed for another reason; the message names it.",
    "low_information": "Nothing in it can be compared: its pictures are blank, dark or too plain.",
}

NEXT_STEPS: Mapping[str, str] = {
    "missing_path": "Check the path.",
    "is_a_directory": "Give the files in the folder, or the folder with `--recursive`.",
    "no_permission": "Give this user the right to read the file.",
    "empty_file": "Fetch or copy the file again, then send it.",
    "not_media": "Send an image or a video, for example JPEG, PNG, MP4 or WebM.",
    "truncated_media": "Fetch the file again; its download may have been cut.",
    "no_picture": "Send the video or the image: sound alone is not compared.",
    "zero_length": "Export the video again, then send it.",
    "too_large": "Send a shorter or smaller version.",
    "unsupported_media": "Convert it to H.264 in MP4, or a still to JPEG, and send that.",
    "decode_failed": "Play it; if it plays, export it as H.264 in MP4 and send that.",
    "low_information": "Send footage that shows more.",
}
"""Next step by code, for errors that do not carry their own."""
