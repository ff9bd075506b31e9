"""Campaigns, clients and notices are found by texts that are encrypted, by their own organization alone."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from registry.core.errors import Forbidden
from registry.core.folding import folded, holds
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.takedown.clients.service import erase_client
from registry.takedown.search.service import search_campaigns, search_clients, search_notices
from tests.support.takedown.campaigns import Case, case

TEXTS = ("María Ñ., ¡Łódź! — straße", "وَلَد إلى مُحَمَّد ـ ﷺ ٢٣", "İstanbul ΣΊΣΥΦΟΣ 日本_x", " \t%", "")


@pytest.fixture
def about(service: Service, owner: Caller) -> Case:
    return case(service, owner)


def stranger(about: Case, *roles: str) -> Caller:
    """A caller of another organization."""
    made = create_caller(
        about.service, about.caller, organization=f"o {uuid4()}", name="x", roles=list(roles)
    )
    return authenticate(about.service, made.key)


def test_names_are_found_by_parts_of_words(about: Case) -> None:
    for text in ("ejem", "EJEMPLO ana", "partido", "Párt"):
        found, is_complete = search_clients(about.service, about.caller, text)
        assert [client.client_id for client in found] == [about.client_id], text
        assert is_complete
    assert search_clients(about.service, about.caller, "ana nobody") == ([], True)
    campaigns, _ = search_campaigns(about.service, about.caller, "mélil")
    assert [(campaign.campaign_id, campaign.title) for campaign in campaigns] == [
        (about.campaign_id, "Melilla")
    ]


def test_notices_are_found_by_address_and_by_reference(about: Case) -> None:
    (draft,) = about.add("https://clips.example.net/watch?v=1")
    (sent,) = about.sent("https://videos.example.net/2")
    for text in (
        "https://clips.example.net/watch?v=1",
        " HTTPS://clips.EXAMPLE.net/watch?v=1#t=4 ",
        str(draft),
    ):
        (notice,) = search_notices(about.service, about.caller, text)
        assert (notice.notice_id, notice.place) == (draft, "https://clips.example.net/watch?v=1"), text
    assert [notice.notice_id for notice in search_notices(about.service, about.caller, str(sent))] == [sent]
    for text in ("https://clips.example.net/watch?v=2", "clips", ""):
        assert search_notices(about.service, about.caller, text) == []


def test_nothing_is_found_of_another_organization(about: Case) -> None:
    (draft,) = about.add("https://clips.example.net/watch?v=1")
    theirs = stranger(about, "takedown")
    assert search_clients(about.service, theirs, "ejemplo") == ([], True)
    assert search_campaigns(about.service, theirs, "melilla") == ([], True)
    for text in (str(draft), "https://clips.example.net/watch?v=1"):
        assert search_notices(about.service, theirs, text) == []


def test_an_erased_client_is_not_found(about: Case) -> None:
    about.add("https://clips.example.net/watch?v=1")
    erase_client(about.service, about.caller, about.client_id)
    assert search_clients(about.service, about.caller, "ejemplo") == ([], True)
    assert search_campaigns(about.service, about.caller, "melilla") == ([], True)
    assert search_notices(about.service, about.caller, "https://clips.example.net/watch?v=1") == []


def test_only_takedown_may_search(about: Case) -> None:
    caller = stranger(about, "register", "review", "admin")
    for search in (search_clients, search_campaigns, search_notices):
        with pytest.raises(Forbidden):
            search(about.service, caller, "ejemplo")


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_folded_alike_here_and_in_the_database(database_url: str, text: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT folded(%s)", [text]).fetchone() == (folded(text),)


def test_no_words_are_held_by_nothing() -> None:
    assert not holds("María", " .")
    assert not holds("", "a")
