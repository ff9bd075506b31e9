"""The example hashes of the library `threatexchange`, to try out how exchanges are read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from threatexchange.signal_type.md5 import VideoMD5Signal
from threatexchange.signal_type.pdq.signal import PdqSignal

from registry.sharing.sources.model import Terms
from registry.sharing.sources.readers import Delta, Reading
from registry.sharing.sources.readers.records import row, rows_and_faults


def start(
    _terms: Terms, _checkpoint: Mapping[str, Any] | None, *, private: bool, folder: Path | None
) -> Reading:
    """See `registry.sharing.sources.readers.read`."""
    del private, folder
    results = [
        row(f"{type_.get_name()}:{value}", [(type_.get_name(), value)], opinion="malicious")
        for type_ in (PdqSignal, VideoMD5Signal)
        for value in type_.get_examples()
    ]
    rows, faults = rows_and_faults(results)
    return Reading(iter([Delta(rows, faults, ended=True)]), whole=True)
