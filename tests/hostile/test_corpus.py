"""A fixed part of the corpus, and all that `make fuzz` found: each file is taken or refused with a code."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.hostile import bases, corpus, targets
from tests.hostile.corpus import Case
from tests.hostile.fuzz.__main__ import judged
from tests.hostile.fuzz.decoding import Decoder
from tests.hostile.targets import DECODERS, TARGETS

PART = 0.02
MORE = 0.4
"""Shares of the changes of media, and of texts and archives, which cost less."""


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [*corpus.media(share=PART), *corpus.texts_and_archives(share=MORE)]


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    started = Decoder()
    yield started
    started.close()


@pytest.mark.slow(40)
@pytest.mark.filterwarnings("ignore:Overlapped entries:UserWarning")
@pytest.mark.parametrize("target", sorted(TARGETS))
def test_hostile_files_are_taken_or_refused_with_a_code(
    target: str, cases: list[Case], decoder: Decoder
) -> None:
    for case in (case for case in cases if case.target == target):
        judge = decoder.judge if target in DECODERS else judged
        assert judge(target, case.content) is None, case.name


@pytest.mark.slow
def test_the_corpus_is_the_same_for_a_seed_and_names_each_file_once(cases: list[Case]) -> None:
    names = [case.name for case in cases if case.target not in DECODERS]
    assert names == [case.name for case in corpus.texts_and_archives(share=MORE)]
    assert len(set(names)) == len(names)


def test_a_finding_is_told_from_a_refusal() -> None:
    assert targets.read("document", b"[]") == "bad_document"
    with pytest.raises(KeyError):
        targets.read("nothing of that name", b"")


def test_making_media_gives_this_process_no_priority() -> None:
    """The AV1 encoder would make it a real-time one, and all that it starts."""
    before = os.sched_getscheduler(0)
    assert bases.video(bases.VIDEOS["av1.mp4"])
    assert os.sched_getscheduler(0) == before
