"""Drawing of a match's spans: the query's seconds above, the medium's below. Also the contents of a query by
time. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

MOST_TICKS: Final = 5
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
LEAST: Final = 0.6
"""Smallest width of a stretch, in percent of its line, so that a moment in a film stays visible."""

TOUCHES: Final = 0.5
"""Stretches at most this many seconds apart are merged."""

Stretch = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """Time line of one medium: its length in `seconds`, its ticks in seconds."""

    seconds: float
    ticks: tuple[float, ...]

    def at(self, second: float) -> float:
        """Return the position of a second, in percent."""
        return round(min(100.0, max(0.0, 100 * second / self.seconds)), 3)

    def wide(self, stretch: Sequence[float]) -> Stretch:
        """Return the position and the width of a stretch, in percent."""
        begin, end = self.at(stretch[0]), self.at(stretch[1])
        width = max(LEAST, end - begin)
        return (round(min(begin, 100 - width), 3), round(width, 3))


@dataclass(frozen=True, slots=True)
class Band:
    """A span as drawn: its stretches above and below in percent, and the corners of the polygon between them,
    on a 100 by 100 square."""

    above: Stretch
    below: Stretch
    corners: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The two time lines of a match and its bands. Still images have none."""

    above: Line
    below: Line
    bands: tuple[Band, ...]


def drawn(match: Mapping[str, Any]) -> Drawn | None:
    """Return the drawing of one match, or None if it has no duration (a still image, a digest)."""
    spans = match["spans"]
    above = line([span["query"] for span in spans], match["coverage"]["query"])
    below = line([span["asset"] for span in spans], match["coverage"]["asset"])
    if above is None or below is None:
        return None
    return Drawn(
        above, below, tuple(_band(above.wide(span["query"]), below.wide(span["asset"])) for span in spans)
    )


@dataclass(frozen=True, slots=True)
class Content:
    """A stretch of the query and what it shows. `lasts` is false for a single frame."""

    query: Stretch
    relation: str
    title: str

    @property
    def lasts(self) -> bool:
        return self.query[1] > self.query[0]


def contents(matches: Sequence[Mapping[str, Any]]) -> tuple[Content, ...]:
    """Return the stretches of the query that match anything, in time order. Stretches of one match that touch
    are merged."""
    stretches: list[Content] = []
    for match in matches:
        joined: list[Stretch] = []
        for begin, end in sorted((span["query"][0], span["query"][1]) for span in match["spans"]):
            if joined and begin <= joined[-1][1] + TOUCHES:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((begin, end))
        stretches += [Content(stretch, match["relation"] or "", match["title"] or "") for stretch in joined]
    return tuple(sorted(stretches, key=lambda content: content.query))


def line(stretches: Sequence[Sequence[float]], coverage: float) -> Line | None:
    """Return the time line of a medium of which `stretches` cover the share `coverage` (0-1). The length is
    derived from both, because the answer does not hold it. None without a length."""
    covered, reached = 0.0, 0.0
    for begin, end in sorted((stretch[0], stretch[1]) for stretch in stretches):
        covered += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    if covered <= 0:
        return None
    seconds = max(reached, covered / coverage if coverage > 0 else 0.0)
    return Line(seconds, ticks(seconds))


def ticks(seconds: float) -> tuple[float, ...]:
    """Return round seconds from 0, at most `MOST_TICKS`. Ticks near the end are left out, because their
    labels would not fit."""
    step = next((step for step in _STEPS if seconds / step <= MOST_TICKS - 1), _STEPS[-1])
    last = int(seconds / step) if seconds / step < MOST_TICKS * 2 else 0
    return tuple(float(step * at) for at in range(last + 1) if step * at <= seconds * 0.96)


def clock(second: float, *, fine: bool = False) -> str:
    """Format seconds as `1:02` or `1:00:02`; `fine`: with tenths."""
    tenths = round(second * 10) if fine else round(second) * 10
    total, tenth = divmod(tenths, 10)
    minutes, seconds = divmod(total, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{text}.{tenth}" if fine else text


def _band(above: Stretch, below: Stretch) -> Band:
    corners = ((above[0], 0), (above[0] + above[1], 0), (below[0] + below[1], 100), (below[0], 100))
    return Band(above, below, " ".join(f"{x:g},{y}" for x, y in corners))
