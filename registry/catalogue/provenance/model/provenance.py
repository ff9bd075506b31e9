"""C2PA provenance of a medium (specification 2.x), as `workers.provenance` reads it.

A manifest proves who signed it, and that the medium is the signed one. A missing manifest proves nothing:
most media have none, and common tools lose it when they copy a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from registry.catalogue.provenance.model import declared as declarations
from registry.catalogue.provenance.model.declared import Declared, items

State = Literal["trusted", "valid", "invalid", "absent", "unreadable"]
"""trusted: signed under the deployment's trust list. valid: the signer is unknown. invalid: the medium or the
manifest was altered, or the signature does not verify. absent: there is none. unreadable: it could not be
read within the limits."""
LARGEST_STORE: Final = 16 * 1024**2
"""Most bytes of a manifest store that is kept."""
_STATES: Final[Mapping[str, State]] = {"Trusted": "trusted", "Valid": "valid", "Invalid": "invalid"}
REVOKED: Final = "signingCredential.revoked"
"""Validation code (C2PA 2.x) of a certificate that its issuer or the deployment has revoked."""
ABSENT: Final = "absence_proves_nothing"
NOTES: Final[Mapping[State, str]] = {"absent": ABSENT, "valid": "unknown_signer"}
"""Notes that warn against reading too much into a state."""
_MOST: Final = 50
"""Most actions, ingredients and codes that are reported."""
_LONGEST: Final = 500
_SHORT: Final = 200
_PICTURES: Final = (b"c2pa.thumbnail", b"c2pa.icon", b"c2pa.databoxes", b"bfdb")
"""Byte patterns of a store that holds, or may hold, pictures: thumbnail and icon assertions, embedded
files."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was read of a medium's manifest.

    `store`: the manifest store (JUMBF), None if there is none or it is too large. `said`: actions with their
    digital source types, ingredients and validation failures. `reader`: program and version. `declared`: the
    declared origin. `source`: a capture device or newsroom of the stricter trust list signed that it was
    captured, and nothing else. `pictures`: the store may hold thumbnails.
    """

    state: State
    reader: str
    store: bytes | None = None
    store_sha256: str | None = None
    store_bytes: int | None = None
    pictures: bool = False
    signer: str | None = None
    signed_at: datetime | None = None
    claim_generator: str | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    declared: Declared | None = None
    source: bool = False


def absent(reader: str, *, remote: bool = False) -> Manifest:
    """Return the result for a file without a manifest. `remote`: it names the URL of one, which is not
    fetched."""
    return Manifest("absent", reader, said={"remote": True} if remote else {})


def unreadable(reader: str, why: str) -> Manifest:
    """Return the result for a manifest that could not be read. `why`: a code."""
    return Manifest("unreadable", reader, said={"error": why[:100]})


def of_report(
    report: Mapping[str, Any],
    store: bytes,
    whole: tuple[str, int] | None,
    reader: str,
    *,
    source: bool = False,
    revoked: AbstractSet[int] = frozenset(),
) -> Manifest:
    """Convert a report of the c2pa reader. Accepts any content and raises nothing.

    `whole`: SHA-256 and size of the manifest store, None if unavailable. `store`: empty if it is too large to
    keep. `source`: the signer is on the stricter trust list. `revoked`: serial numbers of certificates that
    are no longer trusted, whenever they signed.
    """
    manifests = _mapping(report.get("manifests"))
    active = _mapping(manifests.get(str(report.get("active_manifest"))))
    signature = _mapping(active.get("signature_info"))
    names = [signature.get("common_name"), signature.get("issuer")]
    results = _mapping(_mapping(report.get("validation_results")).get("activeManifest"))
    failures = [_short(item.get("code")) for item in items(results.get("failure"))][:_MOST]
    state = _STATES.get(str(report.get("validation_state")), "invalid")
    if str(signature.get("cert_serial_number")) in {str(number) for number in revoked}:
        state, failures = "invalid", [REVOKED, *failures]
    return Manifest(
        state=state,
        reader=reader[:100],
        store=store or None,
        store_sha256=whole[0] if whole else None,
        store_bytes=whole[1] if whole else None,
        pictures=not store or any(picture in store for picture in _PICTURES),
        signer=_text(", ".join(str(name) for name in names if name)),
        signed_at=_time(signature.get("time")),
        claim_generator=_text(_generator(active)),
        said={
            "label": _short(report.get("active_manifest")),
            "manifests": len(manifests),
            "actions": list(_actions(active))[:_MOST],
            "ingredients": list(_ingredients(active))[:_MOST],
            "failures": failures,
        },
        declared=declarations.declared(report) if state != "invalid" else None,
        source=source and state == "trusted" and declarations.only_captured(report),
    )


def of_row(row: Mapping[str, Any]) -> Manifest:
    """Return the manifest of a registered medium from its row of `asset_manifest`, without the store."""
    names = ("state", "reader", "signer", "signed_at", "claim_generator", "said", "declared", "source")
    return Manifest(**{name: row[name] for name in names})


def shown(manifest: Manifest) -> dict[str, Any]:
    """Return the part of a lookup's answer about the file that was sent."""
    return {
        "state": manifest.state,
        "signer": manifest.signer,
        "signed_at": manifest.signed_at.isoformat() if manifest.signed_at else None,
        "claim_generator": manifest.claim_generator,
        "declared": manifest.declared,
        "note": NOTES.get(manifest.state),
    }


def of_match(
    row: Mapping[str, Any] | None, relation: str | None, query_manifest: Manifest | None
) -> dict[str, Any] | None:
    """Return an answer's statement about the manifest of a matched medium. None if the medium was not
    examined.

    `row`: of `asset_manifest`. `relation`: of the match. `query_manifest`: the manifest of the file that was
    sent, None if no file was sent. The signer is named only if the deployment trusts it: anybody may put any
    name into a certificate of their own. `manifest_missing`: the medium has a valid manifest, and the file
    that was sent has none.
    """
    if row is None:
        return None
    is_valid = row["state"] in {"trusted", "valid"}
    is_same_medium = relation in {"copy", "original"}
    return {
        "state": row["state"],
        "signer": row["signer"] if row["state"] == "trusted" else None,
        "declared": row["declared"],
        "manifest_missing": is_valid
        and is_same_medium
        and query_manifest is not None
        and query_manifest.state == "absent",
    }


def _generator(active: Mapping[str, Any]) -> str:
    programs = [
        " ".join(str(program[name]) for name in ("name", "version") if program.get(name))
        for program in items(active.get("claim_generator_info"))
    ]
    return ", ".join(program for program in programs if program) or str(active.get("claim_generator") or "")


def _actions(active: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
    for assertion in items(active.get("assertions")):
        if str(assertion.get("label")).startswith("c2pa.actions"):
            for action in items(_mapping(assertion.get("data")).get("actions")):
                yield {
                    "action": _short(action.get("action")),
                    "digital_source_type": _short(action.get("digitalSourceType")),
                }


def _ingredients(active: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
    for ingredient in items(active.get("ingredients")):
        yield {name: _short(ingredient.get(name)) for name in ("title", "format", "relationship")}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _short(value: object) -> str | None:
    return _text(value, _SHORT)


def _text(value: object, longest: int = _LONGEST) -> str | None:
    """Return the text cut to `longest`, with unprintable characters replaced. None if nothing is left."""
    if not isinstance(value, str) or not value.strip():
        return None
    return (
        "".join(character if character.isprintable() else " " for character in value[:longest]).strip()
        or None
    )


def _time(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
