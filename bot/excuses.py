"""Whoever says what cannot be kept is told so, but nobody all the time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.commands import Reply, is_chatter
from bot.commands.troubles import unkept
from bot.latest import Latest
from bot.locale import in_language
from digest.channel import Channel
from digest.clock import Clock
from digest.document import Document, para
from digest.errors import PaperboyError, StoreError
from digest.people import Incoming
from digest.ports import Store

if TYPE_CHECKING:
    from bot.answering import Conversational

MOST = 5  # of one person within a minute, who tries this and that
TO_US = ("mention", "direct")  # how the addresses of what was said by name or in private begin
_A_WHILE = timedelta(minutes=1)
_REMEMBERED = 1_000  # people

log = structlog.get_logger(__name__)


class NotKept(StoreError):
    """What was said is not kept, and whoever said it was told so, in their language as in `said`."""

    def __init__(self, why: str, said: str) -> None:
        super().__init__(why)
        self.said = said


class Excuses:
    """Tells people in their chats that what they said is not kept."""

    def __init__(self, store: Store, platforms: Mapping[str, Conversational], clock: Clock) -> None:
        self._store = store
        self._platforms = platforms
        self._clock = clock
        self._lately: Latest[str, tuple[datetime, ...]] = Latest(_REMEMBERED)  # by person

    async def make(self, incoming: Incoming, error: StoreError) -> StoreError:
        """Tell whoever said it; `NotKept` where they know, the error itself where they are not told."""
        platform = self._platforms.get(incoming.id.partition(":")[0])
        if platform is None or not awaits_answer(incoming):
            return error
        channel = await self._channel(incoming, platform)
        sorry = unkept(in_language(channel.language), str(error), waits=platform.name == "telegram")
        if not self._is_enough(incoming.person):
            reply = Reply(document=Document((para(sorry),), summary=sorry))
            try:
                # What is not acknowledged is delivered again and again: under one key it is said once.
                key = f"{incoming.id}/excuse"
                await platform.reply(channel, incoming, reply, key=key, first=None, again=False)
            except PaperboyError as failed:
                log.warning("store's refusal not told", id=incoming.id, error=str(failed))
                return error
        return NotKept(str(error), sorry)

    def _is_enough(self, person: str) -> bool:
        """Whether a person was told often enough lately; if not, it counts as told now."""
        now = self._clock()
        lately = tuple(at for at in self._lately.get(person, ()) if timedelta() <= now - at < _A_WHILE)
        if len(lately) >= MOST:
            return True
        self._lately[person] = (*lately, now)
        return False

    async def _channel(self, incoming: Incoming, platform: Conversational) -> Channel:
        """The channel it was said in, as far as the store tells."""
        try:
            known = await self._store.channel(incoming.channel)
        except StoreError:
            known = None
        return known or Channel(key=incoming.channel, platform=platform.name)


def awaits_answer(incoming: Incoming) -> bool:
    """Whether there will be an answer, as there is none to what people say to each other."""
    return incoming.address.startswith(TO_US) or not is_chatter(incoming.text)
