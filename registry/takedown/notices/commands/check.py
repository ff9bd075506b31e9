"""`fakeprint takedown check`: what notices lack, and the answers of a person."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import click

from registry.core.terminal.api_command import Fields, answers
from registry.core.terminal.client import Client
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row
from registry.takedown.campaigns.commands import shown_takedown


@click.command(short_help="Say what notices lack; answer, confirm and make them ready.")
@click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
@click.option(
    "--notice", "chosen", type=click.UUID, multiple=True, help="Only these; else all that were not sent."
)
@click.option("--regime", help="Whose questions are answered.")
@click.option(
    "--answer", "replies", metavar="QUESTION=yes|no", multiple=True, help="Answer them, for these notices."
)
@click.option(
    "--seen", type=click.UUID, multiple=True, help="You have seen the fake at this notice's address."
)
@click.option("--matched", type=click.UUID, multiple=True, help="You confirm the match that this notice has.")
@click.option(
    "--all-seen", is_flag=True, help="You have seen it at each address that has no ground; asks once."
)
@click.option("--all-matched", is_flag=True, help="You confirm each match that known media made; asks once.")
@click.option("--yes", is_flag=True, help="Do not ask: you have looked at the list.")
@click.option("--prepare", is_flag=True, help="Make those ready that lack nothing; else nothing is changed.")
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
    """Say what each notice of CAMPAIGN lacks: elements, answers, a ground, and why it could not be sent
    now."""
    if bool(replies) != (regime is not None):
        raise click.UsageError("--answer and --regime go together.")
    place = f"/v1/campaigns/{campaign_id}"
    ids = [str(notice_id) for notice_id in chosen]
    only: Fields = {"notice_ids": ids} if ids else {}
    with service.connect() as client:
        if regime is not None:
            body = {"regime": regime, "answers": _answers(replies), **only}
            client.send(f"POST {place}/answers", body, again=True)
        for ground, named, every in (("seen", seen, all_seen), ("match", matched, all_matched)):
            wanted = [str(notice_id) for notice_id in named]
            if every:
                wanted += _every(client, place, ground, ids, yes=yes)
            if wanted:
                body = {"notice_ids": sorted(set(wanted)), "ground": ground}
                client.send(f"POST {place}/grounds", body, again=True)
        return client.send(f"POST {place}/preparations", {"dry_run": not prepare, **only}, again=True)


def _answers(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for item in given:
        name, sign, said = item.partition("=")
        if not sign or said not in {"yes", "no"}:
            raise click.UsageError(f"--answer {item}: write QUESTION=yes or QUESTION=no.")
        found[name] = said
    return found


def _every(client: Client, place: str, ground: str, ids: Sequence[str], *, yes: bool) -> list[str]:
    """Return the notices for which this ground is possible, once the person has confirmed it."""
    found = [
        draft
        for state in ("draft", "reopened")
        for draft in client.every(f"{place}/notices", "notices", {"state": state}, page=1000)
        if draft["ground"] is None
        and (not ids or draft["notice_id"] in ids)
        and (draft["verdict"] == "known_fake" if ground == "match" else draft["verdict"] != "no_match")
        and draft["verdict"] != "authentic_original"
    ]
    if not found:
        return []
    for draft in found:
        click.echo(f"{draft['notice_id']}  {shown_takedown.where(draft)}", err=True)
    said = "matches the fake" if ground == "match" else "shows the fake, which you have seen there"
    if not yes and not click.confirm(f"Each of these {len(found)} addresses {said}?", err=True):
        raise click.Abort
    return [draft["notice_id"] for draft in found]
