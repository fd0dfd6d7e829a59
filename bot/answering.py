"""What people say is kept before it is acknowledged, and answered as a unit of work.

So a process killed in between answers when it is started again, and what a platform delivers twice is
answered once. Quick commands of a channel are answered in the order they were given; slow ones, which read
papers, hold up nobody.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

import structlog

from bot.commands import Desk, Reply, Request, answer, is_slow, too_much
from bot.engine import Engine
from bot.excuses import TO_US, Excuses, awaits_answer
from bot.latest import Latest
from bot.locale import in_language
from bot.new_channel import NewChannel
from bot.turns import Turns, most_of
from digest.channel import Channel, Who
from digest.clock import Sleep
from digest.document import Document, para
from digest.errors import (
    ChannelMoved,
    DeliveryUnknown,
    PaperboyError,
    PlatformError,
    PlatformUnavailable,
    StoreError,
)
from digest.model import ArxivId
from digest.people import Incoming
from digest.ports import ChatPlatform, Store
from digest.posting import day_of

ANSWER = "answer"
TRIES = 3  # of one answer, over restarts; those that the platform ended do not count
STALE = timedelta(days=1)  # after which what was said is not answered while the platform does not take it
PATIENCE = 3  # attempts at one reply to a platform that is busy
_MADE = 500  # answers that wait for the platform, in memory
_LONGEST_WAIT = 60.0  # seconds
_DECLINE_AGAIN = timedelta(minutes=1)

log = structlog.get_logger(__name__)

Hear = Callable[[Incoming], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something was said, as the platform knows it; makes a channel the first time."""

    key: str
    title: str = ""
    private: bool = False
    timezone: str = ""
    language: str = ""


class Conversational(ChatPlatform, Protocol):
    """A chat platform where people talk to Paperboy."""

    @property
    def connected(self) -> bool:
        """Whether what people say reaches us now."""
        ...

    @property
    def refusal(self) -> str:
        """Why the platform takes nothing from us, with what to do; empty where it does."""
        ...

    @property
    def heard_at(self) -> datetime | None:
        """When it last answered, where it is asked for news again and again; None where it brings them."""
        ...

    async def start(self, hear: Hear, /) -> None:
        """Connect and begin to listen. Raises `PlatformError` in one sentence if that can never succeed."""
        ...

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
        """Answer; the id of the message if it has one that follow-ups can name.

        `first` is the id of this answer's first message to the channel, whose thread `reply.under` means;
        with `again` the message may be there already, under `key`. Raises as `post`.
        """
        ...

    async def first_place(self) -> Place | None:
        """The place that the settings name for the first channel, once connected. Raises `PlatformError`."""
        ...

    async def place_named(self, channel: str, /) -> Place | None:
        """The place of a channel by the platform's id for it; None before that is reached, or for no id."""
        ...

    async def unfit(self, channel: str, /) -> str | None:
        """Why nothing can be posted in the channel of an id: empty where it can, None while unknown."""
        ...

    async def place(self, incoming: Incoming, /) -> Place:
        """Where it was said."""
        ...

    async def standing(self, channel: Channel, person: str, /) -> Who:
        """What a person may do in a channel; the least where the platform does not tell."""
        ...

    async def listening(self, incoming: Incoming, /) -> None:
        """Show that an answer is being made, where there is a way to show it. Never raises."""
        ...

    async def stop_listening(self) -> None:
        """Take no more; what comes from now on is for the next start."""
        ...

    async def close(self) -> None: ...


