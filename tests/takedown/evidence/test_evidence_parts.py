"""Optional parts of an evidence bundle: a time stamp, exhibits, C2PA manifests, and encrypted media."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pyrage
import pytest
from PIL import Image

from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.catalogue.media.store import assets
from registry.catalogue.provenance import store as manifests
from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.crypto import age_encryption
from registry.core.documents import plain_zip
from registry.core.errors import BadInput, FakeprintError, Forbidden, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.clients.service import erase_client
from registry.takedown.evidence.commands.verify_bundle import UserKeys
from registry.takedown.evidence.commands.verify_bundle import check as check_file
from registry.takedown.evidence.model import bundle
from registry.takedown.evidence.model.exhibit import Exhibit
from registry.takedown.evidence.service.bundles import Readers, bundle_evidence, disclose_evidence
from registry.takedown.evidence.service.exhibits import add_exhibit, list_exhibits
from registry.transparency.ledger.model import signing
from registry.transparency.ledger.model.verification import Report
from registry.transparency.ledger.service.sequencing import ledger_folder, sequence_events
from registry.transparency.timestamps.model import rfc3161
from tests.support.entries import set_digest
from tests.support.media.signing_media import chain
from tests.support.record.tampering import altered
from tests.support.service import authority
from tests.support.service.authority import Authority, Mood
from tests.support.service.fixtures import Recorder
from tests.support.steps import claimed, fingerprint_of, upload
from tests.support.takedown.campaigns import Case, case
from workers.provenance import read_manifest

MEDIUM: Final = b"not a medium, but the bytes of one " * 2_000
PASSWORD: Final = "correct horse battery"
STORE: Final = b"\0\0\0\x26jumb\0\0\0\x1ejumdc2pa a manifest store"


@pytest.fixture
def about(service: Service, owner: Caller) -> Case:
    return case(service, owner)


@pytest.fixture
def sent(about: Case) -> UUID:
    """A notice that was sent, all of it in the ledger."""
    made = about.ready("https://videos.example.net/v/1")
    with about.service.pool.transaction() as connection:
        about.send(connection, *made)
    sequence_events(about.service)
    return made[0]


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[Authority]:
    (folder := tmp_path / "tsa").mkdir()
    with authority.running(folder) as made:
        yield made


def stamped(about: Case, tsa: Authority, **other: str) -> Case:
    """The same, with a deployment that has the authority."""
    chosen = {"tsa_url": tsa.url, "tsa_ca": str(tsa.ca)} | other
    settings = about.service.settings.model_copy(update=chosen)
    return replace(about, service=replace(about.service, settings=settings))


def taken(about: Case, **fields: Any) -> bytes:
    return bundle_evidence(about.service, about.caller, about.campaign_id, **fields)


def disclosed(about: Case, recipients: list[str], identity: str | None = None) -> bytes:
    readers = Readers(recipients, identity)
    return b"".join(disclose_evidence(about.service, about.caller, about.campaign_id, readers))


def checked(about: Case, raw: bytes, **fields: Any) -> Report:
    return bundle.check(raw, [signer.verifier for signer in signers(about)], [], **fields)


def signers(about: Case) -> list[Any]:
    folder = ledger_folder(about.service.settings)
    return signing.signers(folder, about.service.settings.ledger_origin, create=False)


def signed_anew(
    about: Case, raw: bytes, change: Callable[[dict[str, bytes]], None], stamping: Any = None
) -> bytes:
    """What somebody could make of it who holds the ledger's key."""
    files = dict(plain_zip.unpack(raw))
    body = json.loads(files.pop("manifest.json"))
    for name in ("manifest.sig", "manifest.tsr", "manifest.tsr.sig"):
        files.pop(name, None)
    change(files)
    return bundle.pack(files, body, signers(about), timestamping=stamping)


def declared(*, pictures: bool) -> Manifest:
    digest = hashlib.sha256(STORE).hexdigest()
    return Manifest("valid", "reader 1", STORE, digest, len(STORE), pictures, signer="Newsroom")


def shot(content: bytes | None = None, name: str = "captura «1».png") -> Exhibit:
    raw = content or b"a screenshot"
    return Exhibit(
        "screenshot", hashlib.sha256(raw).hexdigest(), len(raw), name, "4,000 views", None, content
    )


