"""`fakeprint takedown regimes`: the requirements of each legal regime."""

from __future__ import annotations

import locale
from collections.abc import Iterator, Sequence
from typing import Final

import click

from registry.core.errors import Unavailable
from registry.core.settings import settings
from registry.core.terminal import exit_status, options
from registry.core.terminal.output import Row, Rows, print_answer
from registry.core.terminal.report import error_report
from registry.core.terminal.text import printable
from registry.takedown.errors import UnknownRegime
from registry.takedown.regimes.model.classification import STATED
from registry.takedown.regimes.model.regime import LANGUAGES

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


def _term(due: Row) -> str:
    if due["unit"] == "stated":
        return "as the order states"
    return f"{due['amount']} {due['unit'].replace('_', ' ')}{'' if due['binding'] else ', not set by law'}"


_REGIMES: Final = Rows(
    "regimes",
    "regime, of: jurisdiction, due, title",
    lambda _found: None,
    {"due": lambda row: _term(row["due"])},
)


@click.command(short_help="What each legal regime asks for, and by when it is due.")
@click.argument("regime_id", metavar="[REGIME]", required=False)
@click.option(
    "--language", type=click.Choice(LANGUAGES), help="Else this machine's, where it is one of these."
)
@options.json
@options.service
def regimes(regime_id: str | None, language: str | None, as_json: bool, service: options.Service) -> int:
    """List the regimes, or show one: what a person has to say (--say), the questions (check --answer), who
    may sign, when it is due and by which law. Those of the service; where none is set up, those of this
    machine: of the program, and FAKEPRINT_REGIMES.

    \b
    Examples:
      fakeprint takedown regimes
      fakeprint takedown regimes dsa16 --language es
    """
    with error_report({"regime": regime_id} if regime_id else {}, as_json=as_json):
        found = {item["regime"]: item for item in _known(service, language or _spoken())}
        if regime_id is not None and regime_id not in found:
            raise UnknownRegime(
                f"There is no regime {regime_id!r}.", next_step=f"Take one of: {', '.join(sorted(found))}."
            )
    chosen = [found[regime_id]] if regime_id else [found[name] for name in sorted(found)]
    whole = Rows("regimes", lambda row: "\n".join(map(printable, _lines(row))), "")
    print_answer({"regimes": chosen}, whole if regime_id else _REGIMES, as_json=as_json)
    if not as_json and regime_id is None:
        click.echo("  next: fakeprint takedown regimes REGIME")
    return exit_status.DONE


def _known(service: options.Service, language: str) -> Sequence[Row]:
    try:
        client = service.connect()
    except Unavailable as error:
        if error.code != "no_service":
            raise
    else:
        with client:
            found: list[Row] = client.send("GET /v1/regimes", {"language": language})["regimes"]
            return found
    from registry.takedown.regimes import service as regimes  # noqa: PLC0415 - reads calendars; other commands need none of it

    return [
        regimes.described(item, language).model_dump() for item in regimes.of(settings().regimes).values()
    ]


def _spoken() -> str:
    said = (locale.getlocale()[0] or "en")[:2]
    return said if said in LANGUAGES else "en"


def _lines(row: Row) -> Iterator[str]:
    due = row["due"]
    yield f"{row['regime']}  {row['title']}"
    for source in row["sources"]:
        yield f"  {source['law']}, {source['article']}: {source['url']}"
    yield f"  due: {_term(due)} from when it is {due['starts']}, {due['zone']}. {due['why']}"
    yield f"  may sign: {', '.join(row['may_sign'])}"
    yield "  to be said (--say ELEMENT=TEXT; * is needed):"
    for element in row["elements"]:
        yield from _element(element)
    yield f"  also, where it is so, by which it is filed (--say ELEMENT): {', '.join(STATED)}"
    yield f"  to be answered (check --regime {row['regime']} --answer QUESTION=yes|no):"
    for question in row["questions"]:
        yield from _question(question)


def _element(row: Row) -> Iterator[str]:
    by = f" ({_BY[row['id']]})" if row["id"] in _BY else ""
    yield f"  {'*' if row['required'] else ' '} {row['id']}{by}: {row['question']}"
    if row["statement"] is not None:
        yield f"      “{row['statement']}”"


def _question(row: Row) -> Iterator[str]:
    needs = "either; it is kept" if row["needs"] == "any" else f"only with {row['needs']} may it be sent"
    yield f"    {row['id']}: {row['ask']} ({needs})"
    yield f"      {row['why']}"
