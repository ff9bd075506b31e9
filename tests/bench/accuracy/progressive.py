"""Check that a lookup settled by keyframes gives the same answer as a lookup of the whole file.

Each copy is looked up by its keyframes, as `fakeprint lookup` does first. Copies are short and x264 gives
them one or two keyframes. So each is also looked up by pictures that are about two seconds apart. If a
lookup is settled, its answer must be that of the whole document: verdict, `mixed`, entry, relation, and
each edge of its spans within half a second.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import httpx2

from tests.bench.accuracy.asking import GENUINE, RESENT
from tests.bench.accuracy.judging import Query
from tests.bench.accuracy.media import copies
from tests.bench.accuracy.media.copies import CACHE, ROOT, Job, processes, progress

CODE: Final = ("workers/pipeline/progressive.py", "registry/matching/decision/model/keyframe_answers.py")
APART: Final = 2.0
"""Seconds between the pictures that stand for keyframes, a quarter more or less."""
SHORTEST: Final = 4.0
"""Seconds of the shortest copy that is looked up so."""
PRECISE: Final = 0.5
Documents = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """`asked`: keyframe lookups; `settled`: those answered at once; `differing`: answers that differ, in
    words."""

    asked: int
    settled: int
    differing: tuple[str, ...]

    def __add__(self, other: Compared) -> Compared:
        return Compared(
            self.asked + other.asked, self.settled + other.settled, self.differing + other.differing
        )

    def figures(self) -> dict[str, float]:
        return {
            "progressive_asked": self.asked,
            "progressive_settled": self.settled,
            "progressive_differs": len(self.differing),
        }


def keyframes(jobs: Sequence[Job]) -> dict[str, Documents]:
    """Return the keyframe documents of every file that `jobs` made, by the job's key."""
    version = _version()
    found: dict[str, Documents] = {}
    there = [job for job in jobs if job.path.exists()]
    with processes() as pool:
        futures = {pool.submit(_kept, job.path, version): job.key for job in there}
        for future in progress(as_completed(futures), len(futures), "reading keyframes"):
            found[futures[future]] = future.result()
    return found


def compare(client: httpx2.Client, queries: Sequence[Query], known: Mapping[str, Documents]) -> Compared:
    """Look up the keyframes of these copies and, if settled, the whole document."""
    total = Compared(0, 0, ())
    for query in progress(iter(queries), len(queries), "looking up keyframes"):
        for document in known.get(_key(query), ()):
            quick = _ask(client, document)
            differs = _differs(quick, _ask(client, query.document)) if quick else ""
            differences = (f"{query.label}, {query.name}: {differs}",) if differs else ()
            total += Compared(1, int(quick is not None), differences)
    return total


def show(compared: Compared) -> None:
    """Print what keyframes settled, and every answer that differs."""
    print(
        f"\nkeyframes first: {compared.settled} of {compared.asked} lookups settled by them, "
        f"{len(compared.differing)} answered otherwise than by the whole"
    )
    for item in compared.differing:
        print(f"  {item}")


def _key(query: Query) -> str:
    """Return the key of the job that made the copy."""
    label = RESENT.name if query.label == GENUINE else query.label
    return f"{label}|{query.name}"


def _ask(client: httpx2.Client, document: object) -> dict[str, Any] | None:
    """Return the answer, or None if keyframes do not settle it."""
    response = client.post("/v1/lookups", json={"type": "document", "document": document})
    body: dict[str, Any] = response.json()
    if response.status_code == 422 and body["code"] == "not_settled":
        return None
    response.raise_for_status()
    return body


def _differs(quick: dict[str, Any], whole: dict[str, Any] | None) -> str:
    """Return the differences between two answers, empty if there are none."""
    if whole is None or not whole["matches"]:
        return f"{quick['verdict']} by keyframes, nothing by the whole"
    for name in ("verdict", "mixed"):
        if quick[name] != whole[name]:
            return f"{name} {quick[name]} by keyframes, {whole[name]} by the whole"
    mine, theirs = quick["matches"][0], whole["matches"][0]
    for name in ("entry_id", "relation"):
        if mine[name] != theirs[name]:
            return f"{name} {mine[name]} by keyframes, {theirs[name]} by the whole"
    return _elsewhere(mine["spans"], theirs["spans"])


def _elsewhere(mine: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]) -> str:
    if len(mine) != len(theirs):
        return f"{len(mine)} spans by keyframes, {len(theirs)} by the whole"
    for one, other in zip(mine, theirs, strict=True):
        for side in ("query", "asset"):
            if any(abs(a - b) > PRECISE for a, b in zip(one[side], other[side], strict=True)):
                return f"{side} {one[side]} by keyframes, {other[side]} by the whole"
    return ""


