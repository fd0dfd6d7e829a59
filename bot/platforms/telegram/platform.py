"""Telegram: digests and conversations in private chats, groups, forum topics and channels."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from telegram import Chat, ChatMemberAdministrator, ChatMemberOwner

from bot.answering import Hear, Place
from bot.background import harmless
from bot.commands.request import Reply, note
from bot.config import Settings
from bot.latest import Latest
from bot.pacing import Pacer, telegram_limits
from bot.platforms.proven import Mode, Proven, proven
from bot.platforms.telegram.calls import FAILURES, Api, TopicGone, meaning, quiet_logs, reason, topic_deleted
from bot.platforms.telegram.connection import NOT_ACCEPTED, Backoff, Polling, account
from bot.platforms.telegram.intake import Intake
from bot.platforms.telegram.known import Known
from bot.platforms.telegram.menus import set_menus
from bot.platforms.telegram.moving import followed
from bot.platforms.telegram.places import PLATFORM, WEBHOOK_PATH, Address, Me, Spot
from bot.platforms.telegram.probing import PROBES, Counts, Finder, sought
from bot.platforms.telegram.replies import Replies
from bot.platforms.telegram.sending import Sender, composed
from bot.platforms.telegram.split import parts
from digest.channel import Channel, Who
from digest.clock import utc_now
from digest.document import Document
from digest.errors import ChannelGone, InvalidSetting, PaperboyError
from digest.people import Incoming

if TYPE_CHECKING:
    from bot.parts import Parts
    from bot.platforms.telegram.webhook import Webhook
    from bot.web import WebServer

STANDING_LASTS = timedelta(seconds=60)
_STANDINGS = 10_000  # remembered at most
GENERAL = 1  # the General topic in addresses; what is sent to it names no topic
_TOKEN = re.compile(r"\d+:[\w-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # https://core.telegram.org/bots/api#setwebhook

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_telegram(settings: Settings, parts: Parts) -> AsyncIterator[TelegramPlatform]:
    """The platform as the settings describe it, closed at the end.

    Raises `InvalidSetting`, and `PlatformError` where Telegram failed for good in the meantime: the block is
    cancelled then.
    """
    check(settings)
    quiet_logs()
    try:
        async with AsyncExitStack() as stack:
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            server = None
            if settings.telegram_mode == "webhook":
                from bot.web import web_server  # aiohttp takes 8 MB, which polling does without

                server = await stack.enter_async_context(web_server(settings.http_listen))
            known = await proven(parts.store, PLATFORM)
            platform = TelegramPlatform(settings, parts, tasks, server, known)
            stack.push_async_callback(platform.close)
            yield platform
    except BaseExceptionGroup as group:
        raise _first(group) from None


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What went wrong; a task group tells even one failure as a group."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def check(settings: Settings) -> None:
    """Raise `InvalidSetting` for what lacks or cannot be right."""
    token = settings.telegram_bot_token.get_secret_value()
    if not token:
        raise InvalidSetting(
            "TELEGRAM_BOT_TOKEN is not set; write /newbot to @BotFather on Telegram, and set the token that "
            "he gives you, such as TELEGRAM_BOT_TOKEN=123456789:AAF3-example."
        )
    if not _TOKEN.fullmatch(token):
        raise InvalidSetting(
            "TELEGRAM_BOT_TOKEN is not a token; copy all of it from @BotFather: a number, a colon and some "
            "35 letters, such as 123456789:AAF3-example."
        )
    if settings.telegram_mode == "webhook" and not settings.telegram_webhook_url:
        raise InvalidSetting(
            "TELEGRAM_WEBHOOK_URL is not set, which TELEGRAM_MODE=webhook needs; for example "
            f"TELEGRAM_WEBHOOK_URL=https://paperboy.example.org{WEBHOOK_PATH}."
        )
    secret = settings.telegram_webhook_secret.get_secret_value()
    if secret and not _SECRET.fullmatch(secret):
        raise InvalidSetting(
            "TELEGRAM_WEBHOOK_SECRET may hold letters, digits, _ and - only, 256 at most; leave it empty, "
            "TELEGRAM_WEBHOOK_SECRET=, and one is made."
        )


class TelegramPlatform:
    """Implements `bot.answering.Conversational`."""

    name = PLATFORM

    def __init__(
        self,
        settings: Settings,
        parts: Parts,
        tasks: asyncio.TaskGroup,
        server: WebServer | None,
        known: Proven,
    ) -> None:
        self._settings = settings
        self._store = parts.store
        self._clock = parts.clock
        self._sleep = parts.sleep
        self._tasks = tasks
        self._probes = settings.telegram_unsure == "probe" and known.mode is not Mode.RESEND
        self._server = server
        self._api = Api(settings.telegram_bot_token.get_secret_value(), settings.telegram_api_url)
        self._listener: asyncio.Task[None] | None = None
        self._ending = False
        self._background: set[asyncio.Task[None]] = set()
        self._connection: Polling | Webhook | None = None
        self._standings: Latest[tuple[int, str], tuple[datetime, Who]] = Latest(_STANDINGS)
        # A clock that is passed in, by the demo or a test, tells what a second is here too.
        clock = time.monotonic if parts.clock is utc_now else lambda: parts.clock().timestamp()
        self._pacer = Pacer(telegram_limits(), clock=clock, sleep=parts.sleep)
        self._known = Known(parts.store, parts.clock)
        self._sender = Sender(
            api=self._api, known=self._known, pacer=self._pacer, rich_taken=known.rich is not False
        )
        self._finder = Finder(
            api=self._api,
            store=parts.store,
            known=self._known,
            pacer=self._pacer,
            probes=Pacer(PROBES, clock=clock, sleep=parts.sleep),
            sleep=parts.sleep,
        )
        self._replies = Replies(
            api=self._api,
            store=parts.store,
            known=self._known,
            pacer=self._pacer,
            sender=self._sender,
            finder=self._finder,
            clock=parts.clock,
            probes=self._probes,
        )

    @property
    def counts(self) -> Counts:
        """How messages of unknown fate ended."""
        return self._finder.counts

    @property
    def connected(self) -> bool:
        """Whether what people say reaches us now."""
        return self._connection is not None and self._connection.works

    @property
    def refusal(self) -> str:
        """Why Telegram takes nothing from us, with what to do; empty where it does."""
        return NOT_ACCEPTED if self._connection is not None and self._connection.refused else ""

    @property
    def heard_at(self) -> datetime | None:
        """When Telegram last answered that there is news, or none; None where it tells by itself."""
        return self._connection.heard_at if self._connection is not None else None

    # Delivery

    async def post(
        self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
    ) -> str:
        spot = Spot.of(channel.key)
        reply_to = int(thread) if thread else None
        outgoing = await composed(document, key, self._store, reply_to=reply_to, rich=channel.rich)
        try:
            return str(await self._sender.send(spot, outgoing, key))
        except TopicGone:
            self._in_background(partial(self._tell_of_topic, channel))
            raise

    async def _tell_of_topic(self, channel: Channel) -> None:
        """Say in General that a topic's digest is paused, since nobody can read it there."""
        general, key = Spot(Spot.of(channel.key).chat), f"{channel.key}/deleted"
        document = note(topic_deleted(channel))
        outgoing = await composed(document, key, self._store)
        try:
            async with self._pacer.turn(general.chat_key):
                await self._sender.send(general, outgoing, key)
        except PaperboyError as error:
            log.warning("topic's end not told", channel=channel.key, error=str(error))

    async def recover(
        self,
        channel: Channel,
        document: Document,
        /,
        *,
        thread: str | None = None,
        key: str,
        since: datetime | None = None,
    ) -> str | None:
        if not self._probes:
            self.counts.resent += 1
            return None
        wanted = sought(document, Spot.of(channel.key), key)
        found = await self._finder.find(wanted, after=int(thread or 0), since=since)
        return None if found is None else str(found)

    def parts(self, channel: Channel, document: Document, /) -> tuple[Document, ...]:
        # Rich messages hold more, but each must also be sendable as HTML where the server knows no rich ones.
        return parts(document)

    def turn(self, channel: Channel, /) -> AbstractAsyncContextManager[None]:
        spot = Spot.of(channel.key)
        return self._pacer.turn(spot.chat_key, kind="private" if spot.private else "")

    # Conversation

    async def start(self, hear: Hear, /) -> None:
        """As `Conversational.start`. Without a network it goes on trying, and returns."""
        try:
            me = await account(self._api)
        except FAILURES as error:
            if not self._ending:
                log.warning("telegram not reached", error=reason(error))
            me = None
        if self._ending:  # another platform has failed for good in the meantime
            return
        self._listener = self._tasks.create_task(self._listen(me, hear), name="telegram")

    async def _listen(self, me: Me | None, hear: Hear) -> None:
        """Connect, if `me` is not known yet, and take updates until cancelled."""
        backoff = Backoff(self._sleep)
        while me is None:
            await backoff.wait()
            try:
                me = await account(self._api)
            except FAILURES as error:
                log.debug("telegram not reached", error=reason(error))
        log.info("telegram connected", username=me.username, mode=self._settings.telegram_mode)
        self._in_background(partial(set_menus, self._api, self._store, me))
        intake = Intake(
            store=self._store,
            known=self._known,
            clock=self._clock,
            me=me,
            hear=hear,
            notify=self._notify,
            standing=self.standing,
        )
        if self._server is None:
            self._connection = Polling(api=self._api, take=intake.take, clock=self._clock, sleep=self._sleep)
            await self._connection.run()
            return
        from bot.platforms.telegram.webhook import Webhook

        self._connection = Webhook(
            api=self._api,
            take=intake.take,
            store=self._store,
            sleep=self._sleep,
            server=self._server,
            url=self._settings.telegram_webhook_url,
            secret=self._settings.telegram_webhook_secret.get_secret_value(),
        )
        await self._connection.run()

    async def reply(
        self,
        channel: Channel,
        incoming: Incoming,
        reply: Reply,
        /,
        *,
        key: str,
        first: str | None,
        again: bool,
    ) -> str | None:
        return await self._replies.reply(channel, incoming, reply, key=key, first=first, again=again)

    async def first_place(self) -> Place | None:
        return await self.place_named(self._settings.telegram_chat)

    async def place_named(self, channel: str, /) -> Place | None:
        """The place of a chat's number ("-1001234567890", "-1001234567890/77"); None for no number."""
        if not channel:
            return None
        spot = Spot.of(f"{PLATFORM}:{channel}")
        if spot.topic == GENERAL:
            spot = Spot(spot.chat)
        try:
            spot = await followed(self._api, self._store, spot)
            chat = await self._api.get_chat(spot.chat)
            return Place(key=spot.key, title=chat.title or chat.full_name or "", private=spot.private)
        except FAILURES as error:
            gone = isinstance(meaning(error, spot), ChannelGone)
            told = "chat not found" if gone else "chat not looked up"
            log.warning(told, chat=channel, error=reason(error))
            return Place(key=spot.key, private=spot.private)

    async def unfit(self, channel: str, /) -> str | None:
        """Why nothing can be sent to the chat of a number; None where Telegram cannot be asked."""
        spot = Spot.of(f"{PLATFORM}:{channel}")
        try:
            await self._api.get_chat(spot.chat)
        except FAILURES as error:
            told = meaning(error, spot)
            return str(told) if isinstance(told, ChannelGone) else None
        return ""

    async def place(self, incoming: Incoming, /) -> Place:
        address = Address.parse(incoming.address)
        private = Spot.of(incoming.channel).private
        return Place(
            key=incoming.channel,
            title=address.title,
            private=private,
            language=address.language if private else "",
        )

    async def standing(self, channel: Channel, person: str, /) -> Who:
        spot, who = Spot.of(channel.key), Spot.of(person).chat
        if spot.private:
            return Who.CREATOR
        if who == spot.chat:
            return Who.ADMINS  # an anonymous one, or whoever posts in a channel
        known = self._standings.get((spot.chat, person))
        if known is not None and known[0] > self._clock():
            return known[1]
        try:
            member = await self._api.get_chat_member(spot.chat, who)
        except FAILURES as error:
            log.warning("standing not known", channel=channel.key, person=person, error=reason(error))
            return Who.MEMBERS
        standing = Who.MEMBERS
        if isinstance(member, ChatMemberOwner):
            standing = Who.CREATOR
        elif isinstance(member, ChatMemberAdministrator):
            standing = Who.ADMINS
        self._standings[spot.chat, person] = (self._clock() + STANDING_LASTS, standing)
        return standing

    async def listening(self, incoming: Incoming, /) -> None:
        spot = Spot.of(incoming.channel)
        if Address.parse(incoming.address).chat_type == Chat.CHANNEL:
            return
        try:
            await self._api.send_chat_action(spot.chat, "typing", message_thread_id=spot.topic)
        except FAILURES as error:
            log.debug("typing not shown", channel=spot.key, error=reason(error))

    def _notify(self, query: str, text: str = "", url: str = "") -> None:
        """End a press, in the background: nobody waits for it but whoever sees the button turn."""
        self._in_background(partial(self._answer_press, query, text, url))

    def _in_background(self, work: Callable[[], Awaitable[None]]) -> None:
        if self._ending:
            return
        task = self._tasks.create_task(harmless(work))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _answer_press(self, query: str, text: str, url: str) -> None:
        try:
            await self._api.answer_callback_query(query, text or None, show_alert=bool(text), url=url or None)
        except FAILURES as error:
            log.info("press not answered", error=reason(error))

    async def stop_listening(self) -> None:
        self._ending = True
        if self._connection is not None:
            self._connection.close()
        if self._listener is not None and not self._listener.done():
            self._listener.cancel()
            await asyncio.wait([self._listener])

    async def close(self) -> None:
        await self.stop_listening()
        for task in self._background:
            task.cancel()
        if self._background:
            await asyncio.wait(self._background)
        await self._api.close_requests()
