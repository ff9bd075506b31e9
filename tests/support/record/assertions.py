"""The rows that the status lists of signed assertions are made from."""

from __future__ import annotations

from registry.core.service import Service
from tests.support.service.rows import write


def name_media(service: Service, *, foreign: bool) -> None:
    """Let all assertions name no medium; `foreign`: one that is no fake of their entry."""
    media = "ARRAY[gen_random_uuid()]" if foreign else "'{}'"
    write(service, f"UPDATE assertion_status SET media = {media}")  # noqa: S608 - written above


def lose_asserted_entry(service: Service) -> None:
    """Let the entries of all assertions be gone."""
    write(service, "UPDATE assertion_status SET entry_id = gen_random_uuid()")
