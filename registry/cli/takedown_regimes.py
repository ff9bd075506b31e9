"""`fakeprint takedown regimes`: what a regime asks for, in a reader's language. No server, no network."""

from __future__ import annotations

import locale
from collections.abc import Iterator, Mapping
from typing import Any, Final

import click

from registry.cli import ending, options, shown
from registry.cli.report import print_json, told
from registry.cli.text import printable
from registry.domain.regime import LANGUAGES, Element, Question, Regime
from registry.errors import NotFound
from registry.settings import settings

_BY: Final = {
    "depicted_name": "--depicted",
    "signatory_name": "--signatory",
    "signatory_email": "--email",
    "signatory_address": "--address",
    "capacity": "--capacity",
    "good_faith": "--good-faith",
    "signature": "else the signatory's name",
}
"""What a campaign's options say."""


@click.command(short_help="What each legal regime asks for, and by when it is due.")
@click.argument("regime_id", metavar="[REGIME]", required=False)
@click.option(
    "--language", type=click.Choice(LANGUAGES), help="Else this machine's, where it is one of these."
)
@options.json
def regimes(regime_id: str | None, language: str | None, as_json: bool) -> int:
    """List the regimes, or show one: what a person has to say (--say), the questions (check --answer), who
    may sign, when it is due and by which law. Those of this machine: of the program, and FAKEPRINT_REGIMES.

    \b
    Examples:
      fakeprint takedown regimes
      fakeprint takedown regimes dsa16 --language es
    """
    from registry import regimes as known  # noqa: PLC0415 - reads calendars; other commands need none of it

    with told({"regime": regime_id} if regime_id else {}, as_json=as_json):
        found = known.of(settings().regimes)
        if regime_id is not None and regime_id not in found:
            raise NotFound(
                f"There is no regime {regime_id!r}.",
                code="unknown_regime",
                next_step=f"Take one of: {', '.join(sorted(found))}.",
            )
    spoken = language or _spoken()
    chosen = [found[regime_id]] if regime_id else sorted(found.values(), key=lambda one: one.id)
    if as_json:
        for one in chosen:
            print_json(_object(one, spoken))
    elif regime_id is None:
        rows = ([one.id, one.jurisdiction, _term(one), one.title[spoken]] for one in chosen)
        shown.table(("regime", "of", "due", "title"), rows)
        click.echo("  next: fakeprint takedown regimes REGIME")
    else:
        for line in _lines(chosen[0], spoken):
            click.echo(printable(line))
    return ending.DONE


def _spoken() -> str:
    said = (locale.getlocale()[0] or "en")[:2]
    return said if said in LANGUAGES else "en"


def _asked(one: Regime) -> list[Element]:
    return [element for element in one.elements if element.filled_by == "person"]


def _term(one: Regime) -> str:
    rule = one.rule
    if rule.unit == "stated":
        return "as the order states"
    return f"{rule.amount} {rule.unit.replace('_', ' ')}{'' if rule.binding else ', not set by law'}"


def _lines(one: Regime, spoken: str) -> Iterator[str]:
    yield f"{one.id}  {one.title[spoken]}"
    for source in one.sources:
        yield f"  {source.law}, {source.article}: {source.url}"
    yield f"  due: {_term(one)} from when it is {one.rule.starts}, {one.rule.zone}. {one.rule.why[spoken]}"
    yield f"  may sign: {', '.join(one.signatories)}"
    yield "  to be said (--say ELEMENT=TEXT; * is needed):"
    for element in _asked(one):
        yield from _element(element, spoken)
    yield f"  to be answered (check --regime {one.id} --answer QUESTION=yes|no):"
    for question in one.questions:
        yield from _question(question, spoken)


def _element(one: Element, spoken: str) -> Iterator[str]:
    by = f" ({_BY[one.id]})" if one.id in _BY else ""
    yield f"  {'*' if one.required else ' '} {one.id}{by}: {one.question[spoken]}"
    if one.statement is not None:
        yield f"      “{one.statement[spoken]}”"


def _question(one: Question, spoken: str) -> Iterator[str]:
    needs = "either; it is kept" if one.needs == "any" else f"only with {one.needs} may it be sent"
    yield f"    {one.id}: {one.ask[spoken]} ({needs})"
    yield f"      {one.why[spoken]}"


def _object(one: Regime, spoken: str) -> Mapping[str, Any]:
    return {
        "regime": one.id,
        "version": one.version,
        "jurisdiction": one.jurisdiction,
        "title": one.title[spoken],
        "sources": [{"law": it.law, "article": it.article, "url": it.url} for it in one.sources],
        "due": {"unit": one.rule.unit, "amount": one.rule.amount, "zone": one.rule.zone}
        | {"starts": one.rule.starts, "binding": one.rule.binding},
        "may_sign": list(one.signatories),
        "elements": [
            {"id": it.id, "kind": it.kind, "required": it.required, "question": it.question[spoken]}
            for it in _asked(one)
        ],
        "questions": [{"id": it.id, "needs": it.needs, "ask": it.ask[spoken]} for it in one.questions],
    }
