"""`fakeprint takedown reasons`: platforms' statements of reasons, taken in and accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import click

from registry.core.errors import BadInput
from registry.core.terminal import ending, files, options, shown
from registry.core.terminal.client import Request
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable
from registry.persons.commands import consent

MOST_BYTES: Final = 64 << 20
MOST: Final = 50
"""Rows that are shown; --json gives all."""


@click.command(short_help="Take in platforms' statements of reasons (DSA).")
@click.argument("path", metavar="[FILE]", type=click.Path(path_type=str, readable=False), required=False)
@click.option("--platform", help="Whose they are: its id, name or host.")
@click.option(
    "--accept", is_flag=True, help="Move the notices by what is plain: removed, or only restricted."
)
@click.option("--accept-reply", metavar="REPLY", type=click.UUID, help="Accept one that is here already.")
@options.json
@options.service
def reasons(
    path: str | None,
    platform: str | None,
    accept: bool,
    accept_reply: UUID | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """Take in statements of reasons from FILE (- reads stdin), in the form of the DSA transparency database:
    one, an array, {"statements": […]}, or one a line. Each is checked field by field and kept as a reply to
    the one notice that it names, by the FP-… reference, the notice's number or its `url`; one that names none
    or several waits for you. The same puid again changes nothing.

    \b
    Examples:
      fakeprint takedown reasons statements.json --platform telegram
      fakeprint takedown reasons - --accept < statements.jsonl
      fakeprint takedown replies --state unmatched           those that wait for you
      fakeprint takedown reasons --accept-reply REPLY
    """
    if (path is None) == (accept_reply is None):
        raise click.UsageError("Give FILE, or --accept-reply.")
    if accept_reply is not None:
        with told({"reply_id": str(accept_reply)}, as_json=as_json), service.connect() as client:
            moved = client.post(f"/v1/replies/{accept_reply}/acceptance", {}).body
        if as_json:
            print_json(moved)
        else:
            click.echo(f"{moved['notice_id']}  {moved['state']}")
        return ending.DONE
    name = path or consent.STDIN
    with told({"path": name}, as_json=as_json):
        raw = _read(name)
        params = {"platform": platform} if platform else {}
        params |= {"accept": "true"} if accept else {}
        kind = "application/x-ndjson" if name.endswith(("jsonl", "ndjson")) else "application/json"
        with service.connect() as client:
            request = Request(
                "POST", "/v1/statements", params, {"Content-Type": kind}, lambda: {"content": raw}
            )
            taken = client.call(request).body
    if as_json:
        print_json(taken)
    else:
        _show(taken)
    return ending.NOT_ANSWERED if taken["faulty"] else ending.DONE


def _read(path: str) -> bytes:
    """Raises as `files.whole`, `BadInput` (`no_statements`)."""
    raw = files.whole(path, MOST_BYTES, "statements of reasons together")
    if not raw.strip():
        raise BadInput(f"{path}: there is no statement of reasons in it.", code="no_statements")
    return raw


def _show(taken: Mapping[str, Any]) -> None:
    for statement in [each for each in taken["statements"] if each["state"] == "faulty"][:MOST]:
        click.echo(f"row {statement['row']}: {statement['code']}", err=True)
        for fault in statement["faults"][:MOST]:
            click.echo(f"  {printable(fault['message'])} ({fault['code']})", err=True)
    kept = [statement for statement in taken["statements"] if statement["state"] in {"matched", "unmatched"}]
    if kept:
        rows = (
            [
                item["reply_id"],
                item["state"],
                item["notice_id"] or f"{len(item['candidates'])} candidates",
                item["outcome"],
                item["moved"] or (f"proposes {item['proposes']}" if item["proposes"] else "you decide"),
            ]
            for item in kept[:MOST]
        )
        shown.table(("reply", "state", "notice", "outcome", "then"), rows)
    click.echo(
        f"{taken['matched']} matched ({taken['moved']} moved their notice), {taken['unmatched']} for you to"
        f" match, {taken['known']} known already, {taken['faulty']} refused"
    )
    if taken["unmatched"]:
        click.echo("  next: fakeprint takedown replies --state unmatched")
    if any(
        statement["proposes"] and statement["state"] == "matched" and not statement["moved"]
        for statement in kept
    ):
        click.echo("  next: fakeprint takedown reasons --accept-reply REPLY")


COMMANDS = (reasons,)
