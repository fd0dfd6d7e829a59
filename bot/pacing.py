"""When the next message may go to a chat platform.

Every message passes a `Pacer`, answers to people included, because the platforms count them all. The windows
are exact and slide, as a strict server counts. A leaky bucket (aiolimiter, which python-telegram-bot uses) is
another thing: one of 20 a minute lets 20 through at once and then one every 3 seconds, so that nearly 40
arrive within the first minute.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from digest.clock import Sleep, sleep

T = TypeVar("T")

# By our clock windows and waits last this much longer than the server says: NTP may slow one clock and hurry
# the other by 500 ppm each; that, twice over.
DRIFT = 1.002
URGENT_IN_A_ROW = 3  # past others who wait
FORGET_EVERY = 60.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """At most `count` messages in any `seconds`. Raises `ValueError` if that lets none through or all."""

    count: int
    seconds: float

    def __post_init__(self) -> None:
        if self.count < 1 or not 0 < self.seconds < math.inf:
            raise ValueError(
                f"A limit of {self.count} messages in {self.seconds} seconds cannot be kept; try 1 in 1."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a platform lets through: in a channel, told from its key and kind, and in all of them together."""

    of: Callable[[str, str], tuple[Window, ...]]
    overall: tuple[Window, ...] = ()


def slack_limits(*, per_minute: int | None = None) -> Limits:
    """One message per second and channel (https://docs.slack.dev/apis/web-api/rate-limits).

    Slack names no figure for the limit of a whole workspace; `per_minute` sets one.
    """
    channel = (Window(count=1, seconds=1),)
    overall = () if per_minute is None else (Window(count=per_minute, seconds=60),)
    return Limits(of=lambda key, kind: channel, overall=overall)


def telegram_limits() -> Limits:
    """One message per second and chat, 20 per minute unless its kind is "private", 30 per second in all.

    The figures are those of https://core.telegram.org/bots/faq; that channels are limited as groups are is
    only what Telegram's support says.
    """
    private = (Window(count=1, seconds=1),)
    shared = (*private, Window(count=20, seconds=60))
    return Limits(
        of=lambda key, kind: private if kind == "private" else shared,
        overall=(Window(count=30, seconds=1),),
    )


class Pacer:
    """Gives turns to the messages of one account: a Slack workspace, a Telegram bot.

    A turn counts in every window from its start until the window's length after its end, because a message
    arrives somewhere in between. So no server that counts a window sees more than it allows: of the messages
    that arrive within one, take that whose turn started last; the turns of the others had started by then and
    had not ended longer ago than the window is long, so all were counted when it was let through. (A post
    that was given up, by a time-out say, may arrive after its turn.)

    `clock` tells seconds and never goes back.
    """

    def __init__(
        self, limits: Limits, *, clock: Callable[[], float] = time.monotonic, sleep: Sleep = sleep
    ) -> None:
        self._queue = _Queue(limits)
        self._clock = clock
        self._sleep = sleep
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at = math.inf

    @property
    def remembered(self) -> int:
        """How many channels are held in memory; those that were idle for minutes are not."""
        return len(self._queue.channels)

    @asynccontextmanager
    async def turn(
        self, channel_key: str, *, kind: str = "", urgent: bool = False, counts: bool = True
    ) -> AsyncIterator[None]:
        """Wait until a message may go to the channel, and hold its turn while the body sends it.

        `channel_key` is what the platform counts by: the threads or topics of a chat share one. A channel has
        one turn at a time, so the body must not ask for another. Turns go in order of arrival; an `urgent`
        one, for which a person waits, goes first, but past others who wait only three times in a row. A call
        that the platform does not limit, such as an edit, need not count: it waits only for the channel's
        other turns and for `hold`.
        """
        turn = self._queue.join(
            channel_key, kind=kind, urgent=urgent, counts=counts, granted=asyncio.Future(), now=self._clock()
        )
        self._advance()
        try:
            await turn.granted
        except BaseException:
            self._queue.leave(turn, self._clock())
            self._advance()
            raise
        try:
            yield
        finally:
            self._queue.end(turn, self._clock())
            self._advance()

    def hold(self, channel_key: str, seconds: float) -> None:
        """Let no turn of this channel start for so long, because the server said Retry-After."""
        now = self._clock()
        self._queue.hold(channel_key, now + seconds * DRIFT, now)

    def _advance(self) -> None:
        """Start the turns that may start, and see to it that the next are started in time."""
        at = self._queue.advance(self._clock())
        if self._alarm is not None and not self._alarm.done():
            if self._alarm_at <= at < math.inf:  # it rings early at worst
                return
            self._alarm.cancel()
        self._alarm, self._alarm_at = None, at
        if at < math.inf:
            self._alarm = asyncio.create_task(self._ring(at), name="pacer")

    async def _ring(self, at: float) -> None:
        await self._sleep(max(0.0, at - self._clock()))
        self._alarm = None
        self._advance()


