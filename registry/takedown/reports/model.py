"""Groupings of the figures, and notices in the format of the Lumen database (lumendatabase.org,
`POST /notices.json`). Pure.

Fields and roles follow Lumen's source (github.com/berkmancenter/lumendatabase). Lumen collects and publishes
removal requests. Names, addresses and texts of a campaign are therefore left out or `[REDACTED]`, unless they
were released to the recipient. Without a release the output contains only the law, kinds, dates and the
platform. A platform that the table does not know is redacted too, because its host is part of an address.

`counternotice_for_id` and `case_id_number` are integers in Lumen (its `db/schema.rb`) and are left out: Rails
would read the first digits of this registry's ids as the number of somebody else's notice. A counter-notice
follows its notice; whoever posts both fills in `counternotice_for_id` with Lumen's number of the first.
Topics are ids of Lumen too, so tags describe the subject instead.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from registry.takedown.regimes.model.classification import Classification

By = Literal["total", "platform", "regime", "week", "month"]
BY: Final[tuple[By, ...]] = get_args(By)
"""How figures may be grouped."""
REDACTED: Final = "[REDACTED]"
_TYPES: Final[Mapping[str, str]] = {
    "aepd": "DataProtection",
    "court_order": "CourtOrder",
    "take_it_down": "PrivateInformation",
}
_LABELS: Final[Mapping[str, str]] = {
    "DataProtection": "Data protection request",
    "CourtOrder": "Court order",
    "PrivateInformation": "Private information request",
    "Defamation": "Defamation notice",
    "Counternotice": "Counter-notice",
    "Other": "Notice",
}
_SOURCES: Final[Mapping[str, str]] = {"api": "API", "email": "Email", "paper": "Letter or form"}
_TAKEN: Final[Mapping[str, str]] = {"removed": "Yes", "refused": "No"}


@dataclass(frozen=True, slots=True, repr=False)
class Source:
    """A notice that was handed over.

    - `platform_name`: None if the table does not know the platform.
    - `names`: of `client`, `depicted` and `signatory`.
    - `contacts`: contact data of the signatory in fields of Lumen's entities (`email`, `address_line_1`).
    - `letter`: the text of the letter. `kinds`: of its media.
    - `contested_at`: when a counter-notice came.
    """

    regime: str
    title: str
    laws: Sequence[str]
    jurisdiction: str
    language: str
    platform_name: str | None
    host: str
    state: str
    channel: str | None
    handed_at: datetime
    delivered_at: datetime | None
    manipulation: str | None
    kinds: Sequence[str]
    classified: Classification
    url: str | None
    names: Mapping[str, str | None]
    contacts: Mapping[str, str]
    letter: str | None
    contested_at: datetime | None


def notices(source: Source, released: Collection[str]) -> list[dict[str, Any]]:
    """Return the notice, and its counter-notice if there is one, as bodies of requests to Lumen."""
    bodies = [_notice(source, released)]
    if source.contested_at is not None:
        bodies.append(_counter(source, source.contested_at, released))
    return bodies


def type_of(source: Source) -> str:
    """Return Lumen's type of notice, by regime and, under the DSA, by subject."""
    if source.regime in _TYPES:
        return _TYPES[source.regime]
    if "KEYWORD_DEFAMATION" in source.classified.keywords:
        return "Defamation"
    violent = "CYBER_VIOLENCE" in source.classified.category
    return "PrivateInformation" if violent else "Other"


def _to(source: Source, released: Collection[str]) -> str:
    return source.platform_name or (source.host if "places" in released else REDACTED)


def _notice(source: Source, released: Collection[str]) -> dict[str, Any]:
    kind = type_of(source)
    notice: dict[str, Any] = {
        "type": kind,
        "title": f"{_LABELS[kind]} to {_to(source, released)}",
        "subject": source.title,
        "body": _body(source, released),
        "date_sent": source.handed_at.date().isoformat(),
        "date_received": source.delivered_at.date().isoformat() if source.delivered_at else None,
        "source": _SOURCES.get(source.channel or "", "Unknown"),
        "tag_list": ", ".join(_tags(source)),
        "jurisdiction_list": "" if source.jurisdiction == "any" else source.jurisdiction,
        "regulation_list": ", ".join(source.laws),
        "language": source.language,
        "action_taken": _TAKEN.get(source.state, "Unspecified"),
        "topic_ids": [],
        "works_attributes": [_work(source, released)],
        "entity_notice_roles_attributes": _roles(source, released),
    }
    return {"notice": notice}


def _counter(source: Source, at: datetime, released: Collection[str]) -> dict[str, Any]:
    """Return the counter-notice without its statement, because its author has released nothing."""
    notice: dict[str, Any] = {
        "type": "Counternotice",
        "title": f"{_LABELS['Counternotice']} about a notice to {_to(source, released)}",
        "subject": source.title,
        "body": REDACTED,
        "date_sent": at.date().isoformat(),
        "language": source.language,
        "topic_ids": [],
        "works_attributes": [_work(source, released)],
        "entity_notice_roles_attributes": [
            _role("recipient", _to(source, released), "organization"),
            _role("sender", REDACTED, "individual"),
        ],
    }
    return {"notice": notice}


def _body(source: Source, released: Collection[str]) -> str:
    if "texts" in released and source.letter:
        return source.letter
    return f"{source.title}. The text is left out: it names persons and places."


def _tags(source: Source) -> list[str]:
    words = [source.classified.category, *source.classified.keywords]
    plain = [str(word).removeprefix("STATEMENT_CATEGORY_").removeprefix("KEYWORD_") for word in words]
    return ["deepfake", *(word.lower().replace("_", "-") for word in plain)]


def _work(source: Source, released: Collection[str]) -> dict[str, Any]:
    whom = source.names.get("depicted") if "depicted" in released else None
    manipulation = (source.manipulation or "fake").replace("_", " ")
    shown = "places" in released and source.url is not None
    return {
        "description": f"A registered fake ({manipulation}) of {whom or REDACTED}; "
        + ("1 address" if shown else "1 address, redacted"),
        "kind": ", ".join(source.kinds) or "unknown",
        "infringing_urls_attributes": [{"url": source.url}] if shown else [],
        "copyrighted_urls_attributes": [],
    }


def _roles(source: Source, released: Collection[str]) -> list[dict[str, Any]]:
    def name_of(role: str) -> str:
        return (source.names.get(role) if role in released else None) or REDACTED

    sender = _role("sender", name_of("signatory"), "individual")
    if "contacts" in released:
        sender["entity_attributes"] |= dict(source.contacts)
    return [
        _role("recipient", _to(source, released), "organization"),
        sender,
        _role("principal", name_of("client"), "individual"),
    ]


def _role(name: str, whom: str, kind: str) -> dict[str, Any]:
    return {"name": name, "entity_attributes": {"name": whom, "kind": kind}}
