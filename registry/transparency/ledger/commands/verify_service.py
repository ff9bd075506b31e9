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
    """Verify the newest checkpoint's signature, and that it follows from the stored checkpoints.

    `full`: also verify every leaf's hash and the text of your organization's leaves. Raises the service's
    errors.
    """
    report = Report()
    trusted_keys = list(keys)
    if not trusted_keys:
        trusted_keys = [note.verifier_key(row["key"]) for row in client.send("GET /v1/ledger")["keys"]]
        report.unchecked.append(
            "who signed: the service named the keys itself; give --key with a key from another source"
        )
    kept = kept_checkpoints(notes, trusted_keys, report)
    newest = kept_checkpoints([client.fetch("/v1/ledger/checkpoint").decode()], trusted_keys, report)
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
        report.unchecked.append("the texts of the leaves: use --full, or an export")
    return report


def _follows(client: Client, checkpoint: Checkpoint, now: Checkpoint, report: Report) -> None:
    try:
        sizes = {"from": checkpoint.size, "to": now.size}
        answer = client.send("GET /v1/ledger/proof/consistency", sizes)
        proof = [digest(hash_) for hash_ in answer["proof"]]
        merkle.verify_consistency(checkpoint.size, now.size, proof, checkpoint.root, now.root)
    except FakeprintError as error:
        if error.code not in {"bad_range", "ledger_damaged"}:
            raise
        report.wrong(
            "history_changed",
            f"It cannot prove that it extends the checkpoint of {checkpoint.size} leaves: {error}.",
        )
    except (Unproven, BadNote, KeyError, TypeError, ValueError) as error:
        report.wrong(
            "history_changed",
            f"It does not begin with the {checkpoint.size} leaves that were signed: {error}. Verify an "
            "export with the same checkpoint for details.",
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
            report.wrong("leaf_missing", f"The service returns only {start} of {size} leaves.", start)
            return
    if report.sound:
        report.checked.append(
            f"the hashes of all {size} leaves lead to the signed root;"
            f" the texts of your {leaves.read} leaves match their hashes"
        )
