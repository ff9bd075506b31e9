"""The picture at an instant is the one that reading all of the file shows then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image

from registry.core.errors import BadMedia
from tests.support.media import clips as media
from tests.support.media import sounds
from workers.media import instants, video
from workers.media.limits import Limits
from workers.media.picture import Moment, Pixels, Size

SMALL: Final = Size(16, 9)
WANTED: Final = (0.0, 0.3, 1.0, 2.5, 3.96, 4.0)


def numbered(count: int, size: tuple[int, int] = (160, 90)) -> Iterator[Pixels]:
    """Frames each of another grey, so that which one is shown can be told."""
    for at in range(count):
        yield np.full((size[1], size[0], 3), 20 + 2 * at, np.uint8)


def grey(found: Moment | BadMedia) -> float:
    assert isinstance(found, Moment), found
    return float(found.render(SMALL).mean())


def whole(path: Path, second: float) -> float:
    """What is on screen then, every picture decoded."""
    with video.opened(path, Limits()) as clip:
        shown = [(moment.time, grey(moment)) for moment in clip.moments()]
    return [value for time, value in shown if time <= second + 1e-3][-1]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_video_is_shown_at_instants(tmp_path: Path, suffix: str) -> None:
    options = {"crf": "20", "preset": "fast", "g": "20", "bf": "2", "sc_threshold": "0"}
    path = media.encode(tmp_path / f"a.{suffix}", numbered(100), options=options)
    found = dict(instants.shown(path, Limits(), WANTED))
    assert list(found) == list(WANTED)
    for second, picture in found.items():
        # Samples of the full reading may skip pictures that no other refers to.
        assert grey(picture) == pytest.approx(20 + 2 * min(99, int(second * 25 + 1e-6)), abs=4), second
    assert grey(found[1.0]) == whole(path, 1.0)
    (ended,) = dict(instants.shown(path, Limits(), (7.0,))).values()
    assert isinstance(ended, BadMedia)
    assert ended.code == "truncated_media"


def test_pictures_that_move_and_those_that_do_not(tmp_path: Path) -> None:
    frames = [Image.fromarray(item) for item in numbered(10)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=200)
    found = [grey(one) for _, one in instants.shown(tmp_path / "a.gif", Limits(), (0.0, 0.5, 2.0))]
    assert found == pytest.approx([20, 24, 38], abs=2)
    frames[3].save(tmp_path / "a.png")
    assert [grey(one) for _, one in instants.shown(tmp_path / "a.png", Limits(), (0.0,))] == [26]


def test_truncated_and_sound_only_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"crf": "20", "preset": "fast", "g": "20", "bf": "0", "sc_threshold": "0"}
    path = media.encode(tmp_path / "a.mkv", numbered(100), options=options)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    codes = [getattr(one, "code", "") for _, one in instants.shown(cut, Limits(), (0.0, 3.9))]
    assert codes == ["", "truncated_media"]
    monkeypatch.setattr(instants, "MOST_PIXELS", 160 * 90 * 10)
    codes = [getattr(one, "code", "") for _, one in instants.shown(path, Limits(), (0.1, 0.7, 0.9, 3.9))]
    assert codes == ["", "too_far_in", "", "too_far_in"], "each group of pictures has a budget of its own"
    with pytest.raises(BadMedia) as caught:
        list(instants.shown(sounds.wav(tmp_path / "a.wav", sounds.tone(440, 1)), Limits(), (0.0,)))
    assert caught.value.code == "no_picture"
