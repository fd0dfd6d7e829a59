"""Updates are taken one by one: kept before Telegram is told that they arrived."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from telegram import Chat, Update

from bot.answering import Hear, told_of
from bot.commands import VERBS, split
from bot.commands.request import IN_PLACE
from bot.locale import in_language
from bot.permissions import may_change
from bot.platforms.telegram.calls import GONE
from bot.platforms.telegram.keyboard import Token, command_of
from bot.platforms.telegram.known import Known
from bot.platforms.telegram.listening import (
    Back,
    Event,
    Gone,
    Moved,
    Pressed,
    Reacted,
    event_of,
    link,
    message_of,
)
from bot.platforms.telegram.places import PLATFORM, Me, Spot
from digest.channel import Channel, Who
from digest.clock import Clock
from digest.errors import PaperboyError, UserError
from digest.model import ArxivId
from digest.people import Incoming, Opinion
from digest.ports import Store

# Answered by a toast over the button rather than by a message.
TOASTED = frozenset({"save", "unsave", "like", "unlike", "dismiss", "undismiss"})
OLD_BUTTON = "This button is too old. Send the command instead: /help shows how."
NOT_HERE = "Only this channel's administrators can do that here. Write to me in private."

_CHANGES = {name: verb.changes for verb in VERBS for name in (verb.name, *verb.aliases)}

log = structlog.get_logger(__name__)

Notify = Callable[..., None]  # (query, text="", url=""): ends a press, with a toast or a link to open
Standing = Callable[[Channel, str], Awaitable[Who]]


@dataclass(slots=True, kw_only=True)
class Intake:
    """Takes updates as they come. Raises `StoreError`: the update is then not taken."""

    store: Store
    known: Known
    clock: Clock
    me: Me
    hear: Hear
    notify: Notify
    standing: Standing

    async def take(self, told: Mapping[str, Any]) -> None:
        """Do what an update asks for, or keep it until it is done. Twice does nothing more."""
        update = _parsed(told)
        if update is None:
            return
        try:
            seen = message_of(update)
            if seen is not None and seen[1] > 0:
                await self.known.see(*seen)
            event = event_of(update, self.me, self.clock())
            if event is not None:
                await self._take(event)
        except PaperboyError:
            raise
        except Exception:  # one that our own code breaks on must not hold up all that follow
            log.exception("update broke", update=update.update_id)

    async def _take(self, event: Event) -> None:
        match event:
            case Incoming():
                channel = await self.store.channel(event.channel)
                if channel is not None and Spot.of(channel.key).private:
                    await self._resume(channel)  # whoever writes has not blocked us
                await self.hear(event)
            case Pressed():
                await self._pressed(event)
            case Reacted():
                await self._reacted(event)
            case Gone(chat=chat, because=because):
                await self._gone(chat, because)
            case Back(chat=chat, hello=hello):
                await self._returned(chat)
                said = await self._greeting(chat, hello) if hello is not None else None
                if said is not None:
                    await self.hear(said)
            case Moved(old=old, new=new):
                await self._moved(old, new)

    async def _pressed(self, press: Pressed) -> None:
        found = command_of(press.data)
        command = await self.store.command(found.value) if isinstance(found, Token) else found
        if not command:
            self.notify(press.query, text=OLD_BUTTON)
            return
        verb = verb_of(command)
        if press.chat_type == Chat.CHANNEL and verb not in TOASTED and not await self._in_charge(press.said):
            # What a reader of the channel asks for must not be posted to all of them.
            if verb in ("explain", "ask") and len(link(command)) <= 64:
                self.notify(press.query, url=f"https://t.me/{self.me.username}?start={link(command)}")
            else:
                self.notify(press.query, text=NOT_HERE)
            return
        forbidden = await self._forbidden(press, command)
        if forbidden:
            self.notify(press.query, text=forbidden)
            return
        await self.hear(replace(press.said, text=f"/{await self._toggled(press, command)}"))
        if verb not in TOASTED:
            self.notify(press.query)

    async def _toggled(self, press: Pressed, command: str) -> str:
        """The command; "Not relevant" pressed again where a toast can hold no Undo takes itself back.

        Decided as the press comes, not as it is answered, which may be done twice.
        """
        verb, paper = _split(command)
        if verb != "dismiss" or press.chat_type == Chat.PRIVATE:
            return command
        try:
            identifier = ArxivId.parse(paper).id
        except UserError:
            return command  # whoever answers it says what is wrong
        channel, person = press.said.channel, press.said.person
        known = Opinion(channel=channel, person=person, paper=identifier, liked=False)
        return f"undismiss {paper}" if known in await self.store.opinions(channel) else command

    async def _forbidden(self, press: Pressed, command: str) -> str:
        """Why whoever pressed may not do that here, for them alone to read; empty where they may."""
        if press.chat_type == Chat.PRIVATE or not is_change(command):
            return ""
        key = press.said.channel
        channel = await self.store.channel(key) or Channel(key=key, platform=PLATFORM)
        try:
            may_change(channel, await self.standing(channel, press.said.person))
        except UserError as error:
            return in_language(channel.language).error(str(error))
        return ""

    async def _in_charge(self, said: Incoming) -> bool:
        channel = Channel(key=said.channel, platform=PLATFORM)
        return await self.standing(channel, said.person) is not Who.MEMBERS

    async def _reacted(self, reaction: Reacted) -> None:
        """An opinion of a paper, if the message is about one."""
        message = reaction.said.about or ""
        for channel in await self._channels(reaction.chat):
            noted = await self.store.paper_of_message(channel.key, message)
            told = await self.store.sent_delivery(channel.key, message)
            paper = noted or (told_of(told.key) if told else None)
            if paper is not None:
                said = replace(reaction.said, channel=channel.key, text=f"/{reaction.verb} {paper}")
                await self.hear(said)
                return

    async def _gone(self, chat: int, because: str) -> None:
        for channel in await self._channels(chat):
            if not channel.paused:
                await self.store.change_channel(
                    channel.key, lambda known: replace(known, paused=True, paused_because=because)
                )
                log.info("channel paused", channel=channel.key, because=because)

    async def _returned(self, chat: int) -> None:
        for channel in await self._channels(chat):
            await self._resume(channel)

    async def _greeting(self, chat: int, hello: Incoming) -> Incoming | None:
        """What is said on being added: to a chat with subscriptions, what these are; nothing to topics."""
        followed = [
            each.key for each in await self._channels(chat) if await self.store.subscriptions(each.key)
        ]
        if hello.channel in followed:
            return replace(hello, text="/subscriptions")
        return None if followed else hello

    async def _resume(self, channel: Channel) -> None:
        """Take up digests that were paused because Paperboy could not write, but not what people paused."""
        if channel.paused and channel.paused_because in GONE:
            await self.store.change_channel(channel.key, lambda known: known.unpaused)
            log.info("channel resumed", channel=channel.key)

    async def _moved(self, old: int, new: int) -> None:
        for channel in await self._channels(old):
            moved = await self.store.rename_channel(channel.key, Spot(new, Spot.of(channel.key).topic).key)
            log.info("channel moved", channel=channel.key, to=new, moved=moved)
        await self._returned(new)

    async def _channels(self, chat: int) -> tuple[Channel, ...]:
        """The channels of a chat: itself and its topics."""
        return tuple(
            each
            for each in await self.store.channels()
            if each.platform == PLATFORM and Spot.of(each.key).chat == chat
        )


def verb_of(command: str) -> str:
    """The verb of a button's command, which may be meant to take the place of the message."""
    return _split(command)[0]


def is_change(command: str) -> bool:
    """Whether a button's command changes what the channel gets."""
    verb, words = _split(command)
    return verb in _CHANGES and _CHANGES[verb](words)


def _split(command: str) -> tuple[str, str]:
    return split(command.strip("/ ").removeprefix(f"{IN_PLACE} "))


def _parsed(told: Mapping[str, Any]) -> Update | None:
    """The update, or None of a kind that the library cannot read: waiting for it would help nobody."""
    try:
        return Update.de_json(dict(told), None)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        log.warning("update not understood", update=told.get("update_id"), error=repr(error))
        return None
