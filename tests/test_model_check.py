"""What `paperboy doctor` says of a model, on a loopback server."""

from datetime import UTC, datetime

import pytest

from bot.model_check import check_model
from digest.analysis.openai_dialect import ProcessMemory, Tier
from tests.peers import openai as peers
from tests.peers.arxiv import FakeTime
from tests.peers.openai import OpenAIPeer, ok
from tests.peers.openai_client import model_of


@pytest.fixture
def time() -> FakeTime:
    return FakeTime(datetime(2026, 6, 30, 13, tzinfo=UTC))


@pytest.mark.parametrize(
    ("refuses", "tier", "sentence"),
    [
        (set(), Tier.SCHEMA, "openai:small answers by a strict JSON schema."),
        ({"json_schema"}, Tier.OBJECT, "openai:small answers in JSON, without a schema."),
        ({"json_schema", "json_object"}, Tier.PLAIN, "openai:small writes JSON only as plain text."),
    ],
)
async def test_a_model_that_works_is_told_with_its_tier(
    time: FakeTime, refuses: set[str], tier: Tier, sentence: str
) -> None:
    seconds = iter((10.0, 12.5))
    peer = OpenAIPeer(faithful=lambda request: {"word": "paper"}, refuses=refuses)
    async with peer, model_of(peer, time) as model:
        report = await check_model(model, context=32000, timer=lambda: next(seconds))

    assert (report.works, report.tier, report.context, report.seconds) == (True, tier, 32000, 2.5)
    assert report.sentences == (sentence, "Its context is 32,000 tokens.", "The call took 2.5 s.")
    assert report.usage.prompt_tokens > 0


CONTEXTS = {
    "vllm": ({"/v1/models": {"data": [{"id": "small", "max_model_len": 4096}]}}, 4096),
    "openrouter": ({"/v1/models": {"data": [{"id": "big"}, {"id": "small", "context_length": 9}]}}, 9),
    "llama.cpp": (
        {
            "/v1/models": {"data": [{"id": "/x.gguf", "owned_by": "llamacpp", "meta": {"n_ctx": 32768}}]},
            "/props": {"default_generation_settings": {"n_ctx": 8192}},
        },
        8192,
    ),
    "llama.cpp, closed": (
        {"/v1/models": {"data": [{"id": "/x.gguf", "owned_by": "llamacpp", "meta": {"n_ctx": 32768}}]}},
        32768,
    ),
    "openai": ({"/v1/models": {"data": [{"id": "small", "owned_by": "system"}]}}, None),
    "other models": ({"/v1/models": {"data": [{"id": "a", "n_ctx": 1}, {"id": "b", "n_ctx": 2}]}}, None),
    "no JSON": ({"/v1/models": "hello"}, None),
}


@pytest.mark.parametrize(("pages", "context"), CONTEXTS.values(), ids=CONTEXTS)
async def test_the_context_is_read_where_the_server_tells_it(
    time: FakeTime, pages: dict[str, object], context: int | None
) -> None:
    async with OpenAIPeer(pages=pages) as peer, model_of(peer, time) as model:
        report = await check_model(model)

    assert report.works
    assert report.context == context
    said = f"Its context is {context:,} tokens." if context else "set OPENAI_CONTEXT"
    assert said in report.sentences[1]


FAILING = {
    "wrong key": (peers.error(401, "no"), "set OPENAI_API_KEY"),
    "outage": (peers.error(503, "no"), "HTTP 503"),
    "endless": (peers.length("{"), "OPENAI_REASONING_EFFORT=low"),
    "refusal": (peers.refusal(), "choose another model"),
    "prose": (ok("paper"), "does not answer in JSON; choose another model"),
}


@pytest.mark.parametrize(("reply", "sentence"), FAILING.values(), ids=FAILING)
async def test_a_model_that_does_not_work_is_told_with_what_to_do(
    time: FakeTime, reply: peers.Reply, sentence: str
) -> None:
    async with OpenAIPeer() as peer, model_of(peer, time) as model:
        peer.script(*[reply] * 3)
        report = await check_model(model)

    assert not report.works
    assert report.tier is None
    assert sentence in report.sentences[0]


async def test_the_check_tries_anew_what_was_refused_before_and_remembers(time: FakeTime) -> None:
    memory = ProcessMemory()
    async with OpenAIPeer(refuses={"json_schema", "reasoning_effort"}) as peer:
        peer.faithful = lambda request: {"word": "paper"}
        async with model_of(peer, time, memory=memory, reasoning_effort="low") as model:
            before = await check_model(model)
            peer.refuses = ()
            after = await check_model(model)
        async with model_of(peer, time, memory=memory, reasoning_effort="low") as model:
            known = await model.dialect()

    assert (before.tier, after.tier, known.tier) == (Tier.OBJECT, Tier.SCHEMA, Tier.SCHEMA)
    assert "Its server refuses reasoning_effort low; it is left away." in before.sentences
    assert known.takes("reasoning_effort", "low")
