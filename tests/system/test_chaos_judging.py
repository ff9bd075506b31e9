"""The chaos suite's judgement: which failed jobs are lost, and which waiting jobs are stuck.

A failed job is lost unless a fault of its own ended each of its attempts. A job is stuck if it makes no
progress in its time; its turn in a queue may come late.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from tests.system.chaos.claims import BEGUN, WORK
from tests.system.chaos.failures import MOST_ATTEMPTS, MOST_DEFERRALS, Failures
from tests.system.chaos.faults import Hit
from tests.system.chaos.model import Entry, Model
from tests.system.chaos.standing import CLEARLY, LEAST_WORK, MOST_WORK, Standing

HITS: Final = [
    Hit("worker_child", "media", 10.0, 10.0, frozenset({7})),
    Hit("freeze", "media-away", 14.0, 25.0, frozenset({8, 9})),
    Hit("database", "", 30.0, 30.0),
    Hit("control", "control", 33.0, 33.0, frozenset({5})),
    Hit("api", "api-0", 34.0, 34.0, frozenset({4})),
    Hit("broker", "", 35.0, 35.0),
    Hit("cut_broker", "media-away", 36.0, 66.0),
    Hit("worker", "bulk", 37.0, 37.0, frozenset({3})),
]


def claims(*made: tuple[int, int, float]) -> list[dict[str, Any]]:
    """Return claims by attempt, process and time."""
    return [{"attempt": attempt, "worker": f"host:{pid}", "at": at} for attempt, pid, at in made]


HIT_THRICE: Final = claims((1, 7, 6.0), (2, 9, 13.0), (3, 7, 27.0))


def failed(code: str = "worker_lost", *, tries: list[dict[str, Any]] = HIT_THRICE, **fields: Any) -> Any:
    row: dict[str, Any] = {"job_id": "1", "task": "fingerprint_asset", "subject_id": "2", "error_code": code}
    row |= {"attempts": tries[-1]["attempt"], "deferrals": 0, "finished": 40.0, "entries": ["e"]}
    return row | {"claims": tries} | fields


def judged(row: dict[str, Any], hits: list[Hit] = HITS) -> Model:
    model = Model(told=lambda _: None)
    model.add(Entry("e", "title", "0"))
    Failures(lambda _query: [row], model, hits).look()
    return model


@pytest.mark.parametrize(
    "row",
    [
        failed(),
        failed(tries=[*claims((1, 6, 5.0)), *HIT_THRICE]),
    ],
    ids=["killed, frozen, without a database", "one try was given back"],
)
def test_a_job_that_nobody_survived_since_each_was_hit_is_given_up_by_rule(row: dict[str, Any]) -> None:
    model = judged(row)
    assert MOST_ATTEMPTS == 3
    assert model.findings == []
    assert model.exhausted == {"fingerprint_asset worker_lost": 1}
    assert model.may_retry == {"e"}


@pytest.mark.parametrize(
    "row",
    [
        failed("decode_failed", tries=HIT_THRICE[:1]),
        failed("internal", tries=HIT_THRICE[:1]),
        failed("decode_failed"),
        failed("timed_out"),
        failed(tries=HIT_THRICE[:2]),
        failed(tries=claims((1, 7, 6.0), (2, 6, 13.0), (3, 7, 27.0))),
        failed(tries=claims((1, 7, 6.0), (2, 9, 13.0), (3, 9, 31.0))),
        failed(tries=claims((1, 7, 6.0), (2, 9, 13.0), (3, 6, 32.0)), finished=33.5),
        failed(tries=claims((1, 7, 28.0), (2, 7, 29.9), (3, 3, 36.0)), finished=38.0),
        failed(tries=claims((1, 7, 6.0), (2, 9, 13.0), (3, 7, 27.0)), finished=29.0),
        failed("blobs_unavailable", tries=claims((1, 7, 6.0))),
    ],
    ids=[
        *("a sound medium is refused at once, while something is hit", "an error that nobody foresaw"),
        *("a sound medium is refused at last", "it took too long, each time"),
        *("given up too soon", "the process that held it was not hit", "hits of the broker and of others"),
        *("the relay was hit", "one hit for two tries", "the hit came afterwards"),
        "given up at the first deferral",
    ],
)
def test_any_other_job_that_failed_is_lost(row: dict[str, Any]) -> None:
    model = judged(row)
    assert [finding.kind for finding in model.findings] == ["lost"]
    assert not model.may_retry
    assert model.open() == []  # nobody waits for it, and nobody helps it


@pytest.mark.parametrize(("hits", "lost"), [(MOST_DEFERRALS, False), (MOST_DEFERRALS - 1, True)])
def test_a_job_whose_service_was_hit_each_time_is_given_up_by_rule(hits: int, *, lost: bool) -> None:
    tries = claims(*((1, 7, 10.0 * at) for at in range(MOST_DEFERRALS)))
    payload = {"deferrals": MOST_DEFERRALS - 1, "finished": 10.0 * MOST_DEFERRALS}
    struck = [Hit("database", "", 10.0 * at + 5, 10.0 * at + 5) for at in range(hits)]
    model = judged(failed("database_unavailable", tries=tries, **payload), struck)
    assert bool(model.findings) is lost


@pytest.mark.parametrize(
    ("hit", "may"),
    [
        (Hit("delivery", "delivery", 0, 0, frozenset({1})), True),
        (Hit("everything", "", 0, 0), True),
        (Hit("control", "control", 0, 0, frozenset({1})), False),
        (Hit("broker", "", 0, 0), False),
        (Hit("cut_broker", "delivery", 0, 30), False),
        (Hit("worker", "media", 0, 0, frozenset({1})), False),
    ],
    ids=lambda value: value.kind if isinstance(value, Hit) else "",
)
def test_a_notice_may_be_unsure_where_its_own_worker_was_hit(hit: Hit, *, may: bool) -> None:
    assert hit.may_end("delivery") is may


@dataclass
class Scene:
    """A service as the database shows it: `row` waits, `begun` were started, `held` run. `pass_by` lets
    time pass. Faults happened before."""

    patch: pytest.MonkeyPatch
    row: dict[str, Any]
    hits: list[Hit] = field(default_factory=list)
    begun: list[dict[str, Any]] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    usual: float = 0.0
    now: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self.began = self.now
        self.standing = Standing(self._rows, Model(told=lambda _: None), self.hits, boot=0.0)
        self.look()
        self.limit = self.standing.limit(self.row["queue"])

    def stuck(self) -> bool:
        return [finding.kind for finding in self.standing.model.findings] == ["stuck"]

    def look(self) -> None:
        self.patch.setattr(time, "time", lambda: self.now)
        self.standing.look()

    def pass_by(self, seconds: float, each: Callable[[float], None] = lambda _: None) -> None:
        """Let time pass. Something may happen `each` second, with the number of seconds passed."""
        for second in range(int(seconds)):
            self.now += 1
            each(float(second + 1))
            self.look()

    def begin(self, created: float, queue: str = "bulk") -> None:
        """Start a job requested then, by the time of the scene."""
        self.begun.append({"queue": queue, "created": self.began + created, "at": self.now})

    def _rows(self, query: str, *_given: Any) -> list[dict[str, Any]]:
        if query == WORK:
            return [{"queue": "bulk", "usual": self.usual}]
        return self.begun if query == BEGUN else [self.row, *self.held]


def job(**fields: Any) -> dict[str, Any]:
    row = {"what": "job", "one": "x", "id": "1", "queue": "bulk", "version": "0", "due": None, "waits": True}
    return row | {"created": time.time(), "sent": None} | fields


Stage = Callable[..., Scene]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    def make(hits: list[Hit] | None = None, **fields: Any) -> Scene:
        return Scene(monkeypatch, job(sent=time.time(), **fields), hits or [])

    return make


def test_a_job_unchanged_for_too_long_is_reported_stuck_once(stage: Stage) -> None:
    scene = stage()
    scene.pass_by(scene.limit - 1)
    assert not scene.stuck()
    scene.pass_by(2)
    assert scene.stuck()
    scene.pass_by(2)
    assert scene.stuck()  # and not twice


@pytest.mark.parametrize(
    ("on", "stuck"), [("bulk", False), ("", False), ("control", False), ("delivery", True), ("api-1", True)]
)
def test_a_hit_restarts_the_time_limit(stage: Stage, on: str, *, stuck: bool) -> None:
    now = time.time()
    scene = stage([Hit("freeze", on, now, now + 10)])
    scene.pass_by(scene.limit + 5)
    assert scene.stuck() is stuck


def test_changing_or_scheduled_jobs_are_not_stuck(stage: Stage) -> None:
    scene = stage()
    scene.pass_by(scene.limit - 1)
    scene.row["version"] = "1"
    scene.pass_by(scene.limit - 1)
    scene.row |= {"version": "2", "due": scene.now + 60}
    scene.pass_by(60 + scene.limit - 1)
    assert scene.standing.model.findings == []


def test_a_job_behind_started_ones_is_not_stuck(stage: Stage) -> None:
    """As many as possible, repeated as the sweeper does, while as many arrive after it."""
    scene = stage()

    def drain(second: float) -> None:
        scene.begin(created=second - 400)
        if second in (9, 18, 36, 72, 144, 288):
            scene.row["sent"] = scene.now

    scene.pass_by(400, drain)
    assert not scene.stuck()
    assert scene.standing.longest < 5


def test_a_job_behind_a_long_one_is_not_stuck(stage: Stage) -> None:
    """While that one runs; then it is its turn."""
    scene = stage()
    scene.held = [job(id="2", waits=False, created=scene.now - 60)]

    def go_on(second: float) -> None:
        scene.held[0]["version"] = str(second)

    scene.pass_by(300, go_on)
    scene.held.clear()
    scene.pass_by(scene.limit - 1)
    assert not scene.stuck()
    scene.pass_by(2)
    assert scene.stuck()


def test_a_job_overtaken_by_a_long_one_is_stuck(stage: Stage) -> None:
    scene = stage()
    scene.held = [job(id="2", waits=False, created=scene.now + CLEARLY + 1)]
    scene.pass_by(scene.limit + 1, lambda second: scene.held[0].update(version=str(second)))
    assert scene.stuck()


def test_a_job_behind_a_hanging_one_is_stuck_after_it(stage: Stage) -> None:
    scene = stage()
    scene.held = [job(id="2", waits=False, created=scene.now - 60)]
    scene.pass_by(scene.limit + 2)
    assert scene.stuck()
    assert ("job", "2") in scene.standing.told
    scene.pass_by(scene.limit + 1)
    assert len(scene.standing.told) == 2


def test_a_message_that_is_lost_while_its_queue_goes_on_is_found(stage: Stage) -> None:
    scene = stage()
    scene.pass_by(30, lambda second: scene.begin(created=second - 31))
    assert not scene.stuck()
    scene.pass_by(scene.limit + CLEARLY + 1, lambda second: scene.begin(created=second + 31))
    assert scene.stuck()


def test_messages_that_are_lost_again_and_again_are_found(stage: Stage) -> None:
    """Otherwise each lost message would let it wait behind jobs requested meanwhile."""
    scene = stage()

    def say_again(second: float) -> None:
        scene.begin(created=second - 1)
        if second % 9 == 0:
            scene.row["sent"] = scene.now

    scene.pass_by(9 + CLEARLY + scene.limit + 2, say_again)
    assert scene.stuck()


def test_a_message_that_is_written_again_goes_to_the_end_of_its_queue(stage: Stage) -> None:
    """Once, after a fault that may have lost it. Two hundred jobs requested in between are started before
    it."""
    scene = stage([Hit("broker", "", time.time(), time.time())])

    def go_on(second: float) -> None:
        if second == 13:
            scene.row["sent"] = scene.now
        if second > 13:
            scene.begin(created=min(12.0, second / 20))

    scene.pass_by(213, go_on)
    assert not scene.stuck()


def test_a_queue_that_stands_still_is_found(stage: Stage) -> None:
    scene = stage()
    scene.pass_by(30, lambda second: scene.begin(created=second - 31))
    scene.pass_by(scene.limit - 1, lambda second: scene.begin(created=second - 90, queue="media"))
    assert not scene.stuck()
    scene.pass_by(2)
    assert scene.stuck()


def test_a_lease_that_is_not_renewed_is_found(stage: Stage) -> None:
    """After it has expired, the job waits like others, behind others."""
    scene = stage(waits=False, due=time.time() + 6)
    scene.pass_by(6)
    scene.row["waits"] = True
    scene.pass_by(100, lambda second: scene.begin(created=second - 101))
    assert not scene.stuck()
    scene.pass_by(scene.limit + 1)
    assert scene.stuck()


def test_a_held_job_without_progress_is_stuck(stage: Stage) -> None:
    """Whatever else is started, and although it sends heartbeats."""
    scene = stage(waits=False, due=time.time() + 6)

    def live(second: float) -> None:
        scene.row["due"] = scene.now + 6
        scene.begin(created=second - 200)

    scene.pass_by(6 + scene.limit - 1, live)
    assert not scene.stuck()
    scene.pass_by(2, live)
    assert scene.stuck()


def test_how_long_work_takes_is_bounded(stage: Stage) -> None:
    """Work that is slow because of a fault extends no limit, least of all of other queues."""
    scene = stage()
    scene.usual = 900.0
    scene.standing.measure()
    assert scene.standing.limit("bulk") == scene.limit - LEAST_WORK + MOST_WORK
    assert scene.standing.limit("media") == scene.limit
    assert scene.standing.model.stuck_after == scene.standing.most == scene.standing.limit("bulk")
