"""The first figures: register real face-swaps, look re-encoded copies and unrelated clips up.

    python tests/bench/accuracy/first.py ../shared/eval          (or: make bench-first EVAL=../shared/eval)

EVAL holds `deepfake_pairs/dfl/*.right.mp4` (fakes), `*.left.mp4` (the same frames, authentic) and `clips/`.
The fakes are registered by upload through the API of a service of its own, so that real workers fingerprint
them; queries are hashed here and sent as documents, as `fakeprint lookup` does. OUT=file writes the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
import imageio_ffmpeg
import psutil

from registry.catalogue.fingerprints.model.document import to_document
from workers.pipeline.fingerprint import fingerprint_file

TOLERANCE: Final = 0.5
MESSENGER: Final = ("-vf", "scale=640:-2", "-c:v", "libx264", "-preset", "fast", "-crf", "30", "-an")
REPEATS: Final = 5


@dataclass(frozen=True, slots=True)
class Running:
    """A service of this run: its client and its data folder."""

    client: httpx2.Client
    data: Path

    def memory_mb(self, command: str) -> float:
        """Peak resident memory of the largest process tree of `fakeprint <command>`, in MB."""
        pids = json.loads((self.data / "run.json").read_text())["pids"]
        peaks = []
        for name, pid in pids.items():
            if command in name:
                parent = psutil.Process(pid)
                peaks.append(max(_peak_mb(item.pid) for item in [parent, *parent.children(recursive=True)]))
        return max(peaks)


@contextmanager
def running() -> Iterator[Running]:
    """`fakeprint up` on a free port with a folder of its own, ended afterwards."""
    with tempfile.TemporaryDirectory(prefix="fakeprint-bench-") as folder:
        # Root's database runs as nobody: where it cannot reach the folder, it lies, and stays, elsewhere.
        Path(folder).chmod(0o711)
        data = Path(folder) / "data"
        program = Path(sys.executable).parent / "fakeprint"
        command = [str(program), "up", "--data", str(data), "--port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line.startswith("ready "):
                message = f"the service did not start: {line!r}"
                raise SystemExit(message)
            key = (data / "admin.key").read_text().strip()
            headers = {"Authorization": f"Bearer {key}"}
            with httpx2.Client(base_url=line.split()[1], headers=headers, timeout=120) as client:
                yield Running(client, data)
        finally:
            process.terminate()
            process.wait(timeout=60)


def main() -> None:
    """Run, print, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("eval", type=Path, help="folder of the evaluation media")
    folder: Path = parser.parse_args().eval
    fakes = sorted((folder / "deepfake_pairs" / "dfl").glob("*.right.mp4"))
    clips = sorted(path for path in (folder / "clips").rglob("*") if path.is_file())
    if not fakes or not clips:
        parser.error(f"{folder} holds no deepfake_pairs/dfl/*.right.mp4 or no clips/")
    with running() as service, tempfile.TemporaryDirectory(prefix="fakeprint-copies-") as copies:
        figures = measure(service, fakes, clips, Path(copies))
    print(json.dumps(figures, indent=2))
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps({"figures": figures}, indent=2) + "\n")


