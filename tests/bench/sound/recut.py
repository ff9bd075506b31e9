"""Who is accused and what is decided where a fake has genuine words: cuts and fakes drawn from a seed.

    [SEED=N] [HELD_OUT=1] [EVERY_EDIT=1] python -m tests.bench.sound.recut FOLDER

Registered: an original of 30 seconds, and a fake that has words of it, after an edit that people do. The
cases have the edits in turn, or each has every one (EVERY_EDIT=1). The verdicts are printed. `cut`: of
genuine recordings whose pauses, sentences, or all but some words were cut, and with which the fake begins.
`put`: of copies of fakes with 1.6 to 3 s of another's words among genuine ones. `laid over`: the same where
another place of the original is heard 6 dB below these words.

The originals are sounds of FOLDER (its development half, or the other one with HELD_OUT=1), texts by voices
of espeak-ng, and generated speech. Words put among those of espeak-ng are its own, a little higher."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Final

import numpy as np

from registry.catalogue.entries.model.entry import Manipulation
from registry.matching.decision.model import decision
from tests.bench.accuracy.drawn.footage import half_of
from tests.bench.sound import __main__ as bench
from tests.bench.sound import voices
from tests.bench.sound.edits import Source, edited
from tests.support.media import sounds
from workers.media.sound import RATE, Samples

CUT: Final = {
    "a pause after the first words": ((0.5, 2), (3.3, 12)),
    "pauses": ((0, 6), (7, 1.5), (9, 1.5), (11, 12)),
    "the last words moved": ((0, 13), (13.6, 1.4)),
    "words put first": ((15, 2.5), (0, 14)),
    "much around some words": ((0, 8), (14, 2.2), (21, 8)),
    "words in a row": ((0, 8), (9, 1.8), (11.5, 1.8), (14, 1.8), (16.5, 1.8), (19, 1.8)),
    "all but words": tuple((3.0 * word, 1.5) for word in range(9)),
}
"""Seconds that are kept: begin and length."""
PUT: Final = {
    "between": (8, 2.5, 8),
    "in their place": (8, 2.5, 10.5),
    "in the place of more": (8, 3, 12.5),
    "few in the place of more": (8, 1.6, 10.5),
    "at the end": (12, 2, None),
}
"""Where other words begin, how long they are, and where the original goes on."""
BELOW: Final = 10 ** (-6 / 20)
ELSEWHERE: Final = 3.3
"""Seconds by which the original that is laid under other words is another part of it."""
EDITS: Final = (None, "opus", "telephone", "noise", "recorded in a room")
LONG: Final = 29.0


def originals(folder: Path, seed: int, half: str) -> Iterator[tuple[str, Samples, Samples]]:
    """Yield names, originals and other words."""
    for source in bench.sources(folder, []):
        if half_of(source.group) == half and source.seconds >= LONG:
            yield source.name, source.samples, source.other
    for place, voice in enumerate(voices.VOICES):
        if half_of(voice) == half:
            texts = [(place + text) % len(voices.TEXTS) for text in range(len(voices.TEXTS))]
            spoken = [voices.say(voice, text, 150 + seed % 20, 50) for text in texts[:4]]
            yield voice, np.concatenate(spoken), voices.say(voice, texts[4], 150 + seed % 20, 56)
    for number in range(4):
        own, other = (
            sounds.at_half_rate(sounds.speech(4 * seed + number + more, 30)) for more in (0, 1 << 20)
        )
        yield f"generated {number}", own, other


def part(samples: Samples, begin: float, seconds: float) -> Samples:
    first = round(begin * RATE)
    return samples[first : first + round(seconds * RATE)]


def cut(original: Samples, kept: Sequence[tuple[float, float]]) -> Samples:
    return np.concatenate([part(original, begin, seconds) for begin, seconds in kept])


def put(original: Samples, other: Samples, place: tuple[float, float, float | None], below: float) -> Samples:
    """Return the original with other words at a place, under which it goes on elsewhere."""
    begin, seconds, on = place
    words = part(other, 1, seconds) + below * part(original, begin + ELSEWHERE, seconds)
    after = part(original, on, 12) if on is not None else original[:0]
    return np.concatenate([part(original, 0, begin), np.clip(words, -32_000, 32_000).astype(np.int16), after])


def level(samples: Samples) -> Samples:
    """Return it as loud as all others."""
    loud = samples.astype(np.float64) * 3_000 / np.sqrt((samples.astype(np.float64) ** 2).mean())
    clipped: Samples = np.clip(loud, -32_000, 32_000).astype(np.int16)
    return clipped


def cases(original: Samples, other: Samples) -> Iterator[tuple[str, Samples, Samples, Manipulation]]:
    """Yield what is asked for and the fake that is registered."""
    for case, kept in CUT.items():
        genuine = cut(original, kept)
        yield f"cut: {case}", genuine, np.concatenate([genuine, part(other, 0, 10)]), "voice_clone"
    for case, place in PUT.items():
        for kind, below in (("put", 0.0), ("laid over", BELOW)):
            fake = put(original, other, place, below)
            yield f"{kind}: {case}", fake, fake, "spliced"


def main(folder: Path) -> None:
    """Run and print."""
    seed = int(os.environ.get("SEED", "1"))
    every = os.environ.get("EVERY_EDIT", "") not in {"", "0"}
    half = "held out" if os.environ.get("HELD_OUT", "") not in {"", "0"} else "development"
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    numbers, edits = np.random.default_rng(seed), cycle(EDITS)
    with tempfile.TemporaryDirectory() as scratch:
        for title, own, words in originals(folder, seed, half):
            print(title, file=sys.stderr)
            original, other = level(own), level(words)
            known = bench.candidate_of(bench.values(original))
            known = replace(known, role="original", tier="reviewed", original_tier="reviewed")
            drawn = (
                (*case, edit)
                for case in cases(original, other)
                for edit in (EDITS if every else (next(edits),))
            )
            for case, asked, registered, manipulation, edit in drawn:
                source = Source(f"{title} {case}", title, registered, registered)
                kept = edited(source, edit, seed, Path(scratch)).samples if edit else registered
                fake = replace(bench.candidate_of(bench.values(kept)), manipulation=manipulation)
                noisy = asked + numbers.normal(0, 20, len(asked)).astype(np.int16)
                known = replace(known, entry_id=fake.entry_id)
                found = decision.decide(bench.query_of(bench.values(noisy)), [fake, known]).verdict
                for name in (case, case.split(":")[0], f"{case.split(':')[0]}, {edit or 'no edit'}"):
                    verdicts[name][found] += 1
    for name, counted in sorted(verdicts.items()):
        print(f"{name}: {dict(counted)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
