"""The edits that people make before they send a clip on, each a fixed recipe of FFmpeg's filters.

Every source is first brought to what a phone holds: at most 848 pixels on its longer side, at most 30 frames
a second, H.264. Names, parameters and truths here are the benchmark: change one and raise VERSION.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.accuracy.media import drawings
from tests.bench.accuracy.media.material import Carriers, Item

VERSION: Final = 1
LONGEST: Final = 848
PHONE_APP: Final = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-pix_fmt", "yuv420p")
"""How the app that made the edit encodes it, where a recipe says nothing else."""
CUT: Final = 4.0
"""Seconds of a short cut."""
INSERTED_AT: Final = 25.0
"""Where the cut lies in the unrelated minute."""
MINUTE: Final = 60.0
PART: Final = "scale=640:360:force_original_aspect_ratio=decrease,pad=640:360:-1:-1,setsar=1,fps=25"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a recipe may draw on: the `source`, two other sources and the carriers, where there are any, and a
    folder for drawings."""

    source: Item
    two: tuple[Item, Item] | None
    carriers_found: Carriers | None
    drawings: Path

    @property
    def next_two(self) -> tuple[Item, Item]:
        assert self.two is not None, "Edit.lacks says so before"
        return self.two

    @property
    def carriers(self) -> Carriers:
        assert self.carriers_found is not None, "Edit.lacks says so before"
        return self.carriers_found

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the source as a phone holds it, even, in pixels."""
        share = min(1.0, LONGEST / max(self.source.width, self.source.height))
        return round(self.source.width * share / 2) * 2, round(self.source.height * share / 2) * 2

    @property
    def base(self) -> str:
        width, height = self.size
        return f"scale={width}:{height},setsar=1,fps={self.rate:g}"

    @property
    def rate(self) -> float:
        return min(30.0, self.source.fps or 25.0)


@dataclass(frozen=True, slots=True)
class Truth:
    """Seconds `query` of the copy show seconds `asset` of the source."""

    query: tuple[float, float]
    asset: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """What FFmpeg is told: inputs (arguments before each), the filter graph that ends in [v], options, the
    file's suffix. `also`: other items of which pictures are in the copy, so that finding them is no mistake.
    `sound`: the input whose sound is kept, where it has any. `heard`: the graph makes the sound, as [s].
    `then`: options of further passes, each over the result of the one before."""

    inputs: tuple[tuple[str, ...], ...]
    graph: str
    truth: Truth
    options: tuple[str, ...] = PHONE_APP
    suffix: str = ".mp4"
    also: tuple[Item, ...] = ()
    sound: int | None = None
    heard: bool = False
    then: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit by name. `least`: seconds a source needs. `timed`: counts for the precision of spans.
    `audio`: only the sound is kept, so that pictures cannot be found. `carried`, `joined`: needs the
    carriers, two other sources."""

    name: str
    plan: Callable[[Setting], Plan]
    least: float = 0.0
    timed: bool = False
    audio: bool = False
    carried: bool = False
    joined: bool = False

    def lacks(self, it: Setting) -> str:
        """Why the edit cannot be made here; '' where it can."""
        reasons = {
            f"source shorter than {self.least:g} s": it.source.duration < self.least,
            "source without sound": self.audio and not it.source.audio,
            "no other clip to put it beside": self.carried and it.carriers_found is None,
            "no two other sources long enough": self.joined and it.two is None,
        }
        return next((reason for reason, so in reasons.items() if so), "")


def whole(
    setting: Setting, filters: str, *, options: tuple[str, ...] = PHONE_APP, suffix: str = ".mp4"
) -> Plan:
    """All of the source through a chain of filters."""
    chain = ",".join(part for part in (setting.base, filters) if part)
    graph = f"[0:v]{chain}[v]"
    return Plan((file(setting.source),), graph, _all(setting.source), options, suffix, sound=0)


def laid_over(setting: Setting, draw: drawings.Drawing, before: str = "") -> Plan:
    """The source with a drawing of its own size on top."""
    picture = drawings.png(setting.drawings, draw, *setting.size)
    chain = ",".join(part for part in (setting.base, before) if part)
    graph = f"[0:v]{chain}[a];[a][1:v]overlay=0:0:format=auto[v]"
    return Plan((file(setting.source), ("-i", str(picture))), graph, _all(setting.source), sound=0)


def file(item: Item, *before: str) -> tuple[str, ...]:
    part = () if item.whole else ("-t", f"{item.duration:g}")
    return (*before, *part, "-i", str(item.path))


def looped(item: Item, seconds: float) -> tuple[str, ...]:
    """The carrier as an input that lasts so long: over and over where it is shorter."""
    return file(item) if item.duration >= seconds else file(item, "-stream_loop", "-1")


def _all(source: Item) -> Truth:
    return Truth((0.0, source.duration), (0.0, source.duration))


def encoded(crf: int) -> tuple[str, ...]:
    return ("-c:v", "libx264", "-preset", "veryfast", "-crf", str(crf), "-pix_fmt", "yuv420p")


