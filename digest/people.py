"""What people say to Paperboy and what they keep, whatever the platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Something a person said, kept until it is answered, so that a crash leaves nobody without an answer.

    `id` is the platform's, so that a message delivered twice is answered once. `thread` is the message whose
    thread it was said in, `about` the message it replies to or whose button was pressed. `address` is the
    platform's own note of how to answer (a response URL, a callback), never shown.
    """

    id: str  # "slack:Ev0123", "telegram:81234"
    channel: str
    person: str  # "slack:T1/U1": unique over platforms and workspaces
    name: str  # as people see it: "Ada"
    text: str  # "/subscribe vla", or a plain sentence
    received_at: datetime
    thread: str | None = None
    about: str | None = None
    address: str = ""
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A paper that a person put aside in a channel."""

    channel: str
    person: str
    paper: str  # bare identifier
    saved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a person thought of a paper that a channel was told of."""

    channel: str
    person: str
    paper: str  # bare identifier
    liked: bool