def _version() -> str:
    digest = hashlib.sha256(copies.code_version().encode())
    for place in CODE:
        digest.update(ast.dump(ast.parse((ROOT / place).read_text(encoding="utf-8"))).encode())
    return digest.hexdigest()[:12]


def _kept(path: Path, version: str) -> Documents:
    """Return a file's keyframe documents from the cache, or make them."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    kept = CACHE / f"keyframes-{version}" / f"{sha256}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_name(f"{os.getpid()}.partial")
        partial.write_text(json.dumps(list(_documents(path, sha256))), encoding="utf-8")
        partial.replace(kept)
    return tuple(json.loads(kept.read_text(encoding="utf-8")))


def _documents(path: Path, sha256: str) -> Iterator[dict[str, Any]]:
    from registry.catalogue.fingerprints.model.document import to_document
    from registry.core.errors import BadMedia, NotSettled
    from workers.pipeline import fingerprint as pipeline

    with suppress(NotSettled, BadMedia):
        yield to_document(pipeline.fingerprint_file(path, sampling="keyframes"), faces=True)
    times = _times(path, sha256)
    if times:
        yield to_document(_pictures(path, sha256, times), faces=True)


def _times(path: Path, sha256: str) -> list[float]:
    """Return the times of pictures of a video in seconds, first and last included. Short files and stills
    have none."""
    from registry.core.errors import BadMedia
    from workers.media import stills, video
    from workers.media.limits import Limits

    numbers = random.Random(sha256)  # noqa: S311 - no secret
    try:
        with stills.opened(path, Limits()) as picture:
            if picture is not None:
                return []
        with video.opened(path, Limits()) as clip:
            shown = [moment.time for moment in _everything(clip).moments()]
    except BadMedia:
        return []
    if not shown or shown[-1] < SHORTEST:
        return []
    apart = min(APART, shown[-1] / 4)
    times, at = [0.0], 0.0
    while (at := at + apart * numbers.uniform(0.75, 1.25)) < shown[-1] - apart / 4:
        times.append(min(shown, key=lambda time: abs(time - at)))
    return [*times, shown[-1]]


def _everything(clip: Any) -> Any:
    """Return the clip with every frame decoded, not only the sampled ones."""
    clip._table = replace(clip._table, needed=None)
    return clip


def _pictures(path: Path, sha256: str, times: Sequence[float]) -> Any:
    """Fingerprint the pictures at these times, as keyframes are fingerprinted."""
    from registry.catalogue.entries.model.entry import KEYFRAMES
    from registry.catalogue.fingerprints.model.algorithms import FACE_SFACE
    from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
    from registry.catalogue.media.model import Media
    from workers.faces.reader import FaceReader
    from workers.hashers.reader import FrameReader
    from workers.media import video
    from workers.media.limits import Limits
    from workers.pipeline import progressive

    hashes, reader = FrameReader(), FaceReader()
    faces, samples, end = [], [], 0.0
    with video.opened(path, Limits()) as clip:
        for moment in _everything(clip).moments():
            end, size = moment.time + moment.duration, moment.size
            if any(abs(moment.time - time) < 1e-6 for time in times):
                faces += reader.read(round(moment.time, 3), moment)
                samples.append(progressive.sample(moment, moment.time, moment.time + progressive.STANDS))
    time = round(progressive.before_the_end(times[-2], end), 3)
    samples[-1] = replace(samples[-1], time=time, duration=round(end - time, 3))
    group = progressive.GROUP
    frames = [
        frame
        for start in range(0, len(samples), group)
        for frame in hashes.read_apart(samples[start : start + group])
    ]
    return Fingerprint(
        Media(sha256, "video", round(end, 3), size.width, size.height, path.stat().st_size),
        (*hashes.algorithms, FACE_SFACE.name),
        tuple(frames),
        tuple(faces),
        notes=(KEYFRAMES,),
    )


def over_decode(minute: Path, *, runs: int) -> tuple[float, float]:
    """Return the CPU time of a progressive lookup of a re-encoded registered minute, divided by that of
    decoding it on one thread. Also return the decoding time in CPU seconds."""
    from tests.bench.speed.progressive import over_decode, resent

    copy = resent(minute, minute.with_suffix(".resent.mp4"))
    ratio, decode, _ = over_decode(minute, copy, runs=runs)
    return ratio, decode
