"""Analyses over the wire: the real client, a real HTTP server, and a model that reads its prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from digest.analysis.extractive import ExtractiveAnalyzer
from digest.analysis.llm import LlmAnalyzer
from digest.fulltext import FullText
from digest.model import Analysis, Depth
from digest.ports import Turn
from tests.faithful import faithful
from tests.peers.arxiv import FakeTime
from tests.peers.openai import OpenAIPeer
from tests.peers.openai_client import model_of
from tests.peers.openai_forms import Asked
from tests.test_llm_analyzer import NOW, PAPER, TEXT, thesis


def by_prompt(asked: Asked) -> Mapping[str, Any]:
    """The faithful answer to the messages of a request, whoever speaks twice in a row in them."""
    messages = [(message["role"], str(message["content"])) for message in asked.body["messages"]]
    paper = next(text for _, text in messages if "<paper " in text)
    turns = (
        Turn(role="system", text=""),
        Turn(role="user", text=paper),
        Turn(role="user", text=messages[-1][1]),
    )
    return faithful(turns).data or {}


async def analysed(peer: OpenAIPeer, text: FullText | None = TEXT, *, depth: Depth = Depth.BRIEF) -> Analysis:
    time = FakeTime(NOW)
    async with model_of(peer, time) as model:
        writer = LlmAnalyzer(model, fallback=ExtractiveAnalyzer(), clock=time.clock, secret=b"x")
        return await writer.analyze(PAPER, text, depth=depth, language="en")


@pytest.mark.parametrize("refuses", [(), ("json_schema",), ("json_schema", "json_object")], ids=str)
@pytest.mark.parametrize("depth", Depth)
async def test_every_tier_of_server_gives_a_whole_analysis(refuses: tuple[str, ...], depth: Depth) -> None:
    async with OpenAIPeer(faithful=by_prompt, refuses=set(refuses)) as peer:
        analysis = await analysed(peer, depth=depth)
    assert analysis.analyzer == "openai:small"
    assert analysis.missing == ()
    assert analysis.verified == len(analysis.claims)
    assert analysis.basis.note == ""


async def test_a_server_with_little_context_gets_the_paper_in_pieces() -> None:
    async with OpenAIPeer(faithful=by_prompt, context=8_192) as peer:
        analysis = await analysed(peer, thesis())
    assert analysis.analyzer == "openai:small"
    assert "pieces" in analysis.basis.note
    assert analysis.verified == len(analysis.claims)
