"""What media say of their own origin by C2PA, as models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.catalogue.provenance.model.declared import Declared
from registry.catalogue.provenance.model.provenance import State
from registry.core.http.schemas import Answer, TimeText


class Provenance(Answer):
    """Of the file that was sent. C2PA proves who signed a file and that it was not altered since; what they
    declare is no more than their word."""

    state: State = Field(
        description="trusted: signed by somebody of the deployment's list. valid: by somebody unknown. "
        "invalid: altered, or the signature or its certificate does not hold. absent: there is none. "
        "unreadable: it could not be read within limits"
    )
    signer: str | None = Field(description="as the certificate names them; anybody may name themselves so")
    signed_at: TimeText | None = Field(description="by its time stamp, whose authority nobody has checked")
    claim_generator: str | None
    declared: Declared | None = Field(
        description="how it came to be: the gravest digital source type in it and in what it was made from"
    )
    note: Literal["absence_proves_nothing", "unknown_signer"] | None = Field(
        description="absence_proves_nothing: most media have no manifest, and copying loses it"
    )


class MediumProvenance(Answer):
    """Of a registered medium, as it was when a worker read its file."""

    state: State = Field(examples=["absent"])
    signer: str | None = Field(description="where the deployment's list knows them, else null")
    declared: Declared | None
    manifest_missing: bool = Field(
        description="it has a manifest that holds, and the file that was sent and shows it has none: it was "
        "lost, or taken out"
    )


class AssetProvenance(Provenance):
    """Of a medium of an entry."""

    source: bool = Field(
        description="signed as recorded, and nothing else, by a source of the deployment's stricter list"
    )
    proposed_tier: Literal["reviewed"] | None = Field(
        description="what a reviewer may find of an original that a source has signed; the bank's policy "
        "`source_original_tier` says whether your own organization goes by it at once"
    )
    failures: list[str] = Field(description="what does not hold, as codes of C2PA")
    ingredients: int = Field(description="how many files it says that it was made from, 50 at most told")
    manifest_missing: bool = Field(
        description="it has none, and another registered medium with the same footage, in an entry that you "
        "may see, has one that holds: it was lost, or taken out"
    )
