"""What the Python examples share: look a file up, and say what to do with it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from fakeprint import Answer, Client, Line, ServiceError, Unreachable


def client() -> Client:
    """Return a client of the service that the environment names."""
    return Client(os.environ["FAKEPRINT_URL"], os.environ["FAKEPRINT_KEY"])


def action(answer: Answer | Line) -> str:
    """Return `publish`, `hold` or `review`; or what the bank recommends for a known fake.

    `related` is never treated as a known fake: genuine clips of the same scene are `related` too.
    """
    match answer.get("verdict"):
        case "known_fake":
            return answer.get("action") or "hold"
        case "no_match" | "authentic_original":
            return "publish"
        case _:
            return "review"


def check(registry: Client, path: Path, *, wait: float = 60) -> str:
    """Ask with the least first: the SHA-256, then the file. Raises `NotYet` after `wait` seconds."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    answer = registry.look_up_sha256(digest)
    if answer["next_step"]:
        try:
            answer = registry.look_up_file(path, wait=wait)
        except ServiceError as error:
            return refused(error)
    return action(answer)


def refused(error: ServiceError) -> str:
    """Return `review` for a file that cannot be read (422): no media, or cut short. Raises any other error:
    there is no answer yet."""
    if error.status != 422:
        raise error
    return "review"


NO_ANSWER = (Unreachable, ServiceError)
"""Errors after which you know nothing about the file. These examples keep it back and ask again."""
