"""What fingerprinting costs against decoding alone: `python tests/bench/speed/fingerprint.py [VIDEO]`.

Without VIDEO it makes 60 s of 720p H.264 out of scikit-image's photographs: pans and cuts, grain, and a face
in three fifths of it. The film is kept in .cache/bench-fingerprint, since making it takes longer than
measuring. `short_*` are of its first 13 s: queries are sampled densely for 8 s, so short clips cost more.

Each figure is taken in a process of its own, the best of three, in CPU seconds (`getrusage`, children
included), and the largest resident set in MB. `decode_cpu_s` is PyAV decoding every frame on one thread;
`fingerprint_cpu_s` is without loading the models, which costs `start_cpu_s` once. Progress goes to standard
error. QUICK=1 measures the 13 s alone, once, in half a minute. With OUT=file the figures are also written
there as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
CACHE: Final = ROOT / ".cache" / "bench-fingerprint"
MADE: Final = 1
"""Version of the films: another is made after a change."""
SHOTS: Final = 10
SECONDS: Final = 60
SHORT_SHOTS: Final = 3
SHORT_SECONDS: Final = 13
NAMES: Final = ("astronaut", "coffee", "astronaut", "chelsea", "astronaut")
"""Photographs of the shots, repeated: each is drawn and encoded once."""
SHOT_MAKING_S: Final = 8
RATE: Final = 30
RUNS: Final = 3


def main(arguments: list[str]) -> None:
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    figures: dict[str, float] = {}
    if arguments:
        figures = taken(Path(arguments[0]), 1 if quick else RUNS, registered=not quick)
    else:
        short = film("short", SHORT_SHOTS, SHORT_SECONDS)
        for name, figure in taken(short, 1 if quick else RUNS, registered=False).items():
            figures[f"short_{name}"] = figure
        if not quick:
            figures = taken(film("minute", SHOTS, SECONDS), RUNS, registered=True) | figures
    answer = json.dumps({"figures": figures})
    print(answer)
    if target := os.environ.get("OUT"):
        Path(target).write_text(answer + "\n", encoding="utf-8")


def taken(video: Path, runs: int, *, registered: bool) -> dict[str, float]:
    """Return the figures of a video. `registered`: also those of a registration, and of a worker's first."""

    def best(what: str) -> dict[str, float]:
        found = []
        for number in range(1, runs + 1):
            found.append(measured(what, video))
            line = f"{video.stem}: {what}, {number} of {runs}: {found[-1]['cpu_s']:.2f} s of CPU"
            print(line, file=sys.stderr, flush=True)
        return min(found, key=lambda run: run["cpu_s"])

    decode, query = best("decode")["cpu_s"], best("query")
    figures = {
        "fingerprint_over_decode": round(query["cpu_s"] / decode, 3),
        "decode_cpu_s": round(decode, 3),
        "fingerprint_cpu_s": round(query["cpu_s"], 3),
        "samples": query["samples"],
        "faces": query["faces"],
    }
    if registered:
        warm, first = best("warm"), measured("fingerprint", video)
        figures |= {
            "registration_over_decode": round(warm["cpu_s"] / decode, 3),
            "registration_cpu_s": round(warm["cpu_s"], 3),
            "start_cpu_s": round(max(first["cpu_s"] - warm["cpu_s"], 0), 3),
            "peak_rss_mb": round(first["rss_mb"], 1),
        }
    return figures


def film(name: str, shots: int, seconds: int) -> Path:
    """Return the film of this name, made if it is not in the cache."""
    path = CACHE / f"{name}-{MADE}.mp4"
    if not path.exists():
        print(
            f"making {name}: {shots} shots of 720p, {SHOT_MAKING_S} s of CPU each",
            file=sys.stderr,
            flush=True,
        )
        CACHE.mkdir(parents=True, exist_ok=True)
        made(path.with_suffix(".part.mp4"), shots=shots, seconds=seconds).replace(path)
    return path


def measured(what: str, video: Path) -> dict[str, float]:
    """CPU seconds and peak memory of one run in a process of its own."""
    command = [sys.executable, __file__, "--run", what, str(video)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def run(what: str, video: Path) -> dict[str, float]:
    """One measured run, in this process. `fingerprint`: what is registered, as a worker's first task; `warm`
    and `query`: what is registered and what is asked, models loaded before, as in its second."""
    found = {"samples": 0.0, "faces": 0.0}
    if what == "decode":
        import av  # noqa: F401  # the import is not what is measured

        began = cpu()
        decode(video)
    else:
        from workers.pipeline.fingerprint import fingerprint_file

        thorough = what != "query"
        if what != "fingerprint":
            fingerprint_file(video, thorough=thorough)
        began = cpu()
        fingerprint = fingerprint_file(video, thorough=thorough)
        found = {"samples": fingerprint.distinct_instants, "faces": len(fingerprint.faces)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu_s": cpu() - began, "rss_mb": peak, **found}


def decode(video: Path) -> None:
    import av

    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for _ in container.decode(stream):
            pass


def cpu() -> float:
    """CPU seconds of this process and of the children it has waited for."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(item.ru_utime + item.ru_stime for item in spent)


def made(path: Path, shot_frames: int = 6 * RATE, *, shots: int = SHOTS, seconds: int = SECONDS) -> Path:
    """Ten shots of 720p, a minute unless told otherwise: panning over photographs, a face in three of five.

    With grain, as a camera gives it: upscaled photographs without it decode in half the time of footage. The
    shots are encoded once, and repeated without another encoding.
    """
    import cv2
    import numpy as np

    from tests.support.media import clips as media

    noise = np.random.default_rng(0).normal(0, 4, (8, 720, 1280, 1))
    grain = np.ascontiguousarray(np.broadcast_to(noise, (*noise.shape[:3], 3)).astype(np.int16))

    def frames() -> Iterator[media.Pixels]:
        for name in NAMES[:shots]:
            reach = 0.3 if name == "astronaut" else 1.0  # her face stays in view
            for place, frame in enumerate(media.panning(name, 1280, 720, shot_frames, reach)):
                grainy = cv2.add(frame, grain[place % len(grain)], dtype=cv2.CV_8U)
                yield grainy.astype(np.uint8, copy=False)

    options = {"crf": "23", "preset": "medium"}
    once = media.encode(path.with_suffix(".once.mp4"), frames(), rate=RATE, options=options)
    again, length = max(0, -(-shots // len(NAMES)) - 1), min(seconds, shots * shot_frames / RATE)
    media.ffmpeg("-stream_loop", str(again), "-i", once, "-c", "copy", "-t", str(length), path)
    once.unlink()
    return path


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        print(json.dumps(run(sys.argv[2], Path(sys.argv[3]))))
    else:
        sys.path.insert(0, str(ROOT))
        main(sys.argv[1:])
