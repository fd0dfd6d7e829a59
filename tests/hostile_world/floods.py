"""One person who floods: others are answered as quickly as ever, and the model's bill has an end."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.config import load
from bot.demo.arxiv_server import ArxivServer
from bot.parts import Parts
from bot.platforms import chat_platforms
from bot.turns import MOST_QUICK, MOST_SLOW
from bot.works import Works, open_works
from digest.channel import Channel
from tests import pdfs
from tests.chaos.figures import Figure, at_least, at_most, exactly
from tests.chaos.virtual import VirtualTime, virtually
from tests.peers.arxiv import new
from tests.peers.openai import Exchange, OpenAIPeer, Reply, ok
from tests.peers.slack import Slack, furnish
from tests.peers.telegram import Telegram

KINDS = ("same", "many", "quick", "group")
MINUTE = 60.0
BUDGET = 200_000  # tokens a day of one person
_THINKS = 5.0  # seconds of the model over one answer
_ABSTRACT = "We present a gripper that learns from touch. It grasps nine of ten objects in our tests. " * 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """How long another's commands took, and what became of the flood."""

    waits: list[float]
    most: int  # that waited at once
    left: int
    papers: int = 0  # that the model read
    tokens: int = 0
    told: int | None = None  # how often it was said that it is too much; None where it need not be


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    slack: Slack
    arxiv: ArxivServer
    model: OpenAIPeer
    works: Works
    parts: Parts


def run(folder: Path, *, commands: int = 1_000, kinds: Collection[str] = KINDS) -> Iterator[Figure]:
    """The figures of so many commands in a minute, of each kind, beside a minute without any."""
    idle = virtually(_minute(folder / "idle", [], 1)).waits
    if "same" in kinds:
        seen = virtually(_minute(folder / "same", [f"/explain 2605.{1:05}"] * commands, commands))
        yield exactly(f"{commands:,} /explain of one paper: papers that the model read", seen.papers, 1)
        yield from _alike("the same paper", idle, seen, MOST_SLOW)
    if "many" in kinds:
        many = [f"/explain 2605.{number + 1:05}" for number in range(commands)]
        seen = virtually(_minute(folder / "many", many, commands))
        yield at_most(f"{commands:,} /explain of as many papers: tokens the model took", seen.tokens, BUDGET)
        yield at_least("papers that the model read, within the budget", seen.papers, 1)
        yield from _alike("many papers", idle, seen, MOST_SLOW)
    if "quick" in kinds:
        seen = virtually(_minute(folder / "quick", ["/status"] * commands, 1))
        yield exactly(f"{commands:,} /status: papers that the model read", seen.papers)
        yield from _alike("quick commands", idle, seen, MOST_QUICK)
    if "group" in kinds:
        before, seen = virtually(_in_a_group(folder / "group", commands))
        yield from _alike(f"{commands:,} /status in a group on Telegram", before, seen, MOST_QUICK)


def _alike(name: str, idle: list[float], seen: _Seen, most: int) -> Iterator[Figure]:
    before, now = _p95(idle), _p95(seen.waits)
    yield exactly(f"{name}: another's commands without an answer", len(idle) - len(seen.waits))
    yield at_most(f"{name}: their p95, to that of a quiet minute", now / max(before, 0.01), 1.25)
    # One more is told that it is too much, and another's may be under way.
    yield at_most(f"{name}: requests that waited at once", seen.most, most + 3)
    if seen.told is not None:
        yield at_least(f"{name}: times it was said that it is too much", seen.told, 1)
        yield at_most(f"{name}: times it was said, at most", seen.told, 3)
    yield exactly(f"{name}: requests left", seen.left)


def _p95(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=20)[-1]


async def _minute(folder: Path, flood: list[str], size: int) -> _Seen:
    """Ada floods #lab while Bo asks in #robots, each five seconds, how things stand; then all is answered."""
    async with _scene(folder, size) as scene:
        waits, most = [], 0

        async def floods() -> None:
            nonlocal most
            for number, text in enumerate(flood):
                name, _, words = text.partition(" ")
                await scene.slack.command(name, words, user="U1", channel="C2")
                await asyncio.sleep(MINUTE / len(flood))
                if number % 20 == 0:
                    most = max(most, len(await scene.parts.store.unanswered()))

        flooding = asyncio.create_task(floods())
        for _ in range(12):
            waits.append(await _asked(scene))
            await asyncio.sleep(5)
        await flooding
        await scene.works.engine.idle()
        spent = await scene.parts.store.usage(
            scene.parts.clock().date(), person=f"slack:{scene.slack.world.team}/U1"
        )
        told = sum("keep no more" in str(each.blocks) for each in scene.slack.ephemerals("U1", "C2"))
        left = len(await scene.parts.store.unanswered())
        papers = {_paper(asked.text) for asked in scene.model.requests}
        return _Seen(
            waits=waits,
            most=most,
            left=left,
            papers=len(papers),
            tokens=spent.prompt_tokens + spent.completion_tokens,
            told=told if size > 1 else None,
        )


