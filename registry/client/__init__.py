"""A Python client of a Fakeprint service: typed, blocking and asynchronous, with retries.

It needs `httpx` and nothing of the registry's own code. Three examples:

A platform asks on upload, by the PDQ that it has computed already, and sends the file where that says
nothing::

    with Client("https://registry.example", key) as registry:
        answer = registry.look_up_hash("pdq.1", pdq_hex)
        if answer["verdict"] == "no_match":
            answer = registry.look_up_file("upload.mp4", wait=30)
        if answer["verdict"] == "known_fake":
            hold(upload, [match["entry_id"] for match in answer["matches"]])

A fact-checker registers a fake with its original, and waits until lookups find it::

    with Client(url, key) as registry:
        made = registry.register(["fake.mp4"], originals=["interview.mp4"], title="Mayor «resigns»",
                                 references=[{"url": "https://news.example/checked"}])
        entry = registry.wait_matchable(made["entry_id"])

A moderation queue asks ten thousand hashes in one stream, without waiting for one answer before the next::

    async with AsyncClient(url, key) as registry:
        questions = ({"type": "hash", "algorithm": "pdq.1", "value": value} for value in hashes)
        async for line in registry.look_up_many(questions):
            print(line["line"], line.get("verdict"), line.get("error"))

Every one of these calls may be repeated safely and is, up to `Retries.attempts` times, where the service was
busy (429, 503, by `Retry-After`) or the line broke; `request` sends any other, a `Call` with `once` never
twice where it may have arrived. What the service refuses is a `ServiceError` with its stable
`code`; a service that is not there is `Unreachable`; one that did not finish in the time given, `NotYet`.
"""

from registry.client.asynchronous import AsyncClient
from registry.client.blocking import Client
from registry.client.calls import Call
from registry.client.failures import ClientError, NotYet, ServiceError, Unreachable
from registry.client.retries import Retries
from registry.client.shapes import Answer, Bank, Entry, Line, Match, Registered, Span

__all__ = [
    "Answer",
    "AsyncClient",
    "Bank",
    "Call",
    "Client",
    "ClientError",
    "Entry",
    "Line",
    "Match",
    "NotYet",
    "Registered",
    "Retries",
    "ServiceError",
    "Span",
    "Unreachable",
]
