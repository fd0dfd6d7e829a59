"""`paperboy doctor --live` against platforms that answer in every way the real ones might.

What it posts goes away, and the mode it finds is what the adapters do from their next start on.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.config import load
from bot.doctor import Finding
from bot.doctor.live import examine_live
from bot.doctor.slack_live import largest
from bot.platforms.proven import Mode, Proven, proven
from bot.platforms.slack.blocks import message
from bot.platforms.slack.limits import BLOCKS, CONTENT, weight
from digest.channel import Channel
from digest.document import Collapsible, Document, para
from digest.errors import DeliveryUnknown, InvalidSetting
from storage import open_store
from tests.peers import slack_faults
from tests.peers.slack import Slack, furnish
from tests.peers.telegram import Telegram, broken, busy, drop_after, refuse
from tests.slack_bot import SlackBot
from tests.telegram_bot import TelegramBot
from tests.test_run import PAPERBOY

FOLDED = Document((para("A"), Collapsible("More", (para("B"),))), summary="A")


async def hurried(seconds: float) -> None:
    """Sleeps a hundredth: the peers here have no limits."""
    await asyncio.sleep(seconds / 100)


async def posted(bot: SlackBot | TelegramBot, channel: Channel, key: str) -> str:
    """Post a message when it is its turn; its id."""
    async with bot.platform.turn(channel):
        return await bot.platform.post(channel, FOLDED, key=key)


class Doctor:
    """A doctor with a store, and what it found."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.settings = load(_env_file=None, store=f"sqlite:///{folder}/paperboy.db", **settings)
        self.findings: dict[str, Finding] = {}

    async def tries(self, channel: str = "") -> list[str]:
        """The names of what is not well; each says what to do."""
        self.findings = {
            each.name: each async for each in examine_live(self.settings, channel, sleep=hurried)
        }
        assert all(each.says and (each.well or each.advice) for each in self.findings.values())
        return [name.partition(": ")[2] or name for name, each in self.findings.items() if not each.well]

    def says(self, name: str) -> str:
        return self.findings[name].says

    async def proven(self, platform: str) -> Proven:
        async with open_store(self.settings.store) as store:
            return await proven(store, platform)


# Slack


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack(per_channel=None) as slack:
        furnish(slack)
        slack.add_channel("C0ROBOTS", "robots", members=("U1",))
        yield slack


def slack_settings(slack: Slack) -> dict[str, Any]:
    return {
        "platform": "slack",
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "slack_api_url": slack.url.rstrip("/"),
        "slack_channel": "C0ROBOTS",
    }


def left(slack: Slack) -> list[object]:
    """What a person still sees in the channel, and files that are still there."""
    return [*slack.channel("C0ROBOTS").shown, *slack.world.files]


async def test_a_slack_as_it_is_documented_is_read_back(tmp_path: Path, slack: Slack) -> None:
    doctor = Doctor(tmp_path, **slack_settings(slack))
    assert await doctor.tries() == []
    assert await doctor.proven("slack") == Proven(mode=Mode.RECONCILE, rich=True)
    assert left(slack) == []
    assert doctor.says("slack live: largest message").endswith("characters of Chinese are taken.")
    assert "ready after" in doctor.says("slack live: file")


async def test_a_slack_that_shows_a_numbered_message_once_is_found_out(tmp_path: Path, slack: Slack) -> None:
    slack.api.shows_once = True
    doctor = Doctor(tmp_path, **slack_settings(slack))
    assert await doctor.tries("slack:C0ROBOTS") == []
    assert (await doctor.proven("slack")).mode is Mode.IDEMPOTENT
    assert left(slack) == []


async def test_without_the_right_to_read_back_messages_are_sent_again(tmp_path: Path, slack: Slack) -> None:
    slack.api.scopes -= {"channels:history"}
    doctor = Doctor(tmp_path, **slack_settings(slack))
    assert await doctor.tries() == ["read back"]
    assert "channels:history" in doctor.findings["slack live: read back"].advice
    assert (await doctor.proven("slack")).mode is Mode.RESEND


