"""What answers may hold for a key with the role `lookup` alone, field by field. A new field fails here until
somebody has thought about what it tells of the registry; `python -m tests.matching.lookups.test_lookup_only`
lists it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from registry.app.api import export
from registry.app.api.permissions import PERMISSIONS
from tests.support.documents.fields import opens

pytestmark = pytest.mark.slow

LISTED: Final = Path(__file__).with_name("lookup_only.json")
TELLING: Final = (
    "sha256",
    "md5",
    "hash",
    "pdq",
    "phash",
    "sscd",
    "distance",
    "bits",
    "score",
    "bit_error",
    "value",
)
"""Words of fields that might tell a hash of the registry, or how near one is."""
WHY: Final[Mapping[str, str]] = {
    "matches.signals": "null without the scope `signals`",
    "assets.sha256": "null without the scope `signals`, but for roles that work on entries of their own",
    "assets.file": "null where `assets.sha256` is",
    "order_sha256": "of the court's order that the caller's side has given, no medium's",
    "matches.similarityScore": "to 5 of 100 without the scope `signals`, of a soft binding",
    "result.score": "the confidence of a match, as lookups answer it",
    "related.score": "to .05 without the scope `signals`, of two registered media",
    "foreign.item_hash": "of all that another registry says of the entry, every fingerprint at once",
    "entries.hash": "of a ledger's leaf, which holds ids and salted commitments",
    "hash": "of a ledger's leaf, which holds ids and salted commitments",
}


def fields(schema: Mapping[str, Any], schemas: Mapping[str, Any], within: tuple[str, ...] = ()) -> set[str]:
    """Every field of answers of this schema, as `outer.inner`."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return set() if name in within else fields(schemas[name], schemas, (*within, name))
    inner = [item for key in ("oneOf", "anyOf", "allOf", "prefixItems") for item in schema.get(key, ())]
    inner += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    found = set().union(*(fields(item, schemas, within) for item in inner))
    for name, one in schema.get("properties", {}).items():
        found |= {name} | {f"{name}.{deeper}" for deeper in fields(one, schemas, within)}
    return found


def answered() -> dict[str, list[str]]:
    """By operation that the role `lookup` opens, the fields and headers of its answers and whole texts."""
    description = orjson.loads(export.export())
    schemas = description["components"]["schemas"]
    found: dict[str, list[str]] = {}
    for operations in description["paths"].values():
        for operation in operations.values():
            name = operation.get("operationId") if isinstance(operation, dict) else None
            if name is None or not opens(PERMISSIONS[name]):
                continue
            told: set[str] = set()
            for status, response in operation["responses"].items():
                if not status.startswith("2"):
                    continue
                told |= {f"({header})" for header in response.get("headers", {})}
                for kind, content in response.get("content", {}).items():
                    told |= fields(content.get("schema", {}), schemas) or {f"(all of {kind})"}
            found[name] = sorted(told)
    return dict(sorted(found.items()))


def test_every_field_that_the_role_lookup_is_answered_is_listed() -> None:
    assert answered() == orjson.loads(LISTED.read_bytes())


def test_fields_that_might_tell_a_hash_or_a_distance_say_why_they_do_not() -> None:
    telling = {
        field
        for message in answered().values()
        for field in message
        if any(word in field.rpartition(".")[2] for word in TELLING)
    }
    unsaid = {field for field in telling if not any(f".{why}." in f".{field}." for why in WHY)}
    assert not unsaid


if __name__ == "__main__":
    LISTED.write_bytes(orjson.dumps(answered(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
