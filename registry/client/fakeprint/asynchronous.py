"""The asynchronous client. It has the calls of the blocking one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import ExitStack, aclosing
from typing import TYPE_CHECKING, Any, Self, cast, overload

import httpx2

from fakeprint import calls, questions
from fakeprint import operations as api
from fakeprint.batching import Progress
from fakeprint.blocking import READ_SECONDS, SETTLED, looks, settings, timeout
from fakeprint.calls import Call, Operation, Request
from fakeprint.failures import NotYet, Unreachable, accepted, content_of
from fakeprint.paths import FilePath, Medium
from fakeprint.retries import Retries, retry_after

if TYPE_CHECKING:
    from fakeprint.schemas import Entry, Line, ListedBank, LookupAnswer, Registered


class AsyncClient:
    """A client of one service; see `Client`. Several tasks may use it."""

    def __init__(self, url: str, key: str = "", *, retries: Retries | None = None) -> None:
        self.retries = retries or Retries()
        self._http = httpx2.AsyncClient(**settings(url, key))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def look_up_hash(self, algorithm: str, value: str, *, bank: str | None = None) -> LookupAnswer:
        """Like `Client.look_up_hash`."""
        return await self.look_up({"type": "hash", "algorithm": algorithm, "value": value}, bank=bank)

    async def look_up_sha256(self, digest: str, *, bank: str | None = None) -> LookupAnswer:
        """Like `Client.look_up_sha256`."""
        return await self.look_up({"type": "sha256", "sha256": digest}, bank=bank)

    async def look_up_document(self, document: Medium, *, bank: str | None = None) -> LookupAnswer:
        """Like `Client.look_up_document`."""
        return await self.look_up(questions.of_document(document), bank=bank)

    async def look_up(self, question: Mapping[str, Any], *, bank: str | None = None) -> LookupAnswer:
        """Like `Client.look_up`."""
        return await self.request(questions.lookup(question, bank))

    async def look_up_file(
        self,
        path: FilePath,
        *,
        bank: str | None = None,
        wait: float = 60.0,
        effort: questions.Effort | None = None,
    ) -> LookupAnswer:
        """Like `Client.look_up_file`. Raises `NotYet`."""
        ends = time.monotonic() + wait
        response = await self.send(questions.file_lookup(path, bank, wait, effort))
        body = accepted(response)
        for pause in looks(ends):
            if response.status_code != 202:
                return cast("LookupAnswer", body)
            await asyncio.sleep(pause)
            response = await self.send(api.show_lookup(body["lookup_id"]))
            body = accepted(response)
        if response.status_code != 202:
            return cast("LookupAnswer", body)
        raise NotYet(f"Lookup {body['lookup_id']} is not answered yet.", body)

    async def lookup(self, lookup_id: str) -> LookupAnswer:
        """Like `Client.lookup`. Raises `NotYet`."""
        response = await self.send(api.show_lookup(lookup_id))
        body = accepted(response)
        if response.status_code == 202:
            raise NotYet(f"Lookup {lookup_id} is not answered yet.", body)
        return cast("LookupAnswer", body)

    async def look_up_many(
        self, questions: Iterable[Mapping[str, Any]], *, bank: str | None = None
    ) -> AsyncGenerator[Line]:
        """Like `Client.look_up_many`. If you leave it early, close it with `aclose`
        (`contextlib.aclosing`)."""
        before = 0
        for lines in calls.batches(questions):
            progress = Progress(lines, before)
            before += len(lines)
            while progress.left:
                attempt = progress.attempt()
                async with aclosing(self._stretch(progress, bank, attempt)) as answers:
                    async for line in answers:
                        yield line
                if progress.left:
                    pause = self.retries.after_cut(attempt, str(self._http.base_url), progress.retry_after)
                    await asyncio.sleep(pause)

    async def register(
        self,
        fakes: Medium | Sequence[Medium],
        *,
        originals: Medium | Sequence[Medium] = (),
        **fields: Any,
    ) -> Registered:
        """Like `Client.register`."""
        return await self.request(questions.registration(fakes, originals, fields))

    async def entry(self, entry_id: str) -> Entry:
        """Like `Client.entry`."""
        return await self.request(api.show_entry(entry_id))

    async def wait_matchable(self, entry_id: str, *, seconds: float = 600.0) -> Entry:
        """Like `Client.wait_matchable`. Raises `NotYet`."""
        for pause in looks(time.monotonic() + seconds):
            entry = await self.entry(entry_id)
            if entry["status"] == "matchable" or entry["status"] in SETTLED:
                return entry
            await asyncio.sleep(pause)
        raise NotYet(f"Entry {entry_id} is not matchable yet.", {"entry_id": entry_id})

    async def banks(self) -> list[ListedBank]:
        """Like `Client.banks`."""
        return (await self.request(api.list_banks()))["banks"]

    @overload
    async def request[T](self, call: Operation[T]) -> T: ...

    @overload
    async def request(self, call: Call) -> dict[str, Any]: ...

    async def request(self, call: Request) -> Any:
        """Like `Client.request`."""
        response = await self.send(call)
        return content_of(response) if call.plain else accepted(response)

    async def send(self, call: Request) -> httpx2.Response:
        """Like `Client.send`, without a deadline: use `asyncio.timeout`. Raises `Unreachable`."""
        attempt = 0
        while True:
            attempt += 1
            pause: float | None
            try:
                response = await self._once(call)
            except (httpx2.TransportError, httpx2.InvalidURL) as error:
                pause = self.retries.after_error(attempt, error, once=call.once)
                if pause is None:
                    raise Unreachable(f"The service at {self._http.base_url} does not answer.") from error
            else:
                pause = self.retries.after_answer(attempt, response)
                if pause is None:
                    return response
            await asyncio.sleep(pause)

    async def _once(self, call: Request) -> httpx2.Response:
        with ExitStack() as opened:
            body = opened.enter_context(call.open()) if call.open else {}
            return await self._http.request(
                call.method,
                call.path,
                params=call.params,
                headers=call.headers,
                timeout=timeout(READ_SECONDS),
                **body,
            )

    async def _stretch(self, progress: Progress, bank: str | None, attempt: int) -> AsyncGenerator[Line]:
        request = calls.batch_request(self._http, progress.left, bank)
        try:
            response = await self._http.send(request, stream=True)
        except httpx2.TransportError:
            return
        try:
            if response.status_code >= 400:
                await response.aread()
                if self.retries.after_answer(attempt, response) is None:
                    accepted(response)
                progress.retry_after = retry_after(response)
                return
            async for raw in response.aiter_lines():
                answer = progress.take(raw)
                if answer is None:
                    return
                yield answer
        except httpx2.TransportError:
            return
        finally:
            await response.aclose()
