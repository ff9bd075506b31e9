"""The format of an evidence bundle, and its offline check.

A bundle is a ZIP of files with a manifest that lists the SHA-256 of each. The ledger's key signs the
manifest. An authority's time stamp of that signature may follow. The check names the file of the first error.

The signed text is a note of its own type. Its second line cannot occur in a checkpoint, so the signature of a
bundle never passes for one of a ledger, nor the reverse. The stamp is made last, so the manifest cannot list
it. It has its own signature, and the manifest says that it must exist.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.x509 import Certificate

from registry.core.audit.model.ledger import canonical
from registry.core.documents import plain_zip
from registry.core.documents.plain_zip import BadArchive, Member
from registry.takedown.evidence.model.bundle_contents import (
    LEDGER,
    MEDIA,
    RECORD,
    Check,
    Files,
    ListedMedium,
    Opened,
    check_contents,
)
from registry.transparency.ledger.model import note
from registry.transparency.ledger.model.note import BadNote, Signer, VerifierKey
from registry.transparency.ledger.model.verification import Report
from registry.transparency.timestamps.model import rfc3161
from registry.transparency.timestamps.model.rfc3161 import BadStamp

__all__ = [
    "AUTHORITIES",
    "LEDGER",
    "MANIFEST",
    "MEDIA",
    "RECORD",
    "SIGNATURE",
    "STAMP",
    "Large",
    "ListedMedium",
]
TYPE: Final = "fakeprint-evidence"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
STAMP: Final = "manifest.tsr"
STAMP_SIGNATURE: Final = "manifest.tsr.sig"
AUTHORITIES: Final = "authorities.pem"
"""The certificates against which the maker of the bundle checked the time stamp."""
_STAMP_TYPE: Final = "fakeprint-evidence-stamp"

Timestamping = Callable[[bytes], bytes]
"""Returns an authority's time stamp response (DER) for these bytes."""


@dataclass(frozen=True, slots=True)
class Large:
    """A file that is not held in memory: its archive member and its SHA-256 in hex."""

    member: Member
    sha256: str


def pack(
    files: Mapping[str, bytes],
    fields: Mapping[str, Any],
    signers: Sequence[Signer],
    *,
    timestamping: Timestamping | None = None,
) -> bytes:
    """Return the bundle of these files. `said`: further fields of the manifest.

    With `timestamping`, `files` has to contain `AUTHORITIES`. Raises `TooLarge` and what
    `timestamping` raises.
    """
    most = plain_zip.MOST_BYTES
    return b"".join(plain_zip.pieces(members(files, fields, signers, timestamping=timestamping), most=most))


def members(
    files: Mapping[str, bytes],
    fields: Mapping[str, Any],
    signers: Sequence[Signer],
    *,
    timestamping: Timestamping | None = None,
    large: Sequence[Large] = (),
) -> list[Member]:
    """Return the members of the bundle in order, including files that are not held in memory."""
    packed = {
        name: (plain_zip.member(name, data), hashlib.sha256(data).hexdigest()) for name, data in files.items()
    }
    packed |= {file.member.name: (file.member, file.sha256) for file in large}
    others = [packed[name] for name in sorted(packed)]
    listed = [{"name": member.name, "bytes": member.size, "sha256": digest} for member, digest in others]
    keys = [str(signer.verifier) for signer in signers]
    manifest = canonical(
        {
            **fields,
            "type": TYPE,
            "version": VERSION,
            "keys": keys,
            "time_stamp": timestamping is not None,
            "files": listed,
        }
    )
    signed = note.sign(_signed_text(manifest), signers).encode()
    head = [(MANIFEST, manifest), (SIGNATURE, signed)]
    if timestamping is not None:
        stamp = timestamping(signed)
        head += [
            (STAMP, stamp),
            (STAMP_SIGNATURE, note.sign(_signed_text(stamp, _STAMP_TYPE), signers).encode()),
        ]
    return [*(plain_zip.member(name, data) for name, data in head), *(member for member, _ in others)]


def check(
    raw: bytes | memoryview,
    keys: Sequence[VerifierKey],
    notes: Sequence[str],
    *,
    trusted: Sequence[Certificate] = (),
    opened: Opened | None = None,
) -> Report:
    """Check everything in a bundle that can be checked without a server.

    Checks the archive byte by byte, the signature, the time stamp, each file, and the files against each
    other and against the ledger.

    `keys`: the ledger's keys, from another source. `notes`: checkpoints stored earlier. `trusted`:
    certificates of time-stamping authorities, from another source. `opened`: decrypts media.
    """
    report = Report()
    try:
        unpacked = plain_zip.unpack(memoryview(raw))
    except BadArchive as error:
        report.wrong("archive_altered", f"{error.file}: {error}.", file=error.file)
        return report
    files: Files = dict(unpacked)
    names = [name for name, _ in unpacked]
    if (manifest := _manifest(files, names, keys, report)) is None:
        return report
    head = [MANIFEST, SIGNATURE, *([STAMP, STAMP_SIGNATURE] if manifest.get("time_stamp") else [])]
    if not _as_listed(files, names, head, manifest["files"], report):
        return report
    report.checked.append(f"{len(names)} files are byte by byte the signed ones")
    if manifest.get("time_stamp"):
        _stamp(files, keys or [note.verifier_key(key) for key in manifest["keys"]], trusted, report)
    else:
        report.checked.append("the bundle has no time stamp of an authority, and declares that")
    check_contents(names, Check(files, keys, notes, report, opened))
    return report


