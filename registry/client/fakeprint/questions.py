"""Lookups and registrations from files and documents, as operations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from fakeprint import operations as api
from fakeprint import paths
from fakeprint.calls import Form, Operation
from fakeprint.paths import FilePath, Medium, several

if TYPE_CHECKING:
    from fakeprint.schemas import LookupAnswer, QueuedLookup, Registered


def lookup(question: Mapping[str, Any], bank: str | None) -> Operation[LookupAnswer]:
    """Return the lookup of a query in the format of the API, limited to a bank if one is named."""
    body: Any = {**question, "bank": bank} if bank else question
    return cast("Operation[LookupAnswer]", api.look_up(body))


def of_document(document: Medium) -> Mapping[str, Any]:
    """Return the query with a fingerprint document, or the file that holds one. Raises `FileError`."""
    return {"type": "document", "document": paths.document(document)}


Effort = Literal["quick", "standard", "full"]


def file_lookup(
    path: FilePath, bank: str | None, wait: float, effort: Effort | None
) -> Operation[LookupAnswer | QueuedLookup]:
    """Return the lookup of a file. `wait`: seconds that the service may take to answer, at most 60."""
    texts = {"bank": bank, "effort": effort}
    form = Form([("file", path)], {name: text for name, text in texts.items() if text})
    return api.look_up(form, prefer=f"wait={min(60, max(0, int(wait)))}")


def registration(
    fakes: Medium | Sequence[Medium], originals: Medium | Sequence[Medium], values: Mapping[str, Any]
) -> Operation[Registered]:
    """Return the registration of files or of fingerprint documents. Raises `TypeError` for a mixture."""
    media = [("fake", medium) for medium in several(fakes)]
    media += [("original", medium) for medium in several(originals)]
    fields = {name: value for name, value in values.items() if value}
    documents = [(role, medium) for role, medium in media if isinstance(medium, Mapping)]
    files = [(role, medium) for role, medium in media if not isinstance(medium, Mapping)]
    if documents and files:
        raise TypeError("An entry is registered with files or with fingerprint documents, not with both.")
    if files:
        texts = {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()
        }
        return api.register_entry(Form(files, texts))
    body: Any = dict(fields)
    for role in ("fake", "original"):
        body[f"{role}s"] = [document for held, document in documents if held == role]
    return api.register_entry(body)
