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


@click.group(epilog=EPILOG, short_help="Have an address told of what happens.")
def webhook() -> None:
    """Addresses that are told of what happens, in messages signed as Standard Webhooks has it."""


def _secret(made: Row) -> str:
    click.echo(f"webhook {made['webhook_id']} to {printable(str(made['url']))}", err=True)
    click.echo("Its secret stands below, and nowhere else:", err=True)
    return str(made["secret"])


@webhook.command(short_help="Have an address told of what happens.")
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
    """Have ADDRESS (https) told of events from now on. Prints the secret that signs messages, this once."""
    return {"url": address}


@webhook.command("list", short_help="List your organization's webhooks.")
@sends("GET /v1/webhooks", _WEBHOOKS, example="admin webhook list --json")
def list_() -> None:
    """List the webhooks of your organization."""


def _lines(found: Row) -> Iterator[str]:
    why = f" ({found['reason']})" if found["reason"] else ""
    yield f"{found['webhook_id']}  {printable(str(found['url']))}"
    yield f"  {found['state']}{why}, told of {' '.join(found['kinds'])}"
    yield f"  {found['waiting']} waiting, {found['dead']} dead; secrets in use: {found['secrets']}"
    if found["state"] == "disabled":
        yield f"  next: fakeprint admin webhook set {found['webhook_id']} --active"


@webhook.command(short_help="Show a webhook.")
@_ID
@sends("GET /v1/webhooks/{webhook_id}", _lines, example="admin webhook show 3f9d6a52-…")
def show() -> None:
    """Show one webhook."""


@webhook.command("set", short_help="Move, pause or resume a webhook.")
@_ID
@click.option("--address", metavar="ADDRESS", help="Where messages go from now on.")
@click.option("--kind", "kinds", metavar="KIND", multiple=True, help="Of what it is told, all of it.")
@click.option("--paused/--active", default=None, help="Let messages wait, or send them (again).")
@sends(
    "PATCH /v1/webhooks/{webhook_id}",
    _lines,
    example=(
        "admin webhook set 3f9d6a52-… --paused",
        "admin webhook set 3f9d6a52-… --address https://new.example/ --active",
    ),
)
def set_(address: str | None, kinds: tuple[str, ...], paused: bool | None) -> Fields:
    """Move a webhook, change what it is told of, pause or resume it. --active also wakes one that the service
    has disabled."""
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
    help="For how long the old one signs too. [default: 24]",
)  # fmt: skip
@sends(
    "POST /v1/webhooks/{webhook_id}/secrets",
    _secret,
    example=(
        "admin webhook rotate 3f9d6a52-…",
        "admin webhook rotate 3f9d6a52-… --overlap 0        the old one is known to others",
    ),
)
def rotate() -> None:
    """Replace a webhook's secret, and print the new one, this once. Both sign until the overlap is over."""


def _tested(done: Row) -> None:
    _DELIVERIES.print({"deliveries": [done]})
    if done["status"] != "delivered":
        click.echo(f"It did not arrive at the address: {done['outcome']}.", err=True)
        click.echo(f"  next: fakeprint admin webhook set {done['webhook_id']} --address ADDRESS", err=True)


@webhook.command(short_help="Send a webhook a message that means nothing.")
@_ID
@answers(
    _tested,
    context="webhook_id",
    example="admin webhook test 3f9d6a52-…",
    failed=lambda done: done["status"] != "delivered",
)
def test(webhook_id: UUID, service: options.Service) -> Row:
    """Send a test, and wait for what becomes of it. Exit status 1 where it was not delivered."""
    with service.connect() as client:
        place = f"/v1/webhooks/{webhook_id}"
        delivery_id = client.send(f"POST {place}/test")["delivery_id"]
        try:
            for _ in client.deadline.pauses():
                found = client.send(f"GET {place}/deliveries/{delivery_id}")
                if found["status"] != "waiting":
                    return found
        except TimedOut:
            pass
    raise TimedOut(
        f"Message {delivery_id} was not sent yet; a worker of the queue `delivery` sends it.",
        next_step=f"See `fakeprint admin webhook deliveries {webhook_id}`.",
    )


@webhook.command(short_help="List what became of a webhook's messages.")
@_ID
@click.option("--status", type=click.Choice(["waiting", "delivered", "dead"]), help="Only these.")
@options.page
@sends(
    "GET /v1/webhooks/{webhook_id}/deliveries",
    _DELIVERIES,
    example="admin webhook deliveries 3f9d6a52-… --status dead",
)
def deliveries() -> None:
    """List a webhook's messages, the newest first, 30 days back."""


@webhook.command(short_help="Send dead letters again.")
@_ID
@click.option("--delivery", metavar="MESSAGE", type=click.IntRange(1), help="Only this one.")
@click.option("--since", metavar="TIME", help="Only those made since, such as 2026-11-25T00:00:00+00:00.")
@click.option("--all", "everything", is_flag=True, help="All that are kept.")
@sends(
    "POST /v1/webhooks/{webhook_id}/replay",
    "{replayed} to be sent again",
    example=(
        "admin webhook replay 3f9d6a52-… --delivery 4711",
        "admin webhook replay 3f9d6a52-… --since 2026-11-25T00:00:00+00:00",
    ),
)
def replay(delivery: int | None, since: str | None, everything: bool) -> Fields:
    """Send dead letters again, in their first order and under the ids that they had."""
    if sum((delivery is not None, since is not None, everything)) != 1:
        raise click.UsageError("Give one of --delivery, --since and --all.")
    return {"delivery_id": delivery, "since": since}


@webhook.command(short_help="Delete a webhook and its messages.")
@_ID
@answers("deleted", context="webhook_id", example="admin webhook delete 3f9d6a52-…")
def delete(webhook_id: UUID, service: options.Service) -> Row:
    """Delete a webhook; what waits is not sent."""
    with service.connect() as client:
        return {"webhook_id": str(webhook_id), **client.send(f"DELETE /v1/webhooks/{webhook_id}")}
