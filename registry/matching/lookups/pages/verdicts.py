"""An answer in words: the verdict in one sentence, its reasons, and what was compared. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from registry.console.languages import N_
from registry.matching.lookups.model import Answer

WHOLE: Final = 0.9
"""Share of the query from which a sentence says that all of it matches."""

KNOWN: Final[Mapping[str, str]] = {
    "exact": N_("Yes: this is a known fake, and your file is identical to the registered one."),
    "whole": N_("Yes: this is a copy of a known fake."),
    "part": N_("Yes: %(share)s of your file is taken from a known fake."),
    "mixed": N_("It contains a known fake and also the original of a fake."),
}
DOUBTS: Final[Mapping[str, str]] = {
    "role_conflict": N_("Unclear: this file is registered both as a fake and as an original."),
    "known_harmless": N_("Perhaps: it resembles a fake, but your organization has marked it as harmless."),
    "original_claimed": N_(
        "Unclear: somebody registered this recording as genuine, but nobody has confirmed it."
    ),
    "original_close": N_("Unclear: it matches a known fake and its original equally well."),
    "other_face": N_("Perhaps not: it shows the footage of a known fake, but another face."),
    "no_face": N_("Perhaps: it shows the footage of a known fake, but the faces could not be compared."),
    "face_undecided": N_(
        "Perhaps: it shows the footage of a known fake, but it is unclear whether the faces are the same."
    ),
    "unreviewed": N_(
        "Perhaps: another organization registered it as a fake, but nobody has reviewed that yet."
    ),
    "below_tier": N_("Perhaps: it matches an entry that its bank does not trust enough for a clear yes."),
    "single_frame": N_(
        "Perhaps: one picture matches, but it does not show what tells the fake from its original."
    ),
    "same_scene": N_("Perhaps: it shows the scene of a known fake, but it may be another recording."),
    "no_original": N_(
        "Unclear: it sounds like a fake that was cut from a genuine recording, but that one is not "
        "registered."
    ),
    "other_sound": N_("Perhaps not: it shows the pictures of a fake, but only the fake's sound is false."),
    "audio_only": N_("Perhaps: its sound is that of a known fake, but its pictures are not."),
    "whole_file": N_(
        "Perhaps: a fingerprint of the whole file is like a registered one, but that can mislead."
    ),
    "same_person": N_("No known fake: it shows a protected person, in footage that is not registered."),
}
"""Sentences for `related`, by reason. The first that applies is used."""
OTHERWISE: Final[Mapping[str, str]] = {
    "related": N_("Perhaps: it resembles a registered file, but not closely enough to be sure."),
    "authentic_original": N_("No: it is closest to the genuine recording that fakes were made from."),
    "no_match": N_(
        "No registered file is like it, but that does not prove it genuine: nobody may have registered it."
    ),
    "quick": N_(
        "No registered file is like it so far, but not everything was compared, so it may still be a "
        "registered fake."
    ),
    "undecidable": N_("It cannot be compared, because it is too short, blank, blurred or silent."),
}

WHY: Final[Mapping[str, str]] = {
    "unreviewed": N_("Another organization registered the fake. Nobody has reviewed it yet."),
    "below_tier": N_("The trust level of the entry is lower than the policy of its bank requires."),
    "single_frame": N_(
        "One picture matches, but it does not show what tells the fake from its original. "
        "Look up the whole clip."
    ),
    "weak": N_("Too few pictures or too little sound agree, or not closely enough."),
    "low_information": N_("Its pictures are blank, dark or blurred, or its sound is silence or noise."),
    "role_conflict": N_("The same file is registered as a fake and as an original."),
    "other_face": N_("Same footage, another face: this may be the original, or another fake of it."),
    "no_face": N_("The footage is the same, but the faces could not be compared."),
    "face_undecided": N_("The footage is the same, but it is unclear whether the faces are."),
    "same_scene": N_("The same scene, but perhaps another recording of it."),
    "original_close": N_("It matches the fake and the original equally well, so it is unclear which it is."),
    "original_claimed": N_("Somebody registered this as the original, but nobody has confirmed it."),
    "audio_only": N_("Only the sound agrees."),
    "no_original": N_("The genuine recording is not registered, so it is unclear which seconds are false."),
    "other_sound": N_("The pictures agree, but the sound, which was faked, does not."),
    "whole_file": N_("Only a fingerprint of the whole file was compared. Look up the file itself."),
    "same_person": N_("It shows an enrolled person, in other footage."),
    "known_harmless": N_("Your organization has marked it as harmless."),
    "truncated_media": N_("The file is cut off. The part that exists was compared."),
}
CHECKED: Final[Mapping[str, str]] = {
    "sha256": N_("Same file"),
    "frames": N_("Its pictures"),
    "embedding": N_("Strongly cropped or edited pictures"),
    "faces": N_("Faces"),
    "sound": N_("Sound"),
}
"""Signals that were compared (`checked`), in words for the reader."""
NOT_CHECKED: Final[Mapping[str, str]] = {
    "left_out": N_("It was not part of what was sent."),
    "not_computed": N_("The device that made the fingerprints cannot compare it."),
    "keyframes_only": N_("Only some pictures of the video were compared."),
    "not_read": N_("It could not be read, or this kind of check does not read it."),
    "not_sent": N_("Only a checksum or a hash was sent, not the file."),
    "partial": N_("Only a part of it was compared."),
}
"""Reasons why a signal was not compared (`not_checked`), in words for the reader."""
RELATIONS: Final[Mapping[str, str]] = {
    "copy": N_("A copy of the fake"),
    "same_footage_other_face": N_("Same footage, another face"),
    "original": N_("The genuine original"),
    "same_person": N_("The same person"),
    "audio": N_("The same sound"),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text to translate, and the share (0-1) that it names."""

    text: str
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Rests:
    """What an answer rests on. `checked`: signals. `not_checked`: signals and reasons; empty for a known
    fake, whose verdict is final. `partly`: nothing was found, and not everything was compared. `quick`: a
    fuller comparison is possible. `faceless`: faces were not compared."""

    checked: Sequence[str] = ()
    not_checked: Sequence[tuple[str, str]] = ()
    partly: bool = False
    quick: bool = False
    faceless: bool = False
    next_step: str | None = field(default=None)


