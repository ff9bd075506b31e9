"""Webhooks and what became of their messages, as models."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from registry.core.http.schemas import Answer, Request, TimeText, UuidText
from registry.sharing.webhooks.model import LONGEST_URL, MOST_KINDS, OVERLAP_HOURS, Outcome, State, Status

Url = Annotated[str, Field(max_length=LONGEST_URL, description="https, at an address that is public")]
Kinds = Annotated[
    list[Annotated[str, Field(max_length=61)]],
    Field(
        min_length=1,
        max_length=MOST_KINDS,
        description="kinds of events: entry.reviewed and so on; entry.* for all of them, * for everything",
    ),
]


def _message_id(value: Any) -> Any:
    return f"msg_{value.hex}" if isinstance(value, UUID) else value


MessageId = Annotated[str, BeforeValidator(_message_id)]
"""Takes a `UUID`."""


class NewWebhook(Request):
    """An address to be told of what happens."""

    url: Url = Field(examples=["https://hooks.example/fakeprint"])
    kinds: Kinds = Field(examples=[["entry.*", "match.found", "watch.matched"]])


class WebhookChange(Request):
    """What is absent stays as it is."""

    url: Url | None = None
    kinds: Kinds | None = None
    state: Literal["active", "paused"] | None = Field(None, examples=["paused"])


class NewSecret(Request):
    """A secret to take the place of the one in use."""

    overlap_hours: float = Field(
        OVERLAP_HOURS[1],
        ge=OVERLAP_HOURS[0],
        le=OVERLAP_HOURS[2],
        description="for how long the one before signs beside it",
        examples=[24],
    )


class Replay(Request):
    """Which dead letters: one, those made since a time, or all where neither is given."""

    delivery_id: int | None = Field(None, ge=1, lt=2**62)
    since: str | None = Field(
        None, max_length=40, description="ISO 8601 with its offset", examples=["2026-01-31T00:00:00+00:00"]
    )


class Webhook(Answer):
    webhook_id: UuidText = Field(examples=["3f9d6a52-0c1e-4b7a-9a35-6f6f1f0f7d11"])
    url: str = Field(examples=["https://hooks.example/fakeprint"])
    kinds: list[str] = Field(examples=[["entry.*", "match.found", "watch.matched"]])
    state: State = Field(
        description="paused: messages wait; disabled, by the service: they are dead letters at once"
    )
    reason: Literal["failing", "gone"] | None = Field(
        description="why it is disabled: message after message died, or the endpoint answered 410"
    )
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    waiting: int = Field(description="messages that wait for their turn or another attempt", examples=[0])
    dead: int = Field(
        description="messages that were given up, and can be replayed for 30 days", examples=[0]
    )
    secrets: int = Field(description="how many secrets sign now", examples=[1])


class WebhookWithSecret(Webhook):
    secret: str = Field(
        description="whsec_ and base64, as Standard Webhooks has it; shown this once",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )


class WebhookList(Answer):
    webhooks: list[Webhook]


class Delivery(Answer):
    delivery_id: int = Field(examples=[4711])
    event_id: int | None = Field(description="null: a test", examples=[90210])
    message_id: MessageId = Field(
        description="webhook-id: the same on each attempt and replay",
        examples=["msg_0f4c3c9d4b6f4f2c8e1a5a1e4bb21f0f"],
    )
    kind: str = Field(examples=["entry.reviewed"])
    status: Status
    attempts: int = Field(description="since it was made, or replayed", examples=[2])
    outcome: Outcome | None = Field(
        description="of the last attempt; null: there was none, or it was cut off", examples=["refused"]
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
        description="when it is sent again at the earliest", examples=["2026-01-31T09:30:21+00:00"]
    )


class DeliveryPage(Answer):
    deliveries: list[Delivery]
    next: str | None = Field(description="`after` for the next page; null: this is the last")


class Replayed(Answer):
    replayed: int = Field(description="dead letters that wait again", examples=[3])
