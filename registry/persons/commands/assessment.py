"""`fakeprint admin assessment`: the operator's data-protection assessment of enrolled faces."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import click

from registry.core.terminal import files
from registry.core.terminal.api_command import Fields, sends
from registry.core.terminal.output import Rows
from registry.core.terminal.text import printable

_ASSESSMENTS: Final = Rows(
    "assessments",
    "assessed_on, recorded_at, recorded_by, document_sha256, title",
    lambda _found: None,
    {"recorded_at": lambda row: row["recorded_at"]},
)


@click.group()
def assessment() -> None:
    """Data-protection assessments; nobody is enrolled before there is one.

    \b
    Example:
      fakeprint admin assessment record assessment.pdf --title "Enrolled faces, version 1"
    """


@assessment.command("record")
@click.argument("document_sha256", metavar="PATH", type=files.DIGEST)
@click.option("--title", metavar="TEXT", required=True, help="What it is called.")
@click.option("--date", metavar="YYYY-MM-DD", help="The date it bears; else today.")
@sends(
    "POST /v1/assessments",
    lambda made: f"“{printable(made['sent']['title'])}” is on record; persons may be enrolled",
    example=('admin assessment record assessment.pdf --title "Enrolled faces, version 1" --date 2026-11-20'),
)
def record(date: str | None) -> Fields:
    """Put an assessment (GDPR, Article 35) on record. The file stays here; its SHA-256 is sent."""
    return {"assessed_on": date or datetime.now().astimezone().date().isoformat()}


@assessment.command("list")
@sends("GET /v1/assessments", _ASSESSMENTS, example="admin assessment list")
def list_() -> None:
    """List the assessments on record, the one in force first."""
