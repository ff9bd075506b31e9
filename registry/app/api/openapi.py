"""GET /openapi.json: the whole API described, with examples. No page of ours loads scripts from elsewhere."""

from __future__ import annotations

from typing import Any, Final

import orjson
from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.responses import Response

from registry import __version__
from registry.app.api import examples, guide
from registry.app.api.codes import CODES
from registry.app.api.permissions import DOORS
from registry.catalogue.banks import schemas as bank_models
from registry.catalogue.entries.schemas import entry as entry_models
from registry.catalogue.entries.schemas import registration as registration_models
from registry.catalogue.fingerprints import schemas as document_models
from registry.catalogue.previews import schemas as preview_models
from registry.core.http import schemas as base_models
from registry.core.http.bodies import JSON
from registry.core.http.documentation import PROBLEM, Responses, filled
from registry.core.http.responses import Kept
from registry.identity.accounts import schemas as account_models
from registry.identity.callers import schemas as caller_models
from registry.intake import schemas as private_case_models
from registry.matching.lookups.schemas import lookup as lookup_models
from registry.matching.watches import schemas as watch_models
from registry.persons import schemas as person_models
from registry.review.queue import schemas as review_models
from registry.sharing.federation.schemas import foreign_feed as foreign_feed_models
from registry.sharing.federation.schemas import peer as peer_models
from registry.sharing.hma import schemas as hma_models
from registry.sharing.soft_binding import schemas as resolution_models
from registry.sharing.sources import schemas as exchange_models
from registry.sharing.webhooks import schemas as webhook_models
from registry.takedown.campaigns import schemas as campaign_models
from registry.takedown.delivery import schemas as delivery_models
from registry.takedown.evidence import schemas as evidence_models
from registry.takedown.notices import schemas as notice_models
from registry.takedown.recurrences import schemas as return_models
from registry.takedown.reports import schemas as output_models
from registry.transparency.ledger import schemas as ledger_models

router = APIRouter(tags=["service"])

TAGS: Final = [
    {"name": "lookups", "description": "Is this a known fake, and which part of it?"},
    {"name": "entries", "description": "Known fakes and the media they are known by."},
    {"name": "review", "description": "Who may trust an entry, who contests it, and who denies a match."},
    {"name": "takedown", "description": "Clients, campaigns and their notices: requests to take fakes down."},
    {"name": "persons", "description": "People whose faces are protected, by consent and for a time."},
    {
        "name": "private cases",
        "description": "What a person without an account registers, by fingerprints alone.",
    },
    {"name": "banks", "description": "Collections of entries with an owner and a matching policy."},
    {"name": "imports", "description": "Hash lists in and out, and exchanges that are read again and again."},
    {"name": "exchange", "description": "What registries say to each other: feeds, and peers that are read."},
    {"name": "organizations", "description": "Who takes part, and how much each may ask."},
    {"name": "callers", "description": "Who calls for an organization, with which keys and roles."},
    {"name": "watches", "description": "Lookups that are answered again by what is registered later."},
    {"name": "ledger", "description": "The signed record of what was done, and proofs that it stands."},
    {"name": "webhooks", "description": "Addresses that are told of what happens, in signed messages."},
    {"name": "hma", "description": "What clients of Hasher-Matcher-Actioner 2 call, as they call it."},
    {"name": "c2pa", "description": "C2PA's resolution of soft bindings: manifests that media lost."},
    {"name": "health", "description": "For probes. No key is needed."},
    {"name": "service", "description": "Measurements and this description."},
]

