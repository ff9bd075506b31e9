"""Put a steady load on the services of `deploy/compose.yaml`, and measure what grows.

    make soak [MINUTES=30] [OUT=FILE] [SERIES=FILE]

The services run as `deploy/smoke.sh` runs them (root, Debian's servers). The load: documents, files,
digests and hashes, old and new, are looked up and watched. Entries are registered and withdrawn, sometimes
a video that is read in segments. Notices are sent, and webhooks are notified. Every few seconds memory,
files and threads of every process are measured, and connections, transactions, rows, outbox, messages and
temporary files.

The first third of the time is a warm-up, in which caches and heaps reach their size. Then a line is fitted
through each series (Theil and Sen) with its 95 % interval.

Memory is `Pss_Anon` of /proc/PID/smaps_rollup: a process's own memory, with its share of pages from before
a fork. It is judged by role, the sum over a service's processes, and by process.
`memory_slope_percent_per_hour` is the largest of all. If a worker replaces a child that has grown
(RECYCLE_MB), `children_replaced` counts it. The rows of the database that an entry and a lookup add are
printed by table. SERIES=FILE saves every measurement of memory, to see whether something grows or settles.

The exit status is 1 if something was answered with an error, or if something grows beyond its bound
(`tests.bench.soak.judging`). The bounds: memory 1 % an hour, in runs of twenty minutes and more.
Connections, idle transactions and temporary files: no growth. The low end of the interval counts.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from deploy.demo.__main__ import find_clips
from deploy.demo.media import Clips
from tests.bench.soak.judging import GROWING, judged
from tests.bench.soak.load import Load
from tests.bench.soak.measuring import Record
from tests.system.smoke import alone, topology
from tests.system.smoke.__main__ import TRIAL, say
from tests.system.smoke.caller import until
from tests.system.smoke.job import Trial, notice_is_sent, opened, people_join, registered, told_by_webhook

SECONDS: Final = 5.0
"""Between two measurements."""
WARM_UP: Final = 1 / 3
HURRIED: Final = 0.8
"""Share of the warm-up in which there is more to do."""
SETTLED_MINUTES: Final = 20.0
"""A run from which on memory is judged: sooner models, pools and caches are still filled."""
NOTICE_SECONDS: Final = 60.0


def main() -> int:
    """Build here, run in a process of its own, return the exit status."""
    if os.geteuid() != 0:
        say("networks and users of its own need root: sudo make soak")
        return 2
    clips = find_clips()
    with tempfile.TemporaryDirectory(prefix="fp-soak-") as folder:
        Path(folder).chmod(0o711)
        topology.build(Path(folder), say)
        return alone.run([sys.executable, "-m", "tests.bench.soak", folder, str(clips.folder.absolute())])


def within(folder: Path, media: Path, minutes: float) -> int:
    """Run everything inside that process."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as ends:
        run = ends.enter_context(topology.running(folder, say, TRIAL))
        trial = opened(run, Clips(media), folder / "people", ends)
        trial.folder.mkdir()
        people_join(trial)
        say(f"{len(run.cells)} containers' worth, healthy; {minutes:g} minutes of load")
        clip = trial.clips.path("copy-messaging-app").read_bytes()
        for step in (registered, told_by_webhook, notice_is_sent):
            say(step(trial))
        campaign = trial.row("SELECT campaign_id::text FROM campaign")
        assert campaign is not None
        desk, lawyer = trial.people["desk"], trial.people["lawyer"]
        load = Load(trial.url, desk.key, clip, trial.folder, lawyer, campaign[0])
        record = Record()
        begun = time.monotonic()
        load.hurried = begun + minutes * 60 * WARM_UP * HURRIED
        with load.running():
            _measure(run, record, load, begun + minutes * 60)
        if kept := os.environ.get("SERIES"):
            Path(kept).write_text(json.dumps(record.memory(begun)) + "\n")
        _await_notices(trial, load)
        settled = minutes >= SETTLED_MINUTES
        found = judged(record, begun + minutes * 60 * WARM_UP, say, settled=settled)
        figures = found.figures | {
            "minutes": minutes,
            "errors": len(load.errors),
            "over_bounds": len(found.over),
            "webhooks_told": sum(item.target == "/events" for item in trial.hooks.received),
            "notices_told": _notices_received(trial),
            **{f"done_{name}": count for name, count in load.done.items()},
        }
        for error in load.errors[:20]:
            say(f"error: {error}")
        for name, value in figures.items():
            say(f"{name:40} {value}")
        for item in found.over:
            say(f"over its bound: {item}")
        if out := os.environ.get("OUT"):
            Path(out).write_text(json.dumps({"figures": figures}, indent=1) + "\n")
    return 1 if load.errors or found.over else 0


def _notices_received(trial: Trial) -> int:
    """Return how many notices reached the platform."""
    return sum(item.target == "/telegram" for item in trial.hooks.received)


def _await_notices(trial: Trial, load: Load) -> None:
    """Wait until each sent notice has arrived, the first one included. Otherwise record an error."""
    sent = load.done["send_notice"] + 1
    try:
        until(lambda: _notices_received(trial) >= sent, NOTICE_SECONDS)
    except TimeoutError:
        load.errors.append(f"of {sent} notices {_notices_received(trial)} came")


def _measure(run: topology.Topology, record: Record, load: Load, ends: float) -> None:
    last_report = 0.0
    while (now := time.monotonic()) < ends:
        record.measure(run, load.done)
        if now - last_report >= 60:
            last_report = now
            last = {name: series.values[-1] for name, series in record.whole.items()}
            shown = ", ".join(f"{name} {last[name]:g}" for name in GROWING)
            say(f"{(ends - now) / 60:.0f} min left: {dict(load.done)}, {len(load.errors)} errors; {shown}")
        time.sleep(max(0.0, SECONDS - (time.monotonic() - now)))


if __name__ == "__main__":
    wanted = float(os.environ.get("MINUTES") or 30)
    sys.exit(within(Path(sys.argv[1]), Path(sys.argv[2]), wanted) if len(sys.argv) == 3 else main())
