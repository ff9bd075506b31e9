"""Register a known fake, with the original it was made from where that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args

from registry.actions.add_media import Source, Upload, add_media, role_conflict, sha256
from registry.actions.find_bank import own_bank
from registry.actions.relay_outbox import wake_workers
from registry.actions.service import Service
from registry.domain.caller import Caller
from registry.domain.entry import Manipulation
from registry.domain.labels import label
from registry.domain.media import Role
from registry.domain.reference import references as checked_references
from registry.errors import BadInput
from registry.store import entries

__all__ = ["Source", "Upload", "register_entry"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said of an entry, checked."""

    title: str
    claim: str | None
    manipulation: Manipulation | None
    references: tuple[Mapping[str, Any], ...]


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
) -> dict[str, Any]:
    """A new entry, or the one that holds all these fakes already (`created` says which). Needs `register`.

    Fakes and originals become matchable in one commit: at once where all came as documents, else when
    the workers have fingerprinted the last. `duplicates` are other entries that hold any of the fakes. Raises
    `BadInput` (`no_fake`, `bad_label`, `unknown_manipulation`, `bad_reference`), `Conflict`
    (`role_conflict`), `BadDocument` (`document_too_large`, `low_information`), `NotFound`, `Forbidden`.
    """
    caller.require("register")
    if not fakes:
        raise BadInput("An entry needs at least one fake.", code="no_fake", next_step="Send a part `fake`.")
    said = _claim(fakes, title, claim, manipulation, references)
    _no_conflict(fakes, originals)
    with service.pool.transaction() as connection:
        home = own_bank(connection, caller, bank)
        entries.lock_bank(connection, home.bank_id)
        digests = [bytes.fromhex(sha256(source)) for source in fakes]
        entry_id = entries.of_fakes(connection, home.bank_id, digests)
        created = entry_id is None
        if entry_id is None:
            entry_id = entries.insert(
                connection,
                bank_id=home.bank_id,
                title=said.title,
                claim=said.claim,
                manipulation=said.manipulation,
                references=said.references,
                created_by=caller.caller_id,
            )
        roles: list[tuple[Source, Role]] = [(one, "fake") for one in fakes]
        roles += [(one, "original") for one in originals]
        added = add_media(service, connection, home.bank_id, entry_id, roles)
        shown = entries.show(connection, caller.organization_id, entry_id)
        elsewhere = entries.elsewhere(connection, caller.organization_id, entry_id, digests)
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


def _claim(
    fakes: Sequence[Source],
    title: str | None,
    claim: str | None,
    manipulation: str | None,
    references: Sequence[Any],
) -> Claim:
    # Strangers read titles, so a file's name, which may hold a victim's, does not become one unasked.
    given = title or f"untitled {sha256(fakes[0])[:12]}"
    if manipulation is not None and manipulation not in get_args(Manipulation):
        raise BadInput(
            f"Unknown manipulation {manipulation[:50]!r}.",
            code="unknown_manipulation",
            next_step=f"Choose among {', '.join(get_args(Manipulation))}, or leave it out.",
        )
    return Claim(
        title=label(given, "title"),
        claim=label(claim, "claim", longest=5000) if claim else None,
        manipulation=cast("Manipulation | None", manipulation),
        references=checked_references(references),
    )


def _no_conflict(fakes: Sequence[Source], originals: Sequence[Source]) -> None:
    both = {sha256(one) for one in fakes} & {sha256(one) for one in originals}
    if both:
        raise role_conflict(min(both))
