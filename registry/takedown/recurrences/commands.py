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
"""Maximum number of rows of a list."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address and the file that was found there.

    `line`: its line in a list, else 0. `folder`: the folder of the list and the file, else None.
    """

    url: str
    name: str
    line: int = 0
    folder: Path | None = None

    def file(self) -> Path:
        """Return the file's path. Raises `BadMedia` (`missing_path`) if the file lies in another folder."""
        return media.beside(self.folder, self.name) if self.folder else Path(self.name)


@click.command(short_help="Report that removed content is back.")
@click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
@click.argument("address", metavar="[URL]", required=False)
@click.argument("path", metavar="[FILE]", type=files.PATH, required=False)
@click.option("--lookup", "lookup_id", type=click.UUID, help="The proof: your lookup of the content.")
@click.option(
    "--list", "listed", metavar="CSV", type=files.PATH, help="A list of places, with columns url and file."
)
@click.option(
    "--notice",
    type=click.UUID,
    help="The notice to reopen. Default: the one about the same place, else the latest removed one.",
)
@click.option("--seen-time", metavar="TIME", help="When you saw it, with its offset. Default: now.")
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
    """Report that content which a platform had removed for CAMPAIGN is back, at URL. Its notice is reopened.

    The proof is FILE: the media found there, or a fingerprint document. A media file is fingerprinted on this
    machine, and the fingerprint is looked up. Nothing is sent before you have confirmed the match.

    \b
    Examples:
      fakeprint takedown found CAMPAIGN https://videos.example/2 again.mp4
      fakeprint takedown found CAMPAIGN --list found.csv
      fakeprint takedown found CAMPAIGN https://videos.example/2 --lookup LOOKUP
    """
    proofs = sum(proof is not None for proof in (path, lookup_id, listed))
    if proofs != 1 or (listed is None) != (address is not None) or (listed and notice):
        raise click.UsageError("Give URL with FILE or --lookup, or --list.")
    context = {"campaign_id": str(campaign_id)}
    if lookup_id is not None:
        with error_report(context, as_json=as_json), service.connect() as client:
            reopened = _report(client, campaign_id, str(address), str(lookup_id), notice)
        _print(reopened, as_json=as_json)
        _next(campaign_id, [reopened], as_json=as_json)
        return exit_status.DONE
    with error_report(context, as_json=as_json):
        places = _listed(Path(listed)) if listed else [Place(str(address), str(path))]
    notices: list[dict[str, Any]] = []
    with error_report(context, as_json=as_json), service.connect() as client, Bars() as bars:
        for number, place in enumerate(places, 1):
            with bars.task(place.name) as advance:
                try:
                    reopened = _of_file(client, campaign_id, place, notice, seen_time)
                except FakeprintError as error:
                    if not listed:
                        raise
                    _failed(place, error, as_json=as_json)
                else:
                    notices.append(reopened)
                    _print(reopened, as_json=as_json)
                advance(1.0, f"{number} of {len(places)}")
    _next(campaign_id, notices, as_json=as_json)
    return exit_status.DONE if len(notices) == len(places) else exit_status.NOT_ANSWERED


def _of_file(
    client: Client, campaign_id: UUID, place: Place, notice_id: UUID | None, seen_time: str | None
) -> dict[str, Any]:
    """Look up the file with its address, then report the lookup to the campaign.

    The lookup may reopen the notice first; it is reopened only once.
    """
    document = media.document(client, place.file())
    body = {"type": "document", "document": document, "seen_at": place.url}
    body |= {"seen_time": seen_time} if seen_time else {}
    answer = client.send("POST /v1/lookups", body, again=True)
    notice = _report(client, campaign_id, place.url, answer["lookup_id"], notice_id)
    return {"path": place.name, "lookup_verdict": answer["verdict"], **notice}


def _report(
    client: Client, campaign_id: UUID, url: str, lookup_id: str, notice_id: UUID | None
) -> dict[str, Any]:
    body = {"url": url, "lookup_id": lookup_id} | ({"notice_id": str(notice_id)} if notice_id else {})
    return client.send(f"POST /v1/campaigns/{campaign_id}/found", body, again=True)


