"""Batches of lookups: a question a line in, an answer a line out, in the same order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Final, cast, override
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from registry.core.errors import FakeprintError, TooMany, Unavailable
from registry.core.http import bodies, documentation, malloc, ndjson, problems
from registry.core.http.concurrency import TINY, ConcurrencyLimit
from registry.core.http.ndjson import NDJSON, Inbox, Line
from registry.core.service import Service
from registry.identity.callers.api.access import CallerOf, Route, ServiceOf, key_of
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.identity.quotas.api.rate_limits import RateLimits
from registry.matching.abuse.guard import ReconstructionGuard
from registry.matching.counters import LookupCounters
from registry.matching.lookups.api.answers import shown
from registry.matching.lookups.api.questions import Question, answered, is_placed, question
from registry.matching.lookups.model import Answer
from registry.matching.lookups.schemas import lookup as lookup_models
from registry.matching.lookups.service.hashes import answer_hashes, together

LOGGER = logging.getLogger(__name__)

router = APIRouter(route_class=Route, tags=["lookups"])

STRETCH: Final = 100
"""Lines that are answered together at most, before others of the process have their turn."""
Known = dict[int, Answer | FakeprintError]
LONGEST_REST: Final = 1.0
"""Seconds that a batch rests at a time where its caller's rate is used up; then it looks whether to end."""
FINAL: Final = frozenset(
    {
        *("unauthenticated", "forbidden", "quota_exhausted", "too_many_lines", "batch_stalled"),
        *("unavailable", "database_unavailable", "spool_full", "spool_unavailable"),
    }
)
"""Errors after which a batch does not go on: the next lines would meet them too."""


@router.post(
    "/v1/lookups:batch",
    operation_id="lookUpBatch",
    summary="Look up to 10,000 queries, one per line",
    response_class=Response,
    responses=documentation.lines_answer(
        lookup_models.LookupAnswer, "A line each, in the order of the questions."
    )
    | documentation.problems(400, 415, 429),
    openapi_extra=documentation.body(
        documentation.lines_body(
            lookup_models.HashLookup,
            lookup_models.Sha256Lookup,
            lookup_models.Md5Lookup,
            lookup_models.DocumentLookup,
        )
    ),
)
async def look_up_batch(
    request: Request,
    service: ServiceOf,
    caller: CallerOf,
    bank: Annotated[str | None, Query(max_length=100, description="for lines that name no bank")] = None,
) -> Response:
    """Needs role `lookup`. Each line is a query as in `POST /v1/lookups` (`document`, `sha256` or `hash`,
    no file) of at most 1 MiB. Blank lines are counted and get no answer. Each line of the answer has
    `line`, the number of its query from 1 on, and what `POST /v1/lookups` answers, or `error`, a problem
    document. A bad line does not affect the others. Some errors end the batch: `too_many_lines`,
    `batch_stalled`, `unauthenticated` (the key expired or was revoked meanwhile), `forbidden`,
    `quota_exhausted`, `unavailable`, `database_unavailable`, `spool_full`, `spool_unavailable`. Send that
    line and the following ones again. Answers arrive while you send; the service reads at most 16 MiB
    ahead of what you read. A caller may run two batches at once. A batch above the caller's rate is slowed
    down, not refused. It continues after a line with `reconstruction_suspected`."""
    bodies.content_type(request, NDJSON)
    return Batch(request, service, caller, bank or None)


class Batch(Response):
    """The answer of a batch, made while it is sent. Raises, before it begins, as `RateLimits.batch` does."""

    def __init__(self, request: Request, service: Service, caller: Caller, bank: str | None) -> None:
        super().__init__(media_type=NDJSON)
        self._state = request.app.state
        self._asked = Asked(
            service,
            caller.caller_id,
            key_of(request),
            bank,
            request.state.request_id,
            request.app.state.reconstruction,
        )

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rate_limits: RateLimits = self._state.rate_limits
        async with rate_limits.batch(self._asked.caller_id):
            inbox = Inbox(receive)
            reader = asyncio.create_task(inbox.read())
            headers = [(b"content-type", NDJSON.encode())]
            try:
                await ndjson.answer(send, headers, self._pieces(inbox))
            finally:
                reader.cancel()
                malloc.return_memory_soon()

    async def _pieces(self, inbox: Inbox) -> AsyncGenerator[bytes]:
        rate_limits: RateLimits = self._state.rate_limits
        while lines := await inbox.lines(STRETCH):
            if not self._goes_on():
                yield _json(self._asked.refused(lines[0], _stopping()))
                return
            for some in _stretches(lines, rate_limits.lines(self._asked.caller_id, STRETCH)):
                told = await self._paid(some) or await self._told(some)
                yield b"".join(_json(row) for row in told)
                if _is_final(told[-1]):
                    return

    async def _told(self, lines: list[Line]) -> list[dict[str, Any]]:
        """The answers to lines that are answered together."""
        gate: ConcurrencyLimit = self._state.gate
        rate_limits: RateLimits = self._state.rate_limits
        size = len(lines[0].raw)
        turn = gate.turn(None, size) if size > TINY else rate_limits.stretch
        async with turn:
            given, told = await run_in_threadpool(self._asked.answers, lines)
        instruments: LookupCounters = self._state.instruments
        for kind, one in zip(given, told, strict=True):
            if kind:
                instruments.looked_up(kind, cast("Answer", one))
        return told

    async def _paid(self, lines: list[Line]) -> list[dict[str, Any]]:
        """Wait until the caller's limits allow these lines; the refusal where they will not, else nothing."""
        rate_limits: RateLimits = self._state.rate_limits
        sizes = [len(line.raw) for line in lines]
        try:
            await rate_limits.pay(self._asked.caller_id, sizes, goes_on=self._goes_on, patience=LONGEST_REST)
        except TooMany as error:
            return [self._asked.refused(lines[0], error)]
        return [] if self._goes_on() else [self._asked.refused(lines[0], _stopping())]

    def _goes_on(self) -> bool:
        return not getattr(self._state, "stopping", False)


