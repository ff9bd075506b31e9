"""Bundles of evidence: made by the API from what is on record, the same each time, checked offline; whatever
is changed in one is seen and named."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from registry.core.documents import plain_zip
from registry.core.errors import Conflict, NotFound, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.evidence.model import bundle
from registry.takedown.evidence.service.bundles import bundle_evidence
from registry.transparency.ledger.model import signing
from registry.transparency.ledger.model.note import VerifierKey
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.support.record.signers import signers
from tests.support.record.tampering import altered
from tests.support.takedown.campaigns import Case, case

URLS = ("https://videos.example.net/v/1", "https://t.me/canal/2", "https://videos.example.net/v/3")


@pytest.fixture
def about(service: Service, owner: Caller) -> Case:
    return case(service, owner)


@pytest.fixture
def signed(about: Case) -> list[UUID]:
    """Three notices, two of them sent, all of it in the ledger."""
    made = about.ready(*URLS)
    with about.service.pool.transaction() as connection:
        about.send(connection, *made[:2])
    sequence_events(about.service)
    return made


def keys(service: Service) -> list[VerifierKey]:
    return [signer.verifier for signer in signers(service)]


def test_a_bundle_is_whole_and_checks_offline(about: Case, signed: list[UUID]) -> None:
    raw = bundle_evidence(about.service, about.caller, about.campaign_id)
    files = dict(plain_zip.unpack(raw))
    assert {name.split("/")[0] for name in files} == {
        "manifest.json",
        "manifest.sig",
        "readme.txt",
        "campaign.json",
        "custody.json",
        "report.pdf",
        "entries",
        "notices",
    }
    assert files["report.pdf"].startswith(b"%PDF-")
    assert {name.split("/")[1] for name in files if name.startswith("notices/")} == set(map(str, signed))
    campaign = json.loads(files["campaign.json"])
    assert (campaign["client"]["name"], campaign["signatory"]["name"]) == (
        "Partido de Ejemplo",
        "Lucía Letrada",
    )
    record = json.loads(files[f"notices/{signed[0]}/record.json"])
    assert (record["state"], record["url"]) == ("prepared", URLS[0])
    assert [move["to_state"] for move in record["moves"]][-1] == "prepared"
    media = json.loads(files[f"entries/{about.entry_id}/fingerprints.json"])
    assert media[0]["sha256"] == about.found.media.sha256
    assert media[0]["fingerprint"]["algorithms"]
    assert b"embedding" not in raw
    assert b"face.sface" not in raw
    report = bundle.check(raw, keys(about.service), [])
    assert report.sound, report.findings
    assert report.unchecked == []
    assert any("events are among" in item for item in report.checked)


def test_the_same_state_gives_the_same_bytes(about: Case, signed: list[UUID], owner: Caller) -> None:
    first = bundle_evidence(about.service, about.caller, about.campaign_id)
    case(about.service, owner)  # others go on, and the ledger grows
    sequence_events(about.service)
    assert bundle_evidence(about.service, about.caller, about.campaign_id) == first
    with about.service.pool.transaction() as connection:
        about.send(connection, signed[2])
    sequence_events(about.service)
    assert bundle_evidence(about.service, about.caller, about.campaign_id) != first


def test_evidence_of_one_notice_names_no_other(about: Case, signed: list[UUID]) -> None:
    raw = bundle_evidence(about.service, about.caller, about.campaign_id, notice_id=signed[0])
    report = bundle.check(raw, keys(about.service), [])
    assert report.sound, report.findings
    assert str(signed[0]).encode() in raw
    assert str(signed[1]).encode() not in raw
    assert URLS[1].encode() not in raw


def test_unbundled_parts_are_reported(about: Case, service: Service, owner: Caller) -> None:
    with pytest.raises(Unavailable) as unsigned:
        bundle_evidence(service, owner, about.campaign_id)
    assert unsigned.value.code == "ledger_key_unavailable"
    sequence_events(service)
    with pytest.raises(Conflict) as empty:
        bundle_evidence(service, owner, about.campaign_id)
    assert empty.value.code == "no_notices"
    for other in (uuid4(), *case(service, owner).add(URLS[0])):
        with pytest.raises(NotFound) as unknown:
            bundle_evidence(service, owner, about.campaign_id, notice_id=other)
        assert unknown.value.code == "unknown_notice"
    with pytest.raises(NotFound) as foreign:
        bundle_evidence(service, owner, uuid4())
    assert foreign.value.code == "unknown_campaign"


def test_whatever_is_altered_is_seen_and_named(about: Case, signed: list[UUID]) -> None:
    raw = bundle_evidence(about.service, about.caller, about.campaign_id)
    own = keys(about.service)
    for what, named, other in altered(raw):
        report = bundle.check(other, own, [])
        assert not report.sound, what
        first = report.findings[0]
        assert first.file in named, (what, first)
        assert first.message.startswith(f"{first.file}: ")


def test_a_new_signature_is_not_the_ledgers(about: Case, signed: list[UUID], tmp_path: Path) -> None:
    raw = bundle_evidence(about.service, about.caller, about.campaign_id)
    forger = signing.signers(tmp_path / "forged", about.service.settings.ledger_origin, create=True)
    files = dict(plain_zip.unpack(raw))
    body = json.loads(files.pop("manifest.json"))
    del files["manifest.sig"]
    name = f"notices/{signed[0]}/record.json"
    files[name] = files[name].replace(b"videos.example.net", b"another.example.net")
    forged = bundle.pack(files, body, forger)
    assert bundle.check(forged, keys(about.service), []).findings[0].file == "manifest.sig"


def test_a_false_signed_manifest_contradicts_the_ledger(about: Case, signed: list[UUID]) -> None:
    raw = bundle_evidence(about.service, about.caller, about.campaign_id)
    files = dict(plain_zip.unpack(raw))
    body = json.loads(files.pop("manifest.json"))
    del files["manifest.sig"]
    name = f"notices/{signed[0]}/record.json"
    record = json.loads(files[name])
    record["moves"][-1]["act"] = "remove"
    lied = bundle.pack({**files, name: json.dumps(record).encode()}, body, signers(about.service))
    found = bundle.check(lied, keys(about.service), []).findings[0]
    assert (found.code, found.file) == ("contradiction", name)
    ledger = f"entries/{about.entry_id}/ledger.json"
    history = json.loads(files[ledger])
    event = next(event for event in history["events"] if event["kind"] == "notice.moved" and event["proof"])
    event["leaf"] = event["leaf"].replace("notice.moved", "notice.mover")
    lied = bundle.pack({**files, ledger: json.dumps(history).encode()}, body, signers(about.service))
    found = bundle.check(lied, keys(about.service), []).findings[0]
    assert (found.code, found.file) == ("not_included", ledger)
