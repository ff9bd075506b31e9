"""Debunks: a fake and what it was made from in one picture. Do they come out as `known_fake` and `mixed`?

Whoever shows both at once explains a fake; no machine should remove that unseen. So the fake is there, and
the answer says that the original is too, by all of the file and, where they settle it, by keyframes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import httpx2

from tests.bench.accuracy.judging import Entry, Query
from tests.bench.accuracy.media import copies
from tests.bench.accuracy.media.copies import CACHE, Job, Made, progress
from tests.bench.accuracy.media.material import Material
from tests.bench.accuracy.media.recipes import VERSION, Edit, Plan, Setting, Truth, file

SHARE: Final = 0.4
"""Width of the picture that is set in, as a share of the whole's."""
OPTIONS: Final = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "23", "-g", "50", "-an")
"""With a keyframe every two seconds, as apps and broadcasters set them, so that keyframes could settle it."""


@dataclass(frozen=True, slots=True)
class Told:
    """Of `asked` debunks, how many came out as `known_fake`, and how many of these as `mixed`."""

    asked: int
    known: int
    mixed: int

    def figures(self) -> dict[str, float]:
        return {"debunks": self.asked, "debunks_known_fake": self.known, "debunks_mixed": self.mixed}


def set_in(it: Setting) -> Plan:
    """The fake, and in its lower right the original."""
    width, height = it.size
    small = f"scale={round(SHARE * width / 2) * 2}:{round(SHARE * height / 2) * 2},setsar=1,fps={it.rate:g}"
    return _plan(it, f"[0:v]{it.base}[a];[1:v]{small}[b];[a][b]overlay=W-w-10:H-h-10:shortest=1[v]")


def beside(it: Setting) -> Plan:
    """The fake, and as large on its right the original."""
    width, height = it.size
    right = f"[1:v]scale={width}:{height},setsar=1,fps={it.rate:g}[b]"
    return _plan(it, f"[0:v]{it.base}[a];{right};[a][b]hstack=shortest=1[v]")


DEBUNKS: Final = (Edit("debunk, set in", set_in), Edit("debunk, side by side", beside))


def jobs(material: Material) -> list[Job]:
    """Every debunk of every fake whose original is known."""
    return [copies.job(edit, setting) for setting, edit in _pairs(material)]


def queries(material: Material, done: Mapping[str, Made], entries: Mapping[str, Entry]) -> list[Query]:
    """The debunks to look up once originals are registered."""
    return [
        Query(
            edit.name,
            it.source.name,
            it.source.group,
            frozenset({it.source.group}),
            done[f"{edit.name}|{it.source.name}"].whole,
            entries[it.source.name],
            has_original=True,
        )
        for it, edit in _pairs(material)
        if it.source.name in entries and done[f"{edit.name}|{it.source.name}"].failed is None
    ]


def answers_of(client: httpx2.Client, asked: Sequence[Query]) -> Told:
    """What the whole documents of debunks come to."""
    known = mixed = 0
    for query in progress(iter(asked), len(asked), "looking up debunks"):
        body = {"type": "document", "document": query.document}
        response = client.post("/v1/lookups", json=body).raise_for_status()
        answer = response.json()
        known += answer["verdict"] == "known_fake"
        mixed += answer["verdict"] == "known_fake" and answer["mixed"]
    return Told(len(asked), known, mixed)


def show(found: Told) -> None:
    """What became of them, in words."""
    print(f"\ndebunks: {found.known} of {found.asked} known_fake, {found.mixed} of these mixed")


def _pairs(material: Material) -> Iterator[tuple[Setting, Edit]]:
    for source in material.sources:
        original = material.originals.get(source.name)
        if original is not None and not source.still:
            for edit in DEBUNKS:
                yield Setting(source, (original, original), None, CACHE / f"drawings-{VERSION}"), edit


def _plan(it: Setting, graph: str) -> Plan:
    original, _ = it.next_two
    shown = (0.0, min(it.source.duration, original.duration))
    return Plan((file(it.source), file(original)), graph, Truth(shown, shown), OPTIONS, also=(original,))
