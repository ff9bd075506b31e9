"""The description is current, complete, and its examples are true to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from registry.app.api import export
from registry.app.api.codes import CODES
from registry.catalogue.banks import schemas as bank_models
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.fingerprints.schemas import DOCUMENT
from registry.core.http import problems
from registry.core.http import schemas as base_models

ROOT = Path(__file__).parents[2]

WITHOUT = {"Problem", "FingerprintDocument", "ImportFault"}
"""Models whose examples stand elsewhere."""


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(export.export())
    return found


def _operations(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


@pytest.mark.slow
def test_the_kept_description_is_current() -> None:
    current = export.FILE.read_bytes() == export.export()  # a comparison of a megabyte takes minutes to print
    assert current, "run: python -m registry.app.api.export"


@pytest.mark.slow
def test_every_operation_is_named_tagged_and_explained(description: dict[str, Any]) -> None:
    named = [operation["operationId"] for _, operation in _operations(description)]
    assert len(named) == len(set(named))
    tags = {tag["name"] for tag in description["tags"]}
    for place, operation in _operations(description):
        assert set(operation["tags"]) <= tags, place
        assert operation["summary"], place
        assert operation["description"], place


def test_every_body_and_answer_has_an_example(description: dict[str, Any]) -> None:
    for place, operation in _operations(description):
        contents = list(operation.get("requestBody", {}).get("content", {}).items())
        for status, answered in operation["responses"].items():
            if status not in {"default", "204"}:  # 204: without a body
                shared = answered.get("$ref", "").rpartition("/")[2]
                said = description["components"]["responses"][shared] if shared else answered
                contents += said["content"].items()
        for media_type, content in contents:
            assert "example" in content or "examples" in content, (place, media_type)
            assert content["schema"], (place, media_type)


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    text = orjson.dumps(description).decode()
    referred = set(re.findall(r'"\$ref":"#/components/schemas/(\w+)"', text))
    assert referred
    assert referred <= set(schemas)
    assert "HTTPValidationError" not in schemas


OPEN = (
    "get /health/",
    "get /status",
    "get /c2pa/v1/services/",
    "get /.well-known/c2pa-soft-binding-resolution",
    "get /v1/assertions/status/",
    "post /v1/peers/{peer}/news",
    "post /v1/revocations",
    "get /v1/private-cases/intake",
    "post /v1/private-cases",
    "get /openapi.json",
    "get /docs",
)


def test_only_operations_without_private_data_need_no_key(description: dict[str, Any]) -> None:
    assert description["security"] == [{"bearer": []}, {"header": []}]
    for place, operation in _operations(description):
        if place.startswith(OPEN):
            assert operation["security"] == []
        else:
            assert "security" not in operation, place
            assert "401" in operation["responses"], place


def _models(kind: type[base_models.Model] = base_models.Model) -> Iterator[type[base_models.Model]]:
    for model in kind.__subclasses__():
        yield model
        yield from _models(model)


def test_examples_of_operations_match_their_models(description: dict[str, Any]) -> None:
    text = orjson.dumps(description["paths"]).decode()
    shown = set(re.findall(r'"\$ref":"#/components/schemas/(\w+)"', text))
    found = [model for model in _models() if model.__name__ in shown - WITHOUT]
    assert len(found) > 150
    for model in found:
        example = model.example()
        assert model.model_validate(example).model_dump(mode="json", exclude_unset=True) == example, model


def test_the_example_of_a_document_is_one() -> None:
    assert from_document(DOCUMENT).distinct_instants == 1


def test_a_validation_error_quotes_little_of_the_input() -> None:
    with pytest.raises(ValidationError) as caught:
        bank_models.NewBank.model_validate({"name": 1, "x" * 5000: 1})
    error = problems.bad_input(caught.value, place="body")
    assert [fault["where"] for fault in error.extra["errors"]] == ["body.name", "body." + "x" * 50]
    assert len(str(error.problem())) < 1000


def test_every_code_is_listed(description: dict[str, Any]) -> None:
    for code, (statuses, meaning) in CODES.items():
        assert re.fullmatch(r"[45]\d\d(, [45]\d\d)*", statuses), code
        assert f"| `{code}` | {statuses} | {meaning} |" in description["info"]["description"]
