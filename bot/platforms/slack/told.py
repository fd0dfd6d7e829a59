"""Analyses that a channel was given lately, so that a second wish for one is pointed to the first."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from bot.commands.request import Reply
from bot.locale import in_language
from bot.platforms.slack.address import ids
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.sentences import told_already
from digest.channel import Channel
from digest.clock import Clock
from digest.document import Document
from digest.errors import PaperboyError
from digest.people import Incoming
from digest.ports import Store

LATELY = timedelta(days=7)
_ANEW = re.compile(r"\b(?:again|anew)\b", re.IGNORECASE)

log = structlog.get_logger(__name__)


class Told:
    """Remembers the last analysis of each paper in each channel."""

    def __init__(self, calls: Calls, store: Store, clock: Clock) -> None:
        self._calls = calls
        self._store = store
        self._clock = clock

    async def earlier(self, channel: Channel, incoming: Incoming, reply: Reply) -> Document | None:
        """Where the very same stands already; None if it does not, or is wanted again."""
        if _ANEW.search(incoming.text):
            return None
        known = await self._known(channel, reply)
        if known.get("mark") != _mark(reply) or known.get("for") == incoming.id:
            return None  # what was said for the same wish is its own first half, before a crash
        at = datetime.fromisoformat(str(known["at"]))
        if self._clock() - at > LATELY:
            return None
        link = await self._link(channel, str(known["ts"]))
        if not link:
            return None
        day = at.astimezone(ZoneInfo(channel.timezone)).date()
        return told_already(in_language(channel.language), str(reply.paper), link, day)

    async def remember(self, channel: Channel, incoming: Incoming, reply: Reply, message: str) -> None:
        """Keep where an analysis was said."""
        facts = {"mark": _mark(reply), "for": incoming.id, "ts": message, "at": self._clock().isoformat()}
        await self._store.set_meta(_name(channel, reply), json.dumps(facts))

    async def _known(self, channel: Channel, reply: Reply) -> Mapping[str, Any]:
        kept = await self._store.meta(_name(channel, reply))
        known = json.loads(kept) if kept else {}
        return known if isinstance(known, dict) else {}

    async def _link(self, channel: Channel, message: str) -> str:
        """The address of a message; "" where Slack does not give it, such as of a deleted one."""
        try:
            said = await self._calls.ask("chat.getPermalink", channel=ids(channel.key)[1], message_ts=message)
        except PaperboyError as error:
            log.debug("slack gives no link", channel=channel.key, error=str(error))
            return ""
        return str(said.get("permalink") or "")


def _name(channel: Channel, reply: Reply) -> str:
    return f"slack-told/{reply.paper}/{channel.key}"  # the store renames what ends in a channel


def _mark(reply: Reply) -> str:
    """The same for the same analysis in the same language."""
    return hashlib.sha256(repr(reply.whole).encode()).hexdigest()[:16]
