"""A channel's day, whole: fetch what arXiv announced, match it, read and analyse, compose, put in the outbox.

Every step reads what is stored, does what is missing and stores it: a finished day run again does nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from digest.analyses import Analyses, Progress, quiet
from digest.arxiv.calendar import announcement_day, latest_announcement_day
from digest.channel import Channel, Mode
from digest.clock import Clock
from digest.errors import SourceError
from digest.matching import TermKind, matches, parse_query, taste
from digest.model import (
    Announcement,
    ArxivId,
    CategoryDay,
    DayState,
    Depth,
    Digest,
    DigestItem,
    Match,
    Paper,
)
from digest.planning import days_due, due_again, enriched, is_done, merged, to_tell, told_as
from digest.ports import PaperSource, Store
from digest.posting import Revision, deliveries, renewals
from digest.union import strongest
from digest.wording import wording

WINDOW = timedelta(days=90)  # arXiv's /catchup goes back no further
_ANNOUNCED = (DayState.COMPLETE, DayState.TRUNCATED)
TASTES = 100  # papers of each kind that tell what a channel likes


class Daily:
    """The daily digest of every channel."""

    def __init__(
        self,
        *,
        store: Store,
        source: PaperSource,
        analyses: Analyses,
        clock: Clock,
        progress: Progress = quiet,
    ) -> None:
        self._store = store
        self._source = source
        self._analyses = analyses
        self._clock = clock
        self._progress = progress
        self._fetching: dict[str, asyncio.Lock] = {}
        self._telling: dict[str, asyncio.Lock] = {}
        self._begun: set[tuple[str, str]] = set()  # channels and categories

    async def deliver(self, channel: Channel, local_date: date) -> Digest:
        """Bring the channel's digest of a local date into the outbox, as far as arXiv lets us.

        Run again, it adds the papers of categories that came late, in the thread of the first message. A
        channel's digests are made one at a time: each rests on what those before it have told.
        """
        await self.fetch(channel.categories)
        async with self._telling.setdefault(channel.key, asyncio.Lock()):
            await self.begin(channel)
            return await self._told(channel, local_date)

    async def begin(self, channel: Channel) -> None:
        """Note that categories new to the channel are told from the latest announcement day on.

        The day before it is kept as told. Whatever the first digest waits for, its hour, its weekday or a
        pause's end, it has the days since.
        """
        new = {(channel.key, category) for category in channel.categories} - self._begun
        if not new:
            return
        known = {category for category, _ in await self._store.told_days(channel.key)}
        eve = latest_announcement_day(self._today()) - timedelta(days=1)
        told = [(category, eve) for _, category in new if category not in known]
        if told:
            await self._store.enqueue(channel.key, eve, deliveries=(), papers=(), told=told, done=False)
        self._begun |= new

    async def _told(self, channel: Channel, local_date: date) -> Digest:
        before = await self._store.digest(channel.key, local_date)
        news, revisions = await self._news(channel, local_date, before)
        whole = merged(before, news)
        # A digest that found nothing may not have been told; what comes late then opens it.
        opened = before is not None and await self._store.delivery(f"{channel.key}/{local_date}/digest")
        await self._store.enqueue(
            channel.key,
            local_date,
            deliveries=deliveries(
                channel, news if opened else whole, before=before if opened else None, revisions=revisions
            ),
            papers=[
                told_as(match.announcement) for match in (*news.matches, *(each.match for each in revisions))
            ],
            told=[(row.category, row.day) for row in news.ledger if row.state.is_final],
            done=is_done(news),
            digest=whole,
        )
        return whole

    async def fetch(self, categories: Collection[str]) -> None:
        """Fetch every announcement day of the categories that is due; faults of arXiv end in the ledger."""
        for category in categories:
            async with self._fetching.setdefault(category, asyncio.Lock()):
                ledger = await self._ledger([category])
                for day in days_due(ledger, today=self._today(), now=self._clock()):
                    self._progress(f"Fetching {category}, {day:%A} {day.day} {day:%B}")
                    last, last_ids = await self._store.last_batch(category)
                    batch = await self._source.announced(category, day, last=last, last_ids=last_ids)
                    await self._store.save_batch(batch)

    async def renew(self, channel: Channel, local_date: date) -> int:
        """Ask again for the analyses of a digest whose model failed and whose `retry_at` has come.

        Those it gives now are told in the digest's thread and replace the stand-ins; their number.
        """
        digest = await self._store.digest(channel.key, local_date)
        if digest is None or not due_again(digest, self._clock()):
            return 0
        renewed = await self._analysed(channel, [item.match for item in due_again(digest, self._clock())])
        better = {
            item.match.announcement.paper.id: item
            for item in renewed
            if item.analysis is not None and item.analysis.retry_at is None
        }
        async with self._telling.setdefault(channel.key, asyncio.Lock()):
            # While the model was asked, late papers may have been added.
            digest = await self._store.digest(channel.key, local_date) or digest
            whole = replace(
                digest,
                items=tuple(better.get(item.match.announcement.paper.id, item) for item in digest.items),
            )
            await self._store.enqueue(
                channel.key,
                local_date,
                deliveries=renewals(channel, whole, frozenset(better)),
                papers=(),
                told=(),
                done=is_done(whole),
                digest=whole,
            )
        return len(better)

    async def found(self, channel: Channel) -> tuple[Match, ...]:
        """What the next digest would name, best first, from what is stored now.

        Of a paused channel it is what its digest would name if the pause ended now.
        """
        ledger = await self._untold(channel)
        if channel.paused:
            skipped = self._before_latest(ledger, since=channel.paused_at)
            ledger = tuple(row for row in ledger if row not in skipped)
        return (await self._matched(channel, ledger))[1]

    async def skip_to_today(
        self, channel: Channel, *, since: datetime | None = None, categories: Collection[str] | None = None
    ) -> None:
        """Count every day before the latest as told: what was announced during a pause is not news.

        `since` is when the pause began, and what was announced before is still told; `categories` are those
        that this is about, None for all.
        """
        skipped = self._before_latest(await self._untold(channel), since=since)
        told = [
            (row.category, row.day) for row in skipped if categories is None or row.category in categories
        ]
        await self._store.enqueue(channel.key, self._today(), deliveries=(), papers=(), told=told, done=False)

    async def _news(
        self, channel: Channel, local_date: date, before: Digest | None
    ) -> tuple[Digest, tuple[Revision, ...]]:
        """What the channel has not been told yet, and what goes into the threads of earlier digests.

        To a digest that was told `before` only that is added which it waits for: what was announced since
        belongs to the next.
        """
        ledger = await (self._untold(channel) if before is None else self._awaited_by(channel, before))
        scanned, found = await self._matched(channel, ledger)
        revisions = await self._revisions(channel, found)
        elsewhere = {each.match.announcement.paper.id for each in revisions}
        fresh = tuple(each for each in found if each.announcement.paper.id not in elsewhere)
        news = await self._digest(channel, local_date, ledger, scanned, fresh)
        if not revisions:
            return news, ()
        told = wording(channel.language).say.told_in_threads(len(revisions))
        return replace(news, notes=(*news.notes, told)), revisions

    async def _revisions(self, channel: Channel, found: Sequence[Match]) -> tuple[Revision, ...]:
        """The new versions of papers that have a thread in the channel."""
        if channel.mode is Mode.COMPACT:
            return ()
        threads = {
            match: await self._store.told_of(channel.key, match.announcement.paper.id.id)
            for match in found
            if match.announcement.type.is_revision
        }
        known = {match: told for match, told in threads.items() if told is not None}
        full = await self._with_metadata(list(known))
        return tuple(
            Revision(match=match, thread=told.key) for match, told in zip(full, known.values(), strict=True)
        )

    async def _digest(
        self,
        channel: Channel,
        local_date: date,
        ledger: tuple[CategoryDay, ...],
        scanned: int,
        found: tuple[Match, ...],
    ) -> Digest:
        """The matches ranked, read and analysed as far as the cap goes."""
        items = await self._analysed(channel, found[: channel.cap])
        short = self._analyses.stepped_down(channel.key)
        return Digest(
            channel=channel.key,
            local_date=local_date,
            categories=channel.categories,
            queries=await self._queries(channel),
            language=channel.language,
            weekdays=channel.digest_days,
            days=tuple(sorted({row.day for row in ledger if row.state in _ANNOUNCED})),
            scanned=scanned,
            ledger=ledger,
            items=items,
            more=found[channel.cap :],
            next_at=channel.next_run_at,
            notes=(short,) if short else (),
        )

    async def _matched(
        self, channel: Channel, ledger: Sequence[CategoryDay]
    ) -> tuple[int, tuple[Match, ...]]:
        """How many announcements the ledger rows hold, and the matches among them nobody told of."""
        announced = await self._announced(channel, ledger)
        delivered = await self._store.delivered_papers(channel.key)
        latest = {each.paper.id.id: each for each in sorted(announced, key=lambda each: each.day)}
        news = [each for each in latest.values() if told_as(each) not in delivered]
        queries = await self._queries(channel)
        examples = await self.examples(queries)
        liked = await self._taste(channel)
        found = await asyncio.to_thread(matches, queries, news, papers=examples.get, liked=liked)
        return len(latest), found

    async def _taste(self, channel: Channel) -> Callable[[Paper], float] | None:
        """What the channel's people saved, liked and dismissed lately, as a criterion of rank."""
        saved = [each.paper for each in await self._store.saved_papers(channel=channel.key)]
        opinions = await self._store.opinions(channel.key)
        liked = [*saved, *(each.paper for each in opinions if each.liked)]
        disliked = [each.paper for each in opinions if not each.liked]
        return await asyncio.to_thread(taste, await self._known(liked), await self._known(disliked))

    async def _known(self, papers: Sequence[str]) -> tuple[Paper, ...]:
        latest = sorted(set(papers), reverse=True)[:TASTES]
        known = [await self._store.paper(ArxivId(each)) for each in latest]
        return tuple(paper for paper in known if paper is not None)

    async def examples(self, queries: Collection[str]) -> Mapping[ArxivId, Paper]:
        """The papers that `like:` terms name, from the store, else from arXiv; unknown ones are left out."""
        wanted = {
            ArxivId.parse(term.words[0]).bare
            for query in queries
            for term in parse_query(query).terms
            if term.kind is TermKind.LIKE
        }
        known = {
            paper.id.bare: paper for paper in [await self._store.paper(each) for each in wanted] if paper
        }
        try:
            asked = await self._source.papers(sorted(wanted - set(known))) if wanted - set(known) else ()
        except SourceError:
            asked = ()
        await self._store.save_papers(asked)
        return known | {paper.id.bare: paper for paper in asked}

    async def _announced(self, channel: Channel, ledger: Sequence[CategoryDay]) -> tuple[Announcement, ...]:
        """The announcements behind the ledger rows, of the types the channel wants."""
        told_now = {(row.category, row.day) for row in ledger}
        stored = await self._store.announcements({row.day for row in ledger}, categories=channel.categories)
        return strongest(
            each
            for each in stored
            if each.type in channel.types and any((c, each.day) in told_now for c in each.listed_in)
        )

    async def _analysed(self, channel: Channel, found: Sequence[Match]) -> tuple[DigestItem, ...]:
        papers = await self._with_metadata(found)
        analyses = (
            self._analyses.of(
                match.announcement.paper,
                depth=Depth.BRIEF,
                language=channel.language,
                progress=self._progress,
                channel=channel.key,
            )
            for match in papers
        )
        return tuple(
            DigestItem(match=match, analysis=analysis)
            for match, analysis in zip(papers, await asyncio.gather(*analyses), strict=True)
        )

    async def _with_metadata(self, found: Sequence[Match]) -> tuple[Match, ...]:
        """Matches with what only the API tells: comment, journal reference, first date. Feeds do without."""
        if not found:
            return ()
        try:
            papers = await self._source.papers([match.announcement.paper.id.bare for match in found])
        except SourceError:
            return tuple(found)
        await self._store.save_papers(papers)
        known = {paper.id.id: paper for paper in papers}
        return tuple(replace(each, announcement=enriched(each.announcement, known)) for each in found)

    async def _ledger(self, categories: Collection[str]) -> tuple[CategoryDay, ...]:
        return await self._store.ledger(categories, since=self._today() - WINDOW)

    def _before_latest(
        self, ledger: Sequence[CategoryDay], *, since: datetime | None
    ) -> tuple[CategoryDay, ...]:
        """The rows announced after a moment (None for ever) and before the latest day with announcements."""
        begun = announcement_day(since) if since is not None else date.min
        latest = max((row.day for row in ledger if row.state is not DayState.EMPTY), default=self._today())
        return tuple(row for row in ledger if begun < row.day < latest)

    async def _untold(self, channel: Channel) -> tuple[CategoryDay, ...]:
        """The ledger rows that the channel was not told of."""
        told = await self._store.told_days(channel.key)
        return to_tell(await self._ledger(channel.categories), told, today=self._today())

    async def _awaited_by(self, channel: Channel, digest: Digest) -> tuple[CategoryDay, ...]:
        """The rows that a digest rests on and did not tell yet; that a day had nothing, it tells as well."""
        told = await self._store.told_days(channel.key)
        awaited = {(row.category, row.day) for row in digest.ledger} - told
        ledger = await self._ledger(channel.categories)
        return tuple(row for row in ledger if (row.category, row.day) in awaited)

    async def _queries(self, channel: Channel) -> tuple[str, ...]:
        return tuple(each.query for each in await self._store.subscriptions(channel.key))

    def _today(self) -> date:
        return announcement_day(self._clock())
