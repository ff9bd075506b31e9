"""Notices by signed API, by mail and on paper: each once, whatever is killed; nothing on a guess."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from standardwebhooks.webhooks import Webhook

from registry.core.errors import BadInput, Conflict, NotFound
from registry.core.service import Service
from registry.core.settings import settings
from registry.identity.callers.model import Caller
from registry.jobs.service.jobs import claim_job
from registry.review.queue.service.decisions import withdraw_entry
from registry.takedown.campaigns.service.campaigns import close_campaign
from registry.takedown.delivery.model import delivery
from registry.takedown.delivery.service.deliveries import decide_delivery
from registry.takedown.delivery.service.dispatch import deliver_notice
from registry.takedown.notices.model.notice import PersonMove
from registry.takedown.notices.service.moves import move_notice
from registry.takedown.notices.service.notices import print_notice
from tests.support.service.fixtures import Recorder
from tests.support.steps import expire, join, unwatched
from tests.support.takedown.campaigns import Case, case
from tests.support.takedown.delivery import (
    ASKED,
    FORMED,
    MAILED,
    OWN,
    SECRET,
    able,
    channels,
    deliveries,
    go_on,
    send,
    statuses,
    wait,
    work,
)
from tests.support.takedown.endpoints import Endpoint, lies, says
from tests.support.takedown.mail import MailServer, mail_server
from tests.support.takedown.past import let_attempts_age


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


def test_a_dry_run_lists_the_letters_that_are_then_sent(
    about: Case, recorder: Recorder, there: Endpoint, mailing: MailServer
) -> None:
    made = about.ready(MAILED + "1", ASKED + "1", FORMED + "1", "https://unknown.example.net/v/1")
    dry = send(about, dry_run=True)
    ways = {notice.notice_id: (notice.channel, notice.why_paper) for notice in dry.notices}
    assert [ways[str(item)] for item in made] == [
        ("email", None),
        ("api", None),
        ("paper", "no_channel"),
        ("paper", "no_channel"),
    ]
    assert (dry.prepared, dry.sendable) == (0, 4)
    assert {about.state(item) for item in made} == {"ready"}
    assert work(about.service, recorder) == 0

    done = send(about)
    assert (done.prepared, done.ways) == (4, {"email": 1, "api": 1, "paper": 2})
    assert send(about).prepared == 0
    assert work(about.service, recorder) == 2
    (mailed,) = mailing.taken
    assert (mailed.sender, mailed.recipient) == ("notices@legal.example.org", "legal@mailed.example.net")
    found = {item.platform: item for item in deliveries(about)}
    mail = mailed.message
    assert mail["Message-ID"] == f"<notice.{UUID(found['mailed'].delivery_id).hex}@legal.example.org>"
    assert found["mailed"].reference in mail["Subject"]
    body = mail.get_body(("plain",))
    assert body
    assert MAILED + "1" in body.get_content()
    (posted,) = there.received
    said = Webhook(SECRET).verify(posted.body, posted.headers)
    assert said["data"]["elements"]["url"] == ASKED + "1"
    assert posted.headers["idempotency-key"] == found["asked"].delivery_id
    assert sorted(item.status for item in deliveries(about)) == ["handed_over"] * 2 + ["waiting"] * 2
    assert about.row(made[0]).due_at is not None
    assert about.row(made[2]).due_at is None


def test_blocked_notices_are_not_sent(about: Case, recorder: Recorder, mailing: MailServer) -> None:
    sent, ready = about.ready(MAILED + "1", MAILED + "2")
    send(about, sent)
    withdraw_entry(about.service, about.caller, about.entry_id, reason_code="mistaken")
    assert send(about, ready).hindrances == {"paused": 1, "entry_withdrawn": 1}
    work(about.service, recorder)
    assert statuses(about) == [("waiting", "hindered", 0)]
    assert mailing.seen == []


def test_answered_notices_are_not_sent(about: Case, recorder: Recorder, mailing: MailServer) -> None:
    (one,) = about.ready(MAILED + "1")
    send(about)
    move_notice(about.service, about.caller, about.campaign_id, one, PersonMove("remove", "gone"))
    work(about.service, recorder)
    assert statuses(about) == [("stopped", "not_needed", 0)]
    assert mailing.seen == []


def test_nothing_goes_out_of_a_closed_campaign(about: Case, recorder: Recorder, mailing: MailServer) -> None:
    about.ready(MAILED + "1")
    send(about)
    close_campaign(about.service, about.caller, about.campaign_id)
    work(about.service, recorder)
    assert statuses(about) == [("stopped", "campaign_closed", 0)]
    assert go_on(about.service, recorder) == 0
    assert mailing.seen == []


DAY = timedelta(days=1).total_seconds()


def test_a_platform_that_answers_500_for_a_day(about: Case, recorder: Recorder, there: Endpoint) -> None:
    about.ready(ASKED + "1")
    there.answer = says(500)
    send(about)
    work(about.service, recorder)
    passed = 0.0
    while passed < DAY:
        passed += wait(about.service, recorder)
        assert deliveries(about)[0].status == "waiting"
    assert len(there.received) < delivery.ATTEMPTS
    there.answer = says(202)
    wait(about.service, recorder)
    assert statuses(about) == [("handed_over", "handed_over", len(there.received))]
    assert len({item.headers["webhook-id"] for item in there.received}) == 1
    assert len({item.body for item in there.received}) == 1


@pytest.mark.slow
def test_a_delivery_failing_for_days_is_given_up_and_retried_by_a_person(
    about: Case, recorder: Recorder, there: Endpoint
) -> None:
    about.ready(ASKED + "1")
    there.answer = says(500)
    send(about)
    work(about.service, recorder)
    passed = 0.0
    while deliveries(about)[0].status == "waiting":
        passed += wait(about.service, recorder)
    assert 2 * DAY < passed < 4 * DAY
    assert statuses(about) == [("dead", "not_now", delivery.ATTEMPTS)]
    assert len(there.received) == delivery.ATTEMPTS
    there.answer = says(202)
    again = decide_delivery(about.service, about.caller, UUID(deliveries(about)[0].delivery_id), "send_again")
    assert again.status == "waiting"
    work(about.service, recorder)
    assert statuses(about) == [("handed_over", "handed_over", delivery.ATTEMPTS + 1)]


def test_a_non_idempotent_api_is_called_once(about: Case, recorder: Recorder, there: Endpoint) -> None:
    about.ready(OWN + "1")
    there.answer = lies
    send(about)
    work(about.service, recorder)
    assert statuses(about) == [("unsure", "unknown", 1)]
    assert go_on(about.service, recorder) == 0
    assert [item.headers["authorization"] for item in there.received] == ["Bearer abc"]


def test_an_idempotent_api_gets_the_same_id_again(about: Case, recorder: Recorder, there: Endpoint) -> None:
    about.ready(ASKED + "1")
    there.answer = lies
    send(about)
    work(about.service, recorder)
    there.answer = says(200)
    go_on(about.service, recorder)
    assert statuses(about) == [("handed_over", "handed_over", 2)]
    assert len({item.headers["webhook-id"] for item in there.received}) == 1


@pytest.mark.parametrize(
    ("command", "said", "expected"),
    [
        ("MAIL", "451 later", ("waiting", "not_now", 1)),
        ("RCPT", "550 nobody", ("dead", "refused", 1)),
        ("RCPT", "450 greylisted", ("waiting", "not_now", 1)),
        ("DATA", "CUT", ("waiting", "broken", 1)),
        (".", "452 full", ("waiting", "not_now", 1)),
        (".", "554 spam", ("dead", "refused", 1)),
        (".", "CUT", ("unsure", "unknown", 1)),
    ],
)
def test_answers_of_mail_servers(
    about: Case,
    recorder: Recorder,
    mailing: MailServer,
    command: str,
    said: str,
    expected: tuple[str, str, int],
) -> None:
    about.ready(MAILED + "1")
    mailing.answers[command] = said
    send(about)
    work(about.service, recorder)
    assert statuses(about) == [expected]
    mailing.answers.clear()
    go_on(about.service, recorder)
    again = expected[0] == "waiting"
    assert statuses(about) == ([("handed_over", "handed_over", 2)] if again else [expected])
    assert len(mailing.taken) == again


DIES = """
import sys
from uuid import UUID
from registry.jobs.service.jobs import claim_job
from registry.takedown.delivery.service.dispatch import deliver_notice
from registry.core.service import open_service
from registry.core.settings import settings
service = open_service(settings())
job = claim_job(service, UUID(sys.argv[1]))
deliver_notice(service, job, lambda share: None)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("hangs_at", "mails"), [("DATA", 1), (".", 0)])
def test_a_worker_that_is_killed_in_the_middle(
    about: Case, recorder: Recorder, mailing: MailServer, tmp_path: Path, hangs_at: str, mails: int
) -> None:
    """Before anything was told it is sent again; after it, nobody knows, and a person decides."""
    about.ready(MAILED + "1")
    send(about)
    _, _, job_id = next(item for item in recorder.sent if item[0] == "fakeprint.deliver_notice")
    recorder.sent.clear()
    mailing.answers[hangs_at] = "HANG"
    environment = os.environ | {
        "FAKEPRINT_DATABASE_URL": about.service.settings.database_url,
        "FAKEPRINT_DATA": str(tmp_path),
        "FAKEPRINT_SMTP_URL": about.service.settings.smtp_url,
        "FAKEPRINT_SMTP_FROM": about.service.settings.smtp_from,
    }
    with subprocess.Popen([sys.executable, "-c", DIES, str(job_id)], env=environment) as worker:
        assert mailing.came.wait(60)
        os.kill(worker.pid, signal.SIGKILL)
    mailing.answers.clear()
    expire(about.service)
    job = claim_job(about.service, job_id)
    assert job
    deliver_notice(about.service, job, unwatched)
    assert len(mailing.taken) == mails
    expected = ("handed_over", "handed_over", 2) if mails else ("unsure", "unknown", 1)
    assert statuses(about) == [expected]
    assert go_on(about.service, recorder) == 0
    assert len(mailing.seen) == 1


