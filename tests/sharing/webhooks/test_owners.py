"""Webhooks are their organization's: its secrets, its things and no others, nothing left of them."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from registry.app.service.closing import close_organization
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.errors import BadInput, Conflict, Forbidden, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.answers import answer_document
from registry.matching.watches.service.watches import change_watch_rules
from registry.review.queue.service.decisions import withdraw_entry
from registry.sharing.webhooks import model as webhook
from registry.sharing.webhooks.service.deliveries import list_deliveries, replay_deliveries, send_test_message
from registry.sharing.webhooks.service.events import dispatch_events, sweep_webhooks
from registry.sharing.webhooks.service.webhooks import (
    change_webhook,
    create_webhook,
    delete_webhook,
    get_webhook,
    list_webhooks,
    rotate_webhook,
)
from tests.support.media import drawn
from tests.support.service.fixtures import Recorder
from tests.support.sharing.webhooks import go_on, happen, let_first_message_age, numbers, statuses, work
from tests.support.steps import join, review
from tests.support.takedown.endpoints import Endpoint, endpoint, says

FAKE = drawn.clip("speech")
COPY = drawn.clip("speech", noise=0.1, file="copy", seconds=6, start=1)


@pytest.fixture
def asker(service: Service, owner: Caller) -> Caller:
    return join(service, owner, "Askers")


def test_a_secret_is_replaced_while_messages_go_on(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    webhook_id = UUID(made.webhook_id)
    renewed = rotate_webhook(local, owner, webhook_id, overlap_hours=1)
    happen(local, owner, 1)
    go_on(local, recorder)
    for secret in (made.secret, renewed.secret):
        Webhook(str(secret)).verify(there.received[-1].body, there.received[-1].headers)
    last = rotate_webhook(local, owner, webhook_id, overlap_hours=0)
    happen(local, owner, 2)
    go_on(local, recorder)
    Webhook(str(last.secret)).verify(there.received[-1].body, there.received[-1].headers)
    for secret in (made.secret, renewed.secret):
        with pytest.raises(WebhookVerificationError):
            Webhook(str(secret)).verify(there.received[-1].body, there.received[-1].headers)
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
    key = local.keys.get(UUID(made.webhook_id))
    plain = key.open(row["sealed"], "webhook secret")
    assert plain not in row["sealed"]
    assert "secret" not in list_webhooks(local, owner)[0].model_fields_set


def test_without_its_key_a_webhook_sends_nothing(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    happen(local, owner, 1)
    local.keys.destroy(UUID(made.webhook_id))
    go_on(local, recorder)
    assert statuses(local, owner, made) == [("waiting", "no_secret", 1)]
    assert there.received == []


def test_webhooks_get_own_events_only(
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
    webhook_id = UUID(made.webhook_id)
    assert list_webhooks(local, stranger) == []
    for call in (
        lambda: get_webhook(local, stranger, webhook_id),
        lambda: change_webhook(local, stranger, webhook_id, state="paused"),
        lambda: rotate_webhook(local, stranger, webhook_id),
        lambda: send_test_message(local, stranger, webhook_id),
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
    dispatch_events(local)
    delete_webhook(local, owner, UUID(made.webhook_id))
    work(local, recorder)
    assert there.received == []
    with local.pool.transaction() as connection:
        for table in ("webhook", "webhook_secret", "webhook_delivery"):
            assert connection.execute(f"SELECT FROM {table}").fetchall() == []
    assert local.keys.find(UUID(made.webhook_id)) is None


def test_a_closed_organization_gets_no_more_events(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    stranger = join(local, owner, "another")
    made = create_webhook(local, stranger, url=there.url(), kinds=["entry.*"])
    happen(local, stranger, 1)
    dispatch_events(local)
    close_organization(local, owner, stranger.organization_id)
    work(local, recorder)
    assert there.received == []
    sweep_webhooks(local)
    with local.pool.transaction() as connection:
        assert connection.execute("SELECT FROM webhook").fetchall() == []
    assert local.keys.find(UUID(made.webhook_id)) is None


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


def test_old_deliveries_are_deleted(
    local: Service, owner: Caller, recorder: Recorder, there: Endpoint
) -> None:
    made = create_webhook(local, owner, url=there.url(), kinds=["entry.*"])
    happen(local, owner, 1, 2)
    go_on(local, recorder)
    with local.pool.transaction() as connection:
        let_first_message_age(local)
        assert connection.execute("SELECT FROM webhook_delivery WHERE body IS NOT NULL").fetchall() == []
    assert sweep_webhooks(local) == 1
    assert len(statuses(local, owner, made)) == 1


def test_matches_notify_the_caller_and_owners_if_allowed(
    local: Service, owner: Caller, asker: Caller, recorder: Recorder, there: Endpoint
) -> None:
    with endpoint(says(200)) as owners:
        create_webhook(local, asker, url=there.url(), kinds=["match.found"])
        create_webhook(local, owner, url=owners.url(), kinds=["match.*"])
        entry_id = UUID(
            register_entry(local, owner, Registration(fakes=[FAKE], manipulation="synthetic")).entry_id
        )
        review(local, str(entry_id))
        answer = answer_document(local, asker, COPY)
        answer_document(local, asker, drawn.clip("nothing known"))
        go_on_delivering(local, recorder)
        (body,) = map(json.loads, there.bodies())
        assert body["data"]["lookup_id"] == answer["lookup_id"]
        assert body["data"]["said"] == {"verdict": "known_fake", "entries": [str(entry_id)]}
        assert owners.received == []
        change_watch_rules(local, asker, {"tells_matches": True})
        again = answer_document(local, asker, COPY)
        go_on_delivering(local, recorder)
        (request,) = owners.received
    data = json.loads(request.body)["data"]
    assert data == {"event_id": data["event_id"], "entry_ids": [str(entry_id)]}
    for secret in (again["lookup_id"], str(asker.organization_id), str(asker.caller_id)):
        assert secret.encode() not in request.body


def go_on_delivering(service: Service, recorder: Recorder) -> None:
    dispatch_events(service)
    dispatch_events(service)
    recorder.sent[:] = [item for item in recorder.sent if item[1] == "delivery"]
    go_on(service, recorder)


def test_watchers_are_notified_of_withdrawals(service: Service, owner: Caller, asker: Caller) -> None:
    made = register_entry(service, owner, Registration(fakes=[FAKE], manipulation="synthetic"))
    entry_id = UUID(made.entry_id)
    answer = answer_document(service, asker, COPY, watch_days=30)
    assert answer["matches"]
    hook = create_webhook(service, asker, url="https://asker.example/", kinds=["entry.*"])
    create_webhook(service, join(service, owner, "Others"), url="https://x.example/", kinds=["entry.*"])
    withdraw_entry(service, owner, entry_id, reason_code="mistaken")
    dispatch_events(service)
    with service.pool.transaction() as connection:
        rows = connection.execute("SELECT webhook_id, kind, body FROM webhook_delivery").fetchall()
    assert [(str(row["webhook_id"]), row["kind"]) for row in rows] == [(hook.webhook_id, "entry.withdrawn")]
    data = json.loads(rows[0]["body"])["data"]
    assert (data["entry_id"], data["watch_ids"]) == (str(entry_id), [answer["watch"]["watch_id"]])
    assert data.keys() == {"event_id", "entry_id", "watch_ids"}, "and nothing of who did it and why"
