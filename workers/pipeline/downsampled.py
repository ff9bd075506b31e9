"""A list over time of bounded size: surplus items are dropped evenly. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence


class Downsampled[Thing]:
    """Things added moment by moment, limited to a total `size` of `most`, or to one moment's things.

    Beyond the limit only every second moment is kept, then every fourth, including moments still to come.
    """

    def __init__(self, most: int, size: Callable[[Thing], int] = lambda _: 1) -> None:
        self._most = most
        self._size = size
        self._kept: list[tuple[int, Thing]] = []
        self._taken = 0
        self._moments = 0
        self._every = 1

    def add(self, things: Sequence[Thing]) -> None:
        """Add the things of one moment. An empty list does not count as a moment."""
        if not things:
            return
        if self._moments % self._every == 0:
            self._kept += [(self._moments, thing) for thing in things]
            self._taken += sum(map(self._size, things))
        self._moments += 1
        while self._taken > self._most and self._kept[0][0] != self._kept[-1][0]:
            self._every *= 2
            self._kept = [(moment, thing) for moment, thing in self._kept if moment % self._every == 0]
            self._taken = sum(self._size(thing) for _, thing in self._kept)

    def __iter__(self) -> Iterator[Thing]:
        return (thing for _, thing in self._kept)

    def __len__(self) -> int:
        return len(self._kept)
