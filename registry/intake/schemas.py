"""Private cases: what goes in, what comes out, and examples."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field

from registry.catalogue.fingerprints.schemas import Document
from registry.core.http.schemas import Answer, Request
from registry.intake.model import LONGEST_NOTE, MOST_FILES, MOST_PLACES, Standing, State

_STATE = (
    "`waiting`: nobody has confirmed it yet, and lookups near it say `related`; `confirmed`: reviewers "
    "have, and it answers `known_fake`; `contested`: it is disputed and suspended; `declined`: "
    "reviewers rejected it; `withdrawn`: by whoever opened it; `ended`: its entry was withdrawn otherwise"
)
CaseState = Annotated[State, Field(description=_STATE)]
Number = Annotated[
    str, Field(max_length=100, description="as it was shown; case, spaces and dashes do not matter")
]


class NewCase(Request):
    """What a person registers without an account: fingerprint documents, made on their own device, and
    their word. No media is taken here."""

    documents: list[Document] = Field(max_length=MOST_FILES)
    standing: Standing = Field(description="depicted: it shows you; authorized: you act for whom it shows")
    intimate: bool = Field(description="it shows somebody naked, or sexually")
    adult: bool = Field(
        description="everybody it shows was 18 or older in it. If not, or if you do not know, nothing is "
        "taken: turn to your country's hotline"
    )
    true: bool = Field(description="your word that this is so, and that it is a fake")
    manipulation: str | None = Field(None, description="face_swap, lip_sync, synthetic, edited or audio")
    seen: list[dict[str, Any]] = Field(
        default=[],
        max_length=MOST_PLACES,
        description="where it was seen: `url`, `platform`, `at`; kept sealed",
    )
    note: str | None = Field(
        None,
        max_length=LONGEST_NOTE,
        description="what reviewers should know, and how to reach you, if you wish; kept sealed",
    )


class CaseKey(Request):
    """What opens a case."""

    case_number: Number
    pin: str = Field(max_length=100, description="eight digits")


class NewIntake(Request):
    """Which bank takes private cases."""

    bank: str | None = Field(max_length=100, description="name or id; null: none does")


class Intake(Answer):
    open: bool = Field(description="private cases are taken here")
    organization: str | None = Field(description="by whom")


class OpenedCase(Answer):
    case_number: str
    pin: str = Field(description="shown this once; nobody can replace it")
    state: CaseState
    organization: str = Field(description="who takes it")
    files: int
    opened_at: str


class Since(Answer):
    lookups: int = Field(
        description="lookups that met it, of the organization that takes the case and of those that let "
        "owners know; 1000: that many, or more"
    )
    last_lookup: str | None = Field(description="the day of the last one")
    entries: int = Field(
        description="entries that other organizations have registered since with the same footage, in "
        "public banks of fakes"
    )
    confirmed: int = Field(description="how many of these reviewers have confirmed")
    last_entry: str | None = Field(description="the day of the last one")


class Case(Answer):
    case_number: str
    state: CaseState
    organization: str
    files: int
    opened_at: str
    withdrawn_at: str | None
    since: Since | None = Field(
        description="what became known of it since it was opened; null: it is not `confirmed`. Other private "
        "cases are not told of"
    )


class ListedCase(Answer):
    case_id: str
    entry_id: str
    case_number: str | None = Field(description="null: it ended long ago, and nobody can follow it any more")
    state: CaseState
    standing: Standing
    intimate: bool
    files: int
    bank: str
    opened_at: str


class CasePage(Answer):
    cases: list[ListedCase]
    next: str | None = Field(description="give it as `after` for the next page; null: this was the last")


_NUMBER: Final = "7QK4M-1XRDF"
_OPENED: Final = "2026-02-01T09:30:00+00:00"
REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "CaseKey": {"case_number": _NUMBER, "pin": "40718293"},
    "NewIntake": {"bank": "private cases"},
}
WITHDRAWN: Final[dict[str, Any]] = {
    "case_number": _NUMBER,
    "state": "withdrawn",
    "organization": "Example Foundation",
    "files": 1,
    "opened_at": _OPENED,
    "withdrawn_at": "2026-02-03T18:05:00+00:00",
    "since": None,
}
_SINCE: Final[dict[str, Any]] = {
    "lookups": 3,
    "last_lookup": "2026-02-05",
    "entries": 1,
    "confirmed": 0,
    "last_entry": "2026-02-03",
}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "Intake": {"open": True, "organization": "Example Foundation"},
    "OpenedCase": {
        "case_number": _NUMBER,
        "pin": "40718293",
        "state": "waiting",
        "organization": "Example Foundation",
        "files": 1,
        "opened_at": _OPENED,
    },
    "Case": {
        "case_number": _NUMBER,
        "state": "confirmed",
        "organization": "Example Foundation",
        "files": 1,
        "opened_at": _OPENED,
        "withdrawn_at": None,
        "since": _SINCE,
    },
    "Since": _SINCE,
    "CasePage": {
        "cases": [
            {
                "case_id": "2f1c9d4e-7b6a-4c5d-8e9f-0a1b2c3d4e5f",
                "entry_id": "5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10",
                "case_number": _NUMBER,
                "state": "waiting",
                "standing": "depicted",
                "intimate": True,
                "files": 1,
                "bank": "private cases",
                "opened_at": _OPENED,
            }
        ],
        "next": None,
    },
}


def new_case(document: dict[str, Any]) -> dict[str, Any]:
    """An example of `NewCase`."""
    return {
        "documents": [document],
        "standing": "depicted",
        "intimate": True,
        "adult": True,
        "true": True,
        "manipulation": "face_swap",
        "seen": [{"url": "https://videos.example/watch/1"}],
        "note": None,
    }
