"""What Hasher-Matcher-Actioner's clients send and get, as models and examples."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ConfigDict, Field

from registry.core.http.schemas import Answer, Request, UuidText

_HASH: Final = "d8f8f0cce0f4e84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"
_MATCHES: Final = {"SAMPLE_BANK": [{"bank_content_id": 1001, "distance": "4"}]}


class HmaNewBank(Request):
    model_config = ConfigDict(extra="ignore")

    name: str
    enabled: bool | str | None = None
    enabled_ratio: float | str | None = None
    matching_enabled_ratio: float | None = None


class HmaBankChange(Request):
    model_config = ConfigDict(extra="ignore")

    name: str | None = None
    enabled: bool | str | None = None
    enabled_ratio: float | str | None = None
    matching_enabled_ratio: float | None = None


class HmaBank(Answer):
    name: str
    matching_enabled_ratio: float = Field(description="the share of lookups that it answers")


class HmaBanked(Answer):
    id: int = Field(description="by which matches name it")
    signals: dict[str, Any]


class HmaContent(Answer):
    id: int
    disable_until_ts: int = Field(description="1: it matches, 0: it does not")
    collab_metadata: dict[str, list[str]]
    original_media_uri: str | None
    bank: HmaBank
    enabled: bool
    entry_id: UuidText
    asset_id: UuidText


class HmaDeleted(Answer):
    deleted: int


class HmaMessage(Answer):
    message: str


REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "HmaNewBank": {"name": "SAMPLE_BANK", "enabled_ratio": 1.0},
    "HmaBankChange": {"enabled": False},
}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "HmaBank": {"name": "SAMPLE_BANK", "matching_enabled_ratio": 1.0},
    "HmaBanked": {"id": 1001, "signals": {"pdq": _HASH}},
    "HmaContent": {
        "id": 1001,
        "disable_until_ts": 1,
        "collab_metadata": {},
        "original_media_uri": None,
        "bank": {"name": "SAMPLE_BANK", "matching_enabled_ratio": 1.0},
        "enabled": True,
        "entry_id": "5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10",
        "asset_id": "0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21",
    },
    "HmaDeleted": {"deleted": 1},
    "HmaMessage": {"message": "Done"},
}


def _json(description: str, example: Any) -> dict[int | str, dict[str, Any]]:
    kind = "array" if isinstance(example, list) else "object"
    content = {"application/json": {"schema": {"type": kind}, "example": example}}
    return {200: {"description": description, "content": content}}


HASHES: Final = _json("Hashes by signal type.", {"pdq": _HASH})
LOOKUP: Final = _json("By bank, the media that match; of a file, that by signal type.", _MATCHES)
RAW: Final = _json("The media that match.", {"matches": [1001]})
BANKS: Final = _json("Banks of your organization.", [ANSWERS["HmaBank"]])
EXCHANGES: Final = _json("None: see `/v1/exchanges`.", [])
SIGNAL_TYPES: Final = _json("Signal types.", [{"name": "pdq", "enabled_ratio": 1.0}])
STATUS: Final[dict[int | str, dict[str, Any]]] = {
    status: {
        "description": description,
        "content": {"text/plain": {"schema": {"type": "string"}, "example": example}},
    }
    for status, description, example in (
        (200, "It can.", "I-AM-ALIVE"),
        (503, "It cannot now.", "INDEX-STALE"),
    )
}
