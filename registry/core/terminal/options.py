"""Options that several commands share."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

import fakeprint as library
from registry.core.terminal import endpoint
from registry.core.terminal.client import Client
from registry.core.terminal.deadline import Deadline

Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Later:
    """A value of an option that is worked out when the command runs, such as the digest of a file. Its errors
    are then reported like those of the service."""

    read: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Service:
    """The service to use, and the time limit."""

    url: str | None
    key_file: Path | None
    data: Path | None
    deadline: Deadline

    def connect(self) -> Client:
        """Return a client after checking that the service answers and knows the key. Raises like
        `Client.check`."""
        client = Client(endpoint.find(self.url, self.key_file, self.data), self.deadline)
        try:
            client.check()
        except BaseException:
            client.close()
            raise
        return client

    def library(self) -> library.Client:
        """Return the public client of the service, without a check and without a deadline."""
        found = endpoint.find(self.url, self.key_file, self.data)
        return library.Client(found.url, found.key)

    def anonymous(self) -> Client:
        """Return a client that sends no key."""
        return Client(endpoint.anonymous(self.url, self.data), self.deadline)


def service(command: Command) -> Command:
    """Add --url, --key-file, --data and --timeout, passed on as one `service: Service`."""

    @functools.wraps(command)
    def run(
        *args: Any,
        url: str | None,
        key_file: Path | None,
        data: Path | None,
        timeout: float | None,
        **others: Any,
    ) -> Any:
        return command(*args, service=Service(url, key_file, data, Deadline(timeout)), **others)

    for option in reversed(_SERVICE):
        run = option(run)
    return run


def paths(command: Command) -> Command:
    """Add PATH... and --recursive."""
    command = click.option("--recursive", is_flag=True, help="Take the files of folders.")(command)
    return click.argument(
        "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=str, readable=False)
    )(command)


def _or_outer(ctx: click.Context, _param: click.Parameter, value: bool) -> bool:
    """`fakeprint entries --json ID` means the same as `fakeprint entries ID --json`."""
    return value or ctx.obj is True


json = click.option(
    "--json", "as_json", is_flag=True, callback=_or_outer, help="Print one JSON object a line."
)
page = click.option(
    "--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="At most so many."
)
limit = click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many."
)
after = click.option("--after", metavar="CURSOR", help="Go on where a page ended: `next` of --json.")
bank = click.option("--bank", metavar="NAME", help="Only this bank.")


def _seconds(_ctx: click.Context, _param: click.Parameter, value: float | None) -> float | None:
    if value is not None and not (value > 0 and math.isfinite(value)):
        raise click.BadParameter("must be a number of seconds above 0.")
    return value


timeout = click.option(
    "--timeout",
    type=float,
    callback=_seconds,
    metavar="SECONDS",
    help="Stop waiting after so long (exit status 3).",
)

_SERVICE = (
    click.option("--url", metavar="URL", help="The service; else FAKEPRINT_URL, else the one in --data."),
    click.option(
        "--key-file",
        type=click.Path(path_type=Path, readable=False),
        help="File that holds the API key; else FAKEPRINT_KEY, else admin.key in --data.",
    ),
    click.option(
        "--data",
        type=click.Path(path_type=Path, readable=False),
        help="Data folder of a running `fakeprint up`; else FAKEPRINT_DATA.",
    ),
    timeout,
)
