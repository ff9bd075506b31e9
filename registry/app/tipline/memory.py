"""What a tipline must not forget when it restarts, in one SQLite file: open requests and watches.

A request keeps its chat and the messenger's name of its file until it is answered. Then only its key stays,
for two days, so that a request that is delivered again is not answered again. A watch keeps its chat.
"""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from registry.app.tipline.port import Medium, Request

KEPT_SECONDS: Final = 2 * 86_400
"""Longer than messengers repeat a request (Telegram: 24 hours)."""
_TABLES: Final = """
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS request (
    key TEXT PRIMARY KEY, arrived REAL NOT NULL, body TEXT, answer TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS watch (
    watch_id TEXT PRIMARY KEY, chat TEXT NOT NULL, message TEXT NOT NULL, language TEXT NOT NULL,
    answers INTEGER NOT NULL DEFAULT 0
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Watch:
    """A watch at the service, and the chat that is told. `answers`: number of answers told so far."""

    watch_id: str
    chat: str
    message: str
    language: str
    answers: int = 0

    @property
    def place(self) -> tuple[str, str]:
        """The message with the file that is watched."""
        return self.chat, self.message


class Memory:
    """The file. It is readable for its owner only."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._database = sqlite3.connect(path, autocommit=True)
        self._database.executescript(_TABLES)

    def close(self) -> None:
        self._database.close()

    def accept(self, request: Request) -> bool:
        """Store a request. Return False if it arrived before."""
        now = time.time()
        self._database.execute("DELETE FROM request WHERE body IS NULL AND arrived < ?", [now - KEPT_SECONDS])
        done = self._database.execute(
            "INSERT OR IGNORE INTO request (key, arrived, body) VALUES (?, ?, ?)",
            [request.key, now, json.dumps(asdict(request))],
        )
        return done.rowcount == 1

    def open_requests(self) -> list[Request]:
        """Return the requests that are not answered, the oldest first."""
        rows = self._database.execute(
            "SELECT body FROM request WHERE body IS NOT NULL ORDER BY arrived, rowid"
        ).fetchall()
        return [_request(body) for (body,) in rows]

    def answer_of(self, request: Request) -> str:
        """Return the id of the message that answers the request; empty if none was sent."""
        row = self._database.execute("SELECT answer FROM request WHERE key = ?", [request.key]).fetchone()
        return str(row[0]) if row else ""

    def keep_answer(self, request: Request, message: str) -> None:
        self._database.execute("UPDATE request SET answer = ? WHERE key = ?", [message, request.key])

    def finish(self, request: Request) -> None:
        """Forget everything about a request but its key."""
        self._database.execute("UPDATE request SET body = NULL, answer = '' WHERE key = ?", [request.key])

    def add_watch(self, watch: Watch) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO watch VALUES (?, ?, ?, ?, ?)",
            [watch.watch_id, watch.chat, watch.message, watch.language, watch.answers],
        )

    def watches(self) -> list[Watch]:
        return [Watch(*row) for row in self._database.execute("SELECT * FROM watch ORDER BY rowid")]

    def is_watched(self, watch_id: str, chat: str) -> bool:
        """Return whether the chat is told of this watch."""
        found = self._database.execute(
            "SELECT 1 FROM watch WHERE watch_id = ? AND chat = ?", [watch_id, chat]
        ).fetchone()
        return found is not None

    def forget_watch(self, watch_id: str) -> None:
        self._database.execute("DELETE FROM watch WHERE watch_id = ?", [watch_id])


def _request(body: str) -> Request:
    values = json.loads(body)
    return Request(**values | {"medium": Medium(**values["medium"]) if values["medium"] else None})
