"""Answers about the state of the service."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.core.http.schemas import Answer


class Live(Answer):
    live: Literal[True]


class Check(Answer):
    ok: bool
    detail: str | None


class ReplicaState(Answer):
    """A read replica. If it is not `ok`, the primary answers instead."""

    name: str = Field(description="`replica` and its position in FAKEPRINT_REPLICA_URLS")
    ok: bool
    lag_seconds: float | None = Field(
        description="seconds since the last time for which it certainly holds all data; null: unknown"
    )
    detail: str | None


class Readiness(Answer):
    ready: bool = Field(examples=[True])
    checks: dict[str, Check] = Field(
        examples=[{"database": {"ok": True, "detail": None}, "broker": {"ok": True, "detail": None}}]
    )
    replicas: list[ReplicaState] | None = Field(None, description="present if there are read replicas")
    as_of: str | None = Field(
        None, description="time of the data that lookups see; present while the primary database is away"
    )
    spool_bytes: int | None = Field(
        None,
        description="bytes of lookup records that wait for the primary database; present with `replicas`",
    )
