"""Slack by signed HTTP requests, and the web server they come to."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.web import LARGEST_BODY, WebServer, web_server
from digest.errors import PlatformError
from tests.slack_bot import SlackBot


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[SlackBot]:
    async with SlackBot(tmp_path, slack_mode="http", slack_app_token="") as bot:
        assert bot.platform.web is not None
        bot.slack.wire.app_url = f"{bot.platform.web.url}/slack/events"
        yield bot


def signed(bot: SlackBot, body: str, *, age: float = 0, secret: str = "") -> dict[str, str]:
    at = str(int(bot.time.now.timestamp() - age))
    key = (secret or bot.slack.signing_secret).encode()
    digest = hmac.new(key, f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": f"v0={digest}",
        "Content-Type": "application/x-www-form-urlencoded",
    }


def command(text: str = "vla", trigger: str = "1.1.u1") -> str:
    return urlencode(
        {
            "command": "/subscribe",
            "text": text,
            "team_id": "T0001",
            "channel_id": "C1",
            "user_id": "U1",
            "user_name": "ada",
            "trigger_id": trigger,
        }
    )


async def post(bot: SlackBot, body: str | bytes, headers: dict[str, str]) -> int:
    data = io.BytesIO(body.encode() if isinstance(body, str) else body)
    async with (
        aiohttp.ClientSession() as session,
        session.post(bot.slack.wire.app_url, data=data, headers=headers) as answer,
    ):
        await answer.read()
        return answer.status


async def test_commands_mentions_and_buttons_come_by_request(bot: SlackBot) -> None:
    await bot.command("/subscribe", "vla")
    await bot.presses(bot.slack.ephemerals("U1")[-1], "Undo")
    await bot.says("<@UBOT> subscribe robots")

    assert await bot.queries() == ["robots"]
    assert len(bot.own()) == 1


async def test_a_command_is_acknowledged_without_text(bot: SlackBot) -> None:
    await bot.command("/subscribe", "vla")

    assert [ack.payload for _, ack in bot.slack.wire.acks] == [None]


async def test_slack_finds_its_challenge_answered(bot: SlackBot) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c0ffee", "token": "t"})
    headers = signed(bot, body) | {"Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(bot.slack.wire.app_url, data=body, headers=headers) as answer,
    ):
        assert (answer.status, await answer.json()) == (200, {"challenge": "c0ffee"})


async def test_forged_and_repeated_requests_are_refused(bot: SlackBot) -> None:
    rng = random.Random(3)
    refused = 0
    for number in range(200):
        body = command(f"forged{number}", trigger=f"{number}.2.u1")
        headers = signed(bot, body)
        match number % 8:
            case 0:
                headers = signed(bot, body, secret="another")
            case 1:
                headers = signed(bot, body, age=301)
            case 2:
                headers = signed(bot, body, age=-301)
            case 3:
                headers["X-Slack-Signature"] = "v0=" + rng.randbytes(32).hex()
            case 4:
                del headers["X-Slack-Signature"]
            case 5:
                headers["X-Slack-Request-Timestamp"] = rng.choice(("", "now", "1e9", "-1", "٣"))
            case 6:
                body += "&text=changed"
            case 7:
                headers["X-Slack-Signature"] = "v0=é"
        refused += await post(bot, body, headers) == 401

    assert refused == 200
    assert await bot.parts.store.channels() == ()


async def test_a_request_is_taken_once(bot: SlackBot) -> None:
    body = command()
    headers = signed(bot, body)

    assert [await post(bot, body, headers) for _ in range(3)] == [200, 401, 401]


async def test_what_comes_when_nobody_listens_is_to_come_again(bot: SlackBot) -> None:
    await bot.platform.stop_listening()
    body = command()

    assert [await post(bot, body, signed(bot, body)) for _ in range(2)] == [503, 503]


async def test_bodies_that_are_too_large_or_no_text_are_refused(bot: SlackBot) -> None:
    huge = "x" * (LARGEST_BODY + 1)

    assert await post(bot, huge, signed(bot, huge)) == 413
    assert await post(bot, b"\xff\xfe", signed(bot, "")) == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("{", "application/json"),
        ("[]", "application/json"),
        ("null", "application/json"),
        ("", "application/json"),
        ("payload=%7B", "application/x-www-form-urlencoded"),
        ("payload=3", "application/x-www-form-urlencoded"),
        ("hello", "text/plain"),
        ('{"type": 3}', "application/json"),
        ('{"type": "block_actions", "authorizations": [3]}', "application/json"),
        ('{"type": "block_actions", "team": {"id": "T0001"}}', "application/json"),
        ('{"type": "event_callback", "team_id": "T0001", "event": 3}', "application/json"),
        ('{"type": "event_callback", "team_id": "T0001"}', "application/json"),
        ('{"type": "view_submission", "team": {"id": "T0001"}, "view": {}}', "application/json"),
        ("command=%2Fsubscribe&team_id=T0001", "application/x-www-form-urlencoded"),
    ],
)
async def test_what_is_signed_and_not_understood_is_a_bad_request(
    bot: SlackBot, body: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await post(bot, body, signed(bot, body) | {"Content-Type": kind}) == 400
    assert "Traceback" not in capsys.readouterr().out


async def test_only_its_path_and_only_posts_are_served(bot: SlackBot) -> None:
    assert bot.platform.web is not None
    async with aiohttp.ClientSession() as session:
        async with session.get(bot.slack.wire.app_url) as answer:
            assert answer.status == 405
        async with session.post(f"{bot.platform.web.url}/other") as answer:
            assert answer.status == 404


async def test_those_who_listen_at_one_address_share_a_server() -> None:
    async with web_server("127.0.0.1:0") as one:
        async with web_server("127.0.0.1:0") as two:
            assert one is two
            await two.start()
        assert one.url.startswith("http://127.0.0.1:")
    async with web_server("127.0.0.1:0") as three:
        assert three is not one


async def test_an_address_that_is_taken_is_told_in_one_sentence() -> None:
    async with web_server("127.0.0.1:0") as server:
        await server.start()
        port = server.url.rpartition(":")[2]
        with pytest.raises(PlatformError, match=f"HTTP_LISTEN=127.0.0.1:{port}"):
            await WebServer(f"127.0.0.1:{port}").start()
