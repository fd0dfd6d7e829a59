"""Whatever bytes or JSON arrive, parsers fail in their own way and quickly, and the next is answered."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, seeds, spoiled, updates
from tests.slack_bot import SlackBot
from tests.telegram_bot import TelegramBot
from tests.test_slack_http import signed

PAYLOADS = 60


def mutated(data: st.DataObject, good: bytes) -> bytes:
    """Good bytes with a piece of them gone, doubled or foreign."""
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 300)))
    return (
        good[:start]
        + data.draw(st.binary(max_size=40))
        + good[end:]
        + data.draw(st.sampled_from((b"", good[start:end])))
    )


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=60, deadline=2_000)
@given(data=st.data())
def test_any_bytes_are_understood_or_refused(name: str, data: st.DataObject) -> None:
    good = data.draw(st.sampled_from(seeds(name)))
    TARGETS[name](mutated(data, good) if data.draw(st.booleans()) else data.draw(st.binary(max_size=300)))


@pytest.mark.parametrize("name", TARGETS)
def test_much_of_one_thing_takes_no_time(name: str) -> None:
    slow = []
    for piece in (
        b"(",
        b"a ",
        b"-",
        b'"',
        b"<a>",
        b"[",
        b"{",
        b"AND ",
        b"like:",
        b"\\frac{",
        b"&",
        b"1",
        b"2501.",
        b",",
        b"*",
        b" ",
        b"!",
    ):
        for before, after in ((b"", b""), (b"subscribe ", b"a")):
            began = time.perf_counter()
            TARGETS[name](before + piece * (20_000 // len(piece)) + after)
            if time.perf_counter() - began > 1.0:
                slow.append((before, piece, time.perf_counter() - began))
    assert slow == []


async def test_updates_of_wrong_types_are_taken_once_and_the_next_is_answered(tmp_path: Path) -> None:
    chance = random.Random(10)
    async with TelegramBot(tmp_path) as bot:
        ada = bot.telegram.person("Ada")
        chat = bot.telegram.private(ada)
        for number in range(PAYLOADS):
            told = spoiled(chance.choice(updates()), chance)
            await bot.platform._connection.take(
                {"update_id": number} | told if isinstance(told, dict) else {}
            )
        await bot.says(chat, ada, "/help")

        assert "You can say" in bot.last(chat).text


async def test_payloads_of_wrong_types_are_answered_and_the_next_is_heard(tmp_path: Path) -> None:
    chance = random.Random(11)
    async with (
        SlackBot(tmp_path, slack_mode="http", slack_app_token="") as bot,
        aiohttp.ClientSession() as session,
    ):
        assert bot.platform.web is not None
        bot.slack.wire.app_url = f"{bot.platform.web.url}/slack/events"
        for _ in range(PAYLOADS):
            body, kind = _payload(chance)
            headers = signed(bot, body) | {"Content-Type": kind}
            async with session.post(bot.slack.wire.app_url, data=body.encode(), headers=headers) as answer:
                assert answer.status in (200, 400, 401, 404, 500)
        await bot.command("/arxiv", "help")

        assert "You can say" in bot.alone()


def _payload(chance: random.Random) -> tuple[str, str]:
    team, user = {"id": "T0001"}, {"id": "U1", "name": "ada", "team_id": "T0001"}
    message = {
        "type": "message",
        "channel": "C1",
        "channel_type": "im",
        "user": "U1",
        "text": "<@UBOT> hi",
        "ts": "1.1",
    }
    event = {"type": "event_callback", "team_id": "T0001", "event_id": "Ev1", "event": message}
    press: dict[str, Any] = {
        "type": "block_actions", "team": team, "user": user, "trigger_id": "1.1",
        "container": {"channel_id": "C1", "message_ts": "1.1", "is_ephemeral": False},
        "actions": [{"action_id": "a", "block_id": "b", "type": "button", "value": "help"}],
    }  # fmt: skip
    view = {
        "type": "modal",
        "callback_id": "settings",
        "private_metadata": "{}",
        "state": {"values": {"a": {"b": {}}}},
    }
    submitted = {"type": "view_submission", "team": team, "user": user, "view": view}
    number = {"n": chance.random()}  # each is another, or it were a repetition
    match chance.randrange(4):
        case 0:
            told = spoiled(event, chance)
            return json.dumps((told if isinstance(told, dict) else {}) | number), "application/json"
        case 1 | 2:
            told = spoiled(chance.choice((press, submitted)), chance)
            told = (told if isinstance(told, dict) else {}) | number
            return urlencode({"payload": json.dumps(told)}), "application/x-www-form-urlencoded"
        case _:
            command = {
                "command": "/arxiv",
                "text": "help",
                "team_id": "T0001",
                "channel_id": "C1",
                "user_id": "U1",
            }
            words = {key: str(spoiled(value, chance))[:300] for key, value in command.items()}
            return urlencode(words | number, errors="replace"), "application/x-www-form-urlencoded"
