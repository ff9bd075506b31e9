"""Named queries, read from the `.sql` file beside a module.

A query begins with `-- name: x` and one line that states its purpose. Parameters are `%(name)s`.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Final, LiteralString

_NAME: Final = re.compile(r"^-- name: (\w+)\n-- (.+)\n", re.MULTILINE)


def load(module: str) -> dict[str, LiteralString]:
    """Return the queries of the `.sql` file beside `module` (its `__name__`), by name.

    The files are part of this package, never built from input, so the queries count as literal strings.
    """
    package, _, name = module.rpartition(".")
    text = (files(package) / f"{name}.sql").read_text(encoding="utf-8")
    headers = list(_NAME.finditer(text))
    ends = [match.start() for match in headers[1:]] + [len(text)]
    return {
        match.group(1): text[match.end() : end].strip().rstrip(";")
        for match, end in zip(headers, ends, strict=True)
    }
