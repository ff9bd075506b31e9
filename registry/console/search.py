"""Search for pages: what a reader typed, what was found, and who finds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from registry.console.view import Page
from registry.core.folding import folded

LONGEST: Final = 2000
"""Characters of a search; an address may be this long."""
_DIGEST: Final = re.compile(r"[0-9a-fA-F]{64}")
_ADDRESS: Final = re.compile(r"(https?://)?[^\s/@]+\.[^\s/@.]{2,}(/\S*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sought:
    """What a reader typed into the search: as text and, where it has that form, as an id, a SHA-256 digest or
    a web address."""

    text: str
    uuid: UUID | None = None
    digest: bytes | None = None
    address: str = ""

    @classmethod
    def of(cls, typed: str) -> Sought:
        """Read what was typed."""
        text = " ".join(typed.split())[:LONGEST]
        address = text if _ADDRESS.fullmatch(text) and not _DIGEST.fullmatch(text) else ""
        return cls(
            text,
            uuid=_uuid(text),
            digest=bytes.fromhex(text) if _DIGEST.fullmatch(text) else None,
            address=address if not address or "://" in address else f"https://{address}",
        )

    def __bool__(self) -> bool:
        return bool(folded(self.text).strip())


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if "-" in text else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: its title and the path of its page.

    `note`: a second line. `state`, `verdict`: codes that `ui.state` and `ui.verdict` show. `exact`: an id or
    an address was given, and this is it.
    """

    title: str
    path: str
    note: str = ""
    state: str = ""
    exact: bool = False
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Hits:
    """The results of one finder. `more`: path of the list that shows all of them. `complete`: whether all
    there is was searched, not only the newest."""

    items: Sequence[Hit] = ()
    more: str = ""
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds things of one kind, for readers with one of these permissions. `ask` calls the services of the
    subject, which check tenancy and roles themselves."""

    code: str
    title: str
    operations: tuple[str, ...]
    ask: Callable[[Page, Sought], Hits]
