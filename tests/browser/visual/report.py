"""The report: reference, now and difference of each picture, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

HEAD: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Visual differences</title>
<style>body{font:1rem/1.5 sans-serif;margin:2rem}section{margin-bottom:3rem}
div{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:1rem}img{width:100%;border:1px solid #999}
.differs h2{color:#a3182c}figure{margin:0}</style><h1>Visual differences</h1>
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One picture: whether it differs from its reference, and how."""

    name: str
    differs: bool
    text: str


def write(folder: Path, rows: Sequence[Row]) -> Path:
    """Write `index.html`, what differs first, and return its path."""
    parts = [HEAD, f"<p>{sum(row.differs for row in rows)} of {len(rows)} pictures differ.</p>"]
    for row in sorted(rows, key=lambda row: not row.differs):
        figures = "".join(
            f'<figure><figcaption>{kind}</figcaption><img src="{row.name}.{kind}.png" alt=""></figure>'
            for kind in ("reference", "now", "difference")
            if (folder / f"{row.name}.{kind}.png").is_file()
        )
        kind = "differs" if row.differs else "equal"
        parts.append(f'<section class="{kind}"><h2>{row.name}</h2><p>{escape(row.text)}</p>')
        parts.append(f"<div>{figures}</div></section>")
    path = folder / "index.html"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path