async def test_answers_of_slack_that_do_not_come_change_nothing_that_is_known(
    tmp_path: Path, slack: Slack
) -> None:
    doctor = Doctor(tmp_path, **slack_settings(slack))
    await doctor.tries()
    before = await doctor.proven("slack")
    slack.misbehave("conversations.history", slack_faults.drop(processed=True))

    assert await doctor.tries() == ["read back"]

    assert doctor.says("slack live: read back").startswith("not known: ")
    assert before.mode is Mode.RECONCILE
    assert await doctor.proven("slack") == before


async def test_a_wait_that_slack_asks_for_is_waited_out(tmp_path: Path, slack: Slack) -> None:
    for method in ("conversations.history", "chat.postMessage"):
        slack.misbehave(method, slack_faults.busy(30), times=2)
    doctor = Doctor(tmp_path, **slack_settings(slack))

    assert await doctor.tries() == []

    assert (await doctor.proven("slack")).mode is Mode.RECONCILE


async def test_a_slack_without_newer_blocks_gets_plain_ones(tmp_path: Path, slack: Slack) -> None:
    slack.api.refuses_new_blocks = True
    doctor = Doctor(tmp_path, **slack_settings(slack))
    assert await doctor.tries() == []
    assert "messages go out in plain blocks" in doctor.says("slack live: newer blocks")
    assert await doctor.proven("slack") == Proven(mode=Mode.RECONCILE, rich=False)
    assert left(slack) == []


async def test_a_lower_limit_of_blocks_and_no_files_are_told(tmp_path: Path, slack: Slack) -> None:
    slack.api.limits = slack.api.limits.__class__(content=5_000)
    slack.api.scopes -= {"files:write"}
    doctor = Doctor(tmp_path, **slack_settings(slack))
    assert await doctor.tries() == ["largest message", "file"]
    assert "msg_blocks_too_long" in doctor.says("slack live: largest message")
    assert left(slack) == []


@pytest.mark.parametrize("scope", ["files:read", "files:write"])
async def test_what_slack_does_not_tell_of_a_file_is_no_fault(
    tmp_path: Path, slack: Slack, scope: str
) -> None:
    slack.api.scopes -= {scope}
    doctor = Doctor(tmp_path, **slack_settings(slack))
    assert await doctor.tries() == (["file"] if scope == "files:write" else [])


async def test_a_channel_without_the_bot_ends_it_with_what_to_do(tmp_path: Path, slack: Slack) -> None:
    slack.add_channel("C0NOBODY", "nobody", members=("U1",), private=True, bot=False)
    doctor = Doctor(tmp_path, **slack_settings(slack))
    assert await doctor.tries("slack:C0NOBODY") == ["post"]
    assert "/invite @paperboy" in doctor.says("slack live: post")
    assert await doctor.proven("slack") == Proven()


async def test_answers_that_are_lost_on_the_way_leave_nothing_behind(tmp_path: Path, slack: Slack) -> None:
    slack.misbehave("conversations.history", slack_faults.server_error(processed=False))
    slack.misbehave("files.info", slack_faults.bad_gateway(processed=False))
    doctor = Doctor(tmp_path, **slack_settings(slack))
    assert await doctor.tries() == ["read back", "file"]
    assert left(slack) == []


async def test_what_cannot_be_removed_is_named(tmp_path: Path, slack: Slack) -> None:
    slack.misbehave("chat.delete", slack_faults.refused("cant_delete_message"), times=1)
    doctor = Doctor(tmp_path, **slack_settings(slack))
    assert await doctor.tries() == ["clean up"]
    assert doctor.findings["slack live: clean up"].advice == "Remove it by hand."
    assert (await doctor.proven("slack")).mode is Mode.RECONCILE


def test_the_largest_message_is_as_large_as_paperboys_ever_are() -> None:
    blocks = message(largest()).blocks
    assert CONTENT - 200 < weight(blocks) <= CONTENT
    assert len(blocks) <= BLOCKS


