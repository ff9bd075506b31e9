"""Make copies and fingerprint them in parallel, and cache the results.

Media are cached by recipe version, edit and SHA-256 of the source. Documents are cached by SHA-256 of the
media and of the fingerprinting code, so a change of the code invalidates them.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import imageio_ffmpeg

from registry.catalogue.fingerprints.model.fingerprint import Sampling
from tests.bench.accuracy.media.recipes import VERSION, Edit, Plan, Setting

ROOT: Final = Path(__file__).parents[4]
CACHE: Final = ROOT / ".cache" / "bench-accuracy"
CODE: Final = ("workers/pipeline/fingerprint.py", "workers/media", "workers/hashers", "workers/faces")
CODE_READ: Final = (
    *CODE,
    "registry/catalogue/fingerprints/model/fingerprint.py",
    "registry/catalogue/fingerprints/model/document.py",
)
SOUND: Final = ("-c:a", "aac", "-b:a", "64k")
MAKING_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class Job:
    """A file to make (if `plan` is set) and to fingerprint. `still_at`: the second of a still to
    fingerprint too. `query`: only looked up, as all that is made is. `glance`: whether to fingerprint the
    keyframes of a video, and to decode it."""

    key: str
    path: Path
    plan: Plan | None = None
    still_at: float | None = None
    query: bool = False
    glance: bool = False


@dataclass(frozen=True, slots=True)
class Print:
    """Where a fingerprint document is cached, or why there is none, and its cost in CPU ms (children
    included)."""

    kept: Path | None
    kind: str | None
    error: str | None
    cpu_ms: float

    def document(self) -> dict[str, Any] | None:
        """Read the document again: thousands of them do not fit into memory."""
        if self.kept is None or self.error is not None:
            return None
        document: dict[str, Any] | None = json.loads(self.kept.read_text(encoding="utf-8"))["document"]
        return document


@dataclass(frozen=True, slots=True)
class Made:
    """The result of a job. `still` is None if no picture was requested. `failed`: the reason if it could
    not be made. `glance`: of the keyframes; None if they tell nothing. `decode_ms`: of CPU, to decode the
    pictures on one thread."""

    whole: Print
    still: Print | None = None
    failed: str | None = None
    glance: Print | None = None
    decode_ms: float = 0.0


def job(edit: Edit, setting: Setting) -> Job:
    """Return the job that makes an edit of a source."""
    plan = edit.plan(setting)
    parts = [setting.source, *plan.also]
    digest = hashlib.sha256("".join(item.sha256 for item in parts).encode()).hexdigest()[:20]
    folder = CACHE / f"media-{VERSION}" / edit.name.replace(" ", "-").replace("%", "pc")
    at = (plan.truth.query[0] + plan.truth.query[1]) / 2
    return Job(f"{edit.name}|{setting.source.name}", folder / f"{digest}{plan.suffix}", plan, at)


def made(jobs: Sequence[Job], *, what: str) -> dict[str, Made]:
    """Run all jobs, each key once, one process a core. Progress goes to standard error."""
    done: dict[str, Made] = {}
    version = code_version()
    once = {item.key: item for item in jobs}
    with processes() as pool:
        futures: dict[Future[Made], str] = {pool.submit(_do, one, version): key for key, one in once.items()}
        try:
            for future in progress(as_completed(futures), len(futures), what):
                done[futures[future]] = future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return done


def processes(prepare: Callable[..., None] | None = None, given: tuple[Any, ...] = ()) -> ProcessPoolExecutor:
    """Return a pool with one single-threaded process a core, since matrices are small and all cores are in
    use."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return ProcessPoolExecutor(
        max_workers=os.cpu_count() or 1,
        mp_context=get_context("spawn"),
        initializer=prepare,
        initargs=given,
    )


