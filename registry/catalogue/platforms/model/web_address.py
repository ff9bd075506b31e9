"""Normalise a web address, identify the content that it shows, and report errors. Pure.

`text` is the address as a notice names it. It has RFC 3986 normalisation (case, percent-encoding, dot
segments, default port) and the host in A-labels. Tracking parameters are removed, and mirror hosts (m., amp.)
are replaced. `key` is equal for addresses that show the same: the platform's content id if its form is known,
else host, path and sorted query. There is no network access: short links stay as they are, with a mark.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, unquote

from registry.catalogue.platforms.errors import (
    BadContentId,
    BadPort,
    CredentialsInUrl,
    NotAUrl,
    SeveralUrls,
    TooManyWrappers,
)
from registry.catalogue.platforms.model import hosts, web_text
from registry.catalogue.platforms.model.hosts import Host
from registry.catalogue.platforms.model.platforms import Platform, ShownContent, Table
from registry.core.errors import BadInput

LONGEST_KEY: Final = 500
LONGEST_GIVEN: Final = 300
"""Most characters of the given text that a report shows."""
MOST_WRAPPERS: Final = 4
MARKS: Final[Mapping[str, str]] = {
    "amp": "The address was that of an AMP copy; the page itself is named.",
    "confusable_host": "The host is easily taken for another: a person has to look at it.",
    "defanged": "The address was written so that it could not be clicked (hxxp, [.]).",
    "invisible_characters": "The address holds characters that cannot be seen.",
    "ip_host": "The host is an IP address: who runs it must be found out.",
    "onion_host": "The host is one of Tor's: no notice reaches it by its platform's channel.",
    "reserved_host": "The host is kept for examples: nobody has it on the internet.",
    "scheme_assumed": "The address did not say http or https; https was taken.",
    "shortener": "The address stands for another, which only the shortener knows: give that one too.",
    "symbol_host": "The host holds symbols (emoji).",
    "unwrapped": "The address led over another site, which named this one.",
}
"""Warnings for a person about a usable address, by code."""
_INNER: Final = re.compile(r"[^/=:%&?#]https?://", re.IGNORECASE)
_PATH: Final = re.compile(r"%[0-9A-Fa-f]{2}|%|[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]+")
_QUERY: Final = re.compile(r"%[0-9A-Fa-f]{2}|%|[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]+")
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PLACE: Final = re.compile(
    r"[!/].*|(?:[a-z]{1,12}[-_=]?)?\d{2,20}|[a-z]{1,12}[-_=](?=\w*\d)\w{1,40}", re.IGNORECASE | re.DOTALL
)
"""Fragments that name a part of a page: the route of a single-page application, a post, a comment."""
_TIME: Final = re.compile(
    r"(?:t|time|start|xtor|utm_\w+|ref|from|fbclid|gclid)[=-].*", re.IGNORECASE | re.DOTALL
)
_FRONT: Final = ("www.", "m.", "mobile.", "amp.")


@dataclass(frozen=True, slots=True)
class Address:
    """A normalised address. If `fault` is set, only `given` is set besides.

    `given`: the input, cut to `LONGEST_GIVEN`. `shown`: `text` with its host in its own script. `host`:
    A-labels. `platform`: the platform's id, None if the table has none. `kind`, `content_id`, `canonical`:
    the content, if its form is known. `marks`: codes of MARKS.
    """

    given: str
    text: str = ""
    shown: str = ""
    key: str = ""
    host: str = ""
    platform: str | None = None
    kind: str | None = None
    content_id: str | None = None
    canonical: str | None = None
    marks: tuple[str, ...] = ()
    fault: BadInput | None = None


@dataclass(frozen=True, slots=True)
class _Parts:
    scheme: str
    host: Host
    port: int | None
    path: str
    query: str
    fragment: str


def normalised(given: str, table: Table) -> Address:
    """Normalise an address. Never raises; errors are in `fault`. Normalising `text` again changes nothing.

    Codes of `fault`: `no_url`, `url_too_long`, `not_a_url`, `several_urls`, `bad_character`,
    `dangerous_scheme`, `unsupported_scheme`, `credentials_in_url`, `bad_port`, `bad_host`, `private_host`,
    `confusable_host`, `too_many_wrappers`.
    """
    try:
        address = _address(given, table, 0)
    except BadInput as error:
        return Address(given[:LONGEST_GIVEN], fault=error)
    return replace(address, given=given.strip()[:LONGEST_GIVEN])


def of_content(platform: Platform, content_id: str, table: Table, kind: str | None = None) -> Address:
    """Return the address of a platform's content id. `fault`: `bad_content_id` if the id has the wrong
    form."""
    given = f"{platform.id} {content_id}"[:LONGEST_GIVEN]
    address = platform.address(content_id.strip(), kind)
    normal = Address(given) if address is None else normalised(address, table)
    if normal.content_id is None or normal.content_id.lower() != content_id.strip().lower():
        error = BadContentId(f"{content_id[:100]!r} is not a content id of {platform.name}.")
        return Address(given, fault=error)
    return replace(normal, given=given)


def _address(given: str, table: Table, depth: int) -> Address:
    text, marks = web_text.written(given)
    parts = _parts(text)
    marks += parts.host.marks
    inner = _unwrapped(parts, table)
    if inner is not None:
        if depth >= MOST_WRAPPERS:
            raise TooManyWrappers
        inner_address = _address(inner[0], table, depth + 1)
        return replace(inner_address, marks=_once((*marks, inner[1], *inner_address.marks)))
    platform = table.of_host(parts.host.name)
    if platform is not None and parts.port is None:
        parts = replace(parts, scheme="https", host=_same(platform, parts.host))
    if parts.host.name in table.shorteners:
        marks += ("shortener",)
    else:
        parts = replace(parts, query=_without_tracking(parts.query, table, platform))
        if platform is not None and platform.short is not None and platform.short.fullmatch(parts.path):
            marks += ("shortener",)
    if not (platform is not None and platform.fragments):
        parts = replace(parts, fragment=_place(parts.fragment))
    content = _content(parts, platform)
    resembled = table.resembled(parts.host)
    if resembled is not None:
        if not parts.host.shown.isascii() and not _names_itself(text, parts.host):
            raise hosts.confusable(parts.host.name, f"it looks like {resembled}")
        marks += ("confusable_host",)
        parts = replace(parts, host=replace(parts.host, shown=parts.host.name))
    return Address(
        given="",
        text=_joined(parts, parts.host.name),
        shown=_joined(parts, parts.host.shown),
        key=_key(parts, platform, content),
        host=parts.host.name,
        platform=platform.id if platform else None,
        kind=content.kind if content else None,
        content_id=content.id if content else None,
        canonical=content.url if content else None,
        marks=_once(marks),
    )


def _names_itself(text: str, host: Host) -> bool:
    """Return whether the input gave the host as A-labels."""
    return f"://{host.name}" in text.lower()


def _parts(text: str) -> _Parts:
    scheme, _, remainder = text.partition("://")
    match = re.match(r"([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?\Z", remainder, re.DOTALL)
    if match is None or "\\" in match[1] + match[2]:
        raise NotAUrl.of("it holds a backslash")
    authority, path, query, fragment = match[1], match[2], match[3] or "", match[4] or ""
    if "@" in authority:
        raise CredentialsInUrl
    path, query = _without_dots(_encoded(path, _PATH)) or "/", _encoded(query, _QUERY)
    if _INNER.search(f"{path}?{query}"):
        raise SeveralUrls
    scheme = scheme.lower()
    name, port = _port(authority, scheme)
    return _Parts(
        scheme,
        hosts.host(name),
        port,
        path,
        query,
        _encoded(fragment, _QUERY),
    )


def _port(authority: str, scheme: str) -> tuple[str, int | None]:
    name, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        return authority, None
    if not port:
        return name, None
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65_535):
        raise BadPort(f"{port[:20]!r} is not a port.")
    return name, None if int(port) == {"http": 80, "https": 443}[scheme] else int(port)


def _encoded(text: str, pattern: re.Pattern[str]) -> str:
    """Percent-encode only what needs it, in capitals (RFC 3986, 6.2.2)."""
    return pattern.sub(_one_encoded, text) if text else text


def _one_encoded(match: re.Match[str]) -> str:
    """Encode one match: a percent triple, a `%` that begins none, or other characters as UTF-8."""
    characters = match[0]
    if characters[0] != "%" or len(characters) == 1:
        return quote(characters, safe="")
    byte = int(characters[1:], 16)
    return chr(byte) if byte in _UNRESERVED else characters.upper()


def _without_dots(path: str) -> str:
    """Remove dot segments (RFC 3986, 5.2.4)."""
    if "/." not in path:
        return path
    segments: list[str] = []
    raw_segments = path.split("/")[1:]
    for index, segment in enumerate(raw_segments):
        last = index == len(raw_segments) - 1
        if segment == "..":
            if segments:
                segments.pop()
        elif segment != ".":
            segments.append(segment)
            continue
        if last:
            segments.append("")
    return "/" + "/".join(segments)


def _unwrapped(parts: _Parts, table: Table) -> tuple[str, str] | None:
    """Return the inner address and the mark of its wrapper. None if the address is not a wrapper."""
    for wrapper in table.wrappers:
        if wrapper.host.fullmatch(parts.host.name):
            match = wrapper.path.fullmatch(parts.path)
            if match is None:
                continue
            if wrapper.param:
                inner = unquote(_params(parts.query).get(wrapper.param, ""))
                if re.match(r"https?://", inner, re.IGNORECASE):
                    return inner.replace(" ", "%20"), wrapper.mark
            else:
                query = f"?{parts.query}" if parts.query else ""
                scheme = "https" if match.groupdict().get("secure") else "http"
                return f"{scheme}://{match['url']}{query}", wrapper.mark
    return None


def _same(platform: Platform, host: Host) -> Host:
    name = platform.host(host.name)
    return host if name == host.name else Host(name, name, host.marks)


def _params(query: str) -> dict[str, str]:
    """Return the first value of each parameter."""
    values: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        values.setdefault(name, value)
    return values


def _without_tracking(query: str, table: Table, platform: Platform | None) -> str:
    """Return the query without tracking parameters, in the same order."""
    if not query:
        return query
    return "&".join(
        part
        for part in query.split("&")
        if part and not table.is_tracking(unquote(part.partition("=")[0]), platform)
    )


def _place(fragment: str) -> str:
    """Return a fragment that names a part of the page. Other fragments only scroll and are dropped."""
    if not fragment or _TIME.fullmatch(fragment):
        return ""
    return fragment if _PLACE.fullmatch(fragment) else ""


def _content(parts: _Parts, platform: Platform | None) -> ShownContent | None:
    if platform is None or parts.port is not None:
        return None
    return platform.content(parts.host.name, parts.path, _params(parts.query))


def _key(parts: _Parts, platform: Platform | None, content: ShownContent | None) -> str:
    if platform is not None and content is not None:
        params = _params(parts.query) if platform.within else {}
        part = "&".join(f"{prefix}={params[prefix]}" for prefix in platform.within if params.get(prefix))
        return _bounded(f"{platform.id}:{content.kind}:{content.id}{'?' + part if part else ''}")
    name = parts.host.name
    if platform is None:
        for prefix in _FRONT:
            if name.startswith(prefix) and "." in name[len(prefix) :] and name[0] != "[":
                name = name[len(prefix) :]
                break
    path = parts.path.rstrip("/").removesuffix("/amp").rstrip("/")
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    port = f":{parts.port}" if parts.port else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return _bounded(f"web:{name}{port}{path}{'?' + query if query else ''}{fragment}")


def _bounded(key: str) -> str:
    """Shorten a key with a SHA-256, so that it fits an index."""
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[: LONGEST_KEY - 70]}…{hashlib.sha256(key.encode()).hexdigest()}"


def _joined(parts: _Parts, host: str) -> str:
    port = f":{parts.port}" if parts.port else ""
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{parts.scheme}://{host}{port}{parts.path}{query}{fragment}"


def _once(marks: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(marks))
