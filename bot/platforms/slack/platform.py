"""Slack as a chat platform: opened from the settings, talked to over Socket Mode or HTTP."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any

import structlog

from bot.answering import Hear, Place
from bot.background import harmless
from bot.commands.front import Front
from bot.commands.request import Reply
from bot.config import Settings
from bot.first_channel import first_channel
from bot.locale import in_language
from bot.new_channel import NewChannel
from bot.pacing import Pacer, slack_limits
from bot.parts import Parts
from bot.platforms.proven import Proven, proven
from bot.platforms.slack.address import Address, Source, channel_key, ids
from bot.platforms.slack.calls import Calls, Refused
from bot.platforms.slack.commands import known_verbs
from bot.platforms.slack.directory import Directory
from bot.platforms.slack.intake import Listener
from bot.platforms.slack.listeners import Listeners
from bot.platforms.slack.manifest import PATH
from bot.platforms.slack.posting import READ_AFTER_WRITE, Posting
from bot.platforms.slack.replying import Replying
from bot.platforms.slack.requests import Requests
from bot.platforms.slack.sentences import reading
from bot.platforms.slack.socket import Socket, Timing
from bot.platforms.slack.split import parts
from bot.platforms.slack.start import Identity, introduced, keep_asking, refusal_of, token_error, tokens
from bot.platforms.slack.windows import Windows, front_of
from bot.web import WebServer, web_server
from digest.channel import Channel, Who
from digest.clock import utc_now
from digest.document import Document
from digest.errors import ChannelGone, PaperboyError, PlatformError, PlatformUnavailable
from digest.people import Incoming

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_slack(
    settings: Settings, parts: Parts, *, timing: Timing | None = None
) -> AsyncIterator[SlackPlatform]:
    """Slack with the settings' tokens. Raises `InvalidSetting` where one lacks."""
    given = tokens(settings)
    async with AsyncExitStack() as stack:
        calls = await stack.enter_async_context(
            Calls(settings.slack_api_url, bot_token=given.bot, app_token=given.app)
        )
        web = requests = None
        if settings.slack_mode == "http":
            web = await stack.enter_async_context(web_server(settings.http_listen))
            requests = Requests(given.signing_secret, clock=parts.clock)
            web.on_post(PATH, requests.answer)
        platform = SlackPlatform(
            settings,
            parts,
            calls,
            front=front_of(parts),
            web=web,
            requests=requests,
            timing=timing or Timing(),
            known=await proven(parts.store, SlackPlatform.name),
        )
        stack.push_async_callback(platform.close)
        yield platform


