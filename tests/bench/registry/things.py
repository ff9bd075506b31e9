"""An organization that has one of everything, and what of it nobody else may ever read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import httpx2
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.provenance import store as manifests
from registry.catalogue.provenance.model.provenance import Manifest
from registry.identity.callers.model import ROLES, SCOPES
from registry.identity.callers.service.keys import authenticate
from registry.takedown.delivery.service.deliveries import list_notice_deliveries
from registry.takedown.delivery.service.sending import send_notices
from registry.transparency.ledger.model.note import Signer
from tests.support import people as enrolment
from tests.support.media import drawn
from tests.support.service.api import Api
from tests.support.takedown import campaigns as campaigning

EVERYTHING: Final = sorted(ROLES | SCOPES)
ABSENT: Final = "00000000-0000-4000-8000-00000000abcd"
NUMBERED: Final = frozenset({"app", "delivery_id", "number"})
"""Things with numbers for names, which say nothing by themselves."""
IN_PATHS: Final = frozenset({"organization_id", "organization", "name", "number"})
"""Names that mean a thing of somebody's in a path alone; elsewhere they say what is new."""
NOT_THINGS: Final = frozenset({"app", "limit", "after", "offset", "purpose", "medium"})
_CANARIES: Final = (
    "desk",
    "bank",
    "title",
    "claim",
    "person",
    "list",
    "client",
    "campaign",
    "note",
    "manifest",
)
TABLES: Final[Mapping[str, str]] = {
    "bank": "SELECT t.* FROM bank t WHERE t.organization_id = %(whose)s",
    "entry": "SELECT t.* FROM entry t JOIN bank b USING (bank_id) WHERE b.organization_id = %(whose)s",
    "caller": "SELECT t.* FROM caller t WHERE t.organization_id = %(whose)s",
    "api_key": "SELECT t.key_id, t.expires_at, t.revoked_at FROM api_key t JOIN caller c USING (caller_id)"
    " WHERE c.organization_id = %(whose)s",
    "account": "SELECT t.* FROM account t JOIN caller c USING (caller_id)"
    " WHERE c.organization_id = %(whose)s",
    "quota": "SELECT t.rate, t.daily, t.monthly FROM quota t WHERE t.organization_id = %(whose)s",
    "person": "SELECT t.* FROM person t WHERE t.organization_id = %(whose)s",
    "photo": "SELECT t.photo_id FROM person_photo t JOIN person p USING (person_id)"
    " WHERE p.organization_id = %(whose)s",
    "webhook": "SELECT t.webhook_id, t.url, t.kinds, t.state FROM webhook t"
    " WHERE t.organization_id = %(whose)s",
    "watch": "SELECT t.watch_id, t.expires_at FROM watch t WHERE t.organization_id = %(whose)s",
    "exchange": "SELECT t.exchange_id, t.name, t.state FROM exchange t WHERE t.organization_id = %(whose)s",
    "import": "SELECT t.import_id, t.state FROM import t WHERE t.organization_id = %(whose)s",
    "dispute": "SELECT t.* FROM dispute t WHERE t.owner_id = %(whose)s",
    "opinion": "SELECT t.* FROM opinion t JOIN entry USING (entry_id) JOIN bank b USING (bank_id)"
    " WHERE b.organization_id = %(whose)s",
    "client": "SELECT t.* FROM client t WHERE t.organization_id = %(whose)s",
    "mandate": "SELECT t.* FROM mandate t JOIN client c USING (client_id)"
    " WHERE c.organization_id = %(whose)s",
    "campaign": "SELECT t.* FROM campaign t WHERE t.organization_id = %(whose)s",
    "notice": "SELECT t.* FROM notice t WHERE t.organization_id = %(whose)s",
    "notice_move": "SELECT t.* FROM notice_move t JOIN notice n USING (notice_id)"
    " WHERE n.organization_id = %(whose)s",
    "notice_delivery": "SELECT t.* FROM notice_delivery t WHERE t.organization_id = %(whose)s",
    "notice_exhibit": "SELECT t.* FROM notice_exhibit t JOIN notice n USING (notice_id)"
    " WHERE n.organization_id = %(whose)s",
    "recurrence": "SELECT t.* FROM recurrence t WHERE t.organization_id = %(whose)s",
    "sighting": "SELECT t.* FROM sighting t WHERE t.organization_id = %(whose)s",
    "notice_reply": "SELECT t.* FROM notice_reply t WHERE t.organization_id = %(whose)s",
    "notice_statement": "SELECT t.* FROM notice_statement t WHERE t.organization_id = %(whose)s",
    "notice_release": "SELECT t.* FROM notice_release t WHERE t.organization_id = %(whose)s",
    "organization": "SELECT t.* FROM organization t WHERE t.organization_id = %(whose)s",
}
"""What must be as before when others have tried everything."""


