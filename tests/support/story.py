"""A scenario with several organizations: their people, files and received messages."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from skimage import data
from standardwebhooks.webhooks import Webhook

from tests.support.media import clips as media
from tests.support.service.api import NOBODY
from tests.support.service.stack import Stack
from tests.support.takedown.endpoints import Endpoint

Line = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """A caller of an organization, on the command line and over HTTP."""

    service: Stack
    key: str

    def __call__(self, *arguments: str | Path, refused: str = "") -> Line:
        """Return the one line that a command prints with --json. `refused`: the error code that is
        expected."""
        done = self.service.fakeprint(*arguments, "--json", FAKEPRINT_KEY=self.key)
        assert done.status == (1 if refused else 0), (arguments, done.stdout, done.stderr)
        assert (done.line.get("error") or {}).get("code", "") == refused, done.stdout
        return done.line

    def lines(self, *arguments: str) -> list[Line]:
        done = self.service.fakeprint(*arguments, "--json", FAKEPRINT_KEY=self.key)
        assert done.status == 0, done.stderr
        return done.lines

    def get(self, path: str) -> tuple[int, Any]:
        """Return status and body of a GET request."""
        found = httpx2.get(
            f"{self.service.url}{path}",
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=60,
            trust_env=False,
            verify=NOBODY,
        )
        return found.status_code, found.json()


@dataclass
class Story:
    """The people, the files, and the results of the chapters so far."""

    service: Stack
    folder: Path
    people: dict[str, Person] = field(default_factory=dict)
    told: Endpoint | None = None
    secret: str = ""
    entry_id: str = ""
    genuine_id: str = ""
    watched: Line = field(default_factory=dict)

    def __getattr__(self, name: str) -> Person:
        return self.people[name]

    def asks(self, file: str = "shared", who: str = "platform", *more: str) -> Line:
        """Look up one of the files."""
        return self.people[who]("lookup", self.folder / f"{file}.mp4", "--bank", "elecciones", *more)

    def seen(self, file: str, who: str) -> tuple[str, list[str], str | None]:
        """Return verdict, reasons and recommended action."""
        found = self.asks(file, who)
        return found["verdict"], found["reasons"], found["action"]


def files(made: Path, claim: str) -> None:
    """Create the scenario's files.

    `fake` and its `original`, a `shared` copy of the fake, a `broadcast` of the original, a genuine `speech`
    and a `clip` of it. `page` is a fact-check of the fake with the claim `claim`.
    """
    media.encode(made / "original.mp4", pan(media.photograph("astronaut")), rate=8)
    media.encode(made / "fake.mp4", pan(swapped()), rate=8)
    media.clip(made / "speech.mp4", "coffee", seconds=4, rate=8)
    for source, copy in (("fake", "shared"), ("original", "broadcast"), ("speech", "clip")):
        media.ffmpeg("-i", made / f"{source}.mp4", "-vf", "scale=480:-2", "-crf", "30", made / f"{copy}.mp4")
    page = {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": "https://verificadores.example/dimision",
        "claimReviewed": claim,
        "inLanguage": "es",
        "itemReviewed": {"@type": "Claim", "appearance": "https://video.example/watch/1"},
    }
    (made / "page.jsonld").write_text(json.dumps(page))


def pan(picture: media.Pixels, frames: int = 32) -> Iterator[media.Pixels]:
    for index in range(frames):
        yield media.view(picture, 640, 360, 0.25 + 0.25 * index / frames)


def swapped(which: int = 12) -> media.Pixels:
    """Return the astronaut with one of the first 100 faces of Labeled Faces in the Wild in place of hers."""
    face = Image.fromarray((data.lfw_subset()[which] * 255).astype(np.uint8)).convert("RGB")  # type: ignore[no-untyped-call]
    face = face.resize((120, 130), Image.Resampling.LANCZOS)
    mask = Image.new("L", face.size, 0)
    ImageDraw.Draw(mask).ellipse((6, 4, 114, 126), fill=255)
    made = Image.fromarray(media.photograph("astronaut"))
    made.paste(face, (165, 55), mask.filter(ImageFilter.GaussianBlur(5)))
    return np.asarray(made)


def messages(story: Story) -> list[Line]:
    """Return the messages that the platform has received, after checking their signatures."""
    assert story.told is not None
    return [Webhook(story.secret).verify(item.body, item.headers) for item in list(story.told.received)]


def about(story: Story, kind: str, entry_id: str) -> list[Line]:
    """Return the data of messages of a kind about an entry."""
    payloads = [message["data"] for message in messages(story) if message["type"] == kind]
    return [message for message in payloads if message["entry_id"] == entry_id]


def history(story: Story) -> Line:
    """Return the entry's history if a signed checkpoint covers all of it, else an empty object."""
    found = story.desk("ledger", "history", story.entry_id)
    return found if all(event["proof"] for event in found["events"]) else {}


def until[T](found: Callable[[], T], seconds: float = 60) -> T:
    ends = time.monotonic() + seconds
    while not (value := found()) and time.monotonic() < ends:
        time.sleep(0.2)
    assert value
    return value
