"""Run an act for each of several notices or deliveries, and report each result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import click

from registry.core.errors import FakeprintError, Unauthenticated, Unavailable
from registry.core.errors.terminal import TimedOut
from registry.core.terminal import exit_status
from registry.core.terminal.output import Row
from registry.core.terminal.progress import Bars
from registry.core.terminal.report import error_fields, print_json
from registry.takedown.clients.commands import counted

_STOP: Final = (TimedOut, Unavailable, Unauthenticated)
"""Errors that would stop the next one too."""


def for_each(
    ids: Sequence[str], name: str, act: Callable[[str], Row], shows: Callable[[Row], str], *, as_json: bool
) -> int:
    """Run `act` for each id. An error is reported, and the others continue."""
    failed = 0
    with Bars() as bars, bars.task(counted(len(ids), "notice")) as advance:
        for number, id_ in enumerate(ids, 1):
            try:
                row = act(id_)
            except _STOP:
                raise
            except FakeprintError as error:
                failed += 1
                with bars.hidden():
                    if as_json:
                        print_json({name: id_, "error": error_fields(error)})
                    else:
                        exit_status.print_error(error.code, f"{id_}: {error.message}", error.next_step)
                continue
            finally:
                advance(number / len(ids), "")
            with bars.hidden():
                if as_json:
                    print_json(row)
                else:
                    click.echo(shows(row))
    if not as_json:
        click.echo(f"{len(ids) - failed} done, {failed} not" if ids else "Nothing to do.")
    return exit_status.NOT_ANSWERED if failed else exit_status.DONE
