"""Try to find out a registered hash bit by bit: by somebody with a near copy and the role `lookup` alone.

The hash is turned until its answer changes; the last before that lies at a boundary, where one more bit that
is right makes the answer change, and one that is wrong does not. So each bit turned there tells one bit.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2

BITS: Final = 256
TRIES: Final = 40
"""Ways that are gone to find a boundary."""
NOTHING: Final = "no_match"
LINES: Final = {"Content-Type": "application/x-ndjson"}

Told = str | None
"""What an answer says, as far as it can be told from others; None: it was refused."""
Ask = Callable[[Sequence[int]], list[Told]]


@dataclass
class Attempt:
    """What came of it. `learned`: the bits that were told, right or wrong; `probes`: hashes asked; `refused`:
    of these."""

    learned: dict[int, bool] = field(default_factory=dict)
    probes: int = 0
    refused: int = 0
    bases: list[int] = field(default_factory=list)

    def right(self, secret: int) -> int:
        """How many bits of the secret were told truly."""
        return sum(bool(secret >> bit & 1) == value for bit, value in self.learned.items())


def climb(ask: Ask, start: int, *, seed: int = 1, together: int = 1, budget: int = 2000) -> Attempt:
    """One bit after the other at one boundary, `together` hashes in each request."""
    attempt = Attempt()
    counting = _counting(ask, attempt)
    base = _edge(counting, start, random.Random(seed))  # noqa: S311
    if base is not None:
        _turn(counting, attempt, base, range(BITS), together, budget)
    return attempt


def wander(ask: Ask, start: int, *, each: int, seed: int = 1, budget: int = 4000) -> Attempt:
    """As `climb`, of somebody who knows how it is found: at each boundary only `each` bits, then another."""
    numbers = random.Random(seed)  # noqa: S311
    attempt = Attempt()
    counting = _counting(ask, attempt)
    while attempt.probes < budget and len(attempt.learned) < BITS:
        base = _edge(counting, start, numbers)
        if base is None:
            break
        open_bits = [bit for bit in range(BITS) if bit not in attempt.learned]
        numbers.shuffle(open_bits)
        before = len(attempt.learned)
        _turn(counting, attempt, base, open_bits[:each], 1, budget)
        if len(attempt.learned) == before:
            break
    return attempt


def _counting(ask: Ask, attempt: Attempt) -> Ask:
    def counted(hashes: Sequence[int]) -> list[Told]:
        answers = ask(hashes)
        attempt.probes += len(hashes)
        attempt.refused += answers.count(None)
        return answers

    return counted


def _edge(ask: Ask, start: int, numbers: random.Random) -> int | None:
    """A hash whose answer changes to that of a weaker match where one certain bit is turned; None where that
    is not to be found. Where it changes to no match, the index may have missed it: another way is gone."""
    (first,) = ask([start])
    for _ in range(TRIES):
        order = list(range(BITS))
        numbers.shuffle(order)
        low, high, beyond = 0, 96, NOTHING
        while high - low > 1:
            middle = (low + high) // 2
            (told,) = ask([_turned(start, order[:middle])])
            if told is None:
                return None
            if told == first:
                low = middle
            else:
                high, beyond = middle, told
        if NOTHING not in beyond:
            return _turned(start, order[:low])
    return None


def _turn(ask: Ask, attempt: Attempt, base: int, bits: Iterable[int], together: int, budget: int) -> None:
    (first,) = ask([base])
    attempt.bases.append(base)
    todo = list(bits)
    while todo and attempt.probes < budget:
        some, todo = todo[:together], todo[together:]
        for bit, told in zip(some, ask([base ^ 1 << bit for bit in some]), strict=True):
            if told is not None and first is not None:
                # Another answer: it is further away than it was, so the bit was right.
                attempt.learned[bit] = bool(base >> bit & 1) == (told != first)


def _turned(value: int, bits: Iterable[int]) -> int:
    for bit in bits:
        value ^= 1 << bit
    return value


def single(clients: Sequence[httpx2.Client], algorithm: str) -> Ask:
    """Hashes one by one, by several callers in turn."""
    turns = iter(range(1 << 62))

    def ask(hashes: Sequence[int]) -> list[Told]:
        return [
            _outcome(
                clients[next(turns) % len(clients)].post("/v1/lookups", json=_question(algorithm, hash_))
            )
            for hash_ in hashes
        ]

    return ask


def batches(client: httpx2.Client, algorithm: str) -> Ask:
    """Hashes as lines of a batch."""

    def ask(hashes: Sequence[int]) -> list[Told]:
        body = "".join(json.dumps(_question(algorithm, hash_)) + "\n" for hash_ in hashes)
        answered = client.post("/v1/lookups:batch", content=body, headers=LINES)
        return [_outcome_of_answer(json.loads(line)) for line in answered.text.splitlines()]

    return ask


def documents(client: httpx2.Client, algorithm: str) -> Ask:
    """Each hash as a document of one frame; several as the frames of one document, ten seconds apart."""

    def ask(hashes: Sequence[int]) -> list[Told]:
        answered = client.post(
            "/v1/lookups", json={"type": "document", "document": document(algorithm, hashes)}
        )
        if len(hashes) == 1:
            return [_outcome(answered)]
        if answered.status_code == 429:
            return [None] * len(hashes)
        answered.raise_for_status()
        spans = [span["query"] for match in answered.json()["matches"] for span in match["spans"]]
        return [str(sum(start <= 10 * place <= end for start, end in spans)) for place in range(len(hashes))]

    return ask


def document(algorithm: str, hashes: Sequence[int], *, sha256: str = "e" * 64) -> dict[str, Any]:
    """A fingerprint document with these hashes, whichever file it is of."""
    still = len(hashes) == 1
    return {
        "version": 1,
        "sha256": sha256,
        "kind": "image" if still else "video",
        "duration": 0.0 if still else 10.0 * len(hashes),
        "size": {"bytes": 1000, "width": 640, "height": 360},
        "algorithms": {
            algorithm: {
                "frames": [
                    {
                        "t": 10.0 * place,
                        "duration": 0.0 if still else 10.0,
                        "view": "full",
                        "quality": 100,
                        "value": f"{value:064x}",
                    }
                    for place, value in enumerate(hashes)
                ]
            }
        },
    }


def _question(algorithm: str, value: int) -> dict[str, str]:
    return {"type": "hash", "algorithm": algorithm, "value": f"{value:064x}"}


def _outcome(answered: httpx2.Response) -> Told:
    if answered.status_code == 429:
        return None
    answered.raise_for_status()
    return _outcome_of_answer(answered.json())


def _outcome_of_answer(answer: dict[str, Any]) -> Told:
    if "error" in answer:
        return None
    matches = [(match["verdict"], match["reasons"], match["confidence"]) for match in answer["matches"]]
    return repr((answer["verdict"], answer["confidence"], matches))
