"""Answers to people, as messages, changed messages, toasts over a button, and files.

Telegram had no messages for one person in a group before Bot API 10.2, so what Slack shows only to the caller
is said to the group, as a reply to the caller's message.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape

import structlog
from telegram import Chat

from bot.commands.request import Audience, Reply
from bot.latest import Latest
from bot.pacing import Pacer
from bot.platforms.telegram.calls import FAILURES, Api, reason
from bot.platforms.telegram.html import clean, message
from bot.platforms.telegram.intake import TOASTED, verb_of
from bot.platforms.telegram.known import LATEST, Known
from bot.platforms.telegram.places import Address, How, Spot
from bot.platforms.telegram.probing import Finder, Sought
from bot.platforms.telegram.sending import MAX_CAPTION, Outgoing, Sender, composed
from bot.platforms.telegram.split import parts
from digest.channel import Channel
from digest.clock import Clock
from digest.document import Document
from digest.people import Incoming
from digest.ports import Store

MAX_TOAST = 200  # characters

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One reply on its way: to what, where, and whether some of it may be there already."""

    spot: Spot
    incoming: Incoming
    address: Address
    reply_to: int | None
    again: bool


@dataclass(slots=True, kw_only=True)
class Replies:
    """Says what commands answer. A reply that is tried again goes on where it was cut off."""

    api: Api
    store: Store
    known: Known
    pacer: Pacer
    sender: Sender
    finder: Finder
    clock: Clock
    probes: bool  # whether a message of unknown fate is looked for, rather than sent again
    _said: Latest[str, int] = field(default_factory=lambda: Latest(LATEST))
    _passing: Latest[str, int] = field(default_factory=lambda: Latest(LATEST))  # by what was asked

    async def reply(
        self, channel: Channel, incoming: Incoming, reply: Reply, *, key: str, first: str | None, again: bool
    ) -> str | None:
        """As `Conversational.reply`."""
        address = Address.parse(incoming.address)
        spot = Spot.of(channel.key)
        if address.how is How.REACTED or await self._toasted(incoming, address, reply):
            return None
        reply_to = None if spot.private else address.message or None
        if reply.under and first:
            reply_to = int(first)
        saying = Saying(spot=spot, incoming=incoming, address=address, reply_to=reply_to, again=again)
        outgoing = await self._outgoing(channel, saying, reply, key)
        begin, numbers = 0, list[int]()
        if reply.replaces and address.how is How.PRESSED and await self._replaced(saying, outgoing[0]):
            begin, numbers = 1, [address.message]
        for at, each in enumerate(outgoing[begin:], begin):
            number, saying = await self._say(saying, each, _part(key, at))
            numbers.append(number)
        if reply.paper is not None:
            now, paper = self.clock(), str(reply.paper)
            for number in numbers[1:]:  # whoever answers a later part means the paper too
                await self.store.note_message(channel.key, str(number), paper=paper, at=now)
        await self._pass(incoming, reply, spot, numbers)
        # What follows "Reading ..." belongs under the answer, not under that.
        return None if reply.to is Audience.CALLER and reply.paper is None else str(numbers[0])

    async def _pass(self, incoming: Incoming, reply: Reply, spot: Spot, numbers: list[int]) -> None:
        """Take away "Reading ..." when the answer is there; not by an edit, of which nobody is notified."""
        if reply.passing:
            self._passing[incoming.id] = numbers[0]
            return
        passing = self._passing.pop(incoming.id, None)
        if passing is not None:
            try:
                await self.api.delete_message(spot.chat, passing)
            except FAILURES as error:
                log.info("message not deleted", channel=spot.key, message=passing, error=reason(error))

    async def _outgoing(self, channel: Channel, saying: Saying, reply: Reply, key: str) -> list[Outgoing]:
        """The messages of a reply. A file goes with the last if that is short enough to be its caption."""
        made = [
            await composed(
                each,
                _part(key, at),
                self.store,
                reply_to=saying.reply_to,
                rich=channel.rich and not reply.file,
            )
            for at, each in enumerate(parts(reply.document))
        ]
        if reply.asks and saying.address.chat_type != Chat.CHANNEL:
            made[-1] = _asking(made[-1], saying)
        if reply.file is not None:
            if message(reply.document).units > MAX_CAPTION:
                bare = await composed(
                    Document(()), _part(key, len(made)), self.store, reply_to=saying.reply_to
                )
                made.append(replace(bare, text=""))
            made[-1] = replace(made[-1], file=reply.file)
        return made

    async def _say(self, saying: Saying, outgoing: Outgoing, key: str) -> tuple[int, Saying]:
        """Send one message, unless it was sent; its id, and how the next one is said."""
        if key in self._said:
            return self._said[key], saying
        number = await self._found(saying, outgoing, key) if saying.again else None
        if number is None:
            saying = replace(saying, again=False)  # what follows a message that is missing is missing too
            async with self.pacer.turn(
                saying.spot.chat_key, kind="private" if saying.spot.private else "", urgent=True
            ):
                number = await self.sender.send(saying.spot, outgoing, key)
        self._said[key] = number
        return number, saying

    async def _found(self, saying: Saying, outgoing: Outgoing, key: str) -> int | None:
        if not self.known.was_begun(key) and not saying.incoming.tries:
            return None  # this one is tried for the first time
        if not self.probes or "inline_keyboard" not in outgoing.keyboard:
            self.finder.counts.resent += 1
            return None
        wanted = Sought(spot=saying.spot, key=key, html=outgoing.text, keyboard=outgoing.keyboard)
        return await self.finder.find(wanted, after=saying.address.message, since=saying.incoming.received_at)

    async def _replaced(self, saying: Saying, outgoing: Outgoing) -> bool:
        async with self.pacer.turn(saying.spot.chat_key, urgent=True, counts=False):
            return await self.sender.edit(saying.spot, saying.address.message, outgoing)

    async def _toasted(self, incoming: Incoming, address: Address, reply: Reply) -> bool:
        """Whether the answer was shown over the button that was pressed, and nothing more is to be said.

        In private it is a message instead, which can be undone.
        """
        if not address.query or verb_of(incoming.text) not in TOASTED or reply.to is not Audience.CALLER:
            return False
        text = clean(reply.document.summary)
        shown = address.chat_type != Chat.PRIVATE and len(text) <= MAX_TOAST
        try:
            await self.api.answer_callback_query(address.query, text if shown else None)
        except FAILURES as error:  # the query is too old, or was answered
            log.info("press not answered", error=reason(error))
            shown = False
        # A channel's readers press buttons too; what one of them saved is not for all.
        return (shown and not reply.replaces) or address.chat_type == Chat.CHANNEL


def _part(key: str, at: int) -> str:
    return key if at == 0 else f"{key}~{at + 1:02}"


def _asking(outgoing: Outgoing, saying: Saying) -> Outgoing:
    """The message with an empty reply to it opened, for whoever asked.

    In groups it opens for those who are named in the text or whose message is replied to; the message of a
    button that was pressed is our own.
    """
    text = outgoing.text
    if saying.address.how is How.PRESSED and not saying.spot.private:
        person = saying.incoming.person.partition(":")[2]
        name = escape(clean(saying.incoming.name) or "You", quote=False)
        text = f'<a href="tg://user?id={person}">{name}</a>: {text}'
    force = {"force_reply": True, "selective": True}
    return replace(outgoing, text=text, keyboard=force, rich=None)
