"""Protection of every page: security headers, cookies, and forms that only our pages can send.

1. A content security policy without inline scripts or styles: code injected into a text is shown, never run.

2. Every form carries a token, derived with the deployment's secret from the browser's cookie; another site
has neither. If the browser names the form's origin (`Sec-Fetch-Site`, `Origin`), it must be ours.

3. Cookies are unreadable for scripts and are not sent by forms of other sites (`SameSite=Lax`). Under https
they are also bound to TLS and this host.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any, Final

import orjson
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.console.errors import FormOutdated, FormRefused, FormWithoutCookie
from registry.core.errors import BadInput, Forbidden
from registry.core.net.origin import origin_of
from registry.core.settings import Settings
from registry.identity.accounts.service.sessions import client_address

PREFIX: Final = "/console"
SESSION: Final = "fakeprint_session"
VISIT: Final = "fakeprint_visit"
"""Cookie of a browser without a session, used by the sign-in forms."""
LANGUAGE: Final = "fakeprint_language"
ZONE: Final = "fakeprint_zone"
THEME: Final = "fakeprint_theme"
DENSITY: Final = "fakeprint_density"
MESSAGE: Final = "fakeprint_said"

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Headers:
    """ASGI middleware that adds HEADERS to answers that do not set their own."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._headers = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, stamped)


def is_secure(request: Request, settings: Settings) -> bool:
    """Whether people reach the console by TLS."""
    return settings.public_url.startswith("https:") or request.url.scheme == "https"


def address_of(request: Request, settings: Settings) -> str:
    """Return the client's address (see `registry.identity.accounts.service.sessions.client_address`)."""
    peer = request.client.host if request.client else ""
    return client_address(peer, request.headers.get("x-forwarded-for"), settings.proxies)


def cookie(request: Request, name: str, *, secure: bool) -> str:
    """Return the value of one of our cookies."""
    return request.cookies.get(_called(name, secure=secure), "")


def set_cookie(
    response: Response, name: str, value: str, *, secure: bool, seconds: int | None = None
) -> None:
    """Set a cookie, unreadable for scripts (except zone and theme) and other hosts. `seconds` None: until the
    browser closes."""
    response.set_cookie(
        _called(name, secure=secure),
        value,
        max_age=seconds,
        path="/",
        secure=secure,
        httponly=name not in {ZONE, THEME},
        samesite="lax",
    )


def delete_cookie(response: Response, name: str, *, secure: bool) -> None:
    """Delete a cookie."""
    response.delete_cookie(
        _called(name, secure=secure), path="/", secure=secure, httponly=True, samesite="lax"
    )


def new_visit() -> str:
    """Generate a cookie value for a browser without one."""
    return secrets.token_urlsafe(24)


def form_token(secret: bytes, cookie_value: str) -> str:
    """Return the token for forms of a browser with this cookie."""
    return _text(hmac.digest(secret, b"form " + cookie_value.encode(), hashlib.sha256))


def require_own_form(request: Request, settings: Settings, *, token: str, expected: str | None) -> None:
    """Raise `Forbidden` unless a page of ours made the form in this browser. `form_refused`: the form is
    foreign. `form_outdated`: it is ours, but somebody has signed in again since, for example in another tab.
    `form_without_cookie`: the browser sent no cookie (`expected` is None). The last two forms have no effect
    and may be shown again."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    foreign = origin not in {None, origin_of(request, settings)} or site not in {"same-origin", "none"}
    if not foreign and expected is not None and hmac.compare_digest(token.encode(), expected.encode()):
        return
    if not foreign and "sec-fetch-site" in request.headers and site == "same-origin":
        if expected is None:
            raise FormWithoutCookie("The browser sent no cookie with this form.")
        raise FormOutdated("Somebody has signed in here anew since this form was opened.")
    raise refused()


def refused() -> Forbidden:
    """Return the error for a form that is not shown again."""
    return FormRefused("This form does not come from a page that was opened here, or it is too old.")


def signed(secret: bytes, value: dict[str, Any]) -> str:
    """Sign a value that a page carries and returns, so that nobody can alter it."""
    raw = orjson.dumps(value)
    return f"{_text(raw)}.{_text(hmac.digest(secret, b'kept ' + raw, hashlib.sha256))}"


def verified(secret: bytes, word: str) -> dict[str, Any]:
    """Return the signed value. Raises `BadInput` (`bad_input`)."""
    text, _, mark = word.partition(".")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raw = b""
    if not hmac.compare_digest(_text(hmac.digest(secret, b"kept " + raw, hashlib.sha256)), mark):
        raise BadInput("What the page was to keep was altered on the way.")
    value: dict[str, Any] = orjson.loads(raw)
    return value


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _called(name: str, *, secure: bool) -> str:
    # Browsers accept a cookie with this prefix only over TLS and from this host.
    return f"__Host-{name}" if secure and name in {SESSION, VISIT} else name