def _stretches(lines: Iterable[Line], most: int) -> list[list[Line]]:
    """The lines in their order, so many together, documents each by itself: they wait for their turn among
    documents."""
    some: list[list[Line]] = []
    for line in lines:
        if len(line.raw) > TINY or not some or len(some[-1][0].raw) > TINY or len(some[-1]) >= most:
            some.append([line])
        else:
            some[-1].append(line)
    return some


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and of whom; `key` is looked at anew before each stretch, so that it may be revoked."""

    service: Service
    caller_id: UUID
    key: str
    bank: str | None
    request_id: str
    reconstruction: ReconstructionGuard

    def answers(self, lines: list[Line]) -> tuple[list[str], list[dict[str, Any]]]:
        """What was given in each line (empty where it says nothing), and the answers, up to the last that
        is given."""
        try:
            caller = authenticate(self.service, self.key)
            caller.require("lookup")
        except FakeprintError as error:
            return [""], [self.refused(lines[0], error)]
        parsed = [self._parsed(line) for line in lines]
        known = self._together(caller, parsed)
        kinds: list[str] = []
        told: list[dict[str, Any]] = []
        for place, (line, asked) in enumerate(zip(lines, parsed, strict=True)):
            kind, answer = self._answer(caller, line, asked, known.get(place))
            kinds.append(kind)
            told.append(answer)
            if _is_final(answer):
                break
        return kinds, told

    def _parsed(self, line: Line) -> Question | FakeprintError:
        try:
            return line.error or question(bodies.parse(line.raw, "The line"))
        except FakeprintError as error:
            return error

    def _together(self, caller: Caller, parsed: Sequence[Question | FakeprintError]) -> Known:
        """What comes, by their place, of hashes that can be asked together; where that fails, nothing."""
        places: dict[str, dict[int, str]] = {}
        for place, asked in enumerate(parsed):
            if not isinstance(asked, lookup_models.HashLookup) or asked.bank or self.bank:
                continue
            if asked.exact or asked.watch_days or is_placed(asked):
                continue
            if together(asked.algorithm, asked.value):
                places.setdefault(asked.algorithm, {})[place] = asked.value
        found: Known = {}
        for algorithm, values in places.items():
            with suppress(FakeprintError):
                _, answers = answer_hashes(self.service, self.key, algorithm, list(values.values()))
                for (place, value), answer in zip(values.items(), answers, strict=True):
                    found[place] = self._noted(caller, algorithm, value, answer)
        return found

    def _noted(self, caller: Caller, algorithm: str, value: str, answer: Answer) -> Answer | FakeprintError:
        """The answer to a hash, or why it is not given."""
        try:
            self.reconstruction.admit(caller, algorithm, value)
            self.reconstruction.note(caller, algorithm, value, shown(answer, caller))
        except TooMany as error:
            return error
        return answer

    def _answer(
        self,
        caller: Caller,
        line: Line,
        asked: Question | FakeprintError,
        known: Answer | FakeprintError | None,
    ) -> tuple[str, dict[str, Any]]:
        if isinstance(asked, FakeprintError):
            return "", self.refused(line, asked)
        if isinstance(known, FakeprintError):
            return "", self.refused(line, known)
        try:
            found = known or answered(self.service, caller, asked, self.bank, self.reconstruction)
        except FakeprintError as error:
            return "", self.refused(line, error)
        except Exception:
            # A bug that one line meets is that line's.
            LOGGER.exception("a line of a batch was not answered because of a bug")
            return "", self.refused(line, problems.bug())
        return asked.type, {"line": line.number, **shown(found, caller)}

    def refused(self, line: Line, error: FakeprintError) -> dict[str, Any]:
        """The line of an error."""
        said = error.problem() | problems.instance(self.request_id)
        return {"line": line.number, "error": said}


def _is_final(told: dict[str, Any]) -> bool:
    return "error" in told and told["error"]["code"] in FINAL


def _json(told: dict[str, Any]) -> bytes:
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def _stopping() -> Unavailable:
    return Unavailable(
        "This process of the service ends.", next_step="Send this line and those after it again."
    )
