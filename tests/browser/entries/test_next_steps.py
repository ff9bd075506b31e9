"""What an entry's page tells each reader to do next."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from registry.catalogue.fingerprints.model.document import to_document
from tests.browser.shots.entries import waiting
from tests.browser.shots.previews import reviewed, window
from tests.support.banks import rate
from tests.support.browser.console import Console, Person
from tests.support.entries import set_registrar
from tests.support.media import drawn


def _next(console: Console, person: Person, entry_id: str) -> str:
    """The section of the page, as text."""
    with window(console, person) as client:
        page = client.get(f"/console/entries/{entry_id}").text
    _, found, rest = page.partition('class="next"')
    return rest.partition("</section>")[0] if found else ""


def _documented(console: Console, key: str, **fields: Any) -> str:
    document = to_document(drawn.clip(str(uuid4())), faces=True)
    with console.api(key) as client:
        made = client.post("/v1/entries", json={"fakes": [document], "title": "One", **fields})
    assert made.status_code == 201, made.text
    return str(made.json()["entry_id"])


def test_files_that_wait_ask_for_nothing(console: Console) -> None:
    person = console.person("register")
    step = _next(console, person, waiting(console, person))
    assert "You have nothing to do" in step
    assert "<a" not in step


def test_fingerprints_alone_ask_their_registrar_for_the_file(console: Console) -> None:
    person = console.person("register")
    entry_id = _documented(console, person.key)
    assert f"/console/entries/{entry_id}/add" in _next(console, person, entry_id)
    reviewer = console.person("review", key=person.key)
    assert f"/review/{entry_id}" not in _next(console, reviewer, entry_id), "there is nothing to look at"


def test_a_reviewer_is_led_to_the_review_unless_it_is_their_own(console: Console) -> None:
    key = console.organization()
    registrar = console.person("register", "review", key=key)
    entry_id = reviewed(console, registrar).rpartition("/")[2]
    reviewer = console.person("review", key=key)
    assert f'href="/console/review/{entry_id}"' in _next(console, reviewer, entry_id)
    with console.started.service() as service:
        set_registrar(service, entry_id, reviewer.account_id)
    assert "A reviewer decides next" in _next(console, reviewer, entry_id)
    plain = console.person("register", key=key)
    assert "A reviewer decides next" in _next(console, plain, entry_id)


@pytest.mark.parametrize("tier", ["reviewed", "court_order"])
def test_a_confirmed_fake_leads_a_lawyer_to_its_takedown(console: Console, tier: str) -> None:
    key = console.organization()
    lawyer = console.person("takedown", key=key)
    entry_id = _documented(console, key, manipulation="synthetic")
    with console.started.service() as service:
        rate(service, entry_id, tier)
    assert f"/console/takedown/begin?entry={entry_id}" in _next(console, lawyer, entry_id)


def test_readers_of_other_organizations_are_told_nothing_that_is_not_theirs(console: Console) -> None:
    entry_id = _documented(console, console.organization())
    assert _next(console, console.person("lookup"), entry_id) == ""
