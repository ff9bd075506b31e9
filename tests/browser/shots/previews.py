"""Pictures side by side: a fake that is registered with its file, at the instants of a lookup, with the
reader's own file, and beside its original in review."""

from __future__ import annotations

import html
import re
import tempfile
from collections.abc import Collection
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx2
import numpy as np
from playwright.sync_api import FilePayload, Page

from registry.catalogue.entries.service.registration import enrol_fingerprint
from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.previews.service import PATIENCE
from registry.core.service import Service
from registry.jobs import Job
from registry.jobs.service.jobs import claim_job
from tests.browser.shots import Shot
from tests.support.browser.console import Console, Person
from tests.support.media import clips as media
from tests.support.media import sounds
from tests.support.service import servers as services
from tests.support.steps import relate, unwatched
from tests.support.story import pan, swapped
from workers.hashers.pdq import Pdq
from workers.hashers.phash import Phash256
from workers.pipeline.fingerprint import fingerprint_file
from workers.tasks import make_previews

_WORD: Final = re.compile(r'href="(/console/previews\?of=[^"]+)"')


@cache
def clip() -> tuple[bytes, Fingerprint]:
    """A file, and what is computed from it."""
    with tempfile.TemporaryDirectory() as folder:
        path = media.clip(Path(folder) / "clip.mp4", seconds=8, size=(320, 180))
        found = fingerprint_file(path, faces=False, audio=False, hashers=(Phash256(), Pdq()))
        return path.read_bytes(), found


@cache
def note(seed: int) -> tuple[bytes, Fingerprint]:
    """A voice note of this seed, and what is computed from it."""
    with tempfile.TemporaryDirectory() as folder:
        return _note(Path(folder) / "note.wav", sounds.speech(seed, 8))


def _note(path: Path, samples: sounds.Samples) -> tuple[bytes, Fingerprint]:
    """The sound as people send it, and what is computed from it."""
    sounds.wav(path, samples)
    sent = path.with_suffix(".ogg")
    media.ffmpeg("-i", path, "-c:a", "libopus", "-b:a", "24k", sent)
    return sent.read_bytes(), fingerprint_file(sent)


def registered(
    console: Console, key: str, file: tuple[bytes, Fingerprint] | None = None, manipulation: str = "edited"
) -> tuple[str, str]:
    """The file as a fake of an organization, fingerprinted: ids of entry and medium."""
    raw, found = file or clip()
    with console.api(key) as client:
        payload = {"title": "Candidate “resigns”", "manipulation": manipulation}
        made = client.post("/v1/entries", files={"fake": ("clip.mp4", raw)}, data=payload)
    assert made.status_code == 201, made.text
    asset_id = made.json()["assets"][0]["asset_id"]
    with console.started.service() as service:
        enrol_fingerprint(service, _job(service, "fingerprint_asset", asset_id), found)
    return made.json()["entry_id"], asset_id


def made(console: Console, asset_id: str) -> None:
    """Do what the worker does of whom pictures are asked for."""
    with console.started.service() as service:
        job = _job(service, "make_previews", asset_id)
        assert job.blob_key
        with service.blobs.local_path(job.blob_key) as path:
            # What others look up waits here for workers that there are none of.
            make_previews._make(service, replace(job, deferrals=PATIENCE), path, unwatched)


def _job(service: Service, task: str, asset_id: str) -> Job:
    """Claim the job, which a page may only be about to ask for."""

    def queued() -> UUID | None:
        with service.pool.transaction() as connection:
            row = connection.execute(
                "SELECT job_id FROM job WHERE task = %s AND subject_id = %s AND status = 'queued'",
                (task, UUID(asset_id)),
            ).fetchone()
        return row["job_id"] if row else None

    services.wait_until(lambda: queued() is not None, 15)
    job_id = queued()
    assert job_id
    job = claim_job(service, job_id)
    assert job
    return job


def compared(console: Console, person: Person) -> str:
    """Where the pictures of a lookup of the file stand."""
    body: dict[str, Any] = {"type": "document", "document": to_document(clip()[1], faces=False)}
    with console.api(person.key) as client:
        response = client.post("/v1/lookups", json=body)
    assert response.status_code == 200, response.text
    with window(console, person) as client:
        page = client.get(f"/console/lookup/{response.json()['lookup_id']}").text
    found = _WORD.search(page)
    assert found, page
    return html.unescape(found[1])


def window(console: Console, person: Person) -> httpx2.Client:
    """What somebody sees without a script."""
    return httpx2.Client(base_url=console.url, cookies=dict(person.cookies), timeout=60, trust_env=False)


def _pictures(console: Console, person: Person) -> str:
    known = f"previews {person.organization_id}"
    if known not in console.things:
        _, asset_id = registered(console, person.key)
        address = compared(console, person)
        with window(console, person) as client:
            client.get(address)
        made(console, asset_id)
        console.things[known] = address
        console.things.setdefault("previews shown", []).append(asset_id)
    found: str = console.things[known]
    return found


