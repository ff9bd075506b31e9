"""`fakeprint import` and `fakeprint export`: hash lists."""

from __future__ import annotations

import json
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import quote

import click

from registry.core.errors import Conflict, Unavailable
from registry.core.errors.terminal import ServiceUnreachable, Unwritable
from registry.core.terminal import exit_status, files, options, stream
from registry.core.terminal.client import Client, Request
from registry.core.terminal.progress import Advance, Bars
from registry.core.terminal.report import error_report, print_json
from registry.core.terminal.text import printable
from registry.sharing.lists.errors import OtherList, PipeNotResumable

PART: Final = 8 << 20
"""Bytes that are sent in one request."""
LONGEST: Final = 16 << 20
"""A line longer than this is streamed in one request. The service reports it as a fault."""
SHOWN: Final = 10
"""Faults that are printed. The report contains all."""
FORMATS: Final = ("auto", "csv", "jsonl", "threatexchange", "text")
BUNDLES: Final = ("stix", "misp")
"""Formats that are a single document and cannot be resumed."""
TRIES: Final = 8
"""Consecutive attempts to resume an interrupted transfer."""


@click.command("import")
@click.argument("path", metavar="FILE", type=click.Path(path_type=str, readable=False, allow_dash=True))
@click.option("--format", "format_", type=click.Choice(FORMATS), default="auto", show_default=True)
@click.option(
    "--type", "type_", metavar="TYPE", help="Type of hashes without one of their own: pdq, md5, sha256 …"
)
@click.option("--bank", metavar="NAME", help="One of your banks. Default: `default`.")
@click.option("--resume", is_flag=True, help="Continue an interrupted import of the same file.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write all faults to this file, one JSON object on each line.",
)
@options.json
@options.service
def import_(
    path: str,
    format_: str,
    type_: str | None,
    bank: str | None,
    resume: bool,
    report: Path | None,
    as_json: bool,
    service: options.Service,
) -> int:
    """Import a hash list into a bank. FILE may be `-` for standard input.

    A row is one line: CSV with a header (type,value,title,tags,…), JSON lines (hashes, ThreatExchange
    descriptors, fingerprint documents, the output of `export`), or TYPE HASH. Types: pdq, vpdq, md5, sha256,
    phash256, and ThreatExchange's names (HASH_PDQ, HASH_VIDEO_MD5 …). Rows become unreviewed entries. Media
    that the bank already holds are not stored again. A bad row does not affect the others. The exit status
    is then 1, and --report lists each bad row with the reason.

    \b
    Examples:
      fakeprint import partner.csv --bank elections
      fakeprint import partner.csv --bank elections --resume --report bad-rows.ndjson
      fakeprint import hashes.txt --type pdq
      fakeprint hash *.mp4 | fakeprint import -
    """
    with error_report({"path": path}, as_json=as_json), _opened(path) as source, service.connect() as client:
        with Bars() as bars, bars.task(path) as advance:
            progress = _begin(client, source, path, (format_, type_, bank), resume=resume)
            finished = _send(client, source, progress, advance)
        faulty = finished["rejected"] + finished["conflicts"]
        faults = _report(client, finished, report) if faulty else []
    if as_json:
        print_json({"path": path, **finished})
    else:
        _print_summary(finished, faults, report)
    return exit_status.NOT_ANSWERED if finished["rejected"] else exit_status.DONE


class _Source:
    """A list that is read in pieces, each of which ends with a line."""

    def __init__(self, stream: BinaryIO, size: int | None) -> None:
        self._stream = stream
        self._rest = b""
        self.size = size
        self.offset = 0
        self.crc32 = 0
        self.ended = False
        self.within = False

    def skip(self, count: int) -> int:
        """Skip `count` bytes, and return the CRC-32 of all so far. Raises `BadInput` if there are fewer."""
        while self.offset < count:
            piece = self._stream.read(min(PART, count - self.offset))
            if not piece:
                raise OtherList("The list is shorter than the part that was imported.")
            self._pass(piece)
        return self.crc32

    def rewind(self) -> None:
        """Return to the beginning. Raises `BadInput` for a pipe."""
        if self.size is None:
            raise PipeNotResumable("A list from a pipe cannot be sent again.")
        self._stream.seek(0)
        self._rest, self.offset, self.crc32, self.ended = b"", 0, 0, False

    def part(self) -> bytes:
        """Return the next piece. `ended`: it is the last. `within`: its line continues."""
        piece, self.within = self._rest, False
        while len(piece) < LONGEST:
            more = self._stream.read(PART)
            if not more:
                self.ended, self._rest = True, b""
                return piece
            piece += more
            cut = piece.rfind(b"\n") + 1
            if cut:
                self._rest = piece[cut:]
                return piece[:cut]
        self._rest, self.within = b"", True
        return piece

    def line(self, piece: bytes) -> Iterator[bytes]:
        """Yield the whole line that begins with a piece. A last line gets a line break."""
        while piece:
            cut = piece.find(b"\n") + 1
            if cut:
                piece, self._rest = piece[:cut], piece[cut:]
            self._pass(piece)
            yield piece
            if cut:
                return
            piece = self._stream.read(PART)
        self._pass(b"\n")
        yield b"\n"

    def _pass(self, piece: bytes) -> None:
        self.offset += len(piece)
        self.crc32 = zlib.crc32(piece, self.crc32)

    def passed(self, piece: bytes) -> None:
        """Count a piece that the service accepted."""
        self._pass(piece)


