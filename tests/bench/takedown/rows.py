"""The lawyer's list: addresses of 12 platforms, what is shown at each, and 30 rows that are wrong, each in a
way of its own; and what the report has to say of every row."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from registry.catalogue import platforms
from tests.bench.takedown.material import Material

HEADING: Final = ("url", "nota", "visto el", "archivo", "sha256", "plataforma", "id de contenido")
SHAPES: Final[Mapping[str, str]] = {
    "youtube": "https://www.youtube.com/watch?v=dQw4w{n:06}",
    "tiktok": "https://www.tiktok.com/@vecino{n}/video/73012345678{n:08}",
    "x": "https://x.com/vecino{n}/status/15909687383{n:08}",
    "facebook": "https://www.facebook.com/watch/?v=1015323{n:08}",
    "instagram": "https://www.instagram.com/reel/Cx{n:09}/",
    "telegram": "https://t.me/melilla_{n}/{n}",
    "vk": "https://vk.com/video-1{n:06}_{n:06}",
    "reddit": "https://www.reddit.com/r/melilla/comments/1{n:06}/un_titulo/",
    "rumble": "https://rumble.com/v{n:06}-un-titulo.html",
    "pornhub": "https://www.pornhub.com/view_video.php?viewkey=ph{n:013}",
    "xvideos": "https://www.xvideos.com/video.{n:09}/0/titulo",
    "xhamster": "https://xhamster.com/videos/un-titulo-xh{n:07}",
}
_NOISE: Final[Mapping[str, Callable[[str], str]]] = {
    "youtube": lambda item: item.replace("www.", "m.") + "&si=abc",
    "tiktok": lambda item: item + "?is_from_webapp=1&sender_device=pc",
    "x": lambda item: item.replace("x.com", "mobile.twitter.com") + "?s=20",
    "facebook": lambda item: item.replace("www.", "m.") + "&mibextid=abc",
    "telegram": lambda item: item.replace("t.me/", "t.me/s/") + "?single",
    "reddit": lambda item: item.replace("www.", "old.") + "?utm_source=share",
}
"""How the same place is written where somebody copied it on a telephone."""
FAKES: Final = frozenset({"fake", "copy", "known"})
"""What is at a place that a notice may be about. `copy`: a file of it is at hand; `known`: its sha256 is;
`fake`: somebody has seen it there. The rest is `original`, `unrelated`, `debunk`, `satire` or `gone`."""


@dataclass(frozen=True)
class Planned:
    """A row, and what has to become of it: `added`, with `marks` if any; `repeated`, like an earlier line; or
    `refused`, with a code. `shows`: what is at the place."""

    line: int
    cells: Sequence[str]
    outcome: str = "added"
    code: str = ""
    marks: Sequence[str] = ()
    like: int = 0
    shows: str = "fake"
    platform: str = ""
    defect: str = ""
    address: str = ""

    @property
    def key(self) -> str:
        """What is equal for addresses that show the same; empty where it is none."""
        given = self.address or self.cells[0]
        return place_key(given) if self.outcome != "refused" else ""


@dataclass
class List:
    """The rows, and the bytes of the CSV that they make."""

    rows: list[Planned] = field(default_factory=list)

    def add(self, *cells: str, **fields: Any) -> Planned:
        row = Planned(len(self.rows) + 2, cells + ("",) * (len(HEADING) - len(cells)), **fields)
        self.rows.append(row)
        return row

    def csv(self) -> bytes:
        """As a spreadsheet saves it, UTF-8; a byte that is not UTF-8 stands for each `\\udcff`."""
        made = io.StringIO()
        for cells in (HEADING, *(row.cells for row in self.rows)):
            made.write(
                ";".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' if _odd(cell) else cell for cell in cells)
            )
            made.write("\n")
        return made.getvalue().encode("utf-8", "surrogateescape")

    def of(self, *shows: str, added: bool = True) -> list[Planned]:
        return [row for row in self.rows if row.shows in shows and (row.outcome == "added" or not added)]


def place_key(url: str) -> str:
    return platforms.normalised(url).key


def _odd(cell: str) -> bool:
    return any(sign in cell for sign in ';"\n')


def written(total: int, material: Material, documents: Mapping[Path, Path], sha256: str) -> List:
    """`total` rows, the defects among them. `documents`: fingerprint documents of media, by their file;
    `sha256`: of the fake itself."""
    made = List()
    shown = _shown(total - len(DEFECTS), material, documents, sha256)
    every = len(shown) // len(DEFECTS)
    wrong = list(DEFECTS.items())
    names = list(SHAPES)
    for number, (shows, note, file, digest) in enumerate(shown):
        platform = names[number % len(names)]
        url = SHAPES[platform].format(n=number + 1)
        if number % 7 == 3 and platform in _NOISE:
            url = _NOISE[platform](url)
        seen = f"2026-11-{1 + number % 24:02}T10:00:00+01:00"
        made.add(url, note, seen, file, digest, shows=shows, platform=platform)
        if number % every == every - 1 and wrong:
            defect, put = wrong.pop(0)
            put(made, made.rows[-1], defect)
    for defect, put in wrong:
        put(made, made.rows[0], defect)
    return made


def _shown(
    count: int, material: Material, documents: Mapping[Path, Path], sha256: str
) -> list[tuple[str, str, str, str]]:
    """What is at so many places, and what the row says of it: note, file beside the list, sha256. Some copies
    are there as files, all as documents; of the rest a share of what there is."""

    def name(path: Path) -> str:
        return documents.get(path, path).name

    at_hand = list(material.copies.items())[: 5 if count > 200 else 1]
    found = [("copy", f"copia: {how}", path.name, "") for how, path in at_hand]
    found.append(("original", "¿es esta?", material.broadcast.name, ""))
    share = max(1, count // 100)
    copies = list(material.copies.items())
    found += [("copy", f"copia: {how}", name(path), "") for how, path in copies * (2 * share)]
    found += [("original", "la emisión auténtica", name(material.broadcast), "")] * (2 * share)
    found += [("unrelated", "otra cosa", name(material.unrelated), "")] * (2 * share)
    found += [("debunk", "un desmentido", name(material.debunk), "")] * share
    found += [("satire", "un programa de humor", "", "")] * share
    found += [("gone", "ya no estaba", "", "")] * share
    found += [("known", "el mismo fichero", "", sha256)] * (3 * share)
    found += [("fake", "visto", "", "")] * (count - len(found))
    # Evenly over the list and so over the platforms: by a step that has no part in common with its length.
    step = next(item for item in range(37, 10_000) if _coprime(item, count))
    return [found[number * step % count] for number in range(count)]


def _coprime(number: int, other: int) -> bool:
    while other:
        number, other = other, number % other
    return number == 1


Put = Callable[[List, Planned, str], None]


def _refused(code: str, *cells: str) -> Put:
    def put(made: List, _: Planned, defect: str) -> None:
        made.add(*cells, outcome="refused", code=code, shows="", defect=defect)

    return put


def _marked(mark: str, *cells: str, shows: str = "fake") -> Put:
    def put(made: List, _: Planned, defect: str) -> None:
        made.add(*cells, marks=[mark], shows=shows, defect=defect)

    return put


def _again(change: Callable[[str], str]) -> Put:
    """An address of an earlier row, written otherwise."""

    def put(made: List, last: Planned, defect: str) -> None:
        first = next(row for row in reversed(made.rows) if row.platform == "youtube")
        made.add(change(first.cells[0]), outcome="repeated", like=first.line, shows="", defect=defect)

    return put


def _linked(url: str) -> Put:
    def put(made: List, _: Planned, defect: str) -> None:
        made.add(f'=HYPERLINK("{url}";"ver")', defect=defect, address=url)

    return put


GOOD: Final = "https://www.youtube.com/watch?v=buena{:06}"
DEFECTS: Final[Mapping[str, Put]] = {
    "given twice": _again(lambda item: item),
    "tracking parameters": _again(lambda item: item + "&utm_source=x&fbclid=y"),
    "mobile host": _again(lambda item: item.replace("www.", "m.")),
    "a moment of it": _again(lambda item: item + "#t=10"),
    "javascript:": _refused("dangerous_scheme", "javascript:alert(document.cookie)"),
    "data:": _refused("dangerous_scheme", "data:text/html,<b>x</b>"),
    "private address": _refused("private_host", "http://192.168.1.20/video"),
    "loopback in hexadecimal": _refused("private_host", "http://0x7f.1/video"),
    "name of one network": _refused("private_host", "http://intranet/video"),
    "IDN homograph": _refused("confusable_host", "https://www.yоutube.com/watch?v=dQw4w9WgXcQ"),
    "homograph in A-labels": _marked("confusable_host", "https://xn--yutube-wqf.com/watch?v=dQw4w9WgXcQ"),
    "shortener": _marked("shortener", "https://bit.ly/3xY2zAb"),
    "missing scheme": _marked("scheme_assumed", "www.youtube.com/watch?v=sinesquema1"),
    "defanged": _marked("defanged", "hxxps://www[.]youtube[.]com/watch?v=desarmada01"),
    "led over another site": _marked(
        "unwrapped", "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3Denvuelta001"
    ),
    "zero-width space": _marked("invisible_characters", "https://videos-ocultos.es/v/1\u200b23"),
    "2 MB cell": _refused("cell_too_long", "https://www.youtube.com/watch?v=" + "x" * 2_000_000),
    "long note": _refused("cell_too_long", GOOD.format(1), "n" * 3_000),
    "formula": _refused("formula", "=A1&B1"),
    "hyperlink formula": _linked(GOOD.format(2)),
    "bad encoding": _refused("bad_character", "https://videos-rotos.es/v/espa\udcffa"),
    "name and password": _refused("credentials_in_url", "https://ana:clave@videos.es/v/1"),
    "ftp": _refused("unsupported_scheme", "ftp://videos.es/v/1.mp4"),
    "no address": _refused("not_a_url", "no me acuerdo de la dirección"),
    "empty": _refused("no_url", "", "falta"),
    "bad host": _refused("bad_host", "https://videos..es/v/1"),
    "bad port": _refused("bad_port", "https://videos.es:99999/v/1"),
    "ambiguous date": _refused("ambiguous_date", GOOD.format(3), "", "03/04/2026"),
    "bad sha256": _refused("bad_sha256", GOOD.format(4), "", "", "", "abc"),
    "another platform's address": _refused("platform_differs", GOOD.format(5), "", "", "", "", "TikTok"),
}
"""What is wrong with rows, each once."""


def differences(made: List, report: Mapping[str, Any]) -> list[str]:
    """Where the report of `takedown add --json` is not what was planned, row by row."""
    lines = {notice["notice_id"]: notice["line"] for notice in report["notices"]}
    said: dict[int, tuple[str, Any]] = {notice["line"]: ("added", ()) for notice in report["notices"]}
    said |= {remark["line"]: ("added", tuple(sorted(remark["codes"]))) for remark in report["remarks"]}
    said |= {repeat["line"]: ("repeated", lines.get(repeat["notice_id"])) for repeat in report["repeats"]}
    said |= {fault["line"]: ("refused", fault["code"]) for fault in report["faults"]}
    wrong = []
    for row in made.rows:
        more = {"added": tuple(sorted(row.marks)), "repeated": row.like, "refused": row.code}[row.outcome]
        found = said.pop(row.line, None)
        if found != (row.outcome, more):
            wrong.append(
                f"line {row.line} ({row.defect or row.platform}): {found}, not {(row.outcome, more)}"
            )
    return wrong + [f"line {line}: {found}, and there is no such row" for line, found in said.items()]
