"""Check an upgrade without downtime, with real processes.

    make upgrade-check [OLD=COMMIT|FOLDER] [NEW=COMMIT|FOLDER] [OUT=FILE]

An earlier release migrates an empty database and serves it: API and workers, on PostgreSQL and RabbitMQ,
as the service's role, which owns nothing. People register and look up without a pause. This tree's
`fakeprint migrate` then runs as the owner, and the old processes continue on the new schema for a while.
Then `deploy/service-role.sql` runs, and the new API and workers start beside the old ones. Last, the old
ones stop. Nothing may be refused, everything registered must become matchable, and each release must find
what the other registered.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from registry.app.embedded import child
from tests.support.service import api as processes
from tests.support.service import database_owner as owning
from tests.support.service import servers as services
from tests.system.upgrade import earlier
from tests.system.upgrade.load import Load

QUEUES = ("worker", "--queues", "interactive,media,control", "--beat")
DATABASE = "FAKEPRINT_DATABASE_URL"
TAKEN = 6
"""Registrations that the old API takes on the new schema, then the new one beside it, and then alone."""


@dataclass(frozen=True)
class Steps:
    """The steps of an upgrade, run as the tables' owner in order."""

    migrate: Callable[[], str]
    grant: Callable[[], None]


def main() -> int:
    old = os.environ.get("OLD") or earlier.newest_before()
    with ExitStack() as stack:
        folder = stack.enter_context(services.open_temporary_folder("upgrade"))
        code = earlier.unpacked(old, folder / "old")
        server = stack.enter_context(services.postgres())
        superuser, owner = stack.enter_context(owning.owned(server))
        broker = stack.enter_context(services.rabbitmq())
        given = _environment(owning.as_role(owner, owning.SERVICE), broker.url, folder / "data")
        before, new = given | {"PYTHONPATH": str(code)}, given
        if chosen := os.environ.get("NEW"):
            new = given | {"PYTHONPATH": str(earlier.unpacked(chosen, folder / "new"))}
        here = Path(new.get("PYTHONPATH", earlier.ROOT))
        _say(f"old: {old[:12]}, {_last(code)}; new: {_last(here)}")
        key = _run(["migrate", "--bootstrap"], before | {DATABASE: owner}, folder).split()[-1]
        owning.do(owner, (code / earlier.ROLES).read_text(encoding="utf-8"))
        owning.let_service_in(superuser)
        steps = Steps(
            migrate=lambda: _run(["migrate"], new | {DATABASE: owner}, folder),
            grant=lambda: owning.do(owner, (here / earlier.ROLES).read_text(encoding="utf-8")),
        )
        figures = _upgrade(stack, key, before, new, folder, steps)
    for name, value in figures.items():
        print(f"{name:24} {value}")
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps({"figures": figures}, indent=1) + "\n", encoding="utf-8")
    return 0 if figures["refused"] == figures["not_found"] == 0 else 1


def _upgrade(
    stack: ExitStack, key: str, before: Mapping[str, str], new: Mapping[str, str], folder: Path, steps: Steps
) -> dict[str, float]:
    old_api, old_work = stack.enter_context(ExitStack()), stack.enter_context(ExitStack())
    old_url = old_api.enter_context(_api(before, folder / "old-api.log"))
    old_log, log = folder / "old-worker.log", folder / "new-worker.log"
    old_worker = old_work.enter_context(_worker(before, old_log))
    load = Load(key, [old_url], itertools.count(1))
    load.start()
    try:
        services.wait_until(lambda: len(load.entries) > 3 and load.all_matchable(), 240, old_worker, old_log)
        _say("the old release serves; migrating")
        began = time.monotonic()
        applied = steps.migrate()
        migrating = time.monotonic() - began
        _say(f"{len(applied.splitlines())} migrations in {migrating:.1f} s; the old ones go on")
        count = len(load.entries)
        services.wait_until(lambda: len(load.entries) >= count + TAKEN, 240, old_worker, old_log)
        services.wait_until(load.all_matchable, 240, old_worker, old_log)
        between = len(load.entries) - count
        steps.grant()
        _say("the service's role has what is new; new processes come beside")
        new_url = stack.enter_context(_api(new, folder / "new-api.log"))
        load.join(new_url)
        worker = stack.enter_context(_worker(new, log))
        services.wait_until(
            lambda: load.answered.get((new_url, "registration"), 0) >= TAKEN, 240, worker, log
        )
        services.wait_until(load.all_matchable, 240, old_worker, old_log)
        seen = list(load.entries)
        found = {url: load.finds(url, seen) for url in (old_url, new_url)}
        # A kind of work that the old worker has never heard of, and is handed as often as the new one.
        services.wait_until(lambda: load.shown(new_url, seen[:TAKEN]) == TAKEN, 240, worker, log)
        _say("the old ones go")
        load.leave(old_url)
        old_api.close()
        old_work.close()
        count = len(load.entries)
        services.wait_until(lambda: len(load.entries) > count + TAKEN, 240, worker, log)
    finally:
        load.stop()
    services.wait_until(load.all_matchable, 240, worker, log)
    for line in load.refused[:20]:
        print(f"refused: {line}")
    counted = {
        f"{kind}s_{name}": load.answered.get((url, kind), 0)
        for name, url in (("old", old_url), ("new", new_url))
        for kind in ("lookup", "registration")
    }
    missing = len(load.entries) - load.finds(new_url, load.entries)
    return {
        **counted,
        "registrations_between": between,
        "refused": len(load.refused),
        "not_found": missing + abs(found[old_url] - found[new_url]),
        "found_by_old": found[old_url],
        "found_by_new": found[new_url],
        "migrating_s": round(migrating, 2),
    }


@contextmanager
def _api(environment: Mapping[str, str], log: Path) -> Iterator[str]:
    with services.running(processes.command("serve", "--port", "0"), log, dict(environment)) as process:
        services.wait_until(lambda: processes.SERVING.search(log.read_text()) is not None, 120, process, log)
        found = processes.SERVING.search(log.read_text())
        assert found
        yield found[1]


def _worker(environment: Mapping[str, str], log: Path) -> AbstractContextManager[Popen[bytes]]:
    return services.running(processes.command(*QUEUES), log, dict(environment))


def _environment(url: str, broker: str, data: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FAKEPRINT_")}
    settings = {"DATABASE_URL": url, "BROKER_URL": broker, "DATA": str(data), "LEASE_SECONDS": "5"}
    return inherited | {f"FAKEPRINT_{name}": value for name, value in settings.items()}


def _run(arguments: list[str], environment: Mapping[str, str], folder: Path) -> str:
    log = folder / "migrate.log"
    with log.open("wb") as output:
        done = child.spawn(processes.command(*arguments), log=output, environment=environment).wait(600)
    if done:
        raise SystemExit(f"upgrade-check: {' '.join(arguments)} failed:\n{log.read_text()}")
    return log.read_text()


def _last(code: Path) -> str:
    return max(path.stem for path in (code / "schema" / "migrations").glob("*.sql"))


def _say(what: str) -> None:
    print(what, flush=True)


if __name__ == "__main__":
    sys.exit(main())