class _Ledger:
    """The turns that a server may still count: those under way, and the latest that ended."""

    def __init__(self, windows: tuple[Window, ...] = ()) -> None:
        self._windows: tuple[Window, ...] = ()
        self._ended: deque[float] = deque(maxlen=0)
        self._under_way = 0
        self.bind(windows)

    def bind(self, windows: tuple[Window, ...]) -> None:
        """Count for these windows from now on."""
        if windows != self._windows:
            self._windows = windows
            self._ended = deque(self._ended, maxlen=max((window.count for window in windows), default=0))

    def start(self) -> None:
        self._under_way += 1

    def end(self, now: float, *, sent: bool) -> None:
        self._under_way -= 1
        if sent:
            self._ended.append(now)

    def opens(self) -> float:
        """When one more turn fits into every window; infinity while those under way fill one."""
        return max(map(self._opens, self._windows), default=-math.inf)

    def _opens(self, window: Window) -> float:
        room = window.count - self._under_way
        if room <= 0:
            return math.inf
        if len(self._ended) < room:
            return -math.inf
        return self._ended[-room] + window.seconds * DRIFT

    def empties(self) -> float:
        """When every window is empty, if nothing more starts."""
        if not self._ended:
            return -math.inf
        return self._ended[-1] + max(window.seconds for window in self._windows) * DRIFT


class _Precedence:
    """Who goes first where some are urgent."""

    def __init__(self) -> None:
        self._passed = 0  # how many urgent ones went past others in a row

    def pick(self, urgent: T | None, other: T | None) -> T | None:
        if urgent is not None and other is not None:
            return urgent if self._passed < URGENT_IN_A_ROW else other
        return other if urgent is None else urgent

    def note(self, picked: T, urgent: T | None, other: T | None) -> None:
        """Remember who went, of those who could."""
        if picked is other:
            self._passed = 0
        elif other is not None:
            self._passed += 1


@dataclass(slots=True, kw_only=True, eq=False)
class _Turn:
    """A turn that was asked for; `number` tells the order of arrival."""

    channel: _Channel
    urgent: bool
    counts: bool
    number: int
    granted: asyncio.Future[None]


class _Channel:
    """The turns of one channel, the limit of all channels aside."""

    def __init__(self) -> None:
        self.ledger = _Ledger()
        self.under_way: _Turn | None = None
        self.held_until = -math.inf
        self.alarm = math.inf  # when the queue looks at this channel again
        self._precedence = _Precedence()
        self._waiting: dict[tuple[bool, bool], deque[_Turn]] = {
            (urgent, counts): deque() for urgent in (True, False) for counts in (True, False)
        }

    def line(self, turn: _Turn) -> deque[_Turn]:
        """Where the turn waits, or is to wait."""
        return self._waiting[turn.urgent, turn.counts]

    def choose(self, now: float) -> _Turn | None:
        """Whose turn it is, if any may start."""
        return self._precedence.pick(*self._first(now))

    def start(self, turn: _Turn, now: float) -> None:
        self._precedence.note(turn, *self._first(now))
        self.line(turn).remove(turn)
        self.under_way = turn

    def opens(self) -> float:
        """When a turn that waits may start; infinity if none waits or one is under way."""
        if self.under_way is not None or not any(self._waiting.values()):
            return math.inf
        free = self._waiting[True, False] or self._waiting[False, False]
        return self.held_until if free else max(self.held_until, self.ledger.opens())

    def is_urgent(self) -> bool:
        """Whether somebody waits for an answer, be it behind a turn that is not urgent."""
        return bool(self._waiting[True, True])

    def is_idle(self, now: float) -> bool:
        """Whether nothing would be lost if this channel was forgotten."""
        waits = any(self._waiting.values()) or self.under_way is not None
        return not waits and max(self.held_until, self.ledger.empties()) <= now

    def _first(self, now: float) -> tuple[_Turn | None, _Turn | None]:
        """The first urgent turn and the first other one that may start."""
        if self.under_way is not None or now < self.held_until:
            return None, None
        lines = (False, True) if self.ledger.opens() <= now else (False,)

        def first(urgent: bool) -> _Turn | None:
            heads = (line[0] for counts in lines if (line := self._waiting[urgent, counts]))
            return min(heads, key=lambda turn: turn.number, default=None)

        return first(True), first(False)


