"""The admin channel: one message when a trouble begins, and one when it is over, through the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from bot.answering import Conversational, Place
from bot.commands.troubles import relief, sentence
from bot.first_channel import TERMINAL
from bot.locale import Say, in_language
from bot.new_channel import NewChannel
from bot.watch.troubles import UNTOLD, Change, Kind
from digest.channel import Channel, Delivery
from digest.document import Bold, Code, Context, Document, Para, Text, para, spans
from digest.errors import PaperboyError
from digest.ports import Store

NOTICE = "/notice/"  # in the keys of these messages
_FOUND = "admin_channel/"  # and the key of the channel: what ADMIN_CHANNEL was when it was found
_ASK_AGAIN = timedelta(hours=1)

log = structlog.get_logger(__name__)


class AdminChannel:
    """The channel that ADMIN_CHANNEL names ("slack:C0123ABCD"); empty: there is none, and the log tells."""

    def __init__(
        self, named: str, *, store: Store, chats: Mapping[str, Conversational], new_channel: NewChannel
    ) -> None:
        self._named = named
        self._platform, _, self._name = named.partition(":")
        self._store = store
        self._chats = chats
        self._new_channel = new_channel
        self._key = ""
        self._wrong: str | None = None
        self._asked: datetime | None = None  # when it was last found right

    async def unfit(self, now: datetime) -> str | None:
        """Why nothing can be written in it, empty where all is well, None where that is not known yet.

        It is asked until something can, and then once an hour.
        """
        chat = self._chats.get(self._platform)
        if chat is None:
            return ""
        if self._asked is not None and timedelta() <= now - self._asked < _ASK_AGAIN:
            return self._wrong
        wrong = await chat.unfit(self._name)
        if wrong is not None:
            self._wrong, self._asked = wrong, None if wrong else now
        return self._wrong

    async def tell(self, changes: Sequence[Change]) -> bool:
        """Have the messages delivered; False where the channel cannot be found yet.

        The same changes told again, a message is still one.
        """
        # The channel cannot be told that it cannot be told; that the store works again, it can.
        changes = [
            each
            for each in changes
            if each.trouble.kind not in UNTOLD or (each.over and each.trouble.kind is Kind.STORE)
        ]
        if not self._platform or not changes:
            return True
        channel = await self._channel()
        if channel is None:
            return False
        say = in_language(channel.language)
        messages = [
            Delivery(
                key=_key(channel, change),
                channel=channel.key,
                position=position,
                document=_document(say, change, channel.timezone),
            )
            for position, change in enumerate(changes)
        ]
        day = changes[0].at.date()
        await self._store.enqueue(channel.key, day, deliveries=messages, papers=(), told=(), done=False)
        return True

    async def _channel(self) -> Channel | None:
        known = await self._store.channel(self._key) if self._key else None
        if known is not None:
            return known
        found = await self._found_before() or await self._found()
        self._key = found.key if found is not None else ""
        return found

    async def _found_before(self) -> Channel | None:
        """The channel that was found under this name: its chat may have another number since."""
        for name, value in (await self._store.metas(_FOUND)).items():
            if value == self._named:
                return await self._store.channel(name.removeprefix(_FOUND))
        return None

    async def _found(self) -> Channel | None:
        try:
            place = await self._place()
        except PaperboyError as error:
            log.warning("admin channel not found", ADMIN_CHANNEL=self._name, error=str(error))
            return None
        if place is None:
            return None
        made = await self._new_channel.made(self._platform, place, by="ADMIN_CHANNEL")
        # A renamed channel takes what is kept under its key along.
        await self._store.set_meta(f"{_FOUND}{made.key}", self._named)
        return made

    async def _place(self) -> Place | None:
        if self._platform == "console":
            return Place(key=TERMINAL, private=True)
        chat = self._chats.get(self._platform)
        return await chat.place_named(self._name) if chat is not None else None


def _key(channel: Channel, change: Change) -> str:
    # By when it is told: the same trouble may begin again as of the same day, and is news then.
    end = "/over" if change.over else ""
    return f"{channel.key}{NOTICE}{change.trouble.key}/{change.at:%Y-%m-%dT%H%M%S}{end}"


def _document(say: Say, change: Change, timezone: str) -> Document:
    if change.over:
        told = relief(say, change.trouble)
        return Document((para(told),), summary=told)
    told = sentence(say, change.trouble, timezone)
    return Document(
        (
            Para((Bold(say("Paperboy needs attention")),)),
            Para((Text(told),)),
            Context(spans(say("More: "), Code("/status"), Text(" · "), Code("paperboy doctor"))),
        ),
        summary=told,
    )
