"""What reads foreign bytes: for each kind of file, the function that the service, a worker or `fakeprint
verify` calls.

A target returns the stable code of an error, or "" if it took the file. Any other exception is a finding.
"""

from __future__ import annotations

import io
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from registry.catalogue import platforms
from registry.catalogue.fingerprints.model.document import from_document
from registry.core.errors import FakeprintError
from registry.core.http import bodies
from registry.core.net import outbound
from registry.sharing.federation.model import feed, feed_item
from registry.sharing.lists.model.list_lines import Dialect, LineSplitter, Reader
from registry.takedown.evidence.model import bundle
from registry.takedown.replies.model import mail, reasons
from registry.takedown.url_lists.model.url_list import UrlList
from registry.transparency.entry_proof.model import chain
from registry.transparency.entry_proof.model.chain_parts import Evidence

Target = str
"""A name of `TARGETS`."""


def read(target: Target, content: bytes) -> str:
    """Return the code with which the target refuses the file, or "" if it takes it."""
    try:
        TARGETS[target](content)
    except FakeprintError as error:
        return error.code
    return ""


def _media(content: bytes) -> None:
    from workers.pipeline.fingerprint import fingerprint_file

    with _file(content) as path:
        fingerprint_file(path, faces=False, thorough=False)


def _manifest(content: bytes) -> None:
    from workers.provenance import read_manifest

    with _file(content) as path:
        read_manifest(path, seconds=6)


@contextmanager
def _file(content: bytes) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(prefix="hostile-") as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


def _document(content: bytes) -> None:
    from_document(bodies.parse(content))


def _hashes(content: bytes) -> None:
    splitter = LineSplitter()
    reader = Reader(Dialect())
    for half in (content[: len(content) // 2], content[len(content) // 2 :]):
        for _ in reader.read(splitter.feed(half)):
            pass
    for _ in reader.read(splitter.close()):
        pass


def _urls(content: bytes) -> None:
    for _ in UrlList(io.BytesIO(content), "auto", platforms.table()):
        pass


def _mail(content: bytes) -> None:
    for _ in mail.mailbox(content):
        pass


def _statements(content: bytes) -> None:
    for statement in reasons.read(content):
        if not statement.faults:
            reasons.summary(statement.fields)


def _bundle(content: bytes) -> None:
    bundle.check(content, [], [])


def _proof(content: bytes) -> None:
    chain.check(content, Evidence(), datetime.now(UTC))


def _feed(content: bytes) -> None:
    _, lines = feed.read_answer(content)
    feed.item_hashes(lines)
    for number, line in enumerate(lines):
        feed_item.entry_of(line)
        feed_item.read_item(number, line)


def _answer(content: bytes) -> None:
    """Send a request to a server that answers these bytes, as a webhook does, and fetch a file from there."""
    with _server(content) as url:
        outbound.request(url, {}, b"{}", private=True, seconds=3)
        outbound.get(url, {}, most=1 << 20, private=True, seconds=3)


@contextmanager
def _server(content: bytes) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)

        def serve() -> None:
            try:
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.settimeout(3)
                        connection.recv(65_536)
                        connection.sendall(content)
            except OSError:
                pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # ends `accept`
            thread.join(5)


TARGETS: Final[Mapping[Target, Callable[[bytes], None]]] = {
    "media": _media,
    "manifest": _manifest,
    "document": _document,
    "hashes": _hashes,
    "urls": _urls,
    "mail": _mail,
    "statements": _statements,
    "bundle": _bundle,
    "proof": _proof,
    "feed": _feed,
    "answer": _answer,
}
DECODERS: Final = frozenset({"media", "manifest"})
"""Targets that run decoders written in C, so in a process of their own."""
