"""The seams of the product: what the use cases need of the world.

A Protocol stands here only where at least two real implementations exist or are laid out in docs/design.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from digest.channel import Channel, Delivery, DigestRun, DigestState, Subscription
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

if TYPE_CHECKING:
    from pydantic import BaseModel


class PaperSource(Protocol):
    """Where papers come from: arXiv.

    All methods pace themselves and raise `SourceUnavailable` when arXiv does not answer as it should.
    """

    async def announced(
        self, category: str, day: date, /, *, last: CategoryDay | None, last_ids: frozenset[str]
    ) -> CategoryBatch:
        """One category's announcements of one announcement day, by the best way there is.

        `last` is the newest ledger row of the category that has entries, `last_ids` the bare ids of its
        batch: a feed that still shows these is stale. Never raises for arXiv's faults: they
        are the batch's state.
        """
        ...

    async def papers(self, ids: Sequence[ArxivId], /) -> tuple[Paper, ...]:
        """Current metadata of the papers, in one batched request per 100; unknown ids are left out."""
        ...

    async def pdf(self, paper: ArxivId, /) -> bytes:
        """The PDF of a version (or the latest). Raises `PaperNotFound` where arXiv has none."""
        ...


class Reader(Protocol):
    """Turns PDF bytes into text, outside the event loop."""

    async def read(self, pdf: bytes, /) -> FullText:
        """Sections, paragraphs, captions and hidden text. Raises `FullTextError` with one clear sentence."""
        ...


class Analyzer(Protocol):
    """Writes an analysis of a paper.

    `name` is "extractive" or "openai:MODEL"; `prompt_version` changes whenever the same paper would be
    analysed differently, so that stored analyses are made anew.
    """

    name: str
    prompt_version: str

    async def analyze(
        self, paper: Paper, text: FullText | None, /, *, depth: Depth, language: str, note: str = ""
    ) -> Analysis:
        """Analyse the full text, or the abstract where `text` is None (`note` says why)."""
        ...


class ChatPlatform(Protocol):
    """Somewhere people talk: Slack, Telegram, a terminal.

    Methods raise `PlatformError` when it refuses for good (`ChannelGone`, `MessageRefused`),
    `PlatformUnavailable` when it did not take the message but may later, `DeliveryUnknown` when it may have
    taken it. Waiting out a short rate limit is the adapter's business.
    """

    name: str

    async def post(
        self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
    ) -> str:
        """Post a message, in the thread of message id `thread` if given; returns its message id."""
        ...

    async def recover(
        self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
    ) -> str | None:
        """The id of a message that may have been posted under `key` before a crash; None if it was not."""
        ...


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

    async def pause_channel(self, key: str, /, *, because: str) -> None:
        """Pause a channel, with the reason, whatever else changes in it meanwhile."""
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

    async def delivery(self, key: str, /) -> Delivery | None: ...

    async def begin_delivery(self, key: str, /) -> bool:
        """pending -> sending, one more attempt; committed to disk before it returns. False if not pending."""
        ...

    async def finish_delivery(self, key: str, message_id: str, /) -> None:
        """sending -> sent."""
        ...

    async def postpone_delivery(self, key: str, /, *, until: datetime | None, error: str) -> None:
        """sending -> pending, since it was certainly not delivered."""
        ...

    async def bury_delivery(self, key: str, /, *, error: str) -> None:
        """Give a message up, with the reason."""
        ...

    # Small facts

    async def meta(self, key: str, /) -> str | None:
        """A small fact kept between runs."""
        ...

    async def set_meta(self, key: str, value: str, /) -> None: ...


class Finish(StrEnum):
    """Why a model stopped."""

    STOP = "stop"
    LENGTH = "length"  # the answer is cut off, whatever it looks like
    REFUSED = "refused"  # by the model or by a content filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of a conversation with a model; `role` is "system", "user" or "assistant"."""

    role: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a model answered. `finish` is part of the answer, so that nothing cut off is taken for whole.

    `data` is the parsed object where a schema was asked for and the answer was JSON; None otherwise.
    """

    text: str
    finish: Finish
    usage: Usage
    data: Mapping[str, object] | None = None


class TextModel(Protocol):
    """A language model behind some server.

    Raises `ModelUnavailable` (with `retry_after` when the server said so) for outages, rate limits and
    time-outs, `ContextExceeded` when the messages are too long for the model, `ModelMisconfigured` when a
    person must act (wrong key, unknown model, no credit).
    """

    name: str  # "openai:gpt-6-luna"

    async def complete(
        self,
        turns: Sequence[Turn],
        /,
        *,
        max_tokens: int,
        schema: type[BaseModel] | None = None,
        cache_key: str = "",
        on_text: Callable[[str], None] | None = None,
    ) -> Completion:
        """Answer the conversation; with a schema, as JSON of that form by the best means the server has.

        `cache_key` names the shared prefix for servers that route by it; `on_text` gets text as it streams,
        and an empty text where the answer starts over.
        """
        ...
