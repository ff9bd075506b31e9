"""Lookups by document, file, digest or hash: answer, record, and fetch the answer later. Owns: `lookup`,
`lookup_other`, `sighting`. A day of lookups is a partition (`service/days.py`)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.matching.lookups.store.lookups import caller_of_lookup, find_lookup, stamp_foreign
    from registry.matching.lookups.store.sightings import (
        answers_to_sighting,
        campaigns_of_sighting,
        forget_sighting,
        forget_sightings,
        list_sightings,
        lock_sighting,
    )
    from registry.matching.lookups.store.unrecorded import record_unrecorded
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
