"""All settings, read from the environment (`FAKEPRINT_…`) or from files of the same names in the folder
`FAKEPRINT_SECRETS`. Files keep secrets out of the environment. No setting changes a hash.

`deploy/env.example` documents each setting, and a test proves that none is missing there. `fakeprint config`
prints the values in force.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from registry.core.errors import BadSetting


class Settings(BaseSettings):
    """Settings of a deployment. The defaults suit one machine; production sets the three URLs."""

    model_config = SettingsConfigDict(env_prefix="FAKEPRINT_", extra="ignore", frozen=True)

    database_url: str = Field("", description="postgresql://… of PostgreSQL >= 17 with pgvector >= 0.8")
    pooler_url: str = Field("", description="postgresql://… of PgBouncer before it, in transaction mode")
    replica_urls: str = Field("", description="postgresql://… of read replicas, spaces between them")
    broker_url: str = Field("", description="amqp://…, redis://… or pgmq://… (empty: pgmq on the database)")
    blobs_url: str = Field("", description="file:///folder or s3://bucket for kept media (empty: DATA/blobs)")
    blobs_keys: str = Field("", description="keys of stored media; the first encrypts, all decrypt")
    keys_url: str = Field("", description="file:///folder for keys of enrolled persons (empty: DATA/keys)")
    kms_url: str = Field(
        "", description="file:///identity of age, or vault+https://…/transit/NAME, wraps those"
    )
    kms_token: str = Field("", description="token of Vault (empty: an agent before it adds one)")
    ledger: str = Field("", description="folder of the ledger's keys and checkpoints (empty: DATA/ledger)")
    ledger_origin: str = Field("fakeprint/ledger", description="the ledger's name in signed checkpoints")
    ledger_witness: str = Field("", description="file to which checkpoints are appended too; best elsewhere")
    ledger_lookups: Literal["none", "matches", "all"] = Field(
        "matches", description="lookups that are recorded, unless an organization chooses"
    )
    data: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("fakeprint"),
        description="folder of the embedded default: database, blobs, admin.key, run.json, logs",
    )
    postgres: str = Field(
        "",
        description="folder of another PostgreSQL's programs for the embedded default (empty: the packaged)",
    )
    url: str = Field("", description="the service the command line talks to")
    key: str = Field("", description="API key of the command line, sent as a bearer token")

    host: str = Field("127.0.0.1", description="address the API listens on")
    port: int = Field(8000, ge=0, le=65535, description="port the API listens on; 0 picks a free one")
    grace_seconds: int = Field(
        15, ge=1, le=3600, description="seconds in which an API that stops finishes requests"
    )
    pool_size: int = Field(10, ge=2, le=200, description="database connections of one API process")
    statement_timeout_ms: int = Field(10_000, ge=100, description="longest SQL statement of a request")
    caller_requests: int = Field(64, ge=1, description="lookups of a caller at once, the waiting included")
    spool_bytes: int = Field(
        256 * 1024**2, ge=1024**2, description="bytes for lookup records while the database is away"
    )
    caller_rate: float = Field(0, ge=0, description="lookups a second of a caller; 0: no limit")
    reconstruction_bits: int = Field(
        32, ge=0, le=256, description="flipped bits before reconstruction is suspected"
    )
    reconstruction_seconds: float = Field(
        3600, ge=1, le=30 * 86400, description="how long probes are refused then"
    )

    max_upload_bytes: int = Field(2 * 1024**3, ge=1024, description="largest media file taken")
    max_document_bytes: int = Field(32 * 1024**2, ge=1024, description="largest JSON body taken")
    max_pixels: int = Field(100_000_000, ge=10_000, description="largest picture decoded, in pixels")
    max_seconds: float = Field(4 * 3600, gt=0, description="longest video fingerprinted, in seconds")
    face_files: str = Field("", description="folder of the face models for browsers")
    lookup_days: int = Field(30, ge=7, le=400, description="days for which lookups and answers are kept")
    miss_sample: int = Field(
        1, ge=1, le=10_000, description="of so many lookups that match nothing, one is kept (1: all are)"
    )
    watch_days: int = Field(90, ge=0, le=3650, description="longest time that a lookup is watched")
    exchange_files: str = Field("", description="folder of lists that exchanges of kind file may be")
    exchange_private: bool = Field(False, description="exchanges may be http, and at private addresses")
    webhook_private: bool = Field(False, description="webhooks may be http, and at private addresses")
    fetch_private: bool = Field(False, description="files may be fetched from addresses that are not public")
    public_url: str = Field("", description="https://… where people and other registries reach this service")
    session_idle_minutes: int = Field(480, ge=1, description="minutes without use after which a session ends")
    session_days: int = Field(7, ge=1, le=90, description="days after which a session ends in any case")
    proxies: str = Field("", description="addresses or networks of proxies whose X-Forwarded-For is trusted")
    oidc_issuer: str = Field("", description="https://… of the OpenID provider that people sign in by")
    oidc_client_id: str = Field("", description="client id of the console at the provider")
    oidc_client_secret: str = Field("", description="client secret of the console at the provider")
    oidc_name: str = Field("", description="the provider's name on the sign-in button")

    cases_a_day: int = Field(500, ge=0, description="private cases taken in a day; 0: none")
    case_days: int = Field(30, ge=0, description="days for which an ended case can still be read")

    hma_key: str = Field("", description="key of requests without one, from this machine, to HMA's addresses")
    check_callback: str = Field("", description="address with token at which Check is told search results")
    regimes: str = Field("", description="folder of regimes of one's own, laid over the built-in ones")
    platforms: str = Field("", description="file of platforms and their channels, laid over the built-in one")
    platform_keys: str = Field("", description="file of secrets by which notices to platforms are signed")
    smtp_url: str = Field("", description="smtps://… or smtp://… (STARTTLS) of the server for mail")
    smtp_from: str = Field("", description="whom mailed notices are from, where replies go")
    tsa_url: str = Field("", description="authority of time stamps (RFC 3161): for bundles, the ledger")
    tsa_ca: str = Field("", description="file of certificates (PEM) by which its stamps are judged")
    tsa_minutes: float = Field(10, ge=0, description="least time between stamps of the ledger; 0: none")
    c2pa_trust: str = Field("", description="file or folder of certificates (PEM) whom C2PA is trusted from")
    telegram_token: str = Field("", description="token of the bot of `fakeprint tipline telegram`")
    keep_media: bool = Field(True, description="keep registered media (false: hash-only deployment)")

    lease_seconds: float = Field(20, ge=2, description="a job whose worker is silent this long is resumed")
    max_attempts: int = Field(3, ge=1, description="tries of a job before it fails for good")
    most_lookups: int = Field(200, ge=1, description="most files that wait to be looked up")
    lookup_wait: float = Field(
        60, ge=0, description="longest wait of a file before others are refused; 0: no limit"
    )
    most_registrations: int = Field(50_000, ge=1, description="media that wait; more are refused")
    registration_wait: float = Field(
        3600, ge=0, description="longest wait of a medium before others are refused; 0: no limit"
    )
    bulk_after: int = Field(20, ge=1, description="open registrations of an organization; more are bulk")
    max_deferrals: int = Field(20, ge=1, description="deferrals of a job while a dependency is away")
    split_seconds: float = Field(180, ge=0, description="longer videos are read by several workers; 0: never")
    task_time_limit: int = Field(3600, ge=10, description="hard limit of one task, in seconds")
    worker_memory_mb: int = Field(4096, ge=512, description="address space of one worker child, in MB")

    canaries: str = Field("", description="file of documents that are looked up each minute and must match")
    canary_key: str = Field("", description="API key of the caller that looks them up")
    otlp_url: str = Field("", description="where traces are sent, by OTLP over HTTP (empty: none are made)")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least level logged")
    log_format: Literal["json", "text"] = Field("json", description="json lines, or text for a terminal")


PREFIX: Final = "FAKEPRINT_"
SECRET: Final = frozenset(
    {
        *("blobs_keys", "key", "oidc_client_secret", "hma_key", "check_callback", "canary_key"),
        *(
            "kms_token",
            "telegram_token",
            "database_url",
            "pooler_url",
            "replica_urls",
            "broker_url",
            "smtp_url",
        ),
    }
)
"""Settings that hold a key or a password, some of them in a URL."""
OTHERS: Final = frozenset(
    {
        *("SECRETS", "PEER_CREDENTIAL", "EXCHANGE_CREDENTIALS", "COMPLETE"),
        *("VERSION", "ARCHIVE", "API_REPLICAS", "API_PROCESSES", "API_TMP", "MEDIA_WORKERS"),
        *("MEDIA_PROCESSES", "INTERACTIVE_WORKERS", "BULK_WORKERS", "DELIVERY_WORKERS", "WORKER_TMP"),
    }
)
"""Variables with the prefix that are no settings: those of commands, and those of `deploy/compose.yaml`."""
_SERVICE_LINK: Final = re.compile(r"_SERVICE_(HOST|PORT)(_\w+)?$|_PORT(_\d+_(TCP|UDP)(_\w+)?)?$")
"""Variables that Kubernetes sets for each Service, here for one whose name begins with `fakeprint-`."""


def require_known(environment: Mapping[str, str]) -> None:
    """Refuse variables with the prefix that nothing reads: most are spelt wrong, and their defaults would be
    in force unnoticed. Raises `BadInput` (`bad_setting`), which names the nearest setting."""
    for variable in sorted(environment):
        name = variable.upper().removeprefix(PREFIX)
        known = name.lower() in Settings.model_fields or name in OTHERS or _SERVICE_LINK.search(name)
        if variable.upper().startswith(PREFIX) and not known:
            names = [PREFIX + field.upper() for field in Settings.model_fields]
            near = difflib.get_close_matches(variable.upper(), names, n=1, cutoff=0.85)
            raise BadSetting(
                f"{variable} is not a setting.",
                next_step=f"Did you mean {near[0]}?" if near else "`fakeprint config --all` lists all.",
            )


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of the process, read once. Tests call `settings.cache_clear()` after a change.

    Raises `BadInput` (`bad_setting`). The message names the variables but never shows values, because some
    are keys.
    """
    require_known(os.environ)
    try:
        return Settings(_secrets_dir=secrets_folder())
    except ValidationError as error:
        problems = (
            f"FAKEPRINT_{str(problem['loc'][0]).upper()}: {problem['msg']}" for problem in error.errors()
        )
        raise BadSetting(f"A setting is wrong. {'. '.join(problems)}.") from None


def secrets_folder() -> Path | None:
    """Return the folder that holds settings as files (`fakeprint_database_url`, …), as Compose and Kubernetes
    mount them."""
    folder = os.environ.get("FAKEPRINT_SECRETS", "")
    if folder and not Path(folder).is_dir():
        raise BadSetting(
            "FAKEPRINT_SECRETS names no folder.", next_step="Mount the secrets there, or unset it."
        )
    return Path(folder) if folder else None
