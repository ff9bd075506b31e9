"""Drawn edits of the whole picture: encoding, crops, frames, colours, overlays, geometry."""

from __future__ import annotations

import hashlib
import itertools
import math
from dataclasses import replace
from pathlib import Path

from PIL import Image

from tests.bench.accuracy.drawn import overlays
from tests.bench.accuracy.drawn.drawing import Draw, encoded, even, filtered, over, whole_truth
from tests.bench.accuracy.media import drawings
from tests.bench.accuracy.media.recipes import Plan, file


def messenger(draw: Draw) -> Plan:
    width = even(draw.between(480, 720))
    return filtered(draw, f"scale={width}:-2", options=encoded(draw.rng.randint(28, 33)))


def two_messengers(draw: Draw) -> Plan:
    """Two generations: the second app scales and encodes what the first one made."""
    again = (
        "-vf",
        f"scale={even(draw.between(360, 540))}:-2",
        *encoded(draw.rng.randint(30, 34)),
        "-c:a",
        "copy",
    )
    return replace(messenger(draw), then=(again,))


def heavy(draw: Draw) -> Plan:
    width, rate = even(draw.between(240, 360)), draw.rng.randint(12, 20)
    return filtered(draw, f"fps={rate},scale={width}:-2", options=encoded(draw.rng.randint(37, 40)))


def crop_filter(draw: Draw, low: float, high: float) -> str:
    """Return a crop that keeps a share of the area between the two, anywhere."""
    area = draw.between(low, high)
    across = draw.between(max(area, math.sqrt(area) * 0.85), min(1.0, math.sqrt(area) * 1.15))
    down = min(1.0, area / across)
    x, y = draw.between(0, 1 - across), draw.between(0, 1 - down)
    return f"crop=trunc(iw*{across:.3f}/2)*2:trunc(ih*{down:.3f}/2)*2:iw*{x}:ih*{y}"


def crop(draw: Draw) -> Plan:
    return filtered(draw, crop_filter(draw, 0.45, 0.9))


def vertical_crop(draw: Draw) -> Plan:
    """Keep an upright part, 9:16 to 1:1, around the middle."""
    width, height = draw.size
    aspect = draw.between(9 / 16, 1.0)
    if width / height > aspect:
        share, shift = aspect * height / width, draw.between(-0.05, 0.05)
        x = min(max((1 - share) / 2 + shift, 0), 1 - share)
        return filtered(draw, f"crop=trunc(iw*{share:.4f}/2)*2:ih:iw*{x:.4f}:0")
    share, shift = width / aspect / height, draw.between(-0.05, 0.05)
    share = max(share, 0.6) if share < 1 else 0.7
    y = min(max((1 - share) / 2 + shift, 0), 1 - share)
    return filtered(draw, f"crop=iw:trunc(ih*{share:.4f}/2)*2:0:ih*{y:.4f}")


def caption(draw: Draw, before: str = "") -> Plan:
    """Put words on a white bar above or below."""
    width, height = draw.size
    bar = max(24, even(height * draw.between(0.1, 0.28)))
    picture = drawings.png(draw.folder, drawings.caption, width, bar)
    above = draw.rng.random() < 0.7
    chain = ",".join(part for part in (draw.base, before, f"scale={width}:{height},setsar=1") if part)
    pad = f"pad={width}:{height + bar}:0:{bar if above else 0}"
    graph = f"[0:v]{chain},{pad}[a];[a][1:v]overlay=0:{0 if above else height}[v]"
    return Plan((file(draw.source), ("-i", str(picture))), graph, whole_truth(draw), sound=0)


def mirror_crop_caption(draw: Draw) -> Plan:
    return caption(draw, f"hflip,{crop_filter(draw, 0.65, 0.9)}")


