"""The run: make copies, register, look up without and with originals, print."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from tests.bench.accuracy import copies, minute, proposals, service, singles, tables
from tests.bench.accuracy.copies import CACHE, Job, Made, Print, made, progress
from tests.bench.accuracy.first import running
from tests.bench.accuracy.judging import Entry, Outcome, Query, judge, still_of
from tests.bench.accuracy.material import Item, Material
from tests.bench.accuracy.recipes import EDITS, VERSION, Edit, Setting

REAL: Final = "real edits"
REAL_STILLS: Final = "real edits of stills"
STRANGERS: Final = "unrelated"
STRANGER_STILLS: Final = "unrelated stills"
GENUINE: Final = "originals re-sent"
HASHES_ASKED: Final = 2000


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that is asked: copies with a still of each, and queries that are not made by a recipe."""

    clips: tuple[Query, ...]
    stills: tuple[Query, ...]
    others: tuple[Query, ...]


def run(material: Material, *, quick: bool, chosen: Sequence[str], out: Path | None) -> None:
    """Measure all, print the tables, write the figures."""
    taken = [edit for edit in EDITS if not chosen or edit.name in chosen]
    registered = (*material.sources, *material.bystanders, *material.kept)
    originals = tuple({item.name: item for item in material.originals.values()}.values())
    plain = made(
        [_plain(item) for item in (*registered, *originals, *material.real, *material.strangers)],
        what="fingerprinting what is registered or looked up as it is",
    )
    edited = made(_jobs(material, taken, originals), what="making and fingerprinting copies")
    with running() as server:
        client = server.client
        entries = _register(client, registered, plain)
        asked = _prepare(material, taken, originals, edited, plain, entries)
        first = _look_up(client, (*asked.clips, *asked.stills, *asked.others), entries, "looking up")
        recalls = proposals.recalls(
            service.database_url(server), asked.clips, entries, most=HASHES_ASKED // (8 if quick else 1)
        )
        for fake, original in material.originals.items():
            if fake in entries:
                service.add_original(
                    client, entries[fake].entry_id, _document(plain[original.name].whole, original)
                )
        again = [query for query in (*asked.clips, *asked.others) if query.has_original]
        known = _look_up(client, again, entries, "looking up, originals registered")
    outcomes, stills = (
        first[: len(asked.clips)],
        first[len(asked.clips) : len(asked.clips) + len(asked.stills)],
    )
    others = first[len(asked.clips) + len(asked.stills) :]
    alone = singles.columns(asked.clips, entries)
    ratio = minute.fingerprint_over_decode(material.sources, runs=1 if quick else 3)
    _report(taken, outcomes, stills, others, known, alone, recalls)
    figures = _figures(taken, outcomes, stills, others, known) | {
        "fingerprint_over_decode": round(ratio[0], 3)
    }
    print("\n" + json.dumps({"figures": figures}, indent=2))
    if out is not None:
        out.write_text(json.dumps({"figures": figures}, indent=2) + "\n", encoding="utf-8")


def _plain(item: Item) -> Job:
    return Job(item.name, item.path)


def _jobs(material: Material, taken: Sequence[Edit], originals: Sequence[Item]) -> list[Job]:
    """Every edit of every source, and the originals as a messenger sends them."""
    jobs = [
        copies.job(edit, setting)
        for setting in _settings(material)
        for edit in taken
        if edit.takes(setting.source)
    ]
    resent = EDITS[0]
    return jobs + [copies.job(resent, _setting(material, item, (item, item))) for item in originals]


def _settings(material: Material) -> list[Setting]:
    """A setting for each source, with the next two of other footage that are long enough for a cut."""
    found = []
    sources = material.sources
    for place, source in enumerate(sources):
        following = [*sources[place + 1 :], *sources[:place]]
        long = [item for item in following if item.duration >= 5 and item.group != source.group]
        second = next(item for item in long[1:] if item.group != long[0].group)
        found.append(_setting(material, source, (long[0], second)))
    return found


def _setting(material: Material, source: Item, following: tuple[Item, Item]) -> Setting:
    return Setting(source, following, material.carriers, CACHE / f"drawings-{VERSION}")


def _document(found: Print, item: Item) -> dict[str, object]:
    if found.document is None:
        message = f"{item.name} cannot be fingerprinted: {found.error}"
        raise SystemExit(message)
    return found.document


def _register(client: httpx.Client, items: Sequence[Item], plain: Mapping[str, Made]) -> dict[str, Entry]:
    entries = {}
    for item in progress(iter(items), len(items), "registering"):
        document = _document(plain[item.name].whole, item)
        entry_id = service.register(client, item.name, item.category, document)
        entries[item.name] = Entry(entry_id, item.group, document)
    return entries


def _prepare(
    material: Material,
    taken: Sequence[Edit],
    originals: Sequence[Item],
    edited: Mapping[str, Made],
    plain: Mapping[str, Made],
    entries: Mapping[str, Entry],
) -> Prepared:
    clips, stills = [], []
    for setting in _settings(material):
        for edit in (one for one in taken if one.takes(setting.source)):
            done = edited[f"{edit.name}|{setting.source.name}"]
            known = setting.source.name in material.originals
            clips.append(_copy(edit, setting, done.whole, entries, known))
            if done.still is not None:
                stills.append(_still(edit, setting, done.still, entries))
    others = [_real(item, plain[item.name].whole, entries) for item in material.real]
    others += [_stranger(item, plain[item.name].whole) for item in material.strangers]
    resent = EDITS[0].name
    others += [_genuine(item, edited[f"{resent}|{item.name}"].whole) for item in originals]
    return Prepared(tuple(clips), tuple(stills), tuple(others))


