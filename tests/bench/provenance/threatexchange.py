"""Does the library `threatexchange`, unmodified, read what a registry publishes?

A platform's day with its program: `threatexchange fetch` and `match`, in the words of ThreatExchange (through
an extension, as the program takes them) and of StopNCII (through nothing of ours); what is registered and
withdrawn meanwhile.

`threatexchange_client_ok`: 1 where all that should be matched is, and nothing else.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx2
from PIL import Image

from registry.sharing.federation.service.feeds import publish_feeds
from tests.support.media import clips as media
from tests.support.media import drawn
from tests.support.reviewers import Cast, decide, work
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import Api
from tests.support.steps import renamed
from workers.media.limits import Limits
from workers.pipeline import fingerprint as pipeline

PROGRAM: Final = Path(sys.executable).with_name("threatexchange")


@dataclass(frozen=True)
class Fake:
    """A registered fake: its entry, and a file that shows it."""

    entry_id: str
    path: Path


class Publisher:
    """An organization whose bank is published, with its reviewers, beside an API."""

    def __init__(self, api: Api, stack: ExitStack, folder: Path) -> None:
        self.api, self.folder = api, folder
        self.cast = Cast(api, stack)
        self.admin = self.cast.home.client("admin", "register", "peer")
        self.bank = f"published {uuid4().hex[:8]}"
        _done(self.admin.post("/v1/banks", json={"name": self.bank, "policy": {"published": True}}))
        self.reader = self.cast.other.client("peer", "lookup")

    @property
    def key(self) -> str:
        """The key of a platform that may read the bank."""
        return str(self.reader.headers["authorization"].partition(" ")[2])

    @property
    def number(self) -> str:
        """The bank's, as a reader is told it."""
        groups = _done(self.reader.get("/threatexchange/v1/0/threat_privacy_groups_member"))["data"]
        return str(next(group["id"] for group in groups if group["name"].endswith(f"/{self.bank}")))

    def picture(self, name: str, *, reviewed: bool = True) -> Fake:
        """Register a photograph, read as a worker reads it."""
        path = self.folder / f"{name}.png"
        Image.fromarray(media.view(media.photograph(name), 512, 384, 0.5)).save(path)
        found = pipeline.fingerprint_file(path, limits=Limits(), faces=False, audio=False, thorough=False)
        return self._register(path, found, reviewed=reviewed)

    def video(self) -> Fake:
        """Register a file, as whose pictures drawn ones stand."""
        path = self.folder / "video.mp4"
        path.write_bytes(uuid4().bytes)
        return self._register(path, drawn.clip(str(uuid4())), reviewed=True)

    def withdraw(self, fake: Fake) -> None:
        _done(self.admin.post(f"/v1/entries/{fake.entry_id}/withdraw", json={"reason_code": "other"}))

    def say(self) -> None:
        """What the relay does each second."""
        with self.api.service() as service:
            publish_feeds(service)

    def _register(self, path: Path, found: Any, *, reviewed: bool) -> Fake:
        files = {"fake": (path.name, path.read_bytes())}
        payload = {"bank": self.bank, "manipulation": "edited", "title": "A title that names somebody"}
        made = _done(self.cast.maker.post("/v1/entries", files=files, data=payload))
        asset = made["assets"][0]
        work(self.api, asset["asset_id"], renamed(found, asset["sha256"]))
        if reviewed:
            for reviewer in (self.cast.first, self.cast.abroad):
                _done(decide(reviewer, made["entry_id"]))
        return Fake(made["entry_id"], path)


class Platform:
    """A platform's machine: the program, with a state of its own."""

    def __init__(self, publisher: Publisher, folder: Path) -> None:
        self._folder = folder
        stopncii = f"{publisher.api.url}/stopncii/{publisher.number}/v1"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("FAKEPRINT_")},
            "HOME": str(folder),
            "TX_STATEDIR": str(folder / "state"),
            "TX_ACCESS_TOKEN": f"12345678|{publisher.key}",
            "TX_STOPNCII_KEYS": f"{publisher.key},none,{stopncii}",
        }
        self.run("config", "extensions", "add", "registry.sharing.sources.readers.extension")
        address = f"{publisher.api.url}/threatexchange/v1"
        named = ("--create", "--privacy-group", publisher.number, "--address", address)
        self.run("config", "collab", "edit", "fakeprint", "as_threatexchange", *named)
        self.run("config", "collab", "edit", "stop_ncii", "as_stopncii", "--create")

    def run(self, *arguments: str) -> str:
        """What the program prints. Raises `RuntimeError` with what it said where it fails."""
        done = subprocess.run(
            [str(PROGRAM), *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"threatexchange {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def matched(self, path: Path) -> Mapping[str, str]:
        """The categories under which the program matches a file, by collaboration."""
        kind = "video" if path.suffix == ".mp4" else "photo"
        lines = self.run("match", kind, str(path)).splitlines()
        return {
            name: line.partition(f"({name}) ")[2].split()[0]
            for name in ("as_threatexchange", "as_stopncii")
            for line in lines
            if f"({name})" in line
        }


BOTH: Final = {"as_threatexchange": "POSITIVE_CLASS", "as_stopncii": "POSITIVE_CLASS"}
ONE: Final = {"as_threatexchange": "POSITIVE_CLASS"}


def faults(api: Api, folder: Path) -> list[str]:
    """What went otherwise than it should on a platform's day; nothing where all is well."""
    with ExitStack() as stack:
        publisher = Publisher(api, stack, folder)
        shown, hidden = publisher.picture("chelsea"), publisher.picture("astronaut", reviewed=False)
        # Two, since an index of a single PDQ is empty once the library (1.2.17) has saved it.
        publisher.picture("coffee")
        video = publisher.video()
        publisher.say()
        platform = Platform(publisher, folder)
        platform.run("fetch")
        copy = folder / "copy.jpg"
        Image.open(shown.path).resize((300, 225)).save(copy, quality=70)
        found = [
            _unlike("a copy of a picture", platform.matched(copy), BOTH),
            _unlike("a video", platform.matched(video.path), ONE),
            _unlike("what nobody has reviewed", platform.matched(hidden.path), {}),
        ]
        publisher.withdraw(shown)
        later = publisher.picture("rocket")
        publisher.say()
        platform.run("fetch")
        denied = {"as_stopncii": "DISPUTED"}
        found += [
            _unlike("what was registered meanwhile", platform.matched(later.path), BOTH),
            _unlike("what was withdrawn", platform.matched(copy), denied),
            _unlike("a video, still", platform.matched(video.path), ONE),
        ]
        return [item for item in found if item]


def measure() -> dict[str, int]:
    """`threatexchange_client_ok`. What is wrong is printed."""
    with (
        services.postgres() as server,
        server.clone() as url,
        tempfile.TemporaryDirectory() as folder,
        processes.running(url, Path(folder)) as running,
    ):
        found = faults(running, Path(folder))
    for fault in found:
        print(f"threatexchange: {fault}", file=sys.stderr)
    return {"threatexchange_client_ok": int(not found)}


def _unlike(what: str, found: Mapping[str, str], wanted: Mapping[str, str]) -> str | None:
    return None if found == wanted else f"{what}: {dict(found)} instead of {dict(wanted)}"


def _done(answer: httpx2.Response) -> Any:
    if not answer.is_success:
        raise RuntimeError(f"{answer.request.url.path}: {answer.status_code} {answer.text}")
    return answer.json()