def bars(draw: Draw) -> Plan:
    """Fill an upright frame with black or with the blurred picture."""
    width, height = draw.size
    aspect = draw.between(9 / 16, 0.8)
    if width / height > aspect + 0.05:
        frame = (width, even(width / aspect))
    else:
        frame = (even(height * draw.between(1.4, 16 / 9)), height)
    across, down = frame
    if draw.rng.random() < 0.4:
        return filtered(draw, f"pad={across}:{down}:-1:-1:black")
    fill = f"scale={across}:{down}:force_original_aspect_ratio=increase,crop={across}:{down}"
    blur = f"gblur=sigma={draw.between(12, 30)}"
    graph = f"[0:v]{draw.base},split[a][b];[a]{fill},{blur}[c];[c][b]overlay=(W-w)/2:(H-h)/2[v]"
    return Plan((file(draw.source),), graph, whole_truth(draw), sound=0)


def border(draw: Draw) -> Plan:
    share, colour = 1 + draw.between(0.04, 0.2), f"0x{draw.rng.randrange(1 << 24):06x}"
    return filtered(draw, f"pad=trunc(iw*{share}/2)*2:trunc(ih*{share}/2)*2:-1:-1:{colour}")


def arabic_subtitles(draw: Draw) -> Plan:
    return over(draw, _picture(draw, "arabic", overlays.subtitles(*draw.size, draw.rng)))


def sticker(draw: Draw) -> Plan:
    """Put a sticker of 4 to 12 % of the picture anywhere."""
    width, height = draw.size
    side = even(math.sqrt(draw.between(0.04, 0.12) * width * height * 4 / math.pi))
    side = min(side, width, height)
    place = f"{round(draw.between(0, 1) * (width - side))}:{round(draw.between(0, 1) * (height - side))}"
    return over(draw, _picture(draw, "sticker", overlays.sticker(side, draw.rng)), place)


def sticker_on_face(draw: Draw) -> Plan:
    """Put a sticker at a fixed place of the face, which it follows."""
    width, height = draw.size
    size = draw.between(0.35, 0.65) * max(face.width for face in draw.faces)
    side = max(16, even(size * width))
    across, down = draw.between(-0.45, 0.45), draw.between(-0.6, 0.1)
    seconds = [face.second for face in draw.faces]
    xs = [(face.x + across * face.width) * width - side / 2 for face in draw.faces]
    ys = [face.y * height + down * face.width * width - side / 2 for face in draw.faces]
    place = f"x='{_path(seconds, xs)}':y='{_path(seconds, ys)}'"
    return over(draw, _picture(draw, "face", overlays.sticker(side, draw.rng)), place)


