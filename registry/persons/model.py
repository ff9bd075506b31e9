"""States of an enrolled person, and validation of a consent. Pure.

proposed -> active | refused | revoked | expired; active -> revoked | expired; all of them -> erased. Consent
and its proof follow Articles 7 and 9 (2) (a) of the GDPR: explicit, for a purpose, for a limited time, and as
easy to withdraw as to give.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from registry.catalogue.media.errors import MinorProtection
from registry.catalogue.media.model import HOTLINE
from registry.core.errors import BadLabel, BadSha256, BadTime, WrongState
from registry.core.labels import blank, label
from registry.persons.errors import (
    BadScope,
    ConsentInFuture,
    ConsentOver,
    ConsentTooLong,
    GuardianNeeded,
    MandateNeeded,
)

State = Literal["proposed", "active", "refused", "revoked", "expired", "erased"]
Act = Literal["accept", "refuse", "renew", "revoke", "expire", "erase"]
ConsentBy = Literal["self", "representative", "guardian"]
Refusal = Literal["identity", "mandate", "consent", "photos", "other"]

STATES: Final[tuple[State, ...]] = ("proposed", "active", "refused", "revoked", "expired", "erased")
LIVING: Final[frozenset[State]] = frozenset({"proposed", "active"})
"""States in which personal data is stored."""

TRANSITIONS: Final[Mapping[tuple[State, Act], State]] = {
    ("proposed", "accept"): "active",
    ("proposed", "refuse"): "refused",
    ("proposed", "revoke"): "revoked",
    ("proposed", "expire"): "expired",
    ("proposed", "erase"): "erased",
    ("active", "renew"): "active",
    ("active", "revoke"): "revoked",
    ("active", "expire"): "expired",
    ("active", "erase"): "erased",
    ("refused", "erase"): "erased",
    ("revoked", "erase"): "erased",
    ("expired", "erase"): "erased",
}

SCOPES: Final = ("lookups", "entries")
"""What a consent may cover: faces in media that the organization looks up, and in media that it
registered."""
CONSENT_BY: Final[tuple[ConsentBy, ...]] = ("self", "representative", "guardian")
REFUSALS: Final[tuple[Refusal, ...]] = ("identity", "mandate", "consent", "photos", "other")
MOST_MONTHS: Final = 12
PROPOSAL_DAYS: Final = 30
"""Days after which an undecided proposal expires, so that biometric data is not kept for ever."""
LONGEST_TEXT: Final = 20_000
_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}\Z")
CLOCK_SLACK: Final = timedelta(minutes=5)
"""How far a consent may be dated after this machine's clock."""


def after(state: State, act: Act) -> State:
    """Return the next state. Raises `Conflict` (`wrong_state`) if the act is not possible in this state."""
    if (state_after := TRANSITIONS.get((state, act))) is None:
        raise WrongState(f"The person is {state}; {act} is not possible.", extra={"state": state})
    return state_after


@dataclass(frozen=True, slots=True, repr=False)
class StoredPerson:
    """An enrolled person as stored. Personal data is encrypted with the person's key (`sealed_record`,
    `renewal_sealed`). `renewal_…`: a new consent that waits for a reviewer."""

    person_id: UUID
    organization_id: UUID
    state: State
    ended_as: str | None
    revision: int
    consent_by: ConsentBy
    consented_at: datetime
    expires_at: datetime
    scope: Sequence[str]
    sealed_record: bytes | None
    identity_checked: bool
    mandate_checked: bool
    proposed_by: UUID
    proposed_at: datetime
    reviewed_by: UUID | None
    reviewed_at: datetime | None
    ended_at: datetime | None
    erased_at: datetime | None
    renewal_consent_by: ConsentBy | None
    renewal_expires_at: datetime | None
    renewal_sealed: bytes | None
    renewal_by: UUID | None


@dataclass(frozen=True, slots=True, repr=False)
class Consent:
    """A validated consent. Its texts are personal and are stored only encrypted.

    `document_sha256` and `mandate_sha256`: 64 hex digits, of files that the organization keeps.
    """

    by: ConsentBy
    text: str
    document_sha256: str
    given_at: datetime
    expires_at: datetime
    scope: tuple[str, ...]
    minor: bool
    acting: str | None
    mandate_sha256: str | None

    def record(self) -> dict[str, Any]:
        """Return the consent as JSON, for the encrypted record."""
        return {
            "by": self.by,
            "text": self.text,
            "document_sha256": self.document_sha256,
            "given_at": self.given_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "scope": list(self.scope),
            "minor": self.minor,
            "acting": self.acting,
            "mandate_sha256": self.mandate_sha256,
        }


