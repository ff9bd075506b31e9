"""A notice that must not be sent is not sent: by SQL as the service role, another API, or in a race."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.review.disputes.service.decision import Ruling, decide_dispute
from registry.review.disputes.service.disputes import Contest, open_dispute
from registry.review.queue.service.queue import claim_entry
from registry.takedown.delivery.service.sending import send_notices
from registry.takedown.notices.schemas.notices import Move
from registry.takedown.notices.service.notices import show_notice
from tests.support.media import drawn
from tests.support.takedown import campaigns as campaigning
from tests.support.takedown.campaigns import Case
from tests.support.takedown.refusals import refused, undone

ROLE = Path(__file__).parents[3] / "deploy" / "service-role.sql"


@pytest.fixture
def case(service: Service, owner: Caller) -> Case:
    return campaigning.case(service, owner)


def neutral(case: Case) -> Caller:
    made = create_caller(
        case.service, case.caller, organization="Neutral", name="j", roles=["review", "lookup"]
    )
    return authenticate(case.service, made.key)


def moves_of(case: Case, notice_id: UUID) -> list[Move]:
    return show_notice(case.service, case.caller, case.campaign_id, notice_id).moves


FORGED_SENT = """
    INSERT INTO notice (notice_id, organization_id, campaign_id, entry_id, regime, platform, place_sealed,
                        place_digest, state, move_no, sent_at, created_by)
    SELECT gen_random_uuid(), organization_id, campaign_id, entry_id, 'aepd', platform, place_sealed,
           place_digest, 'sent', 3, now(), created_by FROM notice LIMIT 1
"""


def test_the_services_role_has_no_way_around_the_gate(case: Case) -> None:
    (made,) = case.ready()
    assert case.look_up(made, drawn.clip("elsewhere")) == "no_match"
    with undone(case) as connection:
        connection.execute(ROLE.read_bytes())
        connection.execute("SET LOCAL ROLE fakeprint_service")
        run = connection.execute
        # Born as sent, it would have passed no gate.
        assert refused(connection, lambda: run(FORGED_SENT)) == "notice_begins_as_draft"
        born_ready = FORGED_SENT.replace("'sent', 3, now()", "'ready', 2, NULL")
        assert refused(connection, lambda: run(born_ready)) == "notice_begins_as_draft"
        # A history that runs ahead is none.
        forged = (
            "INSERT INTO notice_move (notice_id, move_no, act, from_state, to_state, reason_code)"
            " VALUES (%s, %s, 'prepare', 'draft', 'ready', 'x')"
        )
        last = run("SELECT move_no FROM notice").fetchone()
        assert last
        ahead = partial(run, forged, [made, last["move_no"] + 1])
        assert refused(connection, ahead) == "notice_move_is_made"
        sent = "SELECT move_notices(ARRAY[%s]::uuid[], 'send', 'sent', 'x')"
        assert refused(connection, partial(run, sent, [made])) in {"notice_gate", "notice_move_is_legal"}
        forged = "UPDATE notice SET ground = 'seen', confirmed_by = created_by, confirmed_at = now()"
        assert refused(connection, partial(run, forged)) == "notice_ground_holds"


def test_lookup_results_of_an_address_count_for_all_regimes(service: Service, owner: Caller) -> None:
    case = campaigning.case(service, owner, regimes=("dsa16", "take_it_down"))
    url = "https://videos.example.net/a"
    (first,) = case.add(url)
    assert case.look_up(first, drawn.clip("elsewhere")) == "no_match"
    (second,) = case.add(url, regime="take_it_down")
    case.answer([second], "take_it_down")
    case.confirm(second)
    assert case.prepare(second).hindrances["no_match"] == 1
    with undone(case) as connection:
        forged = "UPDATE notice SET complete = true WHERE notice_id = %s"
        connection.execute(forged, [second])
        connection.execute("SELECT move_notices(ARRAY[%s]::uuid[], 'prepare', 'ready', 'x')", [second])
        assert refused(connection, lambda: case.send(connection, second)) == "notice_gate"
    # A later lookup that finds it there is believed.
    assert case.look_up(second) == "known_fake"
    case.confirm(second, ground="match")
    assert "no_match" not in case.prepare(second).hindrances


def test_a_dispute_that_is_accepted_while_notices_are_sent(case: Case) -> None:
    """Whichever comes first: nothing is sent after it, and what was sent before is paused."""
    made = case.ready(*(f"https://videos.example.net/{number}" for number in range(5)))
    contest = Contest("satire", "author", "It is a sketch of ours.")
    dispute_id = UUID(open_dispute(case.service, case.caller, case.entry_id, contest).dispute_id)
    reviewer = neutral(case)
    claim_entry(case.service, reviewer, case.entry_id)
    begin = threading.Barrier(2)

    def accept() -> int:
        begin.wait(60)
        decide_dispute(case.service, reviewer, dispute_id, Ruling("accept"))
        return 0

    def send() -> int:
        begin.wait(60)
        return int(send_notices(case.service, case.caller, case.campaign_id).prepared)

    with ThreadPoolExecutor(2) as pool:
        sent = sum(item.result(60) for item in [pool.submit(accept), pool.submit(send)])
    assert sent in {0, len(made)}
    for item in made:
        acts = [move.act for move in moves_of(case, item)]
        assert acts == (["add", "prepare", "send", "pause"] if sent else ["add", "prepare", "pause"])
    assert send_notices(case.service, case.caller, case.campaign_id, notice_ids=made).prepared == 0
