"""`fakeprint takedown replies`, `reasons`: replies and statements of reasons of platforms."""

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
from registry.takedown.replies.model.mail import MOST_BYTES

_CAMPAIGN = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)


def _taken(report: Row) -> Iterator[str]:
    for reply in report["replies"]:
        if reply["state"] == "faulty":
            click.echo(f"message {reply['message']}: {reply['code']}", err=True)
    yield (
        f"{report['matched']} matched, {report['unmatched']} for you to match, "
        f"{report['known']} known already, {report['faulty']} unreadable"
    )
    if report["unmatched"]:
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


@click.command(short_help="Import replies from a mailbox file; list and match them.")
@click.argument("mailbox", metavar="[MAILBOX]", type=files.PATH, required=False)
@click.option(
    "--state", type=click.Choice(["matched", "unmatched", "dismissed"]), help="Only replies in this state."
)
@click.option("--notice", type=click.UUID, help="Only replies to this notice. With --match: the notice.")
@click.option("--match", metavar="REPLY", type=click.UUID, help="Match this reply with --notice.")
@click.option(
    "--dismiss", metavar="REPLY", type=click.UUID, help="Dismiss this reply and delete its content."
)
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
    """Import MAILBOX (mbox, or one message as .eml), or list replies.

    A message that names exactly one notice is matched with it. A message that names none or several waits for
    you to match it.

    \b
    Examples:
      fakeprint takedown replies inbox.mbox
      fakeprint takedown replies --state unmatched
      fakeprint takedown replies --match REPLY --notice NOTICE
    """
    if sum(argument is not None for argument in (mailbox, match, dismiss)) > 1 or (match and notice is None):
        raise click.UsageError("Give MAILBOX, or --match with --notice, or --dismiss, or none of these.")
    context = {} if mailbox is None else {"path": mailbox}
    with error_report(context, as_json=as_json):
        raw = None if mailbox is None else files.read_file(mailbox, MOST_BYTES, "mailbox files")
    with error_report(context, as_json=as_json), service.connect() as client:
        if raw is not None:
            headers = {"Content-Type": "application/mbox" if raw.startswith(b"From ") else "message/rfc822"}
            request = Request("POST", "/v1/replies/mailbox", headers=headers, build=lambda: {"content": raw})
            report = client.call(request).body
            print_answer(report, _taken, as_json=as_json)
            return exit_status.NOT_ANSWERED if report["faulty"] else exit_status.DONE
        if match or dismiss:
            body = {"notice_id": str(notice) if match else None}
            answer: Row = {"replies": [client.send(f"POST /v1/replies/{match or dismiss}", body, again=True)]}
        else:
            params = {"limit": limit, "state": state, "notice_id": notice}
            query = {name: value for name, value in params.items() if value}
            answer = {"replies": client.send("GET /v1/replies", query)["replies"]}
    print_answer(answer, _REPLIES, as_json=as_json)
    return exit_status.DONE


MOST_STATEMENTS: Final = 64 << 20
"""Maximum bytes of a file of statements."""
MOST: Final = 50
"""Maximum number of rows printed. --json prints all."""


def _then(row: Row) -> object:
    return row["moved"] or (f"proposes {row['proposes']}" if row["proposes"] else "you decide")


_STORED: Final = Rows(
    "statements",
    "reply: reply_id, state, notice, outcome, then",
    "",
    {"notice": lambda row: row["notice_id"] or f"{len(row['candidates'])} candidates", "then": _then},
)


def _shown(report: Row) -> Iterator[str]:
    if "notice_id" in report:  # a reply was accepted
        yield f"{report['notice_id']}  {report['state']}"
        return
    for statement in [row for row in report["statements"] if row["state"] == "faulty"][:MOST]:
        click.echo(f"row {statement['row']}: {statement['code']}", err=True)
        for fault in statement["faults"][:MOST]:
            click.echo(f"  {printable(fault['message'])} ({fault['code']})", err=True)
    for statement in [row for row in report["statements"] if row["warnings"]][:MOST]:
        for warning in statement["warnings"]:
            click.echo(f"row {statement['row']}: warning: {printable(warning['message'])}", err=True)
    stored = [
        statement for statement in report["statements"] if statement["state"] in {"matched", "unmatched"}
    ]
    if stored:
        _STORED.print({"statements": stored[:MOST]})
    counts = f"{report['matched']} matched ({report['moved']} moved their notice), "
    counts += f"{report['unmatched']} for you to match, {report['known']} known already, "
    yield f"{counts}{report['faulty']} refused"
    if report["unmatched"]:
        yield "  next: fakeprint takedown replies --state unmatched"
    if any(row["proposes"] and row["state"] == "matched" and not row["moved"] for row in stored):
        yield "  next: fakeprint takedown reasons --accept-reply REPLY"


def _context(options_: Fields) -> dict[str, str]:
    path = options_["path"]
    return {"path": path} if path else {"reply_id": str(options_["accept_reply"])}


@click.command(short_help="Import platforms' statements of reasons (DSA).")
@click.argument("path", metavar="[FILE]", type=files.PATH, required=False)
@click.option("--platform", help="The platform that sent them: id, name or host.")
@click.option(
    "--accept",
    is_flag=True,
    help="Move the notices where the decision is clear: removed, or only restricted.",
)
@click.option(
    "--accept-reply", metavar="REPLY", type=click.UUID, help="Accept a statement that was imported before."
)
@answers(
    _shown,
    context=_context,
    failed=lambda taken: taken.get("faulty"),
)
def reasons(
    path: str | None, platform: str | None, accept: bool, accept_reply: UUID | None, service: Service
) -> Row:
    """Import statements of reasons from FILE (- reads stdin), in the format of the DSA transparency database.

    FILE contains one statement, an array, {"statements": […]}, or one statement per line. Each is checked
    field by field and stored as a reply to its notice. The notice is found by the FP-… reference, its number
    or the `url`. A statement that names none or several waits for you to match it. A puid that was imported
    before changes nothing.

    \b
    Examples:
      fakeprint takedown reasons statements.json --platform telegram
      fakeprint takedown reasons - --accept < statements.jsonl
      fakeprint takedown replies --state unmatched           to match them
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
    """Return the bytes of a file of statements. Raises the errors of `files.read_file`, and `BadInput`
    (`no_statements`)."""
    raw = files.read_file(path, MOST_STATEMENTS, "statements of reasons together")
    if not raw.strip():
        raise NoStatements(f"{path} contains no statement of reasons.")
    return raw


COMMANDS = (replies, reasons)
