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
Context = str | Callable[[Fields], Mapping[str, str]]


def answers(
    shows: Shows,
    *,
    context: Context = "",
    example: str | Sequence[str] = (),
    failed: Callable[[Row], object] | None = None,
) -> Callable[[Callable[..., Row]], Command]:
    """Turn a function that returns an answer of the service into a command. Adds --json and the options of
    the service, which the function takes as `service`.

    `shows`: how the answer is printed without --json. `context`: names of parameters, separated by spaces,
    that --json also prints with an error; or a function of all parameters. `example`: what follows
    `fakeprint` in the help. `failed`: for which answers the exit status is 1.
    """

    def decorate(function: Callable[..., Row]) -> Command:
        wants_json = "as_json" in inspect.signature(function, follow_wrapped=False).parameters

        @functools.wraps(function)
        def run(*, as_json: bool, **arguments: Any) -> int:
            if wants_json:
                arguments["as_json"] = as_json
            with error_report(_context_fields(context, arguments), as_json=as_json):
                answer = function(**arguments)
            print_answer(answer, shows, as_json=as_json)
            return exit_status.NOT_ANSWERED if failed is not None and failed(answer) else exit_status.DONE

        run.__doc__ = _help(function.__doc__ or "", [example] if isinstance(example, str) else example)
        return options.json(options.service(run))

    return decorate


def sends(
    request: str,
    shows: Shows,
    *,
    example: str | Sequence[str] = (),
    context: Context | None = None,
    again: bool = False,
) -> Callable[[Callable[..., Fields | None]], Command]:
    """Make a command that sends one request, such as `POST /v1/webhooks/{webhook_id}/secrets`.

    Options and arguments fill the placeholders of the path. The others are sent under their names, in the
    query of GET and DELETE, else in the JSON body; an option that is absent is left out. A parameter that
    the decorated function takes is not sent: the function returns the fields to send in its place.
    `again`: repeating a POST is harmless. `context` is by default what fills the path; else as in `answers`.
    `shows` gets the answer, and what was sent as its field `sent`.
    """
    method, _, path = request.partition(" ")
    places = [name for _, name, _, _ in Formatter().parse(path) if name]

    def decorate(prepare: Callable[..., Fields | None]) -> Command:
        takes = inspect.signature(prepare).parameters
        about = " ".join(places) if context is None else context

        @answers(shows, context=about, example=example)
        @functools.wraps(prepare)
        def send(*, service: options.Service, as_json: bool, **parameters: Any) -> Row:
            prepared = {name: as_json if name == "as_json" else parameters.pop(name) for name in takes}
            fields = {name: value for name, value in parameters.items() if value is not None and value != ()}
            fields = {
                name: sent_value(value) for name, value in (fields | dict(prepare(**prepared) or {})).items()
            }
            parameters = dict(fields)
            with service.connect() as client:
                filled = path.format_map({name: _word(client, fields.pop(name)) for name in places})
                if isinstance(shows, Rows) and shows.pages:
                    answer = client.listed(filled, shows.name, fields, fields.pop("limit", None))
                else:
                    answer = client.send(f"{method} {filled}", fields, again=again)
            return answer if as_json and not isinstance(shows, Rows) else answer | {"sent": parameters}

        return send

    return decorate


def sent_value(value: Any) -> Any:
    """Return a value of an option as it is sent: files are read and times are parsed now."""
    if isinstance(value, Later):
        return value.read()
    if isinstance(value, list | tuple):
        return [sent_value(member) for member in value]
    if isinstance(value, Mapping):
        return {name: sent_value(member) for name, member in value.items()}
    return value if isinstance(value, str | int | float | Named | None) else str(value)


def _context_fields(context: Context, parameters: Fields) -> Mapping[str, str]:
    if not isinstance(context, str):
        return context(parameters)
    return {name: str(parameters[name]) for name in context.split() if parameters[name] is not None}


def _word(client: Client, value: Any) -> str:
    return quote(value.find(client, value.word) if isinstance(value, Named) else str(value), safe="")


def _help(text: str, examples: Sequence[str]) -> str:
    if not examples:
        return text
    lines = "\n".join(f"  fakeprint {example}" for example in examples)
    return f"{inspect.cleandoc(text)}\n\n\b\nExample{'s' if len(examples) > 1 else ''}:\n{lines}\n"
