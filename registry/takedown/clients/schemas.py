"""Models of clients and their mandates."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from registry.core.http.schemas import Answer, BodyId, Request, TimeText, UuidText
from registry.review.queue.schemas import Digest, Prose
from registry.takedown.notices.model import notice

Name = Annotated[str, Field(max_length=300)]
Email = Annotated[str, Field(max_length=254)]


When = Annotated[datetime, Field(strict=False, description="with its offset: 2026-11-25T10:00:00+01:00")]
MandateId = Annotated[UUID, BodyId("Mandate")]


class NewClient(Request):
    """A client. All fields are encrypted with a key of the client's own."""

    name: Name = Field(examples=["Partido de Ejemplo"])
    depicted_name: Name = Field(description="the person shown in the fake", examples=["Ana Ejemplo"])
    email: Email | None = None
    address: Prose | None = None
    country: str | None = Field(None, max_length=2, description="ISO 3166-1", examples=["ES"])


class NewMandate(Request):
    """A mandate of the person depicted. Its document stays with you."""

    granted_by: notice.GrantedBy = Field(description="self: the person depicted")
    document_sha256: Digest = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )
    valid_from: When = Field(examples=["2026-02-01T08:00:00Z"])
    valid_until: When = Field(examples=["2026-08-01T08:00:00Z"])


class MandateShown(Answer):
    mandate_id: UuidText = Field(examples=["7d3e5a1b-9c2f-4b8e-a6d4-0f1e2d3c4b5a"])
    granted_by: notice.GrantedBy
    document_sha256: str = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )
    valid_from: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])
    valid_until: TimeText = Field(examples=["2026-08-01T08:00:00+00:00"])
    revoked_at: TimeText | None
    holds: bool = Field(description="valid now", examples=[True])


class ClientSummary(Answer):
    """A client. Its texts are null after erasure."""

    client_id: UuidText = Field(examples=["2c1d0f9e-3b4a-4c5d-8e6f-7a8b9c0d1e2f"])
    name: str | None = Field(examples=["Partido de Ejemplo"])
    depicted_name: str | None = Field(examples=["Ana Ejemplo"])
    email: str | None = Field(examples=["ana@example.org"])
    address: str | None
    country: str | None = Field(examples=["ES"])
    created_at: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])
    erased_at: TimeText | None


class ClientShown(ClientSummary):
    mandates: list[MandateShown] = Field(description="newest first")


class ClientPage(Answer):
    clients: list[ClientSummary]
    next: str | None = Field(description="`after` for the next page; null: this is the last")
