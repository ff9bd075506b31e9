"""The area `admin`, and parsers of its form fields."""

from __future__ import annotations

from datetime import datetime

from babel.numbers import NumberFormatError, parse_decimal

from registry.console.area import Area
from registry.console.languages import N_, Words, aware
from registry.console.view import Nav, Page
from registry.core.errors import BadInput
from registry.identity.quotas.model.limits import Limits

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
        "account_removed": N_("The account is removed. That person is signed out and cannot sign in again."),
        "caller_changed": N_("The caller is changed. This takes effect with its next request."),
        "caller_revoked": N_("The caller is revoked. Its keys no longer work."),
        "key_revoked": N_("The key is revoked and no longer works."),
        "limits_set": N_("The limits are saved."),
        "organization_created": N_("The organization is added."),
        "organization_changed": N_("The organization is changed."),
        "organization_closed": N_("The organization is closed."),
        "reconstruction_lifted": N_("Near-identical hashes of this caller are answered again."),
        "bank_created": N_("The bank is created."),
        "bank_changed": N_("The bank is changed. Lookups use the new settings at once."),
        "bank_overlaid": N_("Saved. The bank uses these settings for your organization from now on."),
        "bank_shared": N_("The bank is shared with that organization."),
        "bank_unshared": N_("The bank is no longer shared with that organization."),
        "bank_deleted": N_("The bank is deleted."),
        "webhook_added": N_("The channel is added. Send a test now."),
        "webhook_changed": N_("The webhook is changed."),
        "webhook_paused": N_("The webhook is paused: its messages wait."),
        "webhook_active": N_("The webhook is active again."),
        "webhook_tested": N_("A worker sends the test at once. Open this page again to see the answer."),
        "webhook_replayed": N_("They will be sent again, in their original order."),
        "webhook_deleted": N_("The webhook is deleted."),
        "job_retried": N_("A new job was created from it, with all its attempts."),
        "job_discarded": N_("The job is discarded. Its work stays failed."),
    },
    explains={
        "last_admin": N_(
            "Nobody would be left to administer your organization. Give somebody else that role first."
        ),
        "unknown_role": N_("Choose at least one role."),
        "bad_time": N_("Enter a date and a time."),
        "bad_expiry": N_(
            "The expiry is in the past or more than ten years ahead. Correct it, and check your clock."
        ),
        "bad_limits": N_(
            "Lookups a second: 0.001 to 1,000,000. The other limits are whole numbers, 0 or more."
        ),
        "bad_overlap": N_("Older keys cannot stay active for that long. Choose one of the options."),
        "caller_over": N_("This caller was revoked or has expired."),
        "too_many_keys": N_("This caller already has ten active keys. Revoke one of them first."),
        "has_administrator": N_(
            "That organization has its own administrator, who creates its callers. Leave the field "
            "empty to use your own organization."
        ),
        "organization_closed": N_("That organization is closed."),
        "organization_exists": N_("An organization of that name exists already."),
        "operating_organization": N_("This organization runs the service and cannot be closed."),
        "unknown_organization": N_("No active organization has that name or id."),
        "own_organization": N_("The bank already belongs to your organization."),
        "bank_exists": N_("Your organization already has a bank of that name."),
        "bad_visibility": N_("A bank of look-alikes is always private to your organization."),
        "beyond_policy": N_("The bank does not allow others one of these settings."),
        "court_ordered": N_(
            "Some entries of this bank stand under a court order. Only another order ends that."
        ),
        "not_publishable": N_("This bank is filled from another source and cannot be published."),
        "bad_webhook_url": N_(
            "The address has to be https, public, and without a name, password or fragment."
        ),
        "unknown_kind": N_("One of these events does not exist. “All events” lists them."),
        "too_many_webhooks": N_("Your organization has reached its number of webhooks. Delete one first."),
        "too_many_secrets": N_(
            "This webhook has five active secrets already. Wait until one expires, or end the older ones now."
        ),
        "webhook_disabled": N_("The webhook is disabled, so nothing would be sent. Resume it first."),
        "not_dead": N_(
            "Only jobs that were given up can be retried. Somebody may have retried this one already."
        ),
        "not_failed": N_("Somebody else has already handled this job."),
        "media_gone": N_("The file of this job is no longer stored. Its sender has to send it again."),
        "job_open": N_("The same job is already running."),
        "unknown_account": N_("This account does not exist. Somebody may have removed it."),
    },
)


def parse_time(page: Page, name: str) -> datetime | None:
    """Parse a `datetime-local` field in the reader's time zone; None if empty. Raises `BadInput`
    (`bad_time`)."""
    text = page.typed.text(name).strip()
    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise wrong("bad_time", name, page.words.text("Enter a date and a time.")) from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=page.words.zone)


def local(words: Words, at: str | datetime | None) -> str:
    """Format a time for a `datetime-local` field; empty for None."""
    return aware(at).astimezone(words.zone).strftime("%Y-%m-%dT%H:%M") if at else ""


def parse_number(page: Page, name: str, code: str) -> float | None:
    """Parse a number field, with a decimal point or in the reader's locale; None if empty. Raises
    `BadInput`."""
    text = page.typed.text(name).strip()
    if not text:
        return None
    for read in (float, lambda number_text: float(parse_decimal(number_text, locale=page.words.locale))):
        try:
            return read(text[:40])
        except (ValueError, NumberFormatError):
            continue
    raise wrong(code, name, page.words.text("A number is expected."))


def limits(page: Page) -> Limits:
    """Parse the fields of `limits` in templates/admin/macros.html. Raises `BadInput` (`bad_limits`)."""
    counts = [parse_number(page, name, "bad_limits") for name in ("daily", "monthly")]
    if any(count is not None and not count.is_integer() for count in counts):
        raise wrong("bad_limits", "daily", page.words.text("A whole number is expected."))
    daily, monthly = (None if count is None else int(count) for count in counts)
    return Limits(parse_number(page, "rate", "bad_limits"), daily, monthly)


def bank_limits(page: Page) -> dict[str, int | None]:
    """Parse the fields of `bank_limits` in templates/admin/macros.html. Raises `BadInput` (`bad_limits`)."""
    numbers: dict[str, int | None] = {}
    for name in ("entries", "media", "bytes"):
        value = parse_number(page, name, "bad_limits")
        if value is not None and not value.is_integer():
            raise wrong("bad_limits", name, page.words.text("A whole number is expected."))
        numbers[name] = None if value is None else int(value)
    return numbers


def wrong(code: str, name: str, message: str) -> BadInput:
    """Return the error of one field, shown beside it in the reader's language."""
    return BadInput.of_code(code, "", extra={"errors": [{"where": name, "message": message}]})
