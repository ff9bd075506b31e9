"""What the browser computes of pictures is what Python does, by the vectors that anybody can recompute."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import watched
from tests.browser.console import Console
from tests.contract import vectors, views
from workers.media.picture import Pixels

READ = """const planed = async ([folder, pictures]) => {
    const { planes } = await import(folder + "planes.js");
    return pictures.map(([text, width, height]) =>
        planes(Uint8ClampedArray.from(atob(text), (one) => one.charCodeAt(0)), width, height));
};"""


class Modules:
    """The modules of hashing, called in a page."""

    def __init__(self, page: Page) -> None:
        page.goto("/console/lookup")
        script = page.locator("script[src$='/lookup.js']").get_attribute("src") or ""
        self._page = page
        self._folder = script.replace("lookup.js", "hashing/")

    def call(self, module: str, name: str, pictures: list[Pixels], *, each: bool = False) -> Any:
        """What a function says of the planes of `pictures`, or of the first."""
        given = [[_rgba(one), one.shape[1], one.shape[0]] for one in pictures]
        return self._page.evaluate(
            """async ([folder, module, name, pictures, each]) => {"""
            + READ
            + """
                const made = await planed([folder, pictures]);
                return (await import(folder + module))[name](each ? made : made[0]);
            }""",
            [self._folder, module, name, given, each],
        )

    def reframed(self, picture: Pixels) -> dict[str, str]:
        """The hashes of a picture by the views that undo a crop."""
        return dict(
            self._page.evaluate(
                """async ([folder, pictures]) => {"""
                + READ
                + """
                    const [made] = await planed([folder, pictures]);
                    const { phash } = await import(folder + "phash.js");
                    return (await import(folder + "reframed.js")).reframed(phash(made).small);
                }""",
                [self._folder, [[_rgba(picture), picture.shape[1], picture.shape[0]]]],
            )
        )

    def views(self) -> dict[str, Any]:
        """What became of width and height in each of these views."""
        return dict(
            self._page.evaluate(
                "async (folder) => [...(await import(folder + 'reframed.js')).REFRAMED]", self._folder
            )
        )


@pytest.fixture
def modules(console: Console, browser: Browser, faults: list[str]) -> Iterator[Modules]:
    with console.context(browser, console.person("lookup")) as context:
        yield Modules(watched(context.new_page(), faults))
    assert faults == []


def _rgba(pixels: Pixels) -> str:
    opaque = np.full(pixels.shape[:2], 255, np.uint8)
    return base64.b64encode(np.dstack([pixels, opaque]).tobytes()).decode()


def apart(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@pytest.mark.parametrize("name", ["pdq.1", "phash256.1"])
def test_the_browser_hashes_as_the_vectors_say(modules: Modules, name: str) -> None:
    said, cases = vectors.read(name)
    function = {"pdq.1": "pdq", "phash256.1": "phash"}[name]
    for case in cases:
        found = modules.call(f"{function}.js", function, [case.pixels])
        for side, wanted in (("straight", case.value), ("mirror", case.mirrored or b"")):
            value = found[side]["value"] if name == "pdq.1" else found[side]
            assert apart(value, wanted.hex()) <= said["at_most_bits"], (case.name, side)
        if case.quality is not None:
            assert abs(found["straight"]["quality"] - case.quality) <= said["at_most_quality"]


@pytest.mark.parametrize("group", views.read()["groups"], ids=lambda group: group["name"])
def test_the_browser_finds_borders_and_pictures_in_the_picture_as_the_vectors_say(
    modules: Modules, group: dict[str, Any]
) -> None:
    pictures = views.pictures(group)
    edge = modules.call("boxes.js", "border", pictures, each=True)
    assert (edge is None) == (group["border"] is None)
    assert edge is None or edge == pytest.approx(group["border"], abs=1e-6)
    found = modules.call("rectangles.js", "rectangles", pictures, each=True)
    said = [
        [*(place[side] for side in ("left", "top", "right", "bottom")), place["quiet"]] for place in found
    ]
    assert len(said) == len(group["rectangles"])
    for one, wanted in zip(said, group["rectangles"], strict=True):
        assert one == pytest.approx(wanted, abs=1e-6)


def test_the_browser_undoes_crops_as_the_vectors_say(modules: Modules) -> None:
    said = views.read()["reframed"]
    assert modules.views() == said["views"]
    for name, wanted in said["values"].items():
        found = modules.reframed(views.named(name))
        assert found.keys() == wanted.keys()
        assert max(apart(found[view], wanted[view]) for view in wanted) <= 2, name
