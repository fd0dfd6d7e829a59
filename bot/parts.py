"""The composition root: which real part stands at each seam, by the settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.commands.request import Desk
from bot.config import Settings
from bot.files import MIB, read_file
from bot.models import open_writer, purse
from bot.watch.pulse import Pulse
from bot.watch.seams import CountedReader, CountedSource
from bot.watch.tally import Tally
from digest.analyses import Analyses, Progress, quiet
from digest.analysis import ExtractiveAnalyzer, paper_of, verify
from digest.analysis.budget import Purse
from digest.arxiv import ArxivSettings, ArxivSource, open_client
from digest.ask import Ask
from digest.channel import Channel
from digest.clock import Clock, Sleep, sleep, utc_now
from digest.daily import Daily
from digest.errors import FullTextError, UserError
from digest.explain import Explain
from digest.model import Analysis, Depth, Paper
from digest.ports import PaperSource, Reader
from digest.reading.limits import Limits
from digest.reading.worker import PdfReader
from storage import Store, open_store


class Parts:
    """Everything a process of Paperboy works with, opened and closed together.

    A process that makes and delivers digests is `alone` on its store; one that asks or subscribes need
    not be.
    """

    store: Store
    source: PaperSource
    reader: Reader
    analyses: Analyses
    daily: Daily
    explain: Explain
    ask: Ask
    passages: Ask  # answers without a model, for when the budget is spent
    purse: Purse

    def __init__(
        self,
        settings: Settings,
        *,
        alone: bool = True,
        clock: Clock = utc_now,
        sleep: Sleep = sleep,
        watch: Progress = quiet,
    ) -> None:
        self.settings = settings
        self._alone = alone
        self.clock = clock
        self.sleep = sleep
        self._watch = watch
        self.tally = Tally()
        self.pulse = Pulse(clock)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.store = await stack.enter_async_context(open_store(self.settings.store, alone=self._alone))
            client = await stack.enter_async_context(
                open_client(arxiv_settings(self.settings), clock=self.clock, sleep=self.sleep)
            )
            self.source = CountedSource(ArxivSource(client, clock=self.clock), self.tally)
            reader = await stack.enter_async_context(open_reader(self.settings))
            self.reader = CountedReader(reader, self.tally)
            writer = await stack.enter_async_context(
                open_writer(self.settings, self.store, clock=self.clock, sleep=self.sleep)
            )
            extracts = ExtractiveAnalyzer(clock=self.clock)
            self.purse = purse(self.settings, self.store, self.clock, self.tally)
            self.analyses = Analyses(
                store=self.store,
                source=self.source,
                reader=self.reader,
                analyzer=writer or extracts,
                extracts=extracts,
                purse=self.purse,
                clock=self.clock,
            )
            self.ask = Ask(store=self.store, analyses=self.analyses, writer=writer, clock=self.clock)
            self.passages = Ask(store=self.store, analyses=self.analyses, writer=None, clock=self.clock)
            self.daily = Daily(
                store=self.store,
                source=self.source,
                analyses=self.analyses,
                clock=self.clock,
                progress=self._watch,
            )
            self.explain = Explain(store=self.store, source=self.source, analyses=self.analyses)
            self._open = stack.pop_all()
        return self

    def desk(
        self, *, start_digest: Callable[[Channel, date], Awaitable[bool]], progress: Progress = quiet
    ) -> Desk:
        """What commands work with."""
        return Desk(
            store=self.store,
            daily=self.daily,
            explain=self.explain,
            ask=self.ask,
            passages=self.passages,
            purse=self.purse,
            clock=self.clock,
            start_digest=start_digest,
            progress=progress,
            source_url=self.settings.source_url,
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()


async def explain_file(
    settings: Settings, path: Path, *, clock: Clock = utc_now, watch: Progress = quiet
) -> tuple[Paper, Analysis]:
    """Analyse a PDF that is not taken from arXiv. Raises `UserError` when it cannot be read."""
    watch(f"Reading {path}")
    try:
        pdf = await asyncio.to_thread(
            read_file, path, most=settings.pdf_megabytes * MIB, setting="PDF_MEGABYTES"
        )
        async with open_reader(settings) as reader:
            text = await reader.read(pdf)
    except FullTextError as error:
        raise UserError(f"{path}: {error}") from error
    if not text.sections:
        raise UserError(f"{path}: {' '.join(text.notes) or 'The PDF holds no text.'}")
    paper = paper_of(text, name=path.name)
    watch(f"Analysing {path}")
    async with open_writer(settings, clock=clock) as writer:
        written = await (writer or ExtractiveAnalyzer(clock=clock)).analyze(
            paper, text, depth=Depth.DEEP, language=settings.language
        )
    return paper, verify(written, text, paper)


@asynccontextmanager
async def open_reader(settings: Settings) -> AsyncIterator[PdfReader]:
    """A PDF reader with the settings' limits; its worker ends with the block."""
    reader = PdfReader(
        Limits(seconds=settings.pdf_seconds, bytes=settings.pdf_megabytes * 2**20, pages=settings.pdf_pages)
    )
    try:
        yield reader
    finally:
        await reader.close()


def arxiv_settings(settings: Settings) -> ArxivSettings:
    """arXiv's addresses and manners, as configured."""
    return ArxivSettings(
        rss_url=settings.arxiv_rss_url,
        api_url=settings.arxiv_api_url,
        url=settings.arxiv_url,
        pdf_url=settings.arxiv_pdf_url,
        contact=settings.contact,
        feed_gap=settings.arxiv_feed_gap,
        page_gap=settings.arxiv_page_gap,
        timeout=settings.arxiv_timeout,
        tries=settings.arxiv_tries,
        max_pdf_bytes=settings.pdf_megabytes * 2**20,
    )
