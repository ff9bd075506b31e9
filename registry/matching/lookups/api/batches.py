"""Batches of lookups: one query per line, one answer per line, in the same order."""

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
from registry.identity.quotas.api.admission import Admission
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
"""Most lines that are answered together. Then other requests of the process get their turn."""
EarlyAnswers = dict[int, Answer | FakeprintError]
"""Answers to lines that are looked up together, by position."""
LONGEST_REST: Final = 1.0
"""Longest wait, in seconds, for the caller's rate limit before the batch checks whether the process is
stopping."""
FINAL: Final = frozenset(
    {
        *("unauthenticated", "forbidden", "quota_exhausted", "too_many_lines", "batch_stalled"),
        *("unavailable", "database_unavailable", "spool_full", "spool_unavailable"),
    }
)
"""Errors that end a batch, because the next lines would fail with them too."""


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
    bank: Annotated[str | None, Query(max_length=100, description="bank for lines that name none")] = None,
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
    """The answer of a batch, computed while it is sent. Raises as `Admission.batch` before it begins."""

    def __init__(self, request: Request, service: Service, caller: Caller, bank: str | None) -> None:
        super().__init__(media_type=NDJSON)
        self._state = request.app.state
        self._batch = LineBatch(
            service,
            caller.caller_id,
            key_of(request),
            bank,
            request.state.request_id,
            request.app.state.reconstruction,
        )

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        admission: Admission = self._state.admission
        async with admission.batch(self._batch.caller_id):
            inbox = Inbox(receive)
            reader = asyncio.create_task(inbox.read())
            headers = [(b"content-type", NDJSON.encode())]
            try:
                await ndjson.answer(send, headers, self._pieces(inbox))
            finally:
                reader.cancel()
                malloc.return_memory_soon()

    async def _pieces(self, inbox: Inbox) -> AsyncGenerator[bytes]:
        admission: Admission = self._state.admission
        while lines := await inbox.lines(STRETCH):
            if not self._is_running():
                yield _json(self._batch.refused(lines[0], _stopping()))
                return
            for block in _groups(lines, admission.lines(self._batch.caller_id, STRETCH)):
                answers = await self._wait_for_rate(block) or await self._answer_group(block)
                yield b"".join(_json(row) for row in answers)
                if _is_final(answers[-1]):
                    return

    async def _answer_group(self, lines: list[Line]) -> list[dict[str, Any]]:
        """Answer a group of lines, and count the lookups."""
        gate: ConcurrencyLimit = self._state.gate
        admission: Admission = self._state.admission
        size = len(lines[0].raw)
        turn = gate.turn(None, size) if size > TINY else admission.stretch
        async with turn:
            input_kinds, answers = await run_in_threadpool(self._batch.answers, lines)
        instruments: LookupCounters = self._state.instruments
        for input_kind, answer in zip(input_kinds, answers, strict=True):
            if input_kind:
                instruments.looked_up(input_kind, cast("Answer", answer))
        return answers

    async def _wait_for_rate(self, lines: list[Line]) -> list[dict[str, Any]]:
        """Wait until the caller's limits allow these lines. Return the refusal if they do not, else an empty
        list."""
        admission: Admission = self._state.admission
        sizes = [len(line.raw) for line in lines]
        try:
            await admission.pay(self._batch.caller_id, sizes, goes_on=self._is_running, patience=LONGEST_REST)
        except TooMany as error:
            return [self._batch.refused(lines[0], error)]
        return [] if self._is_running() else [self._batch.refused(lines[0], _stopping())]

    def _is_running(self) -> bool:
        return not getattr(self._state, "stopping", False)


def _groups(lines: Iterable[Line], most: int) -> list[list[Line]]:
    """Group lines in order, at most `most` in a group. A document is a group of its own, since documents wait
    for a turn."""
    blocks: list[list[Line]] = []
    for line in lines:
        if len(line.raw) > TINY or not blocks or len(blocks[-1][0].raw) > TINY or len(blocks[-1]) >= most:
            blocks.append([line])
        else:
            blocks[-1].append(line)
    return blocks


@dataclass(frozen=True, slots=True)
class LineBatch:
    """Answers the lines of one caller. The API `key` is checked before each group of lines, so a revoked key
    ends the batch."""

    service: Service
    caller_id: UUID
    key: str
    bank: str | None
    request_id: str
    reconstruction: ReconstructionGuard

    def answers(self, lines: list[Line]) -> tuple[list[str], list[dict[str, Any]]]:
        """Return the kind of input and the answer of each line, up to an answer that ends the batch. The kind
        is empty for a line with an error."""
        try:
            caller = authenticate(self.service, self.key)
            caller.require("lookup")
        except FakeprintError as error:
            return [""], [self.refused(lines[0], error)]
        parsed = [self._parsed(line) for line in lines]
        early_answers = self._together(caller, parsed)
        kinds: list[str] = []
        rows: list[dict[str, Any]] = []
        for place, (line, query) in enumerate(zip(lines, parsed, strict=True)):
            kind, answer = self._answer(caller, line, query, early_answers.get(place))
            kinds.append(kind)
            rows.append(answer)
            if _is_final(answer):
                break
        return kinds, rows

    def _parsed(self, line: Line) -> Question | FakeprintError:
        try:
            return line.error or question(bodies.parse(line.raw, "The line"))
        except FakeprintError as error:
            return error

    def _together(self, caller: Caller, parsed: Sequence[Question | FakeprintError]) -> EarlyAnswers:
        """Return, by position, the answers to hashes that can be looked up together. If that fails, their
        lines are answered one by one."""
        places: dict[str, dict[int, str]] = {}
        for place, query in enumerate(parsed):
            if not isinstance(query, lookup_models.HashLookup) or query.bank or self.bank:
                continue
            if query.exact or query.watch_days or is_placed(query):
                continue
            if together(query.algorithm, query.value):
                places.setdefault(query.algorithm, {})[place] = query.value
        early_answers: EarlyAnswers = {}
        for algorithm, values in places.items():
            with suppress(FakeprintError):
                _, answers = answer_hashes(self.service, self.key, algorithm, list(values.values()))
                for (place, value), answer in zip(values.items(), answers, strict=True):
                    early_answers[place] = self._guarded(caller, algorithm, value, answer)
        return early_answers

    def _guarded(self, caller: Caller, algorithm: str, value: str, answer: Answer) -> Answer | FakeprintError:
        """Return the answer to a hash, or the guard's refusal."""
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
        query: Question | FakeprintError,
        early_answer: Answer | FakeprintError | None,
    ) -> tuple[str, dict[str, Any]]:
        if isinstance(query, FakeprintError):
            return "", self.refused(line, query)
        if isinstance(early_answer, FakeprintError):
            return "", self.refused(line, early_answer)
        try:
            answer = early_answer or answered(self.service, caller, query, self.bank, self.reconstruction)
        except FakeprintError as error:
            return "", self.refused(line, error)
        except Exception:
            # A bug fails its own line only.
            LOGGER.exception("a line of a batch failed because of a bug")
            return "", self.refused(line, problems.bug())
        return query.type, {"line": line.number, **shown(answer, caller)}

    def refused(self, line: Line, error: FakeprintError) -> dict[str, Any]:
        """Return the answer line for an error."""
        problem = error.problem() | problems.instance(self.request_id)
        return {"line": line.number, "error": problem}


def _is_final(row: dict[str, Any]) -> bool:
    return "error" in row and row["error"]["code"] in FINAL


def _json(row: dict[str, Any]) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def _stopping() -> Unavailable:
    return Unavailable(
        "This process of the service is stopping.", next_step="Send this line and those after it again."
    )
