"""The area `admin`, and parsers of its form fields."""

from __future__ import annotations

from datetime import datetime

from babel.numbers import NumberFormatError, parse_decimal

from registry.console.area import Area
from registry.console.languages import N_, Words, aware
from registry.console.view import Nav, Page
from registry.core.errors import BadInput
from registry.identity.quotas.model import Limits

area = Area(
    "admin",
    nav=(
        Nav(
            "/admin",
            N_("Administration"),
            operation="listAccounts",
            hint=N_("People, keys, banks, webhooks and queues."),
            place=90,
        ),
    ),
    says={
        "account_removed": N_("The account is removed. That person is signed out and cannot come back."),
        "caller_changed": N_("The caller is changed. It holds from its next call on."),
        "caller_revoked": N_("The caller is revoked: none of its keys works any more."),
        "key_revoked": N_("The key is revoked: it does not work any more."),
        "limits_set": N_("The limits are set."),
        "organization_created": N_("The organization takes part."),
        "organization_changed": N_("The organization is changed."),
        "organization_closed": N_("The organization is closed."),
        "reconstruction_lifted": N_("Its near-identical hashes are answered again."),
        "bank_created": N_("The bank is open."),
        "bank_changed": N_("The bank is changed. Lookups follow at once."),
        "bank_overlaid": N_("From now on it answers your organization so."),
        "bank_shared": N_("The bank is shared with that organization."),
        "bank_unshared": N_("The bank is shared with that organization no longer."),
        "bank_deleted": N_("The bank is taken away."),
        "webhook_changed": N_("The webhook is changed."),
        "webhook_paused": N_("The webhook is paused: its messages wait."),
        "webhook_active": N_("The webhook is told again."),
        "webhook_tested": N_("A worker sends the test at once. Open this page again to see the answer."),
        "webhook_replayed": N_("They wait to be sent again, in their first order."),
        "webhook_deleted": N_("The webhook is deleted."),
        "job_retried": N_("Another job was made of it, with all its tries."),
        "job_discarded": N_("It is no dead letter any more. What failed with it stays failed."),
    },
    explains={
        "last_admin": N_(
            "Nobody would be left to administer your organization. Give somebody else that role first."
        ),
        "unknown_role": N_("Choose at least one role."),
        "bad_time": N_("A date and a time are expected."),
        "bad_expiry": N_("The end lies in the past, or more than ten years ahead. Check your clock as well."),
        "bad_limits": N_(
            "A rate lies between 0.001 and 1,000,000 a second; the other limits are whole numbers from 0 on."
        ),
        "bad_overlap": N_("That is no length of time for which older keys may work on."),
        "caller_over": N_("This caller was revoked or has expired."),
        "too_many_keys": N_("Ten keys of this caller work already. Revoke one of them first."),
        "has_administrator": N_(
            "That organization has an administrator, who makes its callers. Leave the field empty for your "
            "own."
        ),
        "organization_closed": N_("That organization is closed."),
        "organization_exists": N_("There is an organization of that name."),
        "operating_organization": N_("This organization runs the service and cannot be closed."),
        "unknown_organization": N_("There is no such organization that takes part."),
        "own_organization": N_("The bank is your own organization’s already."),
        "bank_exists": N_("Your organization has a bank of that name."),
        "bad_visibility": N_("A bank of look-alikes is for your organization alone."),
        "beyond_policy": N_("The bank does not allow others to set one of these so."),
        "court_ordered": N_("Entries of this bank stand under a court’s order, which only an order ends."),
        "not_publishable": N_("This bank is filled from elsewhere, and cannot be published."),
        "bad_webhook_url": N_(
            "The address has to be https, public, and without a name, password or fragment."
        ),
        "unknown_kind": N_("One of these is no event. “All events” lists them."),
        "too_many_webhooks": N_("Your organization has as many webhooks as it may. Delete one first."),
        "too_many_secrets": N_(
            "Five secrets of this webhook sign already. Wait, or let the older ones end at once."
        ),
        "webhook_disabled": N_(
            "The webhook is disabled, so nothing would be sent. Let it be told again first."
        ),
        "not_dead": N_("Only a dead letter is sent again; somebody may have done it meanwhile."),
        "not_failed": N_("Somebody has dealt with this job meanwhile."),
        "media_gone": N_("The media of this job is no longer kept: whoever sent it has to send it again."),
        "job_open": N_("The same work is being done already."),
        "unknown_account": N_("There is no such account: somebody may have removed it meanwhile."),
    },
)


def moment(page: Page, name: str) -> datetime | None:
    """Parse a `datetime-local` field in the reader's time zone; None if empty. Raises `BadInput`
    (`bad_time`)."""
    text = page.typed.text(name).strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise wrong("bad_time", name, page.words.text("A date and a time are expected.")) from None
    return found if found.tzinfo else found.replace(tzinfo=page.words.zone)


def local(words: Words, at: str | datetime | None) -> str:
    """Format a time for a `datetime-local` field; empty for None."""
    return aware(at).astimezone(words.zone).strftime("%Y-%m-%dT%H:%M") if at else ""


def number(page: Page, name: str, code: str) -> float | None:
    """Parse a number field, with a decimal point or in the reader's locale; None if empty. Raises
    `BadInput`."""
    text = page.typed.text(name).strip()
    if not text:
        return None
    for read in (float, lambda given: float(parse_decimal(given, locale=page.words.locale))):
        try:
            return read(text[:40])
        except (ValueError, NumberFormatError):
            continue
    raise wrong(code, name, page.words.text("A number is expected."))


def limits(page: Page) -> Limits:
    """Parse the fields of `limits` in templates/admin/macros.html. Raises `BadInput` (`bad_limits`)."""
    counts = [number(page, name, "bad_limits") for name in ("daily", "monthly")]
    if any(count is not None and not count.is_integer() for count in counts):
        raise wrong("bad_limits", "daily", page.words.text("A whole number is expected."))
    daily, monthly = (None if count is None else int(count) for count in counts)
    return Limits(number(page, "rate", "bad_limits"), daily, monthly)


def bank_limits(page: Page) -> dict[str, int | None]:
    """Parse the fields of `bank_limits` in templates/admin/macros.html. Raises `BadInput` (`bad_limits`)."""
    given: dict[str, int | None] = {}
    for name in ("entries", "media", "bytes"):
        value = number(page, name, "bad_limits")
        if value is not None and not value.is_integer():
            raise wrong("bad_limits", name, page.words.text("A whole number is expected."))
        given[name] = None if value is None else int(value)
    return given


def wrong(code: str, name: str, said: str) -> BadInput:
    """Return the error of one field, shown beside it in the reader's language."""
    return BadInput.of_code(code, "", extra={"errors": [{"where": name, "message": said}]})
