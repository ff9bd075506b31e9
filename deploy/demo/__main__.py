"""`make demo`: the main job of Fakeprint, end to end, on real photographs."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from deploy.demo import contact_sheet, service, table
from deploy.demo.faces import NoFace
from deploy.demo.ffmpeg import FfmpegFailed
from deploy.demo.media import PARTS, Clips, make_clips
from deploy.demo.photographs import BadPhotographs
from deploy.demo.questions import QUESTIONS, Answer, Question, judge
from deploy.demo.service import ServiceFailed
from deploy.demo.swap import WeakSwap
from deploy.demo.terminal import Advance, Terminal

HOME = Path(".demo")
SHEET = HOME / "contact-sheet.png"
RECIPE = ("camera", "faces", "ffmpeg", "media", "photographs", "swap")
TITLE = "Demonstration: a speech with another man's face"

INTRODUCTION = """\
Fakeprint demonstration: a face swap is registered with its original, then
altered copies of both are looked up. It takes about a minute on two cores.
The first run downloads 3 MB of photographs. All files stay in .demo; no clip
leaves this machine.
"""
SUCCESS = """\
Four altered copies were recognised as the registered fake, each with the
seconds of it that they show. The genuine speech was not accused. An unrelated
clip matched nothing. This shows what Fakeprint does, not how accurate it is.
"""
NEXT = f"""\
What to do next:
  1. Look at {SHEET}: fake, original, copies, aligned in time.
  2. Try your own clips: make up, then "Quick start" in README.md.
  3. Read what an answer means, and how to ask from a program:
     docs/tutorials/ten-minutes.md"""

Asked = list[tuple[Question, Answer]]


def main() -> None:
    """Make the clips, register the fake, look the others up, print the table; exit 1 on a wrong answer."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    terminal = Terminal()
    terminal.say(INTRODUCTION)
    try:
        answers, entry_id = _show(terminal)
    except (BadPhotographs, NoFace, WeakSwap, FfmpegFailed, ServiceFailed) as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    terminal.say()
    for line in table.draw(answers):
        terminal.say(line)
    terminal.say()
    wrong = [(q.clip, found) for q, answer in answers if (found := judge(q, answer, entry_id))]
    for clip, found in wrong:
        terminal.say(f"WRONG {clip}: {found}")
    if not wrong:
        times = [answer["timing_ms"]["total"] for _, answer in answers]
        terminal.say(SUCCESS + f"From fingerprint to answer: {min(times):.0f} to {max(times):.0f} ms.\n")
    terminal.say(NEXT)
    sys.exit(1 if wrong else 0)


def _show(terminal: Terminal) -> tuple[Asked, str]:
    """Every question with its answer, and the id of the entry registered."""
    with terminal.step("1. make the clips (kept for the next run)", PARTS) as advance:
        clips = find_clips(advance)
    data = HOME / "data"
    with ExitStack() as stack:
        with terminal.step("2. start database, broker, workers and API"):
            stack.enter_context(service.running(data, HOME / "up.log"))
        with terminal.step("3. fingerprint and register fake and original"):
            entry_id = _register(data, clips)
        with terminal.step(f"4. fingerprint and look up {len(QUESTIONS)} clips", len(QUESTIONS)) as advance:
            answers = _look_up(data, clips, advance)
        with terminal.step("5. stop the service and draw the contact sheet"):
            stack.close()
            contact_sheet.draw(clips, answers, SHEET)
    return answers, entry_id


def _register(data: Path, clips: Clips) -> str:
    """Register the fake with its original, or find them from an earlier run; the entry's id."""
    options = ["--manipulation", "face_swap", "--title", TITLE, "--original", str(clips.path("original"))]
    done = service.ask(data, "register", str(clips.path("fake")), *options)[0]
    if done.get("status") != "matchable":
        raise ServiceFailed(f"the fake could not be registered: {json.dumps(done)}")
    return str(done["entry_id"])


def _look_up(data: Path, clips: Clips, advance: Advance) -> Asked:
    """Ask every question; the answers are kept in answers.jsonl."""
    paths = {str(clips.path(question.clip)): question for question in QUESTIONS}
    names = iter([*(f"looking up {Path(path).name}" for path in paths), "done"])
    advance(next(names))
    found = service.ask(data, "lookup", *paths, on_event=lambda _: advance(next(names)))
    (HOME / "answers.jsonl").write_text("".join(f"{json.dumps(answer)}\n" for answer in found))
    return [(paths[answer["path"]], answer) for answer in found]


def find_clips(advance: Advance = lambda _: None) -> Clips:
    """The clips, made unless the last run's serve: those of the same recipe."""
    sources = b"".join((Path(__file__).parent / f"{name}.py").read_bytes() for name in RECIPE)
    recipe, stamp = hashlib.sha256(sources).hexdigest(), HOME / "media" / "recipe"
    if stamp.exists() and stamp.read_text() == recipe:
        return Clips(HOME / "media")
    for stale in ("media", "media.part", "data"):  # other clips would answer beside the new ones
        shutil.rmtree(HOME / stale, ignore_errors=True)
    part = make_clips(HOME / "media.part", HOME / "photographs", advance)
    (part.folder / "recipe").write_text(recipe)
    part.folder.rename(HOME / "media")
    return Clips(HOME / "media")


if __name__ == "__main__":
    main()
