"""`fakeprint admin webhook`: webhooks, and the deliveries of their messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

import click

from registry.core.errors.terminal import TimedOut
from registry.core.terminal import options
from registry.core.terminal.api_command import Fields, answers, sends
from registry.core.terminal.output import Row, Rows
from registry.core.terminal.text import printable

EPILOG = """\b
Examples:
  fakeprint admin webhook add https://hooks.example/fakeprint --kind 'entry.*' --kind match.found
  fakeprint admin webhook add 'slack://TOKEN/TOKEN/TOKEN' --kind 'dispute.*' --kind notice.overdue
  fakeprint admin webhook list
  fakeprint admin webhook test ID
  fakeprint admin webhook deliveries ID --status dead
  fakeprint admin webhook replay ID --since 2026-11-25T00:00:00+00:00
"""

_ID = click.argument("webhook_id", metavar="ID", type=click.UUID)
_WEBHOOKS: Final = Rows(
    "webhooks",
    "webhook: webhook_id, state, waiting, dead, address: url, kinds",
    "No webhooks yet.\n  next: fakeprint admin webhook add ADDRESS --kind 'entry.*'",
    {"kinds": lambda row: " ".join(row["kinds"])},
)
_DELIVERIES: Final = Rows(
    "deliveries",
    "message: delivery_id, made: created_at, kind, status, attempts, outcome, code: response_code, "
    "answer: snippet",
    "No such messages.",
    {"snippet": lambda row: printable(str(row["snippet"] or ""))[:80]},
)


@click.group(epilog=EPILOG, short_help="Send events to a URL (webhooks).")
def webhook() -> None:
    """Manage webhooks: URLs that receive events as messages signed by Standard Webhooks."""


def _secret(webhook_: Row) -> str:
    click.echo(f"webhook {webhook_['webhook_id']} to {printable(str(webhook_['url']))}", err=True)
    if webhook_["secret"] is None:
        click.echo(f"  next: fakeprint admin webhook test {webhook_['webhook_id']}", err=True)
        return str(webhook_["webhook_id"])
    click.echo("Its secret, shown only once:", err=True)
    return str(webhook_["secret"])


@webhook.command(short_help="Create a webhook.")
@click.argument("address", metavar="ADDRESS")
@click.option(
    "--kind",
    "kinds",
    metavar="KIND",
    multiple=True,
    required=True,
    help="A kind of event, or a pattern: entry.reviewed, 'entry.*', '*'. May be repeated.",
)
@sends(
    "POST /v1/webhooks",
    _secret,
    example="admin webhook add https://hooks.example/fakeprint --kind 'entry.*' --kind watch.matched",
)
def add(address: str) -> Fields:
    """Create a webhook that sends events to ADDRESS (https) from now on. Prints its signing secret, once.

    ADDRESS may also be a channel that people read: slack://, workflows:// (Teams), matrixs://, mmosts://
    (Mattermost) or mailtos://. It gets one sentence for each event. Its id is printed; it signs nothing."""
    return {"url": address}


@webhook.command("list", short_help="List your organization's webhooks.")
@sends("GET /v1/webhooks", _WEBHOOKS, example="admin webhook list --json")
def list_() -> None:
    """List the webhooks of your organization."""


def _lines(row: Row) -> Iterator[str]:
    reason = f" ({row['reason']})" if row["reason"] else ""
    yield f"{row['webhook_id']}  {printable(str(row['url']))}"
    yield f"  {row['state']}{reason}, receives {' '.join(row['kinds'])}"
    yield f"  {row['waiting']} waiting, {row['dead']} dead; secrets in use: {row['secrets']}"
    if row["state"] == "disabled":
        yield f"  next: fakeprint admin webhook set {row['webhook_id']} --active"


@webhook.command(short_help="Show a webhook.")
@_ID
@sends("GET /v1/webhooks/{webhook_id}", _lines, example="admin webhook show 3f9d6a52-…")
def show() -> None:
    """Show one webhook."""


