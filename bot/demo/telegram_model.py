"""People, chats and messages of the loopback Telegram."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.demo.telegram_html import Entity


class Refused(Exception):
    """An answer with an error, as the Bot API gives it."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(description: str) -> Refused:
    """400 with "Bad Request: " before the reason."""
    return Refused(400, f"Bad Request: {description}")


class ChatType(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Status(StrEnum):
    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    LEFT = "left"
    KICKED = "kicked"

    @property
    def inside(self) -> bool:
        return self not in (Status.LEFT, Status.KICKED)

    @property
    def in_charge(self) -> bool:
        return self in (Status.CREATOR, Status.ADMINISTRATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account; `language` as Telegram's clients send it, "en" or "zh-hans"."""

    id: int
    name: str
    username: str = ""
    language: str = ""
    is_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What somebody is in a chat; an anonymous administrator speaks as the chat."""

    status: Status = Status.MEMBER
    anonymous: bool = False
    muted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button under a message; `other` is JSON of whatever else it has."""

    text: str
    data: str = ""
    url: str = ""
    other: str = ""


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Something uploaded, as everybody in the chat can open it."""

    id: str = ""
    name: str
    content: bytes = b""
    media_type: str = "application/octet-stream"
    is_photo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as people see it now; `html` is the source that the bot sent.

    `text` is the caption where there is a file. `entities` has what the sender wrote and what Telegram
    found; `written` counts the sender's before the server dropped those beyond its limit.
    """

    chat: int
    id: int
    at: datetime
    mine: bool = False  # sent by the bot, in channels in the channel's name
    sender: Person | None = None
    as_chat: int = 0  # the chat that speaks: a channel, or a group for an anonymous administrator
    text: str = ""
    entities: tuple[Entity, ...] = ()
    written: int = 0
    html: str = ""
    reply_to: int = 0
    topic: int = 0
    thread: int = 0  # the first message of a chain of replies in a supergroup without topics
    keyboard: Keyboard = ()
    document: File | None = None
    rich: Mapping[str, Any] | None = None
    service: Mapping[str, Any] | None = None
    edited: datetime | None = None
    deleted: bool = False
    pinned: bool = False
    silent: bool = False
    hidden: bool = False  # from the bot: sent in a group by others and not meant for it
    reactions: tuple[tuple[int, str], ...] = ()  # (who, emoji)

    def labels(self) -> tuple[str, ...]:
        """What the buttons under the message say."""
        return tuple(button.text for row in self.keyboard for button in row)


@dataclass(slots=True, kw_only=True)
class Chat:
    """A chat and all that was ever in it."""

    id: int
    type: ChatType
    title: str = ""
    username: str = ""
    forum: bool = False
    standings: dict[int, Standing] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)  # by the id of the message that began it
    messages: dict[int, Message] = field(default_factory=dict)
    migrated_to: int = 0
    blocked: bool = False  # in a private chat: the person has blocked the bot
    next_id: int = 1

    @property
    def private(self) -> bool:
        return self.type is ChatType.PRIVATE

    @property
    def own_ids(self) -> bool:
        """Whether messages are numbered here alone; private chats and basic groups share one numbering."""
        return self.type in (ChatType.SUPERGROUP, ChatType.CHANNEL)

    def standing(self, person: int) -> Standing:
        return self.standings.get(person, Standing(status=Status.LEFT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A press on a button, and what the bot answered: a toast, an alert, or nothing yet."""

    id: str
    message: Message
    person: Person
    data: str
    at: datetime
    answered: bool = False
    text: str = ""
    alert: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a method: its arguments as they came, a string or what JSON had."""

    method: str
    values: Mapping[str, Any]
    files: Mapping[str, File] = field(default_factory=dict)
    at: datetime

    def text(self, name: str) -> str:
        value = self.values.get(name)
        if isinstance(value, str):
            return value
        return "" if value is None else json.dumps(value, ensure_ascii=False)

    def number(self, name: str, default: int = 0) -> int:
        try:
            return int(self.text(name) or default)
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "1", "yes")

    def json(self, name: str, what: str) -> Any:
        """An argument that is JSON, sent as such or as a string; None where it is missing."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad_request(f"can't parse {what} JSON object") from error

    def upload(self, name: str) -> File | None:
        """The file of an argument, sent under its name or under `attach://` another."""
        return self.files.get(self.text(name).removeprefix("attach://") or name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A call and the status of its answer, with the reason where it was refused."""

    call: Call
    status: int = 200
    description: str = ""