def progress[T](things: Iterator[T], total: int, what: str) -> Iterator[T]:
    """Yield the items and print a counter with the remaining time to standard error. On a terminal it
    updates in place, otherwise it prints a line every tenth part."""
    live = sys.stderr.isatty()
    step = 1 if live else max(1, total // 10)
    began = time.monotonic()
    for count, thing in enumerate(things, 1):
        yield thing
        if count % step == 0 or count == total:
            spent = time.monotonic() - began
            left = f"{spent / count * (total - count):.0f} s left" if count < total else f"{spent:.0f} s"
            end = "\n" if not live or count == total else ""
            line = f"{'\r' if live else ''}{what}: {count}/{total}, {left}{'   ' if live else ''}"
            print(line, end=end, file=sys.stderr, flush=True)


@cache
def code_version() -> str:
    """Return a digest of the fingerprinting code without comments and layout."""
    digest = hashlib.sha256()
    for place in CODE_READ:
        path = ROOT / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(ast.dump(ast.parse(file.read_text(encoding="utf-8"))).encode())
    return digest.hexdigest()[:12]


def _do(item: Job, version: str) -> Made:
    try:
        return _done(item, version)
    except (OSError, RuntimeError, subprocess.TimeoutExpired) as why:
        error_lines = str(why).strip().splitlines()
        return Made(
            Print(None, None, "unreadable", 0.0), failed=error_lines[-1][:200] if error_lines else repr(why)
        )


def _done(item: Job, version: str) -> Made:
    if item.plan is not None and not item.path.exists():
        make(item.plan, item.path)
    still = None
    if item.still_at is not None:
        picture = item.path.with_suffix(".still.jpg")
        if not picture.exists():
            _picture(item.path, item.still_at, picture)
        still = _print(picture, version)
    whole = _print(item.path, version, thorough=item.plan is None and not item.query)
    if not item.glance or whole.kind != "video":
        return Made(whole, still)
    glance = _print(item.path, version, thorough=False, sampling="glance")
    return Made(whole, still, glance=glance, decode_ms=decode_ms(item.path))


def make(plan: Plan, path: Path) -> None:
    """Run a plan. Raises `RuntimeError` as `ffmpeg` does."""
    command = [argument for value in plan.inputs for argument in value]
    command += ["-filter_complex", plan.graph, "-map", "[v]"]
    if plan.suffix != ".gif" and (plan.heard or plan.sound is not None):
        command += ["-map", "[s]" if plan.heard else f"{plan.sound}:a?", *SOUND]
    ffmpeg([*command, *plan.options], path)
    for options in plan.then:
        ffmpeg(["-i", str(path), *options], path)


def _picture(video: Path, second: float, path: Path) -> None:
    ffmpeg(["-ss", f"{second:.2f}", "-i", str(video), "-frames:v", "1", "-q:v", "4"], path)
    if not path.exists():
        ffmpeg(["-i", str(video), "-frames:v", "1", "-q:v", "4"], path)


def ffmpeg(arguments: Sequence[str], path: Path) -> None:
    """Write `path` with FFmpeg, completely or not at all. Raises `RuntimeError` with FFmpeg's message."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{os.getpid()}.partial{path.suffix}")
    program = imageio_ffmpeg.get_ffmpeg_exe()
    command = [program, "-v", "error", "-nostdin", "-y", "-threads", "1", *arguments, str(partial)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=MAKING_SECONDS, check=False)
        if ran.returncode:
            message = f"{' '.join(command)}\n{ran.stderr}"
            raise RuntimeError(message)
        if partial.exists():
            partial.replace(path)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def decode_ms(path: Path) -> float:
    """Return the CPU milliseconds of decoding the pictures on one thread."""
    import av

    began = _cpu()
    with suppress(av.FFmpegError), av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for _ in container.decode(stream):
            pass
    return (_cpu() - began) * 1000


def _print(path: Path, version: str, *, thorough: bool = True, sampling: Sampling = "full") -> Print:
    """Fingerprint a file. Made files are queries; files of the folder may also be registered (`thorough`)."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    name = sha256 if sampling == "full" else f"{sha256}-{sampling}"
    kept = CACHE / f"documents-{version}" / f"{name}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_name(f"{os.getpid()}.partial")
        partial.write_text(
            json.dumps(_fingerprint(path, thorough=thorough, sampling=sampling)), encoding="utf-8"
        )
        partial.replace(kept)
    found = json.loads(kept.read_text(encoding="utf-8"))
    kind = found["document"]["kind"] if found["document"] else None
    return Print(kept, kind, found["error"], found["cpu_ms"])


def _fingerprint(path: Path, *, thorough: bool, sampling: Sampling) -> dict[str, Any]:
    from registry.catalogue.fingerprints.model.document import to_document
    from registry.core.errors import BadMedia, NotSettled
    from workers.pipeline.fingerprint import fingerprint_file

    _warm()
    began = _cpu()
    try:
        found = fingerprint_file(path, thorough=thorough, sampling=sampling)
        document, error = to_document(found, faces=True), None
    except (BadMedia, NotSettled) as refused:
        document, error = None, refused.code
    return {"document": document, "error": error, "cpu_ms": round((_cpu() - began) * 1000, 1)}


@cache
def _warm() -> None:
    """Load the models once a process, so that no document's cost includes it."""
    from PIL import Image

    from workers.pipeline.fingerprint import fingerprint_file

    path = CACHE / f"warm-{os.getpid()}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        Image.linear_gradient("L").resize((320, 240)).save(path)
        fingerprint_file(path)
    finally:
        path.unlink()


def _cpu() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(item.ru_utime + item.ru_stime for item in spent)
