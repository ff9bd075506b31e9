"""Errors of the review queue."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict


class NotThatFile(BadInput):
    meaning = "The entry holds no file of that SHA-256."
    next_step = "Send the very file; `fakeprint review show` lists the digests."


class ClaimedByAnother(Conflict):
    meaning = "Another reviewer has the entry before them; `lease_until` says how long."
    next_step = "Take another one, or wait."


class NotClaimed(Conflict):
    meaning = "You have not claimed the entry, or your claim has ended."


class ClaimSpent(Conflict):
    meaning = "You have had the entry for as long as a claim lasts; others may claim it now."


class TooManyClaims(Conflict):
    meaning = "A reviewer claims 20 entries at a time."
    next_step = "Decide on some, or release them: `fakeprint review list --claimed mine`."


class Unverified(Conflict):
    meaning = "The entry is known by a document alone, and reviewed once its file was sent."


class ForgedFingerprint(Conflict):
    meaning = "The media belie the document that the entry was registered with."
    next_step = "Reject the entry; its file can be registered anew."


class PicturesUnseen(Conflict):
    meaning = "You were shown no clear picture of media that you approve (`unseen_ok` false)."
    next_step = "Look at them, or say that you approve without: `unseen_ok`."


class NothingToReview(Conflict):
    meaning = "The entry has no such medium that you have claimed."
