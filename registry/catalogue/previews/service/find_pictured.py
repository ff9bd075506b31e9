"""Of which medium may a caller see pictures?"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registry.catalogue.entries.service.show_entry import works_on
from registry.catalogue.media.model import refuse_minor
from registry.catalogue.previews import store as stills
from registry.core.database.pool import Connection
from registry.core.errors import BadMedia, Conflict, Forbidden, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller


@dataclass(frozen=True, slots=True)
class Pictured:
    """A medium whose file is here: `role` in its entry, `duration` in seconds (0: a picture), whose it is,
    and whether the caller may see its pictures clearly."""

    role: str
    duration: float
    owner_id: UUID
    revealable: bool


def find_pictured(
    service: Service, connection: Connection, caller: Caller, entry_id: UUID, asset_id: UUID
) -> Pictured:
    """Callers who work on entries of their own organization, reviewers of entries that they may review, and,
    blurred alone, callers with the scope `signals`, who may know digests too: by a picture of however few
    pixels one could feel for a hash.

    Raises `NotFound` (`unknown_asset`), `Forbidden` (`not_shown`, `minor_protection`), `Conflict`
    (`media_not_kept`, `entry_withdrawn`, `not_fingerprinted`), and what kept the medium from being read as
    `BadMedia`.
    """
    row = stills.find(connection, caller.organization_id, entry_id, asset_id)
    reviews = "review" in caller.roles
    if (
        row is None
        or not (row["own"] or reviews or row["entry_status"] == "matchable")
        or (row["private_case"] and not caller.sees_cases)
    ):
        raise NotFound(
            f"Entry {entry_id} has no medium {asset_id} that this key may see.", code="unknown_asset"
        )
    revealable = reviews or works_on(caller, own=row["own"])
    if not revealable and not caller.sees_signals:
        raise Forbidden(
            "Pictures are shown to those who review or work on the entry, or see signals.", code="not_shown"
        )
    if row["minor"]:
        raise refuse_minor()
    if row["status"] == "failed" and row["error_code"] is not None:
        raise BadMedia(row["error_message"] or "It could not be read.", code=row["error_code"])
    if row["status"] != "fingerprinted":
        raise Conflict(
            "The medium has not been read yet.", code="not_fingerprinted", next_step="Ask again in a while."
        )
    if row["entry_status"] == "withdrawn":
        raise Conflict("The entry was withdrawn: no pictures of it are shown.", code="entry_withdrawn")
    if not service.settings.keep_media:
        raise Conflict(
            "This deployment keeps no media, so there are no pictures of them.", code="media_not_kept"
        )
    if row["blob_key"] is None:
        raise Conflict(
            "The medium is not kept here: it came as a fingerprint, or has been let go.",
            code="media_not_kept",
        )
    return Pictured(row["role"], row["duration"] or 0.0, row["owner_id"], revealable)
