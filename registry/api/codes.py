"""Every code that the API answers with: its status and its meaning, which never changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from registry.api.address_codes import ADDRESSES
from registry.api.takedown_codes import TAKEDOWN
from registry.errors import MEDIA_CODES

_REQUEST: Final[Mapping[str, tuple[str, str]]] = {
    "bad_input": (
        "400",
        "A field is missing, unknown, of the wrong type or out of its range; `errors` lists them.",
    ),
    "bad_json": ("400", "The body, or a part of it, is not JSON, or holds a NUL character."),
    "bad_multipart": ("400", "The form is malformed, cut off or not UTF-8."),
    "unknown_part": ("400", "The form has a part that this address does not take."),
    "duplicate_part": ("400", "A part of the form that may come once comes twice."),
    "too_many_lines": ("413", "A batch has 10,000 lines at most; in the line that says so."),
    "batch_stalled": ("400", "A batch stopped coming; in the line that says so."),
    "body_stalled": ("408", "The body stopped coming, or came too slowly."),
    "head_too_large": ("431", "The address and the headers are longer than is read."),
    "no_file": ("400", "The form has no media and no document where one is needed, or too many."),
    "too_many_parts": ("413", "The form has more parts than are taken."),
    "address_too_long": ("414", "A value in the address is too long; it may be sent with POST."),
    "unsupported_content_type": ("415", "The body's content type or encoding is not read here."),
    "method_not_allowed": ("405", "The address does not take that method."),
    "unauthenticated": ("401", "No API key, or one that is unknown, expired or revoked."),
    "forbidden": ("403", "The key lacks the role."),
    "not_found": ("404", "There is nothing at that address, or the id is malformed."),
}

_REGISTRY: Final[Mapping[str, tuple[str, str]]] = {
    "no_signal": ("400", "Neither `signal` with `signal_type` nor `url` was given."),
    "no_signals": ("400", "No signals were given."),
    "unknown_signal_type": ("400", "Not a signal type that is known: pdq, video_md5, vpdq."),
    "unknown_content_type": ("400", "An address answers neither an image nor a video."),
    "bad_url": ("400", "Not an http(s) address."),
    "address_refused": ("400", "The address is not a public one."),
    "not_fetched": ("400", "The file at the address could not be fetched."),
    "unknown_content": ("404", "The bank has nothing under that number."),
    "bad_binding": ("400", "Not a value of the soft binding's algorithm."),
    "bad_manifest_id": ("400", "Not an identifier of a manifest of C2PA."),
    "unknown_manifest": ("404", "No manifest of that identifier that the caller may fetch."),
    "unknown_hashing": ("404", "The file is not waiting to be hashed, or was an hour ago."),
    "bad_claim_review": ("400", "What was given holds no ClaimReview and no MediaReview of schema.org."),
    "bad_detail": ("400", "A person depicted, or a place where it was seen, is not as described."),
    "bad_language": ("400", "Not a language tag of BCP 47."),
    "not_a_fake": ("400", "The review rates the media as original content."),
    "own_variant": ("409", "An entry cannot be a variant of itself, or of one of its own variants."),
    "bad_label": (
        "400",
        "A name, title or claim is empty, too long, holds control characters or reads as an id.",
    ),
    "bad_policy": ("400", "A bank's policy has an unknown setting, or one of a wrong value."),
    "beyond_policy": ("400", "The bank does not allow others to set that so for themselves."),
    "bad_visibility": ("400", "A bank is private, shared or public; a negative one is private."),
    "bad_kind": ("400", "A bank is of kind fakes or negative."),
    "own_organization": ("400", "A bank is shared with others."),
    "bad_reference": (
        "400",
        "A reference lacks an http(s) `url`, has an unknown or too long field, or is one too many.",
    ),
    "bad_cursor": ("400", "`after` is not a cursor of this list."),
    "bad_sha256": ("400", "Not 64 hex digits."),
    "bad_hash": ("400", "The hash has not the width of its algorithm."),
    "no_fake": ("400", "An entry needs at least one fake."),
    "unknown_manipulation": ("400", "Not a manipulation that is known."),
    "unknown_role": ("400", "Not a role that is known, or none."),
    "unknown_algorithm": ("400, 422", "Not an algorithm, or version of one, that this service compares."),
    "not_operator": (
        "403",
        "That is for administrators of the first organization, which runs the deployment.",
    ),
    "not_listed": ("403", "The bank's entries are not listed for others."),
    "not_shared": ("404", "The bank is not shared with that organization."),
    "own_bank": ("409", "The bank is the organization's own: its policy is what counts."),
    "negative_bank": ("409", "A negative bank acts for its owner alone."),
    "too_many_shares": ("409", "A bank is shared with 1,000 organizations at most."),
    "bank_not_empty": ("409", "The bank holds entries; they can be withdrawn with it."),
    "court_ordered": ("409", "The bank holds entries that stand under a court's order."),
    "foreign_bank": ("403", "The bank or the entry belongs to another organization."),
    "unknown_bank": ("404", "No bank of that name that the key may use."),
    "unknown_entry": ("404", "No entry of that id that the key may see."),
    "unknown_lookup": ("404", "No lookup of that id of the key's organization."),
    "ambiguous_bank": ("409", "Several banks that the key may use have that name; give its id."),
    "bank_exists": ("409", "The organization has a bank of that name."),
    "role_conflict": ("409", "The same file is, or is given, as fake and as original of one entry."),
    "nothing_to_retry": ("409", "No medium of the entry has failed."),
    "entry_withdrawn": ("409", "The entry was withdrawn."),
    "media_gone": ("404, 409", "The media is no longer kept."),
    "blob_corrupt": ("422", "The kept media is not what was registered; register the file again."),
    "bad_document": ("422", "The fingerprint document breaks its schema; the message names the place."),
    "unsupported_version": ("422", "The fingerprint document is of another version."),
    "low_information": ("422", "No frame of the fingerprint document can be compared."),
    "not_settled": (
        "422",
        "The document is noted `keyframes`, and these decide nothing; none was kept. Send what is `wanted`.",
    ),
    "document_too_large": ("422", "The fingerprint document holds more samples than are taken."),
}

_REVIEW: Final[Mapping[str, tuple[str, str]]] = {
    "needs_reason": ("400", "That decision needs a `reason_code`."),
    "needs_remedy": (
        "400",
        "Who upholds a dispute says what becomes of the entry, and nobody else does.",
    ),
    "needs_order": ("400, 409", "A court's order is missing, or comes where none belongs."),
    "not_that_file": ("400", "The entry holds no file of that SHA-256."),
    "no_such_medium": ("400", "The entry holds no such fake."),
    "party_decides": ("403", "Who is a party to a dispute, or has reviewed the entry, does not decide it."),
    "not_opener": ("403", "Another organization has opened the dispute."),
    "unknown_dispute": ("404", "No dispute of that id that the key may see."),
    "unknown_review": ("404", "No decision of that id of the key's organization."),
    "unknown_match": ("404", "The lookup has no match with that entry."),
    "claimed_by_another": ("409", "Another reviewer has the entry before them; `lease_until` says how long."),
    "not_claimed": ("409", "You have not claimed the entry, or your claim has ended."),
    "claim_spent": ("409", "You have had the entry for as long as a claim lasts; others may claim it now."),
    "too_many_claims": ("409", "A reviewer claims 20 entries at a time."),
    "wrong_status": ("409", "The entry's `status` does not allow it."),
    "unverified": ("409", "The entry is known by a document alone, and reviewed once its file was sent."),
    "forged_fingerprint": ("409", "The media belie the document that the entry was registered with."),
    "nothing_to_review": ("409", "The entry has no such medium that you have claimed."),
    "not_answered": ("409", "The lookup has no answer yet, or failed."),
    "dispute_repeated": ("409", "Your organization disputes the entry already, or has in vain lately."),
    "dispute_closed": ("409", "The dispute was decided or withdrawn."),
    "not_heard": ("409", "The entry's owner may still answer; `answer_due` says how long."),
    "statement_erased": ("409", "What was said in the dispute was erased."),
    "too_many_disputes": ("429", "Your organization has opened 20 disputes in 24 hours."),
}

_WEBHOOKS: Final[Mapping[str, tuple[str, str]]] = {
    "watch_too_long": ("400", "Lookups of the organization may not be watched for so long, or not at all."),
    "unknown_watch": ("404", "No watch of that id of the key's organization, or its time is over."),
    "bad_webhook_url": ("400", "A webhook is at an https address that is public, without user or fragment."),
    "unknown_kind": ("400", "Not a kind of event, or a pattern such as entry.*, that is told of."),
    "unknown_webhook": ("404", "No webhook of that id of the key's organization."),
    "unknown_delivery": ("404", "No message of that id of the webhook, or it is no longer kept."),
    "not_dead": ("409", "The message waits or was delivered, or is a test."),
    "webhook_disabled": ("409", "The webhook is disabled; make it active first."),
    "too_many_secrets": ("409", "Five secrets of the webhook sign already."),
    "too_many_webhooks": ("409", "An organization has 20 webhooks at most."),
}

_PERSONS: Final[Mapping[str, tuple[str, str]]] = {
    "bad_code": ("400", "It can be no revocation code: mistyped, or another text."),
    "bad_idempotency_key": ("400", "An `Idempotency-Key` has 8 to 200 visible ASCII characters."),
    "bad_scope": ("400", "A consent covers `lookups`, `entries` or both."),
    "bad_time": ("400", "Not a date, or a time without its offset."),
    "consent_in_future": ("400", "The consent is dated later than now."),
    "consent_too_long": ("400", "A consent holds for twelve months at most."),
    "consent_over": ("400, 409", "The consent has ended."),
    "consent_not_newer": ("400", "A renewal needs a consent given after the one in force."),
    "guardian_needed": ("400", "A guardian consents for a minor, and nobody else."),
    "mandate_needed": ("400", "Whoever acts for a person is named, with the document that entitles them."),
    "unchecked": ("400", "To accept, identity must be checked, and the mandate where somebody acts."),
    "minor_protection": (
        "403",
        "Media that may show a minor sexually: nothing was kept; `next_step` names the hotline.",
    ),
    "second_reviewer": ("403", "Whoever proposed or registered it does not decide on it."),
    "unknown_person": ("404", "No person of that id in the key's organization."),
    "unknown_photo": ("404", "No photo of that id of this person, or it is no longer kept."),
    "key_destroyed": ("404", "The person's data can no longer be read by anybody."),
    "no_assessment": ("409", "The operator has recorded no data-protection assessment."),
    "idempotency_key_used": ("409", "The key came with another request, or its person was decided on."),
    "wrong_state": ("409", "The `state` of the person, the dispute or the notice does not allow it."),
    "photos_pending": ("409", "Photos of the person are still being read."),
    "photos_unseen": (
        "409",
        "Whoever accepts looks at each photo that serves first; `photo_ids` lists the others.",
    ),
    "no_usable_photo": ("409", "No photo of the person serves; each says why."),
    "too_many_photos": ("413", "A person has 20 photos at most."),
    "too_many_requests": (
        "429",
        "This address or caller asks too often, or too much at once; try again after `Retry-After`.",
    ),
    "keys_unavailable": ("503", "The persons' keys cannot be read or kept."),
    "sealed_damaged": ("503", "What is kept of the person cannot be opened."),
}

_LISTS: Final[Mapping[str, tuple[str, str]]] = {
    "bad_format": ("400", "Not a format that lists are read in."),
    "bad_header": ("400", "In a list: its first line names no column that holds a hash, or one twice."),
    "bad_row": ("400", "In a list: the line is no row of it; the message says why."),
    "line_too_long": ("400", "In a list: a line has 8 MiB at most."),
    "bad_opinion": ("400", "In a list: an opinion or status that is not known."),
    "unknown_type": ("400", "Not a type of hash, or the row does not say its own."),
    "unsupported_type": ("400", "A type of hash that nothing here can be compared with."),
    "conflicting_rows": ("400", "In a list: rows on one medium contradict each other; it answers no lookup."),
    "entry_stays": ("400", "In a list: the row contradicts an entry that no list has made; that stays."),
    "bad_md5": ("400", "Not 32 hex digits."),
    "unknown_exchange": ("400", "Not a kind of exchange."),
    "bad_address": ("400", "An exchange's address is an https URL, of a file its name alone."),
    "bad_options": ("400", "Not the options that the kind of exchange has."),
    "bad_credentials": ("400", "Not the credentials that the kind of exchange needs."),
    "bad_interval": ("400", "An exchange is read every minute at most, every 30 days at least."),
    "no_exchange": ("404", "No exchange of that name or id of the key's organization."),
    "exchange_exists": ("409", "The organization has an exchange of that name, or for that bank."),
    "bank_not_private": ("409", "What an exchange shares is kept in a private bank."),
    "exchange_refused": ("503", "At an exchange: it refuses the credentials, or their key is gone."),
    "exchange_unreachable": ("503", "At an exchange: it does not answer, or with an error."),
    "exchange_garbled": ("503", "At an exchange: what it answers cannot be read, or leads elsewhere."),
    "address_refused": ("503", "At an exchange: its address is not public."),
    "no_exchange_file": ("400", "At an exchange: no such file in the service's folder for them."),
    "unknown_import": ("404", "No import of that id of the key's organization."),
    "import_moved": ("409", "The import stands elsewhere, or its bytes were others; `bytes` says where."),
    "import_finished": ("409", "The import has come to its end."),
    "bank_full": ("409", "The bank holds as many entries, media or bytes as it may."),
    "bank_closed": ("409", "The bank was closed."),
}

_CALLERS: Final[Mapping[str, tuple[str, str]]] = {
    "bad_expiry": ("400", "A key or a caller expires in time to come, within ten years."),
    "bad_limits": (
        "400",
        "A rate lies between .001 and 1,000,000 lookups a second; quotas are counts from 0 on.",
    ),
    "bad_overlap": ("400", "Keys overlap for 0 to 8,784 hours."),
    "unknown_organization": ("404", "No organization of that id that the key may see."),
    "unknown_caller": ("404", "No caller of that id in the key's organization."),
    "unknown_key": ("404", "No key of that id of this caller."),
    "organization_exists": ("409", "There is an organization of that name."),
    "organization_closed": (
        "409, 500",
        "The organization is closed; 500 with a lookup that was queued when it was.",
    ),
    "operating_organization": ("409", "The organization that runs the deployment cannot be closed."),
    "has_administrator": ("409", "The organization has an administrator, who makes its callers."),
    "last_admin": ("409", "Nobody would be left who may administer the organization."),
    "caller_over": ("409", "The caller was revoked or has expired."),
    "too_many_keys": ("409", "A caller has ten keys at most that work."),
    "rate_limited": (
        "429",
        "The caller, or its organization, has used up its rate; try again after `Retry-After`.",
    ),
    "probing_suspected": (
        "429",
        "Near-identical hashes were asked, as if to reconstruct a registered one; others are answered.",
    ),
    "quota_exhausted": (
        "429",
        "The caller, or its organization, has used up its quota of the day or the month (UTC).",
    ),
}

_SERVICE: Final[Mapping[str, tuple[str, str]]] = {
    "bad_canaries": ("400", "The deployment's file of canaries cannot be read."),
    "internal": ("500", "A bug; the service's log explains it under the request id."),
    "lookup_failed": ("500", "A worker could not answer the lookup, for a reason that is not the media's."),
    "timed_out": ("500", "A worker took longer over the media than it may."),
    "unavailable": ("503", "A part of the service does not answer; try again."),
    "busy": ("503", "Too many documents are being read or compared; try again after `Retry-After`."),
    "not_failed": ("409", "The job has not failed, or somebody has dealt with it."),
    "job_open": ("409", "The same work is being done already."),
    "unknown_job": ("404", "There is no such job."),
    "queue_full": ("503", "The workers have to catch up: send the file again after `Retry-After`."),
    "database_unavailable": ("503", "The database cannot be reached."),
    "database_timeout": ("503", "The database did not answer in time."),
    "database_busy": ("503", "Another request changed the same thing; try again."),
    "media_lost": ("503", "Another request's failure removed the file meanwhile; send it again."),
    "blobs_unavailable": ("503", "Media cannot be kept or read: its store is full, slow or away."),
    "blobs_key_missing": ("503", "Kept media is sealed by a key that the deployment does not have."),
    "spool_unavailable": (
        "503",
        "An upload cannot be kept while it arrives, or a lookup's record while the primary database is away.",
    ),
    "spool_full": ("503", "The primary database is away, and no room is left for records of lookups."),
}

_LEDGER: Final[Mapping[str, tuple[str, str]]] = {
    "bad_range": ("400", "The ledger is not that large, or the sizes are in the wrong order."),
    "unknown_recording": ("400", "Lookups are recorded none, matches or all."),
    "unknown_leaf": ("404", "The ledger has no such leaf that the key may ask about."),
    "no_checkpoint": ("404", "Nothing of the ledger was signed yet."),
    "ledger_damaged": ("503", "The ledger lacks a hash that it must have: it was altered."),
    "ledger_key_unavailable": ("503", "The ledger's keys or checkpoints cannot be read or written."),
}

_MEDIA: Final = {
    code: ("413, 422" if code == "too_large" else "422", said) for code, said in MEDIA_CODES.items()
}

CODES: Final[Mapping[str, tuple[str, str]]] = {
    **_REQUEST,
    **_REGISTRY,
    **_REVIEW,
    **_LISTS,
    **TAKEDOWN,
    **ADDRESSES,
    **_WEBHOOKS,
    **_PERSONS,
    **_CALLERS,
    **_MEDIA,
    **_LEDGER,
    **_SERVICE,
}
"""code -> its HTTP statuses, what it means."""
