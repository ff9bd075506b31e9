"""The fenced blocks of the documents, and a directory in which their shell blocks run as a reader pastes
them.

Blocks of the language `sh` run. HTML comments before a block control this and are invisible on the rendered
page. `<!-- terminal: NAME -->` starts or continues a terminal; without it the last one continues. `<!--
files: A B -->` names files of the reader that must exist. `<!-- not run: REASON -->` says why no test runs
the block. `<!-- continues: PAGE -->` in a page's first line says that its commands go on where those of
another page end.
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
from deploy.tools.translations import LANGUAGES
from tests.support import people as enrolment
from tests.support.media import clips as media
from tests.support.media import sounds

ROOT: Final = Path(__file__).parents[3]
README: Final = ROOT / "README.md"
TUTORIAL: Final = ROOT / "docs" / "tutorials" / "ten-minutes.md"
PAGES: Final = sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "decisions")
DEPLOYED: Final = sorted(
    path for path in (ROOT / "deploy").rglob("*.md") if not path.name.endswith(".template.md")
)
DOCUMENTS: Final = [*sorted(ROOT.glob("*.md")), *PAGES, *DEPLOYED]
YOURS: Final = "you"
"""The terminal of a reader who has followed the quick start. Other pages continue in it."""
ADDRESS: Final = "http://127.0.0.1:8000"

_FENCE = re.compile(r"((?:^<!-- .*? -->\n)*)^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPOKEN = re.compile(r"<!-- (terminal|files|not run): (.*?) -->")
_CONTINUES = re.compile(r"<!-- continues: (\S+) -->\n")
_SHOTS = (
    Shot("p", 3.0, View(0.4, 0.4, 0.6), View(0.5, 0.35, 0.5)),
    Shot("p", 2.0, View(0.5, 0.4, 0.5), View(0.4, 0.4, 0.7)),
)


@dataclass(frozen=True)
class Block:
    """A fenced block, with the settings from the comments before it."""

    place: str
    language: str
    code: str
    terminal: str
    files: tuple[str, ...]
    reason: str | None


def blocks(document: Path) -> list[Block]:
    """Return the document's blocks, in order."""
    found, terminal, text = [], YOURS, document.read_text(encoding="utf-8")
    for fence in _FENCE.finditer(text):
        marks = dict(_SPOKEN.findall(fence[1]))
        terminal = marks.get("terminal", terminal)
        place = f"{document.relative_to(ROOT)}:{text.count('\n', 0, fence.start(2)) + 1}"
        files = tuple(marks.get("files", "").split())
        found.append(Block(place, fence[2], fence[3], terminal, files, marks.get("not run")))
    return found


def runnable(document: Path) -> list[Block]:
    """Return the shell blocks that a test runs. Those of a translation are the same as in English."""
    if document.parent.name in LANGUAGES:
        return []
    return [block for block in blocks(document) if block.language == "sh" and block.reason is None]


def continued(document: Path) -> Path | None:
    """Return the page whose terminal this one goes on in."""
    found = _CONTINUES.match(document.read_text(encoding="utf-8"))
    return (document.parent / found[1]).resolve() if found else None


def chain(document: Path) -> list[Path]:
    """Return the document, and the pages that go on where it ends, in order."""
    following = [page for page in DOCUMENTS if continued(page) == document]
    return [document, *(page for next_ in following for page in chain(next_))]


def script(block_list: list[Block], address: str) -> str:
    """Return a shell script of the blocks in order. If one fails, the last line of stderr names its
    location."""
    lines = ["set -eu", "trap '[ $? = 0 ] || echo \"failed: $place\" >&2' EXIT"]
    for block in block_list:
        lines += [f"place={block.place}", f"echo '# {block.place}'", block.code.replace(ADDRESS, address)]
    return "\n".join(lines)


def terminals(document: Path) -> dict[str, list[Block]]:
    """Return the runnable blocks of the document and of the pages that continue it, by terminal. Pages other
    than the README first set up path and clips as it does."""
    prepared = [block for block in runnable(README) if block.terminal == YOURS][:1]
    found: dict[str, list[Block]] = {}
    shown = [block for page in chain(document) for block in runnable(page)]
    for name, held in groupby(shown, key=lambda block: block.terminal):
        before = prepared if document != README else []
        found.setdefault(name, list(before)).extend(held)
    return found


def lay_clone(folder: Path, clips: Path) -> Path:
    """Create a directory like a clone after setup, with the clips of `make demo`.

    The clips differ from those of other documents, so that documents do not affect each other's entries.
    """
    folder.mkdir()
    for entry in ROOT.iterdir():
        if entry.name not in {".venv", ".demo", ".git"}:
            (folder / entry.name).symlink_to(entry)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / ".demo" / "media").mkdir(parents=True)
    note = folder.name.encode()
    for clip in clips.iterdir():
        box = struct.pack(">I", 8 + len(note)) + b"free" + note  # MP4 players skip this box
        (folder / ".demo" / "media" / clip.name).write_bytes(clip.read_bytes() + box)
    return folder


def draw_clips(folder: Path) -> Path:
    """Create three small clips named like those of `make demo`: a face swap, its original, a copy of the
    fake."""
    folder.mkdir()
    original = media.photograph("astronaut")[:, :, ::-1].copy()
    fake = swap_face(original, enrolment.somebody_else()[:, :, ::-1].copy())
    for name, picture in (("original", original), ("fake", fake)):
        encode(film(_SHOTS, {"p": picture}), folder / f"{name}.mp4", crf=23)
    crop = "[0]crop=iw*0.94:ih*0.94,scale=-2:640[out]"
    alter([folder / "fake.mp4"], crop, folder / "copy-cropped-captioned.mp4", crf=28)
    return folder


def lay(folder: Path, name: str) -> None:
    """Create a file of the reader. Its suffix decides: a photo of one face, a picture, speech, a PDF or a
    text."""
    path = folder / name
    match path.suffix:
        case ".jpg":
            edge = 20 * (ord(path.stem[0]) % 3)
            path.write_bytes(enrolment.portrait((edge, edge, 512 - edge, 512 - edge)))
        case ".png":
            Image.fromarray(media.photograph("coffee")).save(path)
        case ".ogg" | ".m4a" | ".opus":
            note = sounds.wav(path.with_suffix(".wav"), sounds.speech(len(name), 12))
            media.ffmpeg("-i", note, path)
        case ".pdf":
            path.write_bytes(b"%PDF-1.4\n" + name.encode() + b"\n%%EOF\n")
        case _:
            path.write_text(f"{name}\n", encoding="utf-8")
