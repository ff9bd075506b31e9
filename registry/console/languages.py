"""Languages of the console: Babel catalogues for each language and area, and formats of numbers and times."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from registry.core.dates import last_day
from registry.identity.accounts.model import LANGUAGES

NAMES: Final = {"en": "English", "es": "Español", "fr": "Français", "ar": "العربية"}
"""The name of each language, in itself."""
RIGHT_TO_LEFT: Final = frozenset({"ar"})
_LOCALES: Final = {"en": "en_GB", "ar": "ar_EG"}
"""Locales for dates and numbers, if a language has several."""
_DIGITS: Final = {"ar": str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")}
"""Babel knows the separators of these locales, but writes European digits."""
FOLDER: Final = files("registry.console") / "locale"


def N_(text: str) -> str:  # noqa: N802 - the name by which extraction knows it
    """Mark a text that is translated when it is shown."""
    return text


@cache
def catalogue(language: str, area: str = "") -> Translations:
    """Return the messages of a language: first those of the area, then those of all others. So one text may
    have two translations, such as "case number" for intake cases and for courts. Without an area: all
    messages.

    `locale/LANGUAGE/AREA.po` are read directly, without compilation. English texts are those in the source;
    the English files hold only plurals.
    """
    areas = sorted(
        path.name.removesuffix(".po") for path in (FOLDER / language).iterdir() if path.name[-3:] == ".po"
    )
    if area not in areas:
        merged = _read(language, areas[0])  # provides the language's plural rules
        for other_area in areas[1:]:
            merged = merged.add(_read(language, other_area))
        return merged
    own = _read(language, area)
    own.add_fallback(catalogue(language))
    return own


def _read(language: str, area: str) -> Translations:
    with (FOLDER / language / f"{area}.po").open("rb") as file:
        read = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return Translations(compiled)


class Words:
    """The reader's language and time zone, and the current area, if any. Numbers use the language's own
    digits."""

    def __init__(self, language: str, zone: str = "UTC", area: str = "") -> None:
        self.language = language
        self.zone = _zone(zone)
        self.locale = Locale.parse(_LOCALES.get(language, language))
        self.colon = "\u00a0:" if language == "fr" else ":"
        self.direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
        self._figures = _DIGITS.get(language, {})
        self._catalogue = catalogue(language, area)

    def within(self, area: str) -> Words:
        """Return the same reader's words in another area."""
        return Words(self.language, self.zone.key, area)

    def text(self, message: str, /, **values: Any) -> str:
        """Translate a message."""
        translated: str = self._catalogue.gettext(message) if message else ""
        return translated % values if values else translated

    def several(self, one: str, many: str, count: int, /, **values: Any) -> str:
        """Translate with the plural form for `count`; `%(count)s` is the count in the language's digits."""
        translated: str = self._catalogue.ngettext(one, many, count)
        return translated % (values | {"count": self.number(count)})

    def number(self, value: float) -> str:
        """Format a number such as `12345.6`."""
        text = numbers.format_decimal(value, locale=self.locale, numbering_system="default")
        return text.translate(self._figures)

    def percent(self, value: float) -> str:
        """Format a share between 0 and 1 as a percentage."""
        text = numbers.format_percent(value, locale=self.locale, numbering_system="default")
        return text.translate(self._figures)

    def time(self, moment: datetime | str, style: str = "medium") -> str:
        """Format a time in the reader's zone; `style`: short, medium (with seconds), long, or date. The month
        is a word: 11/12 is read as November or December."""
        at = aware(moment)
        if style == "date":
            text = dates.format_date(at.astimezone(self.zone), "medium", locale=self.locale)
        else:
            named = "medium" if style == "short" else style
            day = dates.format_date(at.astimezone(self.zone), named, locale=self.locale)
            clock = dates.format_time(at, style, tzinfo=self.zone, locale=self.locale)
            joined = str(dates.get_datetime_format("medium", locale=self.locale))
            text = joined.replace("'", "").replace("{0}", clock).replace("{1}", day)
            text += " UTC" if self.zone.key == "UTC" and style != "long" else ""
        return text.translate(self._figures)

    def last_day(self, end: datetime | str) -> str:
        """Format the last day before an end time: 30 June for something that ends at midnight after 30
        June."""
        day = last_day(aware(end), self.zone, UTC)
        return dates.format_date(day, "medium", locale=self.locale).translate(self._figures)

    def day(self, day: str) -> str:
        """Format a date such as `2026-01-31`, without a time zone. Other text is returned unchanged."""
        try:
            formatted = dates.format_date(date.fromisoformat(day), "medium", locale=self.locale)
        except ValueError:
            return day
        return formatted.translate(self._figures)

    def ago(self, moment: datetime | str) -> str:
        """Format the time since, or until, `moment` in one unit."""
        apart = aware(moment) - datetime.now(UTC)
        text = dates.format_timedelta(apart, add_direction=True, locale=self.locale)
        return text.translate(self._figures)


def aware(moment: datetime | str) -> datetime:
    """Parse a time as actions return it: with an offset, as a string or datetime."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def chosen(preferred: str | None, accepted: str) -> str:
    """Return the reader's language: from cookie or account, else from `Accept-Language`, else English."""
    if preferred in LANGUAGES:
        return str(preferred)
    for tag in _by_weight(accepted[:500]):
        if tag in LANGUAGES:
            return tag
    return LANGUAGES[0]


def _by_weight(header: str) -> Iterator[str]:
    weighted = []
    for at, part in enumerate(header.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        weighted.append((-weight, at, tag.partition("-")[0].lower()))
    yield from (tag for _, _, tag in sorted(weighted))


@lru_cache(maxsize=600)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name if len(name) < 64 else "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
