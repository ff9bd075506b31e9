"""What media say of their own origin: read offline, whatever the file; a hostile one harms nobody."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import imageio_ffmpeg
import pytest
from PIL import Image

from registry.catalogue.provenance.model import provenance
from registry.core.settings import Settings
from tests.support.media.signing_media import (
    ALGORITHMIC,
    CAPTURE,
    CAPTURED,
    Chain,
    bombs,
    chain,
    claim,
    created,
    pdf_with,
)
from workers.provenance import NOBODY, Trust, read_manifest, trust_of

MIMES: Final = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "avif": "image/avif",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
}


@pytest.fixture(scope="module")
def signs() -> Chain:
    return chain()


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """A small file of a kind, without a manifest."""
    folder = tmp_path_factory.mktemp("media")

    def make(kind: str) -> bytes:
        path = folder / f"a.{kind}"
        if kind in {"mp4", "mov", "mp3"}:
            picture = ["-f", "lavfi", "-i", "testsrc=d=1:s=128x96:r=5", "-pix_fmt", "yuv420p"]
            sound = ["-f", "lavfi", "-i", "sine=d=1"]
            given = sound if kind == "mp3" else picture
            command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *given, str(path)]
            subprocess.run(command, check=True)
        else:
            Image.effect_noise((96, 96), 60).convert("RGB").save(path)
        return path.read_bytes()

    return make


@pytest.mark.parametrize("kind", MIMES)
def test_each_kind_is_read_and_its_store_kept_as_it_is(
    kind: str, media: Callable[[str], bytes], signs: Chain, tmp_path: Path
) -> None:
    path = tmp_path / "one"
    plain = media(kind)
    path.write_bytes(plain)
    none = read_manifest(path)
    assert none is not None
    assert (none.state, none.store) == ("absent", None)
    signed, store = signs.sign(plain, MIMES[kind])
    path.write_bytes(signed)
    found = read_manifest(path)
    assert found is not None
    assert (found.state, found.store, found.store_bytes) == ("valid", store, len(store))
    assert (found.signer, found.claim_generator) == ("Newsroom, Diario de Ejemplo", "Newsroom camera 2.1")
    assert found.said["actions"] == [{"action": "c2pa.created", "digital_source_type": ALGORITHMIC}]
    assert not found.pictures


def test_signers_of_the_trust_list_are_trusted(
    media: Callable[[str], bytes], signs: Chain, tmp_path: Path
) -> None:
    path, trust = tmp_path / "one", tmp_path / "trust.pem"
    path.write_bytes(signs.sign(media("jpg"), "image/jpeg")[0])
    trust.write_bytes(signs.root)
    given = trust_of(Settings(c2pa_trust=str(trust)))
    trusted = read_manifest(path, given)
    stranger = read_manifest(path, Trust(chain().root.decode()))
    assert (trusted and trusted.state, stranger and stranger.state) == ("trusted", "valid")
    assert trusted is not None
    assert (trusted.declared, trusted.source) == ("trained_algorithmic_media", False)
    assert trust_of(Settings(c2pa_trust=str(tmp_path / "none.pem"))) == NOBODY


def test_only_a_source_that_captured_it_is_one(
    media: Callable[[str], bytes], signs: Chain, tmp_path: Path
) -> None:
    path, folder = tmp_path / "one", tmp_path / "trust"
    folder.mkdir()
    (folder / "agencies.pem").write_bytes(signs.root)
    path.write_bytes(signs.sign(media("jpg"), "image/jpeg", said=CAPTURED)[0])

    def found() -> tuple[str, str | None, bool]:
        read = read_manifest(path, trust_of(Settings(c2pa_trust=str(folder))))
        assert read is not None
        return read.state, read.declared, read.source

    assert found() == ("trusted", "capture", False), "trusted, but no source"
    (folder / "sources.pem").write_bytes(chain().root)
    assert found() == ("trusted", "capture", False), "others are sources"
    (folder / "sources.pem").write_bytes(signs.root)
    assert found() == ("trusted", "capture", True)
    quick = read_manifest(path, trust_of(Settings(c2pa_trust=str(folder))), whole=False)
    assert quick is not None
    assert (quick.state, quick.declared, quick.source, quick.store) == ("trusted", "capture", False, None)
    filtered = claim(created(CAPTURE), {"action": "c2pa.filtered"})
    path.write_bytes(signs.sign(media("jpg"), "image/jpeg", said=filtered)[0])
    assert found() == ("trusted", "capture", False), "something was done to it"


@pytest.mark.slow
def test_certificates_that_do_not_hold_are_not_believed(
    media: Callable[[str], bytes], signs: Chain, tmp_path: Path
) -> None:
    path, trust = tmp_path / "one", Trust(signs.root.decode(), signs.root.decode())
    day = timedelta(days=1)
    for begins, ends, state in (
        (-day, day, "trusted"),
        (-9 * day, -day, "invalid"),
        (day, 9 * day, "invalid"),
    ):
        path.write_bytes(signs.sign_with(media("jpg"), "image/jpeg", begins, ends))
        for value in (trust, NOBODY):
            found = read_manifest(path, value)
            assert found is not None
            assert found.state == ("valid" if value is NOBODY and state == "trusted" else state)
            assert ("signingCredential.expired" in found.said["failures"]) == (state == "invalid")
            assert (found.declared is None, found.source) == (state == "invalid", found.state == "trusted")


@pytest.mark.slow
def test_certificates_that_were_taken_back_are_not_believed(
    media: Callable[[str], bytes], signs: Chain, tmp_path: Path
) -> None:
    path, folder = tmp_path / "one", tmp_path / "trust"
    folder.mkdir()
    settings = Settings(c2pa_trust=str(folder))
    path.write_bytes(signs.sign(media("png"), "image/png", said=CAPTURED)[0])
    for name in ("all.pem", "sources.pem"):
        (folder / name).write_bytes(signs.root)

    def state() -> str:
        found = read_manifest(path, trust_of(settings))
        assert found is not None
        return found.state

    lists = {
        "revoked.txt": f"# stolen\n{signs.serial}  # the camera\n".encode(),
        "root.crl": signs.revocation(signs.serial),
    }
    assert state() == "trusted"
    for name, raw in lists.items():
        (folder / name).write_bytes(raw)
        assert state() == "invalid", name
        (folder / name).unlink()
    (folder / "revoked.txt").write_text(f"0x{signs.serial:x}\n")
    assert state() == "invalid"
    (folder / "revoked.txt").write_text("5\n")
    (folder / "root.crl").write_bytes(signs.revocation(7))
    assert state() == "trusted"
    for name, raw in (
        ("foreign.crl", chain().revocation(7)),
        ("revoked.txt", b"a thief's\n"),
        ("x.pem", b"?"),
    ):
        (folder / name).write_bytes(raw)
        assert state() == "valid", f"{name} cannot be read: then nobody is trusted"
        (folder / name).unlink()


def test_copying_a_stream_loses_the_manifest(
    media: Callable[[str], bytes], signs: Chain, tmp_path: Path
) -> None:
    path, copy = tmp_path / "one.mp4", tmp_path / "two.mp4"
    path.write_bytes(signs.sign(media("mp4"), "video/mp4")[0])
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-loglevel",
        "error",
        "-i",
        str(path),
        "-c",
        "copy",
        str(copy),
    ]
    subprocess.run(command, check=True)
    found = read_manifest(copy)
    assert found is not None
    assert provenance.shown(found)["note"] == "absence_proves_nothing"
    row = {"state": "valid", "signer": "Somebody", "declared": "capture"}
    told = provenance.of_match(row, "original", found)
    assert told == {"state": "valid", "signer": None, "declared": "capture", "manifest_missing": True}
    for relation, asked in (("same_footage_other_face", found), ("copy", None)):
        told = provenance.of_match(row, relation, asked)
        assert told is not None
        assert not told["manifest_missing"]


@pytest.mark.slow
def test_two_hundred_ingredients_are_read_and_a_few_reported(
    media: Callable[[str], bytes], signs: Chain, tmp_path: Path
) -> None:
    path, plain = tmp_path / "one", media("jpg")
    made = signs.sign(plain, "image/jpeg")[0]
    parts = [
        (
            {"title": f"<b>{number}", "relationship": "componentOf"},
            "image/jpeg",
            made if number % 4 else plain,
        )
        for number in range(200)
    ]
    path.write_bytes(signs.sign(plain, "image/jpeg", said=claim(created(CAPTURE)), ingredients=parts)[0])
    found = read_manifest(path, Trust(signs.root.decode(), signs.root.decode()))
    assert found is not None
    assert (found.state, len(found.said["ingredients"])) == ("trusted", 50)
    assert (found.declared, found.source) == ("trained_algorithmic_media", False), "what went into it counts"


def test_a_manifest_of_another_file_in_a_pdf_is_read_and_invalid(
    media: Callable[[str], bytes], signs: Chain, tmp_path: Path
) -> None:
    path = tmp_path / "one.pdf"
    path.write_bytes(pdf_with(signs.sign(media("jpg"), "image/jpeg")[1]))
    found = read_manifest(path)
    assert found is not None
    assert (found.state, found.signer) == ("invalid", "Newsroom, Diario de Ejemplo")
    path.write_bytes(pdf_with(None))
    none = read_manifest(path)
    assert none is not None
    assert none.state == "absent"


def test_altered_or_badly_signed_manifests_are_invalid(
    media: Callable[[str], bytes], signs: Chain, tmp_path: Path
) -> None:
    path = tmp_path / "one"
    signed, store = signs.sign(media("png"), "image/png")
    place = signed.index(b"IDAT") + 200
    path.write_bytes(signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :])
    altered = read_manifest(path)
    assert altered is not None
    assert (altered.state, altered.store) == ("invalid", store)
    assert "assertion.dataHash.mismatch" in altered.said["failures"]
    place = signed.index(b"Newsroom camera")
    path.write_bytes(signed.replace(b"Newsroom camera", b"Newsroom Camera"))
    lied = read_manifest(path)
    assert lied is not None
    assert lied.state in {"invalid", "unreadable"}


def test_pictures_in_a_manifest_are_seen(media: Callable[[str], bytes], signs: Chain, tmp_path: Path) -> None:
    path = tmp_path / "one"
    path.write_bytes(signs.sign(media("jpg"), "image/jpeg", pictures=True)[0])
    found = read_manifest(path)
    assert found is not None
    assert (found.state, found.pictures) == ("valid", True)


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
def test_a_file_that_is_cut_off_or_lies_ends_in_a_state(
    cut: float, media: Callable[[str], bytes], signs: Chain, tmp_path: Path
) -> None:
    path = tmp_path / "one"
    signed, _ = signs.sign(media("mp4"), "video/mp4")
    path.write_bytes(signed[: int(len(signed) * cut)])
    found = read_manifest(path)
    assert found is None or found.state in {"absent", "invalid", "unreadable"}


def test_a_manifest_bomb_is_refused_and_other_files_have_no_state(
    media: Callable[[str], bytes], signs: Chain, tmp_path: Path
) -> None:
    path = tmp_path / "one"
    path.write_bytes(signs.sign(media("jpg"), "image/jpeg")[0])
    slow = read_manifest(path, seconds=0)
    assert slow is not None
    assert (slow.state, slow.said) == ("unreadable", {"error": "gave_up"})
    for raw in (b"no medium at all", b"\xff\xd8\xff" + b"jumdc2pa" * 100_000, *bombs(media("png"))):
        path.write_bytes(raw)
        found = read_manifest(path)
        assert found is None or found.state in {"absent", "unreadable", "invalid"}
        assert found is None or found.declared is None


def test_a_report_of_anything_is_bounded() -> None:
    text = "x" * 100_000 + "\0"
    ingredients = [{"title": text, "format": 7}] * 10_000
    active = {
        "ingredients": ingredients,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [{"action": text}] * 10_000}}, 3],
        "signature_info": {"common_name": text, "time": "never"},
        "claim_generator": text,
    }
    report = {"active_manifest": "a", "manifests": {"a": active}, "validation_state": "Odd"}
    found = provenance.of_report(report, b"", None, "reader")
    assert found.state == "invalid"
    assert len(found.said["ingredients"]) == len(found.said["actions"]) == 50
    assert len(found.said["ingredients"][0]["title"]) == 200
    assert len(found.signer or "") <= 500
    assert found.signed_at is None
    assert (
        provenance.of_report({"manifests": [], "validation_results": "x"}, b"", None, "r").state == "invalid"
    )


def test_remote_manifests_are_named_not_fetched(media: Callable[[str], bytes], tmp_path: Path) -> None:
    buffer = io.BytesIO()
    xmp = b'<x dcterms:provenance="http://127.0.0.1:9/m.c2pa"/>'
    Image.new("RGB", (32, 32)).save(buffer, "JPEG", comment=xmp)
    path = tmp_path / "one"
    path.write_bytes(buffer.getvalue())
    found = read_manifest(path)
    assert found is not None
    assert (found.state, found.said) == ("absent", {"remote": True})
