"""Answers on their way: to the caller alone or to all, by the ways that Slack has for each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from bot.commands import split
from bot.commands.request import Attachment, Audience, Reply
from bot.latest import Latest
from bot.locale import Say, in_language
from bot.pacing import Pacer
from bot.platforms.slack.address import Address, Source, ids
from bot.platforms.slack.calls import Calls, Refused
from bot.platforms.slack.directory import Directory
from bot.platforms.slack.posting import Posting, meaning
from bot.platforms.slack.sentences import (
    as_asked,
    cut_off,
    for_you_alone,
    in_private,
    invitation,
    kept_from_all,
    not_uploaded,
)
from bot.platforms.slack.split import parts
from bot.platforms.slack.start import Identity
from bot.platforms.slack.told import Told
from digest.channel import Channel
from digest.clock import Clock
from digest.document import Block, Document, para
from digest.errors import ChannelGone, PaperboyError, PlatformError, ThreadGone
from digest.people import Incoming
from digest.ports import Store

RESPONSE_LIFE = timedelta(minutes=29)  # Slack's thirty, less what clocks differ
_REMEMBERED = 2_000  # messages of answers, so that a second try does not say them again
# Said in public, these are answered there too; all else that is for the caller stays between us.
_ABOUT_THE_CHANNEL = frozenset(
    {"subscribe", "sub", "unsubscribe", "unsub", "subscriptions", "subs", "digest", "report", "more"}
    | {"status", "health", "about", "help", "commands", "hello", "start", "menu"}
)
_WHERE_WE_MAY_NOT_BE = frozenset({Source.COMMAND, Source.PRESS, Source.FORM})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """One reply: what it answers, and where a message for all goes."""

    channel: Channel
    incoming: Incoming
    address: Address
    to_all: bool
    thread: str | None
    again: bool

    @property
    def say(self) -> Say:
        return in_language(self.channel.language)


class Replying:
    """Says the messages of answers."""

    def __init__(
        self,
        calls: Calls,
        posting: Posting,
        pacer: Pacer,
        *,
        store: Store,
        clock: Clock,
        directory: Directory,
    ) -> None:
        self._calls = calls
        self._posting = posting
        self._pacer = pacer
        self._store = store
        self._clock = clock
        self._directory = directory
        self._told = Told(calls, store, clock)
        self._said: Latest[str, str | None] = Latest(_REMEMBERED)
        self._caused: Latest[tuple[str, str], str] = Latest(_REMEMBERED)  # people by channel and message
        # The keys of answers without a thread of their own.
        self._whole: Latest[str, str] = Latest(_REMEMBERED)
        self._passing: Latest[str, str] = Latest(_REMEMBERED)  # messages that the next one ends

    async def reply(
        self,
        channel: Channel,
        incoming: Incoming,
        reply: Reply,
        *,
        key: str,
        first: str | None,
        again: bool,
        me: Identity,
    ) -> str | None:
        """As `Conversational.reply`."""
        address = Address.of(incoming)
        task = _Task(
            channel=channel,
            incoming=incoming,
            address=address,
            to_all=reply.to is Audience.CHANNEL or channel.private or _is_seen_by_all(address, incoming.text),
            thread=None if _is_news(reply) else incoming.thread or (first if reply.under else None),
            again=again,
        )
        if reply.under and incoming.id in self._whole:
            return None
        if reply.passing and not task.to_all and address.source in (Source.MENTION, Source.THREAD):
            return None  # 👀 says it, and what only one person sees cannot be taken back
        if reply.paper is not None:
            await self._note(task, str(reply.paper))
        said = await self._answered(task, reply, key, me)
        if reply.passing:
            self._passing[incoming.id] = said or ""
            return None
        await self._end_passing(task)
        return said

    async def _answered(self, task: _Task, reply: Reply, key: str, me: Identity) -> str | None:
        """Say it where it belongs; to the caller alone where we may not speak."""
        if reply.whole is not None:
            earlier = await self._told.earlier(task.channel, task.incoming, reply)
            if earlier is not None:
                self._whole[task.incoming.id] = key
                alone = replace(task, to_all=task.channel.private)
                return await self._messages(alone, Reply(document=earlier), earlier, key, me)
        document = reply.document
        if reply.whole is not None and task.thread is not None:
            self._whole[task.incoming.id] = key
            document = reply.whole
        try:
            said = await self._messages(task, reply, document, key, me)
        except ChannelGone as error:
            # A command works where we are not; what it began needs us there.
            if task.address.source not in _WHERE_WE_MAY_NOT_BE:
                raise
            return await self._kept_from_all(task, reply, error, key, me)
        if reply.whole is not None and said is not None:
            await self._told.remember(task.channel, task.incoming, reply, said)
        return said

    async def _kept_from_all(
        self, task: _Task, reply: Reply, error: ChannelGone, key: str, me: Identity
    ) -> str | None:
        document = reply.whole or reply.document
        self._whole.setdefault(task.incoming.id, key)
        if self._whole[task.incoming.id] == key:  # once, however often it is tried
            invites = "/invite" in str(error)
            note = for_you_alone(task.say, me.name) if invites else kept_from_all(task.say, str(error))
            document = replace(document, blocks=(note, *document.blocks))
        alone = replace(task, to_all=False)
        return await self._messages(alone, replace(reply, replaces=False), document, f"{key}/alone", me)

    async def _messages(
        self, task: _Task, reply: Reply, document: Document, key: str, me: Identity
    ) -> str | None:
        """Say the parts of a document, each once, with what stands around it; the first one's id."""
        if reply.file is not None and not task.to_all:
            await self._attached_once(task, reply.file, key, me)
        document = await self._with_notes(task, reply, document, key, me)
        ids_of_parts = []
        for number, part in enumerate(await asyncio.to_thread(parts, document), 1):
            name = key if number == 1 else f"{key}~{number:02}"
            if name not in self._said:
                replaces = reply.replaces and number == 1 and self._may_replace(task)
                said = await (
                    self._replaced(task, part, name, me) if replaces else self._one(task, part, name, me)
                )
                self._said[name] = said
                if said is not None:
                    self._caused[task.channel.key, said] = task.incoming.person
            ids_of_parts.append(self._said[name])
        if (
            reply.file is not None
            and task.to_all
            and (sorry := await self._attached_once(task, reply.file, key, me))
        ):
            await self._to_caller(task, Document((para(sorry),), summary=sorry), me)
        return ids_of_parts[0] if ids_of_parts else None

    async def _with_notes(
        self, task: _Task, reply: Reply, document: Document, key: str, me: Identity
    ) -> Document:
        """The document with what its reader should know besides."""
        first = key.endswith("/0")
        before = (cut_off(task.say),) if task.address.cut and first else ()
        after: list[Block] = []
        if reply.file is not None and not task.to_all:
            sorry = self._said[f"{key}/file"]
            after.append(para(sorry) if sorry else in_private(task.say, reply.file.name))
        if first and not task.to_all and begins_digests(task.incoming.text) and await self._is_stranger(task):
            after.append(invitation(task.say, me.name))
            if reply.begins:
                document = replace(document, blocks=())
        return replace(document, blocks=(*before, *document.blocks, *after))

    async def _is_stranger(self, task: _Task) -> bool:
        """Whether Slack says that we are not in the channel."""
        return (await self._directory.where(ids(task.channel.key)[1])).is_member is False

    def _may_replace(self, task: _Task) -> bool:
        """Whether the message whose button was pressed is the presser's own affair."""
        if task.address.source is not Source.PRESS:
            return False
        owner = self._caused.get((task.channel.key, task.incoming.about or ""))
        return task.address.alone or task.channel.private or owner == task.incoming.person

    async def _end_passing(self, task: _Task) -> None:
        """Take back what was of use until now."""
        message = self._passing.pop(task.incoming.id, "")
        if message:
            try:
                await self._calls.tell("chat.delete", channel=ids(task.channel.key)[1], ts=message)
            except PaperboyError as error:
                log.debug("slack message not taken back", channel=task.channel.key, error=str(error))

    async def _one(self, task: _Task, document: Document, key: str, me: Identity) -> str | None:
        """Say one message; its id if all see it."""
        if task.to_all:
            return await self._to_all(task, document, key, me)
        await self._to_caller(task, document, me)
        return None

    # For all

    async def _to_all(self, task: _Task, document: Document, key: str, me: Identity) -> str | None:
        if task.again:
            found = await self._posting.recover(
                task.channel, thread=task.thread, key=key, since=task.incoming.received_at, me=me
            )
            if found is not None:
                return found
        try:
            return await self._posted(task.channel, document, task.thread, key, me)
        except ThreadGone:
            return await self._posted(task.channel, document, None, key, me)

    async def _posted(
        self, channel: Channel, document: Document, thread: str | None, key: str, me: Identity
    ) -> str:
        async with self._pacer.turn(channel.key, urgent=True):
            return await self._posting.post(channel, document, thread=thread, key=key, bot=me.name)

    # For the caller alone

    async def _to_caller(self, task: _Task, document: Document, me: Identity) -> None:
        thread: dict[str, object] = {"thread_ts": task.address.thread} if task.address.thread else {}
        alone = {"response_type": "ephemeral", "replace_original": False, **thread}
        if self._may_respond(task) and await self._responded(task, document, alone):
            return
        where = {"channel": ids(task.channel.key)[1], "user": task.address.user, **thread}
        async with self._pacer.turn(task.channel.key, urgent=True):
            try:
                await self._posting.say("chat.postEphemeral", task.channel, document, where, bot=me.name)
            except PlatformError as error:
                log.info("slack ephemeral refused", channel=task.channel.key, error=str(error))
            else:
                return
        # Whom a channel does not let us whisper to reads it in their own conversation with us.
        where = {"channel": task.address.user, "unfurl_links": False, "unfurl_media": False}
        await self._posting.say("chat.postMessage", task.channel, document, where, bot=me.name)

    async def _replaced(self, task: _Task, document: Document, key: str, me: Identity) -> str | None:
        """Put the answer in the place of the message whose button was pressed."""
        message = task.incoming.about
        if self._may_respond(task) and await self._responded(task, document, {"replace_original": True}):
            return None if task.address.alone else message
        if task.address.alone or message is None:
            return await self._one(task, document, key, me)
        where = {"channel": ids(task.channel.key)[1], "ts": message}
        async with self._pacer.turn(task.channel.key, urgent=True, counts=False):
            try:
                await self._posting.say("chat.update", task.channel, document, where, bot=me.name)
            except PlatformError as error:
                log.info("slack message not replaced", channel=task.channel.key, error=str(error))
            else:
                return message
        return await self._one(task, document, key, me)

    def _may_respond(self, task: _Task) -> bool:
        is_fresh = self._clock() - task.incoming.received_at < RESPONSE_LIFE
        return bool(task.address.response_url) and is_fresh

    async def _responded(self, task: _Task, document: Document, how: Mapping[str, object]) -> bool:
        """Answer at the URL that came with what was said; False if it is used up or expired."""
        url, plain = task.address.response_url, self._posting.plain()
        try:
            await self._calls.respond(url, {**self._posting.content(document, plain=plain), **how})
        except Refused as refused:
            if plain or not (refused.error.startswith("invalid_") or "too_long" in refused.error):
                log.info("slack response url refused", error=refused.error)
                return False
        else:
            return True
        try:
            await self._calls.respond(url, {**self._posting.content(document, plain=True), **how})
        except Refused as refused:
            log.info("slack response url refused", error=refused.error)
            return False
        return True

    # Beside the messages

    async def _attached_once(self, task: _Task, file: Attachment, key: str, me: Identity) -> str:
        """Send a file; "" or why it could not be sent, which is told only the first time."""
        name = f"{key}/file"
        if name in self._said:
            return ""
        sorry = await self._attached(task, file, me)
        self._said[name] = sorry
        return sorry

    async def _attached(self, task: _Task, file: Attachment, me: Identity) -> str:
        """Upload a file into the thread or the channel, or for the caller alone into their conversation."""
        try:
            uploaded = await self._calls.upload(file.name, file.content.encode())
            channel, thread = ids(task.channel.key)[1], task.thread
            if not task.to_all:
                channel, thread = await self._own_conversation(task, file), None
            await self._calls.share(uploaded, file.name, channel=channel, thread=thread)
        except Refused as refused:
            log.warning("slack file refused", name=file.name, error=refused.error)
            why = str(meaning(refused, bot=me.name)) if refused.error == "missing_scope" else refused.error
            return not_uploaded(task.say, file.name, why)
        return ""

    async def _own_conversation(self, task: _Task, file: Attachment) -> str:
        """The caller's own conversation with us, which a message to them opens."""
        said = as_asked(task.say, file.name, task.channel.title)
        posted = await self._calls.tell(
            "chat.postMessage",
            channel=task.address.user,
            **self._posting.content(Document((para(said),)), plain=True),
        )
        return str(posted.get("channel") or task.address.user)

    async def _note(self, task: _Task, paper: str) -> None:
        """Let a mention's thread be about the paper: what is said there names only its first message."""
        root, key = task.incoming.thread, task.channel.key
        if task.address.source is not Source.MENTION or root is None:
            return
        known = await self._store.sent_delivery(key, root) or await self._store.paper_of_message(key, root)
        if not known:
            await self._store.note_message(key, root, paper=paper, at=self._clock())


def _is_seen_by_all(address: Address, text: str) -> bool:
    """Whether even what is meant for the caller may be read by everyone."""
    if address.source in (Source.MENTION, Source.THREAD):
        verb, words = split(text)
        return verb in _ABOUT_THE_CHANNEL and words.lower() != "mine"
    return address.source in (Source.DIRECT, Source.JOINED)


def _is_news(reply: Reply) -> bool:
    """Whether it tells all of a change, which is no affair of the thread where somebody made it."""
    return reply.to is Audience.CHANNEL and reply.paper is None and not reply.under


def begins_digests(text: str) -> bool:
    """Whether a command makes a channel wait for a digest."""
    verb, words = split(text)
    if verb == "digest":
        return not words or words.lower().startswith(("now", "resume"))
    return verb in ("subscribe", "sub")
