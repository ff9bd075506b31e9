"""Examples of webhooks and their messages."""

from __future__ import annotations

from typing import Any, Final

_WEBHOOK: Final[dict[str, Any]] = {
    "webhook_id": "3f9d6a52-0c1e-4b7a-9a35-6f6f1f0f7d11",
    "url": "https://hooks.example/fakeprint",
    "kinds": ["entry.*", "match.found", "watch.matched"],
    "state": "active",
    "reason": None,
    "created_at": "2026-01-31T09:30:00+00:00",
    "waiting": 0,
    "dead": 0,
    "secrets": 1,
}

_DELIVERY: Final[dict[str, Any]] = {
    "delivery_id": 4711,
    "event_id": 90210,
    "message_id": "msg_0f4c3c9d4b6f4f2c8e1a5a1e4bb21f0f",
    "kind": "entry.reviewed",
    "status": "waiting",
    "attempts": 2,
    "outcome": "refused",
    "response_code": 503,
    "snippet": "come back later",
    "took_ms": 84,
    "created_at": "2026-01-31T09:30:00+00:00",
    "attempted_at": "2026-01-31T09:30:06+00:00",
    "ended_at": None,
    "next_at": "2026-01-31T09:30:21+00:00",
}

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "NewWebhook": {"url": _WEBHOOK["url"], "kinds": _WEBHOOK["kinds"]},
    "WebhookChange": {"state": "paused"},
    "NewSecret": {"overlap_hours": 24},
    "Replay": {"since": "2026-01-31T00:00:00+00:00"},
}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Webhook": _WEBHOOK,
    "WebhookWithSecret": {**_WEBHOOK, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
    "WebhookList": {"webhooks": [_WEBHOOK]},
    "Delivery": _DELIVERY,
    "DeliveryPage": {"deliveries": [_DELIVERY], "next": None},
    "Replayed": {"replayed": 3},
    "Deleted": {"deleted": True},
}
