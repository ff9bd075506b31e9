"""One clip chosen on the page "Look up", timed, and what was sent meanwhile held against Python's."""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import psutil
from numpy.typing import NDArray
from playwright.sync_api import Browser, CDPSession, Page, Playwright, expect, sync_playwright

from registry.catalogue.fingerprints.model.document import from_document
from tests.bench.console import pages
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.screenshots import serving
from tests.support.browser.console import Person, Site
from workers.hashers.pdq import Pdq
from workers.hashers.phash import Phash256
from workers.media import container, picture, timetable
from workers.media.limits import Limits
from workers.media.video import Video
from workers.pipeline.fingerprint import fingerprint_file

RUNS: Final = 3
PATIENCE: Final = 180_000
CHUNK: Final = 32
"""Bytes of the clip that no request may hold together."""
LATE: Final = 0.05
"""Seconds by which a picture that is taken while it plays may begin after the instant that it stands for."""
PLACE: Final = 0.1
"""Shares of the picture by which boxes of one face differ at most."""
INFORMATIVE: Final = 50
"""PDQ's quality under which a picture says too little."""


@dataclass
class Run:
    """One run: `seconds` and `cpu` of it, and what each request of the page carried."""

    seconds: float = 0.0
    cpu: float = 0.0
    bodies: list[bytes] = field(default_factory=list)


def run(clip: Path) -> dict[str, float]:
    """The figures of `tests.bench.console`."""
    load = os.getloadavg()[0]
    with serving() as console, sync_playwright() as playwright:
        weights = pages.weigh(playwright, console)
        pages.show(weights)
        person = console.person("lookup", key=console.organization())
        runs = [timed(playwright, console, person, clip, faces=False) for _ in range(RUNS)]
        faces = timed(playwright, console, person, clip, faces=True)
    bodies = [_split(item.bodies) for item in (*runs, faces)]
    raw = clip.read_bytes()
    every = [body for item in (*runs, faces) for body in item.bodies]
    foreign = sum(rest for _, rest in bodies) + sum(_held(raw, body) for body in every)
    document = bodies[-2][0]
    frames = document["algorithms"]["pdq.1"]["frames"]
    return {
        "browser_clip60_seconds": round(max(item.seconds for item in runs), 2),
        "browser_clip60_best_seconds": round(min(item.seconds for item in runs), 2),
        "browser_clip60_cpu_seconds": round(median(item.cpu for item in runs), 2),
        "browser_hashing_x_real_time": round(60 / min(item.seconds for item in runs), 2),
        "browser_clip60_frames": len({frame["t"] for frame in frames}),
        **_distances(clip, document),
        "browser_clip60_faces_seconds": round(faces.seconds, 2),
        **_cosines(clip, bodies[-1][0]),
        "browser_media_bytes_sent": foreign,
        **pages.figures(weights),
        "load_before": round(load, 2),
    }


def timed(playwright: Playwright, console: Site, person: Person, clip: Path, *, faces: bool) -> Run:
    """Look the clip up in a new browser, from the press of the button to the answer."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    done = _looked_up(console, browser, person, clip, faces=faces)
    browser.close()
    with_faces = ", with faces" if faces else ""
    print(f"{done.seconds:.1f} s, {done.cpu:.1f} s of CPU{with_faces}", file=sys.stderr)
    return done


def _looked_up(console: Site, browser: Browser, person: Person, clip: Path, *, faces: bool) -> Run:
    done = Run()
    with console.context(browser, person) as context:
        page = context.new_page()
        page.goto("/console/lookup")
        _count(page, context.new_cdp_session(page), done)
        page.get_by_label("Picture, video or sound").set_input_files(clip)
        page.get_by_label("Compare faces too").set_checked(faces)
        cpu, begun = _cpu(), time.monotonic()
        page.get_by_role("button", name="Look up", exact=True).click()
        expect(page.locator("#answer, #failed:not([hidden])").first).to_be_visible(timeout=PATIENCE)
        done.seconds, done.cpu = time.monotonic() - begun, _cpu() - cpu
        assert page.locator("#answer").count(), page.locator("#failed").text_content()
    return done


def _count(page: Page, session: CDPSession, into: Run) -> None:
    """Keep the body of each request from now on, as Chromium itself tells it."""

    def sent(event: dict[str, Any]) -> None:
        request = event["request"]
        if not request.get("hasPostData"):
            return
        entries = request.get("postDataEntries")
        if entries and all("bytes" in entry for entry in entries):
            into.bodies.append(b"".join(base64.b64decode(entry["bytes"]) for entry in entries))
        else:
            into.bodies.append(request.get("postData", "not told").encode())

    def framed(event: dict[str, Any]) -> None:
        into.bodies.append(str(event["response"]["payloadData"]).encode())

    session.send("Network.enable", {"maxPostDataSize": 1 << 28})
    session.on("Network.requestWillBeSent", sent)
    session.on("Network.webSocketFrameSent", framed)


def _split(bodies: list[bytes]) -> tuple[dict[str, Any], int]:
    """The one document that was sent, and how many bytes belong to nothing that the page may send."""
    document: dict[str, Any] = {}
    rest = 0
    for body in bodies:
        begin, end = body.find(b'{"version"'), body.rfind(b"}") + 1
        if document or begin < 0:
            rest += len(body)
            continue
        document = json.loads(body[begin:end])
        from_document(document)
        rest += max(0, len(body) - (end - begin) - FORM)
    assert document, "no document was sent"
    return document, rest


FORM: Final = 1024
"""Bytes that a form's borders, names and word may take."""


