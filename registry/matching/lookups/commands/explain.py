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
    "related": "RELATED: a person has to check it",
    "authentic_original": "AUTHENTIC ORIGINAL: the genuine footage that a known fake was made from",
    "no_match": "NO MATCH: nothing like it is registered, which does not make it genuine",
    "undecidable": "UNDECIDABLE: it holds too little to be compared",
}
COLOURS: Final[Mapping[str, str]] = {"known_fake": "red", "related": "yellow", "authentic_original": "green"}
RELATIONS: Final[Mapping[str | None, str]] = {
    "copy": "a copy of the fake",
    "same_footage_other_face": "the same footage with another face",
    "original": "the original",
    "same_person": "an enrolled person",
    "audio": "the sound of the fake, not its pictures",
    None: "the same footage; it may be the fake or its original",
}
REASONS: Final[Mapping[str, str]] = {
    "unreviewed": "the entry is another organization's, and nobody has reviewed it",
    "below_tier": "its bank requires a higher trust tier",
    "known_harmless": "a bank of your organization lists it as harmless",
    "single_frame": "one frame does not show what tells the fake from its original",
    "weak": "the similarity is too weak to decide alone",
    "role_conflict": "the same file is registered as fake and as original",
    "original_close": "fake and original are about equally near",
    "original_claimed": "an original is nearer, but is less trusted than the fake",
    "original_nearer": "the original is nearer",
    "fake_nearer": "the fake is nearer",
    "other_face": "the footage is the same, the face is not",
    "no_face": "the faces cannot be compared",
    "face_undecided": "the faces may or may not be the same",
    "same_scene": "the same scene, but perhaps other moments of it",
    "audio_only": "the sound is the same, the pictures are not",
    "other_sound": "the pictures are the same, but the entry is about the sound, which is not",
    "no_original": "the original that it was cut from is not registered, so genuine seconds are not known",
    "whole_file": "only a hash of the whole file is similar",
    "same_person": "it shows a person whom your organization has enrolled",
    "low_information": "the picture is blank, dark or too plain, or the sound is silence or noise",
    "too_short": "it is too short",
}
SIGNALS: Final[Mapping[str, str]] = {
    "sha256": "sha256",
    "frames": "pictures",
    "embedding": "embeddings of pictures",
    "faces": "faces",
    "sound": "sound",
}
OMISSIONS: Final[Mapping[str, str]] = {
    "left_out": "left out of what was sent",
    "not_computed": "not computed where the fingerprint was made",
    "keyframes_only": "keyframes only",
    "not_read": "not read",
    "not_sent": "not sent",
    "partial": "in part only",
}
NEXT_STEPS: Final[Mapping[str, str]] = {
    "send_faces": "send face vectors: the answer may change (fakeprint hash --faces, or fakeprint lookup)",
    "send_file": "send the file itself: the answer may change (fakeprint lookup --upload)",
}
SAMPLINGS: Final[Mapping[str, str]] = {
    "keyframes": "decided on its keyframes; the full video could not change the verdict",
    "digest": "decided on its sha256 alone",
}


