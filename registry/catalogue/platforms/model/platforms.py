"""Platforms: their hosts, the form of their addresses, and their channels for notices. Pure.

The table is data: `registry/catalogue/platforms/platforms.toml` and a deployment's own file, read by
`registry.catalogue.platforms.service`. A channel is not used until the deployment has marked it as
`confirmed`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from registry.catalogue.platforms.model.hosts import Host, looks, unicode_label

ChannelKind = Literal["email", "api", "form", "post"]
CHANNEL_KINDS: Final[tuple[ChannelKind, ...]] = get_args(ChannelKind)
PER_HOUR: Final = 60
"""Most notices an hour to a platform for which the table gives no number."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel for notices.

    `address`: an e-mail address, an http(s) URL, or a postal address in lines. `regimes`: legal regimes that
    it is for; empty means all of the platform's. `languages`: languages that are read there. `confirmed`: the
    deployment has checked it.
    """

    kind: ChannelKind
    address: str
    regimes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """The form of addresses of one kind of content.

    All of `path` and of each of `params` must match. Their named groups fill `id` and `url`. `lower`: groups
    that ignore case.
    """

    kind: str
    path: re.Pattern[str]
    id: str
    url: str
    host: re.Pattern[str] | None = None
    params: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    lower: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownContent:
    """A piece of content: `id` is the platform's id of it, `url` its canonical address."""

    kind: str
    id: str
    url: str


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform.

    - `entity`, `country` (ISO 3166-1): the operator, if known for certain.
    - `hosts`: host names, subdomains included.
    - `same`: hosts that show the same as `www` (`*.name`: all subdomains).
    - `tracking`: parameters that do not affect the content (`name*`: all with this prefix).
    - `regimes`: legal regimes that apply.
    - `within`: parameters that name a part of the content, such as a comment.
    - `short`: paths of short links, which only the platform can resolve.
    - `fragments`: the part after `#` matters.
    - `per_hour`: most notices an hour.
    """

    id: str
    name: str
    hosts: tuple[str, ...]
    www: str = ""
    same: tuple[str, ...] = ()
    entity: str = ""
    country: str = ""
    regimes: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    contents: tuple[Content, ...] = ()
    tracking: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    short: re.Pattern[str] | None = None
    fragments: bool = False
    per_hour: int = PER_HOUR

    def host(self, name: str) -> str:
        """Return the platform's main host if it shows the same as this host, else this host."""
        if not self.www or name == self.www:
            return name
        if name in self.same or any(
            pattern[0] == "*" and name.endswith(pattern[1:]) for pattern in self.same
        ):
            return self.www
        return name

    def content(self, host: str, path: str, params: Mapping[str, str]) -> ShownContent | None:
        """Return the content that an address of the platform shows, if its form is known."""
        trimmed = path.rstrip("/") or "/"
        for content in self.contents:
            groups = _groups(content, host, trimmed, params)
            if groups is not None:
                return ShownContent(
                    content.kind, content.id.format_map(groups), content.url.format_map(groups)
                )
        return None

    def address(self, content_id: str, kind: str | None = None) -> str | None:
        """Return the address of a content id, by the first kind whose ids have this form. None if there is
        none."""
        for content in self.contents:
            if kind in {None, content.kind}:
                groups = _of_id(content, content_id)
                if groups is not None:
                    return content.url.format_map(groups)
        return None

    def channels_for(self, regime: str) -> tuple[Channel, ...]:
        """Return the channels for a regime, in the table's order. Empty if the regime does not apply."""
        if self.regimes and regime not in self.regimes:
            return ()
        return tuple(channel for channel in self.channels if not channel.regimes or regime in channel.regimes)


def _groups(content: Content, host: str, path: str, params: Mapping[str, str]) -> dict[str, str] | None:
    path_match = content.path.fullmatch(path)
    if path_match is None:
        return None
    groups = path_match.groupdict("")
    if content.host is not None:
        host_match = content.host.fullmatch(host)
        if host_match is None:
            return None
        groups |= host_match.groupdict("")
    for name, pattern in content.params.items():
        match = pattern.fullmatch(params.get(name, ""))
        if match is None:
            return None
        groups |= match.groupdict("")
    return {name: value.lower() if name in content.lower else value for name, value in groups.items()}


