"""A legal regime for takedown requests: required elements, signatories, terms and wordings. Pure.

`registry.takedown.regimes.service` reads the files; `regime_file` checks them. A notice is a mapping from
element ids to values. Questions of scope and exceptions are answered `yes` or `no`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import urlsplit

from registry.core.labels import blank
from registry.takedown.regimes.model.complaint import Complaint
from registry.takedown.regimes.model.deadline import STATED, DeadlineRule

LANGUAGES: Final = ("en", "es", "fr", "ar")
RIGHT_TO_LEFT: Final = frozenset({"ar"})
LONGEST: Final[Mapping[str, int]] = {
    "text": 20_000,
    "line": 500,
    "name": 300,
    "email": 254,
    "url": 8_000,
    "moment": 40,
    "day": 10,
    "term": 40,
}
"""Maximum characters by kind of element. A `statement` has no text: it is confirmed by True."""
KINDS: Final = (*LONGEST, "statement", "capacity")
FILLED_BY: Final = ("person", "record")
ANSWERS: Final = ("yes", "no")
NEEDS: Final = ("yes", "no", "any")
_EMAIL: Final = re.compile(
    r"[^\s@<>()\[\]\",;:\\\x00-\x1f]{1,64}@[^\s@<>()\[\]\",;:\\\x00-\x1f]{1,185}\.[^\s@.<>,;:]+"
)
_UNPRINTED: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)

Texts = Mapping[str, str]
"""The same text in each of LANGUAGES."""


@dataclass(frozen=True, slots=True)
class Source:
    """The law or rule that a regime rests on: its name, the article, and the URL of the official text."""

    law: str
    article: str
    url: str


@dataclass(frozen=True, slots=True)
class Element:
    """A part of a notice's content.

    `filled_by`: a person who is asked, or recorded data. A `statement` has the words that the signatory
    confirms.
    """

    id: str
    kind: str
    required: bool
    filled_by: str
    question: Texts
    why: Texts
    statement: Texts | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a regime's `scope`, or about an `exception`, that must be answered before a notice is
    sent.

    `needs`: the answer that permits sending; `any`: the answer is only recorded.
    """

    id: str
    kind: str
    needs: str
    ask: Texts
    why: Texts


@dataclass(frozen=True, slots=True)
class Signatory:
    """A capacity in which a notice may be signed, with its words for the notice."""

    id: str
    words: Texts
    needs_mandate: bool


@dataclass(frozen=True, slots=True)
class Recipient:
    """The recipient of a notice and its obligation.

    `kind`: a `platform` or an `authority`. An authority has a name and a URL.
    """

    kind: str
    must: Texts
    name: Texts | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """The authority that receives complaints about a recipient that did not answer in time."""

    authority: Texts
    url: str
    note: Texts


