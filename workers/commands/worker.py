"""`fakeprint worker`: run the workers of some queues."""

from __future__ import annotations

import gc
import os
import socket
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from importlib import import_module
from multiprocessing import current_process
from typing import TYPE_CHECKING, Final

import click

from registry.core.database.pooler import require_pooler
from registry.core.errors.database import NoDatabaseUrl
from registry.core.messaging import queues
from registry.core.messaging.broker import prepare
from registry.core.settings import settings
from workers.errors import WorkerSilent

if TYPE_CHECKING:
    from celery import Celery

_POOLS: Final[dict[tuple[str, ...], str]] = {
    (queues.CONTROL,): "solo",
    (queues.DELIVERY,): "workers.runtime.thread_pool:TaskPool",
}
"""Pools other than processes. Control tasks are short: no second process is needed. Delivery tasks wait for
other servers: they use threads."""
_PROCESSES: Final = "workers.runtime.process_pool:TaskPool"
_RUNTIME: Final = (
    *("celery.apps.worker", "celery.apps.beat", "workers.runtime.beat", "workers.runtime.consumer"),
    *("workers.runtime.heartbeat", "workers.runtime.liveness", "workers.runtime.process_pool"),
    *("workers.runtime.thread_pool", "workers.hashers.videohash", "workers.pipeline.orders"),
    "workers.walls.session",
)
"""What workers import beside their tasks."""
_USUAL: Final[dict[tuple[str, ...], int]] = {(queues.DELIVERY,): 8, (queues.INTERACTIVE,): 2}
"""Tasks at the same time, where not one. Of `interactive`, one organization never has all."""
_NICENESS: Final[dict[tuple[str, ...], int]] = {(queues.MEDIA,): 3, (queues.BULK,): 4}
"""What nobody waits for runs at a lower priority than other processes, bulk work at the lowest."""


@click.command()
@click.option(
    "--queues",
    "names",
    default=",".join(queues.NAMES),
    show_default=True,
    help="Queues to work on, separated by commas: interactive (lookups of files), media "
    "(registrations), bulk (many registrations of one organization, links between entries, exchanges), "
    "control (sends and re-sends messages), delivery (webhooks, notices, mail). Each gets a worker of its "
    "own.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    help="Tasks of each queue at the same time, each in its own process (delivery: in its own thread); "
    "control always runs one. On interactive, the last free one is for an organization that runs none. "
    "[default: 1; interactive: 2; delivery: 8]",
)
@click.option("--beat", is_flag=True, help="Also send the periodic tasks. Exactly one worker must do so.")
@click.option(
    "--check",
    is_flag=True,
    help="Start no worker. Report whether the workers of these queues and this data folder run.",
)
@click.pass_context
def worker(context: click.Context, names: str, concurrency: int | None, *, beat: bool, check: bool) -> None:
    """Run workers, without the API.

    FAKEPRINT_DATABASE_URL and FAKEPRINT_BROKER_URL name the database and the broker. Each queue gets a worker
    of its own, so lookups do not wait for registrations, nor registrations for bulk work. The command ends
    when one of its workers ends. Work that nobody waits for runs at a lower priority.

    \b
    Examples:
      fakeprint worker --queues interactive --concurrency 3
      fakeprint worker --queues media --concurrency 4
      fakeprint worker --queues control --beat
      fakeprint worker --queues media --check        exit status 1: no heartbeat for a minute
    """
    chosen = _queues(names)
    if check:
        for name in chosen:
            _check(name)
        return
    if not settings().database_url:
        raise NoDatabaseUrl
    require_pooler(settings())
    prepare(settings())
    if len(chosen) > 1:
        from registry.app.embedded import child  # noqa: PLC0415 - one worker alone needs none of it
        from workers.runtime.supervisor import run  # noqa: PLC0415 - as above

        with child.loading():
            load(chosen)
        context.exit(run(dict(_alone(chosen, concurrency, beat=beat)), start_decoders(chosen)))
    context.exit(_run(chosen, concurrency or _USUAL.get(chosen, 1), beat=beat))


def load(chosen: Sequence[str]) -> None:
    """Import what the workers of these queues need, and start the process that forks their decoders."""
    start_decoders(chosen)
    modules = import_module("workers.app").MODULES
    for module in (*_RUNTIME, *(module for name in chosen for module in modules[name])):
        import_module(module)


