"""Check a running registry's ledger against checkpoints that were kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from registry.core.errors import FakeprintError
from registry.core.terminal.client import Client
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.merkle import Unproven
from registry.transparency.ledger.model.note import BadNote, Checkpoint, VerifierKey
from registry.transparency.ledger.model.verification import (
    Leaves,
    Report,
    ShownLeaf,
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
    ledger = client.send("GET /v1/ledger")
    trusted_keys = list(keys) or _shown_keys(ledger, report)
    listed = {row["key"] for row in ledger["keys"]}
    for key in keys:
        if key.name == ledger["origin"] and str(key) not in listed:
            report.wrong("bad_signature", f"The service does not list the key {key}, which you gave.")
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
        own = ledger.get("reader_key")
        _leaves(client, [*kept, now], now.size, report, reader_key=digest(own) if own else None)
    else:
        report.unchecked.append("the texts of the leaves: use --full, or an export")
    return report


def _shown_keys(ledger: Mapping[str, Any], report: Report) -> list[VerifierKey]:
    """Return the keys that the service names itself."""
    report.unchecked.append(
        "who signed: the service named the keys itself; give --key with a key from another source"
    )
    try:
        return [note.verifier_key(row["key"]) for row in ledger["keys"]]
    except BadNote as error:
        report.wrong("bad_signature", f"The service lists a key that is none: {error}.")
        return []


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


def _leaves(
    client: Client, kept: Sequence[Checkpoint], size: int, report: Report, *, reader_key: bytes | None
) -> None:
    leaves = Leaves(kept, report, reader_key=reader_key)
    while leaves.size < size:
        start = leaves.size
        params = {"start": start, "count": min(PAGE, size - start)}
        page = client.send("GET /v1/ledger/entries", params)["entries"]
        for entry in page:
            leaves.take(entry["index"], ShownLeaf.of(entry), all_shown=False)
        if not page:
            report.wrong("leaf_missing", f"The service returns only {start} of {size} leaves.", start)
            return
    last = client.send("GET /v1/ledger/entries", {"start": size, "count": 1, "unrecorded": "true"})
    for event_id in last.get("unrecorded") or ():
        report.wrong("event_unrecorded", f"Event {event_id} of your organization is not in the ledger.")
    counted = reader_key is not None and leaves.marked and kept[-1].readers is not None
    if counted and not leaves.own:
        report.wrong("leaf_missing", "No leaf is your organization's, whose founding is an event.")
    if leaves.unmarked or not counted:
        report.unchecked.append(
            f"whether leaves of yours are gone: {leaves.unmarked or 'their'} marks are not of your reader key"
        )
    if report.sound:
        report.checked.append(
            f"the hashes of all {size} leaves lead to the signed root;"
            f" the texts of your {leaves.read} leaves match their hashes"
        )
        if counted:
            report.checked.append(f"none is gone of the {leaves.own} leaves with your organization's mark")
