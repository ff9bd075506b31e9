"""HTTP session for exchanges: checked addresses only, no redirects, bounded time and size.

The clients of `threatexchange` use sessions of `requests`; each is given one of these instead. Errors and
logs never contain a URL, because it may hold a token.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, override
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.utils import get_encoding_from_headers

from registry.core.errors import FakeprintError
from registry.core.net import outbound
from registry.sharing.errors import ExchangeAddressRefused, ExchangeRefused, ExchangeUnreachable
from registry.sharing.sources.errors import ExchangeGarbled

SECONDS: Final = 300.0
"""Timeout for a whole response."""
MOST_BYTES: Final = 64 << 20
"""Maximum size of a response."""
PAUSES: Final = (0.0, 0.4, 0.8, 1.6)
"""Seconds before each further attempt."""
REFUSED: Final = frozenset({401, 403})
_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
_OWN: Final = frozenset({"accept-encoding", "connection"})
"""Headers that `outbound` sets."""


class _Adapter(BaseAdapter):
    """Sends GET by `outbound`, which checks addresses and bounds time and size."""

    def __init__(self, *, private: bool) -> None:
        super().__init__()
        self._private = private

    @override
    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Raises `ExchangeAddressRefused`, `ExchangeGarbled`, `requests.ConnectionError`."""
        for pause in (*PAUSES, None):
            attempt, body = self._get(request)
            if pause is None or not (attempt.outcome == "unreachable" or attempt.status in _AGAIN):
                break
            time.sleep(pause)
        if attempt.outcome == "address_refused":
            raise ExchangeAddressRefused("The exchange's address is not public.")
        if attempt.outcome == "broken":
            raise ExchangeGarbled("An answer of the exchange is too long, or was cut off.")
        if attempt.outcome == "redirected":
            raise ExchangeGarbled("The exchange redirects; redirects are not followed.")
        if attempt.status is None:
            raise requests.ConnectionError(attempt.outcome)
        response = requests.Response()
        response.status_code = attempt.status
        response.headers["content-type"] = attempt.content_type
        response.encoding = get_encoding_from_headers(response.headers)
        response.raw, response.url, response.request = io.BytesIO(body), request.url or "", request
        return response

    def _get(self, request: requests.PreparedRequest) -> tuple[outbound.Attempt, bytes]:
        if request.method != "GET":
            raise requests.exceptions.InvalidSchema("Exchanges are only read: GET is the one method.")
        headers = {name: str(value) for name, value in request.headers.items() if name.lower() not in _OWN}
        return outbound.get(
            request.url or "", headers, private=self._private, most=MOST_BYTES, seconds=SECONDS
        )

    @override
    def close(self) -> None:
        """Each request has its own connection."""


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
        """Send a request as `requests` does. See `explained` for the errors."""
        if _origin(url) != self._origin:
            raise ExchangeGarbled("The exchange names an address of another host.")
        return super().request(method, url, **options)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


@contextmanager
def explained() -> Iterator[None]:
    """Turn errors of an exchange into `Unavailable` with a stable code, without the exchange's own text."""
    try:
        yield
    except FakeprintError:
        raise
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
