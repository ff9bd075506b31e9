"""Commands that are made from a description: what they send, and what they print."""

from __future__ import annotations

import json
from pathlib import Path

import click
from click.testing import CliRunner, Result

from registry.core.settings import settings
from registry.core.terminal import files, options
from registry.core.terminal.api_command import Fields, sends
from registry.core.terminal.output import Rows
from tests.support.service.stub_service import Stub, ok, problem

ID = "3f9d6a52-1b2c-4d3e-8f90-a1b2c3d4e5f6"
BANKS = ok({"banks": []})
"""The answer to the check that comes before each command."""


@click.command()
@click.argument("thing_id", type=click.UUID)
@click.option("--kind", "kinds", multiple=True)
@click.option("--proof", "proof_sha256", type=files.DIGEST)
@click.option("--calm", is_flag=True)
@sends("POST /v1/things/{thing_id}/acts", "{name}: {size:,}", example="thing act ID")
def act(calm: bool) -> Fields:
    """Do something with a thing."""
    return {"mood": "calm" if calm else "wild"}


THINGS = Rows(
    "things", "thing: thing_id, names, made: made_at, by: maker.name, size", "No things.",
    {"size": lambda row: f"{row['size']} cm"}, pages=True,
)  # fmt: skip


@click.command()
@options.limit
@sends("GET /v1/things", THINGS)
def things() -> None:
    """List things."""


def run(command: click.Command, stub: Stub, *arguments: str) -> Result:
    settings.cache_clear()  # another test of the process may have read them without a key
    environment = {"FAKEPRINT_KEY": "fp_1", "TZ": "UTC"}
    return CliRunner(env=environment).invoke(command, [*arguments, "--url", stub.url])


def test_a_command_sends_its_options_and_prints_a_sentence(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    proof.write_text("x")
    with Stub([BANKS, ok({"name": "a\nb", "size": 1234})]).running() as stub:
        done = run(act, stub, ID, "--kind", "a", "--kind", "b", "--proof", str(proof))
    assert done.output == "a\\nb: 1,234\n"
    method, path, _, body = stub.seen[-1]
    assert (method, path) == ("POST", f"/v1/things/{ID}/acts")
    digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    assert json.loads(body) == {"kinds": ["a", "b"], "proof_sha256": digest, "mood": "wild"}


def test_absent_options_are_not_sent() -> None:
    with Stub([BANKS, ok({"name": "a", "size": 1})]).running() as stub:
        assert run(act, stub, ID, "--json").output == '{"name": "a", "size": 1}\n'
    assert json.loads(stub.seen[-1][3]) == {"mood": "wild"}


def test_an_error_names_the_argument_of_the_path() -> None:
    with Stub([BANKS, problem(404, "unknown_thing")]).running() as stub:
        done = run(act, stub, ID, "--json")
    assert json.loads(done.output) == {
        "thing_id": ID,
        "error": {"code": "unknown_thing", "message": "What is wrong."},
    }


def test_a_file_that_cannot_be_read_is_an_error_of_the_command() -> None:
    with Stub([]).running() as stub:
        done = run(act, stub, ID, "--json", "--proof", "/nowhere/file")
    assert json.loads(done.output)["error"]["code"] == "missing_path"
    assert stub.seen == []


def test_rows_become_a_table_page_after_page() -> None:
    row = {"thing_id": 1, "names": ["a", "b"], "made_at": "2026-01-31T09:30:00+00:00", "size": 3}
    first = {"things": [row | {"maker": None}] * 200, "next": "C"}
    last = {"things": [row | {"maker": {"name": "x"}}], "next": "D"}
    with Stub([BANKS, ok(first), ok(last)]).running() as stub:
        done = run(things, stub, "--limit", "201")
    lines = done.stdout.splitlines()
    assert lines[0] == "1\ta, b\t2026-01-31 09:30 +0000\t\t3 cm"
    assert lines[200] == "1\ta, b\t2026-01-31 09:30 +0000\tx\t3 cm"
    assert done.stderr == "There are more: give a greater --limit.\n"
    assert [path for _, path, *_ in stub.seen[1:]] == ["/v1/things?limit=200", "/v1/things?limit=1&after=C"]


def test_an_empty_list_prints_a_message() -> None:
    with Stub([BANKS, ok({"things": [], "next": None})]).running() as stub:
        assert run(things, stub).output == "No things.\n"


def test_the_example_is_in_the_help() -> None:
    help_text = CliRunner().invoke(act, ["--help"]).output
    assert "Example:\n    fakeprint thing act ID" in help_text
    assert "--timeout" in help_text


def test_without_a_limit_all_pages_are_fetched() -> None:
    pages = [ok({"things": [{"thing_id": n}], "next": "C" if n < 2 else None}) for n in range(3)]
    rows = Rows("things", lambda row: str(row["thing_id"]), "No things.", pages=True)
    command = click.command()(sends("GET /v1/things", rows)(things_of_all))
    with Stub([BANKS, *pages]).running() as stub:
        assert run(command, stub).output == "0\n1\n2\n"
    assert stub.seen[-1][1] == "/v1/things?limit=200&after=C"


def things_of_all() -> None:
    """List all things."""
