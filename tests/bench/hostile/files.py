"""The corpus through a whole `fakeprint up`: what dies, what is not foreseen, what it costs, and whom it
holds up.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import psycopg

from registry.app.embedded import location
from registry.app.embedded.folder import DataFolder
from registry.app.embedded.postgres import Cluster
from tests.bench.hostile import good as good_file
from tests.bench.hostile.good import Good, p95
from tests.bench.hostile.network import Outside
from tests.bench.hostile.sending import Sender, Sent, organization
from tests.bench.hostile.watching import PERIOD, Decoder, Watch, watched
from tests.hostile import corpus
from tests.hostile.corpus import Case
from tests.support.media import clips
from tests.support.service import servers as services
from tests.support.service import up as started
from tests.support.service.up import Up

SENDERS: Final = 4
ALONE: Final = 15
"""Lookups of a good file before the others are sent, and as many after."""
PAUSE: Final = 1.0
"""Seconds between lookups of a good file."""
SETTLED: Final = 900.0
"""Seconds in which the last jobs may end."""
MEGABYTE: Final = 1_000_000
LARGE: Final = 600
"""Megabytes from which a growth of memory is listed with its file."""
JOBS: Final = """
    SELECT job_id::text, task, subject_id::text, status, attempts, error_code, worker, finished_at, queue
    FROM job
"""
TURNS: Final = """
    SELECT subject_id::text, queue, extract(epoch FROM created_at)::float8,
           extract(epoch FROM began_at)::float8, extract(epoch FROM finished_at)::float8
    FROM job WHERE subject_id = ANY (%s::uuid[]) AND finished_at IS NOT NULL ORDER BY created_at
