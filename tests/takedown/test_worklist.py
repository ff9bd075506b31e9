"""What waits for a person in takedown, over all campaigns: as many items as the first page says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from registry.core.database import sql
from registry.core.errors import Forbidden
from registry.core.tally import MOST
from registry.identity.callers.model import Caller
from registry.takedown.delivery.model.delivery import DeliveryFilter
from registry.takedown.delivery.service.deliveries import list_notice_deliveries
from registry.takedown.delivery.service.sending import send_notices
from registry.takedown.notices.model.notice import PersonMove
from registry.takedown.notices.service.moves import move_notice
from registry.takedown.recurrences.service.recurrences import decide_recurrence
from registry.takedown.worklist.model import KINDS, NEAR, Kind
from registry.takedown.worklist.service import count_waiting, list_waiting
from tests.support.service.fixtures import Recorder
from tests.support.steps import join
from tests.support.takedown.campaigns import Case
from tests.support.takedown.past import let_letter_fail, let_notice_be_due_in, remove_later
from tests.support.takedown.recurrences import follow, look_up


def listed(about: Case, kind: Kind) -> list[UUID]:
    return [item.notice_id for item in list_waiting(about.service, about.caller, kind).items]


def test_deadlines_that_are_near_or_over_are_listed_the_first_one_first(about: Case) -> None:
    near, over, far, held, answered = about.sent(*(f"https://videos.example.net/{n}" for n in range(5)))
    for notice_id, hours in ((near, 20), (over, -3), (far, 24 * 5), (held, -2), (answered, -2)):
        let_notice_be_due_in(about.service, notice_id, hours)
    move_notice(about.service, about.caller, about.campaign_id, held, PersonMove("hold", "by_person"))
    move_notice(about.service, about.caller, about.campaign_id, answered, PersonMove("refuse", "told"))
    assert listed(about, "due") == [over, near], "not those far away, paused or answered"
    first = list_waiting(about.service, about.caller, "due").items[0]
    assert (first.campaign, first.url, first.platform) == (
        "Melilla",
        "https://videos.example.net/1",
        "videos.example.net",
    )
    tally = count_waiting(about.service, about.caller, "due")
    assert (tally.count, tally.due) == (2, first.at)
    assert first.at < datetime.now(UTC) < first.at + NEAR


def test_letters_on_paper_wait_until_somebody_hands_them_over(about: Case) -> None:
    made = about.ready("https://printed.example.net/1", "https://printed.example.net/2")
    assert listed(about, "letters") == []
    send_notices(about.service, about.caller, about.campaign_id, notice_ids=made)
    assert sorted(listed(about, "letters")) == sorted(made)
    tally = count_waiting(about.service, about.caller, "letters")
    page = list_waiting(about.service, about.caller, "letters", limit=1)
    rest = list_waiting(about.service, about.caller, "letters", limit=1, after=page.next)
    assert [*page.items, *rest.items] == list_waiting(about.service, about.caller, "letters").items
    assert (tally.count, tally.oldest, rest.next) == (2, page.items[0].at, None)
    waiting = DeliveryFilter("waiting", "paper")
    shown = list_notice_deliveries(about.service, about.caller, about.campaign_id, waiting)
    assert {str(item.item_id) for item in (*page.items, *rest.items)} == {
        delivery.delivery_id for delivery in shown.deliveries
    }, "the same letters as on the campaign's own page"


def test_letters_that_were_not_sent_are_told_apart(about: Case) -> None:
    made = about.ready("https://printed.example.net/1", "https://printed.example.net/2")
    send_notices(about.service, about.caller, about.campaign_id, notice_ids=made)
    let_letter_fail(about.service, made[0])
    (unsent,) = list_waiting(about.service, about.caller, "unsent").items
    assert (unsent.notice_id, unsent.status) == (made[0], "dead")
    assert listed(about, "letters") == [made[1]]
    assert count_waiting(about.service, about.caller, "unsent").count == 1


def test_a_recurrence_waits_until_a_person_decides(about: Case, recorder: Recorder) -> None:
    (first,) = about.sent("https://videos.example.net/1")
    move_notice(about.service, about.caller, about.campaign_id, first, PersonMove("remove", "told"))
    remove_later(about.service, timedelta(minutes=1))
    look_up(about, "https://videos.example.net/2", at=datetime.now(UTC) - timedelta(hours=1))
    follow(about.service, recorder)
    (found,) = list_waiting(about.service, about.caller, "recurrences").items
    assert (found.notice_id, found.url, found.stands) == (first, "https://videos.example.net/2", None)
    assert count_waiting(about.service, about.caller, "recurrences").count == 1
    decide_recurrence(about.service, about.caller, about.campaign_id, found.item_id, "dismiss")
    assert listed(about, "recurrences") == []


def test_notices_wait_from_ready_to_sent_and_again_when_the_fake_is_back(
    about: Case, recorder: Recorder
) -> None:
    made = about.ready("https://videos.example.net/1", "https://videos.example.net/2")
    assert sorted(listed(about, "ready")) == sorted(made)
    assert count_waiting(about.service, about.caller, "ready").count == 2
    move_notice(about.service, about.caller, about.campaign_id, made[1], PersonMove("hold", "by_person"))
    with about.service.pool.transaction() as connection:
        about.send(connection, made[0])
    assert listed(about, "ready") == [], "one is sent, the other one paused"
    move_notice(about.service, about.caller, about.campaign_id, made[0], PersonMove("remove", "told"))
    look_up(about, "https://videos.example.net/1")
    look_up(about, "https://videos.example.net/3")
    follow(about.service, recorder)
    again = list_waiting(about.service, about.caller, "reopened").items
    assert sorted(item.stands or "" for item in again) == ["draft", "reopened"], "that place and another one"
    assert made[0] in {item.notice_id for item in again}
    assert count_waiting(about.service, about.caller, "reopened").count == 2


def test_another_organization_sees_none_of_it(about: Case) -> None:
    (notice_id,) = about.sent()
    let_notice_be_due_in(about.service, notice_id, 1)
    other = join(about.service, about.caller, "Others")
    stranger = Caller(other.caller_id, other.organization_id, "other", frozenset({"takedown"}))
    for kind in KINDS:
        assert list_waiting(about.service, stranger, kind).items == []
        assert count_waiting(about.service, stranger, kind).count == 0
    lookup = Caller(stranger.caller_id, about.caller.organization_id, "lookup", frozenset({"lookup"}))
    with pytest.raises(Forbidden):
        list_waiting(about.service, lookup, "due")


def test_the_lists_are_reached_by_their_indexes(about: Case) -> None:
    """Counting reads at most a hundred rows of the organization, however large the tables are."""
    indexes = {
        "count_due": "notice_term",
        "count_letters": "notice_delivery_by_hand",
        "count_unsent": "notice_delivery_failed",
        "count_recurrences": "recurrence_waiting",
        "count_reopened": "notice_reopened",
        "count_ready": "notice_ready",
    }
    queries = sql.load("registry.takedown.worklist.store")
    parameters = {"organization_id": about.caller.organization_id, "near": NEAR, "limit": MOST}
    with about.service.pool.transaction() as connection:
        connection.execute("SET LOCAL enable_seqscan = off")
        connection.execute("SET LOCAL enable_bitmapscan = off")
        connection.execute("SET LOCAL enable_sort = off")
        for name, index in indexes.items():
            rows = connection.execute("EXPLAIN (COSTS OFF) " + queries[name], parameters).fetchall()
            assert index in "\n".join(row["QUERY PLAN"] for row in rows), name
