"""Search for personal data in every table, blob, dump and write-ahead log segment.

A needle is searched as raw bytes, as hex (the notation of bytea), and as base64 at its three alignments. The
same search must find data that is known to be there; otherwise a test of absence proves nothing.
"""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import psycopg
from psycopg import sql

from registry.catalogue.fingerprints.model.distance import Vectors
from tests.support.service.servers import PostgresServer

Places = Mapping[str, bytes]
WINDOW = 12
"""Consecutive numbers of a vector to search for: at least 24 bytes, which never occur by chance."""


def tables(database_url: str) -> Places:
    """Yield each table's rows with all columns as text, and each binary column unchanged."""
    found: dict[str, bytes] = {}
    with psycopg.connect(database_url) as connection:
        names = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, name in names:
            rows = connection.execute(
                sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(schema, name))
            )
            found[f"table {name}"] = "\n".join(row[0] for row in rows).encode()
        columns = connection.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns"
            " WHERE data_type = 'bytea' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, name, column in columns:
            query = sql.SQL("SELECT {} FROM {}").format(sql.Identifier(column), sql.Identifier(schema, name))
            values = [bytes(row[0]) for row in connection.execute(query) if row[0] is not None]
            found[f"column {name}.{column}"] = b"\n".join(values)
    return found


def files(folder: Path, name: str, *, links: bool = True) -> Places:
    """Yield every file under a folder, following `links`. Files that disappear meanwhile are skipped."""
    found = {}
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_file() and (links or not path.is_symlink()):
                found[f"{name} {path.relative_to(folder)}"] = path.read_bytes()
    return found


def log(server: PostgresServer, database_url: str) -> Places:
    """Yield the segments of the write-ahead log, including recent commits."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SELECT pg_switch_wal()")
        connection.execute("CHECKPOINT")
    return files(server.cluster.data / "pg_wal", "log")


def heaps(server: PostgresServer, database_url: str) -> Places:
    """Yield the database's own files, including dead rows and freed pages."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    assert row
    return files(server.cluster.data / "base" / str(row[0]), "file")


def dump(server: PostgresServer, database_url: str) -> bytes:
    """Return the output of `pg_dump` as text."""
    return _run(server, "pg_dump", "--no-owner", database_url)


def restore(server: PostgresServer, dumped: bytes, database_url: str) -> None:
    """Restore a dump into an empty database."""
    _run(server, "psql", "--quiet", "--set=ON_ERROR_STOP=1", database_url, given=dumped)


def _run(server: PostgresServer, program: str, *arguments: str, given: bytes = b"") -> bytes:
    command = [str(server.cluster.programs / program), *arguments]
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def needles(name: str, value: bytes) -> dict[str, bytes]:
    """Return the forms in which these bytes could be stored."""
    forms = {f"{name}": value, f"{name} in hex": value.hex().encode()}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + value)
        # The first and the last group also contain bits of their neighbours.
        forms[f"{name} in base64 +{shift}"] = encoded[4 if shift else 0 : len(encoded) - 4]
    return forms


def vector_needles(name: str, vectors: Vectors) -> dict[str, bytes]:
    """Return the forms in which vectors could be stored: half and single floats of both byte orders, and
    text."""
    forms: dict[str, bytes] = {}
    for row, vector in enumerate(vectors):
        for first in (0, 48, 96):
            part, place = vector[first : first + WINDOW], f"{name} {row} from {first}"
            for kind in ("<f2", ">f2", "<f4", ">f4"):
                forms |= needles(f"{place} as {kind}", part.astype(kind).tobytes())
            halves = part.astype(np.float16)
            for text in (
                [str(number) for number in halves.astype(np.float32)],
                [str(number) for number in halves],
                [repr(float(number)) for number in halves],
            ):
                for comma in (",", ", "):
                    forms[f"{place} as text {comma!r} {text[0]}"] = comma.join(text[:4]).encode()
    return forms


def found(forms: Mapping[str, bytes], places: Iterable[Places]) -> list[tuple[str, str]]:
    """Return the needles found, each with its place."""
    return list(_found(forms, places))


def _found(forms: Mapping[str, bytes], places: Iterable[Places]) -> Iterator[tuple[str, str]]:
    for some in places:
        for place, content in some.items():
            yield from ((needle, place) for needle, value in forms.items() if value in content)
