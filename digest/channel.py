"""Whom Paperboy writes to: channels, what they subscribed to, and the messages on their way to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from digest.document import Document
from digest.model import AnnounceType


class Mode(StrEnum):
    """How a channel wants its digest."""

    THREAD = "thread"  # a parent and one reply per paper
    COMPACT = "compact"  # the parent only
    WEEKLY = "weekly"  # threads, once a week: on the last of the channel's days


class Who(StrEnum):
    """Who may change a channel's subscriptions and settings; each includes those below it."""

    MEMBERS = "members"
    ADMINS = "admins"
    CREATOR = "creator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A place in a chat and its settings. `key` is unique over platforms and workspaces: "console:terminal".

    `digest_at` is local wall-clock time ("09:00"); `days` are the local weekdays of the digest, Monday 0.
    `next_run_at` is when the next digest is due (UTC). `changes_by` is None where the platform's own habit
    stands: anyone on Slack and in private chats, administrators in Telegram's groups.
    """

    key: str
    platform: str
    timezone: str = "UTC"
    digest_at: str = "09:00"
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    categories: tuple[str, ...] = ()
    types: tuple[AnnounceType, ...] = (AnnounceType.NEW, AnnounceType.CROSS)
    language: str = "en"
    cap: int = 10  # papers analysed per digest; the rest are titles
    mode: Mode = Mode.THREAD
    paused: bool = False
    paused_because: str = ""
    paused_by: str = ""  # the person's key; empty where a platform is the reason
    paused_at: datetime | None = None  # since when a person's pause is on
    next_run_at: datetime | None = None
    title: str = ""  # what people call it: "#robotics"
    private: bool = False  # one person's own conversation with Paperboy
    paused_until: datetime | None = None  # a pause without an end has none
    changes_by: Who | None = None
    created_by: str = ""  # the person's key
    announces_changes: bool = False  # tell the channel, in a line, what somebody changed
    tells_empty_days: bool = True
    rich: bool = False  # Telegram's rich messages

    @property
    def unpaused(self) -> Channel:
        """The channel without its pause."""
        return replace(self, paused=False, paused_because="", paused_by="", paused_at=None, paused_until=None)

    @property
    def digest_days(self) -> tuple[int, ...]:
        """The local weekdays of its digests."""
        return self.days[-1:] if self.mode is Mode.WEEKLY else self.days


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One query of one channel, as its subscriber wrote it. `number` is what /unsubscribe #n takes."""

    channel: str
    number: int
    query: str
    created_by: str
    created_at: datetime


class DigestState(StrEnum):
    OPEN = "open"  # composed, but a category is late: more may come
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRun:
    """That a channel's digest of a local date was claimed; its messages are in the outbox."""

    channel: str
    local_date: date
    state: DigestState
    started_at: datetime


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"  # committed before any I/O; found at start it is ambiguous
    SENT = "sent"
    DEAD = "dead"  # given up, with a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one channel, in the outbox.

    `key` is unique for ever: "console:terminal/2026-06-30/parent", ".../1911.02782". `parent_key` names the
    message whose thread this one belongs to; it is delivered first. `message_id` is the platform's,
    once sent. `begun_at` is when it was first tried, which is where to look for it after a crash; `buried_at`
    when it was given up.
    """

    key: str
    channel: str
    position: int  # order within the channel
    document: Document
    parent_key: str | None = None
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    message_id: str | None = None
    not_before: datetime | None = None
    error: str = ""
    begun_at: datetime | None = None
    buried_at: datetime | None = None
