"""Private certificate authorities, and servers with their certificates, as in a cluster with internal
names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg
import trustme

from registry.app.embedded import binaries
from registry.app.embedded.postgres import NAME, Cluster
from tests.support.service import servers as services

ADDRESS: Final = "127.81.7.3"
"""A loopback address used by nobody else, so that PostgreSQL can have its usual port."""
ADMINISTRATOR: Final = "administrator"
PASSWORD: Final = "of the tests"


@dataclass(frozen=True)
class Authority:
    """An authority that signs in `folder`. `file`: its own certificate, for clients to trust."""

    folder: Path
    name: str = "cluster"
    signer: trustme.CA = field(default_factory=trustme.CA)

    def __post_init__(self) -> None:
        self.signer.cert_pem.write_to_path(self.file)

    @property
    def file(self) -> Path:
        return self.folder / f"{self.name}.crt"

    def sign(self, name: str, owner: int | None = None) -> tuple[Path, Path]:
        """Return certificate and key files of a server for a DNS name. Only `owner` can read the key."""
        made = self.signer.issue_cert(name)
        shown, secret = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        made.cert_chain_pems[0].write_to_path(shown)
        made.private_key_pem.write_to_path(secret)
        secret.chmod(0o600)
        if owner is not None:
            os.chown(secret, owner, owner)
        return shown, secret


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
