"""Telegram on loopback, as strict as the real one, that misbehaves when told to.

async with Telegram() as telegram:
    ada = telegram.person("Ada")
    group = telegram.supergroup("Reading group", ada)
    telegram.misbehave(drop_after(), method="sendMessage", times=1)
    ...
    assert not telegram.violations

`python -m tests.peers.telegram --port 0 --seed 7` serves it in a process of its own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from random import Random

from aiohttp import web

from bot.demo.telegram_model import Call, Chat, Refused
from bot.demo.telegram_server import TOKEN, Answer, TelegramServer, error_response
from digest.clock import Clock, utc_now
from tests.peers import botapi

POSTING = ("sendMessage", "sendRichMessage", "sendDocument", "sendPhoto")
_MINUTE = timedelta(seconds=60)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A call, and the ordinary answer, which is made when it is asked for."""

    http: web.Request
    call: Call
    answer: Answer


Fault = Callable[[Exchange], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What https://core.telegram.org/bots/faq#my-bot-is-hitting-limits asks of bots.

    `slack` is forgiven on a real clock, since requests that were paced well arrive a little unevenly.
    """

    gap: float = 1.0  # seconds between messages of one chat
    per_minute: int = 20  # in one group or channel, in any 60 seconds
    per_second: int = 30  # in all, in any second
    slack: float = 0.05  # seconds
    edits: bool = False  # whether edits count too


@dataclass(slots=True)
class _Misbehaviour:
    fault: Fault
    methods: tuple[str, ...]
    chat: int
    times: int


@dataclass(slots=True)
class _Mix:
    random: Random
    rate: float
    faults: Sequence[tuple[str, Fault]]
    methods: tuple[str, ...]


@dataclass(slots=True)
class _Pace:
    """When messages came to one chat, or to all."""

    times: deque[datetime] = field(default_factory=deque)

    def wait(self, now: datetime, most: int, window: timedelta) -> timedelta:
        """How long until one more fits into the window."""
        while self.times and now - self.times[0] >= _MINUTE:
            self.times.popleft()
        within = [each for each in self.times if now - each < window]
        return window - (now - within[-most]) if len(within) >= most else timedelta()


class Telegram(TelegramServer):
    """The loopback Telegram with limits, faults and a check of every call against the specification."""

    def __init__(
        self,
        *,
        clock: Clock = utc_now,
        token: str = TOKEN,
        limits: Limits | None = None,
        foreign: float = 0.0,
        seed: int = 0,
        port: int = 0,
    ) -> None:
        super().__init__(clock=clock, token=token, check=botapi.faults, port=port)
        self.limits = limits or Limits()
        self.refusals: list[tuple[datetime, int, str]] = []  # answers of 429: when, chat, method
        self.faults_made: list[tuple[str, str]] = []  # (fault, method), of the random mix
        self._foreign = foreign  # the chance of a message of others before one of the bot
        self._random = Random(seed)
        self._faults: list[_Misbehaviour] = []
        self._mix: _Mix | None = None
        self._paces: dict[int, _Pace] = {}
        self._all = _Pace()

    # Limits

    def admit(self, chat: Chat, call: Call) -> None:
        if call.method not in POSTING and not self.limits.edits:
            return
        now, pace = self.clock(), self._paces.setdefault(chat.id, _Pace())
        slack = timedelta(seconds=self.limits.slack)
        waits = [
            pace.wait(now, 1, timedelta(seconds=self.limits.gap) - slack),
            self._all.wait(now, self.limits.per_second, _SECOND - slack),
        ]
        if not chat.private:
            waits.append(pace.wait(now, self.limits.per_minute, _MINUTE - slack))
        if max(waits) > timedelta():
            self.refusals.append((now, chat.id, call.method))
            raise too_many(max(1, ceil(max(waits).total_seconds())))
        pace.times.append(now)
        self._all.times.append(now)

    def before_message(self, chat: Chat) -> None:
        if self._random.random() < self._foreign:
            self.foreign(chat, self._random.randint(1, 2))

    # Faults

    def misbehave(
        self,
        fault: Fault,
        *,
        method: str | Sequence[str] = POSTING,
        chat: Chat | None = None,
        times: int = 10**9,
    ) -> None:
        """Answer methods, in one chat or in all, so many times with a fault; faults are used up in order."""
        methods = (method,) if isinstance(method, str) else tuple(method)
        self._faults.append(_Misbehaviour(fault, methods, chat.id if chat else 0, times))

    def mix(
        self,
        rate: float,
        *,
        seed: int = 0,
        faults: Mapping[str, Fault] | None = None,
        methods: Sequence[str] = POSTING,
    ) -> None:
        """Answer this part of the calls with a fault taken at random, by default of all kinds."""
        kinds = tuple((faults or ALL_FAULTS).items())
        self._mix = _Mix(Random(seed), rate, kinds, tuple(methods)) if rate else None

    def behave(self) -> None:
        """Forget all faults."""
        self._faults.clear()
        self._mix = None

    async def answering(self, request: web.Request, call: Call, answer: Answer) -> web.StreamResponse:
        fault = self._queued(call) or self._mixed(call)
        return await (fault(Exchange(http=request, call=call, answer=answer)) if fault else answer())

    def _queued(self, call: Call) -> Fault | None:
        for each in self._faults:
            fits = call.method in each.methods and each.chat in (0, call.number("chat_id"))
            if fits and each.times > 0:
                each.times -= 1
                return each.fault
        return None

    def _mixed(self, call: Call) -> Fault | None:
        mix = self._mix
        if mix is None or call.method not in mix.methods or mix.random.random() >= mix.rate:
            return None
        name, fault = mix.random.choice(mix.faults)
        self.faults_made.append((name, call.method))
        return fault


def too_many(seconds: int) -> Refused:
    """429 in Telegram's words."""
    return Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


# Faults


def drop_before() -> Fault:
    """The connection closes, and nothing has happened."""

    async def fault(exchange: Exchange) -> web.StreamResponse:
        return _dropped(exchange)

    return fault


def drop_after() -> Fault:
    """The call is carried out, and the connection closes before the answer."""

    async def fault(exchange: Exchange) -> web.StreamResponse:
        await exchange.answer()
        return _dropped(exchange)

    return fault


def refuse(code: int, description: str, **parameters: int) -> Fault:
    """Any error in the form of the Bot API, and nothing has happened."""

    async def fault(exchange: Exchange) -> web.StreamResponse:
        return error_response(Refused(code, description, **parameters))

    return fault


def busy(retry_after: int = 1) -> Fault:
    """429 as for a message too many."""
    return refuse(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


def conflict() -> Fault:
    """409 as for a second poller."""
    return refuse(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )


def broken() -> Fault:
    """500, and nothing has happened."""
    return refuse(500, "Internal Server Error")


def broken_after() -> Fault:
    """500, but the call was carried out."""

    async def fault(exchange: Exchange) -> web.StreamResponse:
        await exchange.answer()
        return error_response(Refused(500, "Internal Server Error"))

    return fault


def bad_gateway() -> Fault:
    """502 with the web page of a proxy, and nothing has happened."""

    async def fault(exchange: Exchange) -> web.StreamResponse:
        page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
        return web.Response(status=502, text=page, content_type="text/html")

    return fault


def cut_after() -> Fault:
    """The call is carried out, and the answer ends in the middle of its JSON, as if it were whole."""

    async def fault(exchange: Exchange) -> web.StreamResponse:
        answer = await exchange.answer()
        assert isinstance(answer.body, bytes)
        return web.Response(body=answer.body[: len(answer.body) // 2], content_type="application/json")

    return fault


def stall(seconds: float) -> Fault:
    """The call is carried out, and the answer comes so many seconds later."""

    async def fault(exchange: Exchange) -> web.StreamResponse:
        answer = await exchange.answer()
        await asyncio.sleep(seconds)
        return answer

    return fault


def _dropped(exchange: Exchange) -> web.Response:
    if exchange.http.transport is not None:
        exchange.http.transport.close()
    return web.Response()


ALL_FAULTS: Mapping[str, Fault] = {
    "drop before": drop_before(),
    "drop after": drop_after(),
    "429": busy(1),
    "500 before": broken(),
    "500 after": broken_after(),
    "502 page": bad_gateway(),
    "cut JSON": cut_after(),
}


if __name__ == "__main__":
    from tests.peers.telegram_process import main

    main()
