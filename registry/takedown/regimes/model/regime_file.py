"""Parses a regime's TOML file. Every key is checked, so that a lawyer who edits it sees the place of an
error.

Elements, questions and signatories of several regimes are defined once in `shared.toml`. A regime refers to
them by id and overrides only what differs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, Final, NoReturn
from zoneinfo import ZoneInfo

from registry.takedown.regimes.model import complaint, deadline
from registry.takedown.regimes.model import regime as words
from registry.takedown.regimes.model.regime import LANGUAGES, Regime, Texts

SHARED: Final = "shared.toml"
PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KINDS: Final = ("element", "question", "signatory")
_COMPLAINT: Final = "complaint"


class BadRegime(ValueError):
    """An unusable regime file. The message names the file, the key and the fault."""


class Table:
    """A table of a TOML file that knows its location and which of its keys were read."""

    def __init__(self, file: str, path: str, content: Mapping[str, Any]) -> None:
        self.file, self.path, self.content = file, path, content
        self.read: set[str] = set()

    def fail(self, key: str, fault: str) -> NoReturn:
        """Raise `BadRegime` for a key."""
        raise BadRegime(f"{self.file}: {'.'.join(part for part in (self.path, key) if part)}: {fault}")

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        """Return a value of that type. A key without a default is required."""
        self.read.add(key)
        value = self.content.get(key, default)
        if value is None:
            self.fail(key, "is missing")
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fail(key, f"must be of type {kind.__name__}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text. It must not be blank if there is no default."""
        value: str = self.get(key, str, default)
        if default is None and not value.strip():
            self.fail(key, "is empty")
        return value.strip()

    def one_of(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """Return a text that must be one of these words."""
        value = self.text(key, default)
        if value not in allowed:
            self.fail(key, f"must be one of {', '.join(allowed)}")
        return value

    def id(self) -> str:
        """Return the `id` of the table."""
        value = self.text("id")
        if not _ID.fullmatch(value):
            self.fail("id", "must be small letters, digits and _")
        return value

    def table(self, key: str) -> Table:
        """Return a nested table."""
        return Table(self.file, ".".join(part for part in (self.path, key) if part), self.get(key, dict))

    def tables(self, key: str, default: list[Any] | None = None) -> Iterator[Table]:
        """Yield the tables of a nested array."""
        for place, content in enumerate(self.get(key, list, default), 1):
            if not isinstance(content, dict):
                self.fail(key, "must hold tables")
            yield Table(self.file, f"{self.path}{key}[{content.get('id', place)}]", content)

    def in_languages(self, key: str) -> Texts:
        """Return a text in exactly the languages of LANGUAGES."""
        inner = self.table(key)
        texts = {language: inner.text(language) for language in LANGUAGES}
        inner.done()
        return texts

    def done(self) -> None:
        """Fail if the table has keys that were not read."""
        if unknown := sorted(set(self.content) - self.read):
            self.fail(unknown[0], "is an unknown key")


def parse(file: str, text: str, base: Mapping[str, Mapping[str, dict[str, Any]]]) -> Regime:
    """Return the regime of one file. Raises `BadRegime`."""
    root = Table(file, "", _loaded(file, text))
    for kind in _KINDS:
        root.content = {**root.content, kind: _completed(root, kind, base[kind])}
    root.content = {**root.content, _COMPLAINT: {**base[_COMPLAINT], **root.get(_COMPLAINT, dict, {})}}
    regime = Regime(
        id=root.id(),
        version=_day(root, "version"),
        jurisdiction=root.text("jurisdiction"),
        title=root.in_languages("title"),
        sources=tuple(_source(table) for table in root.tables("source")),
        elements=tuple(_element(table) for table in root.tables("element")),
        questions=tuple(_question(table) for table in root.tables("question")),
        signers=tuple(_signatory(table) for table in root.tables("signatory")),
        recipient=_recipient(root.table("recipient")),
        rule=_rule(root.table("deadline")),
        escalation=_escalation(root.table("escalation")),
        wordings=_wordings(root.table("wording")),
        complaints=_complaints(root.table(_COMPLAINT)),
    )
    root.done()
    _coherent(root, regime)
    return regime


def shared(file: str, text: str) -> Mapping[str, Mapping[str, dict[str, Any]]]:
    """Return the content of `shared.toml`: kind -> id -> table; complaints by language. Raises
    `BadRegime`."""
    root = Table(file, "", _loaded(file, text))
    shared_tables = {
        kind: {table.id(): dict(table.content) for table in root.tables(kind, [])} for kind in _KINDS
    }
    shared_tables[_COMPLAINT] = root.get(_COMPLAINT, dict, {})
    root.done()
    return shared_tables


def _loaded(file: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadRegime(f"{file}: not TOML: {error}") from error


def _completed(root: Table, kind: str, base: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Merge each table over the table with its id in `shared.toml`."""
    return [{**base.get(table.id(), {}), **table.content} for table in root.tables(kind)]


def _day(table: Table, key: str) -> str:
    value = table.get(key, date)
    return str(value.isoformat())


def _address(table: Table, key: str = "url") -> str:
    value = table.text(key)
    if not value.startswith("https://"):
        table.fail(key, "must be an https address")
    return value


def _source(table: Table) -> words.Source:
    source = words.Source(table.text("law"), table.text("article"), _address(table))
    table.done()
    return source


def _element(table: Table) -> words.Element:
    kind = table.one_of("kind", words.KINDS)
    element = words.Element(
        id=table.id(),
        kind=kind,
        required=table.get("required", bool),
        filled_by=table.one_of("filled_by", words.FILLED_BY),
        question=table.in_languages("question"),
        why=table.in_languages("why"),
        statement=table.in_languages("statement") if kind == "statement" else None,
    )
    table.done()
    return element


def _question(table: Table) -> words.Question:
    question = words.Question(
        id=table.id(),
        kind=table.one_of("kind", ("scope", "exception")),
        needs=table.one_of("needs", words.NEEDS),
        ask=table.in_languages("ask"),
        why=table.in_languages("why"),
    )
    table.done()
    return question


def _signatory(table: Table) -> words.Signatory:
    signatory = words.Signatory(table.id(), table.in_languages("words"), table.get("needs_mandate", bool))
    table.done()
    return signatory


def _recipient(table: Table) -> words.Recipient:
    kind = table.one_of("kind", ("platform", "authority"))
    named = kind == "authority"
    recipient = words.Recipient(
        kind,
        table.in_languages("must"),
        table.in_languages("name") if named else None,
        _address(table) if named else None,
    )
    table.done()
    return recipient


def _escalation(table: Table) -> words.Escalation:
    escalation = words.Escalation(
        table.in_languages("authority"), _address(table), table.in_languages("note")
    )
    table.done()
    return escalation


def _rule(table: Table) -> deadline.DeadlineRule:
    unit = table.one_of("unit", deadline.UNITS)
    amount = table.get("amount", int, 0)
    if (amount < 1) != (unit == "stated"):
        table.fail("amount", "must be 1 or more, or missing if the unit is `stated`")
    rule = deadline.DeadlineRule(
        unit=unit,
        amount=amount,
        zone=table.text("zone"),
        calendar=table.text("calendar", ""),
        starts=table.one_of("starts", deadline.STARTS),
        binding=table.get("binding", bool),
        reminders=_hours(table),
        why=table.in_languages("why"),
    )
    table.done()
    _check_places(table, rule)
    return rule


def _hours(table: Table) -> tuple[int, ...]:
    hours = table.get("reminders", list)
    whole = all(isinstance(hour, int) and not isinstance(hour, bool) and hour > 0 for hour in hours)
    if not whole or sorted(set(hours), reverse=True) != hours:
        table.fail("reminders", "must be whole hours before the deadline, in descending order")
    return tuple(hours)


def _check_places(table: Table, rule: deadline.DeadlineRule) -> None:
    try:
        ZoneInfo(rule.zone)
    except (ValueError, OSError, KeyError):  # raised by ZoneInfo for file names and unknown zones
        table.fail("zone", f"there is no time zone {rule.zone!r}")
    try:
        deadline.free_days(rule.calendar, 2026)
    except ValueError as error:
        table.fail("calendar", str(error))


def _wordings(table: Table) -> Mapping[str, words.Wording]:
    wordings = {}
    for language in LANGUAGES:
        inner = table.table(language)
        wordings[language] = words.Wording(inner.text("subject"), inner.text("body"))
        if "\n" in wordings[language].subject:
            inner.fail("subject", "must be one line")
        inner.done()
    table.done()
    return wordings


def _complaints(table: Table) -> Mapping[str, complaint.Complaint]:
    complaints = {}
    for language in LANGUAGES:
        inner = table.table(language)
        texts = {key: inner.text(key) for key in complaint.TEXTS}
        inner.done()
        for key, text in texts.items():
            allowed = (*complaint.PLACEHOLDERS, complaint.RESULT) if key == "body" else complaint.PLACEHOLDERS
            _placeholders(inner, key, text, allowed)
        complaints[language] = complaint.Complaint(**texts)
    table.done()
    return complaints


def _placeholders(table: Table, key: str, text: str, allowed: Collection[str]) -> None:
    """Check that a template has only allowed placeholders, and no other brace."""
    if unknown := [name for name in PLACEHOLDER.findall(text) if name not in allowed]:
        table.fail(key, f"{{{unknown[0]}}} is not an element that this text may contain")
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        table.fail(key, "holds a brace that belongs to no placeholder")


def _coherent(root: Table, regime: Regime) -> None:
    """Check a regime as a whole.

    Ids are unique. Each placeholder is an element. Each template contains all required elements, in each
    language.
    """
    for kind in _KINDS:
        ids = [table.content["id"] for table in root.tables(kind)]
        if twice := sorted({id_ for id_ in ids if ids.count(id_) > 1}):
            root.fail(f"{kind}[{twice[0]}]", "is duplicated")
        if not ids:
            root.fail(kind, "is empty")
    kinds = {element.id: element.kind for element in regime.elements}
    if regime.rule.unit == "stated" and kinds.get(deadline.STATED) != "term":
        root.fail("deadline.unit", f"`stated` needs an element `{deadline.STATED}` of kind `term`")
    for language, wording in regime.wordings.items():
        _templates(root, regime, language, wording)


def _templates(root: Table, regime: Regime, language: str, wording: words.Wording) -> None:
    ids = {element.id for element in regime.elements}
    for key, text in (("subject", wording.subject), ("body", wording.body)):
        _placeholders(root, f"wording.{language}.{key}", text, ids)
    required = [element.id for element in regime.elements if element.required]
    if missing := [element for element in required if f"{{{element}}}" not in wording.body]:
        root.fail(f"wording.{language}.body", f"does not contain {{{missing[0]}}}, which is required")
