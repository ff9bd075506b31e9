"""Models of webhooks and their deliveries."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from registry.core.http.schemas import Answer, Request, TimeText, UuidText
from registry.sharing.webhooks.model import LONGEST_URL, MOST_KINDS, OVERLAP_HOURS, Outcome, State, Status

Url = Annotated[
    str,
    Field(
        max_length=LONGEST_URL,
        description="https URL with a public address, or a channel: slack://, workflows:// (Teams), "
        "matrixs://, mmosts:// (Mattermost), mailtos://",
    ),
]
Kinds = Annotated[
    list[Annotated[str, Field(max_length=61)]],
    Field(
        min_length=1,
        max_length=MOST_KINDS,
        description="kinds of events: entry.reviewed; entry.* for all about entries; * for everything",
    ),
]


def _message_id(value: Any) -> Any:
    return f"msg_{value.hex}" if isinstance(value, UUID) else value


MessageId = Annotated[str, BeforeValidator(_message_id)]
"""Also accepts a `UUID`."""


class NewWebhook(Request):
    """A webhook to create: its URL and the events that it receives."""

    url: Url = Field(examples=["https://hooks.example/fakeprint"])
    kinds: Kinds = Field(examples=[["entry.*", "match.found", "watch.matched"]])


class WebhookChange(Request):
    """Changes of a webhook. Absent fields stay unchanged."""

    url: Url | None = None
    kinds: Kinds | None = None
    state: Literal["active", "paused"] | None = Field(None, examples=["paused"])


class NewSecret(Request):
    """Rotation of the secret."""

    overlap_hours: float = Field(
        OVERLAP_HOURS[1],
        ge=OVERLAP_HOURS[0],
        le=OVERLAP_HOURS[2],
        description="hours for which the previous secret also signs",
        examples=[24],
    )


class Replay(Request):
    """Dead letters to send again: one, those created since a time, or all if both are absent."""

    delivery_id: int | None = Field(None, ge=1, lt=2**62)
    since: str | None = Field(
        None, max_length=40, description="ISO 8601 with an offset", examples=["2026-01-31T00:00:00+00:00"]
    )


class Webhook(Answer):
    webhook_id: UuidText = Field(examples=["3f9d6a52-0c1e-4b7a-9a35-6f6f1f0f7d11"])
    url: str = Field(
        description="of a channel, without its secrets", examples=["https://hooks.example/fakeprint"]
    )
    kinds: list[str] = Field(examples=[["entry.*", "match.found", "watch.matched"]])
    state: State = Field(
        description="paused: messages wait; disabled by the service: new messages become dead letters at once"
    )
    reason: Literal["failing", "gone"] | None = Field(
        description="why it is disabled: repeated failures, or the endpoint answered 410"
    )
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    waiting: int = Field(description="messages that wait for their first or next attempt", examples=[0])
    dead: int = Field(description="dead letters, which can be replayed for 30 days", examples=[0])
    secrets: int = Field(description="number of secrets in use", examples=[1])


class WebhookWithSecret(Webhook):
    secret: str | None = Field(
        description="whsec_ and base64, as in Standard Webhooks; shown only once; null: a channel, unsigned",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )


class WebhookList(Answer):
    webhooks: list[Webhook]


class Delivery(Answer):
    delivery_id: int = Field(examples=[4711])
    event_id: int | None = Field(description="null for a test message", examples=[90210])
    message_id: MessageId = Field(
        description="the header webhook-id, equal in all attempts and replays",
        examples=["msg_0f4c3c9d4b6f4f2c8e1a5a1e4bb21f0f"],
    )
    kind: str = Field(examples=["entry.reviewed"])
    status: Status
    attempts: int = Field(description="attempts since it was created or replayed", examples=[2])
    outcome: Outcome | None = Field(
        description="outcome of the last attempt; null: none has ended", examples=["refused"]
    )
    response_code: int | None = Field(examples=[503])
    snippet: str | None = Field(
        description="the beginning of the last answer's body", examples=["come back later"]
    )
    took_ms: int | None = Field(examples=[84])
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    attempted_at: TimeText | None = Field(examples=["2026-01-31T09:30:06+00:00"])
    ended_at: TimeText | None
    next_at: TimeText | None = Field(
        description="earliest time of the next attempt", examples=["2026-01-31T09:30:21+00:00"]
    )


class DeliveryPage(Answer):
    deliveries: list[Delivery]
    next: str | None = Field(description="`after` for the next page; null: this is the last")


class Replayed(Answer):
    replayed: int = Field(description="dead letters that are waiting again", examples=[3])
