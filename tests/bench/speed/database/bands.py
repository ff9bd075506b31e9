"""Choose the bits of the keys by which a hash is found, and measure what these find.

    python -m tests.bench.speed.database.bands EVAL [SQL]        (writes the functions of the schema to SQL)
    python -m tests.bench.speed.database.bands                   (compares keys of 22 to 28 bits)

A key is a band of 22 of the 256 bits; there are twelve. Two hashes are compared if they share a band, or
if one bit of a band differs. `effort` says which bits may differ: first those that real edits change most
(multi-index hashing, Norouzi et al., 2012; multi-probe, Lv et al., 2007). So 16 bits of a band, one of
each column of the cosines, may be flipped. The other 6 are among the steadiest and are never flipped.
Flipped bits are the low ones of a key, least those of the highest columns. So searched keys lie together
in the index, and pages are read again.

Keys of other widths have more of the steady bits. They are compared on the flips of shape.json: chosen on the
edits of one half of the media, judged on those of the other half, and the other way round.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.matching.candidates.store.candidates import EFFORT
from tests.bench.speed import fitting
from tests.bench.speed.fitting import ALGORITHMS, Pair
from tests.bench.speed.shape import Shape

BANDS: Final = 12
TURNED: Final = 16
STEADY: Final = 6
WIDTH: Final = TURNED + STEADY
STEADIES: Final = (6, 8, 10, 12)
"""Of the widths that are compared."""
EFFORTS: Final = (0, 2, 4, 8, 10, 12, 14, 16)
JUDGED: Final = (2, 4, 8, 12, 14)
"""Efforts by which draws are judged."""
DRAWS: Final = 400
FLIPPED: Final = 1_500
"""Hashes of each distance whose bits are flipped evenly."""
RADIUS: Final = 31
SHIFT: Final = {"phash256": 0, "pdq": 7}
"""By how much columns are moved up: PDQ writes its lowest cosines last."""

Bits = NDArray[np.bool_]
Ints = NDArray[np.int64]


def flips(pairs: list[Pair]) -> Bits:
    """Return (n, 256): the bits that edits changed."""
    asked, stored = (
        np.frombuffer(b"".join(getattr(pair, side) for pair in pairs), dtype=np.uint8).reshape(-1, 32)
        for side in ("asked", "stored")
    )
    return np.unpackbits(asked ^ stored, axis=1).astype(np.bool_)


def even(draw: np.random.Generator) -> Bits:
    """Return (n, 256): flips of 0 to 31 bits, the same number of each, all bits equally likely."""
    order = np.argsort(draw.random(((RADIUS + 1) * FLIPPED, 256)), axis=1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(256)[None, :], axis=1)
    return np.asarray(ranks < np.repeat(np.arange(RADIUS + 1), FLIPPED)[:, None])


def drawn(
    draw: np.random.Generator, rate: NDArray[np.float64], left: set[int], steadies: int = STEADY
) -> Ints | None:
    """Return (12, 16 + `steadies`): bits of bands, the last flipped and least steady last. None if the draw
    fails. `left`: bits of no band."""
    turned: list[list[int]] = [[] for _ in range(BANDS)]
    steady: list[list[int]] = [[] for _ in range(BANDS)]
    pool: list[int] = []
    for column in range(TURNED):
        bits = sorted(
            (bit for bit in range(column, 256, TURNED) if bit not in left), key=lambda bit: rate[bit]
        )
        pool += bits[:-BANDS]
        for band, bit in zip(draw.permutation(BANDS), draw.permutation(bits[-BANDS:]), strict=True):
            turned[band].append(int(bit))
    more = steadies * BANDS - len(pool)
    steadiest = [int(bit) for bit in np.argsort(rate) if int(bit) not in left]
    twice = [bit for bit in steadiest if bit not in pool][: more // 2]
    twice += [bit for bit in steadiest if bit in pool][: more - len(twice)]
    for bit in [*draw.permutation(pool).tolist(), *twice]:
        free = [
            band
            for band in range(BANDS)
            if len(steady[band]) < steadies and bit not in steady[band] and bit not in turned[band]
        ]
        if not free:
            return None
        least = min(len(steady[band]) for band in free)
        steady[int(draw.choice([band for band in free if len(steady[band]) == least]))].append(int(bit))
    return np.array(
        [one + sorted(two, key=lambda bit: rate[bit]) for one, two in zip(steady, turned, strict=True)]
    )


def found(flipped: Bits, bands: Ints, effort: int) -> float:
    """Return the share of these flips found with so many flipped bits of a band."""
    changed = flipped[:, bands]
    count = changed.sum(axis=2)
    alike = count == 0
    if effort:
        alike |= (count == 1) & changed[:, :, -effort:].any(axis=2)
    return float(alike.any(axis=1).mean())


def chosen(real: Bits, anything: Bits, algorithm: str, steadies: int = STEADY) -> Ints:
    """Return the best of so many draws."""
    rate = real.mean(axis=0) + np.linspace(0, 1e-6, 256)
    # The first bit of a pHash is the mean of the picture, which is always above the median.
    left = {0} if algorithm == "phash256" else set()
    few = anything[::6]
    draws = [drawn(np.random.default_rng(number), rate, left, steadies) for number in range(DRAWS)]

    def worth(bands: Ints) -> float:
        return sum(found(real, bands, effort) for effort in JUDGED) + 0.3 * found(few, bands, JUDGED[-2])

    return max((bands for bands in draws if bands is not None), key=worth)


def functions(algorithm: str, bands: Ints) -> str:
    """Return the SQL functions that find by these bands: `…_words` and `…_turned`."""
    listed = list(enumerate(bands.tolist()))
    names = [f"k{number}" for number in range(BANDS)]
    lines = [
        f"CREATE FUNCTION {algorithm}_words(w0 bigint, w1 bigint, w2 bigint, w3 bigint) RETURNS integer[]",
        "    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$",
        "DECLARE",
        *(f"    x{number} bigint := {_masked(band[STEADY:])};" for number, band in listed),
        "BEGIN",
        "    RETURN ARRAY[",
        ",\n".join(f"        {_key(algorithm, number, band)}" for number, band in listed),
        "    ];",
        "END $$;",
        "",
        f"CREATE FUNCTION {algorithm}_turned(w0 bigint, w1 bigint, w2 bigint, w3 bigint, effort integer,",
        f"    {', '.join(f'OUT {name} integer[]' for name in names)})",
        "    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$",
        "DECLARE",
        f"    words integer[] := {algorithm}_words(w0, w1, w2, w3);",
        "    most integer := effort + 1;",
        "    k integer;",
        "BEGIN",
        *(_words_sql(algorithm, number, band) for number, band in listed),
        "END $$;",
        "",
    ]
    return "\n".join(lines)


def _masked(bits: list[int]) -> str:
    masks = [0, 0, 0, 0]
    for bit in bits:
        masks[bit // 64] |= 1 << (63 - bit % 64)
    return " # ".join(f"(w{place} & {_signed(mask)})" for place, mask in enumerate(masks) if mask)


def _key(algorithm: str, number: int, band: list[int]) -> str:
    """Return the band's number, its steady bits, and the flippable bits folded into the low 16."""
    high = [
        f"(((w{bit // 64} >> {63 - bit % 64}) & 1) << {TURNED + place})"
        for place, bit in enumerate(band[:STEADY])
    ]
    x = f"x{number}"
    low = f"(({x} # ({x} >> 16) # ({x} >> 32) # ({x} >> 48)) & 65535)"
    if SHIFT[algorithm]:
        low = f"((({low} << {SHIFT[algorithm]}) | ({low} >> {TURNED - SHIFT[algorithm]})) & 65535)"
    return f"({number << WIDTH} | {' | '.join(high)} | {low})::integer"


