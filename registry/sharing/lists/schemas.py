"""Imports of hash lists, as models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from registry.core.http.schemas import Answer, TimeText, UuidText
from registry.sharing.lists.model.list_lines import Format

ImportState = Literal["open", "finished"]


def _hex(value: Any) -> Any:
    return f"{value:08x}" if isinstance(value, int) else value


Crc32 = Annotated[str, BeforeValidator(_hex)]
"""Takes a number."""


class Import(Answer):
    """How far a list was taken in."""

    import_id: UuidText
    bank: str
    name: str
    format: Format
    state: ImportState
    bytes: int = Field(description="taken so far, up to the end of a line; it goes on here")
    lines: int
    crc32: Crc32 = Field(description="of these bytes, 8 hex digits")
    read: int = Field(description="rows so far")
    added: int = Field(description="rows that became entries")
    duplicates: int = Field(description="rows that the bank had already, kept once")
    conflicts: int = Field(description="rows that contradict what the bank has: see the faults")
    rejected: int = Field(description="rows that could not be kept: see the faults")
    created_at: TimeText
    finished_at: TimeText | None


class ImportPage(Answer):
    imports: list[Import]
    next: str | None = Field(description="give it as `after` for the next page; null: this is the last one")


class ImportFault(Answer):
    """What was wrong with a line of a list."""

    line: int
    code: str
    message: str
    next_step: str | None = None