def _path(seconds: list[float], values: list[float]) -> str:
    """Return FFmpeg's expression of a value over time, linear between the samples."""
    step = max(1, len(values) // 14)
    points = list(zip(seconds, values, strict=True))[::step]
    expression = f"{points[-1][1]:.1f}"
    for (start, value), (end, following) in reversed(list(itertools.pairwise(points))):
        if end > start:
            slope = (following - value) / (end - start)
            expression = f"if(lt(t,{end:.2f}),{value:.1f}+{slope:.2f}*max(t-{start:.2f},0),{expression})"
    return expression


def colours(draw: Draw) -> Plan:
    """Change brightness, contrast, gamma and saturation, or take the colour away."""
    grey = draw.rng.random() < 0.25
    light = f"eq=brightness={draw.between(-0.18, 0.18)}:contrast={draw.between(0.75, 1.3)}"
    light += f":gamma={draw.between(0.75, 1.3)}:saturation={0 if grey else draw.between(0.5, 1.8)}"
    tint = f"colorbalance=rm={draw.between(-0.2, 0.2)}:bm={draw.between(-0.2, 0.2)}"
    return filtered(draw, light if grey else f"{light},{tint}")


def rotated(draw: Draw) -> Plan:
    angle = draw.rng.choice((-1, 1)) * draw.between(2, 8)
    return filtered(draw, f"rotate={angle}*PI/180:fillcolor=black")


def stretched(draw: Draw) -> Plan:
    """Squeeze or stretch to another aspect, up to a square or half as wide again."""
    width, height = draw.size
    change = draw.between(0.56, 0.85) if draw.rng.random() < 0.7 else draw.between(1.18, 1.5)
    return filtered(draw, f"scale={even(width * change)}:{height},setsar=1")


def zoom_and_pan(draw: Draw) -> Plan:
    """Move slowly over the picture and into it, as editors do with stills and calm footage."""
    width, height = draw.size
    first, last = draw.between(1.05, 1.35), draw.between(1.05, 1.35)
    frames = max(1, round(draw.length * draw.rate))
    x0, x1, y0, y1 = (draw.between(0.2, 0.8) for _ in range(4))
    share = f"min(on/{frames},1)"
    zoom = f"{first}+({last - first:.3f})*{share}"
    x = f"(iw-iw/zoom)*({x0}+({x1 - x0:.3f})*{share})"
    y = f"(ih-ih/zoom)*({y0}+({y1 - y0:.3f})*{share})"
    pan = f"zoompan=z='{zoom}':x='{x}':y='{y}':d=1:s={width}x{height}:fps={draw.rate:g}"
    return filtered(draw, pan)


def filmed_screen(draw: Draw) -> Plan:
    """Film a screen by hand: a slant, the screen's edge, moiré, noise, less contrast."""
    width, height = draw.size
    grid = _picture(draw, "moire", overlays.moire(width, height, draw.rng))
    x0, x1, x2, x3 = (draw.between(0, 0.06) for _ in range(4))
    y0, y1, y2, y3 = (draw.between(0, 0.07) for _ in range(4))
    slant = (
        f"perspective=x0={width * x0:.0f}:y0={height * y0:.0f}:x1={width * (1 - x1):.0f}:y1={height * y1:.0f}"
        f":x2={width * x2:.0f}:y2={height * (1 - y2):.0f}:x3={width * (1 - x3):.0f}"
        f":y3={height * (1 - y3):.0f}:sense=destination:interpolation=linear"
    )
    edge = (
        f"pad=trunc(iw*{1 + draw.between(0.02, 0.12)}/2)*2:trunc(ih*{1 + draw.between(0.02, 0.12)}/2)*2:-1:-1"
    )
    look = f"noise=alls={draw.rng.randint(6, 18)}:allf=t,eq=contrast={draw.between(0.75, 0.95)}"
    look += f":brightness={draw.between(-0.05, 0.08)},gblur=sigma={draw.between(0.4, 1.1)}"
    graph = (
        f"[0:v]{draw.base}[a];[a][1:v]overlay=0:0:format=auto,format=yuv420p,{edge}:0x101014,"
        f"scale={width}:{height},{slant},{look}[v]"
    )
    return Plan((file(draw.source), ("-i", str(grid))), graph, whole_truth(draw))


def bleeps(draw: Draw) -> Plan:
    """Cover words with a tone, three to six times, and pixelate the mouth's part of the picture meanwhile."""
    count = draw.rng.randint(3, 6)
    starts = sorted(draw.between(0, max(draw.length - 0.6, 0.1)) for _ in range(count))
    during = "+".join(f"between(t,{start},{start + draw.between(0.25, 0.6):.3f})" for start in starts)
    tone = f"sine=frequency={draw.rng.randint(800, 1200)}:duration={draw.length:.3f}"
    graph = (
        f"[0:v]{draw.base}[v];[0:a]aformat=channel_layouts=mono,volume='if({during},0,1)':eval=frame[x];"
        f"{tone},volume='if({during},.6,0)':eval=frame[y];[x][y]amix=2:duration=first:normalize=0[s]"
    )
    return Plan((file(draw.source),), graph, whole_truth(draw), heard=True)


def gif(draw: Draw) -> Plan:
    width, rate = even(draw.between(240, 400)), draw.rng.randint(8, 12)
    colours = draw.rng.choice((64, 128, 256))
    fit = f"fps={rate},scale={width}:-2:flags=lanczos,split[a][b];[a]palettegen={colours}[p]"
    graph = f"[0:v]{draw.base},{fit};[b][p]paletteuse[v]"
    return Plan((file(draw.source),), graph, whole_truth(draw), (), ".gif")


def few_frames(draw: Draw) -> Plan:
    return filtered(draw, f"fps={draw.rng.randint(5, 10)}")


def _picture(draw: Draw, name: str, image: Image.Image) -> Path:
    digest = hashlib.sha256(image.tobytes()).hexdigest()[:16]
    return overlays.saved(draw.folder, f"{name}-{image.width}x{image.height}-{digest}", image)
