"""Errors of federation."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict, Gone, NotFound, Unavailable


class BadVerifierKey(BadInput):
    meaning = "Not a verifier key such as NAME+1a2b3c4d+AQ…, or keys with different names."
    next_step = "Ask its operator for the output of `fakeprint ledger`; do not take keys from its address."


class BadFeed(BadInput):
    meaning = "Not the id of a bank."
    next_step = "GET /v1/feeds at the peer lists the feeds that your key may read."


class BadTiers(BadInput):
    meaning = "Not tiers, or a foreign tier would count for more here than at the peer."


class BadItem(BadInput):
    meaning = "In a feed: the line is not an item; the message says why."


class FacesRefused(BadInput):
    meaning = "In a feed: the item contains faces, which are never exchanged."


class NewsUnsigned(BadInput):
    meaning = "The notification about a peer is not signed by that peer's ledger."


class PeerGone(Gone):
    meaning = "The peer is no longer read here; stop sending notifications."


class UnknownPeer(NotFound):
    meaning = "The organization has no peer with that name or id."
    next_step = "List them with GET /v1/peers or `fakeprint peer list`."


class PeerExists(Conflict):
    meaning = "The organization already has a peer with that name, or one that fills that bank."
    next_step = "Remove the existing one, or choose another name and another bank."


class PeerSuspended(Conflict):
    meaning = "The peer is suspended; resume it first."
    next_step = "`fakeprint peer show` gives the reason; `fakeprint peer resume` resumes it."


class PeerUnpublished(Unavailable):
    meaning = "At a peer: it has no such feed for the key, or does not sign its ledger."
    next_step = "Ask its operator whether the bank is published and shared with you."


class PeerSignature(Unavailable):
    meaning = "At a peer: its checkpoint is not signed by one of the stored keys."


class PeerBehind(Unavailable):
    meaning = "At a peer: its ledger is shorter than one that it signed before."


class PeerOrder(Unavailable):
    meaning = "At a peer: the page is not the next one."


class PeerUnproven(Unavailable):
    meaning = "At a peer: its ledger commits to another page."


class PeerGarbled(Unavailable):
    meaning = "At a peer: the answer is not a valid page of a feed."


class PeerWithholds(Unavailable):
    meaning = "At a peer: it announced replacements of items and has not sent them."
    next_step = "These entries do not match here until the replacements arrive. Ask its operator."


class WebhookPaused(Conflict):
    meaning = "An administrator has paused the webhook with that URL."
    next_step = "Activate it at this registry, or poll the feed."


class PeerForked(Unavailable):
    meaning = "At a peer: its ledger forked or was rewritten; the peer is suspended."
    next_step = "`fakeprint peer show` prints both signed notes. Ask its operator."
