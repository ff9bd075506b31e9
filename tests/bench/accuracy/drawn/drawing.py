"""What an edit draws on: its source, a generator seeded for it, unrelated clips, the source's faces."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import av

from tests.bench.accuracy.media.material import Item
from tests.bench.accuracy.media.recipes import PHONE_APP, Plan, Setting, Truth, file


@dataclass(frozen=True, slots=True)
class Seen:
    """A face of the source: its second, centre and width as shares of the picture."""

    second: float
    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Draw:
    """The inputs of one edit. `rng` is seeded by the run's seed, the edit and the source's SHA-256.

    `carriers`: unrelated clips, never registered, the liveliest first. `faces`: those of the source's main
    track, in order of time.
    """

    source: Item
    rng: random.Random
    carriers: Sequence[Item]
    folder: Path
    faces: Sequence[Seen] = ()

    @property
    def _setting(self) -> Setting:
        return Setting(self.source, None, None, self.folder)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the source as a phone holds it, in pixels."""
        return self._setting.size

    @property
    def base(self) -> str:
        return self._setting.base

    @property
    def rate(self) -> float:
        return self._setting.rate

    @property
    def length(self) -> float:
        return self.source.duration

    def shown(self, start: float, end: float) -> tuple[float, float]:
        """Return FFmpeg's seconds of the source from its first picture on: sound may begin earlier."""
        with av.open(str(self.source.path)) as container:
            stream = container.streams.video[0]
            first = float((stream.start_time or 0) * (stream.time_base or 0))
            late = max(0.0, first - (container.start_time or 0) / av.time_base)
        return max(0.0, start - late), max(0.0, end - late)

    def between(self, low: float, high: float) -> float:
        """Return a number drawn evenly, to three digits."""
        return round(self.rng.uniform(low, high), 3)

    def carrier(self, *, sound: bool | None = None) -> Item:
        """Return one of the unrelated clips: with sound, without it, or any."""
        fitting = [item for item in self.carriers if sound is None or item.audio == sound]
        return self.rng.choice(fitting or list(self.carriers))

    def lively(self, count: int) -> list[Item]:
        """Return so many of the livelier half of the unrelated clips, each once where there are enough."""
        half = list(self.carriers[: max(1, (len(self.carriers) + 1) // 2)])
        self.rng.shuffle(half)
        return [half[at % len(half)] for at in range(count)]


@dataclass(frozen=True, slots=True)
class Drawn:
    """An edit by name, whose parameters are drawn. `least`: seconds a source needs. `timed`: counts for the
    precision of spans. `inserted`: a short cut in another clip. `loud`, `faced`: needs sound, faces."""

    name: str
    plan: Callable[[Draw], Plan]
    least: float = 0.0
    timed: bool = False
    inserted: bool = False
    loud: bool = False
    faced: bool = False

    def lacks(self, draw: Draw) -> str:
        """Return why the edit cannot be made; '' if it can."""
        if draw.length < self.least:
            return f"source shorter than {self.least:g} s"
        if self.loud and not draw.source.audio:
            return "source without sound"
        return "source without a face" if self.faced and not draw.faces else ""


def even(value: float) -> int:
    """Return the nearest even number of pixels, at least 2."""
    return max(2, round(value / 2) * 2)


def encoded(crf: int) -> tuple[str, ...]:
    return ("-c:v", "libx264", "-preset", "veryfast", "-crf", str(crf), "-pix_fmt", "yuv420p")


def whole_truth(draw: Draw) -> Truth:
    return Truth((0.0, draw.length), (0.0, draw.length))


def filtered(
    draw: Draw,
    filters: str,
    *,
    options: tuple[str, ...] = PHONE_APP,
    suffix: str = ".mp4",
) -> Plan:
    """Return the plan of all of the source through a chain of filters."""
    chain = ",".join(part for part in (draw.base, filters) if part)
    return Plan((file(draw.source),), f"[0:v]{chain}[v]", whole_truth(draw), options, suffix, sound=0)


def over(draw: Draw, picture: Path, place: str = "0:0", before: str = "") -> Plan:
    """Return the plan of the source with a picture on top."""
    chain = ",".join(part for part in (draw.base, before) if part)
    graph = f"[0:v]{chain}[a];[a][1:v]overlay={place}:format=auto[v]"
    return Plan((file(draw.source), ("-i", str(picture))), graph, whole_truth(draw), sound=0)


def looped(item: Item) -> tuple[str, ...]:
    """Return the clip as an input that never ends."""
    return file(replace(item, whole=True), "-stream_loop", "-1")
