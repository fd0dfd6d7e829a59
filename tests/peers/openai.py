"""An OpenAI-compatible server on loopback that answers by a script and refuses what it does not understand.

    async with OpenAIPeer(refuses={"json_schema"}) as peer:
        peer.script(busy(retry_after=1), ok({"tldr": "A corpus."}))

An empty script is answered by `faithful`, a function of the request; without one, by the least JSON that the
schema allows, or "ok".
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.peers.openai_rules import least, prefix, refused_by, strict_fault

Content = str | Mapping[str, Any] | Callable[["Asked"], "str | Mapping[str, Any]"]
CHARACTERS_PER_TOKEN = 4
_PIECE = 24  # characters in a chunk of a stream


@dataclass(frozen=True)
class Asked:
    """One request for a completion, as the server saw it."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]
    cached_tokens: int = 0

    @property
    def messages(self) -> Sequence[Mapping[str, Any]]:
        return self.body.get("messages", ())

    @property
    def text(self) -> str:
        """Everything that was sent, roles included."""
        return prefix(self.messages)

    @property
    def tokens(self) -> int:
        return -(-len(self.text) // CHARACTERS_PER_TOKEN)

    @property
    def most_tokens(self) -> int | None:
        return self.body.get("max_completion_tokens", self.body.get("max_tokens"))

    @property
    def tier(self) -> str:
        """json_schema, json_object or text."""
        return self.body.get("response_format", {}).get("type", "text")

    @property
    def schema(self) -> Mapping[str, Any]:
        return self.body.get("response_format", {}).get("json_schema", {}).get("schema", {})

    @property
    def streamed(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def counts(self) -> bool:
        """Whether a stream is to end with the token counts."""
        return bool(self.body.get("stream_options", {}).get("include_usage"))


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
            return _error(404, message, code="model_not_found")
        if message := refused_by(body, self.refuses) or strict_fault(body):
            return _error(400, message)
        if asked.tokens > self.context:
            message = f"This model's maximum context length is {self.context} tokens. However, your messages "
            message += f"resulted in {asked.tokens} tokens. Please reduce the length of the messages."
            return _error(400, message, code="context_length_exceeded")
        self._seen.append(text)
        reply = self._script.popleft() if self._script else ok(self.faithful or _least)
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
        return _error(401, f"Incorrect API key provided: {given}.", code="invalid_api_key")

    def _cached(self, text: str) -> int:
        """Tokens of the longest prefix that an earlier request had, in whole blocks."""
        common = max((_common(text, each) for each in self._seen), default=0)
        return common // CHARACTERS_PER_TOKEN // self.block * self.block


# Replies


def ok(content: Content = "ok", *, finish: str = "stop", **extra: object) -> Reply:
    """A completion, streamed if asked to, and cut with "length" where the request allows no more."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        text, ended = _cut(_text(content, exchange.asked), exchange.asked, finish)
        if not exchange.asked.streamed:
            return web.json_response(_completion(exchange.asked, {"content": text}, ended, text, extra))
        response = await _begin_stream(exchange)
        await _send_pieces(response, exchange.asked, text)
        await _send(response, _chunk(exchange.asked, {}, ended) | extra)
        if exchange.asked.counts:
            usage = {"choices": [], "usage": _usage(exchange.asked, text)}
            await _send(response, _chunk(exchange.asked, {}, None) | usage)
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
            return web.json_response(_completion(asked, message, "stop", text, {}))
        response = await _begin_stream(exchange)
        for piece in _pieces(text):
            await _send(response, _chunk(asked, {"refusal": piece}, None))
        await _send(response, _chunk(asked, {}, "stop"))
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
        return _error(status, message, headers=headers, **fields)

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
        response = await _begin_stream(exchange)
        await response.write(b'data: {"choices": [{"del\n\n')
        return response

    return reply


def stalled(after: str = "") -> Reply:
    """Some text, then nothing, until the client gives up."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        if after or exchange.asked.streamed:
            response = await _begin_stream(exchange)
            await _send_pieces(response, exchange.asked, after)
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    return reply


def slow(content: Content, *, pause: float) -> Reply:
    """A stream with `pause` seconds before each piece."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        response = await _begin_stream(exchange)
        text = _text(content, exchange.asked)
        for piece in _pieces(text):
            await asyncio.sleep(pause)
            await _send(response, _chunk(exchange.asked, {"content": piece}, None))
        await _send(response, _chunk(exchange.asked, {}, "stop"))
        await response.write(b"data: [DONE]\n\n")
        return response

    return reply


def disconnect(after: str = "") -> Reply:
    """The connection closes, before anything or in the middle of a stream."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        response: web.StreamResponse = web.Response()
        if after and exchange.asked.streamed:
            response = await _begin_stream(exchange)
            await _send_pieces(response, exchange.asked, after)
        assert exchange.http.transport is not None
        exchange.http.transport.close()
        return response

    return reply


def unfinished(after: str) -> Reply:
    """A stream that ends in good order but for a reason to end."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        response = await _begin_stream(exchange)
        await _send_pieces(response, exchange.asked, after)
        return response

    return reply


def failing_stream(after: str, **fault: object) -> Reply:
    """An error object in the middle of a stream."""

    async def reply(exchange: Exchange) -> web.StreamResponse:
        response = await _begin_stream(exchange)
        await _send_pieces(response, exchange.asked, after)
        await _send(response, {"error": fault})
        return response

    return reply


# What they are made of


def _least(asked: Asked) -> str | Mapping[str, Any]:
    value = least(asked.schema) if asked.schema else "ok"
    return value if isinstance(value, str | Mapping) else "ok"


def _text(content: Content, asked: Asked) -> str:
    value = content(asked) if callable(content) else content
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cut(text: str, asked: Asked, finish: str) -> tuple[str, str]:
    most = asked.most_tokens
    if most is None or len(text) <= most * CHARACTERS_PER_TOKEN:
        return text, finish
    return text[: most * CHARACTERS_PER_TOKEN], "length"


def _completion(
    asked: Asked, message: Mapping[str, Any], finish: str, text: str, extra: Mapping[str, object]
) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    whole = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": asked.body["model"]}
    return {**whole, "choices": [choice], "usage": _usage(asked, text), **extra}


def _chunk(asked: Asked, delta: Mapping[str, Any], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    whole = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1}
    return {**whole, "model": asked.body["model"], "choices": [choice]}


def _usage(asked: Asked, text: str) -> dict[str, Any]:
    completion = -(-len(text) // CHARACTERS_PER_TOKEN)
    return {
        "prompt_tokens": asked.tokens,
        "completion_tokens": completion,
        "total_tokens": asked.tokens + completion,
        "prompt_tokens_details": {"cached_tokens": asked.cached_tokens},
    }


async def _begin_stream(exchange: Exchange) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(exchange.http)
    await _send(response, _chunk(exchange.asked, {"role": "assistant", "content": ""}, None))
    return response


async def _send_pieces(response: web.StreamResponse, asked: Asked, text: str) -> None:
    for piece in _pieces(text):
        await _send(response, _chunk(asked, {"content": piece}, None))


async def _send(response: web.StreamResponse, chunk: Mapping[str, object]) -> None:
    await response.write(f"data: {json.dumps(chunk)}\n\n".encode())


def _pieces(text: str) -> list[str]:
    return [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]


def _error(
    status: int, message: str, *, headers: Mapping[str, str] | None = None, **fields: object
) -> web.Response:
    fault = {"message": message, "type": "invalid_request_error", "param": None, "code": None, **fields}
    return web.json_response({"error": fault}, status=status, headers=headers)


def _common(one: str, other: str) -> int:
    limit = min(len(one), len(other))
    if one[:limit] == other[:limit]:
        return limit
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low
