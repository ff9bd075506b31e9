"""One question about media, as JSON, and the action that answers it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter

from registry.actions.answer_document import answer_document
from registry.actions.answer_hash import answer_hash
from registry.actions.answer_md5 import answer_md5
from registry.actions.answer_sha256 import answer_sha256
from registry.actions.service import Service
from registry.api import models, received
from registry.domain.caller import Caller
from registry.domain.document import from_document

Question = models.DocumentLookup | models.Sha256Lookup | models.Md5Lookup | models.HashLookup

_QUESTION: Final[TypeAdapter[Question]] = TypeAdapter(Annotated[Question, Field(discriminator="type")])


def question(value: Any) -> Question:
    """A JSON value as a question. Raises `BadInput` that lists what is wrong."""
    return received.checked(value, _QUESTION)


def answered(service: Service, caller: Caller, asked: Question, bank: str | None) -> dict[str, Any]:
    """Its answer. `bank`: the one that is asked where the question names none. Raises as the actions do."""
    bank = asked.bank or bank
    match asked:
        case models.DocumentLookup():
            return answer_document(
                service, caller, from_document(asked.document), bank=bank, watch_days=asked.watch_days
            )
        case models.Sha256Lookup():
            return answer_sha256(service, caller, asked.sha256, bank=bank, watch_days=asked.watch_days)
        case models.Md5Lookup():
            return answer_md5(service, caller, asked.md5, bank=bank)
        case models.HashLookup():
            return answer_hash(
                service, caller, asked.algorithm, asked.value, bank=bank, watch_days=asked.watch_days
            )