@dataclass
class Things:
    """`ids`: one of each, by the name of the parameter that means it. `secrets`: strings that stand in no
    answer to others, with what each is. `document`: the fingerprint of the registered fake."""

    organization_id: str
    ids: dict[str, str]
    secrets: dict[str, str]
    document: dict[str, Any]
    clients: Sequence[httpx2.Client] = field(default_factory=list)

    def of(self, parameter: str) -> str | None:
        """The victim's thing that a parameter or a field means, if it means one."""
        return self.ids.get(parameter)


def make(api: Api) -> Things:
    """The organization with its things. Nothing of it is public."""
    mark = uuid4().hex
    victim, second = api.stranger(*EVERYTHING), None
    with api.client(api.key) as operator:
        payload = {"title": "Assessment", "document_sha256": "ab" * 32, "assessed_on": "2026-01-31"}
        _made(operator.post("/v1/assessments", json=payload))
    me = victim.get("/v1/callers/me").json()
    second = _made(
        victim.post("/v1/callers", json={"name": f"canary desk {mark}", "roles": ["lookup", "review"]})
    )
    bank = _made(victim.post("/v1/banks", json={"name": f"canary bank {mark}", "visibility": "private"}))
    document = to_document(drawn.clip(f"canary {mark}", file=mark), faces=False)
    entry = _made(
        victim.post(
            "/v1/entries",
            json={
                "bank": bank["name"],
                "title": f"canary title {mark}",
                "claim": f"canary claim {mark}",
                "fakes": [document],
            },
        )
    )
    lookup = _made(victim.post("/v1/lookups", json={"type": "document", "document": document}))
    ids = {
        "organization_id": me["organization"]["organization_id"],
        "caller_id": second["caller_id"],
        "key_id": second["key_id"],
        "bank": bank["bank_id"],
        "bank_id": bank["bank_id"],
        "entry_id": entry["entry_id"],
        "entry": entry["entry_id"],
        "asset_id": entry["assets"][0]["asset_id"],
        "lookup_id": lookup["lookup_id"],
        "account_id": _account(victim, mark),
        **_persons(victim, mark),
        **_webhook(victim, mark),
        **_review(victim, entry["entry_id"], bank["name"], mark),
        "review_id": _withdrawn(api, victim, bank["name"]),
        "watch_id": _watch(victim, document),
        "job_id": _job(api, entry["entry_id"]),
        "manifest_id": _manifest(api, entry["assets"][0]["asset_id"], mark),
        "exchange": _exchange(victim, bank["name"], mark),
        "peer": _peer(victim, bank["bank_id"], mark),
        **_campaign(victim, entry["entry_id"], mark),
        "notice_delivery_id": _sent(api, victim),
        "recurrence_id": _return(api, victim, entry["entry_id"]),
        # What clients of Hasher-Matcher-Actioner name: banks and their exchanges by name, contents by number.
        "name": bank["name"],
        "number": "1",
    }
    ids |= {
        # With whom a bank is shared: this organization, of a bank that is foreign too.
        "organization": ids["organization_id"],
    }
    secrets = {value: name for name, value in ids.items() if name not in NUMBERED}
    secrets |= {f"canary {what} {mark}": what for what in _CANARIES}
    secrets |= {
        document["sha256"]: "sha256",
        me["caller_id"]: "caller",
        me["key"]["key_id"]: "key",
        mark: "mark",
    }
    for algorithm in ("phash256.1", "pdq.1"):
        frames = document["algorithms"][algorithm]["frames"]
        secrets |= {frame["value"]: "hash" for frame in frames}
    return Things(ids["organization_id"], ids, secrets, document, [victim])


def _account(victim: httpx2.Client, mark: str) -> str:
    body = {"sign_in_name": f"{mark}@example.org", "name": f"canary name {mark}", "roles": ["lookup"]}
    account_id: str = _made(victim.post("/v1/accounts", json=body))["account_id"]
    return account_id


def state(api: Api, things: Things) -> dict[str, str]:
    """What the database holds of it, as a digest a table."""
    found = {}
    with api.service() as service, service.pool.transaction() as connection:
        for table, query in TABLES.items():
            row = connection.execute(
                f"SELECT md5(coalesce(string_agg(x::text, '|' ORDER BY x::text), '')) AS digest"  # noqa: S608
                f" FROM ({query}) x".encode(),
                {"whose": things.organization_id},
            ).fetchone()
            assert row
            found[table] = row["digest"]
    return found


