"""The tipline itself: it answers requests of a messenger with the service's client, and tells what watches
found.

1. A request is stored before the messenger learns that it has arrived, so a restart loses none.
2. Its answer is one message, sent at once and changed when the result is there. A restart changes the same
   message, so nobody is answered twice.
3. The file lies in a folder of its own while it is fingerprinted, and the folder is emptied at each start.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections import Counter, deque
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from fakeprint import Client, ClientError, ServiceError, fingerprint, operations
from registry.app.tipline import replies
from registry.app.tipline.memory import Memory, Watch
from registry.app.tipline.port import Away, Button, Closed, FileGone, FileTooLarge, Medium, Messenger, Request
from registry.app.tipline.replies import Reply, Source
from registry.console.languages import Words, chosen

log = logging.getLogger(__name__)

AT_ONCE: Final = 2
"""Files that are fingerprinted at the same time."""
AWAY_SECONDS: Final = 5.0
MOST_TRIES: Final = 720
"""Of a request while the messenger is away: an hour."""
HOUR: Final = 3600.0
WATCHABLE: Final = frozenset({"no_match", "related"})
SETTLED: Final = frozenset({"known_fake", "authentic_original"})
PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Rules:
    """`watch_days`: days that fingerprints are kept for who wants to be told;
    0: none is. `hourly`: requests of one chat in an hour. `faces`: send face vectors too. `poll_seconds`:
    pause between looks at the watches."""

    watch_days: int = 30
    hourly: int = 30
    faces: bool = False
    poll_seconds: float = 60.0


class RateLimit:
    """Requests of a chat that are answered within an hour."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._times: dict[str, deque[float]] = {}
        self._told: set[str] = set()

    def excess(self, chat: str, now: float) -> int:
        """Count a request that is within the limit, and return 0. Return 1 for the first beyond it since, and
        2 for the others."""
        for name in [name for name, times in self._times.items() if times[-1] < now - HOUR]:
            del self._times[name]
            self._told.discard(name)
        times = self._times.setdefault(chat, deque())
        while times and times[0] < now - HOUR:
            times.popleft()
        if len(times) < self._most:
            times.append(now)
            self._told.discard(chat)
            return 0
        if chat in self._told:
            return 2
        self._told.add(chat)
        return 1


