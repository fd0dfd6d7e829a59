"""Finding a message that may have arrived: Telegram gives bots neither an idempotency key nor their history.

Every message of Paperboy has a keyboard of its own. Editing a message into that keyboard is answered "message
is not modified" by the right message, "message can't be edited" by somebody else's, and "message to edit not
found" where there is none or it was deleted. So the ids that it can have are tried one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

import structlog
from telegram import Message
from telegram.error import BadRequest

from bot.pacing import Limits, Pacer, Window
from bot.platforms.telegram.calls import FAILURES, Api, Refusal, reason, refusal, understood
from bot.platforms.telegram.html import message
from bot.platforms.telegram.keyboard import markup
from bot.platforms.telegram.known import Keyboard, Known
from bot.platforms.telegram.places import PLATFORM, Spot
from bot.platforms.telegram.sending import plain_text
from digest.channel import DeliveryState
from digest.clock import Sleep
from digest.document import Document
from digest.ports import Store

PATIENCE = 2.0  # seconds after an attempt, which may still be on its way
NOTHING_FOLLOWS = 25  # ids in a row without a message, above the newest that is known
MOST = 300  # probes for one message
_AT_ONCE = 3  # ids that are tried in one place when nothing is known of a chat
_FARTHEST = 24  # as a power of two: ids that a chat may have above the one that is known
# Telegram names no limit for edits; this stays below the one for messages.
PROBES = Limits(of=lambda key, kind: (), overall=(Window(count=20, seconds=1.0),))

log = structlog.get_logger(__name__)


class Found(Enum):
    """What a probe met."""

    OURS = auto()  # the message that is looked for
    ANOTHER = auto()  # of ours, whose keyboard the probe has changed
    FOREIGN = auto()
    NOTHING = auto()


Probe = Callable[[int], Awaitable[Found]]
IsKnown = Callable[[int], Awaitable[bool]]


async def search(probe: Probe, *, after: int, newest: Callable[[], int], known: IsKnown) -> int | None:
    """The id of the message, which is greater than `after`; None if it did not arrive.

    `newest` is the newest id in the chat that is known at the time. Ids that are `known` to be of other
    messages are not probed, but show that there are messages so far up.

    Where more was said since than can be tried, half of the probes go up from `after` and half down from the
    newest: the message stands near the one or the other.
    """
    at, probes, nothing = after + 1, 0, 0
    while probes < MOST:
        if at > newest() and nothing >= NOTHING_FOLLOWS:
            return None
        if probes == MOST // 2 and newest() - at > MOST - probes:
            return await _downwards(probe, start=newest(), end=at, probes=MOST - probes, known=known)
        if await known(at):
            nothing = 0
        else:
            found = await probe(at)
            probes += 1
            if found is Found.OURS:
                return at
            nothing = nothing + 1 if found is Found.NOTHING and at > newest() else 0
        at += 1
    return None


async def _downwards(probe: Probe, *, start: int, end: int, probes: int, known: IsKnown) -> int | None:
    # The newest that is known may be older than the message itself.
    for at in range(start + NOTHING_FOLLOWS, end - 1, -1):
        if probes == 0:
            break
        if not await known(at):
            probes -= 1
            if await probe(at) is Found.OURS:
                return at
    return None


async def top(probe: Probe, *, above: int) -> int:
    """An id near the newest of a chat of which none is known; `above` where no more is seen.

    It is looked for at ever greater distances, then by halves; at a few ids each time, as some were deleted.
    """

    async def is_reached(number: int) -> bool:
        for each in range(number, number + _AT_ONCE):
            if await probe(each) is not Found.NOTHING:
                return True
        return False

    low, distance = above, 1
    for reach in (2**power for power in range(_FARTHEST)):
        if await is_reached(above + reach):
            low, distance = above + reach, reach
    while distance > _AT_ONCE:
        distance //= 2
        if await is_reached(low + distance):
            low += distance
    return low


@dataclass(slots=True)
class Counts:
    """How messages of unknown fate ended, since the start."""

    adopted: int = 0  # found, so not sent again
    missing: int = 0  # looked for and not found
    resent: int = 0  # sent again without looking
    probes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A message of unknown fate: what it looks like if it is there."""

    spot: Spot
    key: str
    html: str
    keyboard: Keyboard

    def is_shown(self, there: Message) -> bool:
        """Whether that message reads the same, in the same topic."""
        topic = there.message_thread_id if there.is_topic_message else None
        shown = there.text or there.caption or ""
        return topic == self.spot.topic and _letters(shown) == _letters(plain_text(self.html))


