"""What a kept answer says of an entry that is gone since: that it was told, and nothing more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from registry.catalogue.banks.service.banks import change_bank, create_bank
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.matching.lookups.service.answers import answer_document
from registry.review.disputes.service.disputes import Contest, open_dispute
from registry.review.queue.service.decisions import withdraw_entry
from tests.support.matching.answers import answer_of
from tests.support.media import drawn

CLIP = drawn.clip("body", face="victim")
SAID: dict[str, Any] = {
    "title": "What the entry says",
    "references": [{"url": "https://example.org/1"}],
}


@pytest.fixture
def stranger(service: Service, owner: Caller) -> Caller:
    made = create_caller(service, owner, organization="Elsewhere", name="x", roles=["lookup", "register"])
    return authenticate(service, made.key)


def _go(how: str, service: Service, owner: Caller, entry_id: UUID) -> None:
    if how == "withdrawn":
        withdraw_entry(service, owner, entry_id, reason_code="mistaken")
    elif how == "disputed":
        open_dispute(service, owner, entry_id, Contest("own_consent", "depicted", "It is me."))
    else:
        change_bank(service, owner, "open", visibility="private")


@pytest.mark.parametrize("how", ["withdrawn", "disputed", "hidden"])
def test_of_an_entry_that_is_gone_old_answers_keep_ids_and_verdicts(
    service: Service, owner: Caller, stranger: Caller, how: str
) -> None:
    create_bank(service, owner, name="open", visibility="public", policy={"strangers_see_unreviewed": True})
    gone = UUID(register_entry(service, owner, Registration(fakes=[CLIP], bank="open", **SAID)).entry_id)
    other = drawn.clip("body", face="victim", noise=0.05, file="kept")
    register_entry(service, stranger, Registration(fakes=[other], title="Own"))
    answer = answer_document(service, stranger, CLIP)
    own = answer_document(service, owner, CLIP)
    assert answer_of(service, stranger, UUID(answer["lookup_id"])) == answer
    assert SAID["title"] in {match["title"] for match in answer["matches"]}
    _go(how, service, owner, gone)
    shown = answer_of(service, stranger, UUID(answer["lookup_id"]))
    assert shown["notes"] == [*answer["notes"], "entry_gone"]
    bare: dict[str, Any] = {"title": "", "bank": None, "action": None, "references": []}
    expected = [match | bare if match["entry_id"] == str(gone) else match for match in answer["matches"]]
    assert shown == {**answer, "matches": expected, "notes": shown["notes"]}
    assert SAID["title"] not in str(shown)
    assert answer_of(service, owner, UUID(own["lookup_id"])) == own, "its own organization sees it still"
