"""`fakeprint entries`: list entries, show one, and the subcommands of each room."""

from __future__ import annotations

from typing import override
from uuid import UUID

import click

from registry.catalogue.entries.commands import shown_entries
from registry.catalogue.entries.commands.entry_changes import add, change, claim_review, erase_details, retry
from registry.core.terminal import exit_status, options, output
from registry.core.terminal.report import error_report
from registry.review.queue.commands.review import withdraw
from registry.sharing.prov.commands import provenance
from registry.transparency.credentials.commands import assertion
from registry.transparency.entry_proof import commands as entry_proof

EPILOG = """\b
Examples:
  fakeprint entries                            the newest ones
  fakeprint entries --status failed --json     recent failures, one object a line
  fakeprint entries ID                         one entry with its files
  fakeprint entries ID --related               other entries with the same footage
  fakeprint entries ID --proof proof.json      a proof of its history, for offline checks
  fakeprint entries add ID real.mp4 --original add the original later
  fakeprint entries withdraw ID --code mistaken
  fakeprint entries retry ID                   fingerprint its failed files again
  fakeprint entries change ID --variant-of ID2 join it to another entry's family
  fakeprint entries provenance ID --svg FILE   what it was made from, drawn
  fakeprint entries claim-review ID            as ClaimReview and MediaReview (JSON-LD)
"""


class Entries(click.Group):
    """Accept an entry's id in place of a subcommand."""

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in self.commands:
            return super().resolve_command(ctx, args)
        if not _is_id(args[0]):
            raise click.UsageError(
                f"{args[0]!r} is neither an entry's id nor one of {', '.join(self.list_commands(ctx))}.", ctx
            )
        return "show", show, args

    @override
    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[OPTIONS] [ID | COMMAND …]"]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@click.group(
    cls=Entries,
    invoke_without_command=True,
    epilog=EPILOG,
    short_help="List, show, complete and retry entries.",
)
@click.option("--bank", metavar="NAME", help="Only entries of this bank.")
@click.option(
    "--status",
    type=click.Choice(["pending", "matchable", "failed", "suspended", "withdrawn"]),
    help="Only entries with this status.",
)
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="At most so many.")
@options.json
@options.service
@click.pass_context
def entries(
    ctx: click.Context,
    bank: str | None,
    status: str | None,
    limit: int,
    as_json: bool,
    service: options.Service,
) -> int:
    """List your organization's entries, newest first; with an ID, show that one."""
    if ctx.invoked_subcommand is not None:
        # `fakeprint entries --json ID` means the same as `fakeprint entries ID --json`.
        ctx.obj = as_json
        return exit_status.DONE
    filters = {"bank": bank, "status": status, "limit": limit}
    with error_report({}, as_json=as_json), service.connect() as client:
        answer = client.send("GET /v1/entries", {name: value for name, value in filters.items() if value})
    output.print_answer(answer | {"filtered": bool(bank or status)}, shown_entries.ENTRIES, as_json=as_json)
    return exit_status.DONE


@click.command()
@click.argument("entry_id", metavar="ID", type=click.UUID)
@click.option("--related", is_flag=True, help="Show other entries with the same footage instead.")
@click.option(
    "--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="At most so many related."
)
@click.option(
    "--proof",
    metavar="FILE",
    type=click.Path(path_type=str),
    help="Write a proof of the entry to FILE instead.",
)
@click.option("--without-fingerprints", is_flag=True, help="With --proof: only the digests of fingerprints.")
@options.json
@options.service
def show(
    entry_id: UUID,
    related: bool,
    limit: int,
    proof: str | None,
    without_fingerprints: bool,
    as_json: bool,
    service: options.Service,
) -> int:
    """Show one entry with its files, or its related entries, or write a proof of it.

    A proof holds no media, titles or names. It holds digests of the media, their fingerprints without faces,
    the entry's events in the signed ledger, and an authority's time stamp if there is one. Check it without a
    network: `fakeprint verify FILE --media CLIP --key VKEY --tsa-roots PEM`.

    \b
    Examples:
      fakeprint entries 01890a5d-… --related
      fakeprint entries 01890a5d-… --proof proof.json
    """
    if proof is not None:
        return entry_proof.write(service, entry_id, proof, bare=without_fingerprints, as_json=as_json)
    with error_report({"entry_id": str(entry_id)}, as_json=as_json), service.connect() as client:
        path = f"GET /v1/entries/{entry_id}"
        answer = client.send(f"{path}/related", {"limit": limit}) if related else client.send(path)
    output.print_answer(answer, shown_entries.related if related else shown_entries.entry, as_json=as_json)
    return exit_status.DONE


for _command in (add, retry, change, claim_review, erase_details, assertion, provenance, withdraw):
    entries.add_command(_command)
