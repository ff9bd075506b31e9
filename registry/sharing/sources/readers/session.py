"""HTTP session for exchanges: checked addresses only, no redirects, bounded time and size.

The clients of `threatexchange` use sessions of `requests`; each is given one of these instead. Errors and
logs never contain a URL, because it may hold a token.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, override
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.retry import Retry

from registry.core.errors import FakeprintError
from registry.core.net.model import is_public
from registry.sharing.errors import ExchangeAddressRefused, ExchangeRefused, ExchangeUnreachable
from registry.sharing.sources.errors import ExchangeGarbled

SECONDS: Final = 60.0
"""Timeout for connecting, and between two bytes."""
WHOLE_SECONDS: Final = 300.0
"""Timeout for a whole response."""
MOST_BYTES: Final = 64 << 20
"""Maximum size of a response."""
RETRIES: Final = 4
REFUSED: Final = frozenset({401, 403})

# The log lines of urllib3 contain whole URLs with their tokens.
logging.getLogger("urllib3").setLevel(logging.ERROR)


class _AddressRefused(Exception):
    """The host name resolves to an address that is not public."""


class _Checked:
    """Connects only to the address that was resolved and checked."""

    _dns_host: str
    port: int

    def _new_conn(self) -> socket.socket:
        host = self._dns_host
        resolved = socket.getaddrinfo(host, self.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(info[4][0]) for info in resolved))
        if not all(map(is_public, addresses)):
            raise _AddressRefused
        self._dns_host = addresses[0]
        try:
            return super()._new_conn()  # type: ignore[misc,no-any-return]
        finally:
            self._dns_host = host


class _PublicHTTP(_Checked, HTTPConnection):
    pass


class _PublicHTTPS(_Checked, HTTPSConnection):
    pass


class _PoolHTTP(HTTPConnectionPool):
    ConnectionCls = _PublicHTTP


class _PoolHTTPS(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPS


class _Adapter(HTTPAdapter):
    def __init__(self, *, private: bool) -> None:
        self._private = private
        waits = Retry(
            total=RETRIES,
            status_forcelist=[429, 500, 502, 503, 504],
            allowed_methods=["GET"],
            backoff_factor=0.2,
            respect_retry_after_header=False,
        )
        super().__init__(max_retries=waits)

    @override
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        if not self._private:
            self.poolmanager.pool_classes_by_scheme = {"http": _PoolHTTP, "https": _PoolHTTPS}


class Session(requests.Session):
    """A session for one exchange. Every URL must have the origin of `base`."""

    def __init__(self, base: str, *, private: bool) -> None:
        super().__init__()
        self._origin = _origin(base)
        self.trust_env = False
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(private=private))

    @override
    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
        """Send a request as `requests` does and read the whole body. See `explained` for the errors."""
        if _origin(url) != self._origin:
            raise ExchangeGarbled("The exchange names an address of another host.")
        options |= {"stream": True, "timeout": SECONDS, "allow_redirects": False}
        response = super().request(method, url, **options)
        response._content = _body(response)  # noqa: SLF001 - `content` returns this
        response._content_consumed = True  # noqa: SLF001 - marks the body as read
        if response.is_redirect:
            raise ExchangeGarbled("The exchange redirects; redirects are not followed.")
        return response


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _body(response: requests.Response) -> bytes:
    body = bytearray()
    deadline = time.monotonic() + WHOLE_SECONDS
    for piece in response.iter_content(1 << 16):
        body += piece
        if len(body) > MOST_BYTES or time.monotonic() > deadline:
            response.close()
            raise ExchangeGarbled("An answer of the exchange is too long or takes too long.")
    return bytes(body)


@contextmanager
def explained() -> Iterator[None]:
    """Turn errors of an exchange into `Unavailable` with a stable code, without the exchange's own text."""
    try:
        yield
    except FakeprintError:
        raise
    except _AddressRefused as error:
        raise ExchangeAddressRefused("The exchange's address is not public.") from error
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        if status in REFUSED:
            raise ExchangeRefused(
                f"The exchange refuses the credentials ({status}).",
                next_step="Remove the exchange and add it again with valid credentials.",
            ) from None
        raise ExchangeUnreachable(f"The exchange answers {status}.") from None
    except (requests.exceptions.JSONDecodeError, KeyError, ValueError, TypeError, AssertionError):
        raise ExchangeGarbled("The exchange's answer cannot be read.") from None
    except (requests.RequestException, OSError):
        raise ExchangeUnreachable("The exchange cannot be reached.") from None
    except Exception as error:  # noqa: BLE001 - responses are not validated, so anything can occur
        raise ExchangeGarbled(f"The exchange's answer cannot be read ({type(error).__name__}).") from None


def steps[T](source: Iterator[T]) -> Iterator[T]:
    """Iterate with errors translated by `explained`."""
    while True:
        with explained():
            try:
                step = next(source)
            except StopIteration:
                return
        yield step
