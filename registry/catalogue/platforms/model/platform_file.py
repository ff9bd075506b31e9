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
    merged: dict[str, dict[str, Any]] = {}
    for raw in files:
        _require_keys(raw, _TOP, "the file")
        for mapping in _mappings(raw.get("platform", []), "platform"):
            name = _text(mapping, "id", "a platform")
            if not _ID.fullmatch(name):
                raise _bad(f"the id {name!r} is not lower-case letters, digits and `_`")
            _require_keys(mapping, _KEYS, name)
            merged[name] = {**merged.get(name, {}), **mapping}
    platforms = {
        name: _platform(mapping) for name, mapping in merged.items() if mapping.get("off") is not True
    }
    _require_one_owner(platforms)
    return Table(
        platforms.values(),
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
    host_names = tuple(_host(text, where) for text in _texts(raw, "hosts", where))
    if not host_names:
        raise _bad(f"{where} has no `hosts`")
    www = _text(raw, "www", where, needed=False)
    short = _text(raw, "short", where, needed=False)
    per_hour = raw.get("per_hour", PER_HOUR)
    if isinstance(per_hour, bool) or not isinstance(per_hour, int) or not 1 <= per_hour <= 100_000:
        raise _bad(f"`per_hour` of {where} is not a number from 1 to 100000")
    return Platform(
        id=where,
        name=_text(raw, "name", where),
        hosts=host_names,
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
    country = _text(raw, "country", where, needed=False)
    if country and not re.fullmatch(r"[A-Z]{2}", country):
        raise _bad(f"`country` of {where} is not two capital letters (ISO 3166-1)")
    return country


def _same(text: str, where: str) -> str:
    return f"*.{_host(text[2:], where)}" if text.startswith("*.") else _host(text, where)


def _channel(raw: Raw, where: str) -> Channel:
    _require_keys(raw, _CHANNEL, f"a channel of {where}")
    kind = _text(raw, "kind", where)
    if kind not in CHANNEL_KINDS:
        raise _bad(f"a channel of {where} is not of kind {', '.join(CHANNEL_KINDS)}")
    address = _text(raw, "address", where)
    form = {"email": _EMAIL, "api": _ADDRESS, "form": _ADDRESS}.get(kind)
    if form is not None and not form.fullmatch(address):
        raise _bad(f"{address!r} of {where} is not an address of a channel of kind {kind}")
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
    content = Content(
        kind=_text(raw, "kind", where),
        path=_pattern(_text(raw, "path", where), where),
        id=_text(raw, "id", where, needed=False) or "{id}",
        url=_text(raw, "url", where),
        host=_pattern(host, where) if host else None,
        params={str(name): _pattern(str(pattern), where) for name, pattern in params.items()},
        lower=tuple(_texts(raw, "lower", where)),
    )
    patterns = [content.path, *content.params.values(), *([content.host] if content.host else [])]
    groups = {name for pattern in patterns for name in pattern.groupindex}
    for template in (content.id, content.url):
        unknown = set(re.findall(r"\{(\w*)\}", template)) - groups
        if unknown or template.count("{") != len(re.findall(r"\{\w+\}", template)):
            raise _bad(f"{template!r} of {where} uses a group that `path` and `params` do not have")
    return content


def _wrapper(raw: Raw) -> Wrapper:
    _require_keys(raw, {"host", "path", "param", "mark"}, "a wrapper")
    param = _text(raw, "param", "a wrapper", needed=False)
    path = _pattern(_text(raw, "path", "a wrapper"), "a wrapper")
    if not param and "url" not in path.groupindex:
        raise _bad("a wrapper has neither `param` nor a group `url` in its path")
    mark = _text(raw, "mark", "a wrapper", needed=False) or "unwrapped"
    return Wrapper(_pattern(_text(raw, "host", "a wrapper"), "a wrapper"), path, param, mark)


def _require_one_owner(platforms: Mapping[str, Platform]) -> None:
    owners: dict[str, str] = {}
    for platform in platforms.values():
        for name in platform.hosts:
            if owners.setdefault(name, platform.id) != platform.id:
                raise _bad(f"{name} is a host of {owners[name]} and of {platform.id}")
        if platform.www and (platform.www in platform.same or platform.host(platform.www) != platform.www):
            raise _bad(f"`www` of {platform.id} is among its `same`")


def _host(text: str, where: str) -> str:
    try:
        return hosts.host(text).name
    except BadInput as error:
        raise _bad(f"{text!r} of {where}: {error.message}") from None


def _pattern(text: str, where: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.ASCII)
    except re.error as error:
        raise _bad(f"{text!r} of {where} is not a regular expression: {error}") from None


def _mappings(value: object, where: str) -> list[Raw]:
    if not isinstance(value, list) or not all(isinstance(element, Mapping) for element in value):
        raise _bad(f"{where} must be tables ([[…]])")
    return value


def _texts(raw: Raw, key: str, where: str) -> list[str]:
    value = raw.get(key, [])
    if not isinstance(value, list) or not all(
        isinstance(element, str) and element and len(element) < LONGEST for element in value
    ):
        raise _bad(f"`{key}` of {where} is not a list of texts")
    return value


def _text(raw: Raw, key: str, where: str, *, needed: bool = True) -> str:
    value = raw.get(key, "")
    if not isinstance(value, str) or len(value) > LONGEST or (needed and not value.strip()):
        raise _bad(f"`{key}` of {where} is not a text of 1 to {LONGEST} characters")
    return value.strip()


def _flag(raw: Raw, key: str, where: str) -> bool:
    value = raw.get(key, False)
    if not isinstance(value, bool):
        raise _bad(f"`{key}` of {where} is neither true nor false")
    return value


def _require_keys(raw: Raw, known: set[str], where: str) -> None:
    unknown = sorted(set(raw) - known)
    if unknown:
        raise _bad(f"{where} has the unknown key `{unknown[0]}`")


def _bad(fault: str) -> BadInput:
    return BadPlatforms(
        f"The table of platforms is wrong: {fault}.",
        next_step="Correct the file that FAKEPRINT_PLATFORMS names.",
    )
