"""What the links of an entry's chain are checked with: the proof, what it is held against, and the report."""

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
"""The events that a proof holds."""

Said = Mapping[str, Any]
Computed = Callable[[], Fingerprint | None]
"""Fingerprints a file anew; None where that cannot be done here. Raises `FakeprintError`."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A file to be held against the proof: what it is called, and its SHA-256 (hex)."""

    name: str
    sha256: str
    computed: Computed


@dataclass(frozen=True, slots=True)
class Held:
    """What a proof is held against, all of it from elsewhere. `trusted`: certificates of authorities;
    `notes`: checkpoints that were kept; `entry_id`: the entry that it must be of."""

    keys: Sequence[VerifierKey] = ()
    notes: Sequence[str] = ()
    trusted: Sequence[Certificate] = ()
    clips: Sequence[Clip] = ()
    entry_id: str | None = None


@dataclass(slots=True)
class Chain:
    """A proof as it is checked. `said`: what its leaves say, in their order; `signed`: what its checkpoints
    say, by the number of their anchor, as far as they can be read."""

    proof: EntryProof
    said: Sequence[Said]
    held: Held
    now: datetime
    report: Report
    signed: dict[int, Checkpoint] = field(default_factory=dict)

    def holds(self, name: LinkName, message: str) -> None:
        """The link is there, was checked, and holds."""
        self.report.links.append(Link(name, "holds", message))

    def lacks(self, name: LinkName, code: Lacking, message: str) -> None:
        """It is not in the file, which is no sign that anybody altered it."""
        self.report.links.append(Link(name, "lacks", message, code))

    def unchecked(self, name: LinkName, message: str) -> None:
        """It is there, and what to hold it against was not given."""
        self.report.links.append(Link(name, "unchecked", message))

    def wrong(self, name: LinkName, code: Code, message: str, index: int | None = None) -> None:
        """It is not as it was signed."""
        self.report.links.append(Link(name, "wrong", message, code))
        self.report.wrong(code, message, index)


def event(leaf: Leaf) -> Said:
    """What a leaf says. Raises `BadProof`."""
    try:
        said = json.loads(leaf.text)
        whole = said["type"] == "event" and said["version"] == 1 and said["kind"] in KINDS
        whole = whole and all(isinstance(said[name], dict) for name in ("subject", "said"))
        moment(said)
        str(said["entry_id"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        whole = False
    if not whole:
        raise BadProof(f"leaf {leaf.index} is no event that a proof holds")
    found: Said = said
    return found


def moment(said: Said) -> datetime:
    """When it happened, in UTC, by the registry's clock."""
    return datetime.fromisoformat(said["at"]).astimezone(UTC)


def told_at(said: Said) -> str:
    """The same, for people."""
    return f"{moment(said):%Y-%m-%d %H:%M:%S} UTC"


def leaves(*indexes: int) -> str:
    """Which, for people."""
    return f"{'leaf' if len(indexes) == 1 else 'leaves'} {', '.join(map(str, indexes))}"
