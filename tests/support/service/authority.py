"""A timestamp authority on this machine: OpenSSL's `openssl ts` behind a small HTTP server. It can
misbehave."""

from __future__ import annotations

import secrets
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Mood = Literal[
    "good",
    "refuses",
    "other digest",
    "other nonce",
    "expired",
    "foreign",
    "garbage",
    "busy",
    "silent",
    "unsorted",
]
_CONFIG: Final = """\
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
accuracy = secs:1
tsa_name = yes
ess_cert_id_alg = sha256
"""


@dataclass
class Authority:
    """A running authority. `ca`: its root certificate file. `asked`: number of requests. `mood`: how it
    answers."""

    url: str
    ca: Path
    folder: Path
    mood: Mood = "good"
    asked: int = field(default=0)

    def answer(self, question: bytes) -> bytes | None:
        """Return the response of `openssl ts`, altered according to `mood`."""
        self.asked += 1
        if self.mood in {"busy", "silent"}:
            return None
        if self.mood == "garbage":
            return b"\0" * 4_000
        query_file = self.folder / f"{secrets.token_hex(8)}.tsq"
        query_file.write_bytes(question)
        if self.mood == "other digest":
            _openssl("ts", "-query", "-data", str(self.ca), "-sha256", "-cert", "-out", str(query_file))
        elif self.mood == "other nonce":
            result = _openssl("ts", "-query", "-in", str(query_file), "-text")
            dump = [line.split(" - ", 1)[1].split("   ")[0] for line in result.splitlines() if " - " in line]
            digest = "".join(dump).replace(" ", "").replace("-", "")
            _openssl("ts", "-query", "-digest", digest, "-sha256", "-cert", "-out", str(query_file))
        signer = self.mood if self.mood in {"expired", "foreign"} else "good"
        config = self.folder / ("refusing.cnf" if self.mood == "refuses" else "good.cnf")
        command = ["ts", "-reply", "-queryfile", str(query_file), "-config", str(config), "-section", "one"]
        made = query_file.with_suffix(".tsr")
        files = ["-inkey", str(self.folder / f"{signer}.key"), "-signer", str(self.folder / f"{signer}.pem")]
        chain = ["-chain", str(self.ca)] if self.mood == "unsorted" else []
        _openssl(*command, *files, *chain, "-out", str(made))
        return self._unsorted(made.read_bytes()) if self.mood == "unsorted" else made.read_bytes()

    def _unsorted(self, response: bytes) -> bytes:
        """Return the response with its two certificates in descending order. OpenSSL lists the signer's
        first, whatever DER demands."""
        paths = (self.ca, self.folder / "good.pem")
        first, second = sorted(
            x509.load_pem_x509_certificate(path.read_bytes()).public_bytes(serialization.Encoding.DER)
            for path in paths
        )
        unsorted = response.replace(first + second, second + first)
        assert second + first in unsorted
        return unsorted


@contextmanager
def running(folder: Path) -> Iterator[Authority]:
    """Run an authority with its keys in that folder."""
    root, foreign = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    now = datetime.now(UTC)
    day = timedelta(days=1)
    _write(folder / "ca.pem", _certificate("Root", root, "Root", root, now - 900 * day, now + 900 * day))
    for name, by, ends in (
        ("good", root, now + day),
        ("expired", root, now - day),
        ("foreign", foreign, now + day),
    ):
        own = ec.generate_private_key(ec.SECP256R1())
        _write(folder / f"{name}.pem", _certificate(f"Stamps {name}", own, "Root", by, now - 90 * day, ends))
        (folder / f"{name}.key").write_bytes(
            own.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    for name, digests in (("good", "sha256"), ("refusing", "sha512")):
        (folder / f"{name}.cnf").write_text(_CONFIG.format(folder=folder, digests=digests))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["Content-Length"]))
            found = authority.answer(question)
            if authority.mood == "silent":
                self.close_connection = True
                return
            self.send_response(200 if found is not None else 503)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(found or b"")))
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        authority = Authority(f"http://127.0.0.1:{server.server_port}/tsr", folder / "ca.pem", folder)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield authority
        finally:
            server.shutdown()
            thread.join()


def _certificate(
    of: str,
    key: ec.EllipticCurvePrivateKey,
    by: str,
    signing: ec.EllipticCurvePrivateKey,
    begins: datetime,
    ends: datetime,
) -> x509.Certificate:
    named = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Example {name}")]) for name in (of, by)]
    made = x509.CertificateBuilder(
        named[1], named[0], key.public_key(), x509.random_serial_number(), begins, ends
    ).add_extension(x509.BasicConstraints(ca=of == by, path_length=None), critical=True)
    if of != by:
        stamps = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        made = made.add_extension(stamps, critical=True)
    return made.sign(signing, hashes.SHA256())


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _openssl(*words: str) -> str:
    return subprocess.run(["openssl", *words], check=True, capture_output=True, text=True).stdout