def _signed_text(data: bytes, kind: str = TYPE) -> str:
    return f"{kind} v{VERSION}\nsha256 {hashlib.sha256(data).hexdigest()}\n"


def _manifest(
    files: Files, names: Sequence[str], keys: Sequence[VerifierKey], report: Report
) -> dict[str, Any] | None:
    for place, name in enumerate((MANIFEST, SIGNATURE)):
        if names[place : place + 1] != [name]:
            report.wrong("file_missing", f"{name}: it is missing, or at the wrong place.", file=name)
            return None
    raw = bytes(files[MANIFEST])
    try:
        manifest = json.loads(raw)
        own_keys = [note.verifier_key(key) for key in manifest["keys"]]
        whole = canonical(manifest) == raw and manifest["type"] == TYPE and manifest["version"] == VERSION
        listed = [file["name"] for file in manifest["files"] if set(file) == {"name", "bytes", "sha256"}]
        whole = whole and len(set(listed)) == len(manifest["files"]) and all(map(plain_zip.is_name, listed))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        whole, manifest, own_keys = False, {}, []
    if not whole:
        report.wrong("bad_manifest", f"{MANIFEST}: it is not the manifest of a bundle.", file=MANIFEST)
        return None
    signed_by = _signed(files, SIGNATURE, MANIFEST, TYPE, keys or own_keys, report)
    if signed_by is None:
        return None
    report.checked.append(f"the manifest is signed by {signed_by}")
    if not keys:
        report.unchecked.append("the signer's identity: the key is from the bundle itself; give --key")
    checked: dict[str, Any] = manifest
    return checked


def _signed(
    files: Files, name: str, of: str, kind: str, keys: Sequence[VerifierKey], report: Report
) -> str | None:
    """Check the signature, in the file `name`, of the file `of`; return the signers."""
    try:
        signed = note.verify(bytes(files[name]).decode(), keys)
    except (BadNote, UnicodeDecodeError) as error:
        report.wrong("bad_signature", f"{name}: {_plain(error)}.", file=name)
        return None
    if signed.text != _signed_text(bytes(files[of]), kind):
        report.wrong("bad_signature", f"{of}: it is not what was signed.", file=of)
        return None
    return ", ".join(sorted({signature[0] for signature in signed.signatures}))


def _plain(error: Exception) -> str:
    return "it is not text" if isinstance(error, UnicodeDecodeError) else str(error)


def _stamp(files: Files, keys: Sequence[VerifierKey], trusted: Sequence[Certificate], report: Report) -> None:
    if _signed(files, STAMP_SIGNATURE, STAMP, _STAMP_TYPE, keys, report) is None:
        return
    if AUTHORITIES not in files:
        report.wrong(
            "file_missing", f"{AUTHORITIES}: it is missing, but there is a time stamp.", file=AUTHORITIES
        )
        return
    try:
        own = rfc3161.authorities(bytes(files[AUTHORITIES]))
    except BadStamp as error:
        report.wrong("bad_stamp", f"{AUTHORITIES}: {error}.", file=AUTHORITIES)
        return
    try:
        stamp = rfc3161.read(bytes(files[STAMP]), bytes(files[SIGNATURE]), trusted or own, None)
    except BadStamp as error:
        report.wrong("bad_stamp", f"{STAMP}: {error}.", file=STAMP)
        return
    report.checked.append(
        f"the signature existed at {stamp.at:%Y-%m-%d %H:%M:%S} UTC, according to the stamp of {stamp.by}"
    )
    if not trusted:
        report.unchecked.append(
            "the authority's identity: its certificate is from the bundle itself; give --tsa-roots"
        )


def _as_listed(
    files: Files,
    names: Sequence[str],
    head: Sequence[str],
    listed: Sequence[Mapping[str, Any]],
    report: Report,
) -> bool:
    """Return whether the archive holds exactly the files of the manifest, in order."""
    expected = [*head, *(row["name"] for row in listed)]
    if len(set(names)) != len(names):
        repeated = next(name for place, name in enumerate(names) if name in names[:place])
        report.wrong("file_added", f"{repeated}: it is in the archive twice.", file=repeated)
        return False
    allowed = set(expected)
    for name in names:
        if name not in allowed:
            report.wrong("file_added", f"{name}: the manifest does not list it.", file=name)
            return False
    if (missing := next((name for name in expected if name not in files), None)) is not None:
        report.wrong("file_missing", f"{missing}: the manifest lists it, but it is missing.", file=missing)
        return False
    for row in listed:
        name, data = row["name"], files[row["name"]]
        if len(data) != row["bytes"] or hashlib.sha256(data).hexdigest() != row["sha256"]:
            report.wrong("file_altered", f"{name}: it is not what was signed.", file=name)
            return False
    if (
        misplaced := next((name for name, other in zip(names, expected, strict=True) if name != other), None)
    ) is not None:
        report.wrong("archive_altered", f"{misplaced}: it is at the wrong place.", file=misplaced)
        return False
    return True