def _of_id(content: Content, content_id: str) -> dict[str, str] | None:
    """Parse a content id by its template into fields. A field holds no `/`."""
    fields: list[str] = []

    def field_of(match: re.Match[str]) -> str:
        fields.append(match[1])
        return f"(?P<{match[1]}>[^/?#&\\s]+)"

    template = re.sub(r"\\\{(\w+)\\\}", field_of, re.escape(content.id))
    id_match = re.fullmatch(template, content_id)
    if id_match is None or not set(re.findall(r"\{(\w+)\}", content.url)) <= set(fields):
        return None
    return {
        name: value.lower() if name in content.lower else value
        for name, value in id_match.groupdict().items()
    }


@dataclass(frozen=True, slots=True)
class Wrapper:
    """An address that contains another address, in a parameter or in the path's group `url`.

    `host` and `path` must match in full. If the path has a group `secure` that matched, the inner address is
    https.
    """

    host: re.Pattern[str]
    path: re.Pattern[str]
    param: str = ""
    mark: str = "unwrapped"


class Table:
    """All platforms, found by host.

    `tracking`: parameters that do not affect the content on any site. `shorteners`: hosts of short links,
    which only they can resolve.
    """

    def __init__(
        self,
        platforms: Iterable[Platform],
        *,
        tracking: Iterable[str] = (),
        shorteners: Iterable[str] = (),
        wrappers: Iterable[Wrapper] = (),
    ) -> None:
        self.platforms: Mapping[str, Platform] = {platform.id: platform for platform in platforms}
        self.shorteners = frozenset(shorteners)
        self.wrappers = tuple(wrappers)
        self._hosts = {name: platform for platform in self.platforms.values() for name in platform.hosts}
        self._known = {*self._hosts, *self.shorteners}
        self._alike = {_looks_of(name): name for name in sorted(self._known)}
        self._names = {
            looks(name.rsplit(".", 1)[0]): name for name in sorted(self._hosts) if name.count(".") == 1
        }
        self._everywhere = _tracking(tracking)
        self._tracking = {platform.id: _tracking(platform.tracking) for platform in self.platforms.values()}
        self._resembled: dict[str, str | None] = {}

    def __iter__(self) -> Iterator[Platform]:
        return iter(self.platforms.values())

    def of_host(self, name: str) -> Platform | None:
        """Return the platform of a host or of one of its parent domains."""
        domain = name
        while domain:
            platform = self._hosts.get(domain)
            if platform is not None:
                return platform
            _, _, domain = domain.partition(".")
        return None

    def is_tracking(self, parameter: str, platform: Platform | None) -> bool:
        """Return whether a parameter does not affect the content."""
        lower = parameter.lower()
        if _is_among(lower, self._everywhere):
            return True
        return platform is not None and _is_among(lower, self._tracking[platform.id])

    def resembled(self, host: Host) -> str | None:
        """Return the host of the table that this unknown host looks like."""
        if host.name not in self._resembled:
            if len(self._resembled) > 16_384:
                self._resembled.clear()
            self._resembled[host.name] = self._resemblance(host.name)
        return self._resembled[host.name]

    def _resemblance(self, name: str) -> str | None:
        labels = [unicode_label(part) for part in name.split(".")]
        if self.of_host(name) is not None or name in self.shorteners:
            return None
        for start in range(len(labels) - 1):
            resembled = self._alike.get(_looks_of(".".join(labels[start:])))
            if resembled is not None:
                return resembled
            for end in range(start + 2, len(labels)):
                if ".".join(labels[start:end]) in self._hosts:
                    return ".".join(labels[start:end])
        for label in labels:
            if not label.isascii() and looks(label) in self._names:
                return self._names[looks(label)]
        return None


def _looks_of(name: str) -> str:
    return ".".join(looks(part) for part in name.split("."))


def _tracking(parameters: Iterable[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    names = [parameter.lower() for parameter in parameters]
    return (
        frozenset(name for name in names if not name.endswith("*")),
        tuple(name[:-1] for name in names if name.endswith("*")),
    )


def _is_among(name: str, patterns: tuple[frozenset[str], tuple[str, ...]]) -> bool:
    return name in patterns[0] or name.startswith(patterns[1])