async def _in_a_group(folder: Path, commands: int) -> tuple[list[float], _Seen]:
    """The same of a group on Telegram, where every answer waits for the limit of 20 messages a minute."""
    folder.mkdir(parents=True)
    time = VirtualTime()
    async with Telegram(clock=time.clock) as telegram:
        ada, bo = telegram.person("Ada"), telegram.person("Bo")
        group, own = telegram.supergroup("Team", ada), telegram.private(bo)
        settings = load(
            _env_file=None,
            platform="telegram",
            store=f"sqlite:///{folder}/paperboy.db",
            timezone="UTC",
            categories=("cs.CV",),
            telegram_bot_token=telegram.token,
            telegram_api_url=telegram.url,
        )
        parts = Parts(settings, clock=time.clock, sleep=time.sleep)
        async with parts, chat_platforms(settings, parts) as chats, open_works(parts, chats) as works:
            await works.connect()

            async def asked() -> float:
                began, known = time.clock(), len(telegram.from_bot(own))
                await telegram.says(own, bo, "/subscriptions")
                while len(telegram.from_bot(own)) == known:
                    await asyncio.sleep(0.02)
                await asyncio.sleep(5)
                return (telegram.from_bot(own)[-1].at - began).total_seconds()

            before = [await asked() for _ in range(12)]
            for _ in range(commands):
                await telegram.says(group, ada, "/status")
            await asyncio.sleep(1)
            most = len(await parts.store.unanswered())
            now = [await asked() for _ in range(12)]
            await works.engine.idle()
            return before, _Seen(waits=now, most=most, left=len(await parts.store.unanswered()))


async def _asked(scene: _Scene) -> float:
    """Seconds until Bo has the answer to a quick command."""
    loop = asyncio.get_running_loop()
    began, before = loop.time(), len(scene.slack.ephemerals("U2", "C1"))
    await scene.slack.command("/subscriptions", user="U2", channel="C1")
    async with asyncio.timeout(600):
        while len(scene.slack.ephemerals("U2", "C1")) == before:
            await asyncio.sleep(0.02)
    return loop.time() - began


def _paper(text: str) -> str:
    """The title in a prompt."""
    return next(word for word in text.split() if word.startswith("Gripper-"))


def _thinking() -> Reply:
    answer = ok()

    async def reply(exchange: Exchange) -> Any:
        await asyncio.sleep(_THINKS)
        return await answer(exchange)

    return reply


@asynccontextmanager
async def _scene(folder: Path, papers: int) -> AsyncIterator[_Scene]:
    folder.mkdir(parents=True)
    time = VirtualTime()
    async with (
        Slack(time=time) as slack,  # type: ignore[arg-type]
        ArxivServer(clock=time.clock) as arxiv,
        OpenAIPeer() as model,
    ):
        furnish(slack)
        model.script(*[_thinking()] * 10_000)
        text = pdfs.hidden_pdf("white")
        for number in range(papers):
            paper = new(f"2605.{number + 1:05}", f"Gripper-{number}", abstract=_ABSTRACT).paper
            arxiv.know(paper)
            arxiv.add_pdf(f"2605.{number + 1:05}", text)
        settings = load(_env_file=None, **_settings(folder, slack, arxiv, model))
        parts = Parts(settings, clock=time.clock, sleep=time.sleep)
        async with parts, chat_platforms(settings, parts) as chats, open_works(parts, chats) as works:
            for name in ("C1", "C2"):
                key = f"slack:{slack.world.team}/{name}"
                await parts.store.save_channel(Channel(key=key, platform="slack", categories=("cs.CV",)))
            await works.connect()
            yield _Scene(slack=slack, arxiv=arxiv, model=model, works=works, parts=parts)


def _settings(folder: Path, slack: Slack, arxiv: ArxivServer, model: OpenAIPeer) -> dict[str, Any]:
    return {
        "platform": "slack",
        "store": f"sqlite:///{folder}/paperboy.db",
        "timezone": "UTC",
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "slack_api_url": slack.url.rstrip("/"),
        "arxiv_rss_url": arxiv.url,
        "arxiv_api_url": arxiv.url,
        "arxiv_url": arxiv.url,
        "arxiv_feed_gap": 0,
        "arxiv_page_gap": 0,
        "analyzer": "openai:small",
        "openai_base_url": model.url,
        "openai_api_key": "sk-test",
        "budget_person": str(BUDGET),
    }
