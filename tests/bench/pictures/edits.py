"""What people do with a picture before they send it on, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from tests.bench.accuracy.drawn import overlays

WORDS: Final = (
    *("when you see it", "SHARE before they delete this", "who is this?", "no me lo puedo creer"),
    *("breaking news", "MIRA ESTO", "est-ce vrai ?", "they said it was private"),
)


@dataclass(frozen=True, slots=True)
class Draw:
    """The inputs of one edit. `face`: centre and width of the largest face as shares of the picture, None
    without one. `others`: unrelated pictures."""

    picture: Image.Image
    rng: random.Random
    others: Sequence[Image.Image]
    face: tuple[float, float, float] | None = None

    def between(self, low: float, high: float) -> float:
        return self.rng.uniform(low, high)


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit by name. `suffix`: of the file that is saved; `quality`: its range. `faced`: needs a face.
    `beside`: shows other pictures too."""

    name: str
    make: Callable[[Draw], Image.Image]
    suffix: str = ".jpg"
    quality: tuple[int, int] = (55, 85)
    faced: bool = False
    beside: bool = False


def resized(picture: Image.Image, width: float) -> Image.Image:
    """Return the picture at a width, in proportion."""
    across = max(16, round(width))
    return picture.resize((across, max(16, round(picture.height * across / picture.width))))


def messenger(draw: Draw) -> Image.Image:
    return resized(draw.picture, draw.between(480, 1080))


def small(draw: Draw) -> Image.Image:
    return resized(draw.picture, draw.between(200, 320))


def generations(draw: Draw) -> Image.Image:
    """Scale and compress twice more before the file is saved."""
    from io import BytesIO

    shown = draw.picture
    for _ in range(2):
        held = BytesIO()
        resized(shown, draw.between(360, 800)).save(held, "JPEG", quality=draw.rng.randint(35, 70))
        shown = Image.open(held).convert("RGB")
    return shown


def crop(draw: Draw, low: float = 0.5, high: float = 0.92) -> Image.Image:
    """Keep a share of the area, anywhere, at nearly any aspect."""
    width, height = draw.picture.size
    area = draw.between(low, high)
    across = min(1.0, draw.between(max(area, area**0.5 * 0.85), area**0.5 * 1.15))
    down = min(1.0, area / across)
    left, top = draw.between(0, 1 - across), draw.between(0, 1 - down)
    box = (left * width, top * height, (left + across) * width, (top + down) * height)
    return draw.picture.crop(tuple(map(round, box)))  # type: ignore[arg-type]  # four numbers


def mirrored(draw: Draw) -> Image.Image:
    return ImageOps.mirror(crop(draw, 0.75, 1.0) if draw.rng.random() < 0.5 else draw.picture)


def colours(draw: Draw) -> Image.Image:
    shown = ImageEnhance.Brightness(draw.picture).enhance(draw.between(0.75, 1.25))
    shown = ImageEnhance.Contrast(shown).enhance(draw.between(0.75, 1.3))
    return ImageEnhance.Color(shown).enhance(draw.rng.choice((0.0, draw.between(0.4, 1.8))))


def meme(draw: Draw) -> Image.Image:
    """Put words on a white bar, or in large letters on the picture."""
    shown = resized(draw.picture, draw.between(500, 900))
    width, height = shown.size
    if draw.rng.random() < 0.6:
        bar = round(height * draw.between(0.12, 0.3))
        whole = Image.new("RGB", (width, height + bar), "white")
        above = draw.rng.random() < 0.7
        whole.paste(shown, (0, bar if above else 0))
        _words(
            whole,
            draw,
            (width / 2, bar / 2 if above else height + bar / 2),
            min(bar * 0.4, width / 14),
            "black",
        )
        return whole
    for y in (0.08, 0.92) if draw.rng.random() < 0.5 else (0.9,):
        _words(shown, draw, (width / 2, height * y), width / draw.between(13, 18), "white")
    return shown


def screenshot(draw: Draw) -> Image.Image:
    """Show the picture in a conversation on a phone, with a caption and the phone's own bars."""
    across = draw.rng.choice((720, 1080))
    down = round(across * draw.between(1.78, 2.17))
    dark = draw.rng.random() < 0.5
    ground, bubble, ink = ("#0b141a", "#1f2c33", "white") if dark else ("#efeae2", "white", "black")
    screen = Image.new("RGB", (across, down), ground)
    paint = ImageDraw.Draw(screen)
    paint.rectangle((0, 0, across, down * 0.09), fill=bubble)
    _words(screen, draw, (across * 0.35, down * 0.055), across / 26, ink, text="Grupo 21:47")
    paint.rectangle((0, down * 0.93, across, down), fill=bubble)
    share = draw.between(0.72, 1.0)
    shown = resized(draw.picture, across * share)
    if shown.height > down * 0.7:
        shown = shown.resize((round(shown.width * down * 0.7 / shown.height), round(down * 0.7)))
    left, top = round((across - shown.width) * draw.between(0, 1)), round(down * draw.between(0.1, 0.16))
    low = top + shown.height
    paint.rounded_rectangle((left - 8, top - 8, left + shown.width + 8, low + down * 0.06), 18, fill=bubble)
    screen.paste(shown, (left, top))
    _words(screen, draw, (left + shown.width / 2, low + down * 0.03), across / 26, ink)
    return screen


