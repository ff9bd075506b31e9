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

    url: Url
    kinds: Kinds


class WebhookChange(Request):
    """What is absent stays as it is."""

    url: Url | None = None
    kinds: Kinds | None = None
    state: Literal["active", "paused"] | None = None


class NewSecret(Request):
    """A secret to take the place of the one in use."""

    overlap_hours: float = Field(
        OVERLAP_HOURS[1],
        ge=OVERLAP_HOURS[0],
        le=OVERLAP_HOURS[2],
        description="for how long the one before signs beside it",
    )


class Replay(Request):
    """Which dead letters: one, those made since a time, or all where neither is given."""

    delivery_id: int | None = Field(None, ge=1, lt=2**62)
    since: str | None = Field(None, max_length=40, description="ISO 8601 with its offset")


class Webhook(Answer):
    webhook_id: UuidText
    url: str
    kinds: list[str]
    state: State = Field(
        description="paused: messages wait; disabled, by the service: they are dead letters at once"
    )
    reason: Literal["failing", "gone"] | None = Field(
        description="why it is disabled: message after message died, or the endpoint answered 410"
    )
    created_at: TimeText
    waiting: int = Field(description="messages that wait for their turn or another attempt")
    dead: int = Field(description="messages that were given up, and can be replayed for 30 days")
    secrets: int = Field(description="how many secrets sign now")


class WebhookWithSecret(Webhook):
    secret: str = Field(description="whsec_ and base64, as Standard Webhooks has it; shown this once")


class WebhookList(Answer):
    webhooks: list[Webhook]


class Delivery(Answer):
    delivery_id: int
    event_id: int | None = Field(description="null: a test")
    message_id: MessageId = Field(description="webhook-id: the same on each attempt and replay")
    kind: str
    status: Status
    attempts: int = Field(description="since it was made, or replayed")
    outcome: Outcome | None = Field(
        description="of the last attempt; null: there was none, or it was cut off"
    )
    response_code: int | None
    snippet: str | None = Field(description="the beginning of the last answer's body")
    took_ms: int | None
    created_at: TimeText
    attempted_at: TimeText | None
    ended_at: TimeText | None
    next_at: TimeText | None = Field(description="when it is sent again at the earliest")


class DeliveryPage(Answer):
    deliveries: list[Delivery]
    next: str | None = Field(description="`after` for the next page; null: this is the last")


class Replayed(Answer):
    replayed: int = Field(description="dead letters that wait again")
