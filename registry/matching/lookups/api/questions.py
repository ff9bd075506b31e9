"""Parse a query given as JSON, and answer it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from registry.catalogue.fingerprints.model.document import MEDIA_TYPE, from_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.errors import BadInput
from registry.core.http import problems, received
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.abuse.guard import ReconstructionGuard
from registry.matching.lookups.api.answers import shown
from registry.matching.lookups.model import Answer, Options
from registry.matching.lookups.schemas import lookup as lookup_models
from registry.matching.lookups.service import whole_files
from registry.matching.lookups.service.answers import answer_document, answer_md5, answer_sha256
from registry.matching.lookups.service.hashes import answer_hash, answer_hash_exactly, hash_value
from registry.matching.lookups.service.records import save_sighting, seen

Question = (
    lookup_models.DocumentLookup
    | lookup_models.Sha256Lookup
    | lookup_models.Md5Lookup
    | lookup_models.HashLookup
)

_QUESTIONS: Final[Mapping[str, Callable[[Any], Question]]] = {
    "document": lookup_models.DocumentLookup.model_validate,
    "sha256": lookup_models.Sha256Lookup.model_validate,
    "md5": lookup_models.Md5Lookup.model_validate,
    "hash": lookup_models.HashLookup.model_validate,
}
"""Parser of a query by its `type`."""


def question(value: Any) -> Question:
    """Parse a query. A fingerprint document may be sent without an envelope. Raises `BadInput` with all
    faults."""
    if is_document(value):
        return lookup_models.DocumentLookup(type="document", value=value)
    if not isinstance(value, dict):
        raise _fault("the request", "Input should be a JSON object")
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in _QUESTIONS:
        raise _fault("type", f"Unknown type {str(kind)[:50]!r}" if "type" in value else "Field required")
    return received.checked(_with_value(kind, value), _QUESTIONS[kind])


def _fault(where: str, message: str) -> BadInput:
    step = (
        f"`type` is one of {', '.join(_QUESTIONS)}; `value` is what to look up. "
        f"A fingerprint document can be the whole body, sent as {MEDIA_TYPE}."
    )
    return problems.faulty([{"where": where, "message": message}], step)


def is_document(value: Any) -> bool:
    """Return whether a JSON value is a fingerprint document itself, and not a query that contains one."""
    return isinstance(value, dict) and "type" not in value and {"version", "algorithms"} <= value.keys()


def _with_value(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a query with the field `value`. It may also be named after the query's type."""
    if kind not in fields:
        return fields
    if "value" in fields:
        raise _fault(kind, "Given together with `value`; it is another name of the same field")
    return {name if name != kind else "value": value for name, value in fields.items()}


def answered(
    service: Service, caller: Caller, query: Question, bank: str | None, reconstruction: ReconstructionGuard
) -> Answer:
    """Answer a query. `bank`: the bank to search if the query names none. Raises as the service, and
    `TooMany` (`reconstruction_suspected`)."""
    place = seen(query.seen_at, query.seen_platform, query.seen_content_id, query.seen_time)
    answer = _answered(service, caller, query, query.bank or bank, reconstruction)
    if place is not None:
        save_sighting(service, caller, answer, place)
    return answer


def is_placed(query: Question) -> bool:
    """Return whether the query has any field about where the media was seen."""
    fields = (query.seen_at, query.seen_platform, query.seen_content_id, query.seen_time)
    return any(field is not None for field in fields)


def _answered(
    service: Service, caller: Caller, query: Question, bank: str | None, reconstruction: ReconstructionGuard
) -> Answer:
    match query:
        case lookup_models.DocumentLookup():
            fingerprint = from_document(query.value)
            options = Options(bank, query.watch_days, query.effort)
            return document_answered(service, caller, fingerprint, options, reconstruction)
        case lookup_models.Sha256Lookup():
            return answer_sha256(service, caller, query.value, bank=bank, watch_days=query.watch_days)
        case lookup_models.Md5Lookup():
            return answer_md5(service, caller, query.value, bank=bank)
        case lookup_models.HashLookup():
            algorithm, value = query.algorithm, query.value
            probe = _probe(algorithm, value)
            if probe is not None:
                reconstruction.admit(caller, algorithm, probe)
            answer = _hash_answered(service, caller, query, bank)
            if probe is not None:
                reconstruction.note(caller, algorithm, probe, shown(answer, caller))
            return answer


def _probe(algorithm: str, value: str) -> str | None:
    """Return the hash that near-identical queries would reconstruct. Raises `BadInput` (`bad_hash`)."""
    if algorithm in whole_files.ALGORITHMS:
        return whole_files.probed(algorithm, value)
    hash_value(algorithm, value)
    return value


def _hash_answered(
    service: Service, caller: Caller, query: lookup_models.HashLookup, bank: str | None
) -> Answer:
    algorithm, value = query.algorithm, query.value
    if algorithm in whole_files.ALGORITHMS:
        return whole_files.answer_whole_file(
            service, caller, algorithm, value, bank=bank, watch_days=query.watch_days
        )
    if query.exact:
        return answer_hash_exactly(service, caller, algorithm, value, bank=bank)
    return answer_hash(service, caller, algorithm, value, bank=bank, watch_days=query.watch_days)


def document_answered(
    service: Service,
    caller: Caller,
    fingerprint: Fingerprint,
    options: Options,
    reconstruction: ReconstructionGuard,
) -> Answer:
    """Answer a fingerprint document. Raises as `answered`."""
    reconstruction.admit_document(caller, fingerprint)
    answer = answer_document(
        service,
        caller,
        fingerprint,
        bank=options.bank,
        watch_days=options.watch_days,
        effort=options.effort,
    )
    reconstruction.note_document(caller, fingerprint, shown(answer, caller))
    return answer
