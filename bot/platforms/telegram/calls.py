"""Calls of the Bot API, and what their outcomes mean.

python-telegram-bot is used for its `Bot` alone: what comes in is kept before it is confirmed, and what goes
out is sent by the outbox, so its own loop and its own retries would be in the way.
"""

from __future__ import annotations

import json
import logging
import os
import re
import ssl
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from functools import cache
from typing import Any

import httpx
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.pacing import Pacer
from bot.platforms.telegram.places import Spot
from digest.channel import Channel
from digest.errors import (
    ChannelGone,
    ChannelMoved,
    DeliveryUnknown,
    MessageRefused,
    PaperboyError,
    PlatformUnavailable,
    ThreadGone,
)

# RetryAfter tells its seconds as a timedelta then; without it the library warns at each.
os.environ.setdefault("PTB_TIMEDELTA", "true")

CONNECT = 10.0  # seconds
ANSWER = 20.0  # seconds; an answer that comes later leaves a message whose fate must be asked after
POOL = 60.0  # seconds for a free connection
CONNECTIONS = 128  # at once, beside the one that polls
POLL = 25  # seconds that Telegram may wait for news

BLOCKED = "This person has blocked Paperboy; digests go on when they unblock it."
REMOVED = "Paperboy was removed from this chat; add it again, and digests go on."
UNKNOWN = "Telegram knows no such chat, or Paperboy is not in it; add it there, and digests go on."
SILENCED = "Paperboy may not write in this chat; let it send messages there, and digests go on."
DELETED = "The account or the group of this chat was deleted."
NO_TOPIC = "The topic was deleted; /subscribe in another topic or in General."
GONE = frozenset({BLOCKED, REMOVED, UNKNOWN, SILENCED, DELETED})

# What a call raises: the library tells of answers that lack something in Python's own words.
FAILURES = (TelegramError, KeyError, TypeError)
Failure = TelegramError | KeyError | TypeError

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_LONGEST_REASON = 200  # characters; a proxy's error may be a whole page

# Descriptions, from https://github.com/tdlib/telegram-bot-api (Client.cpp) and TDLib; Telegram lists none.
_REASONS: tuple[tuple[str, str], ...] = (
    (BLOCKED, r"blocked by the user|USER_IS_BLOCKED"),
    (DELETED, r"user is deactivated|group chat was (deleted|deactivated)|chat was deleted"),
    (REMOVED, r"was kicked|not a member|CHANNEL_PRIVATE"),
    (UNKNOWN, r"chat not found|PEER_ID_INVALID|can't initiate conversation|bots can't send messages to bots"),
    (
        SILENCED,
        r"(not enough|have no|administrator) rights|TOPIC_CLOSED|CHAT_(\w+_(FORBIDDEN|REQUIRED)|RESTRICTED)",
    ),
)


class Refusal(Enum):
    """What a 400 is about."""

    CHAT = auto()  # Paperboy cannot write there
    TOPIC = auto()  # the topic was deleted
    REPLY = auto()  # the message replied to was
    CONTENT = auto()  # anything else: the message itself


class TopicGone(ChannelGone):
    """The channel was a topic of a forum, and that was deleted; the forum is still there."""


