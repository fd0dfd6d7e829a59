"""An OpenAI-compatible server on loopback that answers by a script and refuses what it does not understand.

    async with OpenAIPeer(refuses={"json_schema"}) as peer:
        peer.script(busy(retry_after=1), ok({"tldr": "A corpus."}))

An empty script is answered by `faithful`, a function of the request; without one, by the least JSON that the
schema allows, or "ok".
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.peers.openai_forms import (
    CHARACTERS_PER_TOKEN,
    Asked,
    Content,
    begin_stream,
    chunk,
    common,
    completion,
    cut,
    least_answer,
    pieces,
    refused,
    send,
    send_pieces,
    text_of,
    usage_of,
)
from tests.peers.openai_rules import prefix, refused_by, strict_fault


@dataclass(frozen=True)
class Exchange:
    """A request with the connection it came by, for replies that do more than answer."""

    asked: Asked
    http: web.Request
    peer: OpenAIPeer


Reply = Callable[[Exchange], Awaitable[web.StreamResponse]]


@dataclass
class OpenAIPeer:
    """The server. `refuses` holds what it does not understand, see `tests.peers.openai_rules`."""

    faithful: Callable[[Asked], Mapping[str, Any]] | None = None
    refuses: Collection[str] = ()
    key: str = ""
    models: Sequence[str] = ("small",)
    context: int = 128_000
    block: int = 64  # tokens: caches match whole blocks
    requests: list[Asked] = field(default_factory=list)
    pages: dict[str, Any] = field(default_factory=dict)  # other paths, such as /props
    url: str = ""
    _script: deque[Reply] = field(default_factory=deque)
    _seen: list[str] = field(default_factory=list)

    def script(self, *replies: Reply) -> None:
        """Answer the next requests so, one each."""
        self._script.extend(replies)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/{path:.*}", self._page)
        self._runner = web.AppRunner(app, shutdown_timeout=0.01, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _complete(self, http: web.Request) -> web.StreamResponse:
        if (locked := self._locked(http)) is not None:
            return locked
        body = await http.json()
        text = prefix(body["messages"])
        asked = Asked(body, {k.casefold(): v for k, v in http.headers.items()}, self._cached(text))
        self.requests.append(asked)
        if body.get("model") not in self.models:
            message = f"The model `{body.get('model')}` does not exist or you do not have access to it."
            return refused(404, message, code="model_not_found")
        if message := refused_by(body, self.refuses) or strict_fault(body):
            return refused(400, message)
        if asked.tokens > self.context:
            message = f"This model's maximum context length is {self.context} tokens. However, your messages "
            message += f"resulted in {asked.tokens} tokens. Please reduce the length of the messages."
            return refused(400, message, code="context_length_exceeded")
        self._seen.append(text)
        reply = self._script.popleft() if self._script else ok(self.faithful or least_answer)
        return await reply(Exchange(asked, http, self))

    async def _page(self, http: web.Request) -> web.StreamResponse:
        if (locked := self._locked(http)) is not None:
            return locked
        if http.path in self.pages:
            return web.json_response(self.pages[http.path])
        if http.path == "/v1/models":
            data = [{"id": name, "object": "model", "owned_by": "us"} for name in self.models]
            return web.json_response({"object": "list", "data": data})
        return web.Response(status=404, text="<html><body>Not Found</body></html>", content_type="text/html")

    def _locked(self, http: web.Request) -> web.Response | None:
        given = http.headers.get("Authorization", "").removeprefix("Bearer ")
        if not self.key or given == self.key:
            return None
        return refused(401, f"Incorrect API key provided: {given}.", code="invalid_api_key")

    def _cached(self, text: str) -> int:
        """Tokens of the longest prefix that an earlier request had, in whole blocks."""
        shared = max((common(text, each) for each in self._seen), default=0)
        return shared // CHARACTERS_PER_TOKEN // self.block * self.block


# Replies


def ok(content: Content = "ok", *, finish: str = "stop", **extra: object) -> Reply:
    """A completion, streamed if asked to, and cut with "length" where the request allows no more."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        text, ended = cut(text_of(content, exchange.asked), exchange.asked, finish)
        if not exchange.asked.streamed:
            return web.json_response(completion(exchange.asked, {"content": text}, ended, text, extra))
        response = await begin_stream(exchange.http, exchange.asked)
        await send_pieces(response, exchange.asked, text)
        await send(response, chunk(exchange.asked, {}, ended) | extra)
        if exchange.asked.counts:
            usage = {"choices": [], "usage": usage_of(exchange.asked, text)}
            await send(response, chunk(exchange.asked, {}, None) | usage)
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response

    return reply


