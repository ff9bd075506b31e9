"""One question about media, as JSON, and the action that answers it."""

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
from registry.matching.lookups.model import Answer
from registry.matching.lookups.schemas import lookup as lookup_models
from registry.matching.lookups.service.answers import answer_document, answer_md5, answer_sha256
from registry.matching.lookups.service.hashes import answer_hash, answer_hash_exactly, hash_value
from registry.matching.lookups.service.records import keep_sighting, seen

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
"""By `type`."""


def question(value: Any) -> Question:
    """A JSON value as a question; a fingerprint document may stand for itself. Raises `BadInput` that lists
    what is wrong."""
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
    """Whether it is a fingerprint document, not a question that holds one."""
    return isinstance(value, dict) and "type" not in value and {"version", "algorithms"} <= value.keys()


def _with_value(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """The question with its field `value`, which may go by the name of its type too."""
    if kind not in given:
        return given
    if "value" in given:
        raise _fault(kind, "Given together with `value`, of which it is another name")
    return {name if name != kind else "value": value for name, value in given.items()}


def answered(
    service: Service, caller: Caller, asked: Question, bank: str | None, reconstruction: ReconstructionGuard
) -> Answer:
    """Its answer. `bank`: the one that is asked where the question names none. Raises as the actions do, and
    `TooMany` (`reconstruction_suspected`)."""
    place = seen(asked.seen_at, asked.seen_platform, asked.seen_content_id, asked.seen_time)
    found = _answered(service, caller, asked, asked.bank or bank, reconstruction)
    if place is not None:
        keep_sighting(service, caller, found, place)
    return found


def is_placed(asked: Question) -> bool:
    """Whether it says where its media were seen, or tries to."""
    given = (asked.seen_at, asked.seen_platform, asked.seen_content_id, asked.seen_time)
    return any(item is not None for item in given)


def _answered(
    service: Service, caller: Caller, asked: Question, bank: str | None, reconstruction: ReconstructionGuard
) -> Answer:
    match asked:
        case lookup_models.DocumentLookup():
            fingerprint = from_document(asked.value)
            return document_answered(
                service,
                caller,
                fingerprint,
                bank=bank,
                watch_days=asked.watch_days,
                reconstruction=reconstruction,
            )
        case lookup_models.Sha256Lookup():
            return answer_sha256(service, caller, asked.value, bank=bank, watch_days=asked.watch_days)
        case lookup_models.Md5Lookup():
            return answer_md5(service, caller, asked.value, bank=bank)
        case lookup_models.HashLookup():
            algorithm, value = asked.algorithm, asked.value
            hash_value(algorithm, value)
            reconstruction.admit(caller, algorithm, value)
            if asked.exact:
                found = answer_hash_exactly(service, caller, algorithm, value, bank=bank)
            else:
                found = answer_hash(service, caller, algorithm, value, bank=bank, watch_days=asked.watch_days)
            reconstruction.note(caller, algorithm, value, shown(found, caller))
            return found


def document_answered(
    service: Service,
    caller: Caller,
    fingerprint: Fingerprint,
    *,
    bank: str | None,
    watch_days: int | None,
    reconstruction: ReconstructionGuard,
) -> Answer:
    """The answer to a fingerprint document. Raises as `answered`."""
    reconstruction.admit_document(caller, fingerprint)
    found = answer_document(service, caller, fingerprint, bank=bank, watch_days=watch_days)
    reconstruction.note_document(caller, fingerprint, shown(found, caller))
    return found
