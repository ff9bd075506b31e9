"""Verify a ledger against its signed checkpoints, without trusting the sender.

For every leaf: its text must hash to the ledger's hash, and these hashes must lead to the signed root. That
root must follow from the checkpoints that somebody kept. A change to any past event fails one of these
checks. Leaves that were never signed cannot be checked, and the report says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from registry.transparency.ledger.model import merkle, note, readers
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
    "readers_altered",
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
"""Parts that a proof may lack without any sign of alteration."""
LinkName = Literal["media", "fingerprint", "entry", "ledger", "checkpoint", "stamp", "file"]
State = Literal["holds", "wrong", "lacks", "unchecked"]
MOST_FINDINGS: Final = 100
"""Most findings that are listed individually."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference from what was signed.

    `index`: the leaf, if it is known. `since`: otherwise the first leaf that it can be. `file`: the file of a
    bundle.
    """

    code: Code
    message: str
    index: int | None = None
    since: int | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the chain from a file to a timestamp, and its state.

    `unchecked`: the evidence to check it was not given.
    """

    name: LinkName
    state: State
    message: str
    code: Code | Lacking | None = None


@dataclass(slots=True)
class Report:
    """Findings and successful checks. `links`: of an entry's proof, in order."""

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
        """Add a finding."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(code, message, index, since, file))
        else:
            self.further += 1

    @property
    def sound(self) -> bool:
        return not self.findings

    @property
    def whole(self) -> bool:
        """Return whether every link of the chain is present, was checked, and holds."""
        return self.sound and bool(self.links) and all(link.state == "holds" for link in self.links)

    @property
    def first_bad(self) -> int | None:
        """Return the lowest leaf index of the findings, or else the lowest `since`."""
        named = [finding.index for finding in self.findings if finding.index is not None]
        return min(
            named or [finding.since for finding in self.findings if finding.since is not None], default=None
        )


def kept_checkpoints(notes: Iterable[str], keys: Sequence[VerifierKey], report: Report) -> list[Checkpoint]:
    """Return the checkpoints signed by one of `keys`, ordered by size.

    An unsigned checkpoint is a finding, and so are two different ones of the same size.
    """
    by_size: dict[int, Checkpoint] = {}
    for text in notes:
        try:
            checkpoint = note.checkpoint(note.verify(text, keys).text)
        except BadNote as error:
            report.wrong("bad_signature", f"A checkpoint is invalid: {error}.")
            continue
        first = by_size.setdefault(checkpoint.size, checkpoint)
        if first.contradicts(checkpoint):
            report.wrong("forked", f"Two different ledgers of {checkpoint.size} leaves were signed.")
    return [by_size[size] for size in sorted(by_size)]


def check_growth(kept: Sequence[Checkpoint], now: Checkpoint, report: Report) -> None:
    """Check what needs no proof: the same ledger, not smaller than before, and the same root at the same
    size."""
    for checkpoint in kept:
        if checkpoint.origin != now.origin:
            report.wrong(
                "foreign_ledger", f"A checkpoint is of {checkpoint.origin}, this ledger is {now.origin}."
            )
        elif checkpoint.size > now.size:
            report.wrong(
                "rolled_back",
                f"{checkpoint.size} leaves were signed, now there are {now.size}: the ledger was cut off "
                "or restored to an older state, or this is older than the checkpoint.",
                since=now.size,
            )
        elif checkpoint.contradicts(now):
            report.wrong("forked", f"Two different ledgers of {checkpoint.size} leaves were signed.")


@dataclass(frozen=True, slots=True)
class ShownLeaf:
    """A leaf as a registry shows it: its hash, its text, the marks of its readers (None: an older registry),
    and in words what is left of a text that is gone."""

    hash: bytes
    text: str | None
    readers: bytes | None = None
    lost: str = ""

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> ShownLeaf:
        """Return a leaf of the API or of an export. Raises `KeyError`, `TypeError`, `ValueError`."""
        marks, lost = shown.get("readers"), shown.get("lost")
        event_id, entry_id = (lost["event_id"], lost["entry_id"]) if lost else (None, None)
        words = f": event {event_id}" if event_id is not None else ": a lookup" if lost else ""
        return cls(
            digest(shown["hash"]),
            shown["leaf"],
            None if marks is None else digest(marks),
            words + (f" of entry {entry_id}" if entry_id else ""),
        )


class Leaves:
    """Verifier of leaves in order, by their text and by the ledger's hash.

    `others`: the hashes of an earlier export. `on_leaf`: callback for each parsed leaf. `reader_key`: of the
    organization that reads; leaves with its mark must have their text.
    """

    def __init__(
        self,
        kept: Sequence[Checkpoint],
        report: Report,
        *,
        others: Sequence[bytes] = (),
        on_leaf: Callable[[int, Mapping[str, Any]], None] = lambda _index, _leaf: None,
        reader_key: bytes | None = None,
    ) -> None:
        self._report = report
        self._tree = Growing()
        self._kept = {checkpoint.size: checkpoint for checkpoint in kept}
        self._good = self._next = 0
        self._changed = False
        self._others = others
        self._names: set[str] = set()
        self.hashes: list[bytes] = []
        self._on_leaf = on_leaf
        self.read = self.own = self.unmarked = 0
        self._reader_key = reader_key
        self._marks: bytes | None = readers.NONE
        self._marks_altered = False
        self._at_size()

    @property
    def size(self) -> int:
        return self._tree.size

    @property
    def root(self) -> bytes:
        return self._tree.root

    @property
    def marked(self) -> bool:
        """Return whether the marks of all leaves so far were there to be checked."""
        return self._marks is not None

    def take(self, index: int, leaf: ShownLeaf, *, all_shown: bool) -> None:
        """Process one leaf. `all_shown`: a leaf without text has lost it; otherwise only if it has the mark
        of the organization that reads."""
        if index != self._next:
            self._report.wrong(
                "leaf_missing", f"Instead of leaf {self._next} there is number {index}.", self._next
            )
        self._next = index + 1
        position = self.size
        own = self._is_own(leaf)
        if leaf.text is not None:
            self._read(position, leaf.hash, leaf.text)
        elif all_shown or own:
            self._report.wrong("leaf_lost", f"The text of leaf {position} is missing{leaf.lost}.", position)
        if position < len(self._others) and self._others[position] != leaf.hash:
            self._report.wrong("history_changed", f"Leaf {position} differs from the first export.", position)
            self._others = ()
        if self._marks is not None:
            self._marks = readers.chained(self._marks, [leaf.readers])[0] if leaf.readers else None
        self.hashes.append(leaf.hash)
        self._tree.append(leaf.hash)
        self._at_size()

    def _is_own(self, leaf: ShownLeaf) -> bool:
        """Return whether a leaf has the mark of the organization that reads, and count it."""
        if self._reader_key is None or leaf.readers is None:
            return False
        own = readers.is_marked(leaf.readers, self._reader_key, leaf.hash)
        self.own += own
        self.unmarked += leaf.text is not None and not own
        return own

    def _read(self, index: int, stated: bytes, leaf: str) -> None:
        if merkle.leaf_hash(leaf.encode()) != stated:
            self._report.wrong(
                "leaf_altered",
                f"Leaf {index} does not match its hash: {_short(leaf)}",
                index,
            )
        self.read += 1
        try:
            content = json.loads(leaf)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            self._report.wrong("bad_export", f"Leaf {index} is not a JSON object.", index)
            return
        self._on_leaf(index, content)
        name = f"{content.get('type')} {content.get('event_id') or content.get('lookup_id')}"
        if name in self._names:
            self._report.wrong("leaf_repeated", f"Leaf {index} repeats an earlier leaf: {name}.", index)
        self._names.add(name)

    def _at_size(self) -> None:
        kept = self._kept.get(self.size)
        if kept is None:
            return
        if (
            None not in {kept.readers, self._marks}
            and kept.readers != self._marks
            and not self._marks_altered
        ):
            self._marks_altered = True
            self._report.wrong(
                "readers_altered",
                f"The marks of the first {kept.size} leaves differ from those that were signed: leaves may "
                "be hidden from their organizations.",
                since=self._good,
            )
        if kept.root == self.root:
            self._good = self.size
        elif not self._changed:
            self._changed = True
            self._report.wrong(
                "history_changed",
                f"The first {kept.size} leaves differ from those that were signed: one from leaf "
                f"{self._good} on was changed, removed, inserted or moved.",
                since=self._good,
            )


def digest(text: str) -> bytes:
    """Parse a hash from hex. Raises `ValueError`."""
    raw = bytes.fromhex(text)
    if len(raw) != merkle.HASH_BYTES:
        raise ValueError("a hash has 64 hex digits")
    return raw


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}…"
