"""The area of takedown: its place in the navigation, what waits, what its forms say, its errors in plain
words."""

from __future__ import annotations

from registry.console.area import Area
from registry.console.languages import N_
from registry.console.view import Card, Nav, Page, Waiting
from registry.takedown.replies.service.replies import list_replies


def _replies(page: Page) -> Card:
    found = list_replies(page.service, page.caller, state="unmatched", limit=100)
    none = N_("No reply waits to be matched.")
    return Card(N_("Replies to match"), none, "/takedown/replies", len(found.replies))


area = Area(
    "takedown",
    nav=(
        Nav(
            "/takedown",
            N_("Takedown"),
            operation="listCampaigns",
            hint=N_("Ask platforms to take fakes down, and follow what they answer."),
            place=50,
        ),
    ),
    waiting=(Waiting("listReplies", _replies),),
    says={
        "client_recorded": N_("The client is recorded, sealed under a key of its own. Now its mandate."),
        "client_erased_now": N_("The client’s key is destroyed. What was personal can be read nowhere."),
        "mandate_recorded": N_("The mandate is recorded."),
        "mandate_revoked_now": N_("Recorded: the mandate was taken back. Nothing is sent by it."),
        "campaign_begun": N_("The campaign is open. Say what its notices say, then add the addresses."),
        "campaign_changed": N_("The campaign is changed. Notices that were ready may be drafts again."),
        "campaign_said": N_("What all notices say is kept."),
        "campaign_entry": N_("The campaign is about this entry too."),
        "campaign_closed_now": N_("The campaign is closed. What was handed over goes on."),
        "notices_confirmed": N_("Confirmed, with your name."),
        "notices_prepared": N_("Those that lack nothing are ready."),
        "notices_sent": N_(
            "The letters are fixed. What goes by mail or interface is handed over by itself now."
        ),
        "notices_prepared_print": N_("The letters are prepared. You hand over those that stand here."),
        "notices_gone_on": N_("On record, with your name: they go on although the entry is disputed."),
        "notice_said": N_("What this notice says is kept."),
        "notice_answered": N_("The answers are kept."),
        "notice_moved": N_("The notice is moved. Who did it and why stands in its history."),
        "notices_moved": N_("They are moved. Who did it and why stands in each one’s history."),
        "notice_contested": N_("Recorded. The notice waits until what was said is decided."),
        "notice_checked": N_("What the lookup said stands with the notice now."),
        "notice_reopened": N_("The notice is open again, about this place. Confirm the match, then send it."),
        "exhibit_added": N_("The exhibit is on record. Keep the file: it is what the digest stands for."),
        "reply_recorded": N_("The reply is recorded. It moves nothing: say what it means."),
        "reply_matched": N_("The reply answers that notice now. Say what it means by moving the notice."),
        "reply_dismissed_now": N_("Dismissed: it answers none, and what it said is forgotten."),
        "statement_accepted_now": N_("Accepted: the notice is moved by what the platform states."),
        "delivery_handed_over": N_("Recorded: they were handed over. Terms run from that moment."),
        "delivery_received": N_("Recorded: the platform has received them."),
        "delivery_again": N_("It is sent again, under the same number."),
        "delivery_paper": N_("It waits for you to print it and hand it over."),
        "notices_retracted": N_("What was said to the platforms is taken back."),
        "return_taken": N_("A notice is about that place now. Confirm the match, then send it."),
        "recurrence_dismissed": N_("Dismissed."),
        "campaign_released": N_("Released. Every export to that recipient shows it until then."),
        "campaign_withheld": N_("Taken back. What was exported until now is where it is."),
    },
    explains={
        "bad_email": N_("That is not one e-mail address, as lucia@bufete.example."),
        "bad_time": N_("A day or a time cannot be read, or does not lie where it has to."),
        "no_document": N_("Choose the file first."),
        "mandate_expired": N_("The mandate has ended already. Ask whoever is shown for a new one."),
        "may_not_sign": N_("Under one of these regimes nobody signs in that capacity."),
        "no_wording": N_("None of these regimes is worded in that language."),
        "unknown_regime": N_("Choose at least one regime."),
        "unknown_entry": N_("There is no such entry that you may see."),
        "no_entry": N_("Choose the fake, or give the address of its page."),
        "client_erased": N_("What was personal of the client was erased."),
        "campaign_closed": N_("The campaign is closed."),
        "wrong_name": N_("That is another name. Type the client’s name as it stands above."),
        "which_notice": N_("Name one notice that was sent: by its page’s address, number, or reference FP-…"),
        "which_act": N_("Choose what became of it, and how that is known."),
        "no_letters": N_("No letter waits to be printed."),
        "which_notices": N_("Choose at least one notice."),
        "wrong_state": N_("It has changed in the meantime: this is not possible any more. Look at it anew."),
        "notice_paused": N_("The notice is paused, and this waits."),
        "not_paused": N_("The notice waits for nothing that a person ends."),
        "dispute_open": N_("It is still being heard. The outcome ends the pause."),
        "too_many_disputes": N_("Too much was contested in a short time. Try again later."),
        "ground_refused": N_("A lookup says otherwise of the place, or there was none."),
        "no_rows": N_("There is no row in what was given."),
        "no_header": N_(
            "The table does not name its columns: give it a first line with the names said above it."
        ),
        "bad_json": N_("A fingerprint document cannot be read. Make it anew with `fakeprint hash`."),
        "bad_row": N_("The row lacks its address, or what proves it: a file or a lookup."),
        "missing_path": N_("The row names a file that was not chosen. Choose it below."),
        "repeated_file": N_("Two of the files that were chosen have that name. Rename one of them."),
        "too_many_rows": N_("The list is longer than is taken at once. Give the rest as a list of its own."),
        "not_text": N_("The list is no text, nor a workbook that is read here. Save it as CSV in UTF-8."),
        "unclosed_quote": N_(
            "A quotation mark opens here and none closes: nothing of the list was taken. Close it, or write "
            "it twice."
        ),
        "cell_too_long": N_("The row, or its note, is too long."),
        "old_sheet": N_("The workbook is XLS, or encrypted. Save it as XLSX."),
        "bad_sheet": N_("The workbook is broken. Save it anew as XLSX, or as CSV."),
        "sheet_too_large": N_("The workbook is too large. Divide it."),
        "too_many_notices": N_("That is more at once, or in one campaign, than is taken. Divide it."),
        "no_messages": N_("There is no message in that file."),
        "too_many_messages": N_("The mailbox holds more than 2,000 messages. Divide it: twice is kept once."),
        "reply_dismissed": N_("The reply was dismissed, and what it said is gone."),
        "reply_unmatched": N_("The reply names no notice that was sent. It waits under “Replies”."),
        "reply_known": N_("This very reply is there already."),
        "no_statement": N_("The reply is no statement of reasons. Read it, and move the notice."),
        "not_matched": N_("Say first which notice it answers."),
        "nothing_proposed": N_(
            "It does not say plainly what became of it. Look there, then move the notice."
        ),
        "statement_accepted": N_("The statement was accepted already."),
        "statement_outdated": N_(
            "It came before the notice was sent anew. Look there, then move the notice."
        ),
        "no_statements": N_("There is no statement of reasons in that file."),
        "unknown_platform": N_("No platform here has that name."),
        "proof_needed": N_("That it was delivered is said by a receipt: choose its file."),
        "proof_of_many": N_(
            "One file is a proof of one letter. Choose one letter, or say that it shows all of one platform."
        ),
        "letter_changed": N_(
            "A letter reads otherwise by now than when you read it. Read it again, then send."
        ),
        "letter_incomplete": N_("Something that the law asks for is not said yet: there is no letter."),
        "pdf_unavailable": N_("Letters cannot be printed on this server. Whoever runs it can add that."),
        "notice_hindered": N_("Something hinders the notice by now: nothing of it goes out."),
        "not_breached": N_("No term of its last sending was over: there is nothing to complain of."),
        "bad_exhibit": N_("An exhibit has at least one byte; one that is kept here has 16 MiB at most."),
        "too_many_exhibits": N_("A notice has 100 exhibits at most."),
        "minor_protection": N_("The media may show a minor sexually: nothing of it is kept or handed on."),
        "not_lookup": N_("Give the address or the number of a lookup of your organization."),
        "unknown_lookup": N_("There is no such lookup of your organization."),
        "not_answered": N_("The lookup is not answered yet."),
        "not_found_again": N_("The lookup finds none of the campaign’s fakes there."),
        "nothing_removed": N_("That platform has removed nothing of what was found there."),
        "place_taken": N_("Another notice of the campaign is about that place."),
        "already_decided": N_("Somebody has decided that in the meantime."),
        "no_notices": N_("There are no notices yet of which there could be evidence."),
        "no_checkpoint": N_("The ledger is not signed that far yet; that takes a second or two. Try again."),
        "bundle_too_large": N_("The evidence is too large for one file. Take it notice by notice."),
        "tsa_unreachable": N_("The time-stamping authority does not answer. Try later, or without a stamp."),
        "tsa_refused": N_("The time-stamping authority gave no stamp. Try later, or without one."),
        "no_media": N_("None of the media is kept here, or yours to hand on."),
        "bad_recipient": N_("Media are encrypted for public keys of age, which begin with age1."),
        "bad_receiver": N_("A recipient is a short name in small letters, as lumen."),
        "bad_release": N_("Choose what is released. Texts hold names: they go with all the rest, or not."),
        "dangerous_scheme": N_("The address acts in the browser or on this machine; it is no place."),
        "not_a_url": N_("That is no address of a page."),
        "no_url": N_("Give the address."),
    },
)
