"""A consent on the command line: its options, its files, and times as people write them."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import click

from registry.core.errors import BadInput
from registry.core.terminal import files
from registry.persons.model import CONSENT_BY, LONGEST_TEXT, SCOPES

STDIN: Final = files.STDIN
_DATE: Final = re.compile(r"\d{4}-?\d{2}-?\d{2}")
_MOST_BYTES: Final = 4 * LONGEST_TEXT + 3
"""Of UTF-8, with its mark."""
_FILE: Final = click.Path(path_type=str, readable=False)


@dataclass(frozen=True, slots=True, repr=False)
class Options:
    """What was given of a consent."""

    consent: str
    document: str | None
    by: str
    given: str | None
    expires: str | None
    scope: tuple[str, ...]
    minor: bool
    acting: str | None
    mandate: str | None

    def body(self) -> dict[str, Any]:
        """As the API takes it; of files their SHA-256. Raises `BadInput`, `BadMedia`."""
        raw = _bytes(self.consent)
        text = _decoded(raw, self.consent)
        document = sha256(self.document) if self.document else hashlib.sha256(raw).hexdigest()
        return {
            "by": self.by,
            "text": text,
            "document_sha256": document,
            "given_at": moment(self.given or datetime.now(UTC).isoformat(), "--given"),
            "expires_at": moment(self.expires, "--expires") if self.expires else None,
            "scope": list(self.scope),
            "minor": self.minor,
            "acting": self.acting,
            "mandate_sha256": sha256(self.mandate) if self.mandate else None,
        }


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a consent, handed on as one `consent: Options`."""

    @functools.wraps(command)
    def run(*args: Any, **given: Any) -> Any:
        own = {name: given.pop(name) for name in Options.__dataclass_fields__}
        return command(*args, consent=Options(**own), **given)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run


def moment(text: str, option: str) -> str:
    """A time with its offset: one without it, or a date, is read in this machine's time zone.

    Raises `BadInput` (`bad_time`).
    """
    try:
        found = datetime.fromisoformat(text)
        return found.isoformat() if found.tzinfo else found.astimezone().isoformat()
    except (ValueError, OverflowError, OSError):
        raise BadInput(
            f"{option} {text!r} is no date or time.",
            code="bad_time",
            next_step="Write it as 2026-11-25, 2026-11-25T10:00 or 2026-11-25T10:00+01:00.",
        ) from None


def end(text: str, option: str) -> str:
    """As `moment`, where a date means to the end of that day.

    Raises `BadInput` (`bad_time`)."""
    found = moment(text, option)
    if not _DATE.fullmatch(text):
        return found
    day = datetime.fromisoformat(text).date()
    with contextlib.suppress(OverflowError):  # else it is the last day that there is
        return datetime.combine(day + timedelta(days=1), time()).astimezone().isoformat()
    return found


def read_text(path: str) -> str:
    """A text file, or standard input for `-`. Raises `BadMedia`, `BadInput` (`bad_label`)."""
    return _decoded(_bytes(path), path)


def _decoded(raw: bytes, path: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{path}: the text is not UTF-8.", code="bad_label") from None


def sha256(path: str) -> str:
    """Of a file, in hex. Raises `BadMedia`."""
    files.size_of(path)
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise files.of_os_error(error) from error


def _bytes(path: str) -> bytes:
    if path == STDIN:
        raw = sys.stdin.buffer.read(_MOST_BYTES + 1)
    else:
        files.size_of(path)
        try:
            with Path(path).open("rb") as file:
                raw = file.read(_MOST_BYTES + 1)
        except OSError as error:
            raise files.of_os_error(error) from error
    if len(raw) > _MOST_BYTES:
        raise BadInput(f"{path}: the text has more than {LONGEST_TEXT:,} characters.", code="bad_label")
    return raw


_OPTIONS: Final = (
    click.option(
        "--consent", type=_FILE, required=True, help="Text file with the words agreed to; - reads stdin."
    ),
    click.option(
        "--document", type=_FILE, help="The signed document; only its SHA-256 is sent. Else the text is it."
    ),
    click.option(
        "--by", type=click.Choice(CONSENT_BY), default="self", show_default=True, help="Who consented."
    ),
    click.option("--given", metavar="TIME", help="When; else now. Without an offset: this machine's zone."),
    click.option(
        "--expires", metavar="TIME", help="Until when; else twelve months later, which is the most."
    ),
    click.option(
        "--scope",
        multiple=True,
        type=click.Choice(SCOPES),
        default=("lookups",),
        show_default=True,
        help="Media asked about (lookups), media registered (entries); may be repeated.",
    ),
    click.option("--minor", is_flag=True, help="The person is a minor: --by guardian."),
    click.option("--acting", metavar="NAME", help="The representative or the guardian."),
    click.option("--mandate", type=_FILE, help="What entitles them; only its SHA-256 is sent."),
)
