"""The blocking client."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, Self, cast, overload
from urllib.parse import urlsplit

import httpx2

from fakeprint import calls, questions
from fakeprint import operations as api
from fakeprint.batching import Progress
from fakeprint.calls import Call, Operation, Request
from fakeprint.failures import NotYet, Unreachable, accepted, content_of
from fakeprint.paths import FilePath, Medium
from fakeprint.retries import Retries, retry_after
from fakeprint.version import __version__

if TYPE_CHECKING:
    from fakeprint.schemas import Entry, Line, ListedBank, LookupAnswer, Registered

READ_SECONDS: Final = 120.0
CONNECT_SECONDS: Final = 5.0
FIRST_LOOK: Final = 0.2
LONGEST_LOOK: Final = 2.0
"""First and longest pause between two status requests, in seconds."""
SETTLED: Final = frozenset({"failed", "suspended", "withdrawn"})


def settings(url: str, key: str) -> dict[str, Any]:
    """Return the httpx2 settings of both clients. Requests to this machine use no proxy. Without TLS no
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
    """Return the seconds unchanged: there is no deadline."""
    return seconds


class Client:
    """A client of one service. Thread-safe. Use it as a context manager.

    `limit` returns how many of the given seconds remain before a deadline.
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
        self._http = httpx2.Client(**settings(url, key))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def look_up_hash(self, algorithm: str, value: str, *, bank: str | None = None) -> LookupAnswer:
        """Look up the hash of a picture. `algorithm`: pdq.1, phash256.1 (hex) or sscd.1 (base64).
        Of a whole file: videohash.1 (hex) or iscc.1 (`ISCC:…`).

        One picture is not enough for a decision: the answer is at most `related`, with `next_step`
        "send_file"."""
        return self.look_up({"type": "hash", "algorithm": algorithm, "value": value}, bank=bank)

    def look_up_sha256(self, digest: str, *, bank: str | None = None) -> LookupAnswer:
        """Look up a file by its SHA-256 (`digest`, hex). A changed copy has another digest, so send the file
        if the answer has a `next_step`."""
        return self.look_up({"type": "sha256", "sha256": digest}, bank=bank)

    def look_up_document(self, document: Medium, *, bank: str | None = None) -> LookupAnswer:
        """Look up a fingerprint document: the result of `fingerprint`, or a file that `fakeprint hash`
        wrote."""
        return self.look_up(questions.of_document(document), bank=bank)

    def look_up(self, question: Mapping[str, Any], *, bank: str | None = None) -> LookupAnswer:
        """Send a query in the format of `POST /v1/lookups`."""
        return self.request(questions.lookup(question, bank))

    def look_up_file(
        self,
        path: FilePath,
        *,
        bank: str | None = None,
        wait: float = 60.0,
        effort: questions.Effort | None = None,
    ) -> LookupAnswer:
        """Send a file and wait for its answer. `effort`: "quick" reads a video no further whose keyframes
        resemble nothing registered; "full" reads all of it. Raises `FileError`. Raises `NotYet` after `wait`
        seconds; its `said` holds the `lookup_id` for `lookup`."""
        ends = time.monotonic() + wait
        response = self.send(questions.file_lookup(path, bank, wait, effort))
        body = accepted(response)
        for pause in looks(ends):
            if response.status_code != 202:
                return cast("LookupAnswer", body)
            time.sleep(pause)
            response = self.send(api.show_lookup(body["lookup_id"]))
            body = accepted(response)
        if response.status_code != 202:
            return cast("LookupAnswer", body)
        raise NotYet(f"Lookup {body['lookup_id']} is not answered yet.", body)

    def lookup(self, lookup_id: str) -> LookupAnswer:
        """Return the answer to an earlier lookup. Raises `NotYet` until a worker has answered."""
        response = self.send(api.show_lookup(lookup_id))
        body = accepted(response)
        if response.status_code == 202:
            raise NotYet(f"Lookup {lookup_id} is not answered yet.", body)
        return cast("LookupAnswer", body)

    def look_up_many(
        self, questions: Iterable[Mapping[str, Any]], *, bank: str | None = None
    ) -> Iterator[Line]:
        """Yield the answers to any number of queries, in order, as they arrive. A refused query has an
        `error`."""
        before = 0
        for lines in calls.batches(questions):
            progress = Progress(lines, before)
            before += len(lines)
            while progress.left:
                attempt = progress.attempt()
                yield from self._stretch(progress, bank, attempt)
                if progress.left:
                    time.sleep(
                        self.retries.after_cut(attempt, str(self._http.base_url), progress.retry_after)
                    )

    def register(
        self,
        fakes: Medium | Sequence[Medium],
        *,
        originals: Medium | Sequence[Medium] = (),
        **fields: Any,
    ) -> Registered:
        """Register an entry with files or with fingerprint documents. A single one needs no list. `fields`:
        bank, title, manipulation, claim, references and other fields of `POST /v1/entries`."""
        return self.request(questions.registration(fakes, originals, fields))

    def entry(self, entry_id: str) -> Entry:
        """Return an entry with its media."""
        return self.request(api.show_entry(entry_id))

    def wait_matchable(self, entry_id: str, *, seconds: float = 600.0) -> Entry:
        """Wait until lookups find the entry, or it has failed (`status`), and return it. Raises `NotYet`."""
        for pause in looks(time.monotonic() + seconds):
            entry = self.entry(entry_id)
            if entry["status"] == "matchable" or entry["status"] in SETTLED:
                return entry
            time.sleep(pause)
        raise NotYet(f"Entry {entry_id} is not matchable yet.", {"entry_id": entry_id})

    def banks(self) -> list[ListedBank]:
        """Return the banks that this key may search."""
        return self.request(api.list_banks())["banks"]

    @overload
    def request[T](self, call: Operation[T]) -> T: ...

    @overload
    def request(self, call: Call) -> dict[str, Any]: ...

    def request(self, call: Request) -> Any:
        """Send an operation of `fakeprint.operations` and return its answer. A `Call` of your own has to
        answer a JSON object. Raises `ServiceError`, `Unreachable`, `NotYet` (deadline)."""
        response = self.send(call)
        return content_of(response) if call.plain else accepted(response)

    def send(self, call: Request) -> httpx2.Response:
        """Send a call, with the retries of `Retries`, and return its answer, whatever its status. Raises
        `Unreachable` from the error of httpx2, `NotYet` if `limit` leaves no time for the next attempt."""
        attempt = 0
        while True:
            attempt += 1
            pause: float | None
            try:
                response = self._once(call)
            except (httpx2.TransportError, httpx2.InvalidURL) as error:
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

    def _once(self, call: Request) -> httpx2.Response:
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
        except httpx2.TransportError:
            return
        try:
            if response.status_code >= 400:
                response.read()
                if self.retries.after_answer(attempt, response) is None:
                    accepted(response)
                progress.retry_after = retry_after(response)
                return
            for raw in response.iter_lines():
                answer = progress.take(raw)
                if answer is None:
                    return
                yield answer
        except httpx2.TransportError:
            return
        finally:
            response.close()


def timeout(limit: float) -> httpx2.Timeout:
    """Return the timeouts of one attempt, at most `limit` seconds."""
    limit = max(0.05, limit)
    return httpx2.Timeout(limit, connect=min(CONNECT_SECONDS, limit))


def looks(ends: float) -> Iterator[float]:
    """Yield the pauses between status requests, at least one, until `ends` (of `time.monotonic`)."""
    pause = FIRST_LOOK
    while True:
        remaining = ends - time.monotonic()
        yield max(0.0, min(pause, remaining))
        if remaining <= 0:
            return
        pause = min(LONGEST_LOOK, pause * 1.5)
