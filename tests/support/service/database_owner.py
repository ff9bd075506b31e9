"""A database as the guide sets it up: an owner who is not a superuser, and roles that log in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import psycopg

from tests.support.service.servers import PostgresServer

ROLES: Final = Path(__file__).parents[3] / "deploy" / "service-role.sql"
OWNER: Final = "own"
SERVICE: Final = "fakeprint_service"


def do(url: str, *statements: str) -> None:
    """Run each statement in its own transaction."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def as_role(url: str, role: str) -> str:
    """Return the same URL for a role whose password is its name."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{quote(role)}:{quote(role)}@{host}").geturl()


def let_service_in(url: str) -> None:
    """Let the service's role log in, which each deployment does itself."""
    do(url, f"ALTER ROLE {SERVICE} LOGIN PASSWORD '{SERVICE}'")


@contextmanager
def owned(server: PostgresServer) -> Iterator[tuple[str, str]]:
    """Yield URLs of an empty database: for a superuser, and for its owner, who is not one."""
    every = server.address("postgres")
    do(every, f"CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{OWNER}'")
    try:
        with server.empty() as url:
            name = urlsplit(url).path.lstrip("/")
            do(url, "CREATE EXTENSION vector", f"ALTER DATABASE {name} OWNER TO {OWNER}")
            do(url, f"ALTER SCHEMA public OWNER TO {OWNER}")
            yield url, as_role(url, OWNER)
    finally:
        do(every, f"DROP ROLE {OWNER}")
