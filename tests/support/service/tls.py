"""Private certificate authorities, and servers with their certificates, as in a cluster with internal
names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from registry.app.embedded import binaries
from registry.app.embedded.postgres import NAME, Cluster
from tests.support.service import servers as services

ADDRESS: Final = "127.81.7.3"
"""A loopback address used by nobody else, so that PostgreSQL can have its usual port."""
ADMINISTRATOR: Final = "administrator"
PASSWORD: Final = "of the tests"
_SIGNING: Final = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True)
class Authority:
    """An authority that signs in `folder`. `file`: its own certificate, for clients to trust."""

    folder: Path
    name: str = "cluster"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        constraint = x509.BasicConstraints(ca=True, path_length=0)
        made = self._begin(self.name, self.key).add_extension(constraint, critical=True)
        made = made.add_extension(_SIGNING, critical=True)
        self.file.write_bytes(_pem(made.sign(self.key, hashes.SHA256())))

    @property
    def file(self) -> Path:
        return self.folder / f"{self.name}.crt"

    def sign(self, name: str, owner: int | None = None) -> tuple[Path, Path]:
        """Return certificate and key files of a server for a DNS name. Only `owner` can read the key."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        made = self._begin(name, key).add_extension(names, critical=False).sign(self.key, hashes.SHA256())
        shown, secret = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        shown.write_bytes(_pem(made))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        secret.chmod(0o600)
        if owner is not None:
            os.chown(secret, owner, owner)
        return shown, secret

    def _begin(self, name: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        subject, issuer = (
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, self.name)
        )
        now = datetime.now(UTC)
        begins, ends = now - timedelta(hours=1), now + timedelta(days=1)
        public, by = key.public_key(), self.key.public_key()
        made = x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number(), begins, ends)
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        return made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by), critical=False)


def _pem(made: x509.Certificate) -> bytes:
    return made.public_bytes(serialization.Encoding.PEM)


@contextmanager
def postgres(authority: Authority, name: str) -> Iterator[str]:
    """Run an empty Debian PostgreSQL 17 with TLS, as an operator hands it over.

    Its name is `name`, at `ADDRESS`. Its only role is a superuser, whose URL is yielded.
    """
    user = binaries.server_user()
    shown, secret = authority.sign(name, user)
    settings = {
        "listen_addresses": ADDRESS,
        "ssl": "on",
        "ssl_cert_file": str(shown),
        "ssl_key_file": str(secret),
    }
    with services.open_temporary_folder("tls") as folder:
        programs = services.debian_programs()
        cluster = Cluster(
            folder / "postgres", folder / "password", folder / "log", programs, 17, user, settings
        )
        cluster.start()
        try:
            yield _hand_over(cluster.url, name, authority.file)
        finally:
            cluster.stop()


def _hand_over(url: str, name: str, believed: Path) -> str:
    """Remove the embedded server's database and rename its role, because these names belong to the owner."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {ADMINISTRATOR} SUPERUSER LOGIN PASSWORD '{PASSWORD}'".encode())
    address = at(f"postgresql://{ADMINISTRATOR}@{name}/postgres?sslmode=verify-full", believed)
    with psycopg.connect(address, autocommit=True, password=PASSWORD) as connection:
        connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)".encode())
        connection.execute(f"ALTER ROLE {NAME} RENAME TO nobody".encode())
    return address


def at(url: str, believed: Path) -> str:
    """Return the URL of PostgreSQL over TLS at `ADDRESS`, with the trusted authority."""
    return f"{url}&hostaddr={ADDRESS}&sslrootcert={believed}"


@contextmanager
def broker(scheme: str, authority: Authority) -> Iterator[str]:
    """Run RabbitMQ (`amqps`) or Redis (`rediss`) with TLS as `localhost`. Yield its URL, without the trusted
    authority."""
    shown, secret = authority.sign("localhost")
    port = services.free_port()
    if scheme == "amqps":
        lines = (
            f"listeners.ssl.1 = 127.0.0.1:{port}",
            f"ssl_options.cacertfile = {authority.file}",
            f"ssl_options.certfile = {shown}",
            f"ssl_options.keyfile = {secret}",
        )
        with services.rabbitmq(*lines):
            services.wait_until(lambda: services.listens(port), 60)  # the plain port opened first
            yield f"amqps://guest:guest@localhost:{port}//"
    else:
        files = (f"--tls-{what}-file" for what in ("cert", "key", "ca-cert"))
        named = zip(files, (shown, secret, authority.file), strict=True)
        words = [str(word) for pair in named for word in pair]
        with services.redis("--tls-port", str(port), "--tls-auth-clients", "no", *words):
            yield f"rediss://localhost:{port}/0"
