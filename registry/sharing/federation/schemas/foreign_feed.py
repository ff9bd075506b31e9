"""Requests and answers in the formats of ThreatExchange and StopNCII."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ConfigDict, Field

from registry.core.http.schemas import Answer, Request

MOST_FEEDBACKS: Final = 100


class PrivacyGroup(Answer):
    id: str = Field(examples=["2578340986134650127"])
    name: str = Field(examples=["Diario/elections"])
    description: str = Field(examples=["Known fakes: CC-BY-4.0"])
    members_can_see: bool = Field(examples=[True])
    members_can_use: bool = Field(examples=[True])
    threat_updates_enabled: bool = Field(examples=[True])
    last_updated: str = Field(examples=["1970-01-01T00:00:00+0000"])


class PrivacyGroups(Answer):
    data: list[PrivacyGroup]


class ThreatUpdate(Answer):
    id: str = Field(examples=["1625340986134650127"])
    indicator: str = Field(examples=["d8f8f0cce0f4e84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"])
    type: str = Field(examples=["HASH_PDQ"])
    creation_time: int = Field(examples=[1790000000])
    last_updated: int = Field(examples=[1790000000])
    should_delete: bool
    descriptors: dict[str, Any] | None = Field(
        None,
        description="absent if the hash is deleted",
        examples=[
            {
                "data": [
                    {
                        "id": "1625340986134650127",
                        "owner": {"id": "1241230986134650111"},
                        "status": "MALICIOUS",
                        "added_on": 1790000000,
                        "tags": {"data": [{"id": "0", "text": "deepfake"}]},
                    }
                ]
            }
        ],
    )


class ThreatUpdates(Answer):
    data: list[ThreatUpdate]
    paging: dict[str, str] | None = Field(
        None, description="`next`: URL of the next page; absent on the last page"
    )


class Reacted(Answer):
    success: bool = Field(examples=[True])


class HashRecord(Answer):
    lastModtimestamp: int = Field(examples=[1790000000])  # noqa: N815 - StopNCII's names
    signalType: str = Field(examples=["ImagePDQ"])  # noqa: N815
    hashValue: str = Field(examples=["d8f8f0cce0f4e84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"])  # noqa: N815
    hashStatus: str = Field(examples=["Active"])  # noqa: N815
    caseNumbers: dict[str, str] = Field(examples=[{"5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10": "Active"}])  # noqa: N815
    CSPFeedbacks: list[dict[str, Any]] = Field(
        examples=[[{"feedbackValue": "Blocked", "tags": ["deepfake"], "source": "Diario"}]]
    )


class FetchedHashes(Answer):
    count: int = Field(examples=[1])
    nextPageToken: str | None  # noqa: N815
    nextSetTimestamp: int = Field(examples=[1790000000])  # noqa: N815
    hasMoreRecords: bool  # noqa: N815
    hashRecords: list[HashRecord]  # noqa: N815


class Feedback(Request):
    model_config = ConfigDict(extra="ignore")

    hashValue: str = Field(  # noqa: N815
        max_length=64, examples=["d8f8f0cce0f4e84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"]
    )
    feedbackValue: str = Field(max_length=50, examples=["NotBlocked"])  # noqa: N815


class Feedbacks(Request):
    model_config = ConfigDict(extra="ignore")

    count: int | None = Field(None, description="number of feedbacks; ignored", examples=[1])
    hashFeedbacks: list[Feedback] = Field(max_length=MOST_FEEDBACKS)  # noqa: N815


class FeedbackTaken(Answer):
    count: int = Field(description="opinions that were stored", examples=[1])
    unknown: int = Field(description="hashes without a match that you may see", examples=[0])
