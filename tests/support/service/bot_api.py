"""A stand-in for Telegram's Bot API over HTTP: long polling, files, messages, buttons.

It is strict where Telegram is. An update is delivered until a later offset confirms it. A file above 20 MB is
not handed over. A change that changes nothing is an error, and so is a wrong token.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any, Final, override
from urllib.parse import parse_qsl, unquote

TOKEN: Final = "4711:stand-in-token-that-nobody-may-read"
BOT: Final = {"id": 4711, "is_bot": True, "first_name": "Tips", "username": "tips_bot"}
MOST_BYTES: Final = 20_000_000
PATIENCE: Final = 60.0

Json = dict[str, Any]


class Refused(Exception):
    """An error of the Bot API."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status


@dataclass
class BotApi:
    """The stand-in. `held`: downloads wait until it is set. `messages`: by chat and id, as they are now."""

    url: str = ""
    messages: dict[tuple[int, int], Json] = field(default_factory=dict)
    updates: list[Json] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)
    forgetful: bool = False
    """Offsets confirm nothing, as when a process dies before its next poll."""
    held: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)
    ids: Iterator[int] = field(default_factory=lambda: count(1000))

    # What people do.

    def say(self, chat: int, *, language: str = "en", group: bool = False, **content: Any) -> Json:
        """Somebody writes to the bot, or into a group with it."""
        message = {
            "message_id": next(self.ids),
            "date": int(time.time()),
            "chat": {"id": chat, "type": "group" if group else "private"},
            "from": {"id": abs(chat), "is_bot": False, "first_name": "A", "language_code": language},
            **content,
        }
        self.messages[chat, message["message_id"]] = message
        self._deliver(message=message)
        return message

    def file(self, content: bytes | Path, **more: Any) -> Json:
        """Put a file at the messenger, and return how a message names it."""
        raw = content.read_bytes() if isinstance(content, Path) else content
        name = f"file-{next(self.ids)}"
        self.files[name] = raw
        return {"file_id": name, "file_unique_id": name, "file_size": len(raw), **more}

    def press(self, message: Json, label: str, *, language: str = "en") -> None:
        """Somebody presses a button under a message of the bot."""
        data = buttons(message)[label]
        person = {"id": abs(message["chat"]["id"]), "is_bot": False, "first_name": "A"}
        query = {"id": str(next(self.ids)), "chat_instance": "1", "data": data, "message": message}
        self._deliver(callback_query=query | {"from": person | {"language_code": language}})

    def _deliver(self, **content: Json) -> None:
        with self.changed:
            self.updates.append({"update_id": next(self.ids), **content})
            self.changed.notify_all()

    # What the bot did.

    def of(self, chat: int) -> list[Json]:
        """Return the bot's messages in a chat, as they are now."""
        return [
            message
            for (where, _), message in sorted(self.messages.items())
            if where == chat and message["from"]["id"] == BOT["id"]
        ]

    def wait(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        with self.changed:
            if not self.changed.wait_for(holds, PATIENCE):
                raise TimeoutError(f"the last calls were {[name for name, _ in self.calls[-9:]]}")

    def answered(self, chat: int, words: str, number: int = 1) -> Json:
        """Wait until the bot's latest message in a chat has these words, and return it. `number`: messages
        that the bot has sent there."""
        with suppress(TimeoutError):
            self.wait(lambda: len(found := self.of(chat)) >= number and words in found[-1]["text"])
        texts = [message["text"] for message in self.of(chat)]
        assert (len(texts), words in texts[-1]) == (number, True), texts
        return self.of(chat)[-1]

    def confirmed(self) -> None:
        """Wait until the bot has confirmed all updates."""
        self.wait(lambda: not self.updates)

    # What the bot asks.

    def getMe(self, _: Json) -> Json:  # noqa: N802 - Telegram's name
        return BOT

    def deleteWebhook(self, _: Json) -> bool:  # noqa: N802 - Telegram's name
        return True

    def getUpdates(self, asked: Json) -> list[Json]:  # noqa: N802 - Telegram's name
        offset, until = int(asked.get("offset", 0)), time.monotonic() + int(asked.get("timeout", 0))
        with self.changed:
            if not self.forgetful:
                self.updates[:] = [update for update in self.updates if update["update_id"] >= offset]
            self.changed.notify_all()

            def new() -> list[Json]:
                return [update for update in self.updates if update["update_id"] >= offset]

            self.changed.wait_for(lambda: bool(new()), max(0.0, until - time.monotonic()))
            return new()

    def sendMessage(self, asked: Json) -> Json:  # noqa: N802 - Telegram's name
        chat = int(asked["chat_id"])
        if chat in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        message = {
            "message_id": next(self.ids),
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private" if chat > 0 else "group"},
            "from": BOT,
            "text": asked["text"],
        }
        replied = json.loads(asked.get("reply_parameters", "{}")).get("message_id")
        if original := self.messages.get((chat, replied)):
            message["reply_to_message"] = original
        return self._put(message, asked)

    def editMessageText(self, asked: Json) -> Json:  # noqa: N802 - Telegram's name
        earlier = self.messages[int(asked["chat_id"]), int(asked["message_id"])]
        markup = json.loads(asked.get("reply_markup", "null"))
        if earlier["text"] == asked["text"] and earlier.get("reply_markup") == markup:
            raise Refused(400, "Bad Request: message is not modified: the content is the same")
        without = {name: value for name, value in earlier.items() if name != "reply_markup"}
        return self._put(without | {"text": asked["text"]}, asked)

    def _put(self, message: Json, asked: Json) -> Json:
        if markup := asked.get("reply_markup"):
            message["reply_markup"] = json.loads(markup)
        self.messages[message["chat"]["id"], message["message_id"]] = message
        return message

    def answerCallbackQuery(self, _: Json) -> bool:  # noqa: N802 - Telegram's name
        return True

    def getFile(self, asked: Json) -> Json:  # noqa: N802 - Telegram's name
        name = asked["file_id"]
        if name not in self.files:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(self.files[name]) > MOST_BYTES:
            raise Refused(400, "Bad Request: file is too big")
        return {"file_id": name, "file_unique_id": name, "file_path": f"media/{name}"}

    def download(self, name: str) -> bytes:
        with self.changed:
            self.fetched.append(name)
            self.changed.notify_all()
        self.held.wait(PATIENCE)
        return self.files[name]

    def call(self, method: str, asked: Json) -> Json:
        with self.changed:
            if method != "getUpdates":
                self.calls.append((method, asked))
        result = getattr(self, method)(asked)
        with self.changed:
            self.changed.notify_all()
        return {"ok": True, "result": result}


def buttons(message: Json) -> dict[str, str]:
    """Return what each button under a message sends, by its label."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return {button["text"]: button["callback_data"] for row in rows for button in row}


@contextmanager
def serving() -> Iterator[BotApi]:
    """Run the stand-in."""
    api = BotApi()
    api.held.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _send(self, status: int, kind: str, body: bytes) -> None:
            with suppress(ConnectionError):  # a killed bot's poll
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def do_GET(self) -> None:
            prefix = f"/file/bot{TOKEN}/media/"
            path = unquote(self.path)
            if path.startswith(prefix):
                self._send(200, "application/octet-stream", api.download(path.removeprefix(prefix)))
            else:
                self._send(404, "application/json", b'{"ok": false, "description": "Not Found"}')

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            asked = dict(parse_qsl(body, keep_blank_values=True))
            status, answer = _answer(api, self.path, asked)
            self._send(status, "application/json", json.dumps(answer).encode())

        @override
        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True  # a poll may still wait

        @override
        def handle_error(self, request: object, client_address: object) -> None:
            if not isinstance(sys.exception(), ConnectionError):  # else the bot was ended
                super().handle_error(request, client_address)  # type: ignore[arg-type]

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        api.held.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(api: BotApi, path: str, asked: Json) -> tuple[int, Json]:
    prefix = f"/bot{TOKEN}/"
    if not path.startswith(prefix):
        return 401, {"ok": False, "error_code": 401, "description": "Unauthorized"}
    try:
        return 200, api.call(path.removeprefix(prefix), asked)
    except Refused as error:
        return error.status, {"ok": False, "error_code": error.status, "description": str(error)}
