"""Bring the console's catalogues up to date with its texts: `make catalogues`.

    python -m deploy.tools.catalogues            add new texts to locale/LANGUAGE/AREA.po, remove lost ones
    python -m deploy.tools.catalogues --check    say what is missing or fuzzy, with status 1; writes nothing

Each area has a catalogue: for the texts of its pages (`PAGES`) and of its folder of templates. All other
texts are in `frame`. English stands in the source; its catalogues hold plurals alone.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from registry.identity.accounts.model import LANGUAGES

ROOT: Final = Path(__file__).parents[2] / "registry"
LOCALE: Final = ROOT / "console" / "locale"
TEMPLATES: Final = ROOT / "console" / "templates"
AREAS: Final = {
    "app/pages/account": "account",
    "app/pages": "admin",
    "console/fields": "admin",
    "app/pages/app": "frame",
    "catalogue/banks": "admin",
    "sharing/federation": "admin",
    "sharing/sources": "admin",
    "sharing/webhooks": "admin",
    "app/pages/home": "home",
    "app/pages/numbers": "home",
    "app/pages/notifications": "home",
    "app/service/digests": "home",
    "sharing/notifications/model": "home",
    "app/pages/search": "search",
    "app/pages/takedown": "takedown",
    "app/tipline/replies": "tipline",
    "catalogue/entries": "entries",
    "app/pages/register": "register",
    "lineage": "entries",
    "sharing/prov": "entries",
    "transparency": "entries",
    "catalogue/previews/pages/previews": "previews",
    "matching/lookups": "lookup",
    "matching/lookups/pages/policy": "admin",
    "matching/watches": "watches",
    "persons": "persons",
    "app/pages/persons": "persons",
    "review/queue": "review",
    "review/disputes": "review",
    "review/disputes/pages/contest": "contest",
    "intake/pages/cases": "admin",
    "intake/pages/private": "private",
    "takedown": "takedown",
}
"""Where an area's pages and other texts are, and its name."""
KEYWORDS: Final = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "several": (1, 2)}
FRAME: Final = "frame"
_OPTIONS: Final = {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.do"}
"""As `console.templating.py` reads templates."""
_UNSAID: Final = re.compile(
    rb'"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Report-Msgid-Bugs-To|Language-Team): '
)
_SHARED: Final = frozenset({FRAME, "problem"})


def texts() -> dict[str, Catalog]:
    """By area: every text that is translated, without a translation."""
    found: dict[str, Catalog] = {}
    pages = (path for path in ROOT.rglob("*.py") if _is_page(path.relative_to(ROOT)))
    for path in sorted((*pages, *TEMPLATES.rglob("*.html"))):
        if path.is_file():
            catalogue = found.setdefault(_area(path), Catalog(fuzzy=False))
            for text in _extracted(path):
                catalogue.add(text)
    common = found[FRAME]
    for area, catalogue in found.items():
        if area != FRAME:
            for message in list(catalogue):
                if message.id and common.get(message.id) is not None:
                    catalogue.delete(message.id)
    return {area: catalogue for area, catalogue in found.items() if len(catalogue)}


def _area(path: Path) -> str:
    if path.suffix == ".html":
        area = path.relative_to(TEMPLATES).parts[0]
        return FRAME if area in _SHARED else area
    inside = path.relative_to(ROOT)
    name = inside.with_suffix("").as_posix()
    found = [prefix for prefix in AREAS if name == prefix or name.startswith(f"{prefix}/")]
    return AREAS[max(found, key=len)] if found and _is_page(inside) else FRAME


def _is_page(inside: Path) -> bool:
    name = inside.with_suffix("")
    return inside.parts[0] == "console" or "pages" in name.parts or name.as_posix() in AREAS


def _extracted(path: Path) -> Iterator[str | tuple[str, str]]:
    method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
    options = _OPTIONS if path.suffix == ".html" else {}
    with path.open("rb") as file:
        for _, message, _, _ in extract(method, file, KEYWORDS, (), options):
            if message:
                yield tuple(message)[:2] if isinstance(message, tuple) else message  # type: ignore[misc]


def current(language: str, area: str) -> Catalog:
    """The catalogue as it is; empty where there is none."""
    path = LOCALE / language / f"{area}.po"
    if not path.is_file():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str, area: str, template: Catalog) -> Catalog:
    """The catalogue with what is wanted, and with what it had of that."""
    existing = current(language, area)
    fresh = Catalog(locale=language, fuzzy=False, project="Fakeprint", version="1", charset="utf-8")
    fresh.header_comment = ""
    for message in sorted(template, key=_key):
        if message.id and (language != "en" or message.pluralizable):
            earlier = existing.get(message.id)
            translation = earlier.string if earlier is not None and not earlier.fuzzy else None
            if translation is None and language == "en":
                translation = tuple(message.id)
            fresh.add(message.id, translation)
    return fresh


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def missing(language: str, area: str, template: Catalog) -> list[str]:
    """Texts without a translation, or with one that says other names than the text does."""
    existing = current(language, area)
    found = []
    for message in template:
        if not message.id or (language == "en" and not message.pluralizable):
            continue
        earlier = existing.get(message.id)
        translation = () if earlier is None else earlier.string
        strings = translation if isinstance(translation, tuple) else (translation,)
        whole = len(strings) == (existing.num_plurals if message.pluralizable else 1) and all(strings)
        if earlier is None or earlier.fuzzy or not whole or list(earlier.check()):
            found.append(f"{language}/{area}.po: {_key(message)}")
    return found


def main(arguments: list[str]) -> int:
    """The exit status."""
    templates = texts()
    faults = []
    for language in LANGUAGES:
        for area, catalogue in templates.items():
            if arguments != ["--check"]:
                path = LOCALE / language / f"{area}.po"
                updated_catalogue = updated(language, area, catalogue)
                written = io.BytesIO()
                write_po(written, updated_catalogue, width=110, omit_header=False, include_previous=False)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(_without_dates(written.getvalue()))
            faults += missing(language, area, catalogue)
    for fault in faults:
        print(f"no translation: {fault}", file=sys.stderr)  # noqa: T201 - a command
    return 1 if faults and arguments == ["--check"] else 0


def _without_dates(raw: bytes) -> bytes:
    """Dates of the moment would differ each time."""
    return b"".join(line for line in raw.splitlines(keepends=True) if not _UNSAID.match(line))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
