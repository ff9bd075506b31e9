"""Write the beginning, the entries and the end of an export, in any format. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Protocol

import orjson

from registry.catalogue.banks.model import TIERS, rank
from registry.sharing.lists.model import export_lines
from registry.sharing.lists.model.export_lines import Exported, ExportFormat
from registry.sharing.publishing.model import threat_bundle
from registry.sharing.publishing.model.threat_bundle import About


class Writer(Protocol):
    """A writer of an export. Each piece consists of whole lines."""

    format: ExportFormat

    def head(self) -> bytes:
        """Return what precedes the entries."""

    def lines(self, entry: Exported) -> Iterator[bytes]:
        """Yield the lines of an entry."""

    def tail(self) -> bytes:
        """Return what follows the entries."""


class Lines:
    """A list of independent lines. It can be resumed after any entry."""

    def __init__(self, format_: ExportFormat) -> None:
        self.format = format_

    def head(self) -> bytes:
        """See `Writer.head`."""
        return export_lines.header(self.format)

    def lines(self, entry: Exported) -> Iterator[bytes]:
        """See `Writer.lines`."""
        return export_lines.lines(self.format, entry)

    def tail(self) -> bytes:
        """See `Writer.tail`."""
        return b""


class Bundle:
    """One JSON document with one object on each line. If it is cut off, it is invalid.

    `unreviewed`: include unreviewed entries. Suspended entries are left out.
    """

    def __init__(self, format_: Literal["stix", "misp"], about: About, *, unreviewed: bool) -> None:
        self.format: ExportFormat = format_
        self._about = about
        self._least = 0 if unreviewed else rank("reviewed")
        self._comma = b""

    def head(self) -> bytes:
        """See `Writer.head`."""
        if self.format == "misp":
            event = orjson.dumps(threat_bundle.misp_opening(self._about))
            return b'{"Event":' + event[:-1] + b',"Object":[\n'
        bundle, first = threat_bundle.stix_opening(self._about)
        opening = orjson.dumps(bundle)[:-1] + b',"objects":[\n'
        return opening + b"".join(self._line(object_) for object_ in first)

    def lines(self, entry: Exported) -> Iterator[bytes]:
        """See `Writer.lines`."""
        if TIERS.index(entry.tier) < self._least or entry.opinion == "disputed":
            return
        write = threat_bundle.misp_entry if self.format == "misp" else threat_bundle.stix_entry
        for object_ in write(self._about, entry):
            yield self._line(object_)

    def tail(self) -> bytes:
        """See `Writer.tail`."""
        return b"]}}\n" if self.format == "misp" else b"]}\n"

    def _line(self, row: dict[str, Any]) -> bytes:
        line, self._comma = self._comma + orjson.dumps(row) + b"\n", b","
        return line
