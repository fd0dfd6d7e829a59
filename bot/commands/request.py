"""What a command is given, what it may use, and what it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from digest.analyses import Progress
from digest.analysis.budget import Purse
from digest.ask import Ask
from digest.channel import Channel, Who
from digest.clock import Clock
from digest.daily import Daily
from digest.document import Document, para
from digest.explain import Explain
from digest.model import ArxivId
from digest.ports import Store


async def anyone() -> Who:
    """The standing of a person where nobody is above another: at a terminal, in a private chat."""
    return Who.CREATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One command of one person in one channel; `words` is what follows the verb.

    `user` is the person's key, unique over platforms, `name` what people call them. `paper` is what the
    thread or the message that was replied to is about; `pressed` tells that a button gave the command.
    `standing` asks the platform what the person may do in the channel.
    """

    channel: Channel
    user: str
    words: str
    at: datetime
    name: str = ""
    paper: ArxivId | None = None
    pressed: bool = False
    standing: Callable[[], Awaitable[Who]] = anyone


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


class Audience(StrEnum):
    """Who sees an answer, where the platform can tell people apart."""

    CALLER = "caller"  # only whoever asked, where that is the habit
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with an answer: the day's report, an export."""

    name: str  # "digest-2026-06-30.md"
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One message of an answer.

    `paper` is what follow-up questions under it are about. With `under` it goes into the thread of the
    answer's first message to the channel; with `replaces` it takes the place of the message whose button was
    pressed.
    """

    document: Document
    to: Audience = Audience.CALLER
    paper: ArxivId | None = None
    under: bool = False
    replaces: bool = False
    file: Attachment | None = None


Answer = Callable[[Request, Desk], AsyncIterator[Document | Reply]]


def _never(words: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One command: its name, how it is written, what it does, examples that work.

    `changes` tells from the words whether it changes what the channel gets, which not everybody may. A `slow`
    one reads papers. A `hidden` one is for buttons and platforms, not for menus.
    """

    name: str
    usage: str
    summary: str
    examples: tuple[str, ...]
    answer: Answer
    aliases: tuple[str, ...] = ()
    changes: Callable[[str], bool] = _never
    slow: bool = False
    hidden: bool = False


def always(words: str) -> bool:
    """For verbs whose every use is a change."""
    return True


def say(text: str) -> Document:
    """A reply of one plain paragraph."""
    return Document((para(text),), summary=text)
