"""`fakeprint serve`: only the API, in one or several processes on one socket."""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import tempfile
from importlib import import_module
from typing import Final

import click

from registry.app.errors import CannotListen
from registry.core.settings import Settings, settings

APPLICATION: Final = "registry.app.web:application"
"""By name, so that the command line does not import the application."""
PROTOCOL: Final = "registry.core.http.protocol_limits:Protocol"
"""uvicorn's protocol with our limits, also by name."""
KEEP_ALIVE_SECONDS: Final = 65
"""Longer than the 60 s after which proxies usually close an idle connection. So the proxy closes it, and no
request is lost in a connection that the server is closing."""
REPLACEMENT_SECONDS: Final = 60
"""Most seconds in which a process begins to answer (SIGHUP). uvicorn's 5 are short on a busy machine, and the
same number bounds how long it waits for a process's sign of life."""


@click.command()
@click.option("--host", help="Address to listen on. [default: FAKEPRINT_HOST, else 127.0.0.1]")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Port; 0 picks a free one. [default: FAKEPRINT_PORT, else 8000]",
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@click.option("--fd", type=click.IntRange(0), hidden=True, help="Inherited socket that listens already.")
def serve(host: str | None, port: int | None, workers: int, fd: int | None) -> None:
    """Run the API alone.

    Prints "serving http://HOST:PORT" once it listens. SIGTERM and Ctrl-C stop it after running requests are
    answered, at most FAKEPRINT_GRACE_SECONDS later. SIGHUP replaces the processes of --workers 2 or more one
    by one: new ones read the files in FAKEPRINT_SECRETS again. FAKEPRINT_DATABASE_URL names the database;
    prepare it with `fakeprint migrate`.

    \b
    Examples:
      fakeprint migrate --bootstrap && fakeprint serve
      fakeprint serve --host 0.0.0.0 --port 80 --workers 4
    """
    from registry.core import logs  # noqa: PLC0415 - `--help` loads neither the framework nor a driver
    from registry.core.database.require_schema import require_schema  # noqa: PLC0415 - as above

    # A core dump would contain requests and keys.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    chosen = settings()
    logs.configure(chosen)
    require_schema(chosen)
    listening = (
        listener(host or chosen.host, chosen.port if port is None else port) if fd is None else inherited(fd)
    )
    with listening as bound:
        _run(chosen, bound, workers)


def load() -> None:
    """Import what the API needs."""
    for name in (
        APPLICATION,
        PROTOCOL,
        "registry.core.database.require_schema",
        "uvicorn.lifespan.on",
        "uvloop",
    ):
        import_module(name.partition(":")[0])


def listener(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises `Unavailable` (`cannot_listen`)."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise CannotListen(
            f"{host} port {port} cannot be listened on: {error.strerror}.",
            next_step="Choose another with --port (0 picks a free one), or stop the program that uses it.",
        ) from error


def inherited(descriptor: int) -> socket.socket:
    """Return the listening socket that the parent process handed down. Raises `Unavailable`
    (`cannot_listen`)."""
    try:
        bound = socket.socket(fileno=descriptor)
        if not bound.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            bound.listen(2048)
        bound.set_inheritable(False)
    except OSError as error:
        raise CannotListen(f"Descriptor {descriptor} is not a listening socket: {error.strerror}.") from error
    return bound


def _run(chosen: Settings, bound: socket.socket, workers: int) -> None:
    import uvicorn  # noqa: PLC0415 - `--help` does not load it
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415 - as above

    config = uvicorn.Config(
        APPLICATION,
        factory=True,
        workers=workers,
        loop="uvloop",
        http=PROTOCOL,
        ws="none",
        log_config=None,
        log_level=chosen.log_level.lower(),
        access_log=False,
        server_header=False,
        # Clients can forge addresses in headers, and nothing here depends on them.
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=chosen.grace_seconds,
        timeout_worker_healthcheck=REPLACEMENT_SECONDS,
    )
    if workers > 1:
        click.echo(f"serving {_url(bound)}")
        # Each process counts in a file there; the scraped process adds them up.
        with tempfile.TemporaryDirectory(prefix="fakeprint-metrics-") as folder:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
            Multiprocess(config, [bound]).run()
        return
    # Load before the line is printed, because its reader may send a request at once. Garbage collection would
    # take a quarter of that time, and the loaded objects stay anyway.
    gc.disable()
    config.load()
    gc.enable()
    click.echo(f"serving {_url(bound)}")
    # After a graceful stop uvicorn raises the signal again; this handler ignores it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stopped)
    uvicorn.Server(config).run([bound])


def _stopped(_number: int, _frame: object) -> None:
    """Nothing is left to stop."""


def _url(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
