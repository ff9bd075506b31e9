"""`make demo`: the main job of Fakeprint, end to end, on real photographs."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import sys
import time
from pathlib import Path

from deploy.demo import service, table
from deploy.demo.faces import NoFace
from deploy.demo.ffmpeg import FfmpegFailed
from deploy.demo.media import Clips, make_clips
from deploy.demo.photographs import BadPhotographs
from deploy.demo.questions import QUESTIONS, Answer, Question, judge
from deploy.demo.service import ServiceFailed
from deploy.demo.swap import WeakSwap

HOME = Path(".demo")
RECIPE = ("camera", "faces", "ffmpeg", "media", "photographs", "swap")
TITLE = "Demonstration: a speech with another man's face"

Asked = list[tuple[Question, Answer]]


def main() -> None:
    """Make the clips, register the fake, look the others up, print the table; exit 1 on a wrong answer."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.perf_counter()
    try:
        answers, entry_id = _show()
    except (BadPhotographs, NoFace, WeakSwap, FfmpegFailed, ServiceFailed) as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    say(f"\n{table.draw(answers)}\n")
    wrong = [(q.clip, found) for q, answer in answers if (found := judge(q, answer, entry_id))]
    for clip, found in wrong:
        say(f"WRONG {clip}.mp4: {found}")
    say("A demonstration: never cite it as accuracy.\n")
    if not wrong:
        say(
            "Four altered copies of a face-swapped speech were recognised as the registered fake, each with\n"
            "the stretch of it that it shows; the genuine speech was not accused; an unrelated clip matched\n"
            "nothing."
        )
    say(f"Clips: {HOME}/media (watch them). Database and logs: {HOME}/data. Answers: {HOME}/answers.jsonl.")
    say(f"{time.perf_counter() - started:.0f} seconds in all; `ms` is the time from fingerprint to answer.")
    sys.exit(1 if wrong else 0)


def _show() -> tuple[Asked, str]:
    """Every question with its answer, and the id of the entry registered."""
    began = time.perf_counter()
    clips, made = find_clips()
    say(f"1. clips: {'made from photographs, one face swapped' if made else 'kept'} ({_since(began)})")
    began, data = time.perf_counter(), HOME / "data"
    with service.running(data, HOME / "up.log") as url:
        say(f"2. service: database, broker, workers and API at {url} ({_since(began)})")
        began = time.perf_counter()
        entry_id, state = _register(data, clips)
        say(f"3. fake and original: {state} as entry {entry_id} ({_since(began)})")
        began = time.perf_counter()
        paths = [str(clips.path(question.clip)) for question in QUESTIONS]
        found = service.ask(data, "lookup", *paths)
        (HOME / "answers.jsonl").write_text("".join(f"{json.dumps(answer)}\n" for answer in found))
        say(f"4. {len(paths)} clips fingerprinted and looked up ({_since(began)})")
    by_path = {answer["path"]: answer for answer in found}
    return [(q, by_path[p]) for q, p in zip(QUESTIONS, paths, strict=True)], entry_id


def _register(data: Path, clips: Clips) -> tuple[str, str]:
    """Register the fake with its original; the entry's id and what happened."""
    options = ["--manipulation", "face_swap", "--title", TITLE, "--original", str(clips.path("original"))]
    done = service.ask(data, "register", str(clips.path("fake")), *options)[0]
    if done.get("status") != "matchable":
        raise ServiceFailed(f"the fake could not be registered: {json.dumps(done)}")
    return str(done["entry_id"]), "registered" if done["created"] else "known since an earlier run,"


def find_clips() -> tuple[Clips, bool]:
    """The clips, and whether they were made just now: the last run's serve while the recipe is the same."""
    sources = b"".join((Path(__file__).parent / f"{name}.py").read_bytes() for name in RECIPE)
    recipe, stamp = hashlib.sha256(sources).hexdigest(), HOME / "media" / "recipe"
    if stamp.exists() and stamp.read_text() == recipe:
        return Clips(HOME / "media"), False
    for stale in ("media", "media.part", "data"):  # other clips would answer beside the new ones
        shutil.rmtree(HOME / stale, ignore_errors=True)
    part = make_clips(HOME / "media.part", HOME / "photographs")
    (part.folder / "recipe").write_text(recipe)
    part.folder.rename(HOME / "media")
    return Clips(HOME / "media"), True


def _since(began: float) -> str:
    return f"{time.perf_counter() - began:.1f} s"


def say(line: str) -> None:
    """Print a line at once, in a pipe too."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
