"""`make soak [MINUTES=30] [OUT=FILE] [SERIES=FILE]`: a steady load on the composition of
`deploy/compose.yaml`, and what grows.

The composition runs as `deploy/smoke.sh` runs it (root, Debian's servers). Documents, files, digests and
hashes are looked up, entries are registered and taken back, webhooks are told. Every few seconds memory,
files and threads of every process are measured, and connections, transactions, dead rows, outbox, messages
and temporary files. After a warm-up, a third of the time, a line is laid through each (Theil and Sen) with
its 95 % interval.

Memory is `Pss_Anon` of /proc/PID/smaps_rollup: what is a process's own, its share of pages from before a fork
included. `memory_slope_percent_per_hour` is the largest over the processes of ours that lived through it all;
where a worker ends a child that has grown (RECYCLE_MB), its successor is counted in `children_replaced`.
SERIES=FILE keeps every measurement of memory, to see whether something grows or settles. The exit status is 1
where something was answered with an error."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from deploy.demo.__main__ import find_clips
from deploy.demo.media import Clips
from tests.bench.soak.load import Load
from tests.bench.soak.measuring import Key, Record, Series
from tests.bench.soak.slopes import Slope, slope
from tests.smoke import alone, topology
from tests.smoke.__main__ import TRIAL, say
from tests.smoke.job import opened, people_join

SECONDS: Final = 5.0
"""Between two measurements."""
STAYED: Final = 6
"""Measurements after which a process is not one that came for a file."""
WARM_UP: Final = 1 / 3
GROWING: Final = ("connections", "idle_in_transaction", "temp_files", "outbox_rows", "messages", "open_jobs")
COUNTED: Final = ("fds", "threads")


def main() -> int:
    """Build here, run apart; the exit status."""
    if os.geteuid() != 0:
        say("networks and users of its own need root: sudo make soak")
        return 2
    clips, _ = find_clips()
    with tempfile.TemporaryDirectory(prefix="fp-soak-") as folder:
        Path(folder).chmod(0o711)
        topology.build(Path(folder), say)
        return alone.run([sys.executable, "-m", "tests.bench.soak", folder, str(clips.folder.absolute())])


def within(folder: Path, media: Path, minutes: float) -> int:
    """All that runs apart."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as ends:
        run = ends.enter_context(topology.running(folder, say, TRIAL))
        trial = opened(run, Clips(media), folder / "people", ends)
        trial.folder.mkdir()
        people_join(trial)
        say(f"{len(run.cells)} containers' worth, healthy; {minutes:g} minutes of load")
        clip = trial.clips.path("copy-messaging-app").read_bytes()
        load = Load(trial.url, trial.people["desk"].key, clip, trial.folder)
        record = Record()
        begun = time.monotonic()
        with load.running():
            _measure(run, record, load, begun + minutes * 60)
        if kept := os.environ.get("SERIES"):
            Path(kept).write_text(json.dumps(record.memory(begun)) + "\n")
        figures = judged(record, begun + minutes * 60 * WARM_UP)
        figures |= {
            "minutes": minutes,
            "errors": len(load.errors),
            "webhooks_told": len(trial.hooks.received),
            **{f"done_{name}": count for name, count in load.done.items()},
        }
        for error in load.errors[:20]:
            say(f"error: {error}")
        for name, value in figures.items():
            say(f"{name:40} {value}")
        if out := os.environ.get("OUT"):
            Path(out).write_text(json.dumps({"figures": figures}, indent=1) + "\n")
    return 1 if load.errors else 0


def _measure(run: topology.Topology, record: Record, load: Load, ends: float) -> None:
    told = 0.0
    while (now := time.monotonic()) < ends:
        record.measure(run)
        if now - told >= 60:
            told = now
            last = {name: series.values[-1] for name, series in record.whole.items()}
            shown = ", ".join(f"{name} {last[name]:g}" for name in GROWING)
            say(f"{(ends - now) / 60:.0f} min left: {dict(load.done)}, {len(load.errors)} errors; {shown}")
        time.sleep(max(0.0, SECONDS - (time.monotonic() - now)))


def judged(record: Record, since: float) -> dict[str, float]:
    """The slopes, printed, and the figures of them."""
    figures: dict[str, float] = {}
    lasting = dict(_lasting(record, since))
    say(f"{'memory of':32} {'MB':>8} {'% an hour':>10}   95 %")
    slopes = {key: slope(one.times, one.values).percent() for key, one in lasting.items()}
    for key, found in sorted(slopes.items(), key=lambda one: -one[1].per_hour):
        say(f"{key[0] + ' ' + key[1]:32} {found.level:8.1f} {_told(found)}")
    ours = {key: one for key, one in slopes.items() if key[1] != "all"}
    servers = {key: one for key, one in slopes.items() if key[1] == "all" and _foreign(record, key[0])}
    figures["memory_slope_percent_per_hour"] = round(max(one.per_hour for one in ours.values()), 2)
    figures["memory_slope_low"] = round(max(one.low for one in ours.values()), 2)
    for (name, _), one in servers.items():
        figures[f"{name}_memory_slope_percent_per_hour"] = round(one.per_hour, 2)
    for what in COUNTED:
        ours_lasting = (one for key, one in _lasting(record, since, what) if key[1] != "all")
        rising = [slope(one.times, one.values).per_hour for one in ours_lasting]
        figures[f"{what}_growth"] = round(max(rising), 2)
    for name, series in record.whole.items():
        kept = series.since(since)
        line = slope(kept.times, kept.values)
        say(f"{name:32} {line.level:8.1f} {line.per_hour:10.2f}   an hour, {line.low:.2f} to {line.high:.2f}")
        if name in GROWING:
            figures[f"{name}_growth"] = round(line.per_hour, 2)
    figures["processes"] = len(ours)
    figures["children_replaced"] = sum(_came_later(record, since))
    return figures


def _lasting(record: Record, since: float, what: str = "memory_mb") -> Iterator[tuple[Key, Series]]:
    """What was measured of those who were there at the first and at the last measurement since then."""
    every = record.whole["connections"].since(since).times
    for key, series in record.processes.items():
        kept = series[what].since(since)
        if len(kept.times) >= len(every) - 1 >= 3:
            yield key, kept


def _came_later(record: Record, since: float) -> Iterator[bool]:
    """For each process of ours: whether it came after the warm-up and stayed (decoders come and go)."""
    for (_, process), series in record.processes.items():
        times = series["memory_mb"].times
        yield process != "all" and times[0] > since and len(times) >= STAYED


def _foreign(record: Record, name: str) -> bool:
    """Whether nothing in the container is ours."""
    return not any(cell == name and process != "all" for cell, process in record.processes)


def _told(found: Slope) -> str:
    return f"{found.per_hour:10.2f}   {found.low:.2f} to {found.high:.2f}"


if __name__ == "__main__":
    wanted = float(os.environ.get("MINUTES") or 30)
    sys.exit(within(Path(sys.argv[1]), Path(sys.argv[2]), wanted) if len(sys.argv) == 3 else main())
