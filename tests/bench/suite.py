"""How long the tests take, as whoever runs them waits: `make test-times`.

`PARTS` chooses from `test`, `fresh`, `rooms`, `all`, `row`, `coverage` and `coverage-all`; the first three
are the default.
`fresh` is a clone with an empty `.venv`; packages come from uv's cache if they are there.
`rooms` is each folder of `tests` alone, and `all` is `make test-all`.
`row` is RUNS runs of `make test`, each fifth beside a process of low priority on every core.
`coverage` and `coverage-all` are the shares of lines and branches of `registry` and `workers` that
`make test` and `make test-all` run, in the processes that they start too. A process that is killed tells
nothing.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Final

from coverage import Coverage

ROOT: Final = Path(__file__).parents[2]
BUSY: Final = ("nice", "-n", "10", sys.executable, "-c", "while True: pass")


def make(
    *words: str, folder: Path = ROOT, times: Path | None = None, **more: str
) -> tuple[bool, float, float]:
    """Run `make WORDS`; return whether it passed, its seconds, and the seconds until the first test's result.

    `times`: where `tests/support/times.py` writes the time of that result; without it the last is NaN.
    `more`: variables of the environment.
    """
    unset = {"OUT", "PARTS", "RUNS", "TIMES", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHONDONTWRITEBYTECODE"}
    environment = {name: value for name, value in os.environ.items() if name not in unset} | more
    if times:
        environment["TIMES"] = str(times)
    began, first = time.time(), float("nan")
    done = subprocess.run(["make", *words], cwd=folder, env=environment, capture_output=True, check=False)
    took = time.time() - began
    if done.returncode:
        print(done.stdout.decode(errors="replace")[-4000:], done.stderr.decode(errors="replace")[-2000:])
    if times and times.exists():
        first = float(times.read_text()) - began
    print("FAILED" if done.returncode else "passed", f"{took:6.0f} s  make", *words, flush=True)
    return done.returncode == 0, took, first


@contextmanager
def busy(*, wanted: bool) -> Iterator[None]:
    """Keep every core busy with a process of low priority."""
    load = [subprocess.Popen(BUSY) for _ in range(os.cpu_count() or 1) if wanted]
    try:
        yield
    finally:
        for process in load:
            process.kill()
            process.wait()


def coverage_settings(folder: Path, code: Path, *more: str) -> str:
    """Write settings of coverage into `folder`, where its data goes too, and return their path.

    Processes that have it as COVERAGE_PROCESS_START measure `registry` and `workers` of `code`.
    Some of them run as another user.
    """
    folder.chmod(0o777)
    lines = [
        "[run]",
        f"source = {code}/registry, {code}/workers",
        *("branch = true", "parallel = true", f"data_file = {folder}/data", "patch = _exit, fork"),
        "disable_warnings = no-data-collected, module-not-measured, module-not-imported, already-imported",
        *more,
    ]
    (folder / "settings").write_text("\n".join(lines))
    return str(folder / "settings")


def covered(target: str, folder: Path) -> dict[str, float]:
    """Return the shares of lines and branches that a target runs."""
    settings = coverage_settings(folder, ROOT)
    passed, _, _ = make(target, COVERAGE_PROCESS_START=settings)
    if not passed:
        return {}
    run = Coverage(config_file=settings)
    run.combine([str(folder)])
    report = folder / "report.json"
    with redirect_stdout(io.StringIO()):
        run.json_report(outfile=str(report))
    totals = json.loads(report.read_text())["totals"]
    name = f"coverage_{target.replace('-', '_')}"
    return {
        name: totals["covered_lines"] / totals["num_statements"],
        f"{name}_branches": totals["covered_branches"] / totals["num_branches"],
    }


def measure(parts: list[str], runs: int, folder: Path) -> dict[str, float]:
    """Return the figures of these parts, in seconds; a run that fails has none."""
    figures: dict[str, float] = {}
    if "test" in parts:
        passed, took, first = make("test", times=folder / "times.json")
        figures |= {"test_s": took, "first_result_s": first} if passed else {}
    if "fresh" in parts:
        clone = folder / "clone"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        passed, took, _ = make("test", folder=clone)
        figures |= {"test_fresh_s": took} if passed else {}
    if "rooms" in parts:
        tests = ROOT / "tests"
        rooms = sorted({path.relative_to(tests).parts[0] for path in tests.glob("*/**/test_*.py")})
        passes, seconds, _ = zip(*(make("test", f"ROOM={room}") for room in rooms), strict=True)
        figures |= {"room_max_s": max(seconds)} if all(passes) else {}
    if "all" in parts:
        passed, took, _ = make("test-all")
        figures |= {"test_all_s": took} if passed else {}
    if "row" in parts:
        figures["green_in_a_row"] = in_a_row(runs)
    for part, target in (("coverage", "test"), ("coverage-all", "test-all")):
        if part in parts:
            figures |= covered(target, Path(tempfile.mkdtemp(dir=folder)))
    return figures


def in_a_row(runs: int) -> int:
    """Return how many runs pass until the first that does not."""
    for number in range(runs):
        with busy(wanted=number % 5 == 4):
            if not make("test")[0]:
                return number
    return runs


def main() -> None:
    parts = os.environ.get("PARTS", "test fresh rooms").split()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(parts, int(os.environ.get("RUNS", "10")), Path(folder))
    print(json.dumps({"figures": figures}, indent=2))
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps({"figures": figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
