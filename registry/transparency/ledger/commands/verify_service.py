"""Check a running registry's ledger against checkpoints that were kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from registry.core.errors import FakeprintError
from registry.core.terminal.client import Client
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.merkle import Unproven
from registry.transparency.ledger.model.note import BadNote, Checkpoint, VerifierKey
from registry.transparency.ledger.model.verification import (
    Leaves,
    Report,
    check_growth,
    digest,
    kept_checkpoints,
)

PAGE: Final = 1000


def check_service(client: Client, keys: Sequence[VerifierKey], notes: Sequence[str], *, full: bool) -> Report:
    """The signature of its checkpoint, and that it follows from those kept; `full`: also every leaf's hash,
    and what your organization's own leaves say. Raises the service's errors where it does not answer."""
    report = Report()
    known = list(keys)
    if not known:
        known = [note.verifier_key(row["key"]) for row in client.send("GET /v1/ledger")["keys"]]
        report.unchecked.append(
            "whose signatures they are: the service named the keys itself; give --key with one that you have "
            "from elsewhere"
        )
    kept = kept_checkpoints(notes, known, report)
    newest = kept_checkpoints([client.fetch("/v1/ledger/checkpoint").decode()], known, report)
    if not newest:
        return report
    now = newest[0]
    check_growth(kept, now, report)
    for checkpoint in kept:
        if checkpoint.origin == now.origin and checkpoint.size < now.size:
            _follows(client, checkpoint, now, report)
    if report.sound:
        report.checked.append(f"its newest checkpoint, of {now.size} leaves, is signed")
        if kept:
            report.checked.append(f"it follows from the {len(kept)} checkpoints kept")
    if full:
        _leaves(client, [*kept, now], now.size, report)
    else:
        report.unchecked.append("what the leaves say: that takes --full, or an export")
    return report


def _follows(client: Client, checkpoint: Checkpoint, now: Checkpoint, report: Report) -> None:
    try:
        sizes = {"from": checkpoint.size, "to": now.size}
        answer = client.send("GET /v1/ledger/proof/consistency", sizes)
        proof = [digest(each) for each in answer["proof"]]
        merkle.verify_consistency(checkpoint.size, now.size, proof, checkpoint.root, now.root)
    except FakeprintError as error:
        if error.code not in {"bad_range", "ledger_damaged"}:
            raise
        report.wrong(
            "history_changed", f"It cannot show that it follows from {checkpoint.size} leaves: {error}."
        )
    except (Unproven, BadNote, KeyError, TypeError, ValueError) as error:
        report.wrong(
            "history_changed",
            f"It does not begin with the {checkpoint.size} leaves that were signed: {error}. An export, "
            "verified with the same checkpoint, says more.",
        )


def _leaves(client: Client, kept: Sequence[Checkpoint], size: int, report: Report) -> None:
    leaves = Leaves(kept, report)
    while leaves.size < size:
        start = leaves.size
        params = {"start": start, "count": min(PAGE, size - start)}
        page = client.send("GET /v1/ledger/entries", params)["entries"]
        for entry in page:
            leaves.take(entry["index"], digest(entry["hash"]), entry["leaf"], all_shown=False)
        if not page:
            report.wrong("leaf_missing", f"The service hands out {start} of {size} leaves.", start)
            return
    if report.sound:
        report.checked.append(
            f"all {size} leaves' hashes lead to what was signed;"
            f" {leaves.read} are yours and say what was hashed"
        )