def start_decoders(chosen: Sequence[str]) -> tuple[int, ...]:
    """Start the process that forks the decoders of these queues' workers, if it does not run.

    Return the descriptors that a process forked for one of them must keep.
    """
    if all((name,) in _POOLS for name in chosen):
        return ()
    found: tuple[int, ...] = import_module("workers.walls.session").share(
        import_module("workers.pipeline.orders").MODULE
    )
    return found


def _alone(
    chosen: tuple[str, ...], concurrency: int | None, *, beat: bool
) -> Iterator[tuple[str, list[str]]]:
    """Yield one command for each queue, by its name. Exactly one of them has --beat."""
    beats = queues.CONTROL if queues.CONTROL in chosen else chosen[0]
    for name in chosen:
        pooled = () if concurrency is None or (name,) in _POOLS else ("--concurrency", str(concurrency))
        beating = ("--beat",) if beat and name == beats else ()
        yield f"worker-{name}", ["worker", "--queues", name, *pooled, *beating]


def _queues(names: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    if not chosen or (unknown := set(chosen) - set(queues.NAMES)):
        wrong = ", ".join(sorted(unknown)) if chosen else "nothing"
        raise click.BadParameter(f"{wrong}; choose from {', '.join(queues.NAMES)}", param_hint="--queues")
    return chosen


def _check(queue: str) -> None:
    from workers.runtime.heartbeat import SILENT_SECONDS, silent_for  # noqa: PLC0415 - as above

    silent = silent_for(queue)
    if silent is None or silent > SILENT_SECONDS:
        since = "does not run" if silent is None else f"has sent no heartbeat for {silent:.0f} s"
        raise WorkerSilent(f"The worker of {queue} {since}.")
    click.echo(f"alive: {queue}, {silent:.0f} s ago")


def _run(chosen: tuple[str, ...], concurrency: int, *, beat: bool) -> int:
    """Run Celery's worker until it is stopped. Return its exit status."""
    gc.disable()  # most objects of the start stay; collections would take a fifth of its time
    from workers.app import MODULES, app  # noqa: PLC0415 - as above
    from workers.runtime.consumer import Consumer  # noqa: PLC0415 - as above

    _ignore_warnings()
    _add_steps(app, chosen)
    app.conf.imports = [module for name in chosen for module in MODULES[name]]
    # The pool's shared memory is a file that is unlinked at once, in a folder of the process. A kill would
    # leave that folder behind, so the system's temporary folder is used directly.
    current_process()._config["tempdir"] = tempfile.gettempdir()  # type: ignore[attr-defined]  # noqa: SLF001
    os.nice(_NICENESS.get(chosen, 0))
    pool = _POOLS.get(chosen, _PROCESSES)
    app.conf.worker_concurrency = 1 if pool == "solo" else concurrency
    if pool == _PROCESSES and (concurrency > 1 or queues.INTERACTIVE in chosen):
        # A process that is alone, and that nobody waits for, loads it with its first file.
        start_decoders(chosen)
    process = app.Worker(
        queues=[queues.named(app.conf.broker_url, name) for name in chosen],
        pool_cls=pool,
        consumer_cls=Consumer,
        beat=beat,
        hostname=f"{'+'.join(chosen)}@{socket.gethostname()}",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    # Objects that exist now are permanent. Frozen, they are left out of collections, and their memory stays
    # shared with forked processes: beat, and those of the pool.
    gc.collect()
    gc.freeze()
    gc.enable()
    process.start()
    return int(process.exitcode or 0)


def _add_steps(app: Celery, chosen: tuple[str, ...]) -> None:
    """Add our start-up steps to the worker, and drop Celery's step for delayed messages."""
    from workers.runtime.consumer import Consumer  # noqa: PLC0415 - as above
    from workers.runtime.heartbeat import Beating, Heartbeat, Lean  # noqa: PLC0415 - as above
    from workers.runtime.liveness import Liveness  # noqa: PLC0415 - as above

    # On quorum queues this step declares 28 further queues for messages with a delay. We send none.
    steps = Consumer.Blueprint.default_steps
    Consumer.Blueprint.default_steps = [step for step in steps if not step.endswith(":DelayedDelivery")]
    for step in (Heartbeat, Beating, Lean, *((Liveness,) if queues.CONTROL in chosen else ())):
        app.steps["worker"].add(step)


def _ignore_warnings() -> None:
    # Celery warns root of pickled messages. Our workers accept only JSON.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
    # Celery warns that a default changes in version 6. We set it (registry.core.messaging.broker).
    warnings.filterwarnings("ignore", message=r"\s*In Celery 5.1 we introduced an optional breaking change")
