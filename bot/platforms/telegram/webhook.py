"""Updates by requests to a web server of ours, for who has a public address."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from telegram import WebhookInfo
from telegram.error import BadRequest, InvalidToken

from bot.platforms.telegram.calls import FAILURES, Api, reason
from bot.platforms.telegram.connection import Backoff, Take
from bot.platforms.telegram.listening import ALLOWED
from bot.platforms.telegram.places import WEBHOOK_PATH
from bot.web import WebServer
from digest.clock import Sleep
from digest.errors import RefusedSetting, StoreError
from digest.ports import Store

_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_META = "telegram/webhook_secret"
# Refusals that are of the moment: Telegram looks the host up when it is told of it.
_PASSING = re.compile(r"resolve host|timed? ?out|temporary", re.IGNORECASE)
ASK_EVERY = 60.0  # seconds between looks at what Telegram knows of the webhook

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Webhook:
    """Takes updates from requests; 200 only for what was taken, so Telegram repeats the rest."""

    api: Api
    take: Take
    store: Store
    sleep: Sleep
    server: WebServer
    url: str
    secret: str
    ask_every: float = ASK_EVERY
    works: bool = False  # whether updates come
    refused: bool = False  # whether Telegram does not accept the token any more
    heard_at: None = None  # updates are brought, and there may be none for days
    _taken: int = 0  # updates, since the last look
    _closed: bool = False

    async def run(self) -> None:
        """Have Telegram send updates until cancelled. Raises `RefusedSetting` where it never will."""
        self.secret = self.secret or await self._made_secret()
        self.server.on_post(WEBHOOK_PATH, self.handle)
        await self.server.start()
        await self._begin()
        self.works = True
        while True:
            await asyncio.sleep(self.ask_every)
            await self._look()

    async def _begin(self) -> None:
        backoff = Backoff(self.sleep)
        while True:
            try:
                await self._set()
            except BadRequest as error:
                if _PASSING.search(error.message):
                    log.warning("webhook not set", error=reason(error))
                    await backoff.wait()
                    continue
                raise RefusedSetting(
                    f"Telegram does not take TELEGRAM_WEBHOOK_URL={self.url}: {reason(error)}. It must be a "
                    f"public https address, for example https://paperboy.example.org{WEBHOOK_PATH}."
                ) from error
            except FAILURES as error:
                log.warning("webhook not set", error=reason(error))
                await backoff.wait()
            else:
                log.info("webhook set", url=self.url)
                return

    async def _set(self) -> None:
        await self.api.set_webhook(self.url, allowed_updates=ALLOWED, secret_token=self.secret)

    async def _look(self) -> None:
        """Ask what Telegram knows of the webhook; one that was taken away is set again.

        It counts as working only when the next look finds it there: who took it away may do so again.
        """
        taken, self._taken = self._taken, 0
        try:
            told = await self.api.get_webhook_info()
            self.refused = False
            wrong = self._wrong(told, taken)
            if wrong and self.works:
                log.warning("webhook does not work", why=wrong)
            elif not wrong and not self.works:
                log.info("webhook works again")
            self.works = not wrong and not self._closed
            if told.url != self.url:
                await self._set()
        except FAILURES as error:
            self.refused = self.refused or isinstance(error, InvalidToken)
            log.debug("webhook not looked after", error=reason(error))

    def _wrong(self, told: WebhookInfo, taken: int) -> str:
        """Why updates do not come, by what Telegram tells and how many came lately; empty if they do."""
        if told.url != self.url:
            return f"it was set to {urlsplit(told.url).hostname}" if told.url else "it was deleted"
        # An error alone may be of long ago.
        if told.pending_update_count and told.last_error_date and not taken:
            return f"{told.pending_update_count} updates wait: {told.last_error_message}"
        return ""

    def close(self) -> None:
        """Refuse what comes from now on; Telegram sends it again at the next start."""
        self.works, self._closed = False, True

    async def handle(self, request: web.Request, body: bytes) -> web.Response:
        """One update."""
        given = request.headers.get(_HEADER, "")
        # Whoever knows the address can send anything as that header, bytes of no encoding too.
        if not hmac.compare_digest(given.encode(errors="surrogateescape"), self.secret.encode()):
            return web.Response(status=401)
        if self._closed:
            return web.Response(status=503)
        try:
            told = json.loads(body)
        except ValueError:
            return web.Response(status=400)
        if not isinstance(told, dict):
            return web.Response(status=400)
        try:
            await self.take(told)
        except StoreError as error:
            log.warning("update not kept", error=str(error))
            return web.Response(status=503)
        self._taken += 1
        return web.Response()

    async def _made_secret(self) -> str:
        made = await self.store.meta(_META)
        if not made:
            made = secrets.token_urlsafe(32)
            await self.store.set_meta(_META, made)
        return made
