"""Parts for verifying an entry's chain: the proof, the external evidence, and the report."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from cryptography.x509 import Certificate

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.transparency.entry_proof.model.entry_proof import BadProof, EntryProof, Leaf
from registry.transparency.ledger.model.note import Checkpoint, VerifierKey
from registry.transparency.ledger.model.verification import Code, Lacking, Link, LinkName, Report

REGISTERED: Final = "entry.registered"
ADDED: Final = "asset.added"
FINGERPRINTED: Final = "asset.fingerprinted"
MATCHABLE: Final = "entry.matchable"
KINDS: Final = (REGISTERED, ADDED, FINGERPRINTED, MATCHABLE)
"""Kinds of events that a proof holds."""

EventFields = Mapping[str, Any]
Computed = Callable[[], Fingerprint | None]
"""Computes the fingerprint of a file. None if that is impossible here. Raises `FakeprintError`."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A file to compare with the proof: its name and its SHA-256 (hex)."""

    name: str
    sha256: str
    computed: Computed


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a proof is compared with.

    `trusted`: certificates of timestamping authorities. `notes`: checkpoints kept earlier. `entry_id`: the
    entry that the proof must be about.
    """

    keys: Sequence[VerifierKey] = ()
    notes: Sequence[str] = ()
    trusted: Sequence[Certificate] = ()
    clips: Sequence[Clip] = ()
    entry_id: str | None = None


@dataclass(slots=True)
class Chain:
    """State of the verification of a proof.

    `events`: the parsed leaves, in order. `signed`: the readable checkpoints, by the index of their anchor.
    """

    proof: EntryProof
    events: Sequence[EventFields]
    evidence: Evidence
    now: datetime
    report: Report
    signed: dict[int, Checkpoint] = field(default_factory=dict)

    def holds(self, name: LinkName, message: str) -> None:
        """Record a link that was checked and holds."""
        self.report.links.append(Link(name, "holds", message))

    def lacks(self, name: LinkName, code: Lacking, message: str) -> None:
        """Record a link that the file lacks. That is no sign of alteration."""
        self.report.links.append(Link(name, "lacks", message, code))

    def unchecked(self, name: LinkName, message: str) -> None:
        """Record a link that could not be checked because evidence was not given."""
        self.report.links.append(Link(name, "unchecked", message))

    def wrong(self, name: LinkName, code: Code, message: str, index: int | None = None) -> None:
        """Record a link that differs from what was signed."""
        self.report.links.append(Link(name, "wrong", message, code))
        self.report.wrong(code, message, index)


def event(leaf: Leaf) -> EventFields:
    """Parse a leaf. Raises `BadProof`."""
    try:
        fields: EventFields = json.loads(leaf.text)
        valid = fields["type"] == "event" and fields["version"] == 1 and fields["kind"] in KINDS
        valid = valid and all(isinstance(fields[name], dict) for name in ("subject", "said"))
        moment(fields)
        str(fields["entry_id"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        valid = False
    if not valid:
        raise BadProof(f"leaf {leaf.index} is not an event of a proof")
    return fields


def moment(fields: EventFields) -> datetime:
    """Return the time of an event in UTC, by the registry's clock."""
    return datetime.fromisoformat(fields["at"]).astimezone(UTC)


def time_text(fields: EventFields) -> str:
    """Return the time of an event as text for people."""
    return f"{moment(fields):%Y-%m-%d %H:%M:%S} UTC"


def leaves(*indexes: int) -> str:
    """Return leaf numbers as text for people."""
    return f"{'leaf' if len(indexes) == 1 else 'leaves'} {', '.join(map(str, indexes))}"
