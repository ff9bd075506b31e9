"""Events between rooms: a room raises an event, and subscribers in rooms above it run in the same
transaction."""

from __future__ import annotations

from collections.abc import Callable

from registry.core.database.pool import Connection


class Event[Subject]:
    """An event about one subject, such as an id. `registry/app/wiring.py` subscribes the handlers."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._followers: list[Callable[[Connection, Subject], None]] = []

    def subscribe(self, follow: Callable[[Connection, Subject], None]) -> None:
        """Call `follow` at each event. Subscribing twice changes nothing."""
        if follow not in self._followers:
            self._followers.append(follow)

    def __call__(self, connection: Connection, subject: Subject) -> None:
        """Call all subscribers in the order of subscription. Raises `LookupError` if there are none."""
        if not self._followers:
            raise LookupError(f"nobody follows {self._name}: the process has not called `wire`")
        for follow in self._followers:
            follow(connection, subject)