@contextmanager
def _opened(path: str) -> Iterator[_Source]:
    if path == "-":
        yield _Source(sys.stdin.buffer, None)
        return
    file = files.check(path)
    if file.error is not None and file.error.code != "empty_file":
        raise file.error
    try:
        with Path(path).open("rb") as stream:
            yield _Source(stream, os.fstat(stream.fileno()).st_size)
    except OSError as error:
        raise files.of_os_error(error) from error


def _begin(
    client: Client, source: _Source, path: str, settings: tuple[str, str | None, str | None], *, resume: bool
) -> dict[str, Any]:
    """Return the import to continue: an open one of that name with the same beginning, or a new one.
    `settings`: format, type and bank."""
    format_, type_, bank = settings
    name = "" if path == "-" else printable(files.label(path))[-255:]
    if resume:
        imports = client.send("GET /v1/imports", {"name": name, "state": "open", "limit": 20})["imports"]
        for open_import in imports:
            if bank is not None and open_import["bank"] != bank:
                continue
            if source.size is not None and open_import["bytes"] > source.size:
                continue
            if source.offset > open_import["bytes"]:
                source.rewind()
            if f"{source.skip(open_import['bytes']):08x}" == open_import["crc32"]:
                return dict(open_import)
        if source.offset:
            source.rewind()
    fields = {"name": name, "format": format_, "type": type_, "bank": bank, "more": "true"}
    params = {key: value for key, value in fields.items() if value}
    return client.call(Request("POST", "/v1/imports", params, build=_body(b""), headers=_HEADERS)).body


_HEADERS: Final = {"Content-Type": "application/octet-stream"}


def _body(piece: bytes) -> Callable[[], dict[str, Any]]:
    return lambda: {"content": piece}


def _send(client: Client, source: _Source, progress: dict[str, Any], advance: Advance) -> dict[str, Any]:
    """Send the whole list. If a request broke off after a part was stored, continue from there."""
    moved = 0
    while progress["state"] != "finished":
        piece = source.part()
        try:
            progress = _send_part(client, source, progress["import_id"], piece)
        except Conflict as error:
            if error.code not in {"import_moved", "import_finished"} or moved == TRIES:
                raise
            moved += 1
            progress = client.send(f"GET /v1/imports/{progress['import_id']}")
            source.rewind()
            if f"{source.skip(progress['bytes']):08x}" != progress["crc32"]:
                raise OtherList(
                    "The file differs from the part that was imported.",
                    next_step="Import it without --resume.",
                ) from error
            continue
        moved = 0
        if source.size:
            advance(min(1.0, source.offset / source.size), f"{progress['read']:,} rows")
    return progress


def _send_part(client: Client, source: _Source, import_id: str, piece: bytes) -> dict[str, Any]:
    params = {
        "offset": str(source.offset),
        "crc32": f"{source.crc32:08x}",
        "more": "false" if source.ended else "true",
    }
    path = f"/v1/imports/{import_id}"
    if source.within:  # the service cannot resume within a line, so the line is streamed in one request
        build = _streamed_once(source.line(piece))
        return client.call(Request("POST", path, params, headers=_HEADERS, build=build, once=True)).body
    progress = client.call(Request("POST", path, params, headers=_HEADERS, build=_body(piece))).body
    source.passed(piece)
    return progress


def _streamed_once(pieces: Iterator[bytes]) -> Callable[[], dict[str, Any]]:
    """Return a body that is read while it is sent. Raises `Unavailable` if it would have to be sent again."""
    unsent: list[Iterator[bytes]] = [pieces]

    def build() -> dict[str, Any]:
        if not unsent:
            raise ServiceUnreachable(
                "The connection broke within a line.", next_step="Continue with --resume."
            )
        return {"content": unsent.pop()}

    return build


def _report(client: Client, progress: dict[str, Any], report: Path | None) -> list[dict[str, Any]]:
    """Write the report, and return its first faults."""
    raw = client.fetch(f"/v1/imports/{progress['import_id']}/faults")
    if report is not None:
        try:
            report.write_bytes(raw)
        except OSError as error:
            raise Unwritable(f"The report cannot be written: {error.strerror}.") from error
    return [json.loads(line) for line in raw.split(b"\n", SHOWN)[:SHOWN] if line]


