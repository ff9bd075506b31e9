"""The reference pages of the docs site, made from the code: API, commands, settings, banks, errors, schema.

Each function returns the text of a page in Markdown. Nothing of it is written by hand, so nothing can differ
from the code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import click

from registry.app.api.codes import CODES
from registry.app.commands import main
from registry.catalogue.banks.model import DEFAULTS, EFFECTS
from registry.core.settings import Settings
from registry.sharing.webhooks.model import SENT_KINDS, TEST

ROOT: Final = Path(__file__).resolve().parents[2]
_TABLE: Final = re.compile(r"^COMMENT ON TABLE (\w+) IS '((?:[^']|'')*)';", re.MULTILINE)
_COLUMN: Final = re.compile(r"^COMMENT ON COLUMN (\w+)\.(\w+) IS '((?:[^']|'')*)';", re.MULTILINE)


def _cell(text: object) -> str:
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *([_cell(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _value(value: object) -> str:
    return "" if value in {None, ""} else f"`{json.dumps(value) if isinstance(value, bool) else value}`"


def settings() -> str:
    """The environment variables of the service, with default and meaning."""
    rows = [
        (f"`FAKEPRINT_{name.upper()}`", _value(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    return (
        "# Settings\n\nA setting is an environment variable. `fakeprint up` has working defaults for all of "
        "them.\n\n" + _table(("variable", "default", "meaning"), rows)
    )


def bank_settings() -> str:
    """The settings of a bank's policy, with default and effect."""
    rows = [(f"`{name}`", _value(DEFAULTS[name]), effect) for name, effect in EFFECTS.items()]
    return (
        "# Bank settings\n\nA bank's settings change the rules of its answers. Set them with "
        "`fakeprint admin bank set BANK SETTING=VALUE`, by `PATCH /v1/banks/{bank}`, or in the console. The "
        "console first tries a change on the last lookups.\n\n"
        + _table(("setting", "default", "effect"), rows)
    )


def errors() -> str:
    """The error codes of the API, with statuses and meaning."""
    rows = [(f"`{code}`", status, meaning) for code, (status, meaning) in CODES.items()]
    return (
        "# Error codes\n\nErrors are problem documents (RFC 9457). `code` is stable: branch on it. `detail` "
        "says what is wrong, and `next_step` what to do about it.\n\n"
        + _table(("code", "status", "meaning"), rows)
    )


def events() -> str:
    """The events that webhooks deliver, by subject."""
    kinds = sorted(SENT_KINDS)
    rows = [
        (f"`{noun}.*`", ", ".join(f"`{kind}`" for kind in group))
        for noun, group in groupby(kinds, key=lambda kind: kind.partition(".")[0])
    ]
    return (
        "# Events\n\nA webhook receives the events that it names; `entry.*` stands for all of a subject. "
        "[Webhooks](../organizations.md#webhooks) says how they are signed and sent again. "
        f"`fakeprint admin webhook test` sends `{TEST}`.\n\n" + _table(("subject", "events"), rows)
    )


def schema() -> str:
    """The tables of the database by room, from the comments in `schema`."""
    head = (
        "# Database schema\n\nEach room owns its tables. The files in `schema` create them; the descriptions "
        "are comments of the database, so that `\\d+` in `psql` shows them too. A line leads from a column "
        "to the table that it refers to.\n"
    )
    parts, rooms = [head], set[str]()
    for path in sorted((ROOT / "schema").rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        tables = _TABLE.findall(text)
        room = path.relative_to(ROOT / "schema").parts[0].removesuffix(".sql")
        if room == "migrations" or not tables:
            continue
        if room not in rooms:
            rooms.add(room)
            parts.append(
                f"\n## {room}\n\n![Tables of {room}, and references](../pictures/schema-{room}.svg)\n"
            )
        columns = _COLUMN.findall(text)
        for table, meaning in tables:
            rows = [(f"`{name}`", _sql(said)) for owner, name, said in columns if owner == table]
            parts.append(
                f"\n### {table}\n\n{_sql(meaning)}\n\n"
                + (_table(("column", "meaning"), rows) if rows else "")
            )
    return "".join(parts)


def _sql(text: str) -> str:
    return text.replace("''", "'")


def commands() -> str:
    """All commands with their `--help`."""
    parts = ["# Command line\n\nEvery command has `--help`. `fakeprint completion` sets up your shell.\n"]
    with click.Context(main, info_name="fakeprint") as context:
        for path, command, inner in _walk(main, context):
            if not isinstance(command, click.Group):
                parts.append(f"\n## {path}\n\n```text\n{command.get_help(inner)}\n```\n")
    return "".join(parts)


def _walk(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command, click.Context]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(
            command, info_name=name, parent=context, max_content_width=100, terminal_width=100
        )
        yield inner.command_path, command, inner
        if isinstance(command, click.Group):
            yield from _walk(command, inner)


def api() -> str:
    """All operations of the API by subject, from `deploy/openapi.json`."""
    described = json.loads((ROOT / "deploy" / "openapi.json").read_text(encoding="utf-8"))
    by_tag: dict[str, list[str]] = {tag["name"]: [] for tag in described["tags"]}
    for address, operations in described["paths"].items():
        for method, operation in operations.items():
            if isinstance(operation, dict) and "operationId" in operation:
                by_tag[operation["tags"][0]].append(_operation(method, address, operation))
    head = (
        "# API\n\nEvery operation, by subject. A running service shows the same at `/docs`, with examples to "
        "try; `deploy/openapi.json` is the description for programs (OpenAPI 3.1).\n"
    )
    subjects = (
        f"\n## {tag['name']}\n\n{tag.get('description', '')}\n" + "".join(by_tag[tag["name"]])
        for tag in described["tags"]
    )
    return "".join([head, *subjects])


def _operation(method: str, address: str, operation: Mapping[str, Any]) -> str:
    rows = [
        (f"`{item['name']}`", item["in"], "yes" if item.get("required") else "", item.get("description", ""))
        for item in operation.get("parameters", [])
        if "name" in item
    ]
    taken = ", ".join(f"`{kind}`" for kind in operation.get("requestBody", {}).get("content", {}))
    statuses = ", ".join(status for status in operation["responses"] if status != "default")
    return (
        f"\n### {operation['summary']}\n\n`{method.upper()} {address}`\n\n"
        f"{operation.get('description', '')}\n\n"
        + (_table(("parameter", "in", "required", "meaning"), rows) + "\n" if rows else "")
        + (f"Body: {taken}.\n\n" if taken else "")
        + f"Statuses: {statuses}. Operation `{operation['operationId']}`.\n"
    )


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "api": api,
    "commands": commands,
    "settings": settings,
    "bank-settings": bank_settings,
    "errors": errors,
    "events": events,
    "schema": schema,
}
