"""Events between rooms: a room raises an event, and subscribers in rooms above it run in the same
transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from registry.core.database.pool import Connection

Follow = Callable[[Connection, UUID], None]


class Event:
    """An event about one subject, identified by its id. `registry/app/wiring.py` subscribes the handlers."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._followers: list[Follow] = []

    def subscribe(self, follow: Follow) -> None:
        """Call `follow` at each event. Subscribing twice changes nothing."""
        if follow not in self._followers:
            self._followers.append(follow)

    def __call__(self, connection: Connection, subject_id: UUID) -> None:
        """Call all subscribers in the order of subscription. Raises `LookupError` if there are none."""
        if not self._followers:
            raise LookupError(f"nobody follows {self._name}: the process has not called `wire`")
        for follow in self._followers:
            follow(connection, subject_id)
