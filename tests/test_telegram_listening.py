"""What Paperboy hears on Telegram, from whom, and what it leaves to others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from telegram import Update

from bot.answering import Place
from bot.demo.telegram_model import Message, Person
from bot.platforms.telegram.calls import Api
from bot.platforms.telegram.keyboard import callback
from bot.platforms.telegram.listening import event_of, link, linked
from bot.platforms.telegram.places import Address, How, Me, Spot
from bot.platforms.telegram.webhook import Webhook
from bot.values import parse_listen
from bot.web import web_server
from digest.channel import Who
from digest.document import Button, Buttons, Document, para
from digest.errors import StoreError
from digest.model import ArxivId
from storage import open_store
from tests.peers import telegram as peer
from tests.peers.arxiv import new
from tests.peers.telegram import Telegram, refuse
from tests.telegram_bot import TelegramBot

ME = Me(id=123456, username="paperboy_bot")
NOW = datetime(2026, 6, 30, 13, tzinfo=UTC)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[TelegramBot]:
    async with TelegramBot(tmp_path) as bot:
        yield bot


# Commands, in chats of every kind


async def test_a_private_chat_is_heard_whatever_is_said(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada Lovelace", language="de")
    chat = bot.telegram.private(ada)

    for text in ("/subscribe vla", "subscribe vla", "what about it?", "/nonsense"):
        await bot.says(chat, ada, text)

    first = bot.heard[0]
    assert [each.text for each in bot.heard] == [
        "/subscribe vla",
        "subscribe vla",
        "what about it?",
        "/nonsense",
    ]
    assert (first.channel, first.person, first.name) == (
        f"telegram:{ada.id}",
        f"telegram:{ada.id}",
        "Ada Lovelace",
    )
    assert (await bot.platform.place(first)) == Place(
        key=first.channel, title=ada.name, private=True, language="de"
    )


@pytest.mark.parametrize("unseen", ["\u2060", "\u200b", "\ufeff", "\u202a", "\u202e", "\u2066", "\u2069"])
async def test_what_a_paste_brings_along_unseen_is_not_heard(bot: TelegramBot, unseen: str) -> None:
    ada, bob = bot.telegram.person("Ada"), bot.telegram.person("Bob")
    chat, group = bot.telegram.private(ada), bot.telegram.supergroup("Team", ada, bob)
    await bot.telegram.promotes(group, bot.telegram.bot)

    await bot.says(chat, ada, f"{unseen}/{unseen}subscribe{unseen} vi{unseen}sion, cs.{unseen}CV{unseen}")
    await bot.says(chat, ada, unseen)
    await bot.says(group, ada, f"/{unseen}help")
    await bot.says(group, ada, f"🙂 @paperboy_bot sub{unseen}scribe vla")

    texts = [each.text for each in bot.heard]
    assert texts == ["/subscribe vision, cs.CV", "/help", "🙂 subscribe vla"]


async def test_joiners_of_emoji_and_of_scripts_are_heard(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")

    await bot.says(bot.telegram.private(ada), ada, "/subscribe 👩‍💻, می‌خواهم")

    assert bot.heard[0].text == "/subscribe 👩‍💻, می‌خواهم"


async def test_in_a_group_commands_are_heard_that_are_ours_and_not_another_bots(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await bot.telegram.promotes(group, bot.telegram.bot)  # so that it is told of everything

    for text in (
        "/help@paperboy_bot vla",
        "/help@Paperboy_Bot",
        "/HELP",
        "/start@other_bot",
        "/weather",
        "/nonsense@paperboy_bot",
        "good morning",
        "say /help",
    ):
        await bot.says(group, ada, text)

    assert [each.text for each in bot.heard] == ["/help vla", "/help", "/help", "/nonsense"]


async def test_in_a_group_mentions_and_replies_are_heard(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await bot.says(group, ada, "/help")
    answer = bot.last(group)

    await bot.says(group, ada, "@paperboy_bot, what is new 🙂?")
    await bot.says(group, ada, "🙂 subscribe vla @PaperBoy_bot")
    await bot.says(group, ada, "@paperboy_bot")
    await bot.says(group, ada, "which dataset?", reply_to=answer)
    await bot.says(group, ada, "thanks", reply_to=bot.telegram.messages(group)[0])

    texts = [each.text for each in bot.heard]
    assert texts == ["/help", "what is new 🙂?", "🙂 subscribe vla", "/help", "which dataset?"]
    assert bot.heard[-1].about == str(answer.id)


async def test_a_follow_up_to_an_answer_is_about_its_paper(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await bot.says(group, ada, "/help")
    channel = await bot.channel(f"telegram:{group.id}")
    answer = bot.last(group)
    await bot.answering.note(channel, str(answer.id), ArxivId.parse("2606.30001"), NOW)

    direct = await bot.says(group, ada, "which dataset?", reply_to=answer)
    # An answer to an answer: what is replied to is not noted, the chain's first message is.
    await bot.says(group, ada, "@paperboy_bot and how large?", reply_to=direct)

    papers = [await bot.answering.paper(channel.key, each) for each in bot.heard[1:]]
    assert [str(each) for each in papers] == ["2606.30001"] * 2 or papers[0] == ArxivId.parse("2606.30001")


async def test_topics_are_channels_of_their_own_and_general_is_the_chat(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    forum = bot.telegram.supergroup("Team", ada, forum=True)
    topic = bot.telegram.topic(forum, "Papers")

    await bot.says(forum, ada, "/help", topic=topic)
    await bot.says(forum, ada, "/help")
    await bot.says(forum, ada, "just talking", topic=topic)

    assert [each.channel for each in bot.heard] == [f"telegram:{forum.id}/{topic}", f"telegram:{forum.id}"]
    assert [each.about for each in bot.heard] == [None, None]
    assert [each.topic for each in bot.said(forum)] == [topic, 0]


async def test_a_channel_is_heard_for_commands_only_and_speaks_for_its_administrators(
    bot: TelegramBot,
) -> None:
    ada = bot.telegram.person("Ada")
    channel = bot.telegram.channel("Papers", ada)

    await bot.says(channel, ada, "Read this: 2606.30001")
    await bot.says(channel, ada, "/subscribe vla")

    (said,) = bot.heard
    assert (said.text, said.person) == ("/subscribe vla", f"telegram:{channel.id}")
    assert await bot.platform.standing(await bot.channel(said.channel), said.person) is Who.ADMINS
    assert len(await bot.parts.store.subscriptions(said.channel)) == 1


async def test_what_is_edited_or_said_by_bots_is_not_heard(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    group = bot.telegram.supergroup("Team", ada)
    robot = Person(id=77, name="Robot", username="robot_bot", is_bot=True)
    said = await bot.says(chat, ada, "/help")

    await bot.telegram.edits(said, "/help subscribe")
    await bot.says(group, robot, "/help@paperboy_bot")

    assert [each.text for each in bot.heard] == ["/help"]


@pytest.mark.parametrize(
    "text",
    [
        "/subscribe “vision language”",
        "/subscribe " + "x" * 4000,
        "/subscribe <b>&amp;",
        "/help\x07",
        "/",
    ],
)
async def test_odd_commands_get_one_clear_answer(bot: TelegramBot, text: str) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)

    await bot.says(chat, ada, text)

    assert bot.said(chat)
    assert [each.text for each in bot.heard] == [text]


# Who may


async def test_members_of_a_group_may_not_change_it_and_administrators_may(bot: TelegramBot) -> None:
    ada, bob, eve = (bot.telegram.person(name) for name in ("Ada", "Bob", "Eve"))
    group = bot.telegram.supergroup("Team", ada, bob, eve)
    await bot.telegram.promotes(group, eve, anonymous=True)
    key = f"telegram:{group.id}"

    await bot.says(group, bob, "/subscribe robots")
    refused = bot.last(group).text
    await bot.says(group, ada, "/subscribe vla")
    await bot.says(group, eve, "/subscribe anonymous")

    assert "administrators" in refused
    assert [each.query for each in await bot.parts.store.subscriptions(key)] == ["vla", "anonymous"]
    channel = await bot.channel(key)
    standings = [await bot.platform.standing(channel, f"telegram:{each.id}") for each in (ada, bob, eve)]
    assert standings == [Who.CREATOR, Who.MEMBERS, Who.ADMINS]


async def test_a_standing_is_asked_for_once_a_minute_and_is_the_least_where_it_is_not_told(
    bot: TelegramBot,
) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await bot.says(group, ada, "/help")
    channel, person = await bot.channel(f"telegram:{group.id}"), f"telegram:{ada.id}"

    async def asked() -> int:
        assert await bot.platform.standing(channel, person) is Who.CREATOR
        return [each.call.method for each in bot.telegram.calls].count("getChatMember")

    assert [await asked(), await asked()] == [1, 1]
    bot.time.now = bot.time.now.replace(hour=14)
    assert await asked() == 2
    bot.time.now = bot.time.now.replace(hour=15)
    bot.telegram.misbehave(peer.broken(), method="getChatMember", times=1)
    assert await bot.platform.standing(channel, person) is Who.MEMBERS
    assert await asked() == 3


# Buttons


async def shown(bot: TelegramBot, chat_key: str, *buttons: Button) -> Message:
    """A message of the bot with these buttons."""
    channel = await bot.channel(chat_key)
    async with bot.platform.turn(channel):
        number = await bot.platform.post(
            channel,
            Document((para("Choose."), Buttons(buttons)), summary="Choose."),
            key=f"buttons {len(buttons)}",
        )
    chat = bot.telegram.chats[Spot.of(chat_key).chat]
    return chat.messages[int(number)]


async def test_a_button_says_its_command_however_long(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.says(chat, ada, "/help")
    long = "subscribe " + "vision language action 中文, " * 20
    message = await shown(bot, f"telegram:{chat.id}", Button("Short", "status"), Button("Long", long))

    short, lengthy = await bot.presses(message, "Short", ada), await bot.presses(message, "Long", ada)

    assert [each.text for each in bot.heard[1:]] == ["/status", f"/{long}"]
    assert {each.about for each in bot.heard[1:]} == {str(message.id)}
    assert all(each.address.startswith("pressed ") for each in bot.heard[1:])
    assert short.answered
    assert lengthy.answered


async def test_a_button_whose_command_is_forgotten_says_so(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.says(chat, ada, "/help")
    message = await shown(bot, f"telegram:{chat.id}", Button("Old", "status"))
    data = callback("x" * 100, "key").data
    bot.telegram.keep(replace(message, keyboard=((replace(message.keyboard[0][0], data=data),),)))

    query = await bot.presses(message, "Old", ada)

    assert query.alert
    assert "too old" in query.text


async def test_a_button_that_was_pressed_long_ago_is_still_answered(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.says(chat, ada, "/help")
    message = await shown(bot, f"telegram:{chat.id}", Button("Help", "help"))
    await bot.platform.stop_listening()
    await bot.telegram.presses(message, "Help", ada)
    bot.time.now = bot.time.now.replace(hour=20)

    await bot.restart()
    await bot.settled()

    assert len(bot.said(chat)) == 3


async def test_what_is_for_the_presser_alone_is_shown_over_the_button(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await bot.says(group, ada, "/help")
    message = await shown(bot, f"telegram:{group.id}", Button("Save", "save 2606.30001"))
    known = len(bot.said(group))

    query = await bot.presses(message, "Save", ada)

    assert query.answered
    assert query.text
    assert len(bot.said(group)) == known


async def test_not_relevant_pressed_again_in_a_group_is_taken_back(bot: TelegramBot) -> None:
    ada, bob = bot.telegram.person("Ada"), bot.telegram.person("Bob")
    group = bot.telegram.supergroup("Team", ada, bob)
    await bot.says(group, ada, "/help")
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    await bot.parts.daily.fetch(["cs.CV"])
    message = await shown(bot, f"telegram:{group.id}", Button("Not relevant", "dismiss 2606.30001v1"))
    known = len(bot.said(group))

    said = [(await bot.presses(message, "Not relevant", who)).text for who in (ada, bob, ada, ada, bob)]

    first = "Not relevant: Event-VLA. Press again to take it back."
    back = "Taken back: Event-VLA counts as any other."
    assert said == [first, first, back, first, back]
    opinions = await bot.parts.store.opinions(f"telegram:{group.id}")
    assert [(each.person, each.liked) for each in opinions] == [(f"telegram:{ada.id}", False)]
    assert len(bot.said(group)) == known


async def test_not_relevant_pressed_again_in_private_stays(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.says(chat, ada, "/help")
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    await bot.parts.daily.fetch(["cs.CV"])
    message = await shown(bot, f"telegram:{chat.id}", Button("Not relevant", "dismiss 2606.30001v1"))

    for _ in range(2):
        await bot.presses(message, "Not relevant", ada)

    assert "Such papers rank lower from now on." in bot.last(chat).text
    assert bot.last(chat).keyboard[0][0].text == "Undo"


async def test_a_forged_press_that_names_no_paper_is_told_so(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await bot.says(group, ada, "/help")
    message = await shown(bot, f"telegram:{group.id}", Button("Not relevant", "dismiss vla"))

    query = await bot.presses(message, "Not relevant", ada)

    assert "not an arXiv identifier" in query.text


@pytest.mark.parametrize("command", ["unsubscribe vla", "here digest pause"])
async def test_who_may_not_change_a_group_is_told_so_over_the_button(bot: TelegramBot, command: str) -> None:
    ada, bob = bot.telegram.person("Ada"), bot.telegram.person("Bob")
    group = bot.telegram.supergroup("Team", ada, bob)
    await bot.says(group, ada, "/subscribe vla")
    message = await shown(bot, f"telegram:{group.id}", Button("Change", command))
    known = len(bot.said(group))

    refused = await bot.presses(message, "Change", bob)

    assert refused.alert
    assert refused.text.startswith("Only its administrators can change what this channel gets.")
    assert len(bot.said(group)) == known
    assert [each.text for each in bot.heard] == ["/subscribe vla"]

    allowed = await bot.presses(message, "Change", ada)

    assert (allowed.answered, allowed.text) == (True, "")
    assert [each.text for each in bot.heard] == ["/subscribe vla", f"/{command}"]


async def test_a_button_that_changes_nothing_is_for_every_member(bot: TelegramBot) -> None:
    ada, bob = bot.telegram.person("Ada"), bot.telegram.person("Bob")
    group = bot.telegram.supergroup("Team", ada, bob)
    await bot.says(group, ada, "/help")
    message = await shown(bot, f"telegram:{group.id}", Button("Status", "status"), Button("Help", "help"))

    await bot.presses(message, "Status", bob)
    await bot.presses(message, "Help", bob)

    assert [each.text for each in bot.heard] == ["/help", "/status", "/help"]


async def test_members_who_may_change_a_group_may_press_its_buttons(bot: TelegramBot) -> None:
    ada, bob = bot.telegram.person("Ada"), bot.telegram.person("Bob")
    group = bot.telegram.supergroup("Team", ada, bob)
    await bot.says(group, ada, "/settings who members")
    message = await shown(bot, f"telegram:{group.id}", Button("Pause", "digest pause"))

    await bot.presses(message, "Pause", bob)

    assert bot.heard[-1].text == "/digest pause"
    assert (await bot.channel(f"telegram:{group.id}")).paused


async def test_a_reader_of_a_channel_is_sent_to_the_private_chat(bot: TelegramBot) -> None:
    ada, reader = bot.telegram.person("Ada"), bot.telegram.person("Reader")
    channel = bot.telegram.channel("Papers", ada)
    await bot.says(channel, ada, "/help")
    buttons = (Button("Explain", "explain 2606.30001v1"), Button("Pause", "digest pause"))
    message = await shown(bot, f"telegram:{channel.id}", *buttons)
    known = len(bot.said(channel))

    await bot.presses(message, "Explain", reader)
    opened = bot.telegram.calls[-1].call.text("url")
    pause = await bot.presses(message, "Pause", reader)

    assert len(bot.heard) == 1
    assert len(bot.said(channel)) == known
    assert opened == f"https://t.me/paperboy_bot?start={link('explain 2606.30001v1')}"
    assert "administrators" in pause.text

    payload = opened.partition("=")[2]
    await bot.telegram.says(bot.telegram.private(reader), reader, f"/start {payload}")
    await bot.telegram.until(lambda: len(bot.heard) == 2)
    assert bot.heard[-1].text == "/explain 2606.30001v1"


@pytest.mark.parametrize(
    "command", ["subscribe vla", "unsubscribe all", "digest pause", "ask 1; x", "", "\xff"]
)
def test_a_link_from_anybody_gives_no_command_but_to_read_a_paper(command: str) -> None:
    assert linked(link(command)) is None


async def test_a_thumb_under_a_paper_is_an_opinion_and_nothing_is_answered(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.says(chat, ada, "/help")
    paper, other = bot.last(chat), (await bot.says(chat, ada, "/help"), bot.last(chat))[1]
    channel = await bot.channel(f"telegram:{chat.id}")
    await bot.answering.note(channel, str(paper.id), ArxivId.parse("2606.30001"), NOW)
    known = len(bot.said(chat))

    for message, emoji in ((paper, "👍"), (paper, "🎉"), (other, "👎"), (paper, "👎")):
        await bot.telegram.reacts(message, ada, emoji)
        await bot.settled()

    said = [each.text for each in bot.heard[2:]]
    assert said in ([], ["/like 2606.30001", "/dismiss 2606.30001"])  # where there are such commands
    assert len(bot.said(chat)) == known


# Coming and going


async def test_a_group_that_adds_the_bot_is_greeted(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)

    await bot.telegram.adds_bot(group, ada)
    await bot.telegram.kicks(group)
    await bot.telegram.adds_bot(group, ada)
    await bot.settled()

    assert [each.text for each in bot.heard] == ["/hello"]  # the bot was inside when it was added first
    assert (await bot.channel(f"telegram:{group.id}")).created_by == f"telegram:{ada.id}"


@pytest.mark.parametrize("in_topic", [False, True])
async def test_a_group_with_subscriptions_that_adds_the_bot_again_is_not_greeted_as_new(
    bot: TelegramBot, in_topic: bool
) -> None:
    ada = bot.telegram.person("Ada")
    forum = bot.telegram.supergroup("Team", ada, forum=True)
    await bot.says(forum, ada, "/subscribe vla", topic=bot.telegram.topic(forum, "Papers") if in_topic else 0)

    await bot.telegram.kicks(forum)
    await bot.telegram.adds_bot(forum, ada)
    await bot.settled()

    assert [each.text for each in bot.heard[1:]] == ([] if in_topic else ["/subscriptions"])
    assert in_topic or "vla" in bot.last(forum).text


# Nothing is lost, and nothing is heard twice


async def test_an_update_that_comes_again_after_a_restart_is_answered_once(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.telegram.until(lambda: bot.telegram.updates.allowed)
    # The poll in hand brings the message; none that would confirm it gets through.
    bot.telegram.misbehave(peer.drop_before(), method="getUpdates")

    await bot.telegram.says(chat, ada, "/help")
    await bot.telegram.until(lambda: bot.said(chat))
    unconfirmed = bot.telegram.updates.pending
    bot.telegram.behave()
    await bot.restart()
    await bot.settled()

    assert unconfirmed
    assert len(bot.said(chat)) == 1
    assert bot.heard == []


async def test_what_is_said_while_the_process_is_away_is_answered_afterwards(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.stop()

    await bot.telegram.says(chat, ada, "/help")
    await bot.start()
    await bot.settled()

    assert len(bot.said(chat)) == 1


async def test_an_update_that_nobody_understands_holds_up_no_other(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    bot.telegram.updates.put("message", {"message_id": "no number"})
    bot.telegram.updates.put("message", {"message_id": 1, "date": 0})

    await bot.says(chat, ada, "/help")

    assert len(bot.said(chat)) == 1


async def test_polling_outlasts_every_fault(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    for fault in (peer.drop_before(), peer.broken(), peer.bad_gateway(), peer.cut_after(), peer.busy(3)):
        bot.telegram.misbehave(fault, method="getUpdates", times=2)

    await bot.says(chat, ada, "/help")
    await bot.says(chat, ada, "/help")

    assert len(bot.said(chat)) == 2


async def test_listening_stops_at_once_though_telegram_is_asked_for_news(bot: TelegramBot) -> None:
    await bot.telegram.until(lambda: bot.telegram.updates.allowed)

    connected = bot.platform.connected
    async with asyncio.timeout(0.5):
        await bot.platform.stop_listening()

    assert (connected, bot.platform.connected) == (True, False)


# Webhooks


class Hooked:
    """Somebody who sends requests to the bot's webhook."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def post(self, body: Any, **headers: str) -> int:
        async with aiohttp.ClientSession() as session:
            options: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            async with session.post(self._url, headers=sent, **options) as response:
                return response.status


