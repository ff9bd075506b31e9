"""Compare the slopes of all measurements since the warm-up with their bounds.

Memory is judged by role and by process. By role means the sum over all lasting processes of a service, so
a replaced child hides nothing. A process is judged if it ran for half of the time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from tests.bench.soak.measuring import Key, Record, Series
from tests.bench.soak.slopes import Slope, slope

STAYED: Final = 6
"""Measurements after which a process is not one that came for a file."""
MOST_PERCENT: Final = 1.0
"""Memory may grow by so much an hour."""
LASTING: Final = 0.5
"""Share of the time that a process must have been there to be judged by itself."""
FLAT: Final = ("connections", "idle_in_transaction", "temp_files", "nameless_files")
"""What may not grow at all."""
GROWING: Final = (*FLAT, "outbox_rows", "messages", "open_jobs")
COUNTED: Final = ("fds", "threads")
REGISTERED: Final = ("register_file", "register_several", "register_document", "register_long", "watch")
ASKED: Final = {"ask_document": 1, "ask_hashes": 2, "ask_file": 1, "ask_beside": 1, "watch": 1}
"""Lookups of one act."""
MOST_TABLES: Final = 12

Say = Callable[[str], None]


@dataclass
class Judgement:
    """`figures`, and what is `over` its bound, in words."""

    figures: dict[str, float] = field(default_factory=dict)
    over: list[str] = field(default_factory=list)


def judged(record: Record, since: float, say: Say, *, settled: bool = True) -> Judgement:
    """Print the slopes, return their figures and what grows beyond its bound. The low end of the 95 %
    interval counts, so noise causes no failure. `settled`: the run was long enough to judge memory."""
    made = Judgement()
    _memory(record, since, say, made)
    if not settled:
        made.over.clear()
    for what in COUNTED:
        rising = [slope(role.times, role.values).per_hour for role in roles(record, since, what).values()]
        made.figures[f"{what}_growth"] = round(max(rising), 2)
    for name, series in record.whole.items():
        kept = series.since(since)
        line = slope(kept.times, kept.values)
        say(f"{name:32} {line.level:8.1f} {line.per_hour:10.2f}   an hour, {line.low:.2f} to {line.high:.2f}")
        if name in GROWING:
            made.figures[f"{name}_growth"] = round(line.per_hour, 2)
        if name in FLAT and line.low > 0:
            made.over.append(f"{name} grow by {line.per_hour:.2f} an hour, {line.low:.2f} at least")
    _stored(record, since, say, made)
    made.figures["children_replaced"] = sum(_came_later(record, since))
    return made


def roles(record: Record, since: float, what: str = "memory_mb") -> dict[str, Series]:
    """Return the sum over the lasting processes of each of our services, in all its containers."""
    sums: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for (cell, process), series in record.processes.items():
        if process == "all" or len(series["memory_mb"].times) < STAYED:
            continue
        kept = series[what].since(since)
        for at, of in zip(kept.times, kept.values, strict=True):
            sums[record.hosts[cell]][at] += of
    return {
        role: Series(sorted(found), [found[at] for at in sorted(found)])
        for role, found in sums.items()
        if len(found) >= 3
    }


def lasting(record: Record, since: float) -> Iterator[tuple[Key, Series]]:
    """Return the memory of each of our processes that ran for long enough, replaced ones included."""
    every = len(record.whole["connections"].since(since).times)
    for key, series in record.processes.items():
        kept = series["memory_mb"].since(since)
        if key[1] != "all" and len(kept.times) >= max(3, every * LASTING):
            yield key, kept


def _memory(record: Record, since: float, say: Say, made: Judgement) -> None:
    found = {role: slope(one.times, one.values).percent() for role, one in roles(record, since).items()}
    own = {" ".join(key): slope(one.times, one.values).percent() for key, one in lasting(record, since)}
    for what, lines in (("role", found), ("process", own)):
        say(f"{f'memory of a {what}':32} {'MB':>8} {'% an hour':>10}   95 %")
        for name, line in sorted(lines.items(), key=lambda line: -line[1].per_hour):
            say(f"{name:32} {line.level:8.1f} {line.per_hour:10.2f}   {line.low:.2f} to {line.high:.2f}")
            if line.low > MOST_PERCENT:
                text = f"memory of {name} grows by {line.per_hour:.2f} % an hour, {line.low:.2f} at least"
                made.over.append(text)
    both: list[Slope] = [*found.values(), *own.values()]
    made.figures["memory_slope_percent_per_hour"] = round(max(item.per_hour for item in both), 2)
    made.figures["memory_slope_low"] = round(max(item.low for item in both), 2)
    made.figures["memory_slope_roles_percent_per_hour"] = round(
        max(item.per_hour for item in found.values()), 2
    )
    for (cell, process), series in record.processes.items():
        if process == "all" and record.hosts[cell] not in found:
            kept = series["memory_mb"].since(since)
            rising = slope(kept.times, kept.values).percent().per_hour
            made.figures[f"{cell}_memory_slope_percent_per_hour"] = round(rising, 2)
    made.figures["processes"] = len(own)


def _stored(record: Record, since: float, say: Say, made: Judgement) -> None:
    """Return what a registration and a lookup leave, with all writes attributed to each of them."""
    entries = sum(_grown(record.done[name], since) for name in REGISTERED if name in record.done)
    lookups = sum(
        _grown(record.done[name], since) * times for name, times in ASKED.items() if name in record.done
    )
    size = _grown(record.whole["database_mb"], since) * 1024
    rows = {name: _grown(series, since) for name, series in record.tables.items()}
    say(f"{entries:.0f} entries and {lookups:.0f} lookups since the warm-up; more in the database of each:")
    for name, count in sorted(rows.items(), key=lambda row: -row[1])[:MOST_TABLES]:
        each = f"{_each(count, entries):8.2f} an entry {_each(count, lookups):8.2f} a lookup"
        say(f"{name:32} {count:8.0f} rows {each}")
    for what, grown in (("rows", sum(rows.values())), ("database_kb", size)):
        made.figures[f"{what}_per_entry"] = round(_each(grown, entries), 2)
        made.figures[f"{what}_per_lookup"] = round(_each(grown, lookups), 2)
    made.figures["job_rows_per_entry"] = round(_each(rows.get("job", 0.0), entries), 2)


def _each(count: float, times: float) -> float:
    return count / times if times else 0.0


def _grown(series: Series, since: float) -> float:
    kept = series.since(since).values
    return kept[-1] - kept[0] if kept else 0.0


def _came_later(record: Record, since: float) -> Iterator[bool]:
    """Return for each of our processes whether it started after the warm-up and stayed (decoders come and
    go)."""
    for (_, process), series in record.processes.items():
        times = series["memory_mb"].times
        yield process != "all" and times[0] > since and len(times) >= STAYED