class _Queue:
    """Which turn starts when; it knows the time only as it is told.

    A channel stands in line for the limit of all channels from the moment its own windows let its next turn
    through. So one with hundreds of messages comes after those that wait for their first.
    """

    def __init__(self, limits: Limits) -> None:
        self.channels: dict[str, _Channel] = {}
        self._limits = limits
        self._overall = _Ledger(limits.overall)
        self._precedence = _Precedence()
        self._lines: dict[bool, OrderedDict[_Channel, None]] = {True: OrderedDict(), False: OrderedDict()}
        self._alarms: list[tuple[float, int, _Channel]] = []  # a heap; some are out of date
        self._numbers = itertools.count()
        self._forgot_at = -math.inf

    def join(
        self, key: str, *, kind: str, urgent: bool, counts: bool, granted: asyncio.Future[None], now: float
    ) -> _Turn:
        channel = self._channel(key, now)
        if counts:
            channel.ledger.bind(self._limits.of(key, kind))
        number = next(self._numbers)
        turn = _Turn(channel=channel, urgent=urgent, counts=counts, number=number, granted=granted)
        channel.line(turn).append(turn)
        self._settle(channel, now)
        return turn

    def leave(self, turn: _Turn, now: float) -> None:
        """Take back a turn that was waited for, and perhaps granted in the meantime."""
        if turn.channel.under_way is turn:
            self.end(turn, now, sent=False)
            return
        turn.channel.line(turn).remove(turn)
        self._settle(turn.channel, now)

    def end(self, turn: _Turn, now: float, *, sent: bool = True) -> None:
        turn.channel.under_way = None
        for ledger in self._counting(turn):
            ledger.end(now, sent=sent)
        self._settle(turn.channel, now)

    def hold(self, key: str, until: float, now: float) -> None:
        channel = self._channel(key, now)
        channel.held_until = max(channel.held_until, until)
        self._settle(channel, now)

    def advance(self, now: float) -> float:
        """Start every turn that may start; the next moment at which one might, or infinity."""
        self._due(now)
        while any(self._lines.values()) and self._overall.opens() <= now:
            self._start_one(now)
        opens = self._overall.opens() if any(self._lines.values()) else math.inf
        return min(opens, self._alarms[0][0] if self._alarms else math.inf)

    def _start_one(self, now: float) -> None:
        urgent, other = (next(iter(self._lines[urgent]), None) for urgent in (True, False))
        channel = self._precedence.pick(urgent, other)
        assert channel is not None
        self._precedence.note(channel, urgent, other)
        turn = channel.choose(now)
        assert turn is not None  # or its last change would have taken the channel out of line
        self._start(turn, now)

    def _start(self, turn: _Turn, now: float) -> None:
        turn.channel.start(turn, now)
        for ledger in self._counting(turn):
            ledger.start()
        self._settle(turn.channel, now)
        if not turn.granted.done():  # else it is cancelled, and about to leave
            turn.granted.set_result(None)

    def _counting(self, turn: _Turn) -> tuple[_Ledger, ...]:
        return (turn.channel.ledger, self._overall) if turn.counts else ()

    def _due(self, now: float) -> None:
        """See to the channels whose time has come."""
        while self._alarms:
            at, _, channel = self._alarms[0]
            in_force = at == channel.alarm
            if in_force and now < at:
                return
            heapq.heappop(self._alarms)
            if in_force:
                channel.alarm = math.inf
                self._settle(channel, now)

    def _settle(self, channel: _Channel, now: float) -> None:
        """After a change in a channel: start its turn, or let it stand in line or wait for its time."""
        turn = channel.choose(now)
        if turn is not None and turn.counts:
            urgent = channel.is_urgent()
            self._lines[not urgent].pop(channel, None)
            self._lines[urgent].setdefault(channel)
            return
        for line in self._lines.values():
            line.pop(channel, None)
        if turn is not None:
            self._start(turn, now)
            return
        at = channel.opens()
        if at == math.inf:
            channel.alarm = at
        elif at < channel.alarm:
            channel.alarm = at
            heapq.heappush(self._alarms, (at, next(self._numbers), channel))

    def _channel(self, key: str, now: float) -> _Channel:
        if key not in self.channels:
            if now >= self._forgot_at + FORGET_EVERY:
                self._forgot_at = now
                self.channels = {
                    key: channel for key, channel in self.channels.items() if not channel.is_idle(now)
                }
            self.channels[key] = _Channel()
        return self.channels[key]
