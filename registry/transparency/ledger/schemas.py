"""Models of the ledger's API, with their examples."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import Field

from registry.core.http.schemas import Answer, Request, TimeText, UuidText

Recorded = Literal["none", "matches", "all"]


_HASH: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_ENTRY: Final = "3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"
_CALLER: Final = "6ecd8c99-4036-403d-bf84-cf8400f67836"
_KEY: Final = "fakes.example/ledger+5a1f03c2+ATaQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW0="
NOTE: Final = (
    "fakes.example/ledger\n1042\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— fakes.example/ledger Wh8DwtKKBPn0dG…\n"
)
_AT: Final = "2026-02-01T08:00:00.000000Z"
_LEAF: Final = f'{{"at":"{_AT}","caller_id":"{_CALLER}","entry_id":"{_ENTRY}","event_id":17,…}}'


class LedgerKey(Answer):
    """A public key of the ledger."""

    key: str = Field(description="NAME+ID+BASE64 (C2SP signed-note)", examples=[_KEY])
    first_size: int = Field(examples=[1])
    first_used: TimeText = Field(examples=["2026-01-01T08:00:00+00:00"])


class Ledger(Answer):
    """The present state of the ledger."""

    origin: str = Field(examples=["fakes.example/ledger"])
    size: int = Field(description="number of leaves", examples=[1043])
    signed_size: int | None = Field(description="leaves that the newest checkpoint covers", examples=[1042])
    signed_at: TimeText | None = Field(examples=["2026-02-01T08:00:01+00:00"])
    stamped_size: int | None = Field(
        description="leaves that the newest time-stamped checkpoint covers", examples=[1030]
    )
    stamped_at: TimeText | None = Field(
        description="time of the stamp", examples=["2026-02-01T07:55:12+00:00"]
    )
    timestamp_error: str | None = Field(
        description="error of the last attempt to get a time stamp; null: it succeeded"
    )
    keys: list[LedgerKey]
    lookups: Recorded = Field(
        description="which of your organization's lookups are recorded", examples=["matches"]
    )
    reader_key: str | None = Field(
        description="64 hex digits: your organization's secret, by which you recognize its leaves; null: "
        "nothing is recorded yet",
        examples=[_HASH],
    )


class WitnessedLedger(Answer):
    """A signed checkpoint of another registry's ledger."""

    key: str = Field(
        description="its verifier key, as stored here", examples=["registry.example/ledger+1f2e3d4c+AQ…"]
    )
    note: str = Field(description="the signed checkpoint that was shown here", examples=[NOTE])


class Witnessed(Answer):
    """Checkpoints of the ledgers that are read here."""

    ledgers: list[WitnessedLedger]


class LostEvent(Answer):
    """What is left of a leaf of your organization whose text is gone."""

    event_id: int | None = Field(description="the event; null: a recorded lookup", examples=[17])
    entry_id: UuidText | None = Field(description="the entry that it concerned", examples=[_ENTRY])


