"""`fakeprint lookup`: look up files."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

import click

from registry.catalogue.entries.model.entry import is_partial
from registry.catalogue.fingerprints.commands import local
from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Sampling
from registry.core.errors import FakeprintError, NotSettled
from registry.core.terminal import ahead, exit_status, files, options, waiting
from registry.core.terminal.client import Client
from registry.core.terminal.files import Named
from registry.core.terminal.progress import Bars
from registry.core.terminal.report import Report
from registry.core.terminal.upload import Part, send
from registry.matching.decision.model import keyframe_answers
from registry.matching.decision.model.keyframe_answers import Effort, Unsettled
from registry.matching.lookups.commands import explain, piped

EPILOG = """\b
Examples:
  fakeprint lookup clip.mp4                 fingerprint here, look up, explain
  fakeprint lookup --json *.mp4 > out.jsonl one JSON answer per line
  fakeprint lookup --recursive downloads/   every file of a folder
  fakeprint lookup --upload clip.mp4        send the file instead of its fingerprint
  fakeprint lookup --effort quick *.mp4     be done with a video whose keyframes resemble nothing registered
  fakeprint lookup --watch 30 clip.mp4      and be notified of a match registered later
  curl -L URL | fakeprint lookup -          a file from standard input; URLs are not fetched
  fakeprint lookup --fail-on known_fake clip.mp4 || echo "hold it back"

