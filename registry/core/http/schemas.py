"""What every request and answer of the API is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self, get_args, get_origin, override
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic_core import CoreSchema, core_schema

from registry.core.errors import BadTime, NotFound


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _text(value: Any) -> Any:
    return value if value is None else str(value)


Sha256 = Annotated[
    str, Field(description="64 hex digits", json_schema_extra={"examples": ["9f86d081884c7d65…"]})
]
Id = Annotated[str, Field(max_length=36)]
Seconds = tuple[float, float]
UuidText = Annotated[str, BeforeValidator(_text)]
"""An id in an answer. Takes a `UUID`."""
TimeText = Annotated[str, BeforeValidator(_iso)]
"""A time or date in an answer, ISO 8601. Takes a `datetime` or `date`."""
BankName = Annotated[str, Field(max_length=100, description="name or id of a bank")]


def identifier(text: str, noun: str) -> UUID:
    """Return the id that a text holds. Raises `NotFound` if it is malformed."""
    try:
        identity = UUID(text)
    except ValueError:
        identity = None
    if identity is None or str(identity) != text.lower():
        raise NotFound(f"{noun} ids are UUIDs, such as 5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10.")
    return identity


@dataclass(frozen=True, slots=True)
class PathId:
    """Annotates a `UUID` in a path: `Annotated[UUID, PathId("Webhook")]`."""

    what: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            lambda text: identifier(text, self.what),
            core_schema.str_schema(),
            serialization=core_schema.to_string_ser_schema(when_used="json"),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}


class BodyId(PathId):
    """Annotates a `UUID` in a request's model."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "maxLength": 36}


class Model(BaseModel):
    """A model with an example: `Field(examples=[...])` of its fields, and the examples of models in it."""

    @classmethod
    def example(cls) -> dict[str, Any]:
        """Return the example: the fields that have one, and the required ones."""
        return {
            name: field.examples[0] if field.examples else _example(field.annotation)
            for name, field in cls.model_fields.items()
            if field.examples or field.is_required()
        }

    @override
    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Leave out the fields' examples: the description shows that of the whole with each operation."""
        schema = handler.resolve_ref_schema(handler(core_schema))
        for name, field in cls.model_fields.items():
            field_schema = schema.get("properties", {}).get(name, {})
            if field.examples and not field.json_schema_extra:
                field_schema.pop("examples", None)
        return schema


def _example(kind: Any) -> Any:
    """Return the example of a field's type: its model's, the first literal, or nothing."""
    if isinstance(kind, type):
        return kind.example() if issubclass(kind, Model) else False if kind is bool else None
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return parts[0]
    if origin is dict:
        return {}
    examples = [example for part in parts if isinstance(example := _example(part), dict)][:1]
    return examples if origin is list else next(iter(examples), None)


class Request(Model):
    """A request's body: unknown fields and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Answer(Model):
    """What is answered. Fields may be added; none is taken away."""

    @classmethod
    def from_row(cls, row: object, **more: Any) -> Self:
        """Return the answer made of a row's attributes or columns; `more` adds to them and replaces them."""
        if not isinstance(row, Mapping):
            row = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls.model_validate({**row, **more})


class Fault(Answer):
    where: str
    message: str


class Problem(Answer):
    """RFC 9457. Branch on `code`: it is stable."""

    type: str = Field(description="urn:fakeprint:error:CODE")
    title: str
    status: int
    detail: str
    code: str
    next_step: str = Field(description="what to do about it, in a sentence")
    instance: str = Field(description="urn:fakeprint:request:ID")
    request_id: str
    errors: list[Fault] | None = Field(None, description="with bad_input: every field that is wrong")


class Failure(Answer):
    code: str
    message: str


class Deleted(Answer):
    deleted: Literal[True]


def parse_time(text: str, field: str) -> datetime:
    """A time with its offset. Raises `BadInput` (`bad_time`)."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise BadTime(f"`{field}` is a time such as 2026-01-31T09:30:00+00:00, with its offset.")
    return time