class Leaf(Answer):
    """One leaf."""

    index: int = Field(examples=[16])
    hash: str = Field(
        description="64 hex digits: SHA-256 of 0x00 and the leaf",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    leaf: str | None = Field(
        description="canonical JSON, as it was hashed; null: another organization's, or lost",
        examples=[_LEAF],
    )
    readers: str = Field(
        description="64 hex digits: two marks, of the owner and of the caller's organization, each the first "
        "16 bytes of HMAC-SHA-256(reader key, 'fakeprint ledger reader', a zero byte, the leaf's hash), or "
        "random",
        examples=[_HASH],
    )
    lost: LostEvent | None = Field(
        None, description="of a leaf of your organization whose text was removed from the database"
    )


class Leaves(Answer):
    """Leaves in order."""

    size: int = Field(examples=[1043])
    start: int = Field(examples=[16])
    entries: list[Leaf]
    unrecorded: list[int] | None = Field(
        None,
        description="with `unrecorded`: events of your organization that have no leaf and wait for none",
        examples=[[]],
    )


class Inclusion(Answer):
    """An inclusion proof: the hashes from a leaf to the root."""

    index: int = Field(examples=[16])
    size: int = Field(examples=[1042])
    hash: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    proof: list[str] = Field(
        description="64 hex digits each, from the leaf up (RFC 6962, section 2.1.1)",
        examples=[["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]],
    )
    tlog_proof: str | None = Field(None, description="the same proof in one text with the newest checkpoint")


class Consistency(Answer):
    """A consistency proof: the hashes that show that the ledger only grew."""

    first: int = Field(description="the earlier size", examples=[900])
    second: int = Field(description="the later size", examples=[1042])
    proof: list[str] = Field(
        description="64 hex digits each (RFC 6962, section 2.1.2)",
        examples=[["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]],
    )


class HistoryEvent(Answer):
    """An event of an entry."""

    index: int | None = Field(description="leaf index; null: not in the ledger yet", examples=[16])
    kind: str = Field(examples=["entry.registered"])
    at: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])
    caller_id: UuidText | None = Field(
        description="null: the service itself, or a person without a key",
        examples=["6ecd8c99-4036-403d-bf84-cf8400f67836"],
    )
    request_id: str | None = Field(examples=["4f9c2b7e"])
    subject: dict[str, Any] = Field(examples=[{"bank_id": "0b7a2c9e-8d1f-4e6a-b3c5-7d9e1f2a3b4c"}])
    said: dict[str, Any] = Field(examples=[{"manipulation": "face_swap"}])
    leaf: str = Field(examples=[_LEAF])
    proof: list[str] | None = Field(
        description="null: not signed yet",
        examples=[["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]],
    )


class MissingEvent(Answer):
    """A leaf of an entry whose event was removed from the database."""

    index: int = Field(description="leaf index", examples=[17])
    hash: str = Field(description="64 hex digits: of the leaf", examples=[_HASH])
    event_id: int | None = Field(description="null: the leaf no longer names it", examples=[18])


class History(Answer):
    """The events of an entry. `fakeprint verify` checks the answer as a file."""

    type: Literal["history"]
    entry_id: UuidText = Field(examples=["3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"])
    origin: str = Field(examples=["fakes.example/ledger"])
    keys: list[str] = Field(examples=[[_KEY]])
    checkpoint: str | None = Field(examples=[NOTE])
    events: list[HistoryEvent]
    missing: list[MissingEvent] = Field(
        default_factory=list,
        description="leaves of your organization whose event is gone; empty unless the database was altered",
        examples=[[]],
    )


class Stamp(Answer):
    """A checkpoint and its time stamp."""

    size: int = Field(description="number of leaves that the checkpoint covers", examples=[1030])
    checkpoint: str = Field(
        description="the signed note; its bytes are stamped",
        examples=[NOTE.replace("1042", "1030")],
    )
    stamped_at: TimeText = Field(description="time of the stamp", examples=["2026-02-01T07:55:12+00:00"])
    authority: str = Field(
        description="the authority, as its certificate names it", examples=["CN=Example Time Stamps"]
    )
    stamp: str = Field(
        description="the authority's answer (TimeStampResp of RFC 3161, DER) in base64",
        examples=["MIIDeTADAgEAMIIDcAYJKoZIhvcNAQcCoIIDYTCC…"],
    )


class NewRecording(Request):
    """Which lookups are recorded from now on."""

    lookups: Recorded | None = Field(
        description="null: the deployment's setting, or for a bank that of the caller's organization",
        examples=["all"],
    )
    bank: str | None = Field(
        None, max_length=100, description="one of your banks; absent: your organization's lookups"
    )


class Recording(Answer):
    """The setting."""

    lookups: Recorded | None = Field(examples=["all"])
    bank: str | None


ENTRY_PROOF: Final[dict[str, Any]] = {
    "type": "entry_proof",
    "version": 1,
    "entry_id": _ENTRY,
    "keys": [_KEY],
    "anchors": [{"checkpoint": NOTE, "consistency": [], "stamp": "MIIDeTADAgEAMIIDcAYJ…"}],
    "events": [{"index": 16, "leaf": _LEAF, "proof": [_HASH], "anchor": 0}],
    "media": [
        {
            "asset_id": "8a0e6d1b-3c52-4e4f-9f5e-4b7a1f0d2c36",
            "file": {"sha256": _HASH, "salt": _HASH},
            "fingerprint": {"sha256": _HASH, "salt": _HASH, "document": None},
        }
    ],
    "sha256": _HASH,
}
