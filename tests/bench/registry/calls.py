"""Call each operation of the API description with its address, parameters and example body."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import orjson

from tests.bench.registry.things import ABSENT, IN_PATHS, NOT_THINGS, NUMBERED, Things

JSON: Final = "application/json"
FORM: Final = "multipart/form-data"
BODIES: Final[Mapping[str, Any]] = {
    # Of the examples, those that need more than their door: another organization's name.
    "createCaller": {"name": "upload pipeline", "roles": ["lookup"]},
}


@dataclass(frozen=True)
class Operation:
    """One operation of the description. `door`: the permission that it declares in `x-roles`."""

    name: str
    method: str
    path: str
    door: Mapping[str, Any]
    parameters: tuple[Mapping[str, Any], ...]
    contents: Mapping[str, Any]

    def things(self) -> list[str]:
        """Return its parameters that name a thing, those of the path first."""
        named = [parameter["name"] for parameter in self.parameters if parameter["in"] in {"path", "query"}]
        return [name for name in named if name not in NOT_THINGS]

    def call(
        self, client: httpx2.Client, given: Mapping[str, str], *, optional: bool = False
    ) -> httpx2.Response:
        """Call it with these things, and absent ids for all others. `optional`: also fill optional
        parameters and the body."""
        path, query = self.path, {}
        meant = {name: value for name, value in given.items() if optional and name not in IN_PATHS}
        for parameter in self.parameters:
            name = parameter["name"]
            if parameter["in"] == "path":
                path = path.replace(f"{{{name}}}", given.get(name) or ("1" if name in NUMBERED else ABSENT))
            elif parameter["in"] == "query" and (parameter.get("required") or name in meant):
                query[name] = meant.get(name, "0")
        body = self._body(given if optional else {})
        headers = {"Prefer": "wait=0", **body.pop("headers", {})}
        return client.request(self.method, path, params=query, headers=headers, **body)

    def _body(self, given: Mapping[str, str]) -> dict[str, Any]:
        if not self.contents:
            return {}
        kind = JSON if JSON in self.contents else next(iter(self.contents))
        example = BODIES.get(self.name) or example_of(self.contents[kind])
        if kind == JSON:
            return {"json": _with(copy.deepcopy(example), given)}
        if kind == FORM:
            parts = [(name, one) for name, one in example.items() if isinstance(one, list)]
            texts = {name: one for name, one in example.items() if not isinstance(one, list)}
            return {"files": [(name, ("a.bin", b"bytes")) for name, _ in parts], "data": texts}
        raw = example if isinstance(example, str) else orjson.dumps(example).decode()
        return {"content": raw.encode(), "headers": {"Content-Type": kind}}


def operations(description: Mapping[str, Any]) -> Iterator[Operation]:
    """Return every operation of an OpenAPI document. Raises `LookupError` if one declares no `x-roles`, or
    has a body without an example."""
    for path, methods in description["paths"].items():
        for method, said in methods.items():
            name = said["operationId"]
            if "x-roles" not in said:
                raise LookupError(f"{name} declares no x-roles (registry/app/api/permissions.py)")
            contents = said.get("requestBody", {}).get("content", {})
            for content in contents.values():
                example_of(content)
            parameters = tuple(said.get("parameters", ()))
            yield Operation(name, method.upper(), path, said["x-roles"], parameters, contents)


def example_of(content: Mapping[str, Any]) -> Any:
    """Return the description's example of a body. Raises `LookupError` if there is none."""
    if "example" in content:
        return content["example"]
    if "examples" in content:
        return next(iter(content["examples"].values()))["value"]
    raise LookupError("a body has no example of how to call it")


def _with(value: Any, given: Mapping[str, str]) -> Any:
    """Return the body with these ids in every field for them."""
    if isinstance(value, dict):
        return {name: _meant(name, one, given) for name, one in value.items()}
    return value


def _meant(name: str, value: Any, given: Mapping[str, str]) -> Any:
    single = {"entries": "entry_id", "fakes": ""}.get(name, name)
    if isinstance(value, str) and name in given:
        return given[name]
    if isinstance(value, list) and single in given and value and isinstance(value[0], str):
        return [given[single]]
    return _with(value, given)


def unknown(found: list[Operation], things: Things) -> list[str]:
    """Return path parameters for which the suite has no thing. A new parameter needs one."""
    named = {
        parameter["name"]
        for operation in found
        for parameter in operation.parameters
        if parameter["in"] == "path"
    }
    return sorted(named - NOT_THINGS - set(things.ids))
