"""Register a known fake, with the original it was made from where that is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args
from uuid import UUID

from registry.catalogue.banks.service.find_bank import own_bank
from registry.catalogue.banks.service.require_room import require_room
from registry.catalogue.entries.model import claim_review as reviews
from registry.catalogue.entries.model.details import Details, details
from registry.catalogue.entries.model.entry import Manipulation
from registry.catalogue.entries.model.reference import references as checked_references
from registry.catalogue.entries.service.add_media import Source, add_media, role_conflict, sha256
from registry.catalogue.entries.service.describe_entry import join_variants, keep_details
from registry.catalogue.entries.store import entries
from registry.catalogue.media.model import Role
from registry.catalogue.media.service.keep_uploads import Upload
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import BadInput
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.admit_work import admit_work
from registry.jobs.service.relay_outbox import wake_workers

__all__ = ["Source", "Upload", "register_entry"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said of an entry, checked."""

    title: str
    claim: str | None
    manipulation: Manipulation | None
    references: tuple[Mapping[str, Any], ...]
    details: Details


def register_entry(
    service: Service,
    caller: Caller,
    *,
    fakes: Sequence[Source],
    originals: Sequence[Source] = (),
    bank: str | None = None,
    title: str | None = None,
    manipulation: str | None = None,
    claim: str | None = None,
    references: Sequence[Any] = (),
    claim_review: Any = None,
    variant_of: UUID | None = None,
    beside: Callable[[Connection, UUID], None] | None = None,
    **described: Any,
) -> dict[str, Any]:
    """A new entry, or the one that holds all these fakes already (`created` says which). Needs `register`.

    Fakes and originals become matchable in one commit: at once where all came as documents, else when the
    workers have fingerprinted the last. `duplicates` are other entries that hold any of the fakes, as far as
    the caller sees them. `described`: language, depicted, seen, evidence
    (`catalogue.entries.model.details`); `claim_review`:
    JSON-LD that says all this where the call does not. An entry that is there already keeps what is said of
    it. `beside`: what else is written in the same transaction for the entry, which then is a new one
    whatever the bank holds.

    Raises `BadInput` (`no_fake`, `bad_label`, `unknown_manipulation`, `bad_reference`, `bad_language`,
    `bad_detail`, `bad_claim_review`, `not_a_fake`), `Conflict` (`role_conflict`, `own_variant`,
    `bank_full`),
    `BadDocument` (`document_too_large`, `low_information`), `NotFound`, `Forbidden`, `Unavailable`.
    """
    caller.require("register")
    if not fakes:
        raise BadInput("An entry needs at least one fake.", code="no_fake", next_step="Send a part `fake`.")
    given = {"claim": claim, "manipulation": manipulation, "references": references, **described}
    said = _claim(fakes, title, given, claim_review)
    _no_conflict(fakes, originals)
    if any(isinstance(source, Upload) for source in (*fakes, *originals)):
        admit_work(service, "registrations")
    with service.pool.transaction() as connection:
        home = own_bank(connection, caller, bank)
        entries.lock_bank(connection, home.bank_id)
        digests = [bytes.fromhex(sha256(source)) for source in fakes]
        entry_id = None if beside else entries.of_fakes(connection, home.bank_id, digests)
        created = entry_id is None
        if entry_id is None:
            entry_id = entries.insert(
                connection,
                bank_id=home.bank_id,
                title=said.title,
                claim=said.claim,
                language=said.details.language,
                manipulation=said.manipulation,
                references=said.references,
                created_by=caller.caller_id,
            )
            record_event(
                connection,
                caller,
                "entry.registered",
                entry_id=entry_id,
                subject={"bank_id": home.bank_id},
                said={"manipulation": said.manipulation},
            )
            if variant_of is not None:
                join_variants(connection, caller, entry_id, variant_of)
            if beside is not None:
                beside(connection, entry_id)
        roles: list[tuple[Source, Role]] = [(one, "fake") for one in fakes]
        roles += [(one, "original") for one in originals]
        added = add_media(service, connection, caller, home.bank_id, entry_id, roles)
        grew = created or any(one["created"] for one in added)
        require_room(connection, home.bank_id, grew=grew)
        shown = entries.show(connection, caller.organization_id, entry_id)
        elsewhere = entries.elsewhere(
            connection, caller.organization_id, entry_id, digests, cases=caller.sees_cases
        )
        if created:
            keep_details(service, connection, caller, entry_id, said.details.sealed)
    wake_workers(service)
    return {
        "entry_id": str(entry_id),
        "status": shown["status"] if shown else "pending",
        "created": created,
        "assets": added,
        "duplicates": [
            {**row, "entry_id": str(row["entry_id"]), "asset_id": str(row["asset_id"])} for row in elsewhere
        ],
    }


def _claim(fakes: Sequence[Source], title: str | None, given: dict[str, Any], claim_review: Any) -> Claim:
    if claim_review is not None:
        _take_from(reviews.read(claim_review), given)
    manipulation, claim = given["manipulation"], given["claim"]
    if manipulation is not None and manipulation not in get_args(Manipulation):
        raise BadInput(
            f"Unknown manipulation {manipulation[:50]!r}.",
            code="unknown_manipulation",
            next_step=f"Choose among {', '.join(get_args(Manipulation))}, or leave it out.",
        )
    # Strangers read titles, so a file's name, which may hold a victim's, does not become one unasked.
    return Claim(
        title=label(title or f"untitled {sha256(fakes[0])[:12]}", "title"),
        claim=label(claim, "claim", longest=5000) if claim else None,
        manipulation=cast("Manipulation | None", manipulation),
        references=checked_references(given["references"]),
        details=details(**{name: given[name] for name in _DESCRIBED if given.get(name)}),
    )


_DESCRIBED = ("language", "depicted", "seen", "evidence")


def _take_from(review: reviews.Review, given: dict[str, Any]) -> None:
    """What a review says, where the call says nothing; its references and places beside the call's."""
    for name in ("claim", "language", "manipulation", "evidence"):
        given[name] = given.get(name) or getattr(review, name)
    for name in ("references", "seen"):
        known = list(given.get(name) or ())
        urls = {one.get("url") for one in known if isinstance(one, Mapping)}
        given[name] = known + [one for one in getattr(review, name) if one.get("url") not in urls]


def _no_conflict(fakes: Sequence[Source], originals: Sequence[Source]) -> None:
    both = {sha256(one) for one in fakes} & {sha256(one) for one in originals}
    if both:
        raise role_conflict(min(both))
