"""The rules of rooms, each a test: walls, faces, owners of tables and events, errors, typed services."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Final

from registry.core.audit.model.event import KINDS

ROOT = Path(__file__).parent.parent
REGISTRY = ROOT / "registry"


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def test_the_baseline_includes_the_schema_of_each_room() -> None:
    baseline = (ROOT / "schema" / "migrations" / "0001_baseline.sql").read_text()
    included = re.findall(r"^\\ir \.\./(\S+)$", baseline, re.MULTILINE)
    assert sorted(included) == sorted(_schema())


def test_each_table_stands_with_the_room_that_owns_it() -> None:
    stand = {
        (name, Path(file).parts[0].removesuffix(".sql"))
        for file, text in _schema().items()
        for name in re.findall(r"^CREATE TABLE (?!\w+_0_of_1)(\w+)", text, re.MULTILINE)
    }
    assert stand == owned()


@cache
def owned() -> set[tuple[str, str]]:
    """Tables, and the rooms whose docstrings say that they own them."""
    return {
        (name, path.relative_to(REGISTRY).parts[0])
        for path in REGISTRY.rglob("__init__.py")
        for owns in re.findall(r"\bOwns:([^.]*)", path.read_text())
        for name in re.findall(r"`(\w+)`", owns)
    }


def test_a_table_is_written_by_its_owner() -> None:
    owners = dict(owned())
    foreign = [
        f"{_dotted(path.with_suffix('.py'))} {query.partition(chr(10))[0]} -> {table}"
        for path in sorted(REGISTRY.rglob("*.sql"))
        for query in path.read_text().split("-- name: ")[1:]
        for table in sorted(set(_WRITES.findall(re.sub(r"--.*", "", query))))
        if table in owners and owners[table] != path.relative_to(REGISTRY).parts[0]
    ]
    assert foreign == []


def test_modules_named_in_the_schema_exist() -> None:
    """A module, or a name that stands in its source."""
    named = {name for text in _schema().values() for name in re.findall(r"\bregistry(?:\.\w+)+", text)}
    modules = {f"registry.{_dotted(path)}": path for path in REGISTRY.rglob("*.py")}
    lost = [
        name
        for name in sorted(named - set(modules))
        if (path := modules.get(name.rpartition(".")[0])) is None
        or not re.search(rf"^(class |def )?{name.rpartition('.')[2]}\b", path.read_text(), re.MULTILINE)
    ]
    assert named
    assert lost == []


def _schema() -> dict[str, str]:
    """The SQL of the baseline: a file's path within `schema/`, its text."""
    folder = ROOT / "schema"
    paths = {path for path in folder.rglob("*.sql") if path.parent.name != "migrations"}
    return {str(path.relative_to(folder)): path.read_text() for path in paths}


_WRITES: Final = re.compile(
    r"\b(?:INSERT\s+INTO|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE|(?<!FOR )(?<!DO )(?<!KEY )UPDATE)\s+"
    r"(?:ONLY\s+)?\"?(\w+)"
)

LAYERS: Final = {"model": 0, "errors": 0, "schemas": 1, "store": 2, "service": 3}

"""Inside a room, and across rooms: all else (`api`, `pages`, `commands`, `tasks`) is above."""

IMPURE: Final = {"celery", "fastapi", "httpx2", "kombu", "psycopg", "psycopg_pool", "socket", "subprocess"}


@cache
def imports() -> tuple[tuple[str, str], ...]:
    """Every import within `registry`: who imports, what is imported, as dotted names without `registry.`."""
    named = {_dotted(path): path for path in REGISTRY.rglob("*.py")}
    return tuple(
        (module, wanted.removeprefix("registry."))
        for module, path in sorted(named.items())
        for wanted in _imported(path, set(named))
        if wanted.startswith("registry.")
    )


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(REGISTRY).with_suffix("").parts).removesuffix(".__init__")


def _imported(path: Path, known: set[str]) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole.removeprefix("registry.") in known else node.module


def _layer(module: str) -> int | None:
    """None outside the rooms' layers: the core, and what puts rooms together."""
    room, *inside = module.split(".")
    if room in {"app", "client", "console", "core"} and "audit" not in inside:
        return None
    return next((LAYERS.get(part, 4) for part in inside if part in LAYERS or part in ABOVE), None)


