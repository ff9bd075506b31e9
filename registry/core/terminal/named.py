"""Find a caller, account, key or organization by id or by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, override
from uuid import UUID

import click

from registry.core.errors import NotFound
from registry.core.errors.terminal import AmbiguousName
from registry.core.terminal.client import Client

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """An id or a name as it was given, and how its id is found."""

    word: str
    find: Callable[[Client, str], str]

    @override
    def __str__(self) -> str:
        return self.word


class Word(click.ParamType[Named]):
    """An argument that is an id or a name."""

    name = "NAME"

    def __init__(self, find: Callable[[Client, str], str]) -> None:
        self._find = find

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Named:
        return value if isinstance(value, Named) else Named(str(value), self._find)


def caller(client: Client, word: str) -> str:
    """Return the id of a caller of the own organization, by id or name. Raises `NotFound` (`unknown_caller`),
    `Conflict` (`ambiguous_name`)."""
    return _one(client, word, "callers", "caller_id", lambda item: item["name"] == word, {"over": "true"})


def account(client: Client, word: str) -> str:
    """Return the id of an account of the own organization, by id or sign-in name. Raises `NotFound`
    (`unknown_account`)."""
    name = word.strip().casefold()
    return _one(client, word, "accounts", "account_id", lambda item: item["sign_in_name"] == name, {})


def organization(client: Client, word: str) -> str:
    """Return the id of an organization, by id or name. Raises `NotFound` (`unknown_organization`)."""
    return _one(client, word, "organizations", "organization_id", lambda item: item["name"] == word, {})


def key(client: Client, caller_id: str, word: str) -> str:
    """Return the id of a caller's key, by id or by the first letters of the key. Raises `NotFound`
    (`unknown_key`), `Conflict` (`ambiguous_name`)."""
    if _is_id(word):
        return word
    keys = client.send(f"GET /v1/callers/{caller_id}")["keys"]
    found = [item["key_id"] for item in keys if item["prefix"] and word.startswith(item["prefix"])]
    return _only(found, word, "key")


def _one(
    client: Client, word: str, what: str, identity: str, fits: Callable[[Row], bool], given: Mapping[str, str]
) -> str:
    if _is_id(word):
        return word
    return _only(
        [row[identity] for row in client.every(f"/v1/{what}", what, given) if fits(row)],
        word,
        what.rstrip("s"),
    )


def _only(found: list[str], word: str, what: str) -> str:
    if not found:
        where = "caller show CALLER" if what == "key" else f"{what} list"
        raise NotFound.of_code(
            f"unknown_{what}", f"There is no {what} {word!r}.", next_step=f"See `fakeprint admin {where}`."
        )
    if len(found) > 1:
        raise AmbiguousName(
            f"{len(found)} are called {word!r}.", next_step=f"Give the id: one of {', '.join(found[:5])}."
        )
    return found[0]


def _is_id(word: str) -> bool:
    try:
        return str(UUID(word)) == word.lower()
    except ValueError:
        return False


CALLER: Final = Word(caller)
ACCOUNT: Final = Word(account)
ORGANIZATION: Final = Word(organization)
