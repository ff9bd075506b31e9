"""`fakeprint takedown check`: what notices lack, and what a person says to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import click

from registry.core.terminal import ending, options
from registry.core.terminal.client import Client
from registry.core.terminal.report import print_json, told
from registry.takedown.campaigns.commands import shown_takedown


@click.command(short_help="Say what notices lack; answer, confirm and make them ready.")
@click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
@click.option(
    "--notice", "chosen", type=click.UUID, multiple=True, help="Only these; else all that were not sent."
)
@click.option("--regime", help="Whose questions are answered.")
@click.option(
    "--answer", "answers", metavar="QUESTION=yes|no", multiple=True, help="Answer them, for these notices."
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
@options.json
@options.service
def check(
    campaign_id: UUID,
    chosen: tuple[UUID, ...],
    regime: str | None,
    answers: tuple[str, ...],
    seen: tuple[UUID, ...],
    matched: tuple[UUID, ...],
    all_seen: bool,
    all_matched: bool,
    yes: bool,
    prepare: bool,
    as_json: bool,
    service: options.Service,
) -> int:
    """Say what each notice of CAMPAIGN lacks: elements, answers, a ground, and why it could not be sent now.

    \b
    Examples:
      fakeprint takedown check CAMPAIGN
      fakeprint takedown check CAMPAIGN --regime dsa16 --answer in_union=yes --answer satire=no
      fakeprint takedown check CAMPAIGN --seen NOTICE --seen NOTICE --prepare
      fakeprint takedown check CAMPAIGN --all-matched --prepare
    """
    if bool(answers) != (regime is not None):
        raise click.UsageError("--answer and --regime go together.")
    place = f"/v1/campaigns/{campaign_id}"
    ids = [str(id_) for id_ in chosen]
    only = {"notice_ids": ids} if ids else {}
    with told({"campaign_id": str(campaign_id)}, as_json=as_json), service.connect() as client:
        if regime is not None:
            body = {"regime": regime, "answers": _answers(answers), **only}
            client.post(f"{place}/answers", body, again=True)
        for ground, named, every in (("seen", seen, all_seen), ("match", matched, all_matched)):
            wanted = [str(item) for item in named]
            if every:
                wanted += _every(client, place, ground, ids, yes=yes)
            if wanted:
                body = {"notice_ids": sorted(set(wanted)), "ground": ground}
                client.post(f"{place}/grounds", body, again=True)
        looked_at: dict[str, Any] = {"dry_run": not prepare, **only}
        found = client.post(f"{place}/preparations", looked_at, again=True).body
    if as_json:
        print_json(found)
    else:
        shown_takedown.checked(found)
    return ending.DONE


def _answers(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for item in given:
        name, sign, said = item.partition("=")
        if not sign or said not in {"yes", "no"}:
            raise click.UsageError(f"--answer {item}: write QUESTION=yes or QUESTION=no.")
        found[name] = said
    return found


def _every(client: Client, place: str, ground: str, ids: Sequence[str], *, yes: bool) -> list[str]:
    """The notices without a ground for which this one may stand, once the person has said so."""
    found = [
        draft
        for draft in _drafts(client, place)
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


def _drafts(client: Client, place: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for state in ("draft", "reopened"):
        after: str | None = ""
        while after is not None:
            params = {"state": state, "limit": "1000"} | ({"after": after} if after else {})
            page = client.get(f"{place}/notices", params).body
            found += page["notices"]
            after = page["next"]
    return found
