"""The answer to a lookup in words. Unknown codes are shown as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from registry.catalogue.fingerprints.commands import notes
from registry.catalogue.provenance import commands as origins
from registry.core.terminal.text import clip_time, printable
from registry.core.terminal.times import local_time

VERDICTS: Final[Mapping[str, str]] = {
    "known_fake": "KNOWN FAKE",
    "related": "RELATED: a person should look",
    "authentic_original": "AUTHENTIC ORIGINAL: the genuine footage that a known fake was made from",
    "no_match": "NO MATCH: nothing like it is registered, which does not make it genuine",
    "undecidable": "UNDECIDABLE: it says too little to be compared",
}
COLOURS: Final[Mapping[str, str]] = {"known_fake": "red", "related": "yellow", "authentic_original": "green"}
RELATIONS: Final[Mapping[str | None, str]] = {
    "copy": "a copy of the fake",
    "same_footage_other_face": "the same footage with another face",
    "original": "the original",
    "same_person": "an enrolled person",
    "audio": "the sound of the fake under other pictures",
    None: "the same footage; whether fake or genuine cannot be told",
}
REASONS: Final[Mapping[str, str]] = {
    "unreviewed": "the entry is another organization's, and nobody has reviewed it",
    "below_tier": "its bank asks for more review before it says so",
    "known_harmless": "a bank of your organization holds it as harmless",
    "single_frame": "one frame decides nothing",
    "weak": "the likeness is too weak to decide alone",
    "role_conflict": "the same file is registered as fake and as original",
    "original_close": "fake and original are about equally near",
    "original_claimed": "an original is nearer, but is not trusted as much as the fake",
    "original_nearer": "the original is nearer",
    "fake_nearer": "the fake is nearer",
    "other_face": "the footage is the same, the face is not",
    "no_face": "the faces cannot be compared",
    "face_undecided": "the faces could be the same or not",
    "same_scene": "the same scene, but not surely the same moments of it",
    "audio_only": "the sound is the same, the pictures are not",
    "same_person": "it shows a person whom your organization has enrolled",
    "low_information": "the picture is blank, dark or too plain",
    "too_short": "it is too short",
}
WHATS: Final[Mapping[str, str]] = {
    "sha256": "sha256",
    "frames": "pictures",
    "embedding": "embeddings of pictures",
    "faces": "faces",
    "sound": "sound",
}
WHYS: Final[Mapping[str, str]] = {
    "left_out": "left out of what was sent",
    "not_computed": "not computed where the fingerprint was made",
    "keyframes_only": "keyframes only",
    "not_read": "not read",
    "not_sent": "not sent",
    "partial": "in part only",
}
NEXT_STEPS: Final[Mapping[str, str]] = {
    "send_faces": "the answer may change with face vectors: fakeprint hash --faces, or fakeprint lookup",
    "send_file": "the answer may change with the file itself: fakeprint lookup --upload",
}
SAMPLINGS: Final[Mapping[str, str]] = {
    "keyframes": "decided on its keyframes: the rest of it could not have changed that",
    "digest": "decided on its sha256 alone",
}


def lines(path: str, answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines about one path."""
    yield printable(path)
    yield f"  {VERDICTS.get(answer['verdict'], printable(str(answer['verdict'])))}{_sure(answer)}"
    yield from _reasons(answer.get("reasons"), "  ")
    if answer.get("mixed"):
        yield "  it shows a fake and genuine footage, and a person decides what to do about it:"
        yield from _stretches(answer.get("matches") or ())
    for number, match in enumerate(answer.get("matches") or (), start=1):
        yield from _match(number, match, answer.get("reasons") or ())
    yield from origins.of_query(answer.get("provenance"))
    yield from notes.lines(answer.get("notes") or ())
    if answer.get("as_of"):
        yield f"  as of {printable(str(answer['as_of']))}: the primary database is away"
    if answer.get("sampling") in SAMPLINGS:
        yield f"  {SAMPLINGS[answer['sampling']]}"
    yield from _unchecked(answer)
    if answer.get("watch"):
        until = local_time(str(answer["watch"]["expires_at"]))
        yield f"  watched until {until}: what is registered later answers it again"
    yield from _timing(answer.get("timing_ms") or {})