@pytest.fixture
async def hooked(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[TelegramBot]:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    settings = {"telegram_mode": "webhook", "http_listen": url.removeprefix("http://")}
    async with TelegramBot(tmp_path, telegram_webhook_url=f"{url}/telegram/webhook", **settings) as bot:
        await bot.telegram.until(lambda: bot.telegram.updates.url)
        yield bot


async def test_a_webhook_takes_what_telegram_sends(hooked: TelegramBot) -> None:
    ada = hooked.telegram.person("Ada")
    chat = hooked.telegram.private(ada)

    await hooked.says(chat, ada, "/help")
    await hooked.says(chat, ada, "/help")

    assert len(hooked.said(chat)) == 2
    assert hooked.telegram.updates.last_error == ""


async def test_a_webhook_refuses_whoever_does_not_know_the_secret(hooked: TelegramBot) -> None:
    update = {"update_id": 1, "message": private_message("/help", 1)}
    caller = Hooked(hooked.telegram.updates.url)

    wrong = await caller.post(update, X_Telegram_Bot_Api_Secret_Token="wrong")
    none = await caller.post(update)
    umlaut = await caller.post(update, X_Telegram_Bot_Api_Secret_Token="\u00fcber")

    assert (wrong, none, umlaut) == (401, 401, 401)
    assert hooked.heard == []


async def test_a_webhook_refuses_a_secret_that_is_no_text(hooked: TelegramBot) -> None:
    where = urlsplit(hooked.telegram.updates.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    head = f"POST {where.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n".encode()
    writer.write(head + b"X-Telegram-Bot-Api-Secret-Token: \xff\xfe\r\n\r\n{}")

    status = (await reader.readline()).split()[1]
    writer.close()

    assert status == b"401"


async def test_a_webhook_keeps_its_secret_and_survives_nonsense(hooked: TelegramBot) -> None:
    secret = await hooked.parts.store.meta("telegram/webhook_secret")
    assert secret
    caller = Hooked(hooked.telegram.updates.url)

    statuses = [
        await caller.post(body, X_Telegram_Bot_Api_Secret_Token=secret)
        for body in (b"{", b"[]", b"\xff\xfe", b'{"update_id": 7}')
    ]
    twice = [
        await caller.post(
            {"update_id": 8, "message": private_message("/help", 2)}, X_Telegram_Bot_Api_Secret_Token=secret
        )
        for _ in range(2)
    ]
    await hooked.restart()

    assert statuses == [400, 400, 400, 200]
    assert twice == [200, 200]
    assert await hooked.parts.store.meta("telegram/webhook_secret") == secret


async def test_a_webhook_that_was_taken_away_or_fails_does_not_count_as_working(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    full, taken = False, asyncio.Event()

    async def take(_: object) -> None:
        if full:
            raise StoreError("The disk is full.")
        taken.set()

    async with (
        Telegram() as telegram,
        web_server(f"127.0.0.1:{unused_tcp_port}") as server,
        open_store(str(tmp_path / "p.db")) as store,
    ):
        api, url = Api(telegram.token, telegram.url), f"http://127.0.0.1:{unused_tcp_port}/telegram/webhook"
        hook = Webhook(
            api=api,
            take=take,
            store=store,
            sleep=asyncio.sleep,
            server=server,
            url=url,
            secret="s",
            ask_every=0.05,
        )
        running = asyncio.create_task(hook.run())
        await telegram.until(lambda: hook.works)

        await api.delete_webhook()
        await telegram.until(lambda: not hook.works)
        await telegram.until(lambda: hook.works)
        assert telegram.updates.url == url

        telegram.misbehave(refuse(401, "Unauthorized"), method="getWebhookInfo")
        await telegram.until(lambda: hook.refused)
        telegram.behave()
        await telegram.until(lambda: not hook.refused)

        full, ada = True, telegram.person("Ada")
        chat = telegram.private(ada)
        await telegram.says(chat, ada, "/help")
        await telegram.until(lambda: not hook.works)
        assert telegram.updates.url == url
        full = False
        await taken.wait()
        await telegram.until(lambda: hook.works)

        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        hook.close()
        await api.close_requests()


def test_addresses_to_listen_at_are_given_with_a_port() -> None:
    assert parse_listen("127.0.0.1:8080") == ("127.0.0.1", 8080)


# Single updates, as Telegram tells of them


def private_message(text: str, number: int, **fields: Any) -> dict[str, Any]:
    chat = {"id": 7, "type": "private", "first_name": "Ada"}
    return {
        "message_id": number,
        "date": 0,
        "chat": chat,
        "from": {"id": 7, "is_bot": False, "first_name": "Ada"},
        "text": text,
        **fields,
    }


def group_message(text: str, **fields: Any) -> dict[str, Any]:
    chat = {"id": -1000000000007, "type": "supergroup", "title": "Team"}
    return private_message(text, 5, **{"chat": chat, **fields})


def told(**payload: Any) -> Any:
    update = Update.de_json({"update_id": 9, **payload}, None)
    return event_of(update, ME, NOW)


def test_posts_that_a_channel_forwards_to_its_group_are_not_heard() -> None:
    channel = {"id": -1000000000008, "type": "channel", "title": "Papers"}
    service = {"id": 777000, "is_bot": False, "first_name": "Telegram"}

    post = group_message("/help", sender_chat=channel, is_automatic_forward=True, **{"from": service})

    assert told(message=post) is None


def test_whoever_speaks_as_a_channel_in_a_group_is_that_channel_and_no_administrator() -> None:
    channel = {"id": -1000000000008, "type": "channel", "title": "Papers"}
    said = told(message=group_message("/help", sender_chat=channel))

    assert (said.person, said.name) == ("telegram:-1000000000008", "Papers")


def test_a_text_mention_of_the_bot_is_one() -> None:
    user = {"id": ME.id, "is_bot": True, "first_name": "Paperboy"}
    entity = {"type": "text_mention", "offset": 3, "length": 8, "user": user}

    assert (
        told(message=group_message("🙂 Paperboy what is new?", entities=[entity])).text == "🙂 what is new?"
    )


def test_pictures_stickers_and_captions_are_not_heard() -> None:
    message = private_message("", 1, caption="/help")
    del message["text"]

    assert told(message=message) is None


def test_a_press_under_a_message_that_telegram_forgot_is_heard() -> None:
    message = {"message_id": 5, "date": 0, "chat": {"id": 7, "type": "private", "first_name": "Ada"}}
    press = {"id": "1", "from": {"id": 7, "is_bot": False, "first_name": "Ada"}, "chat_instance": "1"}

    pressed = told(callback_query={**press, "message": message, "data": "help~12345678"})

    assert pressed.said.about == "5"


def test_an_address_is_read_as_it_was_written() -> None:
    address = Address(how=How.PRESSED, message=7, chat_type="private", title="Ada “A” 中文", query="12")

    assert Address.parse(str(address)) == address
    assert str(address).startswith("pressed {")
    assert Address.parse("") == Address()


@pytest.mark.parametrize(
    ("key", "spot", "numbering"),
    [
        ("telegram:7", Spot(7), "shared"),
        ("telegram:-7", Spot(-7), "shared"),
        ("telegram:-1001234567890", Spot(-1001234567890), "-1001234567890"),
        ("telegram:-1001234567890/77", Spot(-1001234567890, 77), "-1001234567890"),
    ],
)
def test_a_channels_key_names_its_chat_and_topic(key: str, spot: Spot, numbering: str) -> None:
    assert Spot.of(key) == spot
    assert spot.key == key
    assert spot.numbering == numbering
