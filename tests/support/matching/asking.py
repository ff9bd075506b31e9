"""Look up generated clips."""

from __future__ import annotations

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.answers import answer_document


def ask(service: Service, caller: Caller, query: Fingerprint) -> Answer:
    return answer_document(service, caller, query)
