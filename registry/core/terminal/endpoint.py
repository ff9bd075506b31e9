"""Find the service: options, then the environment, then the running `up` of the data folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from registry.core.errors import Unauthenticated, Unavailable
from registry.core.errors.net import BadUrl
from registry.core.errors.terminal import NoService
from registry.core.settings import settings

RUN_FILE = "run.json"
KEY_FILE = "admin.key"

_START = "Start one with `fakeprint up`, or set FAKEPRINT_URL and FAKEPRINT_KEY to a running service."


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service. `url` has no trailing slash; `folder` is the data folder that it was found in, if any."""

    url: str
    key: str
    folder: Path | None = None

    @property
    def loopback(self) -> bool:
        return (urlsplit(self.url).hostname or "") in {"127.0.0.1", "::1", "localhost"}


def find(url: str | None = None, key_file: Path | None = None, data: Path | None = None) -> Endpoint:
    """Return the service to use.

    `--data` takes precedence over FAKEPRINT_URL and the key for that URL. FAKEPRINT_KEY without a URL is a
    key of the folder's service. Raises `Unavailable` (`no_service`), `Unauthenticated` or `BadInput`
    (`bad_url`).
    """
    configured = settings()
    if url or (configured.url and data is None):
        chosen = _valid(url or configured.url)
        return Endpoint(
            chosen, _key_of_file(key_file) or _valid_key(configured.key) or _own_key(chosen, configured.data)
        )
    folder = data or configured.data
    running = _valid(_running(folder))
    environment = "" if configured.url else _valid_key(configured.key)
    own = folder / KEY_FILE
    key = _key_of_file(key_file) or environment or _read_key(own, "Set FAKEPRINT_KEY to a key of your own.")
    return Endpoint(running, key, folder)


def anonymous(url: str | None = None, data: Path | None = None) -> Endpoint:
    """Return the service to use without a key. Raises `Unavailable` (`no_service`), `BadInput`
    (`bad_url`)."""
    configured = settings()
    if url or (configured.url and data is None):
        return Endpoint(_valid(url or configured.url), "")
    folder = data or configured.data
    return Endpoint(_valid(_running(folder)), "", folder)


def _key_of_file(key_file: Path | None) -> str:
    return "" if key_file is None else _read_key(key_file, "Name a file that you may read.")


def _running(folder: Path) -> str:
    """Return the URL in the data folder's run.json."""
    path = folder / RUN_FILE
    try:
        run = json.loads(path.read_bytes())
        return str(run["url"])
    except FileNotFoundError:
        raise NoService(f"No service runs from {folder}.", next_step=_START) from None
    except OSError as error:
        raise NoService(f"{path} cannot be read: {error.strerror}.", next_step=_START) from error
    except (ValueError, KeyError, TypeError) as error:
        raise NoService(f"{path} is damaged.", next_step="End `fakeprint up` and start it again.") from error


def _own_key(url: str, folder: Path) -> str:
    """Return the admin key if the URL is that of the data folder's own service."""
    try:
        own = _running(folder).rstrip("/") == url
    except Unavailable:
        own = False
    if not own:
        raise Unauthenticated(f"No key for {url}.", next_step="Set FAKEPRINT_KEY, or give --key-file.")
    return _read_key(folder / KEY_FILE, "Set FAKEPRINT_KEY to a key of your own.")


def _read_key(path: Path, next_step: str) -> str:
    try:
        key = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Unauthenticated(f"{path} cannot be read: {error.strerror}.", next_step=next_step) from error
    except UnicodeDecodeError:
        key = "\x00"
    if not key.strip():
        raise Unauthenticated(f"{path} holds no key.", next_step=next_step)
    return _valid_key(key)


def _valid_key(key: str) -> str:
    key = key.strip()
    if not (key.isascii() and (key.isprintable())):
        raise Unauthenticated("The key holds characters that no key has.", next_step="Check FAKEPRINT_KEY.")
    return key


def _valid(url: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid:
        raise BadUrl(
            f"{url!r} is not the address of a service.", next_step="Give it like this: http://127.0.0.1:8000"
        )
    return url.rstrip("/")
