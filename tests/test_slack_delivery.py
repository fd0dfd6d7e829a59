"""Messages to Slack: once each, whatever happens to the answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from aiohttp import web

from bot.commands import Reply
from bot.demo.slack_server import Answer
from bot.platforms.slack.address import Address, Source
from bot.platforms.slack.calls import Calls, base_url
from bot.platforms.slack.commands import as_typed
from bot.platforms.slack.posting import EVENT_TYPE
from bot.platforms.slack.start import keep_asking
from digest.channel import Channel
from digest.document import Code, Collapsible, Document, Heading, Link, Para, Table, Text, para
from digest.errors import (
    ChannelGone,
    DeliveryUnknown,
    MessageRefused,
    PaperboyError,
    PlatformUnavailable,
    ThreadGone,
)
from digest.people import Incoming
from tests.peers.arxiv import new
from tests.peers.slack_faults import Fault, bad_gateway, busy, cut_json, drop, refused, server_error
from tests.slack_bot import TEXT, SlackBot

ROBOTS = Channel(key="slack:T0001/C1", platform="slack")
HELLO = Document((para("Hello"),), summary="Hello")
TABLE = Document((Collapsible("More", (Table(("a", "b"), (("1", "2"),)),)),), summary="A table")


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[SlackBot]:
    async with SlackBot(tmp_path) as bot:
        yield bot


def posts(bot: SlackBot) -> int:
    return sum(call.method == "chat.postMessage" for call in bot.slack.calls)


async def post(
    bot: SlackBot, document: Document = HELLO, *, thread: str | None = None, key: str = "k"
) -> str:
    async with bot.platform.turn(ROBOTS):
        return await bot.platform.post(ROBOTS, document, thread=thread, key=key)


async def test_a_message_says_nothing_that_slack_could_read_into_it(bot: SlackBot) -> None:
    ts = await post(bot)

    (message,) = bot.own()
    assert message.ts == ts
    assert message.metadata == {"event_type": EVENT_TYPE, "event_payload": {"key": "k"}}
    sent = bot.slack.calls[-1].args
    assert (sent["unfurl_links"], sent["unfurl_media"], sent["link_names"], sent["parse"]) == (
        *(False,) * 3,
        "none",
    )


async def test_a_workspace_without_newer_blocks_gets_the_plain_form_and_is_remembered_for_a_day(
    bot: SlackBot,
) -> None:
    bot.slack.api.refuses_new_blocks = True

    await post(bot, TABLE, key="1")
    await post(bot, TABLE, key="2")
    assert posts(bot) == 3  # refused, plain, plain at once

    bot.time.now = bot.time.now.replace(day=2, month=7)
    await post(bot, Document((*TABLE.blocks, para("next day"))), key="3")
    assert posts(bot) == 5
    assert all(block["type"] == "rich_text" for each in bot.own() for block in each.blocks)


async def test_a_message_refused_for_itself_does_not_make_all_others_plain(bot: SlackBot) -> None:
    bot.slack.misbehave("chat.postMessage", refused("invalid_blocks"), times=1)
    await post(bot, TABLE, key="1")
    await post(bot, Document((*TABLE.blocks, para("more"))), key="2")

    plain, rich = ([block["type"] for block in each.blocks] for each in bot.own())
    assert "container" not in plain
    assert "container" in rich


async def test_a_message_refused_once_is_not_tried_in_that_form_again(bot: SlackBot) -> None:
    bot.slack.misbehave("chat.postMessage", refused("msg_blocks_too_long"), times=1)
    bot.slack.misbehave("chat.postMessage", busy(1), times=1)
    with pytest.raises(PlatformUnavailable):
        await post(bot, TABLE)

    await post(bot, TABLE)

    assert posts(bot) == 3


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (refused("channel_not_found"), ChannelGone),
        (refused("not_in_channel"), ChannelGone),
        (refused("is_archived"), ChannelGone),
        (refused("thread_not_found"), ThreadGone),
        (refused("invalid_auth"), PlatformUnavailable),
        (refused("token_revoked"), PlatformUnavailable),
        (refused("account_inactive"), PlatformUnavailable),
        (refused("missing_scope"), PlatformUnavailable),
        (refused("msg_too_long"), MessageRefused),
        (refused("no_text"), MessageRefused),
        (refused("internal_error"), DeliveryUnknown),
        (refused("fatal_error"), DeliveryUnknown),
        (refused("request_timeout"), DeliveryUnknown),
        (busy(30), PlatformUnavailable),
        (server_error(processed=False), DeliveryUnknown),
        (bad_gateway(processed=True), DeliveryUnknown),
        (cut_json(), DeliveryUnknown),
        (drop(processed=True), DeliveryUnknown),
    ],
)
async def test_each_outcome_means_what_it_means(
    bot: SlackBot, fault: Fault, kind: type[PaperboyError]
) -> None:
    bot.slack.misbehave("chat.postMessage", fault)

    with pytest.raises(kind) as caught:
        await post(bot)

    assert type(caught.value) is kind
    assert len([call for call in bot.slack.calls if call.method == "chat.postMessage"]) == 1


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("account_inactive", "is uninstalled"),
        ("token_revoked", "is revoked or expired"),
        ("invalid_auth", "Slack does not know the token in SLACK_BOT_TOKEN"),
        ("missing_scope", ""),
        ("channel_not_found", ""),
    ],
)
async def test_a_refusal_of_the_whole_app_lasts_until_slack_takes_something(
    bot: SlackBot, error: str, says: str
) -> None:
    bot.slack.misbehave("chat.postMessage", refused(error), times=1)
    with pytest.raises(PaperboyError):
        await post(bot)

    assert bool(bot.platform.refusal) is bool(says)
    assert says in bot.platform.refusal
    await post(bot)
    assert bot.platform.refusal == ""


async def test_a_socket_that_slack_refuses_is_told_with_what_to_do(bot: SlackBot) -> None:
    bot.slack.misbehave("apps.connections.open", refused("link_disabled"))
    bot.slack.cut_sockets()
    async with asyncio.timeout(3.0):
        while not bot.platform.refusal:
            await asyncio.sleep(0.01)
    assert "Socket Mode is off for the app" in bot.platform.refusal
    await post(bot)  # which is no sign that the socket is back
    assert bot.platform.refusal

    bot.slack.behave()
    async with asyncio.timeout(3.0):
        while bot.platform.refusal:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(("tokens", "void"), [({"oauth": ["U1"]}, False), ({"bot": ["UBOT"]}, True)])
async def test_tokens_that_were_revoked_are_ours_or_somebodys(
    bot: SlackBot, tokens: Mapping[str, list[str]], void: bool
) -> None:
    told = bot.slack.emit({"type": "tokens_revoked", "tokens": tokens, "event_ts": "1.000001"})
    assert told is not None
    await told.ack()
    assert bool(bot.platform.refusal) is void


async def test_a_refused_token_is_tried_again_each_minute_until_it_is_taken(bot: SlackBot) -> None:
    calls, minute = bot.platform._calls, 0.1
    asking = asyncio.create_task(keep_asking(calls, minute=minute))
    before = len(bot.slack.calls)
    await asyncio.sleep(3 * minute)
    assert len(bot.slack.calls) == before

    bot.slack.api.revoked = True
    calls.taken_out("account_inactive")
    await asyncio.sleep(3 * minute)
    assert bot.platform.refusal
    bot.slack.api.revoked = False
    async with asyncio.timeout(3.0):
        while bot.platform.refusal:
            await asyncio.sleep(minute)
    asking.cancel()


async def test_a_token_that_became_void_without_a_word_is_found_within_the_hour(bot: SlackBot) -> None:
    bot.slack.api.revoked = True
    asking = asyncio.create_task(keep_asking(bot.platform._calls, minute=0.002))
    async with asyncio.timeout(3.0):
        while not bot.platform.refusal:
            await asyncio.sleep(0.01)
    asking.cancel()
    assert "SLACK_BOT_TOKEN" in bot.platform.refusal


async def test_a_slack_that_is_not_there_took_nothing() -> None:
    async with Calls("http://127.0.0.1:9", bot_token="xoxb-1") as calls:
        with pytest.raises(PlatformUnavailable):
            await calls.tell("chat.postMessage", channel="C1", text="Hello")


async def test_a_gone_channel_is_told_with_what_to_do(bot: SlackBot) -> None:
    bot.slack.channel("C1").members.discard("UBOT")

    with pytest.raises(ChannelGone, match="/invite @paperboy"):
        await post(bot)


async def test_a_pause_that_slack_asks_for_holds_its_channel_only(bot: SlackBot) -> None:
    bot.slack.misbehave("chat.postMessage", busy(30), channel="C1", times=1)
    with pytest.raises(PlatformUnavailable) as caught:
        await post(bot)
    began = bot.time.now
    other = Channel(key="slack:T0001/C2", platform="slack")

    async with bot.platform.turn(other):
        await bot.platform.post(other, HELLO, key="other")
    unheld = (bot.time.now - began).total_seconds()
    await post(bot)

    assert caught.value.retry_after == 30
    assert unheld < 1
    assert (bot.time.now - began).total_seconds() >= 30


async def test_a_message_that_arrived_is_found_by_its_key_in_channel_and_thread(bot: SlackBot) -> None:
    root = await post(bot, key="root")
    reply = await post(bot, thread=root, key="reply")
    since = bot.time.now

    find = bot.platform.recover
    assert await find(ROBOTS, HELLO, key="root", since=since) == root
    assert await find(ROBOTS, HELLO, key="reply", thread=root, since=since) == reply
    assert await find(ROBOTS, HELLO, key="other", since=since) is None
    assert await find(ROBOTS, HELLO, key="other", thread=root, since=since) is None


async def test_reading_back_goes_on_through_all_pages(bot: SlackBot) -> None:
    ts = await post(bot, key="first")
    for number in range(450):
        bot.slack.world.post(bot.slack.channel("C1"), "U1", f"chat {number}")

    assert await bot.platform.recover(ROBOTS, HELLO, key="first", since=bot.time.now) == ts


async def test_nobody_can_pass_a_message_off_as_ours(bot: SlackBot) -> None:
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": "k"}}
    bot.slack.world.post(bot.slack.channel("C1"), "U1", "fake", metadata=metadata)

    assert await bot.platform.recover(ROBOTS, HELLO, key="k", since=bot.time.now) is None


async def test_without_the_right_to_read_back_a_double_is_better_than_silence(bot: SlackBot) -> None:
    bot.slack.api.scopes -= {"channels:history"}

    assert await bot.platform.recover(ROBOTS, HELLO, key="k", since=bot.time.now) is None


async def test_while_slack_cannot_be_asked_nothing_is_settled(bot: SlackBot) -> None:
    bot.slack.misbehave("conversations.history", busy(5), times=1)
    with pytest.raises(PlatformUnavailable):
        await bot.platform.recover(ROBOTS, HELLO, key="k", since=bot.time.now)

    bot.slack.misbehave("conversations.history", bad_gateway(processed=True), times=1)
    with pytest.raises(DeliveryUnknown):
        await bot.platform.recover(ROBOTS, HELLO, key="k", since=bot.time.now)


async def test_a_channel_of_another_workspace_is_never_written_to(bot: SlackBot) -> None:
    foreign = Channel(key="slack:T0666/C1", platform="slack")

    with pytest.raises(ChannelGone, match="T0666"):
        await bot.platform.post(foreign, HELLO, key="k")
    assert posts(bot) == 0


async def test_a_digest_whose_answers_are_lost_comes_once_and_in_order(bot: SlackBot) -> None:
    papers = [new(f"2606.3000{n}", f"VLA {n}", abstract=TEXT) for n in range(1, 6)]
    bot.arxiv.announce("cs.CV", *papers)
    bot.slack.storm(0.5, seed=5)
    await bot.command("/subscribe", "vla")
    await bot.command("/digest", "now")

    for _ in range(40):
        await bot.morning()

    bot.slack.behave()
    await bot.morning()
    keys = [each.metadata["event_payload"]["key"].rpartition("/")[2] for each in bot.own() if each.metadata]
    assert keys == ["digest", *(f"2606.3000{n}v1" for n in range(1, 6))]
    assert bot.slack.limited == []


async def test_an_answer_whose_confirmation_was_lost_is_not_said_twice(bot: SlackBot) -> None:
    bot.slack.misbehave("chat.postMessage", drop(processed=True), times=1)

    await bot.says("<@UBOT> help subscribe")

    assert len(bot.own()) == 1


async def test_an_answer_in_several_messages_goes_on_where_it_was_held_up(bot: SlackBot) -> None:
    long = Reply(document=Document(tuple(para(f"{n} " + "words " * 400) for n in range(12)), summary="Long"))
    said = Incoming(
        id="slack:1",
        channel=ROBOTS.key,
        person="slack:T0001/U1",
        name="Ada",
        text="help",
        received_at=bot.time.now,
        address=Address(source=Source.MENTION, user="U1").written(),
    )

    async def reply() -> None:
        await bot.platform.reply(ROBOTS, said, long, key="slack:1/0", first=None, again=False)

    bot.slack.misbehave("chat.postMessage", _every_second(busy(1)))
    with pytest.raises(PlatformUnavailable):
        await reply()
    with pytest.raises(PlatformUnavailable):
        await reply()
    bot.slack.behave()
    await reply()

    words = " ".join(bot.text(each) for each in bot.own()).split()
    assert len(bot.own()) > 2
    assert words.count("words") == 12 * 400


@pytest.mark.parametrize(
    ("setting", "url"),
    [
        ("https://slack.com/api", "https://slack.com/api/"),
        ("https://slack.com/api/", "https://slack.com/api/"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/api/"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/api/"),
        ("http://gateway/slack", "http://gateway/slack/"),
    ],
)
def test_an_address_without_a_path_means_slacks_own(setting: str, url: str) -> None:
    assert base_url(setting) == url


def test_commands_are_written_as_they_are_typed_in_slack() -> None:
    document = Document(
        (
            Heading("Status"),
            Para((Text("Say /status or "), Code("/ask 1 why?"), Link("/status", "https://arxiv.org/status"))),
            Table(("a",), (("/settings time 9",),)),
            para("a/ask https://x.org/ask /askew /ask-me /ask/you"),
        ),
        summary="/status",
    )

    typed = as_typed(document, "pb-")
    bare = as_typed(document, "")

    assert typed.summary == "/pb-status"
    assert bare.summary == "/arxiv status"
    assert [span.text for span in typed.blocks[1].spans] == [
        "Say /pb-status or ",
        "/pb-ask 1 why?",
        "/status",
    ]
    assert typed.blocks[2].rows == (("/pb-settings time 9",),)
    assert typed.blocks[3] == document.blocks[3]


def _every_second(fault: Fault) -> Fault:
    count = 0

    async def sometimes(request: web.Request, answer: Answer) -> web.StreamResponse:
        nonlocal count
        count += 1
        return await (fault(request, answer) if count % 2 else answer())

    return sometimes
