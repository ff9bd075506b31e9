"""Details that a fact-checker adds to a claim: the people depicted, where the fake was seen, the evidence.

Names, and places in private groups, are personal data. They are stored encrypted (see
`registry.core.crypto.keys`) and shown only to the organization that gave them. Other organizations see a name
only if it was marked as public.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from registry.catalogue.entries.errors import BadDetail, BadLanguage
from registry.catalogue.entries.model.reference import LONGEST_URL, is_address
from registry.core.errors import BadInput, BadLabel
from registry.core.folding import holds
from registry.core.labels import label

CHANNELS: Final = ("public", "messaging", "other")
"""Kinds of places where a fake was seen: `public` is open to anybody, `messaging` is a group or a chat,
`other` is for example broadcast, print or a device."""
MOST_DEPICTED: Final = 50
MOST_SEEN: Final = 500
LONGEST_EVIDENCE: Final = 20_000
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_PERSON: Final = ("name", "url", "role", "public")
_PLACE: Final = ("url", "platform", "at", "channel", "note")


@dataclass(frozen=True, slots=True)
class Details:
    """Checked details of an entry.

    `depicted`: people by name, with a public page that identifies the person. These are references, not
    biometrics. `seen`: a `url`, a `platform` or both, with `at` (a day, or ISO 8601 with a UTC offset) and
    `channel`.
    """

    language: str | None = None
    depicted: tuple[dict[str, Any], ...] = ()
    seen: tuple[dict[str, Any], ...] = ()
    evidence: str | None = None

    @property
    def sealed(self) -> dict[str, Any]:
        """Return the part that is stored encrypted. Empty if nothing was given."""
        fields = {"depicted": list(self.depicted), "seen": list(self.seen), "evidence": self.evidence}
        return {name: value for name, value in fields.items() if value}

    @classmethod
    def of(cls, language: str | None, sealed: Mapping[str, Any]) -> Details:
        """Build the details from stored values."""
        return cls(
            language,
            tuple(sealed.get("depicted", ())),
            tuple(sealed.get("seen", ())),
            sealed.get("evidence"),
        )

    def shown(self, *, own: bool) -> dict[str, Any]:
        """Return the details as answered. Readers who do not own the entry see only public names."""
        if own:
            return {"depicted": list(self.depicted), "seen": list(self.seen), "evidence": self.evidence}
        public = [person for person in self.depicted if person.get("public")]
        return {"depicted": public, "seen": [], "evidence": None}


def depicts(depicted: Iterable[Mapping[str, Any]], sought: str) -> bool:
    """Return whether one of these people (`Details.depicted`) is the wanted person.

    `sought` is the URL of the page that identifies the person, or words that must all occur in the name. Case
    and diacritics are ignored. An empty `sought` matches nobody.
    """
    if is_address(sought):
        page = _page(sought)
        return any(_page(row.get("url", "")) == page for row in depicted)
    return any(holds(str(row["name"]), sought) for row in depicted)


def same_page(address: str, other: str) -> bool:
    """Return whether two URLs name one page: scheme, `www.`, case and fragment are ignored."""
    return _page(address) == _page(other) != ""


def _page(url: str) -> str:
    return url.partition("#")[0].partition("://")[2].removeprefix("www.").rstrip("/").casefold()


def details(
    language: str | None = None,
    depicted: Sequence[Any] = (),
    seen: Sequence[Any] = (),
    evidence: str | None = None,
) -> Details:
    """Check the given details. Raises `BadInput` (`bad_language`, `bad_detail`, `bad_label`)."""
    if len(depicted) > MOST_DEPICTED or len(seen) > MOST_SEEN:
        raise _bad(f"At most {MOST_DEPICTED} people and {MOST_SEEN} places are stored with an entry.")
    return Details(
        _language(language),
        tuple(_person(row) for row in depicted),
        tuple(_place(row) for row in seen),
        text(evidence, "evidence") if evidence else None,
    )


def text(value: str, field: str, longest: int = LONGEST_EVIDENCE) -> str:
    """Check and normalise text of several lines. Raises `BadInput` (`bad_label`)."""
    clean = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    refused = {character for character in clean if unicodedata.category(character) in {"Cc", "Cs"}} - {
        "\n",
        "\t",
    }
    if not clean or len(clean) > longest or refused:
        raise BadLabel(
            f"`{field}` must hold 1 to {longest} characters and no control characters except line breaks."
        )
    return clean


def _language(tag: str | None) -> str | None:
    if tag is None or tag == "":
        return None
    if not is_language(tag):
        raise BadLanguage(f"{tag[:40]!r} is not a language tag.")
    return tag


def is_language(text: str) -> bool:
    """Return whether the text has the form of a BCP 47 language tag."""
    return bool(_LANGUAGE.fullmatch(text))


def _person(value: object) -> dict[str, Any]:
    fields = _object(value, "Each person depicted", _PERSON)
    checked: dict[str, Any] = {"name": label(_string(fields.get("name"), "name"), "name")}
    if fields.get("url") is not None:
        checked["url"] = _url(fields["url"])
    if fields.get("role") is not None:
        checked["role"] = label(_string(fields["role"], "role"), "role", longest=100)
    if not isinstance(fields.get("public", False), bool):
        raise _bad("`public` is true or false.")
    if fields.get("public"):
        checked["public"] = True
    return checked


def _place(value: object) -> dict[str, Any]:
    fields = _object(value, "Each place where it was seen", _PLACE)
    checked: dict[str, Any] = {}
    if fields.get("url") is not None:
        checked["url"] = _url(fields["url"])
    if fields.get("platform") is not None:
        checked["platform"] = label(_string(fields["platform"], "platform"), "platform", longest=100)
    if not checked:
        raise _bad("A place where it was seen needs a `url` or a `platform`.")
    if fields.get("at") is not None:
        checked["at"] = _moment(_string(fields["at"], "at"))
    channel = fields.get("channel", "public" if "url" in checked else "other")
    if channel not in CHANNELS:
        raise _bad("Unknown channel.", f"Choose among {', '.join(CHANNELS)}.")
    checked["channel"] = channel
    if fields.get("note") is not None:
        checked["note"] = text(_string(fields["note"], "note"), "note", 2000)
    return checked


def _object(value: object, subject: str, fields: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _bad(f"{subject} is an object.", f"Known fields: {', '.join(fields)}.")
    if unknown := set(value) - set(fields):
        raise _bad(
            f"{subject} has no field {min(map(str, unknown))[:50]!r}.", f"Known fields: {', '.join(fields)}."
        )
    return value


def _string(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise _bad(f"`{field}` must be a text.")
    return value


def _url(value: object) -> str:
    if not isinstance(value, str) or not is_address(value):
        raise _bad(f"A `url` is an http(s) address of at most {LONGEST_URL} characters.")
    return value


def _moment(text: str) -> str:
    try:
        if len(text) == len("2026-01-31"):
            return date.fromisoformat(text).isoformat()
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise _bad(
            f"{text[:40]!r} is not a day, or a time with its UTC offset.",
            "Give a day (2026-01-31) or a time with its offset (2026-01-31T09:30:00+01:00).",
        )
    return at.isoformat()


def _bad(message: str, next_step: str | None = None) -> BadInput:
    return BadDetail(message, next_step=next_step)
