"""The console without a server: catalogues, templates, addresses, names and passwords."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn, cast

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import ASGIApp

from deploy.tools import catalogues, vendor
from registry.app.api.permissions import PERMISSIONS
from registry.app.pages.app import create
from registry.catalogue.banks.model import Policy
from registry.catalogue.banks.pages import OVERLAID, POLICY
from registry.console.guard import address_of, signed, verified
from registry.console.languages import Words, chosen
from registry.console.problems import EXPLANATIONS, TITLES
from registry.console.templating import environment
from registry.console.view import described, home
from registry.core.errors import BadInput
from registry.core.errors.database import DatabaseUnavailable
from registry.core.service import Service
from registry.core.settings import Settings
from registry.identity.accounts import model as account
from registry.identity.accounts.model import LANGUAGES, LONGEST_WAIT, wait_after

PAGES = catalogues.ROOT / "console"
TEMPLATES = sorted(catalogues.TEMPLATES.rglob("*.html"))


@pytest.mark.slow
def test_every_text_has_four_languages() -> None:
    texts = catalogues.texts()
    lacking = [
        item for code in LANGUAGES for area in texts for item in catalogues.missing(code, area, texts[area])
    ]
    assert lacking == []
    assert sum(len(text) for text in texts.values()) > 100


@pytest.mark.slow
def test_catalogues_hold_exactly_the_texts_of_the_pages() -> None:
    texts = catalogues.texts()
    for code in LANGUAGES:
        held = {path.stem for path in (PAGES / "locale" / code).glob("*.po")}
        assert held == set(texts)
        for area, wanted in texts.items():
            known = {item.id for item in catalogues.current(code, area) if item.id}
            assert known <= {item.id for item in wanted if item.id}, (code, area)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PAGES)))
def test_templates_hold_nothing_that_the_policy_forbids(path: Path) -> None:
    text = path.read_text()
    environment().get_template(str(path.relative_to(PAGES / "templates")))
    assert re.findall(r"\son\w+=|<\w[^>{]*\sstyle=|<style|javascript:|\|\s*safe\b|hx-on", text) == []
    # What is of another type is data, which browsers do not run; `tojson` lets nothing end it.
    text = re.sub(r'<script type="application/ld\+json">\{\{ \w+\|tojson \}\}</script>', "", text)
    assert [tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag] == []
    assert re.findall(r"https?://", text) == []
    posts = text.count('method="post"')
    words = (
        text.count("word()") + text.count('name="csrf"') + text.count("carried()") + text.count('name="kept"')
    )
    assert words >= posts


def test_vendored_files_match_their_pins() -> None:
    assert vendor.main(["--check"]) == 0


def test_numbers_times_and_plurals_are_the_languages() -> None:
    moment = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)
    words = {code: Words(code, "Europe/Madrid") for code in LANGUAGES}
    assert words["es"].number(1234567.5) == "1.234.567,5"
    assert words["ar"].number(12) == "١٢"
    assert "27" in words["en"].time(moment, "date")
    shown = [words[code].time(moment, "short") for code in ("en", "es", "fr")]
    assert shown == ["27 Nov 2026, 00:30", "27 nov 2026, 0:30", "27 nov. 2026, 00:30"]
    assert Words("en", "../../etc/passwd").time(moment).endswith("UTC")
    assert Words("ar").day("2026-02-01").startswith("٠١")
    assert (Words("fr").day("2026-02-01"), Words("fr").day("<b>")) == ("1 févr. 2026", "<b>")

    one, many = "Try again in %(count)s second.", "Try again in %(count)s seconds."
    assert words["en"].several(one, many, 1) == "Try again in 1 second."
    assert (
        len({words["ar"].several(one, many, n).replace(words["ar"].number(n), "") for n in (0, 1, 2, 3, 11)})
        == 5
    )
    assert all(words["fr"].text(text) != text for text in (*EXPLANATIONS.values(), *TITLES.values()))


def test_an_area_has_its_own_translation_of_a_text() -> None:
    text = "Case number"
    translations = [Words("es").within(area).text(text) for area in ("private", "review", "problem")]
    assert translations == ["Número de caso", "Número de causa", "Número de causa"]
    for area in ("", "home", "takedown"):
        few = Words("ar").within(area).several("%(count)s notice", "%(count)s notices", 3)
        assert few == "٣ إشعارات"


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("fr", "es", "fr"),
        ("xx", "ar-EG,es;q=0.9", "ar"),
        (None, "de, es;q=.2, fr;q=.8", "fr"),
        ("", "q=;;,=;q=x", "en"),
        (None, "", "en"),
    ],
)
def test_the_readers_language_is_found(asked: str | None, accepted: str, language: str) -> None:
    assert chosen(asked, accepted) == language


@pytest.mark.slow
@given(st.text())
def test_no_address_leads_out_of_the_console(path: str) -> None:
    assert home(path).startswith("/console/")
    assert "\\" not in home(path)


@pytest.mark.slow
@given(st.dictionaries(st.text(), st.text()), st.integers(0, 10_000))
def test_state_kept_by_a_page_is_verified(value: dict[str, str], place: int) -> None:
    secret = b"k" * 64
    word = signed(secret, value)
    assert verified(secret, word) == value
    at = place % len(word)
    altered = word[:at] + ("A" if word[at] != "A" else "B") + word[at + 1 :]
    with suppress(BadInput):
        assert verified(secret, altered) == value  # bits of base64 that say nothing


@given(st.integers(0, 10**6), st.integers(1, 100))
def test_guessing_gets_slow_and_nobody_is_locked_out(failures: int, free: int) -> None:
    wait = wait_after(failures, free=free)
    assert 0 <= wait <= LONGEST_WAIT
    assert (wait == 0) == (failures < free)
    assert wait_after(failures + 1, free=free) >= wait


@given(st.text(max_size=300))
def test_a_name_is_its_own_normal_form(text: str) -> None:
    with suppress(BadInput):
        name = account.sign_in_name(text)
        assert account.sign_in_name(name) == name


@pytest.mark.parametrize(
    ("peer", "said", "address"),
    [
        ("10.0.0.5", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("203.0.113.80", "198.51.100.7", "203.0.113.80"),
    ],
)
def test_forwarded_addresses_are_trusted_from_our_proxies_only(peer: str, said: str, address: str) -> None:
    headers = [(b"x-forwarded-for", said.encode())] if said else []
    request = Request({"type": "http", "client": (peer, 1), "headers": headers})
    assert address_of(request, Settings(proxies="192.0.2.1 10.0.0.0/8 nonsense")) == address


def test_browsers_are_called_by_their_names() -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Safari/604"
    assert (described(firefox), described(safari), described("curl")) == ("Firefox, Linux", "Safari, iOS", "")


class _Away:
    """A database that does not answer."""

    settings = Settings()

    @property
    def pool(self) -> NoReturn:
        raise DatabaseUnavailable("The database cannot be reached.")


def test_pages_report_an_unavailable_database() -> None:
    app = create(Settings(), lambda: cast("Service", _Away()), PERMISSIONS)
    for path in ("/", "/account", "/sign-in"):
        answered = asyncio.run(_response(app, path))
        assert (answered.status_code, answered.headers["content-type"][:9]) == (503, "text/html")
        assert "<code>database_unavailable</code>" in answered.text
        assert "El servicio no está disponible" in answered.text


async def _response(app: ASGIApp, path: str) -> httpx2.Response:
    headers = {"Accept-Language": "es", "Cookie": "fakeprint_session=word"}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://here") as client:
        return await client.get(path, headers=headers)


def test_a_page_names_a_door_that_there_is() -> None:
    with pytest.raises(LookupError, match="whoAmI"):
        create(Settings(), lambda: cast("Service", _Away()), {})


def test_every_setting_of_a_bank_is_on_its_page() -> None:
    shown = {name for _, group in POLICY for name, _, _ in group}
    assert shown == {field.name for field in fields(Policy)}
    assert set(OVERLAID) <= shown
