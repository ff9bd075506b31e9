"""`fakeprint hash`: fingerprint documents, made on this machine alone."""

from __future__ import annotations

from typing import Final

import click

from registry import __version__
from registry.catalogue.fingerprints.commands import local
from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Faces, Fingerprint
from registry.core.errors import FakeprintError
from registry.core.terminal import files, options
from registry.core.terminal.deadline import Deadline
from registry.core.terminal.files import Named
from registry.core.terminal.progress import Bars
from registry.core.terminal.report import Report
from registry.matching.decision.model.checked import FACES_LEFT_OUT
from registry.matching.lookups.commands import piped
from registry.sharing.soft_binding import model as soft_binding

EPILOG = """\b
Examples:
  fakeprint hash --faces clip.mp4 > clip.json    finds face swaps; holds face vectors (biometric data)
  fakeprint hash clip.mp4 > clip.json            no face vectors: decided if an original is known
  fakeprint hash --recursive folder/ > all.jsonl one document a line, a line too for what failed
  curl -L URL | fakeprint hash --faces -         a file from standard input; URLs are not fetched
  fakeprint hash --soft-binding clip.mp4         the value by which a manifest of C2PA is found again
"""
LEFT_OUT: Final = (
    "faces were seen and left out of the document. Without them a face swap is decided only if its original"
    " is registered. Add --faces to include face vectors (biometric data)."
)


@click.command(name="hash", epilog=EPILOG, short_help="Fingerprint files on this machine.")
@options.paths
@click.option(
    "--faces",
    is_flag=True,
    help="Include face vectors (biometric data). Without them, a face swap is decided only if its original "
    "is registered, and else `related`.",
)
@click.option("--videohash", is_flag=True, help="Add the whole-video hash (slow: reads the video again).")
@click.option(
    "--soft-binding", "binding", is_flag=True, help="Print the value of a soft binding of C2PA instead."
)
@click.option("--json", is_flag=True, expose_value=False, help="Changes nothing: the output is always JSON.")
@options.timeout
def hash_(
    paths: tuple[str, ...],
    recursive: bool,
    faces: bool,
    videohash: bool,
    binding: bool,
    timeout: float | None,
) -> int:
    """Print the fingerprint document of each PATH: JSON, one a line, in their order. `-` is standard input.

    Needs no server, no network and no database, and leaves no file behind. A document holds no picture
    finer than 24 x 24 grey cells a frame.

    Face vectors tell a face swap from the footage it was made from. They are biometric data, so they are
    included only with --faces. Without it this command looks for faces and computes no vector. Where it sees
    some, it says so on standard error and in the document (note `faces_left_out`).

    Where a path cannot be fingerprinted its line is {"path", "error"}, and the exit status 1. With
    --soft-binding a line is {"path", "alg", "value"}; C2PA's resolution (`/c2pa/v1`) finds manifests by it.
    """
    deadline = Deadline(timeout)
    chosen = files.named(paths, recursive=recursive)
    with piped.spooled(chosen, deadline) as named, Bars() as bars:
        report = Report(bars, as_json=True)
        for file in named:
            try:
                face_mode: Faces = faces if faces or binding else "seen"
                fingerprint = _fingerprint(file, deadline, bars, faces=face_mode, videohash=videohash)
                if binding:
                    line = {
                        "path": file.path,
                        "alg": soft_binding.ALGORITHM,
                        "value": soft_binding.value(fingerprint),
                    }
                else:
                    line = to_document(fingerprint, faces=True, generator=f"fakeprint {__version__}")
            except FakeprintError as error:
                report.failed(file.path, error)
            else:
                report.answered(line, ())
                if FACES_LEFT_OUT in fingerprint.notes:
                    report.noted(file.path, LEFT_OUT)
    return report.status


def _fingerprint(
    named: Named, deadline: Deadline, bars: Bars, *, faces: Faces, videohash: bool
) -> Fingerprint:
    if named.error:
        raise named.error
    make = local.fingerprinter(otherwise="Hash the file on another machine")
    with bars.task(named.path) as advance:
        return local.fingerprint(
            make, named.file, deadline=deadline, advance=advance, faces=faces, videohash=videohash
        )
