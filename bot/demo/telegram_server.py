"""A small Telegram on this machine: the Bot API over HTTP, and the people that a bot talks with.

async with TelegramServer() as telegram:
    ada = telegram.person("Ada", username="ada")
    chat = telegram.private(ada)
    await telegram.says(chat, ada, "/help")
    ...  # a bot with `telegram.token` at `telegram.url` answers
    print(telegram.from_bot(chat)[-1].text)

`paperboy demo` plays a day with it, and the tests add Telegram's limits and faults (tests/peers).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.demo.telegram_methods import METHODS
from bot.demo.telegram_model import Answered, Call, File, Refused, bad_request
from bot.demo.telegram_people import People
from bot.demo.telegram_sending import NO_METHOD
from digest.clock import Clock, utc_now

TOKEN = "123456:AAE-loopback-token-of-the-demo-0123"  # noqa: S105 - opens nothing but this server
_MOST_BYTES = 60 * 2**20  # of a request
_TOKEN_FORM = re.compile(r"\d+:[\w-]{24,}")
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost)[:/]")

Answer = Callable[[], Awaitable[web.Response]]
Checker = Callable[[Call], Iterable[str]]


class TelegramServer(People):
    """Telegram as `clock` sees it, on a port of 127.0.0.1, inside `async with`.

    `url` is the base that bots are given before "/bot" and their token. `check` looks at every call before
    it is answered; what it finds wrong is collected in `violations`.
    """

    def __init__(
        self,
        *,
        clock: Clock = utc_now,
        token: str = TOKEN,
        username: str = "paperboy_bot",
        name: str = "Paperboy",
        check: Checker | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(username=username, name=name, bot_id=int(token.partition(":")[0]), clock=clock)
        self.url = ""
        self.token = token
        self.violations: list[str] = []
        self._check = check
        self._port = port
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MOST_BYTES)
        self.add_routes(app.router)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.updates.close()
        if self._runner:
            await self._runner.cleanup()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """The addresses that are served."""
        router.add_route("*", "/bot{token:[^/]*}/{method}", self._serve)
        router.add_get("/file/bot{token:[^/]*}/{path:.+}", self._download)

    async def until(self, condition: Callable[[], object], *, seconds: float = 5) -> None:
        """Wait until something is so; raises TimeoutError with what was said last if it never is."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():  # noqa: ASYNC110 - a condition of any kind has no event
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise TimeoutError(f"not within {seconds} s; the last calls were {self.last_calls()}") from None

    def last_calls(self, number: int = 5) -> list[str]:
        """The methods called last, and what was said against them."""
        told = [each for each in self.calls if each.call.method != "getUpdates"]
        return [f"{each.call.method}: {each.description or 'ok'}" for each in told[-number:]]

    # Answers

    async def answering(self, request: web.Request, call: Call, answer: Answer) -> web.StreamResponse:
        """The ordinary answer; tests put faults before it, after it or in its place."""
        return await answer()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if refusal := self._wrong_token(request):
            return refusal
        call = await read_call(request, self.clock)

        async def answer() -> web.Response:
            return await self._answer(call)

        return await self.answering(request, call, answer)

    async def _answer(self, call: Call) -> web.Response:
        if self._check:
            self.violations += [f"{call.method}: {fault}" for fault in self._check(call)]
        try:
            result = await self._result(call)
        except Refused as refused:
            self.calls.append(Answered(call=call, status=refused.code, description=refused.description))
            return error_response(refused)
        self.calls.append(Answered(call=call))
        return web.json_response({"ok": True, "result": result})

    async def _result(self, call: Call) -> Any:
        name = call.method.lower()
        if name == "getupdates":
            return await self.updates.get(
                offset=call.number("offset"),
                limit=call.number("limit", 100),
                patience=call.number("timeout"),
                allowed=call.json("allowed_updates", "allowed updates"),
            )
        if name == "setwebhook":
            return await self._set_webhook(call)
        if name == "deletewebhook":
            if call.flag("drop_pending_updates"):
                self.updates.forget()
            await self.updates.push_to("", secret="", allowed=None)
            return True
        if name == "getwebhookinfo":
            return self._webhook_info()
        method = METHODS.get(name)
        if method is None:
            raise NO_METHOD
        return method(self, call)

    async def _set_webhook(self, call: Call) -> bool:
        url, secret = call.text("url"), call.text("secret_token")
        if url and not (url.startswith("https://") or _LOOPBACK.match(url)):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad_request("secret token contains unallowed characters")
        if call.flag("drop_pending_updates"):
            self.updates.forget()
        await self.updates.push_to(
            url, secret=secret, allowed=call.json("allowed_updates", "allowed updates")
        )
        return True

    def _webhook_info(self) -> dict[str, Any]:
        told: dict[str, Any] = {"url": self.updates.url, "has_custom_certificate": False}
        told["pending_update_count"] = len(self.updates.pending)
        if self.updates.last_error:
            told |= {"last_error_date": self._date(), "last_error_message": self.updates.last_error}
        if self.updates.allowed:
            told["allowed_updates"] = list(self.updates.allowed)
        return told

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if refusal := self._wrong_token(request):
            return refusal
        file = self.files.get(request.match_info["path"].rpartition("/")[2])
        if file is None:
            return error_response(Refused(404, "Not Found"))
        return web.Response(body=file.content, content_type="application/octet-stream")

    def _wrong_token(self, request: web.Request) -> web.Response | None:
        token = request.match_info["token"]
        if token == self.token:
            return None
        well_formed = _TOKEN_FORM.fullmatch(token)
        return error_response(Refused(401, "Unauthorized") if well_formed else Refused(404, "Not Found"))


async def read_call(request: web.Request, clock: Clock) -> Call:
    """A call with its arguments, from the query and a body of any of the four forms."""
    values: dict[str, Any] = dict(request.query)
    files: dict[str, File] = {}
    if request.content_type == "application/json":
        values |= await request.json() if request.can_read_body else {}
    elif request.method == "POST":
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                content = value.file.read()
                files[name] = File(name=value.filename, content=content, media_type=value.content_type)
            else:
                values[name] = value.decode() if isinstance(value, bytes | bytearray) else value
    return Call(method=request.match_info["method"], values=values, files=files, at=clock())


def error_response(refused: Refused) -> web.Response:
    """An error as the Bot API answers it."""
    told: dict[str, Any] = {"ok": False, "error_code": refused.code, "description": refused.description}
    if refused.parameters:
        told["parameters"] = refused.parameters
    headers = {"Retry-After": str(refused.parameters["retry_after"])} if refused.code == 429 else {}
    return web.json_response(told, status=refused.code, headers=headers)
