"""Check the files of an evidence bundle against each other and against the ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from registry.takedown.notices.model import notice
from registry.transparency.ledger.model.history import check_history
from registry.transparency.ledger.model.note import VerifierKey
from registry.transparency.ledger.model.verification import Report

RECORD: Final = "record.json"
"""A notice's record in its folder, next to its letters."""
LEDGER: Final = "ledger.json"
FINGERPRINTS: Final = "fingerprints.json"
"""The media of an entry, in its folder."""
MEDIA: Final = "media.json"
"""The list of encrypted media in the archive. It exists only if the archive holds some."""

Files = Mapping[str, memoryview]
Opened = Callable[[memoryview], tuple[str, int]]
"""Decrypts a file; returns the SHA-256 (hex) and size of the plaintext. Raises `Unopened`."""
Move = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ListedMedium:
    """A row of media.json: an encrypted file, and what is in it. `of`: the id of its medium or exhibit."""

    name: str
    what: str
    of: str
    role: str | None
    sha256: str
    bytes: int
    cipher_sha256: str
    cipher_bytes: int


class Unopened(ValueError):
    """A file cannot be decrypted with the given key. The text says why."""


@dataclass(slots=True)
class _Ledgers:
    """The content of the ledgers, by entry.

    `moves`: by notice and number, the act, the state before and the state after. `exhibits`: pairs of notice
    and SHA-256 of an exhibit.
    """

    moves: dict[str, dict[tuple[str, int], Move]] = field(default_factory=dict)
    exhibits: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """The input of the check.

    `keys`: of the ledger. `notes`: trusted checkpoints. `opened`: decrypts media.
    """

    files: Files
    keys: Sequence[VerifierKey]
    notes: Sequence[str]
    report: Report
    opened: Opened | None


def check_contents(names: Sequence[str], check: Check) -> None:
    """Check each file against the ledger and the files beside it. Ledgers are read first."""
    ledgers = _Ledgers()
    order = (f"/{LEDGER}", f"/{FINGERPRINTS}", f"/{RECORD}", MEDIA)
    for kind in order:
        for name in names:
            if name.endswith(kind) and (kind != MEDIA or name == MEDIA):
                _read(name, kind, check, ledgers)


def _read(name: str, kind: str, check: Check, ledgers: _Ledgers) -> None:
    folder = name.rpartition("/")[0]
    files, report = check.files, check.report
    try:
        document = json.loads(bytes(files[name]))
        if kind == f"/{LEDGER}":
            _ledger(name, document, check.keys, check.notes, report)
            ledgers.moves[document["entry_id"]] = _moved(document["events"])
            ledgers.exhibits[document["entry_id"]] = _exhibited(document["events"])
        elif kind == f"/{FINGERPRINTS}":
            _media_of_entry(name, document, files, report, ledgers)
        elif kind == f"/{RECORD}":
            _record(name, folder, document, files, report, ledgers)
        else:
            _media(name, document, files, report, ledgers, check.opened)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        report.wrong("bad_record", f"{name}: it cannot be read ({type(error).__name__}: {error}).", file=name)


def _ledger(
    name: str,
    document: Mapping[str, Any],
    keys: Sequence[VerifierKey],
    notes: Sequence[str],
    report: Report,
) -> None:
    history = check_history(document, keys, notes)
    for finding in history.findings:
        report.wrong(
            finding.code, f"{name}: {finding.message}", finding.index, since=finding.since, file=name
        )
    report.checked += [f"{name}: {line}" for line in history.checked]
    report.unchecked += [line for line in history.unchecked if line not in report.unchecked and keys]


def _media_of_entry(name: str, media: Sequence[Any], files: Files, report: Report, ledgers: _Ledgers) -> None:
    """Check that the declared C2PA manifest of each medium matches the manifest store in the archive."""
    for medium in media:
        ledgers.media[medium["asset_id"]] = medium["sha256"]
        declared = medium.get("c2pa") or {}
        store = f"c2pa/{medium['asset_id']}.c2pa"
        if store in files and hashlib.sha256(files[store]).hexdigest() != declared.get("store_sha256"):
            report.wrong("contradiction", f"{store}: it is not the manifest of that medium.", file=store)
        elif store not in files and declared.get("store_here"):
            report.wrong("contradiction", f"{name}: {store} is listed, but missing.", file=name)


