"""Read hash exchanges with the library `threatexchange` (extra `exchanges`)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from registry.core.errors import NotInstalled
from registry.sharing.lists.model.listed import Fault, Row
from registry.sharing.sources.model import ExchangeKind, Terms


@dataclass(frozen=True, slots=True)
class Delta:
    """Changes of an exchange up to its `checkpoint`. Empty checkpoint: reading cannot resume here.

    Each row has a `source_key`. `withdrawn`: names of records that the exchange has withdrawn. `ended`: no
    changes follow.
    """

    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()
    withdrawn: tuple[str, ...] = ()
    checkpoint: Mapping[str, Any] = field(default_factory=dict)
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """The changes of an exchange. `whole`: the exchange sends all its records, so a record that is missing
    was removed."""

    deltas: Iterator[Delta]
    whole: bool


_READERS: Final[Mapping[ExchangeKind, str]] = {
    "file": "registry.sharing.sources.readers.file",
    "sample": "registry.sharing.sources.readers.sample",
    "stopncii": "registry.sharing.sources.readers.stopncii",
    "ncmec": "registry.sharing.sources.readers.ncmec",
    "threatexchange": "registry.sharing.sources.readers.threatexchange",
}


def read(
    terms: Terms, checkpoint: Mapping[str, Any] | None, *, private: bool, folder: Path | None
) -> Reading:
    """Read an exchange from `checkpoint` or from the beginning.

    `private`: allow connections to addresses that are not public. `folder`: the folder of list files; None:
    files may not be read.

    Raises `NotInstalled`. During iteration raises `Unavailable` (`exchange_unreachable`, `exchange_refused`,
    `exchange_garbled`, `address_refused`), `BadInput` (`no_exchange_file`).
    """
    try:
        module = importlib.import_module(_READERS[terms.kind])
    except ModuleNotFoundError as error:
        raise NotInstalled(
            "The library that reads exchanges is not installed.",
            next_step="Install it: pip install 'fakeprint[exchanges]'.",
        ) from error
    start: Callable[..., Reading] = module.start
    return start(terms, checkpoint, private=private, folder=folder)
