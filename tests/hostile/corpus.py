"""The corpus: hostile files of every kind, made anew from a seed. None is stored.

`python -m tests.hostile.corpus FOLDER [SEED]` writes them. A file that a run of `make fuzz` has found is
named in `tests/hostile/findings.py` and belongs to the corpus.
"""

from __future__ import annotations

import hashlib
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import orjson

from tests.hostile import archives, bases, extremes, findings, manifests, texts
from tests.hostile.shapes.shape import Change, changes, drawn
from tests.hostile.targets import DECODERS, TARGETS, Target

SEED: Final = 27
OF_A_BASE: Final = 30
"""Files made of one well-formed file."""
OF_A_TEXT: Final = 60
TEXTS: Final[dict[str, tuple[Target, Callable[[], Iterable[Change]]]]] = {
    "document.json": ("document", lambda: texts.json_changes(texts.document())),
    "statement.json": ("statements", lambda: texts.json_changes(texts.statements())),
    "descriptor.jsonl": ("hashes", lambda: texts.json_changes(texts.descriptor())),
    "feed.ndjson": ("feed", texts.feed_pages),
    "proof.json": ("proof", lambda: texts.json_changes(orjson.loads(texts.proof()))),
    "hashes.csv": ("hashes", lambda: texts.line_changes(texts.hash_list())),
    "urls.csv": ("urls", lambda: texts.line_changes(texts.url_list())),
    "mail.mbox": ("mail", lambda: texts.line_changes(texts.mail())),
    "bundle.zip": ("bundle", lambda: changes(archives.evidence(), archives.shape(archives.evidence()))),
    "book.xlsx": ("urls", lambda: changes(archives.workbook(), archives.shape(archives.workbook()))),
}
"""What is changed, by the name of the well-formed file."""


@dataclass(frozen=True, slots=True)
class Case:
    """`name`: unique, says what was done to which file; its suffix is the format."""

    name: str
    target: Target
    content: bytes


def cases(seed: int = SEED, *, share: float = 1.0) -> Iterator[Case]:
    """Yield every file of the corpus, all distinct. `share`: of the systematic changes, 0-1."""
    seen: set[bytes] = set()
    made = (Case(name, "media", make()) for name, make in extremes.EXTREMES.items())
    for case in (*made, *media(seed, share=share), *texts_and_archives(seed, share=share)):
        digest = hashlib.sha256(case.target.encode() + case.content).digest()
        if digest not in seen:
            seen.add(digest)
            yield case


def media(seed: int = SEED, *, share: float) -> Iterator[Case]:
    """Yield media and manifests without the extremes, and those that runs have found."""
    yield from _found(DECODERS)
    for name in bases.NAMES:
        data = bases.media(name)
        shape = bases.shape_of(name, data)
        random = Random(f"{seed} {name}")
        kept = [(change, make()) for change, make in _some(changes(data, shape), OF_A_BASE * share, random)]
        kept += [drawn(data, shape, random) for _ in range(math.ceil(OF_A_BASE * share / 3))]
        yield from _named(name, "media", kept)
    kept = [
        (change, make()) for change, make in _some(manifests.changed(), 2 * OF_A_BASE * share, Random(seed))
    ]
    yield from _named("signed.png", "manifest", kept)
    yield from (Case(name, "manifest", content) for name, content in manifests.bombs())


def texts_and_archives(seed: int = SEED, *, share: float) -> Iterator[Case]:
    """Yield all that is read in Python, and what of it runs have found."""
    yield from _found(frozenset(TARGETS) - DECODERS)
    for name, content in archives.bombs():
        yield Case(name, "bundle", content)
        yield Case(f"list-{name}", "urls", content)
    yield from (Case(name, "urls", content) for name, content in archives.workbooks())
    yield from (Case(f"{name}.eml", "mail", content) for name, content in texts.mail_bombs())
    yield from (Case(f"{name}.http", "answer", content) for name, content in texts.http_answers())
    for name, (target, source) in TEXTS.items():
        random = Random(f"{seed} {name}")
        kept = [(change, make()) for change, make in _some(source(), OF_A_TEXT * share, random)]
        yield from _named(name, target, kept)


def _found(chosen: AbstractSet[Target]) -> Iterator[Case]:
    for name, finding in findings.FINDINGS.items():
        if finding.target in chosen:
            yield Case(name, finding.target, finding.make())


def _some(source: Iterable[Change], most: float, random: Random) -> list[Change]:
    listed = list(source)
    return random.sample(listed, min(round(most), len(listed)))


def _named(base: str, target: Target, kept: Iterable[tuple[str, bytes]]) -> Iterator[Case]:
    stem, _, suffix = base.rpartition(".")
    for number, (change, content) in enumerate(kept):
        plain = re.sub(r"[^a-z0-9-]+", "_", change.lower())[-60:]
        yield Case(f"{stem}-{number:03}-{plain}.{suffix}", target, content)


def main() -> None:
    """Write the corpus into a folder, each file in a folder of its target."""
    folder = Path(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    count = 0
    for case in cases(seed):
        (folder / case.target).mkdir(parents=True, exist_ok=True)
        (folder / case.target / case.name).write_bytes(case.content)
        count += 1
    print(f"{count} files in {folder}")


if __name__ == "__main__":
    main()
