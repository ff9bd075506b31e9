"""Replies find their notice, terms end once, and what comes back is asked for again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from registry.core.errors import Conflict, NotFound
from registry.core.service import Service
from registry.core.settings import settings
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.matching.lookups.service.answers import answer_document
from registry.review.disputes.service.decision import Ruling, decide_dispute
from registry.review.disputes.service.disputes import Contest
from registry.review.queue.service.queue import claim_entry
from registry.takedown.notices.model.notice import Done, NoticeFilter, PersonMove
from registry.takedown.notices.schemas.notices import NoticeWithHistory
from registry.takedown.notices.service.alarms import raise_alarms
from registry.takedown.notices.service.breaches import draft_escalation, report_breaches
from registry.takedown.notices.service.moves import contest_notice, move_notice
from registry.takedown.notices.service.notices import list_notices
from registry.takedown.recurrences.service.recurrences import reopen_notice
from registry.takedown.replies.service.replies import import_mailbox, list_replies, match_reply
from tests.support.media import drawn
from tests.support.service.fixtures import Recorder
from tests.support.takedown.campaigns import Case, case
from tests.support.takedown.delivery import ASKED, MAILED, able, channels, deliveries, send, statuses, work
from tests.support.takedown.endpoints import Endpoint
from tests.support.takedown.mail import MailServer, mail_server
from tests.support.takedown.past import let_alarms_come, let_notice_be_due, move_earlier

COUNTER = Contest("satire", "author", "It is a sketch of ours.")


@pytest.fixture
def mailing() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


@pytest.fixture
def able_one(
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    there: Endpoint,
    mailing: MailServer,
) -> Iterator[Service]:
    keys = channels(monkeypatch, tmp_path, api=there.url("/notices"))
    yield able(service, keys, mailing.port)
    settings.cache_clear()


@pytest.fixture
def about(able_one: Service, owner: Caller) -> Case:
    return case(able_one, owner)


def handed(about: Case, recorder: Recorder, *urls: str) -> list[UUID]:
    made = about.ready(*urls)
    send(about, *made)
    work(about.service, recorder)
    assert {status for status, _, _ in statuses(about)} == {"handed_over"}
    return made


def reply_mail(text: str, *, thread: str = "", subject: str = "Re: it", number: str = "1") -> bytes:
    head = f"From: legal@mailed.example.net\nMessage-ID: <{number}@x>\nSubject: {subject}\n"
    return f"{head}{f'In-Reply-To: {thread}{chr(10)}' if thread else ''}\n{text}\n".encode()


def test_a_reply_finds_its_notice(about: Case, recorder: Recorder, mailing: MailServer) -> None:
    first, second = handed(about, recorder, MAILED + "1", MAILED + "2")
    by_notice = {delivery.notice_id: delivery for delivery in deliveries(about)}
    ids = {item.message["Subject"].rpartition("[")[2].rstrip("]"): item for item in mailing.taken}
    thread = ids[by_notice[str(first)].reference].message["Message-ID"]
    mark = by_notice[str(second)].reference
    box = b"\n".join(
        b"From x Sat Jan 31 2026\n" + item
        for item in (
            reply_mail("Removed.", thread=thread, number="1"),
            reply_mail("Removed.", subject=f"Re: it [{mark.lower()}]", number="2"),
            reply_mail(f"About {first}: removed.", number="3"),
            reply_mail(f"Both {first} and {second} are removed.", number="4"),
            reply_mail("Which one?", number="5"),
            reply_mail(f"About {uuid4()}.", number="6"),
            reply_mail(f"About {second}.", thread=thread, number="7"),
        )
    )
    taken = import_mailbox(about.service, about.caller, box)
    assert [(reply.state, reply.notice_id, reply.matched_by) for reply in taken.replies] == [
        ("matched", str(first), "message_id"),
        ("matched", str(second), "token"),
        ("matched", str(first), "reference"),
        *[("unmatched", None, None)] * 4,
    ]
    assert sorted(taken.replies[3].candidates) == sorted([str(first), str(second)])
    assert taken.replies[6].candidates == taken.replies[3].candidates
    assert {about.state(first), about.state(second)} == {"sent"}
    again = import_mailbox(about.service, about.caller, box)
    assert (again.known, again.matched) == (7, 0)

    waiting = list_replies(about.service, about.caller, state="unmatched").replies
    assert {reply.text for reply in waiting} >= {"Which one?"}
    chosen = next(reply for reply in waiting if reply.text == "Which one?")
    done = match_reply(about.service, about.caller, UUID(chosen.reply_id), first)
    assert (done.state, done.matched_by, done.text) == ("matched", "person", "Which one?")
    gone = match_reply(about.service, about.caller, UUID(waiting[0].reply_id), None)
    assert (gone.state, gone.text) == ("dismissed", None)
    with pytest.raises(Conflict) as error:
        match_reply(about.service, about.caller, UUID(waiting[0].reply_id), first)
    assert error.value.code == "reply_dismissed"
    with pytest.raises(NotFound):
        match_reply(about.service, about.caller, uuid4(), first)


def test_a_draft_is_nothing_that_is_answered(about: Case) -> None:
    (draft,) = about.add(MAILED + "1")
    taken = import_mailbox(about.service, about.caller, reply_mail(f"About {draft}."))
    assert taken.unmatched == 1


def earlier(about: Case, hours: float) -> None:
    """Let all have happened so many hours earlier."""
    let_alarms_come(about.service, timedelta(hours=hours))
    move_earlier(about.service, timedelta(hours=hours))


def kinds(about: Case) -> list[str]:
    with about.service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT kind FROM event WHERE kind = ANY (%s) ORDER BY event_id",
            [["notice.reminded", "notice.breached", "notice.overdue"]],
        )
        return [row["kind"] for row in rows]


def test_reminders_and_breaches_are_raised_once(able_one: Service, owner: Caller, recorder: Recorder) -> None:
    about = case(able_one, owner, regimes=["take_it_down"])
    made = about.add(MAILED + "1", MAILED + "2", MAILED + "3")
    about.answer(made, regime="take_it_down")
    about.confirm(*made)
    about.prepare(*made)
    send(about)
    work(about.service, recorder)
    row = about.row(made[0])
    assert row.due_at
    assert row.sent_at
    assert row.due_at - row.sent_at >= timedelta(hours=48)
    assert raise_alarms(about.service) == 0
    move_notice(about.service, about.caller, about.campaign_id, made[1], PersonMove("remove", "gone"))
    move_notice(about.service, about.caller, about.campaign_id, made[2], PersonMove("hold", "talks"))
    rule_reminders = len(_planned(about, made[0])) - 1
    assert rule_reminders > 0
    earlier(about, 47.9)
    threads = [threading.Thread(target=raise_alarms, args=(about.service,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kinds(about) == ["notice.reminded"] * rule_reminders
    earlier(about, 1)
    for _ in range(3):
        raise_alarms(about.service)
    assert kinds(about) == ["notice.reminded"] * rule_reminders + ["notice.breached"]
    assert [about.state(item) for item in made] == ["expired", "removed", "sent"]
    move_notice(about.service, about.caller, about.campaign_id, made[2], PersonMove("resume", "talked"))
    assert raise_alarms(about.service) == 1
    assert raise_alarms(about.service) == 0
    assert about.state(made[2]) == "expired"

    report = report_breaches(about.service, about.caller)
    (one,) = report.platforms
    assert (one.platform, one.handed_over, one.breaches, one.removed) == ("mailed", 3, 2, 1)
    assert {found.notice_id for found in report.breaches} == {str(made[0]), str(made[2])}
    for language in ("en", "es", "fr", "ar"):
        draft = draft_escalation(about.service, about.caller, about.campaign_id, made[0], language)
        assert MAILED + "1" in draft.text
        assert draft.attempts[0].response_code == 250
    with pytest.raises(Conflict) as error:
        draft_escalation(about.service, about.caller, about.campaign_id, made[1])
    assert error.value.code == "not_breached"


@pytest.mark.slow
def test_a_breach_is_raised_though_nobody_watched_when_it_came(
    able_one: Service, owner: Caller, recorder: Recorder
) -> None:
    """The beat was down; meanwhile the platform has removed one in time, one too late, and refused one."""
    about = case(able_one, owner)
    in_time, too_late, refused, paused = handed(
        about, recorder, *(f"{MAILED}{number}" for number in range(4))
    )

    def say(notice_id: UUID, act: Done) -> None:
        move_notice(about.service, about.caller, about.campaign_id, notice_id, PersonMove(act, "told"))

    say(in_time, "remove")
    say(too_late, "acknowledge")
    say(paused, "hold")
    earlier(about, 24 * 14)
    say(too_late, "remove")
    say(refused, "refuse")
    say(paused, "remove")
    assert (raise_alarms(about.service), raise_alarms(about.service)) == (2, 0)
    assert kinds(about) == ["notice.overdue"] * 2
    assert [about.state(item) for item in (in_time, too_late, refused)] == ["removed", "removed", "refused"]
    told = report_breaches(about.service, about.caller).breaches
    assert {breach.notice_id for breach in told} == {str(too_late), str(refused)}
    assert draft_escalation(about.service, about.caller, about.campaign_id, too_late).text


@pytest.mark.slow
def test_contested_notices_neither_expire_nor_escalate(about: Case, recorder: Recorder) -> None:
    first, second, unsent = [*handed(about, recorder, MAILED + "1", MAILED + "2"), *about.ready(MAILED + "3")]
    earlier(about, 24 * 14)
    hearing = contest_notice(about.service, about.caller, about.campaign_id, first, COUNTER).dispute_id
    contest_notice(about.service, about.caller, about.campaign_id, unsent, COUNTER)
    due = about.row(first).due_at
    while raise_alarms(about.service):
        pass
    assert (about.state(first), about.state(second)) == ("sent", "expired")
    assert send(about, unsent).hindrances == {"paused": 1, "entry_disputed": 1}

    def escalate(notice_id: UUID) -> str:
        return str(draft_escalation(about.service, about.caller, about.campaign_id, notice_id).text)

    contest_notice(about.service, about.caller, about.campaign_id, second, COUNTER)
    with pytest.raises(Conflict) as error:
        escalate(second)
    assert error.value.code == "notice_paused"
    made = create_caller(about.service, about.caller, organization="Neutral", name="j", roles=["review"])
    judge = authenticate(about.service, made.key)
    claim_entry(about.service, judge, about.entry_id)
    decide_dispute(about.service, judge, UUID(hearing), Ruling("reject", reason_code="not_shown"))
    # All go on; the term, which had run on, is over for the one that waited, and that is raised once.
    assert about.row(first).due_at == due
    assert (raise_alarms(about.service), raise_alarms(about.service)) == (1, 0)
    assert about.state(first) == "expired"
    assert kinds(about) == ["notice.overdue"] * 2
    assert send(about, unsent).prepared == 1

    # What was removed too late is complained of as that, and what was sent anew not of what came before.
    assert "No nos consta" in escalate(second)
    move_notice(about.service, about.caller, about.campaign_id, second, PersonMove("remove", "gone"))
    assert "La retirada consta desde el" in escalate(second)
    seen = UUID(answer_document(about.service, about.caller, about.found)["lookup_id"])
    reopen_notice(about.service, about.caller, about.campaign_id, url=MAILED + "2", lookup_id=seen)
    about.confirm(second, ground="match")
    about.prepare(second)
    send(about, second)
    work(about.service, recorder)
    with pytest.raises(Conflict) as error:
        escalate(second)
    assert error.value.code == "not_breached"


def _planned(about: Case, notice_id: UUID) -> list[str]:
    with about.service.pool.transaction() as connection:
        rows = connection.execute("SELECT kind FROM notice_alarm WHERE notice_id = %s", [notice_id])
        return [row["kind"] for row in rows]


def test_no_time_runs_before_it_was_handed_over(about: Case, recorder: Recorder, mailing: MailServer) -> None:
    (one,) = about.ready(MAILED + "1")
    mailing.answers["."] = "CUT"
    send(about)
    work(about.service, recorder)
    assert _planned(about, one) == []
    assert about.row(one).due_at is None


@pytest.mark.slow
def test_recurrences_reopen_notices_with_their_proof(about: Case, recorder: Recorder) -> None:
    first, second = handed(about, recorder, MAILED + "1", MAILED + "2")
    for item in (first, second):
        move_notice(about.service, about.caller, about.campaign_id, item, PersonMove("remove", "gone"))
    seen = UUID(answer_document(about.service, about.caller, about.found)["lookup_id"])
    other = UUID(answer_document(about.service, about.caller, drawn.clip("another"))["lookup_id"])

    def find(url: str, lookup: UUID = seen) -> NoticeWithHistory:
        return reopen_notice(about.service, about.caller, about.campaign_id, url=url, lookup_id=lookup)

    with pytest.raises(Conflict) as error:
        find(MAILED + "3", other)
    assert error.value.code == "not_found_again"
    with pytest.raises(NotFound) as nothing:
        find(ASKED + "3")
    assert nothing.value.code == "nothing_removed"
    same = find(MAILED + "1")
    assert (same.notice_id, same.state, same.verdict, same.ground) == (
        str(first),
        "reopened",
        "known_fake",
        None,
    )
    moved = find(MAILED + "3")
    assert (moved.notice_id, moved.url) == (str(second), MAILED + "3")
    assert isinstance(moved.match, dict)
    assert moved.match["lookup_id"] == str(seen)
    about.confirm(second, ground="match")
    assert about.prepare(second).prepared == 1
    send(about, second)
    work(about.service, recorder)
    assert about.state(second) == "sent"
    again = [delivery for delivery in deliveries(about) if delivery.notice_id == str(second)]
    assert [delivery.status for delivery in again] == ["handed_over"] * 2
    assert len({delivery.reference for delivery in again}) == 2
    assert datetime.fromisoformat(str(again[1].handed_at)) <= datetime.now(UTC)


def test_notices_are_listed_by_deadline(about: Case) -> None:
    about.add("https://videos.example.net/draft")
    made = about.sent(*(f"https://videos.example.net/{item}" for item in range(3)))
    let_notice_be_due(about.service, made[2])
    listed, after, due = [], None, NoticeFilter(order="due")
    while True:
        page = list_notices(about.service, about.caller, about.campaign_id, due, limit=2, after=after)
        listed += [UUID(item.notice_id) for item in page.notices]
        if (after := page.next) is None:
            break
    assert listed[0] == made[2]
    assert sorted(listed) == sorted(made)
