"""A time stamp of OpenSSL's authority, verified by OpenSSL and by the registry."""

from __future__ import annotations

import tempfile
from pathlib import Path

from registry.transparency.timestamps.model import rfc3161
from tests.bench.interop.tools import ran
from tests.support.service import authority


def measure(_peers: Path) -> dict[str, int]:
    """Return 1 if both accept it, with its certificates in an order that is not DER's."""
    message = b"a message"
    with tempfile.TemporaryDirectory() as temporary, authority.running(Path(temporary)) as tsa:
        tsa.mood = "unsorted"
        query = rfc3161.question(message)
        response = tsa.answer(query.body) or b""
        folder = Path(temporary)
        (folder / "message").write_bytes(message)
        (folder / "response.tsr").write_bytes(response)
        files = ("-data", folder / "message", "-in", folder / "response.tsr", "-CAfile", tsa.ca)
        verified = ran("openssl", "ts", "-verify", *files).returncode == 0
        stamp = rfc3161.read(response, message, rfc3161.authorities(tsa.ca.read_bytes()), query.nonce)
    return {"openssl_verified": int(verified and stamp.unsorted)}
