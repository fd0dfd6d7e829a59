"""What a command is given, what it may use, and what it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.locale import Say, in_language
from digest.analyses import Progress
from digest.analysis.budget import Purse
from digest.ask import Ask
from digest.channel import Channel, Who
from digest.clock import Clock
from digest.daily import Daily
from digest.document import Block, Button, Buttons, Code, Context, Document, Link, Para, Span, Text, plain
from digest.explain import Explain
from digest.model import ArxivId
from digest.ports import Store
from digest.readable import clean


async def anyone() -> Who:
    """The standing of a person where nobody is above another: at a terminal, in a private chat."""
    return Who.CREATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One command of one person in one channel; `words` is what follows the verb.

    `user` is the person's key, unique over platforms, `name` what people call them. `paper` is what the
    thread or the message that was replied to is about, `digest` the local date of the digest that it belongs
    to; `pressed` tells that a button gave the command, `mentioned` that it was said to Paperboy by name,
    `plain` that it was a sentence without a command, and `overheard` that it may be said to others.
    `standing` asks the platform what the person may do in the channel.
    """

    channel: Channel
    user: str
    words: str
    at: datetime
    name: str = ""
    paper: ArxivId | None = None
    digest: date | None = None
    pressed: bool = False
    mentioned: bool = False
    plain: bool = False
    overheard: bool = False
    standing: Callable[[], Awaitable[Who]] = anyone

    @property
    def say(self) -> Say:
        """Speaks the channel's language."""
        return in_language(self.channel.language)

    @property
    def who(self) -> str:
        """The person's name, for the others to read."""
        name = clean(self.name)
        if name == "you" and self.channel.platform == "console":
            return self.say("you")  # whom the machine has no name for
        return name or self.say("Somebody")


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
    pressed. One that `asks` wants an answer: it is shown as a form whose text comes back as "/ask <paper>
    <text>", or as a message to reply to. `whole` stands for this message and all `under` it where
    these cannot have a thread of their own; a `passing` one is of use only until the next. One that `begins`
    a digest is empty talk where none can be posted.
    """

    document: Document
    to: Audience = Audience.CALLER
    paper: ArxivId | None = None
    under: bool = False
    replaces: bool = False
    file: Attachment | None = None
    asks: bool = False
    whole: Document | None = None
    passing: bool = False
    begins: bool = False


Answer = Callable[[Request, Desk], AsyncIterator[Document | Reply]]


def _never(words: str) -> bool:
    return False


def always(words: str) -> bool:
    """For verbs whose every use is a change, or that take any words."""
    return True


def nothing(words: str) -> bool:
    """For verbs that take no words."""
    return not words


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One command: its name, how it is written, what it does, examples that work.

    `changes` tells from the words whether it changes what the channel gets, which not everybody may. `takes`
    tells whether the words are what it takes: said without a slash it is a command only then, since "explain
    the loss" is a question. A `slow` one reads papers. A `hidden` one is for buttons and platforms, not for
    menus.
    """

    name: str
    usage: str
    summary: str
    examples: tuple[str, ...]
    answer: Answer
    aliases: tuple[str, ...] = ()
    changes: Callable[[str], bool] = _never
    takes: Callable[[str], bool] = always
    slow: bool = False
    hidden: bool = False


IN_PLACE = "here"  # before a button's command: its answer takes the place of the button's message


def note(text: str | Sequence[Span], *more: Block) -> Document:
    """A reply that begins with one paragraph, which is its summary too."""
    spans = (Text(text),) if isinstance(text, str) else tuple(text)
    return Document((Para(spans), *more), summary=" ".join(plain(spans).split()))


def attached(channel: Channel, document: Document, file: Attachment) -> Reply:
    """An answer with a file; on a terminal the file's text stands under it."""
    if channel.platform != "console":
        return Reply(document=document, file=file)
    return Reply(document=Document((*document.blocks, Para((Text(file.content),))), summary=document.summary))


def actions(channel: Channel, *buttons: Button) -> Block:
    """Buttons; where nothing can be pressed, what to type instead."""
    if channel.platform != "console":
        return Buttons(buttons)
    line: list[Span] = []
    for each in buttons:
        line += [Text(" · ")] if line else []
        if each.url:
            line.append(Link(each.label, each.url))
        else:
            line += [Text(f"{each.label}: "), Code(f"/{each.command.removeprefix(f'{IN_PLACE} ')}")]
    return Context(tuple(line))