class Tipline:
    """A bot on one messenger. `folder`: for the files that are fingerprinted; it is emptied."""

    def __init__(
        self, messenger: Messenger, registry: Client, memory: Memory, folder: Path, rules: Rules
    ) -> None:
        self._messenger = messenger
        self._registry = registry
        self._memory = memory
        self._folder = folder
        self._rules = rules
        self._limit = RateLimit(rules.hourly)
        self._tries: Counter[str] = Counter()
        self._waiting: asyncio.Queue[Request] = asyncio.Queue()

    async def run(self) -> None:
        """Answer until cancelled."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(mode=0o700, parents=True)
        for request in self._memory.open_requests():
            self._waiting.put_nowait(request)
        workers = [self._work() for _ in range(AT_ONCE)]
        await asyncio.gather(self._messenger.listen(self._accept), self._tell(), *workers)

    def _accept(self, request: Request) -> None:
        if self._memory.accept(request):
            self._waiting.put_nowait(request)

    async def _work(self) -> None:
        while True:
            request = await self._waiting.get()
            try:
                await self._answer(request)
            except Away:
                self._tries[request.key] += 1
                if self._tries[request.key] < MOST_TRIES:
                    await asyncio.sleep(AWAY_SECONDS)
                    self._waiting.put_nowait(request)
                    continue
                log.warning("a request was given up: the messenger is away")
            except Closed:
                log.info("the chat is closed to the bot")
            except Exception:
                log.exception("a request was not answered")
            self._memory.finish(request)
            del self._tries[request.key]

    async def _answer(self, request: Request) -> None:
        words = _words(request.language)
        resumed = self._memory.answer_of(request) or self._tries[request.key]
        excess = 0 if resumed else self._limit.excess(request.chat, time.monotonic())
        if excess:
            if excess == 1:  # said once, so that the bot itself sends no flood
                await self._messenger.send(
                    request.chat, words.text(replies.TOO_MANY), reply_to=request.message
                )
        elif request.wish == "help":
            await self._reply(request, replies.help_text(words))
        elif request.wish == "stop":
            await self._stop(request, words)
        elif request.medium is None:
            text = replies.GONE if request.answer else replies.UNSUPPORTED
            await self._refuse(request, Reply(words.text(text)))
        elif (request.medium.size or 0) > self._messenger.most_bytes:
            await self._refuse(request, self._too_large(words))
        else:
            await self._check(request, request.medium, words)

    async def _reply(self, request: Request, reply: Reply) -> None:
        """Answer: change the message that answers the request already, or whose button was pressed."""
        earlier = request.answer or self._memory.answer_of(request)
        if earlier:
            await self._messenger.change(
                request.chat, earlier, reply.text, reply.buttons, reply_to=request.message
            )
            return
        sent = await self._messenger.send(
            request.chat, reply.text, reply_to=request.message, buttons=reply.buttons
        )
        self._memory.keep_answer(request, sent)

    async def _refuse(self, request: Request, reply: Reply) -> None:
        """Say why there is no answer. The verdict above a pressed "tell me" stays."""
        if request.wish == "watch":
            await self._messenger.send(request.chat, reply.text, reply_to=request.message)
        else:
            await self._reply(request, reply)

    async def _check(self, request: Request, medium: Medium, words: Words) -> None:
        if request.wish == "check":
            await self._reply(request, Reply(words.text(replies.CHECKING)))
        try:
            reply = await self._look_up(request, medium, words)
        except FileTooLarge:
            await self._refuse(request, self._too_large(words))
        except FileGone:
            await self._refuse(request, Reply(words.text(replies.GONE)))
        except ClientError as error:
            log.warning("a file was not checked", extra={"code": error.code})
            await self._refuse(request, replies.failed(words, error))
        except (Away, Closed):
            raise
        except Exception:
            log.exception("a file was not checked")
            await self._refuse(request, replies.later(words))
        else:
            await self._reply(request, reply)

    def _too_large(self, words: Words) -> Reply:
        most = words.number(self._messenger.most_bytes // 1_000_000)
        return Reply(words.text(replies.TOO_LARGE, messenger=self._messenger.name, count=most))

    async def _look_up(self, request: Request, medium: Medium, words: Words) -> Reply:
        """Raises `ClientError`, and what `fetch` raises."""
        with TemporaryDirectory(dir=self._folder) as folder:
            path = Path(folder) / "medium"
            await self._messenger.fetch(medium, path)
            document = await asyncio.to_thread(fingerprint, path, faces=self._rules.faces)
        query: Any = {"type": "document", "document": document}
        if request.wish == "watch":
            query["watch_days"] = self._rules.watch_days
        answer = await self._ask(operations.look_up(query))
        log.info("answered", extra={"verdict": answer["verdict"]})
        watched = await self._watched(request, answer, words) if answer.get("watch") else None
        lines = [replies.verdict(words, answer), *await self._sources(words, _decisive(answer))]
        if watched is not None:
            return Reply("\n\n".join([*lines, *watched.text.splitlines()]), watched.buttons)
        watchable = self._rules.watch_days and answer["verdict"] in WATCHABLE
        buttons = (Button("watch", words.text(replies.WATCH)),) if watchable else ()
        return Reply("\n\n".join(lines), buttons)

    async def _sources(self, words: Words, match: Any) -> list[str]:
        """Return who says so. `match`: a match, or an entry; None: nothing is registered."""
        if match is None:
            return []
        review = (await self._ask(operations.show_claim_review(match["entry_id"])))["@graph"][0]
        source = Source(review["author"]["name"], review["url"], "/console/public/" in review["url"])
        return replies.sources(words, match, source)

    async def _watched(self, request: Request, answer: Any, words: Words) -> Reply:
        """Remember whom to tell. A watch of what is known meanwhile is ended, and an earlier one of the same
        file."""
        new = Watch(answer["watch"]["watch_id"], request.chat, request.message, words.language)
        earlier = [watch for watch in self._memory.watches() if watch.place == new.place]
        self._memory.add_watch(new)
        known = answer["verdict"] not in WATCHABLE
        for watch in (*earlier, new) if known else earlier:
            await self._end(watch.watch_id)
            self._memory.forget_watch(watch.watch_id)
        if known:
            return Reply("")
        day = words.time(answer["watch"]["expires_at"], "date")
        button = Button("stop", words.text(replies.STOP), new.watch_id)
        return Reply(words.text(replies.WATCHING, day=day), (button,))

    async def _stop(self, request: Request, words: Words) -> None:
        """End a watch of this chat. The id comes with the button, which another chat could have forged."""
        if self._memory.is_watched(request.watch_id, request.chat):
            try:
                await self._end(request.watch_id)
            except ClientError as error:
                await self._messenger.send(request.chat, replies.failed(words, error).text)
                return
            self._memory.forget_watch(request.watch_id)
        await self._reply(request, Reply(words.text(replies.STOPPED)))

    async def _end(self, watch_id: str) -> None:
        try:
            await self._ask(operations.end_watch(watch_id))
        except ClientError as error:
            if error.code != "unknown_watch":
                raise

    async def _tell(self) -> None:
        """Tell chats what their watches found, for as long as the bot runs."""
        while True:
            try:
                if watches := self._memory.watches():
                    await self._tell_news(watches)
            except (Away, ClientError) as error:
                log.warning("watches were not read", extra={"code": getattr(error, "code", "away")})
            except Exception:
                log.exception("watches were not read")
            await asyncio.sleep(self._rules.poll_seconds)

    async def _tell_news(self, watches: list[Watch]) -> None:
        counts: dict[str, int] = {}
        after: str | None = None
        while True:
            page = await self._ask(operations.list_watches(limit=PAGE, after=after))
            counts |= {listed["watch_id"]: listed["answers"] for listed in page["watches"]}
            after = page["next"]
            if after is None:
                break
        for watch in watches:
            if watch.watch_id not in counts:
                self._memory.forget_watch(watch.watch_id)  # its days are over
            elif counts[watch.watch_id] > watch.answers:
                try:
                    await self._tell_one(watch, counts[watch.watch_id])
                except ServiceError as error:
                    log.warning("a watch was not told", extra={"code": error.code})
                except (Away, ClientError):
                    raise
                except Exception:
                    log.exception("a watch was not told")

    async def _tell_one(self, watch: Watch, answers: int) -> None:
        """Tell the newest answer. A watch whose clip is known, or whose chat is closed, is ended. Raises
        `ServiceError` if it can be told later."""
        try:
            text, over = await self._news(watch)
            await self._messenger.send(watch.chat, text, reply_to=watch.message)
        except Closed:
            over = True
        except ServiceError as error:
            if error.status == 429 or error.status >= 500:
                raise
            log.warning("an answer to a watch was not told", extra={"code": error.code})
            over = False
        if over:
            await self._end(watch.watch_id)
            self._memory.forget_watch(watch.watch_id)
        else:
            self._memory.add_watch(replace(watch, answers=answers))

    async def _news(self, watch: Watch) -> tuple[str, bool]:
        """Return the newest answer to a watch in words, and whether it is final."""
        answer = (await self._ask(operations.show_watch(watch.watch_id)))["matched"][0]
        entry = await self._ask(operations.show_entry(answer["entry_id"]))
        words, found = _words(watch.language), answer | {"matches": []}
        lines = [words.text(replies.NEWS), replies.verdict(words, found)]
        lines += await self._sources(words, entry)
        return "\n\n".join(lines), answer["verdict"] in SETTLED

    async def _ask(self, operation: Any) -> Any:
        """Send a request of the client, which waits in a thread. Raises `ClientError`."""
        return await asyncio.to_thread(self._registry.request, operation)


def _words(language: str) -> Words:
    return Words(chosen(None, language), area="tipline")


def _decisive(answer: Any) -> Any:
    """Return the match that the verdict rests on, else the first; None if no entry matches."""
    entries = [match for match in answer["matches"] if match["entry_id"]]
    agreeing = [match for match in entries if match["verdict"] == answer["verdict"]]
    return next(iter(agreeing or entries), None)