def test_a_worker_without_lease_sends_nothing(about: Case, recorder: Recorder, mailing: MailServer) -> None:
    about.ready(MAILED + "1")
    send(about)
    _, _, job_id = next(item for item in recorder.sent if item[0] == "fakeprint.deliver_notice")
    slow = claim_job(about.service, job_id)
    assert slow

    def overtaken(*_: object, before: object) -> object:
        expire(about.service)
        quick = claim_job(about.service, job_id)
        assert quick
        deliver_notice(about.service, quick, unwatched)
        assert callable(before)
        return before()

    with pytest.raises(Conflict) as error:
        deliver_notice(about.service, slow, unwatched, mail=overtaken)  # type: ignore[arg-type]
    assert error.value.code == "lease_lost"
    assert len(mailing.taken) == 1
    assert statuses(about) == [("handed_over", "handed_over", 2)]


def test_no_more_an_hour_than_the_platform_is_asked(
    service: Service,
    owner: Caller,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    mailing: MailServer,
) -> None:
    keys = channels(monkeypatch, tmp_path, api="https://none.example.net/", per_hour=3)
    about = case(able(service, keys, mailing.port), owner)
    about.ready(*(f"{MAILED}{number}" for number in range(5)))
    send(about)
    work(about.service, recorder)
    assert len(mailing.taken) == 3
    waiting = [item for item in deliveries(about) if item.status == "waiting"]
    assert [(item.outcome, item.attempts) for item in waiting] == [("too_many", 0)] * 2
    assert all(datetime.fromisoformat(str(item.next_at)) > datetime.now(UTC) for item in waiting)
    go_on(about.service, recorder)
    assert len(mailing.taken) == 3
    let_attempts_age(service, timedelta(minutes=61))
    go_on(about.service, recorder)
    assert len(mailing.taken) == 5
    assert len({item.message["Message-ID"] for item in mailing.taken}) == 5
    settings.cache_clear()


