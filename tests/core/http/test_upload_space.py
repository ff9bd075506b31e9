"""Open uploads share the disk: no caller, and no organization, keeps the others from theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from registry.core.errors import TooMany, Unavailable
from registry.core.http.upload_space import UploadPlace, UploadSpace, held_file


@pytest.fixture
def space() -> UploadSpace:
    return UploadSpace(of_caller=100, of_organization=200, total=400)


def holding(space: UploadSpace, size: int, *owners: str) -> UploadPlace:
    place = space.open(*owners)
    place.hold(size)
    return place


def test_a_caller_has_a_share(space: UploadSpace) -> None:
    first = holding(space, 60, "ann", "agency")
    second = space.open("ann", "agency")
    second.hold(40)
    with pytest.raises(TooMany) as refused:
        second.hold(41)
    assert refused.value.retry_after >= 1
    assert (second.size, space.held) == (40, 100)
    holding(space, 100, "bob", "agency")
    first.give_back()
    second.hold(100)


def test_an_organization_has_a_share(space: UploadSpace) -> None:
    for caller in ("ann", "bob"):
        holding(space, 100, caller, "agency")
    with pytest.raises(TooMany):
        holding(space, 1, "carol", "agency")
    holding(space, 100, "dora", "university")


def test_all_together_are_bounded(space: UploadSpace) -> None:
    for number in range(4):
        holding(space, 100, f"caller {number}", f"organization {number}")
    with pytest.raises(Unavailable) as refused:
        holding(space, 1, "another", "elsewhere")
    assert refused.value.code == "busy"


def test_the_largest_file_is_let_in_alone(space: UploadSpace) -> None:
    whole = holding(space, 500, "ann", "agency")
    with pytest.raises(TooMany):
        holding(space, 1, "ann", "agency")
    with pytest.raises(Unavailable):
        holding(space, 1, "dora", "university")
    whole.give_back()
    assert space.held == 0


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("end", [lambda _: None, lambda file: file.close()], ids=["left", "closed"])
def test_a_file_that_is_fetched_is_counted_as_it_grows(
    space: UploadSpace, end: Callable[[object], None]
) -> None:
    before = descriptors()
    holding(space, 50, "ann")
    with held_file(space.open("ann")) as file:
        file.write(b"x" * 50)
        assert space.held == 100
        with pytest.raises(TooMany):
            file.write(b"x")
        file.seek(0)
        assert file.read() == b"x" * 50
        end(file)
    assert space.held == 50
    assert descriptors() == before
