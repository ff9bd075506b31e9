"""C2PA manifests in words for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from registry.core.terminal.text import printable

DECLARED: Final[Mapping[str, str]] = {
    "trained_algorithmic_media": "made, or partly made, by a trained model (AI)",
    "composite": "put together from other media",
    "edited": "edited",
    "capture": "recorded by a device",
    "other": "made in another way",
}
_BY: Final[Mapping[str, str]] = {
    "trusted": "signed by {signer}, whom this service trusts",
    "valid": "signed by somebody who calls themselves {signer}, unknown to this service",
    "invalid": "does not hold: the file or the manifest was altered, or the certificate is not valid",
    "absent": "none. That proves nothing: most media have none, and copying loses it",
    "unreadable": "there is one, and it cannot be read",
}


def of_query(said: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield a line about the manifest of the file that was looked up."""
    if said:
        yield f"  manifest (C2PA): {_state(said)}{_declared(said)}"


def of_match(said: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield lines about the manifest of a registered medium, if it has one."""
    if not said or said["state"] in {"absent", "unreadable"}:
        return
    yield f"     its manifest (C2PA): {_state(said)}{_declared(said)}"
    if said.get("manifest_missing"):
        yield "     your file shows it and has no manifest: it was lost on the way, or taken out"


def of_asset(said: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield lines about the manifest of a medium of an entry."""
    if said and said.get("manifest_missing"):
        yield "    no manifest (C2PA), though other media of its footage have one: it was lost, or taken out"
    if not said or said["state"] == "absent":
        return
    yield f"    manifest (C2PA): {_state(said)}{_declared(said)}"
    if said.get("proposed_tier"):
        tier = printable(str(said["proposed_tier"]))
        yield f"    a source that this service believes recorded it: proposed as {tier}"


def foreign(said: Iterable[Mapping[str, Any]] | None, indent: str) -> Iterator[str]:
    """Yield a line for each other registry that has the entry, with its licence."""
    for item in said or ():
        licence = item.get("licence")
        terms = f"licence {printable(str(licence))}" if licence else "no licence named"
        told = [f"said by {printable(str(item['origin']))}"]
        if item.get("peer"):
            told.append(f"your peer “{printable(str(item['peer']))}”")
        if item.get("status"):
            told.append(f"{item['status']} and {str(item['tier']).replace('_', ' ')} there")
        yield f"{indent}{', '.join([*told, terms])}: entry {item['entry_id']} there"


def _state(said: Mapping[str, Any]) -> str:
    signer = f"“{printable(str(said['signer']))}”" if said.get("signer") else "somebody"
    state = str(said["state"])
    return _BY.get(state, printable(state)).format(signer=signer)


def _declared(said: Mapping[str, Any]) -> str:
    code = said.get("declared")
    return f"; declared as {DECLARED.get(str(code), printable(str(code)))}" if code else ""
