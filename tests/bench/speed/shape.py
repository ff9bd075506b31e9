"""What frames of a registry look like, in figures: what `fitting` takes from real fingerprints.

`shape.json` beside this file was fitted to the evaluation media; it holds counts, correlations and masks of
flipped bits, and no fingerprint of anything.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, get_type_hints

import numpy as np
from numpy.typing import NDArray

KEPT: Final = Path(__file__).with_name("shape.json")
BITS: Final = 512
"""Of a frame: 256 of pHash, then 256 of PDQ."""

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Shape:
    """Statistics of real frames. `quantiles` are evenly spaced, the least and the greatest included.

    `lean` (512,): by how many standard deviations each bit tends to 1. `together` (512, 512): correlation of
    what lies beneath the bits. `steps`: quantiles of the pHash distance of a row to the one before it.
    `turns`: of the cosine of their vectors. `spectrum` (512,): spread of vectors along their principal axes;
    `centre` (512,): their mean in these axes. `rows`: quantiles of the rows of a video; `seconds`: of how
    long one stands for. `still`: share of media that are one picture; `copies`: share that are another's
    copy; `dull`: share of rows that say too little to be indexed. `faces`: faces a row; `face`: cosine of
    two moments of one face. `phash256_flips`, `pdq_flips` (n, 32): which bits edits flipped, of those that
    """

    lean: Floats
    together: Floats
    steps: Floats
    turns: Floats
    spectrum: Floats
    centre: Floats
    rows: Floats
    seconds: Floats
    still: float
    copies: float
    dull: float
    faces: float
    face: float
    phash256_flips: Bytes
    pdq_flips: Bytes
    fitted_to: str

    def flips(self, algorithm: str) -> Bytes:
        """Which bits real edits flip in hashes of `phash256` or `pdq`."""
        return self.phash256_flips if algorithm == "phash256" else self.pdq_flips

    def save(self, path: Path) -> None:
        """Write it as JSON; what is correlated is rounded to a 127th."""
        arrays = {field.name: _out(field.name, getattr(self, field.name)) for field in fields(self)}
        path.write_text(json.dumps(arrays, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path = KEPT) -> Shape:
        """What `save` wrote."""
        body = json.loads(path.read_text(encoding="utf-8"))
        kinds = get_type_hints(cls)
        return cls(**{name: _in(name, value, kinds[name]) for name, value in body.items()})


def _out(name: str, value: Any) -> Any:
    if name == "together":
        upper = value[np.triu_indices(BITS, 1)]
        return _packed(np.round(np.clip(upper, -1, 1) * 127).astype(np.int8).tobytes())
    if name.endswith("_flips"):
        return _packed(value.tobytes())
    return [round(float(item), 4) for item in value] if isinstance(value, np.ndarray) else value


def _in(name: str, value: Any, kind: Any) -> Any:
    if name == "together":
        found = np.zeros((BITS, BITS), dtype=np.float32)
        found[np.triu_indices(BITS, 1)] = np.frombuffer(_unpacked(value), dtype=np.int8) / np.float32(127)
        return found + found.T + np.eye(BITS, dtype=np.float32)
    if name.endswith("_flips"):
        return np.frombuffer(_unpacked(value), dtype=np.uint8).reshape(-1, 32)
    return value if kind in {float, str} else np.array(value, dtype=np.float32)


def _packed(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw, 9)).decode()


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))
