"""A signed assertion, checked where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from registry.core.errors import BadInput
from registry.core.terminal.text import printable
from registry.transparency.credentials.model import assertion, jose
from registry.transparency.ledger.model.note import VerifierKey
from registry.transparency.ledger.model.verification import Report

_BEGINS: Final = b"eyJ"
"""How the head of every JWT begins: `{"` in base64url."""


def begins(line: bytes) -> bool:
    """Whether a file that begins with this line is one."""
    return line.startswith(_BEGINS) and line.count(b".") == 2


def check(
    line: bytes, keys: Sequence[VerifierKey], notes: Sequence[str], lists: Sequence[str] = ()
) -> Report:
    """What of it holds now, also by status lists that were fetched."""
    return assertion.check(line.decode("ascii", "replace"), keys, notes, datetime.now(UTC), lists)


def lists(paths: Sequence[Path]) -> list[str]:
    """The status lists in these files, one a line. Raises `BadInput` (`unreadable`, `bad_status_list`)."""
    found: list[str] = []
    for path in paths:
        try:
            lines = path.read_text(encoding="ascii").split()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise BadInput(f"{printable(str(path))} cannot be read: {reason}.", code="unreadable") from None
        if not lines or not all(begins(one.encode()) for one in lines):
            raise BadInput(
                f"There is no status list in {printable(str(path))}.",
                code="bad_status_list",
                next_step="Fetch what `credentialStatus` of the assertion names: "
                "fakeprint entries assertion ID --status FILE.",
            )
        found += lines
    return found


def addresses(raw: str) -> list[str]:
    """Where an assertion, which is not checked here, says that its status lists are."""
    said = jose.claims(raw).get("credentialStatus") or []
    return [str(one["statusListCredential"]) for one in said]
