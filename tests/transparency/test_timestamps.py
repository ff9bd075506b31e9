"""The chain from a medium to a time: fingerprint commitments, timestamped checkpoints, proofs of entries."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import psycopg
import pytest

from registry.app.service.bootstrap import bootstrap
from registry.catalogue.entries.service.media import add_asset
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.catalogue.fingerprints.model.document import to_document
from registry.core.database.pool import Pool
from registry.core.errors import Conflict, Forbidden, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.operations.api import timestamp_metrics
from registry.transparency.entry_proof.model import chain, entry_proof
from registry.transparency.entry_proof.model.chain_parts import Evidence
from registry.transparency.entry_proof.model.entry_proof import EntryProof
from registry.transparency.entry_proof.service import prove_entry
from registry.transparency.ledger.model import signing
from registry.transparency.ledger.model.verification import Report
from registry.transparency.ledger.service.ledger import get_ledger
from registry.transparency.ledger.service.sequencing import ledger_folder, sequence_events
from registry.transparency.timestamps import store as ledger_stamps
from registry.transparency.timestamps.model import rfc3161
from registry.transparency.timestamps.service.timestamps import get_timestamp, stamp_ledger
from tests.support.media import drawn
from tests.support.record.ledger import (
    alter_digests,
    alter_fingerprints,
    forget_asset_commitments,
    forget_fingerprint_commitments,
    forget_fingerprint_event,
    make_stamp_due,
)
from tests.support.service import authority
from tests.support.service import servers as services
from tests.support.service.api import Api
from tests.support.service.authority import Authority
from tests.support.service.fixtures import Recorder
from tests.support.service.rows import forge
from tests.support.service.stack import Ran, within
from tests.support.steps import claimed, fingerprint_of, join, renamed, upload


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority.running(tmp_path_factory.mktemp("tsa")) as made:
        yield made


@pytest.fixture
def stamping(service: Service, tsa: Authority) -> Service:
    """A deployment with an authority, whose answers are always good."""
    tsa.mood = "good"
    return with_authority(service, tsa)


def with_authority(service: Service, tsa: Authority) -> Service:
    chosen = {"tsa_url": tsa.url, "tsa_ca": str(tsa.ca)}
    return replace(service, settings=service.settings.model_copy(update=chosen))


def due(service: Service) -> None:
    """Let the time pass until the next stamp."""
    make_stamp_due(service)


def checked(service: Service, raw: bytes, tsa: Authority | None = None) -> Report:
    signers = signing.signers(ledger_folder(service.settings), service.settings.ledger_origin, create=False)
    trusted = rfc3161.authorities(tsa.ca.read_bytes()) if tsa else []
    held = Evidence(keys=[signer.verifier for signer in signers], trusted=trusted)
    return chain.check(raw, held, datetime.now(UTC))


def proved(service: Service, caller: Caller, entry_id: str, **fields: Any) -> EntryProof:
    return entry_proof.read(prove_entry(service, caller, UUID(entry_id), **fields))


def states(report: Report) -> dict[str, str]:
    return {link.name: link.state for link in report.links}


def test_from_a_registration_to_a_stamp(stamping: Service, owner: Caller, tsa: Authority) -> None:
    fake, original = drawn.clip("body", face="victim", sound="s"), drawn.clip("body", face="b", file="other")
    made = register_entry(stamping, owner, Registration(fakes=[fake])).entry_id
    with pytest.raises(Conflict) as unsigned:
        prove_entry(stamping, owner, UUID(made))
    assert unsigned.value.code in {"not_signed", "not_recorded"}
    sequence_events(stamping)
    assert states(checked(stamping, prove_entry(stamping, owner, UUID(made)), tsa))["stamp"] == "lacks"
    assert stamp_ledger(stamping)
    raw = prove_entry(stamping, owner, UUID(made))
    report = checked(stamping, raw, tsa)
    assert report.findings == []
    assert states(report) == dict.fromkeys(
        ("fingerprint", "entry", "ledger", "checkpoint", "stamp", "file"), "holds"
    ) | {"media": "unchecked"}
    assert "as sent at registration" in report.links[1].message
    assert fake.faces
    assert not any(
        "face" in name for name in json.loads(raw)["media"][0]["fingerprint"]["document"]["algorithms"]
    )
    # What comes later does not move what was known earlier; each by its own stamp.
    add_asset(stamping, owner, UUID(made), original, "original")
    sequence_events(stamping)
    due(stamping)
    assert stamp_ledger(stamping)
    proof = proved(stamping, owner, made)
    assert [anchor.stamp is not None for anchor in proof.anchors] == [True, True]
    assert proof.anchors[0] == entry_proof.read(raw).anchors[0]
    assert checked(stamping, entry_proof.pack(proof), tsa).sound
    register_entry(stamping, owner, Registration(fakes=[drawn.clip("another")]))
    sequence_events(stamping)
    assert proved(stamping, owner, made) == proof
    bare = proved(stamping, owner, made, with_fingerprints=False)
    assert all(medium.fingerprint and medium.fingerprint.document is None for medium in bare.media)
    assert states(checked(stamping, entry_proof.pack(bare), tsa))["fingerprint"] == "unchecked"


def test_a_worker_computes_it_again(service: Service, owner: Caller, recorder: Recorder) -> None:
    medium = upload(service, b"a film")
    made = register_entry(service, owner, Registration(fakes=[medium])).entry_id
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(medium, "computed"))
    sequence_events(service)
    raw = prove_entry(service, owner, UUID(made))
    assert "computed from the medium by the registry's workers" in checked(service, raw).links[1].message
    # A second entry with the same file says so too; the same file again says nothing new.
    second = register_entry(service, owner, Registration(fakes=[medium, drawn.clip("more")])).entry_id
    register_entry(service, owner, Registration(fakes=[medium]))
    sequence_events(service)
    assert entry_proof.pack(proved(service, owner, made)) == raw
    assert checked(service, prove_entry(service, owner, UUID(second))).sound


def test_a_document_gives_way_to_its_medium(service: Service, owner: Caller, recorder: Recorder) -> None:
    """Both fingerprints are on record; the proof is of the one that stands, from when it was computed."""
    medium = upload(service, b"another film")
    computed = fingerprint_of(medium, "computed")
    stated = renamed(drawn.clip("computed", noise=0.01), medium.blob.sha256)
    made = register_entry(service, owner, Registration(fakes=[stated])).entry_id
    sequence_events(service)
    (before,) = proved(service, owner, made).media
    register_entry(service, owner, Registration(fakes=[medium]))
    enrol_fingerprint(service, claimed(service, recorder), computed)
    sequence_events(service)
    proof = proved(service, owner, made)
    (after,) = proof.media
    assert before.fingerprint
    assert after.fingerprint
    assert before.fingerprint.opening.digest != after.fingerprint.opening.digest
    report = checked(service, entry_proof.pack(proof))
    assert report.sound
    assert "by the registry's workers" in report.links[1].message
    assert [json.loads(leaf.text)["said"].get("recomputed") for leaf in proof.leaves][2:] == [None, True]


def test_debians_postgresql_gives_the_same_result(
    service: Service, debian_postgres: services.PostgresServer, tmp_path: Path, tsa: Authority
) -> None:
    """The digest does not depend on the server, nor on where the rows lie."""
    tsa.mood = "good"
    clip = replace(drawn.clip("body", face="a", sound="s", rate=3), videohash=b"12345678")
    with debian_postgres.clone() as url, closing(Pool(url, size=3, statement_timeout_ms=10_000)) as pool:
        pool.open()
        settings = service.settings.model_copy(update={"data": tmp_path / "debian", "database_url": url})
        other = with_authority(replace(service, pool=pool, settings=settings), tsa)
        digests = []
        for item in (service, other):
            caller = authenticate(item, bootstrap(item) or "")
            made = register_entry(item, caller, Registration(fakes=[clip])).entry_id
            sequence_events(item)
            stamp_ledger(item)
            (medium,) = proved(item, caller, made).media
            assert medium.fingerprint
            digests.append(medium.fingerprint.opening.digest)
        assert digests[0] == digests[1]
        report = checked(other, prove_entry(other, caller, UUID(made)), tsa)
        assert report.sound
        assert states(report)["stamp"] == "holds"


def test_rows_that_were_altered_are_seen(service: Service, owner: Caller) -> None:
    made = register_entry(service, owner, Registration(fakes=[drawn.clip("body")])).entry_id
    sequence_events(service)
    alter_fingerprints(service)
    report = checked(service, prove_entry(service, owner, UUID(made)))
    assert [finding.code for finding in report.findings] == ["fingerprint_altered"]
    alter_fingerprints(service)
    alter_digests(service)
    report = checked(service, prove_entry(service, owner, UUID(made)))
    assert report.findings[0].code == "media_altered"


def test_missing_and_unsent_stamps(service: Service, owner: Caller) -> None:
    made = register_entry(service, owner, Registration(fakes=[drawn.clip("body")])).entry_id
    older = register_entry(service, owner, Registration(fakes=[drawn.clip("older")])).entry_id
    # As before fingerprints were on record.
    forget_fingerprint_event(service)
    forget_fingerprint_commitments(service, older)
    sequence_events(service)
    report = checked(service, prove_entry(service, owner, UUID(older)))
    assert report.sound
    assert [link.code for link in report.links if link.state == "lacks"] == ["no_fingerprint", "no_stamp"]
    # Registering the same file again puts it on record, as known from now on.
    assert not register_entry(service, owner, Registration(fakes=[drawn.clip("older")])).created
    forget_fingerprint_commitments(service, made)
    forget_asset_commitments(service, made)
    sequence_events(service)
    assert states(checked(service, prove_entry(service, owner, UUID(older))))["fingerprint"] == "holds"
    report = checked(service, prove_entry(service, owner, UUID(made)))
    lacking = [link.code for link in report.links if link.state == "lacks"]
    assert lacking == ["media_forgotten", "fingerprint_forgotten", "no_stamp"]


def test_whose_proof_it_is(service: Service, owner: Caller) -> None:
    made = register_entry(service, owner, Registration(fakes=[drawn.clip("body")])).entry_id
    sequence_events(service)
    other = join(service, owner, "Other")
    with pytest.raises((Forbidden, NotFound)):
        prove_entry(service, other, UUID(made))
    with pytest.raises(Forbidden):
        prove_entry(service, replace(owner, roles=frozenset({"lookup", "signals"})), UUID(made))
    with pytest.raises(NotFound):
        prove_entry(service, owner, UUID(int=1))


def test_a_stamp_comes_at_most_so_often(stamping: Service, owner: Caller, tsa: Authority) -> None:
    asked = tsa.asked
    assert stamp_ledger(stamping) is None  # nothing is signed
    sequence_events(stamping)
    size = stamp_ledger(stamping)
    assert size
    found = get_timestamp(stamping, owner, covering=size - 1)
    message, answer = found.checkpoint.encode(), base64.b64decode(found.stamp)
    rfc3161.read(answer, message, rfc3161.authorities(tsa.ca.read_bytes()), None)
    with pytest.raises(NotFound):
        get_timestamp(stamping, owner, covering=size)
    register_entry(stamping, owner, Registration(fakes=[drawn.clip("body")]))
    sequence_events(stamping)
    assert stamp_ledger(stamping) is None  # too soon
    due(stamping)
    assert (stamp_ledger(stamping) or 0) > size
    due(stamping)
    assert stamp_ledger(stamping) is None  # nothing new
    assert tsa.asked == asked + 2
    never = replace(stamping, settings=stamping.settings.model_copy(update={"tsa_minutes": 0}))
    assert stamp_ledger(never) is None
    for forged in ("UPDATE ledger_stamp SET authority = 'x'", "DELETE FROM ledger_stamp"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            forge(stamping, forged)


def stamps(service: Service) -> dict[str, float]:
    """The metrics of them."""
    with service.pool.transaction() as connection:
        found = ledger_stamps.state(connection)
    return {
        family.name: family.samples[0].value for family in timestamp_metrics.families(service.settings, found)
    }


def test_an_authority_that_is_away_harms_nothing(
    stamping: Service, owner: Caller, tsa: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    def failed(attempts: int, code: str) -> None:
        assert stamp_ledger(stamping) is None
        with stamping.pool.transaction() as connection:
            found = ledger_stamps.state(connection)
        assert (found.failures, found.error_code) == (attempts, code)
        assert code in caplog.text
        asked = tsa.asked
        assert stamp_ledger(stamping) is None
        assert tsa.asked == asked, "it waits before it asks again"
        due(stamping)

    assert set(stamps(stamping).values()) == {0}
    sequence_events(stamping)
    tsa.mood = "busy"
    failed(1, "tsa_unreachable")
    tsa.mood = "foreign"
    failed(2, "bad_time_stamp")
    tsa.mood = "refuses"
    failed(3, "tsa_refused")
    assert get_ledger(stamping, owner).timestamp_error == "tsa_refused"
    gone = stamping.settings.model_copy(update={"tsa_ca": "/nowhere.pem"})
    assert stamp_ledger(replace(stamping, settings=gone)) is None
    assert get_ledger(stamping, owner).timestamp_error == "bad_tsa"
    measured = stamps(stamping)
    assert measured["fakeprint_ledger_stamp_failures"] == 4
    assert measured["fakeprint_ledger_unstamped_seconds"] > 0
    made = register_entry(stamping, owner, Registration(fakes=[drawn.clip("body")])).entry_id
    assert sequence_events(stamping) > 0
    tsa.mood = "good"
    due(stamping)
    assert stamp_ledger(stamping)
    found = get_ledger(stamping, owner)
    assert (found.timestamp_error, found.stamped_size) == (None, found.signed_size)
    assert checked(stamping, prove_entry(stamping, owner, UUID(made)), tsa).sound
    measured = stamps(stamping)
    assert measured["fakeprint_ledger_stamp_failures"] == measured["fakeprint_ledger_unstamped_seconds"] == 0


def fakeprint(api: Api, key: str, *words: str) -> Ran:
    data = str(api.settings.data)
    return within(*words, FAKEPRINT_URL=api.url, FAKEPRINT_KEY=key, FAKEPRINT_DATA=data)


@pytest.mark.slow
def test_by_the_command_line(api: Api, admin: httpx2.Client, tsa: Authority, tmp_path: Path) -> None:
    clip = drawn.clip("as a user does it", seconds=3)
    made = admin.post("/v1/entries", json={"fakes": [to_document(clip, faces=True)], "title": "A Name"})
    entry_id = made.json()["entry_id"]
    tsa.mood = "good"
    with api.service() as service:
        sequence_events(service)
        due(service)
        assert stamp_ledger(with_authority(service, tsa))
    key = admin.headers["Authorization"].partition(" ")[2]
    proof, note, stamp = tmp_path / "proof «1».json", tmp_path / "note", tmp_path / "note.tsr"
    written = fakeprint(api, key, "entries", entry_id, "--proof", str(proof))
    assert (written.status, written.stderr) == (0, "")
    assert "1 media" in written.stdout
    assert "A Name" not in proof.read_text()
    shown = fakeprint(api, key, "ledger", "checkpoint", "--stamp", str(stamp))
    note.write_text(shown.stdout)
    command = ["openssl", "ts", "-verify", "-data", str(note), "-in", str(stamp), "-CAfile", str(tsa.ca)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    ledger = admin.get("/v1/ledger").json()
    assert ledger["stamped_size"]
    roots = ("--key", ledger["keys"][0]["key"], "--tsa-roots", str(tsa.ca))
    good = fakeprint(api, "", "verify", str(proof), *roots, "--entry", entry_id)
    assert (good.status, good.stderr) == (0, "")
    assert [line.split()[0] for line in good.stdout.splitlines()[1:8]] == [
        *("media", "fingerprint", "entry", "ledger", "checkpoint", "stamp", "file")
    ]
    assert fakeprint(api, "", "verify", str(proof), *roots, "--whole").status == 1
    other = tmp_path / "other.mp4"
    other.write_bytes(b"another film")
    for more, code in (
        (("--media", str(other)), "media_differs"),
        (("--entry", "00000000-0000-0000-0000-000000000001"), "other_entry"),
    ):
        bad = fakeprint(api, "", "verify", str(proof), *roots, *more, "--json")
        assert bad.status == 1
        assert json.loads(bad.stdout)["findings"][0]["code"] == code
    proof.write_text(proof.read_text().replace(clip.media.sha256, "0" * 64))
    bad = fakeprint(api, "", "verify", str(proof), *roots, "--json")
    body = json.loads(bad.stdout)
    assert (bad.status, body["findings"][0]["code"], body["whole"]) == (1, "media_altered", False)
    assert body["links"][0]["state"] == "wrong"
    with api.stranger("lookup", "register") as stranger:
        foreign = stranger.get(f"/v1/entries/{entry_id}/proof")
        assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_bank")
    nothing = fakeprint(api, "", "verify", "--service", "--media", str(other))
    assert (nothing.status, "proofs of entries" in nothing.stderr) == (2, True)
    missing = fakeprint(api, "", "verify", str(proof), "--media", str(tmp_path / "none.mp4"))
    assert missing.status == 1
    assert "missing_path" in missing.stderr
