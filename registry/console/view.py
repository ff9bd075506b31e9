"""Input and output of a page's code: `Page`, `Typed`, `Shown`. See `registry/console/__init__.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, BinaryIO, Final, Literal, Protocol, get_args
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from registry.console import guard
from registry.console.languages import Words
from registry.core.errors import FakeprintError, NotFound
from registry.core.net.origin import origin_of
from registry.core.service import Service
from registry.core.tally import Tally
from registry.identity.accounts.errors import NotSignedIn
from registry.identity.accounts.model import Signed
from registry.identity.callers.model import Caller

_HIDDEN: Final = frozenset(
    {"csrf", "kept", "password", "current", "new", "new_again", "credential", "token"}
    | {"function_key", "subscription_key"}
)
"""Fields that are never shown again nor carried to another page, because they are secret."""


class Opens(Protocol):
    """Permissions of an operation, as `registry/identity/callers/api/access.py` declares them."""

    @property
    def key(self) -> bool: ...

    @property
    def operator(self) -> bool: ...

    def require(self, caller: Caller) -> None: ...


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of a form; a field may occur several times. Texts are as typed, without NULs."""

    pairs: tuple[tuple[str, str], ...] = ()

    def text(self, name: str, default: str = "") -> str:
        """Return the last value of a field."""
        return next((value for key, value in reversed(self.pairs) if key == name), default)

    def all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return [value for key, value in self.pairs if key == name]

    def given(self, name: str) -> bool:
        """Whether the field is present and not empty."""
        return bool(self.text(name))

    def kept(self) -> list[tuple[str, str]]:
        """Return the fields that may be carried to another page."""
        return [(name, value) for name, value in self.pairs if name not in _HIDDEN]

    def __bool__(self) -> bool:
        return bool(self.pairs)


class File(Protocol):
    """A file of a form."""

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
    """The fields and files of a form."""

    typed: Typed = Typed()
    files: tuple[File, ...] = ()

    def close(self) -> None:
        """Delete the files."""
        for file in self.files:
            file.close()


