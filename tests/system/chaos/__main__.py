"""Inject random faults under load (kill, cut, fill, slow) and check that nothing is lost or done twice.

    make chaos [FAULTS=200] [MINUTES=15] [SEED=…] [BROKER=rabbitmq|redis|pgmq|all] [QUICK=1] [OUT=FILE]

FAULTS are spread over MINUTES, without set-up and checks, and over the three brokers with `all`.

- After each fault, the run looks for failed and stuck jobs.
- After ten faults, under load, everything that was waiting has to have made progress within
  `stuck_after_s`. That is a lease, a round of the sweeper, its patience, a worker's start and the time of the
  work. Time in which earlier jobs of the same queue were started is not counted.
- After fifty faults, everything is compared with the model.

A job may fail only if no worker survived it, or if something it needs was away. Each of its attempts must
have been hit in the process that held it (`given_up_by_rule`). A notice may be unsure only if its worker
was hit (`notices_unsure`). The same SEED draws the same faults in the same order; their effect depends on
the moment.

QUICK=1 leaves out the figures that are measured apart. These are: how soon a killed worker's job goes on,
the gain of a second worker, the lookups answered while the primary database is dead, and the loss of a
region. Cutting networks and filling a disk needs root; otherwise these are left out, and the run says so.
The exit status is 1 if anything was found.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.speed import split
from tests.system.chaos import availability, places, regions, resume
from tests.system.chaos.run import Plan, Result, run

SHARES: Final = {"rabbitmq": 0.5, "redis": 0.2, "pgmq": 0.3}


def main() -> int:
    chosen = os.environ.get("BROKER") or "all"
    if chosen not in (*SHARES, "all"):
        sys.stderr.write(f"BROKER is {chosen!r}: choose rabbitmq, redis, pgmq or all.\n")
        return 2
    # Else networks and disks of the suite's stay behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    faults = int(os.environ.get("FAULTS") or 200)
    minutes = float(os.environ.get("MINUTES") or 15)
    seed = os.environ.get("SEED") or str(int(time.time()))
    say(f"seed {seed}")
    if not places.may_change_networks():
        say("not root: no network is cut, and no disk filled")
    brokers = SHARES if chosen == "all" else {chosen: 1.0}
    results = []
    for name, share in brokers.items():
        count = round(faults * share)
        plan = Plan(count, minutes * 60 * share / max(1, count), f"{seed} {name}")
        results.append(run(name, plan, say))
        _tell(results[-1])
    figures = _figures(results)
    _keep(figures)
    if not os.environ.get("QUICK"):
        for what, measure in MEASURED:
            say(what)
            figures |= measure()
            _keep(figures)
    print(json.dumps({"figures": figures}))
    return 1 if any(result.findings for result in results) else 0


def say(what: str) -> None:
    """Print progress with the time."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")
    sys.stderr.flush()


def _tell(result: Result) -> None:
    say(f"{result.broker}: faults {dict(result.injected.most_common())}")
    say(f"{result.broker}: acknowledged {dict(result.calls)}; refused or unanswered {dict(result.refusals)}")
    say(f"{result.broker}: given up, each try hit: {dict(result.exhausted)}; notices unsure: {result.unsure}")
    say(
        f"{result.broker}: nothing stood for more than {result.stood_most:.0f} s, "
        f"of {result.stuck_after:.0f} allowed"
    )
    found = {kind: result.count(kind) for kind in ("lost", "duplicated", "stuck", "wrong")}
    say(f"{result.broker}: {result.injected.total()} faults in {result.seconds:.0f} s; findings {found}")
    for finding in result.findings:
        say(f"{result.broker}: {finding.kind}: {finding.what}")


def _figures(results: list[Result]) -> dict[str, Any]:
    figures: dict[str, Any] = {"faults": sum(result.injected.total() for result in results)}
    figures |= {
        kind: sum(result.count(kind) for result in results)
        for kind in ("lost", "duplicated", "stuck", "wrong")
    }
    figures["given_up_by_rule"] = sum(result.exhausted.total() for result in results)
    figures["notices_unsure"] = sum(result.unsure for result in results)
    figures["stuck_after_s"] = round(max(result.stuck_after for result in results), 1)
    figures["stood_most_s"] = round(max(result.stood_most for result in results), 1)
    for result in results:
        figures[f"faults_{result.broker}"] = result.injected.total()
        figures[f"seconds_{result.broker}"] = round(result.seconds)
    for name in ("registrations", "lookups", "files"):
        figures[name] = sum(result.calls[name] for result in results)
    return figures


def _keep(figures: dict[str, Any]) -> None:
    """Save the results so far: the rest takes most of an hour and may fail."""
    if target := os.environ.get("OUT"):
        Path(target).write_text(json.dumps({"figures": figures}) + "\n", encoding="utf-8")


def _resumed() -> dict[str, Any]:
    return {f"resume_s_{name}": round(resume.measure(name), 1) for name in ("rabbitmq", "pgmq")}


MEASURED: Final[Sequence[tuple[str, Callable[[], Mapping[str, Any]]]]] = (
    ("how soon a killed worker's job goes on", _resumed),
    ("lookups while the primary is dead", availability.measure),
    ("two regions, of which one is lost", regions.measure),
    ("what a second worker brings", split.measure),
)


if __name__ == "__main__":
    sys.exit(main())