def _print_summary(import_: dict[str, Any], faults: list[dict[str, Any]], report: Path | None) -> None:
    for fault in faults:
        click.echo(f"line {fault['line']}: {printable(fault['message'])} ({fault['code']})", err=True)
    faulty = import_["rejected"] + import_["conflicts"]
    if faulty > len(faults):
        click.echo(f"… and {faulty - len(faults):,} more; --report FILE writes them all", err=True)
    elif report is not None and faulty:
        click.echo(f"all faults are in {printable(str(report))}", err=True)
    if not import_["read"]:
        click.echo("the list holds no rows")
        return
    click.echo(
        f"{import_['read']:,} rows: {import_['added']:,} new, {import_['duplicates']:,} already in the bank,"
        f" {import_['conflicts']:,} contradictory, {import_['rejected']:,} rejected"
    )


@click.command("export")
@click.option("--bank", metavar="NAME", default="default", show_default=True, help="One of your banks.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "csv", "threatexchange", "text", *BUNDLES]),
    default="jsonl",
    show_default=True,
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file, completely or not at all. Default: standard output.",
)
@click.option("--unreviewed", is_flag=True, help="For stix and misp: include unreviewed entries.")
@options.service
def export(bank: str, format_: str, output: Path | None, unreviewed: bool, service: options.Service) -> int:
    """Export a bank as a hash list. Needs a key with the role `review` or `admin`.

    jsonl contains entries with all their media, as hashes or fingerprint documents. csv has one hash for each
    fake, threatexchange and text have all. text is for `tx config collab edit local_file`. `fakeprint import`
    reads all four. An interrupted export is resumed, except text. stix is a STIX 2.1 bundle, misp a MISP
    event. Both contain reviewed entries, with titles, claims and references if the bank's policy sets
    share_claims. No format contains face vectors.

    \b
    Examples:
      fakeprint export --bank elections -o elections.jsonl
      fakeprint export --bank elections --format stix -o elections.stix.json
      fakeprint export --bank elections --format threatexchange | gzip > elections.jsonl.gz
      fakeprint export --bank elections --format text -o elections.txt
    """
    with service.connect() as client, Bars() as bars, bars.task(bank) as advance:
        if output is None:
            entries = _write(client, bank, format_, sys.stdout.buffer, advance, unreviewed=unreviewed)
        else:
            part = output.with_name(output.name + ".part")
            try:
                with part.open("wb") as file:
                    entries = _write(client, bank, format_, file, advance, unreviewed=unreviewed)
                part.replace(output)
            except OSError as error:
                raise Unwritable(f"{output} cannot be written: {error.strerror}.") from error
    count = f"{entries:,} line{'' if entries == 1 else 's'}"
    click.echo(count if entries else f"the bank “{printable(bank)}” has no entries", err=True)
    return exit_status.DONE


def _write(
    client: Client, bank: str, format_: str, file: BinaryIO, advance: Advance, *, unreviewed: bool
) -> int:
    """Write the list, and return its number of lines. The lines of an interrupted entry are written once."""
    path = f"/v1/banks/{quote(bank, safe='')}/export"
    if format_ in {*BUNDLES, "text"}:
        query = {"format": format_, "unreviewed": str(unreviewed).lower()}
        lines = 0
        for line in stream.lines(client, path, query):
            file.write(line)
            lines += 1
            advance(0.0, f"{lines:,} lines")
        return lines
    lines, last, tries = 0, "", 0
    entry_lines: list[bytes] = []
    header = format_ == "csv"
    while True:
        params = {"format": format_} | ({"after": last} if last else {})
        try:
            for line in stream.lines(client, path, params):
                if header:
                    file.write(line)
                    header = False
                    continue
                entry = _entry_of(format_, line)
                if entry_lines and entry != (previous := _entry_of(format_, entry_lines[0])):
                    last, tries = previous, 0
                    lines += _flush(file, entry_lines)
                    advance(0.0, f"{lines:,} lines")
                entry_lines.append(line)
        except Unavailable:
            tries += 1
            if tries > TRIES:
                raise
            entry_lines.clear()
            continue
        return lines + _flush(file, entry_lines)


def _flush(file: BinaryIO, lines: list[bytes]) -> int:
    file.write(b"".join(lines))
    count = len(lines)
    lines.clear()
    return count


def _entry_of(format_: str, line: bytes) -> str:
    """Return the entry that a line belongs to."""
    if format_ == "csv":
        return line[:36].decode("ascii", "replace")
    fields = json.loads(line)
    return str(fields.get("entry_id") or fields.get("id"))
