"""Parse answers of the service: JSON objects, and problem documents as errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import httpx2

from registry.core import errors
from registry.core.errors import FakeprintError, Unavailable
from registry.core.errors.terminal import NotFakeprint

_BY_STATUS: Final[dict[int, type[FakeprintError]]] = {
    400: errors.BadInput,
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    413: errors.TooLarge,
    422: errors.BadMedia,
    501: errors.NotInstalled,
    503: errors.Unavailable,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status and JSON object."""

    status: int
    body: dict[str, Any]


def reply_of(response: httpx2.Response, url: str) -> Reply:
    """Parse an answer. Raises the error of the problem document, or `BadInput` (`not_fakeprint`) if the
    answer is not from Fakeprint."""
    body = _object(response)
    if response.status_code >= 400:
        raise _error(response.status_code, body)
    if body is None or response.status_code >= 300:
        raise NotFakeprint(f"What answers at {url} is not a Fakeprint service.")
    return Reply(response.status_code, body)


def of_error(body: dict[str, Any]) -> FakeprintError:
    """Return the error of an entry or asset: {"code", "message"}."""
    return errors.BadMedia.of_code(str(body.get("code", "internal")), str(body.get("message", "")))


def _object(response: httpx2.Response) -> dict[str, Any] | None:
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _error(status: int, body: dict[str, Any] | None) -> FakeprintError:
    if body is None or not isinstance(body.get("code"), str):
        return _stranger(status)
    if body["code"] == errors.NotSettled.code:
        return errors.NotSettled(str(body.get("detail", "")), wanted=str(body.get("wanted", "full")))
    kind = _BY_STATUS.get(status, FakeprintError)
    step = body.get("next_step")
    detail = body.get("detail") or body.get("title") or f"The service answered {status}."
    standard = {"type", "title", "status", "detail", "code", "next_step", "instance"}
    extra = {name: value for name, value in body.items() if name not in standard}
    return kind.of_code(body["code"], str(detail), next_step=str(step) if step else None, extra=extra)


def _stranger(status: int) -> FakeprintError:
    """Return the error for an answer of a proxy or another program."""
    if status >= 500:
        return Unavailable(
            f"The service, or a proxy before it, answered {status}.", next_step="Try again later."
        )
    return NotFakeprint(f"The answer was {status}, and not in the words of a Fakeprint service.")
