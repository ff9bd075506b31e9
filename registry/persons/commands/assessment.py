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
    """Data-protection assessments. Nobody can be enrolled before one is recorded.

    \b
    Example:
      fakeprint admin assessment record assessment.pdf --title "Enrolled faces, version 1"
    """


@assessment.command("record")
@click.argument("document_sha256", metavar="PATH", type=files.DIGEST)
@click.option("--title", metavar="TEXT", required=True, help="Title of the assessment.")
@click.option("--date", metavar="YYYY-MM-DD", help="Date of the assessment. Default: today.")
@sends(
    "POST /v1/assessments",
    lambda made: f"“{printable(made['sent']['title'])}” is recorded; persons may be enrolled",
    example=('admin assessment record assessment.pdf --title "Enrolled faces, version 1" --date 2026-11-20'),
)
def record(date: str | None) -> Fields:
    """Record an assessment (GDPR, Article 35). The file stays here; only its SHA-256 is sent."""
    return {"assessed_on": date or datetime.now().astimezone().date().isoformat()}


@assessment.command("list")
@sends("GET /v1/assessments", _ASSESSMENTS, example="admin assessment list")
def list_() -> None:
    """List the recorded assessments, the one in force first."""
