"""The run: make copies, register, look up without and with originals, print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import httpx2

from tests.bench.accuracy import asking, progressive, proposals, report, service, singles
from tests.bench.accuracy.first import running
from tests.bench.accuracy.judging import Entry, Outcome, Query, judge
from tests.bench.accuracy.media import debunks, excerpts, minute
from tests.bench.accuracy.media.copies import Made, made, progress
from tests.bench.accuracy.media.material import Item, Material, say
from tests.bench.accuracy.media.recipes import EDITS, Edit

HASHES_ASKED: Final = 2000
"""Query hashes of each algorithm by which candidate recall is measured; an eighth in a quick run."""


def run(material: Material, *, quick: bool, chosen: Sequence[str], out: Path | None) -> None:
    """Measure all, print the tables, write the figures."""
    taken = _taken(chosen)
    say(material.notes)
    plain = made(
        list(map(asking.plain, asking.as_it_is(material))),
        what="fingerprinting what is registered or looked up as it is",
    )
    material = asking.readable(material, plain)
    if not material.sources:
        say(material.notes)
        message = "no fake and no clip of the folder can be fingerprinted"
        raise SystemExit(message)
    edited = made(asking.jobs(material, taken), what="making and fingerprinting copies")
    shown = made(debunks.jobs(material), what="making and fingerprinting debunks")
    keyframes = progressive.keyframes([*asking.jobs(material, taken), *debunks.jobs(material)])
    with running() as server:
        entries, refused = _register(server.client, asking.registered(material), plain)
        asked = asking.prepare(material, taken, edited, plain, entries)
        say((*material.notes, *refused, *asked.notes))
        queries = (*asked.clips, *asked.stills, *asked.others)
        first = _look_up(server.client, queries, entries, "looking up")
        compared = progressive.compare(server.client, (*asked.clips, *asked.others), keyframes)
        hashes = HASHES_ASKED // (8 if quick else 1)
        recalls = proposals.recalls(service.database_url(server), asked.clips, entries, most=hashes)
        _add_originals(server.client, material, plain, entries)
        again = [query for query in (*asked.clips, *asked.others) if query.has_original]
        known = _look_up(server.client, again, entries, "looking up, originals registered")
        both = debunks.queries(material, shown, entries)
        debunk_answers = debunks.answers_of(server.client, both)
        compared += progressive.compare(server.client, [*again, *both], keyframes)
    clips, stills = len(asked.clips), len(asked.clips) + len(asked.stills)
    results = report.Results(
        edits=tuple(taken),
        clips=tuple(first[:clips]),
        stills=tuple(first[clips:stills]),
        others=tuple(first[stills:]),
        known=tuple(known),
        columns=tuple(singles.columns(asked.clips, entries)),
        recalls=tuple(recalls),
        notes=(*material.notes, *refused, *asked.notes),
        over_decode=_over_decode(material, runs=1 if quick else 3),
    )
    parted = excerpts.outcomes_of(asked.clips, entries)
    debunks.show(debunk_answers)
    progressive.show(compared)
    excerpts.show(parted)
    figures = compared.figures() | debunk_answers.figures() | parted.figures()
    report.show(results, out, figures | _progressive_over_decode(material, quick=quick))


def _taken(chosen: Sequence[str]) -> list[Edit]:
    """The edits of these names, all where none is given. Raises `SystemExit` for a name that there is not."""
    known = {edit.name: edit for edit in EDITS}
    if wrong := set(chosen) - known.keys():
        message = f"no such edit: {', '.join(sorted(wrong))}; there are {', '.join(known)}"
        raise SystemExit(message)
    return [known[name] for name in chosen] or list(EDITS)


def _over_decode(material: Material, *, runs: int) -> tuple[float, float, float] | None:
    if not any(source.duration >= minute.SHOT for source in material.sources):
        return None
    return minute.fingerprint_over_decode(material.sources, runs=runs)


def _progressive_over_decode(material: Material, *, quick: bool) -> dict[str, float]:
    if not any(source.duration >= minute.SHOT for source in material.sources):
        return {}
    ratio, _ = progressive.over_decode(minute.made(material.sources), runs=1 if quick else 3)
    return {"progressive_over_decode": round(ratio, 3)}


def _add_originals(
    client: httpx2.Client, material: Material, plain: Mapping[str, Made], entries: Mapping[str, Entry]
) -> None:
    for fake, original in material.originals.items():
        document = plain[original.name].whole.document()
        if fake in entries and document is not None:
            service.add_original(client, entries[fake].entry_id, document)


def _register(
    client: httpx2.Client, items: Sequence[Item], plain: Mapping[str, Made]
) -> tuple[dict[str, Entry], list[str]]:
    """The entries by the name of their fake, and notes of what the service refused."""
    entries, refused = {}, []
    for item in progress(iter(items), len(items), "registering"):
        document = plain[item.name].whole.document()
        assert document is not None, "asking.readable left it out"
        try:
            entry_id = service.register(client, item.name, item.category, document)
        except service.Refused as why:
            refused.append(f"{item.name} is not registered: {why}")
        else:
            entries[item.name] = Entry(entry_id, item.group, document)
    return entries, refused


def _look_up(
    client: httpx2.Client, queries: Sequence[Query], entries: Mapping[str, Entry], what: str
) -> list[Outcome]:
    found = []
    for query in progress(iter(queries), len(queries), what):
        document = query.document
        answer = service.look_up(client, document) if document else service.REFUSED
        found.append(judge(query, answer, entries))
    return found