@pytest.mark.slow
def test_a_stamp_is_kept_checked_and_cannot_be_changed(about: Case, sent: UUID, tsa: Authority) -> None:
    there = stamped(about, tsa)
    raw = taken(there)
    assert taken(there) == raw
    assert tsa.asked == 1
    roots = rfc3161.authorities(tsa.ca.read_bytes())
    report = checked(about, raw, trusted=roots)
    assert report.sound, report.findings
    assert any("according to the stamp of CN=Example Stamps good" in item for item in report.checked)
    assert report.unchecked == []
    unasked = checked(about, raw)
    assert unasked.sound
    assert "give --tsa-roots" in unasked.unchecked[0]
    for what, named, other in altered(raw):
        found = checked(about, other, trusted=roots).findings
        assert found, what
        assert found[0].file in named, (what, found[0])
    stranger = rfc3161.authorities((tsa.folder / "foreign.pem").read_bytes())
    found = checked(about, raw, trusted=stranger).findings
    assert (found[0].code, found[0].file) == ("bad_stamp", "manifest.tsr")


def test_a_stamp_of_other_data_is_reported(about: Case, sent: UUID, tsa: Authority) -> None:
    there = stamped(about, tsa)
    raw = taken(there)
    files = dict(plain_zip.unpack(raw))
    question = rfc3161.question(b"something else")
    elsewhere = tsa.answer(question.body)
    assert elsewhere
    swapped = [(name, elsewhere if name == "manifest.tsr" else data) for name, data in files.items()]
    found = checked(about, plain_zip.pack(swapped)).findings[0]
    assert (found.code, found.file) == ("bad_signature", "manifest.tsr")
    resigned = signed_anew(about, raw, lambda _files: None, lambda _message: elsewhere)
    found = checked(about, resigned).findings[0]
    assert (found.code, found.file) == ("bad_stamp", "manifest.tsr")
    assert "another message" in found.message
    without = [(name, data) for name, data in files.items() if not name.startswith("manifest.tsr")]
    found = checked(about, plain_zip.pack(without)).findings[0]
    assert (found.code, found.file) == ("file_missing", "manifest.tsr")


MOODS: Final[dict[Mood, str]] = {
    "refuses": "tsa_refused",
    "other digest": "bad_time_stamp",
    "other nonce": "bad_time_stamp",
    "expired": "bad_time_stamp",
    "foreign": "bad_time_stamp",
    "garbage": "bad_time_stamp",
    "busy": "tsa_unreachable",
    "silent": "tsa_unreachable",
}


@pytest.mark.slow
def test_without_a_good_stamp_there_is_no_bundle_that_does_not_say_so(
    about: Case, sent: UUID, tsa: Authority, tmp_path: Path
) -> None:
    there = stamped(about, tsa)
    for mood, code in MOODS.items():
        tsa.mood = mood
        with pytest.raises(Unavailable) as refused:
            taken(there)
        assert refused.value.code == code, mood
    raw = taken(there, stamp=False)
    assert json.loads(dict(plain_zip.unpack(raw))["manifest.json"])["time_stamp"] is False
    assert any("no time stamp" in item for item in checked(about, raw).checked)
    assert raw == taken(about)
    (tmp_path / "no.pem").write_text("nothing")
    for wrong in (
        {"tsa_ca": ""},
        {"tsa_url": ""},
        {"tsa_ca": str(tmp_path / "no.pem")},
        {"tsa_url": "ftp://x"},
    ):
        with pytest.raises(BadInput) as unset:
            taken(stamped(about, tsa, **wrong))
        assert unset.value.code == "bad_tsa"


def test_exhibits_stand_in_the_bundle_as_in_the_ledger(about: Case, sent: UUID) -> None:
    whose = (about.service, about.caller, about.campaign_id, sent)
    add_exhibit(*whose, shot())
    kept = add_exhibit(*whose, shot()).exhibits
    assert [(exhibit.name, exhibit.note, exhibit.kept) for exhibit in kept] == [
        ("captura «1».png", "4,000 views", False)
    ]
    sequence_events(about.service)
    raw = taken(about)
    report = checked(about, raw)
    assert report.sound, report.findings
    files = dict(plain_zip.unpack(raw))
    custody = json.loads(files["custody.json"])
    digest = shot().sha256
    assert {"what": "screenshot", "of": str(sent), "sha256": digest} in custody["exhibits"]
    assert [step["by"] for step in custody["steps"] if step["sha256"] == digest] == [
        str(about.caller.caller_id)
    ]
    name = f"notices/{sent}/record.json"

    def lie(changed: dict[str, bytes]) -> None:
        changed[name] = changed[name].replace(digest.encode(), b"ab" * 32)

    found = checked(about, signed_anew(about, raw, lie)).findings[0]
    assert (found.code, found.file) == ("contradiction", name)
    assert "exhibit" in found.message
    for wrong in (
        replace(shot(), sha256="x"),
        replace(shot(), size=0),
        replace(shot(b"one"), content=b"two"),
        replace(shot(), name=" "),
    ):
        with pytest.raises(BadInput):
            add_exhibit(*whose, wrong)
    erase_client(about.service, about.caller, about.client_id)
    assert list_exhibits(*whose).exhibits[0].name is None


