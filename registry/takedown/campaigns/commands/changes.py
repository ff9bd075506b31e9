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
    "--say", "texts", metavar="ELEMENT=TEXT", multiple=True, help="Set an element. ELEMENT alone: yes."
)
_UNSAY: Final = click.option("--unsay", metavar="ELEMENT", multiple=True, help="Remove this element.")


@click.command(short_help="Change a campaign: elements, mandate, signatory.")
@_CAMPAIGN
@click.option("--title", help="The new title.")
@click.option("--mandate-id", type=click.UUID, help="The new mandate.")
@click.option("--entry", "entries", type=click.UUID, multiple=True, help="A further fake. May be repeated.")
@click.option("--language", help="Language if the platform names none: en, es, fr, ar.")
@click.option("--signatory", metavar="NAME", help="The signatory; needs --email.")
@click.option("--capacity", help="Capacity of the signatory.")
@click.option("--email", help="E-mail address of the signatory.")
@click.option("--address", help="Postal address of the signatory.")
@click.option("--good-faith", is_flag=True, help="The signatory makes the regime's good-faith declaration.")
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
    texts: tuple[str, ...],
    unsay: tuple[str, ...],
    service: Service,
    **signatory: Any,
) -> Row:
    """Change CAMPAIGN. Values that are not given stay.

    If the content of notices changes, ready notices become drafts again: check and prepare them. Sent letters
    do not change.
    """
    place = f"/v1/campaigns/{campaign_id}"
    plain = {"title": title, "language": language, "mandate_id": str(mandate_id) if mandate_id else None}
    body: dict[str, Any] = {name: value for name, value in plain.items() if value}
    if not (body or entries or texts or unsay or any(signatory.values())):
        raise click.UsageError("Give at least one change.")
    with service.connect() as client:
        campaign = client.send(f"GET {place}")
        if any(signatory.values()):
            body["signatory"] = _signatory(campaign["signatory"], signatory)
        if texts or unsay:
            body["elements"] = _elements(campaign["elements"], texts, unsay)
        if body:
            campaign = client.send(f"PATCH {place}", body)
        for entry in entries:
            campaign = client.send(f"POST {place}/entries", {"entry_id": str(entry)}, again=True)
        return campaign


def _signatory(old: Mapping[str, Any] | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changed signatory. Another person starts without declaration and address."""
    name = options["signatory"]
    changed: dict[str, Any] = (
        dict(old) if old and name in {None, old["name"]} else {"capacity": "representative"}
    )
    if name:
        changed["name"] = name
    changed |= {part: options[part] for part in ("capacity", "email", "address") if options[part]}
    if options["good_faith"]:
        changed["good_faith"] = True
    if not changed.get("name") or not changed.get("email"):
        raise click.UsageError("There is no signatory yet. Give --signatory with --email.")
    return changed


@click.command(short_help="Change the elements of one notice.")
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
    campaign_id: UUID, notice_id: UUID, texts: tuple[str, ...], unsay: tuple[str, ...], service: Service
) -> Row:
    """Change the elements of NOTICE that differ from its campaign. A ready notice becomes a draft again."""
    if not (texts or unsay):
        raise click.UsageError("Give --say or --unsay.")
    place = f"/v1/campaigns/{campaign_id}/notices/{notice_id}"
    with service.connect() as client:
        old = client.send(f"GET {place}")["elements"]
        return client.send(f"PATCH {place}", {"elements": _elements(old, texts, unsay)})


def _elements(
    old: Mapping[str, Any], texts: tuple[str, ...], unsay: tuple[str, ...]
) -> dict[str, str | bool]:
    remaining = {name: value for name, value in old.items() if name not in unsay}
    return remaining | elements(texts)


def elements(texts: tuple[str, ...]) -> dict[str, str | bool]:
    """Parse `ELEMENT=TEXT`; an element alone is true."""
    parsed: dict[str, str | bool] = {}
    for argument in texts:
        name, sign, text = argument.partition("=")
        parsed[name.strip()] = text if sign else True
    return parsed


@click.command(short_help="Close a campaign.")
@_CAMPAIGN
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@answers(shown_takedown.campaign, context="campaign_id", example="takedown close CAMPAIGN")
def close(campaign_id: UUID, yes: bool, service: Service) -> Row:
    """Close CAMPAIGN permanently: no further notice is sent, and no delivery is repeated.

    Notices that were handed over continue: terms run, replies are matched, evidence is available. Asks for
    confirmation, also with --json, unless --yes is given.
    """
    place = f"/v1/campaigns/{campaign_id}"
    with service.connect() as client:
        campaign = client.send(f"GET {place}")
        if not yes and campaign["state"] == "open":
            left = sum(platform["not_handed_over"] for platform in campaign["platforms"])
            question = f"Close it permanently: {counted(left, 'notice')} will never be handed over?"
            click.confirm(question, abort=True, err=True)
        return client.send(f"POST {place}/closure", again=True)


COMMANDS = (change, say, close)
