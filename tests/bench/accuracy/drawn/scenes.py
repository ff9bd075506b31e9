"""Drawn edits that put a source among other footage, beside it or into it, or change its time."""

from __future__ import annotations

from dataclasses import replace

from tests.bench.accuracy.drawn import overlays
from tests.bench.accuracy.drawn.drawing import Draw, even, filtered, looped, whole_truth
from tests.bench.accuracy.media import drawings
from tests.bench.accuracy.media.material import Item
from tests.bench.accuracy.media.recipes import Plan, Truth, file

PART = "scale=640:360:force_original_aspect_ratio=decrease,pad=640:360:-1:-1,setsar=1,fps=25"
SPEEDS = (0.75, 0.8, 0.9, 1.1, 1.2, 1.25, 1.5)
"""Those that players and editors offer, between three quarters and half as fast again."""


def picture_in_picture(draw: Draw) -> Plan:
    """Set the source, a quarter to three fifths as wide, anywhere over moving footage."""
    (carrier,) = draw.lively(1)
    width, height = 848, 480
    share = draw.between(0.25, 0.6)
    fit = (
        f"scale={even(share * width)}:{height - 40}:force_original_aspect_ratio=decrease:force_divisible_by=2"
    )
    x, y = draw.between(0.02, 0.98), draw.between(0.02, 0.98)
    background = f"[1:v]scale={width}:{height}:force_original_aspect_ratio=increase,crop={width}:{height}"
    graph = (
        f"{background},setsar=1,fps={draw.rate:g}[b];[0:v]{draw.base},{fit}[a];"
        f"[b][a]overlay=(W-w)*{x}:(H-h)*{y}:shortest=1[v]"
    )
    inputs = (file(draw.source), looped(carrier))
    return Plan(inputs, graph, whole_truth(draw), also=(carrier,), sound=0)


def side_by_side(draw: Draw) -> Plan:
    """Put the source beside or above a second moving clip of its height or width."""
    width, height = draw.size
    (other,) = draw.lively(1)
    stacked = width / height > 1.2 and draw.rng.random() < 0.3
    if stacked:
        fit = f"scale={width}:{even(height * draw.between(0.8, 1.2))}"
    else:
        across = even(height * min(max(other.width / other.height, 0.6), 1.8))
        fit = f"scale={across}:{height}"
    order = "[b][a]" if draw.rng.random() < 0.5 else "[a][b]"
    stack = "vstack" if stacked else "hstack"
    graph = (
        f"[0:v]{draw.base}[a];[1:v]{fit},setsar=1,fps={draw.rate:g}[b];{order}{stack}=shortest=1,"
        f"scale=trunc(iw*{min(1.0, 1100 / (2 * width)):.3f}/2)*2:-2[v]"
    )
    return Plan((file(draw.source), looped(other)), graph, whole_truth(draw), also=(other,), sound=0)


def grid(draw: Draw) -> Plan:
    """Show the source in one of three or four cells of a grid."""
    cells = draw.rng.choice((3, 4))
    others = draw.lively(cells - 1)
    width, height = (424, 240) if draw.size[0] > draw.size[1] else (320, 320)
    fit = f"scale={width}:{height}:force_original_aspect_ratio=increase,crop={width}:{height},setsar=1"
    if draw.rng.random() < 0.5:
        fit = (
            f"scale={width}:{height}:force_original_aspect_ratio=decrease,pad={width}:{height}:-1:-1,setsar=1"
        )
    place = draw.rng.randrange(cells)
    order = list(range(1, cells))
    order.insert(place, 0)
    parts = [
        f"[{at}:v]{draw.base + ',' if not at else ''}{fit},fps={draw.rate:g}[c{at}]" for at in range(cells)
    ]
    spots = ("0_0", "w0_0", "0_h0", "w0_h0")[:cells] if cells == 4 else ("0_0", "w0_0", "0_h0")
    stack = "".join(f"[c{at}]" for at in order)
    graph = ";".join(
        [*parts, f"{stack}xstack=inputs={cells}:layout={'|'.join(spots)}:fill=black:shortest=1[v]"]
    )
    inputs = (file(draw.source), *(looped(item) for item in others))
    return Plan(inputs, graph, whole_truth(draw), also=tuple(others), sound=0)


def reaction(draw: Draw) -> Plan:
    """Put a person cut out of another clip before the source, in a lower corner."""
    _, height = draw.size
    person = draw.carrier()
    tall = even(height * draw.between(0.3, 0.5))
    wide = even(tall * 0.9)
    mask = overlays.saved(draw.folder, f"outline-{wide}x{tall}", overlays.outline(wide, tall))
    cut = f"scale={wide}:{tall}:force_original_aspect_ratio=increase,crop={wide}:{tall},fps={draw.rate:g}"
    x = "0" if draw.rng.random() < 0.5 else "W-w"
    graph = (
        f"[0:v]{draw.base}[a];[1:v]{cut},format=rgba[p];[2:v]format=gray[m];[p][m]alphamerge[c];"
        f"[a][c]overlay={x}:H-h:shortest=1[v]"
    )
    inputs = (file(draw.source), looped(person), ("-loop", "1", "-i", str(mask)))
    return Plan(inputs, graph, whole_truth(draw), also=(person,), sound=0)


