"""`fakeprint takedown change`, `say` and `close`: what a campaign or one of its notices says; its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import click

from registry.core.terminal import ending, options
from registry.core.terminal.client import Request
from registry.core.terminal.report import print_json, told
from registry.takedown.campaigns.commands import shown_takedown
from registry.takedown.clients.commands import counted
from registry.takedown.notices.commands.takedown_log import lines

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
@options.json
@options.service
def change(
    campaign_id: UUID,
    title: str | None,
    mandate_id: UUID | None,
    entries: tuple[UUID, ...],
    language: str | None,
    said: tuple[str, ...],
    unsay: tuple[str, ...],
    as_json: bool,
    service: options.Service,
    **signs: Any,
) -> int:
    """Change what CAMPAIGN says; what is not named stays. Where words change, notices that are ready become
    drafts again: check and prepare them anew. What was sent stays as it was sent.

    \b
    Examples:
      fakeprint takedown change CAMPAIGN --mandate-id MANDATE
      fakeprint takedown change CAMPAIGN --say "explanation=She was elsewhere that day." --entry ENTRY
      fakeprint takedown change CAMPAIGN --signatory "Ana Letrada" --email ana@bufete.example --good-faith
    """
    place = f"/v1/campaigns/{campaign_id}"
    plain = {"title": title, "language": language, "mandate_id": str(mandate_id) if mandate_id else None}
    body: dict[str, Any] = {name: value for name, value in plain.items() if value}
    if not (body or entries or said or unsay or any(signs.values())):
        raise click.UsageError("Say what is to be changed.")
    with told({"campaign_id": str(campaign_id)}, as_json=as_json), service.connect() as client:
        found = client.get(place).body
        if any(signs.values()):
            body["signatory"] = _signatory(found["signatory"], signs)
        if said or unsay:
            body["elements"] = _elements(found["elements"], said, unsay)
        if body:
            found = client.call(Request("PATCH", place, build=lambda: {"json": body})).body
        for entry in entries:
            found = client.post(f"{place}/entries", {"entry_id": str(entry)}, again=True).body
    if as_json:
        print_json(found)
    else:
        shown_takedown.campaign(found)
    return ending.DONE


def _signatory(old: Mapping[str, Any] | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The signatory as it was, with what was given; another person declares anew, and has no address yet."""
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
@options.json
@options.service
def say(
    campaign_id: UUID,
    notice_id: UUID,
    said: tuple[str, ...],
    unsay: tuple[str, ...],
    as_json: bool,
    service: options.Service,
) -> int:
    """Change what NOTICE says where it differs from its campaign. A ready one becomes a draft again.

    \b
    Example:
      fakeprint takedown say CAMPAIGN NOTICE --say "explanation=Posted under her name."
    """
    if not (said or unsay):
        raise click.UsageError("Give --say or --unsay.")
    place = f"/v1/campaigns/{campaign_id}/notices/{notice_id}"
    with told({"notice_id": str(notice_id)}, as_json=as_json), service.connect() as client:
        body = {"elements": _elements(client.get(place).body["elements"], said, unsay)}
        found = client.call(Request("PATCH", place, build=lambda: {"json": body})).body
    if as_json:
        print_json(found)
    else:
        for line in lines(found):
            click.echo(line)
    return ending.DONE


def _elements(old: Mapping[str, Any], said: tuple[str, ...], unsay: tuple[str, ...]) -> dict[str, str | bool]:
    kept = {name: value for name, value in old.items() if name not in unsay}
    return kept | elements(said)


def elements(said: tuple[str, ...]) -> dict[str, str | bool]:
    """`ELEMENT=TEXT` by element; an element alone is a statement that is made."""
    found: dict[str, str | bool] = {}
    for item in said:
        name, sign, text = item.partition("=")
        found[name.strip()] = text if sign else True
    return found


@click.command(short_help="Close a campaign.")
@_CAMPAIGN
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.json
@options.service
def close(campaign_id: UUID, yes: bool, as_json: bool, service: options.Service) -> int:
    """Close CAMPAIGN for good: nothing of it is sent any more, retries and re-uploads included. What was
    handed over goes on: terms run, replies are matched, evidence can be taken. Asks first, with --json too:
    give --yes.

    \b
    Example:
      fakeprint takedown close CAMPAIGN
    """
    place = f"/v1/campaigns/{campaign_id}"
    with told({"campaign_id": str(campaign_id)}, as_json=as_json), service.connect() as client:
        found = client.get(place).body
        if not yes and found["state"] == "open":
            left = sum(platform["not_handed_over"] for platform in found["platforms"])
            asked = f"Close it for good: {counted(left, 'notice')} will never be handed over?"
            click.confirm(asked, abort=True, err=True)
        found = client.post(f"{place}/closure", {}, again=True).body
    if as_json:
        print_json(found)
    else:
        shown_takedown.campaign(found)
    return ending.DONE


COMMANDS = (change, say, close)