def test_looked_up_media_are_named_by_digest(about: Case) -> None:
    (notice_id,) = about.add("https://videos.example.net/v/2")
    about.look_up(notice_id)
    sequence_events(about.service)
    record = json.loads(dict(plain_zip.unpack(taken(about)))[f"notices/{notice_id}/record.json"])
    assert record["match"]["sha256"] == about.found.media.sha256


@pytest.mark.slow
def test_media_are_encrypted_for_their_recipients(about: Case, sent: UUID) -> None:
    asset_id = about.keep(MEDIUM, declared(pictures=True))
    add_exhibit(about.service, about.caller, about.campaign_id, sent, shot(b"a screenshot that is kept"))
    sequence_events(about.service)
    plain = taken(about)
    assert taken(about) == plain
    key = pyrage.x25519.Identity.generate()
    raw = disclosed(about, [str(key.to_public())])
    for secret in (MEDIUM, b"a screenshot that is kept", STORE):
        assert secret not in raw
        assert secret not in plain
    files = dict(plain_zip.unpack(raw))
    listed = json.loads(files["media.json"])["files"]
    assert {file["what"] for file in listed} == {"medium", "exhibit", "c2pa"}
    assert {file["sha256"] for file in listed} >= {hashlib.sha256(MEDIUM).hexdigest()}
    assert pyrage.decrypt(files[f"media/{asset_id}.age"], [key]) == MEDIUM
    user_keys = UserKeys((), (key,), None)
    keys = [signer.verifier for signer in signers(about)]
    report = check_file(io.BytesIO(raw), b"", keys, [], user_keys)
    assert report.sound, report.findings
    assert "3 of 3 encrypted files have the listed content" in report.checked
    assert any("give --identity" in item for item in checked(about, raw).unchecked)
    stranger = check_file(
        io.BytesIO(raw), b"", keys, [], UserKeys((), (pyrage.x25519.Identity.generate(),), None)
    )
    assert stranger.findings[0].file == listed[0]["name"]
    for what, named, other in altered(raw):
        found = checked(about, other).findings
        assert found, what
        assert found[0].file in named, (what, found[0])
    sequence_events(about.service)
    ledger = json.loads(dict(plain_zip.unpack(taken(about)))[f"entries/{about.entry_id}/ledger.json"])
    told = [event for event in ledger["events"] if event["kind"] == "evidence.disclosed"]
    assert [len(event["said"]["files"]) for event in told] == [3]


def test_the_signer_cannot_substitute_media(about: Case, sent: UUID) -> None:
    asset_id = about.keep(MEDIUM)
    key = pyrage.x25519.Identity.generate()
    raw = disclosed(about, [str(key.to_public())])
    name = f"media/{asset_id}.age"
    other = pyrage.encrypt(b"another medium", [key.to_public()])

    def swap(files: dict[str, bytes]) -> None:
        files[name] = other

    found = checked(about, signed_anew(about, raw, swap)).findings[0]
    assert (found.code, found.file) == ("contradiction", name)

    def swap_and_say(files: dict[str, bytes]) -> None:
        files[name] = other
        body = json.loads(files["media.json"])
        body["files"][0]["cipher_sha256"] = hashlib.sha256(other).hexdigest()
        files["media.json"] = json.dumps(body).encode()

    lied = signed_anew(about, raw, swap_and_say)
    keys = [signer.verifier for signer in signers(about)]
    found = check_file(io.BytesIO(lied), b"", keys, [], UserKeys((), (key,), None)).findings[0]
    assert (found.code, found.file) == ("file_altered", name)

    def add(files: dict[str, bytes]) -> None:
        files["media/zz.age"] = b"x"

    assert checked(about, signed_anew(about, raw, add)).findings[0].file == "media/zz.age"


