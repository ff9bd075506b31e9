"""Peers: other registries, whose feeds are read into banks here, by terms that this deployment sets. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from registry.catalogue.banks.model import TIERS
from registry.catalogue.entries.model.entry import Tier, rank
from registry.core.errors import BadInput
from registry.sharing.federation.model.feed_item import Said
from registry.transparency.ledger.model import note
from registry.transparency.ledger.model.note import BadNote, VerifierKey

MOST_KEYS: Final = 8
HIGHEST: Final[Tier] = "reviewed"
"""No tier there counts for more here: a court's order is looked at by reviewers of this deployment."""


@dataclass(frozen=True, slots=True)
class PeerTerms:
    """How a peer is read. `keys`: its verifier keys, of one name, one of which must have signed. `feed`: the
    bank there. `tiers`: what its tiers count for here; those not named count for nothing."""

    address: str
    keys: tuple[VerifierKey, ...]
    feed: UUID
    tiers: Mapping[Tier, Tier]

    @property
    def origin(self) -> str:
        """The name of its ledger."""
        return self.keys[0].name

    def stored(self) -> dict[str, Any]:
        """As JSON, beside the address."""
        return {
            "origin": self.origin,
            "keys": [str(key) for key in self.keys],
            "feed": str(self.feed),
            "tiers": dict(self.tiers),
        }

    def trusted(self, tier: Tier) -> Tier:
        """What a tier there counts for here."""
        return self.tiers.get(tier, "unreviewed")


@dataclass(frozen=True, slots=True)
class Changes:
    """What a page changes: entries that are said with their media, and names of those that are disputed, or
    withdrawn."""

    said: tuple[Said, ...]
    disputed: tuple[str, ...]
    withdrawn: tuple[str, ...]


def terms(
    address: str, keys: Sequence[str], feed: str, tiers: Mapping[str, str], *, private: bool
) -> PeerTerms:
    """What was said, checked. `private`: the address may be http, on this machine too.

    Raises `BadInput`: `bad_address`, `bad_verifier_key`, `bad_feed`, `bad_tiers`.
    """
    return PeerTerms(_address(address, private=private), _keys(keys), _feed(feed), _tiers(tiers))


def stored(address: str, options: Mapping[str, Any]) -> PeerTerms:
    """What `PeerTerms.stored` wrote."""
    return terms(address, options["keys"], options["feed"], options["tiers"], private=True)


def changes(newest: Iterable[Said]) -> Changes:
    """What the last word on each entry changes."""
    said = tuple(newest)
    return Changes(
        tuple(item for item in said if item.status == "matchable"),
        tuple(str(item.entry_id) for item in said if item.status == "suspended"),
        tuple(str(item.entry_id) for item in said if item.status == "withdrawn"),
    )


def _address(address: str, *, private: bool) -> str:
    wrong = BadInput(
        "A peer's address is such as https://registry.example.",
        code="bad_address",
        next_step="It is https, without a password, a query or a fragment.",
    )
    try:
        parts = urlsplit(address.strip())
        _ = parts.port
    except ValueError:
        raise wrong from None
    schemes = {"https", "http"} if private else {"https"}
    plain = address.isascii() and address.strip().isprintable() and " " not in address.strip()
    if parts.scheme not in schemes or not parts.hostname or not plain:
        raise wrong
    if parts.username or parts.query or parts.fragment:
        raise wrong
    return address.strip().rstrip("/")


def _keys(given: Sequence[str]) -> tuple[VerifierKey, ...]:
    try:
        found = tuple(dict.fromkeys(note.verifier_key(item) for item in given))
    except BadNote:
        found = ()
    if not 1 <= len(found) <= MOST_KEYS or len({tier.name for tier in found}) != 1:
        raise BadInput(
            "A peer has one to eight verifier keys of one name, such as NAME+1a2b3c4d+AQ….",
            code="bad_verifier_key",
            next_step="Its operator reads them out: `fakeprint ledger`; do not take them from its address.",
        )
    return found


def _feed(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise BadInput(
            "A peer's `feed` is the id of a bank there.",
            code="bad_feed",
            next_step="GET /v1/feeds there lists those that its key may read.",
        ) from None


def _tiers(given: Mapping[str, str]) -> dict[Tier, Tier]:
    found: dict[Tier, Tier] = {}
    for there, here in given.items():
        if there not in TIERS or here not in TIERS:
            raise BadInput(f"Tiers are {', '.join(TIERS)}.", code="bad_tiers")
        if rank(here) > min(rank(there), rank(HIGHEST)):
            raise BadInput(
                f"A foreign {there} cannot count as {here} here.",
                code="bad_tiers",
                next_step=f"It counts for as much at most, and never for more than {HIGHEST}.",
            )
        found[there] = here
    return found
