"""Every operation against every role, and every foreign thing, out of the description of the API itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.registry import roles
from tests.bench.registry.calls import operations
from tests.support.service import api as processes
from tests.support.service import servers as services


@pytest.mark.slow(57)
@pytest.mark.timeout(900)
def test_each_door_opens_to_its_roles_alone_and_nothing_foreign_is_read(
    embedded_postgres: services.PostgresServer, tmp_path: Path
) -> None:
    with embedded_postgres.clone() as url, processes.running(url, tmp_path) as api:
        matrix = roles.check(api)
    assert matrix.failures == []
    assert matrix.cross_tenant_reads == 0
    assert matrix.routes_checked >= 60
    assert len(matrix.cells) > 15 * matrix.routes_checked


def test_an_operation_without_a_door_or_an_example_is_not_passed_over() -> None:
    payload = {"operationId": "new", "requestBody": {"content": {"application/json": {"schema": {}}}}}
    with pytest.raises(LookupError, match="declares no x-roles"):
        list(operations({"paths": {"/v1/new": {"post": payload}}}))
    with pytest.raises(LookupError, match="no example"):
        list(operations({"paths": {"/v1/new": {"post": payload | {"x-roles": {}}}}}))
