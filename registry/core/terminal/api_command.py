'''Make a command of the API from a description: the request that it sends, and what it prints.

    @webhook.command(short_help="Show a webhook.")
    @click.argument("webhook_id", metavar="ID", type=click.UUID)
    @sends("GET /v1/webhooks/{webhook_id}", _lines, example="admin webhook show 3f9d6a52-…")
    def show() -> None:
        """Show one webhook."""

A command that needs more than one request is a function that returns the answer, under `answers`.
'''

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from string import Formatter
from typing import Any
from urllib.parse import quote

from registry.core.terminal import exit_status, options
from registry.core.terminal.client import Client
from registry.core.terminal.named import Named
from registry.core.terminal.options import Later
from registry.core.terminal.output import Row, Rows, Shows, print_answer
from registry.core.terminal.report import error_report

Fields = Mapping[str, Any]
Command = Callable[..., int]
Known = str | Callable[[Fields], Mapping[str, str]]


def answers(
    shows: Shows,
    *,
    known: Known = "",
    example: str | Sequence[str] = (),
    failed: Callable[[Row], object] | None = None,
) -> Callable[[Callable[..., Row]], Command]:
    """Turn a function that returns an answer of the service into a command. Adds --json and the options of
    the service, which the function takes as `service`.

    `shows`: how the answer is printed without --json. `known`: names of parameters, separated by spaces,
    that --json also prints with an error; or a function of all parameters. `example`: what follows
    `fakeprint` in the help. `failed`: for which answers the exit status is 1.
    """

    def decorate(function: Callable[..., Row]) -> Command:
        wants_json = "as_json" in inspect.signature(function, follow_wrapped=False).parameters

        @functools.wraps(function)
        def run(*, as_json: bool, **given: Any) -> int:
            if wants_json:
                given["as_json"] = as_json
            with error_report(_known(known, given), as_json=as_json):
                found = function(**given)
            print_answer(found, shows, as_json=as_json)
            return exit_status.NOT_ANSWERED if failed is not None and failed(found) else exit_status.DONE

        run.__doc__ = _help(function.__doc__ or "", [example] if isinstance(example, str) else example)
        return options.json(options.service(run))

    return decorate


def sends(
    request: str,
    shows: Shows,
    *,
    example: str | Sequence[str] = (),
    known: Known | None = None,
    again: bool = False,
) -> Callable[[Callable[..., Fields | None]], Command]:
    """Make a command that sends one request, such as `POST /v1/webhooks/{webhook_id}/secrets`.

    Options and arguments fill the placeholders of the path. The others are sent under their names, in the
    query of GET and DELETE, else in the JSON body; an option that is absent is left out. A parameter that
    the decorated function takes is not sent: the function returns the fields to send in its place.
    `again`: repeating a POST is harmless. `known` is by default what fills the path; else as in `answers`.
    `shows` gets the answer, and what was sent as its field `sent`.
    """
    method, _, path = request.partition(" ")
    places = [name for _, name, _, _ in Formatter().parse(path) if name]

    def decorate(prepare: Callable[..., Fields | None]) -> Command:
        takes = inspect.signature(prepare).parameters
        about = " ".join(places) if known is None else known

        @answers(shows, known=about, example=example)
        @functools.wraps(prepare)
        def send(*, service: options.Service, as_json: bool, **given: Any) -> Row:
            taken = {name: as_json if name == "as_json" else given.pop(name) for name in takes}
            fields = {name: value for name, value in given.items() if value is not None and value != ()}
            fields = {name: sent(value) for name, value in (fields | dict(prepare(**taken) or {})).items()}
            given = dict(fields)
            with service.connect() as client:
                filled = path.format_map({name: _word(client, fields.pop(name)) for name in places})
                if isinstance(shows, Rows) and shows.pages:
                    found = client.listed(filled, shows.name, fields, fields.pop("limit", None))
                else:
                    found = client.send(f"{method} {filled}", fields, again=again)
            return found if as_json and not isinstance(shows, Rows) else found | {"sent": given}

        return send

    return decorate


def sent(value: Any) -> Any:
    """Return a value of an option as it is sent: files are read and times are parsed now."""
    if isinstance(value, Later):
        return value.read()
    if isinstance(value, list | tuple):
        return [sent(item) for item in value]
    if isinstance(value, Mapping):
        return {name: sent(item) for name, item in value.items()}
    return value if isinstance(value, str | int | float | Named | None) else str(value)


def _known(known: Known, given: Fields) -> Mapping[str, str]:
    if not isinstance(known, str):
        return known(given)
    return {name: str(given[name]) for name in known.split() if given[name] is not None}


def _word(client: Client, value: Any) -> str:
    return quote(value.find(client, value.word) if isinstance(value, Named) else str(value), safe="")


def _help(text: str, examples: Sequence[str]) -> str:
    if not examples:
        return text
    lines = "\n".join(f"  fakeprint {example}" for example in examples)
    return f"{inspect.cleandoc(text)}\n\n\b\nExample{'s' if len(examples) > 1 else ''}:\n{lines}\n"