def _copy(edit: Edit, setting: Setting, found: Print, entries: Mapping[str, Entry], known: bool) -> Query:
    plan, source = edit.plan(setting), setting.source
    return Query(
        label=edit.name,
        name=source.name,
        group=source.group,
        groups=frozenset({source.group, *(item.group for item in plan.also)}),
        document=found.document,
        cpu_ms=found.cpu_ms,
        entry=entries[source.name],
        truth=plan.truth,
        has_original=known,
        timed=edit.timed,
    )


def _still(edit: Edit, setting: Setting, found: Print, entries: Mapping[str, Entry]) -> Query:
    groups = frozenset({setting.source.group, *(item.group for item in edit.plan(setting).also)})
    source = setting.source
    return Query(
        still_of(edit.name),
        source.name,
        source.group,
        groups,
        found.document,
        found.cpu_ms,
        entries[source.name],
        None,
    )


def _real(item: Item, found: Print, entries: Mapping[str, Entry]) -> Query:
    label = REAL_STILLS if item.still else REAL
    entry = next(entry for entry in entries.values() if entry.group == item.group)
    return Query(
        label, item.name, item.group, frozenset({item.group}), found.document, found.cpu_ms, entry, None
    )


def _stranger(item: Item, found: Print) -> Query:
    label = STRANGER_STILLS if item.still else STRANGERS
    return Query(
        label, item.name, item.group, frozenset({item.group}), found.document, found.cpu_ms, None, None
    )


def _genuine(item: Item, found: Print) -> Query:
    groups = frozenset({item.group})
    return Query(
        GENUINE, item.name, item.group, groups, found.document, found.cpu_ms, None, None, has_original=True
    )


def _look_up(
    client: httpx.Client, queries: Sequence[Query], entries: Mapping[str, Entry], what: str
) -> list[Outcome]:
    found = []
    for query in progress(iter(queries), len(queries), what):
        answer = service.look_up(client, query.document) if query.document else service.REFUSED
        found.append(judge(query, answer, entries))
    return found


def _report(
    taken: Sequence[Edit],
    outcomes: Sequence[Outcome],
    stills: Sequence[Outcome],
    others: Sequence[Outcome],
    known: Sequence[Outcome],
    alone: Sequence[singles.Column],
    recalls: Sequence[proposals.Recall],
) -> None:
    labels = [edit.name for edit in taken]
    rest = [REAL, REAL_STILLS, STRANGERS, STRANGER_STILLS, GENUINE]
    tables.edits([*labels, *rest], [*outcomes, *others], stills, known)
    tables.singles(labels, outcomes, alone)
    tables.candidates(recalls)
    every = [*outcomes, *stills, *others]
    missed = [one for one in every if one.query.entry is not None and not (one.query.still and one in stills)]
    tables.faults(missed, "not found", lambda one: "" if one.found else "no match of its own")
    tables.faults(every, "unrelated entries named", lambda one: ", ".join(one.false))
    tables.faults([*every, *known], "unrelated entries accused", lambda one: ", ".join(one.accused))
    tables.faults(
        outcomes, "another fake of the same footage accused", lambda one: "known_fake" if one.sibling else ""
    )


def _figures(
    taken: Sequence[Edit],
    outcomes: Sequence[Outcome],
    stills: Sequence[Outcome],
    others: Sequence[Outcome],
    known: Sequence[Outcome],
) -> dict[str, float]:
    pictures = [edit.name for edit in taken if not edit.audio]
    recall = tables.mean_recall(pictures, outcomes)
    of_stills = tables.mean_recall(list(map(still_of, pictures)), stills)
    rest = tables.mean_recall([REAL, REAL_STILLS], others)
    sound = tables.mean_recall([edit.name for edit in taken if edit.audio], outcomes)
    videos = [one for one in (*outcomes, *others) if not one.query.still]
    every = [*outcomes, *stills, *others, *known]
    resent = [one for one in known if one.query.label == GENUINE]
    figures: dict[str, float | None] = {
        "clip_recall_mean": statistics.mean(recall.values()) if recall else None,
        "clip_recall_min": min(recall.values(), default=None),
        "still_recall": statistics.mean(of_stills.values()) if of_stills else None,
        "real_edit_recall": rest.get(REAL),
        "real_still_recall": rest.get(REAL_STILLS),
        "sound_kept_recall": next(iter(sound.values()), None),
        "false_matches": sum(len(one.false) for one in every),
        "false_known_fake": sum(len(one.accused) for one in every),
        "unrelated_pairs": sum(one.pairs for one in videos),
        "unrelated_still_pairs": sum(one.pairs for one in (*stills, *others) if one.query.still),
        "sibling_known_fake": sum(one.sibling for one in videos),
        "originals_known_fake": sum(one.known_fake for one in resent),
        "originals_resent": len(resent),
        "span_within_half_second": tables.share_near(outcomes),
        "answer_p50_ms": statistics.median(one.ms for one in videos),
    }
    return {name: round(value, 4) for name, value in figures.items() if value is not None}
