"""How the service itself is, as models."""

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
    """A read replica. One that is not `ok` answers nothing, and the primary does its work."""

    name: str = Field(description="its place in FAKEPRINT_REPLICA_URLS")
    ok: bool
    lag_seconds: float | None = Field(
        description="since the last moment of which it is known to hold everything; null: not known"
    )
    detail: str | None


class Readiness(Answer):
    ready: bool = Field(examples=[True])
    checks: dict[str, Check] = Field(
        examples=[{"database": {"ok": True, "detail": None}, "broker": {"ok": True, "detail": None}}]
    )
    replicas: list[ReplicaState] | None = Field(None, description="present where there are read replicas")
    as_of: str | None = Field(
        None, description="present while the primary database is away and lookups are answered as of then"
    )
    spool_bytes: int | None = Field(
        None, description="with `replicas`: records of lookups that wait for the primary database"
    )
