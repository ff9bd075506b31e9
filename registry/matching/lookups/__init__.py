"""Lookups by document, file, digest or hash: answer, record, and fetch the answer later. Owns: `lookup`,
`sighting`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.matching.lookups.store.lookups import asker as caller_of_lookup
    from registry.matching.lookups.store.lookups import show as find_lookup
    from registry.matching.lookups.store.lookups import stamp_foreign
    from registry.matching.lookups.store.sightings import campaigns as campaigns_of_sighting
    from registry.matching.lookups.store.sightings import findings as answers_to_sighting
    from registry.matching.lookups.store.sightings import forget_these as forget_sightings
    from registry.matching.lookups.store.sightings import let_go as forget_sighting
    from registry.matching.lookups.store.sightings import lock as lock_sighting
    from registry.matching.lookups.store.sightings import of_organization as list_sightings
    from registry.matching.lookups.store.unrecorded import record_all as record_unrecorded
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = [
    "answers_to_sighting",
    "caller_of_lookup",
    "campaigns_of_sighting",
    "find_lookup",
    "forget_sighting",
    "forget_sightings",
    "list_sightings",
    "lock_sighting",
    "record_unrecorded",
    "stamp_foreign",
]
