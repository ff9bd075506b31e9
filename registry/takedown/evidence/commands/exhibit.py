"""`fakeprint takedown exhibit`: screenshots and media as exhibits of a notice."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Final, get_args
from uuid import UUID

import click

from registry.core.errors import TooLarge
from registry.core.terminal import exit_status, files, options, times
from registry.core.terminal.output import Row, Rows, print_answer
from registry.core.terminal.report import error_report
from registry.core.terminal.text import printable
from registry.takedown.evidence.model import exhibit as rules


@click.command(short_help="Add screenshots or media as exhibits of a notice; list them.")
@click.argument("campaign_id", metavar="CAMPAIGN", type=click.UUID)
@click.argument("notice_id", metavar="NOTICE", type=click.UUID)
@click.argument("paths", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=str, readable=False))
@click.option(
    "--kind",
    type=click.Choice(get_args(rules.Kind)),
    default="screenshot",
    show_default=True,
    help="What the files are.",
)
@click.option("--note", help="What they show; stored encrypted, like their names.")
@click.option(
    "--made", metavar="TIME", help="When they were made. Without an offset: in this machine's time zone."
)
@click.option(
    "--keep", is_flag=True, help="Send the files too. They are stored and disclosed only encrypted."
)
@options.json
@options.service
def exhibit(
    campaign_id: UUID,
    notice_id: UUID,
    paths: tuple[str, ...],
    kind: str,
    note: str | None,
    made: str | None,
    keep: bool,
    as_json: bool,
    service: options.Service,
) -> int:
    """Add FILEs to the exhibits of NOTICE. Without FILE, list the exhibits.

    Files are hashed on this machine. Only SHA-256, size and name are sent, unless --keep sends the file too.
    Who added an exhibit and when is recorded, and part of the evidence bundle. Keep your files: the digests
    alone prove nothing.

    \b
    Examples:
      fakeprint takedown exhibit CAMPAIGN NOTICE post.png --note "4,000 views" --made 2026-02-01T09:30
      fakeprint takedown exhibit CAMPAIGN NOTICE found.mp4 --kind media
      fakeprint takedown exhibit CAMPAIGN NOTICE
    """
    place = f"/v1/campaigns/{campaign_id}/notices/{notice_id}/exhibits"
    with error_report({}, as_json=as_json):
        made_at = times.parse_time(made, "--made") if made else None
    with error_report({}, as_json=as_json), service.connect() as client:
        exhibits: list[Row] = []
        for path in paths:
            with error_report({"path": path}, as_json=as_json):
                body = _body(path, keep=keep) | {"kind": kind, "note": note, "made_at": made_at}
                listed = client.send(f"POST {place}", body, again=True)["exhibits"]
                exhibits += [row for row in listed if row["sha256"] == body["sha256"]]
        if not paths:
            exhibits = client.send(f"GET {place}")["exhibits"]
    print_answer(
        {"exhibits": exhibits}, Rows("exhibits", _line, "The notice has no exhibits."), as_json=as_json
    )
    return exit_status.DONE


def _body(path: str, *, keep: bool) -> dict[str, Any]:
    """Return the body of the request for a file. Raises `BadMedia`, `TooLarge` (`too_large`)."""
    size = files.size_of(path)
    body: dict[str, Any] = {"sha256": files.sha256(path), "bytes": size, "name": Path(path).name}
    if keep:
        if size > rules.LARGEST_KEPT:
            raise TooLarge(
                f"{printable(path)}: a stored file has at most {rules.LARGEST_KEPT >> 20} MiB.",
                next_step="Leave out --keep: the digest is enough as proof.",
            )
        try:
            body["content"] = base64.b64encode(Path(path).read_bytes()).decode()
        except OSError as error:
            raise files.of_os_error(error) from error
    return body


def _line(row: Row) -> str:
    name, stored = printable(row["name"] or "(erased)"), ", stored here" if row["kept"] else ""
    by = f"added by {printable(row['caller'])} at {row['added_at']}"
    note = f"\n  {printable(row['note'])}" if row["note"] else ""
    return f"{row['kind']} {name}: sha256 {row['sha256']}\n  {row['bytes']} bytes, {by}{stored}{note}"


COMMANDS: Final = (exhibit,)