def _listed(path: Path) -> list[Place]:
    """Return the rows of a CSV with the columns `url` and `file`.

    Raises `BadInput` (`no_rows`, and those of `found_list.read`), `BadMedia`.
    """
    files.size_of(str(path))
    rows = list(_rows(path))
    if not rows:
        raise NoRows(f"{path} has no rows.")
    return rows


def _rows(path: Path) -> Iterator[Place]:
    try:
        with path.open("rb") as stream:
            for row in found_list.read(stream, most=MOST):
                if isinstance(row, Fault):
                    raise BadInput.of_code(row.code, f"{path}, line {row.line}: {row.message}")
                if not row.file:
                    raise BadRow(f"{path}, line {row.line}: a row needs a url and a file.")
                yield Place(row.url, row.file, row.line, path.parent)
    except OSError as error:
        raise files.of_os_error(error) from error


def _failed(place: Place, error: FakeprintError, *, as_json: bool) -> None:
    if as_json:
        problem = {"code": error.code, "message": error.message}
        print_json({"path": place.name, "line": place.line, "url": place.url, "error": problem})
    else:
        click.echo(f"line {place.line}: {printable(place.url)}: {error.message}", err=True)


def _print(notice: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(notice)
    else:
        proof = "" if notice["verdict"] is None else f" ({str(notice['verdict']).replace('_', ' ')})"
        click.echo(f"{notice['notice_id']}  {notice['state']}: {printable(str(notice['url']))}{proof}")


def _next(campaign_id: UUID, notices: list[dict[str, Any]], *, as_json: bool) -> None:
    waiting = [row["notice_id"] for row in notices if row["ground"] is None]
    if waiting and not as_json:
        few = " ".join(f"--matched {notice_id}" for notice_id in waiting[:3])
        more = "--all-matched" if len(waiting) > 3 else few
        click.echo(f"  next: fakeprint takedown check {campaign_id} {more} --prepare")


_CAMPAIGN: Final = click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)


def _outcome(row: Row) -> str:
    return f"{row['outcome']}: {row['why']}" if row["why"] else str(row["outcome"])


_RECURRENCES: Final = Rows(
    "recurrences",
    "recurrence: recurrence_id, outcome, via, verdict, seen: seen_at, platform, address: url, notice",
    "No recurrences.",
    {
        "outcome": _outcome,
        "seen_at": lambda row: local_time(row["seen_time"]),
        "notice": lambda row: row["notice_id"] or row["first_notice_id"],
    },
)


@click.command(short_help="List recurrences; accept or dismiss proposed ones.")
@_CAMPAIGN
@click.option("--proposed", is_flag=True, help="Only those on which you have to decide.")
@click.option(
    "--take", metavar="RECURRENCE", type=click.UUID, help="The content is back: reopen or add a notice."
)
@click.option(
    "--dismiss", metavar="RECURRENCE", type=click.UUID, help="The content is not back, or is not your case."
)
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
    """List the places where content that platforms had removed for CAMPAIGN was found again.

    It is found by your lookups with a place (`fakeprint lookup --seen-at`), by watches of these, or by a
    person. Doubtful findings are only proposed: you decide.

    \b
    Examples:
      fakeprint takedown recurrences CAMPAIGN --proposed
      fakeprint takedown recurrences CAMPAIGN --take RECURRENCE
    """
    if take and dismiss:
        raise click.UsageError("Give --take or --dismiss.")
    path = f"/v1/campaigns/{campaign_id}/recurrences"
    with error_report({"campaign_id": str(campaign_id)}, as_json=as_json), service.connect() as client:
        if take or dismiss:
            body = {"decision": "take" if take else "dismiss"}
            page: Row = {"recurrences": [client.send(f"POST {path}/{take or dismiss}", body)], "next": None}
        else:
            page = client.send(
                f"GET {path}", {"limit": limit} | ({"outcome": "proposed"} if proposed else {})
            )
    print_answer(page, _RECURRENCES, as_json=as_json)
    if not as_json and any(row["outcome"] == "proposed" for row in page["recurrences"]):
        click.echo(f"  next: fakeprint takedown recurrences {campaign_id} --take RECURRENCE, or --dismiss")
    if not as_json and take:
        notice_id = page["recurrences"][0]["notice_id"]
        click.echo(f"  next: fakeprint takedown check {campaign_id} --matched {notice_id}")
    return exit_status.DONE


COMMANDS = (found, recurrences)
