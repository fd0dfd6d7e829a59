"""Requests that only say they are Slack's or Telegram's, and true ones that come again."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import json
import random
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import aiohttp

from tests.chaos.figures import Figure, at_least, exactly
from tests.slack_bot import SlackBot
from tests.telegram_bot import TelegramBot

Headers = dict[str, str]


def run(folder: Path, *, requests: int = 200) -> Iterator[Figure]:
    """The figures of so many requests to each platform's address."""
    for name, doing in (("Slack", _slack), ("Telegram", _telegram)):
        sent, accepted, kept, first = asyncio.run(doing(folder / name, requests))
        yield at_least(f"{name}: forged and repeated requests", sent, requests)
        yield exactly(f"{name}: of them accepted", accepted)
        yield exactly(f"{name}: of them kept to be answered", kept)
        yield exactly(f"{name}: true requests accepted the first time", first, True)


async def _slack(folder: Path, requests: int) -> tuple[int, int, int, bool]:
    chance = random.Random(8)
    accepted, true = 0, 0
    async with (
        SlackBot(folder, slack_mode="http", slack_app_token="") as bot,
        aiohttp.ClientSession() as session,
    ):
        assert bot.platform.web is not None
        url = f"{bot.platform.web.url}/slack/events"
        for number in range(requests):
            body = _command(f"forged{number}", number)
            if number % 10 == 9:  # a true one, again and again
                body = _command("help", number)
                headers = _signed(bot, body, bot.slack.signing_secret)
                true += await _post(session, url, body, headers) == 200
            else:
                body, headers = _forged(bot, body, number % 10, chance)
            accepted += await _post(session, url, body, headers) < 300
        await bot.idle()
        known = [each for each in await _texts(bot) if "forged" in each]
        return requests, accepted, len(known), true == requests // 10


def _command(text: str, number: int) -> str:
    who = {"team_id": "T0001", "channel_id": "C1", "user_id": "U1", "user_name": "ada"}
    return urlencode({"command": "/arxiv", "text": f"help {text}", "trigger_id": f"{number}.1.x", **who})


def _signed(bot: SlackBot, body: str, secret: str, *, age: float = 0, version: str = "v0") -> Headers:
    at = str(int(bot.time.now.timestamp() - age))
    digest = hmac.new(secret.encode(), f"{version}:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": f"{version}={digest}",
        "Content-Type": "application/x-www-form-urlencoded",
    }


def _forged(bot: SlackBot, body: str, way: int, chance: random.Random) -> tuple[str, Headers]:
    """A request with something wrong, in one of nine ways."""
    secret = bot.slack.signing_secret
    headers = _signed(bot, body, secret)
    match way:
        case 0:
            return body, _signed(bot, body, chance.choice(("", "another", secret.upper(), secret[:-1])))
        case 1:
            return body, _signed(bot, body, secret, age=chance.choice((301, 3_600, 86_400 * 365)))
        case 2:
            return body, _signed(bot, body, secret, age=-600)  # the clock may go on meanwhile
        case 3:
            return body, headers | {"X-Slack-Signature": "v0=" + chance.randbytes(32).hex()}
        case 4:
            return body, {key: value for key, value in headers.items() if key != "X-Slack-Signature"}
        case 5:
            return body, headers | {"X-Slack-Request-Timestamp": chance.choice(("", "now", "1e9", "-1", "٣"))}
        case 6:
            return body + "&text=changed", headers
        case 7:
            return body, headers | {
                "X-Slack-Signature": chance.choice(("v0=é", "v0=", "", headers["X-Slack-Signature"][:-1]))
            }
        case _:
            return body, _signed(bot, body, secret, version="v1")


async def _telegram(folder: Path, requests: int) -> tuple[int, int, int, bool]:
    chance = random.Random(8)
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    url = f"http://{listen}/telegram/webhook"
    settings = {"telegram_mode": "webhook", "http_listen": listen, "telegram_webhook_url": url}
    accepted, true = 0, 0
    async with TelegramBot(folder, **settings) as bot, aiohttp.ClientSession() as session:
        await bot.telegram.until(lambda: bot.telegram.updates.url)
        secret = await bot.parts.store.meta("telegram/webhook_secret")
        assert secret
        for number in range(requests):
            if number % 10 == 9:  # a true one comes again: taken, so that it does not come for ever, once
                for _ in range(2):
                    true += await _post(session, url, _update(number, "/help"), _secret(secret)) == 200
                continue
            given = chance.choice(
                (
                    {},
                    *map(
                        _secret,
                        (
                            "",
                            "wrong",
                            secret[:-1],
                            secret + "x",
                            secret.swapcase(),
                            "\u00fcber",
                            f" {secret}x",
                        ),
                    ),
                )
            )
            accepted += await _post(session, url, _update(number, "/help forged"), given) < 300
        await bot.settled()
        forged = sum("forged" in each.text for each in bot.heard)
        twice = len(bot.heard) - requests // 10
        return requests, accepted, forged + twice, true == 2 * (requests // 10)


def _update(number: int, text: str) -> str:
    who = {"id": 7, "is_bot": False, "first_name": "Ada"}
    chat = {"id": 7, "type": "private", "first_name": "Ada"}
    message = {"message_id": number + 1, "date": 1_782_800_000, "chat": chat, "from": who, "text": text}
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
    return json.dumps({"update_id": number, "message": message})


def _secret(value: str) -> Headers:
    return {"X-Telegram-Bot-Api-Secret-Token": value}


async def _post(session: aiohttp.ClientSession, url: str, body: str, headers: Headers) -> int:
    async with session.post(url, data=io.BytesIO(body.encode()), headers=headers) as answer:
        await answer.read()
        return answer.status


async def _texts(bot: SlackBot) -> list[str]:
    """What the bot said to anybody."""
    return [bot.text(each) for each in (*bot.own(), *bot.slack.ephemerals("U1"))]
