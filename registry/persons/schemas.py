"""What goes in and what comes out about enrolled persons, as models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from registry.core.http.schemas import Answer, Request, Sha256
from registry.persons.model import ConsentBy, Refusal, State
from registry.persons.photos.model import Reason

Time = Annotated[
    str, Field(max_length=40, description="ISO 8601 with its offset; a date begins at 00:00 UTC")
]
Scope = Literal["lookups", "entries"]
Digest = Annotated[str, Field(max_length=64, description="64 hex digits")]


class NewConsent(Request):
    """A consent: what was agreed to, when, by whom, and the document that shows it, which stays with you."""

    by: ConsentBy
    text: str = Field(max_length=20_000, description="the words that were agreed to")
    document_sha256: Digest
    given_at: Time
    expires_at: Time | None = Field(None, description="absent: twelve months later, which is the most")
    scope: list[Scope] = Field(
        min_length=1,
        max_length=2,
        description="lookups: media that you ask about; entries: media that you have registered",
    )
    minor: bool = Field(False, description="the person is a minor; then a guardian consents")
    acting: str | None = Field(None, max_length=300, description="name of the representative or guardian")
    mandate_sha256: Digest | None = Field(None, description="of the mandate, or the proof of guardianship")


class NewPerson(Request):
    """Somebody to protect. Everything personal in it is sealed under a key of the person's own."""

    name: str = Field(max_length=300)
    consent: NewConsent
    shows_minor_sexually: bool = Field(
        description="Do the photos, or the media because of which the person is enrolled, show a minor "
        "sexually, or might they? If so nothing is enrolled or kept: report it to your country's hotline."
    )
    notes: str | None = Field(None, max_length=20_000)


class NewReview(Request):
    """A second caller's decision."""

    decision: Literal["accept", "refuse"]
    identity_checked: bool = Field(False, description="needed to accept")
    mandate_checked: bool = Field(False, description="needed to accept where somebody acts for the person")
    how: str | None = Field(
        None, max_length=20_000, description="how both were checked; needed to accept, kept sealed"
    )
    reason: Refusal | None = Field(None, description="of a refusal; absent: other")


class NewRevocation(Request):
    """The code that was shown when the person was enrolled."""

    code: str = Field(max_length=200)


class NewAssessment(Request):
    """A data-protection assessment of enrolled faces (GDPR, Article 35); the document stays with you."""

    title: str = Field(max_length=300)
    document_sha256: Digest
    assessed_on: str = Field(max_length=10, description="YYYY-MM-DD")


class Review(Answer):
    how: str
    at: str
    by: str


class Consent(Answer):
    by: ConsentBy
    text: str
    document_sha256: Sha256
    given_at: str
    expires_at: str
    scope: list[Scope]
    minor: bool
    acting: str | None
    mandate_sha256: Sha256 | None
    review: Review | None = Field(None, description="absent: nobody has decided yet")


class Photo(Answer):
    """A photo by which the person is proposed. `reason` is a stable code, `message` says what to do."""

    photo_id: str | None = Field(description="null: refused at sight and not kept")
    number: int | None
    filename: str
    state: Literal["pending", "usable", "refused"]
    reason: Reason | None
    message: str | None
    other_photo_id: str | None = Field(description="with same_photo_twice: the photo that it repeats")
    faces: list[tuple[float, float, float, float]] = Field(
        description="where faces are: x, y, width, height as shares of the picture, the largest first"
    )
    kept: bool = Field(description="the sealed file is still there, for a reviewer to look at")


class AddedPhoto(Photo):
    created: bool = Field(description="false: it was sent before, or refused at sight")


class AddedPhotos(Answer):
    person_id: str
    photos: list[AddedPhoto]


class PersonEvent(Answer):
    """An act on record: ids and codes only."""

    event: str
    actor: Literal["caller", "person", "service"]
    caller_id: str | None
    photo_id: str | None
    revision: int
    at: str


class PersonBase(Answer):
    person_id: str
    name: str | None = Field(description="null: the key is destroyed, nobody can read it any more")
    state: State
    ended_as: Literal["refused", "revoked", "expired", "erased"] | None
    revision: int
    consent_by: ConsentBy
    consented_at: str
    expires_at: str
    scope: list[Scope]
    identity_checked: bool
    mandate_checked: bool
    proposed_by: str
    proposed_at: str
    reviewed_by: str | None
    reviewed_at: str | None
    ended_at: str | None
    erased_at: str | None
    renewal_waits: bool


class PhotoCounts(Answer):
    sent: int
    usable: int
    pending: int


class ListedPerson(PersonBase):
    photos: PhotoCounts


class PersonPage(Answer):
    persons: list[ListedPerson]
    next: str | None = Field(description="give it as `after` for the next page; null: this was the last")


class Person(PersonBase):
    """An enrolled person, to the organization that enrolled them. Face vectors are never shown."""

    notes: str | None
    consents: list[Consent] = Field(description="the one in force last")
    renewal: Consent | None = Field(description="a new consent that waits for a reviewer")
    photos: list[Photo]
    events: list[PersonEvent]


class ProposedPerson(Person):
    """`revocation_code` is shown now and never again: give it to the person."""

    created: bool
    revocation_code: str


class Accepted(Answer):
    accepted: Literal[True]
    message: str


class Assessment(Answer):
    assessment_id: str
    title: str
    document_sha256: Sha256
    assessed_on: str
    recorded_by: str = Field(description="name of the administrator's key")
    recorded_at: str


class AssessmentList(Answer):
    assessments: list[Assessment] = Field(description="the one in force first")


class FaceSearch(Answer):
    """One search for enrolled persons: ids and numbers, no likeness, no name."""

    at: str
    caller_id: str | None = Field(description="who asked; null: the service, in a registered medium")
    lookup_id: str | None = Field(description="whose file was searched; null: a registered medium was")
    asset_id: str | None = Field(description="the registered medium that was searched")
    tracks: int = Field(description="faces through time that were compared; 0: none was good enough")
    persons: int = Field(description="with how many persons")
    skipped: int = Field(description="persons whose key is gone, or whose data is damaged")
    matched: list[str] = Field(description="ids of the persons found")


class FaceSearchPage(Answer):
    searches: list[FaceSearch]
    next: str | None = Field(description="give it as `after` for the next page; null: this was the last")
