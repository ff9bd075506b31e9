"""The blocking client."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Final, Self, cast
from urllib.parse import urlsplit

import httpx

from registry import __version__
from registry.client import calls
from registry.client.batching import Progress
from registry.client.calls import Call
from registry.client.failures import NotYet, Unreachable, accepted
from registry.client.paths import FilePath, Medium
from registry.client.retries import Retries, retry_after
from registry.client.shapes import Answer, Bank, Entry, Line, Registered

READ_SECONDS: Final = 120.0
CONNECT_SECONDS: Final = 5.0
FIRST_LOOK: Final = 0.2
LONGEST_LOOK: Final = 2.0
"""Seconds between two looks at what is waited for."""
SETTLED: Final = frozenset({"failed", "suspended", "withdrawn"})


def settings(url: str, key: str) -> dict[str, Any]:
    """Return the httpx settings of both clients. Requests to this machine use no proxy. Without TLS no
    certificates are loaded, which saves .01 s."""
    local = urlsplit(url).hostname in {"127.0.0.1", "::1", "localhost"}
    headers = {"Accept": "application/json", "User-Agent": f"fakeprint/{__version__}"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return {
        "base_url": url.rstrip("/"),
        "headers": headers,
        "trust_env": not local,
        "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if local and url.startswith("http:") else True,
    }


def unbounded(seconds: float) -> float:
    """No deadline: what was wished for."""
    return seconds


class Client:
    """A service, by its address and a key. Threads may share it; use it as a context manager.

    `limit` turns seconds that something may take into those that are left of a deadline.
    """

    def __init__(
        self,
        url: str,
        key: str = "",
        *,
        retries: Retries | None = None,
        limit: Callable[[float], float] = unbounded,
    ) -> None:
        self.retries = retries or Retries()
        self._limit = limit
        self._http = httpx.Client(**settings(url, key))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def look_up_hash(self, algorithm: str, value: str, *, bank: str | None = None) -> Answer:
        """Is a picture with this hash known? `algorithm`: pdq.1, phash256.1 (hex) or sscd.1 (base64).

        One picture never decides: the answer is `related` at most, with `next_step` "send_file"."""
        return self.look_up({"type": "hash", "algorithm": algorithm, "value": value}, bank=bank)

    def look_up_sha256(self, digest: str, *, bank: str | None = None) -> Answer:
        """Is this very file known? `digest`: hex. A copy that was changed has another digest: send it where
        the answer has a `next_step`."""
        return self.look_up({"type": "sha256", "sha256": digest}, bank=bank)

    def look_up_document(self, document: Medium, *, bank: str | None = None) -> Answer:
        """Is the clip known that this fingerprint document was made of? `document`: of `fingerprint`, or the
        file that `fakeprint hash` wrote."""
        return cast("Answer", self.request(calls.document_question(document, bank)))

    def look_up(self, question: Mapping[str, Any], *, bank: str | None = None) -> Answer:
        """A question as `POST /v1/lookups` takes it."""
        return cast("Answer", self.request(calls.question(question, bank)))

    def look_up_file(self, path: FilePath, *, bank: str | None = None, wait: float = 60.0) -> Answer:
        """Send a file, and wait for its answer. Raises `FileError`; `NotYet` after `wait` seconds;
        `NotYet.said` has the `lookup_id` to ask for with `lookup`."""
        ends = time.monotonic() + wait
        response = self.send(calls.file_question(path, bank, wait))
        said = accepted(response)
        for pause in looks(ends):
            if response.status_code != 202:
                return cast("Answer", said)
            time.sleep(pause)
            response = self.send(calls.get(f"/v1/lookups/{said['lookup_id']}"))
            said = accepted(response)
        if response.status_code != 202:
            return cast("Answer", said)
        raise NotYet(f"Lookup {said['lookup_id']} is not answered yet.", said)

    def lookup(self, lookup_id: str) -> Answer:
        """The answer to an earlier lookup. Raises `NotYet` while a worker has not answered."""
        response = self.send(calls.get(f"/v1/lookups/{lookup_id}"))
        said = accepted(response)
        if response.status_code == 202:
            raise NotYet(f"Lookup {lookup_id} is not answered yet.", said)
        return cast("Answer", said)

    def look_up_many(
        self, questions: Iterable[Mapping[str, Any]], *, bank: str | None = None
    ) -> Iterator[Line]:
        """Answers to any number of questions, in their order, as they come; a bad one has its `error`."""
        before = 0
        for lines in calls.batches(questions):
            progress = Progress(lines, before)
            before += len(lines)
            while progress.left:
                attempt = progress.attempt()
                yield from self._stretch(progress, bank, attempt)
                if progress.left:
                    time.sleep(self.retries.after_cut(attempt, str(self._http.base_url), progress.asked))

    def register(
        self,
        fakes: Medium | Sequence[Medium],
        *,
        originals: Medium | Sequence[Medium] = (),
        **said: Any,
    ) -> Registered:
        """An entry of files, or of fingerprint documents; one may be given alone. `said`: bank, title,
        manipulation, claim, references, and what else `POST /v1/entries` takes."""
        return cast("Registered", self.request(calls.registration(fakes, originals, said)))

    def entry(self, entry_id: str) -> Entry:
        """An entry and its media."""
        return cast("Entry", self.request(calls.get(f"/v1/entries/{entry_id}")))

    def wait_matchable(self, entry_id: str, *, seconds: float = 600.0) -> Entry:
        """The entry, once lookups find it or it has failed (`status`). Raises `NotYet`."""
        for pause in looks(time.monotonic() + seconds):
            entry = self.entry(entry_id)
            if entry["status"] == "matchable" or entry["status"] in SETTLED:
                return entry
            time.sleep(pause)
        raise NotYet(f"Entry {entry_id} is not matchable yet.", {"entry_id": entry_id})

    def banks(self) -> list[Bank]:
        """The banks that answer this key."""
        return cast("list[Bank]", self.request(calls.get("/v1/banks"))["banks"])

    def request(self, call: Call) -> dict[str, Any]:
        """The JSON object that answers any call. Raises `ServiceError`, `Unreachable`, `NotYet`
        (deadline)."""
        return accepted(self.send(call))

    def send(self, call: Call) -> httpx.Response:
        """The answer to a call, whatever its status, tried again as `Retries` says. Raises `Unreachable` from
        the error of httpx, `NotYet` where `limit` leaves no time for the next attempt."""
        attempt = 0
        while True:
            attempt += 1
            pause: float | None
            try:
                response = self._once(call)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                pause = self.retries.after_error(attempt, error, once=call.once)
                if pause is None:
                    raise Unreachable(f"The service at {self._http.base_url} does not answer.") from error
            else:
                pause = self.retries.after_answer(attempt, response)
                if pause is None:
                    return response
            if self._limit(self.retries.longest) < pause:
                raise NotYet("The service did not answer in time.", {})
            time.sleep(pause)

    def _once(self, call: Call) -> httpx.Response:
        with ExitStack() as opened:
            body = opened.enter_context(call.open()) if call.open else {}
            return self._http.request(
                call.method,
                call.path,
                params=call.params,
                headers=call.headers,
                timeout=timeout(self._limit(READ_SECONDS)),
                **body,
            )

    def _stretch(self, progress: Progress, bank: str | None, attempt: int) -> Iterator[Line]:
        request = calls.batch_request(self._http, progress.left, bank)
        try:
            response = self._http.send(request, stream=True)
        except httpx.TransportError:
            return
        try:
            if response.status_code >= 400:
                response.read()
                if self.retries.after_answer(attempt, response) is None:
                    accepted(response)
                progress.asked = retry_after(response)
                return
            for raw in response.iter_lines():
                answer = progress.take(raw)
                if answer is None:
                    return
                yield answer
        except httpx.TransportError:
            return
        finally:
            response.close()


def timeout(limit: float) -> httpx.Timeout:
    """Bounds of one attempt, in seconds."""
    limit = max(0.05, limit)
    return httpx.Timeout(limit, connect=min(CONNECT_SECONDS, limit))


def looks(ends: float) -> Iterator[float]:
    """Pauses between looks, until `ends` (of `time.monotonic`); at least one."""
    pause = FIRST_LOOK
    while True:
        left = ends - time.monotonic()
        yield max(0.0, min(pause, left))
        if left <= 0:
            return
        pause = min(LONGEST_LOOK, pause * 1.5)
