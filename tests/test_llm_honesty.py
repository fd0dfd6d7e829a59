"""A model that invents, rambles or declines: what it costs, and what is said of it in its stead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from digest.errors import ModelMisconfigured, ModelUnavailable
from digest.model import ClaimSection, Depth
from digest.ports import Completion, Turn
from digest.wording import wording
from tests.faithful import CUT_OFF, REFUSED, Answer, ScriptedModel, claim, completion, faithful
from tests.test_llm_analyzer import (
    GARBLED,
    NOW,
    PAPER,
    PROSE,
    TEXT,
    WRONG_QUOTE,
    altered,
    analysed,
    analyzer,
    thesis,
)

Part = ClaimSection


@pytest.mark.parametrize("useless", [GARBLED, completion({}), completion(""), completion("word " * 900)])
@pytest.mark.parametrize("settings", [{}, {"context_tokens": 9_000}])
async def test_three_useless_answers_are_enough(useless: Completion, settings: dict[str, Any]) -> None:
    analysis, model = await analysed(otherwise=useless, text=thesis() if settings else TEXT, **settings)
    assert len(model.calls) == 3
    assert analysis.analyzer == "extractive"
    assert "no usable answer" in analysis.basis.note


async def test_a_refusal_in_plain_words_is_not_arguedaltered() -> None:
    analysis, model = await analysed(otherwise=PROSE)
    assert len(model.calls) == 1
    assert "declined" in analysis.basis.note
    assert analysis.retry_at == NOW + timedelta(hours=6)


@pytest.mark.parametrize("fault", [ModelUnavailable("busy"), ModelMisconfigured("Set OPENAI_API_KEY.")])
async def test_each_asker_is_told_in_their_own_language_why_the_model_is_left_alone(fault: Answer) -> None:
    writer = analyzer(ScriptedModel(otherwise=fault))
    first = await writer.analyze(PAPER, TEXT, depth=Depth.BRIEF, language="zh-CN")
    second = await writer.analyze(PAPER, TEXT, depth=Depth.BRIEF, language="en")
    third = await writer.analyze(PAPER, TEXT, depth=Depth.BRIEF, language="zh-CN")
    assert "模型" in first.basis.note
    assert "The model" in second.basis.note
    assert third.basis.note == first.basis.note


def invented(turns: Sequence[Turn]) -> Completion:
    """Fills every part with claims whose quotes are nowhere in the paper."""

    def untrue(value: Any) -> Any:
        if isinstance(value, list):
            return [untrue(each) for each in value]
        if isinstance(value, dict) and "quote" in value:
            return claim("The model is shaped like " + value["text"][::-1], "No such words were ever written")
        return {key: untrue(each) for key, each in value.items()}

    return completion(untrue(dict(faithful(turns).data or {})))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The model's claims could not be found in the paper; extracts stand in."),
        ("zh-CN", "模型的结论在论文中找不到依据，以论文原文摘录代替。"),
    ],
)
async def test_a_model_that_invents_gives_way_to_labelled_extracts(language: str, sentence: str) -> None:
    analysis, model = await analysed(otherwise=invented, language=language)
    assert len(model.calls) == 2
    assert analysis.analyzer == "extractive"
    assert analysis.basis.note == sentence
    assert analysis.verified == len(analysis.claims) > 5
    assert analysis.retry_at == NOW + timedelta(hours=6)


async def test_a_model_that_mends_what_it_invented_is_believed() -> None:
    analysis, _ = await analysed(invented)
    assert analysis.analyzer == "openai:scripted"
    assert analysis.verified > len(analysis.claims) / 2


async def test_a_tldr_whose_quote_is_not_found_is_never_shown() -> None:
    wrong = altered("tldr", WRONG_QUOTE)
    analysis, _ = await analysed(wrong, otherwise=wrong)
    (tldr,) = analysis.of(Part.TLDR)
    assert tldr.verified
    assert tldr.text == tldr.quote
    assert "1 claim was dropped" in analysis.basis.note


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "gave nothing usable on: "), ("zh-CN", "没有给出可用")]
)
async def test_parts_that_the_model_failed_to_give_are_not_called_the_papers_silence(
    language: str, sentence: str
) -> None:
    analysis, _ = await analysed(
        CUT_OFF, CUT_OFF, faithful, otherwise=ModelUnavailable("gone"), depth=Depth.DEEP, language=language
    )
    assert Part.STEPS in analysis.missing
    assert sentence in analysis.basis.note
    assert wording(language).labels.missing[Part.STEPS] in analysis.basis.note


async def test_a_part_that_the_model_left_empty_is_the_papers_silence() -> None:
    analysis, _ = await analysed(
        altered("experiments.ablations"), completion({"experiments": {"ablations": []}})
    )
    assert analysis.missing == (Part.ABLATIONS,)
    assert analysis.basis.note == ""


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_notes_are_whole_sentences_with_spaces_between_them(language: str) -> None:
    analysis, _ = await analysed(otherwise=REFUSED, language=language, text=None, note="The PDF is a scan.")
    assert analysis.basis.note == f"The PDF is a scan. {wording(language).say.model_refused}"


def rendered(turns: Sequence[Turn], *, into: str) -> Completion:
    """A faithful answer whose texts are put into a language, in so many words, with the quotes kept."""

    def put(value: Any) -> Any:
        if isinstance(value, list):
            return [put(each) for each in value]
        if isinstance(value, dict) and "quote" in value:
            return {**value, "text": f"{value['quote'][:9]}: {into}"}
        return {key: put(each) for key, each in value.items()}

    return completion(put(dict(faithful(turns).data or {})))


def chinese(turns: Sequence[Turn]) -> Completion:
    return rendered(turns, into="该策略在所有夹爪之间共享同一个编码器，并在真实机器人上完成抓取。")


def english(turns: Sequence[Turn]) -> Completion:
    return rendered(turns, into="The policy shares one encoder between all of the grippers, it is said.")


@pytest.mark.parametrize("first", [english, faithful], ids=["own words", "the paper's words"])
async def test_an_answer_in_the_wrong_language_is_asked_for_again_once(first: Answer) -> None:
    analysis, model = await analysed(first, otherwise=chinese, language="zh-CN")
    assert len(model.calls) == 2
    assert "not in Simplified Chinese" in model.calls[1][-1].text
    assert "英文" not in analysis.basis.note


@pytest.mark.parametrize("answer", [english, faithful], ids=["own words", "the paper's words"])
@pytest.mark.parametrize(
    ("language", "sentence"),
    [("zh-CN", "模型以英文作答。"), ("ja", "The model answered in English.")],
)
async def test_an_answer_that_stays_in_the_wrong_language_is_said_to_be(
    answer: Answer, language: str, sentence: str
) -> None:
    analysis, model = await analysed(otherwise=answer, language=language)
    assert len(model.calls) == 2
    assert analysis.analyzer == "openai:scripted"
    assert sentence in analysis.basis.note


@pytest.mark.parametrize(("answer", "language"), [(chinese, "zh-CN"), (faithful, "en"), (english, "de")])
async def test_an_answer_in_the_language_asked_for_costs_one_call(answer: Answer, language: str) -> None:
    analysis, model = await analysed(otherwise=answer, language=language)
    assert len(model.calls) == 1
    assert analysis.basis.note == ""
