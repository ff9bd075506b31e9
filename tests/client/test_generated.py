"""The generated operations and types: they are those of the description, and do what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, assert_type

import httpx2
import pytest

from deploy.tools import sdk
from fakeprint import Client, Content, Form, ServiceError, failures, operations, schemas
from tests.support.service.api import Api

DESCRIPTION: dict[str, Any] = json.loads(sdk.DESCRIPTION.read_text())


@pytest.mark.slow
def test_they_are_current(tmp_path: Path) -> None:
    sdk.write(tmp_path)
    stale = [
        path.name for path in tmp_path.iterdir() if path.read_text() != (sdk.PACKAGE / path.name).read_text()
    ]
    assert stale == [], "run: make sdk"


def test_every_operation_has_a_function() -> None:
    named = {
        sdk.snake(operation["operationId"])
        for path in DESCRIPTION["paths"].values()
        for method, operation in path.items()
        if method in sdk.METHODS
    }
    assert {name for name in named if not hasattr(operations, name)} == {"read_docs"}, "a page for people"


def test_types_of_answers_are_known_before_the_call(api: Api) -> None:
    """mypy checks these lines as it checks a user's."""
    with Client(api.url, api.key) as registry:
        me = registry.request(operations.who_am_i())
        assert_type(me, schemas.Myself)
        assert "admin" in me["roles"]
        page = registry.request(operations.list_entries(status="matchable", limit=1))
        assert_type(page, schemas.EntryPage)
        assert len(page["entries"]) <= 1
        assert_type(registry.request(operations.hma_live()), str)
        with pytest.raises(ServiceError) as caught:
            registry.request(operations.show_entry("of nobody"))
        assert (caught.value.status, caught.value.code) == (404, "not_found")
        assert_type(registry.banks(), list[schemas.ListedBank])


def test_what_is_created_twice_is_sent_once() -> None:
    created = operations.create_webhook({"url": "https://example.org", "kinds": []})
    assert created.once
    question = schemas.Sha256Lookup(type="sha256", value="0" * 64)
    assert not operations.look_up(question).once
    assert not operations.list_banks().once


def test_values_are_encoded() -> None:
    shown = operations.show_entry("a/b c")
    assert (shown.method, shown.path, shown.params) == ("GET", "/v1/entries/a%2Fb%20c", None)
    listed = operations.show_ledger()
    assert listed.params is None
    asked = operations.look_up(Form([], {}), watch_days=3, prefer="wait=5")
    assert (asked.params, asked.headers) == ({"watch_days": "3"}, {"Prefer": "wait=5"})
    table = operations.add_notices("c", Content(b"url", "text/csv"))
    assert table.headers == {"Content-Type": "text/csv"}
    assert table.open is not None
    with table.open() as body:
        assert body == {"content": b"url"}


@pytest.mark.parametrize(
    ("media_type", "content", "read"),
    [
        ("application/json", b"[1]", [1]),
        ("application/ld+json", b"{}", {}),
        ("text/csv; charset=utf-8", b"a,b", "a,b"),
        ("application/pdf", b"%PDF", b"%PDF"),
    ],
)
def test_answers_are_read_by_their_media_type(media_type: str, content: bytes, read: object) -> None:
    request = httpx2.Request("GET", "http://registry.example")
    response = httpx2.Response(200, headers={"Content-Type": media_type}, content=content, request=request)
    assert failures.content_of(response) == read
