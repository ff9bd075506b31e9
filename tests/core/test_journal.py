"""Records that wait on disk: each is handed over, once, whatever was cut off when."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from registry.core.errors import Unavailable
from registry.core.journal import BATCH, REFUSED, SUFFIX, Journal

MEBIBYTE = 1 << 20


def _records(count: int, start: int = 0) -> list[bytes]:
    return [b'{"number": %d, "text": "a \\n b"}' % number for number in range(start, start + count)]


def _drained(journal: Journal) -> list[bytes]:
    found: list[bytes] = []

    def take(records: Sequence[bytes]) -> list[bytes]:
        found.extend(records)
        return []

    assert journal.hand_over(take) == len(found)
    return found


def _segments(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def test_appended_records_are_delivered_once_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "spool", MEBIBYTE)
    assert _drained(journal) == []
    journal.append(_records(3))
    journal.append(_records(2 * BATCH, 3))
    assert journal.waiting() == sum(len(record) + 10 for record in _records(2 * BATCH + 3))
    assert _drained(journal) == _records(2 * BATCH + 3)
    assert (_drained(journal), journal.waiting(), _segments(tmp_path / "spool")) == ([], 0, [])
    journal.append(_records(1))
    assert _drained(journal) == _records(1)


def test_it_is_for_its_owners_eyes_only(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "spool", MEBIBYTE)
    journal.append(_records(1))
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    assert _segments(tmp_path / "spool")[0].stat().st_mode & 0o777 == 0o600


def test_many_threads_append_at_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "spool", MEBIBYTE)

    def append(start: int) -> None:
        for record in _records(50, start):
            journal.append([record])

    threads = [threading.Thread(target=append, args=(start,)) for start in range(0, 400, 50)]
    for thread in threads:
        thread.start()
    half_way = _drained(journal)
    for thread in threads:
        thread.join()
    assert sorted(half_way + _drained(journal)) == sorted(_records(400))


def test_a_torn_last_line_was_never_acknowledged(tmp_path: Path) -> None:
    journal = Journal(tmp_path, MEBIBYTE)
    journal.append(_records(3))
    journal.release()
    (segment,) = _segments(tmp_path)
    whole = segment.read_bytes()
    for length in range(len(whole) - 1, whole.rindex(b"\n", 0, -1), -7):
        segment.write_bytes(whole[:length])
        assert _drained(Journal(tmp_path, MEBIBYTE)) == _records(2)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_line_is_set_aside_and_keeps_no_other(tmp_path: Path) -> None:
    journal = Journal(tmp_path, MEBIBYTE)
    journal.append(_records(3))
    journal.release()
    (segment,) = _segments(tmp_path)
    first, second, third = segment.read_bytes().splitlines(keepends=True)
    damaged = second.replace(b"number", b"bumber")
    segment.write_bytes(first + damaged + third)
    assert _drained(Journal(tmp_path, MEBIBYTE)) == [_records(3)[0], _records(3)[2]]
    (aside,) = tmp_path.iterdir()
    assert (aside.suffix, aside.read_bytes()) == (REFUSED, damaged)


def test_refused_records_are_set_aside(tmp_path: Path) -> None:
    journal = Journal(tmp_path, MEBIBYTE)
    journal.append(_records(5))
    assert journal.hand_over(lambda records: records[1:3]) == 3
    (aside,) = tmp_path.iterdir()
    assert aside.read_bytes().splitlines() == _records(5)[1:3]


def test_where_nothing_can_be_taken_all_stays(tmp_path: Path) -> None:
    journal = Journal(tmp_path, MEBIBYTE)
    journal.append(_records(BATCH + 50))
    taken: list[bytes] = []

    def away_soon(records: Sequence[bytes]) -> list[bytes]:
        if taken:
            raise Unavailable("away")
        taken.extend(records)
        return []

    with pytest.raises(Unavailable):
        journal.hand_over(away_soon)
    journal.append(_records(1, 1000))
    assert _drained(journal) == [*_records(BATCH + 50), *_records(1, 1000)]


def test_a_full_spool_refuses_and_keeps_its_records(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 1000)
    journal.append([b"x" * 900])
    with pytest.raises(Unavailable) as caught:
        journal.append([b"y" * 100])
    assert caught.value.code == "spool_full"
    other = Journal(tmp_path, 1000)
    with pytest.raises(Unavailable, match="no room"):
        other.append([b"z" * 100])
    journal.append([b"y" * 20])
    assert _drained(journal) == [b"x" * 900, b"y" * 20]
    journal.append([b"y" * 100])


def _fill_the_disk(folder: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    journal = Journal(folder, MEBIBYTE)
    journal.append(_records(2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (150, 150))
    with pytest.raises(Unavailable) as caught:
        journal.append([b"x" * 500])
    assert caught.value.code == "spool_unavailable"
    journal.append(_records(1, 2))


def test_a_write_that_the_disk_cuts_short_leaves_no_trace(tmp_path: Path) -> None:
    """A limit on the size of files does to a write what a full disk does."""
    process = multiprocessing.get_context("fork").Process(target=_fill_the_disk, args=(tmp_path,))
    process.start()
    process.join(20)
    assert process.exitcode == 0
    assert _drained(Journal(tmp_path, MEBIBYTE)) == _records(3)


def test_a_folder_that_takes_no_files_is_said(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")
    with pytest.raises(Unavailable) as caught:
        Journal(tmp_path / "spool", MEBIBYTE).append(_records(1))
    assert caught.value.code == "spool_unavailable"


def _append_for_ever(folder: Path, acknowledged: int) -> None:
    journal = Journal(folder, 64 * MEBIBYTE)
    for number in range(1_000_000):
        journal.append(_records(1, number))
        os.write(acknowledged, b"%d\n" % number)


def test_records_of_running_processes_are_left_and_of_killed_ones_drained(tmp_path: Path) -> None:
    """SIGKILL while it writes: whatever it was told is kept, is."""
    told, tell = os.pipe()
    process = multiprocessing.get_context("fork").Process(target=_append_for_ever, args=(tmp_path, tell))
    process.start()
    os.close(tell)
    heard = os.read(told, 100)
    while heard.count(b"\n") < 30:
        heard += os.read(told, 100)
    assert _drained(Journal(tmp_path, 64 * MEBIBYTE)) == []
    process.kill()
    process.join(20)
    while more := os.read(told, 1 << 16):
        heard += more
    os.close(told)
    found = _drained(Journal(tmp_path, 64 * MEBIBYTE))
    acknowledged = heard.count(b"\n")
    assert found[:acknowledged] == _records(acknowledged)
    assert len(found) <= acknowledged + 1


def _hand_over_slowly(folder: Path, database: Path) -> None:
    def take(records: Sequence[bytes]) -> list[bytes]:
        for record in records[:50]:
            (database / str(hash(record))).write_bytes(record)
            time.sleep(0.001)
        return []

    Journal(folder, 64 * MEBIBYTE).hand_over(take)


def test_two_that_hand_over_at_once_do_not_share_a_segment(tmp_path: Path) -> None:
    spool, database = tmp_path / "spool", tmp_path / "database"
    database.mkdir()
    journal = Journal(spool, MEBIBYTE)
    journal.append(_records(10))
    journal.release()
    process = multiprocessing.get_context("fork").Process(target=_hand_over_slowly, args=(spool, database))
    process.start()
    found = _drained(journal)
    process.join(20)
    theirs = [path.read_bytes() for path in database.iterdir()]
    assert sorted(found + theirs) == sorted(_records(10))
