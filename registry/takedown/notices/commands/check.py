"""`fakeprint takedown check`: check notices, confirm them, and make them ready."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import click

from registry.core.terminal.api_command import Fields, answers
from registry.core.terminal.client import Client
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row
from registry.takedown.campaigns.commands import shown_takedown


@click.command(short_help="Check what notices lack; confirm them and make them ready.")
@click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
@click.option(
    "--notice",
    "chosen",
    type=click.UUID,
    multiple=True,
    help="Only this notice. May be repeated. Default: all that were not sent.",
)
@click.option("--regime", help="The regime of --answer.")
@click.option(
    "--answer", "replies", metavar="QUESTION=yes|no", multiple=True, help="Answer a question of the regime."
)
@click.option(
    "--seen",
    type=click.UUID,
    multiple=True,
    help="Confirm that you have seen the fake at this notice's address.",
)
@click.option("--matched", type=click.UUID, multiple=True, help="Confirm the match of this notice.")
@click.option(
    "--all-seen",
    is_flag=True,
    help="Confirm that you have seen the fake at all unconfirmed addresses. Asks once.",
)
@click.option(
    "--all-matched", is_flag=True, help="Confirm all unconfirmed matches with known fakes. Asks once."
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--prepare", is_flag=True, help="Make complete notices ready.")
@answers(
    shown_takedown.checked,
    context="campaign_id",
    example=(
        "takedown check CAMPAIGN",
        "takedown check CAMPAIGN --regime dsa16 --answer in_union=yes --answer satire=no",
        "takedown check CAMPAIGN --seen NOTICE --seen NOTICE --prepare",
        "takedown check CAMPAIGN --all-matched --prepare",
    ),
)
def check(
    campaign_id: UUID,
    chosen: tuple[UUID, ...],
    regime: str | None,
    replies: tuple[str, ...],
    seen: tuple[UUID, ...],
    matched: tuple[UUID, ...],
    all_seen: bool,
    all_matched: bool,
    yes: bool,
    prepare: bool,
    service: Service,
) -> Row:
    """Check what each notice of CAMPAIGN lacks: elements, answers, a confirmed ground.

    Also prints every other reason why it cannot be sent now.
    """
    if bool(replies) != (regime is not None):
        raise click.UsageError("Give --answer and --regime together.")
    place = f"/v1/campaigns/{campaign_id}"
    ids = [str(notice_id) for notice_id in chosen]
    filter_: Fields = {"notice_ids": ids} if ids else {}
    with service.connect() as client:
        if regime is not None:
            body = {"regime": regime, "answers": _answers(replies), **filter_}
            client.send(f"POST {place}/answers", body, again=True)
        for ground, chosen_ids, whole in (("seen", seen, all_seen), ("match", matched, all_matched)):
            confirmed = [str(notice_id) for notice_id in chosen_ids]
            if whole:
                confirmed += _confirmable(client, place, ground, ids, yes=yes)
            if confirmed:
                body = {"notice_ids": sorted(set(confirmed)), "ground": ground}
                client.send(f"POST {place}/grounds", body, again=True)
        return client.send(f"POST {place}/preparations", {"dry_run": not prepare, **filter_}, again=True)


def _answers(arguments: Sequence[str]) -> dict[str, str]:
    answers = {}
    for argument in arguments:
        name, sign, value = argument.partition("=")
        if not sign or value not in {"yes", "no"}:
            raise click.UsageError(f"--answer {argument}: write QUESTION=yes or QUESTION=no.")
        answers[name] = value
    return answers


def _confirmable(client: Client, place: str, ground: str, ids: Sequence[str], *, yes: bool) -> list[str]:
    """Return the notices for which this ground is possible, once the person has confirmed it."""
    drafts = [
        draft
        for state in ("draft", "reopened")
        for draft in client.every(f"{place}/notices", "notices", {"state": state}, page=1000)
        if draft["ground"] is None
        and (not ids or draft["notice_id"] in ids)
        and (draft["verdict"] == "known_fake" if ground == "match" else draft["verdict"] != "no_match")
        and draft["verdict"] != "authentic_original"
    ]
    if not drafts:
        return []
    for draft in drafts:
        click.echo(f"{draft['notice_id']}  {shown_takedown.where(draft)}", err=True)
    claim = "matches the fake" if ground == "match" else "shows the fake, which you have seen there"
    if not yes and not click.confirm(f"Each of these {len(drafts)} addresses {claim}?", err=True):
        raise click.Abort
    return [draft["notice_id"] for draft in drafts]
