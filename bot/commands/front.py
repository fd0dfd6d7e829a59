"""What a platform shows beside the conversation: a person's home page and the form of the settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.commands.request import Desk, Request, actions
from bot.commands.saved import known_paper
from bot.commands.setting_table import on_off, settings_of
from bot.commands.settings import faults
from bot.commands.subscribing import shortened
from bot.commands.times import next_digest
from digest.channel import Channel, Mode, Who
from digest.document import Block, Bold, Button, Context, Document, Heading, Link, Para, Text, bullets, spans
from digest.model import ArxivId
from digest.readable import readable

_SHOWN = 20  # subscriptions and saved papers on a page

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One setting in a form: `/settings <name> <value>` takes what is chosen or written in it.

    `choices` are pairs of value and label; without them the value is free text, and `hint` an example.
    """

    name: str
    label: str
    value: str
    choices: Choices = ()
    hint: str = ""


class Front:
    """Makes home pages and forms."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def home(self, person: str, channel: str | None) -> Document:
        """A person's own page: the subscriptions and the next digest of their private channel and of the
        channels where they subscribed, and what they saved anywhere; `channel` is the private channel's key,
        None where they never wrote.
        """
        known = await self._desk.store.channel(channel) if channel else None
        private = known or Channel(key=channel or "", platform=person.partition(":")[0], private=True)
        request = Request(channel=private, user=person, words="", at=self._desk.clock())
        say = request.say
        blocks: list[Block] = [Heading(say("Your subscriptions"), 2), *await self._subscriptions(request)]
        blocks += await self._elsewhere(request)
        blocks += [Heading(say("Your saved papers"), 2), *await self._saved(request)]
        blocks.append(
            Context(
                spans(say("What a channel follows is told there: /subscriptions. What you can say: /help."))
            )
        )
        return Document(tuple(blocks), summary=say("Your subscriptions"))

    async def _subscriptions(self, request: Request) -> tuple[Block, ...]:
        say = request.say
        mine = await self._desk.store.subscriptions(request.channel.key) if request.channel.key else ()
        if not mine:
            example = Button(
                say("Subscribe to {query}", query="vla"), command="subscribe vla, vision language action"
            )
            return (
                Para(say.spans("None yet. Write to me: /subscribe vla, vision language action")),
                actions(request.channel, example),
            )
        rows = [(Bold(f"#{each.number} "), Text(shortened(each.query, 200))) for each in mine[:_SHOWN]]
        rest = len(mine) - _SHOWN
        more = (Context(say.spans("and {n} more.", n=rest)),) if rest > 0 else ()
        return (
            bullets(rows),
            *more,
            Context(spans(next_digest(request))),
            actions(
                request.channel,
                Button(say("Subscriptions"), command="subscriptions"),
                Button(say("Settings"), command="settings"),
            ),
        )

    async def _elsewhere(self, request: Request) -> tuple[Block, ...]:
        """Each channel where the person subscribed: its subscriptions and its next digest."""
        say, store = request.say, self._desk.store
        everyones = await store.subscriptions()
        theirs = dict.fromkeys(each.channel for each in everyones if each.created_by == request.user)
        blocks: list[Block] = []
        for key in theirs:
            channel = await store.channel(key)
            if channel is None or key == request.channel.key:
                continue
            rows = [each for each in everyones if each.channel == key]
            listed = [(Bold(f"#{row.number} "), Text(shortened(row.query, 200))) for row in rows[:_SHOWN]]
            elsewhere = replace(request, channel=replace(channel, language=request.channel.language))
            blocks += [
                Heading(say("In {channel}", channel=channel.title or key), 2),
                bullets(listed),
                Context(spans(next_digest(elsewhere))),
            ]
        return tuple(blocks)

    async def _saved(self, request: Request) -> tuple[Block, ...]:
        say = request.say
        theirs = await self._desk.store.saved_papers(person=request.user)
        newest = list(dict.fromkeys(each.paper for each in reversed(theirs)))
        if not newest:
            return (Para(say.spans("None yet. Press Save under a paper.")),)
        papers = [await known_paper(ArxivId(each), self._desk) for each in newest[:_SHOWN]]
        rows = [
            (Text(f"{readable(each.title)} ("), Link(each.id.id, each.id.abs_url), Text(")"))
            for each in papers
        ]
        rest = len(newest) - _SHOWN
        more = (Context(say.spans("and {n} more.", n=rest)),) if rest > 0 else ()
        return (
            bullets(rows),
            *more,
            actions(request.channel, Button(say("Saved papers"), command="saved")),
        )

    async def form(self, channel: Channel) -> tuple[FormField, ...]:
        """The channel's settings as the fields of a form, in the channel's language."""
        request = Request(channel=channel, user="", words="", at=self._desk.clock())
        return tuple(
            FormField(
                name=name,
                label=request.say.translated(setting.label),
                value=setting.shown(channel),
                choices=_choices(request, name, channel),
                hint=setting.example,
            )
            for name, setting in settings_of(channel).items()
        )

    async def faults(
        self,
        channel: Channel,
        changes: Sequence[tuple[str, str]],
        *,
        standing: Callable[[], Awaitable[Who]],
    ) -> Mapping[str, str]:
        """What is wrong with each of some values in that form, by the field's name."""
        request = Request(channel=channel, user="", words="", at=self._desk.clock(), standing=standing)
        return await faults(request, changes)

    async def language(self, channel: str) -> str:
        """The language of a channel by its key; English where there is none."""
        known = await self._desk.store.channel(channel)
        return known.language if known else "en"


def _choices(request: Request, name: str, channel: Channel) -> Choices:
    """The values a setting can have, where these are few."""
    say = request.say
    switch = ((on_off(True), say("on")), (on_off(False), say("off")))
    match name:
        case "language":
            known = (("en", "English"), ("zh-CN", "中文"))
            other = ((channel.language, channel.language),)
            return known if channel.language in ("en", "zh-CN") else (*known, *other)
        case "mode":
            return (
                (Mode.THREAD.value, say("A message a day, a reply for each paper")),
                (Mode.COMPACT.value, say("One message a day")),
                (Mode.WEEKLY.value, say("Once a week, a reply for each paper")),
            )
        case "who":
            return (
                (Who.MEMBERS.value, say("Everyone here")),
                (Who.ADMINS.value, say("Administrators")),
                (Who.CREATOR.value, say("Whoever created it")),
            )
        case "revisions" | "empty" | "announce" | "rich":
            return switch
    return ()
