"""What a tipline needs of a messenger: requests in, messages out. `telegram.py` is the first adapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Wish = Literal["help", "check", "watch", "stop"]
"""What somebody wants: to learn what the bot does, to have a file checked, to have it checked and watched, or
to end a watch."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A file that somebody sent. `key`: by which the messenger hands it over. `size`: bytes, if known."""

    key: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks the bot.

    `key`: the same if the messenger delivers the request again. `message`: the message to reply to.
    `language`: a language tag such as `es-419`, or empty. `medium`: None if no file can be checked.
    `answer`: the bot's message, if one of its buttons was pressed. `watch_id`: the watch to end.
    """

    key: str
    chat: str
    message: str
    wish: Wish
    language: str = ""
    medium: Medium | None = None
    answer: str = ""
    watch_id: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """What a person can do next. `watch_id`: the watch to end."""

    wish: Wish
    label: str
    watch_id: str = ""


class Messenger(Protocol):
    """A messenger. Calls other than `listen` raise `Away` or `Closed`."""

    name: str
    most_bytes: int
    """The largest file that it hands over."""

    async def listen(self, accept: Callable[[Request], None]) -> None:
        """Pass on requests until cancelled. In groups only those that are addressed to the bot. The messenger
        learns that a request has arrived only after `accept` has returned; else it delivers it again."""

    async def send(self, chat: str, text: str, *, reply_to: str = "", buttons: Sequence[Button] = ()) -> str:
        """Send a message and return its id."""

    async def change(
        self, chat: str, message: str, text: str, buttons: Sequence[Button] = (), *, reply_to: str = ""
    ) -> None:
        """Replace the text and buttons of an earlier message. Repeating it changes nothing. If that message
        is gone, a new one is sent, with `reply_to` as in `send`."""

    async def fetch(self, medium: Medium, target: Path) -> None:
        """Write the file to `target`. Raises `FileTooLarge`, `FileGone`."""


class Away(Exception):
    """The messenger does not answer at the moment."""


class Closed(Exception):
    """The bot may no longer write to this chat."""


class FileTooLarge(Exception):
    """The messenger does not hand over files of this size."""


class FileGone(Exception):
    """The messenger no longer has the file."""
