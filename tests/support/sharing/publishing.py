"""A simulated registry that publishes a feed. It can also lie or rewrite its ledger."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.core.audit.model.ledger import canonical
from registry.sharing.federation.model import feed, feed_item
from registry.sharing.federation.model.feed import Head
from registry.sharing.lists.model.export_lines import Exported, Medium
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.merkle import Range, leaf_hash
from registry.transparency.ledger.model.note import Checkpoint, Signer

SPACE = UUID("5f0c1c8e-9d7a-4f8e-8a53-0f3d3d1a6b20")


def digest(name: str) -> str:
    """Return the SHA-256 of an entry's only medium."""
    return leaf_hash(name.encode()).hex()


def exported(name: str, status: str = "matchable", **fields: Any) -> Exported:
    hashed = Medium("fake", "image", digest(name), None, True, None)
    kept: dict[str, Any] = {
        "title": "Who <script>alert(1)</script>",
        "claim": "says what",
        "manipulation": "face_swap",
        "references": ({"url": "https://check.example/1"},),
        "opinion": "malicious",
        "tags": (),
        "details": {},
        "tier": "reviewed",
        "media": (hashed,) if status == "matchable" else (),
    }
    return Exported(entry_id=uuid5(SPACE, name), **(kept | fields))


def line(name: str, status: Any = "matchable", *, share: bool = False, **fields: Any) -> bytes:
    entry = exported(name, status, **fields)
    return feed_item.item(entry, status, licence="CC-BY-4.0", share_claims=share).content


def _entry(said: bytes) -> UUID:
    return feed_item.entry_of(said) or UUID(int=0)


@dataclass
class Publisher:
    """A ledger that contains a feed, and its responses."""

    name: str
    bank: UUID = SPACE
    leaves: list[bytes] = field(default_factory=list)
    pages: list[tuple[int, list[bytes]]] = field(default_factory=list)
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    lies: Callable[[Publisher], bytes] | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    replaced: set[bytes] = field(default_factory=set)
    witnessed: list[Any] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def signer(self) -> Signer:
        return Signer(f"{self.name}/ledger", self.key)

    def publish(self, *lines: bytes) -> None:
        hashes, of = [leaf_hash(item) for item in lines], [_entry(item) for item in lines]
        _, committed = feed.committed(self.bank, len(self.pages) + 1, hashes, of)
        committed |= {name: committed[name].hex() for name in ("root", "entries")}
        leaf = {
            "type": "event",
            "kind": "feed.published",
            "subject": {"bank_id": str(self.bank)},
            "said": committed,
        }
        self.leaves.append(canonical(leaf))
        self.pages.append((len(self.leaves) - 1, list(lines)))
        self.leaves.append(b"another leaf")

    def hash(self, range_: Range) -> bytes:
        return feed.root(leaf_hash(leaf) for leaf in self.leaves[range_[0] : range_[1]])

    def note(self) -> str:
        size = len(self.leaves)
        return note.sign(Checkpoint(self.signer.name, size, self.hash((0, size))).text, [self.signer])

    def grown(self, first: int, second: int) -> bytes:
        """Return a consistency proof in the format of `/v1/ledger/proof/consistency`."""
        ranges = merkle.consistency_ranges(first, min(second, len(self.leaves)))
        return json.dumps({"proof": [self.hash(range_).hex() for range_ in ranges]}).encode()

    def answer(self, after: int, seen: int) -> bytes:
        size = len(self.leaves)
        grown = (
            [self.hash(range_) for range_ in merkle.consistency_ranges(seen, size)]
            if 0 < seen <= size
            else []
        )
        if after >= len(self.pages):
            return feed.head_line(Head(self.note(), tuple(grown))) + b"\n"
        index, lines = self.pages[after]
        proof = [self.hash(range_) for range_ in merkle.inclusion_ranges(index, size)]
        leaf = self.leaves[index].decode()
        gone = [item for item in lines if item in self.replaced]
        head = Head(
            self.note(),
            tuple(grown),
            after + 1,
            index,
            leaf,
            tuple(proof),
            len(lines),
            tuple(map(_entry, gone)),
        )
        items = [feed.hash_line(leaf_hash(item)) if item in gone else item for item in lines]
        return b"\n".join([feed.head_line(head), *items]) + b"\n"


@contextmanager
def serving(publisher: Publisher) -> Iterator[str]:
    """Serve the publisher on a free port and yield its base URL. `publisher.lies`: returns a replacement
    response."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = {name: int(values[-1]) for name, values in parse_qs(urlsplit(self.path).query).items()}
            publisher.asked.append(self.headers.get("Authorization", ""))
            lie = publisher.lies
            if lie:
                body = lie(publisher)
            elif self.path == "/v1/ledger/witnessed":
                body = json.dumps({"ledgers": [{"note": item} for item in publisher.witnessed]}).encode()
            elif "from" in query:
                body = publisher.grown(query["from"], query["to"])
            else:
                body = publisher.answer(query["after"], query["seen"])
            self.send_response(publisher.status)
            if not lie:
                body = gzip.compress(body, 1)
                self.send_header("Content-Encoding", "gzip")
            for name, value in publisher.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
