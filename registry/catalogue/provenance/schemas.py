"""C2PA provenance of media."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.catalogue.provenance.model.declared import Declared
from registry.catalogue.provenance.model.provenance import State
from registry.core.http.schemas import Answer, TimeText


class Provenance(Answer):
    """Provenance of the file that was sent. C2PA proves who signed a file, and that it was not altered since.
    It does not prove the signer's declarations."""

    state: State = Field(
        description="trusted: signed by a signer on the deployment's list. valid: by an unknown signer. "
        "invalid: altered, or the signature or its certificate is not valid. absent: no manifest. "
        "unreadable: it could not be read within the limits"
    )
    signer: str | None = Field(description="name in the certificate; anybody may use any name")
    signed_at: TimeText | None = Field(description="time of its time stamp, whose authority is not checked")
    claim_generator: str | None
    declared: Declared | None = Field(
        description="declared origin: the gravest digital source type of the manifest and its ingredients"
    )
    note: Literal["absence_proves_nothing", "unknown_signer"] | None = Field(
        description="absence_proves_nothing: most media have no manifest, and copying removes it"
    )


class MediumProvenance(Answer):
    """Provenance of a registered medium, when a worker read its file."""

    state: State = Field(examples=["absent"])
    signer: str | None = Field(description="name of a signer on the deployment's list, else null")
    declared: Declared | None
    manifest_missing: bool = Field(
        description="it has a valid manifest, and the file that was sent and shows the same has none: it was "
        "lost or removed"
    )


class AssetProvenance(Provenance):
    """Provenance of a medium of an entry."""

    source: bool = Field(
        description="a source on the deployment's stricter list signed that it recorded it, and nothing else"
    )
    proposed_tier: Literal["reviewed"] | None = Field(
        description="tier proposed to reviewers for an original that a source has signed; with the bank's "
        "policy `source_original_tier` it applies to your own organization at once"
    )
    failures: list[str] = Field(description="validation failures, as codes of C2PA")
    ingredients: int = Field(description="number of declared ingredients, at most 50")
    manifest_missing: bool = Field(
        description="it has no manifest, and another registered medium with the same footage, in an entry "
        "that you may see, has a valid one: it was lost or removed"
    )