def length(content: Content = '{"tldr": "We pres') -> Reply:
    """An answer that is cut off."""
    return ok(content, finish="length")


def refusal(text: str = "I'm sorry, I can't help with that.") -> Reply:
    """The model itself declines, in the field that strict schemas have for it."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        asked = exchange.asked
        if not asked.streamed:
            message = {"content": None, "refusal": text}
            return web.json_response(completion(asked, message, "stop", text, {}))
        response = await begin_stream(exchange.http, exchange.asked)
        for piece in pieces(text):
            await send(response, chunk(asked, {"refusal": piece}, None))
        await send(response, chunk(asked, {}, "stop"))
        await response.write(b"data: [DONE]\n\n")
        return response

    return reply


def content_filter() -> Reply:
    """The server's filter stops the answer."""
    return ok("", finish="content_filter")


def busy(
    retry_after: float | str | None = None, message: str = "Rate limit reached.", **fields: str
) -> Reply:
    """429, with or without Retry-After in seconds or as an HTTP date."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return error(429, message, headers=headers, **{"code": "rate_limit_exceeded", **fields})


def error(status: int, message: str, *, headers: Mapping[str, str] | None = None, **fields: object) -> Reply:
    """A refusal in OpenAI's form; `fields` go beside the message."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        return refused(status, message, headers=headers, **fields)

    return reply


def body(status: int, text: str, content_type: str = "application/json") -> Reply:
    """Any body with any status."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type=content_type)

    return reply


def bad_gateway() -> Reply:
    """502 with a web page, as proxies answer."""
    return body(502, "<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html")


def malformed() -> Reply:
    """JSON that ends in the middle, with status 200; of a stream, one such chunk."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        if not exchange.asked.streamed:
            return web.Response(text='{"id": "x", "choices": [{"mess', content_type="application/json")
        response = await begin_stream(exchange.http, exchange.asked)
        await response.write(b'data: {"choices": [{"del\n\n')
        return response

    return reply


def stalled(after: str = "") -> Reply:
    """Some text, then nothing, until the client gives up."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        if after or exchange.asked.streamed:
            response = await begin_stream(exchange.http, exchange.asked)
            await send_pieces(response, exchange.asked, after)
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    return reply


def slow(content: Content, *, pause: float) -> Reply:
    """A stream with `pause` seconds before each piece."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        response = await begin_stream(exchange.http, exchange.asked)
        text = text_of(content, exchange.asked)
        for piece in pieces(text):
            await asyncio.sleep(pause)
            await send(response, chunk(exchange.asked, {"content": piece}, None))
        await send(response, chunk(exchange.asked, {}, "stop"))
        await response.write(b"data: [DONE]\n\n")
        return response

    return reply


def disconnect(after: str = "") -> Reply:
    """The connection closes, before anything or in the middle of a stream."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        response: web.StreamResponse = web.Response()
        if after and exchange.asked.streamed:
            response = await begin_stream(exchange.http, exchange.asked)
            await send_pieces(response, exchange.asked, after)
        assert exchange.http.transport is not None
        exchange.http.transport.close()
        return response

    return reply


def unfinished(after: str) -> Reply:
    """A stream that ends in good order but for a reason to end."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        response = await begin_stream(exchange.http, exchange.asked)
        await send_pieces(response, exchange.asked, after)
        return response

    return reply


def lingering(text: str) -> Reply:
    """A whole answer on a connection that stays open."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        response = await begin_stream(exchange.http, exchange.asked)
        await send_pieces(response, exchange.asked, text)
        await send(response, chunk(exchange.asked, {}, "stop"))
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    return reply


def failing_stream(after: str, **fault: object) -> Reply:
    """An error object in the middle of a stream."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        response = await begin_stream(exchange.http, exchange.asked)
        await send_pieces(response, exchange.asked, after)
        await send(response, {"error": fault})
        return response

    return reply
