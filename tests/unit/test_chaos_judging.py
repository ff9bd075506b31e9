"""What the chaos suite makes of what it finds: a job that fails is lost unless each of its tries was hit, and
what does not go on within its time is stuck."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.chaos.failures import Failures
from tests.chaos.faults import Hit
from tests.chaos.model import Entry, Model
from tests.chaos.standing import Standing

HITS = [
    Hit("worker_child", "media", 10.0, 10.0),
    Hit("freeze", "media-away", 14.0, 25.0),
    Hit("database", "", 30.0, 30.0),
    Hit("api", "api-0", 31.0, 31.0),
    Hit("delivery", "delivery", 32.0, 32.0),
]


def failed(tries: int, *, queue: str = "media", created: float = 5.0, code: str = "worker_lost") -> Any:
    row = {"job_id": "1", "task": "fingerprint_asset", "queue": queue, "subject_id": "2", "tries": tries}
    return row | {"error_code": code, "created": created, "finished": 40.0, "entries": ["e"]}


def judged(row: dict[str, Any]) -> Model:
    model = Model(told=lambda _: None)
    model.add(Entry("e", "title", "0"))
    Failures(lambda _query: [row], model, HITS).look()
    return model


def test_a_job_of_which_each_try_was_hit_is_given_up_by_rule() -> None:
    model = judged(failed(3))
    assert model.findings == []
    assert model.exhausted == {"fingerprint_asset worker_lost": 1}
    assert model.may_retry == {"e"}


@pytest.mark.parametrize(
    "row",
    [failed(4), failed(3, created=12.0, code="internal"), failed(2, queue="bulk"), failed(0)],
    ids=["more tries than hits", "hits before it", "hits of others", "no try at all"],
)
def test_any_other_job_that_failed_is_lost(row: dict[str, Any]) -> None:
    if row["created"] > 10:
        row["finished"] = 29.0
    model = judged(row)
    assert [one.kind for one in model.findings] == ["lost"]
    assert not model.may_retry
    assert model.open() == []  # nobody waits for it, and nobody helps it


def standing(row: dict[str, Any], hits: list[Hit]) -> Standing:
    made = Standing(lambda *_: [row], Model(told=lambda _: None), hits, boot=0.0, limit=20.0)
    made.look()
    return made


def waits(**said: Any) -> dict[str, Any]:
    return {"what": "job", "one": "x", "id": "1", "queue": "media", "version": "0", "due": None} | said


def test_what_does_not_change_for_longer_than_it_may_is_stuck_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = standing(waits(), [])
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 19)
    assert made.look()
    monkeypatch.setattr(time, "time", lambda: now + 21)
    assert made.look() == {}
    assert made.look() == {}
    assert [one.kind for one in made.model.findings] == ["stuck"]


@pytest.mark.parametrize(
    ("on", "stuck"), [("media", False), ("", False), ("control", False), ("delivery", True), ("api-1", True)]
)
def test_what_was_hit_has_its_time_again(monkeypatch: pytest.MonkeyPatch, on: str, *, stuck: bool) -> None:
    now = time.time()
    made = standing(waits(), [Hit("freeze", on, now, now + 10)])
    monkeypatch.setattr(time, "time", lambda: now + 25)
    made.look()
    assert bool(made.model.findings) is stuck


def test_what_changes_or_waits_for_its_time_is_not_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    row = waits()
    made = standing(row, [])
    row["version"] = "1"
    monkeypatch.setattr(time, "time", lambda: now + 25)
    made.look()
    row["due"] = now + 60
    row["version"] = "2"
    made.look()
    monkeypatch.setattr(time, "time", lambda: now + 79)
    made.look()
    assert made.model.findings == []
