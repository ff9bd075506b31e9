"""The parts of a campaign: client, mandate, signatory, elements, and the words for a notice's ground.
Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, get_args
from uuid import UUID

from registry.core.errors import BadTime
from registry.core.labels import label
from registry.persons.model import checked_sha256, prose
from registry.takedown.campaigns.errors import BadElement, BadEmail, BadReceiver, BadRelease, MandateExpired
from registry.takedown.notices.model.notice import GrantedBy, Ground
from registry.takedown.regimes.model.regime import is_email

type Elements = dict[str, str | bool]
"""Elements of a notice by their ids: texts, and statements that are confirmed by True."""
LONGEST_MANDATE: Final = timedelta(days=3660)
MOST_NOTICES: Final = 100_000
"""Maximum number of notices of a campaign."""
MOST_AT_ONCE: Final = 10_000
"""Maximum number of notices in one request."""
MOST_ELEMENTS: Final = 50
ReleasedField = Literal["places", "client", "depicted", "signatory", "contacts", "texts"]
RELEASED_FIELDS: Final[tuple[ReleasedField, ...]] = get_args(ReleasedField)
"""Parts of a campaign that can be released to a recipient of exports."""
LONGEST_RELEASE: Final = timedelta(days=366)
_RECIPIENT: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True, repr=False)
class Client:
    """The person on whose behalf notices are sent. All fields are personal data and are stored encrypted."""

    name: str
    depicted_name: str
    email: str | None = None
    address: str | None = None
    country: str | None = None

    def checked(self) -> Client:
        """Return the client with its fields validated. Raises `BadInput` (`bad_label`, `bad_email`)."""
        return Client(
            name=label(self.name, "name"),
            depicted_name=label(self.depicted_name, "depicted_name"),
            email=_email(self.email, "email") if self.email else None,
            address=prose(self.address, "address") if self.address else None,
            country=label(self.country, "country", longest=2).upper() if self.country else None,
        )


@dataclass(frozen=True, slots=True)
class Mandate:
    """A mandate (authorization to act for the client).

    `document_sha256`: 64 hex digits. `valid_until`: exclusive.
    """

    granted_by: GrantedBy
    document_sha256: str
    valid_from: datetime
    valid_until: datetime

    def checked(self, now: datetime) -> Mandate:
        """Return the mandate with its fields validated, if it is valid now or later.

        Raises `BadInput` (`bad_time`, `bad_sha256`, `mandate_expired`).
        """
        begins, ends = _utc(self.valid_from), _utc(self.valid_until)
        if ends <= now:
            raise MandateExpired(f"The mandate ended on {ends.isoformat()}.")
        if ends <= begins or ends - begins > LONGEST_MANDATE:
            raise BadTime("`valid_until` must be after `valid_from`, by at most ten years.")
        digest = checked_sha256(self.document_sha256, "document_sha256")
        return Mandate(self.granted_by, digest, begins, ends)


@dataclass(frozen=True, slots=True, repr=False)
class Signatory:
    """The person who signs a notice.

    `capacity`: a code of the regime. `good_faith`: the person makes the regime's good-faith declaration.
    """

    name: str
    capacity: str
    email: str
    address: str | None = None
    signature: str | None = None
    good_faith: bool = False

    def checked(self) -> Signatory:
        """Return the signatory with its fields validated. Raises `BadInput` (`bad_label`, `bad_email`)."""
        return Signatory(
            name=label(self.name, "signatory.name"),
            capacity=label(self.capacity, "signatory.capacity", longest=40),
            email=_email(self.email, "signatory.email"),
            address=prose(self.address, "signatory.address") if self.address else None,
            signature=label(self.signature, "signatory.signature") if self.signature else None,
            good_faith=self.good_faith,
        )


@dataclass(frozen=True, slots=True, repr=False)
class CampaignTexts:
    """The texts of a campaign. `elements`: shared by all its notices, by the ids of the regimes' elements."""

    title: str | None = None
    elements: Elements = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CampaignFilter:
    """Which campaigns to list. `entry_id`: only those with this entry."""

    state: Literal["open", "closed"] | None = None
    entry_id: UUID | None = None


def _email(text: str, name: str) -> str:
    address = label(text, name, longest=254)
    if not is_email(address):
        raise BadEmail(f"`{name}` is not an e-mail address: {address!r}.")
    return address


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise BadTime
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        raise BadTime("A time is out of range.") from None


def elements(values: Mapping[str, Any]) -> Elements:
    """Return the elements of a notice by the ids of the regime, without blank texts.

    The regime checks their meaning. Raises `BadInput` (`bad_element`, `bad_label`).
    """
    if len(values) > MOST_ELEMENTS:
        raise BadElement(f"A notice has at most {MOST_ELEMENTS} elements.")
    checked: Elements = {}
    for name, value in values.items():
        if not name.isascii() or not name.replace("_", "a").isalnum() or len(name) > 40:
            raise BadElement(f"{name[:40]!r} is not the id of an element.")
        if isinstance(value, bool):
            checked[name] = value
        elif isinstance(value, str):
            if value.strip():
                checked[name] = prose(value, name)
        else:
            raise BadElement(f"`{name}` must be a text, true or false.")
    return checked


