"""Compare signals, and count the hashes of banks, for the Hasher-Matcher-Actioner API."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np

from registry.catalogue.fingerprints.model import distance
from registry.catalogue.fingerprints.model.distance import Hashes
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.errors import BadHash
from registry.sharing.hma import model as hma
from registry.sharing.hma.model import SignalIndex
from registry.sharing.hma.store import numbers
from registry.sharing.lists.model import vpdq

VPDQ_SHARE: Final = 80.0
"""Per cent of the first list that match: from here on two vPDQ lists match, as in `threatexchange`."""
LONGEST_COMPARED: Final = 3600
"""Most frames of a vPDQ list to be compared: an hour."""
ROWS: Final = 256
"""Frames compared with a whole list at once: a few megabytes of memory."""
_HEX: Final = {"pdq": re.compile(r"[0-9a-fA-F]{64}"), "video_md5": re.compile(r"[0-9a-fA-F]{32}")}


def get_indexes(service: Service, caller: Caller) -> dict[str, SignalIndex]:
    """Return the number of hashes in the banks of the caller's organization, by signal type. Needs `hma`."""
    caller.require("hma")
    with service.pool.transaction() as connection:
        return {
            name: SignalIndex(size, built_to)
            for name, size, built_to in numbers.signal_counts(connection, caller.organization_id)
        }


def compare_signals(signal_type: str, pair: Any) -> tuple[bool, dict[str, float]]:
    """Return whether two hashes match, and for `pdq` their distance in bits, for `vpdq` the matching per cent
    of both.

    Raises `BadInput` (`bad_hash`).
    """
    if not isinstance(pair, list) or len(pair) != 2:
        raise BadHash(f"`{signal_type}` is a list of two hashes.")
    if signal_type == "vpdq":
        return _compare_videos(*(_distinct(value) for value in pair))
    form = _HEX[signal_type]
    if not all(isinstance(value, str) and form.fullmatch(value) for value in pair):
        raise BadHash(f"A hash of {signal_type} has another form.")
    one, other = (bytes.fromhex(value) for value in pair)
    if signal_type != "pdq":
        return one == other, {}
    bits = (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
    return bits <= hma.RADIUS, {"distance": bits}


def _distinct(signal: object) -> Hashes:
    """Return the (n, 32) distinct hashes of a vPDQ list that show enough to be compared."""
    frames = vpdq.read_features(vpdq.parse_json(signal))
    hashes = {frame.pdq for frame in frames if frame.informative and frame.pdq}
    if not 0 < len(hashes) <= LONGEST_COMPARED:
        raise BadHash(f"A vpdq list has 1 to {LONGEST_COMPARED} frames that show enough to be compared.")
    return distance.hashes(hashes)[0]


def _compare_videos(query: Hashes, other: Hashes) -> tuple[bool, dict[str, float]]:
    found, back = [], np.zeros(len(other), np.bool_)
    for start in range(0, len(query), ROWS):
        near = distance.hamming(query[start : start + ROWS], other) <= hma.RADIUS
        found.append(near.any(axis=1))
        back |= near.any(axis=0)
    share, compared = (100 * float(each.mean()) for each in (np.concatenate(found), back))
    return share >= VPDQ_SHARE, {"query_match_percent": share, "compared_match_percent": compared}
