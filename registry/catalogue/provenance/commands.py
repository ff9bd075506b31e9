"""C2PA manifests in words for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from registry.core.terminal.text import printable

DECLARED: Final[Mapping[str, str]] = {
    "trained_algorithmic_media": "made, or partly made, by a trained model (AI)",
    "composite": "composed from other media",
    "edited": "edited",
    "capture": "recorded by a device",
    "other": "made in another way",
}
_BY: Final[Mapping[str, str]] = {
    "trusted": "signed by {signer}, a trusted signer",
    "valid": "signed by an unknown signer who uses the name {signer}",
    "invalid": "invalid: the file or the manifest was altered, or the certificate is not valid",
    "absent": "none. This proves nothing: most media have none, and copying removes it",
    "unreadable": "it exists, but cannot be read",
}


def of_query(manifest: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield a line about the manifest of the file that was looked up."""
    if manifest:
        yield f"  manifest (C2PA): {_state(manifest)}{_declared(manifest)}"


def of_match(manifest: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield lines about the manifest of a registered medium, if it has one."""
    if not manifest or manifest["state"] in {"absent", "unreadable"}:
        return
    yield f"     its manifest (C2PA): {_state(manifest)}{_declared(manifest)}"
    if manifest.get("manifest_missing"):
        yield "     your file shows the same and has no manifest: it was lost or removed"


def of_asset(manifest: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield lines about the manifest of a medium of an entry."""
    if manifest and manifest.get("manifest_missing"):
        yield "    no manifest (C2PA), but other media with the same footage have one: it was lost or removed"
    if not manifest or manifest["state"] == "absent":
        return
    yield f"    manifest (C2PA): {_state(manifest)}{_declared(manifest)}"
    if manifest.get("proposed_tier"):
        tier = printable(str(manifest["proposed_tier"]))
        yield f"    a trusted source signed that it recorded it: proposed as {tier}"


def foreign(sources: Iterable[Mapping[str, Any]] | None, indent: str) -> Iterator[str]:
    """Yield a line for each other registry that has the entry, with its licence."""
    for source in sources or ():
        licence = source.get("licence")
        terms = f"licence {printable(str(licence))}" if licence else "no licence named"
        parts = [f"published by {printable(str(source['origin']))}"]
        if source.get("peer"):
            parts.append(f"your peer “{printable(str(source['peer']))}”")
        if source.get("status"):
            parts.append(f"{source['status']} and {str(source['tier']).replace('_', ' ')} there")
        yield f"{indent}{', '.join([*parts, terms])}: entry {source['entry_id']} there"


def _state(manifest: Mapping[str, Any]) -> str:
    signer = f"“{printable(str(manifest['signer']))}”" if manifest.get("signer") else "somebody"
    state = str(manifest["state"])
    return _BY.get(state, printable(state)).format(signer=signer)


def _declared(manifest: Mapping[str, Any]) -> str:
    code = manifest.get("declared")
    return f"; declared as {DECLARED.get(str(code), printable(str(code)))}" if code else ""
