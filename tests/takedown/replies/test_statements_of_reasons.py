"""Platforms' statements of reasons: matched with their notice, kept once, and accepted by a person."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from registry.core.documents import plain_zip
from registry.core.errors import BadInput, Conflict, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.evidence.service.bundles import bundle_evidence
from registry.takedown.notices.model.notice import PersonMove
from registry.takedown.notices.service.moves import move_notice
from registry.takedown.notices.service.notices import show_notice
from registry.takedown.replies.schemas import TakenStatement
from registry.takedown.replies.service.replies import list_replies, match_reply
from registry.takedown.replies.service.statements_of_reasons import accept_statement, import_statements
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.support.steps import join
from tests.support.takedown.campaigns import Case, case
from tests.support.takedown.statements import statement

URL = "https://videos.example.net/v/"


@pytest.fixture
def about(service: Service, owner: Caller) -> Case:
    return case(service, owner)


def take(about: Case, *values: Any, **how: Any) -> list[TakenStatement]:
    raw = json.dumps({"statements": values}).encode()
    return import_statements(about.service, about.caller, raw, **how).statements


def test_a_statement_is_matched_by_reference_or_by_url_and_kept_once(about: Case) -> None:
    first, second, unsent = (*about.sent(URL + "1", URL + "2"), *about.add(URL + "3"))
    by_mark = statement(decision_facts=f"Reported to us under {first}.")
    by_place = statement(url="HTTPS://videos.example.net/v/2?utm_source=x")
    found = take(about, by_mark, by_place, statement(url=URL + "3"), statement(url=URL + "99"))
    assert [(row.state, row.notice_id, row.matched_by) for row in found] == [
        ("matched", str(first), "reference"),
        ("matched", str(second), "place"),
        ("unmatched", None, None),
        ("unmatched", None, None),
    ]
    assert {about.state(item) for item in (first, second)} == {"sent"}
    assert about.state(unsent) == "draft"
    again = take(about, by_mark, by_mark | {"decision_facts": "Something else."})
    assert [(item.state, item.code) for item in again] == [
        ("known", None),
        ("faulty", "statement_conflict"),
    ]
    kept = list_replies(about.service, about.caller, notice_id=first).replies
    said = [reply.statement for reply in kept if reply.statement]
    assert [(reply.outcome, reply.automated_decision) for reply in said] == [("removed", "partially")]
    assert str(first) in (kept[0].text or "")
    assert len(list_replies(about.service, about.caller).replies) == 4


def test_nothing_is_guessed(about: Case) -> None:
    one, other = about.sent(URL + "1", URL + "2")
    found = take(
        about,
        statement(decision_facts=f"About {one} and {other}."),
        statement(decision_facts=f"About {one}.", url=URL + "2"),
        statement(decision_facts=f"About {one} and {other}.", url=URL + "2"),
        statement(decision_facts=f"About {one}.", platform_name="Telegram"),
    )
    assert [each.state for each in found] == ["unmatched", "unmatched", "matched", "unmatched"]
    assert set(found[0].candidates) == set(found[1].candidates) == {str(one), str(other)}
    assert found[2].notice_id == str(other)
    assert found[3].candidates == [str(one)]
    reply_id = UUID(found[0].reply_id)
    with pytest.raises(Conflict) as error:
        accept_statement(about.service, about.caller, reply_id)
    assert error.value.code == "not_matched"
    matched = match_reply(about.service, about.caller, reply_id, one)
    assert matched.statement
    assert (matched.matched_by, matched.statement.puid) == ("person", found[0].puid)
    assert accept_statement(about.service, about.caller, reply_id).state == "removed"


def test_the_same_number_of_two_platforms_is_two(about: Case) -> None:
    mine = statement()
    (first,) = take(about, mine, platform="telegram")
    (second,) = take(about, mine | {"decision_facts": "Other."}, platform="x")
    (third,) = take(about, mine)
    assert [item.state for item in (first, second, third)] == ["unmatched", "unmatched", "known"]
    with pytest.raises(BadInput) as error:
        take(about, mine, platform="no such platform")
    assert error.value.code == "unknown_platform"


def test_a_person_accepts_a_plain_statement(about: Case) -> None:
    gone, kept, partly, later = about.sent(*(f"{URL}{number}" for number in range(4)))
    labelled = ["DECISION_VISIBILITY_CONTENT_LABELLED"]
    found = take(
        about,
        statement(reference=str(gone)),
        statement(reference=str(kept), decision_visibility=labelled),
        statement(reference=str(partly), territorial_scope=["ES"]),
        statement(reference=str(later), application_date="2037-12-31"),
        accept=True,
    )
    assert [(row.outcome, row.proposes, row.moved) for row in found] == [
        ("removed", "remove", "removed"),
        ("restricted", "refuse", "refused"),
        ("partly", None, None),
        ("removed", None, None),
    ]
    assert [about.state(item) for item in (gone, kept, partly, later)] == [
        "removed",
        "refused",
        "sent",
        "sent",
    ]
    with pytest.raises(Conflict) as error:
        accept_statement(about.service, about.caller, UUID(found[2].reply_id))
    assert error.value.code == "nothing_proposed"
    with pytest.raises(Conflict) as twice:
        accept_statement(about.service, about.caller, UUID(found[0].reply_id))
    assert twice.value.code == "statement_accepted"
    (shown,) = list_replies(about.service, about.caller, notice_id=gone).replies
    assert shown.statement
    assert shown.statement.accepted_at
    notice = show_notice(about.service, about.caller, about.campaign_id, gone)
    assert notice.statements == [shown.statement]
    assert notice.moves[-1].reason_code == "statement_of_reasons"
    assert notice.dsa.source_type == "SOURCE_ARTICLE_16"
    counted = show_campaign(about.service, about.caller, about.campaign_id).statements
    assert {item.outcome: item.statements for item in counted} == {
        "partly": 1,
        "removed": 2,
        "restricted": 1,
    }


def test_concurrent_acceptances_move_the_notice_once(about: Case) -> None:
    """Moved and accepted are one commit: who comes second is told so, and not that it is removed."""
    (gone,) = about.sent(URL + "1")
    (said,) = take(about, statement(reference=str(gone)))

    def accept(_: int) -> str:
        try:
            shown = accept_statement(about.service, about.caller, UUID(said.reply_id))
        except Conflict as error:
            return str(error.code)
        return str(shown.state)

    with ThreadPoolExecutor(3) as pool:
        told = sorted(pool.map(accept, range(3)))
    assert told == ["removed", "statement_accepted", "statement_accepted"]
    moves = show_notice(about.service, about.caller, about.campaign_id, gone).moves
    assert [move.act for move in moves].count("remove") == 1


def test_it_stands_among_the_evidence(about: Case) -> None:
    (sent,) = about.sent(URL + "1")
    (said,) = take(about, statement(reference=str(sent)), accept=True)
    sequence_events(about.service)
    raw = bundle_evidence(about.service, about.caller, about.campaign_id)
    record = json.loads(dict(plain_zip.unpack(raw))[f"notices/{sent}/record.json"])
    (kept,) = record["replies"]
    assert (kept["source"], kept["statement"]["puid"]) == ("statement", said.puid)
    assert kept["statement"]["accepted_at"]


def test_statements_older_than_the_last_sending_change_nothing(about: Case) -> None:
    (gone,) = about.sent(URL + "1")
    (said,) = take(about, statement(reference=str(gone)))
    move_notice(about.service, about.caller, about.campaign_id, gone, PersonMove("remove", "gone"))
    with about.service.pool.transaction() as connection:
        connection.execute("SELECT move_notices(ARRAY[%s]::uuid[], 'reopen', 'reopened', 'found')", [gone])
    with pytest.raises(Conflict) as error:
        accept_statement(about.service, about.caller, UUID(said.reply_id))
    assert error.value.code == "statement_outdated"


def test_faults_are_named_and_keep_no_other_row_out(about: Case) -> None:
    wrong = statement(category="Deepfake", puid="a b")
    del wrong["content_date"]
    good, bad, none = take(about, statement(), wrong, ["no", "object"])
    assert (good.state, bad.state, bad.code) == ("unmatched", "faulty", "bad_statement")
    assert [(fault.field, fault.code) for fault in bad.faults] == [
        ("category", "unknown_value"),
        ("puid", "bad_puid"),
        ("content_date", "field_missing"),
    ]
    assert none.faults[0].code == "not_an_object"


def test_a_term_that_came_after_our_list_is_stored_with_a_warning(about: Case) -> None:
    (said,) = take(about, statement(category="STATEMENT_CATEGORY_DEEPFAKE_2", source_type="SOURCE_NEW"))
    assert (said.state, said.faults) == ("unmatched", [])
    assert [(warning.field, warning.code) for warning in said.warnings] == [
        ("category", "unknown_term"),
        ("source_type", "unknown_term"),
    ]


def test_others_neither_see_nor_move_it(about: Case, service: Service, owner: Caller) -> None:
    (mine,) = about.sent(URL + "1")
    (said,) = take(about, statement(reference=str(mine)))
    other = replace(join(service, owner, "another desk"), roles=frozenset({"takedown"}))
    (theirs,) = import_statements(
        service, other, json.dumps(statement(reference=str(mine), url=URL + "1")).encode()
    ).statements
    assert (theirs.state, theirs.candidates) == ("unmatched", [])
    with pytest.raises(NotFound):
        accept_statement(service, other, UUID(said.reply_id))