Exit status: 0 every PATH was answered, 1 a PATH was not answered, 2 wrong usage, 3 --timeout passed, 4 every
PATH was answered, and an answer has a verdict of --fail-on.
"""
PREFER: Final = 10
"""Seconds for which the service should wait for the answer before it returns `queued`."""
UPLOADS: Final = 3

Answer = dict[str, Any]


@click.command(epilog=EPILOG, short_help="Look up whether files are known fakes.")
@options.paths
@options.bank
@click.option("--upload", is_flag=True, help="Send the file. Without this, only its fingerprint is sent.")
@click.option(
    "--effort",
    type=click.Choice(["quick", "standard", "full"]),
    default="standard",
    show_default=True,
    help="How much of a video is read. quick: keyframes that resemble nothing registered are the answer."
    " full: all of it.",
)
@click.option(
    "--watch",
    metavar="DAYS",
    type=click.IntRange(1, 3650),
    help="Keep the fingerprint, without faces. A webhook tells you if a matching fake is registered later.",
)
@click.option(
    "--seen-at",
    metavar="URL",
    help="Where PATH was seen; stored encrypted. If a fake had been removed there, its campaign is informed.",
)
@click.option("--seen-time", metavar="TIME", help="When it was seen, with the UTC offset. Default: now.")
@click.option(
    "--fail-on",
    metavar="VERDICT",
    multiple=True,
    type=click.Choice(list(explain.VERDICTS)),
    help="Exit with status 4 when an answer has this verdict: known_fake, related, authentic_original,"
    " no_match or undecidable. Can be given several times.",
)
@options.json
@options.service
def lookup(
    paths: tuple[str, ...],
    recursive: bool,
    bank: str | None,
    upload: bool,
    effort: Effort,
    watch: int | None,
    seen_at: str | None,
    seen_time: str | None,
    fail_on: tuple[str, ...],
    as_json: bool,
    service: options.Service,
) -> int:
    """Look up whether each PATH is a known fake, and which part of it. `-` is standard input.

    The file is fingerprinted on this machine. Its fingerprint document is sent, with face vectors
    (biometric data). They are used to compare aligned footage, and for nothing else.
    """
    named_files = files.named(paths, recursive=recursive)
    if seen_at and len(named_files) != 1:
        raise click.UsageError("--seen-at takes one PATH. For many, use `fakeprint takedown found --list`.")
    verdicts: set[str] = set()
    with piped.spooled(named_files, service.deadline) as inputs, Bars() as bars:
        report = Report(bars, as_json=as_json)
        try:
            make = None if upload else local.fingerprinter(otherwise="Send the file with --upload")
            client = service.connect()
        except FakeprintError as error:
            report.all_failed(inputs, error)
            return report.status
        with client:
            fields = _fields(bank, effort, watch, seen_at, seen_time)
            if make is None:
                ask, at_once, patience = _upload_sender(client, fields, bars), UPLOADS, 0.0
            else:
                # Fingerprint one file at a time: it uses all cores.
                ask, at_once, patience = _document_sender(client, make, fields, bars), 1, ahead.PATIENCE
            with ahead.running(
                ask, inputs, at_once=at_once, deadline=client.deadline, patience=patience
            ) as futures:
                for named, future in zip(inputs, futures, strict=True):
                    verdicts.add(_report(named, future, report))
    failed = report.status == exit_status.DONE and verdicts & {*fail_on}
    return exit_status.FAILED_ON if failed else report.status


def _report(named: Named, future: Future[Answer], report: Report) -> str:
    """Report the answer, and return its verdict, which is empty without an answer."""
    try:
        answer = future.result()
    except FakeprintError as error:
        report.failed(named.path, error, **_ids(error))
        return ""
    report.answered({"path": named.path, **answer}, explain.lines(named.path, answer))
    return str(answer["verdict"])


def _fields(
    bank: str | None, effort: Effort, watch: int | None, seen_at: str | None, seen_time: str | None
) -> Answer:
    """Return the fields of each lookup apart from its file."""
    chosen = None if effort == "standard" else effort
    fields = {"bank": bank, "effort": chosen, "watch_days": watch, "seen_at": seen_at, "seen_time": seen_time}
    return {name: value for name, value in fields.items() if value}


def _document_sender(
    client: Client, make: local.Fingerprinter, fields: Answer, bars: Bars
) -> Callable[[Named], Answer]:
    def ask(named: Named) -> Answer:
        if named.error:
            raise named.error
        milliseconds = 0.0
        with bars.task(named.path) as advance:

            def fingerprint(sampling: Sampling, previous: Fingerprint | None) -> Fingerprint | None:
                nonlocal milliseconds
                started = time.perf_counter()
                try:
                    return local.fingerprint(
                        make,
                        named.file,
                        deadline=client.deadline,
                        advance=advance,
                        sampling=sampling,
                        before=previous,
                        thorough=False,
                    )
                except NotSettled:
                    return None
                finally:
                    milliseconds += (time.perf_counter() - started) * 1000

            send_document = partial(_send, client, fields)
            # A watch keeps the fingerprint of the whole file.
            whole = "watch_days" in fields or fields.get("effort") == "full"
            steps: tuple[Sampling, ...] = () if whole else ("glance", "keyframes")
            answer = keyframe_answers.in_steps(fingerprint, send_document, steps)
        if isinstance(answer, Unsettled):
            raise NotSettled("The file does not settle the lookup.", wanted=answer.wanted)
        answer["timing_ms"] = {**answer.get("timing_ms", {}), "fingerprint": round(milliseconds, 1)}
        return answer

    return ask


def _send(client: Client, fields: Answer, fingerprint: Fingerprint) -> Answer | Unsettled:
    """Return the answer to a document. `Unsettled`: keyframes do not decide; the service then stores
    nothing."""
    body = {"type": "document", "document": to_document(fingerprint, faces=True)}
    try:
        answer = client.send("POST /v1/lookups", body | fields, again=True)
    except NotSettled as error:
        if not is_partial(fingerprint):
            raise
        return Unsettled("keyframes" if error.wanted == "keyframes" else "full")
    if is_partial(fingerprint) and "sampling" not in answer:
        return Unsettled("full")  # an older service treated the keyframes as the whole file
    return answer


def _upload_sender(client: Client, fields: Answer, bars: Bars) -> Callable[[Named], Answer]:
    def ask(named: Named) -> Answer:
        if named.error:
            raise named.error
        # With a deadline, the id of the queued lookup must be known before it passes: do not wait, then poll.
        wait = PREFER if client.deadline.seconds is None else 0
        with bars.task(named.path) as advance:
            first = send(
                client,
                "/v1/lookups",
                [Part("file", named.file, client.deadline)],
                {name: str(value) for name, value in fields.items()},
                advance,
                {"Prefer": f"wait={wait}"},
            )
            return waiting.until_answered(client, first, advance)

    return ask


def _ids(error: FakeprintError) -> dict[str, Any]:
    """Return the id of the lookup that continues or failed, if the error names it."""
    return {name: error.extra[name] for name in ("lookup_id",) if name in error.extra}
