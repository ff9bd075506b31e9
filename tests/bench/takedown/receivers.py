"""Twelve platforms on this machine that receive notices: six by an API, four by mail, two by a form.

They alone count how often something was sent. An API that follows Standard Webhooks recognises a repeat by
its `webhook-id`. Mail, and an API with a key of its own, do not. There each arrival counts.
"""

from __future__ import annotations

import json
import re
import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any, Final

from standardwebhooks.webhooks import Webhook

from tests.bench.takedown.rows import place_key
from tests.support.takedown.endpoints import Endpoint, Received, endpoint, says
from tests.support.takedown.mail import MailServer, mail_server

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SIGNED: Final = ("youtube", "tiktok", "x", "instagram", "xvideos")
KEYED: Final = ("facebook",)
"""An API that knows its caller by a header, and not what it was told before."""
MAILED: Final = ("telegram", "vk", "reddit", "pornhub")
FORMED: Final = ("rumble", "xhamster")
INTIMATE: Final = ("pornhub", "xvideos", "xhamster")
"""Platforms that are asked under the TAKE IT DOWN Act, whose term is binding."""
LANGUAGES: Final = {"vk": ["en"], "instagram": ["fr"], "reddit": ["ar"], "facebook": ["en", "es"]}


_ADDRESS: Final = re.compile(r"https?://[^\s\u2066-\u2069]+")
"""An address in a letter; in Arabic it stands between marks of direction."""


@dataclass(frozen=True)
class Arrived:
    """A notice that arrived. `identity`: its Message-ID or `webhook-id`; `again`: the receiver recognised
    a repeat."""

    platform: str
    way: str
    identity: str
    reference: str
    place: str
    again: bool


@dataclass
class Receivers:
    """The servers and their behaviour. `failing`: platforms that answer 500. `holding`: platforms that
    receive a notice and do not answer; `held`: those that have done so."""

    api: Endpoint
    mail: MailServer
    hook: Endpoint
    failing: set[str] = field(default_factory=set)
    holding: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)

    def table(self, folder: Path) -> tuple[Path, Path]:
        """Return the file of platforms laid over the built-in one, and that of their keys."""
        lines = []
        for name in (*SIGNED, *KEYED, *MAILED, *FORMED):
            kind, address = self._channel(name)
            read = json.dumps(LANGUAGES.get(name, ["es"]))
            regimes = ["take_it_down"] if name in INTIMATE else ["dsa16"]
            lines += [
                f'[[platform]]\nid = "{name}"\nper_hour = 10000\nregimes = {json.dumps(regimes)}',
                f'[[platform.channels]]\nkind = "{kind}"\naddress = "{address}"',
                f"languages = {read}\nconfirmed = true",
            ]
        table, keys = folder / "platforms.toml", folder / "keys.toml"
        table.write_text("\n".join(lines) + "\n", encoding="utf-8")
        said = [f'[{name}]\nsecret = "{SECRET}"' for name in SIGNED]
        said += [f'[{name}]\nheader = "Authorization: Bearer of-{name}"' for name in KEYED]
        keys.write_text("\n".join(said) + "\n", encoding="utf-8")
        return table, keys

    def _channel(self, name: str) -> tuple[str, str]:
        if name in MAILED:
            return "email", f"legal@{name}.example.net"
        if name in FORMED:
            return "form", f"https://{name}.example.net/report"
        return "api", self.api.url(f"/{name}")

    def trap(self, command: str, platform: str) -> None:
        """From now on the mail server hangs at a command, and the platform does not answer."""
        self.mail.answers.clear()
        self.mail.came.clear()
        self.mail.answers[command] = "HANG"
        self.holding.clear()
        self.holding.add(platform)

    def release(self) -> None:
        """Answer again. Hanging connections stay as they are."""
        self.mail.answers.clear()
        self.holding.clear()

    def arrived(self) -> list[Arrived]:
        """Return all complete arrivals in order. Requests answered with an error are not counted."""
        found: list[Arrived] = []
        known: set[str] = set()
        for item in list(self.api.received):
            name = item.target.strip("/")
            if item.headers.get("x-refused"):
                continue
            if name in SIGNED:
                Webhook(SECRET).verify(item.body, item.headers)
            said = json.loads(item.body)["data"]
            identity = item.headers.get("webhook-id", item.headers["idempotency-key"])
            again = name in SIGNED and identity in known
            known.add(identity)
            place = place_key(said["elements"]["url"])
            found.append(Arrived(name, "api", identity, said["reference"], place, again))
        for raw in list(self.mail.seen):
            message = BytesParser(policy=default).parsebytes(raw)
            name = str(message["To"]).partition("@")[2].partition(".")[0]
            reference = str(message["Subject"]).rpartition("[")[2].rstrip("]")
            place = _named(raw)
            found.append(Arrived(name, "email", str(message["Message-ID"]), reference, place, again=False))
        return found

    def breaches(self) -> list[Mapping[str, Any]]:
        """Return the missed deadlines reported to the lawyers' webhook, once a `webhook-id`."""
        found: dict[str, Mapping[str, Any]] = {}
        for item in list(self.hook.received):
            body = json.loads(item.body)
            if body["type"] in {"notice.breached", "notice.overdue"}:
                found[item.headers["webhook-id"]] = body
        return list(found.values())


def _named(raw: bytes) -> str:
    """Return the place that a mailed notice is about, read from its text."""
    message = BytesParser(policy=default).parsebytes(raw)
    body = message.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    return next(filter(None, map(place_key, _ADDRESS.findall(text))), "")


@contextmanager
def receivers() -> Iterator[Receivers]:
    """Run all of them until the block ends."""
    made: Receivers

    def answer(connection: socket.socket, request: Received) -> None:
        name = request.target.strip("/")
        if name in made.failing:
            request.headers["x-refused"] = "500"
            made.refused[name] += 1
            says(500)(connection, request)
        elif name in made.holding:
            made.held.add(name)
            with suppress(OSError):
                connection.recv(1)
        else:
            says(202)(connection, request)

    with ExitStack() as ends:
        api = ends.enter_context(endpoint(answer))
        hook = ends.enter_context(endpoint(says(204)))
        made = Receivers(api, ends.enter_context(mail_server()), hook)
        yield made
