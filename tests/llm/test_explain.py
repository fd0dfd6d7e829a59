"""A whole /explain of a real paper by the small model: poor words, but whole, checked and labelled."""

from __future__ import annotations

from pathlib import Path

from bot.demo.replay import DATA
from tests.bot_under_test import BotUnderTest


async def test_explain_of_s2orc_is_whole_and_says_what_it_rests_on(tmp_path: Path, smollm: str) -> None:
    settings = {
        "analyzer": "openai:smollm2",
        "openai_base_url": smollm,
        "openai_context": 2_400,
        "paper_tokens": 1_000,
        "openai_seconds": 60.0,
    }
    async with BotUnderTest(tmp_path, **settings) as bot:
        bot.arxiv.replay(DATA)

        said = (await bot.says("/explain 1911.02782")).replace("\n", " ")

    assert "S2ORC: The Semantic Scholar Open Research Corpus" in said
    assert "1. Overview" in said
    assert "5. Experiments" in said
    assert "claims verified against the text" in said
    # So small a model loops until its limit or invents; then extracts stand in, and the footer says why.
    assert "· smollm2 ·" in said or ("Extracts from the paper" in said and "The model" in said)
