"""The figures as tables for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from tests.bench.accuracy.tables import wilson
from tests.bench.faces.identifying import Identified
from tests.bench.faces.lips import Lip
from tests.bench.faces.pairs import Pairs
from tests.bench.faces.relating import SETTINGS, VERDICTS, Related, Truth
from tests.bench.faces.verifying import Verification, provable

SHORT = {"known_fake": "fake", "authentic_original": "orig", "related": "rel", "no_match": "none"}


def verification(found: Verification) -> None:
    """Thresholds and what passes them."""
    print(
        f"\nverification: {found.genuine} pairs of one person, {found.impostors:,} of two, "
        f"{found.persons} persons; {found.unread} photographs without a face"
    )
    print(f"{'false accepts':>14}{'cosine':>8}{'true accepts [95 %]':>26}")
    for point in found.points:
        low, high = point.interval
        interval = f"{point.true_accepts:.4f} [{low:.3f}-{high:.3f}]"
        print(f"{point.false_accepts:>13.2%} {point.threshold:>7.3f}{interval:>26}")
    print(
        f"likest two persons: {found.likest_strangers:.3f}. {found.impostors:,} pairs would prove a rate of "
        f"{provable(found.impostors):.1e} where none passes\n(rule of three, 95 %) were they independent; "
        f"they share {found.persons} persons, who prove {provable(found.persons):.1%} a person: less is "
        "extrapolated"
    )


def identification(rows: Sequence[Identified]) -> None:
    """Searches by condition and by how many photographs were enrolled."""
    print(
        f"\n{'identification':20}{'enrolled':>9}{'queries':>8}{'detected':>9}{'found [95 %]':>22}"
        f"{'others':>7}{'strangers':>14}"
    )
    for row in rows:
        low, high = wilson(row.found, row.queries)
        found = f"{row.found / max(row.queries, 1):.3f} [{low:.3f}-{high:.3f}]"
        print(
            f"{row.condition:20}{row.enrolled:>9}{row.queries:>8}{row.seen / max(row.queries, 1):>9.3f}"
            f"{found:>22}{row.mistaken:>7}{f'{row.matched} of {row.strangers}':>14}"
        )
    print("others: queries that matched another enrolled person; strangers: photographs that matched anybody")
    for row in rows:
        if not row.matched and row.strangers:
            print(
                f"no stranger of {row.strangers}: at 95 % under {provable(row.strangers):.1%} of searches "
                f"among so many persons name somebody,\nor {provable(row.comparisons):.1e} of comparisons, "
                "were they independent; less is extrapolated"
            )
            break


def relations(related: Related, pairs: Pairs) -> None:
    """The confusion matrices of the four settings, then each pair."""
    for known in (False, True):
        for setting in SETTINGS:
            print(f"\noriginals {'' if known else 'not '}registered, {setting}")
            print(f"{'':10}{'n':>4}" + "".join(f"{verdict:>20}" for verdict in VERDICTS))
            for truth in ("fake", "original"):
                _matrix_row(related, truth, setting, known=known)
    print("\nper pair: fake, original; clean / re-sent, first without then with the original registered")
    for fake in pairs.fakes:
        original = pairs.originals.get(fake.name)
        cells = _cells(related, fake.name, "fake")
        rest = _cells(related, original.name, "original") if original else "no original"
        print(f"{fake.name.partition('/')[2]:36}{cells:26}{rest}")


def _matrix_row(related: Related, truth: Truth, setting: str, *, known: bool) -> None:
    counted = related.matrix(truth, setting, known=known)
    row = "".join(f"{counted[verdict]:>20}" for verdict in VERDICTS)
    print(f"{truth:10}{counted.total():>4}{row}")


def _cells(related: Related, name: str, truth: Truth) -> str:
    verdicts = {
        (row.known, row.setting): SHORT.get(row.verdict, row.verdict)
        for known in (False, True)
        for setting in SETTINGS
        for row in related.rows(truth, setting, known=known)
        if row.item.name == name
    }
    halves = [
        "/".join(verdicts.get((known, setting), "-") for setting in SETTINGS) for known in (False, True)
    ]
    return ", ".join(halves)


def others(said: Mapping[tuple[str, str], str | None], *, known: bool) -> None:
    """What other fakes of the same footage are called."""
    if not said:
        return
    counted = Counter("undecided" if relation is None else relation for relation in said.values())
    which = "registered" if known else "not registered"
    print(f"\nother fakes of the same footage, originals {which}: {dict(counted)}")
    for (asked, other), relation in said.items():
        if relation != "same_footage_other_face":
            print(f"  {asked.partition('/')[2]} of {other.partition('/')[2]}: {relation}")


def lips(found: Sequence[Lip]) -> None:
    """What is said of lip-sync made here and of its footage."""
    if found:
        print(
            f"\nlip-sync, re-sent{'':15}{'originals':>15}" + "".join(f"{verdict:>20}" for verdict in VERDICTS)
        )
    for manipulation in ("lip_sync", "face_swap"):
        for known in (False, True):
            rows = [lip for lip in found if (lip.manipulation, lip.known) == (manipulation, known)]
            for what, counted in (
                ("copies", Counter(row.copy for row in rows)),
                ("footage", Counter(row.original for row in rows)),
            ):
                if rows:
                    head = f"as {manipulation}, {what}"
                    cells = "".join(f"{counted[verdict]:>20}" for verdict in VERDICTS)
                    print(f"{head:32}{'registered' if known else 'not':>15}{cells}")