def _words_sql(algorithm: str, number: int, band: list[int]) -> str:
    places = [(TURNED - 1 - bit % TURNED + SHIFT[algorithm]) % TURNED for bit in reversed(band[STEADY:])]
    turned = "".join(f", k # {1 << place}" for place in places)
    return f"    k := words[{number + 1}]; k{number} := (ARRAY[k{turned}])[:most];"


def _signed(word: int) -> int:
    return word - 2**64 if word >= 2**63 else word


def compare() -> None:
    """Print what keys of each width find of the edits of media that they were not chosen on."""
    anything = even(np.random.default_rng(7))
    for algorithm in ALGORITHMS:
        flipped = np.unpackbits(Shape.load().flips(algorithm), axis=1).astype(np.bool_)
        halves = np.array_split(flipped, 2)
        for steadies in STEADIES:
            both = [chosen(own, anything, algorithm, steadies) for own in halves]
            for effort in (0, 2, EFFORT, TURNED):
                shares = [
                    (found(other, bands, effort), found(anything, bands, effort))
                    for bands, other in zip(both, halves[::-1], strict=True)
                ]
                real, evenly = np.mean(shares, axis=0)
                rows = BANDS * (effort + 1) * 10_000_000 / 2 ** (TURNED + steadies)
                print(
                    f"{algorithm} {TURNED + steadies} bits effort {effort:2}: {BANDS * (effort + 1):3} keys, "
                    f"{rows:5.1f} rows of 10 M, other media {real:.4f}, even {evenly:.4f}"
                )


def main() -> None:
    """Choose bits, print what they find, write the SQL."""
    if len(sys.argv) == 1:
        compare()
        return
    pairs = fitting.real(Path(sys.argv[1])).pairs
    anything = even(np.random.default_rng(7))
    texts = []
    for algorithm in ALGORITHMS:
        real = flips([pair for pair in pairs if pair.algorithm == algorithm])
        bands = chosen(real, anything, algorithm)
        texts.append(functions(algorithm, bands))
        for effort in EFFORTS:
            rows = BANDS * (effort + 1) * 10_000_000 / 2**WIDTH
            print(
                f"{algorithm} effort {effort:2}: {BANDS * (effort + 1):3} keys, {rows:4.0f} rows of 10 M, "
                f"real {found(real, bands, effort):.4f}, even {found(anything, bands, effort):.4f}"
            )
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_text("\n".join(texts), encoding="utf-8")


if __name__ == "__main__":
    main()
