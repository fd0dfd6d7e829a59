"""What servers do not understand is left away once and remembered."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.analysis.openai_dialect import Dialect, ProcessMemory, Tier, from_json, simpler
from digest.analysis.openai_request import Ask, build
from digest.analysis.openai_request import asked as asked_of
from digest.ports import Finish
from storage import open_store
from tests.peers import openai as peers
from tests.peers.arxiv import FakeTime
from tests.peers.openai import OpenAIPeer, ok
from tests.peers.openai_client import ANSWER, TURNS, Analysis, asked, model_of


@pytest.fixture
def time() -> FakeTime:
    return FakeTime(datetime(2026, 6, 30, 13, tzinfo=UTC))


@pytest.mark.parametrize(
    ("refuses", "tier"),
    [
        ({"json_schema"}, Tier.OBJECT),
        ({"json_schema", "json_object"}, Tier.PLAIN),
        ({"bounds"}, Tier.SCHEMA),
    ],
)
async def test_the_best_tier_of_json_is_found_once_and_remembered(
    time: FakeTime, refuses: set[str], tier: Tier
) -> None:
    memory = ProcessMemory()
    async with OpenAIPeer(faithful=lambda request: ANSWER, refuses=refuses) as peer:
        first = await asked(model_of(peer, time, memory=memory), schema=Analysis)
        calls = len(peer.requests)
        again = model_of(peer, time, memory=memory)
        second = await asked(again, schema=Analysis)

    assert first.data == second.data == ANSWER
    assert (calls, len(peer.requests)) == (1 + len(refuses), 2 + len(refuses))
    assert (await again.dialect()).tier is tier
    if tier is not Tier.SCHEMA:
        assert '"claims"' in peer.requests[-1].messages[-1]["content"]
    assert peer.requests[-1].messages[1]["content"] == TURNS[1].text


@pytest.mark.parametrize(
    "refused",
    [
        "max_completion_tokens",
        "reasoning_effort",
        "temperature",
        "stream_options",
        "stream",
        "system",
        "repeats",
    ],
)
async def test_what_a_server_refuses_is_left_away_and_remembered(time: FakeTime, refused: str) -> None:
    settings = {"memory": ProcessMemory(), "reasoning_effort": "low", "temperature": 0.2}
    async with OpenAIPeer(faithful=lambda request: ANSWER, refuses={refused}) as peer:
        await asked(model_of(peer, time, **settings), schema=Analysis)
        answer = await asked(model_of(peer, time, **settings), schema=Analysis)

    assert answer.data == ANSWER
    assert len(peer.requests) == 3
    last = peer.requests[-1].body
    assert "max_tokens" in last if refused == "max_completion_tokens" else "max_completion_tokens" in last
    assert refused not in last
    assert peer.requests[-1].tier == "json_schema"


async def test_a_server_that_refuses_nearly_everything_in_turn_still_answers(time: FakeTime) -> None:
    refuses = {"json_schema", "json_object", "max_completion_tokens", "reasoning_effort", "temperature"}
    refuses |= {"stream", "stream_options", "system", "repeats", "prompt_cache_key"}
    async with OpenAIPeer(faithful=lambda request: ANSWER, refuses=refuses) as peer:
        settings = {"reasoning_effort": "low", "temperature": 0.2, "cache_key": True}
        answer = await asked(
            model_of(peer, time, **settings), schema=Analysis, cache_key="arxiv:1911.02782v3"
        )

    assert answer.data == ANSWER
    assert [each["role"] for each in peer.requests[-1].messages] == ["user"]


def test_openais_cache_is_told_where_the_paper_ends() -> None:
    ask = Ask(model="m", turns=TURNS, max_tokens=100, cache_key="arxiv:1911.02782v3", marked=True)
    request = build(ask, Dialect())
    words = "Unknown parameter: 'messages[1].content[0].prompt_cache_breakpoint'."
    older = simpler(Dialect(), asked_of(ask, request), words)

    assert request["messages"][1]["content"][0]["prompt_cache_breakpoint"] == {"mode": "explicit"}
    assert request["messages"][1]["content"][0]["text"] == TURNS[1].text
    assert older is not None
    assert build(ask, older)["messages"][1]["content"] == TURNS[1].text
    assert build(ask, older)["prompt_cache_key"] == "arxiv:1911.02782v3"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"learnt": 3}', '{"learnt": "2026-06-30T13:00:00"}']
)
def test_a_memory_that_makes_no_sense_is_forgotten(text: str, time: FakeTime) -> None:
    assert from_json(text, time.now) == Dialect()


async def test_a_refusal_without_reasons_has_the_request_stripped(time: FakeTime) -> None:
    async with OpenAIPeer(faithful=lambda request: ANSWER) as peer:
        peer.script(
            peers.body(400, '{"error": "Bad Request"}'), peers.body(422, "unprocessable", "text/plain")
        )
        answer = await asked(model_of(peer, time), schema=Analysis)

    assert answer.data == ANSWER
    assert [each.tier for each in peer.requests] == ["json_schema", "json_object", "text"]


async def test_a_schema_that_is_ignored_is_put_into_words(time: FakeTime) -> None:
    memory = ProcessMemory()
    async with OpenAIPeer() as peer:
        peer.script(ok("S2ORC is a corpus."), ok(ANSWER), ok(ANSWER))
        first = await asked(model_of(peer, time, memory=memory), schema=Analysis)
        second = await asked(model_of(peer, time, memory=memory), schema=Analysis)

    assert first.data == second.data == ANSWER
    assert [each.tier for each in peer.requests] == ["json_schema", "json_object", "json_object"]
    assert first.usage.prompt_tokens == sum(each.tokens for each in peer.requests[:2])


async def test_a_model_that_never_answers_in_json_gives_its_text_and_spoils_no_tier(time: FakeTime) -> None:
    async with OpenAIPeer(faithful=lambda request: {}) as peer:
        peer.script(*[ok("S2ORC is a corpus.")] * 3)
        model = model_of(peer, time)
        answer = await asked(model, schema=Analysis)

    assert (answer.text, answer.data, answer.finish) == ("S2ORC is a corpus.", None, Finish.STOP)
    assert len(peer.requests) == 3
    assert (await model.dialect()).tier is Tier.SCHEMA


async def test_what_was_learnt_survives_a_restart_in_the_database_and_is_tried_again_after_a_month(
    time: FakeTime, tmp_path: Path
) -> None:
    async with (
        open_store(f"sqlite:///{tmp_path}/paperboy.db") as store,
        OpenAIPeer(faithful=lambda request: ANSWER, refuses={"json_schema"}) as peer,
    ):
        await asked(model_of(peer, time, memory=store), schema=Analysis)
        await asked(model_of(peer, time, memory=store), schema=Analysis)
        time.now += timedelta(days=31)
        await asked(model_of(peer, time, memory=store), schema=Analysis)

    tiers = [each.tier for each in peer.requests]
    assert tiers == ["json_schema", "json_object", "json_object", "json_schema", "json_object"]


async def test_a_limit_on_answers_is_kept_to(time: FakeTime) -> None:
    async with OpenAIPeer() as peer:
        message = (
            "max_tokens is too large: 32000. This model supports at most 16384 completion tokens, whereas "
        )
        peer.script(peers.error(400, f"{message}you provided 32000."))
        await asked(model_of(peer, time), max_tokens=32000)

    assert [each.most_tokens for each in peer.requests] == [32000, 16384]


async def test_a_server_that_ignores_the_limit_is_cut_off_and_asked_by_the_old_name(time: FakeTime) -> None:
    async with OpenAIPeer(refuses={"stream"}) as peer, model_of(peer, time) as model:
        counts = {"prompt_tokens": 100, "completion_tokens": 9000, "total_tokens": 9100}
        peer.script(ok("word " * 100, usage=counts), ok("Yes."))
        await model.complete(TURNS, max_tokens=2000)
        await model.complete(TURNS, max_tokens=2000)

    assert "max_tokens" in peer.requests[-1].body


async def test_a_stream_that_never_ends_is_cut_off(time: FakeTime) -> None:
    async with OpenAIPeer() as peer:
        peer.script(peers.slow("x" * 40_000, pause=0))
        answer = await asked(model_of(peer, time), max_tokens=1100)

    assert answer.finish is Finish.LENGTH
    assert len(answer.text) < 18_000


async def test_a_server_that_answers_in_one_piece_when_asked_to_stream_is_understood(time: FakeTime) -> None:
    seen: list[str] = []
    whole = json.dumps({"choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]})
    async with OpenAIPeer() as peer:
        peer.script(peers.body(200, whole), peers.body(200, whole, "text/plain"), peers.body(200, whole))
        async with model_of(peer, time) as model:
            first = await model.complete(TURNS, max_tokens=2000, on_text=seen.append)
            second = await model.complete(TURNS, max_tokens=2000)

    assert (first.text, second.text, seen) == ("Yes.", "Yes.", ["Yes."])
    assert first.usage.prompt_tokens > 0
    assert [each.streamed for each in peer.requests] == [True, True, False]


async def test_the_prefix_is_marked_for_openais_cache_alone(time: FakeTime) -> None:
    async with OpenAIPeer() as peer:
        await asked(model_of(peer, time), cache_key="arxiv:1911.02782v3")
        await asked(model_of(peer, time, cache_key=True), cache_key="arxiv:1911.02782v3")

    assert "prompt_cache_key" not in peer.requests[0].body
    assert peer.requests[1].body["prompt_cache_key"] == "arxiv:1911.02782v3"
    assert isinstance(peer.requests[1].messages[1]["content"], str)
