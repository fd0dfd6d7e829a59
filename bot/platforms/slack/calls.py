"""Calls of Slack's Web API, each made once, and what their outcomes mean.

The SDK's own retries are off: they post a message again that Slack has taken when only its answer was lost.
Nothing is read from the environment, so no proxy either: what is said to Slack goes to Slack.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.limits import Element
from digest.errors import DeliveryUnknown, PlatformError, PlatformUnavailable

CONNECT = 10.0  # seconds for a connection, as long again for a free place; until then nothing is sent
ANSWER = 30.0  # seconds for a whole call

# Slack may have done what it was asked and say so (https://docs.slack.dev/reference/methods/chat.postMessage).
_UNSURE = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})
# What Slack says to every call of an app that it does not take any more.
VOID = frozenset(
    {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "org_login_required"}
)
_LESS = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})

Token = Literal["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]

# The SDK logs what we tell in our own words, some of it at each try.
quiet = logging.getLogger("paperboy.slack.sdk")
quiet.setLevel(logging.CRITICAL + 1)


class Refused(PlatformError):
    """Slack said no to a call, `error` is its name for the reason.

    `needed` is the scope that lacks, `notes` are what it said of single blocks.
    """

    def __init__(self, method: str, error: str, *, needed: str = "", notes: tuple[str, ...] = ()) -> None:
        more = f" ({needed})" if needed else "".join(f" ({note})" for note in notes[:1])
        super().__init__(f"Slack refused {method}: {error}{more}.")
        self.error = error
        self.needed = needed
        self.notes = notes


def base_url(setting: str) -> str:
    """The base of the Web API's methods, from SLACK_API_URL; one without a path means Slack's, /api/."""
    return f"{setting.rstrip('/')}/" if urlsplit(setting).path.strip("/") else f"{setting.rstrip('/')}/api/"


class Calls:
    """Makes calls, inside `async with`.

    Each raises `Refused`; `PlatformUnavailable` where Slack certainly did nothing but may later;
    `DeliveryUnknown` where it may have done it.
    """

    def __init__(self, api_url: str, *, bot_token: str, app_token: str = "", seconds: float = ANSWER) -> None:
        self._url = base_url(api_url)
        self._bot_token = bot_token
        self._app_token = app_token
        self._seconds = seconds
        self.scopes: frozenset[str] | None = None  # granted to the bot, as far as Slack told
        self.date = ""  # of the answer that told who we are, by Slack's clock
        self.void: dict[Token, Refused] = {}  # how each token is refused, as long as it is

    async def __aenter__(self) -> Self:
        limits = aiohttp.ClientTimeout(total=self._seconds, connect=2 * CONNECT, sock_connect=CONNECT)
        self.session = aiohttp.ClientSession(timeout=limits, trust_env=False)
        self.client = self._client(self._bot_token)
        self._app = self._client(self._app_token)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()

    def _client(self, token: str) -> AsyncWebClient:
        client = AsyncWebClient(
            token=token, base_url=self._url, session=self.session, retry_handlers=[], logger=quiet
        )
        client.proxy = None  # it takes one from the environment when it is made
        return client

    async def ask(self, method: str, /, **arguments: object) -> Mapping[str, Any]:
        """Read something: the arguments go into the query."""
        given = {name: value for name, value in arguments.items() if value is not None}
        return await self._called(self.client, method, http_verb="GET", params=given)

    async def tell(self, method: str, /, **arguments: object) -> Mapping[str, Any]:
        """Have something done: the arguments go as JSON."""
        given = {name: value for name, value in arguments.items() if value is not None}
        return await self._called(self.client, method, json=given)

    async def socket_url(self) -> str:
        """A new address for one connection of Socket Mode."""
        opened = await self._called(self._app, "apps.connections.open")
        url = opened.get("url")
        if not isinstance(url, str):
            raise PlatformUnavailable("Slack gave no address for a socket.")
        return url

    async def introduce(self) -> Mapping[str, Any]:
        """Who we are to Slack; notes the `scopes` if it tells them."""
        return await self._called(self.client, "auth.test")

    def taken_out(self, error: str) -> None:
        """Note that the app was taken out, which Slack tells before it refuses the first call."""
        self.void["SLACK_BOT_TOKEN"] = Refused("the app", error)

    async def respond(self, url: str, body: Mapping[str, object]) -> None:
        """Answer a command or a pressed button at the URL that came with it."""
        try:
            async with self.session.post(url, json=body, allow_redirects=False) as answer:
                text = await answer.text(errors="replace")
                status, wait = answer.status, _retry_after(answer.headers)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise _broken("the answer", error) from error
        if status == 200 and not text.lstrip().startswith('{"ok":false'):
            return
        judged("the answer", status, _object(text) or {"ok": False, "error": text[:60] or str(status)}, wait)

    async def upload(self, name: str, content: bytes) -> str:
        """Upload a file that nobody sees yet; its id."""
        place = await self._called(
            self.client, "files.getUploadURLExternal", params={"filename": name, "length": len(content)}
        )
        try:
            async with self.session.post(str(place["upload_url"]), data=io.BytesIO(content)) as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise PlatformUnavailable(f"{name} could not be uploaded to Slack: {error}.") from error
        if answer.status != 200:
            raise PlatformUnavailable(f"{name} could not be uploaded to Slack (HTTP {answer.status}).")
        return str(place["file_id"])

    async def share(self, file: str, title: str, *, channel: str, thread: str | None) -> None:
        """Show an uploaded file in a channel or a thread."""
        files = json.dumps([{"id": file, "title": title}])
        arguments = {"files": files, "channel_id": channel, "thread_ts": thread}
        await self._called(self.client, "files.completeUploadExternal", params=arguments)

    async def _called(self, client: AsyncWebClient, method: str, **how: Any) -> Mapping[str, Any]:
        token: Token = "SLACK_APP_TOKEN" if client is self._app else "SLACK_BOT_TOKEN"
        try:
            said = await self._answered(client, method, **how)
        except Refused as refused:
            if client is self._app or refused.error in VOID:
                self.void[token] = refused
            raise
        self.void.pop(token, None)
        return said

    async def _answered(self, client: AsyncWebClient, method: str, **how: Any) -> Mapping[str, Any]:
        try:
            answer = await client.api_call(method, **how)
        except SlackApiError as error:
            response = error.response
            status = getattr(response, "status_code", getattr(response, "status", 0))
            data = getattr(response, "data", None)
            headers = getattr(response, "headers", {})
            return judged(method, status, data, _retry_after(headers), cause=error)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _broken(method, error) from error
        except (AttributeError, ValueError) as error:  # the SDK's, of an answer that is no JSON object
            raise DeliveryUnknown(f"Slack's answer to {method} cannot be read.") from error
        if method == "auth.test":
            self.date = answer.headers.get("Date", "")
            if "x-oauth-scopes" in answer.headers:
                told = answer.headers["x-oauth-scopes"]
                self.scopes = frozenset(each.strip() for each in told.split(",") if each.strip())
        return judged(method, answer.status_code, answer.data, None)


def judged(
    method: str,
    status: int,
    data: object,
    retry_after: float | None,
    *,
    cause: BaseException | None = None,
) -> Mapping[str, Any]:
    """What Slack answered, if it did what it was asked. Raises as the calls do."""
    said: Mapping[str, Any] = data if isinstance(data, dict) else {}
    error = str(said.get("error") or "")
    if status == 429 or error in _LESS:
        raise PlatformUnavailable(f"Slack asks for a pause ({method}).", retry_after=retry_after) from cause
    if status == 200 and said.get("ok") is True:
        return said
    if "ok" not in said and 400 <= status < 500:
        raise PlatformUnavailable(f"Slack does not take {method} (HTTP {status}).") from cause
    if status >= 500 or "ok" not in said or error in _UNSURE:
        told = error or f"HTTP {status}"
        raise DeliveryUnknown(f"Slack gave no clear answer to {method} ({told}).") from cause
    notes = said.get("response_metadata") or {}
    messages = notes.get("messages") if isinstance(notes, dict) else ()
    raise Refused(
        method,
        error or "no reason given",
        needed=str(said.get("needed") or ""),
        notes=tuple(str(each) for each in messages or ()),
    ) from cause


def _broken(method: str, error: Exception) -> PlatformUnavailable | DeliveryUnknown:
    """What a call that had no answer means: nothing was sent, or nobody knows."""
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL):
        return PlatformUnavailable(f"Slack cannot be reached ({method}): {error}.")
    return DeliveryUnknown(f"Slack's answer to {method} was lost: {type(error).__name__}.")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    try:
        return max(0.0, float(headers.get("Retry-After", "")))
    except ValueError:
        return None


def _object(text: str) -> Element | None:
    try:
        parsed = json.loads(text)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None
