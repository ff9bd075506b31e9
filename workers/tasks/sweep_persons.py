"""Time-based tasks for persons and clients.

They erase persons whose consent has ended, erased clients, ended intake cases and expired faces, and link
persons to the media that show them.
"""

from __future__ import annotations

import logging

from registry.catalogue.banks.service.contents import expire_entries, expire_faces
from registry.core.errors import Unavailable
from registry.intake.service.cases import sweep_cases
from registry.persons.erasure.service import sweep_persons as sweep
from registry.persons.search.service import link_persons
from registry.takedown.clients.service import sweep_clients
from workers.app import service, task

log = logging.getLogger(__name__)


@task("fakeprint.sweep_persons")
def sweep_persons() -> None:
    """Erase data that is due for erasure, and link persons to media."""
    try:
        sweep(service())
        link_persons(service())
    except Unavailable as error:
        log.warning("persons not swept: %s", error.message)
    try:
        sweep_clients(service())
    except Unavailable as error:
        log.warning("clients not swept: %s", error.message)
    try:
        sweep_cases(service())
    except Unavailable as error:
        log.warning("private cases not swept: %s", error.message)


@task("fakeprint.expire_faces")
def expire_retained_faces() -> None:
    """Delete faces of registered media, and withdraw entries, past the retention of their bank."""
    try:
        expired = expire_faces(service())
        withdrawn = expire_entries(service())
    except Unavailable as error:
        log.warning("faces and entries not expired: %s", error.message)
        return
    if expired or withdrawn:
        log.info("expired", extra={"media": expired, "entries": withdrawn})
