"""The translated documents: `python -m deploy.tools.translations` says which English paragraphs have changed.

The first line of a translation names its English document and the digest of each of its paragraphs. When the
English changes, translate the paragraphs that are named, then record the new digests with `--stamp`.
"""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
LANGUAGES: Final = {"es": "Español", "fr": "Français", "ar": "العربية"}
"""The languages beside English, by what their speakers call them."""
_HEAD: Final = re.compile(r"<!-- english: (\S+)((?: [0-9a-f]{8})*) -->\n")
_PARTS: Final = re.compile(r"(^```.*?^```$)|\n\s*\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Translation:
    """A translated document, its English one, and the digests that it was made from."""

    path: Path
    english: Path
    digests: tuple[str, ...]


def translations() -> list[Translation]:
    """All translated documents. Raises `ValueError` for a document without the first line."""
    found = []
    for path in sorted(path for code in LANGUAGES for path in (DOCS / code).glob("*.md")):
        head = _HEAD.match(path.read_text(encoding="utf-8"))
        if head is None:
            raise ValueError(f"{path.relative_to(DOCS)} does not name its English document.")
        found.append(Translation(path, (path.parent / head[1]).resolve(), tuple(head[2].split())))
    return found


def paragraphs(path: Path) -> list[str]:
    """The paragraphs of a document, without comments. A block of code is one paragraph."""
    text = re.sub(r"^<!--.*?-->\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [part.strip() for part in _PARTS.split(text) if part and part.strip()]


def digests(path: Path) -> tuple[str, ...]:
    """The first eight hex digits of the SHA-256 of each paragraph, whatever its line breaks."""
    return tuple(hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8] for text in paragraphs(path))


def outdated(translation: Translation) -> list[str]:
    """The English paragraphs that are new or have changed since the translation, and what else is wrong."""
    known = set(translation.digests)
    english, here = paragraphs(translation.english), paragraphs(translation.path)
    wrong = [
        text
        for text, digest in zip(english, digests(translation.english), strict=True)
        if digest not in known
    ]
    if not wrong and translation.digests != digests(translation.english):
        wrong.append("paragraphs were removed or moved")
    if len(english) != len(here):
        wrong.append(f"{len(english)} paragraphs in English, {len(here)} here")
    commands = [text for text in english if text.startswith("```sh")]
    if commands != [text for text in here if text.startswith("```sh")]:
        wrong.append("the commands differ")
    return wrong


def stamp(translation: Translation) -> None:
    """Record that the translation is made from the English of now."""
    now = " ".join(digests(translation.english))
    text = translation.path.read_text(encoding="utf-8")
    text = _HEAD.sub(lambda head: f"<!-- english: {head[1]} {now} -->\n", text, count=1)
    translation.path.write_text(text, encoding="utf-8")


def main() -> int:
    """Check or stamp all translations; 1 if one is outdated."""
    found = translations()
    if "--stamp" in sys.argv:
        for translation in found:
            stamp(translation)
    wrong = {translation.path: outdated(translation) for translation in translations()}
    for path, texts in wrong.items():
        for text in texts:
            sys.stdout.write(f"{path.relative_to(DOCS)}: {' '.join(text.split())[:100]}\n")
    return int(any(wrong.values()))


if __name__ == "__main__":
    sys.exit(main())
