"""Measure the gain of a second worker for one long video: `python -m tests.bench.speed.split [VIDEO]`.

Without VIDEO, ten minutes of 720p are made (MINUTES=n: n). Shots take six and a half seconds, with grain,
a face in three fifths of them, and a keyframe every 250 frames and at each shot. No keyframe falls on a
full minute, where segments begin, so each segment decodes its first picture twice. Videos up to three
minutes are not divided (FAKEPRINT_SPLIT_SECONDS).

The video is registered on a real database with real worker processes, each on a processor of its own: by
one worker in one piece, by one in segments, by two. Each is done `ROUNDS` times in turns, every second
round backwards. A ratio is that of two runs of the same round, and the result is the geometric mean of all
rounds. A shared machine changes its speed by a tenth within a quarter of an hour, so the fastest runs
would not compare. All stored results have to be equal (`tests.system.chaos.stored`).

Wall time is from the registration until the entry is matchable, with hashing, dividing and joining. CPU is
that of the workers and their children. On a busy machine wall time says little. So `speedup_2_workers_cpu`
divides the CPU seconds of one worker by those of the busier of two, which is the wall-time gain on an idle
machine. OUT=file writes the figures as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import geometric_mean
from time import monotonic, perf_counter, sleep
from typing import Final

import av
import imageio_ffmpeg
import psutil
import psycopg

from registry.core.settings import Settings
from tests.bench.speed import fingerprint
from tests.support.service import servers as services
from tests.support.service.deployment import Deployment, deployment, says
from tests.system.chaos.stored import FINGERPRINT

MINUTES: Final = 10
ROUNDS: Final = 2
SHOT_FRAMES: Final = 195
"""Of thirty a second: multiples of it, and of ten of it, meet a full minute after thirteen minutes."""
LONGEST: Final = 4 * 3600
"""Seconds that one run may take on a busy machine."""
MATCHABLE: Final = "SELECT 1 FROM entry WHERE status = 'matchable'"
FAILED: Final = "SELECT error_code FROM asset WHERE error_code IS NOT NULL"


@dataclass(frozen=True)
class Run:
    """Seconds of one registration: wall, and CPU of each worker. `stored`: digests of its results by
    table."""

    wall: float
    cpu: tuple[float, ...]
    stored: dict[str, str | None]


def measure(video: Path | None = None, *, minutes: int = MINUTES) -> dict[str, float]:
    """Return the figures and print each run as it ends. Raises `AssertionError` if results differ."""
    ways = (("whole", 1, False), ("one", 1, True), ("two", 2, True))
    rounds: list[dict[str, Run]] = []
    with services.open_temporary_folder("split") as folder:
        video = video or long_video(folder, minutes)
        for number in range(1, ROUNDS + 1):
            rounds.append({})
            for name, workers, split in ways if number % 2 else reversed(ways):
                rounds[-1][name] = _registered(folder / f"{name}-{number}", video, workers, split=split)
    every = [run.stored for runs in rounds for run in runs.values()]
    assert all(item == every[0] for item in every), f"the results differ: {every}"
    figures = {
        "speedup_2_workers": _ratio(rounds, "one", "two", lambda run: run.wall),
        "speedup_2_workers_over_whole": _ratio(rounds, "whole", "two", lambda run: run.wall),
        "speedup_2_workers_cpu": _ratio(rounds, "one", "two", lambda run: max(run.cpu)),
        "speedup_2_workers_over_whole_cpu": _ratio(rounds, "whole", "two", lambda run: max(run.cpu)),
        "split_cpu_over_whole": _ratio(rounds, "one", "whole", lambda run: sum(run.cpu)),
    }
    for name, called in (("whole", "whole"), ("one", "one_worker"), ("two", "two_workers")):
        figures[f"{called}_wall_s"] = round(geometric_mean([runs[name].wall for runs in rounds]), 1)
        figures[f"{called}_cpu_s"] = round(geometric_mean([sum(runs[name].cpu) for runs in rounds]), 1)
    return figures


def _ratio(rounds: Sequence[Mapping[str, Run]], above: str, below: str, of: Callable[[Run], float]) -> float:
    return round(geometric_mean([of(runs[above]) / of(runs[below]) for runs in rounds]), 3)


def long_video(folder: Path, minutes: int) -> Path:
    """Make a video of repeated shots like those of `make bench-fingerprint`, with sound. Ten shots are
    longer than a minute, so each minute differs. Raises `AssertionError` if a keyframe falls on a minute."""
    shots = fingerprint.made(folder / "shots.mp4", shot_frames=SHOT_FRAMES)
    path = folder / "long.mp4"
    tone = ["-f", "lavfi", "-i", f"anoisesrc=d={minutes * 60}:a=.2:seed=1"]
    given = ["-stream_loop", str(minutes - 1), "-i", str(shots), *tone, "-c:v", "copy", "-c:a", "aac"]
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([program, "-v", "error", *given, "-t", str(minutes * 60), str(path)], check=True)
    keys = keyframes(path)
    assert len(keys) > 2 * minutes, keys
    assert all(abs(key - 60 * round(key / 60)) > 0.1 for key in keys if key > 1), keys
    return path


def keyframes(path: Path) -> list[float]:
    """Return the times of keyframes, in seconds from the first picture."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        found = [
            float(item.pts * item.time_base)
            for item in container.demux(stream)
            if item.is_keyframe and item.pts is not None
        ]
    return [at - found[0] for at in found]


