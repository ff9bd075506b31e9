"""The fenced blocks of the documents, and a place in which those of the shell run as a reader pastes them.

A block of the language `sh` runs. Comments in front of it say how, and nobody sees them on the rendered page:
`<!-- terminal: NAME -->` begins or goes on with a terminal (else the last one goes on), `<!-- files: A B -->`
names files of the reader's own that have to lie there, `<!-- not run: REASON -->` says why no test runs it.
"""

from __future__ import annotations

import re
import struct
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from PIL import Image

from deploy.demo.camera import Shot, View, film
from deploy.demo.ffmpeg import alter, encode
from deploy.demo.swap import swap_face
from tests.support import people as enrolment
from tests.support.media import clips as media

ROOT: Final = Path(__file__).parents[3]
README: Final = ROOT / "README.md"
PAGES: Final = sorted((ROOT / "docs").glob("*.md"))
DOCUMENTS: Final = [*sorted(ROOT.glob("*.md")), *PAGES, *sorted((ROOT / "deploy").glob("*.md"))]
YOURS: Final = "you"
"""The terminal of whoever has followed the quick start; the pages go on in it."""
ADDRESS: Final = "http://127.0.0.1:8000"

_FENCE = re.compile(r"((?:^<!-- .*? -->\n)*)^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPOKEN = re.compile(r"<!-- (terminal|files|not run): (.*?) -->")
_SHOTS = (
    Shot("p", 3.0, View(0.4, 0.4, 0.6), View(0.5, 0.35, 0.5)),
    Shot("p", 2.0, View(0.5, 0.4, 0.5), View(0.4, 0.4, 0.7)),
)


@dataclass(frozen=True)
class Block:
    """A fenced block and what the comments before it say."""

    place: str
    language: str
    code: str
    terminal: str
    files: tuple[str, ...]
    reason: str | None


def blocks(document: Path) -> list[Block]:
    """The document's blocks, in order."""
    found, terminal, text = [], YOURS, document.read_text(encoding="utf-8")
    for fence in _FENCE.finditer(text):
        said = dict(_SPOKEN.findall(fence[1]))
        terminal = said.get("terminal", terminal)
        place = f"{document.relative_to(ROOT)}:{text.count('\n', 0, fence.start(2)) + 1}"
        files = tuple(said.get("files", "").split())
        found.append(Block(place, fence[2], fence[3], terminal, files, said.get("not run")))
    return found


def runnable(document: Path) -> list[Block]:
    """Those that a reader pastes into a shell, and a test runs."""
    return [block for block in blocks(document) if block.language == "sh" and block.reason is None]


def script(block_list: list[Block], address: str) -> str:
    """One shell's input: the blocks in their order. Where one fails, the last line of stderr is its place."""
    lines = ["set -eu", "trap '[ $? = 0 ] || echo \"failed: $place\" >&2' EXIT"]
    for block in block_list:
        lines += [f"place={block.place}", f"echo '# {block.place}'", block.code.replace(ADDRESS, address)]
    return "\n".join(lines)


def terminals(document: Path) -> dict[str, list[Block]]:
    """The document's runnable blocks by terminal. That of a page begins as README's does: path and clips."""
    prepared = [block for block in runnable(README) if block.terminal == YOURS][:1]
    found: dict[str, list[Block]] = {}
    for name, held in groupby(runnable(document), key=lambda block: block.terminal):
        before = prepared if document != README else []
        found.setdefault(name, list(before)).extend(held)
    return found


def lay_clone(folder: Path, clips: Path) -> Path:
    """A folder like a clone that was set up, with the clips that `make demo` leaves.

    They differ from those of other documents: what one does to its entries is nothing to the others.
    """
    folder.mkdir()
    for entry in ROOT.iterdir():
        if entry.name not in {".venv", ".demo", ".git"}:
            (folder / entry.name).symlink_to(entry)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / ".demo" / "media").mkdir(parents=True)
    note = folder.name.encode()
    for clip in clips.iterdir():
        box = struct.pack(">I", 8 + len(note)) + b"free" + note  # which players of MP4 skip
        (folder / ".demo" / "media" / clip.name).write_bytes(clip.read_bytes() + box)
    return folder


def draw_clips(folder: Path) -> Path:
    """Three small clips named as those of `make demo`: a face swap, its original, a copy of the fake."""
    folder.mkdir()
    original = media.photograph("astronaut")[:, :, ::-1].copy()
    fake = swap_face(original, enrolment.somebody_else()[:, :, ::-1].copy())
    for name, picture in (("original", original), ("fake", fake)):
        encode(film(_SHOTS, {"p": picture}), folder / f"{name}.mp4", crf=23)
    crop = "[0]crop=iw*0.94:ih*0.94,scale=-2:640[out]"
    alter([folder / "fake.mp4"], crop, folder / "copy-cropped-captioned.mp4", crf=28)
    return folder


def lay(folder: Path, name: str) -> None:
    """A file of the reader's own, by its name's ending: a photo of one face, a picture, a PDF, a text."""
    path = folder / name
    match path.suffix:
        case ".jpg":
            edge = 20 * (ord(path.stem[0]) % 3)
            path.write_bytes(enrolment.portrait((edge, edge, 512 - edge, 512 - edge)))
        case ".png":
            Image.fromarray(media.photograph("coffee")).save(path)
        case ".pdf":
            path.write_bytes(b"%PDF-1.4\n" + name.encode() + b"\n%%EOF\n")
        case _:
            path.write_text(f"{name}\n", encoding="utf-8")
