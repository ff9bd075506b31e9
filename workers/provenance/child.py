"""The process in which c2pa-python reads an untrusted file: descriptor and format in, report and manifest
store out.

It loads the library, raises its walls (`workers.walls.kernel`), and only then reads the file. It ends with
the process that started it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import sys
from typing import Any, BinaryIO, Final

from workers.walls import kernel

MEGABYTES: Final = 700
"""Memory beyond that of Python and the library."""
LARGEST_REPORT: Final = 4 * 1024**2
_SUPERBOX: Final = b"jumb"


def main(descriptor: int, mime: str, parent: int, seconds: int, most: int) -> None:
    """Print one JSON line, then the store's bytes. `most`: most bytes of a store that is returned; 0: return
    none."""
    import c2pa  # noqa: PLC0415  # only where this runs as a program; behind the walls it could not be loaded

    kernel.enclose(
        kernel.Needs(MEGABYTES, seconds, file_bytes=most + LARGEST_REPORT * 2, reads=kernel.libraries())
    )
    kernel.die_with(parent)
    order = json.load(sys.stdin)
    settings = order["settings"]
    report: dict[str, Any] = {"sdk": c2pa.sdk_version()}
    store = b""
    try:
        with _opened(descriptor) as file, c2pa.Context.from_dict(settings) as context:
            report["report"] = _report(c2pa.Reader(mime, file, context=context))
            store = _store(c2pa, context, file, mime, report["report"]) if most else b""
        report["source"] = _trusted_by(c2pa, order["sources"], descriptor, mime, report["report"])
    except c2pa.C2paError as error:
        report["error"] = type(error).__name__.rpartition(".")[2].strip("_")
        report["words"] = str(error)[:500]
    except (ValueError, RecursionError, MemoryError) as error:
        report["error"], report["words"] = "Other", str(error)[:500]
    report["store_bytes"], report["store_sha256"] = len(store), hashlib.sha256(store).hexdigest()
    stored = store if len(store) <= most else b""
    sys.stdout.buffer.write(json.dumps(report | {"given": len(stored)}).encode() + b"\n" + stored)
    sys.stdout.buffer.flush()


def _opened(descriptor: int) -> BinaryIO:
    """Return the file from its start. Only one of these is read at a time: they share a position."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.fdopen(os.dup(descriptor), "rb")


def _report(reader: Any) -> dict[str, Any]:
    text = reader.json()
    if len(text) > LARGEST_REPORT:
        raise ValueError("the report is too long")
    found: dict[str, Any] = json.loads(text)
    return found


def _trusted_by(
    c2pa: Any, settings: dict[str, Any] | None, descriptor: int, mime: str, report: dict[str, Any]
) -> bool:
    """Tell whether the signer is also trusted by the stricter list alone."""
    if settings is None or report.get("validation_state") != "Trusted":
        return False
    with _opened(descriptor) as file, c2pa.Context.from_dict(settings) as context:
        again = json.loads(c2pa.Reader(mime, file, context=context).json())
    return bool(again.get("validation_state") == "Trusted")


def _store(c2pa: Any, context: Any, file: Any, mime: str, report: dict[str, Any]) -> bytes:
    """Return the manifest store as it is in the file; empty if it cannot be obtained.

    The library has no call for it. An archive of a manifest with the file as an ingredient holds, in one box,
    the file's manifests followed by its own manifest. Without that last one it is the file's store. To verify
    this, the library must read the same report from it.
    """
    file.seek(0)
    builder = c2pa.Builder({"claim_generator_info": [{"name": "fakeprint", "version": "1"}]}, context)
    builder.add_ingredient({"title": "medium", "relationship": "componentOf"}, mime, file)
    archive = io.BytesIO()
    builder.to_archive(archive)
    boxes = _boxes(archive.getvalue())
    if len(boxes) < 3:
        return b""
    inner = b"".join(boxes[:-1])
    store = struct.pack(">I", len(inner) + 8) + _SUPERBOX + inner
    file.seek(0)
    again = json.loads(c2pa.Reader(mime, file, manifest_data=store, context=context).json())
    same = ("active_manifest", "validation_state")
    return store if all(again.get(name) == report.get(name) for name in same) else b""


def _boxes(raw: bytes) -> list[bytes]:
    """Return the boxes in the single box of an archive: its description, then the manifests."""
    if raw[4:8] != _SUPERBOX or struct.unpack(">I", raw[:4])[0] != len(raw):
        return []
    found, place = [], 8
    while place + 8 <= len(raw):
        size = struct.unpack(">I", raw[place : place + 4])[0]
        if size < 8 or place + size > len(raw):
            return []
        found.append(raw[place : place + size])
        place += size
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
