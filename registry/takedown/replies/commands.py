"""`fakeprint takedown replies`, `reasons`: what platforms answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

import click

from registry.core.terminal import exit_status, files, options
from registry.core.terminal.api_command import Fields, answers
from registry.core.terminal.client import Request
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row, Rows, print_answer
from registry.core.terminal.report import error_report
from registry.core.terminal.text import printable
from registry.takedown.replies.errors import NoStatements
from registry.takedown.replies.model.reply import MOST_BYTES

_CAMPAIGN = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)


def _taken(taken: Row) -> Iterator[str]:
    for reply in taken["replies"]:
        if reply["state"] == "faulty":
            click.echo(f"message {reply['message']}: {reply['code']}", err=True)
    yield (
        f"{taken['matched']} matched, {taken['unmatched']} for you to match, {taken['known']} known already, "
        f"{taken['faulty']} not read"
    )
    if taken["unmatched"]:
        yield "  next: fakeprint takedown replies --state unmatched"


_REPLIES: Final = Rows(
    "replies",
    "reply: reply_id, state, notice, came: created_at, from: sender, subject",
    "No such replies.",
    {
        "notice": lambda reply: reply["notice_id"] or f"{len(reply['candidates'])} candidates",
        "sender": lambda reply: printable(str(reply["sender"] or ""))[:40],
        "subject": lambda reply: printable(str(reply["subject"] or ""))[:60],
    },
)


@click.command(short_help="Take in replies from a mailbox file; list and match them.")
@click.argument("mailbox", metavar="[MAILBOX]", type=files.PATH, required=False)
@click.option("--state", type=click.Choice(["matched", "unmatched", "dismissed"]), help="Only these.")
@click.option("--notice", type=click.UUID, help="Only those to this notice; with --match: which it is.")
@click.option("--match", metavar="REPLY", type=click.UUID, help="This one answers --notice.")
@click.option("--dismiss", metavar="REPLY", type=click.UUID, help="This one is no reply: forget it.")
@options.page
@options.json
@options.service
def replies(
    mailbox: str | None,
    state: str | None,
    notice: UUID | None,
    match: UUID | None,
    dismiss: UUID | None,
    limit: int,
    as_json: bool,
    service: options.Service,
) -> int:
    """Take in MAILBOX (mbox, or one message as .eml), or list what came back. A message that names one notice
    is matched with it; one that names none or several waits for you.

    \b
    Examples:
      fakeprint takedown replies inbox.mbox
      fakeprint takedown replies --state unmatched
      fakeprint takedown replies --match REPLY --notice NOTICE
    """
    if sum(item is not None for item in (mailbox, match, dismiss)) > 1 or (match and notice is None):
        raise click.UsageError("Give MAILBOX, or --match with --notice, or --dismiss, or nothing of these.")
    known = {} if mailbox is None else {"path": mailbox}
    with error_report(known, as_json=as_json):
        raw = None if mailbox is None else files.read_file(mailbox, MOST_BYTES, "mailbox files")
    with error_report(known, as_json=as_json), service.connect() as client:
        if raw is not None:
            headers = {"Content-Type": "application/mbox" if raw.startswith(b"From ") else "message/rfc822"}
            request = Request("POST", "/v1/replies/mailbox", headers=headers, build=lambda: {"content": raw})
            taken = client.call(request).body
            print_answer(taken, _taken, as_json=as_json)
            return exit_status.NOT_ANSWERED if taken["faulty"] else exit_status.DONE
        if match or dismiss:
            body = {"notice_id": str(notice) if match else None}
            found: Row = {"replies": [client.send(f"POST /v1/replies/{match or dismiss}", body, again=True)]}
        else:
            params = {"limit": limit, "state": state, "notice_id": notice}
            given = {name: value for name, value in params.items() if value}
            found = {"replies": client.send("GET /v1/replies", given)["replies"]}
    print_answer(found, _REPLIES, as_json=as_json)
    return exit_status.DONE


MOST_STATEMENTS: Final = 64 << 20
"""Bytes of a file of statements."""
MOST: Final = 50
"""Rows that are shown; --json gives all."""


def _then(row: Row) -> object:
    return row["moved"] or (f"proposes {row['proposes']}" if row["proposes"] else "you decide")


_KEPT: Final = Rows(
    "statements",
    "reply: reply_id, state, notice, outcome, then",
    "",
    {"notice": lambda row: row["notice_id"] or f"{len(row['candidates'])} candidates", "then": _then},
)


def _shown(taken: Row) -> Iterator[str]:
    if "notice_id" in taken:  # a reply was accepted
        yield f"{taken['notice_id']}  {taken['state']}"
        return
    for statement in [each for each in taken["statements"] if each["state"] == "faulty"][:MOST]:
        click.echo(f"row {statement['row']}: {statement['code']}", err=True)
        for fault in statement["faults"][:MOST]:
            click.echo(f"  {printable(fault['message'])} ({fault['code']})", err=True)
    kept = [statement for statement in taken["statements"] if statement["state"] in {"matched", "unmatched"}]
    if kept:
        _KEPT.print({"statements": kept[:MOST]})
    yield (
        f"{taken['matched']} matched ({taken['moved']} moved their notice), {taken['unmatched']} for you to"
        f" match, {taken['known']} known already, {taken['faulty']} refused"
    )
    if taken["unmatched"]:
        yield "  next: fakeprint takedown replies --state unmatched"
    if any(row["proposes"] and row["state"] == "matched" and not row["moved"] for row in kept):
        yield "  next: fakeprint takedown reasons --accept-reply REPLY"


def _known(given: Fields) -> dict[str, str]:
    return {"path": given["path"]} if given["path"] else {"reply_id": str(given["accept_reply"])}


@click.command(short_help="Take in platforms' statements of reasons (DSA).")
@click.argument("path", metavar="[FILE]", type=files.PATH, required=False)
@click.option("--platform", help="Whose they are: its id, name or host.")
@click.option(
    "--accept", is_flag=True, help="Move the notices by what is plain: removed, or only restricted."
)
@click.option("--accept-reply", metavar="REPLY", type=click.UUID, help="Accept one that is here already.")
@answers(
    _shown,
    context=lambda given: (
        {"path": given["path"]} if given["path"] else {"reply_id": str(given["accept_reply"])}
    ),
    failed=lambda taken: taken.get("faulty"),
)
def reasons(
    path: str | None, platform: str | None, accept: bool, accept_reply: UUID | None, service: Service
) -> Row:
    """Take in statements of reasons from FILE (- reads stdin), in the form of the DSA transparency database:
    one, an array, {"statements": […]}, or one a line. Each is checked field by field and stored as a reply
    to its notice. It names the notice by the FP-… reference, the number or the `url`. One that names none or
    several waits for you. The same puid again changes nothing.

    \b
    Examples:
      fakeprint takedown reasons statements.json --platform telegram
      fakeprint takedown reasons - --accept < statements.jsonl
      fakeprint takedown replies --state unmatched           those that wait for you
      fakeprint takedown reasons --accept-reply REPLY
    """
    if (path is None) == (accept_reply is None):
        raise click.UsageError("Give FILE, or --accept-reply.")
    if path is None:
        with service.connect() as client:
            return client.send(f"POST /v1/replies/{accept_reply}/acceptance")
    raw = _read(path)
    params = {"platform": platform} if platform else {}
    params |= {"accept": "true"} if accept else {}
    headers = {"Content-Type": f"application/{'x-ndjson' if path.endswith(('jsonl', 'ndjson')) else 'json'}"}
    with service.connect() as client:
        request = Request("POST", "/v1/statements", params, headers, lambda: {"content": raw})
        return client.call(request).body


def _read(path: str) -> bytes:
    """Return the bytes of a file of statements. Raises like `files.whole`, `BadInput` (`no_statements`)."""
    raw = files.read_file(path, MOST_STATEMENTS, "statements of reasons together")
    if not raw.strip():
        raise NoStatements(f"{path}: there is no statement of reasons in it.")
    return raw


COMMANDS = (replies, reasons)
