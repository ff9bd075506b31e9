"""Make guessing slow: attempts to sign in are counted by name and by network, in the database for all
processes."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from functools import lru_cache

from registry.actions.service import Service
from registry.domain.account import NETWORK_FREE, wait_after
from registry.errors import TooMany
from registry.store import accounts


@lru_cache(maxsize=4)
def form_secret(service: Service) -> bytes:
    """What forms and digests of names are keyed with: 64 bytes, the same in every process."""
    with service.pool.transaction() as connection:
        return accounts.secret(connection)


def subjects(service: Service, name: str, address: str) -> tuple[bytes, bytes]:
    """Digests of the name and of the network (/24, /56) that an address is of."""
    key = form_secret(service)
    return _keyed(key, f"name {name}"), _keyed(key, f"network {_network(address)}")


def require_patience(service: Service, name: str, address: str) -> None:
    """Raise `TooMany` (`too_many_attempts`) while too many attempts for the name, or from the network, failed
    a moment ago."""
    named, network = subjects(service, name, address)
    with service.pool.transaction() as connection:
        found = accounts.attempts(connection, [named, network])
    left = 0.0
    for subject, free in ((named, None), (network, NETWORK_FREE)):
        failures, ago = found.get(subject, (0, 0.0))
        wait = wait_after(failures) if free is None else wait_after(failures, free=free)
        left = max(left, wait - ago)
    if left > 0:
        raise TooMany("Too many attempts to sign in failed.", code="too_many_attempts", retry_after=left)


def note_failure(service: Service, name: str, address: str) -> None:
    """One more attempt failed."""
    with service.pool.transaction() as connection:
        accounts.failed(connection, subjects(service, name, address))


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256)


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 56), strict=False))
