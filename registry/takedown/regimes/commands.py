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

_OPTIONS: Final = {
    "depicted_name": "--depicted",
    "signatory_name": "--signatory",
    "signatory_email": "--email",
    "signatory_address": "--address",
    "capacity": "--capacity",
    "good_faith": "--good-faith",
    "signature": "default: the signatory's name",
}
"""Options of `takedown new` that set elements."""


def _term(due: Row) -> str:
    if due["unit"] == "stated":
        return "as the order states"
    return f"{due['amount']} {due['unit'].replace('_', ' ')}{'' if due['binding'] else ', not set by law'}"


_REGIMES: Final = Rows(
    "regimes",
    "regime, of: jurisdiction, due, title",
    lambda _answer: None,
    {"due": lambda row: _term(row["due"])},
)


@click.command(short_help="Show the requirements and terms of legal regimes.")
@click.argument("regime_id", metavar="[REGIME]", required=False)
@click.option("--language", type=click.Choice(LANGUAGES), help="Default: this machine's language, else en.")
@options.json
@options.service
def regimes(regime_id: str | None, language: str | None, as_json: bool, service: options.Service) -> int:
    """List the regimes, or show REGIME: its elements (--say), questions (check --answer), signatories, term
    and laws.

    Shows the regimes of the service. Without a service, shows those of this machine: the built-in ones, and
    those of FAKEPRINT_REGIMES.

    \b
    Examples:
      fakeprint takedown regimes
      fakeprint takedown regimes dsa16 --language es
    """
    with error_report({"regime": regime_id} if regime_id else {}, as_json=as_json):
        by_id = {regime["regime"]: regime for regime in _regimes(service, language or _spoken())}
        if regime_id is not None and regime_id not in by_id:
            raise UnknownRegime(
                f"There is no regime {regime_id!r}.", next_step=f"Choose among {', '.join(sorted(by_id))}."
            )
    shown = [by_id[regime_id]] if regime_id else [by_id[name] for name in sorted(by_id)]
    details = Rows("regimes", lambda row: "\n".join(map(printable, _lines(row))), "")
    print_answer({"regimes": shown}, details if regime_id else _REGIMES, as_json=as_json)
    if not as_json and regime_id is None:
        click.echo("  next: fakeprint takedown regimes REGIME")
    return exit_status.DONE


def _regimes(service: options.Service, language: str) -> Sequence[Row]:
    try:
        client = service.connect()
    except Unavailable as error:
        if error.code != "no_service":
            raise
    else:
        with client:
            answer: list[Row] = client.send("GET /v1/regimes", {"language": language})["regimes"]
            return answer
    from registry.takedown.regimes import service as regimes  # noqa: PLC0415 - reads calendars; other commands need none of it

    return [
        regimes.described(regime, language).model_dump() for regime in regimes.of(settings().regimes).values()
    ]


def _spoken() -> str:
    language = (locale.getlocale()[0] or "en")[:2]
    return language if language in LANGUAGES else "en"


def _lines(row: Row) -> Iterator[str]:
    due = row["due"]
    yield f"{row['regime']}  {row['title']}"
    for source in row["sources"]:
        yield f"  {source['law']}, {source['article']}: {source['url']}"
    yield f"  due: {_term(due)} after it was {due['starts']}, {due['zone']}. {due['why']}"
    yield f"  may sign: {', '.join(row['may_sign'])}"
    yield "  elements (--say ELEMENT=TEXT; * is required):"
    for element in row["elements"]:
        yield from _element(element)
    yield f"  if true, for the classification (--say ELEMENT): {', '.join(STATED)}"
    yield f"  questions (check --regime {row['regime']} --answer QUESTION=yes|no):"
    for question in row["questions"]:
        yield from _question(question)


def _element(row: Row) -> Iterator[str]:
    by = f" ({_OPTIONS[row['id']]})" if row["id"] in _OPTIONS else ""
    yield f"  {'*' if row['required'] else ' '} {row['id']}{by}: {row['question']}"
    if row["statement"] is not None:
        yield f"      “{row['statement']}”"


def _question(row: Row) -> Iterator[str]:
    needs = "only recorded" if row["needs"] == "any" else f"sendable only with {row['needs']}"
    yield f"    {row['id']}: {row['ask']} ({needs})"
    yield f"      {row['why']}"
