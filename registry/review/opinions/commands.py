"""`fakeprint opinion` and `fakeprint admin opinions`: opinions on matches."""

from __future__ import annotations

from itertools import islice
from typing import Final
from uuid import UUID

import click

from registry.core.terminal import exit_status, options
from registry.core.terminal.api_command import Fields, sends
from registry.core.terminal.output import Rows
from registry.core.terminal.report import error_report, print_json
from registry.core.terminal.times import local_time
from registry.review.queue.commands.shown_reviews import words

ANSWERS: Final = {"true": "true_positive", "false": "false_positive"}
_OPINIONS: Final = Rows(
    "opinions",
    "entry: entry_id, opinion, verdict, confidence, organization, given: given_at",
    "No opinions yet.\n  next: fakeprint opinion --help",
    {
        "opinion": lambda row: words(row["opinion"]),
        "verdict": lambda row: words(row["verdict"]),
        "confidence": lambda row: None if row["confidence"] is None else f"{row['confidence']:.3g}",
    },
)


@click.command(short_help="Confirm or deny a match.")
@click.argument("lookup_id", metavar="LOOKUP", type=click.UUID)
@click.argument("entry_id", metavar="ENTRY", type=click.UUID)
@click.argument("answer", metavar="true|false", type=click.Choice(list(ANSWERS)))
@sends(
    "POST /v1/lookups/{lookup_id}/opinions",
    lambda given: f"{words(given['opinion'])}, given {local_time(given['given_at'])}",
    context="lookup_id entry_id",
    example="opinion c4b7a3de-… 5a1e4bb2-… false",
)
def opinion(answer: str) -> Fields:
    """Confirm (true) or deny (false) a match of your lookup. A later opinion replaces the earlier one.

    The entry's owner sees the opinion. If several organizations deny an entry's matches, it is reviewed.
    """
    return {"opinion": ANSWERS[answer]}


@click.command("opinions", short_help="List opinions on matches.")
@click.option("--entry", metavar="ENTRY", type=click.UUID, help="Only opinions on this entry of yours.")
@click.option("--limit", type=click.IntRange(min=1), help="Maximum number. Default: 50, with --json all.")
@options.json
@options.service
def opinions(entry: UUID | None, limit: int | None, as_json: bool, service: options.Service) -> int:
    """List opinions on matches, oldest first. --json prints one labelled pair on each line, which
    `make bench-calibration OPINIONS=FILE` reads. Confidence and signals are exact with the scope `signals`.

    \b
    Examples:
      fakeprint admin opinions
      fakeprint admin opinions --json > opinions.jsonl
    """
    where = f"/v1/entries/{entry}/opinions" if entry else "/v1/opinions"
    with error_report({}, as_json=as_json), service.connect() as client:
        if as_json:
            for row in islice(client.every(where, "opinions"), limit):
                print_json(row)
        else:
            _OPINIONS.print(client.listed(where, "opinions", {}, limit or 50))
    return exit_status.DONE
