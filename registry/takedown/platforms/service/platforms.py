"""The table of platforms of this deployment: its own file laid over the one that comes with it."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from registry.core.errors import BadInput
from registry.core.labels import file_label
from registry.core.settings import settings
from registry.takedown.platforms.model import platform_file
from registry.takedown.platforms.model.hosts import host
from registry.takedown.platforms.model.platforms import Platform, Table
from registry.takedown.url_lists.model import web_address
from registry.takedown.url_lists.model.web_address import Address


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


def place(url: str | None, platform: str | None, content_id: str | None) -> Address:
    """The place that a URL, or a platform and a content id, or both name, by the table in force.

    Raises `BadInput`, with the codes of `web_address.normalised` and `of_content`, `unknown_platform`,
    `no_place`, `places_differ`."""
    there = table()
    found = [web_address.normalised(url, there)] if url else []
    if platform and content_id:
        known = there.platforms.get(platform.strip().lower())
        if known is None:
            raise BadInput(
                f"{file_label(platform)[:40]!r} is no platform of the table.",
                code="unknown_platform",
                next_step="Give the address instead.",
            )
        found.append(web_address.of_content(known, content_id, there))
    elif platform or content_id or not found:
        raise BadInput("A place is a URL, or a platform with a content id.", code="no_place")
    for one in found:
        if one.fault is not None:
            raise one.fault
    if len({one.key for one in found}) > 1:
        raise BadInput(
            "The address and the content id name different places.",
            code="places_differ",
            next_step="Give one of them.",
        )
    return found[0]


@lru_cache(maxsize=4)
def _table(path: Path | None, _changed: int) -> Table:
    own = tomllib.loads((files("registry.takedown.platforms") / "platforms.toml").read_text(encoding="utf-8"))
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
