"""`fakeprint worker`: the process that does what the API only promises."""

from __future__ import annotations

import gc
import os
import socket
import tempfile
import warnings
from collections.abc import Iterator
from multiprocessing import current_process
from typing import Final

import click

from registry.core.errors.database import NoDatabaseUrl
from registry.core.messaging import queues
from registry.core.messaging.broker import prepare
from registry.core.settings import settings
from workers.errors import WorkerSilent

_POOLS: Final[dict[tuple[str, ...], str]] = {
    (queues.CONTROL,): "solo",
    (queues.DELIVERY,): "workers.runtime.thread_pool:TaskPool",
}
"""Short tasks of our own need neither a time limit nor a second process; those that wait for others' servers
need threads."""
_PROCESSES: Final = "workers.runtime.process_pool:TaskPool"
_THREADS: Final = 8
_NICENESS: Final = 10
"""Bulk work takes what processor time nobody else wants."""


@click.command()
@click.option(
    "--queues",
    "names",
    default=",".join(queues.NAMES),
    show_default=True,
    help="Kinds of work to take, separated by commas: interactive (lookups of files), media "
    "(registrations), bulk (many registrations of one organization, links between entries, exchanges), "
    "control (sends and re-sends messages), delivery (webhooks, notices, mail). Each gets a worker of its "
    "own.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 64),
    help="Tasks of each queue at the same time, each in a process of its own; of delivery in a thread of its "
    "own; control does one. [default: 1; delivery: 8]",
)
@click.option("--beat", is_flag=True, help="Also send the periodic tasks; exactly one worker should.")
@click.option(
    "--check",
    is_flag=True,
    help="Start none: say whether the worker of these queues and this data folder lives, for a health check.",
)
@click.pass_context
def worker(context: click.Context, names: str, concurrency: int | None, *, beat: bool, check: bool) -> None:
    """Run workers alone.

    The database and the broker are those of FAKEPRINT_DATABASE_URL and FAKEPRINT_BROKER_URL. Lookups wait
    neither for registrations nor these for bulk work: several queues are several workers under one command,
    which ends when one of them does. Bulk work runs at a lower priority.

    \b
    Examples:
      fakeprint worker --queues interactive --concurrency 2
      fakeprint worker --queues media --concurrency 4
      fakeprint worker --queues control --beat
      fakeprint worker --queues media --check        exit status 1: no sign of life for a minute
    """
    chosen = _queues(names)
    if check:
        for name in chosen:
            _check(name)
        return
    if not settings().database_url:
        raise NoDatabaseUrl
    prepare(settings())
    if len(chosen) > 1:
        from workers.runtime.supervisor import run  # noqa: PLC0415 - one worker alone needs none of it

        context.exit(run([list(item) for item in _alone(chosen, concurrency, beat=beat)]))
    usual = _THREADS if chosen == (queues.DELIVERY,) else 1
    context.exit(_run(chosen, concurrency or usual, beat=beat))


def _alone(chosen: tuple[str, ...], concurrency: int | None, *, beat: bool) -> Iterator[tuple[str, ...]]:
    """The commands of a worker a queue; one of them has the beat."""
    beats = queues.CONTROL if queues.CONTROL in chosen else chosen[0]
    for name in chosen:
        pooled = () if concurrency is None or (name,) in _POOLS else ("--concurrency", str(concurrency))
        yield ("worker", "--queues", name, *pooled, *(("--beat",) if beat and name == beats else ()))


def _queues(names: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    if not chosen or (unknown := set(chosen) - set(queues.NAMES)):
        given = ", ".join(sorted(unknown)) if chosen else "nothing"
        raise click.BadParameter(f"{given}; choose from {', '.join(queues.NAMES)}", param_hint="--queues")
    return chosen


def _check(queue: str) -> None:
    from workers.runtime.heartbeat import SILENT_SECONDS, silent_for  # noqa: PLC0415 - as above

    silent = silent_for(queue)
    if silent is None or silent > SILENT_SECONDS:
        since = "has not started, or has ended" if silent is None else f"is silent for {silent:.0f} s"
        raise WorkerSilent(f"The worker of {queue} {since}.")
    click.echo(f"alive: {queue}, {silent:.0f} s ago")


def _run(chosen: tuple[str, ...], concurrency: int, *, beat: bool) -> int:
    """Run Celery's worker until it is told to end; its exit status."""
    gc.disable()  # what is loaded stays; looking through it for garbage would be a fifth of the start
    from workers.app import MODULES, app  # noqa: PLC0415 - as above
    from workers.runtime.consumer import Consumer  # noqa: PLC0415 - as above
    from workers.runtime.heartbeat import Beating, Heartbeat, Lean  # noqa: PLC0415 - as above
    from workers.runtime.liveness import Liveness  # noqa: PLC0415 - as above

    # On quorum queues Celery would declare 28 more for messages with a delay; none here has one.
    steps = Consumer.Blueprint.default_steps
    Consumer.Blueprint.default_steps = [step for step in steps if not step.endswith(":DelayedDelivery")]
    # It warns root of pickled messages; here only JSON is accepted.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
    # It warns of what Celery 6 will do by default; here the choice is written down
    # (registry.core.messaging.broker).
    warnings.filterwarnings("ignore", message=r"\s*In Celery 5.1 we introduced an optional breaking change")
    for step in (Heartbeat, Beating, Lean, *((Liveness,) if queues.CONTROL in chosen else ())):
        app.steps["worker"].add(step)
    app.conf.imports = [module for name in chosen for module in MODULES[name]]
    # The pool's shared memory is a file that loses its name at once, in a folder of the process, which a kill
    # would leave for ever. Without that folder nothing is left.
    current_process()._config["tempdir"] = tempfile.gettempdir()  # type: ignore[attr-defined]  # noqa: SLF001
    if chosen == (queues.BULK,):
        os.nice(_NICENESS)
    pool = _POOLS.get(chosen, _PROCESSES)
    process = app.Worker(
        queues=[queues.named(app.conf.broker_url, name) for name in chosen],
        concurrency=1 if pool == "solo" else concurrency,
        pool_cls=pool,
        consumer_cls=Consumer,
        beat=beat,
        hostname=f"{'+'.join(chosen)}@{socket.gethostname()}",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    # What is there now is for good. Left out of each collection, it stays shared with the processes that are
    # forked from this one: beat, and those of the pool.
    gc.collect()
    gc.freeze()
    gc.enable()
    process.start()
    return int(process.exitcode or 0)
