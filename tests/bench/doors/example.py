"""Run the first example of the Python client's documentation on each clip.

    python -m tests.bench.doors.example URL KEY CLIP...

Prints the example's `answer` for each clip, a line of JSON each, or `{"error"}`.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import fakeprint
from fakeprint import Client, ClientError
from tests.support.documents import examples as documented


def main() -> None:
    """Ask about every clip."""
    url, key, *clips = sys.argv[1:]
    example = documented.examples(fakeprint)[0]
    with tempfile.TemporaryDirectory(prefix="doors-example-") as folder:
        os.chdir(folder)
        for clip in clips:
            print(json.dumps(_answer_of(example, url, key, Path(clip))), flush=True)


def _answer_of(example: str, url: str, key: str, clip: Path) -> dict[str, Any]:
    """As a platform would: the example as it stands, with the clip as the file that it names."""
    uploaded = Path("upload.mp4")
    uploaded.unlink(missing_ok=True)
    uploaded.symlink_to(clip)
    names: dict[str, Any] = {
        "Client": lambda _url, key: Client(url, key),
        "key": key,
        "sha256": hashlib.sha256(clip.read_bytes()).hexdigest(),
        "upload": str(clip),
        "hold": lambda *_: None,
    }
    try:
        documented.run(example, names)
    except ClientError as error:
        return {"error": {"code": error.code, "message": str(error)}}
    answer: dict[str, Any] = names["answer"]
    return answer


if __name__ == "__main__":
    main()
