"""The table of platforms and the keys for their APIs, loaded from files."""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from standardwebhooks.webhooks import Webhook

from registry.catalogue.platforms.errors import (
    BadPlatformKeys,
    BadPlatforms,
    NoPlace,
    PlacesDiffer,
    UnknownPlatform,
)
from registry.catalogue.platforms.model import platform_file, web_address
from registry.catalogue.platforms.model.hosts import host
from registry.catalogue.platforms.model.platforms import Platform, Table
from registry.catalogue.platforms.model.web_address import Address
from registry.core.errors import BadInput
from registry.core.labels import file_label
from registry.core.settings import settings


def table() -> Table:
    """Return the table in force. A changed file is read again. Raises `BadInput` (`bad_platforms`)."""
    file_name = settings().platforms
    if not file_name:
        return _table(None, 0)
    path = Path(file_name)
    try:
        return _table(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise _unread(f"{path} cannot be read: {error.strerror}") from None


def of_url(url: str) -> Platform | None:
    """Return the platform of an address. None if the table has none. Raises `BadInput` as
    `web_address.normalised`."""
    address = normalised(url)
    if address.fault is not None:
        raise address.fault
    return table().of_host(host(address.host).name)


def name_of(platform_id: str) -> str:
    """Return a platform's name by its id. An unknown id is returned as it is."""
    platform = table().platforms.get(platform_id)
    return platform.name if platform else platform_id


def normalised(url: str) -> Address:
    """Normalise an address with the table in force (`web_address.normalised`)."""
    return web_address.normalised(url, table())


def place(url: str | None, platform: str | None, content_id: str | None) -> Address:
    """Return the address of a URL, of a platform's content id, or of both if they agree.

    Raises `BadInput`, with the codes of `web_address.normalised` and `of_content`, `unknown_platform`,
    `no_place`, `places_differ`.
    """
    platforms = table()
    addresses = [web_address.normalised(url, platforms)] if url else []
    if platform and content_id:
        named_platform = platforms.platforms.get(platform.strip().lower())
        if named_platform is None:
            raise UnknownPlatform(f"{file_label(platform)[:40]!r} is not a platform of the table.")
        addresses.append(web_address.of_content(named_platform, content_id, platforms))
    elif platform or content_id or not addresses:
        raise NoPlace("A place is a URL, or a platform with a content id.")
    for address in addresses:
        if address.fault is not None:
            raise address.fault
    if len({address.key for address in addresses}) > 1:
        raise PlacesDiffer
    return addresses[0]


@lru_cache(maxsize=4)
def _table(path: Path | None, _changed: int) -> Table:
    own = tomllib.loads(
        (files("registry.catalogue.platforms") / "platforms.toml").read_text(encoding="utf-8")
    )
    if path is None:
        return platform_file.table(own)
    try:
        extra = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _unread(f"{path} is not TOML in UTF-8: {error}") from None
    return platform_file.table(own, extra)


def _unread(why: str) -> BadInput:
    return BadPlatforms(
        f"The table of platforms is wrong: {why}.",
        next_step="Correct the file that FAKEPRINT_PLATFORMS names, or unset it.",
    )


SHORTEST: Final = 24
"""Fewest bytes of a secret, as in Standard Webhooks."""
_HEADER: Final = re.compile(r"([A-Za-z0-9-]{1,60}): ?([\x21-\x7e][\x20-\x7e]{0,4000})")
_RESERVED_HEADERS: Final = frozenset(
    {"host", "content-length", "content-type", "connection", "transfer-encoding", "idempotency-key"}
)


@dataclass(frozen=True, slots=True, repr=False)
class PlatformKey:
    """Credentials for a platform's API: a `signer` of Standard Webhooks, a `header` (name, value), or both.

    `idempotent`: the platform recognises a repeated message by its id.
    """

    signer: Webhook | None
    header: tuple[str, str] | None
    idempotent: bool


def load_keys(path: str) -> Mapping[str, PlatformKey]:
    """Load the keys by the platform's id. Empty if no file is configured.

    Raises `BadInput` (`bad_platform_keys`). The error never shows the file's content.
    """
    if not path:
        return {}
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad(f"it cannot be read ({type(error).__name__})") from None
    return {name: _key(name, fields) for name, fields in tables.items()}


def _key(name: str, fields: Any) -> PlatformKey:
    if not isinstance(fields, dict) or fields.keys() - {"secret", "header", "idempotent"}:
        raise _bad(f"[{name[:40]}] is not a table of secret, header and idempotent")
    signer = _signer(name, fields["secret"]) if "secret" in fields else None
    header = None
    if "header" in fields:
        header_match = _HEADER.fullmatch(fields["header"]) if isinstance(fields["header"], str) else None
        if (
            header_match is None
            or header_match[1].lower() in _RESERVED_HEADERS
            or header_match[1].lower().startswith("webhook-")
        ):
            raise _bad(f"[{name[:40]}] header must look like `Authorization: Bearer …`")
        header = (header_match[1], header_match[2])
    if signer is None and header is None:
        raise _bad(f"[{name[:40]}] has neither a secret nor a header")
    idempotent = fields.get("idempotent", signer is not None)
    if not isinstance(idempotent, bool):
        raise _bad(f"[{name[:40]}] idempotent must be true or false")
    return PlatformKey(signer, header, idempotent)


def _signer(name: str, secret: Any) -> Webhook:
    try:
        raw = base64.b64decode(str(secret).removeprefix("whsec_"), validate=True)
    except ValueError:
        raw = b""
    if len(raw) < SHORTEST:
        raise _bad(f"[{name[:40]}] secret must be whsec_… with at least {SHORTEST} bytes in Base64")
    return Webhook(raw)


def _bad(why: str) -> BadInput:
    return BadPlatformKeys(f"The file of platforms' keys is wrong: {why}.")
