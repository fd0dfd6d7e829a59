"""Updates by requests to a web server of ours, for who has a public address."""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass

import structlog
from aiohttp import web
from telegram.error import BadRequest

from bot.platforms.telegram.calls import FAILURES, Api, reason
from bot.platforms.telegram.connection import Backoff, Take
from bot.platforms.telegram.listening import ALLOWED
from bot.platforms.telegram.places import WEBHOOK_PATH
from bot.web import WebServer
from digest.clock import Sleep
from digest.errors import PlatformError, StoreError
from digest.ports import Store

_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_META = "telegram/webhook_secret"

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
    works: bool = False  # whether updates come
    heard_at: None = None  # updates are brought, and there may be none for days
    _closed: bool = False

    async def run(self) -> None:
        """Have Telegram send updates; returns when it does. Raises `PlatformError` where it never will."""
        self.secret = self.secret or await self._made_secret()
        self.server.on_post(WEBHOOK_PATH, self.handle)
        await self.server.start()
        backoff = Backoff(self.sleep)
        while True:
            try:
                await self.api.set_webhook(self.url, allowed_updates=ALLOWED, secret_token=self.secret)
            except BadRequest as error:
                raise PlatformError(
                    f"Telegram does not take TELEGRAM_WEBHOOK_URL={self.url}: {reason(error)}. It must be a "
                    f"public https address, for example https://paperboy.example.org{WEBHOOK_PATH}."
                ) from error
            except FAILURES as error:
                log.warning("webhook not set", error=reason(error))
                await backoff.wait()
            else:
                log.info("webhook set", url=self.url)
                self.works = True
                return

    def close(self) -> None:
        """Refuse what comes from now on; Telegram sends it again at the next start."""
        self.works, self._closed = False, True

    async def handle(self, request: web.Request, body: bytes) -> web.Response:
        """One update."""
        given = request.headers.get(_HEADER, "")
        if not hmac.compare_digest(given.encode(), self.secret.encode()):
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
        return web.Response()

    async def _made_secret(self) -> str:
        made = await self.store.meta(_META)
        if not made:
            made = secrets.token_urlsafe(32)
            await self.store.set_meta(_META, made)
        return made
