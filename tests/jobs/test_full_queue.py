"""Who fills the queues, as the runbook's query says it."""

from __future__ import annotations

import os
import subprocess
from uuid import uuid4

import pytest

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.matching.lookups.service.records import queue_lookup
from tests.support.documents import runbook
from tests.support.steps import upload

pytestmark = pytest.mark.slow


def _another(service: Service, owner: Caller, organization: str) -> Caller:
    made = create_caller(service, owner, organization=organization, name="desk", roles=["lookup", "register"])
    return authenticate(service, made.key)


def test_the_operator_sees_which_organization_sends_it_all(service: Service, owner: Caller) -> None:
    busy = _another(service, owner, f"Busy {uuid4()}")
    for number in range(service.settings.bulk_after + 2):
        register_entry(service, busy, Registration(fakes=[upload(service, b"fake %d" % number)]))
    queue_lookup(service, busy, upload(service, b"suspect"))
    register_entry(service, owner, Registration(fakes=[upload(service, b"fake of another")]))
    query = runbook.commands("need no worker and go on. Add workers").replace("psql ", "psql -AtF/ ")
    done = subprocess.run(
        ["sh", "-euc", query],
        env={"PATH": os.environ["PATH"], "DATABASE": service.settings.database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = [line.split("/")[:3] for line in done.stdout.splitlines()]
    most = str(service.settings.bulk_after)
    assert sorted(found) == sorted(
        [
            [_name(service, busy), "media", most],
            [_name(service, busy), "bulk", "2"],
            [_name(service, busy), "interactive", "1"],
            [_name(service, owner), "media", "1"],
        ]
    )
    assert found[0][2] == most


def _name(service: Service, caller: Caller) -> str:
    with service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT name FROM organization WHERE organization_id = %s", [caller.organization_id]
        ).fetchone()
    assert row
    return str(row["name"])
