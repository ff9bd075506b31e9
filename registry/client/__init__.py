"""A Python client of the API, blocking and asynchronous, with retries.

It needs `httpx` and nothing of the registry's own code. Four examples:

A platform asks about an upload: first by its SHA-256, which is answered in milliseconds, then with the file
unless that answer is final. `next_step` is None where nothing that is sent in addition could change the
answer::

    with Client("https://registry.example", key) as registry:
        answer = registry.look_up_sha256(sha256)
        if answer["next_step"]:
            answer = registry.look_up_file("upload.mp4", wait=30)
        if answer["verdict"] == "known_fake":
            fakes = [match for match in answer["matches"] if match["verdict"] == "known_fake"]
            hold(upload, [match["entry_id"] for match in fakes])

A newsroom keeps its files to itself and sends fingerprints. `fingerprint` needs the extra `workers`. Face
vectors are biometric data: they are made and sent only where the answer depends on them::

    with Client(url, key) as registry:
        answer = registry.look_up_document(fingerprint("upload.mp4"))
        if answer["next_step"] == "send_faces":
            answer = registry.look_up_document(fingerprint("upload.mp4", faces=True))
        print(answer["verdict"], answer["not_checked"])

A fact-checker registers a fake with its original, and waits until lookups find it::

    with Client(url, key) as registry:
        made = registry.register(["fake.mp4"], originals=["interview.mp4"], title="Mayor «resigns»",
                                 references=[{"url": "https://news.example/checked"}])
        entry = registry.wait_matchable(made["entry_id"])

A moderation queue sends ten thousand hashes in one stream, without waiting for one answer before the next.
The hash of one picture is `related` at most: it says which files to send, and never that a file is no fake::

    async with AsyncClient(url, key) as registry:
        questions = ({"type": "hash", "algorithm": "pdq.1", "value": value} for value in hashes)
        async for line in registry.look_up_many(questions):
            print(line["line"], line.get("verdict"), line.get("error"))

Each of these calls may be repeated safely. It is repeated, up to `Retries.attempts` times, where the service
was busy (429 and 503, after `Retry-After` seconds) or the connection broke. `request` sends any other call; a
`Call` with `once` is never sent twice where it may have arrived.

Every error is a `ClientError` with a stable `code` and a `next_step`. The service refused: `ServiceError`. No
service answers: `Unreachable`. It did not finish in the time given: `NotYet`. A file cannot be read:
`FileError`. `fingerprint` lacks a package: `NotInstalled`. Paths are texts or `os.PathLike`.
"""

from registry.client.asynchronous import AsyncClient
from registry.client.blocking import Client
from registry.client.calls import Call
from registry.client.failures import (
    ClientError,
    FileError,
    NotInstalled,
    NotYet,
    ServiceError,
    Unreachable,
)
from registry.client.fingerprinting import fingerprint
from registry.client.retries import Retries
from registry.client.shapes import Answer, Bank, Coverage, Entry, Line, Match, NotChecked, Registered, Span

__all__ = [
    "Answer",
    "AsyncClient",
    "Bank",
    "Call",
    "Client",
    "ClientError",
    "Coverage",
    "Entry",
    "FileError",
    "Line",
    "Match",
    "NotChecked",
    "NotInstalled",
    "NotYet",
    "Registered",
    "Retries",
    "ServiceError",
    "Span",
    "Unreachable",
    "fingerprint",
]