def measure(service: Running, fakes: list[Path], clips: list[Path], copies: Path) -> dict[str, float]:
    """Register, look up, count."""
    started = time.perf_counter()
    entries = {fake: register(service.client, fake) for fake in fakes}
    for entry_id in entries.values():
        wait_until_matchable(service.client, entry_id)
    registered = time.perf_counter() - started
    times: list[float] = []
    found = right = originals_accused = accused = 0
    print(f"{'copy of':34} {'verdict':18} {'query s':>14} {'asset s':>14} {'faces':>6}")
    for fake in fakes:
        query = document(reencoded(fake, copies))
        answer = look_up(service.client, query, times)
        hits = [match for match in answer["matches"] if match["entry_id"] == entries[fake]]
        found += bool(hits) and answer["verdict"] == "known_fake"
        spans = hits[0]["spans"] if hits else []
        right += any(_is_whole(span, query["duration"]) for span in spans)
        _row(fake.name, answer, spans)
    print(f"\n{'re-encoded original of':34}")
    for fake in fakes:
        original = fake.with_name(fake.name.replace(".right.", ".left."))
        answer = look_up(service.client, document(reencoded(original, copies)), times)
        originals_accused += answer["verdict"] == "known_fake"
        _row(fake.name, answer, answer["matches"][0]["spans"] if answer["matches"] else [])
    print(f"\n{'unrelated clip':34}")
    for clip in clips:
        answer = look_up(service.client, document(clip), times)
        accused += answer["verdict"] == "known_fake"
        _row(clip.name, answer, answer["matches"][0]["spans"] if answer["matches"] else [])
    print()
    return {
        "fakes": len(fakes),
        "copies_known_fake": found,
        "copies_span_within_half_second": right,
        "originals_known_fake": originals_accused,
        "unrelated_clips": len(clips),
        "unrelated_known_fake": accused,
        "answer_p50_ms": round(statistics.median(times), 2),
        "answer_p95_ms": round(statistics.quantiles(times, n=20)[-1], 2),
        "register_s": round(registered, 1),
        "api_peak_mb": round(service.memory_mb("api")),
        "worker_peak_mb": round(service.memory_mb("worker")),
    }


def register(client: httpx2.Client, path: Path) -> str:
    """Upload a fake; the entry's id."""
    with path.open("rb") as stream:
        answer = client.post(
            "/v1/entries", files={"fake": (path.name, stream)}, data={"manipulation": "face_swap"}
        )
    answer.raise_for_status()
    entry_id: str = answer.json()["entry_id"]
    return entry_id


def wait_until_matchable(client: httpx2.Client, entry_id: str) -> None:
    """Poll an entry until the workers have done their part."""
    while (entry := client.get(f"/v1/entries/{entry_id}").json())["status"] == "pending":
        time.sleep(0.2)
    if entry["status"] != "matchable":
        message = f"entry {entry_id}: {entry['error']}"
        raise SystemExit(message)


def reencoded(path: Path, folder: Path) -> Path:
    """The copy that a messaging app would make: 640 pixels wide, H.264 at CRF 30."""
    copy = folder / path.name
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([program, "-v", "error", "-i", str(path), *MESSENGER, str(copy)], check=True)
    return copy


def document(path: Path) -> dict[str, Any]:
    """The fingerprint document of a file, with faces."""
    return to_document(fingerprint_file(path), faces=True)


def look_up(client: httpx2.Client, query: dict[str, Any], times: list[float]) -> dict[str, Any]:
    """Ask; the milliseconds from the document's arrival to the answer are the service's own."""
    answer: dict[str, Any] = {}
    for _ in range(REPEATS):
        response = client.post("/v1/lookups", json={"type": "document", "document": query})
        response.raise_for_status()
        answer = response.json()
        times.append(answer["timing_ms"]["total"])
    return answer


def _is_whole(span: dict[str, Any], duration: float) -> bool:
    edges = [*span["query"], *span["asset"]]
    wanted = [0.0, duration, 0.0, duration]
    return all(abs(edge - want) <= TOLERANCE for edge, want in zip(edges, wanted, strict=True))


def _row(name: str, answer: dict[str, Any], spans: list[dict[str, Any]]) -> None:
    def seconds(side: str) -> str:
        return f"{spans[0][side][0]:.1f}-{spans[0][side][1]:.1f}" if spans else "-"

    compared = answer["matches"][0]["signals"]["faces"]["compared"] if answer["matches"] else 0
    reasons = ",".join(answer["reasons"])
    where = f"{seconds('query'):>14} {seconds('asset'):>14}"
    print(f"{name[:34]:34} {answer['verdict']:18} {where} {compared:>6} {reasons}")


def _peak_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
