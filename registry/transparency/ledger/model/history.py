"""Verify the history of an entry as the service returns it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.merkle import Unproven
from registry.transparency.ledger.model.note import VerifierKey
from registry.transparency.ledger.model.verification import Report, check_growth, digest, kept_checkpoints

UNLISTED: Final = "whether the registry listed every event of the entry: use --service --full with your key"
"""What a history alone cannot prove."""


def check_history(bundle: Mapping[str, Any], keys: Sequence[VerifierKey], notes: Sequence[str]) -> Report:
    """Check each event's leaf and inclusion proof against the checkpoint in the history."""
    report = Report()
    try:
        _check_history(bundle, keys, notes, report)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        report.wrong("bad_export", f"The history cannot be read ({type(error).__name__}: {error}).")
    return report


def _check_history(
    bundle: Mapping[str, Any], keys: Sequence[VerifierKey], notes: Sequence[str], report: Report
) -> None:
    trusted_keys = list(keys) or [note.verifier_key(key) for key in bundle["keys"]]
    if not keys:
        report.unchecked.append("who signed: the history names the key itself; give --key")
    kept = kept_checkpoints(notes, trusted_keys, report)
    newest = kept_checkpoints([bundle["checkpoint"]] if bundle["checkpoint"] else [], trusted_keys, report)
    if not newest:
        report.wrong("bad_signature", "The history has no signed checkpoint.")
        return
    now = newest[0]
    check_growth(kept, now, report)
    proved = 0
    for event in bundle["events"]:
        if event["proof"] is None:
            continue
        leaf, index = event["leaf"], event["index"]
        try:
            merkle.verify_inclusion(
                merkle.leaf_hash(leaf.encode()),
                index,
                now.size,
                [digest(hash_) for hash_ in event["proof"]],
                now.root,
            )
        except Unproven as error:
            report.wrong("not_included", f"Leaf {index} is not in the signed tree: {error}.", index)
            continue
        _agrees(event, json.loads(leaf), bundle["entry_id"], report)
        proved += 1
    _name_missing(bundle, report)
    report.checked.append(f"{proved} events are among the {now.size} leaves that were signed")
    if len(bundle["events"]) > proved and report.sound:
        report.unchecked.append(f"{len(bundle['events']) - proved} events were not signed yet")
    if any(checkpoint.size != now.size for checkpoint in kept):
        report.unchecked.append("whether it follows from the stored checkpoints: use an export, or --service")


def _name_missing(bundle: Mapping[str, Any], report: Report) -> None:
    """Report the leaves whose event is gone. Older histories do not list them."""
    for gone in bundle.get("missing", []):
        report.wrong(
            "leaf_lost",
            f"Leaf {gone['index']} recorded an event of this entry; event {gone['event_id']} is gone.",
            gone["index"],
        )


def _agrees(event: Mapping[str, Any], content: Mapping[str, Any], entry_id: str, report: Report) -> None:
    """Check that the fields shown beside a leaf are those in the leaf."""
    names = ("kind", "caller_id", "request_id", "subject", "said")
    if content["entry_id"] != entry_id or any(content[name] != event[name] for name in names):
        report.wrong(
            "leaf_altered",
            f"The data shown beside leaf {event['index']} differs from the leaf.",
            event["index"],
        )
