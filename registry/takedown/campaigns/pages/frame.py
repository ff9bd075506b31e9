"""The area of takedown: navigation, open tasks, messages of forms, explanations of errors."""

from __future__ import annotations

from registry.console.area import Area
from registry.console.languages import N_
from registry.console.view import Card, Nav, Page, Waiting
from registry.takedown.replies.service.replies import count_unmatched


def _replies(page: Page) -> Card:
    return Card(
        N_("Replies to match"),
        N_("No unmatched replies."),
        "/takedown/replies",
        count_unmatched(page.service, page.caller),
        N_("A platform has answered. Choose the notice that each reply is about."),
    )


area = Area(
    "takedown",
    nav=(
        Nav(
            "/takedown",
            N_("Takedown"),
            operation="listCampaigns",
            hint=N_("Ask platforms to take fakes down, and follow their answers."),
            place=50,
        ),
    ),
    waiting=(Waiting("listReplies", _replies),),
    says={
        "client_recorded": N_("The client is saved, encrypted under its own key. Now record the mandate."),
        "client_erased_now": N_(
            "The client’s key is destroyed. Its personal data can no longer be read anywhere."
        ),
        "mandate_recorded": N_("The mandate is recorded."),
        "mandate_revoked_now": N_("The mandate is revoked. Nothing more is sent under it."),
        "campaign_begun": N_("The campaign is open. Now add the addresses where the fake is."),
        "campaign_changed": N_("The campaign is changed. Ready notices may be drafts again: check them."),
        "campaign_said": N_("The text of all notices is saved."),
        "campaign_entry": N_("The entry is added to the campaign."),
        "campaign_closed_now": N_("The campaign is closed. Notices that were handed over continue."),
        "notices_confirmed": N_("Confirmed under your name."),
        "notices_checked": N_("Saved. Something is still missing: see below."),
        "notices_prepared": N_("The complete notices are ready."),
        "notices_sent": N_("The letters are prepared. Those by email or API are now sent automatically."),
        "notices_prepared_print": N_("The letters are prepared. Hand over those listed here yourself."),
        "notices_gone_on": N_(
            "Recorded with your name. These notices continue although the entry is disputed."
        ),
        "notice_said": N_("The text of this notice is saved."),
        "notice_answered": N_("The answers are saved."),
        "notice_moved": N_("The notice has a new state. Its history shows who changed it, and why."),
        "notices_moved": N_("The notices have a new state. Each history shows who changed it, and why."),
        "notice_contested": N_("The objection is recorded. The notice waits for the decision."),
        "notice_checked": N_("The result of the lookup is attached to the notice."),
        "notice_reopened": N_("The notice is open again for this address. Confirm the match, then send it."),
        "exhibit_added": N_(
            "The exhibit is recorded by its checksum. Keep the file: the checksum proves nothing without it."
        ),
        "reply_recorded": N_("The reply is recorded. It changes no state: set the state of the notice."),
        "reply_matched": N_("The reply is matched to that notice. Now set the state of the notice."),
        "reply_dismissed_now": N_("The reply is dismissed and its text is deleted."),
        "statement_accepted_now": N_("Accepted. The notice has the state that the platform reported."),
        "delivery_handed_over": N_("Recorded: they were handed over. Deadlines count from then."),
        "delivery_received": N_("Recorded: the platform has received them."),
        "delivery_again": N_("It is sent again, under the same number."),
        "delivery_paper": N_("Print it and hand it over."),
        "notices_retracted": N_("The notices to the platforms are retracted."),
        "return_taken": N_("A notice for that address now exists. Confirm the match, then send it."),
        "recurrence_dismissed": N_("The recurrence is dismissed."),
        "campaign_released": N_("Released. Every export to that recipient includes it until that day."),
        "campaign_withheld": N_("Revoked. Earlier exports are not affected."),
    },
    explains={
        "bad_email": N_("Enter one email address, for example lucia@bufete.example."),
        "bad_time": N_("A day or a time cannot be read, or is outside the allowed range."),
        "no_document": N_("Choose the file first."),
        "mandate_expired": N_("The mandate has expired. Ask the person shown for a new one."),
        "may_not_sign": N_("One of these laws does not allow that capacity. Choose another."),
        "no_wording": N_("None of these laws has texts in that language."),
        "unknown_regime": N_("Choose at least one law."),
        "unknown_entry": N_("This entry does not exist, or you may not see it."),
        "no_entry": N_("Choose the fake, or give the address of its page."),
        "client_erased": N_("The personal data of the client was erased."),
        "campaign_closed": N_("The campaign is closed."),
        "wrong_name": N_("That is not the client’s name. Type it as shown above."),
        "which_notice": N_(
            "Enter one notice that was sent: the address of its page, its id, or its reference FP-…"
        ),
        "which_act": N_("Choose what happened, and how you know."),
        "no_letters": N_("No letters to print."),
        "which_notices": N_("Choose at least one notice."),
        "wrong_state": N_("Its state has changed, so this is no longer possible. Reload the page."),
        "notice_paused": N_("The notice is paused, so this waits too."),
        "not_paused": N_("The notice does not wait for a decision of yours."),
        "dispute_open": N_("The dispute is still open. Its outcome ends the pause."),
        "too_many_disputes": N_("Too many objections in a short time. Try again later."),
        "ground_refused": N_("A lookup found something else at that address, or no lookup was made."),
        "no_rows": N_("The list contains no rows."),
        "no_header": N_("The table has no column names. Add a first line with the names listed above it."),
        "bad_json": N_("A fingerprint document cannot be read. Create it again with `fakeprint hash`."),
        "bad_row": N_("The row has no address, or no proof: add a file or a lookup."),
        "missing_path": N_("Choose the file that the row names."),
        "repeated_file": N_("Two of the files that were chosen have that name. Rename one of them."),
        "too_many_rows": N_("The list is too long. Submit the rest as another list."),
        "not_text": N_("The file is neither text nor a workbook that can be read. Save it as CSV in UTF-8."),
        "unclosed_quote": N_(
            "A quotation mark opens here and is not closed, so nothing of the list was imported. Close "
            "it, or write it twice."
        ),
        "cell_too_long": N_("The row, or its note, is too long."),
        "old_sheet": N_("The workbook is XLS, or encrypted. Save it as XLSX."),
        "bad_sheet": N_("The workbook is damaged. Save it again as XLSX, or as CSV."),
        "sheet_too_large": N_("The workbook is too large. Divide it."),
        "too_many_notices": N_("That is too much for one list or one campaign. Divide it."),
        "no_messages": N_("The file contains no message."),
        "too_many_messages": N_(
            "The mailbox has more than 2,000 messages. Divide it. Messages already imported are skipped."
        ),
        "reply_dismissed": N_("The reply was dismissed and its text deleted."),
        "reply_unmatched": N_("The reply names no notice that was sent. Match it under “Replies”."),
        "reply_known": N_("This reply was already recorded."),
        "no_statement": N_(
            "The reply is not a statement of reasons. Read it, and set the state of the notice."
        ),
        "not_matched": N_("First choose which notice it answers."),
        "nothing_proposed": N_(
            "It does not clearly say what happened. Look at the page, then set the state of the notice."
        ),
        "statement_accepted": N_("The statement was accepted already."),
        "statement_outdated": N_(
            "It arrived before the notice was sent again. Look at the page, then set the state of the notice."
        ),
        "no_statements": N_("The file contains no statement of reasons."),
        "unknown_platform": N_("No platform of that name is known."),
        "proof_needed": N_("To mark letters as delivered, choose the file of the receipt."),
        "proof_of_many": N_(
            "One file proves one letter. Choose one letter, or tick that the file shows all letters to "
            "one platform."
        ),
        "letter_changed": N_("A letter has changed since you read it. Read it again, then send it."),
        "letter_incomplete": N_("Something that the law requires is missing, so there is no letter yet."),
        "pdf_unavailable": N_("This server cannot print letters. Ask its operator to add that."),
        "notice_hindered": N_("The notice is now blocked and is not sent. Open it to see why."),
        "not_breached": N_(
            "No deadline of its last letter has passed, so there is nothing to complain about."
        ),
        "bad_exhibit": N_("The file is empty, or larger than the 16 MiB that can be stored here."),
        "too_many_exhibits": N_("A notice has 100 exhibits at most."),
        "minor_protection": N_("The media may show a minor sexually. Nothing of it is stored or passed on."),
        "not_lookup": N_("Enter the address or the id of a lookup of your organization."),
        "unknown_lookup": N_("Your organization has no such lookup."),
        "not_answered": N_("The lookup is not answered yet."),
        "not_found_again": N_("The lookup finds none of the campaign’s fakes there."),
        "nothing_removed": N_("That platform has removed none of the fakes found there."),
        "place_taken": N_("The campaign already has a notice for that address."),
        "already_decided": N_("Somebody else has already decided this."),
        "no_notices": N_("There are no notices yet, so there is no evidence."),
        "no_checkpoint": N_("The ledger is not signed that far yet. Try again in two seconds."),
        "bundle_too_large": N_("The evidence is too large for one file. Export it notice by notice."),
        "tsa_unreachable": N_("The time-stamping authority does not answer. Try later, or without a stamp."),
        "tsa_refused": N_("The time-stamping authority gave no stamp. Try later, or without one."),
        "no_media": N_("None of the media is stored here and belongs to your organization."),
        "bad_recipient": N_("Media are encrypted for public keys of age, which begin with age1."),
        "bad_receiver": N_("A recipient is a short name in small letters, for example lumen."),
        "bad_release": N_(
            "Choose what is released. Texts contain names, so they can only be released "
            "together with everything else."
        ),
        "dangerous_scheme": N_("The address is a command for the browser or this device, not a web page."),
        "not_a_url": N_("That is not the address of a page."),
        "no_url": N_("Enter the address."),
    },
)
