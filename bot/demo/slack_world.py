"""What a workspace of the small Slack holds: people, channels, messages, files and views."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from digest.clock import Clock

Json = dict[str, Any]
BOT, SLACKBOT = "UBOT", "USLACKBOT"


class ChannelKind(StrEnum):
    PUBLIC = "channel"
    PRIVATE = "group"
    DIRECT = "im"


class Refused(Exception):
    """Slack says no: `error` is its name for the reason, `fields` go into the answer beside it."""

    def __init__(self, error: str, /, **fields: object) -> None:
        super().__init__(error)
        self.error = error
        self.fields = fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone in the workspace; `name` is what others read, `tz` an IANA time zone."""

    id: str
    name: str
    tz: str = "UTC"
    locale: str = "en-US"
    admin: bool = False
    bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file. Slack works on an uploaded one until `ready_at`; only then it has a type and can be shown."""

    id: str
    name: str
    title: str
    user: str
    content: bytes = b""
    mimetype: str = ""
    ready_at: datetime | None = None
    uploaded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as posted, with what became of it.

    `only_for` names the one person who sees an ephemeral message; `edited` is when it was last edited;
    `reactions` are pairs of a name and who reacted.
    """

    channel: str
    ts: str
    user: str
    text: str
    at: datetime
    blocks: tuple[Json, ...] = ()
    metadata: Json | None = None
    thread_ts: str = ""
    broadcast: bool = False
    only_for: str = ""
    edited: str = ""
    deleted: bool = False
    files: tuple[File, ...] = ()
    reactions: tuple[tuple[str, str], ...] = ()
    link_names: bool = False


