"""A batch that is read as it is answered, and goes on where it was cut off."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, cast

from registry.client.failures import ServiceError, Unreachable
from registry.client.shapes import Line

PASSING: Final = frozenset(
    {"unavailable", "database_unavailable", "spool_full", "spool_unavailable", "batch_stalled"}
)
"""Errors of a line that end a batch and may pass: that line and those after it are sent again."""
ENDING: Final = frozenset({"unauthenticated", "forbidden"})
"""Errors of a line after which no other would be answered either."""


class Progress:
    """Which lines of one request are answered. `before`: how many came before it in the whole stream."""

    def __init__(self, lines: Sequence[bytes], before: int) -> None:
        self._lines = lines
        self._before = before
        self._done = 0
        self._attempts = 0
        self.asked = 0.0
        """Seconds that the service asked to wait."""

    def attempt(self) -> int:
        """How often it was sent without any new answer, now once more; from 1."""
        self.asked = 0.0
        self._attempts += 1
        return self._attempts

    @property
    def left(self) -> Sequence[bytes]:
        """What is to be sent, in order; none of it is blank, so answers come one a line."""
        return self._lines[self._done :]

    def take(self, raw: str) -> Line | None:
        """The answer in a line that came, numbered through the whole stream; None: this and the rest are to
        be sent again. Raises `ServiceError` where the caller may ask no more, `Unreachable` for what is no
        answer."""
        try:
            said = json.loads(raw)
            error = cast("dict[str, Any]", said.get("error") or {})
        except (ValueError, AttributeError) as wrong:
            raise Unreachable("A line of the answer is none of a Fakeprint service.") from wrong
        code = str(error.get("code", ""))
        if code in PASSING:
            return None
        if code in ENDING:
            detail = str(error.get("detail", ""))
            raise ServiceError(int(error.get("status", 401)), code, detail, error.get("next_step"), {})
        if not self.left:
            raise Unreachable("The service answers more than it was asked.")
        self._done += 1
        self._attempts = 0
        return cast("Line", {**said, "line": self._before + self._done})