def _unchecked(answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was not compared, and the next step. A known fake needs neither."""
    if answer["verdict"] == "known_fake":
        return
    given = [(str(item["what"]), str(item["reason"])) for item in answer.get("not_checked") or ()]
    left = [f"{WHATS.get(what, printable(what))} ({WHYS.get(why, printable(why))})" for what, why in given]
    if left:
        yield f"  not compared: {', '.join(left)}"
    if answer.get("next_step"):
        yield f"  next: {NEXT_STEPS.get(answer['next_step'], printable(str(answer['next_step'])))}"


def _stretches(matches: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the matches by time in the clip."""
    shown = [(span["query"], match) for match in matches for span in match.get("spans") or ()]
    for times, match in sorted(shown, key=lambda item: (item[0][0], item[0][1])):
        relation = match.get("relation")
        said = RELATIONS.get(relation, printable(str(relation)))
        yield f"    {_stretch(times)}  {said}, “{printable(str(match.get('title', '')))}”"


def _match(number: int, match: Mapping[str, Any], told: Sequence[str]) -> Iterator[str]:
    relation = match.get("relation")
    said = RELATIONS.get(relation, printable(str(relation)))
    if relation == "same_person":
        yield from _person(number, match, told)
        return
    exact = " (the very same file)" if match.get("exact") else ""
    yield f"  {number}. “{printable(str(match.get('title', '')))}”: {said}{exact}{_sure(match)}"
    tier = printable(str(match.get("tier", ""))).replace("_", " ")
    where = f" in bank “{printable(str(match['bank']))}”" if match.get("bank") else ""
    yield f"     entry {match.get('entry_id')}{where}, {tier}"
    other = "original" if relation == "original" else "fake"
    for span in match.get("spans") or ():
        yield f"     {_span(span, other)}"
    yield from origins.foreign(match.get("foreign"), "     ")
    yield from origins.of_match(match.get("provenance"))
    yield from _reasons([reason for reason in match.get("reasons") or () if reason not in told], "     ")
    for reference in match.get("references") or ():
        yield f"     see {printable(str(reference.get('url', '')))}"


def _person(number: int, match: Mapping[str, Any], told: Sequence[str]) -> Iterator[str]:
    """Yield the lines of an enrolled person, who is in no entry."""
    yield f"  {number}. {RELATIONS['same_person']}, {match.get('person_id')}{_sure(match)}"
    for span in match.get("spans") or ():
        start, end = span["query"]
        yield f"     seen in {_stretch([start, end])}" if end > start else f"     seen at {clip_time(start)}"
    yield from _reasons([reason for reason in match.get("reasons") or () if reason not in told], "     ")


def _span(span: Mapping[str, Any], other: str) -> str:
    said = f"query {_stretch(span['query'])} = {other} {_stretch(span['asset'])}"
    speed = span.get("speed") or 1.0
    if speed < 0:
        said += ", backwards"
    if abs(abs(speed) - 1.0) >= 0.01:
        # The span gives seconds of the asset for one of the query: so much faster is the query shown.
        said += f", at {abs(speed):.2f} times the speed"
    return f"{said}, mirrored" if span.get("mirrored") else said


def _stretch(times: Sequence[float]) -> str:
    start, end = times
    return f"{clip_time(start)}–{clip_time(end)}"


def _sure(part: Mapping[str, Any]) -> str:
    confidence = part.get("confidence")
    if confidence is None:
        return ""
    # Rounding up to 1.00 would say more than is known.
    return ", confidence above 0.99" if confidence > 0.99 else f", confidence {confidence:.2f}"


def _reasons(codes: Sequence[str] | None, indent: str) -> Iterator[str]:
    for code in codes or ():
        yield f"{indent}because {REASONS.get(code, printable(str(code)))}"


def _timing(timing: Mapping[str, Any]) -> Iterator[str]:
    total, fingerprint = timing.get("total"), timing.get("fingerprint")
    if isinstance(total, int | float):
        hashed = f"; fingerprinted in {fingerprint:,.0f} ms" if fingerprint else ""
        yield f"  answered in {total:,.1f} ms{hashed}"