def filmed(draw: Draw) -> Image.Image:
    """Photograph a screen by hand: a slant, the screen's edge, moiré, noise, less contrast."""
    shown = resized(draw.picture, draw.between(700, 1000)).convert("RGBA")
    shown.alpha_composite(overlays.moire(*shown.size, draw.rng))
    width, height = shown.size
    room = (round(width * draw.between(0.02, 0.1)), round(height * draw.between(0.02, 0.1)))
    whole = Image.new("RGB", (width + 2 * room[0], height + 2 * room[1]), (16, 16, 20))
    whole.paste(shown.convert("RGB"), room)
    wide, tall = whole.size
    slant = [(draw.between(0, 0.05) * wide, draw.between(0, 0.05) * tall) for _ in range(4)]
    corners = [(0, 0), (wide, 0), (wide, tall), (0, tall)]
    turned = [(1, 1), (-1, 1), (-1, -1), (1, -1)]
    moved = [(x + a * s, y + b * t) for (x, y), (a, b), (s, t) in zip(corners, turned, slant, strict=True)]
    whole = whole.transform(
        whole.size, Image.Transform.PERSPECTIVE, _perspective(moved, corners), Image.Resampling.BILINEAR
    )
    cells = np.asarray(whole).astype(np.float64)
    noise = np.random.default_rng(draw.rng.randrange(1 << 30)).normal(0, draw.between(3, 9), cells.shape)
    cells = (cells - 128) * draw.between(0.75, 0.95) + 128 + draw.between(-12, 20) + noise
    blurred = Image.fromarray(np.clip(cells, 0, 255).astype(np.uint8))
    return blurred.filter(ImageFilter.GaussianBlur(draw.between(0.4, 1.2)))


def collage(draw: Draw) -> Image.Image:
    """Put it beside, or in a grid of, unrelated pictures."""
    columns, rows = draw.rng.choice(((2, 1), (1, 2), (2, 2), (3, 1)))
    width, height = 480, round(480 * min(max(draw.picture.height / draw.picture.width, 0.5), 1.6))
    gap = draw.rng.choice((0, 6, 14))
    whole = Image.new("RGB", (columns * (width + gap) - gap, rows * (height + gap) - gap), "white")
    cells = [(x * (width + gap), y * (height + gap)) for y in range(rows) for x in range(columns)]
    place = draw.rng.randrange(len(cells))
    for at, corner in enumerate(cells):
        shown = draw.picture if at == place else draw.rng.choice(list(draw.others))
        whole.paste(ImageOps.fit(shown, (width, height)), corner)
    return whole


def sticker(draw: Draw) -> Image.Image:
    """Put a sticker of 4 to 12 % of the picture anywhere."""
    width, height = draw.picture.size
    side = min(round((draw.between(0.04, 0.12) * width * height * 1.27) ** 0.5), width, height)
    place = (round(draw.between(0, 1) * (width - side)), round(draw.between(0, 1) * (height - side)))
    return _stuck(draw, side, place)


def sticker_on_face(draw: Draw) -> Image.Image:
    """Cover a third to two thirds of the face's width."""
    assert draw.face is not None
    (x, y, across), (width, height) = draw.face, draw.picture.size
    side = max(12, round(draw.between(0.35, 0.65) * across * width))
    left = x * width + draw.between(-0.35, 0.35) * across * width - side / 2
    top = y * height + draw.between(-0.45, 0.25) * across * width - side / 2
    return _stuck(draw, side, (round(left), round(top)))


def _stuck(draw: Draw, side: int, place: tuple[int, int]) -> Image.Image:
    shown = draw.picture.copy()
    image = overlays.sticker(side, draw.rng)
    shown.paste(image, place, image)
    return resized(shown, min(shown.width, 1080))


def _words(
    image: Image.Image, draw: Draw, at: tuple[float, float], size: float, ink: str, *, text: str = ""
) -> None:
    font = ImageFont.load_default(max(10, size))
    edge = 2 if ink == "white" else 0
    words = text or draw.rng.choice(WORDS)
    ImageDraw.Draw(image).text(at, words, ink, font, "mm", stroke_width=edge, stroke_fill="black")


def _perspective(
    moved: Sequence[tuple[float, float]], corners: Sequence[tuple[float, float]]
) -> tuple[float, ...]:
    """Return the eight factors by which Pillow shows the corners of a picture at `moved`."""
    rows, wanted = [], []
    for (x, y), (u, v) in zip(moved, corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return tuple(np.linalg.solve(np.array(rows, dtype=float), np.array(wanted)).tolist())


EDITS: Final = (
    Edit("messenger", messenger, quality=(25, 70)),
    Edit("small", small, quality=(40, 75)),
    Edit("three generations", generations, quality=(35, 70)),
    Edit("WebP", messenger, ".webp", (25, 75)),
    Edit("AVIF", messenger, ".avif", (25, 65)),
    Edit("crop", crop),
    Edit("mirrored", mirrored),
    Edit("colours", colours),
    Edit("meme", meme),
    Edit("screenshot", screenshot),
    Edit("photo of a screen", filmed),
    Edit("collage", collage, beside=True),
    Edit("sticker", sticker),
    Edit("sticker on face", sticker_on_face, faced=True),
)
