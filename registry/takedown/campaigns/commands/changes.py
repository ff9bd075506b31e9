"""`fakeprint takedown change`, `say` and `close`: change campaigns and notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import click

from registry.core.terminal.api_command import answers
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row
from registry.takedown.campaigns.commands import shown_takedown
from registry.takedown.clients.commands import counted
from registry.takedown.notices.commands.log import lines

_CAMPAIGN: Final = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
_SAY: Final = click.option(
    "--say", "said", metavar="ELEMENT=TEXT", multiple=True, help="An element; ELEMENT alone: yes."
)
_UNSAY: Final = click.option("--unsay", metavar="ELEMENT", multiple=True, help="Take this element away.")


@click.command(short_help="Change what a campaign says, its mandate or signatory.")
@_CAMPAIGN
@click.option("--title", help="Its new title.")
@click.option("--mandate-id", type=click.UUID, help="Goes on under this mandate.")
@click.option("--entry", "entries", type=click.UUID, multiple=True, help="One more fake that it is about.")
@click.option("--language", help="Where a platform names none: en, es, fr, ar.")
@click.option("--signatory", metavar="NAME", help="Who signs; with --email.")
@click.option("--capacity", help="In which capacity.")
@click.option("--email", help="Where the signatory is reached.")
@click.option("--address", help="The signatory's postal address.")
@click.option("--good-faith", is_flag=True, help="The signatory declares what the regime words.")
@_SAY
@_UNSAY
@answers(
    shown_takedown.campaign,
    context="campaign_id",
    example=(
        "takedown change CAMPAIGN --mandate-id MANDATE",
        'takedown change CAMPAIGN --say "explanation=She was elsewhere that day." --entry ENTRY',
        'takedown change CAMPAIGN --signatory "Ana Letrada" --email ana@bufete.example --good-faith',
    ),
)
def change(
    campaign_id: UUID,
    title: str | None,
    mandate_id: UUID | None,
    entries: tuple[UUID, ...],
    language: str | None,
    said: tuple[str, ...],
    unsay: tuple[str, ...],
    service: Service,
    **signs: Any,
) -> Row:
    """Change what CAMPAIGN says; what is not named stays. Where words change, notices that are ready become
    drafts again: check and prepare them anew. What was sent stays as it was sent.
    """
    place = f"/v1/campaigns/{campaign_id}"
    plain = {"title": title, "language": language, "mandate_id": str(mandate_id) if mandate_id else None}
    body: dict[str, Any] = {name: value for name, value in plain.items() if value}
    if not (body or entries or said or unsay or any(signs.values())):
        raise click.UsageError("Say what is to be changed.")
    with service.connect() as client:
        found = client.send(f"GET {place}")
        if any(signs.values()):
            body["signatory"] = _signatory(found["signatory"], signs)
        if said or unsay:
            body["elements"] = _elements(found["elements"], said, unsay)
        if body:
            found = client.send(f"PATCH {place}", body)
        for entry in entries:
            found = client.send(f"POST {place}/entries", {"entry_id": str(entry)}, again=True)
        return found


def _signatory(old: Mapping[str, Any] | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the signatory with its changes. Another person declares anew, and has no address yet."""
    name = given["signatory"]
    kept: dict[str, Any] = (
        dict(old) if old and name in {None, old["name"]} else {"capacity": "representative"}
    )
    if name:
        kept["name"] = name
    kept |= {part: given[part] for part in ("capacity", "email", "address") if given[part]}
    if given["good_faith"]:
        kept["good_faith"] = True
    if not kept.get("name") or not kept.get("email"):
        raise click.UsageError("Nobody signs it yet: give --signatory with --email.")
    return kept


@click.command(short_help="Change what one notice says of its own.")
@_CAMPAIGN
@click.argument("notice_id", metavar="NOTICE", type=click.UUID)
@_SAY
@_UNSAY
@answers(
    lines,
    context="notice_id",
    example='takedown say CAMPAIGN NOTICE --say "explanation=Posted under her name."',
)
def say(
    campaign_id: UUID, notice_id: UUID, said: tuple[str, ...], unsay: tuple[str, ...], service: Service
) -> Row:
    """Change what NOTICE says where it differs from its campaign. A ready one becomes a draft again."""
    if not (said or unsay):
        raise click.UsageError("Give --say or --unsay.")
    place = f"/v1/campaigns/{campaign_id}/notices/{notice_id}"
    with service.connect() as client:
        old = client.send(f"GET {place}")["elements"]
        return client.send(f"PATCH {place}", {"elements": _elements(old, said, unsay)})


def _elements(old: Mapping[str, Any], said: tuple[str, ...], unsay: tuple[str, ...]) -> dict[str, str | bool]:
    kept = {name: value for name, value in old.items() if name not in unsay}
    return kept | elements(said)


def elements(said: tuple[str, ...]) -> dict[str, str | bool]:
    """Parse `ELEMENT=TEXT`; an element alone is true."""
    found: dict[str, str | bool] = {}
    for item in said:
        name, sign, text = item.partition("=")
        found[name.strip()] = text if sign else True
    return found


@click.command(short_help="Close a campaign.")
@_CAMPAIGN
@click.option("--yes", is_flag=True, help="Do not ask.")
@answers(shown_takedown.campaign, context="campaign_id", example="takedown close CAMPAIGN")
def close(campaign_id: UUID, yes: bool, service: Service) -> Row:
    """Close CAMPAIGN for good: nothing of it is sent any more, retries and re-uploads included. What was
    handed over goes on: terms run, replies are matched, evidence can be taken. Asks first, with --json too:
    give --yes.
    """
    place = f"/v1/campaigns/{campaign_id}"
    with service.connect() as client:
        found = client.send(f"GET {place}")
        if not yes and found["state"] == "open":
            left = sum(platform["not_handed_over"] for platform in found["platforms"])
            asked = f"Close it for good: {counted(left, 'notice')} will never be handed over?"
            click.confirm(asked, abort=True, err=True)
        return client.send(f"POST {place}/closure", again=True)


COMMANDS = (change, say, close)
