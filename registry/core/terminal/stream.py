"""Stream long answers of the service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

import httpx2

from fakeprint.blocking import settings
from registry.core.errors.terminal import ServiceUnreachable
from registry.core.terminal import problems
from registry.core.terminal.client import Client

PAUSE: Final = 120.0
"""Seconds without data after which the answer counts as broken off."""
LONG_PAUSE: Final = 600.0
"""The same, if the service works long before it begins to answer."""


def lines(client: Client, path: str, params: Mapping[str, str]) -> Iterator[bytes]:
    """Yield the lines of an answer, each with its line break. Only one line is held at a time.

    Raises the service's error, or `Unavailable` (`service_unreachable`) if the answer breaks off. Lines
    before that are complete, and a partial line is not yielded.
    """
    endpoint = client.endpoint
    timeout = httpx2.Timeout(client.deadline.remaining(PAUSE), connect=5.0)
    try:
        with (
            httpx2.Client(**settings(endpoint.url, endpoint.key)) as http,
            http.stream("GET", path, params=dict(params), timeout=timeout) as response,
        ):
            if response.status_code != 200:
                response.read()
                problems.reply_of(response, endpoint.url)
            yield from _split(response)
    except httpx2.TransportError as error:
        raise ServiceUnreachable from error


def save(client: Client, path: str, body: Mapping[str, Any], into: BinaryIO) -> int:
    """POST a JSON object and write the answer to `into` piece by piece. Return its size in bytes. Raises like
    `lines`."""
    endpoint = client.endpoint
    timeout = httpx2.Timeout(client.deadline.remaining(LONG_PAUSE), connect=5.0)
    size = 0
    try:
        with (
            httpx2.Client(**settings(endpoint.url, endpoint.key)) as http,
            http.stream("POST", path, json=dict(body), timeout=timeout) as response,
        ):
            if response.status_code != 200:
                response.read()
                problems.reply_of(response, endpoint.url)
            for chunk in response.iter_bytes():
                size += into.write(chunk)
    except httpx2.TransportError as error:
        raise ServiceUnreachable from error
    return size


def _split(response: httpx2.Response) -> Iterator[bytes]:
    incomplete = b""
    for chunk in response.iter_bytes():
        *lines, incomplete = (incomplete + chunk).split(b"\n")
        for line in lines:
            yield line + b"\n"
    if incomplete:
        yield incomplete
