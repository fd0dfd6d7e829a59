"""What a bot is told of: kept until confirmed, fetched by long polling or pushed to a webhook."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from bot.demo.telegram_model import Refused

# Sent only to a bot that asks for them by name.
_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_LONGEST_POLL = 50  # seconds
_MOST = 100
_FIRST_RETRY = 0.2  # seconds before a webhook that failed is tried again, doubled each time
_LAST_RETRY = 5.0
_CONFLICT = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
_WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)

Update = dict[str, Any]


class Updates:
    """The queue between a chat and its bot. Times here are the event loop's, not the chat's clock."""

    def __init__(self) -> None:
        self.allowed: tuple[str, ...] = ()
        self.url = ""
        self.last_error = ""
        self._secret = ""
        self._pending: deque[Update] = deque()
        self._next = 700_000_001
        self._news = asyncio.Event()
        self._poll: asyncio.Future[None] | None = None
        self._pusher: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def pending(self) -> tuple[Update, ...]:
        """Updates that the bot has not confirmed."""
        return tuple(self._pending)

    @property
    def polled(self) -> bool:
        """Whether somebody waits for updates at this moment."""
        return self._poll is not None and not self._poll.done()

    def wants(self, kind: str) -> bool:
        """Whether the bot asked for such updates."""
        return kind in self.allowed if self.allowed else kind not in _ON_REQUEST

    def put(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Tell the bot of something, if it asked for such things."""
        if self.wants(kind):
            self._pending.append({"update_id": self._next, kind: payload})
            self._next += 1
            self._news.set()

    async def get(
        self, *, offset: int, limit: int, patience: float, allowed: Sequence[str] | None
    ) -> list[Update]:
        """Updates from `offset` on, within `patience` seconds; a second caller ends the wait of the first."""
        if self.url:
            raise Refused(409, _WEBHOOK_ACTIVE)
        if self._poll and not self._poll.done():
            self._poll.set_exception(Refused(409, _CONFLICT))
        if allowed is not None:
            self.allowed = tuple(allowed)
        self._confirm(offset)
        self._poll = mine = asyncio.get_running_loop().create_future()
        try:
            await self._something(mine, min(patience, _LONGEST_POLL))
        finally:
            if not mine.done():
                mine.cancel()
        return list(self._pending)[: limit if 0 < limit <= _MOST else _MOST]

    async def _something(self, poll: asyncio.Future[None], patience: float) -> None:
        """Wait until something is pending; raises what ends the poll from outside."""
        if self._pending or patience <= 0 or self._closed:
            return
        self._news.clear()
        news = asyncio.ensure_future(self._news.wait())
        either: set[asyncio.Future[Any]] = {news, poll}
        try:
            await asyncio.wait(either, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
        if poll.done():
            poll.result()

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
        while offset > 0 and self._pending and self._pending[0]["update_id"] < offset:
            self._pending.popleft()

    def forget(self) -> None:
        """Drop what is pending."""
        self._pending.clear()

    async def push_to(self, url: str, *, secret: str, allowed: Sequence[str] | None) -> None:
        """Push updates to a webhook, or to none with an empty address."""
        await self._stop_pushing()
        if allowed is not None:
            self.allowed = tuple(allowed)
        self.url, self._secret, self.last_error = url, secret, ""
        if url:
            if self._poll and not self._poll.done():
                self._poll.set_exception(Refused(409, "Conflict: terminated by setWebhook request"))
            self._pusher = asyncio.create_task(self._push())

    async def close(self) -> None:
        """End the waits."""
        self._closed = True
        self._news.set()
        await self._stop_pushing()

    async def _stop_pushing(self) -> None:
        if self._pusher:
            self._pusher.cancel()
            await asyncio.gather(self._pusher, return_exceptions=True)
            self._pusher = None

    async def _push(self) -> None:
        import aiohttp

        wait = _FIRST_RETRY
        headers = {"X-Telegram-Bot-Api-Secret-Token": self._secret} if self._secret else {}
        async with aiohttp.ClientSession(headers=headers) as session:
            while True:
                while not self._pending:
                    self._news.clear()
                    await self._news.wait()
                update = self._pending[0]
                self.last_error = await _pushed(session, self.url, update)
                if self.last_error:
                    await asyncio.sleep(wait)
                    wait = min(2 * wait, _LAST_RETRY)
                    continue
                wait = _FIRST_RETRY
                if self._pending and self._pending[0] is update:
                    self._pending.popleft()


async def _pushed(session: Any, url: str, update: Update) -> str:
    """Why a webhook did not take an update; empty if it did."""
    import aiohttp

    try:
        async with session.post(url, json=update, timeout=aiohttp.ClientTimeout(total=10)) as response:
            if response.status < 300:
                return ""
            return f"Wrong response from the webhook: {response.status} {response.reason}"
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"Connection failed: {type(error).__name__}"
