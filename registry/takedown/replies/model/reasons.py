"""Parse, check and interpret platforms' statements of reasons (DSA, article 17). Pure.

Input has the format of the DSA transparency database: one object, an array, `{"statements": […]}` or JSON
lines. Unknown fields are dropped. A term that the list of terms lacks is kept with a warning, because the
database's list grows. Three further fields are accepted: `url` and `reference`, which identify a
notice, and `platform_name`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import orjson

from registry.core.errors.http import BadJson
from registry.takedown.regimes.model import dsa_terms as terms
from registry.takedown.regimes.model.wording import clean
from registry.takedown.replies.errors import NoStatements, TooManyStatements

Outcome = Literal["removed", "disabled", "partly", "restricted", "account", "other"]
Ground = Literal["illegal", "incompatible", "both"]
Automated = Literal["fully", "partially", "not"]
Act = Literal["remove", "refuse"]
MOST: Final = 2_000
"""Maximum number of statements in one input."""
MOST_FIELDS: Final = 200
MOST_LISTED: Final = 100
LONGEST_FACTS: Final = 5_000
LONGEST_EXPLANATION: Final = 2_000
LONGEST_LINE: Final = 500
LONGEST_URL: Final = 8_000
_PUID: Final = re.compile(r"[a-zA-Z0-9_-]{1,500}")
_LANGUAGE: Final = re.compile(r"[A-Z]{2}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TERM: Final = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_EARLIEST: Final = {"content_date": date(2000, 1, 1), "application_date": date(2020, 1, 1)}
_LATEST: Final = date(2038, 1, 1)
FAULTS: Final[Mapping[str, str]] = {
    "not_an_object": "it is not a JSON object",
    "too_many_fields": f"it has more than {MOST_FIELDS} fields",
    "field_missing": "it is missing",
    "decision_missing": "it contains no decision on visibility, money, the service or the account",
    "unknown_value": "it is not a value of the DSA transparency database",
    "unknown_term": f"it has a term that the list of {terms.AS_OF} lacks; the term is kept",
    "not_a_text": "it is not a text",
    "not_a_list": "it is not a list of 1 to 100 texts",
    "too_long": "it is too long",
    "bad_day": "it is not a day (YYYY-MM-DD), or too early or too late",
    "bad_puid": "it has characters other than letters, digits, - and _, or more than 500 characters",
    "bad_url": "it is not an http(s) URL",
    "bad_ean": "it is not an EAN-13",
}
"""Possible faults of a field, by code. `unknown_term` is a warning: the statement is imported."""
_WARNINGS: Final = frozenset({"unknown_term"})


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one field. `code`: a key of FAULTS."""

    field: str
    code: str

    @property
    def message(self) -> str:
        """Return the fault as a sentence."""
        return f"`{self.field}`: {FAULTS[self.code]}."


@dataclass(frozen=True, slots=True, repr=False)
class Statement:
    """A row of the input: its number, counted from 1, and its stored fields or its faults.

    `warnings`: faults that do not prevent the import.
    """

    row: int
    fields: Mapping[str, Any]
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()

    @property
    def puid(self) -> str:
        """Return the platform's unique id of the statement."""
        return str(self.fields["puid"])


def read(raw: bytes) -> list[Statement]:
    """Parse and check the statements.

    Raises `BadInput` (`no_statements`, `bad_json`), `TooLarge` (`too_many_statements`).
    """
    documents = list(_rows(raw))
    if not documents:
        raise NoStatements
    if len(documents) > MOST:
        raise TooManyStatements(f"The input has {len(documents)} statements; the maximum is {MOST}.")
    return [checked(row, document) for row, document in enumerate(documents, 1)]


def _rows(raw: bytes) -> Iterator[Any]:
    text = raw.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        return
    try:
        whole = orjson.loads(text)
    except orjson.JSONDecodeError:
        yield from _lines(text)
        return
    if isinstance(whole, dict) and isinstance(whole.get("statements"), list):
        yield from whole["statements"]
    elif isinstance(whole, list):
        yield from whole
    else:
        yield whole


def _lines(text: bytes) -> Iterator[Any]:
    lines = text.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield orjson.loads(line)
        except orjson.JSONDecodeError:
            where = f"line {number}" if len(lines) > 1 else "it"
            raise BadJson(
                f"The input is not JSON: {where} cannot be read.",
                next_step='Send one statement, an array, {"statements": […]}, or one statement per line.',
            ) from None


Check = Callable[[Any], str | None]


def _text(longest: int) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return "not_a_text"
        return "too_long" if len(value) > longest else None

    return check


def _of(allowed: frozenset[str]) -> Check:
    return lambda value: None if isinstance(value, str) and value in allowed else "unknown_value"


def _term_of(listed: frozenset[str]) -> Check:
    """Check a term. One that is not listed gets a warning if it has the form of a term."""

    def check(value: Any) -> str | None:
        if not isinstance(value, str) or not _TERM.fullmatch(value):
            return "unknown_value"
        return None if value in listed else "unknown_term"

    return check


