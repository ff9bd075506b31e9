"""Errors of the client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import httpx2


class ClientError(Exception):
    """Base class of all errors of this client. `code` is stable: branch on it. `next_step`: a sentence that
    says what to do, or None."""

    code: str = "client_error"
    next_step: str | None = None


class FileError(ClientError):
    """A file on this machine cannot be read or fingerprinted. Nothing was sent.

    Codes: `missing_path`, `is_a_directory`, `no_permission`, `not_media` (not media, a pipe or a device),
    `unreadable`, `bad_json` (of a document), and the codes of `fakeprint hash` for media that cannot be
    decoded.
    """

    def __init__(self, path: str, code: str, message: str, next_step: str | None) -> None:
        super().__init__(f"{path}: {message} ({code}) {next_step or ''}".rstrip())
        self.path = path
        self.code = code
        self.message = message
        self.next_step = next_step


class NotInstalled(ClientError):
    """A package is missing; `next_step` says what to install."""

    code = "not_installed"

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(f"{message} {next_step}")
        self.message = message
        self.next_step = next_step


class ServiceError(ClientError):
    """The service refused the request. `status`: HTTP status. `extra`: other fields of the problem
    document."""

    def __init__(
        self, status: int, code: str, message: str, next_step: str | None, extra: Mapping[str, Any]
    ) -> None:
        super().__init__(f"{message} ({code})" if not next_step else f"{message} ({code}) {next_step}")
        self.status = status
        self.code = code
        self.message = message
        self.next_step = next_step
        self.extra = dict(extra)


class Unreachable(ClientError):
    """Nothing answers at the address, or the answer does not come from a Fakeprint service."""

    code = "unreachable"
    next_step = "Check the address of the service and that it runs."


class NotYet(ClientError):
    """The result is not ready in time. The service continues its work. `said`: its last answer, with the
    `lookup_id` or `entry_id` to request again."""

    code = "not_yet"
    next_step = "Request it again later."

    def __init__(self, message: str, said: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.said = dict(said)


_STANDARD = frozenset({"type", "title", "status", "detail", "code", "next_step", "instance"})


def refused(response: httpx2.Response) -> ClientError:
    """Return the error for a status of 400 or more: that of the problem document (RFC 9457), or `Unreachable`
    if the answer does not come from Fakeprint."""
    body = object_of(response)
    if body is None or not isinstance(body.get("code"), str):
        return Unreachable(
            f"{response.url.host} answered {response.status_code}, but is not a Fakeprint service."
        )
    step = body.get("next_step")
    return ServiceError(
        response.status_code,
        body["code"],
        str(body.get("detail") or body.get("title") or f"The service answered {response.status_code}."),
        str(step) if step else None,
        {name: value for name, value in body.items() if name not in _STANDARD},
    )


def object_of(response: httpx2.Response) -> dict[str, Any] | None:
    """Return the JSON object of an answer, or None."""
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def accepted(response: httpx2.Response) -> dict[str, Any]:
    """Return the JSON object of a successful answer. Raises `ServiceError`, `Unreachable`."""
    _check(response)
    body = object_of(response)
    if body is None:
        raise _stranger(response)
    return body


def content_of(response: httpx2.Response) -> Any:
    """Return what an operation answers, by its media type: JSON, text or bytes; None for no content. Raises
    `ServiceError`, `Unreachable`."""
    _check(response)
    if response.status_code == 204:
        return None
    kind = kind_of(response.headers.get("content-type", ""))
    if kind == "bytes":
        return response.content
    try:
        return response.json() if kind == "json" else response.text
    except ValueError as error:
        raise _stranger(response) from error


def _check(response: httpx2.Response) -> None:
    if response.status_code >= 400:
        raise refused(response)
    if response.status_code >= 300 or response.headers.get("content-type", "").startswith("text/html"):
        raise _stranger(response)


def _stranger(response: httpx2.Response) -> Unreachable:
    return Unreachable(f"What answers at {response.url.host} is not a Fakeprint service.")


def kind_of(media_type: str) -> Literal["json", "text", "bytes"]:
    """Return how an answer of a media type is read."""
    name = media_type.partition(";")[0].strip().lower()
    if name == "application/json" or name.endswith("+json"):
        return "json"
    if name.startswith("text/") or name in {"application/x-ndjson", "application/vc+jwt", "image/svg+xml"}:
        return "text"
    return "bytes"
