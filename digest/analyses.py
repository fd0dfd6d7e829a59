"""From a paper to its verified analysis: fetch, read, analyse, verify, remember."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from digest.analysis.verify import verify
from digest.clock import Clock
from digest.errors import FullTextError, SourceError
from digest.fulltext import FullText
from digest.model import Analysis, Depth, Paper
from digest.ports import Analyzer, PaperSource, Reader, Store

Progress = Callable[[str], None]

AT_ONCE = 2  # analyses in hand: one reads while the other waits for arXiv


def quiet(_: str) -> None:
    """Progress that nobody watches."""


class Analyses:
    """Analyses of papers, each made once however many channels and commands ask for it."""

    def __init__(
        self, *, store: Store, source: PaperSource, reader: Reader, analyzer: Analyzer, clock: Clock
    ) -> None:
        self._store = store
        self._source = source
        self._reader = reader
        self._analyzer = analyzer
        self._clock = clock
        self._places = asyncio.Semaphore(AT_ONCE)
        self._flights: dict[tuple[object, ...], asyncio.Task[Analysis]] = {}

    async def of(
        self, paper: Paper, /, *, depth: Depth, language: str, progress: Progress = quiet
    ) -> Analysis:
        """The stored analysis of this version, or a new one.

        Never raises for a bad paper: what cannot be read is analysed from its abstract, and labelled. A
        passing failure of arXiv is labelled too, but not remembered, so that the next asker tries again.
        """
        key = (str(paper.id), depth, language)
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._make(paper, depth, language, progress))
            self._flights[key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        return await asyncio.shield(flight)

    async def _make(self, paper: Paper, depth: Depth, language: str, progress: Progress) -> Analysis:
        known = await self._store.analysis(
            paper.id,
            language=language,
            depth=depth,
            analyzer=self._analyzer.name,
            prompt_version=self._analyzer.prompt_version,
        )
        if known is not None:
            return known
        async with self._places:
            text, note, lasting = await self._full_text(paper, progress)
            progress(f"Analysing {paper.id}: {paper.title}")
            written = await self._analyzer.analyze(paper, text, depth=depth, language=language, note=note)
            analysis = await asyncio.to_thread(verify, written, text, paper)
        if lasting:
            await self._store.save_analysis(analysis, language=language)
        return analysis

    async def _full_text(self, paper: Paper, progress: Progress) -> tuple[FullText | None, str, bool]:
        """The text, or None with the reason, and whether that answer will still be true tomorrow."""
        text = await self._store.text(paper.id)
        if text is None:
            progress(f"Reading {paper.id}: {paper.title}")
            try:
                text = await self._reader.read(await self._source.pdf(paper.id))
            except FullTextError as error:
                return None, str(error), True
            except SourceError as error:
                return None, str(error), False
            await self._store.save_text(paper.id, text, at=self._clock())
        if not text.sections:
            return None, " ".join(text.notes) or "The PDF holds no text.", True
        return text, "", True
