"""The loopback Slack in a process of its own, for clients that are killed.

`python -m tests.peers.slack --seed 7 --faults 0.2` prints one JSON line with its addresses and serves until
its standard input closes, or SIGTERM. GET {peer}/state tells what people see, POST {peer}/do what they do:
{"do": "says", "args": ["C1", "U1", "hello"], "ack": 5}.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import signal
import sys
import threading
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from bot.demo.slack_wire import Delivery, NotAcknowledged
from bot.demo.slack_world import Json, Message
from tests.peers.slack import Slack, furnish

_DOINGS = frozenset(
    {"add_person", "add_channel", "command", "says", "presses", "submits", "closes", "opens_home", "reacts"}
    | {"invite", "kick", "archive", "unarchive", "rename", "delete", "erases", "uninstalls"}
    | {"refuse_sockets", "expire_tickets", "disconnect", "cut_sockets", "duplicate", "storm", "behave"}
)


class SlackProcess(Slack):
    """The peer with two more routes."""

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/__peer/state", self._state)
        app.router.add_post("/__peer/do", self._do)

    @property
    def addresses(self) -> Json:
        """What a client needs to know."""
        return {
            "url": self.url,
            "peer": f"{self.api.url}/__peer",
            "bot_token": self.bot_token,
            "app_token": self.app_token,
            "signing_secret": self.signing_secret,
        }

    async def _state(self, request: web.Request) -> web.Response:
        channels = {name: _shown(channel.messages) for name, channel in self.world.channels.items()}
        return web.json_response(
            {
                "channels": channels,
                "ephemerals": _shown(self.world.ephemerals),
                "homes": {user: home.payload for user, home in self.world.homes.items()},
                "views": [
                    {"id": view.id, "user": view.user} | view.payload for view in self.world.views.values()
                ],
                "calls": len(self.calls),
                "limited": len(self.limited),
                "failed": len(self.failed),
                "connections": self.wire.connections,
                "connected": len(self.wire.sockets),
                "acks": [[kind, ack.seconds] for kind, ack in self.wire.acks],
            }
        )

    async def _do(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        if wanted.get("do") not in _DOINGS:
            return web.json_response({"ok": False, "error": f"cannot {wanted.get('do')}"}, status=400)
        try:
            done = getattr(self, wanted["do"])(*wanted.get("args", ()), **wanted.get("kwargs", {}))
            result = await done if inspect.isawaitable(done) else done
            return web.json_response({"ok": True} | await _outcome(result, wanted.get("ack")))
        except (LookupError, TypeError, NotAcknowledged, TimeoutError) as error:
            return web.json_response({"ok": False, "error": f"{type(error).__name__}: {error}"}, status=400)


async def _outcome(result: Any, within: float | None) -> Json:
    if not isinstance(result, Delivery) or not within:
        return {}
    ack = await result.ack(within)
    return {"ack": {"seconds": ack.seconds, "payload": ack.payload, "attempt": ack.attempt}}


def _shown(messages: Iterable[Message]) -> list[Json]:
    return [
        {
            "channel": message.channel,
            "ts": message.ts,
            "user": message.user,
            "text": message.text,
            "blocks": list(message.blocks),
            "metadata": message.metadata,
            "thread_ts": message.thread_ts,
            "only_for": message.only_for,
            "edited": message.edited,
            "deleted": message.deleted,
            "files": [
                {"id": file.id, "title": file.title, "size": len(file.content)} for file in message.files
            ],
            "at": message.at.isoformat(),
        }
        for message in messages
    ]


async def _serve(options: argparse.Namespace) -> None:
    peer = SlackProcess(
        per_channel=options.per_channel or None, app_url=options.app_url, port=options.port, patience=3.0
    )
    async with peer:
        furnish(peer)
        if options.faults:
            peer.storm(options.faults, seed=options.seed)
        print(json.dumps(peer.addresses), flush=True)
        await _told_to_stop()


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)

    def wait() -> None:
        sys.stdin.read()
        print("Standard input is closed: ended.", file=sys.stderr, flush=True)
        loop.call_soon_threadsafe(stop.set)

    # A daemon, so that a signal need not wait for standard input.
    threading.Thread(target=wait, daemon=True).start()
    await stop.wait()


def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser(prog="tests.peers.slack", description="A loopback Slack.")
    parser.add_argument("--port", type=int, default=0, help="0 for any free one")
    parser.add_argument("--seed", type=int, default=0, help="of the faults")
    parser.add_argument("--faults", type=float, default=0.0, help="share of chat.postMessage that fails")
    parser.add_argument("--per-channel", type=int, default=0, help="messages a second to a channel; 0: any")
    parser.add_argument("--app-url", default="", help="post events there, signed, instead of a socket")
    asyncio.run(_serve(parser.parse_args()))
