"""Wrapping of keys by something outside their folder: an identity of age, or the transit engine of HashiCorp
Vault or OpenBao, by `hvac`. Whoever copies the folder then has no key.

FAKEPRINT_KMS_URL names it: `file:///etc/fakeprint/identity` or `vault+https://vault.example/transit/fakeprint`
(mount and name of the key; `vault+http` for an agent on this machine). No unwrapped key is kept in memory.
"""

from __future__ import annotations

import base64
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

import pyrage

from registry.core.crypto import age_encryption
from registry.core.errors import NotInstalled
from registry.core.errors.crypto import BadIdentity, BadKmsUrl, KeysUnavailable

SECONDS: Final = 2.0
"""Longest wait for a connection, and for the next bytes of an answer."""
PAUSE: Final = 5.0
"""Seconds in which Vault is not asked again after it did not answer."""
_THIS_MACHINE: Final = ("127.0.0.1", "::1", "localhost")


class Kms(Protocol):
    """Wraps keys, and unwraps what it wrapped."""

    def wrap(self, secret: bytes) -> bytes:
        """Raises `Unavailable` (`keys_unavailable`)."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """Raises `Unavailable` (`keys_unavailable`), also if something else wrapped it."""


class AgeFile:
    """The identities in a file of `age-keygen`: the first one wraps, all unwrap."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def wrap(self, secret: bytes) -> bytes:
        return bytes(pyrage.encrypt(secret, [self._identities()[0].to_public()]))

    def unwrap(self, wrapped: bytes) -> bytes:
        try:
            return bytes(pyrage.decrypt(wrapped, self._identities()))
        except pyrage.DecryptError as error:
            raise _unavailable("no identity in the file of FAKEPRINT_KMS_URL opens it") from error

    def _identities(self) -> list[pyrage.x25519.Identity]:
        try:
            return age_encryption.identities(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, BadIdentity) as error:
            raise _unavailable(f"{self._path} holds no identity that can be read") from error


class Transit:
    """A key of a transit engine. It never leaves the server, and may be rotated there: older versions go on
    unwrapping."""

    def __init__(self, address: str, mount: str, name: str, token: str) -> None:
        self._address, self._mount, self._name, self._token = address, mount, name, token
        self._lock = threading.Lock()
        self._made: tuple[int, Any] | None = None
        self._silent_until = 0.0

    def wrap(self, secret: bytes) -> bytes:
        text = base64.b64encode(secret).decode()
        with self._reported():
            return str(self._call("encrypt_data", plaintext=text)["ciphertext"]).encode()

    def unwrap(self, wrapped: bytes) -> bytes:
        text = wrapped.decode(errors="replace")
        with self._reported():
            answer = self._call("decrypt_data", ciphertext=text)["plaintext"]
            return base64.b64decode(answer, validate=True)

    def _call(self, operation: str, **arguments: str) -> dict[str, str]:
        engine = self._client().secrets.transit
        answer = getattr(engine, operation)(name=self._name, mount_point=self._mount, **arguments)
        found: dict[str, str] = answer["data"]
        return found

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Raise `KeysUnavailable` for whatever an answer leads to, and for a while after there was none."""
        began, silent_until = self._admitted(), 0.0
        try:
            yield
        except Exception as error:  # noqa: BLE001 - anything may answer there
            if (now := time.monotonic()) - began >= SECONDS:
                silent_until = now + PAUSE
            # Only the class: errors may hold the token and what was sent.
            raise _unavailable(f"Vault does not do it ({type(error).__name__})") from None
        finally:
            self._silent_until = silent_until

    def _admitted(self) -> float:
        """Return the time. After a pause one call finds out whether Vault answers again, before others."""
        with self._lock:
            if (now := time.monotonic()) < self._silent_until:
                raise _unavailable("Vault did not answer a moment ago")
            if self._silent_until:
                self._silent_until = now + SECONDS
        return now

    def _client(self) -> Any:
        """Return the client of this process: connections do not outlive a fork."""
        with self._lock:
            if self._made is None or self._made[0] != os.getpid():
                self._made = (os.getpid(), _connect(self._address, self._token))
            return self._made[1]


@lru_cache(maxsize=4)
def open_kms(url: str, token: str) -> Kms | None:
    """Open what FAKEPRINT_KMS_URL names. None: keys are not wrapped. Raises `BadInput` (`bad_kms_url`),
    `NotInstalled`."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in {"", "localhost"}:
        return AgeFile(Path(unquote(parts.path)))
    mount, _, name = unquote(parts.path).strip("/").rpartition("/")
    if parts.scheme not in {"vault+https", "vault+http"} or not (parts.hostname and mount and name):
        raise BadKmsUrl("FAKEPRINT_KMS_URL names no identity of age and no key of Vault.")
    if parts.username or parts.query:
        raise BadKmsUrl("The token of Vault has a setting of its own: FAKEPRINT_KMS_TOKEN.")
    if parts.scheme == "vault+http" and parts.hostname not in _THIS_MACHINE:
        raise BadKmsUrl("vault+http is for Vault's agent on this machine.")
    _connect("http://127.0.0.1", "")  # report a missing package at start
    return Transit(f"{parts.scheme.removeprefix('vault+')}://{parts.netloc}", mount, name, token.strip())


def _connect(address: str, token: str) -> Any:
    """Return a client that sends the token to this address alone: to no proxy, nor where an answer points."""
    try:
        import hvac  # noqa: PLC0415 - an extra
        import requests  # noqa: PLC0415 - hvac brings it
    except ImportError as error:
        raise NotInstalled(
            "The client of Vault is not installed.", next_step="Install fakeprint[vault]."
        ) from error
    session = requests.Session()
    session.trust_env = False
    session.verify = os.environ.get("VAULT_CACERT") or True
    # Not None: hvac would look for another token then.
    return hvac.Client(url=address, token=token, timeout=SECONDS, allow_redirects=False, session=session)


def _unavailable(reason: str) -> KeysUnavailable:
    return KeysUnavailable(
        f"A wrapped key cannot be wrapped or opened: {reason}.",
        next_step="Check FAKEPRINT_KMS_URL, FAKEPRINT_KMS_TOKEN and that server; then try again.",
    )