class Answering:
    """Keeps what is said and answers it."""

    def __init__(
        self,
        *,
        store: Store,
        desk: Desk,
        platforms: Mapping[str, Conversational],
        new_channel: NewChannel,
        engine: Engine,
        sleep: Sleep,
        after: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._desk = desk
        self._platforms = platforms
        self._new_channel = new_channel
        self._sleep = sleep
        self._after = after
        self._turns = Turns(lambda said, queue: engine.submit(ANSWER, said, queue))
        self._declined: dict[str, datetime] = {}  # by person: when they were last told that it is too much
        self._declining: set[str] = set()
        self._made: Latest[str, tuple[Reply, ...]] = Latest(_MADE)  # by id: what is done, but not said yet
        self._excuses = Excuses(store, platforms, desk.clock)

    async def hear(self, incoming: Incoming) -> bool:
        """Keep what was said, durably, and have it answered. False if it was heard before.

        Raises `StoreError` where it cannot be kept, `NotKept` where whoever said it was told so.
        """
        try:
            fresh = await self._store.accept(incoming)
        except StoreError as error:
            raise await self._excuses.make(incoming, error) from error
        if not fresh:
            return False
        if self._turns.is_full(incoming):
            await self._decline(incoming)
        else:
            await self._turns.join(incoming)
        return True

    async def _decline(self, incoming: Incoming) -> None:
        """Leave it unanswered, since so much of this person waits; once in a while they are told so."""
        now = self.clock()
        last = self._declined.get(incoming.person)
        if last is not None and timedelta(0) <= now - last < _DECLINE_AGAIN:
            await self._store.finish_answer(incoming.id, at=now)
            return
        self._declined = {who: at for who, at in self._declined.items() if now - at < _DECLINE_AGAIN}
        self._declined[incoming.person] = now
        self._declining.add(incoming.id)
        await self._turns.join(incoming, quick=True)

    async def take_up(self) -> None:
        """Submit what waits for an answer, such as after a crash."""
        for incoming in await self._store.unanswered():
            await self._turns.join(incoming)

    async def answer(self, id: str) -> None:  # noqa: A002 - the unit's key is the id
        """Answer what was said under that id, unless it is answered."""
        try:
            await self._answer(id)
        finally:
            await self._turns.leave(id)

    async def _answer(self, id: str) -> None:  # noqa: A002
        incoming = await self._store.incoming(id)
        platform = self._platforms.get(id.partition(":")[0])
        if incoming is None or platform is None:
            return
        tries = await self._store.begin_answer(id)
        if id not in self._declining and _shows(incoming):
            await platform.listening(incoming)
        try:
            await self._answered(incoming, platform, tries)
        except (PlatformUnavailable, DeliveryUnknown) as error:
            if self.clock() - incoming.received_at < STALE:
                await self._store.postpone_answer(id)
                raise
            log.warning("answer given up", id=id, channel=incoming.channel, error=str(error))
        self._declining.discard(id)
        self._made.pop(id, None)
        await self._store.finish_answer(id, at=self._desk.clock())
        await self._after()

    async def _answered(self, incoming: Incoming, platform: Conversational, tries: int) -> None:
        channel = await self._channel(incoming, platform)
        speaking = _Speaking(self, platform, channel, incoming, tries)
        try:
            if tries > TRIES:
                sorry = "That could not be answered; please say it again."
                await speaking.say(Reply(document=Document((para(sorry),), summary=sorry)))
                return
            if incoming.id in self._declining:
                await speaking.say(Reply(document=too_much(most_of(incoming), in_language(channel.language))))
                return
            await self._done(speaking, await self._request(incoming, channel, platform))
        except ChannelMoved as error:
            moved = await self._store.rename_channel(channel.key, error.to)
            if moved or await self._store.channel(channel.key) is None:
                raise PlatformUnavailable(str(error)) from error  # it is tried again, under the new key
            log.warning("answer refused", id=incoming.id, channel=channel.key, error=str(error))
        except PlatformError as error:
            log.warning("answer refused", id=incoming.id, channel=channel.key, error=str(error))

    async def _done(self, speaking: _Speaking, request: Request) -> None:
        """Do it and say so; what was done at an earlier try, and may have been undone since, is only said."""
        said = speaking.incoming
        for reply in self._made.get(said.id, ()):
            await speaking.say(reply)
        if said.id in self._made:
            return
        made: list[Reply] = []
        failed: PaperboyError | None = None
        async for reply in answer(said.text, request, self._desk):
            made.append(reply)
            try:
                if failed is None:
                    await speaking.say(reply)
            except (PlatformUnavailable, DeliveryUnknown, ChannelMoved) as error:
                failed = error
        if failed is not None:
            self._made[said.id] = tuple(each for each in made if not each.passing)
            raise failed

    async def _channel(self, incoming: Incoming, platform: Conversational) -> Channel:
        known = await self._store.channel(incoming.channel)
        if known is not None:
            return known
        return await self._new_channel.made(platform.name, await platform.place(incoming), by=incoming.person)

    async def _request(self, incoming: Incoming, channel: Channel, platform: Conversational) -> Request:
        return Request(
            channel=channel,
            user=incoming.person,
            name=incoming.name,
            words="",
            at=self._desk.clock(),
            paper=await self.paper(channel.key, incoming),
            digest=await self._digest(channel.key, incoming),
            mentioned=incoming.address.startswith(TO_US),
            pressed=incoming.address.startswith("pressed"),
            standing=lambda: platform.standing(channel, incoming.person),
        )

    async def paper(self, channel: str, incoming: Incoming) -> ArxivId | None:
        """The paper that the message or the thread it was said under is about."""
        for message in (incoming.about, incoming.thread):
            if message is None:
                continue
            noted = await self._store.paper_of_message(channel, message)
            if noted:
                return ArxivId.parse(noted)
            told = await self._store.sent_delivery(channel, message)
            paper = told_of(told.key) if told else None
            if paper is not None:
                return paper
        return None

    async def _digest(self, channel: str, incoming: Incoming) -> date | None:
        """The local date of the digest that the message or the thread it was said under belongs to."""
        for message in filter(None, (incoming.about, incoming.thread)):
            told = await self._store.sent_delivery(channel, message)
            if told is not None and (day := day_of(told.key)) is not None:
                return day
        return None

    async def note(self, channel: Channel, message: str, paper: ArxivId, at: datetime) -> None:
        await self._store.note_message(channel.key, message, paper=str(paper), at=at)

    async def patiently(self, reply: Callable[[bool], Awaitable[str | None]], again: bool) -> str | None:
        """The outcome of a reply to a platform that may be busy, or may have taken it and not said so."""
        for attempt in range(1, PATIENCE + 1):
            try:
                return await reply(again)
            except PlatformUnavailable as error:
                if attempt == PATIENCE:
                    raise
                wait = error.retry_after if error.retry_after is not None else 2.0**attempt
                await self._sleep(min(wait, _LONGEST_WAIT))
            except DeliveryUnknown:
                if attempt == PATIENCE:
                    raise
                again = True
        raise AssertionError("the loop returns or raises")

    def clock(self) -> datetime:
        return self._desk.clock()


def told_of(key: str) -> ArxivId | None:
    """The paper that a delivery's key names: ".../paper/<id>", ".../explained/<id>/<language>/<moment>"."""
    named = re.search(r"/(?:paper|renewed|explained)/(.+)", key.partition("~")[0])
    if named is None:
        return None
    text = named[1].rsplit("/", 2)[0] if "/explained/" in key else named[1]
    return ArxivId.parse(text)


def _shows(incoming: Incoming) -> bool:
    """Whether to show that an answer is made: it takes long, and there will be one."""
    return is_slow(incoming.text) and awaits_answer(incoming)


@dataclass
class _Speaking:
    """The messages of one answer, on their way."""

    answering: Answering
    platform: Conversational
    channel: Channel
    incoming: Incoming
    tries: int
    said: int = 0
    passing: int = 0
    first: str | None = None

    async def say(self, reply: Reply) -> None:
        name = self._name(reply)

        async def reply_once(again: bool) -> str | None:
            return await self.platform.reply(
                self.channel,
                self.incoming,
                reply,
                key=f"{self.incoming.id}/{name}",
                first=self.first,
                again=again,
            )

        message = await self.answering.patiently(reply_once, self.tries > 1)
        if message is None:
            return
        self.first = self.first or message
        if reply.paper is not None:
            await self.answering.note(self.channel, message, reply.paper, self.answering.clock())

    def _name(self, reply: Reply) -> str:
        """What the message is found again by, at another try too.

        There what was read is known, so that nothing passing is said: the others must not move up.
        """
        if reply.passing:
            self.passing += 1
            return f"passing-{self.passing}"
        self.said += 1
        return str(self.said - 1)
