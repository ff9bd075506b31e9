"""Hostile JSON, lists, mail, statements, pages of feeds and HTTP answers: by field, and by size and depth."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from email.message import EmailMessage
from functools import partial
from random import Random
from typing import Any, Final

import orjson

from registry.catalogue.fingerprints.model.document import to_document
from registry.transparency.entry_proof.model import entry_proof
from tests.hostile.shapes.shape import Change
from tests.support.media import drawn
from tests.support.record import proofs
from tests.support.takedown.statements import statement

DEEP: Final = 100_000
LONG: Final = 200_000
VALUES: Final[dict[str, str]] = {
    "null": "null",
    "true": "true",
    "zero": "0",
    "minus": "-1",
    "huge": "1e308",
    "infinite": "1e999",
    "nan": "NaN",
    "infinity": "-Infinity",
    "int64": str(1 << 63),
    "int": "9" * 5000,
    "fraction": "0." + "1" * 400,
    "empty": '""',
    "list": "[]",
    "object": "{}",
    "surrogate": '"\\ud800"',
    "nul": '"a\\u0000b"',
    "bidi": '"\\u202e\\u2066txt.exe"',
    "markup": '"<script>alert(1)</script>{{7*7}}"',
    "raw": '"\x01\x7f"',
    "latin": '"\xe9"',
    "deep": "[" * DEEP + "]" * DEEP,
    "objects": '{"a":' * DEEP + "1" + "}" * DEEP,
    "long": '"' + "a" * LONG + '"',
    "many": "[" + ",".join("0" for _ in range(LONG)) + "]",
    "keys": "{" + ",".join(f'"k{number}":0' for number in range(50_000)) + "}",
    "unclosed": '"abc',
}
"""JSON texts that take the place of a value."""
_MARK: Final = "\x02here\x02"


def json_changes(value: Any) -> Iterator[Change]:
    """Yield the JSON of a value with each member and element replaced by each of `VALUES`, removed, and named
    twice.
    """
    for place in _places(value):
        name = "-".join(map(str, place)) or "whole"
        for kind, raw in VALUES.items():
            yield f"{name}-{kind}", partial(_replaced, value, place, raw)
        if place:
            yield f"{name}-removed", partial(_without, value, place)
            yield f"{name}-twice", partial(_replaced, value, place, f'1,"{place[-1]}":2')


def _replaced(value: Any, place: Sequence[Any], raw: str) -> bytes:
    """Return the JSON with other text in one place. Text beyond ASCII is Latin-1, so not UTF-8."""
    return json.dumps(_with(value, place, _MARK)).replace(json.dumps(_MARK), raw, 1).encode("latin-1")


def _places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of a value and of everything in it; of a list, of the first element."""
    yield above
    inner = (
        value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    )
    for name, member in inner:
        yield from _places(member, (*above, name))


def _with(value: Any, place: Sequence[Any], new: Any) -> Any:
    if not place:
        return new
    whole = copy.deepcopy(value)
    inner = whole
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = new
    return whole


def _without(value: Any, place: Sequence[Any]) -> bytes:
    whole = copy.deepcopy(value)
    inner = whole
    for name in place[:-1]:
        inner = inner[name]
    del inner[place[-1]]
    return json.dumps(whole).encode()


_ODD: Final = (
    *(b'"', b",", b"\r", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"=1+1", b"\t", b"\x1a", b"''", b"a" * 70_000),
    *(b"-" * 100 + b"1", b"1e999", b"\xe2\x80\xae", b"http://[::1", b"https://\xc3\xa9.example:99999/"),
)
_ENCODINGS: Final = ("utf-16", "utf-32", "utf-8-sig", "cp037")


def line_changes(raw: bytes, count: int = 2000) -> Iterator[Change]:
    """Yield changes of a text's cells, lines, quotes, line ends and encoding."""
    for number in range(count):
        yield f"lines{number}", partial(_changed_lines, raw, number)


def _changed_lines(raw: bytes, seed: int) -> bytes:
    random = Random(seed)
    lines = raw.split(b"\n")
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(lines))
        cells = lines[at].split(b",")
        cells[random.randrange(len(cells))] = random.choice(_ODD)
        way = random.randrange(5)
        if way < 3:
            lines[at] = b",".join(cells)
        elif way == 3:
            lines.insert(at, random.choice(lines))
        else:
            lines[at] += random.choice(_ODD)
    text = b"\n".join(lines)
    if random.random() < 0.15:
        return text.decode("utf-8", "replace").encode(random.choice(_ENCODINGS), "replace")
    return text