@pytest.mark.slow(19)
def test_a_password_opens_them_and_stays_away(about: Case, sent: UUID, tmp_path: Path) -> None:
    about.keep(MEDIUM)
    public, locked = age_encryption.new_locked(PASSWORD)
    raw = disclosed(about, [public], base64.b64encode(locked).decode())
    assert dict(plain_zip.unpack(raw))["media/identity.age"] == locked
    path = tmp_path / "evidence.zip"
    path.write_bytes(raw)
    keys = [signer.verifier for signer in signers(about)]
    with path.open("rb") as file:
        report = check_file(file, file.read(64), keys, [], UserKeys((), (), PASSWORD))
    assert report.sound, report.findings
    assert "1 of 1 encrypted files have the listed content" in report.checked
    with path.open("rb") as file:
        wrong = check_file(file, b"", keys, [], UserKeys((), (), "another password"))
    assert "password" in wrong.findings[0].message
    with pytest.raises(BadInput) as weak:
        age_encryption.new_locked("short")
    assert weak.value.code == "weak_password"


def test_undisclosable_media_are_left_out(about: Case, sent: UUID) -> None:
    key = str(pyrage.x25519.Identity.generate().to_public())

    def refused(recipients: list[str], identity: str | None = None) -> str:
        with pytest.raises(FakeprintError) as error:
            disclosed(about, recipients, identity)
        return error.value.code

    assert refused([key]) == "no_media"
    assert refused([]) == refused(["age1no"]) == "bad_recipient"
    clear = base64.b64encode(b"AGE-SECRET-KEY-1").decode()
    assert refused([key], clear) == refused([key], "no base64") == "bad_identity"
    asset_id = about.keep(MEDIUM)
    set_digest(about.service, asset_id, b"x" * 32)
    assert refused([key]) == "media_damaged"
    (other,) = about.add("https://videos.example.net/v/9")
    about.answer([other], minor="yes")
    assert refused([key]) == "minor_protection"
    with pytest.raises(Forbidden):
        add_exhibit(about.service, about.caller, about.campaign_id, other, shot(b"a screenshot"))
    erase_client(about.service, about.caller, about.client_id)
    assert refused([key]) == "client_erased"


def test_a_manifest_of_c2pa_is_evidence(about: Case, sent: UUID) -> None:
    asset_id = about.keep(MEDIUM, declared(pictures=False))
    raw = taken(about)
    files = dict(plain_zip.unpack(raw))
    name = f"c2pa/{asset_id}.c2pa"
    assert files[name] == STORE
    said = json.loads(files[f"entries/{about.entry_id}/fingerprints.json"])[0]["c2pa"]
    assert (said["state"], said["signer"], said["store_here"]) == ("valid", "Newsroom", True)
    assert checked(about, raw).sound

    def change(changed: dict[str, bytes]) -> None:
        changed[name] = STORE + b"!"

    found = checked(about, signed_anew(about, raw, change)).findings[0]
    assert (found.code, found.file) == ("contradiction", name)
    without = signed_anew(about, raw, lambda changed: changed.__delitem__(name))
    assert checked(about, without).findings[0].code == "contradiction"


def test_a_worker_stores_the_manifest_of_a_medium(
    service: Service, owner: Caller, recorder: Recorder, tmp_path: Path
) -> None:
    drawn_picture = io.BytesIO()
    Image.effect_noise((96, 96), 60).convert("RGB").save(drawn_picture, "JPEG")
    signed, store = chain().sign(drawn_picture.getvalue(), "image/jpeg")
    media = upload(service, signed, "signed.jpg")
    entry_id = register_entry(service, owner, Registration(fakes=[media])).entry_id
    path = tmp_path / "signed.jpg"
    path.write_bytes(signed)
    said = read_manifest(path)
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(media, "signed"), said)
    with service.pool.transaction() as connection:
        (asset,) = assets.of_entry(connection, UUID(entry_id))
        kept = manifests.of_assets(connection, [asset["asset_id"]])[asset["asset_id"]]
        assert manifests.manifest_store(connection, asset["asset_id"]) == store
    assert (kept["state"], kept["signer"]) == ("valid", "Newsroom, Diario de Ejemplo")
    assert kept["said"]["actions"][0]["action"] == "c2pa.created"
