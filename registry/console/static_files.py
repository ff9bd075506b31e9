"""Style sheets, scripts and typefaces. Each URL changes with the content, so browsers may cache it for ever.

Files that become smaller are sent compressed. Pages are not: they hold the form token beside text from users,
and the length of a compressed page would reveal it (BREACH).
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from registry.console.guard import PREFIX
from registry.core.errors import NotFound

FOLDER: Final = files("registry.console") / "static"
FOREVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2"}
_URL: Final = re.compile(rb'url\("([^"]+)"\)')
_COMPRESSED: Final = (".css", ".js", ".mjs", ".svg")
_WORKER: Final = "default-src 'none'; script-src 'self'"
_POLICIES: Final = {
    "hashing/worker.js": _WORKER,
    "hashing/faces/worker.js": f"{_WORKER} 'wasm-unsafe-eval'",
    "hashing/heic/worker.js": f"{_WORKER} 'wasm-unsafe-eval'",
}
"""Content security policies of worker scripts: workers see a file's bytes and frames, so they can neither
fetch nor send. Workers that run models or decode HEIC compile WebAssembly, which no page may."""


def address(name: str) -> str:
    """Return the URL of `static/NAME`. Raises `KeyError` for an unknown file."""
    return f"{PREFIX}/static/{_marks()[name]}/{name}"


async def serve(request: Request) -> Response:
    """Serve a file at its versioned URL."""
    name, mark = request.path_params["name"], request.path_params["mark"]
    if _marks().get(name) != mark:
        raise NotFound("There is no such file.")
    suffix = "." + name.rpartition(".")[2]
    kind = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {"Cache-Control": FOREVER}
    if name in _POLICIES:
        headers["Content-Security-Policy"] = _POLICIES[name]
    if not name.endswith(_COMPRESSED):
        return Response(_bytes(name), media_type=kind, headers=headers)
    headers["Vary"] = "Accept-Encoding"
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(_bytes(name), media_type=kind, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(_compressed(name), media_type=kind, headers=headers)


@cache
def _marks() -> dict[str, str]:
    """Return the version of each file: the first digits of its digest. All scripts share one version, because
    a script imports others by relative URLs."""
    names = sorted(_names(""))
    scripts = hashlib.sha256(b"".join(_bytes(name) for name in names if name.endswith((".js", ".mjs"))))
    marks = {name: _mark(_raw(name)) for name in names if not name.endswith(".css")}
    marks |= {name: scripts.hexdigest()[:16] for name in names if name.endswith((".js", ".mjs"))}
    return marks | {name: _mark(_linked(_raw(name), marks)) for name in names if name.endswith(".css")}


def _mark(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _linked(sheet: bytes, marks: Mapping[str, str]) -> bytes:
    """Let a style sheet name files of this folder (`url("vendor/x.woff2")`) by their versioned URLs."""

    def versioned(found: re.Match[bytes]) -> bytes:
        name = found[1].decode()
        return f'url("{PREFIX}/static/{marks[name]}/{name}")'.encode()

    return _URL.sub(versioned, sheet)


def _names(folder: str) -> list[str]:
    names = []
    for path in FOLDER.joinpath(folder).iterdir():
        name = f"{folder}/{path.name}" if folder else path.name
        if path.is_dir():
            names += _names(name)
        elif not path.name.endswith((".md", ".txt", ".json")):
            names.append(name)
    return names


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress(_bytes(name), 6, mtime=0)


@cache
def _bytes(name: str) -> bytes:
    return _linked(_raw(name), _marks()) if name.endswith(".css") else _raw(name)


@cache
def _raw(name: str) -> bytes:
    return FOLDER.joinpath(name).read_bytes()
