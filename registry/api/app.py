"""The application: routers under one edge and one error handler, around one service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from registry import __version__
from registry.actions.drain_spool import Draining
from registry.actions.service import open_service
from registry.api import (
    access,
    accounts,
    banks,
    batches,
    callers,
    campaigns,
    disputes,
    docs,
    entries,
    entry_details,
    evidence,
    exchanges,
    face_searches,
    feeds,
    foreign_feeds,
    health,
    hma,
    hma_banks,
    imports,
    jobs,
    ledger,
    lineage,
    lookups,
    metrics,
    notice_deliveries,
    notice_replies,
    notices,
    openapi,
    opinions,
    organizations,
    outputs,
    persons,
    private_cases,
    problems,
    regimes,
    related,
    resolution,
    returns,
    reviews,
    statements,
    stills,
    watches,
    webhooks,
)
from registry.api.allowance import Allowance
from registry.api.edge import Edge
from registry.api.gate import Gate
from registry.api.instruments import Instruments
from registry.api.limiter import Limiter
from registry.api.probing import Probing
from registry.api.room import Room
from registry.api.scrapes import Scrapes
from registry.api.tending import UsedKeys, tended
from registry.settings import Settings

ROUTERS = (
    lookups,
    batches,
    entries,
    entry_details,
    related,
    stills,
    reviews,
    disputes,
    opinions,
    regimes,
    campaigns,
    notices,
    notice_deliveries,
    notice_replies,
    returns,
    evidence,
    statements,
    outputs,
    persons,
    private_cases,
    face_searches,
    banks,
    imports,
    exchanges,
    feeds,
    organizations,
    callers,
    accounts,
    watches,
    webhooks,
    ledger,
    lineage,
    jobs,
    hma,
    hma_banks,
    foreign_feeds,
    resolution,
    health,
    metrics,
    openapi,
    docs,
)
REGISTERING: Final = 30.0
"""Seconds that a registration waits for others."""


def create_app(settings: Settings) -> FastAPI:
    """The application. Its lifespan opens the service (at `app.state.service`) and closes it again."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service = await run_in_threadpool(partial(open_service, settings, replicas=True))
        app.state.service = service
        draining = Draining(service)
        draining.start()
        app.state.probe = health.Probe()
        try:
            state = app.state
            async with tended(state.allowance.borrower, state.used_keys, state.probing, service):
                yield
        finally:
            await run_in_threadpool(draining.stop)
            await run_in_threadpool(service.close)

    # None of FastAPI's pages, which load scripts from elsewhere: `docs` has ours. No CORS: no foreign page
    # has business here.
    app = FastAPI(
        title="Fakeprint",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.instruments = Instruments()
    app.state.scrapes = Scrapes(app.state.instruments)
    app.state.limiter = Limiter()
    app.state.case_limiter = Limiter()
    app.state.gate = Gate()
    app.state.registering = Gate(at_once=4, patience=REGISTERING, queue=64)
    app.state.importing = Gate(at_once=4, patience=REGISTERING, queue=64)
    app.state.room = Room(settings.max_document_bytes)
    app.state.allowance = Allowance.of(settings)
    app.state.probing = Probing.of(settings, app.state.instruments)
    app.state.used_keys = UsedKeys()
    app.state.stopping = False
    for module in ROUTERS:
        app.include_router(module.router)
    access.check_declared(app.routes)
    problems.install(app)
    app.add_middleware(Edge, instruments=app.state.instruments)
    return app
