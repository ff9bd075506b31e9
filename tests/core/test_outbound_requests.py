"""Requests to addresses of others: each way an endpoint behaves has one outcome, and no way hurts."""

from __future__ import annotations

import socket
import time

import pytest

from registry.core.net import outbound
from registry.core.net.model import Outcome
from registry.core.net.outbound import Attempt, Network, post
from tests.support.takedown import endpoints
from tests.support.takedown.endpoints import Answer, endpoint, says

HEADERS = {"webhook-id": "msg_1"}


def sent(url: str, *, seconds: float = 3.0, private: bool = True) -> Attempt:
    return post(url, HEADERS, b'{"a": 1}', private=private, seconds=seconds)


def leading_to(*addresses: str) -> outbound.Resolve:
    """A resolver that knows one name."""

    def resolve(host: str, port: int) -> list[str]:
        assert host == "hooks.example"
        return list(addresses)

    return resolve


def test_requests_arrive_unchanged() -> None:
    with endpoint(says(204)) as there:
        found = sent(there.url("/hook?x=1"))
    (request,) = there.received
    assert found == Attempt("delivered", 204)
    assert (request.target, request.body) == ("/hook?x=1", b'{"a": 1}')
    assert (request.headers["host"], request.headers["webhook-id"]) == (f"127.0.0.1:{there.port}", "msg_1")


@pytest.mark.parametrize(
    ("answer", "outcome", "status"),
    [
        (says(200, b"thanks"), "delivered", 200),
        (says(302, Location="http://127.0.0.1:1/"), "redirected", 302),
        (says(400, b"no"), "refused", 400),
        (says(503, Retry_After="7"), "refused", 503),
        (says(410), "gone", 410),
        (endpoints.lies, "broken", None),
        (endpoints.babbles, "broken", None),
        (endpoints.floods, "delivered", 200),
        (endpoints.hangs, "timed_out", None),
        (endpoints.drips, "timed_out", None),
        (endpoints.drips_body, "timed_out", None),
    ],
)
def test_each_behaviour_has_one_outcome(answer: Answer, outcome: Outcome, status: int | None) -> None:
    with endpoint(answer) as there:
        found = sent(there.url(), seconds=1.0)
    assert (found.outcome, found.status) == (outcome, status)


def test_little_of_an_answer_is_kept() -> None:
    with endpoint(says(500, "é\0".encode() * 5000)) as there:
        found = sent(there.url())
    assert found.snippet == "é\N{REPLACEMENT CHARACTER}" * (outbound.SNIPPET // 2)


def test_an_endpoint_may_ask_for_patience() -> None:
    with endpoint(says(429, Retry_After="120")) as there:
        assert sent(there.url()).retry_after == 120
    for odd in ("Wed, 25 Nov 2026 22:00:00 GMT", "-1", "1e9", "9" * 40):
        with endpoint(says(429, Retry_After=odd)) as there:
            assert sent(there.url()).retry_after is None


def test_a_redirect_is_not_followed() -> None:
    with endpoint(says(200)) as inner, endpoint(says(307, Location=inner.url())) as outer:
        assert sent(outer.url()).outcome == "redirected"
    assert inner.received == []


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert sent(f"http://127.0.0.1:{port}/").outcome == "unreachable"


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "2130706433", "0"])
def test_a_private_address_is_not_connected_to(host: str) -> None:
    with endpoint(says(200)) as there:
        found = sent(f"http://{host}:{there.port}/", private=False)
    assert found.outcome in {"address_refused", "unknown_name"}
    assert there.received == []


def test_one_private_address_among_public_ones_is_enough() -> None:
    with endpoint(says(200)) as there:
        found = post(
            there.url(host="hooks.example"),
            {},
            b"",
            private=False,
            seconds=2,
            network=Network(leading_to("203.0.113.9", "8.8.8.8", "127.0.0.1")),
        )
    assert (found.outcome, there.received) == ("address_refused", [])


def test_a_name_is_resolved_once_and_that_address_used() -> None:
    """A name that leads to a public address when it is checked, and to this machine right after."""
    requests: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        requests.append(host)
        return ["127.0.0.1"] if len(requests) == 1 else ["127.0.0.2"]

    with endpoint(says(200)) as there:
        found = post(
            there.url(host="hooks.example"), {}, b"", private=True, seconds=2, network=Network(rebinding)
        )
    assert (found.outcome, requests) == ("delivered", ["hooks.example"])
    assert there.received[0].headers["host"] == f"hooks.example:{there.port}"


def test_a_name_that_leads_nowhere() -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    assert (
        post("https://hooks.example/", {}, b"", private=False, network=Network(nobody)).outcome
        == "unknown_name"
    )


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    def slow(host: str, port: int) -> list[str]:
        time.sleep(5)
        return ["127.0.0.1"]

    found = post("https://hooks.example/", {}, b"", private=True, seconds=0.5, network=Network(slow))
    assert found.outcome == "timed_out"


def test_tls_is_of_the_name_and_not_of_the_address() -> None:
    made = endpoints.certificate("hooks.example")
    with endpoint(says(200), made.server) as there:
        good = post(
            there.url(host="hooks.example"),
            {},
            b"{}",
            private=True,
            network=Network(leading_to("127.0.0.1"), made.client),
        )
        other = post(there.url(), {}, b"{}", private=True, network=Network(trusted=made.client))
    assert (good.outcome, other.outcome) == ("delivered", "tls_failed")


@pytest.mark.parametrize("how", ["unknown", "expired", "plain"])
def test_bad_tls_is_one_outcome(how: str) -> None:
    made = endpoints.certificate(expired=how == "expired")
    trusted = made.client if how == "expired" else None
    with endpoint(says(200), None if how == "plain" else made.server) as there:
        found = post(
            f"https://localhost:{there.port}/",
            {},
            b"{}",
            private=True,
            seconds=3,
            network=Network(trusted=trusted),
        )
    assert (found.outcome, there.received) == ("tls_failed", [])


def test_proxy_variables_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with endpoint(says(500)) as proxy, endpoint(says(200)) as there:
        monkeypatch.setenv("HTTP_PROXY", proxy.url())
        monkeypatch.setenv("ALL_PROXY", proxy.url())
        assert sent(there.url()).outcome == "delivered"
    assert proxy.received == []
