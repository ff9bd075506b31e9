"""The servers that the other tests rely on."""

from __future__ import annotations

import psycopg

from tests.support.service import servers as services


def test_the_embedded_database_is_migrated(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM migration").fetchone()
        version = connection.info.server_version
    assert row is not None
    assert row[0] >= 1
    assert version >= 180000


def test_each_test_has_a_database_of_its_own(
    embedded_postgres: services.PostgresServer, database_url: str
) -> None:
    with embedded_postgres.clone() as other:
        assert other != database_url
        with psycopg.connect(other) as connection:
            connection.execute("INSERT INTO organization (name) VALUES ('there')")
        with psycopg.connect(database_url) as connection:
            assert connection.execute("SELECT count(*) FROM organization").fetchone() == (0,)


def test_debian_s_postgres_is_version_17(debian_postgres: services.PostgresServer) -> None:
    with debian_postgres.clone() as url, psycopg.connect(url) as connection:
        assert connection.info.server_version // 10000 == 17
        assert connection.execute("SELECT count(*) FROM entry").fetchone() == (0,)
