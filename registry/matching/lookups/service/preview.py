"""Preview of a bank's policy: what it would change in the last lookups, by their recorded evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from registry.catalogue.banks import model as policies
from registry.catalogue.banks.model import Policy
from registry.catalogue.banks.service.banks import own_bank, show_bank
from registry.catalogue.entries.model.verdict import GRAVITY, Verdict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.decision.model import bank_rules
from registry.matching.decision.model.bank_rules import Weighed
from registry.matching.lookups.model import (
    Change,
    Example,
    Match,
    Preview,
    RecordedLookup,
    Unseen,
)
from registry.matching.lookups.store import lookups

LAST: Final = 1_000
"""Lookups that are judged."""
EXAMPLES: Final = 3
"""Lookups that are named of each change."""


@dataclass
class _Tally:
    """Changes by verdicts, and the matches that go."""

    changed: dict[tuple[Verdict, Verdict], list[Example]] = field(default_factory=lambda: defaultdict(list))
    hidden: int = 0
    named: int = 0
    unknown: int = 0


def preview_policy(service: Service, caller: Caller, bank: str, settings: Mapping[str, Any]) -> Preview:
    """Return what changed settings would do to the organization's last lookups of its own bank. Nothing is
    changed. Needs `admin`.

    `settings`: as `change_bank` takes them. Both policies are applied to the same evidence by the rules of
    `matching.decision`. Raises `BadInput` (`bad_policy`), `NotFound` (`unknown_bank`), `Forbidden`.
    """
    caller.require("admin")
    raw = show_bank(service, caller, bank).policy or {}
    before, after = policies.policy(raw), policies.policy(policies.changed_policy(raw, settings))
    with service.pool.transaction() as connection:
        ref = own_bank(connection, caller, bank)
        rows = lookups.of_bank(connection, caller.organization_id, ref.bank_id, limit=LAST)
    tally = _Tally()
    for row in rows:
        _judge(tally, row, before, after)
    changes = [
        Change(was, becomes, len(found), tuple(found[:EXAMPLES]))
        for (was, becomes), found in tally.changed.items()
    ]
    changes.sort(key=lambda change: -change.count)
    since = rows[-1].created_at if rows else None
    return Preview(
        lookups=len(rows),
        since=since,
        named=tally.named,
        changes=changes,
        hidden=tally.hidden,
        unknown=tally.unknown,
        unseen=_unseen(before, after),
    )


def _judge(tally: _Tally, row: RecordedLookup, before: Policy, after: Policy) -> None:
    if not row.entries:
        return
    tally.named += 1
    was, becomes = [], []
    for match in row.matches:
        if match["entry_id"] not in row.entries:
            was.append(match["verdict"])
            becomes.append(match["verdict"])
            continue
        parts = (match["signals"] or {}).get("parts")
        if not parts:
            tally.unknown += 1
            return
        verdicts = [_verdicts(match, part, before, after) for part in parts]
        was += [first for first, _ in verdicts if first]
        becomes += [second for _, second in verdicts if second]
        tally.hidden += any(first for first, _ in verdicts) and not any(second for _, second in verdicts)
    answers = _gravest(was), _gravest(becomes)
    if answers[0] != answers[1]:
        tally.changed[answers].append(Example(row.lookup_id, row.created_at))


def _verdicts(
    match: Match, part: Mapping[str, Any], before: Policy, after: Policy
) -> tuple[Verdict | None, Verdict | None]:
    """Return the verdicts of a part of a match under both policies."""
    weighed = Weighed(
        role="original" if match["relation"] == "original" else "fake",
        tier=match["tier"] or "unreviewed",
        own=True,
        exact=match["exact"],
        single=part["single"],
        footage=part["footage"],
        located=part["located"],
        confidence=part.get("confidence"),
    )
    relation, reasons = match["relation"], part["reasons"]
    was = bank_rules.verdict_of(weighed, relation, reasons, before)
    if _loosened(before, after) and part["single"] and not part["still"]:
        return was, was  # its movement was not compared: `_unseen` says so
    return was, bank_rules.verdict_of(weighed, relation, reasons, after)


def _loosened(before: Policy, after: Policy) -> bool:
    return after.single_frame is True and before.single_frame is not True


def _gravest(verdicts: Iterable[Verdict]) -> Verdict:
    return max(verdicts, key=GRAVITY.index, default="no_match")


def _unseen(before: Policy, after: Policy) -> tuple[Unseen, ...]:
    """Return the effects that are not among the changes."""
    rank = policies.rank
    found: dict[Unseen, bool] = {
        "more_related": after.min_related < before.min_related,
        "lower_tier": rank(after.answer_tier) < rank(before.answer_tier),
        "single_frame": _loosened(before, after),
        "audio": after.audio and not before.audio,
    }
    return tuple(name for name, there in found.items() if there)
