"""`paperboy doctor`: each part tried once, and for each that fails what to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.config import Settings
from bot.parts import arxiv_settings, open_reader
from digest.analysis import paper_of
from digest.arxiv import open_client
from digest.arxiv.pacing import Kind
from digest.errors import FullTextError, PaperboyError, SourceUnavailable
from digest.model import Usage
from storage import open_store

SAMPLE = Path(__file__).parent / "demo" / "data" / "acl_2020.acl-main.447.pdf"

# Beside the paper, for an estimate: the instructions of an analysis, and an answer of the usual length.
TASK_TOKENS = 1_500
ANSWER_TOKENS = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found, in a sentence; `advice` says what to do where it is not well."""

    name: str
    well: bool
    says: str
    advice: str = ""


Check = Callable[[Settings], Awaitable[Finding]]


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Check the store, arXiv, the reader and the analyzer, one after the other."""
    for check in (_store, _arxiv, _reader, _analyzer, _manners):
        yield await check(settings)


async def _store(settings: Settings) -> Finding:
    try:
        async with open_store(settings.store, alone=False) as store:
            wrong = await store.integrity_check()
            days = await store.days_with_announcements(limit=1)
    except PaperboyError as error:
        return Finding(name="store", well=False, says=str(error), advice="Mend or change STORE.")
    if wrong:
        return Finding(
            name="store",
            well=False,
            says=" ".join(wrong),
            advice="Stop Paperboy and restore a copy of the file.",
        )
    newest = f"the newest announcements are of {days[0]}" if days else "no announcements yet"
    return Finding(name="store", well=True, says=f"{settings.store} is sound; {newest}.")


async def _arxiv(settings: Settings) -> Finding:
    category = settings.categories[0]
    hasty = settings.model_copy(update={"arxiv_tries": 1})
    try:
        async with open_client(arxiv_settings(hasty)) as client:
            answer = await client.get(f"{arxiv_settings(hasty).rss_base}/rss/{category}", Kind.FEED)
    except SourceUnavailable as error:
        return Finding(
            name="arXiv",
            well=False,
            says=str(error),
            advice="Check the network and ARXIV_RSS_URL; if arXiv itself is down, Paperboy goes on trying.",
        )
    if answer.status != 200:
        return Finding(
            name="arXiv",
            well=False,
            says=f"{category} is answered with HTTP {answer.status}.",
            advice="Check CATEGORIES and ARXIV_RSS_URL.",
        )
    return Finding(
        name="arXiv", well=True, says=f"the feed of {category} is there, {len(answer.body)} bytes."
    )


async def _reader(settings: Settings) -> Finding:
    started = datetime.now(UTC)
    try:
        async with open_reader(settings) as reader:
            text = await reader.read(await asyncio.to_thread(SAMPLE.read_bytes))
    except FullTextError as error:
        return Finding(
            name="reading", well=False, says=str(error), advice="Give the process 1 GiB of address space."
        )
    seconds = (datetime.now(UTC) - started).total_seconds()
    return Finding(
        name="reading", well=True, says=f"{text.pages_read} pages of a sample read in {seconds:.1f} s."
    )


async def _analyzer(settings: Settings) -> Finding:
    if settings.analyzer == "extractive":
        says = "verbatim extracts, no model and no key needed."
        return Finding(name="analyzer", well=True, says=says)
    from bot.model_check import check_model
    from bot.models import open_model

    async with open_store(settings.store, alone=False) as store, open_model(settings, store) as model:
        report = await check_model(model, context=settings.openai_context or None)
    if not report.works:
        return Finding(
            name="analyzer", well=False, says=report.sentences[0], advice=" ".join(report.sentences[1:])
        )
    return Finding(
        name="analyzer", well=True, says=" ".join(report.sentences), advice=await _one_analysis(settings)
    )


async def _one_analysis(settings: Settings) -> str:
    """What one analysis takes, told of the sample."""
    from bot.models import prices
    from digest.analysis.llm_source import source_of

    async with open_reader(settings) as reader:
        text = await reader.read(await asyncio.to_thread(SAMPLE.read_bytes))
    source = source_of(paper_of(text, name=SAMPLE.name), text, limit=settings.paper_tokens, secret=b"")
    usage = Usage(prompt_tokens=source.tokens + TASK_TOKENS, completion_tokens=ANSWER_TOKENS)
    takes = f"One analysis of a paper of {text.pages} pages sends about {usage.prompt_tokens:,} tokens"
    cost = prices(settings).cost(usage)
    if not cost:
        return f"{takes}; set PRICE_IN and PRICE_OUT to see what that costs."
    return f"{takes} and writes about {ANSWER_TOKENS:,}: ${cost:.4f}."


async def _manners(settings: Settings) -> Finding:
    if settings.contact:
        return Finding(name="contact", well=True, says=f"arXiv can reach you at {settings.contact}.")
    return Finding(
        name="contact",
        well=True,
        says="not set; arXiv asks regular readers to say how they can be reached.",
        advice="Set CONTACT to an e-mail address or page.",
    )
