"""Telegram, by its Bot API: updates are fetched by long polling, so the bot needs no address of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from telegram import (
    Bot,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
    Update,
)
from telegram.constants import FileSizeLimit
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from registry.app.tipline.port import Away, Button, Closed, FileGone, FileTooLarge, Medium, Request, Wish
from registry.core.errors import BadSetting

log = logging.getLogger(__name__)

SERVER: Final = "https://api.telegram.org"
POLL_SECONDS: Final = 30
PAUSE_SECONDS: Final = 3.0
LONGEST_WAIT: Final = 60.0
TRIES: Final = 3
UPDATES: Final = ("message", "callback_query")
NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
WISHES: Final[dict[str, Wish]] = {"check": "check", "watch": "watch", "stop": "stop"}


class Telegram:
    """The adapter. `server`: the address of the Bot API."""

    name = "Telegram"
    most_bytes: int = FileSizeLimit.FILESIZE_DOWNLOAD

    def __init__(self, token: str, server: str = SERVER) -> None:
        self._bot = Bot(
            token,
            base_url=f"{server}/bot",
            base_file_url=f"{server}/file/bot",
            request=HTTPXRequest(connection_pool_size=8, read_timeout=30, media_write_timeout=30),
        )

    async def listen(self, accept: Callable[[Request], None]) -> None:
        """See the port. Raises `BadInput` (`bad_setting`) if Telegram does not know the token."""
        await self._begin()
        offset = 0
        while True:
            try:
                updates = await self._bot.get_updates(offset, timeout=POLL_SECONDS, allowed_updates=UPDATES)
            except InvalidToken:
                raise _unknown_token() from None  # its message shows the token
            except TelegramError as error:
                # `Conflict` if another process fetches the same bot's updates.
                log.warning("no updates from Telegram", extra={"error": type(error).__name__})
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            for update in updates:
                request = _safely_read(update, self._bot)
                if request is not None:
                    accept(request)
                offset = update.update_id + 1
            for update in updates:
                if update.callback_query is not None:
                    await self._acknowledge(update.callback_query)

    async def _begin(self) -> None:
        while True:
            try:
                await self._bot.initialize()
                await self._bot.delete_webhook()
            except InvalidToken:
                raise _unknown_token() from None  # its message shows the token
            except TelegramError as error:
                log.warning("Telegram does not answer", extra={"error": type(error).__name__})
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                return

    async def _acknowledge(self, query: CallbackQuery) -> None:
        """End the waiting sign on a pressed button. It is of no account if that is too late."""
        try:
            await query.answer()
        except TelegramError as error:
            log.info("a button was not acknowledged", extra={"error": type(error).__name__})

    async def close(self) -> None:
        """Close its connections."""
        await self._bot.shutdown()

    async def send(self, chat: str, text: str, *, reply_to: str = "", buttons: Sequence[Button] = ()) -> str:
        reply = ReplyParameters(int(reply_to), allow_sending_without_reply=True) if reply_to else None
        sent = await _calling(
            lambda: self._bot.send_message(
                int(chat),
                text,
                reply_parameters=reply,
                reply_markup=_keyboard(buttons),
                link_preview_options=NO_PREVIEW,
            )
        )
        return str(sent.message_id)

    async def change(
        self, chat: str, message: str, text: str, buttons: Sequence[Button] = (), *, reply_to: str = ""
    ) -> None:
        try:
            await _calling(
                lambda: self._bot.edit_message_text(
                    text,
                    int(chat),
                    int(message),
                    reply_markup=_keyboard(buttons),
                    link_preview_options=NO_PREVIEW,
                )
            )
        except BadRequest as error:
            if "not modified" not in error.message:
                await self.send(chat, text, reply_to=reply_to, buttons=buttons)

    async def fetch(self, medium: Medium, target: Path) -> None:
        try:
            found = await _calling(lambda: self._bot.get_file(medium.key))
            if (found.file_size or 0) > self.most_bytes:
                raise FileTooLarge
            await _calling(lambda: found.download_to_drive(target))
        except BadRequest as error:
            raise FileTooLarge if "too big" in error.message else FileGone from error


async def _calling[T](call: Callable[[], Awaitable[T]]) -> T:
    """Call Telegram, and wait where it says how long. Raises `Away`, `Closed`, `BadRequest`."""
    for _ in range(TRIES):
        try:
            return await call()
        except RetryAfter as error:
            wait = error.retry_after
            seconds = float(wait) if isinstance(wait, int) else wait.total_seconds()
            await asyncio.sleep(min(seconds, LONGEST_WAIT))
        except (Forbidden, ChatMigrated) as error:
            raise Closed from error
        except BadRequest as error:
            if "chat not found" in error.message.lower():
                raise Closed from error
            raise
        except NetworkError as error:
            raise Away from error
    raise Away


def _keyboard(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    rows = [
        [InlineKeyboardButton(button.label, callback_data=f"{button.wish} {button.watch_id}".rstrip())]
        for button in buttons
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def _safely_read(update: Update, bot: Bot) -> Request | None:
    """Return the request in an update. One that cannot be read is left out, so that others are answered."""
    key = f"{bot.id} {update.update_id}"
    try:
        if update.callback_query is not None:
            return _pressed(update.callback_query, key)
        return _asked(update.message, key, bot) if update.message is not None else None
    except Exception:
        log.exception("an update cannot be read")
        return None


def _pressed(query: CallbackQuery, key: str) -> Request | None:
    """The file of a button is in the message to which the button's message replies: nothing of it is kept."""
    wish, _, watch_id = (query.data or "").partition(" ")
    if query.message is None or wish not in WISHES:
        return None
    origin = query.message.reply_to_message if isinstance(query.message, Message) else None
    answer = str(query.message.message_id)
    return Request(
        key,
        chat=str(query.message.chat.id),
        message=str(origin.message_id) if origin else answer,
        wish=WISHES[wish],
        language=query.from_user.language_code or "",
        medium=_medium(origin) if origin else None,
        answer=answer,
        watch_id=watch_id,
    )