def crop(share: float) -> Callable[[Setting], Plan]:
    """`share` of the width and of the height cut away, three tenths of it left and above."""
    keep = 1 - share
    return lambda it: whole(it, f"crop=trunc(iw*{keep}/2)*2:trunc(ih*{keep}/2)*2:iw*{share}*.3:ih*{share}*.3")


def tall(setting: Setting) -> tuple[int, int]:
    """9:16 around the source; 16:9 where the source is as narrow itself."""
    width, height = setting.size
    if width / height > 0.6:
        return width, round(width * 16 / 9 / 2) * 2
    return round(height * 16 / 9 / 2) * 2, height


def black_bars(it: Setting) -> Plan:
    width, height = tall(it)
    return whole(it, f"pad={width}:{height}:-1:-1:black")


def blurred_bars(it: Setting) -> Plan:
    width, height = tall(it)
    fill = f"scale={width}:{height}:force_original_aspect_ratio=increase,crop={width}:{height},gblur=sigma=20"
    graph = f"[0:v]{it.base},split[a][b];[a]{fill}[c];[c][b]overlay=(W-w)/2:(H-h)/2[v]"
    return Plan((file(it.source),), graph, _all(it.source), sound=0)


def caption(it: Setting, before: str = "", *, bar: int = 0) -> Plan:
    """Words on a white bar above the picture: `bar` pixels of it, else 18 % of the picture's height."""
    width, height = it.size
    bar = bar or max(24, round(height * 0.18 / 2) * 2)
    picture = drawings.png(it.drawings, drawings.caption, width, bar)
    chain = ",".join(part for part in (it.base, before, f"scale={width}:{height},setsar=1") if part)
    graph = f"[0:v]{chain},pad={width}:{height + bar}:0:{bar}[a];[a][1:v]overlay=0:0[v]"
    return Plan((file(it.source), ("-i", str(picture))), graph, _all(it.source), sound=0)


def picture_in_picture(it: Setting) -> Plan:
    """Half as wide as the moving background, in its lower right."""
    background = f"[1:v]scale=848:480,setsar=1,fps={it.rate:g}[b]"
    fit = "scale=424:400:force_original_aspect_ratio=decrease:force_divisible_by=2"
    graph = f"{background};[0:v]{it.base},{fit}[a];[b][a]overlay=W-w-24:H-h-24:shortest=1[v]"
    carrier = it.carriers.lively
    return Plan(
        (file(it.source), file(carrier, "-stream_loop", "-1")),
        graph,
        _all(it.source),
        also=(carrier,),
        sound=0,
    )


def phone_frame(it: Setting) -> Plan:
    width, height = drawings.PHONE
    screen = drawings.png(it.drawings, drawings.phone, width, height)
    fit = f"scale={width}:{round(height * 0.58)}:force_original_aspect_ratio=decrease:force_divisible_by=2"
    graph = f"[0:v]{it.base},{fit}[a];[1:v][a]overlay=(W-w)/2:H*.13+(H*.58-h)/2:shortest=1[v]"
    still = ("-loop", "1", "-framerate", f"{it.rate:g}", "-i", str(screen))
    return Plan((file(it.source), still), graph, _all(it.source))


def faster(speed: float) -> Callable[[Setting], Plan]:
    def plan(it: Setting) -> Plan:
        length = it.source.duration
        graph = f"[0:v]{it.base},setpts=PTS/{speed},fps={it.rate:g}[v]"
        return Plan((file(it.source),), graph, Truth((0.0, length / speed), (0.0, length)))

    return plan


def middle(item: Item) -> float:
    """Where the middle four seconds of an item begin."""
    return round(max(0.0, (item.duration - CUT) / 2), 2)


def trim(it: Setting) -> Plan:
    start = middle(it.source)
    graph = f"[0:v]trim={start}:{start + CUT},setpts=PTS-STARTPTS,{it.base}[v]"
    return Plan((file(it.source),), graph, Truth((0.0, CUT), (start, start + CUT)))


def inserted(it: Setting) -> Plan:
    start, carrier = middle(it.source), it.carriers.long
    parts = (
        f"[1:v]trim=0:{INSERTED_AT},setpts=PTS-STARTPTS,{PART}[a]",
        f"[0:v]trim={start}:{start + CUT},setpts=PTS-STARTPTS,{PART}[b]",
        f"[1:v]trim={INSERTED_AT}:{MINUTE - CUT},setpts=PTS-STARTPTS,{PART}[c]",
        "[a][b][c]concat=3:1:0[v]",
    )
    truth = Truth((INSERTED_AT, INSERTED_AT + CUT), (start, start + CUT))
    return Plan((file(it.source), looped(carrier, MINUTE)), ";".join(parts), truth, also=(carrier,))


