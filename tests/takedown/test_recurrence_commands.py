"""`fakeprint takedown found` with files, `returns`, `confirm-address` and `retract` against a running API."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest

from registry.catalogue.fingerprints.model.document import to_document
from registry.identity.callers.service.keys import authenticate
from registry.takedown.notices.model.notice import PersonMove
from registry.takedown.notices.service.moves import move_notice
from tests.support.service.api import Api
from tests.support.takedown.campaigns import case
from tests.support.takedown.commands import Run

pytestmark = pytest.mark.slow

PLACE = "https://unheard.example.net/v/"


def test_from_a_recurrence_to_a_retraction(api: Api, admin: httpx2.Client, tmp_path: Path) -> None:
    key = admin.headers["Authorization"].partition(" ")[2]
    run = Run(api, key)
    with api.service() as service:
        about = case(service, authenticate(service, key))
        campaign = str(about.campaign_id)
        (first,) = about.sent(PLACE + "1")
        move_notice(service, about.caller, about.campaign_id, first, PersonMove("remove", "told"))
        (tmp_path / "again.json").write_text(json.dumps(to_document(about.found, faces=True)))
        (tmp_path / "bad.json").write_text("{")
        listed = tmp_path / "list.csv"
        listed.write_text(
            f"url;file\n{PLACE}2;again.json\n{PLACE}3;again.json\n{PLACE}4;../x.json\n"
            f"javascript:1;again.json\n{PLACE}5;bad.json\n"
        )
        found = run("found", campaign, "--list", str(listed), status=1)
        codes = [item["error"]["code"] for item in found[2:]]
        assert codes == [
            "missing_path",
            "dangerous_scheme",
            "not_media",
        ]
        assert [(item["state"], item["url"], item["verdict"]) for item in found[:2]] == [
            ("reopened", PLACE + "2", "known_fake"),
            ("draft", PLACE + "3", "known_fake"),
        ]
        # No worker has run: the person's word came first, and the lookup's adds nothing to it.
        again = run.text("found", campaign, PLACE + "2", "--lookup", found[0]["match"]["lookup_id"])
        assert f"{first}  reopened" in again
        assert {item["outcome"] for item in run("recurrences", campaign)} == {"reopened", "added"}
        assert run("recurrences", campaign, "--proposed") == []
        (twice,) = run("found", campaign, PLACE + "2", str(tmp_path / "again.json"), status=1)
        assert twice["error"]["code"] == "place_taken"
        run("found", campaign, PLACE + "2", status=2)
        (marked,) = about.ready("https://bit.ly/3xYzAbc")
        assert str(marked) in run.text("confirm-address", campaign)
        (held,) = run("send", campaign, "--notice", str(marked), "--dry-run", status=1)
        assert held["hindrances"] == {"address_unconfirmed": 1}
        assert "1 addresses confirmed" in run.text("confirm-address", campaign, str(marked))
        (held,) = run("send", campaign, "--notice", str(marked), "--dry-run")
        assert held["hindrances"] == {}
        assert run.text("retract", campaign) == "0 would be retracted\n"
        (kept,) = run("retract", campaign, str(first), status=1)
        assert kept["notices"][0]["hindrance"] == "not_closed"
        run("retract", campaign, "--send", status=2)
