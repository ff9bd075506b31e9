"""Requests and answers of the lookups for fact-checkers' tools, with examples."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ConfigDict, Field

from registry.core.http import documentation
from registry.core.http.schemas import Answer, Request

_ENTRY: Final = "5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"
_ASSET: Final = "0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21"


class AlegreQuery(Request):
    """A query of Check. Its other fields are ignored."""

    model_config = ConfigDict(extra="ignore")

    url: str = Field(max_length=2000, examples=["https://check.example/media/1.mp4"])
    doc_id: str | None = Field(None, max_length=500, description="Check's id of the query")
    context: dict[str, Any] = Field(
        default={}, description="comes back in the results", examples=[{"team_id": 1, "project_media_id": 7}]
    )
    threshold: float | None = Field(None, description="least score of a result; absent: 0", examples=[0.9])
    confirmed: bool = Field(False, description="only what may be joined without a person's decision")
    requires_callback: bool = Field(True, description="false: nothing is looked up")
    suppress_search_response: bool = Field(False, description="true: nothing is looked up")


class AlegreRemoval(Request):
    model_config = ConfigDict(extra="ignore")

    url: str | None = Field(None, max_length=2000)
    doc_id: str | None = Field(None, max_length=500)


class AlegreResult(Answer):
    id: str = Field(examples=[_ASSET])
    doc_id: str = Field(description="the entry", examples=[_ENTRY])
    url: str = Field(description="page of the entry", examples=[f"https://registry.example/entries/{_ENTRY}"])
    score: float = Field(ge=0, le=1, description="probability that it is this fake", examples=[0.95])
    model: str = Field(examples=["fakeprint"])
    context: list[dict[str, Any]] = Field(
        description="Check items that your organization's entry refers to",
        examples=[[{"team_id": 1, "project_media_id": 3, "has_custom_id": True, "content_type": "video"}]],
    )


class AlegreResults(Answer):
    result: list[AlegreResult]


class AlegreSearched(Answer):
    message: str = Field(examples=["Check has the results."])
    results: int = Field(examples=[1])


class AlegreRemoved(Answer):
    requested: dict[str, Any]
    result: dict[str, Any] = Field(examples=[{"url": "https://check.example/media/1.mp4", "deleted": False}])


KNOWN_FAKES: Final[documentation.Responses] = {
    200: {
        "description": "The known fakes by entry; an empty object if there are none.",
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "example": {
                    _ENTRY: {
                        "id": _ENTRY,
                        "title": "Councillor, face-swapped",
                        "externalLink": "https://factcheck.example/councillor-clip",
                        "appearancesResults": [{"id": _ASSET, "similarity": 0.95}],
                        "evidencesResults": [],
                    }
                },
            }
        },
    }
}
