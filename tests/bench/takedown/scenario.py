"""One fake in hundreds of places, from its registration to the file for the judge, on a service that is
killed on the way: what each step takes, and what its receivers got.

The service is `fakeprint up` with its real workers; platforms are servers on this machine. All is said by the
command line and the API, by callers with one role each. Where a term of days has to end, its row in the
database is moved into the past (`Deployment.let_terms_end`): the beat then raises it by the real clock."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2

from tests.bench.takedown.deployment import Deployment
from tests.bench.takedown.material import Material
from tests.bench.takedown.receivers import Receivers
from tests.bench.takedown.rows import FAKES, List, Planned
from tests.support.service.stack import Stack

Line = dict[str, Any]
ROWS: Final = 500
FEW: Final = 120
"""Rows of a short run, the 30 defects among them."""


@dataclass(frozen=True)
class Person:
    """A caller, at the command line and over HTTP."""

    service: Stack
    key: str

    def lines(self, *arguments: str | Path, status: int = 0) -> list[Line]:
        """What a command prints with --json. Raises `AssertionError` where it ends otherwise."""
        done = self.service.fakeprint(*arguments, "--json", FAKEPRINT_KEY=self.key)
        said = [str(argument)[:80] for argument in arguments[:12]]
        assert done.status == status, (said, done.status, done.stdout[-1500:], done.stderr[-1500:])
        return done.lines

    def __call__(self, *arguments: str | Path, status: int = 0) -> Line:
        (line,) = self.lines(*arguments, status=status)
        return line

    def refused(self, *arguments: str | Path) -> str:
        """The code with which a command ends that must not be done."""
        return str(self(*arguments, status=1)["error"]["code"])

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        found = httpx2.request(
            method,
            f"{self.service.url}{path}",
            headers={"Authorization": f"Bearer {self.key}"},
            json=body,
            timeout=60,
            trust_env=False,
        )
        assert found.is_success, (method, path, found.status_code, found.text[:1000])
        return found.json()

    def pages(self, path: str, name: str) -> list[Line]:
        """All of a list that comes in pages."""
        found: list[Line] = []
        after = ""
        while True:
            page = self.ask("GET", f"{path}?limit=200{after}")
            found += page[name]
            if page["next"] is None:
                return found
            after = f"&after={page['next']}"


@dataclass
class Scenario:
    """What there is so far. `short`: waits between attempts are shortened as terms are, and nothing is killed
    at a place that only a long run reaches. `wrong`: what came out otherwise than it must."""

    folder: Path
    media: Material
    there: Receivers
    service: Deployment
    short: bool
    people: dict[str, Person] = field(default_factory=dict)
    listed: List = field(default_factory=List)
    entry_id: str = ""
    campaign_id: str = ""
    notices: dict[int, str] = field(default_factory=dict)
    """By line of the list."""
    verdicts: dict[str, str] = field(default_factory=dict)
    letters: list[str] = field(default_factory=list)
    """Notices that were printed and handed over, in order."""
    later: set[str] = field(default_factory=set)
    """Places that came after the list: of a fake that was put up again."""
    figures: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def lawyer(self) -> Person:
        return self.people["lawyer"]

    def line_of(self, notice_id: str) -> Planned:
        line = next(line for line, one in self.notices.items() if one == notice_id)
        return next(row for row in self.listed.rows if row.line == line)

    def of(self, *shows: str, platform: str = "") -> list[str]:
        """Notices at whose places this is, in the list's order."""
        rows = [item for item in self.listed.of(*shows) if not platform or item.platform == platform]
        return [self.notices[row.line] for row in rows]

    def expect(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.wrong.append(f"{what}: {found!r}, not {wanted!r}")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Told on stderr, and timed."""
        sys.stderr.write(f"{time.strftime('%H:%M:%S')} {name}\n")
        sys.stderr.flush()
        begun = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - begun, 2)

    def go(self, *steps: Callable[[Scenario], None]) -> None:
        """One after the other; each is told by the first line of what it says of itself."""
        for item in steps:
            with self.step((item.__doc__ or item.__name__).partition("\n")[0].rstrip(".")):
                item(self)

    def count(self) -> dict[str, int]:
        """What the receivers got: `notices_sent`; `sent_twice`, by identity and by place; `wrongly_sent`."""
        arrived = self.there.arrived()
        fresh = [item for item in arrived if not item.again]
        places = [item.place for item in fresh] + [self.line_of(letter).key for letter in self.letters]
        identities = [item.identity for item in fresh]
        wanted = {row.key for row in self.listed.rows if row.outcome == "added" and row.shows in FAKES}
        return {
            "notices_sent": len(places),
            "sent_twice": max(len(places) - len(set(places)), len(identities) - len(set(identities))),
            "wrongly_sent": sum(place not in wanted | self.later for place in places),
            "told_again_under_one_id": len(arrived) - len(fresh),
        }
