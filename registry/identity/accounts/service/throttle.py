"""Make guessing slow: attempts to sign in are counted by name and by network, in the database for all
processes."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from functools import lru_cache

from registry.core.errors import TooMany
from registry.core.service import Service
from registry.identity.accounts.model import FREE_FAILURES, NETWORK_FREE, wait_after
from registry.identity.accounts.store import accounts


@lru_cache(maxsize=4)
def form_secret(service: Service) -> bytes:
    """What forms and digests of names are keyed with: 64 bytes, the same in every process."""
    with service.pool.transaction() as connection:
        return accounts.secret(connection)


def subjects(service: Service, name: str, address: str) -> list[bytes]:
    """Digests of the name and, where it is a public one, of the network (/24, /56) that an address is of: at
    a private one stands a proxy, through which everybody comes."""
    key = form_secret(service)
    network = _network(address)
    return [_keyed(key, f"name {name}")] + ([_keyed(key, f"network {network}")] if network else [])


def require_patience(service: Service, name: str, address: str) -> None:
    """Raise `TooMany` (`too_many_attempts`) while too many attempts for the name, or from the network, failed
    a moment ago."""
    asked = subjects(service, name, address)
    with service.pool.transaction() as connection:
        found = accounts.attempts(connection, asked)
    left = 0.0
    for subject, free in zip(asked, (FREE_FAILURES, NETWORK_FREE), strict=False):
        failures, ago = found.get(subject, (0, 0.0))
        left = max(left, wait_after(failures, free=free) - ago)
    if left > 0:
        raise TooMany("Too many attempts to sign in failed.", code="too_many_attempts", retry_after=left)


def note_failure(service: Service, name: str, address: str) -> None:
    """One more attempt failed."""
    with service.pool.transaction() as connection:
        accounts.failed(connection, subjects(service, name, address))


def count_case(service: Service, address: str, *, free: int) -> None:
    """One more private case comes from the network of this address. Raise `TooMany` (`too_many_cases`)
    where it has sent so many that it has to wait; then none is counted. `free`: cases before it waits."""
    network = _network(address)
    if not network:
        return
    subject = _keyed(form_secret(service), f"cases {network}")
    with service.pool.transaction() as connection:
        count, ago = accounts.attempts(connection, [subject]).get(subject, (0, 0.0))
        left = wait_after(count, free=free) - ago
        if left > 0:
            raise TooMany("Many cases have come from there.", code="too_many_cases", retry_after=left)
        accounts.failed(connection, [subject])


def client_address(peer: str, forwarded: str | None, proxies: str) -> str:
    """The address that asks. The last of `X-Forwarded-For` is what a proxy saw, if one of `proxies`
    (networks, spaces between them) sends it; those before are the client's own to write."""
    if peer and forwarded is not None and any(_within(peer, one) for one in proxies.split()):
        return forwarded.rpartition(",")[2].strip() or peer
    return peer


def _within(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256)


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if not found.is_global:
        return ""
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 56), strict=False))
