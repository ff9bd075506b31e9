"""`fakeprint admin webhook`: have an address told of what happens, and see what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import click

from registry.core.terminal import ending, options, shown
from registry.core.terminal.client import Client, Request
from registry.core.terminal.deadline import TimedOut
from registry.core.terminal.lifetime import here
from registry.core.terminal.report import print_json, told
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


@click.group(epilog=EPILOG, short_help="Have an address told of what happens.")
def webhook() -> None:
    """Addresses that are told of what happens, in messages signed as Standard Webhooks has it."""


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
@options.json
@options.service
def add(address: str, kinds: tuple[str, ...], as_json: bool, service: options.Service) -> int:
    """Have ADDRESS (https) told of events from now on. Prints the secret that signs messages, this once.

    \b
    Example:
      fakeprint admin webhook add https://hooks.example/fakeprint --kind 'entry.*' --kind watch.matched
    """
    with told({}, as_json=as_json), service.connect() as client:
        made = client.post("/v1/webhooks", {"url": address, "kinds": list(kinds)}).body
    _secret(made, as_json=as_json)
    return ending.DONE


@webhook.command("list", short_help="List your organization's webhooks.")
@options.json
@options.service
def list_(as_json: bool, service: options.Service) -> int:
    """List the webhooks of your organization.

    \b
    Example:
      fakeprint admin webhook list --json
    """
    with told({}, as_json=as_json), service.connect() as client:
        found = client.get("/v1/webhooks").body["webhooks"]
    if as_json:
        for item in found:
            print_json(item)
    elif not found:
        click.echo("No webhooks yet.\n  next: fakeprint admin webhook add ADDRESS --kind 'entry.*'")
    else:
        rows = (
            [
                item["webhook_id"],
                item["state"],
                item["waiting"],
                item["dead"],
                item["url"],
                " ".join(item["kinds"]),
            ]
            for item in found
        )
        shown.table(("webhook", "state", "waiting", "dead", "address", "kinds"), rows)
    return ending.DONE


@webhook.command(short_help="Show a webhook.")
@_ID
@options.json
@options.service
def show(webhook_id: UUID, as_json: bool, service: options.Service) -> int:
    """Show one webhook.

    \b
    Example:
      fakeprint admin webhook show 3f9d6a52-…
    """
    with told({"webhook_id": str(webhook_id)}, as_json=as_json), service.connect() as client:
        _print(client.get(f"/v1/webhooks/{webhook_id}").body, as_json=as_json)
    return ending.DONE


@webhook.command("set", short_help="Move, pause or resume a webhook.")
@_ID
@click.option("--address", metavar="ADDRESS", help="Where messages go from now on.")
@click.option("--kind", "kinds", metavar="KIND", multiple=True, help="Of what it is told, all of it.")
@click.option("--paused/--active", default=None, help="Let messages wait, or send them (again).")
@options.json
@options.service
def set_(
    webhook_id: UUID,
    address: str | None,
    kinds: tuple[str, ...],
    paused: bool | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """Move a webhook, change what it is told of, pause or resume it. --active also wakes one that the service
    has disabled.

    \b
    Examples:
      fakeprint admin webhook set 3f9d6a52-… --paused
      fakeprint admin webhook set 3f9d6a52-… --address https://new.example/ --active
    """
    body: dict[str, Any] = {"url": address} if address else {}
    body |= {"kinds": list(kinds)} if kinds else {}
    body |= {} if paused is None else {"state": "paused" if paused else "active"}
    if not body:
        raise click.UsageError("Give --address, --kind, --paused or --active.")
    with told({"webhook_id": str(webhook_id)}, as_json=as_json), service.connect() as client:
        request = Request("PATCH", f"/v1/webhooks/{webhook_id}", build=lambda: {"json": body})
        _print(client.call(request).body, as_json=as_json)
    return ending.DONE


@webhook.command(short_help="Replace a webhook's secret.")
@_ID
@click.option(
    "--overlap", metavar="HOURS", type=float, help="For how long the old one signs too. [default: 24]"
)
@options.json
@options.service
def rotate(webhook_id: UUID, overlap: float | None, as_json: bool, service: options.Service) -> int:
    """Replace a webhook's secret, and print the new one, this once. Both sign until the overlap is over.

    \b
    Examples:
      fakeprint admin webhook rotate 3f9d6a52-…
      fakeprint admin webhook rotate 3f9d6a52-… --overlap 0        the old one is known to others
    """
    body = {} if overlap is None else {"overlap_hours": overlap}
    with told({"webhook_id": str(webhook_id)}, as_json=as_json), service.connect() as client:
        made = client.post(f"/v1/webhooks/{webhook_id}/secrets", body).body
    _secret(made, as_json=as_json)
    return ending.DONE


@webhook.command(short_help="Send a webhook a message that means nothing.")
@_ID
@options.json
@options.service
def test(webhook_id: UUID, as_json: bool, service: options.Service) -> int:
    """Send a test, and wait for what becomes of it. Exit status 1 where it was not delivered.

    \b
    Example:
      fakeprint admin webhook test 3f9d6a52-…
    """
    known = {"webhook_id": str(webhook_id)}
    with told(known, as_json=as_json), service.connect() as client:
        made = client.post(f"/v1/webhooks/{webhook_id}/test", {}).body
        done = _ended(client, webhook_id, made["delivery_id"])
    if as_json:
        print_json(done)
    else:
        click.echo("\t".join(_delivery(done)))
        if done["status"] != "delivered":
            click.echo(f"It did not arrive at the address: {done['outcome']}.", err=True)
            click.echo(f"  next: fakeprint admin webhook set {webhook_id} --address ADDRESS", err=True)
    return ending.DONE if done["status"] == "delivered" else ending.NOT_ANSWERED


@webhook.command(short_help="List what became of a webhook's messages.")
@_ID
@click.option("--status", type=click.Choice(["waiting", "delivered", "dead"]), help="Only these.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="At most so many.")
@options.json
@options.service
def deliveries(
    webhook_id: UUID, status: str | None, limit: int, as_json: bool, service: options.Service
) -> int:
    """List a webhook's messages, the newest first, 30 days back.

    \b
    Example:
      fakeprint admin webhook deliveries 3f9d6a52-… --status dead
    """
    params = {"limit": str(limit)} | ({"status": status} if status else {})
    with told({"webhook_id": str(webhook_id)}, as_json=as_json), service.connect() as client:
        found = client.get(f"/v1/webhooks/{webhook_id}/deliveries", params).body
    if as_json:
        for delivery in found["deliveries"]:
            print_json(delivery)
    elif not found["deliveries"]:
        click.echo("No such messages.")
    else:
        head = ("message", "made", "kind", "status", "attempts", "outcome", "code", "answer")
        shown.table(head, map(_delivery, found["deliveries"]))
        if found["next"]:
            click.echo("There are more: give a greater --limit.", err=True)
    return ending.DONE


@webhook.command(short_help="Send dead letters again.")
@_ID
@click.option("--delivery", metavar="MESSAGE", type=click.IntRange(1), help="Only this one.")
@click.option("--since", metavar="TIME", help="Only those made since, such as 2026-11-25T00:00:00+00:00.")
@click.option("--all", "everything", is_flag=True, help="All that are kept.")
@options.json
@options.service
def replay(
    webhook_id: UUID,
    delivery: int | None,
    since: str | None,
    everything: bool,
    as_json: bool,
    service: options.Service,
) -> int:
    """Send dead letters again, in their first order and under the ids that they had.

    \b
    Examples:
      fakeprint admin webhook replay 3f9d6a52-… --delivery 4711
      fakeprint admin webhook replay 3f9d6a52-… --since 2026-11-25T00:00:00+00:00
    """
    if sum((delivery is not None, since is not None, everything)) != 1:
        raise click.UsageError("Give one of --delivery, --since and --all.")
    body = {"delivery_id": delivery, "since": since}
    with told({"webhook_id": str(webhook_id)}, as_json=as_json), service.connect() as client:
        done = client.post(f"/v1/webhooks/{webhook_id}/replay", body).body
    if as_json:
        print_json(done)
    else:
        click.echo(f"{done['replayed']} to be sent again")
    return ending.DONE


@webhook.command(short_help="Delete a webhook and its messages.")
@_ID
@options.json
@options.service
def delete(webhook_id: UUID, as_json: bool, service: options.Service) -> int:
    """Delete a webhook; what waits is not sent.

    \b
    Example:
      fakeprint admin webhook delete 3f9d6a52-…
    """
    with told({"webhook_id": str(webhook_id)}, as_json=as_json), service.connect() as client:
        done = client.call(Request("DELETE", f"/v1/webhooks/{webhook_id}")).body
    if as_json:
        print_json({"webhook_id": str(webhook_id), **done})
    else:
        click.echo("deleted")
    return ending.DONE


def _ended(client: Client, webhook_id: UUID, delivery_id: int) -> dict[str, Any]:
    """The message once it waits no longer. Raises `TimedOut`."""
    try:
        for _ in client.deadline.pauses():
            found = client.get(f"/v1/webhooks/{webhook_id}/deliveries/{delivery_id}").body
            if found["status"] != "waiting":
                return found
    except TimedOut:
        pass
    raise TimedOut(
        f"Message {delivery_id} was not sent yet; a worker of the queue `delivery` sends it.",
        next_step=f"See `fakeprint admin webhook deliveries {webhook_id}`.",
    )


def _secret(made: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    click.echo(f"webhook {made['webhook_id']} to {printable(str(made['url']))}", err=True)
    click.echo("Its secret stands below, and nowhere else:", err=True)
    click.echo(made["secret"])


def _print(found: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for line in _lines(found):
        click.echo(line)


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    why = f" ({found['reason']})" if found["reason"] else ""
    yield f"{found['webhook_id']}  {printable(str(found['url']))}"
    yield f"  {found['state']}{why}, told of {' '.join(found['kinds'])}"
    yield f"  {found['waiting']} waiting, {found['dead']} dead; secrets in use: {found['secrets']}"
    if found["state"] == "disabled":
        yield f"  next: fakeprint admin webhook set {found['webhook_id']} --active"


def _delivery(row: Mapping[str, Any]) -> list[str]:
    code = "" if row["response_code"] is None else str(row["response_code"])
    answer = printable(str(row["snippet"] or ""))[:80]
    columns = [row["delivery_id"], here(row["created_at"]), row["kind"], row["status"], row["attempts"]]
    return [*map(str, columns), row["outcome"] or "", code, answer]