def _held(raw: bytes, body: bytes) -> int:
    """Bytes of the clip that stand in a body, as they are or in base64."""
    found = 0
    for at in range(0, len(raw) - CHUNK, CHUNK):
        chunk = raw[at : at + CHUNK]
        found += CHUNK * (chunk in body or base64.b64encode(chunk[: CHUNK // 3 * 3]) in body)
    return found


def _distances(clip: Path, document: dict[str, Any]) -> dict[str, float]:
    """What the browser says of each instant against what Python says of the same picture: of those that are
    on screen at it or begin within `LATE`, the one that is nearest."""
    quality = {
        (frame["t"], frame["view"]): frame["quality"] for frame in document["algorithms"]["pdq.1"]["frames"]
    }
    said = {name: dict(_values(document, f"{name}.1")) for name in ("pdq", "phash256")}
    grid = sorted({time for time, _ in quality})
    apart: dict[str, dict[tuple[float, str], list[int]]] = {"pdq": {}, "phash256": {}}
    # Every frame, those too that Python's samples do not use.
    table = replace(timetable.read(clip, Limits()), needed=None)
    with container.opened(clip, Limits()) as (file, stream):
        for moment in Video(file, stream, table, Limits()).moments():
            near = [item for item in grid if moment.time - LATE <= item < moment.time + moment.duration]
            if not near:
                continue
            pixels = moment.render(picture.hash_size(moment.size))
            for name, hasher in (("pdq", Pdq()), ("phash256", Phash256())):
                for view, hashed in zip(("full", "mirror"), hasher.compute_pair(pixels), strict=True):
                    for place in ((item, view) for item in near):
                        bits = int(said[name][place], 16) ^ int(hashed.value.hex(), 16)
                        apart[name].setdefault(place, []).append(bits.bit_count())
    told = {
        name: [min(found) for place, found in each.items() if quality[place] >= INFORMATIVE]
        for name, each in apart.items()
    }
    return {
        "browser_pdq_distance_max": max(told["pdq"]),
        "browser_pdq_distance_median": median(told["pdq"]),
        "browser_pdq_compared": len(told["pdq"]),
        "browser_phash_distance_max": max(told["phash256"]),
    }


def _cosines(clip: Path, document: dict[str, Any]) -> dict[str, float]:
    """How near the browser's faces are to those that Python finds at the same instants and places."""
    seen = from_document(document).faces
    python = fingerprint_file(clip, audio=False, hashers=(Phash256(),)).faces
    near = []
    for face in seen:
        there = [item for item in python if item.time == face.time and _apart(item.box, face.box) < PLACE]
        near += [float(_vector(item.embedding) @ _vector(face.embedding)) for item in there]
    return {
        "browser_faces": len(seen),
        "python_faces": len(python),
        "browser_face_cosine_median": round(median(near), 4) if near else 0.0,
        "browser_face_cosine_min": round(min(near), 4) if near else 0.0,
    }


def _apart(sequence: Sequence[float], other: Sequence[float]) -> float:
    return max(abs(a - b) for a, b in zip(sequence, other, strict=True))


def _vector(raw: bytes) -> NDArray[np.float32]:
    return np.frombuffer(raw, "<f2").astype(np.float32)


def _values(document: dict[str, Any], name: str) -> Iterator[tuple[tuple[float, str], str]]:
    for frame in document["algorithms"][name]["frames"]:
        yield (frame["t"], frame["view"]), frame["value"]


def _cpu() -> float:
    """CPU seconds of all processes under this one, those of Chromium among them; servers' are small."""
    total = 0.0
    for item in psutil.Process().children(recursive=True):
        try:
            if "chrom" in item.name():
                times = item.cpu_times()
                total += times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return total
