"""What reading 10,000 addresses costs, in CPU, and what becomes of defects put among them.

    OUT=FILE .venv/bin/python -m tests.bench.takedown.urls

Addresses of 12 platforms, with what people's lists hold (mobile hosts, tracking, repeats), as CSV, XLSX with
a link on each cell, JSON lines and running text. Seconds are of this process (`time.process_time`); bytes are
the most that were allocated while reading (tracemalloc, in a run of its own)."""

from __future__ import annotations

import gc
import io
import json
import os
import random
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook

from registry.catalogue.platforms.service import normalised, table
from registry.core.documents.safe_tables import csv_lines, xlsx
from registry.takedown.url_lists.model.url_list import Format, UrlList
from registry.takedown.url_lists.model.url_rows import Fault, Manner, Row

ROWS: Final = 10_000
REPEATED: Final = 0.1
SHAPES: Final = (
    "https://www.youtube.com/watch?v={word:.11}&si={word}",
    "https://m.youtube.com/shorts/{word:.11}?feature=share",
    "https://www.tiktok.com/@u{number}/video/73012345678{number:08}?is_from_webapp=1&sender_device=pc",
    "https://mobile.twitter.com/u{number}/status/15909687383{number:08}?s=20&t={word}",
    "https://m.facebook.com/watch/?v=1015323{number:08}&mibextid={word}",
    "https://www.instagram.com/reel/{word:.11}/?igsh={word}",
    "https://t.me/s/canal_{number}/{number}?single",
    "https://m.vk.com/video-{number}_{number}",
    "https://old.reddit.com/r/a/comments/{number:07}/un_titulo/?utm_source=share",
    "https://es.pornhub.com/view_video.php?viewkey=ph{word:.13}&pkey=1",
    "https://www.xvideos.com/video.{number:09}/0/titulo",
    "https://xhamster.com/videos/un-titulo-xh{number:07}",
    "https://rumble.com/v{number:06}-un-titulo.html",
    "https://host-{number}.noticias.es/fotos/{number}?b=2&a=%c3%b1&fbclid={word}",
    "https://españa-{number}.es/vídeo/{number}#t=10",
)
DEFECTS: Final = (
    ("javascript:alert(1)", "dangerous_scheme"),
    ("data:text/html,x", "dangerous_scheme"),
    ("https://user:clave@a.es/", "credentials_in_url"),
    ("http://127.0.0.1/a", "private_host"),
    ("http://0x7f.1/", "private_host"),
    ("https://yоutube.com/watch?v=dQw4w9WgXcQ", "confusable_host"),
    ("ftp://a.es/x", "unsupported_scheme"),
    ("no es una dirección", "not_a_url"),
    ("https://a..es/", "bad_host"),
    ("https://a.es:99999/", "bad_port"),
    ("https://a.es/" + "x" * 9_000, "url_too_long"),
    ("https://a.es/" + "x" * 2_000_000, "cell_too_long"),
    ("=A1&B1", "formula"),
)


def addresses(seed: int = 7) -> list[str]:
    """`ROWS` addresses, a tenth of which show what an earlier one does."""
    draw = random.Random(seed)  # noqa: S311 (not a secret)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    made: list[str] = []
    while len(made) < ROWS:
        if made and draw.random() < REPEATED:
            again = draw.choice(made)
            made.append(
                again + ("&" if "?" in again else "?") + "utm_source=otra" if "#" not in again else again
            )
            continue
        word = "".join(draw.choices(letters, k=16))
        made.append(draw.choice(SHAPES).format(word=word, number=len(made)))
    return made


def as_csv(given: list[str]) -> bytes:
    rows = [[one, f"nota {number}", "2026-11-24T10:00:00Z"] for number, one in enumerate(given)]
    return b"".join(csv_lines([["enlace", "nota", "fecha"], *rows]))


def as_xlsx(given: list[str]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["enlace", "nota", "fecha"])
    for number, one in enumerate(given):
        sheet.append([one, f"nota {number}", datetime(2026, 11, 24, 10)])  # noqa: DTZ001
        sheet.cell(number + 2, 1).hyperlink = one
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def as_jsonl(given: list[str]) -> bytes:
    return "\n".join(
        json.dumps({"url": item, "note": "nota", "date": "2026-11-24"}) for item in given
    ).encode()


def as_text(given: list[str]) -> bytes:
    return "".join(f"Visto ayer en {item}, también hoy.\n" for item in given).encode()


FORMS: Final[tuple[tuple[Format, Callable[[list[str]], bytes]], ...]] = (
    ("csv", as_csv),
    ("xlsx", as_xlsx),
    ("jsonl", as_jsonl),
    ("text", as_text),
)


@dataclass(slots=True)
class Gathered:
    """A list after reading: distinct rows in order, the number of repeats, and faults."""

    rows: dict[str, Row] = field(default_factory=dict)
    repeats: int = 0
    faults: list[Fault] = field(default_factory=list)


def read(raw: bytes, form: Format) -> Gathered:
    found = Gathered()
    for row in UrlList(io.BytesIO(raw), form, table(), Manner(most=2 * ROWS)):
        if isinstance(row, Fault):
            found.faults.append(row)
        else:
            found.repeats += row.address.key in found.rows
            found.rows.setdefault(row.address.key, row)
    return found


def measured(raw: bytes, form: Format) -> tuple[float, int, Gathered]:
    """CPU seconds, most bytes allocated, what was read."""
    gc.collect()
    begin = time.process_time()
    found = read(raw, form)
    seconds = time.process_time() - begin
    tracemalloc.start()
    read(raw, form)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return seconds, most, found


def defects_seen() -> int:
    """How many of the defects are said with the code that they should have."""
    rows = "enlace\n" + "".join(f'"{one}"\n' for one, _ in DEFECTS)
    found = read(rows.encode(), "csv")
    return sum(fault.code == code for fault, (_, code) in zip(found.faults, DEFECTS, strict=True))


def main() -> None:
    given = addresses()
    normalised(given[0])
    figures: dict[str, Any] = {"rows": ROWS}
    kept: set[int] = set()
    for form, written in FORMS:
        seconds, most, found = measured(written(given), form)
        kept.add(len(found.rows))
        figures[f"{form}_seconds"] = round(seconds, 3)
        figures[f"{form}_most_mb"] = round(most / 1e6, 1)
        print(
            f"{form:6} {seconds:6.2f} s CPU  {seconds / ROWS * 1e6:5.0f} µs a row  {most / 1e6:6.1f} MB most"
            f"  {len(found.rows)} kept, {found.repeats} repeated, {len(found.faults)} refused"
        )
    begin = time.process_time()
    book = xlsx([("avisos", [["url"], *([address] for address in given)])], datetime.now().astimezone())
    figures["xlsx_written_seconds"] = round(time.process_time() - begin, 3)
    figures |= {"kept": max(kept), "alike_in_all_forms": len(kept) == 1, "defects_given": len(DEFECTS)}
    figures["defects_seen"] = defects_seen()
    print(f"written as XLSX: {figures['xlsx_written_seconds']} s, {len(book) / 1e3:.0f} kB")
    print(f"defects said as they should be: {figures['defects_seen']} of {len(DEFECTS)}")
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps({"figures": figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