def compilation(it: Setting) -> Plan:
    """Four seconds of each of three; the source's place among them follows its sha256."""
    place = int(it.source.sha256[:2], 16) % 3
    order = [*it.next_two]
    order.insert(place, it.source)
    cuts = [
        f"[{index}:v]trim={middle(one)}:{middle(one) + CUT},setpts=PTS-STARTPTS,{PART}[p{index}]"
        for index, one in enumerate(order)
    ]
    start = middle(it.source)
    truth = Truth((place * CUT, place * CUT + CUT), (start, start + CUT))
    graph = ";".join([*cuts, "[p0][p1][p2]concat=3:1:0[v]"])
    return Plan(tuple(file(item) for item in order), graph, truth, also=it.next_two)


def screen_recording(it: Setting) -> Plan:
    """A screen filmed by hand: a slant, the screen's edge, its grid's moiré, noise, less contrast."""
    width, height = it.size
    grid = drawings.png(it.drawings, drawings.moire, width, height)
    slant = (
        f"perspective=x0={width * 0.03:.0f}:y0={height * 0.05:.0f}:x1={width * 0.97:.0f}:y1=0"
        f":x2=0:y2={height * 0.96:.0f}:x3={width}:y3={height}:sense=destination:interpolation=linear"
    )
    edge = "pad=trunc(iw*1.08/2)*2:trunc(ih*1.1/2)*2:-1:-1:0x101014"
    look = "noise=alls=14:allf=t,eq=contrast=.88:brightness=.04:saturation=.85,gblur=sigma=.7"
    graph = f"[0:v]{it.base}[a];[a][1:v]overlay=0:0:format=auto,format=yuv420p,{edge},{slant},{look}[v]"
    return Plan((file(it.source), ("-i", str(grid))), graph, _all(it.source))


def side_by_side(it: Setting) -> Plan:
    width, height = it.size
    other = it.carriers.wide
    right = f"[1:v]scale={width}:{height},setsar=1,fps={it.rate:g}[b]"
    graph = f"[0:v]{it.base}[a];{right};[a][b]hstack=shortest=1[v]"
    return Plan(
        (file(it.source), file(other, "-stream_loop", "-1")), graph, _all(it.source), also=(other,), sound=0
    )


def gif(it: Setting) -> Plan:
    fit = "scale=320:-2:flags=lanczos,fps=10,split[a][b];[a]palettegen=128[p];[b][p]paletteuse"
    return Plan((file(it.source),), f"[0:v]{it.base},{fit}[v]", _all(it.source), (), ".gif")


def sound_kept(it: Setting) -> Plan:
    """The source's sound under another picture."""
    other = it.carriers.long
    graph = f"[1:v]trim=60:{60 + it.source.duration:.2f},setpts=PTS-STARTPTS,{PART}[v]"
    carrier = looped(other, MINUTE + it.source.duration)
    return Plan((file(it.source), carrier), graph, _all(it.source), also=(other,), sound=0)


EDITS: Final = (
    Edit("messenger", lambda it: whole(it, "scale=640:-2", options=encoded(30))),
    Edit("heavy", lambda it: whole(it, "scale=320:-2", options=encoded(38))),
    Edit("crop 5 %", crop(0.05)),
    Edit("crop 10 %", crop(0.1)),
    Edit("crop 20 %", crop(0.2)),
    Edit("crop 30 %", crop(0.3)),
    Edit("black bars", black_bars),
    Edit("blurred bars", blurred_bars),
    Edit("mirror", lambda it: whole(it, "hflip")),
    Edit("caption bar", caption),
    Edit("burnt-in text", lambda it: laid_over(it, drawings.burnt_in)),
    Edit("sticker 8 %", lambda it: laid_over(it, drawings.sticker)),
    Edit("picture in picture", picture_in_picture, carried=True),
    Edit("phone frame", phone_frame),
    Edit("bright", lambda it: whole(it, "eq=brightness=.16:contrast=1.1")),
    Edit("dark", lambda it: whole(it, "eq=brightness=-.16:gamma=.8")),
    Edit("grey", lambda it: whole(it, "hue=s=0")),
    Edit("speed 0.8", faster(0.8), timed=True),
    Edit("speed 1.25", faster(1.25), timed=True),
    Edit("trim to 4 s", trim, least=CUT, timed=True),
    Edit("4 s in a minute", inserted, least=CUT, timed=True, carried=True),
    Edit("compilation", compilation, least=CUT, timed=True, joined=True),
    Edit("rotate 5", lambda it: whole(it, "rotate=5*PI/180:fillcolor=black")),
    Edit("rotate 90", lambda it: whole(it, "transpose=1")),
    Edit("screen recording", screen_recording),
    Edit("border", lambda it: whole(it, "pad=trunc(iw*1.12/2)*2:trunc(ih*1.12/2)*2:-1:-1:0xc02848")),
    Edit("side by side", side_by_side, carried=True),
    Edit("reversed", lambda it: whole(it, "reverse")),
    Edit("gif", gif),
    Edit("8 frames a second", lambda it: whole(it, "fps=8")),
    Edit("sound kept", sound_kept, audio=True, carried=True),
    Edit(
        "mirror crop caption",
        lambda it: caption(it, "hflip,crop=trunc(iw*.9/2)*2:trunc(ih*.9/2)*2:iw*.03:ih*.03"),
    ),
)
