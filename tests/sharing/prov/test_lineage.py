"""Where entries come from: proved by alignment, read by a library of W3C PROV that is not ours, drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4
from xml.etree import ElementTree as ET

import httpx2
import orjson
import pytest
from click.testing import CliRunner
from prov.model import ProvDerivation, ProvDocument

from registry.app.commands.verify import verify
from registry.catalogue.banks.service.banks import change_bank
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.document import to_document
from registry.core.errors import FakeprintError
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.review.queue.service.decisions import withdraw_entry
from registry.sharing.prov.model import lineage_drawing
from registry.transparency.credentials.model import assertion, jose, status_list
from registry.transparency.credentials.service import get_assertion, get_status_list
from registry.transparency.ledger.model import signing
from registry.transparency.ledger.model.note import VerifierKey
from registry.transparency.ledger.service.sequencing import ledger_folder, sequence_events
from tests.support.entries import restore, set_tier, suspend
from tests.support.media import drawn
from tests.support.record.assertions import lose_asserted_entry, name_media
from tests.support.service.api import Api
from tests.support.steps import relate

ROLES: Final = ("lookup", "register", "admin", "signals")
TITLE: Final = '<script>alert("1")</script> & عمدة \u202e المدينة'
SVG: Final = "{http://www.w3.org/2000/svg}"


def _registered(client: httpx2.Client, face: str, **more: Any) -> str:
    fake = to_document(drawn.clip("lineage", face=face, seconds=6), faces=True)
    made = client.post("/v1/entries", json={"fakes": [fake], **more})
    assert made.status_code == 201, made.text
    return str(made.json()["entry_id"])


def _graph(client: httpx2.Client, entry_id: str) -> dict[str, Any]:
    answered = client.get(f"/v1/entries/{entry_id}/provenance")
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def _derived(found: dict[str, Any]) -> list[dict[str, Any]]:
    return list(found["wasDerivedFrom"].values())


def test_lineage_has_stated_and_detected_origins(api: Api) -> None:
    original = to_document(drawn.clip("lineage", face="actress", seconds=6), faces=True)
    with api.stranger(*ROLES, "review") as owner:
        first = _registered(
            owner,
            "mayor",
            title=TITLE,
            manipulation="face_swap",
            originals=[original],
            seen=[{"platform": "Example", "url": "https://place.example/1", "channel": "public"}],
        )
        (said,) = _derived(_graph(owner, first))
        assert said["fp:proved"] is False, "nobody has looked yet"
        assert str(said["fp:assertedBy"]).startswith("org:")
        with api.service() as service:
            relate(service, UUID(first))
        second = _registered(owner, "minister", title="another", variant_of=first)
        with api.service() as service:
            relate(service, UUID(second))
        found = _graph(owner, first)
        said, proof, theirs = sorted(
            _derived(found), key=lambda item: (str(item.get("fp:proved", "~")), str(item))
        )
        assert said["fp:proved"] is True
        assert (proof["fp:assertedBy"], proof["fp:faces"]) == ("who:registry", "other")
        assert proof["fp:span"] == ["0.000/6.000=0.000/6.000;speed=1"]
        assert theirs["prov:usedEntity"] == proof["prov:usedEntity"], (
            "the other fake is of this original, too"
        )
        assert found["activity"][said["prov:activity"]]["fp:method"] == "face_swap"
        assert [item for item in found["alternateOf"].values() if item.get("fp:as") == "variant"]
        assert [item["fp:relation"] for item in found["alternateOf"].values() if item.get("fp:relation")] == [
            "same_footage_other_face"
        ]
        assert found["entity"]["seen:0"]["fp:url"] == "https://place.example/1"
        read = ProvDocument.deserialize(StringIO(orjson.dumps(found).decode()), format="json")
        assert len(list(read.get_records(ProvDerivation))) == 3
        assert str(read.serialize(format="provn")).count("wasDerivedFrom(") == 3
        _drawn(owner, first, found)
        unknown = owner.get(f"/v1/entries/{uuid4()}/provenance")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_entry")


def test_strangers_see_neither_digests_nor_sightings(api: Api) -> None:
    with api.stranger(*ROLES) as owner, api.stranger("lookup") as stranger:
        owner.post("/v1/banks", json={"name": "open", "visibility": "public"})
        place = [{"platform": "Example", "url": "https://secret.example/1", "channel": "public"}]
        entry_id = _registered(owner, "senator", bank="open", title="t", seen=place)
        with api.service() as service:
            relate(service, UUID(entry_id))
        own, theirs = _graph(owner, entry_id), _graph(stranger, entry_id)
        assert "secret.example" in str(own)
        assert "secret.example" not in str(theirs)
        assert "fp:sha256" in str(own)
        assert "fp:sha256" not in str(theirs)


def _drawn(client: httpx2.Client, entry_id: str, found: dict[str, Any]) -> None:
    """The picture is one of the same document, and nothing in it runs or is fetched."""
    answered = client.get(f"/v1/entries/{entry_id}/provenance", headers={"Accept": "image/svg+xml"})
    assert answered.headers["content-type"].startswith("image/svg+xml")
    assert "sandbox" in answered.headers["content-security-policy"]
    assert answered.text == lineage_drawing.svg(found)
    assert client.get(f"/v1/entries/{entry_id}/provenance", params={"form": "svg"}).text == answered.text
    root = ET.fromstring(answered.content)  # noqa: S314 - our own
    tags = {item.tag.removeprefix(SVG) for item in root.iter()}
    assert tags == {"svg", "g", "title", "path", "circle", "text", "rect"}
    assert not {
        name for item in root.iter() for name in item.attrib if name.startswith("on") or "href" in name
    }
    assert "<script" not in answered.text
    assert "\u202e" not in answered.text, "nothing turns the text around it"
    assert "عمدة" in answered.text


def test_assertions_are_signed_if_the_bank_allows_it(service: Service, owner: Caller, tmp_path: Path) -> None:
    entry_id = UUID(
        register_entry(service, owner, Registration(fakes=[drawn.clip("said", face="mayor")])).entry_id
    )
    sequence_events(service)
    with pytest.raises(FakeprintError) as caught:
        get_assertion(service, owner, entry_id)
    assert caught.value.code == "not_assertable"
    change_bank(service, owner, "default", {"assertions": True})
    with pytest.raises(FakeprintError) as caught:
        get_assertion(service, owner, entry_id)
    assert caught.value.code == "not_asserted", "nobody has reviewed it"
    set_tier(service, "reviewed")
    made, file = get_assertion(service, owner, entry_id), tmp_path / "fake.jwt"
    file.write_text(f"{made}\n")
    (signer,) = signing.signers(ledger_folder(service.settings), service.settings.ledger_origin, create=False)
    result = CliRunner().invoke(verify, [str(file), "--key", str(signer.verifier)])
    assert result.exit_code == 0, result.output
    assert str(entry_id) in result.output
    assert "nothing was altered" in result.output
    file.write_text(made.replace(".", ".A", 1))
    assert (
        CliRunner()
        .invoke(verify, [str(file), "--key", str(signer.verifier)], standalone_mode=False)
        .return_value
    )
    _listed(service, owner, entry_id, signer.verifier)
    with pytest.raises(FakeprintError) as caught:
        get_assertion(service, owner, entry_id)
    assert caught.value.code == "not_asserted", "what was withdrawn is not asserted again"


def _listed(service: Service, owner: Caller, entry_id: UUID, key: VerifierKey) -> None:
    """What was asserted is seen to be disputed, to stand again, and to be withdrawn."""
    assert "credentialStatus" not in jose.claims(get_assertion(service, owner, entry_id))
    with pytest.raises(FakeprintError) as caught:
        get_status_list(service, "revocation", 0)
    assert caught.value.code == "unknown_list"
    chosen = service.settings.model_copy(update={"public_url": "https://fakes.example/"})
    named = replace(service, settings=chosen)
    made = get_assertion(named, owner, entry_id)
    places = jose.claims(made)["credentialStatus"]
    assert places == jose.claims(get_assertion(named, owner, entry_id))["credentialStatus"]
    assert places[0]["statusListCredential"] == "https://fakes.example/v1/assertions/status/revocation/0"

    def found() -> list[str]:
        lists = [get_status_list(named, purpose, 0) for purpose in status_list.PURPOSES]
        return [
            finding.code for finding in assertion.check(made, [key], [], datetime.now(UTC), lists).findings
        ]

    assert found() == []
    suspend(service)
    assert found() == ["suspended"]
    restore(service)
    set_tier(service, "court_order", media=False)
    assert found() == [], "it is trusted more than was said"
    set_tier(service, "unreviewed", media=False)
    assert found() == ["revoked"]
    set_tier(service, "reviewed", media=False)
    name_media(service, foreign=True)
    assert found() == ["revoked"], "a medium that was named is none of its fakes"
    name_media(service, foreign=False)
    assert found() == []
    withdraw_entry(service, owner, entry_id, reason_code="mistaken")
    assert found() == ["revoked"]
    lose_asserted_entry(service)
    assert found() == ["revoked"], "the entry is gone"
    with pytest.raises(FakeprintError) as caught:
        get_status_list(named, "revocation", 1)
    assert caught.value.code == "unknown_list"
