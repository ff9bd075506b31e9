"""What happens to an entry happens to its notices: disputes, withdrawals, mandates, at once and in races."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from registry.app.service.closing import close_organization
from registry.core.errors import Conflict, FakeprintError, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.review.disputes.service.decision import Ruling, decide_dispute
from registry.review.disputes.service.disputes import Contest
from registry.review.queue.service.decisions import withdraw_entry
from registry.review.queue.service.queue import claim_entry
from registry.takedown.campaigns.model import Mandate
from registry.takedown.campaigns.service.campaigns import CampaignChange, change_campaign, close_campaign
from registry.takedown.clients.service import erase_client, record_mandate, revoke_mandate
from registry.takedown.notices.model.notice import PersonMove
from registry.takedown.notices.service.moves import contest_notice, move_notice
from registry.takedown.notices.service.notices import show_notice
from registry.takedown.notices.store import notices
from tests.support.disputes import let_answer_time_end
from tests.support.entries import set_visibility
from tests.support.takedown import campaigns as campaigning
from tests.support.takedown.campaigns import Case

SAID = Contest("satire", "author", "It is a sketch of ours.")


@pytest.fixture
def case(service: Service, owner: Caller) -> Case:
    return campaigning.case(service, owner)


@pytest.fixture
def judge(service: Service, owner: Caller) -> Caller:
    """A reviewer of another organization: a party to nothing."""
    made = create_caller(service, owner, organization="Neutral", name="j", roles=["review", "lookup"])
    return authenticate(service, made.key)


def decide(case: Case, judge: Caller, dispute_id: UUID, ruling: Ruling) -> None:
    claim_entry(case.service, judge, case.entry_id)
    decide_dispute(case.service, judge, dispute_id, ruling)


def contested(case: Case, notice_id: UUID) -> UUID:
    shown = contest_notice(case.service, case.caller, case.campaign_id, notice_id, SAID)
    assert shown.paused_for == ["counter_notice"]
    assert shown.moves[-1].words == SAID.statement
    assert shown.dispute_id
    return UUID(shown.dispute_id)


def test_a_counter_notice_pauses_its_notice_until_the_decision(case: Case, judge: Caller) -> None:
    one, two, other = case.sent(
        "https://a.example.net/1", "https://a.example.net/2", "https://a.example.net/3"
    )
    (unsent,) = case.ready("https://a.example.net/4")
    dispute_id = contested(case, one)
    # The second counter-notice is heard with the first.
    assert contested(case, two) == dispute_id
    assert case.row(other).paused_for == []
    with pytest.raises(Conflict) as refused:
        move_notice(case.service, case.caller, case.campaign_id, one, PersonMove("resume", "x"))
    assert refused.value.code == "dispute_open"
    # A reviewer accepts it: the entry is suspended, and with it everything waits, in the same commit.
    decide(case, judge, dispute_id, Ruling("accept"))
    assert case.row(unsent).paused_for == ["entry"]
    assert sorted(case.row(one).paused_for) == ["counter_notice", "entry"]
    assert "dispute_accepted" in case.prepare(unsent, dry_run=True).hindrances
    decide(case, judge, dispute_id, Ruling("reject", reason_code="not_shown"))
    assert [case.row(each).paused_for for each in (one, two, other, unsent)] == [[]] * 4
    assert case.state(one) == "sent"
    moves = show_notice(case.service, case.caller, case.campaign_id, one).moves
    assert [(each.act, each.reason_code) for each in moves[3:]] == [
        ("pause", "counter_notice"),
        ("pause", "entry_suspended"),
        ("resume", "dispute_rejected"),
        ("resume", "entry_restored"),
    ]
    with case.service.pool.transaction() as connection:
        case.send(connection, unsent)
    # Said again soon after, nobody hears it: the notice waits for a person, who ends it.
    again = contest_notice(case.service, case.caller, case.campaign_id, other, SAID)
    assert (again.paused_for, again.dispute_id) == (["counter_notice"], None)
    with pytest.raises(Conflict) as refused:
        move_notice(case.service, case.caller, case.campaign_id, other, PersonMove("appeal", "x"))
    assert refused.value.code == "wrong_state"
    ended = move_notice(case.service, case.caller, case.campaign_id, other, PersonMove("resume", "decided"))
    assert ended.paused_for == []


def test_an_upheld_dispute_closes_the_notice_and_stops_others(case: Case, judge: Caller) -> None:
    (one,), (unsent,) = case.sent(), case.ready()
    dispute_id = contested(case, one)
    let_answer_time_end(case.service)
    decide(case, judge, dispute_id, Ruling("uphold", reason_code="shown_satire", remedy="withdrawn"))
    assert case.state(one) == "closed"
    last = show_notice(case.service, case.caller, case.campaign_id, one).moves[-1]
    assert (last.reason_code, last.dispute_id) == ("dispute_upheld", str(dispute_id))
    assert case.row(unsent).paused_for == ["entry"]
    with (
        pytest.raises(psycopg.errors.CheckViolation, match="entry_withdrawn"),
        case.service.pool.transaction() as connection,
    ):
        case.send(connection, unsent)


def test_a_withdrawn_entry_stops_ready_notices_at_once(case: Case) -> None:
    (unsent,), (sent,) = case.ready(), case.sent()
    withdraw_entry(case.service, case.caller, case.entry_id, reason_code="mistaken")
    for each in (unsent, sent):
        assert case.row(each).paused_for == ["entry"]
    with pytest.raises(Conflict) as refused:
        move_notice(case.service, case.caller, case.campaign_id, unsent, PersonMove("resume", "x"))
    assert refused.value.code == "not_paused"
    with case.service.pool.transaction() as connection:
        assert {"paused", "entry_withdrawn"} <= set(notices.hindrances(connection, unsent))


def test_sending_and_withdrawing_race_and_one_of_them_wins(case: Case) -> None:
    """Whichever commits first: sent before the withdrawal, and then paused, or not sent at all."""
    made = case.ready(*(f"https://race.example.net/{n}" for n in range(8)))

    def send(notice_id: UUID) -> bool:
        with suppress(psycopg.errors.CheckViolation), case.service.pool.transaction() as connection:
            case.send(connection, notice_id)
            return True
        return False

    def withdraw() -> None:
        withdraw_entry(case.service, case.caller, case.entry_id, reason_code="mistaken")

    with ThreadPoolExecutor(5) as threads:
        begun = [threads.submit(send, each) for each in made[:4]]
        gone = threads.submit(withdraw)
        begun += [threads.submit(send, each) for each in made[4:]]
        outcomes = [each.result() for each in begun]
        gone.result()
    for notice_id, sent in zip(made, outcomes, strict=True):
        row = case.row(notice_id)
        assert row.state == ("sent" if sent else "ready")
        assert row.paused_for == ["entry"]
    with case.service.pool.transaction() as connection:
        late = connection.execute(
            "SELECT count(*) AS n FROM notice_move s JOIN notice_move p USING (notice_id)"
            " WHERE s.act = 'send' AND p.act = 'pause' AND s.move_no > p.move_no"
        ).fetchone()
    assert late
    assert late["n"] == 0


def test_two_that_send_the_same_notice_send_it_once(case: Case) -> None:
    (made,) = case.ready()

    def send() -> bool:
        try:
            with case.service.pool.transaction() as connection:
                case.send(connection, made)
        except psycopg.errors.IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(lambda _: send(), range(4))) == 1


def test_a_mandate_that_was_taken_back_stops_everything_until_there_is_another(case: Case) -> None:
    (made,) = case.ready()
    revoke_mandate(case.service, case.caller, case.client_id, case.mandate_id)
    assert case.prepare(dry_run=True).hindrances == {"mandate_revoked": 1}
    now = datetime.now(UTC)
    mandate = Mandate("representative", "cd" * 32, now - timedelta(minutes=1), now + timedelta(days=1))
    client = record_mandate(case.service, case.caller, case.client_id, mandate)
    renewed = CampaignChange(mandate_id=UUID(client.mandates[0].mandate_id))
    change_campaign(case.service, case.caller, case.campaign_id, renewed)
    with case.service.pool.transaction() as connection:
        case.send(connection, made)
    assert case.state(made) == "sent"


def test_a_law_on_intimate_depictions_covers_no_others(service: Service, owner: Caller) -> None:
    case = campaigning.case(service, owner, regimes=("take_it_down",))
    (made,) = case.add("https://videos.example.net/speech")
    case.confirm(made)
    case.answer([made], "take_it_down", intimate="no")
    assert case.prepare(made).hindrances == {"not_ready": 1, "out_of_scope": 1}
    case.answer([made], "take_it_down")
    assert case.prepare(made).prepared == 1
    assert case.row(made).answers["intimate"] == "yes"


def test_a_reworded_notice_is_a_draft_again(case: Case) -> None:
    (made,) = case.ready()
    change_campaign(
        case.service, case.caller, case.campaign_id, CampaignChange(elements={"explanation": "Shorter."})
    )
    assert case.state(made) == "draft"
    found = case.prepare(made)
    assert found.prepared == 0
    assert [element.element for element in found.notices[0].elements] == ["legal_provision"]


def test_nothing_is_sent_of_a_closed_campaign_an_erased_client_or_a_closed_organization(
    service: Service, owner: Caller
) -> None:
    closed = campaigning.case(service, owner)
    (first,) = closed.ready()
    close_campaign(service, owner, closed.campaign_id)
    erased = campaigning.case(service, owner, entry_id=closed.entry_id)
    (second,) = erased.ready()
    shown = erase_client(service, owner, erased.client_id)
    assert (shown.name, shown.depicted_name) == (None, None)
    notice = show_notice(service, owner, erased.campaign_id, second)
    assert (notice.url, notice.hindrances[:2]) == (None, ["campaign_closed", "client_erased"])
    made = create_caller(service, owner, organization="Law firm", name="l", roles=["takedown", "lookup"])
    lawyer = authenticate(service, made.key)
    set_visibility(service, "public")
    theirs = campaigning.case(service, lawyer, entry_id=closed.entry_id)
    (third,) = theirs.ready()
    close_organization(service, owner, lawyer.organization_id)
    for case, notice_id in ((closed, first), (erased, second), (theirs, third)):
        with (
            pytest.raises(psycopg.errors.CheckViolation, match="campaign_closed"),
            service.pool.transaction() as connection,
        ):
            case.send(connection, notice_id)


def test_another_organization_finds_none_of_it(case: Case, service: Service, owner: Caller) -> None:
    (made,) = case.ready()
    key = create_caller(service, owner, organization="Others", name="o", roles=["takedown", "lookup"]).key
    other = authenticate(service, key)
    with pytest.raises(NotFound):
        show_notice(service, other, case.campaign_id, made)
    theirs = campaigning.case(service, owner, entry_id=case.entry_id)
    with pytest.raises(NotFound):
        show_notice(service, owner, theirs.campaign_id, made)
    stranger = Case(
        service, other, case.client_id, case.mandate_id, case.entry_id, case.campaign_id, case.found
    )
    for act in (
        lambda: stranger.add("https://x.example.net/"),
        lambda: stranger.confirm(made),
        stranger.answer,
        stranger.prepare,
        lambda: move_notice(service, other, case.campaign_id, made, PersonMove("close", "x")),
        lambda: contest_notice(service, other, case.campaign_id, made, SAID),
    ):
        with pytest.raises(FakeprintError) as refused:
            act()
        assert refused.value.code == "unknown_campaign"
