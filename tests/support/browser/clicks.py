"""Count what a person presses to do a job: clicks, and keys that press a button, a link or a choice."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import BrowserContext, JSHandle

_COUNT: Final = """() => {
    if (window.pressesCounted) return;  // a page that reloads meanwhile gets it twice
    window.pressesCounted = true;
    const pressed = (event) => {
        if (!event.isTrusted) return;
        const control = event.target.closest("a, button, input, label, select, summary, textarea");
        const text = control?.labels?.[0]?.textContent || control?.textContent || event.target.tagName;
        window.countPress(text.trim().replace(/\\s+/g, " ").slice(0, 60));
    };
    const typed = (event) => {
        const area = event.target.matches("textarea");
        const writes = area || event.target.matches("input:not([type=checkbox], [type=radio], [type=file])");
        if (event.key === "Enter" ? !area : event.key === " " && !writes) pressed(event);
    };
    // At the document, after the window: Playwright stops there what would hit another element than the one
    // it aims at, because the page moved meanwhile, and presses again.
    document.addEventListener("pointerdown", pressed, { capture: true });
    document.addEventListener("keydown", typed, { capture: true });
    document.addEventListener("drop", pressed, { capture: true });
}"""


class Clicks:
    """Counts presses in all pages of a context, from now on.

    Choosing a file counts by the click that opens the chooser, so tests use `page.expect_file_chooser()`.
    Typed and pasted text does not count.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.pressed: list[str] = []
        context.expose_binding("countPress", lambda _, text: self._count(text))
        context.add_init_script(f"({_COUNT})()")
        for page in context.pages:
            page.evaluate(_COUNT)

    def _count(self, text: str | JSHandle) -> None:
        self.pressed.append(str(text))

    def at_most(self, most: int) -> None:
        """Assert the number of presses since the start. The error lists them."""
        assert 0 < len(self.pressed) <= most, self.pressed
