"""Who is told of what, where to, and when again."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core import backoff
from registry.core.errors import BadInput
from registry.core.net.model import is_public
from registry.sharing.webhooks import model as webhook


@pytest.mark.parametrize(
    ("kinds", "kind", "told"),
    [
        (["entry.*"], "entry.reviewed", True),
        (["entry.*"], "asset.added", False),
        (["match.found"], "match.found", True),
        (["*"], "dispute.opened", True),
        (["*"], "lookup.answered", False),
        (["entry.reviewed"], "entry.registered", False),
    ],
)
def test_patterns(kinds: list[str], kind: str, told: bool) -> None:
    assert webhook.wanted(kinds, kind) is told


@pytest.mark.parametrize(
    "kinds",
    [
        [],
        ["entry"],
        ["entry.*.*"],
        ["*.found"],
        ["nothing.happened"],
        ["lookup.answered"],
        ["lookup.*"],
        [""],
    ],
)
def test_unknown_kinds_are_refused(kinds: list[str]) -> None:
    with pytest.raises(BadInput) as refused:
        webhook.checked_kinds(kinds)
    assert refused.value.code == "unknown_kind"


def test_kinds_come_once_and_sorted() -> None:
    assert webhook.checked_kinds(["match.found", "entry.*", "match.found"]) == ["entry.*", "match.found"]


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "https://",
        "https:///path",
        "hooks.example",
        "https://user:secret@hooks.example/",
        "https://hooks.example/#part",
        "https://hooks.example:0/",
        "https://hooks.example:99999/",
        "https://[::1/",
        "https://hooks.example/\n",
        "https://hooks.example/a b",
        "https://hööks.example/",
        f"https://hooks.example/{'x' * 2000}",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://db.internal/",
        "https://[::ffff:10.0.0.1]/",
    ],
)
def test_addresses_that_cannot_be(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        webhook.checked_url(url, private=False)
    assert refused.value.code == "bad_webhook_url"


def test_private_ones_where_that_is_chosen() -> None:
    for url in ("http://127.0.0.1:9000/hook", "http://localhost/", "https://10.0.0.1/"):
        assert webhook.checked_url(url, private=True) == url


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),  # noqa: S104
        *("224.0.0.1", "239.255.255.255", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1"),
        *("168.63.129.16", "192.88.99.1", "::", "::1", "fe80::1", "fd00:ec2::254", "ff02::1", "fec0::1"),
        *(
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:a00:1::",
            "2001:0:1::1",
        ),
        *("2001:db8::1", "fe80::1%eth0", "not an address", ""),
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@given(st.ip_addresses())
def test_nothing_private_is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if is_public(str(address)):
        assert address.is_global
        odd = [address.is_private, address.is_loopback, address.is_link_local, address.is_multicast]
        assert not any(odd)


def test_public_addresses() -> None:
    assert all(map(is_public, ["8.8.8.8", "93.184.215.14", "2606:4700::1111"]))


def test_attempts_take_a_day() -> None:
    delays = [webhook.delay(attempt, 0.5) for attempt in range(1, webhook.ATTEMPTS)]
    assert delays == sorted(delays)
    assert 24 * 3600 <= sum(delays) <= 26 * 3600


@given(st.integers(1, 10_000), st.floats(0, 1), st.none() | st.floats(0, 1e12))
def test_no_delay_is_longer_than_the_longest(attempts: int, draw: float, asked: float | None) -> None:
    found = webhook.delay(attempts, draw, asked)
    assert 0.8 * webhook.FIRST_DELAY <= found <= webhook.LONGEST_DELAY * (1 + backoff.JITTER)
    assert asked is None or found >= min(asked, webhook.LONGEST_DELAY)