def met(error: BadRequest) -> Found:
    """What a refused probe met."""
    if "not modified" in error.message:
        return Found.OURS
    if "to edit not found" in error.message or "MESSAGE_ID_INVALID" in error.message:
        return Found.NOTHING
    return Found.FOREIGN


def sought(document: Document, spot: Spot, key: str) -> Sought:
    """The message `key` as it was sent."""
    return Sought(spot=spot, key=key, html=message(document).html, keyboard=markup(document, key)[0])


@dataclass(slots=True, kw_only=True)
class Finder:
    """Looks for messages. It takes the chat's turns by itself."""

    api: Api
    store: Store
    known: Known
    pacer: Pacer
    probes: Pacer
    sleep: Sleep
    patience: float = PATIENCE
    counts: Counts = field(default_factory=Counts)
    _sought: list[Sought] = field(default_factory=list)

    async def find(self, wanted: Sought, *, after: int, since: datetime | None) -> int | None:
        """The id of a message that was first tried at `since`, if it was sent.

        `after` is an id that is certainly older. Raises as `ChatPlatform.recover`.
        """
        self._sought.append(wanted)
        try:
            await self.sleep(self.patience)
            found = await self._search(wanted, after=after, since=since)
        finally:
            self._sought.remove(wanted)
        if found is None:
            self.counts.missing += 1
        else:
            self.counts.adopted += 1
            self.known.shows(wanted.spot, found, wanted.keyboard)
            await self.known.see(wanted.spot, found)
        return found

    async def _search(self, wanted: Sought, *, after: int, since: datetime | None) -> int | None:
        spot = wanted.spot
        # A topic's id is that of its first message.
        after = max(after, spot.topic or 0, await self.known.before(wanted.key, spot, since))
        channels = await self._channels(spot)
        probed = 0

        async def known(number: int) -> bool:
            if self.known.is_ours(spot, number):
                return True
            return any([await self.store.sent_delivery(each, str(number)) for each in channels])

        async def probe(number: int) -> Found:
            nonlocal probed
            async with self.pacer.turn(spot.chat_key, counts=False), self.probes.turn(spot.chat_key):
                probed += 1
                self.counts.probes += 1
                return await self._probe(wanted, number)

        if not self.known.newest(spot):
            await self.known.see(spot, await top(probe, above=after))
        found = await search(probe, after=after, newest=lambda: self.known.newest(spot), known=known)
        log.info("message looked for", key=wanted.key, found=found, after=after, probes=probed)
        return found

    async def _probe(self, wanted: Sought, number: int) -> Found:
        spot = wanted.spot
        try:
            changed = await self._show(spot, number, wanted.keyboard)
        except BadRequest as error:
            found = met(error)
            if found is Found.FOREIGN and refusal(error) is Refusal.CHAT:
                raise understood(error, spot, self.pacer) from error
            return found
        except FAILURES as error:
            raise understood(error, spot, self.pacer) from error
        await self._put_right(changed, spot, number)
        return Found.ANOTHER

    async def _put_right(self, changed: Message | bool, spot: Spot, number: int) -> None:
        """Give a message that was probed for another its own keyboard again.

        That is one whose fate is unknown too, told by its text; or an old answer, whose keyboard is not known
        any more: the menu is better for that than a wrong one.
        """
        keyboard: Keyboard = markup(Document(()), f"{spot.chat_key}/{number}")[0]
        if isinstance(changed, Message):
            unknown = [*self._sought, *await self._interrupted(spot)]
            own = [
                each.keyboard for each in unknown if each.is_shown(changed) and each.spot.chat == spot.chat
            ]
            keyboard = own[0] if own else keyboard
        try:
            await self._show(spot, number, keyboard)
        except FAILURES as error:
            log.warning("keyboard not put right", channel=spot.key, message=number, reason=reason(error))

    async def _interrupted(self, spot: Spot) -> list[Sought]:
        """The messages of the outbox to that chat whose fate is unknown."""
        return [
            sought(row.document, Spot.of(channel), row.key)
            for channel in await self._channels(spot)
            for row in await self.store.outbox(channel=channel)
            if row.state is DeliveryState.SENDING
        ]

    async def _show(self, spot: Spot, number: int, keyboard: Keyboard) -> Message | bool:
        return await self.api.edit_message_reply_markup(
            spot.chat, number, api_kwargs={"reply_markup": keyboard}
        )

    async def _channels(self, spot: Spot) -> tuple[str, ...]:
        """The keys of the chat's channels: of all its topics."""
        return tuple(
            each.key
            for each in await self.store.channels()
            if each.platform == PLATFORM and Spot.of(each.key).chat == spot.chat
        )


def _letters(text: str) -> str:
    """The text without what Telegram may change in it."""
    return re.sub(r"\W", "", text)