def _persons(victim: httpx2.Client, mark: str) -> dict[str, str]:
    person = _made(victim.post("/v1/persons", json=enrolment.person(name=f"canary person {mark}")))
    place = f"/v1/persons/{person['person_id']}/photos"
    photos = _made(victim.post(place, files={"photo": ("a.jpg", enrolment.portrait())}))
    return {"person_id": person["person_id"], "photo_id": photos["photos"][0]["photo_id"]}


def _webhook(victim: httpx2.Client, mark: str) -> dict[str, str]:
    hook = _made(
        victim.post("/v1/webhooks", json={"url": f"https://hooks.example/{mark}", "kinds": ["entry.*"]})
    )
    return {"webhook_id": hook["webhook_id"], "delivery_id": "1"}


def _review(victim: httpx2.Client, entry_id: str, bank: str, mark: str) -> dict[str, str]:
    """A hash list that was read, an entry that was withdrawn, and a dispute about the other."""
    listed = victim.post(
        "/v1/imports",
        params={"bank": bank, "name": f"canary list {mark}", "type": "sha256"},
        content=f"{uuid4().hex}{uuid4().hex}\n",
        headers={"Content-Type": "text/plain"},
    )
    dispute = _made(
        victim.post(
            f"/v1/entries/{entry_id}/disputes",
            json={"kind": "mistaken", "standing": "other", "statement": f"canary statement {mark}"},
        )
    )
    return {"import_id": _made(listed)["import_id"], "dispute_id": dispute["dispute_id"]}


def _watch(victim: httpx2.Client, document: dict[str, Any]) -> str:
    kind = {"Content-Type": "application/vnd.fakeprint+json"}
    response = victim.post(
        "/v1/lookups", params={"watch_days": 3}, content=orjson.dumps(document), headers=kind
    )
    lookup_id = _made(response)["lookup_id"]
    watched = _made(victim.get("/v1/watches"))["watches"]
    (found,) = [watch["watch_id"] for watch in watched if watch["lookup_id"] == lookup_id]
    return str(found)


def _exchange(victim: httpx2.Client, bank: str, mark: str) -> str:
    """The name of an exchange that is read into the bank, by whose name clients of Hasher-Matcher-Actioner
    mean it."""
    name = f"canary exchange {mark}"
    payload = {
        "name": name,
        "kind": "stopncii",
        "bank": bank,
        "credentials": {"function_key": "secret", "subscription_key": "secret"},
    }
    _made(victim.post("/v1/exchanges", json=payload))
    return name


def _peer(victim: httpx2.Client, feed: str, mark: str) -> str:
    """The name of another registry that is read into a bank of its own, and whose feed anybody's is."""
    name = f"canary peer {mark}"
    _made(victim.post("/v1/banks", json={"name": f"peer {mark}", "visibility": "private"}))
    key = Signer("peer/ledger", Ed25519PrivateKey.generate()).verifier
    payload = {
        "name": name,
        "address": "https://127.0.0.1:9",
        "keys": [str(key)],
        "feed": feed,
        "bank": f"peer {mark}",
        "credential": "secret",
    }
    _made(victim.post("/v1/peers", json=payload))
    return name


def _campaign(victim: httpx2.Client, entry_id: str, mark: str) -> dict[str, str]:
    """A client with a mandate, a campaign about the entry, a notice of it."""
    who = {"name": f"canary client {mark}", "depicted_name": f"canary client {mark}"}
    client_id = _made(victim.post("/v1/clients", json=who))["client_id"]
    leave = {
        "granted_by": "self",
        "document_sha256": "cd" * 32,
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_until": "2035-01-01T00:00:00Z",
    }
    made = _made(victim.post(f"/v1/clients/{client_id}/mandates", json=leave))
    mandate_id = made["mandates"][0]["mandate_id"]
    payload = {
        "title": f"canary campaign {mark}",
        "client_id": client_id,
        "mandate_id": mandate_id,
        "entry_ids": [entry_id],
        "regimes": ["dsa16"],
    }
    campaign_id = _made(victim.post("/v1/campaigns", json=payload))["campaign_id"]
    places = {"places": [{"url": f"https://videos.example/{mark}", "note": f"canary note {mark}"}]}
    added = _made(victim.post(f"/v1/campaigns/{campaign_id}/notices", json=places))
    exhibits = f"/v1/campaigns/{campaign_id}/notices/{added['notices'][0]['notice_id']}/exhibits"
    shot = {"kind": "screenshot", "sha256": "ef" * 32, "bytes": 9, "name": f"canary exhibit {mark}"}
    _made(victim.post(exhibits, json=shot))
    mail = {"sender": "abuse@videos.example", "subject": f"canary note {mark}", "text": f"re {mark}"}
    _made(victim.post("/v1/replies", json=mail))
    (reply,) = _made(victim.get("/v1/replies"))["replies"]
    payload = {"recipient": "lumen", "fields": ["places"], "valid_until": _in_a_month()}
    released = _made(victim.post(f"/v1/campaigns/{campaign_id}/releases", json=payload))
    return {
        "release_id": released["releases"][0]["release_id"],
        "reply_id": reply["reply_id"],
        "client_id": client_id,
        "mandate_id": mandate_id,
        "campaign_id": campaign_id,
        "notice_id": added["notices"][0]["notice_id"],
    }