@dataclass(frozen=True, slots=True, repr=False)
class GivenConsent:
    """A consent as sent, not yet validated. `expires_at` None: twelve months after `given_at`. `acting`: the
    name of the representative or guardian."""

    by: ConsentBy
    text: str
    document_sha256: str
    given_at: datetime
    expires_at: datetime | None
    scope: Sequence[str]
    minor: bool
    acting: str | None
    mandate_sha256: str | None


def consent(sent: GivenConsent, *, now: datetime) -> Consent:
    """Validate a consent.

    Raises `BadInput`: `bad_label`, `bad_sha256`, `bad_scope`, `bad_time`, `consent_in_future`,
    `consent_too_long`, `consent_over`, `guardian_needed`, `mandate_needed`.
    """
    if sent.by not in CONSENT_BY:
        raise MandateNeeded(f"`by` is one of {', '.join(CONSENT_BY)}.")
    begins, ends = _period(sent.given_at, sent.expires_at, now)
    scope = tuple(name for name in SCOPES if name in sent.scope)
    if not scope or set(sent.scope) - set(SCOPES):
        raise BadScope(f"`scope` holds one or both of {', '.join(SCOPES)}.")
    _entitled(sent.by, minor=sent.minor, acting=sent.acting, mandate_sha256=sent.mandate_sha256)
    return Consent(
        by=sent.by,
        text=prose(sent.text, "text"),
        document_sha256=checked_sha256(sent.document_sha256, "document_sha256"),
        given_at=begins,
        expires_at=ends,
        scope=scope,
        minor=sent.minor,
        acting=label(sent.acting, "acting") if sent.acting is not None else None,
        mandate_sha256=checked_sha256(sent.mandate_sha256, "mandate_sha256")
        if sent.mandate_sha256 is not None
        else None,
    )


def refuse_abuse(*, shows_minor_sexually: bool) -> None:
    """Raise `Forbidden` (`minor_protection`) if the form says that the media may show a minor sexually."""
    if shows_minor_sexually:
        raise MinorProtection(
            "Media that may show a minor sexually is never enrolled. Nothing of the request was stored.",
            next_step=HOTLINE,
        )


def prose(text: str, field: str) -> str:
    """Return a text of several lines, trimmed. Raises `BadInput` (`bad_label`)."""
    lines = text.replace("\r\n", "\n").replace("\t", " ").split("\n")
    trimmed = "\n".join(
        label(line, field, longest=LONGEST_TEXT) if not blank(line) else "" for line in lines
    ).strip()
    if not trimmed or len(trimmed) > LONGEST_TEXT:
        raise BadLabel(f"`{field}` must hold 1 to {LONGEST_TEXT} characters.")
    return trimmed


def checked_sha256(text: str, field: str) -> str:
    """Return 64 lower-case hex digits. Raises `BadInput` (`bad_sha256`)."""
    if not _SHA256.match(text):
        raise BadSha256(f"`{field}` is not a SHA-256 of 64 hex digits.")
    return text.lower()


def a_year_after(moment: datetime) -> datetime:
    """Return the time twelve calendar months later in UTC, by PostgreSQL's rule: 29 February becomes the
    28th."""
    moment_utc = moment.astimezone(UTC)
    day = min(moment_utc.day, calendar.monthrange(moment_utc.year + 1, moment_utc.month)[1])
    return moment_utc.replace(year=moment_utc.year + 1, day=day)


def _period(given_at: datetime, expires_at: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    if given_at.tzinfo is None or (expires_at is not None and expires_at.tzinfo is None):
        raise BadTime
    begins = _utc(given_at)
    if begins > now + CLOCK_SLACK:
        raise ConsentInFuture(f"The consent is dated {begins.isoformat()}, which is in the future.")
    longest = a_year_after(begins)
    ends = longest if expires_at is None else _utc(expires_at)
    if ends > longest:
        raise ConsentTooLong(
            f"A consent holds for {MOST_MONTHS} months at most, here until {longest.isoformat()}."
        )
    if ends <= max(begins, now):
        raise ConsentOver(f"The consent has ended on {ends.isoformat()}.")
    return begins, ends


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        raise BadTime("A time is out of range.") from None


def _entitled(by: str, *, minor: bool, acting: str | None, mandate_sha256: str | None) -> None:
    if (minor and by != "guardian") or (by == "guardian" and not minor):
        raise GuardianNeeded("Only a guardian consents for a minor, and a guardian only for a minor.")
    if by != "self" and (acting is None or mandate_sha256 is None):
        raise MandateNeeded(
            "Somebody who consents for another person must be named, with the document that entitles them.",
            next_step="Send `acting` (a name) and `mandate_sha256` (of the mandate, or of the proof);"
            " on the command line --acting NAME --mandate FILE.",
        )
    if by == "self" and (acting is not None or mandate_sha256 is not None):
        raise MandateNeeded("`acting` and `mandate_sha256` are not allowed if `by` is self.")