def _record(
    name: str, folder: str, record: Mapping[str, Any], files: Files, report: Report, ledgers: _Ledgers
) -> None:
    """Check a notice's record.

    Its moves form one chain up to its state and agree with the ledger. Its letters have the stored digests.
    The ledger lists its exhibits.
    """
    state = None
    for number, move in enumerate(record["moves"], 1):
        if move["number"] != number or move["from_state"] != state:
            report.wrong(
                "contradiction", f"{name}: move {number} does not follow from the one before.", file=name
            )
            return
        state = move["to_state"]
    if _shown(state, record["deliveries"]) != record["state"]:
        message = f"{name}: its state does not fit its last move and the letter of that move."
        report.wrong("contradiction", message, file=name)
        return
    _moves(name, record, ledgers.moves[record["entry_id"]], report)
    for exhibit in record.get("exhibits", []):
        if (record["notice_id"], exhibit["sha256"]) not in ledgers.exhibits[record["entry_id"]]:
            message = f"{name}: the exhibit {exhibit['sha256']} is not in the ledger."
            report.wrong("contradiction", message, file=name)
    for delivery in record["deliveries"]:
        letter = f"{folder}/letter-{delivery['move']}.txt"
        if letter in files and hashlib.sha256(files[letter]).hexdigest() != delivery["content_sha256"]:
            report.wrong("contradiction", f"{letter}: it is not the letter that was sent.", file=letter)


def _shown(state: str | None, deliveries: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the stand of a notice after its last move: the delivery refines `prepared`."""
    letters = [delivery for delivery in deliveries if delivery["kind"] == "notice"]
    if state != "prepared" or not letters:
        return state
    last = max(letters, key=lambda letter: int(letter["move"]))
    return "delivered" if last["delivered_at"] else "handed_over" if last["handed_at"] else "prepared"


def _moves(
    name: str, record: Mapping[str, Any], recorded: Mapping[tuple[str, int], Move], report: Report
) -> None:
    """Check that a notice's moves agree with the ledger."""
    for move in record["moves"][1:]:
        states = (move["act"], move["from_state"], move["to_state"])
        if recorded.get((record["notice_id"], move["number"])) != states:
            report.wrong(
                "contradiction",
                f"{name}: the ledger has another record of its move {move['number']}.",
                file=name,
            )
            return


def _media(
    name: str,
    index: Mapping[str, Any],
    files: Files,
    report: Report,
    ledgers: _Ledgers,
    decrypt: Opened | None,
) -> None:
    """Check that each encrypted file is listed and has its digest. With the key, check its plaintext too."""
    listed = {entry["name"]: entry for entry in index["files"]}
    extra = {index["identity"]} if index["identity"] else set()
    stray = [
        entry for entry in files if entry.startswith("media/") and entry not in listed and entry not in extra
    ]
    if stray:
        report.wrong("contradiction", f"{stray[0]}: {name} does not list it.", file=stray[0])
    decrypted = 0
    for file in listed.values():
        if file["name"] not in files:
            report.wrong("contradiction", f"{name}: {file['name']} is missing.", file=name)
            continue
        if hashlib.sha256(files[file["name"]]).hexdigest() != file["cipher_sha256"]:
            report.wrong(
                "contradiction", f"{file['name']}: its digest is not the one in {name}.", file=file["name"]
            )
            continue
        if file["what"] == "medium" and ledgers.media.get(file["of"], file["sha256"]) != file["sha256"]:
            message = f"{name}: {file['name']} is listed as another medium than the registered one."
            report.wrong("contradiction", message, file=name)
            continue
        if decrypt is not None:
            decrypted += _decrypted(file, files[file["name"]], decrypt, report)
    if decrypt is not None:
        report.checked.append(f"{decrypted} of {len(listed)} encrypted files have the listed content")
    elif listed:
        report.unchecked.append(
            f"the content of {len(listed)} encrypted files; give --identity or --password-file"
        )


def _decrypted(row: Mapping[str, Any], data: memoryview, decrypt: Opened, report: Report) -> bool:
    try:
        plaintext = decrypt(data)
    except Unopened as error:
        report.wrong("file_altered", f"{row['name']}: {error}.", file=row["name"])
        return False
    if plaintext != (row["sha256"], row["bytes"]):
        message = f"{row['name']}: its content is not the listed one."
        report.wrong("file_altered", message, file=row["name"])
        return False
    return True


def _moved(events: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int], Move]:
    return {
        (event["subject"]["notice_id"], event["said"]["move"]): (
            event["said"]["act"],
            notice.stand_of(event["said"]["from"]),
            notice.stand_of(event["said"]["to"]),
        )
        for event in events
        if event["kind"] == "notice.moved"
    }


def _exhibited(events: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    return {
        (event["subject"]["notice_id"], event["said"]["sha256"])
        for event in events
        if event["kind"] == "notice.exhibited"
    }
