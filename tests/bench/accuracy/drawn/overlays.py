"""Pictures laid over drawn edits: Arabic subtitles, stickers, a person's outline."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONT: Final = Path(__file__).parents[4] / "registry/console/static/vendor/vazirmatn-arabic.woff2"
LINES: Final = (
    "هذا ما قاله لي أمس",
    "لا أحد يعرف الحقيقة",
    "شاهدوا الفيديو حتى النهاية",
    "عاجل: تصريح جديد للرئيس",
    "هل تصدقون هذا الكلام؟",
)
COLOURS: Final = ((255, 204, 40), (240, 70, 90), (70, 170, 250), (250, 250, 250), (60, 200, 110))


def subtitles(width: int, height: int, rng: random.Random) -> Image.Image:
    """Draw one or two lines of Arabic in the lower third, some on a dark bar."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    size = max(12, round(min(width, height) * rng.uniform(0.055, 0.1)))
    font = ImageFont.truetype(str(FONT), size)
    lines = rng.sample(LINES, rng.choice((1, 2)))
    top = height * rng.uniform(0.74, 0.9) - size * 1.4 * (len(lines) - 1)
    bar = rng.random() < 0.5
    for number, line in enumerate(lines):
        at = (width / 2, top + number * size * 1.4)
        if bar:
            box = draw.textbbox(at, line, font=font, anchor="mm", direction="rtl")
            draw.rectangle((box[0] - 6, box[1] - 4, box[2] + 6, box[3] + 4), fill=(0, 0, 0, 190))
        draw.text(
            at,
            line,
            font=font,
            anchor="mm",
            direction="rtl",
            fill="white",
            stroke_width=2,
            stroke_fill="black",
        )
    return image


def sticker(side: int, rng: random.Random) -> Image.Image:
    """Draw a round face in a colour, or sunglasses."""
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    colour = (*rng.choice(COLOURS), 255)
    draw.ellipse((0, 0, side - 1, side - 1), fill=colour)
    for left in (0.25, 0.6):
        draw.ellipse((side * left, side * 0.28, side * (left + 0.15), side * 0.5), fill="black")
    draw.arc(
        (side * 0.25, side * 0.35, side * 0.75, side * 0.8), 20, 160, fill="black", width=max(2, side // 14)
    )
    return image


def outline(width: int, height: int) -> Image.Image:
    """Draw the mask of a person: a head on shoulders, white, with soft edges."""
    image = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.3, height * 0.08, width * 0.7, height * 0.68), fill=255)
    draw.rounded_rectangle((width * 0.1, height * 0.62, width * 0.9, height * 1.3), width * 0.25, fill=255)
    return image.filter(ImageFilter.GaussianBlur(2))


def moire(width: int, height: int, rng: random.Random) -> Image.Image:
    """Draw the bands that a camera sees on a screen: two gratings beat, in strength and pitch as drawn."""
    pitch, slope, strength = rng.uniform(3.1, 7.0), rng.uniform(-0.6, 0.6), rng.randint(14, 40)
    curve = rng.uniform(0.0005, 0.003)
    y, x = np.mgrid[0:height, 0:width]
    phase = (x + slope * y + curve * x * y) / pitch
    bands = (strength * np.abs(2 * (phase % 1) - 1)).astype(np.uint8)
    image = Image.new("RGBA", (width, height), (200, 220, 255, 0))
    image.putalpha(Image.fromarray(bands))
    return image


def saved(folder: Path, name: str, image: Image.Image) -> Path:
    """Write a picture once, completely, and return its path."""
    path = folder / f"{name}.png"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.stem}.{id(image)}.partial.png")
        image.save(partial)
        partial.replace(path)
    return path
