"""Read the C2PA manifest of a file, without network access, and isolated from malicious files."""

from __future__ import annotations

import json
import logging
import mmap
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from registry.catalogue.provenance.model import provenance
from registry.catalogue.provenance.model.provenance import LARGEST_STORE, Manifest
from workers.provenance import child
from workers.provenance.trust import NOBODY, Trust

log = logging.getLogger(__name__)

SECONDS: Final = 120
"""Limit in seconds of time and of CPU for one file; hashing a gigabyte takes about 5."""
TRIES: Final = 2
"""A child that was killed for lack of memory, or did not start, says nothing about the file: one more is
run."""
_LONGEST_LINE: Final = 2 * child.LARGEST_REPORT
_MARK: Final = b"jumdc2pa"
"""Start of the description of a manifest store (JUMBF, ISO 19566-5). In every format the store is in the file
unchanged, and a JPEG's first segment contains this."""
_REMOTE: Final = b"dcterms:provenance"
_FTYP: Final = re.compile(rb"....ftyp(....)", re.DOTALL)
_BRANDS: Final = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"mif1": "image/heif",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
}
_HEADS: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/avi"}


def read_manifest(
    path: Path, trust: Trust = NOBODY, *, seconds: int = SECONDS, whole: bool = True
) -> Manifest | None:
    """Return what the file at `path` says of its provenance.

    None if c2pa-python is not installed, or does not support the format. `trust`: trusted signers. `whole`:
    False leaves out the store and the check against the list of sources, which takes half the time.

    Nothing is fetched: neither remote manifests nor revocation status of certificates. A file that crashes
    the reader is `unreadable`. Raises `OSError` if the file cannot be read.
    """
    if find_spec("c2pa") is None:
        return None
    reader = f"c2pa-python {version('c2pa-python')}"
    with path.open("rb") as file:
        mime = _mime(file.read(32))
        if mime is None:
            return None
        if mime != "application/pdf" and not _holds(file.fileno(), _MARK):
            return provenance.absent(reader, remote=_holds(file.fileno(), _REMOTE))
        most = LARGEST_STORE if whole else 0
        judges = trust if whole else replace(trust, sources="")
        output, store = _asked(file.fileno(), mime, judges, seconds, most)
    return _judged(output, store, reader, trust)


def _judged(output: dict[str, Any] | None, store: bytes, reader: str, trust: Trust) -> Manifest:
    if output is None:
        return provenance.unreadable(reader, "gave_up")
    if (report := output.get("report")) is None:
        if output.get("error") == "C2paManifestNotFound":
            return provenance.absent(reader)
        return provenance.unreadable(reader, str(output.get("error")))
    whole = (str(output["store_sha256"]), int(output["store_bytes"])) if output["store_bytes"] else None
    return provenance.of_report(
        report,
        store,
        whole,
        f"{reader}, c2pa-rs {output.get('sdk')}",
        source=output.get("source") is True,
        revoked=trust.revoked,
    )


def settings(trust: str) -> dict[str, Any]:
    """Return the c2pa settings: offline, and with no trust list but the given one."""
    return {
        "verify": {
            "remote_manifest_fetch": False,
            "ocsp_fetch": False,
            "verify_trust": bool(trust),
            "verify_timestamp_trust": False,
        },
        "builder": {"thumbnail": {"enabled": False}},
        **({"trust": {"trust_anchors": trust}} if trust else {}),
    }


def _mime(head: bytes) -> str | None:
    if (found := _FTYP.match(head)) is not None:
        return _BRANDS.get(found[1], "video/mp4")
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    return next((mime for start, mime in _HEADS if head.startswith(start)), None)


def _holds(descriptor: int, mark: bytes) -> bool:
    with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as mapped:
        return mapped.find(mark) >= 0


def _asked(
    descriptor: int, mime: str, trust: Trust, seconds: int, most: int
) -> tuple[dict[str, Any] | None, bytes]:
    """Return the child's report and the store; None if the child did not end normally."""
    arguments = [str(descriptor), mime, str(os.getpid()), str(seconds), str(most)]
    order = {
        "settings": settings(trust.anchors),
        "sources": settings(trust.sources) if trust.sources else None,
    }
    for _ in range(TRIES):
        try:
            report, store = _run(descriptor, arguments, json.dumps(order).encode(), most)
        except subprocess.CalledProcessError as error:
            log.warning("a reader of manifests ended", extra={"status": error.returncode})
        except (subprocess.SubprocessError, ValueError) as error:
            log.warning("a manifest could not be read: %s", type(error).__name__)
            break
        else:
            whole = isinstance(report, dict) and len(store) == report.get("given")
            return (report, store) if whole else (None, b"")
    return None, b""


def _run(descriptor: int, arguments: list[str], order: bytes, most: int) -> tuple[Any, bytes]:
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8"}
    with tempfile.TemporaryFile() as answer:
        subprocess.run(
            [sys.executable, "-I", child.__file__, *arguments],
            input=order,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
            timeout=int(arguments[3]),
            pass_fds=(descriptor,),
            start_new_session=True,
            check=True,
        )
        answer.seek(0)
        return json.loads(answer.readline(_LONGEST_LINE)), answer.read(most + 1)
