"""A legal regime under which a takedown is asked for: what a notice must say, who may sign it, how long its
recipient has, and in which words it is said. Pure; `registry.takedown.regimes.service` reads the
files, `regime_file` checks
them.

A notice is a mapping from element ids to values; questions of scope and exceptions are answered `yes` or
`no`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import urlsplit

from registry.core.labels import blank
from registry.takedown.regimes.model.term import STATED, Rule

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
"""Characters by kind of element; a `statement` is confirmed instead, by True."""
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
"""The same in each of LANGUAGES."""


@dataclass(frozen=True, slots=True)
class Source:
    """The law, or the rule, that it stands on: its name, the article, the official text's address."""

    law: str
    article: str
    url: str


@dataclass(frozen=True, slots=True)
class Element:
    """What a notice says. `filled_by` a person who is asked, or what is on record. A `statement` has the
    words that are confirmed."""

    id: str
    kind: str
    required: bool
    filled_by: str
    question: Texts
    why: Texts
    statement: Texts | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What must be asked, and its answer kept, before a notice: of its `scope`, or an `exception` to it. It
    `needs` that answer; `any` is only recorded."""

    id: str
    kind: str
    needs: str
    ask: Texts
    why: Texts


@dataclass(frozen=True, slots=True)
class Signatory:
    """In which capacity a notice may be signed, in words for the notice itself."""

    id: str
    words: Texts
    needs_mandate: bool


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is asked, a `platform` or an `authority` (which has a name and an address), and what it has to
    do."""

    kind: str
    must: Texts
    name: Texts | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """To whom it is reported that a recipient did not answer in time."""

    authority: Texts
    url: str
    note: Texts


@dataclass(frozen=True, slots=True)
class Wording:
    """Templates: `{id}` stands for an element's value, `# ` before a line makes it a heading, an empty line
    parts paragraphs. A line of which an element has no value is left out."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one element: a stable code and a sentence."""

    element: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Regime:
    """One regime, as its file says. `version` is the day on which that text was settled."""

    id: str
    version: str
    jurisdiction: str
    title: Texts
    sources: tuple[Source, ...]
    elements: tuple[Element, ...]
    questions: tuple[Question, ...]
    signers: tuple[Signatory, ...]
    recipient: Recipient
    rule: Rule
    escalation: Escalation
    wordings: Mapping[str, Wording]

    @property
    def signatories(self) -> tuple[str, ...]:
        """The capacities in which it may be signed."""
        return tuple(signer.id for signer in self.signers)

    def may_sign(self, capacity: str) -> bool:
        """Whether someone of that capacity may sign."""
        return capacity in self.signatories

    def needs_mandate(self, capacity: str) -> bool:
        """Whether someone of that capacity shows a mandate of the person depicted."""
        return any(signer.id == capacity and signer.needs_mandate for signer in self.signers)

    def missing(self, values: Mapping[str, object]) -> list[str]:
        """The required elements that have no value, in the regime's order."""
        return [
            element.id for element in self.elements if element.required and is_empty(values.get(element.id))
        ]

    def faults(self, values: Mapping[str, object]) -> list[Fault]:
        """All that keeps the values from being a notice, in the regime's order. What it does not ask for is
        not looked at."""
        found = (self._fault(element, values.get(element.id)) for element in self.elements)
        return [element for element in found if element]

    def _fault(self, element: Element, value: object) -> Fault | None:
        if is_empty(value):
            said = f"`{element.id}` is missing."
            return Fault(element.id, "element_missing", said) if element.required else None
        if element.kind == "capacity":
            known = ", ".join(self.signatories)
            said = f"`{element.id}` must be one of: {known}."
            return None if value in self.signatories else Fault(element.id, "may_not_sign", said)
        if element.kind == "statement":
            said = f"`{element.id}` has to be confirmed by the signatory."
            return None if value is True else Fault(element.id, "element_not_confirmed", said)
        return _text_fault(element, value)

    def open_questions(self, answers: Mapping[str, object]) -> list[str]:
        """The questions without an answer: a notice may not become ready before they have one."""
        return [question.id for question in self.questions if answers.get(question.id) not in ANSWERS]

    def stopped_by(self, answers: Mapping[str, object]) -> list[str]:
        """The questions answered so that nothing may be sent under this regime."""
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
        """The last second, in UTC, at which the recipient is in time; `start` (with its offset) is when it
        was sent or received, as `rule.starts` says. `zone` in place of the rule's. Raises ValueError (no
        offset; an order that states no term)."""
        said = (values or {}).get(STATED)
        return self.rule.deadline(start, said if isinstance(said, str) else None, zone)

    def reminders(
        self, start: datetime, values: Mapping[str, object] | None = None, zone: str | None = None
    ) -> tuple[datetime, ...]:
        """When to remind of the deadline, in UTC, earliest first, none before `start`."""
        return self.rule.reminded(start, self.deadline(start, values, zone))


def is_empty(value: object) -> bool:
    """Whether nothing was said: None, or a text of which nothing can be seen."""
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
        said = form.get(element.kind, "a day or a moment (2026-01-31, 2026-01-31T12:00+01:00)")
        return Fault(element.id, "element_not_time", f"`{element.id}` must be {said}, as in ISO 8601.")
    return None


def is_email(value: str) -> bool:
    """Whether it has the form of one e-mail address; whether anybody reads it, nobody knows."""
    return len(value) <= LONGEST["email"] and bool(_EMAIL.fullmatch(value)) and not _UNPRINTED.search(value)


def is_time(value: str, kind: str) -> bool:
    """Whether it is a day, a moment with its offset, or, for a `term`, either."""
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
