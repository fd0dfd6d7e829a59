"""Answers on their way: to the caller alone or to all, by the ways that Slack has for each."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from bot.commands.request import Attachment, Audience, Reply
from bot.pacing import Pacer
from bot.platforms.slack.address import Address, Source, ids
from bot.platforms.slack.calls import Calls, Refused
from bot.platforms.slack.posting import Posting, meaning
from bot.platforms.slack.split import parts
from bot.platforms.slack.start import Identity
from bot.platforms.slack.text import LONGEST
from digest.channel import Channel
from digest.clock import Clock
from digest.document import Document, Para, context, para
from digest.errors import ChannelGone, PlatformError, ThreadGone
from digest.people import Incoming
from digest.ports import Store

RESPONSE_LIFE = timedelta(minutes=29)  # Slack's thirty, less what clocks differ
_REMEMBERED = 2_000  # messages of answers, so that a second try does not say them again
_IN_PUBLIC = frozenset({Source.MENTION, Source.THREAD, Source.DIRECT, Source.JOINED})

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
    ) -> None:
        self._calls = calls
        self._posting = posting
        self._pacer = pacer
        self._store = store
        self._clock = clock
        self._said: OrderedDict[str, str | None] = OrderedDict()

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
            to_all=reply.to is Audience.CHANNEL or channel.private or address.source in _IN_PUBLIC,
            thread=incoming.thread or (first if reply.under else None),
            again=again,
        )
        document = _with_note(reply.document) if address.cut and key.endswith("/0") else reply.document
        ids_of_parts = []
        for number, part in enumerate(await asyncio.to_thread(parts, document), 1):
            name = key if number == 1 else f"{key}~{number:02}"
            if name not in self._said:
                replaces = reply.replaces and number == 1 and address.source is Source.PRESS
                said = await (
                    self._replaced(task, part, name, me) if replaces else self._one(task, part, name, me)
                )
                self._remember(name, said)
            ids_of_parts.append(self._said[name])
        if reply.file is not None and f"{key}/file" not in self._said:
            self._remember(f"{key}/file", await self._attached(task, reply.file, me))
        if reply.paper is not None:
            await self._note(task, str(reply.paper))
        return ids_of_parts[0] if ids_of_parts else None

    def _remember(self, name: str, said: str | None) -> None:
        self._said[name] = said
        if len(self._said) > _REMEMBERED:
            self._said.popitem(last=False)

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
        except ChannelGone:
            # A command works where we are not; what it began needs us there.
            if not self._may_respond(task) or not await self._responded(
                task, _with_invitation(document, me.name), {"response_type": "in_channel"}
            ):
                raise
            return None

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

    async def _attached(self, task: _Task, file: Attachment, me: Identity) -> str | None:
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
            sorry = f"{file.name} could not be uploaded: {why}"
            await self._to_caller(task, Document((para(sorry),), summary=sorry), me)
        return None

    async def _own_conversation(self, task: _Task, file: Attachment) -> str:
        """The caller's own conversation with us, which a message to them opens."""
        said = f"{file.name}, as you asked in {task.channel.title or 'the channel'}:"
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


def _with_note(document: Document) -> Document:
    note = context(f"Your message was longer than {LONGEST:,} characters; I read the first {LONGEST:,}.")
    return replace(document, blocks=(note, *document.blocks))


def _with_invitation(document: Document, bot: str) -> Document:
    invitation: Para = para(f"I am not a member of this channel, so digests cannot reach it: /invite @{bot}")
    return replace(document, blocks=(*document.blocks, invitation))
