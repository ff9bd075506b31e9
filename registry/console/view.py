"""What a page's code gets and gives: `Page`, `Typed`, `Shown`. See `registry/console/__init__.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, BinaryIO, Final, Protocol
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from registry.console import guard
from registry.console.languages import Words
from registry.core.errors import FakeprintError, NotFound, Unauthenticated
from registry.core.service import Service
from registry.identity.accounts.model import Signed
from registry.identity.callers.model import Caller

_HIDDEN: Final = frozenset({"csrf", "kept", "password", "current", "new", "new_again", "credential", "token"})
"""Fields that are never shown again nor carried along: words that nobody else should see."""


class Opens(Protocol):
    """A door, as `registry/identity/callers/api/access.py` declares it for each operation."""

    @property
    def key(self) -> bool: ...

    @property
    def operator(self) -> bool: ...

    def require(self, caller: Caller) -> None: ...


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form sent; a field may come several times. Texts are as they were typed, but for NULs."""

    pairs: tuple[tuple[str, str], ...] = ()

    def text(self, name: str, default: str = "") -> str:
        """The last value of a field."""
        return next((value for key, value in reversed(self.pairs) if key == name), default)

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for key, value in self.pairs if key == name]

    def given(self, name: str) -> bool:
        """Whether it came and is not empty."""
        return bool(self.text(name))

    def kept(self) -> list[tuple[str, str]]:
        """What may be carried to a page and back."""
        return [(name, value) for name, value in self.pairs if name not in _HIDDEN]

    def __bool__(self) -> bool:
        return bool(self.pairs)


class File(Protocol):
    """A file that came with a form."""

    @property
    def field(self) -> str: ...

    @property
    def filename(self) -> str: ...

    @property
    def size(self) -> int: ...

    def open(self) -> BinaryIO: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sent: its fields, and its files."""

    typed: Typed = Typed()
    files: tuple[File, ...] = ()

    def close(self) -> None:
        """Let go of the files."""
        for file in self.files:
            file.close()


@dataclass(frozen=True, slots=True)
class Shown:
    """A template with what it is filled with."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Card:
    """Something that may wait: how many (100: more than 99), and where. `none` is said where none does."""

    title: str
    none: str
    path: str
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the first page asks for callers whose roles open `door`. `ask` calls one action."""

    door: str
    ask: Callable[[Page], Card]


@dataclass(frozen=True, slots=True)
class Nav:
    """An item of the navigation: shown to callers whose roles open `door`."""

    path: str
    label: str
    door: str
    hint: str = ""
    place: int = 100
    """Small numbers stand first: 10 look up, 20 register, 30 review, 40 entries, 50 takedown, 90 admin."""


class Page:
    """One request for a page: who asks, in which language, and what was sent."""

    def __init__(
        self,
        request: Request,
        service: Service,
        words: Words,
        signed: Signed | None,
        may: Callable[[str], bool],
        sent: Sent,
    ) -> None:
        self.request = request
        self.service = service
        self.words = words
        self.signed_or_none = signed
        self.typed = sent.typed
        self._files = sent.files
        self.error: FakeprintError | None = None
        """What was wrong with what was typed, where the form is shown again."""
        self.token: str | None = None
        """The cookie of a session that was opened with this request; empty: it was ended."""
        self.waiting: tuple[Waiting, ...] = ()
        """What all areas ask on the first page."""
        self._may = may

    @property
    def signed(self) -> Signed:
        """Who is signed in. Raises `Unauthenticated` (`not_signed_in`)."""
        if self.signed_or_none is None:
            raise Unauthenticated("Nobody is signed in.", code="not_signed_in", next_step="Sign in.")
        return self.signed_or_none

    @property
    def caller(self) -> Caller:
        """As whom actions are called. Raises `Unauthenticated`."""
        return self.signed.caller

    def may(self, operation: str) -> bool:
        """Whether the reader's roles open that operation of the API: show no button that is not for them."""
        return self._may(operation)

    @cached_property
    def secure(self) -> bool:
        return guard.is_secure(self.request, self.service.settings)

    @property
    def origin(self) -> str:
        """Where people reach the console: scheme and host."""
        return guard.origin_of(self.request, self.service.settings)

    @property
    def browser(self) -> str:
        """The cookie that forms of this browser are bound to: of its session, over or not, else of its
        visit."""
        session = self.token or guard.cookie(self.request, guard.SESSION, secure=self.secure)
        return session or guard.cookie(self.request, guard.VISIT, secure=self.secure)

    @property
    def fragment(self) -> bool:
        """Whether htmx asks, for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def address(self) -> str:
        """Path and query as asked."""
        query = self.request.url.query
        return f"{guard.PREFIX}{self.request.scope['path'].removeprefix(guard.PREFIX)}" + (
            f"?{query}" if query else ""
        )

    @property
    def agent(self) -> str:
        """Browser and system in a few words."""
        return described(self.request.headers.get("user-agent", ""))

    @property
    def client(self) -> str:
        """The address that asks: of what a proxy of ours passes on, whom it names."""
        return guard.address_of(self.request, self.service.settings)

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def uuid(self, name: str) -> UUID:
        """A part of the path that is an id. Raises `NotFound`."""
        return as_uuid(self.path(name))

    def files(self, name: str) -> list[File]:
        """The files of a field that were chosen; `catalogue.media.service.uploads` makes
        blobs of them."""
        return [file for file in self._files if file.field == name]

    def query(self, name: str, default: str = "") -> str:
        """A field of the query string, without NULs."""
        return self.request.query_params.get(name, default).replace("\0", "")[:4000]

    def show(self, template: str, /, status: int = 200, **context: Any) -> Shown:
        """The page from a template of the area's folder: `page.show("review/queue.html", items=items)`."""
        return Shown(template, context, status)

    def go(self, path: str, said: str = "", /, **query: str) -> Response:
        """Send the browser on (303), within the console. `said`: a message that is shown there once, one of
        the area's `says`."""
        target = home(path) + (f"?{urlencode(query)}" if query else "")
        answered = RedirectResponse(target, 303)
        if said:
            guard.set_cookie(answered, guard.SAID, said, secure=self.secure, seconds=60)
        return answered


def home(path: str) -> str:
    """The address of a path of the console (`/account`). What leads elsewhere leads to the first page."""
    split = urlsplit(path)
    if split.scheme or split.netloc or not path.startswith("/") or path.startswith("//") or "\\" in path:
        return guard.PREFIX + "/"
    return path if path.startswith(guard.PREFIX + "/") else guard.PREFIX + path


def as_uuid(text: str) -> UUID:
    """An id out of an address or a form. Raises `NotFound`."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is nothing of that id.") from None


def described(agent: str) -> str:
    """`Firefox, Linux`, of a browser's own long name."""
    return ", ".join(found for names in (_BROWSERS, _SYSTEMS) if (found := _first(agent, names)))


def _first(agent: str, names: Iterable[tuple[str, str]]) -> str:
    return next((name for mark, name in names if mark in agent), "")


_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrom", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
