"""The contact sheet: a row of pictures a clip, each in the column of the fake's second that it shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from deploy.demo.media import Clips
from deploy.demo.questions import Answer, Question, Stretch, best_match
from deploy.demo.table import where

SECONDS: Final = range(11)  # the fake lasts 10.4 s
PICTURE: Final = (96, 128)  # pixels
GAP: Final = 6
LEFT: Final = 236  # the names' column
ROW: Final = PICTURE[1] + 34  # a bar under the pictures shows where in the clip they stand
TOP: Final = 92
COLOURS: Final = {"known_fake": "#b3261e", "authentic_original": "#1b7f3b", "no_match": "#5f6368"}
REGISTERED: Final = {"fake": "registered as a fake", "original": "registered as its original"}
TITLE: Final = "What was registered, what was looked up, and where they show the same"
LEGEND: Final = (
    "Columns: seconds of the fake. A copy's picture stands where Fakeprint found it. "
    "Bars: the whole clip, and the part that matches."
)


def draw(clips: Clips, answers: Sequence[tuple[Question, Answer]], path: Path) -> None:
    """Write the sheet as a PNG: the fake, its original, then every clip that was looked up."""
    rows = [
        ("fake", None),
        *sorted(((q.clip, (q, a)) for q, a in answers), key=lambda row: row[0] != "original"),
    ]
    width = LEFT + len(SECONDS) * (PICTURE[0] + GAP) + GAP
    sheet = Image.new("RGB", (width, TOP + len(rows) * ROW + GAP), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((GAP * 2, 12), TITLE, fill="black", font=ImageFont.load_default(size=22))
    pen.text((GAP * 2, 44), LEGEND, fill="#5f6368", font=ImageFont.load_default(size=14))
    for second in SECONDS:
        pen.text(
            (left(second), TOP - 20), f"{second} s", fill="#5f6368", font=ImageFont.load_default(size=13)
        )
    for top, (name, pair) in zip(row_tops(len(rows)), rows, strict=True):
        _row(sheet, top, clips.path(name), pair)
    sheet.save(path)


def row_tops(rows: int) -> list[int]:
    """Where each row's pictures begin, in pixels."""
    return [TOP + number * ROW for number in range(rows)]


def _row(sheet: Image.Image, top: int, clip: Path, answered: tuple[Question, Answer] | None) -> None:
    """A clip's name, its answer, its pictures and its bar."""
    pen, small = ImageDraw.Draw(sheet), ImageFont.load_default(size=13)
    match = best_match(*answered) if answered else None
    colour = COLOURS.get(answered[1].get("verdict", ""), "#8a6d00") if answered else COLOURS["known_fake"]
    pen.text((GAP * 2, top + 8), clip.stem, fill="black", font=ImageFont.load_default(size=16))
    for line, text in enumerate(_words(clip.stem, answered, match)):
        pen.text((GAP * 2, top + 32 + 18 * line), text, fill=colour if line == 0 else "#444444", font=small)
    video = cv2.VideoCapture(str(clip))
    length = video.get(cv2.CAP_PROP_FRAME_COUNT) / video.get(cv2.CAP_PROP_FPS)
    for second in SECONDS:
        moment = _moment(float(second), match) if match else float(second)
        picture = _picture(video, moment) if moment is not None and moment < length else None
        if picture is not None:
            sheet.paste(picture if match or not answered else picture.convert("L"), (left(second), top))
    video.release()
    spans = [(s["query"][0], s["query"][1]) for s in match["spans"]] if match else []
    _bar(pen, top + PICTURE[1] + 8, length, spans or ([] if answered else [(0.0, length)]), colour)


def _words(name: str, answered: tuple[Question, Answer] | None, match: Answer | None) -> list[str]:
    """What stands under a clip's name; the first line is its answer."""
    if answered is None:
        return [REGISTERED[name]]
    words = [answered[1].get("verdict", "error")]
    if match is None:
        return [*words, "nothing registered is like it"]
    seconds, shown = where(match)
    registered = [REGISTERED[name]] if name in REGISTERED else []
    return [*words, *registered, f"seconds {seconds} show", shown]


def _moment(second: float, match: Answer) -> float | None:
    """The second of the clip that shows `second` of what is registered, by the answer's spans."""
    for span in match["spans"]:
        (begin, end), (first, last) = span["query"], span["asset"]
        if first - 0.15 <= second <= last + 0.15 and last > first:
            return max(0.0, float(begin + (second - first) / (last - first) * (end - begin)))
    return None


def _picture(video: cv2.VideoCapture, moment: float) -> Image.Image | None:
    """The clip's picture at a moment, inside PICTURE; nothing where none can be read."""
    video.set(cv2.CAP_PROP_POS_MSEC, moment * 1000)
    read, frame = video.read()
    if not read:
        return None
    picture = Image.fromarray(np.ascontiguousarray(frame[:, :, ::-1]))
    picture.thumbnail(PICTURE)
    framed = Image.new("RGB", PICTURE, "#e8eaed")
    framed.paste(picture, ((PICTURE[0] - picture.width) // 2, (PICTURE[1] - picture.height) // 2))
    return framed


def _bar(pen: ImageDraw.ImageDraw, top: int, length: float, spans: Sequence[Stretch], colour: str) -> None:
    """The whole clip as a grey bar, its matching seconds in colour, its length beside it."""
    width = len(SECONDS) * (PICTURE[0] + GAP) - 60
    pen.rectangle((LEFT, top, LEFT + width, top + 8), fill="#dadce0")
    for start, end in spans:
        pen.rectangle((LEFT + start / length * width, top, LEFT + end / length * width, top + 8), fill=colour)
    pen.text(
        (LEFT + width + 8, top - 3), f"{length:.1f} s", fill="#5f6368", font=ImageFont.load_default(size=12)
    )


def left(second: int) -> int:
    """Where a second's column begins, in pixels."""
    return LEFT + second * (PICTURE[0] + GAP)