def test_the_stages_of_matching_point_one_way() -> None:
    inside = [pair for pair in imports() if all(module.startswith("matching.") for module in pair)]
    stages = [(STAGES.get(mine.split(".")[1]), STAGES.get(theirs.split(".")[1])) for mine, theirs in inside]
    assert (STAGES["decision"], STAGES["alignment"]) in stages
    wrong = [
        f"{module} -> {wanted}"
        for (module, wanted), (mine, theirs) in zip(inside, stages, strict=True)
        if mine is not None and theirs is not None and theirs > mine
    ]
    assert wrong == []


STAGES: Final = {"alignment": 0, "decision": 1, "candidates": 2, "abuse": 3, "lookups": 4, "watches": 4}
"""The sub-rooms of matching: each imports only those of the same number or less."""

ABOVE: Final = {"api", "commands", "pages", "tasks"}


def test_layers_point_one_way() -> None:
    wrong = []
    for module, wanted in imports():
        mine, theirs = _layer(module), _layer(wanted)
        if mine is not None and theirs is not None and theirs > mine:
            wrong.append(f"{module} -> {wanted}")
    assert wrong == []


def test_rooms_use_the_faces_of_others() -> None:
    """Never their stores: a face is what a room's `__init__` exports."""
    crossed = [
        (module, wanted) for module, wanted in imports() if module.split(".")[0] != wanted.split(".")[0]
    ]
    assert [pair for pair in crossed if "store" in pair[1].split(".")] == []


def test_faces_are_small() -> None:
    faces = {
        _dotted(path): re.findall(r"^__all__ = \[(.*?)\]", path.read_text(), re.DOTALL | re.MULTILINE)
        for path in REGISTRY.rglob("__init__.py")
        if _is_room(path)
    }
    names = {room: re.findall(r'"(\w+)"', "".join(found)) for room, found in faces.items()}
    assert {
        room: found for room, found in names.items() if len(found) > MOST_NAMES and room != "client.fakeprint"
    } == {}


MOST_NAMES: Final = 15
"""Of a room's face. The client's is for other programs."""


def test_services_return_typed_values() -> None:
    """Documents in a format of others (JSON-LD, PROV-JSON) are JSON as they are."""
    untyped = [
        f"{_dotted(path)}.{node.name}"
        for path in REGISTRY.rglob("*.py")
        if "service" in _dotted(path).split(".") and not path.is_relative_to(REGISTRY / "core")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if node.returns and "str, Any]" in ast.unparse(node.returns)
    ]
    assert [name for name in untyped if name not in JSON_OF_OTHERS] == []


JSON_OF_OTHERS: Final = {
    "catalogue.entries.service.entries.get_claim_review",
    "sharing.prov.service.get_provenance",
}


def test_models_are_pure() -> None:
    """A model imports no package of I/O, and no module of the core that imports one (an HTTP client)."""
    modules = {_dotted(path): path for path in REGISTRY.rglob("*.py")}
    impure = {f"registry.{module}" for module, path in modules.items() if _packages(path) & IMPURE}
    clients = {module for module in impure if module.startswith("registry.core.")}
    assert "registry.core.net.outbound" in clients
    models = {module: path for module, path in modules.items() if _layer(module) == 0}
    assert models
    found = {
        module: _packages(path) & IMPURE | set(_imported(path, set(modules))) & clients
        for module, path in models.items()
    }
    assert {module: imported for module, imported in found.items() if imported} == {}


def test_only_stores_speak_to_postgresql() -> None:
    for path in REGISTRY.rglob("*.py"):
        module = _dotted(path)
        if _layer(module) != LAYERS["store"] and not module.startswith(("core.", "app.embedded")):
            assert not _packages(path) & {"psycopg", "psycopg_pool", "pgvector"}, module


def _packages(path: Path) -> set[str]:
    return {wanted.split(".")[0] for wanted in _imported(path, set())}


def test_a_rooms_docstring_states_its_purpose() -> None:
    rooms = [path for path in REGISTRY.rglob("__init__.py") if _is_room(path)]
    silent = [_dotted(path) for path in rooms if not ast.get_docstring(parsed(path))]
    assert silent == []


