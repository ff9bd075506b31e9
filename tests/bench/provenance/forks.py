"""Ledgers rewritten, cut short, and shown to two readers as two: whether that is seen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from registry.app.service.bootstrap import bootstrap
from registry.app.wiring import wire
from registry.core.messaging.broker import prepare
from registry.core.service import open_service
from registry.core.settings import Settings
from registry.identity.callers.service.keys import authenticate
from tests.support.sharing import peering
from tests.support.sharing.peering import Registry
from tests.support.sharing.publishing import Publisher, line, serving

GROWN: Final = (0, 1, 6)
"""Pages by which a ledger has grown when it is looked at again."""
OTHERWISE: Final = {
    "altered": (line("a", tier="unreviewed"),),
    "left-out": (line("c"),),
    "doubled": (line("a", "withdrawn"), line("a", "withdrawn")),
}
"""What one reader is shown where another is shown that `a` was withdrawn."""


def of_one(url: str, folder: Path) -> dict[str, int]:
    """Each leaf of a feed's ledger altered, dropped, doubled or put in another place, and the ledger cut
    short; at the size that was seen, and grown since. Unseen is what does not suspend the peer, and of a
    ledger that is cut short and not grown again, what is not refused."""
    wire()
    service = open_service(Settings(database_url=url, data=folder, exchange_private=True))
    prepare(service.settings)
    injected = unseen = 0
    try:
        key = bootstrap(service)
        assert key
        reader = authenticate(service, key)
        for name, rewrite in _rewrites():
            for grown in GROWN:
                publisher = Publisher(f"p{injected}")
                for page in range(4):
                    publisher.publish(line(f"{injected} {page}"))
                with serving(publisher) as publisher.url:
                    peering.add_published(service, reader, publisher)
                    assert peering.pull_published(service, reader, publisher).error is None
                    rewrite(publisher)
                    for number in range(grown):
                        publisher.publish(line(f"{injected} grown {number}"))
                    found = peering.pull_published(service, reader, publisher)
                injected += 1
                codes = {"peer_forked"} if len(publisher.leaves) >= 8 else {"peer_forked", "peer_behind"}
                seen = found.error is not None and found.error["code"] in codes
                kept = found.added == 4
                unseen += not (seen and kept)
                if not (seen and kept):
                    sys.stderr.write(f"unseen: {name}, grown by {grown}: {found.error}\n")
    finally:
        service.close()
    return {"forks_injected": injected, "forks_unseen": unseen}


def of_two(item: Registry, other: Registry) -> dict[str, int]:
    """A registry that shows two others, on deployments of their own, two ledgers: of the same size, or one
    grown since. The second reads the first, so it hears what that was shown."""
    faces: list[tuple[str, Publisher, Publisher]] = []
    for what in OTHERWISE:
        for grown in GROWN:
            first = Publisher(f"{what}-{grown}")
            second = Publisher(first.name, key=first.key)
            for shown in (first, second):
                shown.publish(line("a"), line("b"))
            first.publish(line("a", "withdrawn"))
            second.publish(*OTHERWISE[what])
            for number in range(grown):
                second.publish(line(f"grown {number}"))
            faces.append((first.name, first, second))
    unseen = 0
    with ExitStack() as stack:
        for name, first, second in faces:
            for registry, face in ((item, first), (other, second)):
                face.url = stack.enter_context(serving(face))
                with registry.api.service() as service:
                    reader = authenticate(service, registry.token)
                    peering.add_published(service, reader, face, name)
                    assert peering.pull_published(service, reader, face, name).error is None
        assert other.pull("north")["error"] is None
        for name, _, _ in faces:
            found = other.call("GET", f"/v1/peers/{name}")
            found = other.pull(name) if found["state"] == "active" else found
            if found["state"] != "suspended" or found["forks"][0]["told_by"] != "north":
                unseen += 1
                sys.stderr.write(f"unseen: shown otherwise elsewhere, {name}: {found['error']}\n")
    return {"forks_injected": len(faces), "forks_unseen": unseen}


def _rewrites() -> Iterator[tuple[str, Callable[[Publisher], None]]]:
    for place in range(8):
        yield f"leaf {place} altered", partial(_set, place=place, leaf=b"altered")
        yield f"leaf {place} dropped", partial(_drop, place=place)
    for place in range(7):
        yield f"leaf {place} doubled", partial(_double, place=place)
        yield f"leaves {place}, {place + 1} swapped", partial(_swap, place=place)
    for kept in (1, 3, 6):
        yield f"cut off after {kept}", partial(_cut, kept=kept)


def _set(publisher: Publisher, *, place: int, leaf: bytes) -> None:
    publisher.leaves[place] = leaf


def _drop(publisher: Publisher, *, place: int) -> None:
    publisher.leaves.pop(place)


def _double(publisher: Publisher, *, place: int) -> None:
    publisher.leaves.insert(place, publisher.leaves[place])


def _swap(publisher: Publisher, *, place: int) -> None:
    publisher.leaves[place], publisher.leaves[place + 1] = (
        publisher.leaves[place + 1],
        publisher.leaves[place],
    )


def _cut(publisher: Publisher, *, kept: int) -> None:
    """As after a backup was restored: what is published then takes the places of what is gone."""
    publisher.leaves = publisher.leaves[:kept]
    publisher.pages = [page for page in publisher.pages if page[0] < kept]