def _registered(folder: Path, video: Path, workers: int, *, split: bool) -> Run:
    folder.mkdir(mode=0o711)
    with ExitStack() as ends:
        server = ends.enter_context(services.postgres())
        database_url = ends.enter_context(server.clone())
        longer = float(Settings.model_fields["split_seconds"].default) if split else 0.0
        deployed = ends.enter_context(
            deployment(database_url, "", folder, lease_seconds=60, split_seconds=longer)
        )
        processors = sorted(os.sched_getaffinity(0))
        media = [
            deployed.worker(
                *("--queues", "media", "--concurrency", "1"),
                prelude=f"import os; os.sched_setaffinity(0, {{{processors[at % len(processors)]}}})",
            )
            for at in range(workers)
        ]
        deployed.worker("--queues", "control", "--beat")
        services.wait_until(lambda: all(says(log, "ready") for log in deployed.logs), 300)
        before = [_cpu(process.pid) for process in media]
        began = perf_counter()
        deployed.register(video)
        _await_end(database_url)
        wall = perf_counter() - began
        cpu = tuple(_cpu(process.pid) - at for process, at in zip(media, before, strict=True))
        run = Run(wall, cpu, _stored(deployed))
    shares = " + ".join(f"{number:.1f}" for number in cpu)
    load = os.getloadavg()[0]
    print(f"{folder.name}: {wall:.1f} s, CPU {shares} s (load {load:.1f})", flush=True)
    return run


def _await_end(database_url: str) -> None:
    """Wait until the entry is matchable or has failed. It polls on one connection, twice a second. New
    connections, twenty times a second, took a fifth of a processor."""
    end = monotonic() + LONGEST
    with psycopg.connect(database_url, autocommit=True) as connection:
        while not any(connection.execute(query.encode()).fetchone() for query in (MATCHABLE, FAILED)):
            if monotonic() > end:
                raise TimeoutError(f"not done within {LONGEST} s")
            sleep(0.5)


def _stored(deployed: Deployment) -> dict[str, str | None]:
    failed = deployed.row(FAILED)
    assert not failed, failed
    stored: dict[str, str | None] = deployed.row(FINGERPRINT)["parts"]
    assert stored["frames"], stored
    return stored


def _cpu(pid: int) -> float:
    """Return CPU seconds of a worker, its pool, and all their ended children."""
    top = psutil.Process(pid)
    spent = 0.0
    for process in (top, *top.children(recursive=True)):
        times = process.cpu_times()
        spent += times.user + times.system + times.children_user + times.children_system
    return spent


def main(arguments: list[str]) -> None:
    video = Path(arguments[0]) if arguments else None
    answer = json.dumps({"figures": measure(video, minutes=int(os.environ.get("MINUTES", MINUTES)))})
    print(answer)
    if target := os.environ.get("OUT"):
        Path(target).write_text(answer + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
