"""Ready without what all processes miss at once, and soon told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from registry.app.service.check_readiness import check_readiness
from registry.app.service.sweep import sweep
from registry.core.database.pool import Pool
from registry.core.service import Service
from registry.operations.api.instruments import Instruments
from registry.operations.api.scraping import MetricsReader
from tests.support.service import servers as services
from tests.support.service.fixtures import Recorder

ROLE = Path(__file__).parent.parent.parent / "deploy" / "service-role.sql"


@pytest.mark.slow
def test_without_its_broker_it_is_ready_all_the_same_and_a_silent_one_holds_nobody_up(
    service: Service, recorder: Recorder
) -> None:
    """Every process misses it at once: were they taken out of service for it, nothing would be answered."""
    recorder.away = True
    found = check_readiness(service)
    assert (found.ready, found.checks["broker"].ok) == (True, False)
    assert "away" in str(found.checks["broker"].detail)
    answers = threading.Event()

    class Silent(Recorder):
        def ping(self) -> None:
            assert answers.wait(60)

    silent = replace(service, publisher=Silent())
    for _ in range(2):
        found = check_readiness(silent)
        assert (found.ready, found.checks["broker"].ok) == (True, False)
        assert "not answered" in str(found.checks["broker"].detail)
    answers.set()
    services.wait_until(lambda: check_readiness(silent).checks["broker"].ok, 20)


@pytest.fixture
def served(service: Service) -> Iterator[Service]:
    """The service as the role that `deploy/service-role.sql` gives its rights."""
    url = urlsplit(service.pool.url)
    _do(service, ROLE.read_text(), "CREATE ROLE serving LOGIN PASSWORD 'serving' IN ROLE fakeprint_service")
    try:
        its = url._replace(netloc=f"serving:serving@{url.netloc.rpartition('@')[2]}").geturl()
        with closing(Pool(its, size=2, statement_timeout_ms=10_000)) as pool:
            pool.open()
            yield replace(service, pool=pool)
    finally:
        _do(service, "DROP ROLE serving")


def _do(service: Service, *statements: str) -> None:
    with psycopg.connect(service.pool.url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _scraped(service: Service) -> str:
    return asyncio.run(MetricsReader(Instruments()).text(service, patience=5.0)).decode()


def test_missing_rights_on_a_new_table_name_the_command_to_run(
    service: Service, served: Service, caplog: pytest.LogCaptureFixture
) -> None:
    """As after a migration by hand without the second command."""
    sweep(service)
    assert check_readiness(served).ready, check_readiness(served)
    assert "\nfakeprint_swept_timestamp_seconds " in _scraped(served)
    _do(service, "REVOKE ALL ON sweeper FROM fakeprint_service")
    found = check_readiness(served)
    assert (found.ready, found.checks["database"].detail) == (
        False,
        "the role may not use sweeper; run deploy/service-role.sql as the tables' owner",
    )
    metrics = _scraped(served)
    assert "\nfakeprint_database_answers 1.0\n" in metrics
    assert "\nfakeprint_jobs_open{" in metrics
    assert "fakeprint_swept_timestamp_seconds" not in metrics
    assert "swept could not be measured: InsufficientPrivilege" in caplog.messages
    _do(service, ROLE.read_text())
    assert check_readiness(served).ready
    _do(service, "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM fakeprint_service")
    detail = str(check_readiness(served).checks["database"].detail)
    assert detail.startswith("the role may not use account, ")
    assert " more; run " in detail


def test_a_database_of_the_next_release_is_measured_as_far_as_it_is_known(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    _do(service, "ALTER TABLE sweeper RENAME TO sweepers")
    metrics = _scraped(service)
    assert "\nfakeprint_database_answers 1.0\n" in metrics
    assert "\nfakeprint_jobs_open{" in metrics
    assert "swept could not be measured: UndefinedTable" in caplog.messages
    assert check_readiness(service).checks["database"].ok
