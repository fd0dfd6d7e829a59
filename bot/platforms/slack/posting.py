"""A message on its way to Slack: sent once, in a form that the workspace takes, and found again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import structlog

from bot.latest import Latest
from bot.platforms.proven import Mode, Proven
from bot.platforms.slack.address import ids
from bot.platforms.slack.blocks import message
from bot.platforms.slack.calls import Calls, Refused
from bot.platforms.slack.commands import as_typed
from bot.platforms.slack.start import Identity
from digest.channel import Channel
from digest.clock import Sleep, sleep
from digest.document import Document
from digest.errors import ChannelGone, MessageRefused, PaperboyError, PlatformUnavailable, ThreadGone

EVENT_TYPE = "paperboy_message"
READ_AFTER_WRITE = 1.5  # seconds until Slack surely shows what it has just taken
REMEMBERED = 86_400.0  # seconds that newer blocks are not tried again in a workspace without them
_SKEW = timedelta(seconds=60)  # between our clock and Slack's
_PAGE = 200  # messages of one page when reading back
_BETWEEN = 1.01  # seconds between two messages to a channel
_NUMBERS = UUID("7d8a3f5e-6f0b-5c56-9d5e-0b9c6f7a2e11")  # the name space of our numbers
_NOTHING = Proven()
_MANY = 1_000  # documents of which only the plain form is taken

# Refusals that the plain form of the same message may not meet.
_NEWER = frozenset({"invalid_blocks", "invalid_blocks_format", "invalid_attachments", "msg_blocks_too_long"})
_GONE = {
    "channel_not_found": "Slack knows no such channel, or I was removed from it",
    "not_in_channel": "I am not in this channel",
    "is_archived": "The channel is archived",
    "restricted_action": "Only some people may post in this channel",
    "restricted_action_read_only_channel": "Only some people may post in this channel",
    "messages_tab_disabled": "The app's Messages tab is off (App Home, Show Tabs)",
    "cannot_dm_bot": "A bot cannot be written to",
    "user_disabled": "The person left the workspace",
}
_THREAD_GONE = frozenset(
    {
        "thread_not_found",
        "cannot_reply_to_message",
        "restricted_action_thread_locked",
        "restricted_action_non_threadable_channel",
    }
)
# What somebody must mend in the app; nothing is lost meanwhile.
_OURS = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "not_allowed_token_type",
        "missing_scope",
        "no_permission",
        "org_login_required",
        "ekm_access_denied",
        "team_access_not_granted",
        "access_denied",
    }
)

log = structlog.get_logger(__name__)


class Posting:
    """Posts documents into channels and threads."""

    def __init__(
        self,
        calls: Calls,
        *,
        hold: Callable[[str, float], None],
        prefix: str = "",
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = sleep,
        known: Proven = _NOTHING,
    ) -> None:
        self._calls = calls
        self._hold = hold
        self._prefix = prefix
        self._clock = clock
        self._sleep = sleep
        self._numbered = known.mode is Mode.IDEMPOTENT
        self._plain_until = clock() + REMEMBERED if known.rich is False else -REMEMBERED
        self._plain_only: Latest[int, None] = Latest(_MANY)  # documents, by hash

    async def post(
        self, channel: Channel, document: Document, *, thread: str | None, key: str, bot: str
    ) -> str:
        """Post a message of one part under a key; its timestamp. `bot` is our name for /invite."""
        where = {
            "channel": ids(channel.key)[1],
            "thread_ts": thread,
            "unfurl_links": False,
            "unfurl_media": False,
            "link_names": False,
            "parse": "none",
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": key}},
            "client_msg_id": number_of(key) if self._numbered else None,
        }
        return str((await self.say("chat.postMessage", channel, document, where, bot=bot)).get("ts", ""))

    async def say(
        self, method: str, channel: Channel, document: Document, where: Mapping[str, object], *, bot: str
    ) -> Mapping[str, Any]:
        """Call a method that takes a message; in its plain form if Slack does not take the rich one."""
        try:
            return await self._said(method, document, where)
        except Refused as refused:
            raise meaning(refused, bot=bot) from refused
        except PlatformUnavailable as error:
            if error.retry_after is not None:
                self._hold(channel.key, error.retry_after)
            raise

    async def _said(self, method: str, document: Document, where: Mapping[str, object]) -> Mapping[str, Any]:
        if self.plain() or hash(document) in self._plain_only:
            return await self._tell(method, document, where, plain=True)
        try:
            return await self._tell(method, document, where, plain=False)
        except Refused as refused:
            if refused.error not in _NEWER:
                raise
            self.learn(refused, document)
        await self._sleep(_BETWEEN)  # Slack counts what it refuses
        return await self._tell(method, document, where, plain=True)

    async def _tell(
        self, method: str, document: Document, where: Mapping[str, object], *, plain: bool
    ) -> Mapping[str, Any]:
        return await self._calls.tell(method, **self.content(document, plain=plain), **where)

    def content(self, document: Document, *, plain: bool) -> dict[str, object]:
        """The blocks and the text of a message."""
        made = message(as_typed(document, self._prefix), plain=plain)
        return {"blocks": list(made.blocks), "text": made.text}

    def plain(self) -> bool:
        """Whether the workspace is known not to take newer blocks."""
        return self._clock() < self._plain_until

    def learn(self, refused: Refused, document: Document) -> None:
        """Remember that Slack refused the rich form: of this message, or of all if it lacks newer blocks."""
        log.warning("slack takes the plain form only", error=refused.error, notes=refused.notes[:2])
        self._plain_only[hash(document)] = None
        if any("unsupported" in note.lower() for note in refused.notes):
            self._plain_until = self._clock() + REMEMBERED

    async def recover(
        self,
        channel: Channel,
        *,
        thread: str | None,
        key: str,
        since: datetime | None,
        me: Identity,
    ) -> str | None:
        """The timestamp of our message with this key, if the channel or the thread holds one."""
        where: dict[str, object] = {"channel": ids(channel.key)[1], "limit": _PAGE, "inclusive": True}
        where["include_all_metadata"] = True
        if since is not None:
            where["oldest"] = f"{(since - _SKEW).timestamp():.6f}"
        method = "conversations.replies" if thread else "conversations.history"
        if thread:
            where["ts"] = thread
        try:
            return await self._found(method, where, key, me)
        except Refused as refused:
            _not_read(refused, key=key, bot=me.name)
            return None

    async def _found(self, method: str, where: dict[str, object], key: str, me: Identity) -> str | None:
        cursors: set[str] = set()
        while True:
            page = await self._calls.ask(method, **where)
            for each in page.get("messages") or ():
                if _is(each, key, me):
                    return str(each["ts"])
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor or cursor in cursors:
                return None
            cursors.add(cursor)
            where["cursor"] = cursor


def number_of(key: str) -> str:
    """The number under which Slack takes the message with this key once, where it does."""
    return str(uuid5(_NUMBERS, key))


def meaning(refused: Refused, *, bot: str) -> PaperboyError:
    """What a refused message means for it, its thread or its channel."""
    error = refused.error
    if error in _GONE:
        return ChannelGone(
            f"{_GONE[error]}. To go on: /invite @{bot} in the channel."
            if error in ("channel_not_found", "not_in_channel")
            else f"{_GONE[error]}. When that is mended: /digest resume there."
        )
    if error in _THREAD_GONE:
        return ThreadGone("The message whose thread this was is not there any more.")
    if error in _OURS:
        scope = f" Add the scope {refused.needed} to the app and install it again." if refused.needed else ""
        log.error("slack refuses the app", error=error, needed=refused.needed)
        return PlatformUnavailable(f"Slack refuses the app ({error}).{scope} The messages wait.")
    return MessageRefused(str(refused))


def _is(message: Mapping[str, Any], key: str, me: Identity) -> bool:
    metadata = message.get("metadata") or {}
    ours = me.user == message.get("user") or (me.bot and me.bot == message.get("bot_id"))
    return bool(ours) and (metadata.get("event_payload") or {}).get("key") == key


def _not_read(refused: Refused, *, key: str, bot: str) -> None:
    """Return where there is nothing to read or no right to; raise where an answer may still come."""
    if refused.error in _THREAD_GONE:
        return
    error = meaning(refused, bot=bot)
    if isinstance(error, ChannelGone) or (
        isinstance(error, PlatformUnavailable) and refused.error != "missing_scope"
    ):
        raise error from refused
    # Better twice than not at all.
    log.warning("slack cannot be read back", key=key, error=refused.error, needed=refused.needed)
