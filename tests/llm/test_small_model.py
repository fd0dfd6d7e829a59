"""The wire against llama.cpp's server and SmolLM2: what it says is poor, how it says it is real."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from bot.model_check import check_model
from digest.analysis.openai_dialect import Tier
from digest.analysis.openai_model import OpenAIModel
from digest.errors import ContextExceeded
from digest.ports import Finish, Turn
from tests.llm.conftest import CONTEXT

SYSTEM = Turn(role="system", text="You answer questions about a paper, in one short sentence.")
ABSTRACT = """We introduce S2ORC, a large corpus of 81.1M English-language academic papers spanning many
academic disciplines. The corpus consists of rich metadata, paper abstracts, resolved
bibliographic references, as well as structured full text for 8.1M open access papers. Full
text is annotated with automatically-detected inline mentions of citations, figures, and
tables, each linked to their corresponding paper objects. In S2ORC, we aggregate papers from
hundreds of academic publishers and digital archives into a unified source, and create the
largest publicly-available collection of machine-readable academic text to date.
"""
PAPER = Turn(role="user", text=f"PAPER\n{ABSTRACT}")


class Verdict(BaseModel):
    topic: Literal["corpus", "robot", "traffic"]
    papers: Annotated[list[Annotated[str, Field(max_length=24)]], Field(min_length=1, max_length=2)]


def question(text: str) -> tuple[Turn, ...]:
    return SYSTEM, PAPER, Turn(role="user", text=text)


async def test_a_plain_question_is_answered(model: OpenAIModel) -> None:
    answer = await model.complete(question("What is S2ORC?"), max_tokens=60)

    assert "S2ORC" in answer.text
    assert 100 < answer.usage.prompt_tokens < 400
    assert 0 < answer.usage.completion_tokens <= 60


async def test_a_schema_binds_the_answer(model: OpenAIModel) -> None:
    answer = await model.complete(question("Fill in the form."), max_tokens=200, schema=Verdict)

    assert answer.finish is Finish.STOP
    assert answer.data is not None
    assert Verdict.model_validate(dict(answer.data)).topic in ("corpus", "robot", "traffic")
    assert (await model.dialect()).tier is Tier.SCHEMA


async def test_an_answer_that_reaches_its_limit_says_so(model: OpenAIModel) -> None:
    answer = await model.complete(question("Tell me everything."), max_tokens=8, schema=Verdict)

    assert (answer.finish, answer.data, answer.usage.completion_tokens) == (Finish.LENGTH, None, 8)


async def test_text_streams_with_its_counts(model: OpenAIModel) -> None:
    seen: list[str] = []
    answer = await model.complete(question("What is S2ORC?"), max_tokens=30, on_text=seen.append)

    assert len(seen) > 5
    assert "".join(seen).strip() == answer.text
    assert answer.usage.prompt_tokens > 100


async def test_a_follow_up_reads_the_paper_from_the_cache(model: OpenAIModel) -> None:
    turns = (SYSTEM, Turn(role="user", text="PAPER\n" + ABSTRACT * 4))
    first = await model.complete([*turns, Turn(role="user", text="How many papers?")], max_tokens=8)
    second = await model.complete([*turns, Turn(role="user", text="Which language?")], max_tokens=8)

    assert second.usage.cached_tokens >= 0.95 * first.usage.prompt_tokens


async def test_a_text_beyond_the_context_is_refused_with_the_limit(model: OpenAIModel) -> None:
    with pytest.raises(ContextExceeded) as caught:
        await model.complete(question(ABSTRACT * 80), max_tokens=50)

    assert caught.value.limit == CONTEXT


async def test_the_doctor_tells_tier_context_and_time(model: OpenAIModel) -> None:
    report = await check_model(model)

    assert (report.works, report.tier, report.context) == (True, Tier.SCHEMA, CONTEXT)
    assert report.sentences[0] == "openai:smollm2 answers by a strict JSON schema."
