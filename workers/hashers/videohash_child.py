"""The process in which the videohash package runs: a file and a folder in, a hexadecimal number out.

It is run by its path, so it imports nothing of this project.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image


def main(path: str, folder: str) -> None:
    """Print the hash of the video at `path`; every file made on the way lies in `folder`."""
    # Pillow 10 removed the name that the package uses for this filter.
    vars(Image)["ANTIALIAS"] = Image.Resampling.LANCZOS
    from videohash import VideoHash  # noqa: PLC0415  # it looks the name up

    storage = Path(folder) / "storage"
    storage.mkdir()
    made = VideoHash(path=path, storage_path=f"{storage}/")
    made.delete_storage_path()
    print(made.hash_hex)  # noqa: T201  # the answer to the parent process


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
