"""The whole bot with a language model on a loopback server: command line, digest, questions, budgets."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.demo.arxiv_server import ArxivServer
from bot.demo.replay import DATA, MORNING
from digest.ports import Turn
from tests.bot_under_test import TUESDAY, BotUnderTest
from tests.faithful import faithful
from tests.peers.arxiv import new
from tests.peers.openai import Exchange, OpenAIPeer, busy, error, length, ok, refusal
from tests.peers.openai_forms import Asked

ROOT = Path(__file__).parents[1]


def by_the_book(asked: Asked) -> Mapping[str, Any]:
    """The faithful model behind the wire."""
    turns = [Turn(role=each["role"], text=str(each["content"])) for each in asked.messages]
    data = faithful(turns).data
    assert data is not None
    return data


def first_asked(model: OpenAIPeer) -> list[Asked]:
    """The requests for something new; those that mend a claim go on from one of these."""
    return [each for each in model.requests if "Task: mend" not in str(each.messages[-1]["content"])]


@pytest.fixture
async def model() -> AsyncIterator[OpenAIPeer]:
    async with OpenAIPeer(faithful=by_the_book) as peer:
        yield peer


@pytest.fixture
async def bot(tmp_path: Path, model: OpenAIPeer) -> AsyncIterator[BotUnderTest]:
    settings = {
        "analyzer": "openai:small",
        "openai_base_url": model.url,
        "budget_person": "100000",
        "price_in": 1.0,
        "price_out": 5.0,
    }
    async with BotUnderTest(tmp_path, **settings) as bot:
        bot.arxiv.announce("cs.CV")
        bot.arxiv.announce("cs.RO")
        bot.arxiv.replay(DATA)
        yield bot


async def explained(folder: Path, arxiv: str, model: str, *arguments: str) -> tuple[int, dict[str, Any], str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from bot.cli import main; main()",
        "explain",
        "1911.02782",
        "--json",
        *arguments,
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "ARXIV_RSS_URL": arxiv,
            "ARXIV_API_URL": arxiv,
            "ARXIV_URL": arxiv,
            "ARXIV_FEED_GAP": "0",
            "ARXIV_PAGE_GAP": "0",
            "OPENAI_BASE_URL": model,
            "OPENAI_API_KEY": "sk-very-secret",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, json.loads(output), errors.decode()


async def test_explain_by_a_model_from_the_command_line(tmp_path: Path, model: OpenAIPeer) -> None:
    async with ArxivServer(clock=lambda: MORNING) as arxiv:
        arxiv.replay(DATA)
        code, analysis, errors = await explained(
            tmp_path, arxiv.url, model.url, "--language", "zh", "--analyzer", "openai:small"
        )
    assert code == 0, errors
    assert analysis["analyzer"] == "openai:small"
    assert analysis["language"] == "zh-CN"
    assert len([claim for claim in analysis["claims"] if claim["verified"] and claim["page"]]) >= 20
    assert analysis["tokens"]
    assert "sk-very-secret" not in errors
    assert "sk-very-secret" not in json.dumps(analysis)
    [asked] = first_asked(model)
    assert "Chinese" in asked.text or "中文" in asked.text


async def test_fifty_askers_at_once_make_one_call(bot: BotUnderTest, model: OpenAIPeer) -> None:
    said = await asyncio.gather(*(bot.says("/explain 1911.02782") for _ in range(50)))
    assert len(first_asked(model)) == 1
    assert all("S2ORC" in each for each in said)
    await bot.says("/explain arXiv:1911.02782v3")
    assert len(first_asked(model)) == 1


async def test_an_analysis_can_be_made_again(bot: BotUnderTest, model: OpenAIPeer) -> None:
    await bot.says("/explain 1911.02782")
    await bot.says("/explain 1911.02782 again")
    assert len(first_asked(model)) == 2


async def test_a_follow_up_sends_nothing_new_but_the_question(bot: BotUnderTest, model: OpenAIPeer) -> None:
    await bot.says("/explain 1911.02782")
    await bot.says("How large is the corpus?")
    analysis, question = first_asked(model)
    assert list(question.messages[:2]) == list(analysis.messages[:2])
    paper, rest = question.messages[1], question.messages[2:]
    assert sum(len(str(each["content"])) for each in rest) < 0.1 * len(str(paper["content"]))
    assert question.cached_tokens > 0


@pytest.mark.parametrize(
    "fault",
    [
        error(500, "boom"),
        error(401, "Incorrect API key provided"),
        busy(retry_after=300),
        refusal(),
    ],
    ids=["500", "401", "busy", "refusal"],
)
async def test_what_the_model_does_not_give_is_given_as_labelled_extracts(
    bot: BotUnderTest, model: OpenAIPeer, fault: Any
) -> None:
    model.script(*[fault] * 12)
    said = await bot.says("/explain 1911.02782")
    assert "81.1M" in said
    assert "xtracts" in said


async def test_an_answer_cut_off_is_asked_for_again_until_it_is_whole(
    bot: BotUnderTest, model: OpenAIPeer
) -> None:
    model.script(length())
    said = await bot.says("/explain 1911.02782")
    assert len(first_asked(model)) == 2
    assert "claims verified against the text · small ·" in said.replace("\n", " ")


async def test_an_empty_budget_gives_extracts_and_says_so(bot: BotUnderTest, model: OpenAIPeer) -> None:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract="We present Event-VLA, a model."))
    for _ in range(12):
        said = await bot.says("/explain 1911.02782 again")
        if "budget" in said:
            break
    assert "Your budget of 100,000 tokens a day" in said.replace("\n", " ")
    calls = len(first_asked(model))
    for paper in ("1911.02782", "2301.13298"):
        said = await bot.says(f"/explain {paper} again")
    assert len(first_asked(model)) <= calls + 2
    bot.time.now = bot.time.now.replace(day=1, month=7)
    assert "budget" not in await bot.says("/explain 2301.13298 again")


async def test_the_digest_is_written_by_the_model(bot: BotUnderTest, model: OpenAIPeer) -> None:
    text = "We present Event-VLA, a model. It beats all baselines on LIBERO by 12.5%."
    bot.arxiv.announce("cs.RO", new("2606.30001", "Zebra robots", abstract=text))
    await bot.says("/subscribe zebra robots")
    await bot.morning()
    assert bot.papers() == ["Zebra robots"]
    assert "· small ·" in bot.printed().replace("\n│ ", " ")
    assert len(first_asked(model)) == 1


async def test_a_digest_made_during_an_outage_is_made_good_in_its_thread(
    bot: BotUnderTest, model: OpenAIPeer
) -> None:
    text = "We present Event-VLA, a model. It beats all baselines on LIBERO by 12.5%."
    bot.arxiv.announce("cs.RO", new("2606.30001", "Zebra robots", abstract=text))
    await bot.says("/subscribe zebra robots")
    model.script(*[error(500, "boom")] * 3)
    await bot.morning()
    assert bot.papers() == ["Zebra robots"]
    assert "· small ·" not in bot.printed().replace("\n│ ", " ")

    bot.time.now += timedelta(hours=1)
    await bot.morning()

    assert bot.papers() == ["Zebra robots", "Zebra robots"]
    assert "· small ·" in bot.printed().replace("\n│ ", " ")
    printed = bot.printed()
    await bot.morning()
    assert bot.printed() == printed


async def test_an_analysis_that_is_made_good_does_not_take_the_place_of_papers_that_came_meanwhile(
    tmp_path: Path, model: OpenAIPeer
) -> None:
    async def away(_: web.Request) -> web.Response:
        return web.Response(status=503)

    asked, answered = asyncio.Event(), asyncio.Event()

    async def slow(exchange: Exchange) -> web.StreamResponse:
        asked.set()
        await answered.wait()
        return await ok(by_the_book)(exchange)

    text = "We present Event-VLA, a model. It beats all baselines on LIBERO by 12.5%."
    async with BotUnderTest(tmp_path, analyzer="openai:small", openai_base_url=model.url) as bot:
        bot.arxiv.announce("cs.CV", new("2606.30001", "First zebra robots", abstract=text))
        bot.arxiv.announce("cs.RO", new("2606.30002", "Second zebra robots", abstract=text))
        for form in ("rss", "atom", "list", "catchup"):
            bot.arxiv.misbehave(f"/{form}/cs.RO", away)
        await bot.says("/subscribe zebra robots")
        model.script(*[error(500, "boom")] * 3)
        await bot.morning()

        bot.arxiv.behave()
        bot.time.now += timedelta(hours=1)
        model.script(slow)
        channel = await bot.channel()
        renewing = asyncio.create_task(bot.parts.daily.renew(channel, TUESDAY))
        await asyncio.wait_for(asked.wait(), 20)
        await bot.parts.daily.deliver(channel, TUESDAY)
        answered.set()
        await renewing
        digest = await bot.parts.store.digest(channel.key, TUESDAY)

    assert digest is not None
    titles = {item.match.announcement.paper.title for item in digest.items}
    assert titles == {"First zebra robots", "Second zebra robots"}


async def test_an_explanation_asked_for_during_an_outage_follows_when_the_model_is_back(
    bot: BotUnderTest, model: OpenAIPeer
) -> None:
    model.script(*[error(500, "boom")] * 3)
    assert "xtracts" in await bot.says("/explain 1911.02782")
    await bot.tick()
    assert "S2ORC" not in bot.printed()

    bot.time.now += timedelta(hours=1)
    await bot.restart()
    await bot.morning()

    assert bot.printed().count("S2ORC: The Semantic Scholar Open Research Corpus") == 1
    assert "verified against the text · small " in bot.printed().replace("\n", " ")


async def test_papers_under_way_at_once_do_not_count_on_the_same_rest_of_a_budget(
    tmp_path: Path, model: OpenAIPeer
) -> None:
    settings = {"analyzer": "openai:small", "openai_base_url": model.url, "budget_day": "40000"}
    async with BotUnderTest(tmp_path, **settings) as bot:
        bot.arxiv.replay(DATA)
        said = await asyncio.gather(bot.says("/explain 1911.02782"), bot.says("/explain 2301.13298"))
        spent = await bot.says("/status")
    assert sum("budget of 40,000 tokens a day" in each.replace("\n", " ") for each in said) == 1
    assert "The model took" in spent


async def test_the_digest_itself_says_that_a_budget_is_used_up(tmp_path: Path, model: OpenAIPeer) -> None:
    settings = {"analyzer": "openai:small", "openai_base_url": model.url, "budget_day": "1000"}
    async with BotUnderTest(tmp_path, **settings) as bot:
        bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract="We present Event-VLA."))
        bot.arxiv.announce("cs.RO")
        await bot.says("/subscribe vla")
        await bot.morning()
        parent = bot.printed().split("\n│")[0]
    assert "budget of 1,000 tokens a day is nearly used up" in parent.replace("\n", " ")
    assert not model.requests


async def test_the_command_line_asks_a_paper(tmp_path: Path, model: OpenAIPeer) -> None:
    async with ArxivServer(clock=lambda: MORNING) as arxiv:
        arxiv.replay(DATA)
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-c", "from bot.cli import main; main()"],
            *["ask", "1911.02782", "How many papers have full text?", "--json"],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "ARXIV_API_URL": arxiv.url,
                "ARXIV_URL": arxiv.url,
                "ARXIV_FEED_GAP": "0",
            },
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await asyncio.wait_for(process.communicate(), 60)
    answer = json.loads(output)
    assert answer["kind"] == "passages"
    assert any("8.1M" in claim["quote"] for claim in answer["claims"])


async def test_what_the_paper_does_not_say_is_told_only_to_whoever_asked_paperboy(
    bot: BotUnderTest, model: OpenAIPeer
) -> None:
    for mentioned in (False, True):
        model.script(ok({"answer": []}))
        answers = await bot.hears("Shall we meet at 3?", paper="1911.02782v3", mentioned=mentioned)
        assert bool(answers) is mentioned
    assert len(model.requests) == 2
    assert await bot.hears("How large is the corpus?", paper="1911.02782v3")