def rests_on(answer: Answer) -> Rests:
    """Return what the answer rests on, in words."""
    omissions = [(entry["what"], entry["reason"]) for entry in answer["not_checked"]]
    is_known_fake = answer["verdict"] == "known_fake"
    partly = answer["verdict"] == "no_match" and bool(omissions)
    return Rests(
        checked=[CHECKED[signal] for signal in answer["checked"]],
        not_checked=[]
        if is_known_fake
        else [(CHECKED[signal], NOT_CHECKED[reason]) for signal, reason in omissions],
        partly=partly,
        quick=partly and answer["next_step"] is not None,
        faceless=any(signal == "faces" for signal, _ in omissions),
        next_step=answer["next_step"],
    )


def sentence(answer: Answer) -> Sentence:
    """Return the verdict in one sentence."""
    verdict, matches = answer["verdict"], answer["matches"]
    if answer["mixed"]:
        return Sentence(KNOWN["mixed"])
    if verdict == "known_fake":
        return _known(next((match for match in matches if match["verdict"] == "known_fake"), None))
    if verdict == "related":
        for reason, text in DOUBTS.items():
            if reason in answer["reasons"]:
                return Sentence(text)
    return Sentence(OTHERWISE["quick" if rests_on(answer).partly else verdict])


def _known(match: Mapping[str, Any] | None) -> Sentence:
    if match is None:
        return Sentence(KNOWN["whole"])
    if match["exact"]:
        return Sentence(KNOWN["exact"])
    share = match["coverage"]["query"]
    return Sentence(KNOWN["whole"]) if share >= WHOLE else Sentence(KNOWN["part"], share)


def reasons(answer: Answer) -> list[str]:
    """Return why the verdict is what it is, without what the sentence says."""
    told = next((code for code in DOUBTS if code in answer["reasons"]), "")
    codes = [code for code in (*answer["reasons"], *answer["notes"]) if code in WHY]
    return [WHY[code] for code in codes if code != told or answer["verdict"] != "related"]
