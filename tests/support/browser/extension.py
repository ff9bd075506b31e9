"""The browser extension in Chromium, whose toolbar button and side panel are reached by Chromium's protocol.

Headless Chromium draws no menu and no prompt. So the click on the menu's item is the event that Chromium
would send. What a user would allow in a prompt is allowed on `chrome://extensions` before. The rest is real.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, BrowserType, CDPSession, Page, Worker

from deploy.tools import extension

CHROMIUM: Final = "/usr/lib/chromium/chromium"
"""The whole of it: `chromium-headless-shell` has no extensions."""
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--enable-unsafe-extension-debugging",
)


class Panel:
    """The side panel. `errors`: of its scripts, and what its policy refused."""

    def __init__(self, session: CDPSession, target: str, page: Page) -> None:
        self.errors: list[str] = []
        self._sent: list[tuple[str, str]] = []
        self._session, self._page, self._answers, self._last = session, page, dict[int, Any](), 0
        session.on("Target.receivedMessageFromTarget", self._received)
        self._id = session.send("Target.attachToTarget", {"targetId": target, "flatten": False})["sessionId"]
        for domain in ("Network.enable", "Runtime.enable", "Log.enable"):
            self._send(domain, {})

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression there, as within a click."""
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True, "userGesture": True}
        found = self._send("Runtime.evaluate", asked)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def until(self, expression: str, seconds: float = 90) -> None:
        """Wait until an expression is true."""
        for _ in range(int(seconds * 10)):
            if self.evaluate(expression):
                return
            self._page.wait_for_timeout(100)
        raise AssertionError(f"{expression}: {self.evaluate('document.body.innerText')}")

    def forget(self) -> None:
        """Hide the last outcome, so that it is not taken for the next."""
        self.evaluate("for (const name of ['answer', 'failed']) document.getElementById(name).hidden = true")

    def outcome(self) -> tuple[str, str]:
        """Wait for an answer or a failure. Return its verdict or code, and the text that is shown."""
        hidden = "['working', 'answer', 'failed'].map(name => document.getElementById(name).hidden).join()"
        self.until(f"['true,false,true', 'true,true,false'].includes({hidden})")
        verdict, text = self.evaluate(
            "[document.querySelector('#answer:not([hidden]) .verdict')?.dataset.verdict"
            " ?? document.getElementById('failed').dataset.code, document.getElementById('main').innerText]"
        )
        return verdict, text

    def sent(self) -> list[tuple[str, str]]:
        """Return the addresses and bodies of what it has sent since this was called last."""
        sent, self._sent = self._sent, []
        return [
            (url, self._send("Network.getRequestPostData", {"requestId": it})["postData"]) for url, it in sent
        ]

    def press(self, name: str) -> None:
        """Press the button with that id."""
        self.evaluate(f"document.getElementById({json.dumps(name)}).click()")

    def _send(self, method: str, parameters: Mapping[str, Any]) -> Any:
        self._last += 1
        message = json.dumps({"id": self._last, "method": method, "params": parameters})
        self._session.send("Target.sendMessageToTarget", {"sessionId": self._id, "message": message})
        while self._last not in self._answers:
            self._page.wait_for_timeout(10)
        return self._answers.pop(self._last)

    def _received(self, event: Mapping[str, Any]) -> None:
        said = json.loads(event["message"])
        if "id" in said:
            self._answers[said["id"]] = said.get("result", said)
        elif said["method"] == "Network.requestWillBeSent" and said["params"]["request"].get("hasPostData"):
            self._sent.append((said["params"]["request"]["url"], said["params"]["requestId"]))
        elif said["method"] == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(said["params"]["exceptionDetails"]))
        elif (
            said["method"] == "Log.entryAdded"
            and "Content Security Policy" in said["params"]["entry"]["text"]
        ):
            self.errors.append(said["params"]["entry"]["text"])


@dataclass
class Extension:
    """The extension, as it runs in a browser of its own."""

    context: BrowserContext
    worker: Worker
    name: str

    def address(self, page: str) -> str:
        """Return the address of one of its pages."""
        return f"chrome-extension://{self.name}/{page}.html"

    def allow(self, *urls: str) -> None:
        """Allow it to read from these addresses, once it asks for that."""
        page = self.context.new_page()
        page.goto("chrome://extensions", wait_until="commit")
        for url in urls:
            given = [self.name, f"{url}/*"]
            page.evaluate("given => chrome.developerPrivate.addHostPermission(...given)", given)
        page.close()

    def opened(self, page: Page) -> Panel:
        """Press its button in the toolbar, which opens the side panel and lets it into this page."""
        browser = self.context.browser
        assert browser is not None
        session = browser.new_browser_cdp_session()
        page.bring_to_front()
        [tab] = [
            target for target in _targets(session) if target["type"] == "tab" and target["url"] == page.url
        ]
        session.send("Extensions.triggerAction", {"id": self.name, "targetId": tab["targetId"]})
        for _ in range(100):
            panels = [target for target in _targets(session) if _is(target, self.address("sidepanel"))]
            if panels:
                return Panel(session, panels[0]["targetId"], page)
            page.wait_for_timeout(100)
        raise AssertionError("the side panel has not opened")

    def ask(self, panel: Panel, page: Page, url: str, kind: str = "video") -> tuple[str, str]:
        """Choose the menu's item at a medium of the page in front, and return the outcome. `kind`: `video`,
        `image` or `link`."""
        click = {"pageUrl": page.url, "frameId": 0, "editable": False}
        if kind == "link":
            click |= {"menuItemId": "link", "linkUrl": url}
        else:
            click |= {"menuItemId": "medium", "mediaType": kind, "srcUrl": url}
        page.bring_to_front()
        panel.forget()
        self.worker.evaluate(
            "async click => chrome.contextMenus.onClicked.dispatch(click,"
            " (await chrome.tabs.query({active: true, lastFocusedWindow: true}))[0])",
            click,
        )
        return panel.outcome()


def _targets(session: CDPSession) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = session.send("Target.getTargets", {"filter": [{}]})["targetInfos"]
    return found


def _is(target: Mapping[str, Any], url: str) -> bool:
    return bool(target["type"] == "page" and target["url"] == url)


@contextmanager
def running(chromium: BrowserType, profile: Path) -> Iterator[Extension]:
    """Start Chromium with the extension, in a new profile."""
    built = extension.built()
    context = chromium.launch_persistent_context(
        str(profile),
        executable_path=CHROMIUM,
        args=[*ARGUMENTS, f"--disable-extensions-except={built}", f"--load-extension={built}"],
        ignore_default_args=["--disable-extensions"],
        locale="en-GB",
    )
    try:
        worker = (
            context.service_workers[0] if context.service_workers else context.wait_for_event("serviceworker")
        )
        yield Extension(context, worker, worker.url.split("/")[2])
    finally:
        context.close()
