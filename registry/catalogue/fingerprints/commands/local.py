"""Fingerprint files on this machine with the workers' package.

`registry` never imports the workers. It finds them by the entry point `local` of the group
`fakeprint.fingerprinters`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, Protocol

from registry.catalogue.fingerprints.model.fingerprint import Faces, Fingerprint, Sampling
from registry.core.errors import NotInstalled
from registry.core.terminal import extras
from registry.core.terminal.deadline import Deadline
from registry.core.terminal.progress import Advance

GROUP: Final = "fakeprint.fingerprinters"


class Fingerprinter(Protocol):
    """Computes the fingerprint of a file or of its keyframes. `progress` gets the share done, 0-1.

    Raises `BadMedia`, and `NotSettled` if keyframes are requested and could not settle a lookup.
    """

    def __call__(
        self,
        path: Path,
        *,
        progress: Callable[[float], None] | None = None,
        faces: Faces = True,
        videohash: bool = False,
        sampling: Sampling = "full",
        before: Fingerprint | None = None,
        thorough: bool = True,
    ) -> Fingerprint: ...


def fingerprinter(*, otherwise: str) -> Fingerprinter:
    """Return this machine's fingerprinter. Raises `NotInstalled`, whose next step is `otherwise` or to
    install it."""
    for point in entry_points(group=GROUP, name="local"):
        try:
            loaded: Fingerprinter = point.load()
        except ModuleNotFoundError as error:
            if extras.of_module(error.name) is None:
                raise
            break
        return loaded
    raise NotInstalled(
        "Fingerprinting on this machine needs the workers' packages, which are not installed.",
        next_step=f"{otherwise}, or install them: pip install 'fakeprint[workers]'",
    )


def fingerprint(
    make: Fingerprinter,
    path: str,
    *,
    deadline: Deadline,
    advance: Advance,
    faces: Faces = True,
    videohash: bool = False,
    sampling: Sampling = "full",
    before: Fingerprint | None = None,
    thorough: bool = True,
) -> Fingerprint:
    """Return the fingerprint of a file. Raises like `make`, `NotInstalled`, or `TimedOut` within about a
    second of the deadline."""

    def progress(share: float) -> None:
        deadline.check("Fingerprinting on this machine did not end")
        advance(share, "fingerprinting")

    progress(0.0)
    try:
        return make(
            Path(path),
            progress=progress,
            faces=faces,
            videohash=videohash,
            sampling=sampling,
            before=before,
            thorough=thorough,
        )
    except ModuleNotFoundError as error:
        raise extras.missing(error, "Fingerprinting on this machine") from error
