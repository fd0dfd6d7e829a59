"""How the small Slack reaches the app: Socket Mode envelopes or signed HTTP requests, and their acks."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from bot.demo.slack_world import Json, World

EVENTS, COMMANDS, INTERACTIVE = "events_api", "slash_commands", "interactive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """The app's acknowledgement: after how many seconds, with what payload, at which attempt (from 0)."""

    seconds: float
    payload: Json | None
    attempt: int = 0


class NotAcknowledged(Exception):
    """What Slack tells the person: dispatch_failed (no app) or operation_timeout (no answer in time)."""


@dataclass(slots=True)
class Delivery:
    """Something sent to the app."""

    kind: str
    payload: Json
    envelope: str
    sent: float = 0.0
    attempt: int = 0
    result: asyncio.Future[Ack | str] = field(default_factory=asyncio.Future)

    async def ack(self, within: float = 10.0) -> Ack:
        """The acknowledgement, once it is there. Raises NotAcknowledged, or TimeoutError after `within`."""
        result = await asyncio.wait_for(asyncio.shield(self.result), within)
        if isinstance(result, str):
            raise NotAcknowledged(result)
        return result


Ended = Callable[[Delivery, Ack | str], None]


class Wire:
    """Deliveries to the app, over its sockets or to its URL.

    Events that are not acknowledged within `patience` seconds are sent again after each of `retry_after`,
    under a new envelope with the same event id. Commands and interactions are sent once: the person tries
    again.
    """

    def __init__(
        self, world: World, *, app_url: str = "", signing_secret: str = "", patience: float = 3.0
    ) -> None:
        self.app_url = app_url
        self.signing_secret = signing_secret
        self.patience = patience
        self.retry_after: tuple[float, ...] = (0.0, 60.0, 300.0)
        self.sockets: list[web.WebSocketResponse] = []
        self._transports: dict[web.WebSocketResponse, asyncio.Transport] = {}
        self.connected = asyncio.Event()
        self.connections = 0  # ever made
        self.acks: list[tuple[str, Ack]] = []  # kinds and acknowledgements, as they came
        self.sent: list[Json] = []  # envelopes, copies included
        self.copies: Callable[[Json], int] = lambda envelope: 1
        self.ended: Ended = lambda delivery, result: None
        self._world = world
        self._waiting: dict[str, Delivery] = {}
        self._tickets: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for socket in [*self.sockets]:
            await socket.close(code=1001)
        if self._session:
            await self._session.close()

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the background, until the server stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Sending

    def send(self, kind: str, payload: Json) -> Delivery:
        """Send to the app; the first attempt is on its way, in order, when this returns."""
        delivery = Delivery(kind, payload, self._new_envelope())
        self.later(self._carry(delivery))
        return delivery

    async def _carry(self, delivery: Delivery) -> None:
        delays = self.retry_after if delivery.kind == EVENTS else ()
        for delivery.attempt, delay in enumerate((0.0, *delays)):
            if delay:
                await asyncio.sleep(delay)
            if delivery.attempt:
                delivery.envelope = self._new_envelope()
            result = await self._try(delivery)
            if result is not None:
                self._end(delivery, result)
                return
        self._end(delivery, "operation_timeout")

    async def _try(self, delivery: Delivery) -> Ack | str | None:
        if self.app_url:
            return await self._post(delivery)
        if not self.sockets and delivery.kind != EVENTS:
            return "dispatch_failed"
        await self.connected.wait()
        self._waiting[delivery.envelope] = delivery
        delivery.sent = delivery.sent or time.perf_counter()
        await self._frame(delivery)
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(asyncio.shield(delivery.result), self.patience)
        return None

    def _end(self, delivery: Delivery, result: Ack | str) -> None:
        if not delivery.result.done():
            delivery.result.set_result(result)
            self.ended(delivery, result)

    def _new_envelope(self) -> str:
        return f"{self._world.number():08x}-0000-4000-8000-{self._world.app.lower():0>12}"

    # Socket Mode

    def ticket(self) -> str:
        """A ticket for one handshake."""
        name = f"{self._world.number():08x}-ticket"
        self._tickets.add(name)
        return name

    def admits(self, ticket: str) -> bool:
        """Whether a ticket is good; it is used up."""
        good = ticket in self._tickets
        self._tickets.discard(ticket)
        return good

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection of the app, from hello until it closes."""
        socket = web.WebSocketResponse(timeout=0.5)
        await socket.prepare(request)
        self.connections += 1
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self.sockets) + 1,
                "debug_info": {"host": "applink-1", "approximate_connection_time": 18060},
                "connection_info": {"app_id": self._world.app},
            }
        )
        self.sockets.append(socket)
        if request.transport:
            self._transports[socket] = request.transport
        self.connected.set()
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._heard(message.data)
        finally:
            self._gone(socket)
        return socket

    def _gone(self, socket: web.WebSocketResponse) -> None:
        if socket in self.sockets:
            self.sockets.remove(socket)
            self._transports.pop(socket, None)
        if not self.sockets:
            self.connected.clear()

    def _heard(self, text: str) -> None:
        try:
            said = json.loads(text)
        except ValueError:
            return
        delivery = self._waiting.pop(said.get("envelope_id", ""), None)
        if delivery is None:
            return
        ack = Ack(
            seconds=time.perf_counter() - delivery.sent,
            payload=said.get("payload"),
            attempt=delivery.attempt,
        )
        self.acks.append((delivery.kind, ack))
        self._end(delivery, ack)

    async def _frame(self, delivery: Delivery) -> None:
        envelope: Json = {"envelope_id": delivery.envelope, "type": delivery.kind}
        envelope |= {"payload": delivery.payload, "accepts_response_payload": delivery.kind != EVENTS}
        if delivery.kind == EVENTS:
            reason = "timeout" if delivery.attempt else ""
            envelope |= {"retry_attempt": delivery.attempt, "retry_reason": reason}
        for _ in range(self.copies(envelope)):
            self.sent.append(envelope)
            if self.sockets:
                # Slack picks any of the app's connections; taking turns reaches all of them.
                self.sockets.append(self.sockets.pop(0))
                with contextlib.suppress(ConnectionError):
                    await self.sockets[0].send_json(envelope)

    async def say(self, frame: Json) -> None:
        """Send a frame of Slack's own to every connection."""
        for socket in [*self.sockets]:
            with contextlib.suppress(ConnectionError):
                await socket.send_json(frame)

    def hang_up(self) -> None:
        """Drop all connections without a word."""
        for socket, transport in [*self._transports.items()]:
            self._gone(socket)
            transport.abort()

    async def dismiss(self) -> None:
        """Close all connections politely."""
        for socket in [*self.sockets]:
            self._gone(socket)
            await socket.close()

    # HTTP

    async def _post(self, delivery: Delivery) -> Ack | str | None:
        self._session = self._session or aiohttp.ClientSession(trust_env=False)
        body, content_type = _body(delivery)
        headers = {"Content-Type": content_type, **signature(self.signing_secret, body, self._world)}
        if delivery.attempt:
            headers |= {"X-Slack-Retry-Num": str(delivery.attempt), "X-Slack-Retry-Reason": "http_timeout"}
        delivery.sent = time.perf_counter()
        limit = aiohttp.ClientTimeout(total=self.patience)
        try:
            async with self._session.post(self.app_url, data=body, headers=headers, timeout=limit) as answer:
                text = await answer.text()
        except (aiohttp.ClientError, TimeoutError):
            return None if delivery.kind == EVENTS else "operation_timeout"
        if answer.status != 200:
            return None if delivery.kind == EVENTS else "dispatch_failed"
        payload = json.loads(text) if answer.content_type == "application/json" and text else None
        payload = payload or ({"text": text} if text and delivery.kind == COMMANDS else None)
        ack = Ack(seconds=time.perf_counter() - delivery.sent, payload=payload, attempt=delivery.attempt)
        self.acks.append((delivery.kind, ack))
        return ack


def _body(delivery: Delivery) -> tuple[str, str]:
    if delivery.kind == EVENTS:
        return json.dumps(delivery.payload), "application/json"
    if delivery.kind == COMMANDS:
        return urlencode(delivery.payload), "application/x-www-form-urlencoded"
    return urlencode({"payload": json.dumps(delivery.payload)}), "application/x-www-form-urlencoded"


def signature(secret: str, body: str, world: World) -> dict[str, str]:
    """The headers that prove a request is Slack's.

    docs.slack.dev/authentication/verifying-requests-from-slack
    """
    at = str(int(world.clock().timestamp()))
    digest = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}
