"""What is made, registered and asked: copies by recipes, stills of them, and what is looked up as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.document import from_document
from tests.bench.accuracy.judging import Entry, Query, still_of
from tests.bench.accuracy.media import copies
from tests.bench.accuracy.media.copies import CACHE, Job, Made
from tests.bench.accuracy.media.material import Item, Material
from tests.bench.accuracy.media.recipes import CUT, EDITS, VERSION, Edit, Setting

REAL: Final = "real edits"
REAL_STILLS: Final = "real edits of stills"
STRANGERS: Final = "unrelated"
STRANGER_STILLS: Final = "unrelated stills"
GENUINE: Final = "originals re-sent"
RESENT: Final = EDITS[0]
"""What becomes of originals before they are looked up: a messenger sends them on."""
CUT_FROM: Final = CUT + 1
"""Seconds that a source needs to lend a cut to a compilation."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that is asked: copies with a still of each, and queries that are not made by a recipe. `notes`:
    what could not be made."""

    clips: tuple[Query, ...]
    stills: tuple[Query, ...]
    others: tuple[Query, ...]
    notes: tuple[str, ...]


def plain(item: Item) -> Job:
    """The job that fingerprints a file as it is."""
    return Job(item.name, item.path)


def registered(material: Material) -> tuple[Item, ...]:
    """What is registered, each an entry."""
    return (*material.sources, *material.bystanders, *material.kept)


def as_it_is(material: Material) -> tuple[Item, ...]:
    """All files that are registered or looked up unedited."""
    return (*registered(material), *originals(material), *material.real, *material.strangers)


def originals(material: Material) -> tuple[Item, ...]:
    """The originals, each once."""
    return tuple({item.name: item for item in material.originals.values()}.values())


def readable(material: Material, done: Mapping[str, Made]) -> Material:
    """The material without what cannot be fingerprinted, which is noted."""
    bad = {name: one.failed or one.whole.error for name, one in done.items() if not one.whole.document()}

    def good(items: Sequence[Item]) -> tuple[Item, ...]:
        return tuple(item for item in items if item.name not in bad)

    notes = [f"cannot be fingerprinted ({why}), left out: {name}" for name, why in sorted(bad.items())]
    pairs = {fake: item for fake, item in material.originals.items() if not {fake, item.name} & bad.keys()}
    real = good(material.real)
    kept = good(material.kept)
    there = {item.group for item in (*kept, *material.sources, *material.bystanders) if item.name not in bad}
    return replace(
        material,
        sources=good(material.sources),
        bystanders=good(material.bystanders),
        originals=pairs,
        kept=kept,
        real=tuple(item for item in real if item.group in there),
        strangers=good(material.strangers),
        notes=(*material.notes, *notes),
    )


def resent(material: Material, taken: Sequence[Edit]) -> list[tuple[Setting, Edit]]:
    """The originals and what people make of them."""
    found = [(_setting(material, item, None), edit) for item in originals(material) for edit in taken]
    return [(setting, edit) for setting, edit in found if not edit.lacks(setting)]


def jobs(material: Material, taken: Sequence[Edit]) -> list[Job]:
    """Every edit of every source, and the originals as a messenger sends them."""
    made = [copies.job(edit, setting) for setting, edit in _pairs(material, taken)]
    return made + [copies.job(RESENT, _setting(material, item, None)) for item in originals(material)]


def prepare(
    material: Material,
    taken: Sequence[Edit],
    edited: Mapping[str, Made],
    done: Mapping[str, Made],
    entries: Mapping[str, Entry],
) -> Prepared:
    """The queries; `edited` and `done` hold the fingerprints of what was made and of what is asked as it
    is."""
    clips, stills = [], []
    failed = Counter(key.partition("|")[0] for key, one in edited.items() if one.failed)
    notes = [f"{name}: {count} could not be made" for name, count in failed.items()]
    notes += _left_out(material, taken)
    mute = 0
    for setting, edit in _pairs(material, taken):
        if edit.audio and setting.source.name in entries and _mute(entries[setting.source.name]):
            mute += 1
            continue
        made = edited[f"{edit.name}|{setting.source.name}"]
        if made.failed is None and setting.source.name in entries:
            query = _copy(edit, setting, made, entries, setting.source.name in material.originals)
            clips.append(query)
            if made.still is not None:
                stills.append(
                    replace(query, label=still_of(edit.name), printed=made.still, truth=None, timed=False)
                )
    if mute:
        notes.append(f"sound kept: left out {mute} times, silence, or a sound of under four seconds")
    others = [_real(item, done[item.name], entries) for item in material.real]
    others += [_stranger(item, done[item.name]) for item in material.strangers]
    genuine = {item.name: edited[f"{RESENT.name}|{item.name}"] for item in originals(material)}
    others += [
        _genuine(item, genuine[item.name])
        for item in originals(material)
        if genuine[item.name].failed is None
    ]
    return Prepared(
        tuple(clips),
        tuple(replace(still, has_original=False) for still in stills),
        tuple(others),
        tuple(notes),
    )


def _mute(entry: Entry) -> bool:
    """Whether nothing of what is registered could be known by its sound."""
    return not audio.keys(audio.values(from_document(entry.document).audio))


def _pairs(material: Material, taken: Sequence[Edit]) -> Iterator[tuple[Setting, Edit]]:
    for setting in settings(material):
        for edit in taken:
            if not edit.lacks(setting):
                yield setting, edit


def _left_out(material: Material, taken: Sequence[Edit]) -> list[str]:
    """Which edits were not made of how many sources, and why."""
    counted: Counter[tuple[str, str]] = Counter()
    for setting in settings(material):
        for edit in taken:
            if why := edit.lacks(setting):
                counted[edit.name, why] += 1
    return [f"{name}: left out {count} times, {why}" for (name, why), count in counted.items()]


def settings(material: Material) -> list[Setting]:
    """A setting for each source, with the next two of other footage that are long enough for a cut."""
    found = []
    sources = material.sources
    for place, source in enumerate(sources):
        following = [*sources[place + 1 :], *sources[:place]]
        long = [item for item in following if item.duration >= CUT_FROM and item.group != source.group]
        second = next((item for item in long[1:] if item.group != long[0].group), None)
        found.append(_setting(material, source, (long[0], second) if second else None))
    return found


def _setting(material: Material, source: Item, two: tuple[Item, Item] | None) -> Setting:
    return Setting(source, two, material.carriers, CACHE / f"drawings-{VERSION}")


def _copy(edit: Edit, setting: Setting, made: Made, entries: Mapping[str, Entry], known: bool) -> Query:
    plan, source = edit.plan(setting), setting.source
    return Query(
        label=edit.name,
        name=source.name,
        group=source.group,
        groups=frozenset({source.group, *(item.group for item in plan.also)}),
        printed=made.whole,
        entry=entries[source.name],
        truth=plan.truth,
        has_original=known,
        timed=edit.timed,
    )


def _real(item: Item, made: Made, entries: Mapping[str, Entry]) -> Query:
    label = REAL_STILLS if item.still else REAL
    entry = next((entry for entry in entries.values() if entry.group == item.group), None)
    return Query(label, item.name, item.group, frozenset({item.group}), made.whole, entry)


def _stranger(item: Item, made: Made) -> Query:
    label = STRANGER_STILLS if item.still else STRANGERS
    return Query(label, item.name, item.group, frozenset({item.group}), made.whole, None)


def _genuine(item: Item, made: Made) -> Query:
    groups = frozenset({item.group})
    return Query(GENUINE, item.name, item.group, groups, made.whole, None, has_original=True)
