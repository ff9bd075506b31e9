"""Peers: other registries whose feeds are read into banks, and the settings for reading them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from registry.catalogue.banks.model import TIERS
from registry.catalogue.entries.model.entry import Tier, rank
from registry.sharing.errors import BadAddress
from registry.sharing.federation.errors import BadFeed, BadTiers, BadVerifierKey
from registry.sharing.federation.model.feed_item import FeedEntry
from registry.transparency.ledger.model import note
from registry.transparency.ledger.model.note import BadNote, VerifierKey

MOST_KEYS: Final = 8
HIGHEST: Final[Tier] = "reviewed"
"""The highest tier that a peer's review can have here. Reviewers of this deployment must check a court order
themselves."""


@dataclass(frozen=True, slots=True)
class PeerTerms:
    """Settings for reading a peer.

    `keys`: its verifier keys, all of one name; one of them must sign each checkpoint. `feed`: the bank at the
    peer. `tiers`: maps the peer's tiers to tiers here; others count as unreviewed.
    """

    address: str
    keys: tuple[VerifierKey, ...]
    feed: UUID
    tiers: Mapping[Tier, Tier]

    @property
    def origin(self) -> str:
        """Return the name of the peer's ledger."""
        return self.keys[0].name

    def stored(self) -> dict[str, Any]:
        """Return the settings as JSON, without the address."""
        return {
            "origin": self.origin,
            "keys": [str(key) for key in self.keys],
            "feed": str(self.feed),
            "tiers": dict(self.tiers),
        }

    def trusted(self, tier: Tier) -> Tier:
        """Return the tier here that a peer's tier counts as."""
        return self.tiers.get(tier, "unreviewed")


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of a page: matchable entries with their media, and the names of disputed and withdrawn
    entries."""

    matchable: tuple[FeedEntry, ...]
    disputed: tuple[str, ...]
    withdrawn: tuple[str, ...]


def terms(
    address: str, keys: Sequence[str], feed: str, tiers: Mapping[Tier, Tier], *, private: bool
) -> PeerTerms:
    """Return the validated settings. `private`: also allow http and addresses on this machine.

    Raises `BadInput`: `bad_address`, `bad_verifier_key`, `bad_feed`, `bad_tiers`.
    """
    return PeerTerms(_address(address, private=private), _keys(keys), _feed(feed), _tiers(tiers))


def stored(address: str, options: Mapping[str, Any]) -> PeerTerms:
    """Restore settings from `PeerTerms.stored`."""
    return terms(address, options["keys"], options["feed"], options["tiers"], private=True)


def changes(newest: Iterable[FeedEntry]) -> Changes:
    """Sort the last items of entries by status."""
    entries = tuple(newest)
    return Changes(
        tuple(entry for entry in entries if entry.status == "matchable"),
        tuple(str(entry.entry_id) for entry in entries if entry.status == "suspended"),
        tuple(str(entry.entry_id) for entry in entries if entry.status == "withdrawn"),
    )


def _address(address: str, *, private: bool) -> str:
    wrong = BadAddress(
        "A peer's address is a URL such as https://registry.example.",
        next_step="Use https, without a password, query or fragment.",
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


def _keys(texts: Sequence[str]) -> tuple[VerifierKey, ...]:
    try:
        keys = tuple(dict.fromkeys(note.verifier_key(text) for text in texts))
    except BadNote:
        keys = ()
    if not 1 <= len(keys) <= MOST_KEYS or len({key.name for key in keys}) != 1:
        raise BadVerifierKey("A peer has one to eight verifier keys of one name, such as NAME+1a2b3c4d+AQ….")
    return keys


def _feed(bank_id: str) -> UUID:
    try:
        return UUID(bank_id)
    except ValueError:
        raise BadFeed("A peer's `feed` is the id of a bank there.") from None


def _tiers(mapping: Mapping[Tier, Tier]) -> dict[Tier, Tier]:
    tiers: dict[Tier, Tier] = {}
    for foreign, local in mapping.items():
        if foreign not in TIERS or local not in TIERS:
            raise BadTiers(f"Tiers are {', '.join(TIERS)}.")
        if rank(local) > min(rank(foreign), rank(HIGHEST)):
            raise BadTiers(
                f"A foreign tier {foreign} cannot count as {local} here.",
                next_step=f"Map it to the same tier or a lower one, and to {HIGHEST} at most.",
            )
        tiers[foreign] = local
    return tiers
