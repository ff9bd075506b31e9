"""What `deploy/smoke.sh` reads out of compose.yaml and the Dockerfiles, and how `make soak` lays its lines.
The scripts themselves are read by shellcheck; running them is `make smoke`'s."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.bench.soak.slopes import HOUR, slope
from tests.system.smoke import images, upkeep
from tests.system.smoke.composed import DEPLOY, composition, image, read, seconds
from tests.system.smoke.job import STEPS
from tests.system.smoke.topology import IMAGES

TRIAL = Path(__file__).parents[1] / "system" / "smoke" / "trial.yaml"


def test_shellcheck_finds_nothing_in_the_scripts() -> None:
    scripts = sorted(map(str, DEPLOY.glob("*.sh")))
    program = Path(sys.executable).parent / "shellcheck"
    done = subprocess.run([program, *scripts], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("said", "wanted"), [("10s", 10), ("1m30s", 90), ("1h0m2s", 3602), ("500ms", 0.5), ("1.5s", 1.5)]
)
def test_durations_are_composes(said: str, wanted: float) -> None:
    assert seconds(said) == wanted


def test_services_start_after_their_dependencies_with_overrides() -> None:
    composed = composition(DEPLOY / "compose.yaml", TRIAL, FAKEPRINT_API_PROCESSES="3")
    order = [item.name for item in composed.ordered()]
    assert order.index("postgres") < order.index("migrate") < order.index("roles") < order.index("api")
    assert order.index("api") < order.index("proxy")
    api = composed.services["api"]
    assert (api.command, api.replicas, api.grace) == (["serve", "--workers", "3"], 2, 140)
    assert api.environment["FAKEPRINT_WEBHOOK_PRIVATE"] == "true"
    assert api.environment["FAKEPRINT_SECRETS"] == "/run/secrets"
    assert "hooks.example" in composed.configs[api.configs["/etc/fakeprint/platforms.toml"]]
    assert api.tmpfs == {"/tmp": 4 * 1024**3}
    assert api.closed == ["/tmp"]
    assert composed.services["worker-media"].closed == []
    assert composed.services["worker-media"].health == []  # its image's
    assert composed.internal == {"inside"}


def test_every_service_gets_the_addresses_of_database_and_broker() -> None:
    wanted = {f"/run/secrets/fakeprint_{name}_url" for name in ("database", "broker")}
    composed = composition(DEPLOY / "compose.yaml")
    missing = {
        item.name
        for item in composed.services.values()
        if item.dockerfile and not wanted <= set(item.secrets)
    }
    assert missing == set()


def test_services_that_wait_for_each_other_are_refused() -> None:
    waits: dict[str, Any] = {
        name: {
            "image": "x:1",
            "networks": {"inside": None},
            "depends_on": {other: {"condition": "service_started"}},
        }
        for name, other in (("one", "other"), ("other", "one"))
    }
    composed = read({"services": waits, "secrets": {}, "configs": {}, "networks": {}})
    with pytest.raises(ValueError, match="one, other wait"):
        composed.ordered()


@pytest.mark.parametrize("kind", ["configs", "secrets"])
def test_mounts_impossible_for_an_engine_are_refused(kind: str) -> None:
    api = {"image": "x:1", "networks": {"inside": None}, kind: [{"source": "text", "target": "/text"}]}
    payload: dict[str, Any] = {"services": {"api": api}, "secrets": {}, "configs": {}, "networks": {}}
    payload[kind] = {"text": {"environment": "TEXT"} if kind == "secrets" else {"content": "a text"}}
    with pytest.raises(ValueError, match="api, text: container rootfs is marked read-only"):
        read(payload | {"services": {"api": api | {"read_only": True}}})


def test_compose_reports_errors_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("services: {api: {imag: x}}")
    with pytest.raises(ValueError, match="imag"):
        composition(tmp_path / "wrong.yaml")


@pytest.mark.parametrize("name", IMAGES)
def test_images_are_read_as_they_are_built(name: str) -> None:
    found = image(name)
    assert found.entrypoint == ["fakeprint"]
    assert found.user == 10001
    assert found.environment["PATH"].startswith(found.build_environment["UV_PROJECT_ENVIRONMENT"])
    assert found.build_environment["UV_PROJECT_ENVIRONMENT"] == images.AT
    assert [each[0] for each in found.copies][-1] == "schema"
    assert all((DEPLOY.parent / each).exists() for group in found.copies for each in group[:-1])
    assert len(found.syncs) == 2
    assert all(line.startswith("uv sync --frozen --no-dev") and "${" not in line for line in found.syncs)
    assert ("--extra workers" in found.syncs[1]) is (name == "worker.Dockerfile")


def test_every_step_has_a_one_line_description() -> None:
    assert all(step.__doc__ and "\n" not in step.__doc__ for step in (*STEPS, *upkeep.STEPS))


def test_a_slope_is_that_of_the_line_whatever_stands_out() -> None:
    times = [5.0 * index for index in range(120)]
    rising = [100 + 2 * moment / HOUR for moment in times]
    rising[30] = rising[77] = 400.0
    found = slope(times, rising)
    assert found.per_hour == pytest.approx(2.0)
    assert found.percent().per_hour == pytest.approx(2.0, rel=0.01)
    assert found.low <= 2.0 <= found.high


def test_a_slope_of_noise_counts_as_none() -> None:
    numbers = np.random.default_rng(11)
    times = [5.0 * index for index in range(200)]
    misses = 0
    for _ in range(40):
        found = slope(times, list(100 + numbers.standard_normal(200)))
        misses += not found.low <= 0.0 <= found.high
    assert misses <= 6  # 2 are expected of 40


def test_constant_series_have_no_slope() -> None:
    found = slope([0.0, 5.0, 10.0, 15.0], [7.0] * 4)
    assert (found.per_hour, found.low, found.high, found.level) == (0.0, 0.0, 0.0, 7.0)
    assert slope([0.0, 5.0, 10.0], [0.0] * 3).percent().per_hour == 0.0
    with pytest.raises(ValueError, match="three"):
        slope([0.0, 1.0], [1.0, 2.0])
