"""Feeds: what a reader believes of them, and that registries in any topology agree in the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, get_args
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.catalogue.fingerprints.model.document import to_document
from registry.core.errors import BadInput, FakeprintError, Unavailable
from registry.sharing.federation.model import feed, feed_item, peer
from registry.sharing.federation.model.feed import Diverged, Position
from registry.sharing.federation.model.feed_item import FeedEntry
from registry.sharing.lists.model.export_lines import Medium
from registry.transparency.ledger.model.merkle import leaf_hash
from tests.support.media import drawn
from tests.support.sharing.publishing import SPACE, Publisher, digest, exported, line

FACES = drawn.clip("a face", face="somebody")


@dataclass
class Reader:
    """What one registry keeps of another: the same steps as `sharing.federation.service.pull_peer`."""

    of: Publisher
    position: Position = field(default_factory=Position)
    kept: dict[UUID, FeedEntry] = field(default_factory=dict)

    def take(self, body: bytes) -> bool:
        """Whether there was a page."""
        head, lines = feed.read_answer(body)
        position = feed.follow(self.position, head, lines, [self.of.signer.verifier], self.of.bank)
        items = [feed_item.read_item(n, one) for n, one in enumerate(lines) if one[:1] != b'"']
        changes = peer.changes(feed_item.newest(items).values())
        for item in changes.matchable:
            self.kept[item.entry_id] = item
        for name in changes.withdrawn:
            self.kept.pop(UUID(name), None)
        for name in changes.disputed:
            if UUID(name) in self.kept:
                self.kept[UUID(name)] = replace(self.kept[UUID(name)], status="suspended", row=None)
        self.position = position
        return head.page is not None

    def pull(self, pages: int = 1000) -> None:
        for _ in range(pages):
            if not self.take(self.of.answer(self.position.page, self.position.size)):
                return


@pytest.fixture
def north() -> Publisher:
    made = Publisher("north")
    made.publish(line("a"), line("b"))
    made.publish(line("c"))
    return made


def test_an_item_names_nobody_unless_the_bank_shares_claims() -> None:
    plain, shared = json.loads(line("a")), json.loads(line("a", share=True))
    assert {"title", "claim", "references"}.isdisjoint(plain)
    assert shared["title"] == "Who <script>alert(1)</script>"
    assert feed_item.read_item(0, line("a", share=True)).row.title == shared["title"]  # type: ignore[union-attr]
    assert json.loads(line("a", "withdrawn")).keys() == {"feed", "entry_id", "status"}
    original = replace(exported("a").media[0], role="original")
    assert json.loads(line("a", media=(original,)))["status"] == "withdrawn"


def test_claims_that_are_shared_are_salted_and_known_again() -> None:
    def said(salt: str, *, share: bool = True, status: Any = "matchable") -> bytes:
        entry = exported("a", status)
        return feed_item.item(entry, status, licence=None, share_claims=share, salt=salt).content

    first, other = (said(feed_item.salt_of(None)) for _ in range(2))
    assert first != other
    assert said(feed_item.salt_of(first[: feed_item.BEGINNING])) == first
    assert feed_item.read_item(0, first).row is not None
    assert all(b"salt" not in item for item in (said("00", share=False), said("00", status="withdrawn")))


def test_faces_are_neither_published_nor_imported() -> None:
    medium = Medium("fake", "video", FACES.media.sha256, None, False, FACES)
    assert FACES.faces
    item = line("a", media=(medium,))
    assert b"face.sface" not in item
    forged = json.loads(item)
    forged["assets"][0]["document"] = to_document(FACES, faces=True)
    with pytest.raises(BadInput, match="faces") as refused:
        feed_item.read_item(0, json.dumps(forged).encode())
    assert refused.value.code == "faces_refused"


def test_pages_are_followed_one_by_one(north: Publisher) -> None:
    reader = Reader(north)
    reader.pull()
    assert (len(reader.kept), reader.position.page, reader.position.size) == (3, 2, 4)
    north.publish(line("a", "withdrawn"), line("b", "suspended"))
    reader.pull()
    statuses = {str(key): one.status for key, one in reader.kept.items()}
    assert statuses == {str(uuid5(SPACE, "b")): "suspended", str(uuid5(SPACE, "c")): "matchable"}
    assert feed.position(json.loads(json.dumps(reader.position.stored()))) == reader.position


def test_of_a_replaced_item_the_entry_is_known(north: Publisher) -> None:
    north.replaced.add(line("a"))
    head, lines = feed.read_answer(north.answer(0, 0))
    assert (head.replaced, lines[0]) == ((uuid5(SPACE, "a"),), feed.hash_line(leaf_hash(line("a"))))
    assert feed.follow(Position(), head, lines, [north.signer.verifier], north.bank).page == 1


def test_an_item_counts_omitted_media(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes = tuple(exported(f"fake {n}").media[0] for n in range(1200))
    genuine = replace(exported("genuine").media[0], role="original")

    def read(*media: Medium) -> tuple[feed_item.Line, Any]:
        said = feed_item.item(exported("a", media=media), "matchable", licence=None, share_claims=False)
        return said, feed_item.read_item(0, said.content).row

    said, row = read(genuine, *fakes)
    assert (said.left_out, len(row.media), row.details["left_out"]) == (201, 1000, 201)
    assert [row.media[place].role for place in (0, 1, 2)] == ["fake", "original", "fake"]
    monkeypatch.setattr(feed_item, "MEDIA_BYTES", 1000)
    said, row = read(Medium("fake", "video", digest("hours"), None, False, FACES), *fakes[:1])
    assert (said.by_hash, said.left_out, row.details["by_hash"]) == (1, 0, 1)
    assert [item.sha256.hex() for item in row.media] == [digest("hours"), digest("fake 0")]


def changed(answer: bytes, **fields: Any) -> bytes:
    head, _, rest = answer.partition(b"\n")
    return json.dumps(json.loads(head) | fields).encode() + b"\n" + rest


LIES: dict[str, tuple[str, Callable[[Publisher], bytes]]] = {
    "empty": ("peer_garbled", lambda _: b""),
    "html": ("peer_garbled", lambda _: b"<script>alert(1)</script>"),
    "cut off": ("peer_garbled", lambda item: b"\n".join(item.answer(0, 0).split(b"\n")[:2])),
    "too many": ("peer_garbled", lambda item: item.answer(0, 0) + line("d")),
    "length": ("peer_garbled", lambda item: changed(item.answer(0, 0), items=10**9)),
    "text for number": ("peer_garbled", lambda item: changed(item.answer(0, 0), index="1")),
    "endless proof": ("peer_garbled", lambda item: changed(item.answer(0, 0), proof=["00" * 32] * 1000)),
    "skipped": ("peer_order", lambda item: item.answer(1, 0)),
    "other number": ("peer_order", lambda item: changed(item.answer(0, 0), page=2)),
    "other index": ("peer_unproven", lambda item: changed(item.answer(0, 0), index=1)),
    "other page": ("peer_unproven", lambda item: changed(item.answer(1, 0), page=1)),
    "reordered": ("peer_unproven", lambda item: _swapped(item.answer(0, 0))),
    "other item": ("peer_unproven", lambda item: item.answer(0, 0).replace(b"face_swap", b"lip_sync")),
    "other leaf": ("peer_unproven", lambda item: changed(item.answer(0, 0), leaf="{}")),
    "replaced of no entry": ("peer_garbled", lambda item: _replaced(item, [])),
    "replaced of a script": ("peer_garbled", lambda item: _replaced(item, ["<script>"])),
    "replaced of another": ("peer_unproven", lambda item: _replaced(item, [str(SPACE)])),
    "unsigned": ("peer_signature", lambda item: changed(item.answer(0, 0), checkpoint="north/ledger\n4\n\n")),
    "stranger": ("peer_signature", lambda _: _of_stranger("north")),
    "other ledger": ("peer_signature", lambda _: _of_stranger("south")),
}


def _swapped(answer: bytes) -> bytes:
    head, one, two, _ = answer.split(b"\n")
    return b"\n".join([head, two, one, b""])


def _replaced(publisher: Publisher, entries: list[str]) -> bytes:
    publisher.replaced.add(line("a"))
    return changed(publisher.answer(0, 0), replaced=entries)


def _of_stranger(name: str) -> bytes:
    other = Publisher(name)
    other.publish(line("a"))
    return other.answer(0, 0)


@pytest.mark.parametrize("lie", LIES)
def test_a_peer_that_lies_is_not_believed(north: Publisher, lie: str) -> None:
    code, told = LIES[lie]
    reader = Reader(north)
    with pytest.raises(Unavailable) as refused:
        reader.take(told(north))
    assert (refused.value.code, reader.position, reader.kept) == (code, Position(), {})


def test_repeated_and_older_answers_change_nothing(north: Publisher) -> None:
    reader, first = Reader(north), north.answer(0, 0)
    reader.pull()
    for body, code in ((north.answer(0, 4), "peer_order"), (first, "peer_order")):
        with pytest.raises(Unavailable) as refused:
            reader.take(body)
        assert refused.value.code == code
    north.leaves, north.pages = north.leaves[:2], north.pages[:1]
    with pytest.raises(Unavailable) as behind:
        reader.take(north.answer(1, 0))
    assert behind.value.code == "peer_behind"
    assert len(reader.kept) == 3


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("more", [0, 1, 5])
def test_a_rewritten_ledger_is_a_fork(north: Publisher, place: int, more: int) -> None:
    reader = Reader(north)
    reader.pull()
    north.leaves[place] = b"rewritten"
    for number in range(more):
        north.publish(line(f"d{number}"))
    with pytest.raises(Diverged) as fork:
        reader.take(north.answer(reader.position.page, reader.position.size))
    assert fork.value.reason == ("inconsistent" if more else "same_size")


@pytest.mark.parametrize(
    "said",
    [
        {"status": "approved"},
        {"tier": "holy"},
        {"entry_id": "../../etc/passwd"},
        {"feed": 2},
        {"licence": "<b>"},
        {"assets": None},
        {"assets": [{"type": "sha256", "value": "xx"}]},
        {"assets": [{"role": "original", "type": "sha256", "value": "00" * 32}]},
        {"assets": [{"document": {"version": 1}}]},
        {"title": "\u0000"},
        {"title": "a\nb"},
        {"opinion": "non_malicious"},
    ],
)
def test_a_bad_item_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(FakeprintError):
        feed_item.read_item(0, json.dumps(json.loads(line("a")) | said).encode())


def test_terms_trust_nothing_by_themselves_and_nothing_beyond_reviewed() -> None:
    key = str(Publisher("north").signer.verifier)

    def terms(**fields: str) -> peer.PeerTerms:
        tiers: Any = fields
        return peer.terms("https://north.example/", [key], str(SPACE), tiers, private=False)

    assert terms().trusted("court_order") == "unreviewed"
    assert terms(court_order="reviewed").trusted("court_order") == "reviewed"
    for tiers in ({"unreviewed": "reviewed"}, {"court_order": "court_order"}, {"x": "reviewed"}):
        with pytest.raises(BadInput) as refused:
            terms(**tiers)
        assert refused.value.code == "bad_tiers"
    assert peer.stored("https://north.example", terms(reviewed="reviewed").stored()) == terms(
        reviewed="reviewed"
    )
    for address in (
        "http://north.example",
        "ftp://x",
        "https://a:b@north.example",
        "https://x/?q",
        "https://",
    ):
        with pytest.raises(BadInput):
            peer.terms(address, [key], str(SPACE), {}, private=False)
    for keys in ([], ["north"], [key, str(Publisher("south").signer.verifier)]):
        with pytest.raises(BadInput):
            peer.terms("https://north.example", keys, str(SPACE), {}, private=False)


COUNT = 5
EVENTS = st.lists(
    st.one_of(
        st.tuples(
            st.just("say"),
            st.integers(0, COUNT - 1),
            st.integers(0, 3),
            st.sampled_from(get_args(feed_item.Status)),
        ),
        st.tuples(st.just("pull"), st.integers(0, COUNT - 1), st.integers(0, COUNT - 1), st.integers(1, 3)),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1))), EVENTS)
def test_registries_of_any_topology_agree_in_the_end(
    reads: set[tuple[int, int]], happened: list[tuple[Any, ...]]
) -> None:
    """Loops, duplicates, two that say the same id, pulls at any time: who reads another knows in the end what
    that one says last, of each of its own entries, and nothing of others'. What was withdrawn is said again
    only where it was registered anew."""
    publishers = [Publisher(f"r{n}") for n in range(COUNT)]
    readers = {(one, of): Reader(publishers[of]) for one, of in reads if one != of}
    truth: list[dict[str, str]] = [{} for _ in range(COUNT)]
    for what, one, other, more in happened:
        if what == "say":
            name = f"entry {other}"
            if more == "matchable" or truth[one].get(name, "withdrawn") != "withdrawn":
                publishers[one].publish(line(name, more))
                truth[one][name] = more
        elif (one, other) in readers:
            readers[one, other].pull(more)
    for reader in readers.values():
        reader.pull()
    for (_, of), reader in readers.items():
        wanted = {uuid5(SPACE, name): status for name, status in truth[of].items() if status != "withdrawn"}
        assert {key: one.status for key, one in reader.kept.items()} == wanted
