"""The report in an evidence bundle, written for a judge. It shows no picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

import idna

from registry.takedown.campaigns.model import ground_sentence
from registry.takedown.delivery.model import retraction
from registry.takedown.documents.report import Address, Block, Facts, Report, Section, Table, Text
from registry.takedown.evidence.model.custody import Digest, Recorded
from registry.takedown.evidence.model.evidence_terms import KINDS, TERMS, TIERS
from registry.takedown.evidence.model.evidence_words import ACTS, EXHIBITS, STATES, WORDS

COMMAND: Final = "fakeprint verify BUNDLE.zip --key LEDGER-KEY"
AUTHORITY: Final = "--tsa-roots AUTHORITY.pem"
MOST_LISTED: Final = 1_000
"""Maximum number of notices, and of exhibits, in the tables. The archive contains all."""
MOST_SECTIONS: Final = 50
"""Maximum number of notices with a section of their own."""
_UNESCAPED: Final = "%/:=&?~#+!$,;'@()*[]"
_LONGEST_ADDRESS: Final = 300
"""Maximum characters of an address in the table of places, so that a row fits on one page. The notice's
section and the archive contain the whole address."""
_MOST_MOVES: Final = 100
_MOST_TEXT: Final = 2_000
_MOST_LETTERS: Final = 20
"""Maximum number of deliveries, and of replies, printed for one notice."""

Row = Mapping[str, Any]


def report(
    recorded: Recorded,
    exhibits: Sequence[Digest],
    titles: Mapping[str, Mapping[str, str]],
    *,
    stamped: bool = False,
    media: bool = False,
) -> Report:
    """Return the report in the campaign's language, else in English.

    `titles`: titles of the regimes, by id. `stamped`: the archive has a time stamp. `media`: the archive
    contains encrypted media.
    """
    campaign, records = recorded.campaign, recorded.records
    language = campaign["language"] if campaign["language"] in WORDS else "en"
    words, terms = WORDS[language], TERMS[language]
    holds = f"{terms['with_media' if media else 'no_media']} {terms['no_picture']}"
    sections = [
        Section(words["about"], (_about(recorded, language),)),
        Section(words["places"], tuple(_places(records, language))),
        Section(words["method"], (Text(words["method_text"]), Text(holds))),
    ]
    if origins := list(_origins(recorded.entries, language)):
        sections.append(Section(terms["origin"], (Text(terms["origin_text"]), *origins)))
    for number, record in enumerate(records[:MOST_SECTIONS], 1):
        sections += _notice(number, record, language, titles)
    if len(records) > MOST_SECTIONS:
        sections.append(Section(words["notices"], (Text(words["more"]),)))
    sections += [_exhibits(exhibits, language), _verification(language, stamped=stamped)]
    return Report(
        title=words["title"],
        language=language,
        subtitle=words["subtitle"],
        reference=campaign["campaign_id"],
        sections=tuple(sections),
    )


def _exhibits(exhibits: Sequence[Digest], language: str) -> Section:
    words = WORDS[language]
    digests = [(_exhibit(exhibit, language), exhibit.sha256 or "") for exhibit in exhibits[:MOST_LISTED]]
    return Section(words["exhibits"], (Table((words["exhibit"], words["digest"]), digests, widths=(2, 3)),))


def _verification(language: str, *, stamped: bool) -> Section:
    words = WORDS[language]
    return Section(
        words["check"],
        (
            Text(words["check_text"]),
            Text(TERMS[language]["stamped" if stamped else "unstamped"]),
            Address(f"{COMMAND} {AUTHORITY}" if stamped else COMMAND),
        ),
    )


def _about(recorded: Recorded, language: str) -> Facts:
    words, campaign, records = WORDS[language], recorded.campaign, recorded.records
    client, signatory, mandate = campaign["client"] or {}, campaign["signatory"] or {}, campaign["mandate"]
    counted = Counter(record["state"] for record in records)
    states = "; ".join(f"{STATES[language][name]}: {count}" for name, count in sorted(counted.items()))
    titled = {entry["entry_id"]: entry["title"] for entry in campaign["entries"]}
    rows = [
        (words["campaign"], campaign["title"] or ""),
        (words["client"], client.get("name") or ""),
        (words["depicted"], client.get("depicted_name") or ""),
        (words["signatory"], signatory.get("name") or ""),
        (words["mandate"], mandate["document_sha256"]),
        (words["mandate_time"], f"{_when(mandate['valid_from'])} – {_last(mandate['valid_until'])}"),
        (words["notices"], f"{len(records)} ({states})"),
        (words["as_of"], _when(recorded.as_of)),
    ]
    for entry in recorded.entries:
        title = titled.get(entry["entry_id"])
        rows.append((words["entry"], f"{title}\n{entry['entry_id']}" if title else entry["entry_id"]))
        rows.append((words["tier"], TIERS[language].get(entry["tier"], entry["tier"] or "")))
    return Facts(rows)


def _places(records: Sequence[Row], language: str) -> Iterator[Block]:
    words = WORDS[language]
    rows = [
        (
            str(number),
            record["platform"],
            _short(copied(record["url"])) if record["url"] else record["content_id"] or "",
            STATES[language][record["state"]],
            _when(record["handed_over_at"]) or TERMS[language]["not_recorded"],
            _when(record["removed_at"]),
        )
        for number, record in enumerate(records[:MOST_LISTED], 1)
    ]
    head = ("", words["platform"], words["place"], words["state"], words["handed_over"], words["removed"])
    yield Table(head, rows, widths=(1, 3.4, 5.8, 2.3, 2.5, 2.5))
    if len(records) > MOST_LISTED:
        yield Text(words["more"])


def _notice(
    number: int, record: Row, language: str, titles: Mapping[str, Mapping[str, str]]
) -> Iterator[Section]:
    words = WORDS[language]
    legal = titles.get(record["regime"], {}).get(language, record["regime"])
    rows = [
        (words["platform"], record["platform"]),
        (words["place"], _place(record)),
        (words["entry"], record["entry_id"]),
        (words["legal"], legal),
        (words["found"], _ground(record, language)),
        (TERMS[language]["found_file"], (record["match"] or {}).get("sha256") or ""),
        (words["seen_at"], _when(record["seen_at"])),
        (words["prepared"], _when(record["prepared_at"])),
        (words["handed_over"], _handed(record, language)),
        (words["delivered"], _when(record["delivered_at"])),
        (TERMS[language]["despite"], _despite(record)),
        (words["due"], _when(record["due_at"])),
        (words["removed"], _when(record["removed_at"])),
        (words["state"], STATES[language][record["state"]]),
    ]
    yield Section(f"{number}. {record['notice_id']}", (Facts([row for row in rows if row[1]]),))
    moves = [
        (
            _when(move["at"]),
            ACTS[language].get(move["act"], move["act"]),
            STATES[language].get(move["to_state"], move["to_state"]),
            move["caller"] or words["service"],
        )
        for move in record["moves"][:_MOST_MOVES]
    ]
    yield Section(
        words["history"],
        (Table((words["when"], words["act"], words["to"], words["by"]), moves, widths=(3, 2, 2, 3)),),
        level=2,
    )
    if record["exhibits"]:
        yield Section(TERMS[language]["brought"], tuple(_brought(record, language)), level=2)
    if exchanged := list(_exchanged(record, language)):
        yield Section(words["sending"], tuple(exchanged), level=2)


def _exchanged(record: Row, language: str) -> Iterator[Block]:
    words, terms = WORDS[language], TERMS[language]
    for delivery in record["deliveries"][:_MOST_LETTERS]:
        channel = terms[f"way_{delivery['channel']}"]
        status = terms["delivered" if delivery["delivered_at"] else delivery["status"]]
        text = f"{channel}: {status}\n{delivery['address'] or ''}"
        heading = retraction.heading(language) if delivery["kind"] == "retraction" else words["letter"]
        rows = [
            (words["prepared"], _when(delivery["created_at"])),
            (heading, text),
            (words["digest"], delivery["content_sha256"]),
            (words["handed_over"], _hand_over(delivery, terms)),
            (words["delivered"], _delivery(delivery, terms)),
        ]
        yield Facts([row for row in rows if row[1]])
    for reply in record["replies"][:_MOST_LETTERS]:
        text = "\n".join(
            part for part in (reply["sender"], reply["subject"], (reply["text"] or "")[:_MOST_TEXT]) if part
        )
        yield Facts([(words["when"], _when(reply["said_at"] or reply["created_at"])), (words["reply"], text)])


def _handed(record: Row, language: str) -> str:
    """Return when the last letter was handed over, or the words for a missing record."""
    if record["prepared_at"] and not record["handed_over_at"]:
        return TERMS[language]["not_recorded"]
    return _when(record["handed_over_at"])


def _hand_over(row: Row, terms: Mapping[str, str]) -> str:
    """Return when a letter was handed over, according to whom, and the proof."""
    if not row["handed_at"]:
        return terms["not_recorded"]
    how = terms["by_api" if row["channel"] == "api" else "by_server"]
    if row["proof_sha256"]:
        how = f"{terms['with_proof'].format(who=row['decided_by'])}\n{row['proof_sha256']}"
    elif row["channel"] == "paper" or (row["decided_by"] and row["outcome"] != "handed_over"):
        how = terms["by_word"].format(who=row["decided_by"])
    return f"{_when(row['handed_at'])}\n{how}"


def _delivery(row: Row, terms: Mapping[str, str]) -> str:
    """Return when a letter certainly arrived, and the proof."""
    if not row["delivered_at"]:
        return ""
    if not row["receipt_sha256"]:
        return f"{_when(row['delivered_at'])}\n{terms['by_api']}"
    how = terms["with_receipt"].format(who=row["receipt_by"])
    return f"{_when(row['delivered_at'])}\n{how}\n{row['receipt_sha256']}"


def _despite(record: Row) -> str:
    if not record["despite_dispute_at"]:
        return ""
    return f"{_when(record['despite_dispute_at'])}\n{record['despite_dispute_by']}"


def _brought(record: Row, language: str) -> Iterator[Block]:
    words, terms = WORDS[language], TERMS[language]
    for exhibit in record["exhibits"]:
        description = "\n".join(
            part for part in (KINDS[language][exhibit["kind"]], exhibit["name"], exhibit["note"]) if part
        )
        rows = [
            (words["exhibit"], description),
            (words["digest"], exhibit["sha256"]),
            (terms["made"], _when(exhibit["made_at"])),
            (words["when"], _when(exhibit["added_at"])),
            (terms["brought_by"], exhibit["caller"]),
        ]
        yield Facts([row for row in rows if row[1]])


def _origins(entries: Sequence[Row], language: str) -> Iterator[Block]:
    """Yield what each medium declares about its origin."""
    words, terms = WORDS[language], TERMS[language]
    for medium in (medium for entry in entries for medium in entry["media"]):
        declared = medium["c2pa"] or {}
        actions = (declared.get("said") or {}).get("actions", [])
        sources = {
            act["digital_source_type"].rpartition("/")[2] for act in actions if act["digital_source_type"]
        }
        label = EXHIBITS[language][f"registered_{medium['role']}"]
        rows = [
            (terms["medium"], f"{label}\n{medium['sha256']}"),
            (terms["manifest_state"], terms[declared.get("state", "unread")]),
            (terms["signer"], declared.get("signer") or ""),
            (words["when"], _when(declared.get("signed_at"))),
            (terms["generator"], declared.get("claim_generator") or ""),
            (terms["source_type"], ", ".join(sorted(sources))),
            (terms["in_archive"], terms[_held(declared)] if declared.get("store_sha256") else ""),
        ]
        yield Facts([row for row in rows if row[1]])


def _held(declared: Row) -> str:
    if declared["store_here"]:
        return "in_clear"
    return "in_cipher" if declared["store_ciphered"] else "not_in"


def _short(url: str) -> str:
    return url if len(url) <= _LONGEST_ADDRESS else f"{url[: _LONGEST_ADDRESS - 40]} … {url[-30:]}"


def copied(url: str) -> str:
    """Return a URL in ASCII, as it is typed: host as A-labels (RFC 5891), the rest percent-encoded (RFC
    3986).

    Returns the URL unchanged if it has no such form.
    """
    if url.isascii():
        return url
    try:
        parts = urlsplit(url)
        host = idna.encode(parts.hostname or "", uts46=True).decode()
        port = f":{parts.port}" if parts.port else ""
    except (ValueError, UnicodeError):
        return url
    encoded = (quote(part, safe=_UNESCAPED) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, host + port, *encoded))


def _place(record: Row) -> str:
    """Return the place as given, followed by its ASCII form if it is not ASCII."""
    url = record["url"]
    if not url:
        return record["content_id"] or ""
    return url if url.isascii() else f"{url}\n{copied(url)}"


def _exhibit(exhibit: Digest, language: str) -> str:
    labels = {**EXHIBITS[language], **KINDS[language]}
    return "\n".join(part for part in (labels.get(exhibit.what, exhibit.what), exhibit.of) if part)


def _ground(record: Row, language: str) -> str:
    if not record["ground"] or not record["confirmed_at"]:
        return ""
    confirmed = datetime.fromisoformat(record["confirmed_at"])
    return ground_sentence(language, record["ground"], record["match"], confirmed)


def _last(text: str) -> str:
    """Return the last second before an exclusive end."""
    return _when((datetime.fromisoformat(text) - timedelta(seconds=1)).isoformat())


def _when(text: str | None) -> str:
    """Format a time in UTC, to the second. Returns a text that is no time unchanged."""
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if moment.tzinfo else text
