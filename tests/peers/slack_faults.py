"""Ways in which Slack's Web API fails, before or after it did what it was asked."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.demo.slack_server import Answer

Fault = Callable[[web.Request, Answer], Awaitable[web.StreamResponse]]


def drop(*, processed: bool) -> Fault:
    """Close the connection without an answer."""

    async def fault(request: web.Request, answer: Answer) -> web.StreamResponse:
        if processed:
            await answer()
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    return fault


def busy(retry_after: int = 1) -> Fault:
    """429 with Retry-After in whole seconds; nothing is done."""

    async def fault(request: web.Request, answer: Answer) -> web.StreamResponse:
        return ratelimited(retry_after)

    return fault


def ratelimited(retry_after: int) -> web.Response:
    """Slack's answer to too many calls."""
    headers = {"Retry-After": str(retry_after)}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)


def server_error(*, processed: bool) -> Fault:
    """500 with an empty body."""

    async def fault(request: web.Request, answer: Answer) -> web.StreamResponse:
        if processed:
            await answer()
        return web.Response(status=500)

    return fault


def bad_gateway(*, processed: bool) -> Fault:
    """502 with a web page."""

    async def fault(request: web.Request, answer: Answer) -> web.StreamResponse:
        if processed:
            await answer()
        page = "<html><head><title>502 Bad Gateway</title></head><body>Try again.</body></html>"
        return web.Response(status=502, text=page, content_type="text/html")

    return fault


def cut_json(*, processed: bool = True) -> Fault:
    """The first half of an answer under status 200, as from a proxy that gave up."""

    async def fault(request: web.Request, answer: Answer) -> web.StreamResponse:
        text = '{"ok":true,"channel":"C0001","ts":"1700000000.000100","message":{"text":"'
        if processed:
            response = await answer()
            assert isinstance(response, web.Response)
            text = response.text or text
        return web.Response(text=text[: len(text) // 2], content_type="application/json")

    return fault


def stall(seconds: float, *, processed: bool = True) -> Fault:
    """The answer comes late; what was asked is done at once, or never."""

    async def fault(request: web.Request, answer: Answer) -> web.StreamResponse:
        response = await answer() if processed else web.Response(status=504)
        await asyncio.sleep(seconds)
        return response

    return fault


def refused(error: str = "internal_error", *, processed: bool = False) -> Fault:
    """ok:false with an error of Slack's own making: internal_error or fatal_error. It may have been done."""

    async def fault(request: web.Request, answer: Answer) -> web.StreamResponse:
        if processed:
            await answer()
        return web.json_response({"ok": False, "error": error})

    return fault


def all_faults(*, stalled: float = 0.2, retry_after: int = 1) -> tuple[Fault, ...]:
    """One of each."""
    both = (False, True)
    return (
        *(drop(processed=done) for done in both),
        busy(retry_after),
        *(server_error(processed=done) for done in both),
        *(bad_gateway(processed=done) for done in both),
        *(cut_json(processed=done) for done in both),
        *(stall(stalled, processed=done) for done in both),
        *(refused("internal_error", processed=done) for done in both),
        *(refused("fatal_error", processed=done) for done in both),
    )


class Storm:
    """Faults at random: `share` of the calls fail, each in one of these ways, alike for one seed."""

    def __init__(self, share: float, *, seed: int, faults: tuple[Fault, ...]) -> None:
        self._share = share
        self._random = random.Random(seed)
        self._faults = faults

    def next(self) -> Fault | None:
        """How the next call fails, if it does."""
        if self._random.random() >= self._share:
            return None
        return self._random.choice(self._faults)
