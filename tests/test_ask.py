"""Questions about a paper: answered from it alone, with its words, or said not to be answered by it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digest.analyses import Analyses
from digest.analysis.extractive import ExtractiveAnalyzer
from digest.analysis.llm import LlmAnalyzer
from digest.ask import HISTORY_TOKENS, TURNS, Ask, remembered
from digest.conversation import Answer, AnswerKind
from digest.errors import ContextExceeded, ModelMisconfigured, ModelUnavailable, SourceUnavailable
from digest.fulltext import FullText
from digest.model import ArxivId, Depth, Paper
from digest.ports import Completion, Turn
from storage import Store, open_store
from tests.faithful import CUT_OFF, REFUSED, ScriptedModel, claim, completion, faithful
from tests.faithful import Answer as Scripted
from tests.written_papers import GRIPPER, full_text, paper

PAPER = paper(
    "GripNet", "We present GripNet, a policy that learns to grasp new objects from ten demonstrations."
)
TEXT = full_text(GRIPPER, title="GripNet")
NOW = datetime(2026, 6, 30, 7, 0, tzinfo=UTC)
RIGHT = claim(
    "It is trained for 40 epochs on four A100 GPUs.",
    "We train for 40 epochs with a learning rate of 3e-4 on four NVIDIA A100 GPUs.",
    13,
)
WRONG = claim("It is trained for 90 epochs.", "We train for 40 epochs with a learning rate of 3e-4", 13)


class NoArxiv:
    """Every text needed is in the store; anything else is not to be had."""

    async def pdf(self, paper: ArxivId, /) -> bytes:
        raise SourceUnavailable("arXiv does not answer.")

    async def papers(self, ids: Sequence[ArxivId], /) -> tuple[Paper, ...]:
        return ()

    async def announced(self, *_: Any, **__: Any) -> Any:
        raise SourceUnavailable("arXiv does not answer.")

    async def read(self, pdf: bytes, /) -> FullText:
        raise AssertionError("there is nothing to read")


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with open_store("sqlite:///:memory:") as opened:
        await opened.save_text(PAPER.id, TEXT, at=NOW)
        yield opened


def ask(store: Store, model: ScriptedModel | None, now: datetime = NOW) -> Ask:
    fallback = ExtractiveAnalyzer()
    writer = LlmAnalyzer(model, fallback=fallback, clock=lambda: now, secret=b"x") if model else None
    arxiv = NoArxiv()
    analyses = Analyses(
        store=store, source=arxiv, reader=arxiv, analyzer=writer or fallback, clock=lambda: now
    )
    return Ask(store=store, analyses=analyses, writer=writer, clock=lambda: now)


async def asked(
    store: Store, *answers: Scripted, question: str = "How was it trained?", otherwise: Scripted | None = None
) -> tuple[Answer, ScriptedModel]:
    model = ScriptedModel(*answers, otherwise=otherwise)
    return await ask(store, model).answer(PAPER, question, language="en"), model


def answering(*claims: dict[str, Any]) -> Completion:
    return completion({"answer": list(claims)})


async def test_an_answer_carries_the_words_of_the_paper_and_where_they_stand(store: Store) -> None:
    answer, model = await asked(store, answering(RIGHT))
    assert answer.kind is AnswerKind.ANSWERED
    assert [(each.text, each.verified) for each in answer.claims] == [(RIGHT["text"], True)]
    assert answer.claims[0].anchor.startswith("§4.1, p. ")
    assert answer.analyzer == "openai:scripted"
    assert "How was it trained?" in model.calls[0][-1].text


async def test_what_the_paper_does_not_say_is_not_answered(store: Store) -> None:
    answer, model = await asked(store, answering(), question="What is the weather in Paris?")
    assert answer.kind is AnswerKind.NOT_SAID
    assert answer.claims == ()
    assert len(model.calls) == 1


async def test_a_wrong_answer_is_mended_once(store: Store) -> None:
    answer, model = await asked(store, answering(WRONG), answering(RIGHT))
    assert [each.text for each in answer.claims] == [RIGHT["text"]]
    assert "90" in model.calls[1][-1].text


async def test_an_answer_whose_quotes_are_not_found_gives_way_to_the_papers_own_sentences(
    store: Store,
) -> None:
    invented = claim("It is trained by reading books.", "No such words were ever written in this paper")
    answer, _ = await asked(store, otherwise=answering(invented))
    assert answer.kind is AnswerKind.PASSAGES
    assert all(each.verified for each in answer.claims)
    assert answer.note


async def test_an_answer_that_stays_wrong_gives_way_to_the_papers_own_sentences(store: Store) -> None:
    answer, model = await asked(store, otherwise=answering(WRONG))
    assert len(model.calls) == 2
    assert answer.kind is AnswerKind.PASSAGES
    assert all(each.text == each.quote and each.verified for each in answer.claims)
    assert answer.note


@pytest.mark.parametrize(
    "fault",
    [
        CUT_OFF,
        REFUSED,
        completion('Well, {"answer": [{'),
        completion("I cannot answer that."),
        ModelUnavailable("busy", retry_after=300),
        ModelMisconfigured("no key"),
        ContextExceeded("too long", limit=None),
    ],
    ids=["cut off", "refused", "garbled", "prose", "unavailable", "misconfigured", "too long"],
)
async def test_without_an_answer_of_the_model_passages_stand_in_and_say_why(
    store: Store, fault: Scripted
) -> None:
    answer, model = await asked(store, otherwise=fault, question="Which learning rate and GPUs train it?")
    assert answer.kind is AnswerKind.PASSAGES
    assert any("A100" in each.text for each in answer.claims)
    assert answer.note
    assert len(model.calls) <= 3


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Which GPUs was the policy trained on?", "A100"),
        ("What are the limitations? transparent objects?", "transparent objects"),
        ("用了哪些数据集？", "ShelfPick"),
        ("学习率和显卡是什么？", "3e-4"),
    ],
)
async def test_without_a_model_the_best_matching_sentences_answer(
    store: Store, question: str, expected: str
) -> None:
    answer = await ask(store, None).answer(PAPER, question, language="en")
    assert answer.kind is AnswerKind.PASSAGES
    assert answer.analyzer == "extractive"
    assert any(expected in each.text for each in answer.claims)
    assert all(each.verified and each.anchor for each in answer.claims)


async def test_without_a_model_a_question_that_nothing_matches_gets_nothing(store: Store) -> None:
    answer = await ask(store, None).answer(PAPER, "Quel temps fait-il ?", language="en")
    assert answer.kind is AnswerKind.NOTHING


async def test_a_question_begins_with_the_very_bytes_of_the_analysis(store: Store) -> None:
    model = ScriptedModel(faithful, answering(RIGHT))
    writer = LlmAnalyzer(model, fallback=ExtractiveAnalyzer(), secret=b"x")
    arxiv = NoArxiv()
    analyses = Analyses(store=store, source=arxiv, reader=arxiv, analyzer=writer, clock=lambda: NOW)
    await analyses.of(PAPER, depth=Depth.BRIEF, language="de")
    await Ask(store=store, analyses=analyses, writer=writer, clock=lambda: NOW).answer(
        PAPER, "How?", language="en"
    )
    assert model.calls[0][:3] == model.calls[1][:3]


async def test_a_thread_remembers_what_was_asked_and_answered(store: Store) -> None:
    model = ScriptedModel(answering(RIGHT), answering())
    inquirer = ask(store, model)
    await inquirer.in_thread("T1", PAPER, "How was it trained?", language="en", by="ada")
    await inquirer.in_thread("T1", PAPER, "And for how long?", language="en")
    roles = [turn.role for turn in model.calls[1]]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]
    assert "40 epochs" in model.calls[1][4].text
    told = await store.conversation("T1", limit=10)
    assert [(each.question, each.asked_by) for each in told] == [
        ("How was it trained?", "ada"),
        ("And for how long?", ""),
    ]
    assert await store.conversation("T2", limit=10) == ()


def _told(number: int, length: int = 10) -> Answer:
    return Answer(
        paper=PAPER.id,
        question=f"Question {number}? " + "why " * length,
        kind=AnswerKind.NOT_SAID,
        language="en",
        analyzer="openai:scripted",
        created_at=NOW + timedelta(minutes=number),
    )


def test_a_conversation_is_bounded_in_turns_and_tokens() -> None:
    turns = remembered([_told(number) for number in range(50)])
    assert len(turns) == 2 * TURNS
    assert "Question 49?" in turns[-2].text
    long: Sequence[Turn] = remembered([_told(number, length=1_500) for number in range(50)])
    assert 0 < len(long) < 2 * TURNS
    assert sum(len(turn.text) for turn in long) / 3.5 <= HISTORY_TOKENS