def _list_of(check_element: Check) -> Check:
    """Check a list. Its fault is the worst of its elements."""

    def check(value: Any) -> str | None:
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_LISTED:
            return "not_a_list"
        codes = {check_element(element) for element in value} - {None}
        return min(codes, key=lambda code: code in _WARNINGS, default=None)

    return check


def _url(value: Any) -> str | None:
    if not isinstance(value, str) or len(value) > LONGEST_URL:
        return "not_a_text" if not isinstance(value, str) else "too_long"
    try:
        parts = urlsplit(value)
    except ValueError:
        return "bad_url"
    return None if parts.scheme in {"http", "https"} and parts.netloc else "bad_url"


def _day(earliest: date) -> Check:
    def check(value: Any) -> str | None:
        day = _as_day(value)
        return None if day is not None and earliest <= day <= _LATEST else "bad_day"

    return check


def _as_day(value: Any) -> date | None:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _ean(value: Any) -> str | None:
    number = value.get("EAN-13") if isinstance(value, dict) else None
    return None if isinstance(number, str) and re.fullmatch(r"[0-9]{13}", number) else "bad_ean"


_CHECKS: Final[Mapping[str, Check]] = {
    "decision_visibility": _list_of(_term_of(terms.VISIBILITY)),
    "decision_visibility_other": _text(LONGEST_LINE),
    "decision_monetary": _term_of(terms.MONETARY),
    "decision_monetary_other": _text(LONGEST_LINE),
    "decision_provision": _term_of(terms.PROVISION),
    "decision_account": _term_of(terms.ACCOUNT),
    "account_type": _term_of(terms.ACCOUNT_TYPES),
    "decision_ground": _of(terms.GROUNDS),
    "decision_ground_reference_url": _url,
    "illegal_content_legal_ground": _text(LONGEST_LINE),
    "illegal_content_explanation": _text(LONGEST_EXPLANATION),
    "incompatible_content_ground": _text(LONGEST_LINE),
    "incompatible_content_explanation": _text(LONGEST_EXPLANATION),
    "incompatible_content_illegal": _of(terms.YES_NO),
    "content_type": _list_of(_term_of(terms.CONTENT_TYPES)),
    "content_type_other": _text(LONGEST_LINE),
    "content_id": _ean,
    "category": _term_of(terms.CATEGORIES),
    "category_addition": _list_of(_term_of(terms.CATEGORIES)),
    "category_specification": _list_of(_term_of(terms.KEYWORDS)),
    "category_specification_other": _text(LONGEST_LINE),
    "territorial_scope": _list_of(_of(terms.TERRITORIES)),
    "content_language": lambda value: (
        None if isinstance(value, str) and _LANGUAGE.fullmatch(value) else "unknown_value"
    ),
    "content_date": _day(_EARLIEST["content_date"]),
    "application_date": _day(_EARLIEST["application_date"]),
    "end_date_account_restriction": _day(date.min),
    "end_date_monetary_restriction": _day(date.min),
    "end_date_service_restriction": _day(date.min),
    "end_date_visibility_restriction": _day(date.min),
    "decision_facts": _text(LONGEST_FACTS),
    "source_type": _term_of(terms.SOURCES),
    "source_identity": _text(LONGEST_LINE),
    "automated_detection": _of(terms.YES_NO),
    "automated_decision": _of(terms.AUTOMATED),
    "puid": lambda value: None if isinstance(value, str) and _PUID.fullmatch(value) else "bad_puid",
    # Not part of the database: these fields identify the notice that the platform answers.
    "url": _text(LONGEST_URL),
    "reference": _text(LONGEST_LINE),
    "platform_name": _text(LONGEST_LINE),
}
REQUIRED: Final = (
    *("decision_ground", "content_type", "category", "content_date", "application_date", "decision_facts"),
    *("source_type", "automated_detection", "automated_decision", "puid"),
)
DECISIONS: Final = ("decision_visibility", "decision_monetary", "decision_provision", "decision_account")
_ILLEGAL: Final = ("illegal_content_legal_ground", "illegal_content_explanation")
_INCOMPATIBLE: Final = (
    *("incompatible_content_ground", "incompatible_content_explanation", "incompatible_content_illegal"),
)
_EMPTY: Final[tuple[Any, ...]] = (None, "", [])


def checked(row: int, document: Any) -> Statement:
    """Check a statement; faults are in the order of the fields.

    A null or empty field counts as missing. A field that does not apply to the ground or the decision is
    dropped, as the database does.
    """
    if not isinstance(document, dict):
        return Statement(row, {}, (Fault("statement", "not_an_object"),))
    if len(document) > MOST_FIELDS:
        return Statement(row, {}, (Fault("statement", "too_many_fields"),))
    fields = {name: document[name] for name in _CHECKS if document.get(name) not in _EMPTY}
    for name in _inapplicable(fields):
        fields.pop(name, None)
    found = [Fault(name, code) for name, value in fields.items() if (code := _CHECKS[name](value))]
    warnings = tuple(fault for fault in found if fault.code in _WARNINGS)
    faults = [fault for fault in found if fault.code not in _WARNINGS]
    faults += [Fault(name, "field_missing") for name in _required(fields) if name not in fields]
    if not any(name in fields for name in DECISIONS):
        faults.append(Fault(DECISIONS[0], "decision_missing"))
    if faults:
        return Statement(row, {}, tuple(faults), warnings)
    return Statement(row, {name: _normalised(value) for name, value in fields.items()}, warnings=warnings)