class SlackPlatform:
    """One Slack workspace; implements `bot.answering.Conversational`."""

    name = "slack"

    def __init__(
        self,
        settings: Settings,
        parts: Parts,
        calls: Calls,
        *,
        front: Front,
        web: WebServer | None,
        requests: Requests | None,
        timing: Timing,
        known: Proven,
    ) -> None:
        self._settings = settings
        self._parts = parts
        self._calls = calls
        self._front = front
        self._web = web
        self._requests = requests
        self._timing = timing
        seconds = _seconds(parts)
        self._pacer = Pacer(slack_limits(), clock=seconds, sleep=parts.sleep)
        self._posting = Posting(
            calls,
            hold=self._pacer.hold,
            prefix=settings.slack_prefix,
            clock=seconds,
            sleep=parts.sleep,
            known=known,
        )
        self._directory = Directory(calls, clock=seconds)
        self._replying = Replying(
            calls,
            self._posting,
            self._pacer,
            store=parts.store,
            clock=parts.clock,
            directory=self._directory,
        )
        self._windows: Windows | None = None
        self._socket: Socket | None = None
        self._me: Identity | None = None
        self._trying: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def web(self) -> WebServer | None:
        """The server that Slack's requests come to, with SLACK_MODE=http."""
        return self._web

    @property
    def connected(self) -> bool:
        """Whether what people say reaches us now."""
        if self._requests is not None:
            return self._requests.app is not None
        return self._socket is not None and self._socket.connected.is_set()

    @property
    def heard_at(self) -> datetime | None:
        """None: the socket notices within seconds that nobody answers, and is not connected then."""
        return None

    @property
    def refusal(self) -> str:
        """Why Slack takes nothing from us, with what to do; empty where it does."""
        return refusal_of(self._calls)

    @property
    def busy(self) -> bool:
        """Whether a modal or a Home tab is being shown."""
        return bool(self._tasks)

    # Connecting

    async def start(self, hear: Hear, /) -> None:
        """Check the tokens and begin to listen; where Slack cannot be reached, go on trying.

        Raises `PlatformError` in one sentence for a token or an app that will never do.
        """
        if self._web is not None:
            await self._web.start()
        try:
            await self._introduce(hear)
        except PlatformError:
            raise
        except PaperboyError as error:
            log.warning("slack not reached", error=str(error))
            self._trying = asyncio.create_task(
                harmless(lambda: self._introduce_later(hear)), name="slack start"
            )

    async def _introduce(self, hear: Hear) -> None:
        """Who we are, then listening. Raises as calls do, and `PlatformError` for what will never do."""
        me = await introduced(self._calls)
        self._me = me
        self._windows = Windows(
            self._calls,
            front=self._front,
            team=me.team,
            prefix=self._settings.slack_prefix,
            channel=self._channel,
            standing=self.standing,
        )
        listeners = Listeners(
            Listener(me=me, prefix=self._settings.slack_prefix, verbs=known_verbs()),
            hear=hear,
            store=self._parts.store,
            directory=self._directory,
            windows=self._windows,
            clock=self._parts.clock,
            spawn=self._spawn,
            taken_out=self._calls.taken_out,
        )
        app = listeners.app()
        if self._requests is not None:
            self._requests.app = app
        else:
            socket = Socket(app, client=self._calls.client, new_url=self._socket_url, timing=self._timing)
            await socket.start()
            self._socket = socket
        asking = keep_asking(self._calls, minute=self._timing.minute)
        self._asking = asyncio.create_task(asking, name="slack token")
        log.info("slack ready", team=me.team, bot=me.name, mode=self._settings.slack_mode)

    async def _introduce_later(self, hear: Hear) -> None:
        """Try until Slack is there, such as after a boot without network."""
        pause, told = self._timing.first, ""
        while True:
            await asyncio.sleep(pause * (0.5 + random.random() / 2))
            pause = min(pause * 2, self._timing.longest)
            try:
                await self._introduce(hear)
            except PaperboyError as error:
                if str(error) != told:
                    told = str(error)
                    log.error("slack not reached", error=told)
            else:
                break
        place = await self.first_place()
        if place is not None:
            await first_channel(self._parts, self._settings, tell=log.info, platform=self.name, place=place)

    async def _socket_url(self) -> str:
        try:
            return await self._calls.socket_url()
        except Refused as refused:
            raise token_error(refused, "SLACK_APP_TOKEN") from refused

    async def stop_listening(self) -> None:
        """Take no more; what is being acknowledged is finished."""
        for task in filter(None, (self._trying, self._asking)):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self._requests is not None:
            self._requests.app = None
        if self._socket is not None:
            await self._socket.stop()

    async def close(self) -> None:
        """End all that is under way."""
        await self.stop_listening()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._timing.goodbye)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._directory.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(harmless(lambda: work), name="slack")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Posting

    async def post(
        self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
    ) -> str:
        """Post a message, within a turn; its timestamp."""
        me = self._at_home(channel)
        return await self._posting.post(channel, document, thread=thread, key=key, bot=me.name)

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
        """The timestamp of what was posted under `key`, as Slack's history has it; None if nothing was."""
        me = self._at_home(channel)
        await self._parts.sleep(READ_AFTER_WRITE)
        return await self._posting.recover(channel, thread=thread, key=key, since=since, me=me)

    def parts(self, channel: Channel, document: Document, /) -> tuple[Document, ...]:
        """The document as messages within Slack's limits."""
        return parts(document)

    def turn(self, channel: Channel, /) -> AbstractAsyncContextManager[None]:
        """A place among the messages to a channel, of which Slack takes one a second."""
        return self._pacer.turn(channel.key)

    def _at_home(self, channel: Channel) -> Identity:
        """Who we are. Raises `PlatformUnavailable` before that is known, `ChannelGone` elsewhere."""
        if self._me is None:
            raise PlatformUnavailable("Slack was not reached yet.")
        team, _ = ids(channel.key)
        if team != self._me.team:
            raise ChannelGone(
                f"This channel is in the Slack workspace {team}; SLACK_BOT_TOKEN is of {self._me.team}."
            )
        return self._me

    # Talking

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
        """Answer whoever asked, or all, where it was said."""
        me = self._at_home(channel)
        if again:
            await self._parts.sleep(READ_AFTER_WRITE)
        said = await self._replying.reply(channel, incoming, reply, key=key, first=first, again=again, me=me)
        address = Address.of(incoming)
        if address.source is Source.HOME and self._windows is not None:
            self._spawn(self._windows.home(address.user, ids(channel.key)[1]))
        return said

    async def first_place(self) -> Place | None:
        """The channel of SLACK_CHANNEL, once Slack is reached."""
        return await self.place_named(self._settings.slack_channel)

    async def place_named(self, channel: str, /) -> Place | None:
        """The place of a channel's id ("C0123ABCD", "T0001/C0123ABCD"), once Slack is reached."""
        if not channel or self._me is None:
            return None
        return await self._place(channel_key(self._me.team, channel.rpartition("/")[2]), user="", told="")

    async def unfit(self, channel: str, /) -> str | None:
        """Why nothing can be posted in the channel of an id; None before Slack is reached."""
        if self._me is None:
            return None
        channel = channel.rpartition("/")[2]
        self._directory.forget(channel)
        where = await self._directory.where(channel)
        named = where.title or channel
        if where.is_archived:
            return f"{named} is archived."
        if where.is_private:
            return ""
        if where.is_member is None:
            return None
        return "" if where.is_member else f"I am not in {named}; write /invite @{self._me.name} there."

    async def place(self, incoming: Incoming, /) -> Place:
        """Where it was said; in private with the person's time zone and language."""
        address = Address.of(incoming)
        return await self._place(incoming.channel, user=address.user, told=address.place)

    async def _channel(self, incoming: Incoming) -> Channel:
        known = await self._parts.store.channel(incoming.channel)
        if known is not None:
            return known
        made = NewChannel(self._parts.store, self._settings, self._parts.clock)
        return await made.made(self.name, await self.place(incoming), by=incoming.person)

    async def _place(self, key: str, *, user: str, told: str) -> Place:
        where = await self._directory.where(ids(key)[1])
        if not where.is_private:
            return Place(key=key, title=where.title or told)
        person = await self._directory.person(user) if user else None
        return Place(
            key=key,
            private=True,
            timezone=person.timezone if person else "",
            language=person.locale if person else "",
        )

    async def standing(self, channel: Channel, person: str, /) -> Who:
        """What a person may do: whoever created the channel, the workspace's admins, its members."""
        return await self._directory.standing(ids(channel.key)[1], ids(person)[1])

    async def listening(self, incoming: Incoming, /) -> None:
        """👀 under a message, a line to whoever filled in a form; commands and buttons say it themselves."""
        try:
            address = Address.of(incoming)
            channel = ids(incoming.channel)[1]
            if address.source in (Source.MENTION, Source.DIRECT, Source.THREAD):
                if self._calls.scopes is None or "reactions:write" in self._calls.scopes:
                    ts = incoming.id.rpartition("/")[2]
                    await self._calls.tell("reactions.add", channel=channel, timestamp=ts, name="eyes")
            elif address.source is Source.FORM:
                where = {"channel": channel, "user": address.user, "thread_ts": address.thread or None}
                known = await self._parts.store.channel(incoming.channel)
                text = reading(in_language(known.language if known else "en"))
                async with self._pacer.turn(incoming.channel, urgent=True):
                    await self._calls.tell("chat.postEphemeral", text=text, **where)
        except PaperboyError as error:
            log.debug("slack not shown that an answer is made", error=str(error))


def _seconds(parts: Parts) -> Callable[[], float]:
    """A clock of seconds: the process's own, unless a test has set another."""
    return time.monotonic if parts.clock is utc_now else lambda: parts.clock().timestamp()
