"""What can go wrong between a client and a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx


class ClientError(Exception):
    """The root of what this client raises. `code` is stable: branch on it. `next_step`: a sentence that says
    what helps; None where nothing is known."""

    code: str = "client_error"
    next_step: str | None = None


class FileError(ClientError):
    """A file on this machine that cannot be read, or not be fingerprinted. Nothing was sent.

    Codes: `missing_path`, `is_a_directory`, `no_permission`, `not_media` (no media, a pipe or a device),
    `unreadable`, `bad_json` (of a document), and those of media that cannot be decoded, as `fakeprint hash`
    has them.
    """

    def __init__(self, path: str, code: str, message: str, next_step: str | None) -> None:
        super().__init__(f"{path}: {message} ({code}) {next_step or ''}".rstrip())
        self.path = path
        self.code = code
        self.message = message
        self.next_step = next_step


class NotInstalled(ClientError):
    """A package that the call needs is not installed; `next_step` says which."""

    code = "not_installed"

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(f"{message} {next_step}")
        self.message = message
        self.next_step = next_step


class ServiceError(ClientError):
    """The service refused. `status` is that of HTTP, `extra` what else its problem document holds."""

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
    """Nobody answers at the address, or who answers is no Fakeprint service."""

    code = "unreachable"
    next_step = "Check the address of the service and that it runs."


class NotYet(ClientError):
    """What was waited for was not done in the time given; the service goes on with it. `said`: its last
    word, whose `lookup_id` or `entry_id` you can ask for again."""

    code = "not_yet"
    next_step = "Ask for it again later."

    def __init__(self, message: str, said: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.said = dict(said)


_KNOWN = frozenset({"type", "title", "status", "detail", "code", "next_step", "instance"})


def refused(response: httpx.Response) -> ClientError:
    """The error of an answer of 400 or more: the problem document's (RFC 9457), or `Unreachable` for a
    stranger's."""
    body = object_of(response)
    if body is None or not isinstance(body.get("code"), str):
        return Unreachable(
            f"{response.url.host} answered {response.status_code}, and not as a Fakeprint service does."
        )
    step = body.get("next_step")
    return ServiceError(
        response.status_code,
        body["code"],
        str(body.get("detail") or body.get("title") or f"The service answered {response.status_code}."),
        str(step) if step else None,
        {name: value for name, value in body.items() if name not in _KNOWN},
    )


def object_of(response: httpx.Response) -> dict[str, Any] | None:
    """The JSON object of an answer; None where it holds none."""
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def accepted(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer under 300. Raises `ServiceError`, `Unreachable`."""
    if response.status_code >= 400:
        raise refused(response)
    body = object_of(response)
    if body is None or response.status_code >= 300:
        raise Unreachable(f"What answers at {response.url.host} is not a Fakeprint service.")
    return body
