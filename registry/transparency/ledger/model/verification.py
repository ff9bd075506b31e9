"""Check a ledger against what was signed of it, without believing who sends it.

Three things are asked of every leaf: does what it says hash to what the ledger holds for it, do these
hashes lead to the root that was signed, and does that root follow from the checkpoints that somebody kept?
A change to any past event fails one of them. What was never signed cannot be checked, and is said to be so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.merkle import Growing
from registry.transparency.ledger.model.note import BadNote, Checkpoint, VerifierKey

Code = Literal[
    "bad_export",
    "bad_signature",
    "foreign_ledger",
    "forked",
    "rolled_back",
    "history_changed",
    "root_differs",
    "leaf_altered",
    "leaf_lost",
    "leaf_missing",
    "leaf_repeated",
    "event_unrecorded",
    "text_altered",
    "lookup_altered",
    "not_included",
    "archive_altered",
    "bad_manifest",
    "bad_record",
    "bad_stamp",
    "contradiction",
    "file_added",
    "file_altered",
    "file_missing",
    "revoked",
    "suspended",
    "bad_proof",
    "media_differs",
    "media_altered",
    "fingerprint_altered",
    "fingerprint_belied",
    "other_entry",
    "stamp_untrusted",
    "stamp_expired",
    "stamp_before_event",
]
Lacking = Literal[
    "no_media",
    "media_forgotten",
    "no_fingerprint",
    "fingerprint_forgotten",
    "no_registration",
    "not_matchable",
    "no_stamp",
]
"""What a proof may be without, which is no sign that somebody has altered it."""
LinkName = Literal["media", "fingerprint", "entry", "ledger", "checkpoint", "stamp", "file"]
State = Literal["holds", "wrong", "lacks", "unchecked"]
MOST_FINDINGS: Final = 100
"""Findings that are told one by one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was signed. `index`: the leaf, where one can be named; `since`: else the
    first that it can be; `file`: the file of a bundle."""

    code: Code
    message: str
    index: int | None = None
    since: int | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the chain from a file to a stamp, and how it is. `unchecked`: something to hold it against
    was not given."""

    name: LinkName
    state: State
    message: str
    code: Code | Lacking | None = None


@dataclass(slots=True)
class Report:
    """What was found wrong, and what was checked and is right. `links`: of a proof of an entry, in order."""

    findings: list[Finding] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    further: int = 0

    def wrong(
        self,
        code: Code,
        message: str,
        index: int | None = None,
        *,
        since: int | None = None,
        file: str | None = None,
    ) -> None:
        """One more finding."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(code, message, index, since, file))
        else:
            self.further += 1

    @property
    def sound(self) -> bool:
        return not self.findings

    @property
    def whole(self) -> bool:
        """Whether every link of the chain is there, was checked, and holds."""
        return self.sound and bool(self.links) and all(link.state == "holds" for link in self.links)

    @property
    def first_bad(self) -> int | None:
        """The first leaf of which a finding speaks, or else the first of which it may."""
        named = [finding.index for finding in self.findings if finding.index is not None]
        return min(
            named or [finding.since for finding in self.findings if finding.since is not None], default=None
        )


def kept_checkpoints(notes: Iterable[str], keys: Sequence[VerifierKey], report: Report) -> list[Checkpoint]:
    """What was signed, by size; two of one size that differ are a finding, as is what no key has signed."""
    found: dict[int, Checkpoint] = {}
    for item in notes:
        try:
            read = note.checkpoint(note.verify(item, keys).text)
        except BadNote as error:
            report.wrong("bad_signature", f"A checkpoint does not hold: {error}.")
            continue
        before = found.setdefault(read.size, read)
        if before.root != read.root:
            report.wrong("forked", f"Two different ledgers of {read.size} leaves were signed.")
    return [found[size] for size in sorted(found)]


def check_growth(kept: Sequence[Checkpoint], now: Checkpoint, report: Report) -> None:
    """What needs no proof: of one ledger, not smaller than before, and the same where the size is."""
    for checkpoint in kept:
        if checkpoint.origin != now.origin:
            report.wrong(
                "foreign_ledger", f"A checkpoint is of {checkpoint.origin}, this ledger is {now.origin}."
            )
        elif checkpoint.size > now.size:
            report.wrong(
                "rolled_back",
                f"{checkpoint.size} leaves had been signed, now only {now.size} are: the ledger was cut off "
                "or put back to an older state, or this is older than the checkpoint.",
                since=now.size,
            )
        elif checkpoint.size == now.size and checkpoint.root != now.root:
            report.wrong("forked", f"Two different ledgers of {checkpoint.size} leaves were signed.")


class Leaves:
    """Takes leaves in their order, by what they say and by the hash that the ledger holds for them.

    `others`: the hashes of an earlier export. `heard` is told of what each leaf says.
    """

    def __init__(
        self,
        kept: Sequence[Checkpoint],
        report: Report,
        *,
        others: Sequence[bytes] = (),
        heard: Callable[[int, Mapping[str, Any]], None] = lambda _place, _said: None,
    ) -> None:
        self._report = report
        self._tree = Growing()
        self._kept = {checkpoint.size: checkpoint for checkpoint in kept}
        self._good = self._next = 0
        self._changed = False
        self._others = others
        self._seen: set[str] = set()
        self.hashes: list[bytes] = []
        self._heard = heard
        self.read = 0
        self._at_size()

    @property
    def size(self) -> int:
        return self._tree.size

    @property
    def root(self) -> bytes:
        return self._tree.root

    def take(self, index: int, stated: bytes, leaf: str | None, *, all_shown: bool) -> None:
        """One leaf. `all_shown`: a leaf without a text has lost it, else it is another organization's."""
        if index != self._next:
            self._report.wrong(
                "leaf_missing", f"Where leaf {self._next} must be, number {index} stands.", self._next
            )
        self._next = index + 1
        place = self.size
        if leaf is None:
            if all_shown:
                self._report.wrong("leaf_lost", f"What leaf {place} stands for is gone.", place)
        else:
            self._read(place, stated, leaf)
        if place < len(self._others) and self._others[place] != stated:
            self._report.wrong("history_changed", f"Leaf {place} is another than in the first export.", place)
            self._others = ()
        self.hashes.append(stated)
        self._tree.append(stated)
        self._at_size()

    def _read(self, place: int, stated: bytes, leaf: str) -> None:
        if merkle.leaf_hash(leaf.encode()) != stated:
            self._report.wrong(
                "leaf_altered",
                f"Leaf {place} says something else than what was hashed: {_short(leaf)}",
                place,
            )
        self.read += 1
        try:
            said = json.loads(leaf)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            self._report.wrong("bad_export", f"Leaf {place} is no JSON object.", place)
            return
        self._heard(place, said)
        name = f"{said.get('type')} {said.get('event_id') or said.get('lookup_id')}"
        if name in self._seen:
            self._report.wrong("leaf_repeated", f"Leaf {place} is on record before: {name}.", place)
        self._seen.add(name)

    def _at_size(self) -> None:
        kept = self._kept.get(self.size)
        if kept is None:
            return
        if kept.root == self.root:
            self._good = self.size
        elif not self._changed:
            self._changed = True
            self._report.wrong(
                "history_changed",
                f"The first {kept.size} leaves are not those that were signed: one from {self._good} on was "
                "changed, taken out, put in or moved.",
                since=self._good,
            )


def digest(text: str) -> bytes:
    """A hash in hex. Raises `ValueError`."""
    raw = bytes.fromhex(text)
    if len(raw) != merkle.HASH_BYTES:
        raise ValueError("a hash has 64 hex digits")
    return raw


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}…"
