"""What a command is given, and what it may use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime

from digest.analyses import Progress
from digest.analysis.budget import Purse
from digest.ask import Ask
from digest.channel import Channel
from digest.clock import Clock
from digest.daily import Daily
from digest.document import Document, para
from digest.explain import Explain
from digest.ports import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One command of one person in one channel; `words` is what follows the verb."""

    channel: Channel
    user: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The parts that commands work with. `start_digest` begins a channel's digest of a local date."""

    store: Store
    daily: Daily
    explain: Explain
    ask: Ask
    passages: Ask
    purse: Purse
    clock: Clock
    start_digest: Callable[[Channel, date], Awaitable[bool]]
    progress: Progress
    source_url: str = ""


Answer = Callable[[Request, Desk], AsyncIterator[Document]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One command: its name, how it is written, what it does, examples that work."""

    name: str
    usage: str
    summary: str
    examples: tuple[str, ...]
    answer: Answer
    aliases: tuple[str, ...] = ()


def say(text: str) -> Document:
    """A reply of one plain paragraph."""
    return Document((para(text),), summary=text)
