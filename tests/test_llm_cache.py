"""One analysis for however many ask; a stand-in only until the model is back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from digest.analyses import Analyses
from digest.analysis.extractive import ExtractiveAnalyzer
from digest.analysis.llm import LlmAnalyzer
from digest.errors import ModelUnavailable
from digest.model import Depth
from storage import Store, open_store
from tests.faithful import ScriptedModel, faithful
from tests.test_ask import PAPER, TEXT, NoArxiv

NOW = datetime(2026, 6, 30, 7, 0, tzinfo=UTC)


class Desk:
    """Analyses over a real store, with a clock set by hand."""

    def __init__(self, store: Store, model: ScriptedModel) -> None:
        self.now = NOW
        writer = LlmAnalyzer(model, fallback=ExtractiveAnalyzer(), clock=lambda: self.now, secret=b"x")
        arxiv = NoArxiv()
        self.analyses = Analyses(
            store=store, source=arxiv, reader=arxiv, analyzer=writer, clock=lambda: self.now
        )


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with open_store("sqlite:///:memory:") as opened:
        await opened.save_text(PAPER.id, TEXT, at=NOW)
        yield opened


async def test_fifty_channels_at_once_make_one_call(store: Store) -> None:
    model = ScriptedModel(otherwise=faithful)
    desk = Desk(store, model)
    made = await asyncio.gather(
        *(desk.analyses.of(PAPER, depth=Depth.BRIEF, language="en") for _ in range(50))
    )
    assert len(model.calls) == 1
    assert len({id(analysis) for analysis in made}) == 1
    await desk.analyses.of(PAPER, depth=Depth.BRIEF, language="en")
    assert len(model.calls) == 1


async def test_another_language_or_depth_is_another_analysis_and_fresh_makes_a_new_one(store: Store) -> None:
    model = ScriptedModel(otherwise=faithful)
    desk = Desk(store, model)
    await desk.analyses.of(PAPER, depth=Depth.BRIEF, language="en")
    await desk.analyses.of(PAPER, depth=Depth.BRIEF, language="de")
    await desk.analyses.of(PAPER, depth=Depth.DEEP, language="en")
    assert len(model.calls) == 3
    await desk.analyses.of(PAPER, depth=Depth.DEEP, language="en", fresh=True)
    assert len(model.calls) == 4


async def test_extracts_that_stand_in_are_kept_until_the_model_is_worth_asking_again(store: Store) -> None:
    model = ScriptedModel(ModelUnavailable("busy", retry_after=300), otherwise=faithful)
    desk = Desk(store, model)
    first = await desk.analyses.of(PAPER, depth=Depth.BRIEF, language="en")
    assert first.analyzer == "extractive"
    assert await desk.analyses.of(PAPER, depth=Depth.BRIEF, language="en") == first
    desk.now += timedelta(seconds=300)
    assert (await desk.analyses.of(PAPER, depth=Depth.BRIEF, language="en")).analyzer == "openai:scripted"
    assert len(model.calls) == 2