def document() -> dict[str, Any]:
    """Return a fingerprint document with values of every algorithm, faces and sound."""
    clip = drawn.clip("hostile", seconds=2.0, face="somebody", sound="a voice")
    return to_document(clip, faces=True, generator="tests")


def hash_list() -> bytes:
    """Return a list in CSV with every type of hash."""
    rows = ["type,value,title,quality,role,tags,url"]
    rows += [
        f'pdq,{"d8f8f0cc" * 8},"a, title",100,fake,"x,y",https://a.example/{number}' for number in range(4)
    ]
    rows += [f"md5,{'0f' * 16},,,,,", f"sha256,{'ab' * 32},t,,original,,"]
    vpdq = [{"hash": "d8f8f0cc" * 8, "quality": 90, "frame_number": 1, "timestamp": 0.5}]
    rows.append(f'vpdq,"{json.dumps(vpdq).replace(chr(34), chr(34) * 2)}",v,,,,')
    return "\n".join(rows).encode()


def descriptor() -> dict[str, Any]:
    """Return a descriptor of ThreatExchange."""
    return {
        "id": "1",
        "raw_indicator": "d8f8f0cc" * 8,
        "type": "HASH_PDQ",
        "description": "d",
        "confidence": 90,
        "status": "MALICIOUS",
        "share_level": "GREEN",
        "owner": {"id": "7"},
        "reactions": [],
        "tags": {"data": [{"text": "a"}]},
        "added_on": "2026-01-01T00:00:00+0000",
        "expired_on": 0,
    }


def url_list() -> bytes:
    """Return a list of addresses in CSV."""
    rows = ["url,note,seen at"]
    rows += [
        f'https://video.example/watch?v={number},"a ""note""",2026-11-0{number} 10:00'
        for number in range(1, 6)
    ]
    return "\n".join(rows).encode()


