"""Requests and answers about enrolled persons."""

from __future__ import annotations

from typing import Annotated, Any, Literal, override

from pydantic import Field

from registry.core.http.schemas import Answer, Request, Sha256, TimeText, UuidText
from registry.persons.model import ConsentBy, Refusal, State
from registry.persons.photos.model import Reason

Time = Annotated[
    str, Field(max_length=40, description="ISO 8601 with its offset; a date begins at 00:00 UTC")
]
Scope = Literal["lookups", "entries"]
Digest = Annotated[str, Field(max_length=64, description="64 hex digits")]


class NewConsent(Request):
    """A consent: its words, time and author, and the digest of the document, which stays with you."""

    by: ConsentBy = Field(examples=["representative"])
    text: str = Field(
        max_length=20_000,
        description="the words of the consent",
        examples=["I agree that the newsroom compares faces in media that it is sent with my photos."],
    )
    document_sha256: Digest = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )
    given_at: Time = Field(examples=["2026-01-31T10:00:00+01:00"])
    expires_at: Time | None = Field(
        None,
        description="at most twelve months later, which is the default",
        examples=["2026-12-31T00:00:00+01:00"],
    )
    scope: list[Scope] = Field(
        min_length=1,
        max_length=2,
        description="lookups: media that you look up; entries: media that you have registered",
        examples=[["lookups", "entries"]],
    )
    minor: bool = Field(
        False, description="the person is a minor; then a guardian consents", examples=[False]
    )
    acting: str | None = Field(
        None,
        max_length=300,
        description="name of the representative or guardian",
        examples=["Carmen Ruiz, lawyer"],
    )
    mandate_sha256: Digest | None = Field(
        None,
        description="SHA-256 of the mandate, or of the proof of guardianship",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )


class NewPerson(Request):
    """A person to protect. All personal data is encrypted with a key of the person's own."""

    name: str = Field(max_length=300, examples=["Dolores Ibáñez"])
    consent: NewConsent
    shows_minor_sexually: bool = Field(
        description="whether the photos, or the media for which the person is enrolled, may show a minor "
        "sexually. If true, nothing is enrolled or stored: report the media to your country's hotline."
    )
    notes: str | None = Field(None, max_length=20_000, examples=["Candidate for the city council."])


class NewReview(Request):
    """A second caller's decision."""

    decision: Literal["accept", "refuse"]
    identity_checked: bool = Field(False, description="needed to accept", examples=[True])
    mandate_checked: bool = Field(
        False, description="needed to accept if somebody acts for the person", examples=[True]
    )
    how: str | None = Field(
        None,
        max_length=20_000,
        description="how both were checked; needed to accept, stored encrypted",
        examples=["Passport seen on the phone, mandate checked with the bar."],
    )
    reason: Refusal | None = Field(None, description="reason of a refusal; default: other")


class NewRevocation(Request):
    """The code that was shown when the person was enrolled."""

    code: str = Field(max_length=200, examples=["7ZQ4M-1K8RD-X5T2H-0BWNC-9VFGE"])


class NewAssessment(Request):
    """A data-protection assessment of enrolled faces (GDPR, Article 35); the document stays with you."""

    title: str = Field(max_length=300, examples=["Enrolled faces, version 2"])
    document_sha256: Digest = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )
    assessed_on: str = Field(max_length=10, description="YYYY-MM-DD", examples=["2026-01-15"])


class Review(Answer):
    how: str = Field(examples=["Passport seen on the phone, mandate checked with the bar."])
    at: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])
    by: str = Field(examples=["6ecd8c99-4036-403d-bf84-cf8400f67836"])


class Consent(Answer):
    by: ConsentBy = Field(examples=["representative"])
    text: str = Field(
        examples=["I agree that the newsroom compares faces in media that it is sent with my photos."]
    )
    document_sha256: Sha256 = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )
    given_at: TimeText = Field(examples=["2026-01-31T09:00:00+00:00"])
    expires_at: TimeText = Field(examples=["2026-12-30T23:00:00+00:00"])
    scope: list[Scope] = Field(examples=[["lookups", "entries"]])
    minor: bool
    acting: str | None = Field(examples=["Carmen Ruiz, lawyer"])
    mandate_sha256: Sha256 | None = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )
    review: Review | None = Field(None, description="absent: not decided yet", examples=[Review.example()])


class Photo(Answer):
    """A photo of a proposed person. `reason` is a stable code, `message` says what to do."""

    photo_id: UuidText | None = Field(
        description="null: refused at once and not stored", examples=["2f1b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d"]
    )
    number: int | None = Field(examples=[1])
    filename: str = Field(examples=["office.jpg"])
    state: Literal["pending", "usable", "refused"] = Field(examples=["refused"])
    reason: Reason | None = Field(examples=["face_too_small"])
    message: str | None = Field(
        examples=["The face is smaller than 40 pixels; send a larger or closer photo."]
    )
    other_photo_id: UuidText | None = Field(description="with same_photo_twice: the photo that it repeats")
    faces: list[tuple[float, float, float, float]] = Field(
        description="where faces are: x, y, width, height as shares of the picture, the largest first",
        examples=[[[0.41, 0.2, 0.05, 0.07]]],
    )
    kept: bool = Field(description="the encrypted file is still stored, for review")


class AddedPhoto(Photo):
    created: bool = Field(description="false: it was sent before, or refused at once", examples=[True])


