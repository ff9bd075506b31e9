"""Error codes of address lists: for a list as a whole, and for its rows in a report. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ADDRESSES: Final[Mapping[str, tuple[str, str]]] = {
    "ambiguous_date": ("400", "A date may be two days: 03/04/2026."),
    "bad_character": ("400", "An address holds a control character, or one that was lost in its encoding."),
    "bad_content_id": ("400", "The platform has no content ids of that form."),
    "bad_date": ("400", "A moment is not ISO 8601, nor a day, month and year."),
    "bad_host": ("400", "An address names no host."),
    "bad_platforms": ("400", "The deployment's table of platforms is wrong."),
    "bad_port": ("400", "An address has a port that is none."),
    "bad_sheet": ("400", "A workbook is broken, or no XLSX."),
    "cell_too_long": ("400", "A row, or its note, is longer than is kept."),
    "confusable_host": (
        "400",
        "A host mixes alphabets or looks like another; it is taken when written in A-labels (xn--…).",
    ),
    "credentials_in_url": ("400", "An address holds a name or a password."),
    "dangerous_scheme": (
        "400",
        "An address acts in the browser or on this machine: javascript:, data:, file:.",
    ),
    "formula": ("400", "A cell holds a formula where an address is wanted."),
    "future_date": ("400", "It was seen at a time that has not come."),
    "link_differs": ("400", "A cell shows one address and leads to another."),
    "no_header": ("400", "A table does not name its columns, and they cannot be told without."),
    "no_url": ("400", "A row has no address."),
    "not_a_url": ("400", "What was given is no address of a page."),
    "not_text": ("400", "A list is neither a text nor a workbook."),
    "old_sheet": ("400", "A workbook is XLS, or encrypted."),
    "platform_differs": ("400", "A row names one platform and an address of another."),
    "private_host": ("400", "An address is not on the internet: loopback, private, a name of one network."),
    "repeated_url": ("400", "An address shows what an earlier one does; in a report."),
    "row_too_long": ("400", "A line of a list is longer than is read."),
    "several_urls": ("400", "Several addresses stand where one is wanted."),
    "sheet_too_large": ("413", "A workbook unpacks to more than is read."),
    "too_many_rows": ("400", "A list has more rows than are taken; in the report, where it ended."),
    "too_many_wrappers": ("400", "An address leads over too many sites that forward."),
    "unclosed_quote": ("400", "A quotation mark of a CSV is never closed: nothing after it was read."),
    "unknown_platform": ("400", "A row names a platform that is not in the table, and no address."),
    "unsupported_scheme": ("400", "An address is neither http nor https."),
    "url_too_long": ("400", "An address has more than 8,000 characters."),
}
