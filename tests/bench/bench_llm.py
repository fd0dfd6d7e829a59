"""What an analysis by a model costs besides the model: CPU per paper, and what the event loop feels."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from digest.analysis.extractive import ExtractiveAnalyzer
from digest.analysis.llm import LlmAnalyzer
from digest.analysis.llm_judge import Judge
from digest.analysis.llm_source import source_of
from digest.fulltext import FullText
from digest.model import ArxivId, Depth, Paper
from digest.reading.limits import Limits
from digest.reading.pdf import read_pdf
from tests.faithful import ScriptedModel, faithful

DATA = Path(__file__).parents[2] / "bot/demo/data"
PAPERS = (("acl_2020.acl-main.447.pdf", "1911.02782"), ("acl_2023.eacl-main.121.pdf", "2301.13298"))


def run() -> None:
    """Print CPU times per paper and the longest stall of the event loop."""
    for name, identifier in PAPERS:
        text = read_pdf((DATA / name).read_bytes(), Limits())
        paper = Paper(id=ArxivId(identifier, 1), title=text.title)
        asyncio.run(_analysed(paper, text))  # imports and patterns are paid once per process
        start = time.process_time()
        source = source_of(paper, text, limit=60_000, secret=b"x")
        sending = time.process_time() - start
        claims, stall, whole = asyncio.run(_analysed(paper, text))
        start = time.process_time()
        _ = Judge(paper, text).guard.links
        guarding = time.process_time() - start
        print(
            f"{identifier}: prompt of {source.tokens} tokens {sending * 1000:.0f} ms, defence "
            f"{guarding * 1000:.0f} ms, all with {claims} claims {whole * 1000:.0f} ms CPU; longest stall "
            f"{stall * 1000:.0f} ms"
        )


async def _analysed(paper: Paper, text: FullText) -> tuple[int, float, float]:
    """Claims, the longest stall and the CPU time in seconds of one analysis by a model that takes no time."""
    writer = LlmAnalyzer(ScriptedModel(otherwise=faithful), fallback=ExtractiveAnalyzer(), secret=b"x")
    start = time.process_time()
    work = asyncio.create_task(writer.analyze(paper, text, depth=Depth.BRIEF, language="en"))
    stall = 0.0
    while not work.done():
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        stall = max(stall, time.perf_counter() - before - 0.001)
    made = await work
    return len(made.claims), stall, time.process_time() - start