"""
SLOWEST: Final = 5
UNFORESEEN: Final = ("nobody foresaw", '"level":"CRITICAL"', "Traceback")


def measure(outside: Outside | None, *, share: float = 1.0) -> dict[str, Any]:
    """Send the corpus; return the figures. `share`: of the systematic changes."""
    cases = list(corpus.cases(share=share))
    with services.open_temporary_folder("hostile") as folder, tempfile.TemporaryDirectory() as scratch:
        temporary = folder / "tmp"
        temporary.mkdir()
        temporary.chmod(0o1777)
        more = {"TMPDIR": str(temporary), "FAKEPRINT_LOG_FORMAT": "json"}
        before = len(outside.targets) if outside else 0
        with started.running(folder / "data", "--workers", "1", **more) as up, watched(up) as watch:
            good = clips.clip(Path(scratch) / "good.mp4", seconds=4.0, size=(320, 180))
            alone, beside, sent = _run(up, cases, good)
            jobs = _settled(up)
            for name, good_ in (("alone", alone), ("beside", beside)):
                _say_turns(up, name, good_)
            logs = list(_unforeseen(up))
            if keep := os.environ.get("KEEP"):
                shutil.copytree(up.data / "logs", keep, dirs_exist_ok=True)
            kept = [path.name for path in temporary.rglob("*") if path.is_file()]
            kept += [str(path) for path in (up.data / "blobs").rglob("*.part")]
        report = Report(cases, sent, jobs, watch, logs)
        figures = report.figures() | {
            "good_file_p95_s_beside": round(beside.p95 / alone.p95, 2),
            "temp_files_left": len(kept),
        }
        figures["internal_errors"] += sum(
            wrong.startswith("500") for good_ in (alone, beside) for wrong in good_.failed
        )
        if outside is not None:
            figures["outside_connections"] = len(outside.targets) - before
        _explain(report, alone, beside, kept, outside)
        return figures


def _run(up: Up, cases: Sequence[Case], good: Path) -> tuple[Good, Good, Sent]:
    key = (up.data / "admin.key").read_text().strip()
    alone, beside, sent = Good(), Good(), Sent()
    with (
        organization(up.url, key, "lookup") as client,
        good_file.asker(up.url, client.headers["authorization"], good) as asker,
    ):
        Good().ask(asker)  # models are loaded
        for _ in range(ALONE):
            alone.ask(asker)
        waiting: queue.SimpleQueue[Case] = queue.SimpleQueue()
        for case in cases:
            waiting.put(case)
        over = threading.Event()

        def ask() -> None:
            while not over.wait(PAUSE):
                beside.ask(asker)

        with ThreadPoolExecutor(SENDERS + 1) as pool:
            asking = pool.submit(ask)
            senders = [pool.submit(_send, Sender(up.url, key, sent), waiting) for _ in range(SENDERS)]
            for sender in senders:
                sender.result()
            asked = beside.taken
            say(f"good file: {len(asked)} while files are sent, p95 {p95(asked or [0.0]):.2f} s")
            _settled(up)
            over.set()
            asking.result()
        for _ in range(ALONE):  # the machine may have other work by now
            alone.ask(asker)
    return alone, beside, sent


def _send(sender: Sender, waiting: queue.SimpleQueue[Case]) -> None:
    while True:
        try:
            case = waiting.get_nowait()
        except queue.Empty:
            return
        sender.send(case)
        if waiting.qsize() % 100 == 0:
            print(f"{time.strftime('%H:%M:%S')} {waiting.qsize()} files to send", file=sys.stderr, flush=True)


@contextmanager
def _database(up: Up) -> Iterator[psycopg.Connection[Any]]:
    folder = DataFolder(up.data)
    cluster = Cluster(location.home(up.data), folder.password, folder.log("postgres"))
    cluster.sockets = Path((cluster.data / "postmaster.pid").read_text().splitlines()[4])
    with psycopg.connect(cluster.url) as connection:
        yield connection


def _settled(up: Up) -> list[tuple[Any, ...]]:
    """Wait until no job is open; return all jobs."""
    ends = time.monotonic() + SETTLED
    while True:
        with _database(up) as connection:
            jobs = connection.execute(JOBS).fetchall()
        waiting = [job for job in jobs if job[3] in {"queued", "running"} and job[1] in MEDIA]
        if not waiting or time.monotonic() > ends:
            return jobs
        time.sleep(1)


def _say_turns(up: Up, name: str, good: Good) -> None:
    """Say how long a good file waited for a process, and how long it was worked on; and when, of the answers
    that came last."""
    with _database(up) as connection:
        turns = connection.execute(TURNS, [[answer.lookup_id for answer in good.answers]]).fetchall()
    waited, taken = [turn[3] - turn[2] for turn in turns], [turn[4] - turn[3] for turn in turns]
    say(f"good file {name}: waited p95 {p95(waited):.2f} s, then took p95 {p95(taken):.2f} s")
    for answer in sorted(good.answers, key=lambda answer: answer.asked - answer.told)[:SLOWEST]:
        jobs = (
            f"{queue}: queued {queued - answer.asked:.2f}, begun {begun - answer.asked:.2f}, "
            f"ended {ended - answer.asked:.2f}; "
            for subject, queue, queued, begun, ended in turns
            if subject == answer.lookup_id
        )
        say(f"  {''.join(jobs)}told {answer.told - answer.asked:.2f} s after it was sent")


MEDIA: Final = frozenset(
    {"answer_lookup", "fingerprint_asset", "fingerprint_segment", "hash_whole_file", "make_previews"}
)


def _unforeseen(up: Up) -> Iterator[str]:
    for log in sorted((up.data / "logs").glob("*.log")):
        if log.name == "postgres.log":
            continue
        for line in log.read_text(errors="replace").splitlines():
            if any(mark in line for mark in UNFORESEEN):
                yield f"{log.stem}: {line[:400]}"


@dataclass
class Report:
    """What was measured, by file."""

    cases: Sequence[Case]
    sent: Sent
    jobs: list[tuple[Any, ...]]
    watch: Watch
    logs: list[str]

    def figures(self) -> dict[str, Any]:
        deaths = [name for name in self.watch.ends if name.startswith("worker")]
        lost = [job for job in self.jobs if job[5] == "worker_lost" or (job[4] > 1 and job[1] in MEDIA)]
        internal = [job for job in self.jobs if job[5] == "internal"]
        costs = self.costs()
        return {
            "files": self.sent.files,
            "worker_deaths": len(deaths) + len(lost),
            "api_deaths": sum(name == "api" for name in self.watch.ends),
            "internal_errors": len(self.sent.internal) + len(internal) + len(self.logs),
            "peak_mb": round(max(self.watch.peaks.values(), default=0)),
            "longest_cpu_s": round(max((seconds for seconds, _, _ in costs), default=0.0), 1),
        }

    def highest(self) -> list[tuple[float, str, str]]:
        """Return megabytes, task and file of the jobs during which a process grew to more than `LARGE`."""
        begun, found = self._begun(), []
        for job_id, task, subject, _status, _attempts, _code, worker, finished, _ in self.jobs:
            case = self.sent.subjects.get(subject)
            if case is None or not worker or finished is None or job_id not in begun:
                continue
            pid, ended = int(worker.rpartition(":")[2]), finished.timestamp() + PERIOD
            rises = [
                rise
                for at, holder, rise in self.watch.rises
                if holder == pid and begun[job_id] <= at <= ended
            ]
            rises += [
                decoder.megabytes for decoder in self._decoders(case, begun[job_id], finished.timestamp())
            ]
            if rises and max(rises) > LARGE:
                found.append((max(rises), task, case.name))
        return sorted(found, reverse=True)

    def costs(self) -> list[tuple[float, str, str]]:
        """Return seconds of CPU, task and file of each job of a file under a megabyte, the dearest first."""
        begun = self._begun()
        found = []
        for job_id, task, subject, _status, _attempts, _code, worker, finished, _ in self.jobs:
            case = self.sent.subjects.get(subject)
            if case is None or worker is None or finished is None or len(case.content) >= MEGABYTE:
                continue
            pid = int(worker.rpartition(":")[2]) if worker.rpartition(":")[2].isdigit() else 0
            began = begun.get(job_id, finished.timestamp())
            ended = finished.timestamp()
            decoders = sum(decoder.cpu for decoder in self._decoders(case, began, ended))
            found.append((self.watch.cpu_between(pid, began, ended) + decoders, task, case.name))
        return sorted(found, reverse=True)

    def _decoders(self, case: Case, began: float, ended: float) -> list[Decoder]:
        """Return the decoders of a file that were first seen in this time."""
        digest = sha256(case.content).hexdigest()
        return [
            decoder
            for decoder in self.watch.decoders.values()
            if decoder.sha256 == digest and began <= decoder.began <= ended + PERIOD
        ]

    def _begun(self) -> dict[str, float]:
        moments: dict[str, float] = {}
        for log in sorted((self.watch.up.data / "logs").glob("worker-*.log")):
            for line in log.read_text(errors="replace").splitlines():
                if '"job begun"' in line:
                    fields = json.loads(line)
                    moments.setdefault(fields["job_id"], datetime.fromisoformat(fields["time"]).timestamp())
        return moments


def say(*words: object) -> None:
    print(*words, file=sys.stderr, flush=True)


def _explain(report: Report, alone: Good, beside: Good, kept: list[str], outside: Outside | None) -> None:
    """Say what stands behind the figures, on standard error."""
    unfinished = sum(job[3] in {"queued", "running"} and job[1] in MEDIA for job in report.jobs)
    say("given up:", len(report.sent.given_up), "unfinished jobs:", unfinished)
    say("answers:", dict(sorted(report.sent.statuses.items())))
    codes: dict[str, int] = {}
    for job in report.jobs:
        codes[f"{job[1]} {job[5] or job[3]}"] = codes.get(f"{job[1]} {job[5] or job[3]}", 0) + 1
    say("jobs:", dict(sorted(codes.items())))
    moved = sum(job[1] == "answer_lookup" and job[8] != "interactive" for job in report.jobs)
    say("handed over to other queues:", moved)
    say("peaks in MB:", {name: round(peak) for name, peak in report.watch.peaks.items()})
    for seconds, task, name in report.costs()[:15]:
        say(f"  {seconds:6.1f} s of CPU  {task}  {name}")
    for megabytes, task, name in report.highest()[:15]:
        say(f"  {megabytes:6.0f} MB  {task}  {name}")
    for job in report.jobs:
        case = report.sent.subjects.get(job[2])
        if job[5] in {"worker_lost", "internal", "timed_out"} or (job[4] > 1 and job[1] in MEDIA):
            say(f"  {job[5]} after {job[4]} attempts: {job[1]} {case.name if case else ''}")
    for line in (
        *report.sent.internal,
        *report.sent.given_up,
        *report.logs,
        *alone.failed,
        *beside.failed,
        *kept,
    )[:60]:
        say("  ", line)
    say("good file:", len(alone.answers), "alone,", len(beside.answers), "beside, p95", alone.p95, beside.p95)
    if outside is not None and outside.targets:
        say("packets to:", sorted(set(outside.targets)))
