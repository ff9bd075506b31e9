"""`fakeprint admin assessment`: the operator's data-protection assessment of enrolled faces."""

from __future__ import annotations

from datetime import datetime

import click

from registry.core.terminal import ending, options
from registry.core.terminal.report import print_json
from registry.core.terminal.shown import table
from registry.core.terminal.text import printable
from registry.persons.commands import consent


@click.group()
def assessment() -> None:
    """Data-protection assessments; nobody is enrolled before there is one.

    \b
    Example:
      fakeprint admin assessment record assessment.pdf --title "Enrolled faces, version 1"
    """


@assessment.command("record")
@click.argument("path", type=click.Path(path_type=str, readable=False))
@click.option("--title", metavar="TEXT", required=True, help="What it is called.")
@click.option("--date", metavar="YYYY-MM-DD", help="The date it bears; else today.")
@options.json
@options.service
def record(path: str, title: str, date: str | None, as_json: bool, service: options.Service) -> int:
    """Put an assessment (GDPR, Article 35) on record. The file stays here; its SHA-256 is sent.

    \b
    Example:
      fakeprint admin assessment record assessment.pdf --title "Enrolled faces, version 1" --date 2026-11-20
    """
    today = datetime.now().astimezone().date().isoformat()
    body = {"title": title, "document_sha256": consent.sha256(path), "assessed_on": date or today}
    with service.connect() as client:
        made = client.post("/v1/assessments", body).body
    if as_json:
        print_json(made)
    else:
        click.echo(f"“{printable(title)}” is on record; persons may be enrolled")
    return ending.DONE


@assessment.command("list")
@options.json
@options.service
def list_(as_json: bool, service: options.Service) -> int:
    """List the assessments on record, the one in force first.

    \b
    Example:
      fakeprint admin assessment list
    """
    with service.connect() as client:
        found = client.get("/v1/assessments").body["assessments"]
    if as_json:
        for item in found:
            print_json(item)
    else:
        names = ("assessed_on", "recorded_at", "recorded_by", "document_sha256", "title")
        table(names, ([item[name] for name in names] for item in found))
    return ending.DONE
