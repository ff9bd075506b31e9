"""Hatch's hook that builds the wheel: `registry/`, `workers/` and `schema/` become `fakeprint_server`.

In the repository these folders are top-level packages. In site-packages their names would collide with other
people's packages. So each import, each module name in a string and each entry point gets the prefix here. An
editable installation is left as it is.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE: Final = "fakeprint_server"
PLACES: Final = {"registry": "registry", "workers": "workers", "schema": "registry/schema"}
"""Folders of the repository, and where they lie in the package."""
_FROM: Final = re.compile(r"^(\s*from )(registry|workers)(?=[.\s])", re.MULTILINE)
_IMPORT: Final = re.compile(r"^(\s*)import (registry|workers)$", re.MULTILINE)
_DOTTED: Final = re.compile(r"^\s*import (?:registry|workers)\b(?!$)", re.MULTILINE)
_NAME: Final = re.compile(r"([\"'])((?:registry|workers)(?:\.\w+)+)(:\w+)?\1")
_INIT: Final = '"""Fakeprint\'s service and workers. No public interface: import `fakeprint` instead."""\n'


class Hook(BuildHookInterface):  # type: ignore[misc]
    """Stages the package in a temporary folder, from which hatch takes it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Stage the files and rename the entry points, for all but an editable installation."""
        self._staged: Path | None = None
        if version == "editable":
            return
        self._staged = Path(tempfile.mkdtemp())
        (self._staged / "__init__.py").write_text(_INIT, encoding="utf-8")
        for path, place in self._files():
            target = self._staged / place
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".py":
                target.write_text(renamed(path.read_text("utf-8"), Path(self.root)), encoding="utf-8")
            else:
                shutil.copyfile(path, target)
        build_data["force_include"][str(self._staged)] = PACKAGE
        core = self.metadata.core
        for points in (core.scripts, *core.entry_points.values()):
            points.update({name: f"{PACKAGE}.{target}" for name, target in points.items()})

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove the temporary folder."""
        if self._staged is not None:
            shutil.rmtree(self._staged)

    def _files(self) -> Iterator[tuple[Path, str]]:
        """Yield each file that is not ignored by Git, and its place in the package."""
        root = Path(self.root)
        ignored = self.build_config.exclude_spec
        for folder, place in PLACES.items():
            for path in sorted((root / folder).rglob("*")):
                relative = path.relative_to(root)
                if path.is_file() and not ignored.match_file(relative.as_posix()):
                    yield path, (Path(place) / relative.relative_to(folder)).as_posix()


def renamed(source: str, root: Path) -> str:
    """Return a module's source with the prefix before each import, and each name of a module in a string.

    Raises `ValueError` for `import registry.x`, which would bind another name.
    """
    if found := _DOTTED.search(source):
        raise ValueError(f"write `from … import`, not `{found.group().strip()}`")

    def name(found: re.Match[str]) -> str:
        quote, module, attribute = found.group(1), found.group(2), found.group(3) or ""
        path = root.joinpath(*module.split("."))
        known = path.is_dir() or path.with_suffix(".py").is_file()
        return f"{quote}{PACKAGE}.{module}{attribute}{quote}" if known else found.group()

    source = _FROM.sub(rf"\1{PACKAGE}.\2", source)
    return _NAME.sub(name, _IMPORT.sub(rf"\1from {PACKAGE} import \2", source))
