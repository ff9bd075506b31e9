"""A consent on the command line: its options and its files."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import click

from registry.core.terminal import files
from registry.core.terminal.times import parse_time
from registry.persons.model import CONSENT_BY, SCOPES


@dataclass(frozen=True, slots=True, repr=False)
class Options:
    """The options of a consent, not yet validated."""

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
        """Return the body of the request, with the SHA-256 of files. Raises `BadInput`, `BadMedia`."""
        raw = files.read_text_bytes(self.consent)
        text = files.decode(raw, self.consent)
        document = files.sha256(self.document) if self.document else hashlib.sha256(raw).hexdigest()
        return {
            "by": self.by,
            "text": text,
            "document_sha256": document,
            "given_at": parse_time(self.given or datetime.now(UTC).isoformat(), "--given"),
            "expires_at": parse_time(self.expires, "--expires") if self.expires else None,
            "scope": list(self.scope),
            "minor": self.minor,
            "acting": self.acting,
            "mandate_sha256": files.sha256(self.mandate) if self.mandate else None,
        }


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a consent, passed on as one `consent: Options`."""

    @functools.wraps(command)
    def run(*args: Any, **parameters: Any) -> Any:
        consent_options = {name: parameters.pop(name) for name in Options.__dataclass_fields__}
        return command(*args, consent=Options(**consent_options), **parameters)

    for option in reversed(_OPTIONS):
        run = option(run)
    return run


_OPTIONS: Final = (
    click.option(
        "--consent",
        type=files.PATH,
        required=True,
        help="Text file with the words of the consent; - reads stdin.",
    ),
    click.option(
        "--document",
        type=files.PATH,
        help="The signed document; only its SHA-256 is sent. Default: the text.",
    ),
    click.option(
        "--by", type=click.Choice(CONSENT_BY), default="self", show_default=True, help="Who consented."
    ),
    click.option(
        "--given", metavar="TIME", help="When. Default: now. Without an offset: this machine's time zone."
    ),
    click.option(
        "--expires", metavar="TIME", help="Until when; twelve months at most, which is the default."
    ),
    click.option(
        "--scope",
        multiple=True,
        type=click.Choice(SCOPES),
        default=("lookups",),
        show_default=True,
        help="Compare faces in lookups, in registered media (entries), or both; may be repeated.",
    ),
    click.option("--minor", is_flag=True, help="The person is a minor; needs --by guardian."),
    click.option("--acting", metavar="NAME", help="Name of the representative or guardian."),
    click.option(
        "--mandate", type=files.PATH, help="The document that entitles them; only its SHA-256 is sent."
    ),
)
