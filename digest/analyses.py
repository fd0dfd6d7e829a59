"""From a paper to its verified analysis: fetch, read, analyse, verify, remember."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digest.analysis.budget import Decision, Purse, Rung
from digest.analysis.verify import verify
from digest.clock import Clock
from digest.errors import FullTextError, SourceError
from digest.fulltext import FullText
from digest.model import Analysis, Depth, Paper
from digest.ports import Analyzer, PaperSource, Reader, Store

Progress = Callable[[str], None]

_Key = tuple[str, Depth, str]

AT_ONCE = 2  # analyses in hand for digests: one reads while the other waits for arXiv
ASKED_AT_ONCE = 4  # and for people, who never wait behind the morning's digests


def quiet(_: str) -> None:
    """Progress that nobody watches."""


class Analyses:
    """Analyses of papers, each made once however many channels and commands ask for it."""

    def __init__(
        self,
        *,
        store: Store,
        source: PaperSource,
        reader: Reader,
        analyzer: Analyzer,
        clock: Clock,
        extracts: Analyzer | None = None,
        purse: Purse | None = None,
    ) -> None:
        """`purse` bounds what the analyzer may take; when it is empty, `extracts` write, which is free."""
        self._store = store
        self._source = source
        self._reader = reader
        self._analyzer = analyzer
        self._clock = clock
        self._extracts = extracts or analyzer
        self._purse = purse
        self._places = asyncio.Semaphore(AT_ONCE)
        self._asked_places = asyncio.Semaphore(ASKED_AT_ONCE)
        self._flights: dict[_Key, asyncio.Task[Analysis]] = {}
        self._stepped_down: dict[str, str] = {}
        self._stand_ins: dict[_Key, Analysis] = {}  # those whose `retry_at` has not come

    async def of(
        self,
        paper: Paper,
        /,
        *,
        depth: Depth,
        language: str,
        progress: Progress = quiet,
        fresh: bool = False,
        channel: str = "",
        person: str = "",
    ) -> Analysis:
        """The stored analysis of this version, or a new one; with `fresh`, a new one in its place.

        A new one is paid for by the `channel` and `person` that asked first.
        Never raises for a bad paper: what cannot be read is analysed from its abstract, and labelled. A
        passing failure of arXiv is labelled too, but not remembered, so that the next asker tries again.
        What stands in for a model that failed is kept until its `retry_at`, and made anew after it.
        """
        key = (str(paper.id), depth, language)
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._make(paper, depth, language, progress, fresh, channel, person))
            self._flights[key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        return await asyncio.shield(flight)

    async def text(self, paper: Paper, progress: Progress = quiet) -> tuple[FullText | None, str]:
        """The full text of this version, read now if need be; or None and why there is none."""
        text, note, _ = await self._full_text(paper, progress)
        return text, note

    async def known(self, paper: Paper, depth: Depth, language: str) -> Analysis | None:
        """What `of` gives at once, without reading or asking a model; None if there is nothing yet."""
        stand_in = self._stand_ins.get((str(paper.id), depth, language))
        if stand_in is not None and stand_in.retry_at is not None and self._clock() < stand_in.retry_at:
            return stand_in
        return await self._store.analysis(
            paper.id,
            language=language,
            depth=depth,
            analyzer=self._analyzer.name,
            prompt_version=self._analyzer.prompt_version,
        )

    async def _make(
        self,
        paper: Paper,
        depth: Depth,
        language: str,
        progress: Progress,
        fresh: bool,
        channel: str,
        person: str,
    ) -> Analysis:
        known = None if fresh else await self.known(paper, depth, language)
        if known is not None:
            return known
        async with self._asked_places if person else self._places:
            text, note, lasting = await self._full_text(paper, progress)
            progress(f"Analysing {paper.id}: {paper.title}")
            async with self._affordable(channel, person) as decision:
                written = await self._written(paper, text, note, depth, language, decision)
                analysis = await asyncio.to_thread(verify, written, text, paper)
                if self._purse is not None:
                    model = self._analyzer.name
                    await self._purse.spend(analysis.usage, channel=channel, person=person, model=model)
        if decision.short is not None:
            self._stepped_down[channel] = decision.notice(language)
        if analysis.retry_at is not None:
            self._keep(analysis, language)
        elif lasting and decision.rung is Rung.FULL:
            await self._store.save_analysis(analysis, language=language)
        return analysis

    def stepped_down(self, channel: str) -> str:
        """Why the latest analyses for a channel were less than whole, once; empty where they were not."""
        return self._stepped_down.pop(channel, "")

    @asynccontextmanager
    async def _affordable(self, channel: str, person: str) -> AsyncIterator[Decision]:
        if self._purse is None or self._analyzer is self._extracts:
            yield Decision(rung=Rung.FULL)
            return
        async with self._purse.allowed(channel=channel, person=person) as decision:
            yield decision

    async def _written(
        self,
        paper: Paper,
        text: FullText | None,
        note: str,
        depth: Depth,
        language: str,
        decision: Decision,
    ) -> Analysis:
        """The analysis on the rung that can be paid for; what is less than the whole says why."""
        if decision.rung is Rung.FULL:
            return await self._analyzer.analyze(paper, text, depth=depth, language=language, note=note)
        notice = decision.notice(language)
        if decision.rung is Rung.ABSTRACT:
            brief = await self._analyzer.analyze(paper, None, depth=depth, language=language, note=notice)
            return replace(brief, retry_at=brief.retry_at or self._tomorrow())
        extracts = await self._extracts.analyze(paper, text, depth=depth, language=language, note=note)
        told = replace(extracts.basis, note=notice)
        return replace(extracts, basis=told, retry_at=self._tomorrow())

    def _tomorrow(self) -> datetime:
        """Midnight UTC, when budgets begin anew."""
        tomorrow = self._clock().astimezone(UTC) + timedelta(days=1)
        return tomorrow.replace(hour=0, minute=0, second=0, microsecond=0)

    def _keep(self, stand_in: Analysis, language: str) -> None:
        """Keep a stand-in, and forget those whose time is over."""
        now = self._clock()
        kept = {key: each for key, each in self._stand_ins.items() if each.retry_at and now < each.retry_at}
        self._stand_ins = kept | {(str(stand_in.paper), stand_in.depth, language): stand_in}

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
