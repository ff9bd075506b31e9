"""What a worker's timer keeps."""

from __future__ import annotations

from kombu.asynchronous.timer import Timer

from workers.alive import forget_cancelled


def test_what_was_cancelled_is_forgotten_and_the_rest_comes_in_its_order() -> None:
    timer = Timer()
    came: list[int] = []
    entries = [timer.call_at(-1.0 - (at * 7 % 50), came.append, (at,)) for at in range(50)]
    for at, entry in enumerate(entries):
        if at % 3:
            entry.cancel()
    forget_cancelled(timer)
    assert len(timer) == 17
    for _, entry in timer:
        if entry is None:
            break
        entry()
    assert came == sorted(range(0, 50, 3), key=lambda at: -(at * 7 % 50))
