"""What goes in and comes out about evidence, as models."""

from __future__ import annotations

from pydantic import Field

from registry.core.http.schemas import Answer, Id, Request
from registry.takedown.campaigns.schemas import NoticeId
from registry.takedown.evidence.model import exhibit


class NewDisclosure(Request):
    """For whom the media in a bundle are ciphered."""

    recipients: list[str] = Field(
        min_length=1, max_length=10, description="public keys of age (age1…), of X25519"
    )
    identity: str | None = Field(
        None,
        max_length=8_192,
        description="a key of one of the recipients, ciphered by a password (age -p), in base64: it goes "
        "into the archive as media/identity.age, and the password stays with you",
    )
    notice_id: NoticeId | None = Field(None, description="only this one")
    time_stamp: bool = Field(True, description="false: without one, where the authority does not answer")


class NewExhibit(Request):
    """A file that is an exhibit of a notice, by its digest; hash it where it lies."""

    kind: exhibit.Kind
    sha256: str = Field(min_length=64, max_length=64, description="of the file, in hex")
    bytes: int = Field(ge=1, le=2**53 - 1, description="its size")
    name: str = Field(min_length=1, max_length=300)
    note: str | None = Field(None, max_length=2_000)
    made_at: str | None = Field(None, max_length=40, description="when it was made, as you say")
    content: str | None = Field(
        None,
        max_length=24_000_000,
        description="the file itself, in base64, at most 16 MiB: it is kept sealed, and given out only "
        "ciphered; absent: it stays with you",
    )


class Exhibit(Answer):
    exhibit_id: Id
    kind: exhibit.Kind
    sha256: str
    bytes: int
    name: str | None = Field(description="null once it was erased, as the note")
    note: str | None
    made_at: str | None
    kept: bool = Field(description="the file is kept, too")
    added_by: Id
    caller: str
    added_at: str


class Exhibits(Answer):
    """The exhibits of a notice, oldest first."""

    notice_id: Id
    exhibits: list[Exhibit]
