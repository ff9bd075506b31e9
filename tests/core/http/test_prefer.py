"""RFC 7240, as far as waiting goes."""

from __future__ import annotations

import pytest

from registry.core.http.prefer import DEFAULT_WAIT, LONGEST_WAIT, Patience, patience


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], Patience(DEFAULT_WAIT, "")),
        (["wait=3"], Patience(3, "wait=3")),
        (["wait=0"], Patience(0, "wait=0")),
        (["WAIT = 3"], Patience(3, "wait=3")),
        (['wait="3"'], Patience(3, "wait=3")),
        (["wait=3; foo=bar"], Patience(3, "wait=3")),
        (["return=minimal, wait=3"], Patience(3, "wait=3")),
        (["handling=lenient", "wait=3"], Patience(3, "wait=3")),
        (["wait=3, wait=9"], Patience(3, "wait=3")),
        (["wait=9999"], Patience(LONGEST_WAIT, f"wait={LONGEST_WAIT}")),
        (["respond-async"], Patience(0, "respond-async")),
        (["respond-async, wait=4"], Patience(4, "wait=4")),
        (["wait=4, respond-async"], Patience(4, "wait=4")),
        (["wait=soon"], Patience(DEFAULT_WAIT, "")),
        (["wait=-1"], Patience(DEFAULT_WAIT, "")),
        (["wait=1.5"], Patience(DEFAULT_WAIT, "")),
        (["wait=٣"], Patience(DEFAULT_WAIT, "")),
        (["wait=" + "9" * 5000], Patience(DEFAULT_WAIT, "")),
        (["wait"], Patience(DEFAULT_WAIT, "")),
        ([",;=,="], Patience(DEFAULT_WAIT, "")),
    ],
)
def test_the_prefer_header(headers: list[str], expected: Patience) -> None:
    assert patience(headers) == expected
