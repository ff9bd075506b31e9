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
    return _find_id(client, word, "callers", "caller_id", lambda row: row["name"] == word, {"over": "true"})


def account(client: Client, word: str) -> str:
    """Return the id of an account of the own organization, by id or sign-in name. Raises `NotFound`
    (`unknown_account`)."""
    name = word.strip().casefold()
    return _find_id(client, word, "accounts", "account_id", lambda row: row["sign_in_name"] == name, {})


def organization(client: Client, word: str) -> str:
    """Return the id of an organization, by id or name. Raises `NotFound` (`unknown_organization`)."""
    return _find_id(client, word, "organizations", "organization_id", lambda row: row["name"] == word, {})


def key(client: Client, caller_id: str, word: str) -> str:
    """Return the id of a caller's key, by id or by the first letters of the key. Raises `NotFound`
    (`unknown_key`), `Conflict` (`ambiguous_name`)."""
    if _is_id(word):
        return word
    keys = client.send(f"GET /v1/callers/{caller_id}")["keys"]
    key_ids = [key["key_id"] for key in keys if key["prefix"] and word.startswith(key["prefix"])]
    return _single_id(key_ids, word, "key")


def _find_id(
    client: Client,
    word: str,
    noun: str,
    identity: str,
    fits: Callable[[Row], bool],
    params: Mapping[str, str],
) -> str:
    if _is_id(word):
        return word
    return _single_id(
        [row[identity] for row in client.every(f"/v1/{noun}", noun, params) if fits(row)],
        word,
        noun.rstrip("s"),
    )


def _single_id(ids: list[str], word: str, noun: str) -> str:
    if not ids:
        where = "caller show CALLER" if noun == "key" else f"{noun} list"
        raise NotFound.of_code(
            f"unknown_{noun}", f"There is no {noun} {word!r}.", next_step=f"See `fakeprint admin {where}`."
        )
    if len(ids) > 1:
        raise AmbiguousName(
            f"{len(ids)} are called {word!r}.", next_step=f"Give the id: one of {', '.join(ids[:5])}."
        )
    return ids[0]


def _is_id(word: str) -> bool:
    try:
        return str(UUID(word)) == word.lower()
    except ValueError:
        return False


CALLER: Final = Word(caller)
ACCOUNT: Final = Word(account)
ORGANIZATION: Final = Word(organization)
