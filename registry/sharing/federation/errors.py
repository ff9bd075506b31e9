"""Errors of federation."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Gone, NotFound, Unavailable


class BadVerifierKey(BadInput):
    meaning = "Not a verifier key such as NAME+1a2b3c4d+AQ…, or several of several names."
    next_step = "Its operator reads them out: `fakeprint ledger`; do not take them from its address."


class BadFeed(BadInput):
    meaning = "Not the id of a bank whose feed is to be read."
    next_step = "GET /v1/feeds there lists those that its key may read."


class BadTiers(BadInput):
    meaning = "Not tiers, or a foreign tier that were to count for more here than there."


class BadItem(BadInput):
    meaning = "In a feed: the line is no item of it; the message says why."


class FacesRefused(BadInput):
    meaning = "In a feed: the item holds faces, which are never exchanged."


class NewsUnsigned(BadInput):
    meaning = "What tells of news of a peer is not signed by that peer's ledger."


class PeerGone(Gone):
    meaning = "Told of a peer that is not read here any more: tell no more."


class UnknownPeer(NotFound):
    meaning = "No peer of that name or id of the key's organization."
    next_step = "List them with GET /v1/peers or `fakeprint peer list`."


class PeerExists(Conflict):
    meaning = "The organization has a peer of that name, or one that fills that bank."
    next_step = "Remove that one, or give this one another name and a bank of its own."


class PeerSuspended(Conflict):
    meaning = "The peer is suspended; resume it first."
    next_step = "See why with `fakeprint peer show`; then `fakeprint peer resume`."


class PeerUnpublished(Unavailable):
    meaning = "At a peer: it has no such feed for the key, or signs nothing."
    next_step = "Ask its operator whether the bank is published, and shared with you."


class PeerSignature(Unavailable):
    meaning = "At a peer: its checkpoint is not signed by the keys given."


class PeerBehind(Unavailable):
    meaning = "At a peer: it knows less than it has signed; it was rolled back, or is old."


class PeerOrder(Unavailable):
    meaning = "At a peer: not the page that follows; it repeats, leaves out or reorders."


class PeerUnproven(Unavailable):
    meaning = "At a peer: the page is not the one that its ledger commits to."


class PeerGarbled(Unavailable):
    meaning = "At a peer: what it answers is no page of a feed, or lies about its length."


class PeerWithholds(Unavailable):
    meaning = "At a peer: it replaced items, and does not show by what; they are doubted."
    next_step = "They answer no longer here until it does. Ask its operator."


class WebhookPaused(Conflict):
    meaning = "An administrator has paused the webhook of that address."
    next_step = "Make it active at this registry; until then read the feed in its turn."


class PeerForked(Unavailable):
    meaning = "At a peer: it has forked or rewritten its ledger; it is suspended, with proof."
    next_step = "See `fakeprint peer show`; both notes are kept. Ask its operator."
