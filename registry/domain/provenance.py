"""What a medium says of its own origin by C2PA (specification 2.x), as `workers.provenance` read it.

A manifest proves who signed it, and that the medium is the one that was signed. That there is none proves
nothing: most media have none, and copying a file with common tools loses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

State = Literal["trusted", "valid", "invalid", "absent", "unreadable"]
"""trusted: signed under the deployment's trust list. valid: by somebody whom it does not know. invalid: the
medium or the manifest was altered, or the signature does not hold. absent: there is none. unreadable: there
is one that could not be read within limits."""
LARGEST_STORE: Final = 16 * 1024**2
"""Bytes of a manifest store that is kept."""
_STATES: Final[Mapping[str, State]] = {"Trusted": "trusted", "Valid": "valid", "Invalid": "invalid"}
_MOST: Final = 50
"""Actions, ingredients and codes that are told."""
_LONGEST: Final = 500
_SHORT: Final = 200
_PICTURES: Final = (b"c2pa.thumbnail", b"c2pa.icon", b"c2pa.databoxes", b"bfdb")
"""What in a store holds, or may hold, pictures: thumbnail and icon assertions, embedded files."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`store`: the manifest store (JUMBF), None where there is none or it is too large; `said`: actions with
    their digital source types, ingredients and codes of what does not hold; `reader`: program and version."""

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


def absent(reader: str, *, remote: bool = False) -> Manifest:
    """No manifest is in the file. `remote`: it names an address at which one is said to be; nobody asks."""
    return Manifest("absent", reader, said={"remote": True} if remote else {})


def unreadable(reader: str, why: str) -> Manifest:
    """There is one, and the reader gave up on it. `why`: a code."""
    return Manifest("unreadable", reader, said={"error": why[:100]})


def of_report(
    report: Mapping[str, Any], store: bytes, whole: tuple[str, int] | None, reader: str
) -> Manifest:
    """From the report of c2pa's reader, whatever is in it. `whole`: SHA-256 and size of the manifest store,
    None where it cannot be had; `store` empty: it is too large to be kept. Raises nothing."""
    manifests = _mapping(report.get("manifests"))
    active = _mapping(manifests.get(str(report.get("active_manifest"))))
    signature = _mapping(active.get("signature_info"))
    names = [signature.get("common_name"), signature.get("issuer")]
    results = _mapping(_mapping(report.get("validation_results")).get("activeManifest"))
    return Manifest(
        state=_STATES.get(str(report.get("validation_state")), "invalid"),
        reader=reader[:100],
        store=store or None,
        store_sha256=whole[0] if whole else None,
        store_bytes=whole[1] if whole else None,
        pictures=not store or any(one in store for one in _PICTURES),
        signer=_text(", ".join(str(one) for one in names if one)),
        signed_at=_time(signature.get("time")),
        claim_generator=_text(_generator(active)),
        said={
            "label": _short(report.get("active_manifest")),
            "manifests": len(manifests),
            "actions": list(_actions(active))[:_MOST],
            "ingredients": list(_ingredients(active))[:_MOST],
            "failures": [_short(one.get("code")) for one in _items(results.get("failure"))][:_MOST],
        },
    )


def _generator(active: Mapping[str, Any]) -> str:
    told = [
        " ".join(str(one[name]) for name in ("name", "version") if one.get(name))
        for one in _items(active.get("claim_generator_info"))
    ]
    return ", ".join(one for one in told if one) or str(active.get("claim_generator") or "")


def _actions(active: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
    for assertion in _items(active.get("assertions")):
        if str(assertion.get("label")).startswith("c2pa.actions"):
            for one in _items(_mapping(assertion.get("data")).get("actions")):
                yield {
                    "action": _short(one.get("action")),
                    "digital_source_type": _short(one.get("digitalSourceType")),
                }


def _ingredients(active: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
    for one in _items(active.get("ingredients")):
        yield {name: _short(one.get(name)) for name in ("title", "format", "relationship")}


def _items(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (one for one in value[: _MOST * 20] if isinstance(one, Mapping))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _short(value: object) -> str | None:
    return _text(value, _SHORT)


def _text(value: object, longest: int = _LONGEST) -> str | None:
    """Bounded, and without what no database keeps."""
    if not isinstance(value, str) or not value.strip():
        return None
    return "".join(one if one.isprintable() else " " for one in value[:longest]).strip() or None


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else None
