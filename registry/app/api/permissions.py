"""The roles and scopes that each operation needs, in one table.

Declare a new operation in `PERMISSIONS`; otherwise the application does not start.
OpenAPI shows the declaration as `x-roles`, and tests/identity/test_role_matrix.py tests all of them.
Which objects a caller may see is checked by the services.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from registry.identity.callers.api.access import Route
from registry.identity.callers.model import Permission


def needs(*roles: str, one_of: tuple[str, ...] = ()) -> Permission:
    """Return the permission that needs all of `roles` and one of `one_of`."""
    return Permission(roles, one_of)


OPEN: Final = Permission(key=False)
ANY_KEY: Final = Permission()
OPERATOR: Final = Permission(("admin",), operator=True)
_PROPOSES: Final = needs("faces", one_of=("register", "takedown"))

PERMISSIONS: Final[Mapping[str, Permission]] = {
    # Lookups.
    "lookUp": needs("lookup"),
    "lookUpBatch": needs("lookup"),
    "showLookup": needs("lookup"),
    # Entries.
    "registerEntry": needs("register"),
    "listEntries": needs(one_of=("register", "review", "admin")),
    "showEntry": ANY_KEY,
    "addAsset": needs("register"),
    "retryEntry": needs("register"),
    "changeEntry": needs("register"),
    "eraseDetails": needs("register"),
    "showClaimReview": ANY_KEY,
    "showRelated": ANY_KEY,
    "requestPreviews": needs(one_of=("register", "review", "takedown", "admin", "signals")),
    "revealPreviews": needs(one_of=("register", "review", "takedown", "admin")),
    "showProvenance": ANY_KEY,
    "showAssertion": ANY_KEY,
    "showStatusList": OPEN,
    "proveEntry": needs(one_of=("register", "review", "takedown", "admin")),
    "relinkEntries": needs("admin"),
    # Review.
    "listReviews": needs("review"),
    "showReview": needs("review"),
    "claimReview": needs("review"),
    "releaseReview": needs("review"),
    "decideReview": needs("review"),
    "verifyReview": needs("review"),
    "eraseReview": needs(one_of=("review", "admin")),
    "withdrawEntry": needs("register"),
    "openDispute": ANY_KEY,
    "listDisputes": ANY_KEY,
    "showDispute": ANY_KEY,
    "answerDispute": needs("register"),
    "decideDispute": needs("review"),
    "withdrawDispute": ANY_KEY,
    "eraseDispute": ANY_KEY,
    "giveOpinion": needs("lookup"),
    "listEntryOpinions": needs(one_of=("register", "review", "admin")),
    "listOpinions": needs("admin"),
    # Takedown.
    "listRegimes": needs("takedown"),
    "recordClient": needs("takedown"),
    "listClients": needs("takedown"),
    "showClient": needs("takedown"),
    "eraseClient": needs("takedown"),
    "recordMandate": needs("takedown"),
    "revokeMandate": needs("takedown"),
    "createCampaign": needs("takedown"),
    "listCampaigns": needs("takedown"),
    "showCampaign": needs("takedown"),
    "changeCampaign": needs("takedown"),
    "addCampaignEntry": needs("takedown"),
    "closeCampaign": needs("takedown"),
    "addNotices": needs("takedown"),
    "listNotices": needs("takedown"),
    "answerQuestions": needs("takedown"),
    "attachMatches": needs("takedown"),
    "confirmGrounds": needs("takedown"),
    "prepareNotices": needs("takedown"),
    "showNotice": needs("takedown"),
    "changeNotice": needs("takedown"),
    "moveNotice": needs("takedown"),
    "contestNotice": needs("takedown"),
    "sendNotices": needs("takedown"),
    "previewLetter": needs("takedown"),
    "listNoticeDeliveries": needs("takedown"),
    "showNoticeDelivery": needs("takedown"),
    "decideNoticeDelivery": needs("takedown"),
    "printNotice": needs("takedown"),
    "bundleEvidence": needs("takedown"),
    "discloseEvidence": needs("takedown"),
    "addExhibit": needs("takedown"),
    "listExhibits": needs("takedown"),
    "reopenNotice": needs("takedown"),
    "confirmAddresses": needs("takedown"),
    "goOnDespiteDispute": needs("takedown"),
    "listRecurrences": needs("takedown"),
    "decideRecurrence": needs("takedown"),
    "retractNotices": needs("takedown"),
    "reportBreaches": needs("takedown"),
    "draftEscalation": needs("takedown"),
    "takeReply": needs("takedown"),
    "takeMailbox": needs("takedown"),
    "listReplies": needs("takedown"),
    "matchReply": needs("takedown"),
    "takeStatements": needs("takedown"),
    "acceptStatement": needs("takedown"),
    "exportNotices": needs("takedown"),
    "releaseCampaign": needs("takedown"),
    "listReleases": needs("takedown"),
    "withholdCampaign": needs("takedown"),
    "reportCampaign": needs("takedown"),
    "reportStatistics": needs("takedown"),
    # Persons.
    "proposePerson": _PROPOSES,
    "listPersons": needs("faces"),
    "showPerson": needs("faces"),
    "addPhotos": _PROPOSES,
    "showPhoto": needs("faces", "review"),
    "removePhoto": _PROPOSES,
    "reviewPerson": needs("faces", "review"),
    "renewPerson": _PROPOSES,
    "revokePerson": needs("faces"),
    "revokeByCode": OPEN,
    "recordAssessment": OPERATOR,
    "listAssessments": needs(one_of=("admin", "faces")),
    "listFaceSearches": needs("faces", "review"),
    # Private cases.
    "showIntake": OPEN,
    "changeIntake": OPERATOR,
    "listCases": needs("review"),
    "openCase": OPEN,
    "followCase": OPEN,
    "withdrawCase": OPEN,
    # Banks.
    "listBanks": ANY_KEY,
    "createBank": needs("admin"),
    "changeBank": needs("admin"),
    "showBank": ANY_KEY,
    "deleteBank": needs("admin"),
    "listBankEntries": needs(one_of=("register", "review", "admin")),
    "listShares": needs("admin"),
    "shareBank": needs("admin"),
    "unshareBank": needs("admin"),
    "overlayBank": needs("admin"),
    "limitBank": OPERATOR,
    # Lists in and out.
    "beginImport": needs("register"),
    "continueImport": needs("register"),
    "listImports": needs("register"),
    "showImport": needs("register"),
    "listImportFaults": needs("register"),
    "exportBank": needs(one_of=("review", "admin")),
    "addExchange": needs("admin"),
    "listExchanges": needs("admin"),
    "fetchExchange": needs("admin"),
    "changeExchangeCredentials": needs("admin"),
    "removeExchange": needs("admin"),
    # Exchange between registries.
    "listFeeds": needs("peer"),
    "listWitnessed": needs("peer"),
    "readFeed": needs("peer"),
    "followFeed": needs("peer"),
    "hearPeer": OPEN,
    "addPeer": needs("admin"),
    "listPeers": needs("admin"),
    "showPeer": needs("admin"),
    "pullPeer": needs("admin"),
    "suspendPeer": needs("admin"),
    "resumePeer": needs("admin"),
    "changePeerCredential": needs("admin"),
    "removePeer": needs("admin"),
    # Organizations and callers.
    "listOrganizations": OPERATOR,
    "createOrganization": OPERATOR,
    "showOrganization": needs("admin"),
    "showLimits": needs("admin"),
    "changeOrganization": OPERATOR,
    "closeOrganization": OPERATOR,
    "showReconstruction": needs("admin"),
    "liftReconstruction": OPERATOR,
    # Jobs of the workers.
    "listJobs": OPERATOR,
    "showJob": OPERATOR,
    "retryJob": OPERATOR,
    "discardJob": OPERATOR,
    "whoAmI": ANY_KEY,
    "listCallers": needs("admin"),
    "createCaller": needs("admin"),
    "showCaller": needs("admin"),
    "changeCaller": needs("admin"),
    "revokeCaller": needs("admin"),
    "limitCaller": OPERATOR,
    "listAccounts": needs("admin"),
    "addAccount": needs("admin"),
    "inviteAccount": needs("admin"),
    "removeAccount": needs("admin"),
    "addKey": needs("admin"),
    "revokeKey": needs("admin"),
    # The ledger.
    "showLedger": ANY_KEY,
    "showCheckpoint": ANY_KEY,
    "showStamp": ANY_KEY,
    "listLeaves": ANY_KEY,
    "proveInclusion": ANY_KEY,
    "proveConsistency": ANY_KEY,
    "showHistory": ANY_KEY,
    "exportLedger": OPERATOR,
    "changeRecording": needs("admin"),
    # Watches.
    "listWatches": needs("lookup"),
    "showWatch": needs("lookup"),
    "endWatch": needs("lookup"),
    "changeWatchRules": needs("admin"),
    # Webhooks.
    "createWebhook": needs("admin"),
    "listWebhooks": needs("admin"),
    "showWebhook": needs("admin"),
    "changeWebhook": needs("admin"),
    "deleteWebhook": needs("admin"),
    "rotateWebhook": needs("admin"),
    "testWebhook": needs("admin"),
    "listDeliveries": needs("admin"),
    "showDelivery": needs("admin"),
    "replayDeliveries": needs("admin"),
    # Clients of Hasher-Matcher-Actioner.
    "dbkfSimilarImages": needs("lookup"),
    "dbkfSimilarVideos": needs("lookup"),
    "alegreSearch": needs("lookup"),
    "alegreSearchLater": needs("lookup"),
    "alegreDelete": needs("lookup"),
    "hmaHashUrl": needs("hma"),
    "hmaHashFile": needs("hma"),
    "hmaLookup": needs("lookup", "hma"),
    "hmaLookupFile": needs("lookup", "hma"),
    "hmaRawLookup": needs("lookup", "hma"),
    "hmaListBanks": needs("hma"),
    "hmaCreateBank": needs("hma", "admin"),
    "hmaShowBank": needs("hma"),
    "hmaChangeBank": needs("hma", "admin"),
    "hmaDeleteBank": needs("hma", "admin"),
    "hmaAddContent": needs("hma", "register"),
    "hmaAddSignal": needs("hma", "register"),
    "hmaShowContent": needs("hma"),
    "hmaDeleteContent": needs("hma", "register"),
    "hmaChangeContent": needs("hma", "register"),
    "hmaSignalTypes": needs("hma"),
    "hmaExchangeApis": needs("hma"),
    "hmaExchangeApi": needs("hma"),
    "hmaChangeExchangeApi": needs("hma", "admin"),
    "hmaExchangeApiSchema": needs("hma"),
    "hmaListExchanges": needs("hma", "admin"),
    "hmaCreateExchange": needs("hma", "admin"),
    "hmaShowExchange": needs("hma", "admin"),
    "hmaChangeExchange": needs("hma", "admin"),
    "hmaExchangeStatus": needs("hma", "admin"),
    "hmaDeleteExchange": needs("hma", "admin"),
    "hmaSignalTypeIndex": needs("hma"),
    "hmaChangeSignalType": needs("hma", "admin"),
    "hmaContentTypes": needs("hma"),
    "hmaIndexStatus": needs("hma"),
    "hmaCompare": needs("hma"),
    "hmaStatus": OPEN,
    "hmaStatusHead": OPEN,
    "hmaDescribe": OPEN,
    "hmaSiteMap": OPEN,
    "hmaLive": OPEN,
    # Published banks in other exchanges' words.
    "listPrivacyGroups": needs("peer"),
    "readThreatUpdates": needs("peer"),
    "reactToDescriptor": needs("peer", "lookup"),
    "fetchHashes": needs("peer"),
    "submitFeedback": needs("peer", "lookup"),
    # C2PA's Soft Binding Resolution API.
    "queryByBinding": needs("lookup"),
    "queryByLargeBinding": needs("lookup"),
    "uploadFile": needs("lookup"),
    "queryByReference": needs("lookup"),
    "getManifestById": needs("lookup"),
    "getSupportedBindings": OPEN,
    "getCapabilities": OPEN,
    "getServiceStatus": OPEN,
    "discoverResolution": OPEN,
    # The service itself.
    "isLive": OPEN,
    "isReady": OPEN,
    "readMetrics": ANY_KEY,
    "describe": OPEN,
    "readDocs": OPEN,
}
"""By operation id. One line each; sections in the order of the description."""


def check_declared(routes: Iterable[BaseRoute]) -> None:
    """Raise `LookupError` that names operations without a permission, or whose body would be read before the
    caller is authenticated."""
    operations = [route for route in routes if isinstance(route, APIRoute)]
    missing = [route.path for route in operations if route.operation_id not in PERMISSIONS]
    if missing:
        raise LookupError(
            f"registry/app/api/permissions.py declares no permission for: {', '.join(sorted(missing))}"
        )
    unauthenticated = [
        route.path for route in operations if route.body_field and not isinstance(route, Route)
    ]
    if unauthenticated:
        raise LookupError(f"APIRouter(route_class=Route) is needed for: {', '.join(sorted(unauthenticated))}")
