"""Compare signals, and count the hashes of banks, for the Hasher-Matcher-Actioner API."""

from __future__ import annotations

import re
from typing import Any, Final

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.errors import BadHash
from registry.sharing.hma import model as hma
from registry.sharing.hma.errors import NotComparable
from registry.sharing.hma.model import SignalIndex
from registry.sharing.hma.store import numbers

_HEX: Final = {"pdq": re.compile(r"[0-9a-fA-F]{64}"), "video_md5": re.compile(r"[0-9a-fA-F]{32}")}


def get_indexes(service: Service, caller: Caller) -> dict[str, SignalIndex]:
    """Return the number of hashes in the banks of the caller's organization, by signal type. Needs `hma`."""
    caller.require("hma")
    with service.pool.transaction() as connection:
        return {
            name: SignalIndex(size, built_to)
            for name, size, built_to in numbers.signal_counts(connection, caller.organization_id)
        }


def compare_signals(signal_type: str, pair: Any) -> tuple[bool, dict[str, int]]:
    """Return whether two hashes match, and for `pdq` their distance in bits.

    Raises `BadInput` (`bad_hash`, `not_comparable`).
    """
    form = _HEX.get(signal_type)
    if form is None:
        raise NotComparable
    if not isinstance(pair, list) or len(pair) != 2:
        raise BadHash(f"`{signal_type}` is a list of two hashes.")
    if not all(isinstance(value, str) and form.fullmatch(value) for value in pair):
        raise BadHash(f"A hash of {signal_type} has another form.")
    one, other = (bytes.fromhex(value) for value in pair)
    if signal_type != "pdq":
        return one == other, {}
    bits = (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
    return bits <= hma.RADIUS, {"distance": bits}
