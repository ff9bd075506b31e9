"""Look up generated clips."""

from __future__ import annotations

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.answers import answer_document
from tests.support.service.rows import write


def ask(service: Service, caller: Caller, query: Fingerprint) -> Answer:
    return answer_document(service, caller, query)


def forget_evidence(service: Service) -> None:
    """Let lookups be recorded as by an earlier version, without what the bank's policy judged."""
    write(service, "UPDATE lookup SET answer = answer #- '{matches,0,signals,parts}'")
