"""Messages to webhooks: each comes, in order, signed, under one id."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks.webhooks import Webhook

from registry.app.service.sweep import sweep
from registry.core.audit.service import record_event
from registry.core.errors import BadInput, Conflict
from registry.core.net import outbound
from registry.core.net.outbound import Attempt
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.jobs import claim_job
from registry.sharing.webhooks import model as webhook
from registry.sharing.webhooks.service.deliveries import (
    deliver_messages,
    get_delivery,
    list_deliveries,
    replay_deliveries,
    send_test_message,
)
from registry.sharing.webhooks.service.events import dispatch_events
from registry.sharing.webhooks.service.webhooks import change_webhook, create_webhook, get_webhook
from tests.support.service.fixtures import Recorder
from tests.support.sharing.webhooks import date_messages, end_waits, go_on, happen, numbers, statuses, work
from tests.support.steps import expire, unwatched
from tests.support.takedown import endpoints
from tests.support.takedown.endpoints import Answer, Endpoint, Received, endpoint, says


def test_events_are_signed_and_in_order(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    happen(local, owner, 1, 2, 3)
    happen(local, owner, 9, kind="bank.changed")
    assert dispatch_events(local) >= 4
    work(local, recorder)
    assert numbers(there) == [1, 2, 3]
    for request in there.received:
        message = Webhook(str(made.secret)).verify(request.body, request.headers)
        assert (message["type"], message["data"]["caller_id"]) == ("entry.changed", str(owner.caller_id))
    ids = {request.headers["webhook-id"] for request in there.received}
    assert len(ids) == 3
    shown = list_deliveries(local, owner, UUID(made.webhook_id)).deliveries
    assert {delivery.message_id for delivery in shown} == ids
    assert statuses(local, owner, made) == [("delivered", "delivered", 1)] * 3
    dispatch_events(local)
    assert recorder.sent == []


def test_a_late_commit_is_delivered_late(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    with local.pool.transaction() as late:
        record_event(late, owner, "entry.changed", said={"number": 1})
        happen(local, owner, 2)
        dispatch_events(local)
        work(local, recorder)
        assert numbers(there) == [2]
    go_on(local, recorder)
    assert numbers(there) == [2, 1]


def test_the_next_waits_until_the_one_before_has_come(
    local: Service, owner: Caller, recorder: Recorder
) -> None:
    failing = {2: 2}
    seen: list[int] = []

    def answer(connection: Any, request: Received) -> None:
        number = json.loads(request.body)["data"]["said"]["number"]
        seen.append(number)
        if failing.get(number, 0) > 0:
            failing[number] -= 1
            says(500, b"not now")(connection, request)
        else:
            says(200)(connection, request)

    with endpoint(answer) as there:
        made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
        happen(local, owner, 1, 2, 3)
        dispatch_events(local)
        work(local, recorder)
        assert seen == [1, 2]
        dispatch_events(local)
        assert recorder.sent == [], "not before its time"
        go_on(local, recorder)
        go_on(local, recorder)
    assert seen == [1, 2, 2, 2, 3]
    second = {item.headers["webhook-id"] for item in there.received[1:4]}
    assert len(second) == 1, "attempts of one message have one id"
    assert statuses(local, owner, made) == [("delivered", "delivered", at) for at in (1, 3, 1)]


@pytest.mark.parametrize(
    ("answer", "outcome", "code"),
    [
        (says(500, b"no"), "refused", 500),
        (says(301, Location="http://127.0.0.1:1/"), "redirected", 301),
        (endpoints.lies, "broken", None),
        (endpoints.babbles, "broken", None),
    ],
)
def test_failed_deliveries_are_retried(
    local: Service, owner: Caller, recorder: Recorder, answer: Answer, outcome: str, code: int | None
) -> None:
    with endpoint(answer) as there:
        made = create_webhook(local, owner, url=there.url(), kinds=["*"])
        happen(local, owner, 1)
        go_on(local, recorder)
    page = list_deliveries(local, owner, UUID(made.webhook_id), status="waiting").deliveries
    # The first one tells that the webhook was made.
    assert (page[-1].outcome, page[-1].response_code, page[-1].attempts) == (outcome, code, 1)
    assert (page[-1].next_at or "") > (page[-1].attempted_at or "")


def test_a_private_address_is_refused_when_it_is_sent_to(
    local: Service, service: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    with pytest.raises(BadInput, match="https"):
        create_webhook(service, owner, url=there.url(), kinds=["*"])
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    happen(service, owner, 1)
    go_on(service, recorder)
    assert statuses(service, owner, made) == [("waiting", "address_refused", 1)]
    assert there.received == []


def test_after_a_day_of_attempts_it_is_a_dead_letter_that_can_be_replayed(
    local: Service, owner: Caller, recorder: Recorder
) -> None:
    with endpoint(says(500)) as there:
        made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
        webhook_id = UUID(made.webhook_id)
        happen(local, owner, 1, 2)
        for _ in range(webhook.ATTEMPTS + 1):
            go_on(local, recorder)
        assert statuses(local, owner, made) == [
            ("dead", "refused", webhook.ATTEMPTS),
            ("waiting", "refused", 2),
        ]
        (dead,) = list_deliveries(local, owner, webhook_id, status="dead").deliveries
        (alive,) = list_deliveries(local, owner, webhook_id, status="waiting").deliveries
        with pytest.raises(Conflict) as refused:
            replay_deliveries(local, owner, webhook_id, delivery_id=alive.delivery_id)
        assert refused.value.code == "not_dead"
        there.answer = says(200)
        assert replay_deliveries(local, owner, webhook_id, delivery_id=dead.delivery_id) == 1
        go_on(local, recorder)
    assert numbers(there)[-2:] == [1, 2], "the older one first"
    assert {item.headers["webhook-id"] for item in there.received if b'"number":1' in item.body} == {
        dead.message_id
    }
    assert statuses(local, owner, made) == [("delivered", "delivered", 1), ("delivered", "delivered", 3)]


def test_message_after_message_dies_until_the_webhook_is_disabled(
    local: Service, owner: Caller, recorder: Recorder
) -> None:
    with endpoint(says(500)) as there:
        made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
        webhook_id = UUID(made.webhook_id)
        happen(local, owner, 1, 2, 3, 4)
        for _ in range(webhook.DEATHS * webhook.ATTEMPTS):
            go_on(local, recorder)
        shown = get_webhook(local, owner, webhook_id)
        assert (shown.state, shown.reason, shown.dead, shown.waiting) == (
            "disabled",
            "failing",
            4,
            0,
        )
        happen(local, owner, 5)
        go_on(local, recorder)
        assert statuses(local, owner, made)[-1] == ("dead", "disabled", 0), "kept, and not sent"
        with pytest.raises(Conflict) as refused:
            replay_deliveries(local, owner, webhook_id)
        assert refused.value.code == "webhook_disabled"
        there.answer = says(200)
        there.received.clear()
        change_webhook(local, owner, webhook_id, state="active")
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        assert replay_deliveries(local, owner, webhook_id, since=datetime.now(UTC)) == 0
        assert replay_deliveries(local, owner, webhook_id, since=long_ago) == 5
        go_on(local, recorder)
    assert numbers(there) == [1, 2, 3, 4, 5]


def test_a_410_disables_the_webhook(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    with endpoint(says(410)) as gone:
        made = create_webhook(local, owner, url=gone.url(), kinds=["entry.*"])
        other = create_webhook(local, owner, url=there.url(), kinds=["webhook.*"])
        happen(local, owner, 1, 2)
        go_on(local, recorder)
        go_on(local, recorder)
    assert len(gone.received) == 1
    assert statuses(local, owner, made) == [("dead", "gone", 1), ("dead", "disabled", 0)]
    messages = [json.loads(body) for body in there.bodies()]
    (body_of_disabling,) = [body for body in messages if body["data"]["said"].get("state") == "disabled"]
    assert body_of_disabling["data"]["webhook_id"] == made.webhook_id != other.webhook_id


def test_paused_messages_wait(local: Service, owner: Caller, recorder: Recorder, there: Endpoint) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    webhook_id = UUID(made.webhook_id)
    change_webhook(local, owner, webhook_id, state="paused")
    happen(local, owner, 1, 2)
    go_on(local, recorder)
    assert there.received == []
    assert get_webhook(local, owner, webhook_id).waiting == 2
    change_webhook(local, owner, webhook_id, state="active")
    go_on(local, recorder)
    assert numbers(there) == [1, 2]


def test_a_test_goes_out_of_turn_and_once(local: Service, owner: Caller, recorder: Recorder) -> None:
    with endpoint(says(500)) as there:
        made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
        webhook_id = UUID(made.webhook_id)
        happen(local, owner, 1)
        go_on(local, recorder)
        change_webhook(local, owner, webhook_id, state="paused")
        tested = send_test_message(local, owner, webhook_id)
        assert (tested.status, tested.kind) == ("waiting", webhook.TEST)
        work(local, recorder)
        shown = get_delivery(local, owner, webhook_id, tested.delivery_id)
        assert (shown.status, shown.response_code, shown.attempts) == ("dead", 500, 1)
        there.answer = says(200, b"fine")
        again = send_test_message(local, owner, webhook_id)
        work(local, recorder)
    shown = get_delivery(local, owner, webhook_id, again.delivery_id)
    assert (shown.status, shown.snippet) == ("delivered", "fine")
    Webhook(str(made.secret)).verify(there.received[-1].body, there.received[-1].headers)
    assert replay_deliveries(local, owner, webhook_id) == 0, "tests are not replayed"


def test_a_worker_that_dies_in_mid_delivery_costs_an_attempt(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    happen(local, owner, 1, 2)
    dispatch_events(local)
    ((_, _, job_id),) = recorder.sent
    recorder.sent.clear()
    dying = claim_job(local, job_id)
    assert dying

    def dies(url: str, headers: Any, body: bytes, *, private: bool) -> Attempt:
        outbound.post(url, headers, body, private=private)
        raise SystemExit

    with pytest.raises(SystemExit):
        deliver_messages(local, dying, unwatched, send=dies)
    assert numbers(there) == [1]
    assert statuses(local, owner, made) == [("waiting", None, 1), ("waiting", None, 0)]
    expire(local)
    sweep(local)
    go_on(local, recorder)
    assert numbers(there) == [1, 1, 2]
    assert len({item.headers["webhook-id"] for item in there.received}) == 2
    assert statuses(local, owner, made) == [("delivered", "delivered", 2), ("delivered", "delivered", 1)]


def test_a_worker_that_has_lost_its_job_keeps_nothing(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    happen(local, owner, 1)
    dispatch_events(local)
    ((_, _, job_id),) = recorder.sent
    slow = claim_job(local, job_id)
    assert slow

    def overtaken(url: str, headers: Any, body: bytes, *, private: bool) -> Attempt:
        expire(local)
        end_waits(local)
        work(local, recorder)
        return Attempt("refused", 500)

    with pytest.raises(Conflict) as lost:
        deliver_messages(local, slow, unwatched, send=overtaken)
    assert lost.value.code == "lease_lost"
    assert statuses(local, owner, made) == [("delivered", "delivered", 2)]


def test_a_clock_that_jumps_kills_and_delays_nothing(
    local: Service, owner: Caller, recorder: Recorder
) -> None:
    with endpoint(says(500)) as there:
        made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
        happen(local, owner, 1)
        go_on(local, recorder)
        date_messages(local, years=1)  # a clock a year ahead planned it
        there.answer = says(200)
        dispatch_events(local)
        work(local, recorder)
        assert statuses(local, owner, made) == [("delivered", "delivered", 2)]
        happen(local, owner, 2)
        there.answer = says(500)
        go_on(local, recorder)
        date_messages(local, years=-1, waiting=True)  # and one a year behind
        dispatch_events(local)
        work(local, recorder)
        assert statuses(local, owner, made)[-1] == ("waiting", "refused", 2)


def test_two_tellers_tell_once(local: Service, owner: Caller, recorder: Recorder, there: Endpoint) -> None:
    create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    happen(local, owner, *range(40))
    threads = [threading.Thread(target=dispatch_events, args=(local,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    dispatch_events(local)
    work(local, recorder)
    assert numbers(there) == list(range(40))
