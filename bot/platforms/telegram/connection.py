"""The connection to Telegram: who we are, and updates asked for for as long as it takes."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from telegram.error import Conflict, InvalidToken

from bot.platforms.telegram.calls import FAILURES, Api, reason
from bot.platforms.telegram.listening import ALLOWED
from bot.platforms.telegram.places import Me
from digest.clock import Clock, Sleep
from digest.errors import PlatformError, RefusedSetting, StoreError

FIRST_WAIT = 1.0  # seconds after a failure, doubled by each further one
LONGEST_WAIT = 30.0
RIVAL = timedelta(seconds=60)  # that another program may poll with our token, since it may be ending

NOT_ACCEPTED = (
    "Telegram does not accept TELEGRAM_BOT_TOKEN; copy it again from @BotFather: /mybots, then API Token."
)
TWO_POLL = (
    "Another program polls Telegram with this TELEGRAM_BOT_TOKEN; stop that one, or make a bot of its own "
    "for this one with @BotFather."
)

log = structlog.get_logger(__name__)

Take = Callable[[Mapping[str, Any]], Awaitable[None]]


class Backoff:
    """Waits between attempts, longer each time, with jitter."""

    def __init__(self, sleep: Sleep) -> None:
        self._sleep = sleep
        self.failures = 0

    async def wait(self) -> None:
        seconds = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(self.failures, 10))
        self.failures += 1
        await self._sleep(seconds * random.uniform(0.5, 1.0))


class _Rivals:
    """Another program that polls with our token: each ends the other's polls, though some get through."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._first = self._last = clock() - 2 * RIVAL

    def stay(self) -> bool:
        """Note that one was met; whether it has been there for too long."""
        now = self._clock()
        if now - self._last > RIVAL:
            self._first = now
        self._last = now
        return now - self._first > RIVAL


async def account(api: Api) -> Me:
    """The bot's own account. Raises `RefusedSetting` for a wrong token, one of `FAILURES` for all else."""
    try:
        user = await api.get_me()
    except InvalidToken as error:
        raise RefusedSetting(NOT_ACCEPTED) from error
    return Me(id=user.id, username=user.username or "")


@dataclass(slots=True, kw_only=True)
class Polling:
    """Asks for updates. Telegram drops those below `offset`, so it moves only past what was taken."""

    api: Api
    take: Take
    clock: Clock
    sleep: Sleep
    works: bool = False  # whether updates come
    refused: bool = False  # whether Telegram does not accept the token any more
    heard_at: datetime | None = None  # when Telegram last answered

    async def run(self) -> None:
        """Poll until cancelled. Raises `PlatformError` if another program keeps polling too."""
        offset: int | None = None
        backoff = Backoff(self.sleep)
        rivals = _Rivals(self.clock)
        await self._without_webhook()
        self.works = True
        while True:
            try:
                for told in await self.api.news(offset=offset, allowed=ALLOWED):
                    await self.take(told)
                    offset = int(told["update_id"]) + 1
            except Conflict as error:
                if "webhook" in error.message:
                    await self._without_webhook()
                elif rivals.stay():
                    raise PlatformError(TWO_POLL) from error
                await self._failed(backoff, reason(error))
            except FAILURES as error:
                self.refused = self.refused or isinstance(error, InvalidToken)
                await self._failed(backoff, reason(error))
            except StoreError as error:
                await self._failed(backoff, str(error))
            else:
                if backoff.failures:
                    log.info("telegram polled again", failures=backoff.failures)
                    backoff.failures = 0
                self.works, self.refused, self.heard_at = True, False, self.clock()

    def close(self) -> None:
        """Nothing more is taken; whoever cancels `run` has the rest left to the next start."""
        self.works = False

    async def _failed(self, backoff: Backoff, why: str) -> None:
        if backoff.failures == 0:
            log.warning("telegram not polled", error=why)
        self.works = False
        await backoff.wait()

    async def _without_webhook(self) -> None:
        """Telegram gives updates to one taker: a webhook that was set once must go."""
        try:
            await self.api.delete_webhook()
        except FAILURES as error:
            log.warning("webhook not deleted", error=reason(error))
