"""`fakeprint tipline`: a bot that answers what people forward to it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from contextlib import closing
from importlib.metadata import entry_points
from typing import Any, Final

import click

from fakeprint import fingerprinting
from registry.core.errors import BadSetting
from registry.core.errors.terminal import ServiceUnreachable
from registry.core.settings import Settings, settings
from registry.core.terminal import options

EPILOG: Final = """\b
Examples:
  FAKEPRINT_SECRETS=/run/secrets fakeprint tipline telegram --url https://registry.example
  fakeprint tipline telegram --key-file bot.key --watch-days 90 --hourly 10
"""


@click.group(epilog=EPILOG, short_help="Run a bot that answers what people forward.")
def tipline() -> None:
    """Run a bot: somebody forwards a clip, a picture or a voice note, and learns whether it is a registered
    fake, and who says so."""


@tipline.command(epilog=EPILOG, short_help="Answer on Telegram.")
@click.option(
    "--watch-days",
    type=click.IntRange(0, 3650),
    default=30,
    show_default=True,
    help="Days that a fingerprint is kept for who wants to be told later; 0: nobody is offered that.",
)
@click.option(
    "--hourly",
    type=click.IntRange(1, 10_000),
    default=30,
    show_default=True,
    help="Messages of one chat that are answered in an hour.",
)
@click.option("--faces", is_flag=True, help="Send face vectors (biometric data) too.")
@click.option("--bot-api", metavar="URL", help="A Bot API server of your own; else Telegram's.")
@options.service
def telegram(
    watch_days: int, hourly: int, faces: bool, bot_api: str | None, service: options.Service
) -> None:
    """Answer on Telegram, until SIGTERM or Ctrl-C.

    The bot's token is in FAKEPRINT_TELEGRAM_TOKEN, or in the file fakeprint_telegram_token of the folder
    FAKEPRINT_SECRETS. Files are fingerprinted on this machine and deleted at once. Open requests and watches
    are kept in the data folder, so a restart answers what is open and nothing twice. See
    docs/how-to/tipline.md."""
    from registry.core import logs  # noqa: PLC0415 - `--help` loads no library of a messenger

    chosen = settings()
    logs.configure(chosen)
    if not chosen.telegram_token:
        raise BadSetting(
            "FAKEPRINT_TELEGRAM_TOKEN is not set.",
            next_step="Ask @BotFather on Telegram for a bot and its token, and set it.",
        )
    for point in entry_points(group=fingerprinting.GROUP, name=fingerprinting.NAME):
        point.load()  # says at once which package is missing
    with contextlib.suppress(ServiceUnreachable):  # people are told to try later, until it is there
        service.connect().close()
    asyncio.run(_run(service, chosen, bot_api, watch_days=watch_days, hourly=hourly, faces=faces))


async def _run(service: options.Service, chosen: Settings, bot_api: str | None, **rules: Any) -> None:
    from registry.app.tipline.bot import Rules, Tipline  # noqa: PLC0415 - as above
    from registry.app.tipline.memory import Memory  # noqa: PLC0415 - as above
    from registry.app.tipline.telegram import SERVER, Telegram  # noqa: PLC0415 - as above

    folder = (service.data or chosen.data) / "tipline"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    messenger = Telegram(chosen.telegram_token, bot_api or SERVER)
    running = asyncio.current_task()
    if running is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    with closing(Memory(folder / "telegram.db")) as memory, service.library() as registry:
        tipline = Tipline(messenger, registry, memory, folder / "files", Rules(**rules))
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await tipline.run()
        finally:
            await messenger.close()
