"""The dashboard and the alerts: read by Prometheus' own tool, and of metrics that exist."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest
import yaml

from registry.core.service import Service
from registry.core.settings import Settings
from registry.jobs.model.metrics import Backlog, Durations
from registry.operations.api import database_metrics, timestamp_metrics, work_metrics
from registry.operations.api.instruments import Instruments
from registry.operations.store.server import Archive
from registry.transparency.timestamps import State

DEPLOY = Path(__file__).parents[2] / "deploy"
NAME = re.compile(r"\bfakeprint_[a-z0-9_]+")
SUFFIXES = re.compile(r"_(bucket|count|sum|total)\Z")


def promtool(*arguments: str) -> str:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def panels() -> list[dict[str, Any]]:
    return cast(
        "list[dict[str, Any]]", json.loads((DEPLOY / "monitoring" / "dashboard.json").read_text())["panels"]
    )


def expressions() -> list[str]:
    shown = [target["expr"] for panel in panels() for target in panel.get("targets", [])]
    groups = yaml.safe_load((DEPLOY / "monitoring" / "alerts.yml").read_text())["groups"]
    return shown + [rule["expr"] for group in groups for rule in group["rules"]]


def measured() -> set[str]:
    """Every metric that a service with replicas shows, under the names that are scraped."""
    replica = SimpleNamespace(name="r", ok=True, lag=1.0, is_primary=False)
    primary = SimpleNamespace(is_away=lambda: False)
    service = SimpleNamespace(
        replicas=SimpleNamespace(states=lambda: [replica], primary=primary),
        journal=SimpleNamespace(waiting=lambda: 0),
        pool=SimpleNamespace(stats=dict),
        settings=STAMPED,
    )
    text = Instruments().text(cast("Service", service), FIGURES).decode()
    return {SUFFIXES.sub("", name) for name in re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)}


STAMPED: Final = Settings(tsa_url="http://tsa.example", tsa_ca="tsa.pem", tsa_minutes=1440)
FIGURES: Final = {
    "answers": True,
    "swept": 1.0,
    "queues": [],
    "jobs": [],
    "dead": 0,
    "outbox": Backlog(0, 0.0),
    "unsigned": 0.0,
    "times": [Durations("t", "done", (1,) * 13, 1.0)],
    "canaries": [],
    "peers": {"peers": 1, "forked": 0, "suspended": 0, "failing": 0},
    "exchanges": {"registry": 0.0},
    "stamps": State(failures=0, error_code=None, failed_at=None, age=None, waiting=0.0),
    "archive": Archive(0, 0.0),
}


def test_each_dashboard_metric_exists() -> None:
    assert set(database_metrics.QUERIES) | {"answers"} == set(FIGURES)
    assert set(database_metrics.QUERIES) == set(work_metrics._FAMILIES) | {"stamps"}


def test_metrics_missing_in_the_database_are_left_out() -> None:
    names = {family.name for family in work_metrics.families({})}
    assert names == {"fakeprint_database_answers"}
    nobody = {"swept": None, "archive": None, "peers": {"peers": 0}, "exchanges": {}}
    names = {family.name for family in work_metrics.families({"answers": True} | nobody)}
    assert names == {"fakeprint_database_answers"}
    assert list(timestamp_metrics.families(STAMPED, None)) == []


HOUR: Final = 3600.0


@pytest.mark.parametrize(
    ("waiting", "age", "overdue"),
    [
        (0.0, HOUR, 0.0),
        (0.0, 50 * HOUR, 0.0),
        (23 * HOUR, 23 * HOUR, 0.0),
        (26 * HOUR, 27 * HOUR, 3 * HOUR),
        (HOUR, 90 * HOUR, HOUR),
        (5 * HOUR, None, 5 * HOUR),
    ],
)
def test_a_stamp_is_due_when_the_interval_since_the_last_is_over(
    waiting: float, age: float | None, overdue: float
) -> None:
    """An interval of a day: what waits less than that since the last stamp is not overdue."""
    found = State(failures=0, error_code=None, failed_at=None, age=age, waiting=waiting)
    values = {family.name: family.samples[0].value for family in timestamp_metrics.families(STAMPED, found)}
    assert values["fakeprint_ledger_unstamped_seconds"] == waiting
    assert values["fakeprint_ledger_stamp_overdue_seconds"] == overdue


@pytest.mark.parametrize("chosen", [{"tsa_minutes": 0}, {"tsa_url": "", "tsa_ca": ""}])
def test_without_time_stamping_no_stamp_is_missing(chosen: dict[str, Any]) -> None:
    found = State(failures=7, error_code=None, failed_at=None, age=99 * HOUR, waiting=90 * HOUR)
    assert list(timestamp_metrics.families(STAMPED.model_copy(update=chosen), found)) == []


@pytest.mark.slow(14)
def test_alerts_are_well_formed_and_fire_when_they_should() -> None:
    assert "SUCCESS" in promtool(
        "check", "rules", "--lint=all", "--lint-fatal", str(DEPLOY / "monitoring" / "alerts.yml")
    )
    assert "SUCCESS" in promtool("test", "rules", str(DEPLOY / "monitoring" / "alerts_test.yml"))


def test_panels_and_alerts_use_existing_metrics() -> None:
    used = {SUFFIXES.sub("", name) for text in expressions() for name in NAME.findall(text)}
    assert used - measured() == set()
    assert len(used) > 20


def test_the_dashboards_questions_are_read_by_prometheus(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{number}", "expr": text} for number, text in enumerate(expressions())]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    promtool("check", "rules", str(file))


def test_the_dashboard_is_whole() -> None:
    ids = [panel["id"] for panel in panels()]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
        assert panel["type"] == "row" or panel["targets"], panel["title"]


@pytest.mark.parametrize("counts", [(0,) * 13, (3, 0, 1) + (0,) * 9 + (2,)])
def test_buckets_are_cumulative(counts: tuple[int, ...]) -> None:
    (family,) = work_metrics._work([Durations("relate_entry", "done", counts, 12.5)])
    values = {
        sample.labels.get("le"): sample.value for sample in family.samples if sample.name.endswith("_bucket")
    }
    assert values["0.1"] == counts[0]
    assert values["0.5"] == sum(counts[:3])
    assert values["+Inf"] == sum(counts)
