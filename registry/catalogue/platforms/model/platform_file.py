"""Parse and check the TOML file of platforms, with a second file merged over it, into a `Table`. Pure.

A file with any error is rejected as a whole. The error names the part that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from registry.catalogue.platforms.errors import BadPlatforms
from registry.catalogue.platforms.model import hosts
from registry.catalogue.platforms.model.platforms import (
    CHANNEL_KINDS,
    PER_HOUR,
    Channel,
    Content,
    Platform,
    Table,
    Wrapper,
)
from registry.core.errors import BadInput

LONGEST: Final = 1_000
_ID: Final = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
_EMAIL: Final = re.compile(r"[^\s@<>()\[\]\",;:\\\x00-\x1f]{1,64}@[a-zA-Z0-9.-]{1,185}\.[a-zA-Z0-9-]{2,63}")
_ADDRESS: Final = re.compile(r"https?://[^\s/@\\]+(?:/\S*)?")
_TEXTS: Final = ("name", "entity", "country", "www")
_LISTS: Final = ("hosts", "same", "regimes", "tracking", "within")
_KEYS: Final = {"id", "off", "channels", "content", "fragments", "per_hour", "short", *_TEXTS, *_LISTS}
_CHANNEL: Final = {"kind", "address", "regimes", "languages", "confirmed"}
_CONTENT: Final = {"kind", "path", "id", "url", "host", "params", "lower"}
_TOP: Final = {"tracking", "shorteners", "platform", "wrapper"}

Raw = Mapping[str, Any]


def table(own: Raw, extra: Raw | None = None) -> Table:
    """Build the table of `own` with `extra` merged over it.

    For a platform in both, the keys of `extra` win, and lists are replaced as wholes. `off = true` removes a
    platform. `tracking` and `shorteners` are added. Raises `BadInput` (`bad_platforms`).
    """
    files = [own] if extra is None else [own, extra]
    laid: dict[str, dict[str, Any]] = {}
    for raw in files:
        _require_keys(raw, _TOP, "the file")
        for mapping in _mappings(raw.get("platform", []), "platform"):
            name = _text(mapping, "id", "a platform")
            if not _ID.fullmatch(name):
                raise _bad(f"the id {name!r} is not lower-case letters, digits and `_`")
            _require_keys(mapping, _KEYS, name)
            laid[name] = {**laid.get(name, {}), **mapping}
    kept = {name: _platform(one) for name, one in laid.items() if one.get("off") is not True}
    _require_one_owner(kept)
    return Table(
        kept.values(),
        tracking=[text for raw in files for text in _texts(raw, "tracking", "the file")],
        shorteners=[
            _host(text, "shorteners") for raw in files for text in _texts(raw, "shorteners", "the file")
        ],
        wrappers=[
            _wrapper(mapping) for raw in files for mapping in _mappings(raw.get("wrapper", []), "wrapper")
        ],
    )


def _platform(raw: Raw) -> Platform:
    where = str(raw["id"])
    named = tuple(_host(text, where) for text in _texts(raw, "hosts", where))
    if not named:
        raise _bad(f"{where} has no `hosts`")
    www = _text(raw, "www", where, needed=False)
    short = _text(raw, "short", where, needed=False)
    per_hour = raw.get("per_hour", PER_HOUR)
    if isinstance(per_hour, bool) or not isinstance(per_hour, int) or not 1 <= per_hour <= 100_000:
        raise _bad(f"`per_hour` of {where} is not a number from 1 to 100000")
    return Platform(
        id=where,
        name=_text(raw, "name", where),
        hosts=named,
        www=_host(www, where) if www else "",
        same=tuple(_same(text, where) for text in _texts(raw, "same", where)),
        entity=_text(raw, "entity", where, needed=False),
        country=_country(raw, where),
        regimes=tuple(_texts(raw, "regimes", where)),
        channels=tuple(_channel(mapping, where) for mapping in _mappings(raw.get("channels", []), where)),
        contents=tuple(_content(mapping, where) for mapping in _mappings(raw.get("content", []), where)),
        tracking=tuple(_texts(raw, "tracking", where)),
        within=tuple(_texts(raw, "within", where)),
        short=_pattern(short, where) if short else None,
        fragments=_flag(raw, "fragments", where),
        per_hour=per_hour,
    )


def _country(raw: Raw, where: str) -> str:
    found = _text(raw, "country", where, needed=False)
    if found and not re.fullmatch(r"[A-Z]{2}", found):
        raise _bad(f"`country` of {where} is not two capital letters (ISO 3166-1)")
    return found


def _same(given: str, where: str) -> str:
    return f"*.{_host(given[2:], where)}" if given.startswith("*.") else _host(given, where)


def _channel(raw: Raw, where: str) -> Channel:
    _require_keys(raw, _CHANNEL, f"a channel of {where}")
    kind = _text(raw, "kind", where)
    if kind not in CHANNEL_KINDS:
        raise _bad(f"a channel of {where} is not of kind {', '.join(CHANNEL_KINDS)}")
    address = _text(raw, "address", where)
    form = {"email": _EMAIL, "api": _ADDRESS, "form": _ADDRESS}.get(kind)
    if form is not None and not form.fullmatch(address):
        raise _bad(f"{address!r} of {where} is no address of a channel of kind {kind}")
    return Channel(
        kind=kind,
        address=address,
        regimes=tuple(_texts(raw, "regimes", where)),
        languages=tuple(_texts(raw, "languages", where)),
        confirmed=_flag(raw, "confirmed", where),
    )


def _content(raw: Raw, where: str) -> Content:
    _require_keys(raw, _CONTENT, f"a content of {where}")
    params = raw.get("params", {})
    if not isinstance(params, Mapping):
        raise _bad(f"`params` of {where} is not a table")
    host = _text(raw, "host", where, needed=False)
    found = Content(
        kind=_text(raw, "kind", where),
        path=_pattern(_text(raw, "path", where), where),
        id=_text(raw, "id", where, needed=False) or "{id}",
        url=_text(raw, "url", where),
        host=_pattern(host, where) if host else None,
        params={str(name): _pattern(str(one), where) for name, one in params.items()},
        lower=tuple(_texts(raw, "lower", where)),
    )
    patterns = [found.path, *found.params.values(), *([found.host] if found.host else [])]
    groups = {name for pattern in patterns for name in pattern.groupindex}
    for template in (found.id, found.url):
        unknown = set(re.findall(r"\{(\w*)\}", template)) - groups
        if unknown or template.count("{") != len(re.findall(r"\{\w+\}", template)):
            raise _bad(f"{template!r} of {where} names what `path` and `params` do not")
    return found


def _wrapper(raw: Raw) -> Wrapper:
    _require_keys(raw, {"host", "path", "param", "mark"}, "a wrapper")
    param = _text(raw, "param", "a wrapper", needed=False)
    path = _pattern(_text(raw, "path", "a wrapper"), "a wrapper")
    if not param and "url" not in path.groupindex:
        raise _bad("a wrapper has neither `param` nor a group `url` in its path")
    mark = _text(raw, "mark", "a wrapper", needed=False) or "unwrapped"
    return Wrapper(_pattern(_text(raw, "host", "a wrapper"), "a wrapper"), path, param, mark)


def _require_one_owner(kept: Mapping[str, Platform]) -> None:
    owners: dict[str, str] = {}
    for item in kept.values():
        for name in item.hosts:
            if owners.setdefault(name, item.id) != item.id:
                raise _bad(f"{name} is a host of {owners[name]} and of {item.id}")
        if item.www and (item.www in item.same or item.host(item.www) != item.www):
            raise _bad(f"`www` of {item.id} is among its `same`")


def _host(given: str, where: str) -> str:
    try:
        return hosts.host(given).name
    except BadInput as error:
        raise _bad(f"{given!r} of {where}: {error.message}") from None


def _pattern(given: str, where: str) -> re.Pattern[str]:
    try:
        return re.compile(given, re.ASCII)
    except re.error as error:
        raise _bad(f"{given!r} of {where} is no regular expression: {error}") from None


def _mappings(given: object, where: str) -> list[Raw]:
    if not isinstance(given, list) or not all(isinstance(item, Mapping) for item in given):
        raise _bad(f"tables ([[…]]) are wanted of {where}")
    return given


def _texts(raw: Raw, key: str, where: str) -> list[str]:
    given = raw.get(key, [])
    if not isinstance(given, list) or not all(
        isinstance(item, str) and item and len(item) < LONGEST for item in given
    ):
        raise _bad(f"`{key}` of {where} is not a list of texts")
    return given


def _text(raw: Raw, key: str, where: str, *, needed: bool = True) -> str:
    given = raw.get(key, "")
    if not isinstance(given, str) or len(given) > LONGEST or (needed and not given.strip()):
        raise _bad(f"`{key}` of {where} is not a text of 1 to {LONGEST} characters")
    return given.strip()


def _flag(raw: Raw, key: str, where: str) -> bool:
    given = raw.get(key, False)
    if not isinstance(given, bool):
        raise _bad(f"`{key}` of {where} is neither true nor false")
    return given


def _require_keys(raw: Raw, known: set[str], where: str) -> None:
    unknown = sorted(set(raw) - known)
    if unknown:
        raise _bad(f"{where} has `{unknown[0]}`, which says nothing here")


def _bad(why: str) -> BadInput:
    return BadPlatforms(
        f"The table of platforms is wrong: {why}.",
        next_step="Correct the file that FAKEPRINT_PLATFORMS names.",
    )
