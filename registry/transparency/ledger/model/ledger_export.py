"""Verify an export of the whole ledger."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from registry.core.audit.model.ledger import opens
from registry.transparency.ledger.model import note
from registry.transparency.ledger.model.note import Checkpoint, VerifierKey
from registry.transparency.ledger.model.verification import (
    Leaves,
    Report,
    ShownLeaf,
    check_growth,
    digest,
    kept_checkpoints,
)

_DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")


class Export:
    """Verifier of an export, line by line. `others`: leaf hashes of an earlier export of the same ledger."""

    def __init__(
        self, keys: Sequence[VerifierKey], notes: Sequence[str], *, others: Sequence[bytes] = ()
    ) -> None:
        self.report = Report()
        self._keys = list(keys)
        self._notes = list(notes)
        self._others = others
        self._head: Mapping[str, Any] | None = None
        self._now: Checkpoint | None = None
        self._kept: list[Checkpoint] = []
        self._ended = False
        self._opened = self._gone = 0
        self._texts = False
        self._commitments: set[str] = set()
        self._lookups: dict[int, tuple[str | None, str]] = {}
        self.leaves = Leaves([], self.report)

    def take(self, line: Mapping[str, Any]) -> None:
        """Process one line. An unreadable line becomes a finding."""
        try:
            self._take(line)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self.report.wrong("bad_export", f"A line cannot be read ({type(error).__name__}: {error}).")

    def finish(self) -> Report:
        """Return the report after all lines."""
        report, size = self.report, self.leaves.size
        if self._head is None:
            report.wrong("bad_export", "The file is not an export of a ledger.")
            return report
        if not self._ended:
            report.wrong("bad_export", f"The export was cut off after {size} leaves.", since=size)
        for checkpoint in self._kept:
            if checkpoint.size > size:
                report.wrong(
                    "rolled_back", f"{checkpoint.size} leaves were signed; the export has {size}.", since=size
                )
        self._conclude(size)
        return report

    def _conclude(self, size: int) -> None:
        signed = self._now.size if self._now else 0
        report = self.report
        if report.sound:
            report.checked.append(f"all {size} leaves match their hashes, each at its index")
            if self._now:
                report.checked.append(f"the first {signed} are those of the export's signed checkpoint")
            earlier = [checkpoint for checkpoint in self._kept if checkpoint is not self._now]
            if earlier:
                report.checked.append(
                    f"they begin with the leaves of {len(earlier)} stored checkpoints"
                    f" (the largest of {earlier[-1].size})"
                )
            if self._opened:
                report.checked.append(f"{self._opened} texts and lookups match their commitments")
        if size > signed:
            report.unchecked.append(f"{size - signed} leaves were not signed yet")
        if self._gone:
            report.unchecked.append(f"{self._gone} recorded lookups no longer have a row or salt")

    def _take(self, line: Mapping[str, Any]) -> None:
        kind = line["type"]
        if kind == "ledger":
            self._begin(line)
        elif self._head is None:
            raise ValueError("it does not begin with a head")
        elif kind == "leaf":
            self.leaves.take(line["index"], ShownLeaf.of(line), all_shown=True)
        elif kind == "lookup":
            self._lookup(line)
        elif kind == "opening":
            self._opening(line)
        elif kind == "stray":
            self.report.wrong("event_unrecorded", f"Event {line['event_id']} is not in the ledger.")
        elif kind == "end":
            self._ended = True
            if line["leaves"] != self.leaves.size:
                self.report.wrong("bad_export", "Its number of leaves differs from the stated one.")

    def _begin(self, line: Mapping[str, Any]) -> None:
        self._head, self._texts = line, line["with_texts"]
        if not self._keys:
            self._keys = [note.verifier_key(key) for key in line["keys"]]
            self.report.unchecked.append(
                "who signed: the export names the keys itself; give --key with a key from another source"
            )
        self._kept = kept_checkpoints(self._notes, self._keys, self.report)
        if line["checkpoint"] is None:
            self.report.wrong("bad_signature", "The export has no signed checkpoint.")
        else:
            newest = kept_checkpoints([line["checkpoint"]], self._keys, self.report)
            if newest:
                self._now = newest[0]
                check_growth(self._kept, self._now, self.report)
                self._kept = sorted(
                    {checkpoint.size: checkpoint for checkpoint in (self._now, *self._kept)}.values(),
                    key=_size,
                )
        self.leaves = Leaves(self._kept, self.report, others=self._others, on_leaf=self._store_commitments)

    def _store_commitments(self, index: int, leaf: Mapping[str, Any]) -> None:
        """Store the commitments of a leaf if the export includes texts to compare."""
        if not self._texts:
            return
        if leaf["type"] == "lookup":
            self._lookups[index] = (leaf["query"], leaf["answer"])
        else:
            self._commitments.update(_digests(leaf["said"]))

    def _lookup(self, line: Mapping[str, Any]) -> None:
        if not line["there"] or line["salt"] is None:
            self._gone += 1
            return
        query, answer = self._lookups[line["index"]]
        salt = bytes.fromhex(line["salt"])
        opened = opens(line["answer"] or "", salt, digest(answer))
        if query is not None:
            opened = opened and opens(line["query"] or "", salt, digest(query))
        if opened:
            self._opened += 1
        else:
            self.report.wrong(
                "lookup_altered",
                f"Lookup {line['lookup_id']} has another query or answer than recorded.",
                line["index"],
            )

    def _opening(self, line: Mapping[str, Any]) -> None:
        text_name = f"{line['source']} of {line['id']}"
        if line["commitment"] not in self._commitments:
            self.report.wrong("text_altered", f"No event commits to the present {text_name}.")
        elif not opens(line["text"] or "", bytes.fromhex(line["salt"] or ""), digest(line["commitment"])):
            self.report.wrong("text_altered", f"The {text_name} differs from the recorded one.")
        else:
            self._opened += 1


def _digests(value: Any) -> Iterable[str]:
    """Yield every string in an event that may be a commitment."""
    if isinstance(value, str):
        if _DIGEST.match(value):
            yield value
    elif isinstance(value, Mapping):
        for element in value.values():
            yield from _digests(element)
    elif isinstance(value, list):
        for element in value:
            yield from _digests(element)


def _size(checkpoint: Checkpoint) -> int:
    return checkpoint.size
