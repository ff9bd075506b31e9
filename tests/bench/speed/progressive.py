"""Compare the cost of a progressive lookup with decoding: `python tests/bench/speed/progressive.py
[VIDEO]`.

VIDEO is registered (default: the drawn minute of `fingerprint.py`), and a default x264 re-encode of it is
looked up. The figure is the CPU time of a worker from the file to a settled lookup, in one process with
loaded models. It covers identification, reading packets, decoding, hashing, faces, alignment and decision.
If keyframes do not settle the lookup, the full reading is included. The candidate is in memory: PostgreSQL
is measured elsewhere. OUT=file writes the figures as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from registry.catalogue.entries.model.entry import Candidate
    from registry.catalogue.fingerprints.model.fingerprint import Fingerprint

ROOT: Final = Path(__file__).parents[3]
RUNS: Final = 3
APP: Final = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-an")
"""How the app that sends it on encodes it: x264's defaults, so keyframes at cuts and every 250 frames."""


def main(arguments: list[str]) -> None:
    from tests.bench.speed.fingerprint import made

    with tempfile.TemporaryDirectory() as folder:
        video = Path(arguments[0]) if arguments else made(Path(folder) / "minute.mp4")
        copy = resent(video, Path(folder) / "copy.mp4")
        ratio, decode, found = over_decode(video, copy, runs=RUNS)
    figures = {
        "progressive_over_decode": round(ratio, 3),
        "decode_cpu_s": round(decode, 3),
        "progressive_cpu_s": round(ratio * decode, 3),
    }
    answer = json.dumps({"figures": figures, "sampling": found["sampling"], "verdict": found["verdict"]})
    print(answer)
    if target := os.environ.get("OUT"):
        Path(target).write_text(answer + "\n", encoding="utf-8")


def resent(video: Path, copy: Path) -> Path:
    """Return `video` as an app re-encodes it, at its own size."""
    from tests.support.media import clips as media

    if not copy.exists():
        media.ffmpeg("-i", video, *APP, copy)
    return copy


def over_decode(video: Path, copy: Path, *, runs: int) -> tuple[float, float, dict[str, Any]]:
    """Return the CPU time of looking `copy` up with `video` registered, divided by that of decoding it on
    one thread. Also return the decoding time in CPU seconds and the answer. The best of so many runs
    counts."""
    from tests.bench.speed.fingerprint import measured

    decode = min(measured("decode", copy)["cpu_s"] for _ in range(runs))
    found = min((_measured(video, copy) for _ in range(runs)), key=lambda run: run["cpu_s"])
    return found["cpu_s"] / decode, decode, found


def _measured(video: Path, copy: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--run", str(video), str(copy)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    ran = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def run(video: Path, copy: Path) -> dict[str, Any]:
    """Run one measured lookup in this process."""
    from registry.catalogue.entries.model.entry import Query, is_partial
    from registry.catalogue.fingerprints.model import timeline
    from registry.catalogue.fingerprints.model.fingerprint import Sampling
    from registry.core.errors import NotSettled
    from registry.matching.decision.model import decision, keyframe_answers
    from tests.bench.speed.fingerprint import cpu
    from workers.pipeline.fingerprint import fingerprint_file

    # The models are loaded by this, as in a worker's second task.
    fake = candidate(fingerprint_file(video))

    def make(sampling: Sampling, before: Fingerprint | None) -> Fingerprint | None:
        with suppress(NotSettled):
            return fingerprint_file(copy, sampling=sampling, before=before)
        return None

    def ask(found: Fingerprint) -> dict[str, str] | keyframe_answers.Unsettled:
        query = Query.of(found, *timeline.of_fingerprint(found))
        decided = decision.decide(query, [fake])
        wanted = keyframe_answers.needed(query, decided, seen=bool(found.frames))
        if is_partial(found) and wanted != "nothing":
            return keyframe_answers.Unsettled(wanted)
        sampling = "keyframes" if is_partial(found) else "full"
        return {"verdict": decided.verdict, "sampling": sampling}

    began = cpu()
    answer = keyframe_answers.in_steps(make, ask)
    assert not isinstance(answer, keyframe_answers.Unsettled)
    return {"cpu_s": cpu() - began, **answer}


def candidate(found: Fingerprint) -> Candidate:
    """Return the fingerprint as that of a reviewed fake without further details."""
    from uuid import UUID

    from registry.catalogue.entries.model.entry import Candidate, Policy
    from registry.catalogue.fingerprints.model import timeline

    frames, faces = timeline.of_frames([frame for frame in found.frames if frame.stored]), found.faces
    return Candidate(
        asset_id=UUID(int=1),
        entry_id=UUID(int=2),
        role="fake",
        sha256=found.media.sha256,
        kind=found.media.kind,
        duration=found.media.duration,
        title="fake",
        bank="default",
        tier="reviewed",
        original_tier="reviewed",
        manipulation=None,
        own=True,
        policy=Policy(),
        references=(),
        frames=frames,
        faces=timeline.of_faces(faces),
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        print(json.dumps(run(Path(sys.argv[2]), Path(sys.argv[3]))))
    else:
        sys.path.insert(0, str(ROOT))
        main(sys.argv[1:])
