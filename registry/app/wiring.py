"""What rooms contribute to tables of rooms below them, which do not know them.

A process of the API or of the workers calls `wire` before it serves anything.
"""

from __future__ import annotations

from registry.catalogue.entries import tasks as fingerprinting
from registry.catalogue.previews import tasks as previews
from registry.jobs.service.handlers import HANDLERS, Handler
from registry.matching.lookups import tasks as lookups
from registry.matching.watches import tasks as watches
from registry.persons.photos import tasks as photos
from registry.sharing.hma import tasks as hashing


def wire() -> None:
    """Fill the tables; a second call changes nothing."""
    HANDLERS.update(
        {
            "fingerprint_asset": fingerprinting.FINGERPRINT_ASSET,
            "fingerprint_segment": fingerprinting.FINGERPRINT_SEGMENT,
            "refingerprint_asset": Handler(),
            "answer_lookup": lookups.ANSWER_LOOKUP,
            "hash_file": hashing.HASH_FILE,
            "relate_entry": Handler(),
            "read_photo": photos.READ_PHOTO,
            "deliver_messages": Handler(),
            "answer_watches": watches.ANSWER_WATCHES,
            "fetch_exchange": Handler(),
            "deliver_notice": Handler(),
            "follow_sighting": Handler(),
            "make_stills": previews.MAKE_STILLS,
        }
    )
