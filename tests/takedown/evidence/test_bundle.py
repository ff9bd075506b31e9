"""Bundles without a registry: what a stranger makes and signs is refused, and never breaks the check."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.core.audit.model.ledger import canonical
from registry.core.documents import plain_zip
from registry.core.documents.plain_zip import BadArchive
from registry.takedown.evidence.model import bundle
from registry.transparency.ledger.model import note
from registry.transparency.ledger.model.note import Signer

FORGER = Signer("forged/ledger", Ed25519PrivateKey.from_private_bytes(b"f" * 32))
FILES = {"a.txt": b"one", "folder/b.txt": b"two"}


def forged(said: Any, files: dict[str, bytes] = FILES) -> bytes:
    """An archive with any manifest, rightly signed by its own key."""
    manifest = canonical(said)
    signed = note.sign(bundle._signed_text(manifest), [FORGER]).encode()
    return plain_zip.pack([("manifest.json", manifest), ("manifest.sig", signed), *files.items()])


def right() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(
        dict(plain_zip.unpack(bundle.pack(FILES, {}, [FORGER])))["manifest.json"]
    )
    return made


def test_a_bundle_verifies_and_warns_about_its_own_key() -> None:
    raw = bundle.pack(FILES, {"campaign_id": "c"}, [FORGER])
    assert dict(plain_zip.unpack(raw)).items() >= FILES.items()
    report = bundle.check(raw, [], [])
    assert report.sound
    assert any("the signer's identity" in item for item in report.unchecked)
    assert bundle.check(raw, [FORGER.verifier], []).unchecked == []
    assert bundle.check(forged(right()), [], []).sound


@pytest.mark.parametrize(
    "change",
    [
        {"files": []},
        {"files": None},
        {"files": [1]},
        {"files": [{"name": ["x"], "bytes": 1, "sha256": "0"}]},
        {"files": [{"name": "../x", "bytes": 1, "sha256": "0"}]},
        {"files": [{"name": "a.txt", "bytes": 3, "sha256": "0"}] * 2},
        {"files": [{"name": "a.txt", "bytes": None, "sha256": {}}]},
        {"keys": 1},
        {"keys": [1]},
        {"keys": ["x"]},
        {"keys": []},
        {"version": 2},
        {"type": "ledger"},
    ],
)
def test_an_invalid_manifest_is_reported(change: dict[str, Any]) -> None:
    report = bundle.check(forged(right() | change), [], [])
    assert not report.sound
    assert report.findings[0].file in {"manifest.json", "manifest.sig", "a.txt", "folder/b.txt"}
    assert not bundle.check(forged([1]), [], []).sound


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"moves":1}', b'{"events":{}}']
)
def test_unreadable_records_are_reported(text: bytes) -> None:
    for name in ("notices/n/record.json", "entries/e/ledger.json"):
        report = bundle.check(bundle.pack({name: text}, {}, [FORGER]), [], [])
        assert not report.sound
        assert report.findings[0].file == name


@pytest.mark.parametrize(
    "raw", [b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"x", bytes(100), b"PK\x03\x04" * 50]
)
def test_an_invalid_archive_is_reported(raw: bytes) -> None:
    with pytest.raises(BadArchive):
        plain_zip.unpack(raw)
    assert bundle.check(raw, [], []).findings[0].file


@pytest.mark.parametrize("name", ["../a", "/a", "a/../b", "", ".a", "A", "a b", "a/", "é", "a" * 201])
def test_no_file_is_called_so(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        plain_zip.pack([(name, b"")])