def mail() -> bytes:
    """Return a mailbox of a reply in parts, and of a delivery report."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "abuse@platform.example",
        "us@example.org",
        "Re: notice",
    )
    message["Date"], message["Message-ID"] = "Mon, 30 Nov 2026 10:00:00 +0000", "<1@platform.example>"
    message["In-Reply-To"] = "<fakeprint-1@example.org>"
    message.set_content("We removed it. ñ\n")
    message.add_alternative("<p>We <b>removed</b> it.</p>", subtype="html")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="r.pdf")
    raw = message.as_bytes()
    return b"From a@b Mon Nov 30 10:00:00 2026\n" + raw + b"\n\nFrom a@b Mon Nov 30 10:00:01 2026\n" + raw


def mail_bombs() -> Iterator[tuple[str, bytes]]:
    """Yield messages that cost more than they weigh."""
    part = b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n'
    yield "parts-in-parts", b"Subject: a\n" + b"".join(part % (number, number) for number in range(3000))
    yield (
        "many-parts",
        (
            b'Subject: a\nContent-Type: multipart/mixed; boundary="b"\n\n'
            + b"--b\n\na\n" * 100_000
            + b"--b--\n"
        ),
    )
    yield "many-headers", b"X: a\n" * 200_000 + b"\na"
    yield "long-header", b"Subject: " + b"=?utf-8?b?YQ==?= " * 50_000 + b"\n\na"
    yield "folded-header", b"Subject: a\n" + b" a\n" * 200_000 + b"\na"
    yield "addresses", b"From: " + b"a@b.example, " * 50_000 + b"\n\na"
    yield "references", b"References: " + b"<a@b.example> " * 50_000 + b"\n\na"
    yield "unknown-charset", b"Content-Type: text/plain; charset=idna\n\n" + b"\xff" * 1000
    yield "charset-of-codec", b"Content-Type: text/plain; charset=zlib\n\nx\x9c"
    yield "encoded-charset", b"Subject: =?rot13?q?a?= =?undefined?b?YQ==?= =?unicode_escape?q?=5cud800?=\n\na"
    yield "uuencoded", b"Content-Transfer-Encoding: x-uuencode\n\nbegin 666 a\n" + b"M" * 100_000
    yield "from-lines", b"From a\n\na\n\n" * 100_000
    yield "tags", b"Content-Type: text/html\n\n" + b"<" * 1_000_000
    yield "unclosed-tags", b"Content-Type: text/html\n\n" + b"<a " * 300_000
    yield "entities", b"Content-Type: text/html\n\n" + b"&#99999999999;&amp" * 50_000
    yield "parameters", b"Content-Type: text/plain; " + b'a*0="b"; ' * 20_000 + b"\n\na"
    yield "date-overflow", b"Subject: a\nDate: Mon, 30 Nov 99999999 10:00:00 +9999\n\na"


def feed_page() -> bytes:
    """Return a page of a feed as a peer sends it, with one entry and its document."""
    by = proofs.signer()
    head = {
        "feed": 1,
        "checkpoint": f"{by.name}\n1\n{'A' * 43}=\n",
        "consistency": ["00" * 32],
        "page": 1,
        "index": 3,
        "leaf": '{"kind":"feed"}',
        "proof": ["ab" * 32],
        "items": 1,
        "replaced": [str(proofs.ENTRY)],
    }
    entry = {
        "feed": 1,
        "entry_id": str(proofs.ENTRY),
        "status": "matchable",
        "tier": "reviewed",
        "licence": "CC0-1.0",
        "title": "t",
        "manipulation": "face_swap",
        "assets": [{"role": "fake", "document": document()}],
    }
    return orjson.dumps(head) + b"\n" + orjson.dumps(entry)


def feed_pages() -> Iterator[Change]:
    """Yield changes of the head and of the entry of a page."""
    head, entry = feed_page().split(b"\n")
    for name, make in json_changes(orjson.loads(head)):
        yield f"head-{name}", partial(_joined, make, entry, first=True)
    for name, make in json_changes(orjson.loads(entry)):
        yield f"entry-{name}", partial(_joined, make, head, first=False)


def _joined(make: Callable[[], bytes], other: bytes, *, first: bool) -> bytes:
    return make() + b"\n" + other if first else other + b"\n" + make()


def statements() -> dict[str, Any]:
    """Return a statement of reasons (DSA), as platforms send it."""
    return statement()


def http_answers() -> Iterator[tuple[str, bytes]]:
    """Yield answers of a webhook's receiver, or of a server that a file is fetched from, as raw bytes."""
    ok = b"HTTP/1.1 200 OK\r\n"
    yield "nothing", b""
    yield "no-http", b"SSH-2.0-OpenSSH_10\r\n"
    yield "status-text", b"HTTP/1.1 abc OK\r\n\r\n"
    yield "status-999", b"HTTP/1.1 999 \xff\r\n\r\n"
    yield "status-000", b"HTTP/1.1 000 a\r\n\r\n"
    yield "status-100", b"HTTP/1.1 100 Continue\r\n\r\n" * 5000
    yield "upgrade", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"
    yield "headers", ok + b"X: a\r\n" * 100_000 + b"\r\n"
    yield "long-header", ok + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n"
    yield "nul-header", ok + b"X: a\0b\r\n\r\n"
    yield "length-negative", ok + b"Content-Length: -1\r\n\r\nabc"
    yield "length-huge", ok + b"Content-Length: 99999999999999999999\r\n\r\nabc"
    yield "length-twice", ok + b"Content-Length: 1\r\nContent-Length: 3\r\n\r\nabc"
    yield "chunk-huge", ok + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc"
    yield "chunk-text", ok + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc"
    yield "chunks", ok + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 100_000
    yield "long-body", ok + b"\r\n" + b"a" * 5_000_000
    yield "gzip", ok + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
    yield "encodings", ok + b"Content-Encoding: " + b"gzip, " * 1000 + b"\r\n\r\nabc"
    for after in (b"0", b"-1", b"1e999", b"nan", b"9" * 400, b"Mon, 30 Nov 99999 10:00:00 GMT", b"\xff"):
        yield f"retry-after-{after[:8].hex()}", b"HTTP/1.1 503 a\r\nRetry-After: " + after + b"\r\n\r\n"
    for place in (
        b"http://127.0.0.1:1/",
        b"//[::1",
        b"file:///etc/passwd",
        b"\xff",
        b"http://a@b:99999/",
        b"",
    ):
        yield f"location-{place[:9].hex()}", b"HTTP/1.1 302 a\r\nLocation: " + place + b"\r\n\r\n"


def proof() -> bytes:
    """Return the proof of an entry with a fake and its original."""
    clips = [drawn.clip(seed, seconds=1.0) for seed in ("fake", "original")]
    made = proofs.recorded(clips[0], clips[1], lambda _note: None)
    return entry_proof.pack(made.proof())
