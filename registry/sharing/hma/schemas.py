"""Requests and answers of the Hasher-Matcher-Actioner API, with examples."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, Strict

from registry.core.http.schemas import Answer, Request, UuidText

_HASH: Final = "d8f8f0cce0f4e84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"
_MATCHES: Final = {"SAMPLE_BANK": [{"bank_content_id": 1001, "distance": "4"}]}


Lenient = Annotated[bool, Strict(False)]
"""A truth value, also written as 1, 0, "true", "off" …"""


Ratio = Annotated[float, Strict(False)]
"""A number, also written as a text."""


class HmaNewBank(Request):
    model_config = ConfigDict(extra="ignore")

    name: str = Field(examples=["SAMPLE_BANK"])
    enabled: Lenient | None = None
    enabled_ratio: Ratio | None = Field(None, examples=[1.0])
    matching_enabled_ratio: Ratio | None = None


class HmaBankChange(Request):
    model_config = ConfigDict(extra="ignore")

    name: str | None = None
    enabled: Lenient | None = Field(None, examples=[False])
    enabled_ratio: Ratio | None = None
    matching_enabled_ratio: Ratio | None = None


class HmaBank(Answer):
    name: str = Field(examples=["SAMPLE_BANK"])
    matching_enabled_ratio: float = Field(
        description="share of lookups in which the bank is searched", examples=[1.0]
    )


class HmaBanked(Answer):
    id: int = Field(description="number of the content, as in matches", examples=[1001])
    signals: dict[str, Any] = Field(
        examples=[{"pdq": "d8f8f0cce0f4e84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"}]
    )


class HmaContent(Answer):
    id: int = Field(examples=[1001])
    disable_until_ts: int = Field(
        description="1: it matches; 0: it does not; else the second since 1970 from which it matches again",
        examples=[1],
    )
    collab_metadata: dict[str, list[str]] | None = Field(None, description="after a change", examples=[{}])
    original_media_uri: str | None
    bank: HmaBank
    enabled: bool = Field(examples=[True])
    entry_id: UuidText = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
    asset_id: UuidText = Field(examples=["0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21"])
    signals: dict[str, str] | None = Field(
        None, description="with `include_signals`", examples=[{"pdq": _HASH}]
    )
    metadata: dict[str, Any] | None = Field(
        None, description="left out with `include_metadata=false`", examples=[{"content_id": "1197433091"}]
    )
    note: str | None = Field(None, examples=["Reported by user X"])


class HmaDeleted(Answer):
    deleted: int = Field(examples=[1])


class HmaExchangeApi(Answer):
    supports_authentification: bool = Field(description="whether it needs credentials", examples=[True])
    has_set_authentification: bool = Field(examples=[False])


class HmaField(Answer):
    name: str = Field(examples=["privacy_group"])
    type: str = Field(examples=["number"])
    required: bool = Field(examples=[True])
    default: list[int] | None = Field(examples=[None])
    help: str = Field(examples=["Number of the privacy group"])
    choices: list[str] | None = Field(examples=[None])


class HmaFields(Answer):
    fields: list[HmaField]


class HmaExchangeSchema(Answer):
    config_schema: HmaFields
    credentials_schema: HmaFields | None = Field(examples=[None])


class HmaExchangeChange(Request):
    model_config = ConfigDict(extra="ignore")

    enabled: Lenient | None = Field(None, examples=[False])


class HmaExchange(Answer):
    model_config = ConfigDict(extra="allow")

    name: str = Field(examples=["PARTNER"])
    api: str = Field(examples=["sample"])
    enabled: bool = Field(examples=[True])


class HmaExchangeStatus(Answer):
    checkpoint_ts: int | None = Field(
        description="time by the exchange's clock up to which it was read", examples=[None]
    )
    running_fetch_start_ts: int | None = Field(
        description="when the reading under way was requested", examples=[None]
    )
    last_fetch_complete_ts: int | None = Field(examples=[1700146048])
    last_fetch_succeeded: bool | None = Field(examples=[True])
    up_to_date: bool = Field(examples=[True])
    fetched_items: int = Field(description="records that it has now", examples=[18])


class HmaMessage(Answer):
    message: str = Field(examples=["Done"])


def _json(description: str, example: Any) -> dict[int | str, dict[str, Any]]:
    kind = "array" if isinstance(example, list) else "object"
    content = {"application/json": {"schema": {"type": kind}, "example": example}}
    return {200: {"description": description, "content": content}}


HASHES: Final = _json("Hashes by signal type.", {"pdq": _HASH})
LOOKUP: Final = _json("The matching media by bank; for a file, by signal type and bank.", _MATCHES)
RAW: Final = _json("The matching media.", {"matches": [1001]})
BANKS: Final = _json("Banks of your organization.", [HmaBank.example()])
EXCHANGES: Final = _json("Their names.", ["PARTNER"])
EXCHANGE_APIS: Final = _json("Their names.", ["sample", "fb_threatexchange"])

SIGNAL_TYPES: Final = _json("Signal types.", [{"name": "pdq", "enabled_ratio": 1.0}])
CONTENT_TYPES: Final = _json("Content types.", [{"name": "photo", "enabled": True}])
INDEX_STATUS: Final = _json(
    "By signal type.", {"pdq": {"present": True, "built_to": 1700146048, "size": 591}}
)
INDEXES: Final = _json(
    "By signal type.",
    {
        "pdq": {
            "db_size": 591,
            "index_size": 591,
            "index_out_of_date": False,
            "newest_db_item": 1700146048,
            "index_built_to": 1700146048,
        }
    },
)
COMPARED: Final = _json(
    "By signal type: whether they match, and how far apart.", {"pdq": [True, {"distance": 9}]}
)
STATUS: Final[dict[int | str, dict[str, Any]]] = {
    status: {
        "description": description,
        "content": {"text/plain": {"schema": {"type": "string"}, "example": example}},
    }
    for status, description, example in (
        (200, "Ready.", "I-AM-ALIVE"),
        (503, "Not ready.", "INDEX-STALE"),
    )
}
