"""Events between rooms: a room raises one, and rooms above it follow in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from registry.core.database.pool import Connection

Follow = Callable[[Connection, UUID], None]


class Event:
    """What happened to the subject of that id. `registry/app/wiring.py` subscribes those who follow."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._followers: list[Follow] = []

    def subscribe(self, follow: Follow) -> None:
        """Call it each time; a second subscription changes nothing."""
        if follow not in self._followers:
            self._followers.append(follow)

    def __call__(self, connection: Connection, subject_id: UUID) -> None:
        """Tell it to all, in the order of their subscriptions. Raises `LookupError` where nobody follows."""
        if not self._followers:
            raise LookupError(f"nobody follows {self._name}: the process has not called `wire`")
        for follow in self._followers:
            follow(connection, subject_id)
