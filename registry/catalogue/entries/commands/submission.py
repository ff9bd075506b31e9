"""Send an entry: its media as one form, or its fingerprints as one JSON object."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.catalogue.fingerprints.commands import local
from registry.catalogue.fingerprints.model.document import to_document
from registry.core.errors import BadMedia, FakeprintError
from registry.core.terminal.client import Client
from registry.core.terminal.files import Named
from registry.core.terminal.progress import Bars
from registry.core.terminal.text import printable
from registry.core.terminal.upload import Part, send

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Description:
    """The options that describe every entry of the command."""

    bank: str | None
    title: str | None
    manipulation: str | None
    claim: str | None
    references: tuple[str, ...]
    described: Mapping[str, Any] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """Return the fields of the JSON body, without those that are absent."""
        fields = {
            "bank": self.bank,
            "title": self.title,
            "manipulation": self.manipulation,
            "claim": self.claim,
            "references": [{"url": url} for url in self.references],
            **self.described,
        }
        return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry to send."""

    fakes: tuple[Named, ...]
    originals: tuple[Named, ...]

    def check(self) -> None:
        """Raise the error of the first unusable file: an entry is sent whole or not at all."""
        for named in (*self.fakes, *self.originals):
            if named.error is not None:
                raise self.because_of(named, named.error)

    def because_of(self, named: Named, error: FakeprintError) -> FakeprintError:
        """Return the error for the paths of the entry. It names the file if the entry has several."""
        if (*self.fakes, *self.originals) == (named,):
            return error
        role = "original" if named in self.originals else "file"
        return BadMedia.of_code(
            error.code,
            f"Nothing was registered, because of the {role} {printable(named.path)}: {error.message}",
            next_step=error.next_step,
        )


def entries(fakes: Sequence[Named], originals: Sequence[Named], *, one_entry: bool) -> list[Entry]:
    """Return an entry for each fake, or one entry of all. Each has all the originals."""
    groups = [tuple(fakes)] if one_entry else [(fake,) for fake in fakes]
    return [Entry(group, tuple(originals)) for group in groups]


@dataclass(frozen=True, slots=True)
class Submitted:
    """The answer of the service, and the sha256 of each fake in the entry's order."""

    body: dict[str, Any]
    sha256: tuple[str, ...]


def submitter(
    client: Client, description: Description, bars: Bars, make: local.Fingerprinter | None
) -> Callable[[Entry], Submitted]:
    """Return the function that sends an entry: its media if `make` is None, else fingerprints made here."""
    if make is None:
        return lambda entry: _media(client, description, bars, entry)
    documents: dict[str, Document] = {}
    lock = threading.Lock()

    def document(entry: Entry, named: Named) -> Document:
        # An original belongs to every entry of the call, and is fingerprinted once.
        with lock:
            if named.path not in documents:
                documents[named.path] = _document(client, bars, make, entry, named)
            return documents[named.path]

    return lambda entry: _documents(client, description, entry, document)


def _media(client: Client, description: Description, bars: Bars, entry: Entry) -> Submitted:
    entry.check()
    fields = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in description.fields().items()
    }
    fakes = [Part("fake", fake.path, client.deadline) for fake in entry.fakes]
    originals = [Part("original", original.path, client.deadline) for original in entry.originals]
    with bars.task(entry.fakes[0].path) as advance:
        reply = send(client, "/v1/entries", [*fakes, *originals], fields, advance)
    return Submitted(reply.body, tuple(part.sha256 for part in fakes))


def _documents(
    client: Client, description: Description, entry: Entry, document: Callable[[Entry, Named], Document]
) -> Submitted:
    entry.check()
    fakes = [document(entry, fake) for fake in entry.fakes]
    originals = [document(entry, original) for original in entry.originals]
    body = {**description.fields(), "fakes": fakes, "originals": originals}
    answer = client.send("POST /v1/entries", body, again=True)
    return Submitted(answer, tuple(fake["sha256"] for fake in fakes))


def _document(client: Client, bars: Bars, make: local.Fingerprinter, entry: Entry, named: Named) -> Document:
    with bars.task(named.path) as advance:
        try:
            fingerprint = local.fingerprint(
                make, named.path, deadline=client.deadline, advance=advance, videohash=True
            )
        except BadMedia as error:
            raise entry.because_of(named, error) from error
    return to_document(fingerprint, faces=True)