def recipient(name: str) -> str:
    """Return the normalised short name of a recipient. Raises `BadInput` (`bad_receiver`)."""
    normalised = name.strip().lower()
    if not _RECIPIENT.fullmatch(normalised):
        raise BadReceiver("A recipient is a short name of letters, digits, `.`, `_` and `-`.")
    return normalised


def released_fields(names: Collection[str]) -> list[ReleasedField]:
    """Return the released fields in order.

    Raises `BadInput` (`bad_release`) for an unknown field, for no field, and for `texts` without all other
    fields, because texts contain them.
    """
    if unknown := sorted(set(names) - set(RELEASED_FIELDS)):
        raise BadRelease(f"There is no field {unknown[0][:40]!r}: {', '.join(RELEASED_FIELDS)}.")
    fields = [field for field in RELEASED_FIELDS if field in names]
    if not fields:
        raise BadRelease(f"Name the fields that are released: {', '.join(RELEASED_FIELDS)}.")
    if "texts" in fields and len(fields) < len(RELEASED_FIELDS):
        raise BadRelease("Texts contain names and addresses. Release them with all other fields, or not.")
    return fields


_SEEN: Final[Mapping[str, str]] = {
    "en": "A person saw it at that address on {day} (UTC) and recognised the registered fake.",
    "es": "Una persona lo vio en esa dirección el {day} (UTC) y reconoció la falsificación registrada.",
    "fr": "Une personne l'a vu à cette adresse le {day} (UTC) et a reconnu le faux enregistré.",
    "ar": "شاهده شخص في هذا العنوان بتاريخ {day} (التوقيت العالمي) وتعرّف على المحتوى المزيف المسجّل.",
}
_MATCH: Final[Mapping[str, str]] = {
    "en": "What was found there was compared with the registered fake by its fingerprints: {relation}, "
    "{sure}{spans}. A person confirmed it on {day} (UTC).",
    "es": "Lo hallado allí se comparó con la falsificación registrada por sus huellas digitales: {relation}, "
    "{sure}{spans}. Una persona lo confirmó el {day} (UTC).",
    "fr": "Ce qui s'y trouve a été comparé au faux enregistré par ses empreintes : {relation}, "
    "{sure}{spans}. Une personne l'a confirmé le {day} (UTC).",
    "ar": "قورن ما عُثر عليه هناك بالمحتوى المزيف المسجّل عن طريق بصماته الرقمية: {relation}، "
    "{sure}{spans}. وأكد ذلك شخص بتاريخ {day} (التوقيت العالمي).",
}
_SURE: Final[Mapping[str, str]] = {
    "en": "confidence {confidence}, ",
    "es": "confianza {confidence}, ",
    "fr": "confiance {confidence}, ",
    "ar": "درجة الثقة {confidence}، ",
}
_RELATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "copy": {"en": "a copy", "es": "una copia", "fr": "une copie", "ar": "نسخة"},
    "same_footage_other_face": {
        "en": "the same footage with another face",
        "es": "las mismas imágenes con otra cara",
        "fr": "les mêmes images avec un autre visage",
        "ar": "اللقطات نفسها بوجه آخر",
    },
}
_WHOLE: Final[Mapping[str, str]] = {
    "en": "the whole picture",
    "es": "la imagen entera",
    "fr": "l'image entière",
    "ar": "الصورة كاملة",
}
_SECONDS: Final[Mapping[str, str]] = {
    "en": "seconds {begin}-{end}",
    "es": "segundos {begin}-{end}",
    "fr": "secondes {begin}-{end}",
    "ar": "الثواني {begin}-{end}",
}


def ground_sentence(
    language: str, ground: Ground, match: Mapping[str, Any] | None, confirmed_at: datetime
) -> str:
    """Return a sentence on how a person established that the fake is at the address.

    `language`: en, es, fr or ar; any other gives English. `match`: its relation, confidence and spans. Spans
    are in seconds of the content found there.
    """
    chosen = language if language in _SEEN else "en"
    day = confirmed_at.astimezone(UTC).date().isoformat()
    if ground == "seen" or match is None:
        return _SEEN[chosen].format(day=day)
    relation = _RELATIONS.get(str(match.get("relation")), _RELATIONS["copy"])[chosen]
    confidence = match.get("confidence")
    return _MATCH[chosen].format(
        relation=relation,
        sure="" if confidence is None else _SURE[chosen].format(confidence=f"{float(confidence):.2f}"),
        spans="; ".join(_span(chosen, span["query"]) for span in (match.get("spans") or ())[:5])
        or _WHOLE[chosen],
        day=day,
    )


def _span(language: str, ends: Any) -> str:
    begin, end = float(ends[0]), float(ends[1])
    return (
        _WHOLE[language]
        if end <= begin
        else _SECONDS[language].format(begin=f"{begin:.1f}", end=f"{end:.1f}")
    )