@dataclass(frozen=True, slots=True)
class Wording:
    """Templates of a letter.

    `{id}` is replaced by an element's value. `# ` starts a heading, an empty line separates paragraphs. A
    line is dropped if one of its elements has no value.
    """

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one element: a stable code and a sentence."""

    element: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Regime:
    """A regime, as its file defines it. `version`: the date of that text."""

    id: str
    version: str
    jurisdiction: str
    title: Texts
    sources: tuple[Source, ...]
    elements: tuple[Element, ...]
    questions: tuple[Question, ...]
    signers: tuple[Signatory, ...]
    recipient: Recipient
    rule: DeadlineRule
    escalation: Escalation
    wordings: Mapping[str, Wording]
    complaints: Mapping[str, Complaint]

    @property
    def signatories(self) -> tuple[str, ...]:
        """The capacities in which a notice may be signed."""
        return tuple(signer.id for signer in self.signers)

    def may_sign(self, capacity: str) -> bool:
        """Return whether a person with that capacity may sign."""
        return capacity in self.signatories

    def needs_mandate(self, capacity: str) -> bool:
        """Return whether a person with that capacity needs a mandate of the depicted person."""
        return any(signer.id == capacity and signer.needs_mandate for signer in self.signers)

    def missing(self, values: Mapping[str, object]) -> list[str]:
        """Return the required elements without a value, in the regime's order."""
        return [
            element.id for element in self.elements if element.required and is_empty(values.get(element.id))
        ]

    def faults(self, values: Mapping[str, object]) -> list[Fault]:
        """Return all faults of the values, in the regime's order. Unknown elements are ignored."""
        faults = (self._fault(element, values.get(element.id)) for element in self.elements)
        return [fault for fault in faults if fault]

    def _fault(self, element: Element, value: object) -> Fault | None:
        if is_empty(value):
            message = f"`{element.id}` is missing."
            return Fault(element.id, "element_missing", message) if element.required else None
        if element.kind == "capacity":
            capacities = ", ".join(self.signatories)
            message = f"`{element.id}` must be one of: {capacities}."
            return None if value in self.signatories else Fault(element.id, "may_not_sign", message)
        if element.kind == "statement":
            message = f"`{element.id}` has to be confirmed by the signatory."
            return None if value is True else Fault(element.id, "element_not_confirmed", message)
        return _text_fault(element, value)

    def open_questions(self, answers: Mapping[str, object]) -> list[str]:
        """Return the unanswered questions. They block `ready`."""
        return [question.id for question in self.questions if answers.get(question.id) not in ANSWERS]

    def stopped_by(self, answers: Mapping[str, object]) -> list[str]:
        """Return the questions whose answers forbid a notice under this regime."""
        return [
            question.id
            for question in self.questions
            if question.needs != "any"
            and answers.get(question.id) in ANSWERS
            and answers[question.id] != question.needs
        ]

    def deadline(
        self, start: datetime, values: Mapping[str, object] | None = None, zone: str | None = None
    ) -> datetime:
        """Return the last second, in UTC, at which the recipient is in time.

        `start` (with an offset): when the notice was sent or received, as `rule.starts` says. `zone` replaces
        the rule's. Raises ValueError if the offset is missing, or if an order states no term.
        """
        stated = (values or {}).get(STATED)
        return self.rule.deadline(start, stated if isinstance(stated, str) else None, zone)

    def reminders(
        self, start: datetime, values: Mapping[str, object] | None = None, zone: str | None = None
    ) -> tuple[datetime, ...]:
        """Return the times of reminders, in UTC, earliest first; none before `start`."""
        return self.rule.reminded(start, self.deadline(start, values, zone))


def is_empty(value: object) -> bool:
    """Return whether a value is None or a text without visible characters."""
    return value is None or (isinstance(value, str) and blank(value.replace("\n", "").replace("\t", "")))


def _text_fault(element: Element, value: object) -> Fault | None:
    longest = LONGEST[element.kind]
    if not isinstance(value, str):
        return Fault(element.id, "element_not_text", f"`{element.id}` must be a text.")
    if len(value) > longest:
        return Fault(element.id, "element_too_long", f"`{element.id}` has at most {longest} characters.")
    if element.kind != "text" and "\n" in value.strip():
        return Fault(element.id, "element_not_one_line", f"`{element.id}` must be one line.")
    return _form_fault(element, value)


def _form_fault(element: Element, value: str) -> Fault | None:
    if element.kind == "url" and (not _is_http(value) or _UNPRINTED.search(value)):
        return Fault(element.id, "element_not_url", f"`{element.id}` must be an http(s) address.")
    if element.kind == "email" and not is_email(value):
        return Fault(element.id, "element_not_email", f"`{element.id}` must be an e-mail address.")
    if element.kind in {"day", "moment", "term"} and not is_time(value, element.kind):
        form = {"day": "a day (2026-01-31)", "moment": "a moment with its offset"}
        expected = form.get(element.kind, "a day or a moment (2026-01-31, 2026-01-31T12:00+01:00)")
        return Fault(element.id, "element_not_time", f"`{element.id}` must be {expected}, as in ISO 8601.")
    return None


def is_email(value: str) -> bool:
    """Return whether a text has the form of one e-mail address. Its existence is not checked."""
    return len(value) <= LONGEST["email"] and bool(_EMAIL.fullmatch(value)) and not _UNPRINTED.search(value)


def is_time(value: str, kind: str) -> bool:
    """Return whether a text is a day, a moment with its offset, or (for a `term`) either."""
    try:
        if kind != "moment" and len(value) == len("2026-01-31"):
            date.fromisoformat(value)
            return True
        return kind != "day" and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_http(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in value
