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
class _Told:
    """The content of the ledgers, by entry.

    `moves`: by notice and number, the act, the state before and the state after. `exhibits`: pairs of notice
    and SHA-256 of an exhibit.
    """

    moves: dict[str, dict[tuple[str, int], Move]] = field(default_factory=dict)
    exhibits: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """What the contents are checked with. `keys`: of the ledger. `notes`: checkpoints that are trusted."""

    files: Files
    keys: Sequence[VerifierKey]
    notes: Sequence[str]
    report: Report
    opened: Opened | None


def check_contents(names: Sequence[str], check: Check) -> None:
    """Check each file against the ledger and the files beside it. Ledgers are read first."""
    told = _Told()
    order = (f"/{LEDGER}", f"/{FINGERPRINTS}", f"/{RECORD}", MEDIA)
    for last in order:
        for name in names:
            if name.endswith(last) and (last != MEDIA or name == MEDIA):
                _read(name, last, check, told)


def _read(name: str, last: str, check: Check, told: _Told) -> None:
    folder = name.rpartition("/")[0]
    files, report = check.files, check.report
    try:
        said = json.loads(bytes(files[name]))
        if last == f"/{LEDGER}":
            _ledger(name, said, check.keys, check.notes, report)
            told.moves[said["entry_id"]] = _moved(said["events"])
            told.exhibits[said["entry_id"]] = _exhibited(said["events"])
        elif last == f"/{FINGERPRINTS}":
            _media_known(name, said, files, report, told)
        elif last == f"/{RECORD}":
            _record(name, folder, said, files, report, told)
        else:
            _media(name, said, files, report, told, check.opened)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        report.wrong("bad_record", f"{name}: it cannot be read ({type(error).__name__}: {error}).", file=name)


def _ledger(
    name: str,
    said: Mapping[str, Any],
    keys: Sequence[VerifierKey],
    notes: Sequence[str],
    report: Report,
) -> None:
    part = check_history(said, keys, notes)
    for finding in part.findings:
        report.wrong(
            finding.code, f"{name}: {finding.message}", finding.index, since=finding.since, file=name
        )
    report.checked += [f"{name}: {item}" for item in part.checked]
    report.unchecked += [item for item in part.unchecked if item not in report.unchecked and keys]


def _media_known(name: str, said: Sequence[Any], files: Files, report: Report, told: _Told) -> None:
    """Check that the declared C2PA manifest of each medium matches the manifest store in the archive."""
    for item in said:
        told.media[item["asset_id"]] = item["sha256"]
        declared = item.get("c2pa") or {}
        store = f"c2pa/{item['asset_id']}.c2pa"
        if store in files and hashlib.sha256(files[store]).hexdigest() != declared.get("store_sha256"):
            report.wrong("contradiction", f"{store}: it is not the manifest that the medium had.", file=store)
        elif store not in files and declared.get("store_here"):
            report.wrong("contradiction", f"{name}: {store} is said to be there, and is not.", file=name)


def _record(
    name: str, folder: str, said: Mapping[str, Any], files: Files, report: Report, told: _Told
) -> None:
    """Check a notice's record.

    Its moves form one chain up to its state and agree with the ledger. Its letters have the stored digests.
    The ledger lists its exhibits.
    """
    state = None
    for number, move in enumerate(said["moves"], 1):
        if move["number"] != number or move["from_state"] != state:
            report.wrong(
                "contradiction", f"{name}: move {number} does not follow from the one before.", file=name
            )
            return
        state = move["to_state"]
    if _shown(state, said["deliveries"]) != said["state"]:
        message = f"{name}: its state is not that of its last move, and of the letter that this wrote."
        report.wrong("contradiction", message, file=name)
        return
    _moves_on_record(name, said, told.moves[said["entry_id"]], report)
    for exhibit in said.get("exhibits", []):
        if (said["notice_id"], exhibit["sha256"]) not in told.exhibits[said["entry_id"]]:
            message = f"{name}: of the exhibit {exhibit['sha256']} the ledger does not tell."
            report.wrong("contradiction", message, file=name)
    for delivery in said["deliveries"]:
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


def _moves_on_record(
    name: str, said: Mapping[str, Any], told: Mapping[tuple[str, int], Move], report: Report
) -> None:
    """Check that a notice's moves agree with the ledger."""
    for item in said["moves"][1:]:
        move = (item["act"], item["from_state"], item["to_state"])
        if told.get((said["notice_id"], item["number"])) != move:
            report.wrong(
                "contradiction", f"{name}: of its move {item['number']} the ledger says otherwise.", file=name
            )
            return


def _media(
    name: str,
    said: Mapping[str, Any],
    files: Files,
    report: Report,
    told: _Told,
    opened: Opened | None,
) -> None:
    """Check that each encrypted file is listed and has its digest. With the key, check its plaintext too."""
    listed = {file["name"]: file for file in said["files"]}
    extra = {said["identity"]} if said["identity"] else set()
    stray = [file for file in files if file.startswith("media/") and file not in listed and file not in extra]
    if stray:
        report.wrong("contradiction", f"{stray[0]}: {name} does not name it.", file=stray[0])
    read = 0
    for item in listed.values():
        if item["name"] not in files:
            report.wrong("contradiction", f"{name}: {item['name']} is not there.", file=name)
            continue
        if hashlib.sha256(files[item["name"]]).hexdigest() != item["cipher_sha256"]:
            report.wrong("contradiction", f"{item['name']}: it is not what {name} says.", file=item["name"])
            continue
        if item["what"] == "medium" and told.media.get(item["of"], item["sha256"]) != item["sha256"]:
            message = f"{name}: {item['name']} is said to be another medium than was registered."
            report.wrong("contradiction", message, file=name)
            continue
        if opened is not None:
            read += _deciphered(item, files[item["name"]], opened, report)
    if opened is not None:
        report.checked.append(f"{read} of {len(listed)} ciphered files hold what is said of them")
    elif listed:
        report.unchecked.append(
            f"what is in {len(listed)} ciphered files; give --identity or --password-file"
        )


def _deciphered(row: Mapping[str, Any], data: memoryview, opened: Opened, report: Report) -> bool:
    try:
        found = opened(data)
    except Unopened as error:
        report.wrong("file_altered", f"{row['name']}: {error}.", file=row["name"])
        return False
    if found != (row["sha256"], row["bytes"]):
        message = f"{row['name']}: what is in it is not what it is said to be."
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
