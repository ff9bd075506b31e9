"""`fakeprint opinion` and `fakeprint admin opinions`: is a match right?"""

from __future__ import annotations

from uuid import UUID

import click

from registry.core.terminal import ending, options
from registry.core.terminal.report import print_json, told
from registry.review.queue.commands import shown_reviews

ANSWERS = {"true": "true_positive", "false": "false_positive"}


@click.command(short_help="Say whether a match is right.")
@click.argument("lookup_id", metavar="LOOKUP", type=click.UUID)
@click.argument("entry_id", metavar="ENTRY", type=click.UUID)
@click.argument("answer", metavar="true|false", type=click.Choice(list(ANSWERS)))
@options.json
@options.service
def opinion(lookup_id: UUID, entry_id: UUID, answer: str, as_json: bool, service: options.Service) -> int:
    """Say whether a match of a lookup of yours is right; said again, it replaces what you said.

    The entry's owner sees it. When several organizations deny its matches, the entry is reviewed.

    \b
    Example:
      fakeprint opinion c4b7a3de-… 5a1e4bb2-… false
    """
    body = {"entry_id": str(entry_id), "opinion": ANSWERS[answer]}
    known = {"lookup_id": str(lookup_id), "entry_id": str(entry_id)}
    with told(known, as_json=as_json), service.connect() as client:
        given = client.post(f"/v1/lookups/{lookup_id}/opinions", body).body
    if as_json:
        print_json(given)
    else:
        click.echo(f"{given['opinion'].replace('_', ' ')}, given {shown_reviews.when(given['given_at'])}")
    return ending.DONE


@click.command("opinions", short_help="Matches with what was said of them.")
@click.option("--entry", metavar="ENTRY", type=click.UUID, help="Only of this entry of yours.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many; with --json all, else 50.")
@options.json
@options.service
def opinions(entry: UUID | None, limit: int | None, as_json: bool, service: options.Service) -> int:
    """Matches with what was said of them, oldest first. With --json: labelled pairs, one a line, that
    `make bench-calibration OPINIONS=FILE` reads; confidence and signals are exact with the scope `signals`.

    \b
    Examples:
      fakeprint admin opinions
      fakeprint admin opinions --json > opinions.jsonl
    """
    left = limit if limit is not None else (None if as_json else 50)
    where = f"/v1/entries/{entry}/opinions" if entry else "/v1/opinions"
    after: str | None = None
    rows = []
    with told({}, as_json=as_json), service.connect() as client:
        while True:
            size = 200 if left is None else min(200, left)
            page = client.get(where, {"limit": str(size)} | ({"after": after} if after else {})).body
            after = page["next"]
            for item in page["opinions"]:
                if as_json:
                    print_json(item)
                else:
                    rows.append(item)
            left = None if left is None else left - len(page["opinions"])
            if after is None or (left is not None and left <= 0):
                break
    if not as_json:
        shown_reviews.opinions(rows, more=after is not None)
    return ending.DONE