def lines(path: str, answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines about one path."""
    yield printable(path)
    yield f"  {VERDICTS.get(answer['verdict'], printable(str(answer['verdict'])))}{_confidence(answer)}"
    yield from _reasons(answer.get("reasons"), "  ")
    if answer.get("mixed"):
        yield "  it shows both a fake and genuine footage; a person has to decide what to do:"
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
        yield f"  watched until {until}: fakes registered later are matched with it"
    if answer.get("rest_lookup_id"):
        yield f"  its keyframes were read; lookup {answer['rest_lookup_id']} reads the rest and is watched"
    yield from _timing(answer.get("timing_ms") or {})


def _unchecked(answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was not compared, and the next step. A known fake needs neither."""
    if answer["verdict"] == "known_fake":
        return
    omissions = [(str(item["what"]), str(item["reason"])) for item in answer.get("not_checked") or ()]
    descriptions = [
        f"{SIGNALS.get(signal, printable(signal))} ({OMISSIONS.get(reason, printable(reason))})"
        for signal, reason in omissions
    ]
    if descriptions:
        yield f"  not compared: {', '.join(descriptions)}"
    if answer.get("next_step"):
        yield f"  next: {NEXT_STEPS.get(answer['next_step'], printable(str(answer['next_step'])))}"


def _stretches(matches: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the matches by time in the clip."""
    by_time = [(span["query"], match) for match in matches for span in match.get("spans") or ()]
    for times, match in sorted(by_time, key=lambda stretch: (stretch[0][0], stretch[0][1])):
        relation = match.get("relation")
        description = RELATIONS.get(relation, printable(str(relation)))
        yield f"    {_stretch(times)}  {description}, “{printable(str(match.get('title', '')))}”"


def _match(number: int, match: Mapping[str, Any], answer_reasons: Sequence[str]) -> Iterator[str]:
    relation = match.get("relation")
    description = RELATIONS.get(relation, printable(str(relation)))
    if relation == "same_person":
        yield from _person(number, match, answer_reasons)
        return
    exact = " (the very same file)" if match.get("exact") else ""
    yield f"  {number}. “{printable(str(match.get('title', '')))}”: {description}{exact}{_confidence(match)}"
    tier = printable(str(match.get("tier", ""))).replace("_", " ")
    bank = f" in bank “{printable(str(match['bank']))}”" if match.get("bank") else ""
    yield f"     entry {match.get('entry_id')}{bank}, {tier}"
    other = "original" if relation == "original" else "fake"
    for span in match.get("spans") or ():
        yield f"     {_span(span, other)}"
    yield from origins.foreign(match.get("foreign"), "     ")
    yield from origins.of_match(match.get("provenance"))
    yield from _reasons(
        [reason for reason in match.get("reasons") or () if reason not in answer_reasons], "     "
    )
    for reference in match.get("references") or ():
        yield f"     see {printable(str(reference.get('url', '')))}"


def _person(number: int, match: Mapping[str, Any], answer_reasons: Sequence[str]) -> Iterator[str]:
    """Yield the lines of an enrolled person, who is in no entry."""
    yield f"  {number}. {RELATIONS['same_person']}, {match.get('person_id')}{_confidence(match)}"
    for span in match.get("spans") or ():
        start, end = span["query"]
        yield f"     seen in {_stretch([start, end])}" if end > start else f"     seen at {clip_time(start)}"
    yield from _reasons(
        [reason for reason in match.get("reasons") or () if reason not in answer_reasons], "     "
    )


def _span(span: Mapping[str, Any], other: str) -> str:
    description = f"query {_stretch(span['query'])} = {other} {_stretch(span['asset'])}"
    speed = span.get("speed") or 1.0
    if speed < 0:
        description += ", backwards"
    if abs(abs(speed) - 1.0) >= 0.01:
        # `speed`: seconds of the asset in one second of the query.
        description += f", at {abs(speed):.2f} times the speed"
    return f"{description}, mirrored" if span.get("mirrored") else description


def _stretch(times: Sequence[float]) -> str:
    start, end = times
    return f"{clip_time(start)}–{clip_time(end)}"


def _confidence(part: Mapping[str, Any]) -> str:
    confidence = part.get("confidence")
    if confidence is None:
        return ""
    # Rounding up to 1.00 would claim a certainty that the evidence does not support.
    return ", confidence above 0.99" if confidence > 0.99 else f", confidence {confidence:.2f}"


def _reasons(codes: Sequence[str] | None, indent: str) -> Iterator[str]:
    for code in codes or ():
        yield f"{indent}because {REASONS.get(code, printable(str(code)))}"


def _timing(timing: Mapping[str, Any]) -> Iterator[str]:
    total, fingerprint = timing.get("total"), timing.get("fingerprint")
    if isinstance(total, int | float):
        hashed = f"; fingerprinted in {fingerprint:,.0f} ms" if fingerprint else ""
        yield f"  answered in {total:,.1f} ms{hashed}"