class AddedPhotos(Answer):
    person_id: UuidText = Field(examples=["7c9e6679-7425-40de-944b-e07fc1f90ae7"])
    photos: list[AddedPhoto] = Field(
        examples=[
            [
                {
                    "photo_id": "2f1b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d",
                    "number": 1,
                    "filename": "portrait.jpg",
                    "state": "pending",
                    "reason": None,
                    "message": None,
                    "other_photo_id": None,
                    "faces": [],
                    "kept": True,
                    "created": True,
                }
            ]
        ]
    )


class PersonEvent(Answer):
    """A recorded act: ids and codes only."""

    event: str = Field(examples=["accepted"])
    actor: Literal["caller", "person", "service"]
    caller_id: UuidText | None = Field(examples=["6ecd8c99-4036-403d-bf84-cf8400f67836"])
    photo_id: UuidText | None
    revision: int = Field(examples=[2])
    at: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])


class PersonBase(Answer):
    person_id: UuidText = Field(examples=["7c9e6679-7425-40de-944b-e07fc1f90ae7"])
    name: str | None = Field(
        description="null: the key is destroyed, so the name cannot be read", examples=["Dolores Ibáñez"]
    )
    state: State = Field(examples=["active"])
    ended_as: Literal["refused", "revoked", "expired", "erased"] | None
    revision: int = Field(examples=[2])
    consent_by: ConsentBy = Field(examples=["representative"])
    consented_at: TimeText = Field(examples=["2026-01-31T09:00:00+00:00"])
    expires_at: TimeText = Field(examples=["2026-12-30T23:00:00+00:00"])
    scope: list[Scope] = Field(examples=[["lookups", "entries"]])
    identity_checked: bool = Field(examples=[True])
    mandate_checked: bool = Field(examples=[True])
    proposed_by: UuidText = Field(examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"])
    proposed_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    reviewed_by: UuidText | None = Field(examples=["6ecd8c99-4036-403d-bf84-cf8400f67836"])
    reviewed_at: TimeText | None = Field(examples=["2026-02-01T08:00:00+00:00"])
    ended_at: TimeText | None
    erased_at: TimeText | None
    renewal_waits: bool


class PhotoCounts(Answer):
    sent: int = Field(examples=[3])
    usable: int = Field(examples=[2])
    pending: int = Field(examples=[0])


class ListedPerson(PersonBase):
    photos: PhotoCounts


class PersonPage(Answer):
    persons: list[ListedPerson]
    next: str | None = Field(description="value of `after` for the next page; null: this is the last page")


class Person(PersonBase):
    """An enrolled person, to the organization that enrolled them. Face vectors are never shown."""

    notes: str | None
    consents: list[Consent] = Field(description="the one in force last")
    renewal: Consent | None = Field(description="a new consent that waits for a reviewer", examples=[None])
    photos: list[Photo]
    events: list[PersonEvent]


class ProposedPerson(Person):
    """A proposed person. `revocation_code` is shown only in this answer: give it to the person."""

    created: bool = Field(examples=[True])
    revocation_code: str = Field(examples=["7ZQ4M-1K8RD-X5T2H-0BWNC-9VFGE"])

    @override
    @classmethod
    def example(cls) -> dict[str, Any]:
        proposer = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
        return super().example() | {
            "state": "proposed",
            "revision": 1,
            "identity_checked": False,
            "mandate_checked": False,
            "reviewed_by": None,
            "reviewed_at": None,
            "consents": [Consent.example() | {"review": None}],
            "photos": [],
            "events": [PersonEvent.example() | {"event": "proposed", "caller_id": proposer, "revision": 1}],
        }


class Accepted(Answer):
    accepted: Literal[True]
    message: str = Field(examples=["If the code is right, the consent is withdrawn now."])


class Assessment(Answer):
    assessment_id: UuidText = Field(examples=["6ecd8c99-4036-403d-bf84-cf8400f67836"])
    title: str = Field(examples=["Enrolled faces, version 2"])
    document_sha256: Sha256 = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )
    assessed_on: TimeText = Field(examples=["2026-01-15"])
    recorded_by: str = Field(description="name of the administrator's key", examples=["admin"])
    recorded_at: TimeText = Field(examples=["2026-01-16T08:00:00+00:00"])


class AssessmentList(Answer):
    assessments: list[Assessment] = Field(description="the one in force first")


class FaceSearch(Answer):
    """One search for enrolled persons: ids and numbers, without similarities and names."""

    at: TimeText = Field(examples=["2026-01-20T10:15:00+00:00"])
    caller_id: UuidText | None = Field(
        description="caller of the lookup; null: the service searched a registered medium",
        examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"],
    )
    lookup_id: UuidText | None = Field(
        description="lookup whose file was searched; null: a registered medium was searched",
        examples=["c4b7a3de-52f1-4f7e-9f0e-0d2f6a1b7c55"],
    )
    asset_id: UuidText | None = Field(description="the registered medium that was searched")
    tracks: int = Field(description="face tracks that were compared; 0: no track was usable", examples=[2])
    persons: int = Field(description="number of persons compared", examples=[14])
    skipped: int = Field(description="persons whose key is gone, or whose data is damaged", examples=[0])
    matched: list[UuidText] = Field(
        description="ids of the persons found", examples=[["7c9e6679-7425-40de-944b-e07fc1f90ae7"]]
    )


class FaceSearchPage(Answer):
    searches: list[FaceSearch]
    next: str | None = Field(description="value of `after` for the next page; null: this is the last page")
