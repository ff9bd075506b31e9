"""Passwords on the command line: read from a file or a prompt, never from arguments, which other users can
see."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from registry.core.errors.terminal import Unreadable
from registry.core.terminal.text import printable

_LONGEST: Final = 1_024


@dataclass(frozen=True, slots=True)
class Password:
    """The source of a password."""

    file: Path | None
    prompt: bool

    @property
    def given(self) -> bool:
        return self.file is not None or self.prompt

    def ask(self, *, twice: bool = False) -> str | None:
        """Return the password, or None if no source was given. Of a file, the first line counts. Raises
        `BadInput` (`unreadable`)."""
        if self.file is not None:
            return _first_line(self.file)
        if not self.prompt:
            return None
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=twice, err=True))


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --password-file and --password, passed on as one `password: Password`."""

    @functools.wraps(command)
    def run(*args: Any, password_file: Path | None, ask_password: bool, **others: Any) -> Any:
        return command(*args, password=Password(password_file, ask_password), **others)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            word = file.readline(_LONGEST).rstrip("\r\n")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise Unreadable(f"{printable(str(path))} cannot be read: {reason}.") from None
    if not word:
        raise Unreadable(f"{printable(str(path))}: its first line is empty.")
    return word


_OPTIONS: Final = (
    click.option(
        "--password-file",
        type=click.Path(path_type=Path, readable=False),
        help="A file whose first line is the password of the media.",
    ),
    click.option("--password", "ask_password", is_flag=True, help="Ask for the password of the media."),
)
