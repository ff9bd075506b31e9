"""Make copies, register fakes and originals, look each copy up, and count."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import httpx2
from PIL import Image

from tests.bench.accuracy.drawn.edits import generator
from tests.bench.accuracy.media.copies import Job, Made, made, processes, progress
from tests.bench.pictures.edits import EDITS, Draw, Edit
from tests.bench.pictures.material import FOLDER, Pair

Bank = Literal["pictures", "videos"]


@dataclass(frozen=True, slots=True)
class Copy:
    """An edited picture of a pair. `genuine`: of its original."""

    pair: Pair
    edit: Edit
    genuine: bool
    path: Path

    @property
    def key(self) -> str:
        return f"{self.edit.name}|{self.pair.name}|{self.genuine}"


@dataclass(frozen=True, slots=True)
class Result:
    """What was answered to a copy. `bank`: what is registered, pictures or the videos that they are stills
    of. `originals`: whether originals are registered too. `own`: the verdict of the copy's own entry, None if
    it is not among the matches."""

    copy: Copy
    bank: Bank
    originals: bool
    verdict: str
    own: str | None
    reasons: tuple[str, ...]
    difference: dict[str, Any] | None


def copies_of(pairs: Sequence[Pair], others: Sequence[Path], seed: int) -> list[Copy]:
    """Draw and save each edit of each picture, both of a pair."""
    wanted = [
        Copy(pair, edit, genuine, _path(pair, edit, seed, genuine=genuine))
        for pair in pairs
        for genuine in (False, True)
        for edit in EDITS
        if pair.face is not None or not edit.faced
    ]
    missing = [copy for copy in wanted if not copy.path.exists()]
    with processes() as pool:
        futures = [pool.submit(_make, copy, tuple(others), seed) for copy in missing]
        for future in progress(as_completed(futures), len(futures), "making copies"):
            future.result()
    return wanted


def _path(pair: Pair, edit: Edit, seed: int, *, genuine: bool) -> Path:
    source = pair.original if genuine else pair.fake
    name = hashlib.sha256(f"{seed}|{source.name}|{genuine}|{pair.face}".encode()).hexdigest()[:24]
    return FOLDER / "copies" / edit.name.replace(" ", "-") / f"{name}{edit.suffix}"


def _make(copy: Copy, others: tuple[Path, ...], seed: int) -> None:
    rng = generator(seed, copy.edit.name, f"{copy.pair.name}|{copy.genuine}")
    source = copy.pair.original if copy.genuine else copy.pair.fake
    beside = [_opened(path) for path in others] if copy.edit.beside else []
    shown = copy.edit.make(Draw(_opened(source), rng, beside, copy.pair.face))
    copy.path.parent.mkdir(parents=True, exist_ok=True)
    partial = copy.path.with_name(f"partial-{copy.path.name}")
    shown.convert("RGB").save(partial, quality=rng.randint(*copy.edit.quality))
    partial.replace(copy.path)


@lru_cache(maxsize=32)
def _opened(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


def printed(pairs: Sequence[Pair], copies: Sequence[Copy]) -> dict[str, Made]:
    """Fingerprint what is registered, by path, and the copies, by key."""
    media = [path for pair in pairs for path in (pair.fake, pair.original)]
    media += [item.path for pair in pairs if pair.videos for item in pair.videos]
    jobs = [Job(str(path), path) for path in media]
    return made([*jobs, *(Job(copy.key, copy.path, query=True) for copy in copies)], what="fingerprinting")


def looked_up(
    client: httpx2.Client, pairs: Sequence[Pair], copies: Sequence[Copy], done: dict[str, Made]
) -> list[Result]:
    """Register fakes, look every copy up, add the originals, and look all up again."""
    banks: tuple[Bank, ...] = ("pictures", "videos")
    sides = {bank: _registered(client, bank, pairs, done) for bank in banks}
    results = []
    for originals in (False, True):
        for bank in banks:
            entries = sides[bank]
            if originals:
                _add_originals(client, bank, pairs, entries, done)
            asked = [copy for copy in copies if copy.pair.name in entries]
            for copy in progress(iter(asked), len(asked), f"looking up among {bank}"):
                answer = _answer(client, copy, bank, entries[copy.pair.name], done)
                results.append(replace(answer, originals=originals))
    return results


def _media(pair: Pair, bank: Bank) -> tuple[Path, Path] | None:
    if bank == "pictures":
        return pair.fake, pair.original
    return (pair.videos[0].path, pair.videos[1].path) if pair.videos else None


def _registered(
    client: httpx2.Client, bank: Bank, pairs: Sequence[Pair], done: dict[str, Made]
) -> dict[str, str]:
    """Return the entry of each pair. Stand-ins are registered without a manipulation, as people do."""
    _sent(client.post("/v1/banks", json={"name": bank}))
    entries = {}
    for pair in pairs:
        media = _media(pair, bank)
        document = done[str(media[0])].whole.document() if media else None
        if document is None:
            continue
        payload = {"title": pair.name, "bank": bank, "fakes": [document]}
        payload |= {"manipulation": "face_swap"} if pair.kind == "swapped" else {}
        entries[pair.name] = _sent(client.post("/v1/entries", json=payload))["entry_id"]
    return entries


def _add_originals(
    client: httpx2.Client,
    bank: Bank,
    pairs: Sequence[Pair],
    entries: dict[str, str],
    done: dict[str, Made],
) -> None:
    for entry, pair in {entries[pair.name]: pair for pair in pairs if pair.name in entries}.items():
        media = _media(pair, bank)
        document = done[str(media[1])].whole.document() if media else None
        part = ("original.json", json.dumps(document), "application/json")
        _sent(client.post(f"/v1/entries/{entry}/assets", files={"original_document": part}))


def _answer(client: httpx2.Client, copy: Copy, bank: Bank, entry: str, done: dict[str, Made]) -> Result:
    document = done[copy.key].whole.document()
    if document is None:
        return Result(copy, bank, False, "undecidable", None, (), None)
    payload = {"type": "document", "document": document, "bank": bank}
    body = _sent(client.post("/v1/lookups", json=payload))
    mine = [match for match in body["matches"] if match["entry_id"] == entry]
    found = next((match["signals"]["difference"] for match in mine if match["signals"]["difference"]), None)
    own = mine[0]["verdict"] if mine else None
    return Result(copy, bank, False, body["verdict"], own, tuple(body["reasons"]), found)


def _sent(response: httpx2.Response) -> dict[str, Any]:
    if response.is_error:
        message = f"{response.request.url}: {response.status_code} {response.text[:500]}"
        raise SystemExit(message)
    body: dict[str, Any] = response.json()
    return body
