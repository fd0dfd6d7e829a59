"""Connections of the loopback Slack: envelopes, losses, tickets, signed HTTP, and a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack_server import SlackServer
from tests.peers.slack import Slack, furnish
from tests.peers.slack_app import App, until
from tests.test_peers_slack import texts


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack(per_channel=None, patience=0.3) as peer:
        furnish(peer)
        yield peer


@pytest.fixture
async def app(slack: Slack) -> AsyncIterator[App]:
    app = App(slack)
    async with app.connected(slack.app_token):
        yield app


# The socket


async def test_an_event_without_ack_comes_again_with_its_event_id(slack: Slack) -> None:
    # bolt acknowledges every event at once, so a bare socket stands in for an app that hangs.
    url = (await _opened(slack))["url"]
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.receive_json()
        said = await slack.says("C1", "U1", "hello")
        first, again = await socket.receive_json(), await socket.receive_json()
        await socket.send_json({"envelope_id": again["envelope_id"]})
        ack = await said.ack()

    assert ack.attempt == 1
    assert first["payload"]["event_id"] == again["payload"]["event_id"]
    assert first["envelope_id"] != again["envelope_id"]
    assert (again["retry_attempt"], again["retry_reason"]) == (1, "timeout")


async def test_a_duplicate_envelope_has_the_same_id(slack: Slack, app: App) -> None:
    slack.duplicate()
    await (await slack.command("/subscribe", "vla", user="U1", channel="C1")).ack()
    await until(lambda: len(app.heard) == 2)

    assert len({envelope["envelope_id"] for envelope in slack.wire.sent}) == 1
    assert [kind for kind, _ in slack.wire.acks] == ["slash_commands"]


@pytest.mark.parametrize("end", ["refresh_requested", "link_disabled", "cut"])
async def test_after_a_lost_connection_events_come_over_the_next(slack: Slack, app: App, end: str) -> None:
    if end == "cut":
        slack.cut_sockets()
    else:
        await slack.disconnect(end)
    said = await slack.says("C1", "U1", "hello")
    await said.ack()

    assert slack.wire.connections >= 2
    assert set(app.events()) == {"message"}


async def test_a_warning_alone_ends_nothing_at_once(slack: Slack, app: App) -> None:
    await slack.disconnect("warning", close=False)
    await (await slack.says("C1", "U1", "hello")).ack()

    assert app.events() == ["message"]


async def test_pings_are_answered(slack: Slack) -> None:
    app = App(slack)
    async with app.connected(slack.app_token, ping=0.1) as handler:
        first = handler.client.last_ping_pong_time
        await until(lambda: (handler.client.last_ping_pong_time or 0) > (first or 0) + 0.2)

        assert await handler.client.is_connected()
    assert slack.wire.connections == 1


async def test_an_expired_ticket_is_refused_for_ever(slack: Slack) -> None:
    slack.expire_tickets()
    url = (await _opened(slack))["url"]
    fresh = (await _opened(slack))["url"]
    async with aiohttp.ClientSession() as session:
        for address in (url, url):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await session.ws_connect(address)
            assert caught.value.status == 408
        async with session.ws_connect(fresh) as socket:
            assert (await socket.receive_json())["type"] == "hello"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(fresh)


async def test_refused_handshakes_leave_the_ticket_good(slack: Slack) -> None:
    slack.refuse_sockets(2)
    app = App(slack)
    async with app.connected(slack.app_token, ping=0.05):
        assert slack.wire.connections == 1
    assert [call.method for call in slack.calls] == ["apps.connections.open"]


async def test_a_wrong_app_token_never_connects(slack: Slack) -> None:
    handler = AsyncSocketModeHandler(App(slack).bolt, "xapp-other", ping_interval=0.05)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(handler.connect_async(), 0.3)
    await handler.close_async()

    assert slack.wire.connections == 0


async def _opened(slack: Slack) -> Any:
    client = AsyncWebClient(base_url=slack.url, retry_handlers=[])
    return await client.apps_connections_open(app_token=slack.app_token)


# HTTP and processes


async def test_over_http_everything_is_signed_and_the_answer_is_the_ack() -> None:
    heard: list[tuple[str, str]] = []
    verifier = SignatureVerifier("the secret")

    async def endpoint(request: web.Request) -> web.Response:
        body = await request.text()
        assert verifier.is_valid_request(body, dict(request.headers))
        heard.append((request.content_type, body))
        if "view_submission" in body or request.content_type == "application/json":
            return web.Response()
        return web.json_response({"text": "done"})

    server = web.Application()
    server.router.add_post("/slack/events", endpoint)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = "http://{}:{}/slack/events".format(*runner.addresses[0][:2])
    async with SlackServer(app_url=url, signing_secret="the secret") as slack:
        furnish(slack)
        command = await (await slack.command("/subscribe", "vla", user="U1", channel="C1")).ack()
        said = await (await slack.says("C1", "U1", "hello")).ack()
    await runner.cleanup()

    assert (command.payload, said.payload) == ({"text": "done"}, None)
    assert parse_qs(heard[0][1])["text"] == ["vla"]
    assert json.loads(heard[1][1])["event"]["text"] == "hello"
    assert texts(slack.ephemerals("U1")) == ["done"]


async def test_the_peer_runs_in_a_process_of_its_own() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.peers.slack", "--per-channel", "1"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    there = json.loads(await process.stdout.readline())
    client = AsyncWebClient(token=there["bot_token"], base_url=there["url"], retry_handlers=[])
    await client.chat_postMessage(channel="C1", text="from the bot")
    async with aiohttp.ClientSession() as session:
        does = {"do": "says", "args": ["C1", "U1", "hello"]}
        async with session.post(f"{there['peer']}/do", json=does) as response:
            done = await response.json()
        async with session.post(f"{there['peer']}/do", json={"do": "close"}) as response:
            assert response.status == 400
        async with session.get(f"{there['peer']}/state") as response:
            state = await response.json()
    process.stdin.close()

    assert done == {"ok": True}
    assert texts(state["channels"]["C1"]) == ["from the bot", "hello"]
    assert await asyncio.wait_for(process.wait(), 5) == 0