def phone_frame(draw: Draw) -> Plan:
    width, height = drawings.PHONE
    screen = drawings.png(draw.folder, drawings.phone, width, height)
    share, top = draw.between(0.4, 0.62), draw.between(0.1, 0.16)
    fit = f"scale={width}:{round(height * share)}:force_original_aspect_ratio=decrease:force_divisible_by=2"
    place = f"(W-w)/2:H*{top}+(H*{share}-h)/2"
    graph = f"[0:v]{draw.base},{fit}[a];[1:v][a]overlay={place}:shortest=1[v]"
    still = ("-loop", "1", "-framerate", f"{draw.rate:g}", "-i", str(screen))
    return Plan((file(draw.source), still), graph, whole_truth(draw), sound=0)


def speed(draw: Draw) -> Plan:
    """Play faster or slower, the sound too."""
    factor = draw.rng.choice(SPEEDS)
    graph = f"[0:v]{draw.base},setpts=PTS/{factor},fps={draw.rate:g}[v]"
    truth = Truth((0.0, draw.length / factor), (0.0, draw.length))
    if not draw.source.audio:
        return Plan((file(draw.source),), graph, truth)
    return Plan((file(draw.source),), f"{graph};[0:a]atempo={factor}[s]", truth, heard=True)


def trim(draw: Draw) -> Plan:
    seconds = draw.between(3, min(6.0, draw.length))
    start = draw.between(0, draw.length - seconds)
    end = start + seconds
    graph = f"[0:v]trim={start}:{end:.3f},setpts=PTS-STARTPTS,{draw.base}[v]"
    truth = Truth((0.0, seconds), draw.shown(start, end))
    if not draw.source.audio:
        return Plan((file(draw.source),), graph, truth)
    sound = f"[0:a]atrim={start}:{end:.3f},asetpts=PTS-STARTPTS[s]"
    return Plan((file(draw.source),), f"{graph};{sound}", truth, heard=True)


def inserted_loud(draw: Draw) -> Plan:
    return _inserted(draw, draw.carrier(sound=True))


def inserted_mute(draw: Draw) -> Plan:
    return _inserted(draw, draw.carrier(sound=False))


def _inserted(draw: Draw, carrier: Item) -> Plan:
    """Put 2 to 8 seconds of the source into another clip, with the sound of both where the other has any."""
    seconds = draw.between(2, min(8.0, draw.length))
    start, before, after = draw.between(0, draw.length - seconds), draw.between(5, 20), draw.between(4, 15)
    end = start + seconds
    cuts = ((1, 0.0, before), (0, start, end), (1, before, before + after))
    graph = [
        f"[{index}:v]trim={begin:.3f}:{stop:.3f},setpts=PTS-STARTPTS,{PART}[p{place}]"
        for place, (index, begin, stop) in enumerate(cuts)
    ]
    graph.append("[p0][p1][p2]concat=3:1:0[v]")
    if carrier.audio:
        graph += [_heard(place, *cut, draw.source.audio or cut[0] == 1) for place, cut in enumerate(cuts)]
        graph.append("[s0][s1][s2]concat=3:0:1[s]")
    truth = Truth((before, before + seconds), draw.shown(start, end))
    inputs = (file(draw.source), looped(carrier))
    return Plan(inputs, ";".join(graph), truth, also=(carrier,), heard=carrier.audio)


def _heard(place: int, index: int, begin: float, stop: float, there: bool) -> str:
    """Return the graph of one part's sound; silence where the clip has none."""
    if not there:
        return f"anullsrc=r=44100:cl=mono,atrim=0:{stop - begin:.3f}[s{place}]"
    cut = f"[{index}:a]atrim={begin:.3f}:{stop:.3f},asetpts=PTS-STARTPTS"
    return f"{cut},aresample=44100,aformat=channel_layouts=mono,apad=whole_dur={stop - begin:.3f}[s{place}]"


def compilation(draw: Draw) -> Plan:
    """Cut two to five seconds of each of three clips together."""
    others = draw.lively(2)
    place = draw.rng.randrange(3)
    order = [*others]
    order.insert(place, draw.source)
    lengths = [draw.between(2, min(5.0, max(2.0, item.duration))) for item in order]
    begins = [
        draw.between(0, max(0.0, item.duration - long)) for item, long in zip(order, lengths, strict=True)
    ]
    cuts = [
        f"[{at}:v]trim={begins[at]}:{begins[at] + lengths[at]:.3f},setpts=PTS-STARTPTS,{PART}[p{at}]"
        for at in range(3)
    ]
    shown = sum(lengths[:place])
    truth = Truth((shown, shown + lengths[place]), (begins[place], begins[place] + lengths[place]))
    graph = ";".join([*cuts, "[p0][p1][p2]concat=3:1:0[v]"])
    inputs = tuple(file(item) if item is draw.source else looped(replace(item, whole=True)) for item in order)
    return Plan(inputs, graph, truth, also=tuple(others))


def mirror(draw: Draw) -> Plan:
    return filtered(draw, "hflip")
