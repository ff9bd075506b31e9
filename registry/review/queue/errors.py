"""Errors of the review queue."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict


class NotThatFile(BadInput):
    meaning = "The entry has no file with that SHA-256."
    next_step = "Send exactly that file; `fakeprint review show` lists the digests."


class ClaimedByAnother(Conflict):
    meaning = "Another reviewer has claimed the entry, until `lease_until`."
    next_step = "Choose another entry, or wait."


class NotClaimed(Conflict):
    meaning = "You have not claimed the entry, or your claim has ended."


class ClaimSpent(Conflict):
    meaning = "Your claim has reached its maximum duration; others may claim the entry now."


class TooManyClaims(Conflict):
    meaning = "A reviewer may claim at most 20 entries at a time."
    next_step = "Decide on some entries, or release them: `fakeprint review list --claimed mine`."


class Unverified(Conflict):
    meaning = "The entry was registered by a document only. It can be reviewed after its file was sent."


class ForgedFingerprint(Conflict):
    meaning = "The media contradict the document that the entry was registered with."
    next_step = "Reject the entry. Its file can be registered again."


class PicturesUnseen(Conflict):
    meaning = "You have not viewed clear pictures of media that you approve (`unseen_ok` false)."
    next_step = "View them, or approve without viewing: `unseen_ok`."


class NothingToReview(Conflict):
    meaning = "Your claim covers no such medium of the entry."
