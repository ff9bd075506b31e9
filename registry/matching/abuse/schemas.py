"""Answers about suspected reconstruction."""

from __future__ import annotations

from pydantic import Field

from registry.core.http.schemas import Answer, TimeText, UuidText


class SuspectedWalk(Answer):
    """Lookups of near-identical hashes with different answers. The hashes are not shown."""

    caller_id: UuidText = Field(
        description="the caller of the last such lookup", examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"]
    )
    algorithm: str = Field(examples=["pdq.1"])
    bits: int = Field(
        description="bits of one registered hash that the answers may have revealed", examples=[33]
    )
    suspected_at: TimeText = Field(examples=["2026-11-25T10:00:00+00:00"])


class ReconstructionOfOrganization(Answer):
    organization_id: UuidText = Field(examples=["6e0f6c1b-5d3a-4f0e-9b57-2f6a7c1d8e90"])
    refused_until: TimeText | None = Field(
        description="time until which its near-identical hashes are refused; null: they are answered",
        examples=["2026-11-25T11:00:00+00:00"],
    )
    suspected: list[SuspectedWalk]
