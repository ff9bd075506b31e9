"""`fakeprint takedown bundle` and `fakeprint verify` of what it wrote, against a running API."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from uuid import uuid4

import httpx2
import pyrage
import pytest

from registry.core.documents import plain_zip
from registry.identity.callers.service.keys import authenticate
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.support.service.api import Api
from tests.support.service.stack import within
from tests.support.takedown.campaigns import case

PLACE = "https://unheard.example.net/w/"


def fakeprint(api: Api, key: str, *words: str, status: int = 0) -> str:
    done = within(*words, FAKEPRINT_URL=api.url, FAKEPRINT_KEY=key)
    assert done.status == status, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def key(admin: httpx2.Client) -> str:
    return admin.headers["Authorization"].partition(" ")[2]


def test_from_sending_to_a_changed_byte(api: Api, admin: httpx2.Client, key: str, tmp_path: Path) -> None:
    with api.service() as service:
        about = case(service, authenticate(service, key))
        sent, other = about.ready(PLACE + "1", PLACE + "2")
        campaign = str(about.campaign_id)
        fakeprint(api, key, "takedown", "send", campaign)
        queued = json.loads(fakeprint(api, key, "takedown", "deliveries", campaign, "--json").splitlines()[0])
        mail = tmp_path / "one.eml"
        mail.write_text(f"From: a@unheard.example.net\nSubject: Re [{queued['reference']}]\n\nGone.\n")
        fakeprint(api, key, "takedown", "replies", str(mail))
        sequence_events(service)
    path, again = tmp_path / "evidence.zip", tmp_path / "again.zip"
    result = fakeprint(api, key, "takedown", "bundle", campaign, "-o", str(path))
    assert str(path) in result
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    fakeprint(api, key, "takedown", "bundle", campaign, "-o", str(again), "--json")
    assert again.read_bytes() == path.read_bytes()
    files = dict(plain_zip.unpack(path.read_bytes()))
    letters = {name for name in files if "/letter-" in name}
    assert {name.split("/")[1] for name in letters} == {str(sent), str(other)}
    assert b"Gone." in b"".join(files[name] for name in files if name.endswith("record.json"))
    ledger = admin.get("/v1/ledger").json()["keys"][0]["key"]
    good = fakeprint(api, key, "verify", str(path), "--key", ledger)
    assert "nothing was altered" in good
    assert "not checked" not in good
    # Anybody can make a bundle that agrees with itself, signed with a key of their own.
    unknown = fakeprint(api, key, "verify", str(path), status=1)
    assert "NOT PROVED" in unknown
    assert "nothing was altered" not in unknown
    stated = json.loads(fakeprint(api, key, "verify", str(path), "--json", status=1))
    assert (stated["sound"], stated["signer_known"]) == (True, False)
    raw = bytearray(path.read_bytes())
    name = min(letters)
    place = raw.index(files[name]) + len(files[name]) // 2
    raw[place] ^= 1
    again.write_bytes(raw)
    bad = json.loads(fakeprint(api, key, "verify", str(again), "--key", ledger, "--json", status=1))
    assert bad["findings"][0]["file"] == name
    assert f"wrong: {name}: " in fakeprint(api, key, "verify", str(again), "--key", ledger, status=1)
    only = admin.get(f"/v1/campaigns/{campaign}/bundle", params={"notice_id": str(sent)})
    assert (only.status_code, only.headers["content-type"]) == (200, "application/zip")
    assert str(other).encode() not in only.content


def test_missing_parts_are_not_bundled(api: Api, admin: httpx2.Client, key: str, tmp_path: Path) -> None:
    with api.service() as service:
        about = case(service, authenticate(service, key))
        sequence_events(service)
    empty = admin.get(f"/v1/campaigns/{about.campaign_id}/bundle")
    assert (empty.status_code, empty.json()["code"]) == (409, "no_notices")
    with api.stranger("takedown") as stranger:
        foreign = stranger.get(f"/v1/campaigns/{about.campaign_id}/bundle")
        assert (foreign.status_code, foreign.json()["code"]) == (404, "unknown_campaign")
    malformed = admin.get(f"/v1/campaigns/{about.campaign_id}/bundle", params={"notice_id": "x"})
    assert malformed.status_code == 404
    output = str(tmp_path / "no" / "where.zip")
    fakeprint(api, key, "takedown", "bundle", str(about.campaign_id), "-o", output, status=1)
    assert not list(tmp_path.iterdir())
    fakeprint(api, key, "verify", str(tmp_path / "nothing.zip"), status=1)


@pytest.mark.slow
def test_exhibits_and_media_by_a_password(api: Api, admin: httpx2.Client, key: str, tmp_path: Path) -> None:
    shot, secret, path = tmp_path / "captura «1».png", tmp_path / "password", tmp_path / "evidence.zip"
    shot.write_bytes(b"a screenshot")
    secret.write_text("correct horse battery\n")
    with api.service() as service:
        about = case(service, authenticate(service, key))
        (notice,) = about.ready(PLACE + "3")
        medium = uuid4().bytes * 10_000
        asset_id = about.keep(medium)
        campaign = str(about.campaign_id)
        given = ["takedown", "exhibit", campaign, str(notice)]
        result = fakeprint(
            api, key, *given, str(shot), "--note", "4.000 visitas", "--made", "2026-02-01", "--keep"
        )
        assert "captura «1».png" in result
        assert "4.000 visitas" in fakeprint(api, key, *given)
        sequence_events(service)
    taken = ["takedown", "bundle", campaign, "-o", str(path)]
    fakeprint(api, key, *taken, "--with-media", status=2)
    fakeprint(api, key, *taken, "--recipient", "age1x", status=2)
    fakeprint(api, key, *taken, "--with-media", "--recipient", "age1x", status=1)
    assert not path.exists()
    fakeprint(api, key, *taken, "--with-media", "--password-file", str(secret))
    files = dict(plain_zip.unpack(path.read_bytes()))
    assert {"media.json", "media/identity.age", f"media/{asset_id}.age"} <= set(files)
    assert medium[:64] not in path.read_bytes()
    ledger = admin.get("/v1/ledger").json()["keys"][0]["key"]
    good = fakeprint(api, key, "verify", str(path), "--key", ledger, "--password-file", str(secret))
    assert "2 of 2 encrypted files have the listed content" in good
    shut = fakeprint(api, key, "verify", str(path), "--key", ledger)
    assert "not checked: the content of 2 encrypted files" in shut
    with api.stranger("takedown") as stranger:
        body = {"recipients": ["age1x"]}
        foreign = stranger.post(f"/v1/campaigns/{campaign}/bundle", json=body)
        assert (foreign.status_code, foreign.json()["code"]) == (400, "bad_recipient")
        body = {"recipients": [str(pyrage.x25519.Identity.generate().to_public())]}
        foreign = stranger.post(f"/v1/campaigns/{campaign}/bundle", json=body)
        assert (foreign.status_code, foreign.json()["code"]) == (404, "unknown_campaign")