def test_a_person_marks_printed_letters_as_handed_over(about: Case, recorder: Recorder) -> None:
    (one,) = about.ready(FORMED + "1")
    send(about)
    assert work(about.service, recorder) == 0
    (queued,) = deliveries(about)
    delivery_id = UUID(queued.delivery_id)
    assert (queued.channel, queued.address) == ("paper", "https://formed.example.net/report")
    printed = print_notice(about.service, about.caller, delivery_id)
    assert printed.startswith(b"%PDF-")
    assert printed == print_notice(about.service, about.caller, delivery_id)
    with pytest.raises(BadInput) as error:
        decide_delivery(about.service, about.caller, delivery_id, "handed_over")
    assert error.value.code == "time_needed"
    early = datetime.now(UTC) - timedelta(days=1)
    with pytest.raises(BadInput) as error:
        decide_delivery(
            about.service, about.caller, delivery_id, "handed_over", at=early, proof_sha256="ab" * 32
        )
    assert error.value.code == "bad_time"
    done = decide_delivery(
        about.service, about.caller, delivery_id, "handed_over", at=datetime.now(UTC), proof_sha256="ab" * 32
    )
    assert (done.status, done.proof_sha256) == ("handed_over", "ab" * 32)
    assert about.row(one).due_at is not None
    with pytest.raises(Conflict):
        decide_delivery(about.service, about.caller, delivery_id, "send_again")


def test_a_person_settles_unsure_deliveries(about: Case, recorder: Recorder, mailing: MailServer) -> None:
    (one,) = about.ready(MAILED + "1")
    mailing.answers["."] = "CUT"
    send(about)
    delivery_id = UUID(deliveries(about)[0].delivery_id)
    at, proof = datetime.now(UTC), "ab" * 32
    with pytest.raises(Conflict):  # it waits for its machine
        decide_delivery(about.service, about.caller, delivery_id, "handed_over", at=at, proof_sha256=proof)
    work(about.service, recorder)
    assert statuses(about) == [("unsure", "unknown", 1)]
    done = decide_delivery(about.service, about.caller, delivery_id, "handed_over", at=at, proof_sha256=proof)
    assert (done.status, done.channel, done.proof_sha256) == ("handed_over", "email", "ab" * 32)
    assert about.row(one).due_at is not None
    mailing.answers.clear()
    go_on(about.service, recorder)
    assert len(mailing.seen) == 1


def test_deliveries_are_private(about: Case, owner: Caller) -> None:
    about.ready(FORMED + "1")
    send(about)
    delivery_id = UUID(deliveries(about)[0].delivery_id)
    stranger = join(about.service, owner, "Strangers")
    with pytest.raises(Exception, match="takedown"):
        decide_delivery(about.service, stranger, delivery_id, "print")
    other = Caller(stranger.caller_id, stranger.organization_id, "x", frozenset({"takedown"}))
    with pytest.raises(NotFound):
        print_notice(about.service, other, delivery_id)