def _normalised(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {"EAN-13": value["EAN-13"]}
    return sorted(set(value))


def _has(fields: Mapping[str, Any], name: str, value: str) -> bool:
    stored = fields.get(name)
    return stored == value or (isinstance(stored, list) and value in stored)


def _inapplicable(fields: Mapping[str, Any]) -> list[str]:
    illegal = _has(fields, "decision_ground", "DECISION_GROUND_ILLEGAL_CONTENT")
    names = [*(() if illegal else _ILLEGAL)]
    if not _has(fields, "decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT"):
        names += _INCOMPATIBLE
    names += [f"{name}_other" for name, value in _OTHERS.items() if not _has(fields, name, value)]
    return names


_OTHERS: Final = {
    "decision_visibility": "DECISION_VISIBILITY_OTHER",
    "decision_monetary": "DECISION_MONETARY_OTHER",
    "content_type": "CONTENT_TYPE_OTHER",
}


def _required(fields: Mapping[str, Any]) -> list[str]:
    names = [*REQUIRED]
    if _has(fields, "decision_ground", "DECISION_GROUND_ILLEGAL_CONTENT"):
        names += _ILLEGAL
    if _has(fields, "decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT"):
        names += _INCOMPATIBLE[:2]
    return names + [f"{name}_other" for name, value in _OTHERS.items() if _has(fields, name, value)]


_RESTRICTIONS: Final = {"AGE_RESTRICTED", "DEMOTED", "INTERACTION_RESTRICTED", "LABELLED"}


def outcome(fields: Mapping[str, Any]) -> Outcome:
    """Return the decision on the content.

    `partly`: removed or disabled, but only in some member states or for a time. `restricted`: the content
    stays with less reach or a label. `account`: the decision concerns only the account or the service, not
    the content. `other`: the decision has another or an unlisted term.
    """
    visibility = fields.get("decision_visibility", ())
    decisions = {value.removeprefix("DECISION_VISIBILITY_CONTENT_") for value in visibility}
    if decisions & {"REMOVED", "DISABLED"}:
        territories = fields.get("territorial_scope")
        if fields.get("end_date_visibility_restriction") or (
            territories and not set(territories) >= terms.UNION
        ):
            return "partly"
        return "removed" if "REMOVED" in decisions else "disabled"
    if decisions - _RESTRICTIONS:
        return "other"
    if decisions:
        return "restricted"
    return "account" if fields.get("decision_account") or fields.get("decision_provision") else "other"


def ground(fields: Mapping[str, Any]) -> Ground:
    """Return the ground of the decision."""
    if fields["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT":
        return "illegal"
    return "both" if fields.get("incompatible_content_illegal") == "Yes" else "incompatible"


def automated(fields: Mapping[str, Any]) -> Automated:
    """Return how far the decision was automated."""
    word = fields["automated_decision"].removeprefix("AUTOMATED_DECISION_").lower()
    return "fully" if word == "fully" else "partially" if word == "partially" else "not"


def proposed(fields: Mapping[str, Any], today: date) -> Act | None:
    """Return the act that the statement suggests for the notice.

    Content that was removed or disabled everywhere gives `remove`; content that was only restricted gives
    `refuse`. None: the statement is unclear or not in force yet, and a person has to look.
    """
    if date.fromisoformat(fields["application_date"]) > today:
        return None
    result = outcome(fields)
    return "remove" if result in {"removed", "disabled"} else "refuse" if result == "restricted" else None


def texts(fields: Mapping[str, Any]) -> Sequence[str]:
    """Return the fields that may name a notice."""
    names = ("reference", "decision_facts", *_ILLEGAL, *_INCOMPATIBLE[:2], "source_identity")
    return [fields[name] for name in names if name in fields]


def summary(fields: Mapping[str, Any]) -> str:
    """Return a summary in lines, for people."""
    why = fields.get("illegal_content_legal_ground") or fields.get("incompatible_content_ground") or ""
    explanation = (
        fields.get("illegal_content_explanation") or fields.get("incompatible_content_explanation") or ""
    )
    decisions = [fields[name] for name in DECISIONS if name in fields]
    values = [
        value for decision in decisions for value in (decision if isinstance(decision, list) else [decision])
    ]
    lines = [
        ", ".join(values),
        f"{fields['decision_ground']}: {why}",
        explanation,
        fields["decision_facts"],
        f"{fields['automated_decision']}; automated detection: {fields['automated_detection']}",
    ]
    return "\n".join(line for line in lines if line)