async def test_slacks_adapter_does_what_was_found(tmp_path: Path) -> None:
    async with SlackBot(tmp_path) as bot:
        bot.slack.api.shows_once = True
        bot.slack.api.refuses_new_blocks = True
        channel = Channel(key="slack:T0001/C1", platform="slack")

        async def posted_twice(key: str) -> tuple[int, int]:
            """Messages shown, and calls refused for newer blocks, of one message sent twice."""
            before, refused = len(bot.own()), len(bot.slack.calls)
            for _ in range(2):
                await posted(bot, channel, key)
            return len(bot.own()) - before, len(bot.slack.calls) - refused - 2

        assert await posted_twice("a") == (2, 1)
        for name, value in (("mode", "idempotent"), ("rich", "refused")):
            await bot.parts.store.set_meta(f"slack/{name}", value)
        await bot.stop()
        await bot.start()
        bot.time.now += timedelta(seconds=5)
        assert await posted_twice("b") == (1, 0)


# Telegram


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    async with Telegram(limits=None, seed=1) as telegram:
        telegram.limits = telegram.limits.__class__(gap=0.0, per_minute=10**6, per_second=10**6)
        yield telegram
        assert telegram.violations == []


def telegram_settings(telegram: Telegram) -> dict[str, Any]:
    return {
        "platform": "telegram",
        "telegram_bot_token": telegram.token,
        "telegram_api_url": telegram.url,
    }


@pytest.mark.parametrize("kind", ["supergroup", "group", "channel", "private", "topic"])
async def test_probes_answer_as_expected_in_every_kind_of_chat(
    tmp_path: Path, telegram: Telegram, kind: str
) -> None:
    ada = telegram.person("Ada")
    match kind:
        case "private":
            chat = telegram.private(ada)
        case "topic":
            chat = telegram.supergroup("Reading group", ada, forum=True)
        case _:
            chat = getattr(telegram, kind)("Reading group", ada)
    topic = f"/{telegram.topic(chat, 'Papers')}" if kind == "topic" else ""
    doctor = Doctor(tmp_path, **telegram_settings(telegram))

    assert await doctor.tries(f"telegram:{chat.id}{topic}") == []

    assert await doctor.proven("telegram") == Proven(mode=Mode.RECONCILE, rich=True)
    assert telegram.from_bot(chat) == ()


@pytest.mark.parametrize(
    ("description", "says"),
    [
        ("Bad Request: MESSAGE_NOT_CHANGED", "the message itself is taken for foreign"),
        ("Bad Request: message to edit not found", "the message itself is taken for nothing"),
        ("Forbidden: bot was blocked by the user", "blocked by the user"),
    ],
)
async def test_probes_that_answer_otherwise_make_it_send_again(
    tmp_path: Path, telegram: Telegram, description: str, says: str
) -> None:
    chat = telegram.supergroup("Reading group", telegram.person("Ada"))
    code = 403 if description.startswith("Forbidden") else 400
    telegram.misbehave(refuse(code, description), method="editMessageReplyMarkup")
    doctor = Doctor(tmp_path, **telegram_settings(telegram))

    assert await doctor.tries(f"telegram:{chat.id}") == ["probes"]

    assert says in doctor.says("telegram live: probes")
    assert (await doctor.proven("telegram")).mode is Mode.RESEND
    assert telegram.from_bot(chat) == ()


async def test_a_wait_that_telegram_asks_for_is_waited_out(tmp_path: Path, telegram: Telegram) -> None:
    chat = telegram.supergroup("Reading group", telegram.person("Ada"))
    for method in ("editMessageReplyMarkup", "sendMessage", "sendDocument", "deleteMessage"):
        telegram.misbehave(busy(35), method=method, times=2)
    doctor = Doctor(tmp_path, **telegram_settings(telegram))

    assert await doctor.tries(f"telegram:{chat.id}") == []

    assert (await doctor.proven("telegram")).mode is Mode.RECONCILE
    assert telegram.from_bot(chat) == ()


