"""Calls in which one id is another organization's and all others are the caller's own.

Each place in path, query and body (in lists too) is tried. If all ids were foreign, the first would end
the call, and the others would not be checked.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from tests.bench.registry.calls import BODIES, JSON, Operation, example_of
from tests.bench.registry.things import ABSENT, IN_PATHS, NUMBERED

Where = tuple[str | int, ...]
"""From `path`, `query` or `body` inwards."""
PLURAL: Final = {"entries": "entry_id", "notice_ids": "notice_id", "entry_ids": "entry_id"}
RECIPIENT: Final = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
"""Of age's own documentation."""
ADDED: Final[Mapping[str, Mapping[str, Any]]] = {
    # To the examples: fields that may be left away and mean a thing, and what is looked at before them.
    "reopenNotice": {"notice_id": ""},
    "discloseEvidence": {"notice_id": "", "recipients": [RECIPIENT]},
    "retractNotices": {"notice_ids": [""]},
    "sendNotices": {"notice_ids": [""]},
    "answerQuestions": {"notice_ids": [""]},
    "prepareNotices": {"notice_ids": [""]},
    "changeCampaign": {"mandate_id": ""},
}


@dataclass(frozen=True)
class Asked:
    """One call. `where`: the place of the foreign or absent id; `value`: that id."""

    where: Where
    value: str
    answered: httpx2.Response


def mixed(
    operation: Operation, client: httpx2.Client, own: Mapping[str, str], foreign: Mapping[str, str]
) -> Iterator[tuple[Asked, Asked]]:
    """For each place of an operation that has several, yield the call with the foreign id and with an
    absent one."""
    body = _body(operation)
    named = [((parameter["in"], parameter["name"]), parameter["name"]) for parameter in operation.parameters]
    places: dict[Where, str] = {at: name for at, name in named if name in own and _means(name)}
    places |= {at: name for at, name in _fields(("body",), body) if name in own}
    if len(places) < 2:
        return
    usual = {at: own[name] for at, name in places.items()}
    for where, name in places.items():
        theirs, nobodys = (
            Asked(where, item, _call(operation, client, body, usual | {where: item}))
            for item in (foreign[name], ABSENT)
        )
        yield theirs, nobodys


def _means(name: str) -> bool:
    return (name.endswith("_id") or name == "bank") and name not in NUMBERED | IN_PATHS


def _body(operation: Operation) -> Any:
    content = operation.contents.get(JSON)
    if content is None:
        return None
    example = copy.deepcopy(BODIES.get(operation.name) or example_of(content))
    return {**example, **ADDED.get(operation.name, {})} if isinstance(example, dict) else example


def _fields(at: Where, value: Any) -> Iterator[tuple[Where, str]]:
    """Return the places of a body that name a thing, each with its name."""
    if isinstance(value, dict):
        for name, one in value.items():
            meant = PLURAL[name] if name in PLURAL else str(name)
            if isinstance(one, str) and _means(meant):
                yield (*at, name), meant
            elif isinstance(one, list) and one and isinstance(one[0], str) and name in PLURAL:
                yield (*at, name, 0), meant
            else:
                yield from _fields((*at, name), one)
    elif isinstance(value, list) and value:
        yield from _fields((*at, 0), value[0])


def _call(
    operation: Operation, client: httpx2.Client, body: Any, given: Mapping[Where, str]
) -> httpx2.Response:
    path, query, sent = operation.path, {}, copy.deepcopy(body)
    for at, value in given.items():
        if at[0] == "path":
            path = path.replace(f"{{{at[1]}}}", value)
        elif at[0] == "query":
            query[str(at[1])] = value
        else:
            _set(sent, at[1:], value)
    extra = {"json": sent} if sent is not None else {}
    return client.request(operation.method, path, params=query, headers={"Prefer": "wait=0"}, **extra)


def _set(value: Any, at: Where, item: str) -> None:
    """Set one id. Lists then contain only this id, since the others of an example belong to nobody."""
    for step in at[:-1]:
        value = value[step]
        if isinstance(value, list):
            del value[1:]
    value[at[-1]] = item
