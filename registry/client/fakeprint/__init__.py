"""A Python client of the API, blocking and asynchronous, with retries.

It needs only `httpx2`, not the server's packages. Five examples:

A platform checks an upload: first by its SHA-256, which takes milliseconds, then with the file unless that
answer is final. `next_step` is None if no further data could change the answer::

    with Client("https://registry.example", key) as registry:
        answer = registry.look_up_sha256(sha256)
        if answer["next_step"]:
            answer = registry.look_up_file("upload.mp4", wait=30)
        if answer["verdict"] == "known_fake":
            fakes = [match for match in answer["matches"] if match["verdict"] == "known_fake"]
            hold(upload, [match["entry_id"] for match in fakes])

A newsroom does not upload files and sends fingerprints instead. `fingerprint` needs the extra `workers`. Face
vectors are biometric data: compute and send them only if the answer depends on them::

    with Client(url, key) as registry:
        answer = registry.look_up_document(fingerprint("upload.mp4"))
        if answer["next_step"] == "send_faces":
            answer = registry.look_up_document(fingerprint("upload.mp4", faces=True))
        print(answer["verdict"], answer["not_checked"])

A fact-checker registers a fake with its original and waits until lookups find it::

    with Client(url, key) as registry:
        made = registry.register(["fake.mp4"], originals=["interview.mp4"], title="Mayor «resigns»",
                                 references=[{"url": "https://news.example/checked"}])
        entry = registry.wait_matchable(made["entry_id"])

A moderation queue sends ten thousand hashes in one stream, without waiting for each answer. The answer to the
hash of one picture is at most `related`: it shows which files to send, but never that a file is not a fake::

    async with AsyncClient(url, key) as registry:
        questions = ({"type": "hash", "algorithm": "pdq.1", "value": value} for value in hashes)
        async for line in registry.look_up_many(questions):
            print(line["line"], line.get("verdict"), line.get("error"))

These calls are safe to repeat. They are repeated, up to `Retries.attempts` times, if the service is busy (429
and 503, after `Retry-After` seconds) or the connection breaks.

`request` sends every other operation of the API. `operations` has a function for each, `schemas` the types of
bodies and answers. A request that would create something twice is not repeated if it may have arrived::

    with Client(url, key) as registry:
        page = registry.request(operations.list_entries(status="matchable", limit=50))
        titles = {entry["entry_id"]: entry["title"] for entry in page["entries"]}

Every error is a `ClientError` with a stable `code` and a `next_step`. `ServiceError`: the service refused.
`Unreachable`: no service answers. `NotYet`: the result is not ready in time. `FileError`: a file cannot be
read. `NotInstalled`: `fingerprint` lacks a package. Paths are texts or `os.PathLike`.
"""

from typing import TYPE_CHECKING, Any

from fakeprint import operations
from fakeprint.asynchronous import AsyncClient
from fakeprint.blocking import Client
from fakeprint.calls import Call, Content, Form, Operation
from fakeprint.failures import (
    ClientError,
    FileError,
    NotInstalled,
    NotYet,
    ServiceError,
    Unreachable,
)
from fakeprint.fingerprinting import fingerprint
from fakeprint.retries import Retries

if TYPE_CHECKING:
    from fakeprint.schemas import Line
    from fakeprint.schemas import LookupAnswer as Answer

__all__ = [
    "Answer",
    "AsyncClient",
    "Call",
    "Client",
    "ClientError",
    "Content",
    "FileError",
    "Form",
    "Line",
    "NotInstalled",
    "NotYet",
    "Operation",
    "Retries",
    "ServiceError",
    "Unreachable",
    "fingerprint",
    "operations",
    "schemas",
]


def __getattr__(name: str) -> Any:
    """Return one of the two types that are named here. The types are loaded when they are first used."""
    if name not in {"Answer", "Line"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fakeprint import schemas  # noqa: PLC0415 - 350 types, of which most programs need none at run time

    return schemas.Line if name == "Line" else schemas.LookupAnswer