def _asked_with(page: Page, console: Console) -> None:
    """The answer about one's own file, whose pictures stand beside those that are registered."""
    page.locator("#media").set_input_files(
        FilePayload(name="clip.mp4", mimeType="video/mp4", buffer=clip()[0])
    )
    page.locator("#go").click()
    page.locator("#answer").wait_for()
    page.locator(".pictures figcaption").first.wait_for()
    make_all(console, console.things["previews shown"])
    page.locator(".preview img.blurred").first.wait_for()
    page.locator("figure.own canvas.blurred").first.wait_for()
    page.evaluate("scrollTo(0, 0)")


@cache
def swap() -> dict[str, tuple[bytes, Fingerprint]]:
    """A clip with another face, `fake`, and its `original`, as files and what is computed from them."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, picture in (("original", media.photograph("astronaut")), ("fake", swapped())):
            path = media.encode(Path(folder) / f"{name}.mp4", pan(picture), rate=8)
            read = fingerprint_file(path, faces=False, audio=False, hashers=(Phash256(), Pdq()))
            found[name] = (path.read_bytes(), read)
    return found


@cache
def spliced(*, video: bool) -> dict[str, tuple[bytes, Fingerprint]]:
    """A voice note of eight seconds or a video of it, and a fake with other words after the first five."""
    said, others = sounds.speech(33, 8), sounds.speech(34, 3)
    with tempfile.TemporaryDirectory() as folder:
        original = _note(Path(folder) / "original.wav", said)
        if video:
            seen = media.clip(Path(folder) / "seen.mp4", seconds=8, size=(320, 180))
            path = Path(folder) / "said.mp4"
            tracks = ("-map", "0:v", "-map", "1:a", "-c:v", "copy")
            media.ffmpeg("-i", seen, "-i", Path(folder) / "original.wav", *tracks, path)
            original = path.read_bytes(), fingerprint_file(path, faces=False, hashers=(Phash256(), Pdq()))
        fake = _note(Path(folder) / "fake.wav", np.concatenate([said[: 5 * sounds.RATE], others]))
        return {"original": original, "fake": fake}


def _filed(console: Console, key: str, pair: dict[str, tuple[bytes, Fingerprint]], manipulation: str) -> str:
    """Where the fake and its original are reviewed, once both are fingerprinted."""
    files = {name: (f"{name}.mp4", raw) for name, (raw, _) in pair.items()}
    with console.api(key) as client:
        payload = {"title": "Astronauta, cara cambiada", "manipulation": manipulation, "claim": "Es otra."}
        filed = client.post("/v1/entries", files=files, data=payload)
    assert filed.status_code == 201, filed.text
    with console.started.service() as service:
        for asset in filed.json()["assets"]:
            job = _job(service, "fingerprint_asset", asset["asset_id"])
            enrol_fingerprint(service, job, pair[asset["role"]][1])
        relate(service, UUID(filed.json()["entry_id"]))
    return f"/console/review/{filed.json()['entry_id']}"


def heard(console: Console, person: Person, *, video: bool = False) -> str:
    """An entry in review whose fake is a voice note that was cut together from its original."""
    return _filed(console, person.key, spliced(video=video), "spliced")


def reviewed(console: Console, person: Person) -> str:
    """An entry in review whose fake stands beside its original, in pictures."""
    known = f"review previews {person.organization_id}"
    if known not in console.things:
        console.things[known] = _filed(console, person.key, swap(), "face_swap")
        with window(console, person) as client:
            page = client.get(console.things[known]).text
            for address in _WORD.findall(page):
                client.get(html.unescape(address))
        make_all(console, _assets(console, person, console.things[known]))
    found: str = console.things[known]
    return found


def _assets(console: Console, person: Person, address: str) -> list[str]:
    with console.api(person.key) as client:
        entry = client.get(f"/v1/entries/{address.rpartition('/')[2]}").json()
    return [asset["asset_id"] for asset in entry["assets"]]


def strip_of(page: str) -> str:
    """Where the filmstrip of a page stands without a script."""
    found = _WORD.search(page)
    assert found, page
    return html.unescape(found[1])


def make_all(console: Console, assets: Collection[str]) -> None:
    """Do what the worker does of pictures of these; other pages ask for some of files that are none."""
    with console.started.service() as service, service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT subject_id FROM job WHERE task = 'make_previews' AND status = 'queued'"
        ).fetchall()
    for row in rows:
        if str(row["subject_id"]) in assets:
            made(console, str(row["subject_id"]))


def _known(console: Console, person: Person) -> str:
    _pictures(console, person)
    return "/console/lookup"


def _played(page: Page, console: Console) -> None:
    """Both files of the first comparison, in players, and its pictures clear."""
    page.locator("button[data-key='v']").click()
    page.locator(".difference.sharp").first.wait_for()
    page.locator("button[data-key='p']").first.click()
    page.locator(".players video").first.wait_for()
    page.wait_for_load_state("networkidle")


SHOTS: Final = (
    Shot("previews", _pictures),
    Shot("lookup-own", _known, then=_asked_with),
    Shot("review-pictures", reviewed),
    Shot("review-players", reviewed, then=_played, once=True),
)
