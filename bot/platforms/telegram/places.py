"""Where on Telegram: chats, their topics, and what is noted of how something was said."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Self

PLATFORM = "telegram"
WEBHOOK_PATH = "/telegram/webhook"

# Supergroups and channels are -100 before their number (https://core.telegram.org/bots/api#chat).
_OWN_NUMBERS = -1_000_000_000_000


@dataclass(frozen=True, slots=True)
class Spot:
    """A chat, or one topic of it. Private chats have their person's number, which is positive."""

    chat: int
    topic: int | None = None

    @classmethod
    def of(cls, key: str) -> Self:
        """The spot of a channel's key: "telegram:-1001234567890/77"."""
        chat, _, topic = key.partition(":")[2].partition("/")
        return cls(int(chat), int(topic) if topic else None)

    @property
    def key(self) -> str:
        return f"{self.chat_key}/{self.topic}" if self.topic else self.chat_key

    @property
    def chat_key(self) -> str:
        """What Telegram counts messages by: the topics of a chat share its limits."""
        return f"{PLATFORM}:{self.chat}"

    @property
    def private(self) -> bool:
        return self.chat > 0

    @property
    def may_move(self) -> bool:
        """Whether it is a group that can become a supergroup, which has another number."""
        return _OWN_NUMBERS < self.chat < 0

    @property
    def numbering(self) -> str:
        """Whose message ids count up together: a supergroup's or channel's own, else all other chats'."""
        return str(self.chat) if self.chat < _OWN_NUMBERS else "shared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The bot's own account; `username` without the @."""

    id: int
    username: str


class How(StrEnum):
    SAID = "said"
    MENTION = "mention"  # surely to Paperboy: by name, in private, in answer to its question
    PRESSED = "pressed"
    REACTED = "reacted"  # an emoji under a message: nothing is answered
    ADDED = "added"  # to a chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """How something was said, kept beside it: what an answer replies to, and what the chat was then."""

    how: How = How.SAID
    message: int = 0  # to reply to; 0: none
    chat_type: str = ""  # "private", "group", "supergroup", "channel"
    title: str = ""
    language: str = ""
    query: str = ""  # of the button that was pressed

    def __str__(self) -> str:
        rest = {name: value for name, value in asdict(self).items() if value and name != "how"}
        return f"{self.how} {json.dumps(rest, ensure_ascii=False)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        how, _, rest = text.partition(" ")
        return cls(how=How(how), **json.loads(rest)) if how else cls()


def person_key(number: int) -> str:
    """The key of a person, or of the chat in whose name an anonymous administrator speaks."""
    return f"{PLATFORM}:{number}"
