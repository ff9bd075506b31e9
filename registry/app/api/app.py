"""The FastAPI application: routers, middleware, error handler and shared state."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import chain
from typing import Final

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from registry import __version__
from registry.app.api import docs, health, openapi, permissions, whole_organization
from registry.app.api.background import UsedKeys, background_tasks
from registry.app.wiring import wire
from registry.catalogue.banks import api as banks
from registry.catalogue.entries.api import entries, entry_details
from registry.catalogue.previews import api as previews
from registry.core.http import problems
from registry.core.http.body_memory import BodyMemory
from registry.core.http.concurrency import ConcurrencyLimit
from registry.core.http.edge import Edge
from registry.core.http.limiter import Limiter
from registry.core.http.upload_space import UploadSpace
from registry.core.service import open_service
from registry.core.settings import Settings
from registry.identity.accounts import api as accounts
from registry.identity.callers.api import callers
from registry.identity.organizations import api as organizations
from registry.identity.quotas.api.admission import Admission
from registry.intake import api as private_cases
from registry.jobs import api as jobs
from registry.lineage.api import related
from registry.matching.abuse import api as reconstruction
from registry.matching.abuse.guard import ReconstructionGuard
from registry.matching.lookups.api import batches, lookups
from registry.matching.watches import api as watches
from registry.operations.api import metrics
from registry.operations.api.instruments import Instruments
from registry.operations.api.scraping import MetricsReader
from registry.operations.service import Draining
from registry.persons import api as persons
from registry.persons.search import api as face_searches
from registry.review.disputes import api as disputes
from registry.review.opinions import api as opinions
from registry.review.queue import api as reviews
from registry.sharing.fact_checking import api as fact_checking
from registry.sharing.federation.api import feeds, foreign_feeds
from registry.sharing.hma.api import banks as hma_banks
from registry.sharing.hma.api import configuration, hash_and_match
from registry.sharing.hma.api import exchanges as hma_exchanges
from registry.sharing.lists import api as imports
from registry.sharing.prov import api as prov
from registry.sharing.soft_binding import api as resolution
from registry.sharing.sources import api as exchanges
from registry.sharing.webhooks import api as webhooks
from registry.takedown.campaigns import api as campaigns
from registry.takedown.clients import api as clients
from registry.takedown.delivery import api as notice_deliveries
from registry.takedown.evidence import api as evidence
from registry.takedown.notices import api as notices
from registry.takedown.recurrences import api as recurrences
from registry.takedown.regimes import api as regimes
from registry.takedown.replies.api import notice_replies, statements_of_reasons
from registry.takedown.reports import api as outputs
from registry.transparency.credentials import api as credentials
from registry.transparency.ledger import api as ledger

ROUTERS = (
    lookups,
    batches,
    entries,
    entry_details,
    related,
    previews,
    reviews,
    disputes,
    opinions,
    regimes,
    clients,
    campaigns,
    notices,
    notice_deliveries,
    notice_replies,
    recurrences,
    evidence,
    statements_of_reasons,
    outputs,
    persons,
    private_cases,
    face_searches,
    banks,
    imports,
    exchanges,
    feeds,
    organizations,
    whole_organization,
    reconstruction,
    callers,
    accounts,
    watches,
    webhooks,
    ledger,
    prov,
    credentials,
    jobs,
    hash_and_match,
    hma_banks,
    hma_exchanges,
    configuration,
    foreign_feeds,
    resolution,
    fact_checking,
    health,
    metrics,
    openapi,
    docs,
)
REGISTERING: Final = 30.0
"""Seconds that a registration or an import waits for a free place."""


def create_app(settings: Settings) -> FastAPI:
    """Create the application. Its lifespan opens and closes the service (`app.state.service`)."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service = await run_in_threadpool(partial(open_service, settings, replicas=True))
        app.state.service = service
        draining = Draining(service)
        draining.start()
        app.state.probe = health.Probe()
        try:
            state = app.state
            async with background_tasks(
                state.admission.token_leases, state.used_keys, state.reconstruction, service
            ):
                yield
        finally:
            await run_in_threadpool(draining.stop)
            await run_in_threadpool(service.close)

    wire()
    # FastAPI's own documentation pages are off because they load scripts from other hosts. CORS is off
    # because no other site needs the API.
    app = FastAPI(
        title="Fakeprint",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    _set_state(app, settings)
    for module in ROUTERS:
        app.include_router(module.router)
    routes = list(chain.from_iterable(module.router.routes for module in ROUTERS))
    permissions.check_declared(routes)
    problems.install(app, [route for route in routes if isinstance(route, Route)])
    app.add_middleware(Edge, answered=app.state.instruments.answered)
    return app


def _set_state(app: FastAPI, settings: Settings) -> None:
    """Set what requests share: permissions, metrics, limits, the guard against reconstruction."""
    app.state.permissions = permissions.PERMISSIONS
    app.state.instruments = Instruments()
    app.state.metrics_reader = MetricsReader(app.state.instruments)
    app.state.limiter = Limiter()
    app.state.case_limiter = Limiter()
    app.state.gate = ConcurrencyLimit()
    app.state.registering = ConcurrencyLimit(at_once=4, patience=REGISTERING, queue=64, of_caller=16)
    app.state.importing = ConcurrencyLimit(at_once=4, of_caller=2)
    app.state.body_memory = BodyMemory(settings.max_document_bytes)
    app.state.upload_space = UploadSpace()
    app.state.admission = Admission.of(settings)
    app.state.reconstruction = ReconstructionGuard.of(settings, app.state.instruments)
    app.state.used_keys = UsedKeys()
    app.state.stopping = False
