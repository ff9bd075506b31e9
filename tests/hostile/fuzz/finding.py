"""A file that something read badly, kept with what happened and how to see it again."""

from __future__ import annotations

import hashlib
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.hostile.targets import Target

HERE: Final = Path(__file__).parents[3]
SEPARATOR: Final = "--"


@dataclass
class Findings:
    """`folder`: where files are kept. `known`: signatures of the findings so far; each is kept once."""

    folder: Path
    known: dict[str, Path] = field(default_factory=dict)

    def add(self, target: Target, name: str, content: bytes, what: str, signature: str) -> bool:
        """Keep a file unless its finding is known. Return whether it is new."""
        signature = f"{target} {signature}"
        if signature in self.known:
            return False
        self.folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(content).hexdigest()[:8]
        path = self.folder / f"{target}{SEPARATOR}{digest}-{name[-80:]}"
        path.write_bytes(content)
        path.with_name(path.name + ".txt").write_text(f"{what}\n\nmake fuzz CASE={path}\n", encoding="utf-8")
        self.known[signature] = path
        print(f"FOUND {signature}: {path}", flush=True)
        return True


def signature_of(error: BaseException) -> str:
    """Return the exception's class and the innermost lines of this project and of the library it called."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        frame
        for frame in frames
        if Path(frame.filename).is_relative_to(HERE / "registry")
        or Path(frame.filename).is_relative_to(HERE / "workers")
    ]
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in (*ours[-1:], *frames[-1:])]
    return f"{type(error).__name__} at {' '.join(dict.fromkeys(places))}"


def text_of(error: BaseException) -> str:
    """Return the whole traceback."""
    return "".join(traceback.format_exception(error))
