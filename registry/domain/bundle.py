"""An evidence bundle: a ZIP of files, a manifest that names the SHA-256 of each, and the ledger's signature
of the manifest. It is checked offline, and what is wrong first is named by its file.

The signed text is a note of its own kind, whose second line no checkpoint can have: a signature of a bundle
is none of a ledger, nor the other way round.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from registry.domain import note, plain_zip
from registry.domain.history import check_history
from registry.domain.ledger import canonical
from registry.domain.note import BadNote, Signer, VerifierKey
from registry.domain.plain_zip import BadArchive
from registry.domain.verification import Report

TYPE: Final = "fakeprint-evidence"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
RECORD: Final = "record.json"
"""A notice's own file in its folder; beside it stand the letters."""
LEDGER: Final = "ledger.json"

Files = Mapping[str, bytes]
Told = dict[str, dict[tuple[str, int], tuple[str, str, str]]]
"""What the ledger tells, by entry: of a notice's move, the act, the state before it and the state after."""


def pack(files: Files, said: Mapping[str, Any], signers: Sequence[Signer]) -> bytes:
    """The bundle of these files; `said` stands in the manifest beside their digests. Raises `TooLarge`."""
    listed = [
        {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in sorted(files.items())
    ]
    keys = [str(one.verifier) for one in signers]
    manifest = canonical({**said, "type": TYPE, "version": VERSION, "keys": keys, "files": listed})
    signed = note.sign(_signed_text(manifest), signers).encode()
    return plain_zip.pack([(MANIFEST, manifest), (SIGNATURE, signed), *sorted(files.items())])


def check(raw: bytes, keys: Sequence[VerifierKey], notes: Sequence[str]) -> Report:
    """All that can be checked of a bundle without a server: the archive byte by byte, the signature, each
    file, and what the files say of each other and of the ledger. `keys`: the ledger's, from elsewhere;
    `notes`: checkpoints kept earlier."""
    report = Report()
    try:
        found = plain_zip.unpack(raw)
    except BadArchive as error:
        report.wrong("archive_altered", f"{error.file}: {error}.", file=error.file)
        return report
    files = dict(found)
    names = [name for name, _ in found]
    manifest = _manifest(files, names, keys, report)
    if manifest is None or not _as_listed(files, names, manifest["files"], report):
        return report
    report.checked.append(f"{len(names)} files are, byte by byte, those that were signed")
    told: Told = {}
    for name in sorted(names, key=lambda one: not one.endswith(f"/{LEDGER}")):
        _contents(name, files, keys, notes, report, told)
    return report


def _signed_text(manifest: bytes) -> str:
    return f"{TYPE} v{VERSION}\nsha256 {hashlib.sha256(manifest).hexdigest()}\n"


def _manifest(
    files: Files, names: Sequence[str], keys: Sequence[VerifierKey], report: Report
) -> dict[str, Any] | None:
    for place, name in enumerate((MANIFEST, SIGNATURE)):
        if names[place : place + 1] != [name]:
            report.wrong("file_missing", f"{name}: it does not stand where it must.", file=name)
            return None
    raw = files[MANIFEST]
    try:
        said = json.loads(raw)
        own = [note.verifier_key(one) for one in said["keys"]]
        whole = canonical(said) == raw and said["type"] == TYPE and said["version"] == VERSION
        listed = [one["name"] for one in said["files"] if set(one) == {"name", "bytes", "sha256"}]
        whole = whole and len(set(listed)) == len(said["files"]) and all(map(plain_zip.is_name, listed))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        whole, said, own = False, {}, []
    if not whole:
        report.wrong("bad_manifest", f"{MANIFEST}: it is no manifest of a bundle.", file=MANIFEST)
        return None
    try:
        signed = note.verify(files[SIGNATURE].decode(), keys or own)
    except (BadNote, UnicodeDecodeError) as error:
        report.wrong("bad_signature", f"{SIGNATURE}: {_plain(error)}.", file=SIGNATURE)
        return None
    if signed.text != _signed_text(raw):
        report.wrong("bad_signature", f"{MANIFEST}: it is not what was signed.", file=MANIFEST)
        return None
    report.checked.append(
        "the manifest is signed by " + ", ".join(sorted({one[0] for one in signed.signatures}))
    )
    if not keys:
        report.unchecked.append("whose signature it is: the bundle names the key itself; give --key")
    found: dict[str, Any] = said
    return found


def _plain(error: Exception) -> str:
    return "it is not text" if isinstance(error, UnicodeDecodeError) else str(error)


def _as_listed(
    files: Files, names: Sequence[str], listed: Sequence[Mapping[str, Any]], report: Report
) -> bool:
    """Whether the archive holds the manifest's files, no others, in their order."""
    wanted = [MANIFEST, SIGNATURE, *(one["name"] for one in listed)]
    if len(set(names)) != len(names):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        report.wrong("file_added", f"{twice}: it stands in the archive twice.", file=twice)
        return False
    known = set(wanted)
    for name in names:
        if name not in known:
            report.wrong("file_added", f"{name}: the manifest does not name it.", file=name)
            return False
    for one in listed:
        name = one["name"]
        if name not in files:
            report.wrong("file_missing", f"{name}: the manifest names it, and it is not there.", file=name)
            return False
        data = files[name]
        if len(data) != one["bytes"] or hashlib.sha256(data).hexdigest() != one["sha256"]:
            report.wrong("file_altered", f"{name}: it is not what was signed.", file=name)
            return False
    if (
        first := next((one for one, other in zip(names, wanted, strict=True) if one != other), None)
    ) is not None:
        report.wrong("archive_altered", f"{first}: it stands in another place than it must.", file=first)
        return False
    return True


def _contents(
    name: str,
    files: Files,
    keys: Sequence[VerifierKey],
    notes: Sequence[str],
    report: Report,
    told: Told,
) -> None:
    """What a file says must fit the ledger, and the files beside it. The ledger comes first."""
    folder, _, last = name.rpartition("/")
    try:
        if last == LEDGER:
            said = json.loads(files[name])
            _ledger(name, said, keys, notes, report)
            told[said["entry_id"]] = _moved(said["events"])
        elif last == RECORD:
            _record(name, folder, json.loads(files[name]), files, report, told)
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
    for one in part.findings:
        report.wrong(one.code, f"{name}: {one.message}", one.index, since=one.since, file=name)
    report.checked += [f"{name}: {one}" for one in part.checked]
    report.unchecked += [one for one in part.unchecked if one not in report.unchecked and keys]


def _record(
    name: str, folder: str, said: Mapping[str, Any], files: Files, report: Report, told: Told
) -> None:
    """A notice's moves are one chain up to its state, the ledger has those that it must, and the letters are
    those whose digests were kept."""
    state = None
    for number, one in enumerate(said["moves"], 1):
        if one["number"] != number or one["from_state"] != state:
            report.wrong(
                "contradiction", f"{name}: move {number} does not follow from the one before.", file=name
            )
            return
        state = one["to_state"]
    if state != said["state"]:
        report.wrong("contradiction", f"{name}: its state is not that of its last move.", file=name)
        return
    _moves_on_record(name, said, told[said["entry_id"]], report)
    for one in said["deliveries"]:
        letter = f"{folder}/letter-{one['move']}.txt"
        if letter in files and hashlib.sha256(files[letter]).hexdigest() != one["content_sha256"]:
            report.wrong("contradiction", f"{letter}: it is not the letter that was sent.", file=letter)


def _moves_on_record(
    name: str,
    said: Mapping[str, Any],
    told: Mapping[tuple[str, int], tuple[str, str, str]],
    report: Report,
) -> None:
    """What the ledger says of a notice's moves, it says alike."""
    for one in said["moves"][1:]:
        move = (one["act"], one["from_state"], one["to_state"])
        if told.get((said["notice_id"], one["number"])) != move:
            report.wrong(
                "contradiction", f"{name}: of its move {one['number']} the ledger says otherwise.", file=name
            )
            return


def _moved(events: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int], tuple[str, str, str]]:
    return {
        (one["subject"]["notice_id"], one["said"]["move"]): (
            one["said"]["act"],
            one["said"]["from"],
            one["said"]["to"],
        )
        for one in events
        if one["kind"] == "notice.moved"
    }