_TEMPLATE_REF: Final = "#/components/schemas/{model}"
_OUR_BODIES: Final = (
    base_models.Problem,
    document_models.FingerprintDocument,
    lookup_models.DocumentLookup,
    lookup_models.Sha256Lookup,
    lookup_models.Md5Lookup,
    lookup_models.HashLookup,
    registration_models.NewEntry,
    entry_models.EntryChange,
    hma_models.HmaNewBank,
    hma_models.HmaBankChange,
    resolution_models.SoftBindingQuery,
    foreign_feed_models.Feedbacks,
    bank_models.NewBank,
    bank_models.BankChange,
    bank_models.NewOverlay,
    bank_models.NewBankLimits,
    caller_models.NewCaller,
    caller_models.CallerChange,
    account_models.NewAccount,
    caller_models.NewKey,
    caller_models.NewLimits,
    caller_models.NewOrganization,
    caller_models.OrganizationChange,
    entry_models.Relink,
    entry_models.Relink,
    review_models.NewClaim,
    review_models.NewDecision,
    review_models.NewWithdrawal,
    review_models.NewOpinion,
    review_models.NewDispute,
    review_models.NewDisputeAnswer,
    review_models.NewRuling,
    preview_models.PreviewRequest,
    campaign_models.NewClient,
    campaign_models.NewMandate,
    campaign_models.NewCampaignData,
    campaign_models.CampaignPatch,
    campaign_models.NewCampaignEntry,
    notice_models.NewPlaces,
    notice_models.NewAnswers,
    notice_models.NewMatches,
    notice_models.NewGround,
    notice_models.NewPreparation,
    notice_models.NoticePatch,
    notice_models.NewMove,
    delivery_models.NewSending,
    delivery_models.NewDeliveryDecision,
    delivery_models.NewReply,
    delivery_models.NewMatching,
    delivery_models.NewFind,
    output_models.NewRelease,
    return_models.NewAddressesConfirmed,
    return_models.NewGoingOn,
    return_models.NewReturnDecision,
    return_models.NewRetractions,
    notice_models.NewCounterNotice,
    evidence_models.NewDisclosure,
    evidence_models.NewExhibit,
    person_models.NewPerson,
    person_models.NewConsent,
    person_models.NewReview,
    person_models.NewRevocation,
    person_models.NewAssessment,
    private_case_models.NewCase,
    private_case_models.CaseKey,
    private_case_models.NewIntake,
    exchange_models.ImportFault,
    exchange_models.NewExchange,
    peer_models.NewPeer,
    peer_models.Resumption,
    peer_models.NewFollower,
    peer_models.News,
    ledger_models.NewRecording,
    watch_models.WatchRules,
    webhook_models.NewWebhook,
    webhook_models.WebhookChange,
    webhook_models.NewSecret,
    webhook_models.Replay,
)
"""Models that operations refer to by name, since they read their bodies themselves."""

_ANSWER: Final[Responses] = {
    200: {
        "description": "OpenAPI 3.1.",
        "content": {JSON: {"schema": {"type": "object"}, "example": {"openapi": "3.1.0"}}},
    }
}


@router.get(
    "/openapi.json",
    operation_id="describe",
    summary="This description",
    response_class=Response,
    responses=_ANSWER,
    openapi_extra={"security": []},
)
def describe(request: Request) -> Response:
    """OpenAPI 3.1. Needs no key. The same file is kept in deploy/openapi.json."""
    state = request.app.state
    kept: Kept | None = getattr(state, "described", None)
    if kept is None:
        kept = state.described = Kept(orjson.dumps(document(request.app)), JSON)
    return kept.answer(request)


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the application, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _document(app)
    return app.openapi_schema


def _document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title="Fakeprint",
        version=__version__,
        summary="A registry of known deepfakes: fingerprints in, matches out, in milliseconds.",
        description=_description(),
        routes=app.routes,
        tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    _, ours = models_json_schema([(model, "validation") for model in _OUR_BODIES], ref_template=_TEMPLATE_REF)
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {}) | ours["$defs"]
    components["schemas"] = dict(sorted(schemas.items()))
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "The API key as a bearer token."},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    made["security"] = [{"bearer": []}, {"header": []}]
    for operations in made["paths"].values():
        for operation in operations.values():
            operation["x-roles"] = DOORS[operation["operationId"]].described()
    components["responses"] = _share_problems(made["paths"])
    described: dict[str, Any] = filled(made, examples.ANSWERS, examples.REQUESTS)
    return described


def _share_problems(paths: dict[str, Any]) -> dict[str, Any]:
    """Problem documents by status, each said once and referred to: they were two thirds of the
    description."""
    shared: dict[str, Any] = {}
    for operations in paths.values():
        for operation in operations.values():
            for status, answered in operation["responses"].items():
                name = f"Problem{status}"
                if PROBLEM in answered.get("content", {}) and shared.setdefault(name, answered) == answered:
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return shared


def _description() -> str:
    rows = "\n".join(f"| `{code}` | {status} | {meaning} |" for code, (status, meaning) in CODES.items())
    return f"{guide.markdown()}\n| code | status | meaning |\n|---|---|---|\n{rows}\n"
