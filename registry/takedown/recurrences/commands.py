"""`fakeprint takedown found`, `recurrences`: removed content that is back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click

from registry.core.errors import BadInput, FakeprintError
from registry.core.terminal import exit_status, files, options
from registry.core.terminal.client import Client
from registry.core.terminal.options import Service
from registry.core.terminal.output import Row, Rows, print_answer
from registry.core.terminal.progress import Bars
from registry.core.terminal.report import error_report, print_json
from registry.core.terminal.text import printable
from registry.core.terminal.times import local_time
from registry.sharing.lists.errors import BadRow
from registry.takedown.errors import NoRows
from registry.takedown.evidence.commands import media
from registry.takedown.url_lists.model import found_list
from registry.takedown.url_lists.model.url_rows import Fault

MOST: Final = 10_000
"""Rows of a list."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address and the file that was found there. `line`: of the list in `folder`, which also holds the
    file; 0 without a list."""

    url: str
    name: str
    line: int = 0
    folder: Path | None = None

    def file(self) -> Path:
        """Return the path. Raises `BadMedia` (`missing_path`) if a row names a file elsewhere."""
        return media.beside(self.folder, self.name) if self.folder else Path(self.name)


@click.command(short_help="Say that what was removed is there again.")
@click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
@click.argument("address", metavar="[URL]", required=False)
@click.argument("path", metavar="[FILE]", type=files.PATH, required=False)
@click.option("--lookup", "lookup_id", type=click.UUID, help="Your lookup of what is there, as the proof.")
@click.option("--list", "listed", metavar="CSV", type=files.PATH, help="Columns url, file: many at once.")
@click.option("--notice", type=click.UUID, help="Which notice; else that of the same place, or the latest.")
@click.option("--seen-time", metavar="TIME", help="When you saw it, with its offset; else now.")
@options.json
@options.service
def found(
    campaign_id: UUID,
    address: str | None,
    path: str | None,
    lookup_id: UUID | None,
    listed: str | None,
    notice: UUID | None,
    seen_time: str | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """Reopen the notice of CAMPAIGN whose fake its platform had removed, and that is at URL now. The proof is
    FILE, media or a fingerprint document: it is fingerprinted here, and its fingerprint looked up. Nothing is
    sent before you have confirmed the match.

    \b
    Examples:
      fakeprint takedown found CAMPAIGN https://videos.example/2 again.mp4
      fakeprint takedown found CAMPAIGN --list found.csv
      fakeprint takedown found CAMPAIGN https://videos.example/2 --lookup LOOKUP
    """
    proofs = sum(item is not None for item in (path, lookup_id, listed))
    if proofs != 1 or (listed is None) != (address is not None) or (listed and notice):
        raise click.UsageError("Give URL with FILE or --lookup, or --list.")
    known = {"campaign_id": str(campaign_id)}
    if lookup_id is not None:
        with error_report(known, as_json=as_json), service.connect() as client:
            done = _say(client, campaign_id, str(address), str(lookup_id), notice)
        _print(done, as_json=as_json)
        _next(campaign_id, [done], as_json=as_json)
        return exit_status.DONE
    with error_report(known, as_json=as_json):
        places = _listed(Path(listed)) if listed else [Place(str(address), str(path))]
    answered: list[dict[str, Any]] = []
    with error_report(known, as_json=as_json), service.connect() as client, Bars() as bars:
        for number, place in enumerate(places, 1):
            with bars.task(place.name) as advance:
                try:
                    done = _of_file(client, campaign_id, place, notice, seen_time)
                except FakeprintError as error:
                    if not listed:
                        raise
                    _failed(place, error, as_json=as_json)
                else:
                    answered.append(done)
                    _print(done, as_json=as_json)
                advance(1.0, f"{number} of {len(places)}")
    _next(campaign_id, answered, as_json=as_json)
    return exit_status.DONE if len(answered) == len(places) else exit_status.NOT_ANSWERED


def _of_file(
    client: Client, campaign_id: UUID, place: Place, notice: UUID | None, seen_time: str | None
) -> dict[str, Any]:
    """Look the file up with its address, then report it to the campaign. The notice is reopened once,
    whichever is first."""
    document = media.document(client, place.file())
    body = {"type": "document", "document": document, "seen_at": place.url}
    body |= {"seen_time": seen_time} if seen_time else {}
    answer = client.send("POST /v1/lookups", body, again=True)
    made = _say(client, campaign_id, place.url, answer["lookup_id"], notice)
    return {"path": place.name, "lookup_verdict": answer["verdict"], **made}


def _say(client: Client, campaign_id: UUID, url: str, lookup_id: str, notice: UUID | None) -> dict[str, Any]:
    body = {"url": url, "lookup_id": lookup_id} | ({"notice_id": str(notice)} if notice else {})
    return client.send(f"POST /v1/campaigns/{campaign_id}/found", body, again=True)


def _listed(path: Path) -> list[Place]:
    """Return the rows of a CSV with the columns `url` and `file`. Files must lie in its folder. Raises
    `BadInput` (`no_rows`, and like `found_list.read`), `BadMedia`."""
    files.size_of(str(path))
    rows = list(_rows(path))
    if not rows:
        raise NoRows(f"{path}: there is no row in it.")
    return rows


def _rows(path: Path) -> Iterator[Place]:
    try:
        with path.open("rb") as stream:
            for row in found_list.read(stream, most=MOST):
                if isinstance(row, Fault):
                    raise BadInput.of_code(row.code, f"{path}, line {row.line}: {row.message}")
                if not row.file:
                    raise BadRow(f"{path}, line {row.line}: a row has a url and a file.")
                yield Place(row.url, row.file, row.line, path.parent)
    except OSError as error:
        raise files.of_os_error(error) from error


def _failed(place: Place, error: FakeprintError, *, as_json: bool) -> None:
    if as_json:
        known = {"code": error.code, "message": error.message}
        print_json({"path": place.name, "line": place.line, "url": place.url, "error": known})
    else:
        click.echo(f"line {place.line}: {printable(place.url)}: {error.message}", err=True)


def _print(done: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(done)
    else:
        proof = "" if done["verdict"] is None else f" ({str(done['verdict']).replace('_', ' ')})"
        click.echo(f"{done['notice_id']}  {done['state']}: {printable(str(done['url']))}{proof}")


def _next(campaign_id: UUID, done: list[dict[str, Any]], *, as_json: bool) -> None:
    waiting = [row["notice_id"] for row in done if row["ground"] is None]
    if waiting and not as_json:
        named = " ".join(f"--matched {item}" for item in waiting[:3])
        more = "--all-matched" if len(waiting) > 3 else named
        click.echo(f"  next: fakeprint takedown check {campaign_id} {more} --prepare")


_CAMPAIGN: Final = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)


def _outcome(row: Row) -> str:
    return f"{row['outcome']}: {row['why']}" if row["why"] else str(row["outcome"])


_RECURRENCES: Final = Rows(
    "recurrences",
    "return: recurrence_id, outcome, via, verdict, seen: seen_at, platform, address: url, notice",
    "Nothing was found again.",
    {
        "outcome": _outcome,
        "seen_at": lambda row: local_time(row["seen_time"]),
        "notice": lambda row: row["notice_id"] or row["first_notice_id"],
    },
)


@click.command(short_help="Show what was found again; take or dismiss what is proposed.")
@_CAMPAIGN
@click.option("--proposed", is_flag=True, help="Only what waits for you.")
@click.option("--take", metavar="RECURRENCE", type=click.UUID, help="It is there again: add a notice.")
@click.option("--dismiss", metavar="RECURRENCE", type=click.UUID, help="It is not, or is none of yours.")
@options.page
@options.json
@options.service
def recurrences(
    campaign_id: UUID,
    proposed: bool,
    take: UUID | None,
    dismiss: UUID | None,
    limit: int,
    as_json: bool,
    service: Service,
) -> int:
    """Show where what platforms had removed for CAMPAIGN was found again, by your lookups that say where
    (`fakeprint lookup --seen-at`), by watches of them, or by you. What is in doubt is only proposed.

    \b
    Examples:
      fakeprint takedown recurrences CAMPAIGN --proposed
      fakeprint takedown recurrences CAMPAIGN --take RECURRENCE
    """
    if take and dismiss:
        raise click.UsageError("Give --take or --dismiss.")
    place = f"/v1/campaigns/{campaign_id}/recurrences"
    with error_report({"campaign_id": str(campaign_id)}, as_json=as_json), service.connect() as client:
        if take or dismiss:
            body = {"decision": "take" if take else "dismiss"}
            found: Row = {"recurrences": [client.send(f"POST {place}/{take or dismiss}", body)], "next": None}
        else:
            found = client.send(
                f"GET {place}", {"limit": limit} | ({"outcome": "proposed"} if proposed else {})
            )
    print_answer(found, _RECURRENCES, as_json=as_json)
    if not as_json and any(row["outcome"] == "proposed" for row in found["recurrences"]):
        click.echo(f"  next: fakeprint takedown recurrences {campaign_id} --take RECURRENCE, or --dismiss")
    if not as_json and take:
        notice_id = found["recurrences"][0]["notice_id"]
        click.echo(f"  next: fakeprint takedown check {campaign_id} --matched {notice_id}")
    return exit_status.DONE


COMMANDS = (found, recurrences)
