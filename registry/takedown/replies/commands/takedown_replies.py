"""`fakeprint takedown replies`, `breaches`, `escalate`: what came back, or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import click

from registry.core.terminal import ending, files, options, shown
from registry.core.terminal.client import Request
from registry.core.terminal.lifetime import here
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable
from registry.takedown.regimes.model.regime import LANGUAGES
from registry.takedown.replies.model.reply import MOST_BYTES

_CAMPAIGN = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
_FILE = click.Path(path_type=str, readable=False)


@click.command(short_help="Take in replies from a mailbox file; list and match them.")
@click.argument("mailbox", metavar="[MAILBOX]", type=_FILE, required=False)
@click.option("--state", type=click.Choice(["matched", "unmatched", "dismissed"]), help="Only these.")
@click.option("--notice", type=click.UUID, help="Only those to this notice; with --match: which it is.")
@click.option("--match", metavar="REPLY", type=click.UUID, help="This one answers --notice.")
@click.option("--dismiss", metavar="REPLY", type=click.UUID, help="This one is no reply: forget it.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="At most so many.")
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
    with told(known, as_json=as_json):
        raw = None if mailbox is None else files.whole(mailbox, MOST_BYTES, "mailbox files")
    with told(known, as_json=as_json), service.connect() as client:
        if raw is not None:
            kind = "application/mbox" if raw.startswith(b"From ") else "message/rfc822"
            request = Request(
                "POST", "/v1/replies/mailbox", headers={"Content-Type": kind}, build=lambda: {"content": raw}
            )
            taken = client.call(request).body
            _print_taken(taken, as_json=as_json)
            return ending.NOT_ANSWERED if taken["faulty"] else ending.DONE
        if match or dismiss:
            body = {"notice_id": str(notice) if match else None}
            found = [client.post(f"/v1/replies/{match or dismiss}", body, again=True).body]
        else:
            params = {"limit": str(limit)} | ({"state": state} if state else {})
            params |= {"notice_id": str(notice)} if notice else {}
            found = client.get("/v1/replies", params).body["replies"]
    if as_json:
        for reply in found:
            print_json(reply)
    elif not found:
        click.echo("No such replies.")
    else:
        rows = (
            [
                reply["reply_id"],
                reply["state"],
                reply["notice_id"] or f"{len(reply['candidates'])} candidates",
                here(reply["created_at"]),
                printable(str(reply["sender"] or ""))[:40],
                printable(str(reply["subject"] or ""))[:60],
            ]
            for reply in found
        )
        shown.table(("reply", "state", "notice", "came", "from", "subject"), rows)
    return ending.DONE


def _print_taken(taken: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(taken)
        return
    for reply in taken["replies"]:
        if reply["state"] == "faulty":
            click.echo(f"message {reply['message']}: {reply['code']}", err=True)
    click.echo(
        f"{taken['matched']} matched, {taken['unmatched']} for you to match, {taken['known']} known already, "
        f"{taken['faulty']} not read"
    )
    if taken["unmatched"]:
        click.echo("  next: fakeprint takedown replies --state unmatched")


@click.command(short_help="Report which terms were over before an answer came.")
@click.option("--campaign", type=click.UUID, help="Only of this campaign.")
@click.option("--platform", help="Only of this platform.")
@click.option("--since", metavar="TIME", help="Only since, such as 2026-11-25T00:00:00+00:00.")
@options.json
@options.service
def breaches(
    campaign: UUID | None, platform: str | None, since: str | None, as_json: bool, service: options.Service
) -> int:
    """Report by platform what it was told, what came of it, and which terms were over: a `breach` of a term
    that the law sets, or `overdue`.

    \b
    Example:
      fakeprint takedown breaches --platform telegram --json
    """
    given = {"campaign_id": str(campaign) if campaign else None, "platform": platform, "since": since}
    params = {name: value for name, value in given.items() if value}
    with told({}, as_json=as_json), service.connect() as client:
        found = client.get("/v1/breaches", params).body
    if as_json:
        print_json(found)
        return ending.DONE
    names = ("platform", "handed_over", "not_handed_over", "removed", "breaches", "overdue")
    head = [name.replace("_", " ") for name in names]
    shown.table(head, ([str(platform[name]) for name in names] for platform in found["platforms"]))
    if found["breaches"]:
        rows = (
            [breach["kind"], breach["platform"], breach["notice_id"], here(breach["due_at"]), breach["state"]]
            for breach in found["breaches"]
        )
        shown.table(("kind", "platform", "notice", "was due", "state"), rows)
        click.echo("  next: fakeprint takedown escalate CAMPAIGN NOTICE")
    return ending.DONE


@click.command(short_help="Draft the complaint about a term that was over.")
@_CAMPAIGN
@click.argument("notice_id", metavar="NOTICE", type=click.UUID)
@click.option("--language", type=click.Choice(LANGUAGES), help="Else the campaign's.")
@options.json
@options.service
def escalate(
    campaign_id: UUID, notice_id: UUID, language: str | None, as_json: bool, service: options.Service
) -> int:
    """Draft the complaint to whoever hears it under the regime of NOTICE. You complete and send it.

    \b
    Example:
      fakeprint takedown escalate CAMPAIGN NOTICE --language es
    """
    place = f"/v1/campaigns/{campaign_id}/notices/{notice_id}/escalation"
    with told({"notice_id": str(notice_id)}, as_json=as_json), service.connect() as client:
        found = client.get(place, {"language": language} if language else None).body
    if as_json:
        print_json(found)
        return ending.DONE
    click.echo(f"{printable(found['authority'])}\n{found['url']}\n{printable(found['note'])}\n", err=True)
    click.echo(f"{printable(found['subject'])}\n")
    for line in found["text"].splitlines():
        click.echo(printable(line))
    return ending.DONE


COMMANDS = (replies, breaches, escalate)
