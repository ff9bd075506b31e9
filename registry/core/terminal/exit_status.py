"""Exit status of a command, and its messages on stderr.

0: every path was answered. 1: a path was not answered, or an error. 2: wrong usage. 3: `--timeout` passed. 4:
every path was answered, and a verdict is in `--fail-on`. 130: Ctrl-C. 141: the reader of the output closed
the pipe.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Callable
from typing import Final, NoReturn

import click

from registry.core.errors import FakeprintError
from registry.core.errors.terminal import TimedOut
from registry.core.terminal import ahead, extras
from registry.core.terminal.text import printable

DONE: Final = 0
NOT_ANSWERED: Final = 1
WRONG_USAGE: Final = 2
TIMED_OUT: Final = 3
FAILED_ON: Final = 4
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141


class PipeClosed(Exception):
    """The reader of the output closed the pipe. (Click handles `BrokenPipeError` in its own way.)"""


def prepare_streams() -> None:
    """Escape characters of file names that the terminal's encoding lacks, instead of crashing. A stream that
    the caller closed gets /dev/null, so that no lock or socket gets its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(descriptor, True)
            setattr(sys, name, os.fdopen(descriptor, mode, closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def status_of(run: Callable[[], object], *, debug: Callable[[], bool]) -> int:
    """Run a command and return its exit status. If the command returns an int, that is the status."""
    try:
        outcome = run()
        sys.stdout.flush()
    except (PipeClosed, BrokenPipeError):
        _drop_stdout()
        return PIPE_CLOSED
    except (KeyboardInterrupt, click.Abort) as error:
        return _report_stop(error)
    except click.ClickException as error:
        return _report_usage(error)
    except Exception as error:  # noqa: BLE001 - the last place that can turn a bug into one line
        if isinstance(error, ModuleNotFoundError):
            error = extras.missing(error, "This command")
        if isinstance(error, FakeprintError):
            return _report_error(error, debug=debug())
        return _report_bug(error, debug=debug())
    return outcome if isinstance(outcome, int) else DONE


def leave(status: int) -> NoReturn:
    """Exit the process. If work could not be stopped, exit immediately: a thread in a C++ library would abort
    the process during the interpreter's shutdown."""
    if ahead.busy():
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def print_error(code: str, message: str, next_step: str | None = None) -> None:
    """Print `error [code]: message` and the next step on stderr."""
    click.echo(f"error [{code}]: {printable(message)}", err=True)
    if next_step:
        click.echo(f"  next: {printable(next_step)}", err=True)


def _report_usage(error: click.ClickException) -> int:
    message = " ".join(error.format_message().split())
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
    elif isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "fakeprint"
        print_error("usage", message, f"{path} --help")
    else:
        print_error("bad_input", message)
    return error.exit_code


def _report_stop(error: BaseException) -> int:
    # Click turns Ctrl-C into Abort, and also a prompt that gets no answer.
    by_user = isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt)
    print_error("interrupted", "Stopped before the end." if by_user else "Nothing was answered.")
    return INTERRUPTED if by_user else NOT_ANSWERED


def _report_error(error: FakeprintError, *, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    print_error(error.code, error.message, error.next_step)
    return TIMED_OUT if isinstance(error, TimedOut) else NOT_ANSWERED


def _report_bug(error: Exception, *, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
        return NOT_ANSWERED
    print_error(
        "internal",
        f"{type(error).__name__}: {error}",
        "This is a bug. `fakeprint --debug …` shows where it happened.",
    )
    return NOT_ANSWERED


def _drop_stdout() -> None:
    """Redirect stdout to /dev/null, so that the interpreter's last flush does not fail again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