def _asked(message: Message, key: str, bot: Bot) -> Request | None:
    """Return the request in a message. In a group the bot is asked by a mention, or by a reply to it."""
    sender, earlier = message.from_user, message.reply_to_message
    if sender is None or sender.is_bot:
        return None
    private, mentioned = message.chat.type == message.chat.PRIVATE, _is_mentioned(message, bot)
    to_bot = earlier is not None and earlier.from_user is not None and earlier.from_user.id == bot.id
    if not (private or mentioned or to_bot):
        return None
    about = message
    if mentioned and earlier is not None and not to_bot and _medium(message) is None:
        about = earlier  # somebody replies to another's clip with a mention of the bot
    has_file = about.effective_attachment is not None
    if not (private or mentioned or has_file):
        return None  # a group talks about an answer
    return Request(
        key,
        chat=str(message.chat.id),
        message=str(about.message_id),
        wish="check" if has_file else "help",
        language=sender.language_code or "",
        medium=_medium(about),
    )


def _is_mentioned(message: Message, bot: Bot) -> bool:
    texts = {**message.parse_entities(), **message.parse_caption_entities()}
    name = f"@{bot.username}".lower()
    return any(
        (entity.type == entity.MENTION and text.lower() == name)
        or (entity.type == entity.BOT_COMMAND and text.lower().endswith(name))
        or (entity.user is not None and entity.user.id == bot.id)
        for entity, text in texts.items()
    )


def _medium(message: Message) -> Medium | None:
    """Return the file that can be checked: the largest size of a photo, a document only if it is media."""
    document, sticker = message.document, message.sticker
    if document and (document.mime_type or "").partition("/")[0] not in {"image", "video", "audio"}:
        document = None
    if sticker and sticker.is_animated:  # a drawing of lines, not a picture
        sticker = None
    photo = message.photo[-1] if message.photo else None
    found = (
        message.video or message.animation or message.video_note or photo or message.voice or message.audio
    ) or (sticker or document)
    return Medium(found.file_id, found.file_size) if found else None


def _unknown_token() -> BadSetting:
    return BadSetting(
        "Telegram does not know the token of FAKEPRINT_TELEGRAM_TOKEN.",
        next_step="Ask @BotFather for the token of your bot, and set it again.",
    )
