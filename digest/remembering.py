"""What the product needs remembered: the Store, which `storage` implements on any database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from digest.channel import Channel, Delivery, DeliveryState, DigestRun, DigestState, Subscription
from digest.conversation import Answer
from digest.document import Document
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


class Store(Protocol):
    """Everything that is remembered. Any method can raise `StoreError`. Each call is one transaction.

    Moments are aware UTC datetimes. Keys are positional.
    """

    # Announcements and the ledger

    async def save_batch(self, batch: CategoryBatch, /) -> None:
        """Store the ledger row and the announcements; a later fetch of the same category-day adds to it."""
        ...

    async def ledger(
        self, categories: Collection[str], /, *, since: date, until: date | None = None
    ) -> tuple[CategoryDay, ...]:
        """Ledger rows by day, then category."""
        ...

    async def last_batch(self, category: str, /) -> tuple[CategoryDay | None, frozenset[str]]:
        """The newest ledger row of the category that has entries, and the bare ids of its batch."""
        ...

    async def announcements(
        self, days: Collection[date], /, *, categories: Collection[str] | None = None
    ) -> tuple[Announcement, ...]:
        """Announcements of the days as listed in the categories (all if None), merged by `strongest`."""
        ...

    async def days_with_announcements(self, *, limit: int) -> tuple[date, ...]:
        """The newest announcement days that have entries, newest first."""
        ...

    async def paper(self, paper: ArxivId, /) -> Paper | None: ...

    async def save_papers(self, papers: Sequence[Paper], /) -> None:
        """Add what is newly known of papers; nothing known is lost."""
        ...

    async def search(self, text: str, /, *, limit: int = 20) -> tuple[Paper, ...]:
        """Papers with all the words, "phrases" and prefixes* in title or abstract, latest announced first."""
        ...

    # Channels and subscriptions

    async def channels(self) -> tuple[Channel, ...]: ...

    async def channel(self, key: str, /) -> Channel | None: ...

    async def save_channel(self, channel: Channel, /) -> None: ...

    async def change_channel(self, key: str, change: Callable[[Channel], Channel], /) -> Channel | None:
        """Change a channel in one transaction, whatever else changes in it meanwhile; what it became.

        `change` is pure and quick. None if there is no such channel.
        """
        ...

    async def rename_channel(self, old: str, new: str, /) -> bool:
        """Give a channel and all that is remembered of it a new key. False if that is taken."""
        ...

    async def subscriptions(self, channel: str | None = None, /) -> tuple[Subscription, ...]:
        """A channel's subscriptions by number, or everyone's."""
        ...

    async def add_subscription(self, channel: str, query: str, /, *, by: str, at: datetime) -> Subscription:
        """Add a query, or return the one that is already there (compared casefolded)."""
        ...

    async def remove_subscription(self, channel: str, number: int, /) -> Subscription | None:
        """Remove by number; numbers of the others do not change. None if there is none."""
        ...

    # Texts and analyses

    async def text(self, paper: ArxivId, /) -> FullText | None:
        """The cached reading of one version."""
        ...

    async def save_text(self, paper: ArxivId, text: FullText, /, *, at: datetime) -> None: ...

    async def prune_texts(self, before: datetime) -> int:
        """Forget the extracted texts saved before that moment; how many they were."""
        ...

    async def analysis(
        self, paper: ArxivId, /, *, language: str, depth: Depth, analyzer: str, prompt_version: str
    ) -> Analysis | None: ...

    async def save_analysis(self, analysis: Analysis, /, *, language: str) -> None:
        """Store an analysis under the language it was asked in (extracts keep the paper's own)."""
        ...

    # Questions and what models take

    async def conversation(self, thread: str, /, *, limit: int) -> tuple[Answer, ...]:
        """The latest questions and answers of a thread, oldest first."""
        ...

    async def add_answer(self, thread: str, answer: Answer, /) -> None:
        """Remember a question and its answer as the latest of a thread."""
        ...

    async def record_usage(
        self, usage: Usage, /, *, day: date, channel: str = "", person: str = "", model: str = ""
    ) -> None:
        """Add to what a model took on a UTC day for a channel and a person (empty: nobody in particular)."""
        ...

    async def usage(
        self,
        day: date,
        /,
        *,
        until: date | None = None,
        channel: str | None = None,
        person: str | None = None,
    ) -> Usage:
        """What models took on a day, or from `day` to `until`: all of it, a channel's or a person's."""
        ...

    # Digests and the outbox

    async def claim_digest(
        self, channel: Channel, day: date, /, *, next_run_at: datetime | None, at: datetime
    ) -> bool:
        """Start the channel's digest of a local date and set its next run, if nobody did.

        Compare-and-set on `channel.next_run_at`; the run row (channel, day) is written in the same
        transaction. Returns False when the run is already there or another process moved `next_run_at`.
        """
        ...

    async def digest_runs(
        self, *, channel: str | None = None, state: DigestState | None = None
    ) -> tuple[DigestRun, ...]:
        """Runs, newest date first."""
        ...

    async def delivered_papers(self, channel: str, /) -> frozenset[str]:
        """The papers that have a message or a line in any digest of the channel.

        Bare ids; revisions that were told carry their version ("2606.30001v2").
        """
        ...

    async def told_days(self, channel: str, /) -> frozenset[tuple[str, date]]:
        """The (category, announcement day) pairs that digests of the channel have covered."""
        ...

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
        """Put a digest's messages into the outbox with what they tell, and close the run if `done`.

        All in one transaction: the messages, the papers they name (`delivered_papers`), the category-days
        they cover (`told_days`), the digest itself (replacing what the run had). Messages whose key is
        already there are left as they are.
        """
        ...

    async def digest(self, channel: str, day: date, /) -> Digest | None:
        """The digest of a local date as it was last stored by `enqueue`."""
        ...

    async def outbox(self, *, channel: str | None = None, unsent: bool = True) -> tuple[Delivery, ...]:
        """Messages by channel and position."""
        ...

    async def channels_with_unsent(self) -> tuple[str, ...]:
        """The keys of the channels that messages wait for."""
        ...

    async def outbox_depth(self) -> Mapping[tuple[str, DeliveryState], int]:
        """How many messages are not delivered, by platform and state; dead ones were given up."""
        ...

    async def buried(self, *, since: datetime) -> tuple[Delivery, ...]:
        """The messages given up since then, in that order."""
        ...

    async def delivery(self, key: str, /) -> Delivery | None: ...

    async def sent_delivery(self, channel: str, message_id: str, /) -> Delivery | None:
        """The message of a digest that has this id on the platform."""
        ...

    async def told_of(self, channel: str, paper: str, /) -> Delivery | None:
        """The first message of the digest that told a channel of a paper (a bare id, or a revision's)."""
        ...

    async def begin_delivery(self, key: str, /, *, at: datetime) -> bool:
        """pending -> sending, one more attempt; committed to disk before it returns. False if not pending."""
        ...

    async def split_delivery(self, key: str, parts: Sequence[Document], /) -> bool:
        """Replace a message that was never tried by its parts, which follow it in its place and thread.

        The first part keeps the key, the others add "~02", "~03". False if it was tried before.
        """
        ...

    async def finish_delivery(self, key: str, message_id: str, /) -> None:
        """sending -> sent."""
        ...

    async def postpone_delivery(self, key: str, /, *, until: datetime | None, error: str) -> None:
        """sending -> pending, since it was certainly not delivered."""
        ...

    async def bury_delivery(self, key: str, /, *, at: datetime, error: str) -> None:
        """Give a message up, with the reason."""
        ...

    # People

    async def accept(self, incoming: Incoming, /) -> bool:
        """Keep what somebody said until it is answered. False if its id was kept before."""
        ...

    async def incoming(self, incoming: str, /) -> Incoming | None:
        """What was said under that id, if it waits for its answer."""
        ...

    async def unanswered(self) -> tuple[Incoming, ...]:
        """All that waits for an answer, oldest first."""
        ...

    async def begin_answer(self, incoming: str, /) -> int:
        """Count a try at an answer; how many there were, 0 if it is answered."""
        ...

    async def postpone_answer(self, incoming: str, /) -> None:
        """Count the last try no more; it stays known that there was one."""
        ...

    async def finish_answer(self, incoming: str, /, *, at: datetime) -> None: ...

    async def prune_talk(self, before: datetime) -> int:
        """Forget what was said and answered before that moment; how many rows."""
        ...

    async def note_message(self, channel: str, message: str, /, *, paper: str, at: datetime) -> None:
        """Remember which paper a message is about, so that replies to it can be questions about that."""
        ...

    async def paper_of_message(self, channel: str, message: str, /) -> str | None:
        """The paper noted for a message; for those of digests ask `sent_delivery`."""
        ...

    async def save_paper(self, saved: Saved, /) -> bool:
        """Put a paper aside for a person; False if it was."""
        ...

    async def forget_paper(self, channel: str, person: str, paper: str, /) -> bool: ...

    async def saved_papers(
        self, *, channel: str | None = None, person: str | None = None
    ) -> tuple[Saved, ...]:
        """By when they were saved, oldest first."""
        ...

    async def judge_paper(self, opinion: Opinion, /) -> None:
        """Keep a person's opinion of a paper, the latest only."""
        ...

    async def withdraw_opinion(self, channel: str, person: str, paper: str, /) -> bool: ...

    async def opinions(self, channel: str, /) -> tuple[Opinion, ...]: ...

    async def remember_command(self, token: str, command: str, /) -> None:
        """Keep the command of a button too small to hold it."""
        ...

    async def command(self, token: str, /) -> str | None: ...

    # Small facts

    async def meta(self, key: str, /) -> str | None:
        """A small fact kept between runs."""
        ...

    async def metas(self, prefix: str, /) -> Mapping[str, str]:
        """The small facts whose names begin so, by name."""
        ...

    async def set_meta(self, key: str, value: str, /) -> None: ...

    async def drop_meta(self, key: str, /) -> None: ...

    async def trouble(self) -> str:
        """Why nothing, or not much more, can be stored just now: a sentence; empty when all is well.

        A small fact is written to know.
        """
        ...
