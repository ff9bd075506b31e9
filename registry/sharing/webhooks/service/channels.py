"""Messages of webhooks as sentences in a messenger or a mail, sent by apprise in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from registry.console.guard import PREFIX
from registry.core.errors import NotInstalled, Unavailable
from registry.core.net.outbound import Attempt
from registry.core.service import Service
from registry.sharing.notifications.model import SENTENCES
from registry.sharing.webhooks import model
from registry.sharing.webhooks.errors import BadWebhookUrl

PURPOSE: Final = "webhook address"
"""Purpose with which the addresses of channels are encrypted."""
SECONDS: Final = 40.0
"""Seconds for one message. Matrix takes four requests."""
_PROCESS: Final = f"{__package__}.channel_process"
_PASSED: Final = ("PATH", "LANG", "PYTHONPATH")


def shown_address(service: Service, url: str) -> str:
    """Return the address of a channel without its secrets. No connection is made.

    Raises `BadInput` (`bad_webhook_url`), `NotInstalled` (`not_installed`), `Unavailable`.
    """
    model.check_channel(url, private=service.settings.webhook_private)
    try:
        shown = _run({"address": url, "private": service.settings.webhook_private}).get("shown")
    except subprocess.TimeoutExpired:
        raise Unavailable("The address could not be checked in time. Try again.") from None
    if not shown:
        raise BadWebhookUrl(
            f"The address does not have the parts that {urlsplit(url).scheme}:// needs.",
            next_step="See docs/how-to/notifications.md for an example of each.",
        )
    return str(shown)


def send_message(service: Service, url: str, body: str) -> Attempt:
    """Send the message of a webhook to a channel. Failures of the other side never raise.

    `body`: the message as other webhooks receive it. Raises `NotInstalled` (`not_installed`).
    """
    title, text = sentence(orjson.loads(body), service.settings.public_url)
    asked = {"address": url, "private": service.settings.webhook_private, "title": title, "body": text}
    try:
        return Attempt(_run(asked)["outcome"])
    except (subprocess.TimeoutExpired, KeyError):
        return Attempt("timed_out")


def sentence(message: dict[str, Any], public_url: str) -> tuple[str, str]:
    """Return the title of a message and its text: the time, and an address in the console if there is one.

    No names and titles: channels are read by more people than may see them.
    """
    kind, data = str(message["type"]), message["data"]
    title = "This is a test." if kind == model.TEST else SENTENCES.get(kind) or kind.replace(".", ": ")
    lines = [str(message["timestamp"])[:16].replace("T", " ") + " UTC", f"Event: {kind}"]
    if public_url and kind != model.TEST:
        entry_id = data.get("entry_id")
        page = f"/entries/{entry_id}" if entry_id else "/notifications"
        lines.append(f"{public_url.rstrip('/')}{PREFIX}{page}")
    return f"Fakeprint: {title}", "\n".join(lines)


def _run(asked: dict[str, Any]) -> dict[str, Any]:
    """Run the process and return its answer; nothing if it died."""
    if find_spec("apprise") is None:
        raise NotInstalled(
            "Messengers need the package apprise.",
            next_step="Install it with: pip install 'fakeprint[messengers]'",
        )
    environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", _PROCESS],
        input=orjson.dumps(asked),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        timeout=SECONDS,
        check=False,
    )
    answer: dict[str, Any] = orjson.loads(done.stdout) if done.stdout else {}
    return answer
