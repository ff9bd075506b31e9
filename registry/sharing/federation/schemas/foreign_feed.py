"""What readers of ThreatExchange's and StopNCII's words send and get, as models and examples."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ConfigDict, Field

from registry.core.http.schemas import Answer, Request

MOST_FEEDBACKS: Final = 100
_HASH: Final = "d8f8f0cce0f4e84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"


class PrivacyGroup(Answer):
    id: str
    name: str
    description: str
    members_can_see: bool
    members_can_use: bool
    threat_updates_enabled: bool
    last_updated: str


class PrivacyGroups(Answer):
    data: list[PrivacyGroup]


class ThreatUpdate(Answer):
    id: str
    indicator: str
    type: str
    creation_time: int
    last_updated: int
    should_delete: bool
    descriptors: dict[str, Any] | None = Field(None, description="absent of what is deleted")


class ThreatUpdates(Answer):
    data: list[ThreatUpdate]
    paging: dict[str, str] | None = Field(None, description="`next`: the address of the next page, if any")


class Reacted(Answer):
    success: bool


class HashRecord(Answer):
    lastModtimestamp: int  # noqa: N815 - StopNCII's names
    signalType: str  # noqa: N815
    hashValue: str  # noqa: N815
    hashStatus: str  # noqa: N815
    caseNumbers: dict[str, str]  # noqa: N815
    CSPFeedbacks: list[dict[str, Any]]


class FetchedHashes(Answer):
    count: int
    nextPageToken: str | None  # noqa: N815
    nextSetTimestamp: int  # noqa: N815
    hasMoreRecords: bool  # noqa: N815
    hashRecords: list[HashRecord]  # noqa: N815


class Feedback(Request):
    model_config = ConfigDict(extra="ignore")

    hashValue: str = Field(max_length=64)  # noqa: N815
    feedbackValue: str = Field(max_length=50)  # noqa: N815


class Feedbacks(Request):
    model_config = ConfigDict(extra="ignore")

    count: int | None = Field(None, description="how many; not heeded")
    hashFeedbacks: list[Feedback] = Field(max_length=MOST_FEEDBACKS)  # noqa: N815


class FeedbackTaken(Answer):
    count: int = Field(description="opinions that were kept")
    unknown: int = Field(description="hashes by which nothing is known that you are answered")


_DESCRIPTOR: Final = {
    "id": "1625340986134650127",
    "owner": {"id": "1241230986134650111"},
    "status": "MALICIOUS",
    "added_on": 1790000000,
    "tags": {"data": [{"id": "0", "text": "deepfake"}]},
}
REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "Feedbacks": {"count": 1, "hashFeedbacks": [{"hashValue": _HASH, "feedbackValue": "NotBlocked"}]}
}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "PrivacyGroups": {
        "data": [
            {
                "id": "2578340986134650127",
                "name": "Diario/elections",
                "description": "Known fakes: CC-BY-4.0",
                "members_can_see": True,
                "members_can_use": True,
                "threat_updates_enabled": True,
                "last_updated": "1970-01-01T00:00:00+0000",
            }
        ]
    },
    "ThreatUpdates": {
        "data": [
            {
                "id": "1625340986134650127",
                "indicator": _HASH,
                "type": "HASH_PDQ",
                "creation_time": 1790000000,
                "last_updated": 1790000000,
                "should_delete": False,
                "descriptors": {"data": [_DESCRIPTOR]},
            }
        ]
    },
    "Reacted": {"success": True},
    "FetchedHashes": {
        "count": 1,
        "nextPageToken": None,
        "nextSetTimestamp": 1790000000,
        "hasMoreRecords": False,
        "hashRecords": [
            {
                "lastModtimestamp": 1790000000,
                "signalType": "ImagePDQ",
                "hashValue": _HASH,
                "hashStatus": "Active",
                "caseNumbers": {"5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10": "Active"},
                "CSPFeedbacks": [{"feedbackValue": "Blocked", "tags": ["deepfake"], "source": "Diario"}],
            }
        ],
    },
    "FeedbackTaken": {"count": 1, "unknown": 0},
}
