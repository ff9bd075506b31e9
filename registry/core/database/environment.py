"""How PostgreSQL's own programs get the address of a database."""

from __future__ import annotations

from psycopg import pq


def of_address(database_url: str) -> dict[str, str]:
    """Return libpq's environment variables (PGHOST, PGPASSWORD …) for an address: arguments of a program are
    seen by all users of a machine."""
    options = pq.Conninfo.parse(database_url.encode())
    return {option.envvar.decode(): option.val.decode() for option in options if option.envvar and option.val}
