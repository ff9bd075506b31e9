"""Fingerprint the media that rows of a list name, look them up, and attach them to their notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click
import orjson

from registry.catalogue.fingerprints.commands import local
from registry.catalogue.fingerprints.model.document import to_document
from registry.core.errors import FakeprintError, MissingPath, NotMedia
from registry.core.terminal import files
from registry.core.terminal.client import Client
from registry.core.terminal.text import printable

AT_ONCE: Final = 100
"""Maximum number of matches in one request."""


def attach(
    client: Client, campaign_id: UUID, rows: Sequence[Mapping[str, Any]], folder: Path
) -> list[dict[str, Any]]:
    """Return notice, verdict and confidence for each row that names a file under `folder` or a sha256.

    A file that cannot be read is reported on stderr; its notice does not change.
    """
    pairs = []
    for row in rows:
        if not row["file"] and not row["sha256"]:
            continue
        try:
            answer = _look_up(client, row, folder)
        except FakeprintError as error:
            click.echo(f"line {row['line']}: {printable(row['file'])}: {error.message}", err=True)
            continue
        pairs.append({"notice_id": row["notice_id"], "lookup_id": answer["lookup_id"]})
    matches: list[dict[str, Any]] = []
    for start in range(0, len(pairs), AT_ONCE):
        body = {"matches": pairs[start : start + AT_ONCE]}
        matches += client.send(f"POST /v1/campaigns/{campaign_id}/matches", body, again=True)["matches"]
    return matches


def _look_up(client: Client, row: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    if not row["file"]:
        body: dict[str, Any] = {"type": "sha256", "sha256": row["sha256"]}
    else:
        body = {"type": "document", "document": document(client, beside(folder, str(row["file"])))}
    return client.send("POST /v1/lookups", body, again=True)


def beside(folder: Path, name: str) -> Path:
    """Return the path of a file that a row names.

    It must lie in the folder of the list, also after links are resolved. Raises `BadMedia` (`missing_path`).
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise MissingPath(f"There is no file {name[:100]!r} beside the list.")
    return path


def document(client: Client, path: Path) -> dict[str, Any]:
    """Return the fingerprint document of a file, which may be such a document already. Raises `BadMedia`."""
    if path.suffix in {".json", ".fakeprint"}:
        try:
            loaded: dict[str, Any] = orjson.loads(path.read_bytes())
        except FileNotFoundError as error:
            raise files.of_os_error(error) from error
        except (OSError, orjson.JSONDecodeError) as error:
            raise NotMedia("It is not a fingerprint document.") from error
        return loaded
    files.size_of(str(path))
    make = local.fingerprinter(otherwise="Give fingerprint documents instead of media")
    fingerprint = local.fingerprint(
        make, str(path), deadline=client.deadline, advance=lambda _done, _total: None
    )
    return to_document(fingerprint, faces=True)