@dataclass(slots=True)
class Channel:
    """A conversation and all that was ever posted in it, in order, deleted messages included."""

    id: str
    name: str
    kind: ChannelKind = ChannelKind.PUBLIC
    members: set[str] = field(default_factory=set)
    creator: str = ""
    archived: bool = False
    messages: list[Message] = field(default_factory=list)

    @property
    def shown(self) -> tuple[Message, ...]:
        """What everyone sees now, in order of posting."""
        return tuple(message for message in self.messages if not message.deleted)

    def thread(self, ts: str) -> tuple[Message, ...]:
        """The replies people see under a message, without the message itself."""
        return tuple(message for message in self.shown if message.thread_ts == ts and message.ts != ts)

    def find(self, ts: str) -> Message | None:
        """The message with this timestamp, unless it was deleted."""
        return next((message for message in self.messages if message.ts == ts and not message.deleted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A modal or a Home tab as one person sees it; `errors` are what the app said of the last submission."""

    id: str
    user: str
    payload: Json
    hash: str
    root: str = ""
    previous: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


class World:
    """One workspace with one app in it."""

    def __init__(self, *, clock: Clock, team: str = "T0001", name: str = "Lab") -> None:
        self.clock = clock
        self.team = team
        self.name = name
        self.app = "A0001"
        self.bot = Person(id=BOT, name="Paperboy", bot=True)
        self.people: dict[str, Person] = {self.bot.id: self.bot}
        self.channels: dict[str, Channel] = {}
        self.ephemerals: list[Message] = []
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self._last = 0  # microseconds of the last timestamp given out
        self._count = 0

    def timestamp(self) -> str:
        """A timestamp of now that nothing else has."""
        now = self.clock()
        self._last = max(int(now.timestamp() * 1_000_000), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def number(self) -> int:
        """The next of a row of numbers, for ids."""
        self._count += 1
        return self._count

    def channel(self, name: str) -> Channel:
        """A channel by id. Raises Refused (channel_not_found)."""
        if name not in self.channels:
            raise Refused("channel_not_found")
        return self.channels[name]

    def conversation(self, name: str) -> Channel:
        """A channel by id, or the direct messages with a person by the person's id; raises as `channel`."""
        return self.direct(name) if name in self.people else self.channel(name)

    def direct(self, user: str) -> Channel:
        """The direct messages between a person and the bot."""
        name = f"D{user[1:]}"
        if name not in self.channels:
            members = {user, self.bot.id}
            self.channels[name] = Channel(name, "directmessage", ChannelKind.DIRECT, members)
        return self.channels[name]

    def post(self, channel: Channel, user: str, text: str, **fields: Any) -> Message:
        """Put a message into a channel, or before one person's eyes if it has `only_for`."""
        message = Message(
            channel=channel.id, ts=self.timestamp(), user=user, text=text, at=self.clock(), **fields
        )
        (self.ephemerals if message.only_for else channel.messages).append(message)
        return message

    def change(self, message: Message, **fields: Any) -> Message:
        """Replace a message by a changed one, in its place."""
        changed = replace(message, **fields)
        within = self.ephemerals if message.only_for else self.channels[message.channel].messages
        within[within.index(message)] = changed
        return changed

    def delete(self, message: Message) -> Message:
        """Delete a message; one with replies leaves a tombstone that its thread hangs on."""
        if not message.only_for and self.channels[message.channel].thread(message.ts):
            gone: Json = {"text": "This message was deleted.", "blocks": (), "files": (), "user": SLACKBOT}
            return self.change(message, metadata=None, **gone)
        return self.change(message, deleted=True)

    def names(self) -> dict[str, str]:
        """What people read in place of ids of people and channels."""
        channels = {channel.id: channel.name for channel in self.channels.values()}
        return channels | {person.id: person.name for person in self.people.values()}


def moment(ts: str) -> int:
    """A timestamp as microseconds, for comparing. Raises Refused (invalid_arguments)."""
    seconds, _, fraction = ts.partition(".")
    if not seconds.isdecimal() or not (fraction or "0").isdecimal():
        raise Refused(
            "invalid_arguments", response_metadata={"messages": [f"[ERROR] invalid timestamp: {ts}"]}
        )
    return int(seconds) * 1_000_000 + int((fraction or "0")[:6].ljust(6, "0"))


def api_message(message: Message, channel: Channel, world: World, *, metadata: bool = False) -> Json:
    """A message as the Web API and events show it."""
    shown: Json = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    if message.user == world.bot.id:
        shown |= {"bot_id": "B0001", "app_id": world.app, "bot_profile": bot_profile(world)}
    shown["team"] = world.team
    if message.blocks:
        shown["blocks"] = list(message.blocks)
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.broadcast:
        shown["subtype"] = "thread_broadcast"
    if message.edited:
        shown["edited"] = {"user": message.user, "ts": message.edited}
    if message.files:
        shown["files"] = [api_file(file, world) for file in message.files]
    if message.reactions:
        shown["reactions"] = _reactions(message.reactions)
    if metadata and message.metadata:
        shown["metadata"] = message.metadata
    return shown | _thread_facts(message, channel)


def _thread_facts(message: Message, channel: Channel) -> Json:
    replies = [] if message.thread_ts not in {"", message.ts} else channel.thread(message.ts)
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user for reply in replies))
    facts: Json = {"thread_ts": message.ts, "reply_count": len(replies), "reply_users": users[:5]}
    return facts | {"reply_users_count": len(users), "latest_reply": replies[-1].ts, "is_locked": False}


def _reactions(pairs: Iterable[tuple[str, str]]) -> list[Json]:
    users: dict[str, list[str]] = {}
    for name, user in pairs:
        users.setdefault(name, []).append(user)
    return [{"name": name, "users": who, "count": len(who)} for name, who in users.items()]


def bot_profile(world: World) -> Json:
    """The bot beside its messages."""
    return {
        "id": "B0001",
        "app_id": world.app,
        "user_id": world.bot.id,
        "name": world.bot.name,
        "team_id": world.team,
    }


def api_file(file: File, world: World) -> Json:
    """A file as the Web API shows it; its type is empty until Slack is done with it."""
    ready = file.ready_at is not None and world.clock() >= file.ready_at
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "user": file.user,
        "size": len(file.content),
        "mimetype": file.mimetype if ready else "",
        "mode": "hosted",
        "permalink": f"https://lab.slack.com/files/{file.user}/{file.id}/{file.name}",
    }
