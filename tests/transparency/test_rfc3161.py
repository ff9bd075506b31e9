"""Time stamps that OpenSSL accepts and a strict reader of DER refuses."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import rfc3161_client

from registry.core.service import Service
from registry.transparency.timestamps.model import rfc3161
from registry.transparency.timestamps.service.authority import authority as authority_of
from tests.support.service import authority
from tests.support.service.authority import Authority

MESSAGE = b"a message"


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[Authority]:
    """An authority that lists its certificates in descending order."""
    with authority.running(tmp_path) as made:
        made.mood = "unsorted"
        yield made


def test_unsorted_certificates_are_sorted_before_reading(tsa: Authority, tmp_path: Path) -> None:
    trusted = rfc3161.authorities(tsa.ca.read_bytes())
    query = rfc3161.question(MESSAGE)
    response = tsa.answer(query.body)
    assert response is not None
    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        rfc3161_client.decode_timestamp_response(response)
    assert rfc3161.read(response, MESSAGE, trusted, query.nonce).unsorted
    (tmp_path / "message").write_bytes(MESSAGE)
    (tmp_path / "response.tsr").write_bytes(response)
    files = ["-data", str(tmp_path / "message"), "-in", str(tmp_path / "response.tsr")]
    verified = subprocess.run(["openssl", "ts", "-verify", *files, "-CAfile", str(tsa.ca)], check=False)
    assert verified.returncode == 0
    with pytest.raises(rfc3161.BadStamp):
        rfc3161.read(response, b"another message", trusted, query.nonce)


def test_every_truncated_response_is_refused(tsa: Authority) -> None:
    trusted = rfc3161.authorities(tsa.ca.read_bytes())
    query = rfc3161.question(MESSAGE)
    response = tsa.answer(query.body)
    assert response is not None
    for length in range(len(response)):
        with pytest.raises(rfc3161.BadStamp):
            rfc3161.read(response[:length], MESSAGE, trusted, query.nonce)


def test_the_operator_is_told_and_the_response_is_stored_as_it_came(
    service: Service, tsa: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = service.settings.model_copy(update={"tsa_url": tsa.url, "tsa_ca": str(tsa.ca)})
    asked = authority_of(replace(service, settings=chosen).settings)
    assert asked is not None
    response, stamp = asked.stamp(MESSAGE)
    assert stamp.unsorted
    assert "another order than DER demands" in caplog.text
    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        rfc3161_client.decode_timestamp_response(response)
    assert asked.read(response, MESSAGE) == stamp
