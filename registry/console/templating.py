"""Templates: Jinja2 with autoescaping; undefined names are errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from registry import __version__
from registry.console import static_files
from registry.console.guard import PREFIX
from registry.console.languages import NAMES, aware

FILTERS: Final[dict[str, Callable[[str], str]]] = {}
"""Filters of rooms above, by name. `registry/app/pages/app.py` fills the table."""
GLOBALS: Final[dict[str, Callable[..., Any]]] = {"unread": lambda _page: None}
"""Functions of rooms above, by name. `unread(page)`: the reader's unread notifications, None if unknown."""
_BREAKS: Final = re.compile(r"(?<=[@._+-])(?=\w)")


@cache
def environment() -> Environment:
    """Return the environment for all languages; translations come with each page."""
    jinja = Environment(
        loader=PackageLoader("registry.console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=400,
        extensions=["jinja2.ext.do"],
    )
    jinja.globals.update(
        asset=static_files.address,
        prefix=PREFIX,
        version=__version__,
        languages=NAMES,
        iso=_iso,
        attributes=_attributes,
        **GLOBALS,
    )
    jinja.filters.update(breaks=_breaks, **FILTERS)
    return jinja


def rendered(template: str, context: dict[str, Any]) -> str:
    """Render the page with the messages of its area (the template's folder). Templates use `_("…")`,
    `ngettext("…", "…", n)`, `number(n)`."""
    words = context["words"].within(template.partition("/")[0])
    functions = {"_": words.text, "ngettext": words.several, "number": words.number, "percent": words.percent}
    return environment().get_template(template).render(functions | context)


def _iso(moment: Any) -> str:
    return aware(moment).isoformat(timespec="seconds")


def _breaks(text: str) -> Markup:
    """Let a line break after the separators of a mail address, not within a word."""
    return Markup("<wbr>").join(_BREAKS.split(text))


def _attributes(attributes: dict[str, Any]) -> Markup:
    """Format attributes of an element. None and False omit an attribute; True gives its bare name."""
    parts = []
    for name, value in attributes.items():
        if value is True:
            parts.append(Markup(" {}").format(name.replace("_", "-")))
        elif value is not None and value is not False:
            parts.append(Markup(' {}="{}"').format(name.replace("_", "-"), value))
    return Markup("").join(parts)
