"""A morning of 500 messages through the real adapters to strict peers, on one virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.config import load
from bot.demo.telegram_model import Chat
from bot.engine.local import LocalEngine
from bot.parts import Parts
from bot.platforms import chat_platforms
from bot.reconcile import Reconcile
from digest.channel import Channel, Delivery
from digest.document import Button, Buttons, Document, para
from digest.people import Incoming
from tests.chaos.digests import DAY
from tests.chaos.figures import Figure, at_least, at_most, exactly
from tests.chaos.virtual import VirtualTime, virtually
from tests.peers.slack import Slack
from tests.peers.slack_faults import busy as slack_busy
from tests.peers.telegram import Limits, Telegram
from tests.peers.telegram import busy as telegram_busy

MOST = 1.05  # times the least that a strict server allows
HELD = 40  # seconds of Retry-After for one channel

Moments = dict[str, list[datetime]]  # when messages came, by channel
Arrivals = Callable[[], Moments]


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """So many messages for each of the channels; `bound` is the least number of seconds they take."""

    name: str
    platform: str
    kind: str
    channels: int
    each: int

    @property
    def bound(self) -> float:
        """One message a second in a channel, in groups 20 a minute; on Telegram 30 a second in all."""
        alone = self.each - 1.0
        if self.kind == "group":
            alone = (self.each - 1) // 20 * 60.0 + (self.each - 1) % 20
        if self.platform == "slack":
            return alone
        return max(alone, float((self.channels * self.each - 1) // 30))


def mornings(messages: int = 500) -> Sequence[Morning]:
    """One channel and a hundred, of each kind."""
    kinds = (("slack", "channel"), ("telegram", "group"), ("telegram", "private chat"))
    return [
        Morning(
            name=f"{platform.title()}, {channels} {kind}{'s' if channels > 1 else ''}",
            platform=platform,
            kind=kind,
            channels=channels,
            each=messages // channels,
        )
        for platform, kind in kinds
        for channels in (1, max(2, messages // 5))
    ]


def run(folder: Path, *, messages: int = 500) -> Iterator[Figure]:
    """All mornings, and one in which a channel of many is told to wait."""
    for number, morning in enumerate(mornings(messages)):
        here = folder / str(number)
        here.mkdir(parents=True)
        makespan, posts, refused = virtually(_makespan(morning, here))
        yield at_least(f"{morning.name}: messages", posts, morning.channels * morning.each)
        yield exactly(f"{morning.name}: answers of 429", refused)
        yield at_most(
            f"{morning.name}: seconds, of at least {morning.bound:g}", makespan, MOST * morning.bound
        )
        if morning.channels > 1 and morning.kind != "private chat":
            waits, others = virtually(_held(morning, here / "held"))
            yield at_least(f"{morning.name}, one of them told to wait: it waits, seconds", waits, HELD)
            yield at_most(
                f"{morning.name}, one of them told to wait: the others, seconds", others, MOST * morning.bound
            )


async def _makespan(morning: Morning, folder: Path) -> tuple[float, int, int]:
    async with _stage(morning, folder) as stage:
        await stage.deliver()
        times = [at for times in stage.arrivals().values() for at in times]
        return (max(times) - min(times)).total_seconds(), len(times), stage.refused()


async def _held(morning: Morning, folder: Path) -> tuple[float, float]:
    """How long a channel waits that was told so, and how long the others take."""
    folder.mkdir()
    async with _stage(morning, folder) as stage:
        stage.hold()
        await stage.deliver()
        arrivals = stage.arrivals()
        first, *others = (arrivals[key] for key in stage.keys)
        began = min(times[0] for times in others)
        ended = max(times[-1] for times in others)
        return (first[0] - began).total_seconds(), (ended - began).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    keys: Sequence[str]
    deliver: Callable[[], Awaitable[None]]
    arrivals: Arrivals
    refused: Callable[[], int]
    hold: Callable[[], None]  # tells the first channel to wait


@asynccontextmanager
async def _stage(morning: Morning, folder: Path) -> AsyncIterator[_Stage]:
    opened = _slack(morning) if morning.platform == "slack" else _telegram(morning)
    time = VirtualTime()
    async with opened as (settings, keys, arrivals, refused, hold):
        values = settings | {"store": f"sqlite:///{folder}/paperboy.db", "timezone": "UTC"}
        parts = Parts(load(_env_file=None, **values), clock=time.clock, sleep=time.sleep)
        async with parts, chat_platforms(parts.settings, parts) as chats:
            (platform,) = chats.values()
            await platform.start(_deaf)
            reconcile = Reconcile(parts, LocalEngine(clock=time.clock), chats)
            for key in keys:
                await _fill(parts, morning, key)

            async def deliver() -> None:
                await asyncio.gather(*(reconcile.deliver(key) for key in keys))

            yield _Stage(keys=keys, deliver=deliver, arrivals=arrivals, refused=refused, hold=hold)
            await platform.stop_listening()


async def _fill(parts: Parts, morning: Morning, key: str) -> None:
    await parts.store.save_channel(
        Channel(key=key, platform=morning.platform, private=morning.kind == "private chat")
    )
    rows = [
        Delivery(
            key=f"{key}/{number}",
            channel=key,
            position=number,
            document=Document((para(f"Paper {number}"), Buttons((Button("Ask", command="ask"),)))),
            parent_key=f"{key}/0" if number else None,
        )
        for number in range(morning.each)
    ]
    await parts.store.enqueue(key, DAY, deliveries=rows, papers=(), told=(), done=True)


Opened = tuple[dict[str, Any], Sequence[str], Arrivals, Callable[[], int], Callable[[], None]]


@asynccontextmanager
async def _slack(morning: Morning) -> AsyncIterator[Opened]:
    async with Slack(time=VirtualTime()) as slack:  # type: ignore[arg-type]
        slack.add_person("U1", "Ada")
        names = [f"C{number}" for number in range(morning.channels)]
        for name in names:
            slack.add_channel(name, name.lower(), members=("U1",))
        keys = [f"slack:{slack.world.team}/{name}" for name in names]

        def arrivals() -> Moments:
            own = {name: slack.channel(name).messages for name in names}
            return {
                key: [each.at for each in own[name] if each.user == slack.world.bot.id]
                for key, name in zip(keys, names, strict=True)
            }

        settings = {
            "platform": "slack",
            "slack_bot_token": slack.bot_token,
            "slack_app_token": slack.app_token,
            "slack_api_url": slack.url.rstrip("/"),
        }
        wait = slack_busy(HELD)
        yield (
            settings,
            keys,
            arrivals,
            lambda: len(slack.limited),
            lambda: slack.misbehave("chat.postMessage", wait, channel=names[0], times=1),
        )


@asynccontextmanager
async def _telegram(morning: Morning) -> AsyncIterator[Opened]:
    time = VirtualTime()
    async with Telegram(clock=time.clock, limits=Limits(slack=0.0)) as telegram:
        ada = telegram.person("Ada")

        def chat(number: int) -> Chat:
            if morning.kind == "private chat":
                return telegram.private(telegram.person(f"Bob {number}"))
            return telegram.supergroup(f"Team {number}", ada)

        chats = [chat(number) for number in range(morning.channels)]
        keys = [f"telegram:{each.id}" for each in chats]

        def arrivals() -> Moments:
            own = zip(keys, chats, strict=True)
            return {key: [each.at for each in telegram.from_bot(chat)] for key, chat in own}

        settings = {
            "platform": "telegram",
            "telegram_bot_token": telegram.token,
            "telegram_api_url": telegram.url,
        }
        wait = telegram_busy(HELD)
        yield (
            settings,
            keys,
            arrivals,
            lambda: len(telegram.refusals),
            lambda: telegram.misbehave(wait, chat=chats[0], times=1),
        )


async def _deaf(incoming: Incoming) -> bool:
    return False
