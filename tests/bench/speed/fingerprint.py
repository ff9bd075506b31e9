"""What fingerprinting costs against decoding alone: `python tests/bench/speed/fingerprint.py [VIDEO]`.

Without VIDEO it makes 60 s of 720p H.264 out of scikit-image's photographs: pans and cuts, grain, and a face
in three fifths of it. Each figure is taken in a process of its own, the best of three, in CPU seconds
(`getrusage`, children included), and the largest resident set in MB. `decode_cpu_s` is PyAV decoding every
frame on one thread; `fingerprint_cpu_s` is without loading the models, which costs `start_cpu_s` once.
With OUT=file the figures are also written there as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
SHOTS: Final = 10
RATE: Final = 30
RUNS: Final = 3


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        video = Path(arguments[0]) if arguments else made(Path(folder) / "minute.mp4")
        decode = min(measured("decode", video)["cpu_s"] for _ in range(RUNS))
        runs = [measured("fingerprint", video) for _ in range(RUNS)]
        warm, query = (min(measured(what, video)["cpu_s"] for _ in range(RUNS)) for what in ("warm", "query"))
    best = min(runs, key=lambda run: run["cpu_s"])
    figures = {
        "fingerprint_over_decode": round(query / decode, 3),
        "registration_over_decode": round(warm / decode, 3),
        "decode_cpu_s": round(decode, 3),
        "fingerprint_cpu_s": round(query, 3),
        "registration_cpu_s": round(warm, 3),
        "start_cpu_s": round(best["cpu_s"] - warm, 3),
        "peak_rss_mb": round(max(run["rss_mb"] for run in runs), 1),
        "samples": best["samples"],
        "faces": best["faces"],
    }
    answer = json.dumps({"figures": figures})
    print(answer)
    if target := os.environ.get("OUT"):
        Path(target).write_text(answer + "\n", encoding="utf-8")


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


def made(path: Path, shot_frames: int = 6 * RATE) -> Path:
    """Ten shots of 720p, a minute unless told otherwise: panning over photographs, a face in three of five.

    With grain, as a camera gives it: upscaled photographs without it decode in half the time of footage.
    """
    import numpy as np

    from tests.support.media import clips as media

    shots = ("astronaut", "coffee", "astronaut", "chelsea", "astronaut")
    grain = np.random.default_rng(0).normal(0, 4, (8, 720, 1280, 1))

    def frames() -> Iterator[media.Pixels]:
        for index in range(SHOTS):
            name = shots[index % len(shots)]
            reach = 0.3 if name == "astronaut" else 1.0  # her face stays in view
            for place, frame in enumerate(media.panning(name, 1280, 720, shot_frames, reach)):
                yield np.clip(frame + grain[place % len(grain)], 0, 255).astype(np.uint8)

    return media.encode(path, frames(), rate=RATE, options={"crf": "23", "preset": "medium"})


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        print(json.dumps(run(sys.argv[2], Path(sys.argv[3]))))
    else:
        sys.path.insert(0, str(ROOT))
        main(sys.argv[1:])
