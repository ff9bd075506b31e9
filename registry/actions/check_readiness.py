"""Can this process do its work?"""

from __future__ import annotations

from typing import Any

from registry.actions.service import Service
from registry.errors import FakeprintError
from registry.store import migrate


def check_readiness(service: Service) -> dict[str, Any]:
    """`ready`, and each check with `ok` and, where it failed, `detail`."""
    checks = {"database": _try(lambda: _database(service)), "broker": _try(service.publisher.ping)}
    return {"ready": all(check["ok"] for check in checks.values()), "checks": checks}


def _database(service: Service) -> str | None:
    with service.pool.transaction() as connection:
        missing = migrate.pending(connection)
    return f"migrations to run: {', '.join(missing)}; run `fakeprint migrate`" if missing else None


def _try(check: Any) -> dict[str, Any]:
    try:
        detail = check()
    except FakeprintError as error:
        detail = error.message
    return {"ok": detail is None, "detail": detail}
