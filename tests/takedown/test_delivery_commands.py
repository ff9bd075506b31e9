"""`fakeprint takedown send`, `deliveries`, `replies`, `breaches` and `found` against a running API."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from registry.identity.callers.service.keys import authenticate
from registry.matching.lookups.service.answers import answer_document
from registry.takedown.notices.model.notice import PersonMove
from registry.takedown.notices.service.moves import move_notice
from tests.support.service.api import Api
from tests.support.takedown.campaigns import Case, case
from tests.support.takedown.commands import Run


@pytest.fixture
def key(admin: httpx2.Client) -> str:
    return admin.headers["Authorization"].partition(" ")[2]


PLACE = "https://unheard.example.net/v/"


@pytest.mark.slow
def test_from_a_dry_run_to_the_replies(api: Api, key: str, tmp_path: Path) -> None:
    run = Run(api, key)
    with api.service() as service:
        caller = authenticate(service, key)
        about: Case = case(service, caller)
        (notice,) = about.ready(PLACE + "1")
        about.add(PLACE + "2")
        campaign = str(about.campaign_id)
        (dry,) = run("send", campaign, "--dry-run")
        assert (dry["prepared"], dry["ways"]) == (0, {"paper": 1})
        assert "1 would be prepared (1 by paper); 0 hindered" in run.text("send", campaign, "--dry-run")
        before = tmp_path / "before"
        (dry,) = run("send", campaign, "--dry-run", "--output", str(before))
        (read,) = before.glob("*.pdf")
        assert dry["notices"][0]["reference"] == read.stem
        assert "reference,notice_id,platform" in (before / "letters.csv").read_text("utf-8-sig")
        assert PLACE + "1" in run.text("send", campaign, "--dry-run", "--output", "-")
        (sent,) = run("send", campaign)
        assert "prepared" in run.text("status", campaign, "--notices")
        assert sent["prepared"] == 1
        (queued,) = run("deliveries", campaign, "--to-print", "--into", str(tmp_path / "letters"))
        (letter,) = (tmp_path / "letters").glob("*.pdf")
        assert letter.name == f"{queued['reference']}.pdf"
        assert letter.read_bytes() == read.read_bytes(), "what was read before is what is printed"
        (done,) = run("handed-over", campaign, queued["reference"])
        assert (done["status"], done["proof_sha256"], done["delivered_at"]) == ("handed_over", None, None)
        (got,) = run("delivered", campaign, queued["reference"], "--receipt", str(letter))
        assert got["delivered_at"]
        assert got["receipt_sha256"]
        assert "delivered" in run.text("deliveries", campaign)
        (wrong,) = run("deliveries", campaign, "--again", queued["delivery_id"], status=1)
        assert wrong["error"]["code"] == "wrong_state"
        mail = tmp_path / "one.eml"
        mail.write_text(f"From: a@unheard.example.net\nSubject: Re [{queued['reference']}]\n\nGone.\n")
        (taken,) = run("replies", str(mail))
        assert (taken["matched"], taken["replies"][0]["notice_id"]) == (1, str(notice))
        assert "1 known already" in run.text("replies", str(mail))
        (kept,) = run("replies", "--notice", str(notice))
        assert (kept["sender"], kept["text"]) == ("a@unheard.example.net", "Gone.")
        (report,) = run("breaches", "--campaign", campaign)
        assert (report["platforms"][0]["handed_over"], report["breaches"]) == (1, [])
        assert "unheard.example.net" in run.text("breaches")
        (early,) = run("escalate", campaign, str(notice), status=1)
        assert early["error"]["code"] == "not_breached"
        move_notice(service, caller, about.campaign_id, notice, PersonMove("remove", "gone"))
        lookup = str(answer_document(service, caller, about.found)["lookup_id"])
        (back,) = run("found", campaign, PLACE + "3", "--lookup", lookup)
        assert (back["notice_id"], back["state"], back["url"]) == (str(notice), "reopened", PLACE + "3")
        (bad,) = run("found", campaign, "javascript:alert(1)", "--lookup", lookup, status=1)
        assert bad["error"]["code"] == "dangerous_scheme"


def test_invalid_arguments(api: Api, key: str, tmp_path: Path) -> None:
    run = Run(api, key)
    (gone,) = run("replies", str(tmp_path / "none.mbox"), status=1)
    assert gone["error"]["code"] == "missing_path"
    empty = tmp_path / "empty.mbox"
    empty.write_text("\n")
    (none,) = run("replies", str(empty), status=1)
    assert none["error"]["code"] == "no_messages"
