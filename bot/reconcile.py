"""The tick that keeps everything going: it looks at the tables and submits whatever is due.

Nothing is remembered between ticks, so a crash, a restart or a missed tick loses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import structlog

from bot.awaited import awaited, due, forget, moment, remember
from bot.delivery import deliver
from bot.engine import Engine, Unit
from bot.parts import Parts
from bot.reports import write_report
from bot.schedule import next_run, run_date, upcoming
from bot.values import zone
from bot.watch.tally import DIGEST_LAG, MATCHED
from digest.channel import Channel, Delivery, DigestRun, DigestState
from digest.compose import explanation
from digest.model import ArxivId, Digest
from digest.ports import ChatPlatform

log = structlog.get_logger(__name__)

SOON = timedelta(seconds=60)  # what a delivery waits for without giving up its place

FETCH, DIGEST, RENEW, EXPLAIN, DELIVER = "fetch", "digest", "renew", "explain", "deliver"


class Reconcile:
    """Derives due units of work from the tables."""

    def __init__(self, parts: Parts, engine: Engine, platforms: Mapping[str, ChatPlatform]) -> None:
        self._parts = parts
        self._store = parts.store
        self._engine = engine
        self._platforms = platforms
        # When the digests of the schedule that are being made were due, for the figures.
        self._due: dict[tuple[str, date], datetime] = {}

    @property
    def units(self) -> Mapping[str, Unit]:
        """The units of work by kind, for an engine to run."""
        return {
            FETCH: self.fetch,
            DIGEST: self.digest,
            RENEW: self.renew,
            EXPLAIN: self.explain,
            DELIVER: self.deliver,
        }

    async def tick(self) -> None:
        """Claim due digests, then submit fetches, digests and deliveries. Submitting twice is harmless."""
        channels = await self._served()
        followed = {each.channel for each in await self._store.subscriptions()}
        for channel in channels.values():
            if channel.platform == "console" or channel.key in followed:
                await self._parts.daily.begin(channel)
            await self._claim_if_due(channel)
        for category in sorted({c for channel in channels.values() for c in channel.categories}):
            await self._engine.submit(FETCH, category, FETCH)
        for run in await self._open_runs():
            if run.channel in channels:
                await self._engine.submit(DIGEST, f"{run.channel}/{run.local_date}", DIGEST)
        if self._parts.settings.analyzer != "extractive":
            for channel in channels.values():
                await self._engine.submit(RENEW, channel.key, DIGEST)
            for each in await due(self._store, self._parts.clock()):
                await self._engine.submit(EXPLAIN, each.key, "interactive")
        for key in await self._store.channels_with_unsent():
            if key in channels and not channels[key].paused:
                await self._engine.submit(DELIVER, key, DELIVER)

    async def _served(self) -> Mapping[str, Channel]:
        """The channels of the platforms that are running, by key."""
        found = await self._store.channels()
        return {channel.key: channel for channel in found if channel.platform in self._platforms}

    async def start_digest(self, channel: Channel, local_date: date, *, asked: bool = True) -> bool:
        """Begin the channel's digest of a local date now; False if it was begun before.

        One that somebody asked for is told even where it is empty and the channel wants no word of that.
        """
        now = self._parts.clock()
        claimed = await self._store.claim_digest(
            channel, local_date, next_run_at=next_run(channel, local_date), at=now
        )
        if claimed:
            if asked:
                await self._store.set_meta(f"digest_asked/{channel.key}", local_date.isoformat())
            await self._engine.submit(DIGEST, f"{channel.key}/{local_date}", DIGEST)
        return claimed

    async def _claim_if_due(self, channel: Channel) -> None:
        now = self._parts.clock()
        if channel.paused and channel.paused_until is not None and channel.paused_until <= now:
            channel = await self._resumed(channel)
        if channel.next_run_at is None and not channel.paused:
            # A new channel gets its first digest at once.
            channel = await self._changed(channel, lambda known: replace(known, next_run_at=now))
        channel = await self._not_beyond(channel, now)
        due = run_date(channel, now)
        if due is None:
            return
        if channel.platform != "console" and not await self._store.subscriptions(channel.key):
            # Nobody asks for digests there; what is announced meanwhile is no news to those who will.
            await self._parts.daily.skip_to_today(channel)
            await self._changed(channel, lambda known: replace(known, next_run_at=next_run(known, due)))
            return
        self._due[channel.key, due] = channel.next_run_at or now
        await self.start_digest(channel, due, asked=False)

    async def _not_beyond(self, channel: Channel, now: datetime) -> Channel:
        """The channel with its next digest no later than its schedule says.

        A clock that ran ahead for a while has claimed dates that are still to come.
        """
        today = now.astimezone(zone(channel.timezone)).date()
        planned = channel.next_run_at
        if channel.paused or planned is None or planned <= next_run(channel, today):
            return channel
        runs = await self._store.digest_runs(channel=channel.key)
        sooner = upcoming(channel, now, made=[run.local_date for run in runs])
        if sooner >= planned:
            return channel
        log.warning(
            "digest planned anew", channel=channel.key, was=planned.isoformat(), at=sooner.isoformat()
        )
        return await self._changed(channel, lambda known: replace(known, next_run_at=sooner))

    async def _resumed(self, channel: Channel) -> Channel:
        """The channel after a pause whose end has come; what was announced meanwhile is not news."""
        resumed = await self._changed(channel, lambda known: known.unpaused)
        await self._parts.daily.skip_to_today(resumed, since=channel.paused_at)
        return resumed

    async def _changed(self, channel: Channel, change: Callable[[Channel], Channel]) -> Channel:
        return await self._store.change_channel(channel.key, change) or channel

    async def _open_runs(self) -> tuple[DigestRun, ...]:
        """The newest open run of each channel; older ones are closed, their late days go to the newest."""
        newest: dict[str, DigestRun] = {}
        for run in await self._store.digest_runs(state=DigestState.OPEN):
            if newest.setdefault(run.channel, run) is not run:
                await self._store.enqueue(
                    run.channel, run.local_date, deliveries=(), papers=(), told=(), done=True
                )
        return tuple(newest.values())

    # The units themselves, by kind; each is idempotent.

    async def fetch(self, category: str) -> None:
        """Fetch what is due of a category."""
        await self._parts.daily.fetch([category])

    async def digest(self, key: str) -> None:
        """Make, or add to, the digest named "channel/local date"."""
        channel_key, _, local_date = key.rpartition("/")
        channel = await self._store.channel(channel_key)
        if channel is not None:
            day = date.fromisoformat(local_date)
            before = await self._store.digest(channel_key, day)
            if await self._store.meta(f"digest_asked/{channel_key}") == local_date:
                channel = replace(channel, tells_empty_days=True)
            whole = await self._parts.daily.deliver(channel, day)
            self._tally(channel, day, before, whole)
            await self._report(whole, channel)
            await self._engine.submit(DELIVER, channel_key, DELIVER)

    def _tally(self, channel: Channel, day: date, before: Digest | None, whole: Digest) -> None:
        tally = self._parts.tally
        tally.add(MATCHED, by=len(whole.matches) - (len(before.matches) if before else 0))
        due = self._due.pop((channel.key, day), None)
        if due is not None and before is None:
            tally.took(DIGEST_LAG, max(0.0, (self._parts.clock() - due).total_seconds()))

    async def renew(self, channel_key: str) -> None:
        """Ask the model again for what it failed to give to the channel's newest digest."""
        channel = await self._store.channel(channel_key)
        runs = await self._store.digest_runs(channel=channel_key)
        if channel is None or not runs or not await self._parts.daily.renew(channel, runs[0].local_date):
            return
        whole = await self._store.digest(channel_key, runs[0].local_date)
        if whole is not None:
            await self._report(whole, channel)
        await self._engine.submit(DELIVER, channel_key, DELIVER)

    async def explain(self, key: str) -> None:
        """Bring an analysis that was asked for while the model was away, if it is back."""
        wanted = next((each for each in await awaited(self._store) if each.key == key), None)
        channel = await self._store.channel(wanted.channel) if wanted else None
        if wanted is not None and channel is None:
            await forget(self._store, key)
        if wanted is None or channel is None:
            return
        paper = await self._parts.explain.paper(ArxivId.parse(wanted.paper))
        analysis = await self._parts.explain.explain(
            paper, language=wanted.language, channel=wanted.channel, person=wanted.person
        )
        if analysis.retry_at is not None:
            await remember(self._store, replace(wanted, not_before=moment(analysis.retry_at)))
            return
        now = self._parts.clock()
        delivery = Delivery(
            # Made again after a crash, it is the same.
            key=f"{channel.key}/explained/{paper.id}/{wanted.language}/{wanted.asked}",
            channel=channel.key,
            position=0,
            document=explanation(analysis, paper, language=wanted.language),
        )
        await self._store.enqueue(
            channel.key, now.date(), deliveries=[delivery], papers=(), told=(), done=False
        )
        await forget(self._store, key)
        await self._engine.submit(DELIVER, channel.key, DELIVER)

    async def _report(self, whole: Digest, channel: Channel) -> None:
        folder = self._parts.settings.report_dir
        try:
            await asyncio.to_thread(write_report, folder, whole, timezone=channel.timezone)
        except OSError as error:  # the digest itself is safe in the outbox
            log.warning("report not written", folder=str(folder), error=error.strerror)

    async def deliver(self, channel_key: str) -> None:
        """Send what the channel's outbox holds; waits out a short wait that the platform asks for."""
        while True:
            channel = await self._store.channel(channel_key)
            if channel is None or channel.paused or channel.platform not in self._platforms:
                return
            clock = self._parts.clock
            platform = self._platforms[channel.platform]
            report = await deliver(channel, store=self._store, platform=platform, clock=clock)
            if report.next_try is None or report.next_try - clock() > SOON:
                return
            await self._parts.sleep(max(0.0, (report.next_try - clock()).total_seconds()))
