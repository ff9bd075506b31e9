"""Models of evidence."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from registry.core.http.schemas import Answer, Request, TimeText, UuidText
from registry.takedown.campaigns.schemas import NoticeId
from registry.takedown.evidence.model import exhibit

AnsweredId = Annotated[UuidText, Field(max_length=36)]


class NewDisclosure(Request):
    """The recipients for whom the media in a bundle are encrypted."""

    recipients: list[str] = Field(
        min_length=1,
        max_length=10,
        description="public keys of age (age1…), of X25519",
        examples=[["age1wcswut80h2c6xv5q3hm6vmw9qqp3n6h3qsxdlsl55l0nv8z8vezsmdu4s9"]],
    )
    identity: str | None = Field(
        None,
        max_length=8_192,
        description="a key of one of the recipients, encrypted with a password (age -p), in base64; part of "
        "the archive as media/identity.age; the password stays with you",
    )
    notice_id: NoticeId | None = Field(
        None, description="only this notice", examples=["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"]
    )
    time_stamp: bool = Field(
        True, description="false: no time stamp, if the authority does not answer", examples=[True]
    )


class NewExhibit(Request):
    """An exhibit of a notice: the digest of a file. Hash the file on your machine."""

    kind: exhibit.Kind
    sha256: str = Field(
        min_length=64,
        max_length=64,
        description="of the file, in hex",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    bytes: int = Field(ge=1, le=2**53 - 1, description="its size", examples=[482113])
    name: str = Field(min_length=1, max_length=300, examples=["captura-2026-02-01.png"])
    note: str | None = Field(
        None, max_length=2_000, examples=["The post, with its date and the number of views."]
    )
    made_at: str | None = Field(
        None,
        max_length=40,
        description="when the file was made, as you state it",
        examples=["2026-02-01T08:00:00+00:00"],
    )
    content: str | None = Field(
        None,
        max_length=24_000_000,
        description="the file itself, in base64, at most 16 MiB; stored and disclosed only encrypted; "
        "absent: it stays with you",
    )


class Exhibit(Answer):
    exhibit_id: AnsweredId = Field(examples=["5b0d2f3c-8a1e-4f7d-9c6b-2e1f0a9d8c7b"])
    kind: exhibit.Kind
    sha256: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    bytes: int = Field(examples=[482113])
    name: str | None = Field(
        description="null after erasure, like the note", examples=["captura-2026-02-01.png"]
    )
    note: str | None = Field(examples=["The post, with its date and the number of views."])
    made_at: TimeText | None = Field(examples=["2026-02-01T08:00:00+00:00"])
    kept: bool = Field(description="whether the file itself is stored")
    added_by: AnsweredId = Field(examples=["6ecd8c99-4036-403d-bf84-cf8400f67836"])
    caller: str = Field(examples=["lucia"])
    added_at: TimeText = Field(examples=["2026-02-01T08:05:00+00:00"])


class Exhibits(Answer):
    """The exhibits of a notice, oldest first."""

    notice_id: AnsweredId = Field(examples=["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"])
    exhibits: list[Exhibit]