class Request(HTTPXRequest):
    """The library's way to talk HTTP, that does not log the answers it cannot read."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            parsed = json.loads(payload.decode("utf-8", "replace"))
        except ValueError as error:
            raise TelegramError("The answer is no JSON.") from error
        if not isinstance(parsed, dict) or not {"result", "description"} & parsed.keys():
            raise TelegramError("The answer is not one of the Bot API.")
        return parsed


class Api(Bot):
    """The Bot API of one token."""

    __slots__ = ("_requests",)

    def __init__(self, token: str, url: str) -> None:
        def request(connections: int) -> Request:
            # Proxies and certificates are the settings' business, not those of whatever runs the process.
            return Request(
                connection_pool_size=connections,
                connect_timeout=CONNECT,
                read_timeout=ANSWER,
                write_timeout=ANSWER,
                pool_timeout=POOL,
                httpx_kwargs={"trust_env": False, "verify": _certificates()},
            )

        polling, others = request(1), request(CONNECTIONS)
        base = url.rstrip("/").removesuffix("/bot")
        super().__init__(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=others,
            get_updates_request=polling,
        )
        self._requests = (polling, others)

    def __repr__(self) -> str:
        return "Api()"  # the library's own shows the token

    async def news(self, *, offset: int | None, allowed: Sequence[str]) -> list[Mapping[str, Any]]:
        """Updates from `offset` on, as JSON: one that the library cannot read must not stop the others."""
        arguments = {"offset": offset, "timeout": POLL, "allowed_updates": list(allowed)}
        found: list[Mapping[str, Any]] = await self._post("getUpdates", arguments, read_timeout=POLL + ANSWER)
        return found

    async def close_requests(self) -> None:
        """Close the connections."""
        for request in self._requests:
            await request.shutdown()


@cache
def _certificates() -> ssl.SSLContext:
    """The usual authorities, read once: that takes as long as all the rest of a start."""
    return httpx.create_ssl_context(trust_env=False)


def quiet_logs() -> None:
    """Keep every address, which holds the token, out of the logs; who debugs sees them without it."""
    if logging.getLogger().level > logging.DEBUG:
        for name in ("httpx", "httpcore", "telegram"):
            logging.getLogger(name).setLevel(logging.WARNING)


def meaning(error: Failure, spot: Spot) -> PaperboyError:
    """What an error says of a message to a chat, as one of ours."""
    # The order matters: BadRequest is a NetworkError to the library.
    match error:
        case RetryAfter():
            return PlatformUnavailable(f"Telegram: {reason(error)}", retry_after=wait_of(error))
        case ChatMigrated(new_chat_id=new):
            return ChannelMoved("The group became a supergroup.", to=Spot(new, spot.topic).key)
        case Forbidden():
            return ChannelGone(_gone(error) or REMOVED)
        case InvalidToken() | EndPointNotFound() | Conflict():
            return PlatformUnavailable(f"Telegram refused: {reason(error)}")
        case BadRequest():
            return _refused(error)
        case NetworkError() if error.message.startswith("Too Many Requests"):
            return PlatformUnavailable(f"Telegram: {reason(error)}")
        case NetworkError() if never_sent(error):
            return PlatformUnavailable(f"Telegram cannot be reached: {reason(error)}")
    return DeliveryUnknown(f"Telegram did not answer as it should: {reason(error)}")


def understood(error: Failure, spot: Spot, pacer: Pacer) -> PaperboyError:
    """The same; and the chat's next messages wait, where Telegram asked for that."""
    if isinstance(error, RetryAfter):
        pacer.hold(spot.chat_key, wait_of(error))
    return meaning(error, spot)


def topic_deleted(channel: Channel) -> str:
    """What the forum is told of a topic that was deleted; the channel's title ends with its name."""
    _, _, name = channel.title.rpartition(" / ")
    return NO_TOPIC.replace("The topic", f"The topic “{name}”", 1) if name else NO_TOPIC


def refusal(error: BadRequest) -> Refusal:
    """What Telegram refused a message for."""
    text = error.message.lower()
    if "thread not found" in text or "topic_deleted" in text or "topic_id_invalid" in text:
        return Refusal.TOPIC
    if "to be replied not found" in text or "replied message not found" in text:
        return Refusal.REPLY
    return Refusal.CHAT if _gone(error) else Refusal.CONTENT


def never_sent(error: BaseException) -> bool:
    """Whether a request failed before anything of it left."""
    return isinstance(error.__cause__, _NEVER_SENT)


def wait_of(error: RetryAfter) -> float:
    """The seconds that Telegram asks for."""
    wait = error.retry_after
    return float(wait) if isinstance(wait, int | float) else wait.total_seconds()


def reason(error: Failure) -> str:
    """An error in Telegram's words, on one line and without anything that looks like a token."""
    text = error.message if isinstance(error, TelegramError) else "an answer that lacks something"
    text = re.sub(r"\d{5,}:[\w-]{20,}", "(token)", " ".join(text.split()))
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"


def _refused(error: BadRequest) -> PaperboyError:
    gone = _gone(error)
    if gone:
        return ChannelGone(gone)
    if refusal(error) is Refusal.TOPIC:
        return TopicGone(NO_TOPIC)
    if refusal(error) is Refusal.REPLY:
        return ThreadGone(f"Telegram: {reason(error)}")
    return MessageRefused(f"Telegram does not take this message: {reason(error)}")


def _gone(error: TelegramError) -> str:
    """Why Paperboy cannot write to a chat, where that is what the error says."""
    for sentence, pattern in _REASONS:
        if re.search(pattern, error.message, re.IGNORECASE):
            return sentence
    return ""
