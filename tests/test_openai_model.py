"""Answers of a language model, on a loopback server that gives them as real ones do."""

import json
from datetime import UTC, datetime

import pytest

from digest.analysis.budget import Prices
from digest.ports import Finish, Turn
from tests.peers import openai as peers
from tests.peers.arxiv import FakeTime
from tests.peers.openai import OpenAIPeer, ok
from tests.peers.openai_client import ANSWER, TURNS, Analysis, asked, model_of


@pytest.fixture
def time() -> FakeTime:
    return FakeTime(datetime(2026, 6, 30, 13, tzinfo=UTC))


@pytest.mark.parametrize("max_tokens", [200, 4000], ids=["whole", "streamed"])
async def test_a_plain_answer_comes_with_its_tokens_and_cost(time: FakeTime, max_tokens: int) -> None:
    async with OpenAIPeer() as peer:
        peer.script(ok("S2ORC 是一个语料库 🎓."))
        prices = Prices(prompt=1.0, completion=10.0)
        answer = await asked(model_of(peer, time, prices=prices), max_tokens=max_tokens)

    assert answer.text == "S2ORC 是一个语料库 🎓."
    assert answer.finish is Finish.STOP
    assert answer.usage.prompt_tokens == peer.requests[0].tokens
    assert answer.usage.completion_tokens == 4
    assert answer.usage.cost == pytest.approx((peer.requests[0].tokens + 40) / 1e6)
    assert peer.requests[0].streamed is (max_tokens == 4000)


async def test_a_schema_is_sent_strict_and_the_answer_comes_parsed(time: FakeTime) -> None:
    async with OpenAIPeer() as peer:
        peer.script(ok(ANSWER))
        answer = await asked(model_of(peer, time), schema=Analysis)

    assert answer.data == ANSWER
    sent = peer.requests[0].body["response_format"]["json_schema"]
    assert sent["strict"] is True
    assert sent["schema"]["properties"]["claims"]["items"]["properties"]["quote"]["maxLength"] == 200


async def test_text_is_watched_as_it_streams(time: FakeTime) -> None:
    seen: list[str] = []
    async with OpenAIPeer() as peer:
        peer.script(ok("We present S2ORC. " * 10))
        answer = await asked(model_of(peer, time), max_tokens=100, on_text=seen.append)

    assert len(seen) > 3
    assert "".join(seen) == answer.text + " "


async def test_a_second_question_about_a_paper_reads_its_prefix_from_the_cache(time: FakeTime) -> None:
    prices = Prices(prompt=1.0, completion=0.0, cached=0.1)
    async with OpenAIPeer() as peer, model_of(peer, time, prices=prices) as model:
        await model.complete(TURNS, max_tokens=100)
        answer = await model.complete([*TURNS[:2], Turn(role="user", text="Which licence?")], max_tokens=100)

    usage = answer.usage
    assert usage.cached_tokens >= 0.95 * len(TURNS[1].text) / 4 - 64
    fresh = usage.prompt_tokens - usage.cached_tokens
    assert usage.cost == pytest.approx((fresh + 0.1 * usage.cached_tokens) / 1e6)


async def test_deepseeks_count_of_cached_tokens_is_understood(time: FakeTime) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105, "prompt_cache_hit_tokens": 64}
    async with OpenAIPeer() as peer:
        peer.script(ok("Yes.", usage=usage))
        answer = await asked(model_of(peer, time), max_tokens=100)

    assert (answer.usage.prompt_tokens, answer.usage.cached_tokens) == (100, 64)


@pytest.mark.parametrize("max_tokens", [200, 4000])
async def test_a_cut_answer_says_so_and_has_no_data(time: FakeTime, max_tokens: int) -> None:
    async with OpenAIPeer() as peer:
        peer.script(peers.length('{"title": "S2ORC", "claims": ['))
        answer = await asked(model_of(peer, time), max_tokens=max_tokens, schema=Analysis)

    assert answer.finish is Finish.LENGTH
    assert answer.data is None
    assert len(peer.requests) == 1


@pytest.mark.parametrize("max_tokens", [200, 4000])
@pytest.mark.parametrize(
    "reply",
    [
        peers.refusal(),
        peers.content_filter(),
        peers.error(400, "The response was filtered due to the prompt.", code="content_filter"),
        peers.error(400, "Content Exists Risk"),
        ok("", finish="content_filter: PROHIBITED_CONTENT"),
    ],
    ids=["refusal", "filter", "azure", "deepseek", "gemini"],
)
async def test_a_refusal_is_an_answer(time: FakeTime, reply: peers.Reply, max_tokens: int) -> None:
    async with OpenAIPeer() as peer:
        peer.script(reply)
        answer = await asked(model_of(peer, time), max_tokens=max_tokens, schema=Analysis)

    assert answer.finish is Finish.REFUSED
    assert answer.data is None
    assert len(peer.requests) == 1


async def test_an_answer_among_fences_thoughts_and_chatter_is_found(time: FakeTime) -> None:
    chatty = (
        f"<think>Use {{braces}}?</think>Sure! Here {{it}} is:\n```json\n{json.dumps(ANSWER)}\n```\nDone {{}}."
    )
    async with OpenAIPeer(refuses={"json_schema", "json_object"}) as peer:
        peer.script(ok(chatty))
        answer = await asked(model_of(peer, time), schema=Analysis)

    assert answer.data == ANSWER
    assert "<think>" not in answer.text