@dataclass(frozen=True, slots=True)
class Shown:
    """A template with its context."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


Urgency = Literal["late", "soon", "broken", "waits"]
URGENCIES: Final[tuple[Urgency, ...]] = get_args(Urgency)
SOON: Final = timedelta(days=1)
"""A deadline that ends within this time is urgent."""


@dataclass(frozen=True, slots=True)
class Card:
    """A task of the first page: what waits, what to do about it, and the list that shows exactly that."""

    title: str
    none: str
    """Shown if nothing waits."""
    path: str
    tally: Tally
    hint: str = ""
    """What to do, in one sentence."""
    broken: bool = False
    """Whether something failed, which comes before what merely waits."""

    @property
    def count(self) -> int:
        return self.tally.count

    def urgency(self, now: datetime) -> Urgency:
        """Return how urgent it is: by its deadline, else whether it is broken."""
        if self.tally.due is not None and self.tally.due <= now:
            return "late"
        if self.tally.due is not None and self.tally.due <= now + SOON:
            return "soon"
        return "broken" if self.broken else "waits"

    def place(self, now: datetime) -> tuple[int, datetime]:
        """Return its place in the list: the most urgent first, then the first deadline, then the oldest."""
        return URGENCIES.index(self.urgency(now)), self.tally.due or self.tally.oldest or now


@dataclass(frozen=True, slots=True)
class Waiting:
    """A card of the first page, for callers whose roles satisfy `operation`. `ask` calls one action."""

    operation: str
    ask: Callable[[Page], Card]


@dataclass(frozen=True, slots=True)
class Nav:
    """An item of the navigation, for callers whose roles satisfy `operation`."""

    path: str
    label: str
    operation: str
    hint: str = ""
    place: int = 100
    """Order: small numbers come first. 10 look up, 20 register, 30 review, 40 entries, 50 takedown, 90
    admin."""


class Page:
    """One request for a page: the reader, the language, and the form."""

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
        """The error in the typed values, if the form is shown again."""
        self.token: str | None = None
        """Cookie of a session opened by this request; empty: the session was ended."""
        self.waiting: tuple[Waiting, ...] = ()
        """The cards of all areas on the first page."""
        self._may = may

    @property
    def signed(self) -> Signed:
        """The signed-in person. Raises `Unauthenticated` (`not_signed_in`)."""
        if self.signed_or_none is None:
            raise NotSignedIn
        return self.signed_or_none

    @property
    def caller(self) -> Caller:
        """The caller as whom actions are called. Raises `Unauthenticated`."""
        return self.signed.caller

    def may(self, operation: str) -> bool:
        """Whether the reader's roles permit that API operation. Hide buttons that are not permitted."""
        return self._may(operation)

    @cached_property
    def secure(self) -> bool:
        return guard.is_secure(self.request, self.service.settings)

    @property
    def origin(self) -> str:
        """Scheme and host of the console."""
        return origin_of(self.request, self.service.settings)

    @property
    def browser(self) -> str:
        """The cookie that this browser's forms are bound to: of its session, even if over, else of its
        visit."""
        session = self.token or guard.cookie(self.request, guard.SESSION, secure=self.secure)
        return session or guard.cookie(self.request, guard.VISIT, secure=self.secure)

    @property
    def fragment(self) -> bool:
        """Whether htmx requests a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def address(self) -> str:
        """Path and query of the request."""
        query = self.request.url.query
        return f"{guard.PREFIX}{self.request.scope['path'].removeprefix(guard.PREFIX)}" + (
            f"?{query}" if query else ""
        )

    @property
    def agent(self) -> str:
        """Short name of browser and system."""
        return described(self.request.headers.get("user-agent", ""))

    @property
    def client(self) -> str:
        """The client's address; behind one of our proxies, the address that it forwards."""
        return guard.address_of(self.request, self.service.settings)

    def path(self, name: str) -> str:
        """Return a path parameter."""
        return str(self.request.path_params[name])

    def uuid(self, name: str) -> UUID:
        """Return a path parameter that is an id. Raises `NotFound`."""
        return as_uuid(self.path(name))

    def files(self, name: str) -> list[File]:
        """Return the files chosen in a field; `uploads` of `catalogue.media` stores them as blobs."""
        return [file for file in self._files if file.field == name]

    def query(self, name: str, default: str = "") -> str:
        """Return a query parameter, without NULs."""
        return self.request.query_params.get(name, default).replace("\0", "")[:4000]

    def show(self, template: str, /, status: int = 200, **context: Any) -> Shown:
        """Return the page of a template: `page.show("review/queue.html", items=items)`."""
        return Shown(template, context, status)

    def go(self, path: str, message: str = "", /, **query: str) -> Response:
        """Redirect (303) within the console. `message`: a message of the area's `says`, shown there once."""
        target = home(path) + (f"?{urlencode(query)}" if query else "")
        response = RedirectResponse(target, 303)
        if message:
            guard.set_cookie(response, guard.MESSAGE, message, secure=self.secure, seconds=60)
        return response


def home(path: str) -> str:
    """Return the URL of a console path (`/account`). Paths that lead elsewhere become the first page."""
    split = urlsplit(path)
    if split.scheme or split.netloc or not path.startswith("/") or path.startswith("//") or "\\" in path:
        return guard.PREFIX + "/"
    return path if path.startswith(guard.PREFIX + "/") else guard.PREFIX + path


def as_uuid(text: str) -> UUID:
    """Parse an id from a URL or a form. Raises `NotFound`."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is nothing of that id.") from None


def described(agent: str) -> str:
    """Return `Firefox, Linux` for a browser's user agent."""
    return ", ".join(name for names in (_BROWSERS, _SYSTEMS) if (name := _first(agent, names)))


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
