"""Slack on loopback with its limits, that misbehaves when told to.

async with Slack(per_channel=None) as slack:
    furnish(slack)
    slack.misbehave("chat.postMessage", drop(processed=True), times=2)
    slack.cut_sockets()
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiohttp import web

from bot.demo.slack_api import Call
from bot.demo.slack_server import Answer, SlackServer
from bot.demo.slack_world import Json, Refused
from digest.clock import utc_now
from tests.peers.arxiv import FakeTime
from tests.peers.slack_faults import Fault, Storm, all_faults, ratelimited

# Calls a minute, for whoever wants them (docs.slack.dev/apis/web-api/rate-limits).
TIERS: Mapping[str, int] = {
    "apps.connections.open": 1,
    "conversations.list": 20,
    "users.list": 20,
    "chat.update": 50,
    "chat.delete": 50,
    "conversations.history": 50,
    "conversations.replies": 50,
    "conversations.info": 50,
    "reactions.add": 50,
    "users.info": 100,
    "views.open": 100,
    "views.update": 100,
    "views.publish": 100,
}


@dataclass
class _Misbehaviour:
    method: str
    channel: str
    fault: Fault
    times: int


class Window:
    """At most so many calls in any so many seconds, by when they arrive."""

    def __init__(self, count: int, seconds: float) -> None:
        self._count = count
        self._seconds = seconds
        self._taken: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until a call is allowed; 0.0 if it is now."""
        while self._taken and now - self._taken[0] >= self._seconds:
            self._taken.popleft()
        return self._seconds - (now - self._taken[0]) if len(self._taken) >= self._count else 0.0

    def take(self, now: float) -> None:
        self._taken.append(now)


class Slack(SlackServer):
    """A small Slack with limits: one message a second to each channel, refused ones not counted.

    `per_channel` is the burst, or None for no limit; `workspace` limits messages a minute over all channels;
    `tiers` other methods. With `time` everything runs on its clock,
    else on the real one.
    """

    def __init__(
        self,
        *,
        time: FakeTime | None = None,
        per_channel: int | None = 1,
        workspace: int | None = None,
        tiers: Mapping[str, int] | None = None,
        counted: Iterable[str] = ("chat.postMessage", "chat.postEphemeral"),
        **options: object,
    ) -> None:
        super().__init__(clock=time.clock if time else utc_now, **options)  # type: ignore[arg-type]
        self.time = time or FakeTime(utc_now())
        self.counted = frozenset(counted)
        self.limited: list[Call] = []  # every call answered 429 because of a limit
        self.failed: list[Call] = []  # every call that met a fault
        self._per_channel = per_channel
        self._workspace = Window(workspace, 60.0) if workspace else None
        self._tiers = {name: Window(count, 60.0) for name, count in (tiers or {}).items()}
        self._channels: dict[str, Window] = {}
        self._faults: list[_Misbehaviour] = []
        self._storm: tuple[Storm, frozenset[str]] | None = None
        self._refusals: list[tuple[int, bool]] = []
        self._copied = 0
        self.wire.copies = self._copies

    # Faults of the Web API

    def misbehave(self, method: str, fault: Fault, *, channel: str = "", times: int = 10**9) -> None:
        """Answer calls of a method ("" for all), in a channel if given, with a fault so many times."""
        self._faults.append(_Misbehaviour(method, channel, fault, times))

    def storm(
        self,
        share: float,
        *,
        seed: int,
        methods: Iterable[str] = ("chat.postMessage",),
        faults: tuple[Fault, ...] | None = None,
    ) -> None:
        """Let a share of the calls of these methods fail at random, in all ways unless told which."""
        self._storm = (Storm(share, seed=seed, faults=faults or all_faults()), frozenset(methods))

    def behave(self) -> None:
        """Forget all faults."""
        self._faults.clear()
        self._storm = None
        self._refusals.clear()
        self._copied = 0

    async def answering(self, call: Call, request: web.Request, answer: Answer) -> web.StreamResponse:
        if fault := self._fault(call):
            self.failed.append(call)
            return await fault(request, answer)
        if wait := self._limit(call):
            self.limited.append(call)
            return ratelimited(max(1, math.ceil(wait)))
        return await answer()

    def _fault(self, call: Call) -> Fault | None:
        for each in self._faults:
            if each.method in {"", call.method} and each.channel in {"", call.channel} and each.times > 0:
                each.times -= 1
                return each.fault
        if self._storm and call.method in self._storm[1]:
            return self._storm[0].next()
        return None

    def _limit(self, call: Call) -> float:
        now = call.at.timestamp()
        windows = self._windows(call)
        wait = max((window.wait(now) for window in windows), default=0.0)
        if not wait:
            for window in windows:
                window.take(now)
        return wait

    def _windows(self, call: Call) -> list[Window]:
        found = [self._tiers[call.method]] if call.method in self._tiers else []
        if call.method not in self.counted:
            return found
        if self._per_channel:
            burst = Window(self._per_channel, 1.0)
            found.append(self._channels.setdefault(self._place(call.channel), burst))
        return [*found, self._workspace] if self._workspace else found

    def _place(self, channel: str) -> str:
        try:
            return self.world.conversation(channel).id
        except Refused:
            return channel

    # Faults of the socket

    def refuse_sockets(self, times: int, *, status: int = 503) -> None:
        """Refuse so many handshakes; their tickets stay good."""
        self._refusals += [(status, False)] * times

    def expire_tickets(self, times: int = 1) -> None:
        """Let so many tickets expire on the way: 408 now, and whenever they are tried again."""
        self._refusals += [(408, True)] * times

    async def linking(self, request: web.Request) -> web.StreamResponse | None:
        if not self._refusals:
            return None
        status, spent = self._refusals.pop(0)
        if spent:
            self.wire.admits(request.query.get("ticket", ""))
        return web.Response(status=status)

    async def disconnect(self, reason: str = "refresh_requested", *, close: bool = True) -> None:
        """Say that the connections end (warning, refresh_requested or link_disabled), and end them."""
        await self.wire.say({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}})
        if close:
            await self.wire.dismiss()

    def cut_sockets(self) -> None:
        """Drop all connections without a word."""
        self.wire.hang_up()

    def duplicate(self, times: int = 1) -> None:
        """Send each of the next envelopes twice."""
        self._copied += times

    def _copies(self, envelope: Json) -> int:
        if self._copied:
            self._copied -= 1
            return 2
        return 1


def furnish(slack: SlackServer) -> None:
    """Ada and Bo, #robots with both and the bot in it, and the private #lab with Ada and the bot."""
    slack.add_person("U1", "Ada", tz="Europe/Paris", admin=True)
    slack.add_person("U2", "Bo", tz="Asia/Shanghai", locale="zh-CN")
    slack.add_channel("C1", "robots", members=("U1", "U2"))
    slack.add_channel("C2", "lab", members=("U1",), private=True)


if __name__ == "__main__":
    from tests.peers.slack_process import main

    main()
