"""What notices to platforms' APIs are signed with: a file of the deployment's own."""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from standardwebhooks.webhooks import Webhook

from registry.core.errors import BadInput

SHORTEST: Final = 24
"""Bytes of a secret, as Standard Webhooks has it."""
_HEADER: Final = re.compile(r"([A-Za-z0-9-]{1,60}): ?([\x21-\x7e][\x20-\x7e]{0,4000})")
_OURS: Final = frozenset(
    {"host", "content-length", "content-type", "connection", "transfer-encoding", "idempotency-key"}
)


@dataclass(frozen=True, slots=True, repr=False)
class PlatformKey:
    """`signer` of Standard Webhooks, a `header` (name, value), or both. `idempotent`: what it is told twice
    under one id it knows to be the same."""

    signer: Webhook | None
    header: tuple[str, str] | None
    idempotent: bool


def load(path: str) -> Mapping[str, PlatformKey]:
    """By the platform's id; none where no file is named. Raises `BadInput` (`bad_platform_keys`), which never
    shows what is in it."""
    if not path:
        return {}
    try:
        read = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad(f"it cannot be read ({type(error).__name__})") from None
    return {name: _key(name, said) for name, said in read.items()}


def _key(name: str, said: Any) -> PlatformKey:
    if not isinstance(said, dict) or said.keys() - {"secret", "header", "idempotent"}:
        raise _bad(f"[{name[:40]}] is no table of secret, header and idempotent")
    signer = _signer(name, said["secret"]) if "secret" in said else None
    header = None
    if "header" in said:
        found = _HEADER.fullmatch(said["header"]) if isinstance(said["header"], str) else None
        if found is None or found[1].lower() in _OURS or found[1].lower().startswith("webhook-"):
            raise _bad(f"[{name[:40]}] header is not such as `Authorization: Bearer …`")
        header = (found[1], found[2])
    if signer is None and header is None:
        raise _bad(f"[{name[:40]}] has neither a secret nor a header")
    idempotent = said.get("idempotent", signer is not None)
    if not isinstance(idempotent, bool):
        raise _bad(f"[{name[:40]}] idempotent is neither true nor false")
    return PlatformKey(signer, header, idempotent)


def _signer(name: str, secret: Any) -> Webhook:
    try:
        raw = base64.b64decode(str(secret).removeprefix("whsec_"), validate=True)
    except ValueError:
        raw = b""
    if len(raw) < SHORTEST:
        raise _bad(f"[{name[:40]}] secret is not such as whsec_…, {SHORTEST} bytes or more in Base64")
    return Webhook(raw)


def _bad(why: str) -> BadInput:
    return BadInput(
        f"The file of platforms' keys is wrong: {why}.",
        code="bad_platform_keys",
        next_step="Correct the file that FAKEPRINT_PLATFORM_KEYS names.",
    )