@pytest.mark.parametrize("fault", [busy(35), broken(), drop_after()], ids=["busy", "broken", "dropped"])
async def test_answers_of_telegram_that_do_not_come_change_nothing_that_is_known(
    tmp_path: Path, telegram: Telegram, fault: Any
) -> None:
    chat = telegram.supergroup("Reading group", telegram.person("Ada"))
    doctor = Doctor(tmp_path, **telegram_settings(telegram))
    await doctor.tries(f"telegram:{chat.id}")
    telegram.misbehave(fault, method="editMessageReplyMarkup")

    assert await doctor.tries(f"telegram:{chat.id}") == ["probes"]

    assert doctor.says("telegram live: probes").startswith("not known: ")
    assert await doctor.proven("telegram") == Proven(mode=Mode.RECONCILE, rich=True)


async def test_a_server_without_rich_messages_is_found_out(tmp_path: Path, telegram: Telegram) -> None:
    telegram.takes_rich = False
    chat = telegram.supergroup("Reading group", telegram.person("Ada"))
    doctor = Doctor(tmp_path, **telegram_settings(telegram), telegram_chat=str(chat.id))
    assert await doctor.tries() == []
    assert (await doctor.proven("telegram")).rich is False


async def test_a_chat_without_the_bot_ends_it_with_one_finding(tmp_path: Path, telegram: Telegram) -> None:
    doctor = Doctor(tmp_path, **telegram_settings(telegram))
    assert await doctor.tries("telegram:-1009999999999") == ["post"]
    assert await doctor.proven("telegram") == Proven()


@pytest.mark.parametrize(("mode", "shown"), [("reconcile", 1), ("resend", 0)])
async def test_telegrams_adapter_does_what_was_found(tmp_path: Path, mode: str, shown: int) -> None:
    async with TelegramBot(tmp_path) as bot:
        chat = bot.telegram.supergroup("Reading group", bot.telegram.person("Ada"))
        await bot.parts.store.set_meta("telegram/mode", mode)
        await bot.restart()
        channel = Channel(key=f"telegram:{chat.id}", platform="telegram")
        bot.telegram.misbehave(drop_after(), times=1)
        with pytest.raises(DeliveryUnknown):
            await posted(bot, channel, "a")

        found = await bot.platform.recover(channel, FOLDED, key="a")

        assert found == (str(bot.last(chat).id) if mode == "reconcile" else None)
        assert bot.platform.counts.adopted == shown
        assert bot.platform.counts.resent == 1 - shown


async def test_rich_messages_that_were_refused_are_not_tried_again(tmp_path: Path) -> None:
    async with TelegramBot(tmp_path) as bot:
        chat = bot.telegram.supergroup("Reading group", bot.telegram.person("Ada"))
        channel = Channel(key=f"telegram:{chat.id}", platform="telegram", rich=True)
        await posted(bot, channel, "a")
        assert bot.last(chat).rich is not None
        await bot.parts.store.set_meta("telegram/rich", "refused")
        await bot.restart()
        bot.time.now += timedelta(seconds=5)
        await posted(bot, channel, "b")
        assert bot.last(chat).rich is None


# Where


async def test_it_says_where_it_can_be_tried(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="--channel slack:C0123ABCD"):
        await Doctor(tmp_path).tries()
    with pytest.raises(InvalidSetting, match="is on Slack, where this Paperboy does not talk"):
        await Doctor(tmp_path).tries("slack:C0123")
    with pytest.raises(InvalidSetting, match="try slack:C0123ABCD"):
        await Doctor(tmp_path).tries("#robots")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--channel", "slack:C0123"], "--channel goes with --live"),
        (["--live"], "--channel slack:C0123ABCD"),
        (["--live", "--channel", "slack:C0123"], "is on Slack, where this Paperboy does not talk"),
    ],
)
def test_the_command_refuses_what_it_cannot_try(tmp_path: Path, arguments: list[str], says: str) -> None:
    done = subprocess.run(
        [*PAPERBOY, "doctor", *arguments], cwd=tmp_path, env={}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