def _in_a_month() -> str:
    return (datetime.now(UTC) + timedelta(days=30)).isoformat()


def _return(api: Api, victim: httpx2.Client, entry_id: str) -> str:
    """What was found again of the campaign's, for a person to decide."""
    campaigns = _made(victim.get("/v1/campaigns"))["campaigns"]
    with api.service() as service, service.pool.transaction() as connection:
        row = connection.execute(
            "INSERT INTO recurrence (organization_id, campaign_id, entry_id, lookup_id, asked_by, via,"
            " platform, sealed, place_digest, verdict, match, seen_time, outcome, why, first_id)"
            " SELECT n.organization_id, n.campaign_id, n.entry_id, gen_random_uuid(), n.organization_id,"
            " 'lookup', n.platform, n.place_sealed, n.place_digest, 'related', '{}', now(), 'proposed',"
            " 'related', n.notice_id"
            " FROM notice n WHERE n.entry_id = %s AND n.campaign_id = ANY (%s) LIMIT 1"
            " RETURNING recurrence_id",
            (entry_id, [UUID(campaign["campaign_id"]) for campaign in campaigns]),
        ).fetchone()
    assert row
    return str(row["recurrence_id"])


def _sent(api: Api, victim: httpx2.Client) -> str:
    """The delivery of a notice of another campaign."""
    with api.service() as service:
        key = victim.headers["Authorization"].partition(" ")[2]
        about = campaigning.case(service, authenticate(service, key))
        about.ready()
        send_notices(service, about.caller, about.campaign_id)
        (found,) = list_notice_deliveries(service, about.caller, about.campaign_id).deliveries
    return str(found.delivery_id)


def _job(api: Api, entry_id: str) -> str:
    """A dead letter about the entry, which is the operator's to see."""
    with api.service() as service, service.pool.transaction() as connection:
        row = connection.execute(
            "INSERT INTO job (task, subject_id, queue, status, dead, finished_at)"
            " VALUES ('relate_entry', %s, 'bulk', 'failed', true, now()) RETURNING job_id",
            (entry_id,),
        ).fetchone()
    assert row
    return str(row["job_id"])


def _manifest(api: Api, asset_id: str, mark: str) -> str:
    """The identifier of a manifest that the registered fake carried."""
    label = f"urn:c2pa:{UUID(mark)}"
    manifest = Manifest(
        "valid", "tests", f"canary manifest {mark}".encode(), "ab" * 32, 1, said={"label": label}
    )
    with api.service() as service, service.pool.transaction() as connection:
        manifests.write(connection, UUID(asset_id), manifest)
    return label


def _withdrawn(api: Api, victim: httpx2.Client, bank: str) -> str:
    """The review by which another entry was withdrawn."""
    document = to_document(drawn.clip(uuid4().hex), faces=False)
    entry = _made(victim.post("/v1/entries", json={"bank": bank, "title": "gone", "fakes": [document]}))
    place = f"/v1/entries/{entry['entry_id']}/withdraw"
    _made(victim.post(place, json={"reason_code": "mistaken", "reason": "canary reason"}))
    with api.service() as service, service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT review_id FROM review WHERE entry_id = %s", (entry["entry_id"],)
        ).fetchone()
    assert row
    return str(row["review_id"])


def _made(answered: httpx2.Response) -> dict[str, Any]:
    assert answered.status_code < 300, (answered.request.url, answered.status_code, answered.text)
    found: dict[str, Any] = answered.json()
    return found
