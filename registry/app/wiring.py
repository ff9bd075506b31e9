"""What rooms contribute to tables of rooms below them, which do not know them.

A process that works on the database calls `wire` first: the API, the workers, and commands that do so too.
"""

from __future__ import annotations

from registry.catalogue.banks.service.banks import (
    CHECKS,
    bank_closing,
    open_default_bank,
    source_tier_changed,
)
from registry.catalogue.entries import ask_for_relatives_of
from registry.catalogue.entries import tasks as fingerprinting
from registry.catalogue.entries.service.entries import PARTS, WITHHELD
from registry.catalogue.entries.service.events import (
    entries_settled,
    entries_withdrawn,
    fingerprint_replaced,
    media_enrolled,
)
from registry.catalogue.media.service.retention import HOLDERS, Holder
from registry.catalogue.previews import tasks as previews
from registry.catalogue.previews.service import ORIGINALS
from registry.identity.callers.service.keys import organization_opened
from registry.intake.service.cases import require_not_withdrawn
from registry.intake.service.settings import check_intake_bank
from registry.jobs.service.handlers import HANDLERS, Handler
from registry.lineage.service import find_original, seek_relatives
from registry.matching.lookups import tasks as lookup_tasks
from registry.matching.watches import tasks as watches
from registry.persons import photos
from registry.persons.photos import tasks as photo_tasks
from registry.review.disputes.service.settlement import follow_withdrawal
from registry.review.queue.service.decisions import RESTORABLE
from registry.review.queue.service.queue import summarize_review
from registry.review.queue.service.tiers import recompute_tiers_of_asset, recompute_tiers_of_bank
from registry.sharing import federation, hma
from registry.sharing.federation.service.list_foreign import is_foreign, list_foreign
from registry.sharing.hma import tasks as hashing
from registry.sharing.lists.service.get_listing import get_listing
from registry.sharing.sources.service.check_published import check_published
from registry.sharing.sources.service.exchanges import end_with_bank
from registry.transparency.ledger.service.ledger import WITNESSED


def wire() -> None:
    """Fill the tables; a second call changes nothing."""
    HANDLERS.update(
        {
            "fingerprint_asset": fingerprinting.FINGERPRINT_ASSET,
            "fingerprint_segment": fingerprinting.FINGERPRINT_SEGMENT,
            "refingerprint_asset": Handler(),
            "hash_whole_file": Handler(),
            "answer_lookup": lookup_tasks.ANSWER_LOOKUP,
            "hash_file": hashing.HASH_FILE,
            "relate_entry": Handler(),
            "read_photo": photo_tasks.READ_PHOTO,
            "deliver_messages": Handler(),
            "answer_watches": watches.ANSWER_WATCHES,
            "fetch_exchange": Handler(),
            "deliver_notice": Handler(),
            "follow_sighting": Handler(),
            "make_previews": previews.MAKE_PREVIEWS,
        }
    )
    PARTS.update(listing=get_listing, foreign=list_foreign, review=summarize_review)
    WITHHELD[:] = [is_foreign]
    ORIGINALS[:] = [find_original]
    CHECKS[:] = [check_published, check_intake_bank]
    bank_closing.subscribe(end_with_bank)
    source_tier_changed.subscribe(recompute_tiers_of_bank)
    fingerprint_replaced.subscribe(ask_for_relatives_of)
    entries_withdrawn.subscribe(follow_withdrawal)
    entries_settled.subscribe(recompute_tiers_of_asset)
    media_enrolled.subscribe(seek_relatives)
    HOLDERS[:] = [
        lookup_tasks.MEDIA,
        Holder(hma.needed_blobs, hma.named_blobs, hma.unneeded_blobs, hma.clear_blob),
        Holder(photos.needed_blobs, photos.named_blobs),
    ]
    organization_opened.subscribe(open_default_bank)
    RESTORABLE[:] = [require_not_withdrawn]
    WITNESSED[:] = [federation.newest_notes]
