"""Webhooks: subscriptions to events, deliveries, replay."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from registry.core.errors import BadInput
from registry.core.http.documentation import LOCATION, answer, problems
from registry.core.http.paging import After, PageSize
from registry.core.http.responses import Json
from registry.core.http.schemas import Deleted, PathId
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf
from registry.sharing.webhooks import schemas as models
from registry.sharing.webhooks.model import Status
from registry.sharing.webhooks.service.deliveries import (
    get_delivery,
    list_deliveries,
    replay_deliveries,
    send_test_message,
)
from registry.sharing.webhooks.service.webhooks import (
    change_webhook,
    create_webhook,
    delete_webhook,
    get_webhook,
    list_webhooks,
    rotate_webhook,
)

router = APIRouter(route_class=Route, tags=["webhooks"])

WebhookId = Annotated[UUID, PathId("Webhook")]
DeliveryId = Annotated[int, Path(ge=1, lt=2**62)]


@router.post(
    "/v1/webhooks",
    operation_id="createWebhook",
    summary="Create a webhook",
    status_code=201,
    responses=answer(
        201, models.WebhookWithSecret, "The webhook; its secret is shown only once.", headers=LOCATION
    )
    | problems(409),
)
def create(service: ServiceOf, caller: CallerOf, new: models.NewWebhook) -> Json:
    """Needs role `admin`. Messages are signed as in Standard Webhooks (headers `webhook-id`,
    `webhook-timestamp`, `webhook-signature`), and hold `type`, `timestamp` and `data`. They arrive in
    order, at least once; a repeated message has the same `webhook-id`. Answer 2xx within 15 seconds. Any
    other answer is retried 14 times within a day, then the message is a dead letter. Messages concern only
    your own organization. If another organization's lookup matches your entries, you are notified if that
    organization allows it. A channel (Slack, Teams, Matrix, Mattermost, mail) receives one sentence for each
    event, without names, unsigned; its address is stored encrypted."""
    webhook = create_webhook(service, caller, url=new.url, kinds=new.kinds)
    return Json(webhook, status_code=201, headers={"Location": f"/v1/webhooks/{webhook.webhook_id}"})


@router.get(
    "/v1/webhooks",
    operation_id="listWebhooks",
    summary="List your organization's webhooks",
    responses=answer(200, models.WebhookList, "Oldest first."),
)
def list_all(service: ServiceOf, caller: CallerOf) -> Json:
    """Needs role `admin`."""
    return Json({"webhooks": list_webhooks(service, caller)})


@router.get(
    "/v1/webhooks/{webhook_id}",
    operation_id="showWebhook",
    summary="Get a webhook",
    responses=answer(200, models.Webhook, "The webhook.") | problems(404),
)
def show(service: ServiceOf, caller: CallerOf, webhook_id: WebhookId) -> Json:
    """Needs role `admin`."""
    return Json(get_webhook(service, caller, webhook_id))


@router.patch(
    "/v1/webhooks/{webhook_id}",
    operation_id="changeWebhook",
    summary="Change, pause or resume a webhook",
    responses=answer(200, models.Webhook, "Changed.") | problems(404),
)
def change(service: ServiceOf, caller: CallerOf, webhook_id: WebhookId, body: models.WebhookChange) -> Json:
    """Needs role `admin`. Messages of a paused webhook wait. A webhook that the service has disabled
    receives messages again once it is `active`; replay those that failed meanwhile."""
    return Json(change_webhook(service, caller, webhook_id, url=body.url, kinds=body.kinds, state=body.state))


@router.delete(
    "/v1/webhooks/{webhook_id}",
    operation_id="deleteWebhook",
    summary="Delete a webhook and its messages",
    responses=answer(200, Deleted, "Deleted.") | problems(404),
)
def delete(service: ServiceOf, caller: CallerOf, webhook_id: WebhookId) -> Json:
    """Needs role `admin`. Waiting messages are not sent."""
    delete_webhook(service, caller, webhook_id)
    return Json({"deleted": True})


@router.post(
    "/v1/webhooks/{webhook_id}/secrets",
    operation_id="rotateWebhook",
    summary="Rotate a webhook's secret",
    status_code=201,
    responses=answer(201, models.WebhookWithSecret, "The webhook; its new secret is shown only once.")
    | problems(404, 409),
)
def rotate(service: ServiceOf, caller: CallerOf, webhook_id: WebhookId, body: models.NewSecret) -> Json:
    """Needs role `admin`. Until the overlap ends, messages carry a signature of each secret."""
    return Json(
        rotate_webhook(service, caller, webhook_id, overlap_hours=body.overlap_hours), status_code=201
    )


@router.post(
    "/v1/webhooks/{webhook_id}/test",
    operation_id="testWebhook",
    summary="Send a test message",
    status_code=202,
    responses=answer(202, models.Delivery, "A worker sends it at once; see `Location`.", headers=LOCATION)
    | problems(404),
)
def send_test(service: ServiceOf, caller: CallerOf, webhook_id: WebhookId) -> Json:
    """Needs role `admin`. Sends `webhook.test` once, out of order, also while the webhook is paused or
    disabled."""
    delivery_ = send_test_message(service, caller, webhook_id)
    location = f"/v1/webhooks/{webhook_id}/deliveries/{delivery_.delivery_id}"
    return Json(delivery_, status_code=202, headers={"Location": location})


@router.get(
    "/v1/webhooks/{webhook_id}/deliveries",
    operation_id="listDeliveries",
    summary="List a webhook's deliveries",
    responses=answer(200, models.DeliveryPage, "Newest first.") | problems(400, 404),
)
def deliveries(
    service: ServiceOf,
    caller: CallerOf,
    webhook_id: WebhookId,
    status: Annotated[Status | None, Query()] = None,
    limit: PageSize = 50,
    after: After = None,
) -> Json:
    """Needs role `admin`. Ended deliveries are kept for 30 days, successful ones without their body."""
    return Json(list_deliveries(service, caller, webhook_id, status=status, limit=limit, after=after or None))


@router.get(
    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}",
    operation_id="showDelivery",
    summary="Get a delivery",
    responses=answer(200, models.Delivery, "The message.") | problems(400, 404),
)
def delivery(service: ServiceOf, caller: CallerOf, webhook_id: WebhookId, delivery_id: DeliveryId) -> Json:
    """Needs role `admin`."""
    return Json(get_delivery(service, caller, webhook_id, delivery_id))


@router.post(
    "/v1/webhooks/{webhook_id}/replay",
    operation_id="replayDeliveries",
    summary="Send dead letters again",
    responses=answer(200, models.Replayed, "The number of messages that are waiting again.")
    | problems(404, 409),
)
def replay(service: ServiceOf, caller: CallerOf, webhook_id: WebhookId, body: models.Replay) -> Json:
    """Needs role `admin`. In their original order, before newer messages, with their original ids."""
    replayed = replay_deliveries(
        service,
        caller,
        webhook_id,
        delivery_id=body.delivery_id,
        since=None if body.since is None else _moment(body.since),
    )
    return Json({"replayed": replayed})


def _moment(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise BadInput("`since` is a time with an offset, such as 2026-01-31T09:30:00+00:00.")
    return time
