"""Messages to webhooks: each comes, in order, signed, under one id, and to nobody else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from registry import outbound
from registry.actions.change_webhook import change_webhook
from registry.actions.claim_job import claim_job
from registry.actions.close_organization import close_organization
from registry.actions.create_webhook import create_webhook
from registry.actions.delete_webhook import delete_webhook
from registry.actions.deliver_messages import deliver_messages
from registry.actions.list_deliveries import list_deliveries
from registry.actions.list_webhooks import list_webhooks
from registry.actions.record_event import record_event
from registry.actions.replay_deliveries import replay_deliveries
from registry.actions.rotate_webhook import rotate_webhook
from registry.actions.service import Service
from registry.actions.show_delivery import show_delivery
from registry.actions.show_webhook import show_webhook
from registry.actions.sweep import sweep
from registry.actions.sweep_webhooks import sweep_webhooks
from registry.actions.tell_events import tell_events
from registry.actions.try_webhook import try_webhook
from registry.domain import webhook
from registry.domain.caller import Caller
from registry.errors import BadInput, Conflict, Forbidden, NotFound
from registry.outbound import Attempt
from tests import endpoints
from tests.endpoints import Answer, Endpoint, Received, endpoint, says
from tests.integration.conftest import Recorder
from tests.steps import expire, join, unwatched


@pytest.fixture
def local(service: Service) -> Service:
    """The service, which may send to this machine."""
    return replace(service, settings=service.settings.model_copy(update={"webhook_private": True}))


@pytest.fixture
def there() -> Iterator[Endpoint]:
    with endpoint(says(204)) as made:
        yield made


def happen(service: Service, caller: Caller, *numbers: int, kind: str = "entry.changed") -> None:
    """One event a number, each in a commit of its own."""
    for number in numbers:
        with service.pool.transaction() as connection:
            record_event(connection, caller, kind, said={"number": number})


def work(service: Service, recorder: Recorder) -> int:
    """Do what workers are told to, until there is nothing; how many jobs that was."""
    done = 0
    while recorder.sent:
        task, queue, job_id = recorder.sent.pop(0)
        assert (task, queue) == ("fakeprint.deliver_messages", "delivery")
        if (job := claim_job(service, job_id)) is not None:
            deliver_messages(service, job, unwatched)
            done += 1
    return done


def go_on(service: Service, recorder: Recorder) -> None:
    """Let all waits be over, tell what is untold, and send."""
    with service.pool.transaction() as connection:
        connection.execute("UPDATE webhook_delivery SET next_at = now() WHERE status = 'waiting'")
    tell_events(service)
    work(service, recorder)


def numbers(there: Endpoint) -> list[int]:
    found = [json.loads(body) for body in there.bodies()]
    return [one["data"]["said"]["number"] for one in found if one["type"] == "entry.changed"]


def statuses(service: Service, caller: Caller, made: dict[str, Any]) -> list[tuple[str, str | None, int]]:
    """Status, outcome and attempts of each message, the oldest first."""
    page = list_deliveries(service, caller, UUID(made["webhook_id"]))["deliveries"]
    return [(one["status"], one["outcome"], one["attempts"]) for one in reversed(page)]


def test_what_happens_is_told_in_order_and_signed(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    happen(local, owner, 1, 2, 3)
    happen(local, owner, 9, kind="bank.changed")
    assert tell_events(local) >= 4
    work(local, recorder)
    assert numbers(there) == [1, 2, 3]
    for request in there.received:
        said = Webhook(made["secret"]).verify(request.body, request.headers)
        assert (said["type"], said["data"]["caller_id"]) == ("entry.changed", str(owner.caller_id))
    ids = {request.headers["webhook-id"] for request in there.received}
    assert len(ids) == 3
    shown = list_deliveries(local, owner, UUID(made["webhook_id"]))["deliveries"]
    assert {one["message_id"] for one in shown} == ids
    assert statuses(local, owner, made) == [("delivered", "delivered", 1)] * 3
    tell_events(local)
    assert recorder.sent == []


def test_an_event_that_commits_late_is_told_late(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    with local.pool.transaction() as late:
        record_event(late, owner, "entry.changed", said={"number": 1})
        happen(local, owner, 2)
        tell_events(local)
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
        tell_events(local)
        work(local, recorder)
        assert seen == [1, 2]
        tell_events(local)
        assert recorder.sent == [], "not before its time"
        go_on(local, recorder)
        go_on(local, recorder)
    assert seen == [1, 2, 2, 2, 3]
    second = {one.headers["webhook-id"] for one in there.received[1:4]}
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
def test_what_does_not_come_is_tried_again(
    local: Service, owner: Caller, recorder: Recorder, answer: Answer, outcome: str, code: int | None
) -> None:
    with endpoint(answer) as there:
        made = create_webhook(local, owner, url=there.url(), kinds=["*"])
        happen(local, owner, 1)
        go_on(local, recorder)
    page = list_deliveries(local, owner, UUID(made["webhook_id"]), status="waiting")["deliveries"]
    # The first one tells that the webhook was made.
    assert (page[-1]["outcome"], page[-1]["response_code"], page[-1]["attempts"]) == (outcome, code, 1)
    assert page[-1]["next_at"] > page[-1]["attempted_at"]


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
        webhook_id = UUID(made["webhook_id"])
        happen(local, owner, 1, 2)
        for _ in range(webhook.ATTEMPTS + 1):
            go_on(local, recorder)
        assert statuses(local, owner, made) == [
            ("dead", "refused", webhook.ATTEMPTS),
            ("waiting", "refused", 2),
        ]
        (dead,) = list_deliveries(local, owner, webhook_id, status="dead")["deliveries"]
        (alive,) = list_deliveries(local, owner, webhook_id, status="waiting")["deliveries"]
        with pytest.raises(Conflict) as refused:
            replay_deliveries(local, owner, webhook_id, delivery_id=alive["delivery_id"])
        assert refused.value.code == "not_dead"
        there.answer = says(200)
        assert replay_deliveries(local, owner, webhook_id, delivery_id=dead["delivery_id"]) == 1
        go_on(local, recorder)
    assert numbers(there)[-2:] == [1, 2], "the older one first"
    assert {one.headers["webhook-id"] for one in there.received if b'"number":1' in one.body} == {
        dead["message_id"]
    }
    assert statuses(local, owner, made) == [("delivered", "delivered", 1), ("delivered", "delivered", 3)]


def test_message_after_message_dies_until_the_webhook_is_disabled(
    local: Service, owner: Caller, recorder: Recorder
) -> None:
    with endpoint(says(500)) as there:
        made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
        webhook_id = UUID(made["webhook_id"])
        happen(local, owner, 1, 2, 3, 4)
        for _ in range(webhook.DEATHS * webhook.ATTEMPTS):
            go_on(local, recorder)
        shown = show_webhook(local, owner, webhook_id)
        assert (shown["state"], shown["reason"], shown["dead"], shown["waiting"]) == (
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


def test_who_answers_that_it_is_gone_is_sent_nothing_more(
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
    said = [json.loads(body) for body in there.bodies()]
    (told,) = [one for one in said if one["data"]["said"].get("state") == "disabled"]
    assert told["data"]["webhook_id"] == made["webhook_id"] != other["webhook_id"]


def test_paused_messages_wait(local: Service, owner: Caller, recorder: Recorder, there: Endpoint) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    webhook_id = UUID(made["webhook_id"])
    change_webhook(local, owner, webhook_id, state="paused")
    happen(local, owner, 1, 2)
    go_on(local, recorder)
    assert there.received == []
    assert show_webhook(local, owner, webhook_id)["waiting"] == 2
    change_webhook(local, owner, webhook_id, state="active")
    go_on(local, recorder)
    assert numbers(there) == [1, 2]


def test_a_test_goes_out_of_turn_and_once(local: Service, owner: Caller, recorder: Recorder) -> None:
    with endpoint(says(500)) as there:
        made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
        webhook_id = UUID(made["webhook_id"])
        happen(local, owner, 1)
        go_on(local, recorder)
        change_webhook(local, owner, webhook_id, state="paused")
        tested = try_webhook(local, owner, webhook_id)
        assert (tested["status"], tested["kind"]) == ("waiting", webhook.TEST)
        work(local, recorder)
        shown = show_delivery(local, owner, webhook_id, tested["delivery_id"])
        assert (shown["status"], shown["response_code"], shown["attempts"]) == ("dead", 500, 1)
        there.answer = says(200, b"fine")
        again = try_webhook(local, owner, webhook_id)
        work(local, recorder)
    shown = show_delivery(local, owner, webhook_id, again["delivery_id"])
    assert (shown["status"], shown["snippet"]) == ("delivered", "fine")
    Webhook(made["secret"]).verify(there.received[-1].body, there.received[-1].headers)
    assert replay_deliveries(local, owner, webhook_id) == 0, "tests are not replayed"


def test_a_secret_is_replaced_while_messages_go_on(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    webhook_id = UUID(made["webhook_id"])
    renewed = rotate_webhook(local, owner, webhook_id, overlap_hours=1)
    happen(local, owner, 1)
    go_on(local, recorder)
    for secret in (made["secret"], renewed["secret"]):
        Webhook(secret).verify(there.received[-1].body, there.received[-1].headers)
    last = rotate_webhook(local, owner, webhook_id, overlap_hours=0)
    happen(local, owner, 2)
    go_on(local, recorder)
    Webhook(last["secret"]).verify(there.received[-1].body, there.received[-1].headers)
    for secret in (made["secret"], renewed["secret"]):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(there.received[-1].body, there.received[-1].headers)
    for _ in range(4):
        rotate_webhook(local, owner, webhook_id)
    with pytest.raises(Conflict) as refused:
        rotate_webhook(local, owner, webhook_id)
    assert refused.value.code == "too_many_secrets"
    with pytest.raises(BadInput):
        rotate_webhook(local, owner, webhook_id, overlap_hours=1e9)


def test_secrets_are_nowhere_in_the_database(local: Service, owner: Caller, there: Endpoint) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["*"])
    with local.pool.transaction() as connection:
        (row,) = connection.execute("SELECT sealed FROM webhook_secret").fetchall()
    key = local.keys.get(UUID(made["webhook_id"]))
    plain = key.open(row["sealed"], "webhook secret")
    assert plain not in row["sealed"]
    assert "secret" not in list_webhooks(local, owner)[0]


def test_without_its_key_a_webhook_sends_nothing(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    happen(local, owner, 1)
    local.keys.destroy(UUID(made["webhook_id"]))
    go_on(local, recorder)
    assert statuses(local, owner, made) == [("waiting", "no_secret", 1)]
    assert there.received == []


def test_a_worker_that_dies_in_mid_delivery_costs_an_attempt(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    happen(local, owner, 1, 2)
    tell_events(local)
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
    assert len({one.headers["webhook-id"] for one in there.received}) == 2
    assert statuses(local, owner, made) == [("delivered", "delivered", 2), ("delivered", "delivered", 1)]


def test_a_worker_that_has_lost_its_job_keeps_nothing(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    happen(local, owner, 1)
    tell_events(local)
    ((_, _, job_id),) = recorder.sent
    slow = claim_job(local, job_id)
    assert slow

    def overtaken(url: str, headers: Any, body: bytes, *, private: bool) -> Attempt:
        expire(local)
        with local.pool.transaction() as connection:
            connection.execute("UPDATE webhook_delivery SET next_at = now()")
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
        with local.pool.transaction() as connection:  # it was made, and planned, by a clock a year ahead
            connection.execute(
                "UPDATE webhook_delivery SET next_at = now() + interval '1 year',"
                " created_at = now() + interval '1 year'"
            )
        there.answer = says(200)
        tell_events(local)
        work(local, recorder)
        assert statuses(local, owner, made) == [("delivered", "delivered", 2)]
        happen(local, owner, 2)
        there.answer = says(500)
        go_on(local, recorder)
        with local.pool.transaction() as connection:  # and by one a year behind
            connection.execute(
                "UPDATE webhook_delivery SET next_at = now() - interval '1 year',"
                " created_at = now() - interval '1 year' WHERE status = 'waiting'"
            )
        tell_events(local)
        work(local, recorder)
        assert statuses(local, owner, made)[-1] == ("waiting", "refused", 2)


def test_nobody_is_told_of_what_is_others(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    stranger = join(local, owner, "another")
    create_webhook(local, stranger, url=there.url(), kinds=["*"])
    happen(local, owner, 1, 2)
    happen(local, stranger, 3)
    go_on(local, recorder)
    assert numbers(there) == [3]
    assert str(owner.organization_id).encode() not in b"".join(there.bodies())


def test_webhooks_of_others_are_not_there(local: Service, owner: Caller, there: Endpoint) -> None:
    stranger = join(local, owner, "another")
    made = create_webhook(local, owner, url=there.url(), kinds=["*"])
    webhook_id = UUID(made["webhook_id"])
    assert list_webhooks(local, stranger) == []
    for call in (
        lambda: show_webhook(local, stranger, webhook_id),
        lambda: change_webhook(local, stranger, webhook_id, state="paused"),
        lambda: rotate_webhook(local, stranger, webhook_id),
        lambda: try_webhook(local, stranger, webhook_id),
        lambda: list_deliveries(local, stranger, webhook_id),
        lambda: replay_deliveries(local, stranger, webhook_id),
        lambda: delete_webhook(local, stranger, webhook_id),
        lambda: delete_webhook(local, owner, uuid4()),
    ):
        with pytest.raises(NotFound) as absent:
            call()
        assert absent.value.code == "unknown_webhook"
    plain = replace(owner, roles=frozenset({"lookup", "register"}))
    with pytest.raises(Forbidden):
        create_webhook(local, plain, url=there.url(), kinds=["*"])


def test_a_deleted_webhook_leaves_nothing(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    happen(local, owner, 1)
    tell_events(local)
    delete_webhook(local, owner, UUID(made["webhook_id"]))
    work(local, recorder)
    assert there.received == []
    with local.pool.transaction() as connection:
        for table in ("webhook", "webhook_secret", "webhook_delivery"):
            assert connection.execute(f"SELECT FROM {table}").fetchall() == []
    assert local.keys.find(UUID(made["webhook_id"])) is None


def test_a_closed_organization_is_told_nothing_more(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    stranger = join(local, owner, "another")
    made = create_webhook(local, stranger, url=there.url(), kinds=["entry.*"])
    happen(local, stranger, 1)
    tell_events(local)
    close_organization(local, owner, stranger.organization_id)
    work(local, recorder)
    assert there.received == []
    sweep_webhooks(local)
    with local.pool.transaction() as connection:
        assert connection.execute("SELECT FROM webhook").fetchall() == []
    assert local.keys.find(UUID(made["webhook_id"])) is None


def test_an_organization_has_so_many_and_no_more(
    local: Service, owner: Caller, there: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "MOST_OF_ORGANIZATION", 2)
    problems: list[str] = []

    def make() -> None:
        try:
            create_webhook(local, owner, url=there.url(), kinds=["*"])
        except Conflict as error:
            problems.append(error.code)

    threads = [threading.Thread(target=make) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(list_webhooks(local, owner)) == 2
    assert problems == ["too_many_webhooks"] * 3


def test_what_ended_long_ago_is_forgotten(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    happen(local, owner, 1, 2)
    go_on(local, recorder)
    with local.pool.transaction() as connection:
        connection.execute(
            "UPDATE webhook_delivery SET ended_at = now() - interval '31 days'"
            " WHERE delivery_id = (SELECT min(delivery_id) FROM webhook_delivery)"
        )
        assert connection.execute("SELECT FROM webhook_delivery WHERE body IS NOT NULL").fetchall() == []
    assert sweep_webhooks(local) == 1
    assert len(statuses(local, owner, made)) == 1


def test_two_tellers_tell_once(local: Service, owner: Caller, recorder: Recorder, there: Endpoint) -> None:
    create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    happen(local, owner, *range(40))
    threads = [threading.Thread(target=tell_events, args=(local,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    tell_events(local)
    work(local, recorder)
    assert numbers(there) == list(range(40))
