"""The Store: `digest.ports.Store` on any database that has a driver. Each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from secrets import token_hex

from digest.channel import Channel, Delivery, DeliveryState, DigestRun, DigestState, Subscription
from digest.conversation import Answer
from digest.document import Document
from digest.errors import StoreError
from digest.fulltext import FullText
from digest.model import (
    Analysis,
    Announcement,
    ArxivId,
    CategoryBatch,
    CategoryDay,
    Depth,
    Digest,
    Paper,
    Usage,
)
from digest.people import Incoming, Opinion, Saved
from storage import announcements, cache, channels, conversations, meta, outbox, people, restored, spending
from storage.driver import Driver

LEAST_ROOM = 32 * 2**20  # bytes; the largest batch of a day takes a quarter of that


class Store:
    """Everything that is remembered; semantics as told by `digest.ports.Store`, besides a few of its own."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._read = driver.read
        self._write = driver.write

    # Announcements and the ledger

    async def save_batch(self, batch: CategoryBatch, /) -> None:
        await self._write(partial(announcements.save_batch, batch=batch))

    async def ledger(
        self, categories: Collection[str], /, *, since: date, until: date | None = None
    ) -> tuple[CategoryDay, ...]:
        return await self._read(lambda tx: announcements.ledger(tx, categories, since=since, until=until))

    async def last_batch(self, category: str, /) -> tuple[CategoryDay | None, frozenset[str]]:
        return await self._read(lambda tx: announcements.last_batch(tx, category))

    async def announcements(
        self, days: Collection[date], /, *, categories: Collection[str] | None = None
    ) -> tuple[Announcement, ...]:
        return await self._read(lambda tx: announcements.announcements(tx, days, categories=categories))

    async def days_with_announcements(self, *, limit: int) -> tuple[date, ...]:
        return await self._read(lambda tx: announcements.days_with_announcements(tx, limit=limit))

    async def paper(self, paper: ArxivId, /) -> Paper | None:
        return await self._read(lambda tx: announcements.paper(tx, paper))

    async def save_papers(self, papers: Sequence[Paper], /) -> None:
        await self._write(lambda tx: announcements.save_papers(tx, papers))

    async def search(self, text: str, /, *, limit: int = 20) -> tuple[Paper, ...]:
        """Papers with all the words, "phrases" and prefixes* in title or abstract, latest announced first."""
        return await self._read(lambda tx: announcements.search(tx, text, limit=limit))

    # Channels and subscriptions

    async def channels(self) -> tuple[Channel, ...]:
        return await self._read(channels.channels)

    async def channel(self, key: str, /) -> Channel | None:
        return await self._read(lambda tx: channels.channel(tx, key))

    async def save_channel(self, channel: Channel, /) -> None:
        await self._write(lambda tx: channels.save_channel(tx, channel))

    async def change_channel(self, key: str, change: Callable[[Channel], Channel], /) -> Channel | None:
        return await self._write(lambda tx: channels.change_channel(tx, key, change))

    async def rename_channel(self, old: str, new: str, /) -> bool:
        return await self._write(lambda tx: channels.rename_channel(tx, old, new))

    async def subscriptions(self, channel: str | None = None, /) -> tuple[Subscription, ...]:
        return await self._read(lambda tx: channels.subscriptions(tx, channel))

    async def add_subscription(self, channel: str, query: str, /, *, by: str, at: datetime) -> Subscription:
        return await self._write(lambda tx: channels.add_subscription(tx, channel, query, by=by, at=at))

    async def remove_subscription(self, channel: str, number: int, /) -> Subscription | None:
        return await self._write(lambda tx: channels.remove_subscription(tx, channel, number))

    # Texts and analyses

    async def text(self, paper: ArxivId, /) -> FullText | None:
        return await self._read(lambda tx: cache.text(tx, paper))

    async def save_text(self, paper: ArxivId, text: FullText, /, *, at: datetime) -> None:
        await self._write(lambda tx: cache.save_text(tx, paper, text, at=at), durable=False)

    async def prune_texts(self, before: datetime) -> int:
        """Forget the extracted texts saved before that moment; how many they were."""
        return await self._write(lambda tx: cache.prune_texts(tx, before=before))

    async def analysis(
        self, paper: ArxivId, /, *, language: str, depth: Depth, analyzer: str, prompt_version: str
    ) -> Analysis | None:
        return await self._read(
            lambda tx: cache.analysis(
                tx, paper, language=language, depth=depth, analyzer=analyzer, prompt_version=prompt_version
            )
        )

    async def save_analysis(self, analysis: Analysis, /, *, language: str) -> None:
        await self._write(lambda tx: cache.save_analysis(tx, analysis, language=language))

    # Questions and what models take

    async def conversation(self, thread: str, /, *, limit: int) -> tuple[Answer, ...]:
        return await self._read(lambda tx: conversations.conversation(tx, thread, limit=limit))

    async def add_answer(self, thread: str, answer: Answer, /) -> None:
        await self._write(lambda tx: conversations.add_answer(tx, thread, answer))

    async def record_usage(
        self, usage: Usage, /, *, day: date, channel: str = "", person: str = "", model: str = ""
    ) -> None:
        await self._write(
            lambda tx: spending.record(tx, usage, day=day, channel=channel, person=person, model=model)
        )

    async def usage(
        self,
        day: date,
        /,
        *,
        until: date | None = None,
        channel: str | None = None,
        person: str | None = None,
    ) -> Usage:
        return await self._read(
            lambda tx: spending.total(tx, since=day, until=until or day, channel=channel, person=person)
        )

    # Digests and the outbox

    async def claim_digest(
        self, channel: Channel, day: date, /, *, next_run_at: datetime | None, at: datetime
    ) -> bool:
        return await self._write(
            lambda tx: outbox.claim_digest(tx, channel, day, next_run_at=next_run_at, at=at)
        )

    async def digest_runs(
        self, *, channel: str | None = None, state: DigestState | None = None
    ) -> tuple[DigestRun, ...]:
        return await self._read(lambda tx: outbox.digest_runs(tx, channel=channel, state=state))

    async def delivered_papers(self, channel: str, /) -> frozenset[str]:
        return await self._read(lambda tx: outbox.delivered_papers(tx, channel))

    async def told_days(self, channel: str, /) -> frozenset[tuple[str, date]]:
        return await self._read(lambda tx: outbox.told_days(tx, channel))

    async def enqueue(
        self,
        channel: str,
        day: date,
        /,
        *,
        deliveries: Sequence[Delivery],
        papers: Sequence[str],
        told: Sequence[tuple[str, date]],
        done: bool,
        digest: Digest | None = None,
    ) -> None:
        await self._write(
            lambda tx: outbox.enqueue(
                tx, channel, day, deliveries=deliveries, papers=papers, told=told, done=done, digest=digest
            )
        )

    async def digest(self, channel: str, day: date, /) -> Digest | None:
        return await self._read(lambda tx: outbox.digest(tx, channel, day))

    async def outbox(self, *, channel: str | None = None, unsent: bool = True) -> tuple[Delivery, ...]:
        return await self._read(lambda tx: outbox.outbox(tx, channel=channel, unsent=unsent))

    async def channels_with_unsent(self) -> tuple[str, ...]:
        return await self._read(outbox.channels_with_unsent)

    async def outbox_depth(self) -> Mapping[tuple[str, DeliveryState], int]:
        return await self._read(outbox.depth)

    async def buried(self, *, since: datetime) -> tuple[Delivery, ...]:
        return await self._read(lambda tx: outbox.buried(tx, since=since))

    async def delivery(self, key: str, /) -> Delivery | None:
        return await self._read(lambda tx: outbox.delivery(tx, key))

    async def sent_delivery(self, channel: str, message_id: str, /) -> Delivery | None:
        return await self._read(lambda tx: outbox.sent_delivery(tx, channel, message_id))

    async def told_of(self, channel: str, paper: str, /) -> Delivery | None:
        return await self._read(lambda tx: outbox.told_of(tx, channel, paper))

    async def begin_delivery(self, key: str, /, *, at: datetime) -> bool:
        return await self._write(lambda tx: outbox.begin_delivery(tx, key, at=at))

    async def split_delivery(self, key: str, parts: Sequence[Document], /) -> bool:
        return await self._write(lambda tx: outbox.split_delivery(tx, key, parts))

    async def finish_delivery(self, key: str, message_id: str, /) -> None:
        # Lost in a power cut, it leaves the row `sending`, which is asked after at the next start.
        await self._write(lambda tx: outbox.finish_delivery(tx, key, message_id), durable=False)

    async def postpone_delivery(self, key: str, /, *, until: datetime | None, error: str) -> None:
        await self._write(lambda tx: outbox.postpone_delivery(tx, key, until=until, error=error))

    async def bury_delivery(self, key: str, /, *, at: datetime, error: str) -> None:
        await self._write(lambda tx: outbox.bury_delivery(tx, key, at=at, error=error))

    # People

    async def accept(self, incoming: Incoming, /) -> bool:
        return await self._write(lambda tx: people.accept(tx, incoming))

    async def incoming(self, incoming: str, /) -> Incoming | None:
        return await self._read(lambda tx: people.incoming(tx, incoming))

    async def unanswered(self) -> tuple[Incoming, ...]:
        return await self._read(people.unanswered)

    async def begin_answer(self, incoming: str, /) -> int:
        return await self._write(lambda tx: people.begin_answer(tx, incoming), durable=False)

    async def postpone_answer(self, incoming: str, /) -> None:
        await self._write(lambda tx: people.postpone_answer(tx, incoming), durable=False)

    async def finish_answer(self, incoming: str, /, *, at: datetime) -> None:
        await self._write(lambda tx: people.finish_answer(tx, incoming, at), durable=False)

    async def prune_talk(self, before: datetime) -> int:
        return await self._write(lambda tx: people.prune_talk(tx, before))

    async def note_message(self, channel: str, message: str, /, *, paper: str, at: datetime) -> None:
        await self._write(
            lambda tx: people.note_message(tx, channel, message, paper=paper, at=at), durable=False
        )

    async def paper_of_message(self, channel: str, message: str, /) -> str | None:
        return await self._read(lambda tx: people.paper_of_message(tx, channel, message))

    async def save_paper(self, saved: Saved, /) -> bool:
        return await self._write(lambda tx: people.save_paper(tx, saved))

    async def forget_paper(self, channel: str, person: str, paper: str, /) -> bool:
        return await self._write(lambda tx: people.forget_paper(tx, channel, person, paper))

    async def saved_papers(
        self, *, channel: str | None = None, person: str | None = None
    ) -> tuple[Saved, ...]:
        return await self._read(lambda tx: people.saved_papers(tx, channel=channel, person=person))

    async def judge_paper(self, opinion: Opinion, /) -> None:
        await self._write(lambda tx: people.judge_paper(tx, opinion))

    async def withdraw_opinion(self, channel: str, person: str, paper: str, /) -> bool:
        return await self._write(lambda tx: people.withdraw_opinion(tx, channel, person, paper))

    async def opinions(self, channel: str, /) -> tuple[Opinion, ...]:
        return await self._read(lambda tx: people.opinions(tx, channel))

    async def remember_command(self, token: str, command: str, /) -> None:
        await self._write(lambda tx: people.remember_command(tx, token, command), durable=False)

    async def command(self, token: str, /) -> str | None:
        return await self._read(lambda tx: people.command(tx, token))

    # Small facts, and the health of the whole

    async def meta(self, key: str, /) -> str | None:
        """A small fact kept between runs, such as when the last backup was made."""
        return await self._read(lambda tx: meta.get(tx, key))

    async def metas(self, prefix: str, /) -> Mapping[str, str]:
        """The small facts whose names begin so, by name."""
        return await self._read(lambda tx: meta.beginning(tx, prefix))

    async def drop_meta(self, key: str, /) -> None:
        """Forget a small fact."""
        await self._write(lambda tx: meta.drop(tx, key))

    async def set_meta(self, key: str, value: str, /) -> None:
        await self._write(lambda tx: meta.put(tx, key, value))

    async def identity(self) -> str:
        """What tells this store from every other, made at first sight."""
        known = await self.meta("identity")
        if known is None:
            known = token_hex(8)
            await self.set_meta("identity", known)
        return known

    async def trouble(self) -> str:
        room = await self._driver.room()
        try:
            await self.set_meta("written", token_hex(4))
        except StoreError as error:
            return str(error)
        if room is not None and room < LEAST_ROOM:
            return f"Only {room / 2**20:.0f} MB are left on the disk of the store: free some space."
        return ""

    async def mark_restored(self, at: datetime) -> restored.Restored:
        """Make ready to go on from a backup, at the moment that is now.

        Messages that may have gone out since are looked for before they are sent.
        """
        return await self._write(lambda tx: restored.mark(tx, at))

    async def integrity_check(self) -> tuple[str, ...]:
        """What is wrong with the database, one sentence each; empty when it is sound."""
        return await self._driver.check()

    async def backup(self, path: Path, /) -> None:
        """Write a consistent copy to a file that is not there yet, while work goes on."""
        await self._driver.backup(path)

    async def close(self) -> None:
        """Finish the calls under way and let go of the database."""
        await self._driver.close()
