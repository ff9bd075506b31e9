"""The table of platforms of this deployment: its own file laid over the one that comes with it."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from registry.domain import platform_file, web_address
from registry.domain.hosts import host
from registry.domain.platforms import Platform, Table
from registry.domain.web_address import Address
from registry.errors import BadInput
from registry.settings import settings


def table() -> Table:
    """The table in force; a file that was changed is read anew. Raises `BadInput` (`bad_platforms`)."""
    given = settings().platforms
    if not given:
        return _table(None, 0)
    path = Path(given)
    try:
        return _table(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise _unread(f"{path} cannot be read: {error.strerror}") from None


def of_url(url: str) -> Platform | None:
    """The platform of an address, wherever it leads by itself; None where the table has none. Raises
    `BadInput` as `web_address.normalised` says."""
    found = normalised(url)
    if found.fault is not None:
        raise found.fault
    return table().of_host(host(found.host).name)


def normalised(url: str) -> Address:
    """`web_address.normalised` by the table in force."""
    return web_address.normalised(url, table())


@lru_cache(maxsize=4)
def _table(path: Path | None, _changed: int) -> Table:
    own = tomllib.loads((files("registry") / "data" / "platforms.toml").read_text(encoding="utf-8"))
    if path is None:
        return platform_file.table(own)
    try:
        extra = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _unread(f"{path} is no TOML in UTF-8: {error}") from None
    return platform_file.table(own, extra)


def _unread(why: str) -> BadInput:
    return BadInput(
        f"The table of platforms is wrong: {why}.",
        code="bad_platforms",
        next_step="Correct the file that FAKEPRINT_PLATFORMS names, or unset it.",
    )
