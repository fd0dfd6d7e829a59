"""A small Slack on this machine: Web API, Socket Mode, signed HTTP, and the people who use it.

`paperboy demo --platform slack` runs the bot against it; tests add Slack's limits and faults (tests/peers).

async with SlackServer() as slack:
    slack.add_person("U1", "Ada", tz="Europe/Paris")
    slack.add_channel("C1", "robots", members=("U1",))
    await slack.command("/subscribe", "vla", user="U1", channel="C1")
    print(slack.ephemerals("U1"), slack.channel("C1").messages)
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.demo import slack_chat, slack_files
from bot.demo.slack_api import SCOPES, Api, Call, arguments, methods
from bot.demo.slack_people import Workspace
from bot.demo.slack_rules import Limits
from bot.demo.slack_wire import Wire
from bot.demo.slack_world import Json, Refused, World
from digest.clock import Clock, utc_now

_BOT, _APP, _SIGNED_WITH = "xoxb-0001-paperboy", "xapp-1-A0001-paperboy", "8f742231b10e8888abcd99yyyzzz85a5"

Answer = Callable[[], Awaitable[web.StreamResponse]]


class SlackServer(Workspace):
    """Slack as one workspace with one app sees it, on a free port of 127.0.0.1, inside `async with`.

    `url` is the base of the Web API. With `app_url` events, commands and interactions are posted there,
    signed with `signing_secret`; else the app connects a socket. It hears what its scopes let it hear.
    """

    def __init__(
        self,
        *,
        clock: Clock = utc_now,
        scopes: frozenset[str] = SCOPES,
        limits: Limits | None = None,
        app_url: str = "",
        signing_secret: str = _SIGNED_WITH,
        patience: float = 3.0,
        port: int = 0,
    ) -> None:
        world = World(clock=clock)
        api = Api(
            world=world,
            bot_token=_BOT,
            app_token=_APP,
            scopes=scopes,
            limits=limits or Limits(),
        )
        wire = Wire(world, app_url=app_url, signing_secret=signing_secret, patience=patience)
        super().__init__(world, api, wire)
        self.url = ""
        self.calls: list[Call] = []
        self._port = port
        self._methods = methods()
        self._runner: web.AppRunner | None = None
        api.new_socket = lambda: f"{self.api.url.replace('http', 'ws', 1)}/link/?ticket={wire.ticket()}"

    @property
    def bot_token(self) -> str:
        return self.api.bot_token

    @property
    def app_token(self) -> str:
        return self.api.app_token

    @property
    def signing_secret(self) -> str:
        return self.wire.signing_secret

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._web_api)
        app.router.add_post("/response/{name:.+}", self._response)
        app.router.add_post("/upload/v1/{file}", self._upload)
        app.router.add_get("/link/", self._link)
        self.add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        host, port = self._runner.addresses[0][:2]
        self.api.url = f"http://{host}:{port}"
        self.url = f"{self.api.url}/api/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.wire.close()
        if self._runner:
            await self._runner.cleanup()

    # What tests put in front

    def add_routes(self, app: web.Application) -> None:
        """More routes: none here."""

    async def answering(self, call: Call, request: web.Request, answer: Answer) -> web.StreamResponse:
        """Answer a call of the Web API: at once here; tests put limits and faults around it."""
        return await answer()

    async def linking(self, request: web.Request) -> web.StreamResponse | None:
        """An answer to a handshake in place of a socket: None here; tests refuse it."""
        return None

    # Answers

    async def _web_api(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        try:
            call = await self._call(request, name)
        except Refused as refused:
            return self._refusal(refused)
        self.calls.append(call)

        async def answer() -> web.StreamResponse:
            return self._answer(call)

        return await self.answering(call, request, answer)

    async def _call(self, request: web.Request, name: str) -> Call:
        query, form, body = dict(request.query), {}, {}
        if request.content_type == "application/json":
            body = _object(await request.text())
        elif request.can_read_body:
            form = {key: str(value) for key, value in (await request.post()).items()}
        args = arguments(query, form, body)
        header = request.headers.get("Authorization", "")
        token = str(args.pop("token", "")) if not header else header.removeprefix("Bearer ").strip()
        return Call(at=self.world.clock(), method=name, args=args, token=token)

    def _answer(self, call: Call) -> web.Response:
        try:
            if call.method not in self._methods:
                raise Refused("unknown_method", req_method=call.method)
            if call.method != "api.test":
                self.api.authorise(call)
            return self._json({"ok": True} | self._methods[call.method](self.api, call.args))
        except Refused as refused:
            return self._refusal(refused)

    def _refusal(self, refused: Refused) -> web.Response:
        return self._json({"ok": False, "error": refused.error} | refused.fields)

    def _json(self, body: Json) -> web.Response:
        headers = {"x-oauth-scopes": ",".join(sorted(self.api.scopes))}
        if "needed" in body:
            headers["x-accepted-oauth-scopes"] = body["needed"]
        return web.json_response(body, headers=headers)

    async def _response(self, request: web.Request) -> web.Response:
        try:
            body = arguments(_object(await request.text()))
            slack_chat.respond(self.api, request.match_info["name"], body)
        except Refused as refused:
            status = 404 if refused.error in {"used_url", "expired_url"} else 400
            return web.json_response({"ok": False, "error": refused.error} | refused.fields, status=status)
        return web.json_response({"ok": True})

    async def _upload(self, request: web.Request) -> web.Response:
        content = await request.read()
        if request.content_type.startswith("multipart/"):
            fields = (await request.post()).values()
            found = [each.file.read() for each in fields if isinstance(each, web.FileField)]
            content = found[0] if found else b""
        said = slack_files.uploaded(self.api, request.match_info["file"], content)
        return web.Response(text=said or "not found", status=200 if said else 404)

    async def _link(self, request: web.Request) -> web.StreamResponse:
        if refusal := await self.linking(request):
            return refusal
        if not self.wire.admits(request.query.get("ticket", "")):
            return web.Response(status=408, text="ticket expired or used")
        return await self.wire.serve(request)


def _object(text: str) -> Json:
    try:
        parsed: Any = json.loads(text)
    except ValueError as error:
        raise Refused("invalid_json") from error
    if not isinstance(parsed, dict):
        raise Refused("json_not_object")
    return parsed