@webhook.command("set", short_help="Change, pause or resume a webhook.")
@_ID
@click.option("--address", metavar="ADDRESS", help="New URL of the webhook.")
@click.option(
    "--kind",
    "kinds",
    metavar="KIND",
    multiple=True,
    help="Kinds of events, replacing the present ones. May be repeated.",
)
@click.option("--paused/--active", default=None, help="Hold messages back, or send them again.")
@sends(
    "PATCH /v1/webhooks/{webhook_id}",
    _lines,
    example=(
        "admin webhook set 3f9d6a52-… --paused",
        "admin webhook set 3f9d6a52-… --address https://new.example/ --active",
    ),
)
def set_(address: str | None, kinds: tuple[str, ...], paused: bool | None) -> Fields:
    """Change a webhook's URL or kinds of events, pause or resume it. --active also activates a webhook that
    the service has disabled."""
    body: dict[str, object] = {"url": address} if address else {}
    body |= {"kinds": kinds} if kinds else {}
    body |= {} if paused is None else {"state": "paused" if paused else "active"}
    if not body:
        raise click.UsageError("Give --address, --kind, --paused or --active.")
    return body


@webhook.command(short_help="Replace a webhook's secret.")
@_ID
@click.option(
    "--overlap", "overlap_hours", metavar="HOURS", type=float,
    help="Hours for which the old secret also signs. [default: 24]",
)  # fmt: skip
@sends(
    "POST /v1/webhooks/{webhook_id}/secrets",
    _secret,
    example=(
        "admin webhook rotate 3f9d6a52-…",
        "admin webhook rotate 3f9d6a52-… --overlap 0        if the old secret has leaked",
    ),
)
def rotate() -> None:
    """Replace a webhook's secret and print the new one, once. Both sign until the overlap ends."""


def _tested(delivery: Row) -> None:
    _DELIVERIES.print({"deliveries": [delivery]})
    if delivery["status"] != "delivered":
        click.echo(f"The message was not delivered: {delivery['outcome']}.", err=True)
        click.echo(
            f"  next: fakeprint admin webhook set {delivery['webhook_id']} --address ADDRESS", err=True
        )


@webhook.command(short_help="Send a test message.")
@_ID
@answers(
    _tested,
    context="webhook_id",
    example="admin webhook test 3f9d6a52-…",
    failed=lambda done: done["status"] != "delivered",
)
def test(webhook_id: UUID, service: options.Service) -> Row:
    """Send a test message and wait for the result. The exit status is 1 if it was not delivered."""
    with service.connect() as client:
        path = f"/v1/webhooks/{webhook_id}"
        delivery_id = client.send(f"POST {path}/test")["delivery_id"]
        try:
            for _ in client.deadline.pauses():
                delivery = client.send(f"GET {path}/deliveries/{delivery_id}")
                if delivery["status"] != "waiting":
                    return delivery
        except TimedOut:
            pass
    raise TimedOut(
        f"Message {delivery_id} is still waiting for a worker of the queue `delivery`.",
        next_step=f"See `fakeprint admin webhook deliveries {webhook_id}`.",
    )


@webhook.command(short_help="List a webhook's deliveries.")
@_ID
@click.option(
    "--status", type=click.Choice(["waiting", "delivered", "dead"]), help="Only deliveries with this status."
)
@options.page
@sends(
    "GET /v1/webhooks/{webhook_id}/deliveries",
    _DELIVERIES,
    example="admin webhook deliveries 3f9d6a52-… --status dead",
)
def deliveries() -> None:
    """List a webhook's messages of the last 30 days, newest first."""


@webhook.command(short_help="Send dead letters again.")
@_ID
@click.option("--delivery", metavar="MESSAGE", type=click.IntRange(1), help="Only this message.")
@click.option(
    "--since", metavar="TIME", help="Only messages created since then, such as 2026-11-25T00:00:00+00:00."
)
@click.option("--all", "everything", is_flag=True, help="All stored dead letters.")
@sends(
    "POST /v1/webhooks/{webhook_id}/replay",
    "{replayed} messages are sent again",
    example=(
        "admin webhook replay 3f9d6a52-… --delivery 4711",
        "admin webhook replay 3f9d6a52-… --since 2026-11-25T00:00:00+00:00",
    ),
)
def replay(delivery: int | None, since: str | None, everything: bool) -> Fields:
    """Send dead letters again, in their original order and with their original ids."""
    if sum((delivery is not None, since is not None, everything)) != 1:
        raise click.UsageError("Give one of --delivery, --since and --all.")
    return {"delivery_id": delivery, "since": since}


@webhook.command(short_help="Delete a webhook and its messages.")
@_ID
@answers("deleted", context="webhook_id", example="admin webhook delete 3f9d6a52-…")
def delete(webhook_id: UUID, service: options.Service) -> Row:
    """Delete a webhook. Waiting messages are not sent."""
    with service.connect() as client:
        return {"webhook_id": str(webhook_id), **client.send(f"DELETE /v1/webhooks/{webhook_id}")}