def test_paths_in_docstrings_of_rooms_exist() -> None:
    gone = [
        f"{room}: {named}"
        for room, said in _rooms().items()
        for named in re.findall(r"`([a-z_/]+\.py)`", said)
        if not (REGISTRY / room / named).exists() and not (ROOT / named).exists()
    ]
    assert gone == []


def test_each_kind_of_event_belongs_to_one_room() -> None:
    owned = {room: re.findall(r"`([a-z_]+\.[a-z_*]+)`", _events(said)) for room, said in _rooms().items()}
    owners = {
        kind: [
            room for room, patterns in owned.items() if any(fnmatch(kind, pattern) for pattern in patterns)
        ]
        for kind in KINDS
    }
    assert {kind: rooms for kind, rooms in owners.items() if len(rooms) != 1} == {}


def _events(said: str) -> str:
    return "".join(line for line in said.splitlines() if line.startswith("Events: "))


def _rooms() -> dict[str, str]:
    """The docstring of each room."""
    names = [path.name for path in REGISTRY.iterdir() if (path / "__init__.py").exists()]
    return {name: ast.get_docstring(parsed(REGISTRY / name / "__init__.py")) or "" for name in names}


def _is_room(path: Path) -> bool:
    parts = path.parent.relative_to(REGISTRY).parts
    return bool(parts) and not set(parts) & (ABOVE | set(LAYERS))


@cache
def _errors() -> list[tuple[Path, ast.ClassDef]]:
    """Every class that is an error, directly or not, and where it is defined."""
    defined = [(path, node) for path in _ours() for node in parsed(path).body]
    classes = [(path, node) for path, node in defined if isinstance(node, ast.ClassDef)]
    names = {"FakeprintError"}
    while more := {node.name for _, node in classes if names & {*map(ast.unparse, node.bases)}} - names:
        names |= more
    return [(path, node) for path, node in classes if names & {*map(ast.unparse, node.bases)}]


@cache
def _ours() -> list[Path]:
    return sorted((*REGISTRY.rglob("*.py"), *(ROOT / "workers").rglob("*.py")))


def test_errors_live_in_errors() -> None:
    core = REGISTRY / "core" / "errors"
    assert {path.name for path, _ in _errors() if path.parent != core} == {"errors.py"}


def test_no_code_is_written_where_an_error_is_raised() -> None:
    written = re.compile(r"\braise [^#\n]*?\([^()]*\bcode=\"|\.of_code\(\s*\"")
    assert [str(path) for path in _ours() if written.search(path.read_text())] == []


def test_every_error_is_raised() -> None:
    users = [path.read_text() for path in _ours() if "errors" not in {path.stem, path.parent.name}]
    words = set(re.findall(r"\w+", " ".join(users)))
    based = {ast.unparse(base) for _, node in _errors() for base in node.bases}
    assert {node.name for _, node in _errors()} - words - based == FROM_DATA


FROM_DATA: Final = {"LookupOrganizationClosed"}

"""A worker's error is stored with the lookup; of the same code as a class that is raised."""


def test_rows_are_written_by_builders() -> None:
    """`tests/support` holds the SQL of states and time. Elsewhere SQL is the subject: in tests of the schema
    and of the database, and in what is named `forged`."""
    schema = "".join(path.read_text() for path in (ROOT / "schema").rglob("*.sql"))
    tables = set(re.findall(r"^CREATE TABLE (\w+)", schema, re.MULTILINE))
    spared = re.compile(r"^tests/(support|bench|core/database)/|/test_schema\.py$")
    found = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not spared.search(name):
            tree = parsed(path)
            forged = {text for node in ast.walk(tree) for text in _forged(node)}
            written = {text for text in _texts(tree) - forged if set(_WRITES.findall(text)) & tables}
            found += [f"{name}: {text.strip()[:60]}" for text in sorted(written)]
    assert found == []


def _texts(tree: ast.AST) -> set[str]:
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {value for value in values if isinstance(value, str)}


def _forged(node: ast.AST) -> set[str]:
    match node:
        case ast.For(target=ast.Name(id="forged"), iter=statements):
            return _texts(statements)
        case ast.Call(func=ast.Name(id="forge")) | ast.Call(args=[ast.Constant(value="forged"), *_]):
            return _texts(node)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return _texts(node) if "forged" in name.lower() else set()
    return set()
