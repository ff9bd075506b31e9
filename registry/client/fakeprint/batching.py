"""The state of a streamed batch, which is continued after an interruption."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from fakeprint.failures import ServiceError, Unreachable

if TYPE_CHECKING:
    from fakeprint.schemas import Line

TEMPORARY: Final = frozenset(
    {"unavailable", "database_unavailable", "spool_full", "spool_unavailable", "batch_stalled"}
)
"""Temporary errors that end a batch. The line and those after it are sent again."""
FINAL: Final = frozenset({"unauthenticated", "forbidden"})
"""Errors of a line after which no further line would be answered."""


class Progress:
    """The answered lines of one request. `before`: number of lines in earlier requests of the stream."""

    def __init__(self, lines: Sequence[bytes], before: int) -> None:
        self._lines = lines
        self._before = before
        self._done = 0
        self._attempts = 0
        self.retry_after = 0.0
        """Seconds that the service requested to wait."""

    def attempt(self) -> int:
        """Begin an attempt. Return its number since the last new answer, from 1."""
        self.retry_after = 0.0
        self._attempts += 1
        return self._attempts

    @property
    def left(self) -> Sequence[bytes]:
        """The lines that are not answered yet, in order. None is blank, so each gets one answer."""
        return self._lines[self._done :]

    def take(self, raw: str) -> Line | None:
        """Return the answer in a received line, numbered through the whole stream. None: this line and those
        after it must be sent again. Raises `ServiceError` if the caller lost its access, `Unreachable` if the
        line is not an answer."""
        try:
            answer = json.loads(raw)
            error = cast("dict[str, Any]", answer.get("error") or {})
        except (ValueError, AttributeError) as wrong:
            raise Unreachable("A line of the answer does not come from a Fakeprint service.") from wrong
        code = str(error.get("code", ""))
        if code in TEMPORARY:
            return None
        if code in FINAL:
            detail = str(error.get("detail", ""))
            raise ServiceError(int(error.get("status", 401)), code, detail, error.get("next_step"), {})
        if not self.left:
            raise Unreachable("The service sent more answers than there were queries.")
        self._done += 1
        self._attempts = 0
        return cast("Line", {**answer, "line": self._before + self._done})
