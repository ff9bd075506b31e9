"""`fakeprint entries ID --proof FILE`."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import click

from registry.core.terminal import ending, files, options
from registry.core.terminal.report import print_json, told
from registry.core.terminal.text import printable


def write(service: options.Service, entry_id: UUID, output: str, *, bare: bool, as_json: bool) -> int:
    """Write the proof of an entry into a file (`-`: standard output), byte by byte as it comes. `bare`: the
    digests of fingerprints alone."""
    with told({"entry_id": str(entry_id)}, as_json=as_json):
        with service.connect() as client:
            raw = client.fetch(f"/v1/entries/{entry_id}/proof?fingerprints={str(not bare).lower()}")
        if output == "-":
            click.echo(raw, nl=False)
            return ending.DONE
        with files.writing(str(Path(output).absolute())) as file:
            file.write(raw)
    found = json.loads(raw)
    stamped = all(anchor["stamp"] for anchor in found["anchors"])
    if as_json:
        print_json({"entry_id": str(entry_id), "path": output, "bytes": len(raw), "stamped": stamped})
        return ending.DONE
    click.echo(f"{printable(output)}: {len(raw)} bytes, {len(found['media'])} media")
    if not stamped:
        click.echo("  it bears no time stamp of an authority yet, or not for all: ask again later")
    click.echo(f"  next: fakeprint verify {printable(output)} --media CLIP --key VKEY --tsa-roots PEM")
    return ending.DONE
