"""The loopback Slack or Telegram in a process of its own, on a fast clock, with latency and many channels.

`python -m tests.chaos.peer telegram --channels 40 --foreign 0.3` prints one line of JSON: the settings for a
bot and the keys of its channels. GET {peer}/seen?channel=KEY tells what people see there of the bot, in
order, and GET {peer}/told what went wrong. It ends with its standard input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from bot.demo import slack_markup, slack_view, telegram_view
from bot.demo.slack_api import Call as SlackCall
from bot.demo.slack_server import Answer as SlackAnswer
from bot.demo.telegram_model import Call as TelegramCall
from bot.demo.telegram_server import Answer as TelegramAnswer
from bot.platforms.telegram.places import Spot
from tests.chaos.fast import FastTime
from tests.peers.slack import Slack
from tests.peers.slack_faults import all_faults, stall
from tests.peers.telegram import ALL_FAULTS, POSTING, Limits, Telegram
from tests.peers.telegram import stall as telegram_stall

Json = dict[str, Any]

_FREE = Limits(gap=0, per_minute=10**9, per_second=10**9)


class SlackPeer(Slack):
    """A Slack with channels C1, C2, ... whose answers take a while."""

    def __init__(self, options: argparse.Namespace) -> None:
        fast = FastTime(began=options.began, speed=options.speed)
        super().__init__(time=fast, per_channel=1 if options.strict else None)  # type: ignore[arg-type]
        self._latency, self._chance = options.latency, random.Random(options.seed)
        self.add_person("U1", "Ada", admin=True)
        for number in range(1, options.channels + 1):
            self.add_channel(f"C{number}", f"robots-{number}", members=("U1",))
        if options.faults:
            self.storm(options.faults, seed=options.seed, faults=all_faults(stalled=0.1))
        for number in range(1, options.stalls + 1):
            late = stall(options.stall, processed=number % 2 == 0)
            self.misbehave("chat.postMessage", late, channel=f"C{number}", times=1)

    @property
    def keys(self) -> list[str]:
        return [f"slack:{self.world.team}/{name}" for name in self.world.channels if name.startswith("C")]

    @property
    def settings(self) -> Json:
        return {
            "PLATFORM": "slack",
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_APP_TOKEN": self.app_token,
            "SLACK_API_URL": self.url.rstrip("/"),
        }

    @property
    def address(self) -> str:
        return self.api.url

    def add_routes(self, app: web.Application) -> None:
        _add_routes(app.router, self)

    async def answering(
        self, call: SlackCall, request: web.Request, answer: SlackAnswer
    ) -> web.StreamResponse:
        await asyncio.sleep(self._chance.uniform(0, self._latency))
        response = await super().answering(call, request, answer)
        await asyncio.sleep(self._chance.uniform(0, self._latency))
        return response

    def seen(self, key: str) -> list[Json]:
        channel = self.world.channels[key.rpartition("/")[2]]
        return [
            {
                "id": each.ts,
                "thread": each.thread_ts if each.thread_ts != each.ts else "",
                "text": "\n".join(slack_view.lines([each], self.world.names(), width=10_000)),
                "live": slack_markup.live_mentions(each),
            }
            for each in channel.shown
            if each.user == self.world.bot.id
        ]

    def told(self) -> Json:
        posts = sum(call.method == "chat.postMessage" for call in self.calls)
        failed = sum(call.method == "chat.postMessage" for call in self.failed)
        return {"posts": posts, "faults": failed, "limited": len(self.limited), "violations": []}


class TelegramPeer(Telegram):
    """A Telegram with chats of each kind in turn, whose answers take a while."""

    def __init__(self, options: argparse.Namespace) -> None:
        fast = FastTime(began=options.began, speed=options.speed)
        limits = Limits() if options.strict else _FREE
        super().__init__(clock=fast.clock, limits=limits, foreign=options.foreign, seed=options.seed)
        self._latency, self._chance = options.latency, random.Random(options.seed)
        self._ada = self.person("Ada", username="ada_l")
        makers = [self._supergroup, self._private, self._topic, self._channel, self._group]
        self.keys = [makers[number % len(makers)](number) for number in range(options.channels)]
        kinds = {**ALL_FAULTS, "stall": telegram_stall(0.1)}
        self.mix(options.faults, seed=options.seed, faults=kinds)
        for key in self.keys[: options.stalls]:
            chat = self.chats[Spot.of(key).chat]
            self.misbehave(telegram_stall(options.stall), chat=chat, times=1)

    def _supergroup(self, number: int) -> str:
        return Spot(self.supergroup(f"Team {number}", self._ada).id).key

    def _private(self, number: int) -> str:
        return Spot(self.private(self.person(f"Bob {number}")).id).key

    def _topic(self, number: int) -> str:
        forum = self.supergroup(f"Forum {number}", self._ada, forum=True)
        return Spot(forum.id, self.topic(forum, "Papers", id=77)).key

    def _channel(self, number: int) -> str:
        return Spot(self.channel(f"Papers {number}", self._ada).id).key

    def _group(self, number: int) -> str:
        return Spot(self.group(f"Lab {number}", self._ada).id).key

    @property
    def settings(self) -> Json:
        return {
            "PLATFORM": "telegram",
            "TELEGRAM_BOT_TOKEN": self.token,
            "TELEGRAM_API_URL": self.url,
        }

    @property
    def address(self) -> str:
        return self.url

    def add_routes(self, router: web.UrlDispatcher) -> None:
        super().add_routes(router)
        _add_routes(router, self)

    async def answering(
        self, request: web.Request, call: TelegramCall, answer: TelegramAnswer
    ) -> web.StreamResponse:
        await asyncio.sleep(self._chance.uniform(0, self._latency))
        response = await super().answering(request, call, answer)
        await asyncio.sleep(self._chance.uniform(0, self._latency))
        return response

    def seen(self, key: str) -> list[Json]:
        spot = Spot.of(key)
        return [
            {
                "id": each.id,
                # What is not in the channel's topic is in no thread of it.
                "thread": -1
                if (each.topic or None) != spot.topic
                else each.reply_to * (each.reply_to != spot.topic),
                "text": each.text,
                "live": telegram_view.live_mentions(each),
            }
            for each in self.from_bot(self.chats[spot.chat])
        ]

    def told(self) -> Json:
        posts = sum(each.call.method in POSTING for each in self.calls)
        made = Counter(name for name, _ in self.faults_made)
        return {
            "posts": posts,
            "faults": made.total(),
            "limited": len(self.refusals),
            "violations": self.violations,
        }


def _add_routes(router: web.UrlDispatcher, peer: SlackPeer | TelegramPeer) -> None:
    async def seen(request: web.Request) -> web.Response:
        return web.json_response(peer.seen(request.query["channel"]))

    async def told(request: web.Request) -> web.Response:
        return web.json_response(peer.told())

    router.add_get("/__chaos/seen", seen)
    router.add_get("/__chaos/told", told)


async def _serve(options: argparse.Namespace) -> None:
    logging.getLogger("aiohttp.server").disabled = True  # clients are killed while they ask
    async with PEERS[options.platform](options) as peer:
        told = {"settings": peer.settings, "channels": peer.keys, "peer": f"{peer.address}/__chaos"}
        print(json.dumps(told), flush=True)
        await asyncio.to_thread(sys.stdin.read)


PEERS = {"slack": SlackPeer, "telegram": TelegramPeer}


def options_of(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What the process is to be."""
    parser = argparse.ArgumentParser(prog="tests.chaos.peer", description=__doc__)
    parser.add_argument("platform", choices=PEERS)
    parser.add_argument("--began", type=float, default=time.time(), help="of the clock, in Unix time")
    parser.add_argument("--speed", type=float, default=1.0, help="of the clock")
    parser.add_argument("--channels", type=int, default=5)
    parser.add_argument(
        "--latency", type=float, default=0.0, help="at most, each way, in seconds of the wall"
    )
    parser.add_argument("--foreign", type=float, default=0.0, help="chance of others' messages (Telegram)")
    parser.add_argument("--faults", type=float, default=0.0, help="share of the posts that go wrong")
    parser.add_argument(
        "--stalls", type=int, default=0, help="channels whose first post has no answer in time"
    )
    parser.add_argument("--stall", type=float, default=0.0, help="how late those answers are, in seconds")
    parser.add_argument("--strict", action="store_true", help="answer 429 to what is too much")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    asyncio.run(_serve(options_of()))
