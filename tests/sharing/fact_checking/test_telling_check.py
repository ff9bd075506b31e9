"""What Check is sent, as Alegre sends it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from registry.sharing.fact_checking import service
from registry.sharing.fact_checking.errors import CheckUnreachable
from tests.support.service.stub_service import Stub, html, ok

QUERY: Mapping[str, Any] = {
    "doc_id": "Y2hlY2s",
    "url": "https://check.example/1.mp4",
    "context": {"team_id": 1, "project_media_id": 9},
    "confirmed": True,
}
RESULT = {"score": 0.95, "context": [{"team_id": 1, "project_media_id": 123}]}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAUSES", (0.0, 0.0, 0.0))


def test_check_gets_the_query_with_its_results() -> None:
    with Stub([html(502), ok({"type": "success"})]).running() as check:
        service.tell_check(f"{check.url}/api/webhooks/alegre?token=t", "video", QUERY, [RESULT])
    assert len(check.seen) == 2
    method, path, headers, body = check.seen[-1]
    assert (method, path, headers["content-type"]) == (
        "POST",
        "/api/webhooks/alegre?token=t",
        "application/json",
    )
    assert json.loads(body) == {
        "action": "search_item",
        "model_type": "video",
        "data": {
            "is_search_result_callback": True,
            "item": {"id": "Y2hlY2s", "raw": QUERY},
            "results": {"result": [RESULT]},
        },
    }


def test_a_check_that_is_away_is_asked_three_times() -> None:
    with Stub([html(503)] * 3).running() as check, pytest.raises(CheckUnreachable):
        service.tell_check(check.url, "video", QUERY, [RESULT])
    assert len(check.seen) == 3
