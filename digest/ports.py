"""The seams of the product: what the use cases need of the world.

A Protocol stands here only where at least two real implementations exist or are laid out in docs/design.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from digest.channel import Channel
from digest.document import Document
from digest.fulltext import FullText
from digest.model import (
    Analysis,
    ArxivId,
    CategoryBatch,
    CategoryDay,
    Depth,
    Paper,
    Usage,
)
from digest.remembering import Store

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = [
    "Analyzer",
    "ChatPlatform",
    "Completion",
    "Finish",
    "PaperSource",
    "Reader",
    "Store",
    "TextModel",
    "Turn",
]


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
    taken it. `ChannelMoved` names the channel's new key. Each call sends at most one message.
    """

    name: str

    async def post(
        self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
    ) -> str:
        """Post a message, in the thread of message id `thread` if given; returns its message id."""
        ...

    async def recover(
        self,
        channel: Channel,
        document: Document,
        /,
        *,
        thread: str | None = None,
        key: str,
        since: datetime | None = None,
    ) -> str | None:
        """The id of a message that may have been posted under `key` before a crash; None if it was not.

        `since` is when it was first tried.
        """
        ...

    def parts(self, channel: Channel, document: Document, /) -> tuple[Document, ...]:
        """The document as messages that the platform takes whole; mostly one. The same for the same."""
        ...

    def turn(self, channel: Channel, /) -> AbstractAsyncContextManager[None]:
        """A place among the platform's limits for one message: waits before it, never within."""
        ...


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
