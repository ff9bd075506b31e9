"""Pictures laid over edits, drawn by Pillow with the font it carries: the same on every machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

CAPTION: Final = "WHEN THEY THINK NOBODY IS LOOKING"
SUBTITLE: Final = "so they told me it was real"
WATERMARK: Final = "@clips_daily"
CLEAR: Final = (0, 0, 0, 0)
PHONE: Final = (540, 1170)
"""A phone's screen, in pixels."""

Drawing = Callable[[int, int], Image.Image]


def png(folder: Path, draw: Drawing, width: int, height: int) -> Path:
    """The drawing as a file in `folder`, drawn once for each size."""
    path = folder / f"{draw.__name__}-{width}x{height}.png"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.stem}.{id(path)}.partial.png")
        draw(width, height).save(partial)
        partial.replace(path)
    return path


def caption(width: int, height: int) -> Image.Image:
    """A white bar with black words, as memes have above the picture."""
    image = Image.new("RGBA", (width, height), (255, 255, 255, 255))
    _write(image, CAPTION, (width / 2, height / 2), width / 22, fill=(0, 0, 0, 255))
    return image


def burnt_in(width: int, height: int) -> Image.Image:
    """A subtitle in the lower third, outlined, and a watermark in the upper left corner."""
    image = Image.new("RGBA", (width, height), CLEAR)
    size = min(width, height) / 13
    _write(image, SUBTITLE, (width / 2, height * 0.84), size, fill=(255, 255, 255, 255), stroke=True)
    _write(image, WATERMARK, (width * 0.2, height * 0.08), size * 0.7, fill=(255, 255, 255, 150))
    return image


def sticker(width: int, height: int) -> Image.Image:
    """A yellow face that covers 8 % of the frame."""
    image = Image.new("RGBA", (width, height), CLEAR)
    draw = ImageDraw.Draw(image)
    radius = (0.08 * width * height / 3.1416) ** 0.5
    x, y = width * 0.7, height * 0.68
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 204, 40, 255))
    for side in (-1, 1):
        eye = x + side * radius * 0.35
        draw.ellipse(
            (eye - radius * 0.1, y - radius * 0.4, eye + radius * 0.1, y - radius * 0.1), fill="black"
        )
    smile = (x - radius * 0.5, y - radius * 0.3, x + radius * 0.5, y + radius * 0.6)
    draw.arc(smile, 20, 160, fill="black", width=max(2, round(radius / 12)))
    return image


def phone(width: int, height: int) -> Image.Image:
    """An app's screen: status line, name and avatar above; buttons, comments and a keyboard line below."""
    image = Image.new("RGBA", (width, height), (18, 18, 20, 255))
    draw = ImageDraw.Draw(image)
    line = height / 45
    _write(image, "9:41", (width * 0.1, line), line * 0.7, fill="white")
    draw.rounded_rectangle((width * 0.86, line * 0.6, width * 0.95, line * 1.4), line / 4, outline="white")
    draw.ellipse((width * 0.04, line * 2.4, width * 0.14, line * 2.4 + width * 0.1), fill=(205, 70, 120, 255))
    _write(image, WATERMARK, (width * 0.32, line * 3.5), line * 0.8, fill="white")
    for row, place in enumerate((0.8, 0.84, 0.88)):
        right = width * (0.9 - 0.2 * row)
        box = (width * 0.05, height * place, right, height * place + line * 0.6)
        draw.rounded_rectangle(box, line / 4, fill=(70, 70, 76, 255))
    for column in range(4):
        x = width * (0.1 + 0.12 * column)
        draw.ellipse(
            (x - line / 2, height * 0.75, x + line / 2, height * 0.75 + line), outline="white", width=3
        )
    field = (width * 0.05, height * 0.94, width * 0.8, height * 0.975)
    draw.rounded_rectangle(field, line, outline=(120, 120, 126, 255), width=2)
    return image


def moire(width: int, height: int) -> Image.Image:
    """What a camera makes of a screen's pixel grid: faint bands that beat across the picture."""
    image = Image.new("RGBA", (width, height), CLEAR)
    pixels = image.load()
    assert pixels is not None
    for y in range(height):
        for x in range(width):
            beat = ((x * x // 97 + y * 5) // 7 + (y * y // 131 + x * 3) // 9) % 6
            if beat < 2:
                pixels[x, y] = (200, 220, 255, 26) if beat else (0, 0, 0, 34)
    return image


def _write(
    image: Image.Image,
    words: str,
    at: tuple[float, float],
    size: float,
    *,
    fill: str | tuple[int, int, int, int],
    stroke: bool = False,
) -> None:
    font = ImageFont.load_default(max(8.0, size))
    width = max(1, round(size / 12)) if stroke else 0
    ImageDraw.Draw(image).text(
        at, words, fill=fill, font=font, anchor="mm", stroke_width=width, stroke_fill="black"
    )
