"""Read a hash list from a local file. It is read completely each time; hashes no longer in it are
withdrawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from threatexchange.exchanges.impl.file_api import FileCollaborationConfig, LocalFileSignalExchangeAPI

from registry.sharing.sources.errors import NoExchangeFile
from registry.sharing.sources.model import Terms
from registry.sharing.sources.readers import Delta, Reading
from registry.sharing.sources.readers.records import row, rows_and_faults
from registry.sharing.sources.readers.session import steps


def start(
    terms: Terms, _checkpoint: Mapping[str, Any] | None, *, private: bool, folder: Path | None
) -> Reading:
    """See `registry.sharing.sources.readers.read`."""
    del private
    path = None if folder is None else folder / terms.address
    # A symbolic link must not lead out of the folder.
    if (
        path is None
        or folder is None
        or not path.resolve().is_relative_to(folder.resolve())
        or not path.is_file()
    ):
        raise NoExchangeFile("There is no such file in the folder of FAKEPRINT_EXCHANGE_FILES.")
    config = FileCollaborationConfig(
        name="file", filename=str(path), signal_type=terms.options.get("type") or None
    )
    return Reading(_deltas(LocalFileSignalExchangeAPI.for_collab(config)), whole=True)


def _deltas(api: LocalFileSignalExchangeAPI) -> Iterator[Delta]:
    for delta in steps(iter(api.fetch_iter([], None))):
        results = [
            row(f"{type_}:{value}", [(type_, value)], opinion="malicious") for type_, value in delta.updates
        ]
        rows, faults = rows_and_faults(results)
        yield Delta(rows, faults, ended=True)
