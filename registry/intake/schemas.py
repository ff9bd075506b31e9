"""Models of private cases, with examples."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from registry.catalogue.fingerprints.schemas import DOCUMENT, Document
from registry.core.http.schemas import Answer, Request, TimeText, UuidText
from registry.intake.model import LONGEST_NOTE, MOST_FILES, MOST_PLACES, Standing, State

_STATE = (
    "`waiting`: nobody has confirmed it yet, and similar lookups answer `related`; `confirmed`: reviewers "
    "have, and it answers `known_fake`; `contested`: it is disputed and suspended; `declined`: "
    "reviewers rejected it; `withdrawn`: by the person who opened it; `ended`: the entry was withdrawn "
    "otherwise"
)
CaseState = Annotated[State, Field(description=_STATE)]
Number = Annotated[str, Field(max_length=100, description="as shown; case, spaces and dashes are ignored")]


class NewCase(Request):
    """A case of a person without an account: fingerprint documents made on their own device, and a
    declaration. Media are not accepted."""

    documents: list[Document] = Field(max_length=MOST_FILES, examples=[[DOCUMENT]])
    standing: Standing = Field(description="depicted: it shows you; authorized: you act for the person shown")
    intimate: bool = Field(description="it shows somebody naked, or sexually", examples=[True])
    adult: bool = Field(
        description="everybody it shows was 18 or older in it. If not, or if you do not know, nothing is "
        "taken: turn to your country's hotline",
        examples=[True],
    )
    true: bool = Field(description="you declare that this is true, and that it is a fake", examples=[True])
    manipulation: str | None = Field(
        None,
        description="face_swap, lip_sync, synthetic, edited, audio, voice_clone or spliced",
        examples=["face_swap"],
    )
    seen: list[dict[str, Any]] = Field(
        default=[],
        max_length=MOST_PLACES,
        description="where it was seen: `url`, `platform`, `at`; stored encrypted",
        examples=[[{"url": "https://videos.example/watch/1"}]],
    )
    note: str | None = Field(
        None,
        max_length=LONGEST_NOTE,
        description="what reviewers should know, and how to reach you, if you wish; stored encrypted",
    )


class CaseKey(Request):
    """Number and PIN of a case."""

    case_number: Number = Field(examples=["7QK4M-1XRDF"])
    pin: str = Field(max_length=100, description="eight digits", examples=["40718293"])


class NewIntake(Request):
    """The bank for private cases."""

    bank: str | None = Field(
        max_length=100, description="name or id; null: accept no new cases", examples=["private cases"]
    )


class Intake(Answer):
    open: bool = Field(description="private cases are accepted here", examples=[True])
    organization: str | None = Field(
        description="the organization that accepts them", examples=["Example Foundation"]
    )


class OpenedCase(Answer):
    case_number: str = Field(examples=["7QK4M-1XRDF"])
    pin: str = Field(description="shown only once; it cannot be replaced", examples=["40718293"])
    state: CaseState
    organization: str = Field(
        description="the organization that accepts the case", examples=["Example Foundation"]
    )
    files: int = Field(examples=[1])
    opened_at: TimeText = Field(examples=["2026-02-01T09:30:00+00:00"])


class Since(Answer):
    lookups: int = Field(
        description="lookups that met it, of the organization that takes the case and of those that let "
        "owners know; 1000: that many, or more",
        examples=[3],
    )
    last_lookup: str | None = Field(description="day of the last one", examples=["2026-02-05"])
    entries: int = Field(
        description="entries that other organizations have registered since with the same footage, in "
        "public banks of fakes",
        examples=[1],
    )
    confirmed: int = Field(description="how many of these are confirmed by reviewers", examples=[0])
    last_entry: str | None = Field(description="day of the last one", examples=["2026-02-03"])


class Case(Answer):
    case_number: str = Field(examples=["7QK4M-1XRDF"])
    state: CaseState = Field(examples=["confirmed"])
    organization: str = Field(examples=["Example Foundation"])
    files: int = Field(examples=[1])
    opened_at: TimeText = Field(examples=["2026-02-01T09:30:00+00:00"])
    withdrawn_at: TimeText | None
    since: Since | None = Field(
        description="events since it was opened; null: it is not `confirmed`. Other private cases are not "
        "included"
    )


class ListedCase(Answer):
    case_id: UuidText = Field(examples=["2f1c9d4e-7b6a-4c5d-8e9f-0a1b2c3d4e5f"])
    entry_id: UuidText = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
    case_number: str | None = Field(
        description="null: it ended long ago and can no longer be followed", examples=["7QK4M-1XRDF"]
    )
    state: CaseState
    standing: Standing
    intimate: bool = Field(examples=[True])
    files: int = Field(examples=[1])
    bank: str = Field(examples=["private cases"])
    opened_at: TimeText = Field(examples=["2026-02-01T09:30:00+00:00"])


class CasePage(Answer):
    cases: list[ListedCase]
    next: str | None = Field(description="`after` for the next page; null: this is the last")
