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
"""Also accepts an integer."""


class Import(Answer):
    """The progress of an import."""

    import_id: UuidText = Field(examples=["6f1c1c9e-3c0b-4f6f-9d0b-2a8a3d5d9b11"])
    bank: str = Field(examples=["elections"])
    name: str = Field(examples=["partner-hashes.csv"])
    format: Format = Field(examples=["csv"])
    state: ImportState = Field(examples=["finished"])
    bytes: int = Field(
        description="bytes imported so far, up to the end of a line; continue here", examples=[96000120]
    )
    lines: int = Field(examples=[1000001])
    crc32: Crc32 = Field(description="CRC-32 of these bytes, 8 hex digits", examples=["8d1f60a3"])
    read: int = Field(description="rows so far", examples=[1000000])
    added: int = Field(description="rows that became entries", examples=[999998])
    duplicates: int = Field(description="rows that the bank already held", examples=[1])
    conflicts: int = Field(
        description="rows that contradict the bank's entries: see the faults", examples=[0]
    )
    rejected: int = Field(description="rows that could not be stored: see the faults", examples=[1])
    created_at: TimeText = Field(examples=["2026-01-31T10:00:00+00:00"])
    finished_at: TimeText | None = Field(examples=["2026-01-31T10:03:12+00:00"])


class ImportPage(Answer):
    imports: list[Import]
    next: str | None = Field(description="`after` for the next page; null: this is the last page")


class ImportFault(Answer):
    """An error in a line of a list."""

    line: int = Field(examples=[17])
    code: str = Field(examples=["bad_hash"])
    message: str = Field(examples=["A hash of type pdq has 64 hex digits."])
    next_step: str | None = None
