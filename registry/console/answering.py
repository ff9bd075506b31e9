"""From a request to a page: session, permissions, form, rendering, errors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from registry.console import guard, problems, sending
from registry.console.area import EVERYBODY, Area, Place, Show
from registry.console.errors import FormKept
from registry.console.languages import Words, chosen
from registry.console.templating import rendered
from registry.console.view import Nav, Opens, Page, Sent, Shown, Typed
from registry.core import logs
from registry.core.errors import FakeprintError, Forbidden, NotFound, TooMany, Unauthenticated, Unavailable
from registry.core.http.upload_space import UploadPlace, UploadSpace
from registry.core.service import Service
from registry.identity.accounts.model import Signed
from registry.identity.accounts.service import passkeys, provider
from registry.identity.accounts.service.sessions import find_session, form_secret
from registry.identity.organizations.service.operator import require_operator

LOGGER = logging.getLogger(__name__)

_MENDABLE: Final = frozenset({400, 409, 413, 415, 422, 429, 503})
"""Error statuses after which the form is shown again with the typed values."""


@dataclass(frozen=True, slots=True)
class Console:
    """What all pages share."""

    service_of: Callable[[], Service]
    permissions: Mapping[str, Opens]
    areas: Sequence[Area]
    nav: tuple[Nav, ...]
    upload_space: UploadSpace

    async def answer(self, request: Request, places: Mapping[str, Place]) -> Response:
        """Answer a request for one path."""
        # The metrics use this route, because URLs hold ids.
        request.scope["route"] = next(iter(places.values()))
        place = places["GET" if request.method == "HEAD" else request.method]
        sent = Sent()
        with await self._upload_place(request, place) as disk:
            if place.method == "POST":
                largest = self.service_of().settings.max_upload_bytes
                try:
                    sent = await sending.receive(
                        request, most=place.most, most_files=place.files * largest, place=disk
                    )
                except FakeprintError as error:
                    return await run_in_threadpool(self.refuse, request, error)
            try:
                return await run_in_threadpool(self._answer, request, place, sent)
            finally:
                sent.close()

    async def _upload_place(self, request: Request, place: Place) -> UploadPlace:
        """Return the place of a form's files. Who is not signed in shares one with their address."""
        owners = [f"address {request.client.host if request.client else ''}"]
        if place.files and sending.holds_files(request):
            signed = await run_in_threadpool(self._signed, request)
            if signed is not None:
                owners = [str(signed.caller.caller_id), str(signed.caller.organization_id)]
        return self.upload_space.open(*owners)

    def _signed(self, request: Request) -> Signed | None:
        service = self.service_of()
        token = guard.cookie(request, guard.SESSION, secure=guard.is_secure(request, service.settings))
        with suppress(FakeprintError):
            return find_session(service, token, passive=True) if token else None
        return None

    def refuse(self, request: Request, error: FakeprintError) -> Response:
        """Return an error page, if no page's code was reached."""
        return self.problem(self._page(request, Sent())[0], error)

    def _answer(self, request: Request, place: Place, sent: Sent) -> Response:
        page, over = self._page(request, sent, passive=place.passive)
        part = place.part if page.fragment and not page.typed.given(sending.SIGNED_FORM) else None
        response = self._in_part(page, place, part, over) if part else self._answered(page, place, over)
        if page.token is not None:
            seconds = page.service.settings.session_days * 86400
            if page.token:
                guard.set_cookie(response, guard.SESSION, page.token, secure=page.secure, seconds=seconds)
            else:
                guard.delete_cookie(response, guard.SESSION, secure=page.secure)
        return response

    def _answered(self, page: Page, place: Place, over: FakeprintError | None) -> Response:
        if over is not None and over.status >= 500:
            return self.problem(page, over)
        try:
            outdated = self._outdated(page) if place.method == "POST" and not place.bare else None
            self._enter(page, place)
            response = self._again(page, place, outdated) if outdated else self._act(page, place)
        except Unauthenticated as error:
            if error.code not in {"not_signed_in", "session_over"}:
                return self.problem(page, error)
            return self._ask_to_sign_in(page, place, over if isinstance(over, Unauthenticated) else error)
        except FakeprintError as error:
            return self.problem(page, error)
        return response if isinstance(response, Response) else self.render(page, response)

    def _in_part(self, page: Page, place: Place, part: Show, over: FakeprintError | None) -> Response:
        """Answer htmx, which inserts only answers with status 200: an error is shown inside the part, with a
        fresh form token. The surrounding page may hold typed values."""
        try:
            if over is not None and over.status >= 500:
                raise over
            outdated = self._outdated(page)
            self._enter(page, place)
            if outdated:
                raise outdated
            shown = place.act(page)
        except FakeprintError as error:
            if error.status >= 500:
                _log_failure(error)
            page.error = error
            shown = part(page)
        return shown if isinstance(shown, Response) else self.render(page, shown)

    def _act(self, page: Page, place: Place) -> Shown | Response:
        """Run the page's code. A form that is refused, or returns after signing in, is shown again."""
        if place.again is None:
            return place.act(page)
        if page.typed.given(sending.SIGNED_FORM):
            page.typed = self._kept(page)
            page.error = FormKept("You were signed out in the meantime.")
            return place.again(page)
        try:
            return place.act(page)
        except Unauthenticated as error:
            if error.code in {"not_signed_in", "session_over"}:
                raise
            page.error = error
        except Forbidden as error:
            if error.code in {"forbidden", "not_operator", "form_refused"}:
                raise
            page.error = error
        except FakeprintError as error:
            if error.status not in _MENDABLE:
                raise
            page.error = error
        return self._again(page, place, page.error)

    def _again(self, page: Page, place: Place, error: FakeprintError) -> Shown | Response:
        """Show the form again with the typed values and the error. A button has no form: its page is opened
        again."""
        if place.again is None:
            raise guard.refused() if error.code == "form_outdated" else error
        page.error = error
        shown = place.again(page)
        return replace(shown, status=error.status) if isinstance(shown, Shown) else shown

    def _page(
        self, request: Request, sent: Sent, *, passive: bool = False
    ) -> tuple[Page, FakeprintError | None]:
        service = self.service_of()
        secure = guard.is_secure(request, service.settings)
        words = Words(
            chosen(
                guard.cookie(request, guard.LANGUAGE, secure=secure),
                request.headers.get("accept-language", ""),
            ),
            guard.cookie(request, guard.ZONE, secure=secure).replace("%2F", "/") or "UTC",
        )
        signed: Signed | None = None
        over: FakeprintError | None = None
        token = guard.cookie(request, guard.SESSION, secure=secure)
        if token:
            try:
                signed = find_session(service, token, passive=passive)
                logs.bind(caller_id=str(signed.caller.caller_id))
            except FakeprintError as error:
                over = error
        page = Page(request, service, words, signed, lambda operation: self._opens(signed, operation), sent)
        page.waiting = tuple(card for area in self.areas for card in area.waiting)
        return page, over

    def _opens(self, signed: Signed | None, operation: str) -> bool:
        permission = self.permissions[operation]
        if signed is None:
            return not permission.key
        try:
            self._require(signed, permission)
        except Forbidden:
            return False
        return True

    def _require(self, signed: Signed, permission: Opens) -> None:
        permission.require(signed.caller)
        if permission.operator:
            with self.service_of().pool.transaction() as connection:
                require_operator(connection, signed.caller)

    def _enter(self, page: Page, place: Place) -> None:
        if place.operation == EVERYBODY:
            return
        permission = self.permissions[place.operation]
        if permission.key:
            self._require(page.signed, permission)

    def _outdated(self, page: Page) -> Forbidden | None:
        """Return why a form is outdated and must be shown again, or None if it is valid. Raises `Forbidden`
        (`form_refused`)."""
        service = page.service
        if page.typed.given(sending.SIGNED_FORM):
            return None  # it is signed, bound to one account, and only shows a form
        try:
            guard.require_own_form(
                page.request,
                service.settings,
                token=sending.token_of(page.typed, page.request.headers),
                expected=guard.form_token(form_secret(service), page.browser) if page.browser else None,
            )
        except Forbidden as error:
            if error.code == "form_refused":
                raise
            return error
        return None

    def _kept(self, page: Page) -> Typed:
        signed_form = guard.verified(form_secret(page.service), page.typed.text(sending.SIGNED_FORM))
        # Typed values are not shown to another person who signs in at the same screen.
        is_own = (
            signed_form["account_id"] == str(page.signed.account_id)
            and signed_form["address"] == page.address
        )
        return (
            Typed(tuple((str(name), str(value)) for name, value in signed_form["pairs"]))
            if is_own
            else Typed()
        )

    def _ask_to_sign_in(self, page: Page, place: Place, error: Unauthenticated) -> Response:
        """Return the sign-in page, which leads back. Typed values of a form are kept in that page, not on the
        server."""
        signed_form = ""
        if place.method == "POST" and "account_id" in error.extra:
            form = {
                "account_id": error.extra["account_id"],
                "address": page.address,
                "pairs": page.typed.kept(),
            }
            signed_form = guard.signed(form_secret(page.service), form)
        back = page.address if place.method == "GET" or signed_form else ""
        page.error, page.typed = None, Typed()  # do not fill this form with another form's fields
        context = {
            "back": back,
            "kept": signed_form,
            "over": error.code == "session_over",
            **sign_in_means(page),
        }
        shown = page.show("account/sign_in.html", status=401, **context)
        if page.fragment:
            # htmx would replace only part of the page, so reload the whole page. Do not if it may hold typed
            # values, or was itself the result of a form.
            return Response(status_code=401, headers={"HX-Refresh": "true"} if place.method == "GET" else {})
        return self.render(page, shown)

    def problem(self, page: Page, error: FakeprintError) -> Response:
        """Return an error page: what happened in plain words, what to do, and the code for support."""
        if error.status >= 500:
            _log_failure(error)
        shown = page.show("problem/problem.html", status=error.status, problem=self._explained(page, error))
        answered = self.render(page, shown)
        _set_retry_after(answered, error)
        return answered

    def render(self, page: Page, shown: Shown) -> Response:
        """Render the page with its frame and cookies."""
        message = guard.cookie(page.request, guard.MESSAGE, secure=page.secure)
        browser = page.browser
        visit = browser or guard.new_visit()
        context: dict[str, Any] = {
            "page": page,
            "words": page.words,
            "typed": page.typed,
            "error": self._explained(page, page.error) if page.error else None,
            "explain": lambda error: self._explained(page, error),
            "signed": page.signed_or_none,
            "nav": [link for link in self.nav if page.signed_or_none and page.may(link.operation)],
            "csrf": _form_token(page.service, visit),
            "said": self._says(message),
            "theme": guard.cookie(page.request, guard.THEME, secure=page.secure),
            "density": guard.cookie(page.request, guard.DENSITY, secure=page.secure),
            "request_id": page.request.scope.get("state", {}).get("request_id", ""),
        }
        body = rendered(shown.template, context | dict(shown.context))
        answered = HTMLResponse(body, shown.status)
        answered.headers["Vary"] = "Cookie, Accept-Language, HX-Request"
        answered.headers["Content-Language"] = page.words.language
        _set_retry_after(answered, page.error)
        if not browser:
            guard.set_cookie(answered, guard.VISIT, visit, secure=page.secure)
        if message:
            guard.delete_cookie(answered, guard.MESSAGE, secure=page.secure)
        return answered

    def _explained(self, page: Page, error: FakeprintError) -> problems.Explained:
        texts = {code: text for area in self.areas for code, text in area.explains.items()}
        place = page.request.scope.get("route")  # the same code may have another meaning in another area
        texts |= next((area.explains for area in self.areas if place in area.places), {})
        return problems.explained(error, page.words, texts)

    def _says(self, word: str) -> str:
        return next((area.says[word] for area in self.areas if word in area.says), "")


def sign_in_means(page: Page) -> dict[str, Any]:
    """Return the means of signing in other than a password."""
    return {
        "passkeys": passkeys.relying_party(page.origin) is not None,
        "provider": provider.name(page.service),
    }


def _form_token(service: Service, browser: str) -> str:
    """Return the form token; empty while the database is away, when the page shows only that."""
    try:
        return guard.form_token(form_secret(service), browser)
    except Unavailable:
        return ""


def _log_failure(error: FakeprintError) -> None:
    LOGGER.warning("answered %d", error.status, extra={"code": error.code, "reason": error.message})


def _set_retry_after(answered: Response, error: FakeprintError | None) -> None:
    if isinstance(error, TooMany):
        answered.headers["Retry-After"] = str(error.retry_after)


def unknown_page() -> NotFound:
    """Return the error for an unknown URL."""
    return NotFound("There is no page at this address.")
