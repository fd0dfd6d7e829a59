"""What a person sees of Paperboy on Telegram, and what becomes of messages that go wrong."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from telegram.error import ChatMigrated

from bot.app import App
from bot.commands.request import Attachment, Audience, Reply
from bot.demo.telegram_model import Chat, Message, Person, Status
from bot.demo.telegram_view import hidden_links, live_mentions
from bot.parts import Parts
from bot.platforms.telegram.calls import BLOCKED, NO_TOPIC, REMOVED, SILENCED, meaning
from bot.platforms.telegram.places import Address, How, Spot
from bot.platforms.telegram.platform import open_telegram
from digest.channel import DeliveryState
from digest.document import Button, Buttons, Document, Heading, para
from digest.errors import ChannelGone, ChannelMoved, InvalidSetting, PlatformError
from digest.model import ArxivId
from digest.people import Incoming
from tests.peers import telegram as peer
from tests.peers.arxiv import new
from tests.telegram_bot import TUESDAY, TelegramBot

PAPERS = [f"VLA paper {n}" for n in range(4)]
WEDNESDAY = TUESDAY + timedelta(days=1)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[TelegramBot]:
    async with TelegramBot(tmp_path) as bot:
        yield bot


async def subscribed(bot: TelegramBot, chat: Chat, by: Person, *, topic: int = 0) -> None:
    """A channel that waits for tomorrow's digest, with nothing said yet that a test would count."""
    await bot.says(chat, by, "/subscribe vla", topic=topic)
    await bot.says(chat, by, "/digest time 12:00", topic=topic)
    announce(bot, *PAPERS)
    for message in bot.said(chat):
        bot.telegram.removes(message)


def announce(bot: TelegramBot, *titles: str) -> None:
    papers = [new(f"2606.300{n:02}", title, day=WEDNESDAY) for n, title in enumerate(titles)]
    bot.arxiv.announce("cs.CV", *papers, day=WEDNESDAY)


def titles(messages: tuple[Message, ...]) -> list[str]:
    """The papers that have a message of their own, in order of appearance."""
    own = [each.text for each in messages if each.reply_to]
    return [title for text in own for title in PAPERS if title in text.splitlines()[0]]


def saying(chat: Chat, person: Person, *, message: int = 0, **fields: Any) -> Incoming:
    """What somebody said, as it is kept, for calls of the platform itself."""
    values = {
        "id": "telegram:1",
        "channel": f"telegram:{chat.id}",
        "person": f"telegram:{person.id}",
        "name": person.name,
        "text": "/help",
        "address": str(Address(message=message, chat_type=str(chat.type))),
        **fields,
    }
    return Incoming(received_at=fields.get("received_at") or chat_time(chat), **values)


def chat_time(chat: Chat) -> Any:
    return next(iter(chat.messages.values())).at


def words(text: str, *buttons: Button) -> Document:
    return Document((para(text), *([Buttons(buttons)] if buttons else [])), summary=text)


async def said_by_platform(bot: TelegramBot, said: Incoming, reply: Reply, **how: Any) -> str | None:
    """What `Answering` does with one reply."""
    channel = await bot.channel(said.channel)
    arguments = {"key": f"{said.id}/0", "first": None, "again": False, **how}
    return await bot.platform.reply(channel, said, reply, **arguments)


# Digests


async def test_a_number_and_the_report_under_an_older_digest_are_that_digests(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await subscribed(bot, group, ada)
    await bot.next_morning()
    older, paper, *_ = bot.said(group)
    july = date(2026, 7, 2)
    bot.arxiv.announce("cs.CV", new("2607.00001", "July-VLA", day=july), day=july)
    await bot.next_morning()
    assert "July-VLA" in bot.last(group).text

    for message in (older, paper):
        for text in ("#1 what is it about?", "/explain #1 short", "/save #1"):
            before = len(bot.said(group))
            await bot.says(group, ada, text, reply_to=message)
            answer = " ".join(each.text for each in bot.said(group)[before:])
            assert PAPERS[0] in answer, text
            assert "July-VLA" not in answer, text
    await bot.presses(older, "Report", ada)
    report = bot.last(group).document
    assert report is not None
    assert report.name == "digest-2026-07-01.md"


async def test_chatter_under_a_digest_is_not_answered_but_what_was_asked_for_is(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await subscribed(bot, group, ada)
    await bot.next_morning()
    digest, paper, *_ = bot.said(group)
    said = len(bot.said(group))

    for text in ("nice digest!", "哈哈", "👍", "zebrafish"):
        for message in (digest, paper):
            await bot.says(group, ada, text, reply_to=message)
    assert len(bot.said(group)) == said

    await bot.presses(paper, "Ask", ada)
    await bot.says(group, ada, "zebrafish", reply_to=bot.last(group))
    assert "No passage of the paper matches" in bot.last(group).text


async def test_a_digest_is_one_message_and_a_reply_to_it_for_each_paper(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await subscribed(bot, chat, ada)

    await bot.next_morning()

    parent, *replies = bot.said(chat)
    assert parent.reply_to == 0
    assert all(title in parent.text for title in PAPERS)
    assert titles(bot.said(chat)) == PAPERS
    assert {each.reply_to for each in replies} == {parent.id}
    assert all(each.keyboard for each in bot.said(chat))


async def test_a_digest_stays_in_the_topic_where_it_was_subscribed_to(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    forum = bot.telegram.supergroup("Team", ada, forum=True)
    topic = bot.telegram.topic(forum, "Papers")
    await subscribed(bot, forum, ada, topic=topic)

    await bot.next_morning()

    assert {each.topic for each in bot.said(forum)} == {topic}
    assert titles(bot.said(forum)) == PAPERS
    assert (await bot.channel(f"telegram:{forum.id}/{topic}")).title == "Team / Papers"


async def test_the_digest_of_a_deleted_topic_waits_and_general_is_told_once(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    forum = bot.telegram.supergroup("Team", ada, forum=True)
    topic = bot.telegram.topic(forum, "Papers")
    await subscribed(bot, forum, ada, topic=topic)
    bot.telegram.deletes_topic(forum, topic)

    await bot.next_morning()
    await bot.telegram.until(lambda: bot.said(forum))
    await bot.morning()
    await bot.next_morning()
    await bot.settled()

    key = f"telegram:{forum.id}/{topic}"
    channel = await bot.channel(key)
    assert [(each.topic, each.text) for each in bot.said(forum)] == [
        (0, "The topic “Papers” was deleted; /subscribe in another topic or in General.")
    ]
    assert (channel.paused, channel.paused_because) == (True, NO_TOPIC)
    assert {each.state for each in await bot.parts.store.outbox(channel=key)} == {DeliveryState.PENDING}


async def test_a_bot_that_is_added_again_does_not_take_up_a_deleted_topic(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    forum = bot.telegram.supergroup("Team", ada, forum=True)
    topic = bot.telegram.topic(forum, "Papers")
    await subscribed(bot, forum, ada, topic=topic)
    bot.telegram.deletes_topic(forum, topic)
    await bot.next_morning()
    await bot.telegram.until(lambda: bot.said(forum))

    await bot.telegram.kicks(forum, ada)
    await bot.telegram.adds_bot(forum, ada)
    await bot.settled()

    assert (await bot.channel(f"telegram:{forum.id}/{topic}")).paused_because == NO_TOPIC


async def test_the_general_topics_own_number_means_the_chat(bot: TelegramBot) -> None:
    forum = bot.telegram.supergroup("Team", bot.telegram.person("Ada"), forum=True)

    general = await bot.platform.place_named(f"{forum.id}/1")
    topic = await bot.platform.place_named(f"{forum.id}/77")

    assert (general and general.key) == f"telegram:{forum.id}"
    assert (topic and topic.key) == f"telegram:{forum.id}/77"


async def test_what_is_printed_works_when_it_is_pasted_back(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)

    for text in ("/hello", "/help", "/help subscribe", "/settings", "/subscribe vla", "/nonsense"):
        await bot.says(chat, ada, text)

    texts = [each.text for each in bot.said(chat)]
    assert any("/subscribe" in text for text in texts)
    assert [text for text in texts if "/\u2060" in text] == []


@pytest.mark.parametrize("answered", [False, True])
async def test_a_start_that_is_given_up_ends_in_silence(tmp_path: Path, answered: bool) -> None:
    async with TelegramBot(tmp_path) as bot:
        await bot.stop()
        parts = Parts(bot.settings(), clock=bot.time.clock, sleep=bot.time.sleep)
        bot.telegram.misbehave(peer.stall(0.2), method="getMe")
        with capture_logs() as logs:
            async with parts, open_telegram(parts.settings, parts) as platform:
                known = len(bot.telegram.calls)
                starting = asyncio.create_task(platform.start(bot.answering.hear))
                await bot.telegram.until(lambda: len(bot.telegram.calls) > known)
                await platform.stop_listening()
                await asyncio.sleep(0.4 if answered else 0)
            await asyncio.wait([starting])

        assert logs == []
        assert starting.exception() is None
        gc.collect()  # a coroutine that was never awaited is told of now


async def test_a_channel_gets_its_digest_from_a_post_of_its_administrator(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    channel = bot.telegram.channel("Papers", ada)
    await subscribed(bot, channel, ada)

    await bot.next_morning()

    assert titles(bot.said(channel)) == PAPERS


async def test_titles_that_try_to_mention_or_to_break_markup_stay_text(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await subscribed(bot, group, ada)
    bot.arxiv.announce(
        "cs.CV",
        new(
            "2606.30100",
            "VLA </b><a href='tg://user?id=1'>@everyone @durov_x</a> &amp; /start",
            day=WEDNESDAY,
        ),
        new("2606.30101", "VLA \u202e <blockquote> 中文 \U0001f600 https://evil.example/x", day=WEDNESDAY),
        day=WEDNESDAY,
    )

    await bot.next_morning()

    assert sum("@\u2060durov_x" in each.text for each in bot.said(group)) >= 2
    assert not any(live_mentions(each) or hidden_links(each) for each in bot.said(group))
    assert all(each.html != each.text for each in bot.said(group))


async def test_limits_of_a_group_are_kept_by_a_digest_of_many_papers(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    groups = [bot.telegram.supergroup(f"Team {n}", ada) for n in range(3)]
    for group in groups:
        await bot.says(group, ada, "/subscribe vla")
    announce(bot, *[f"VLA paper {n}" for n in range(30)])

    await bot.next_morning()

    # The question's answer, the digest, ten papers, and the titles of the others.
    assert [len(bot.said(group)) for group in groups] == [13, 13, 13]
    assert bot.telegram.refusals == []


# Outcomes of a post


FAULTS = {
    "drop before": peer.drop_before(),
    "drop after": peer.drop_after(),
    "500 before": peer.broken(),
    "500 after": peer.broken_after(),
    "502 page": peer.bad_gateway(),
    "cut JSON": peer.cut_after(),
    "429": peer.busy(7),
    "conflict": peer.conflict(),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", ["private", "supergroup", "channel"])
async def test_whatever_goes_wrong_every_message_arrives_once_and_in_order(
    bot: TelegramBot, fault: str, kind: str
) -> None:
    ada = bot.telegram.person("Ada")
    chat = {
        "private": lambda: bot.telegram.private(ada),
        "supergroup": lambda: bot.telegram.supergroup("Team", ada),
        "channel": lambda: bot.telegram.channel("Papers", ada),
    }[kind]()
    await subscribed(bot, chat, ada)
    bot.telegram.foreign(chat, 3)
    bot.telegram.misbehave(FAULTS[fault], method="sendMessage", times=2)

    await bot.next_morning()
    await bot.next_morning(days=0)

    assert titles(bot.said(chat)) == PAPERS
    assert len(bot.said(chat)) == 1 + len(PAPERS)
    if fault in ("drop after", "500 after", "cut JSON"):
        assert bot.platform.counts.adopted == 2
        assert bot.platform.counts.missing == 0


async def test_a_chat_that_must_wait_holds_up_no_other(bot: TelegramBot) -> None:
    ada, bob = bot.telegram.person("Ada"), bot.telegram.person("Bob")
    slow, quick = bot.telegram.private(ada), bot.telegram.private(bob)
    await subscribed(bot, slow, ada)
    await bot.says(quick, bob, "/subscribe vla")
    bot.telegram.misbehave(peer.busy(300), method="sendMessage", chat=slow, times=1)
    begun = bot.time.now + timedelta(days=1)

    await bot.next_morning()

    assert titles(bot.said(quick)) == PAPERS
    assert bot.time.now - begun < timedelta(seconds=10)
    assert not bot.said(slow)
    bot.time.now = begun + timedelta(seconds=310)
    await bot.morning()
    assert titles(bot.said(slow)) == PAPERS


async def test_a_server_that_cannot_be_reached_loses_nothing(bot: TelegramBot, tmp_path: Path) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await subscribed(bot, chat, ada)
    reachable = bot.telegram.url

    await bot.restart(telegram_api_url="http://127.0.0.1:9")
    await bot.next_morning()
    waiting = await bot.parts.store.outbox()
    await bot.restart(telegram_api_url=f"{reachable}/bot")
    await bot.next_morning(days=0)
    bot.time.now += timedelta(hours=1)
    await bot.morning()

    assert {each.state for each in waiting} == {DeliveryState.PENDING}
    assert titles(bot.said(chat)) == PAPERS


async def test_markup_that_telegram_cannot_read_is_sent_as_plain_text(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await subscribed(bot, chat, ada)
    unreadable = peer.refuse(400, "Bad Request: can't parse entities: Unsupported start tag")
    bot.telegram.misbehave(unreadable, method="sendMessage", times=1)

    await bot.next_morning()

    assert all(title in bot.said(chat)[0].text for title in PAPERS)
    assert bot.said(chat)[0].written == 0
    assert titles(bot.said(chat)) == PAPERS


async def test_a_message_that_is_never_taken_is_given_up_and_the_others_go_on(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await subscribed(bot, chat, ada)
    bot.telegram.misbehave(peer.refuse(400, "Bad Request: no such thing"), method="sendMessage", times=3)

    await bot.next_morning()

    rows = await bot.parts.store.outbox(unsent=False)
    dead = [each for each in rows if each.state is DeliveryState.DEAD]
    assert [each.parent_key for each in dead] == [None]
    assert "No such thing" in dead[0].error
    assert len(bot.said(chat)) == len(PAPERS)


async def test_without_probing_a_message_of_unknown_fate_is_sent_again(tmp_path: Path) -> None:
    async with TelegramBot(tmp_path, telegram_unsure="resend") as bot:
        ada = bot.telegram.person("Ada")
        chat = bot.telegram.private(ada)
        await subscribed(bot, chat, ada)
        bot.telegram.misbehave(peer.drop_after(), method="sendMessage", times=1)

        await bot.next_morning()

        assert len(bot.said(chat)) == 2 + len(PAPERS)
        assert bot.platform.counts.resent == 1
        assert not [each for each in bot.telegram.last_calls(99) if "editMessage" in each]


# Chats that come and go


async def test_a_blocked_bot_pauses_and_goes_on_when_it_is_unblocked(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await subscribed(bot, chat, ada)
    await bot.telegram.blocks(ada)
    await bot.settled()

    blocked = await bot.channel(f"telegram:{chat.id}")
    await bot.next_morning()
    await bot.telegram.unblocks(ada)
    await bot.settled()
    await bot.morning()

    assert (blocked.paused, blocked.paused_because) == (True, BLOCKED)
    assert not (await bot.channel(f"telegram:{chat.id}")).paused
    assert titles(bot.said(chat)) == PAPERS


async def test_a_group_that_the_bot_was_kicked_from_is_paused_when_a_message_is_refused(
    bot: TelegramBot,
) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await subscribed(bot, group, ada)
    bot.telegram.stand(group, bot.telegram.bot.id, status=Status.KICKED)  # and nobody tells

    await bot.next_morning()
    kicked = await bot.channel(f"telegram:{group.id}")
    await bot.telegram.adds_bot(group, ada)
    await bot.settled()
    await bot.morning()

    assert (kicked.paused, kicked.paused_because) == (True, REMOVED)
    assert titles(bot.said(group)) == PAPERS


async def test_a_group_where_the_bot_may_not_write_says_so_in_its_pause(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await subscribed(bot, group, ada)
    bot.telegram.mutes(group)

    await bot.next_morning()

    assert (await bot.channel(f"telegram:{group.id}")).paused_because == SILENCED


async def test_a_pause_that_a_person_made_outlasts_a_kick(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await bot.says(group, ada, "/subscribe vla")
    key = f"telegram:{group.id}"
    await bot.says(group, ada, "/digest pause")

    await bot.telegram.kicks(group, ada)
    await bot.telegram.adds_bot(group, ada)
    await bot.settled()

    assert (await bot.channel(key)).paused_because == "by Ada"


async def test_a_group_that_became_a_supergroup_gets_its_digest_there(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.group("Lab", ada)
    await subscribed(bot, group, ada)

    moved = await bot.telegram.migrates(group)
    await bot.settled()
    await bot.next_morning()

    assert await bot.parts.store.channel(f"telegram:{group.id}") is None
    assert titles(bot.said(moved)) == PAPERS


async def test_a_group_that_moves_in_the_middle_of_its_digest_is_followed(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.group("Lab", ada)
    await subscribed(bot, group, ada)
    moved = await bot.telegram.migrates(group)
    await bot.settled()
    # As if the update had been lost.
    await bot.parts.store.rename_channel(f"telegram:{moved.id}", f"telegram:{group.id}")

    await bot.next_morning()

    assert len(bot.said(moved)) == 1 + len(PAPERS)
    assert (await bot.channel(f"telegram:{moved.id}")).title == "Lab"


async def test_a_group_that_became_a_supergroup_is_found_by_the_number_that_the_settings_have(
    bot: TelegramBot,
) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.group("Lab", ada)
    await bot.restart(telegram_chat=str(group.id), keywords=("vla",))
    moved = await bot.telegram.migrates(group)
    await bot.settled()

    await bot.restart()
    announce(bot, *PAPERS)
    await bot.next_morning()

    assert [each.key for each in await bot.parts.store.channels()] == [f"telegram:{moved.id}"]
    assert titles(bot.said(moved)) == PAPERS


async def test_a_group_that_moved_while_nobody_listened_keeps_its_subscriptions(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.group("Lab", ada)
    await bot.restart(telegram_chat=str(group.id))
    await bot.says(group, ada, "/subscribe vla")
    await bot.stop()
    moved = await bot.telegram.migrates(group)
    bot.telegram.updates.forget()  # it keeps them for a day

    await bot.start()

    [channel] = await bot.parts.store.channels()
    assert (channel.key, channel.title) == (f"telegram:{moved.id}", "Lab")
    assert [each.query for each in await bot.parts.store.subscriptions(channel.key)] == ["vla"]


async def test_a_group_that_bars_the_bot_is_named_all_the_same(bot: TelegramBot) -> None:
    group = bot.telegram.group("Lab", bot.telegram.person("Ada"))
    await bot.telegram.kicks(group)

    place = await bot.platform.place_named(str(group.id))

    assert place is not None
    assert (place.key, place.title) == (f"telegram:{group.id}", "Lab")


def test_a_topic_of_a_chat_that_moved_keeps_its_number() -> None:
    moved = meaning(ChatMigrated(-1_000_000_000_055), Spot(-55, 7))

    assert isinstance(moved, ChannelMoved)
    assert moved.to == "telegram:-1000000000055/7"


# Answers


async def test_an_answer_in_a_group_replies_to_whoever_asked(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)

    asked = await bot.says(group, ada, "/help")

    assert bot.last(group).reply_to == asked.id


async def test_an_answer_to_a_message_that_was_deleted_meanwhile_is_still_given(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await bot.says(group, ada, "/help")
    said = saying(group, ada, message=9999)

    await said_by_platform(bot, said, Reply(document=words("Here.")))

    assert (bot.last(group).text, bot.last(group).reply_to) == ("Here.", 0)


async def test_what_follows_an_answer_goes_under_its_first_message(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await bot.says(group, ada, "/help")
    said = saying(group, ada)
    first = await said_by_platform(bot, said, Reply(document=words("CombatVLA"), to=Audience.CHANNEL))

    under = Reply(document=words("The whole analysis"), to=Audience.CHANNEL, under=True)
    await said_by_platform(bot, said, under, key="telegram:1/1", first=first)

    assert str(bot.last(group).reply_to) == first


async def test_a_note_that_a_paper_is_being_read_goes_when_the_answer_comes(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.supergroup("Team", ada)
    await bot.says(group, ada, "/help")
    said = saying(group, ada, text="/explain 2606.30001")

    left_out = Reply(document=words("I left out: agian"))
    await said_by_platform(bot, said, left_out, key="telegram:1/0")
    reading = Reply(document=words("Reading ..."), passing=True)
    first = await said_by_platform(bot, said, reading, key="telegram:1/passing-1")
    while_reading = bot.last(group).text
    answer = Reply(document=words("CombatVLA"), to=Audience.CHANNEL)
    second = await said_by_platform(bot, said, answer, key="telegram:1/1", first=first)

    assert while_reading == "Reading ..."
    assert [each.text for each in bot.said(group)[1:]] == ["I left out: agian", "CombatVLA"]
    assert (first, second) == (None, str(bot.last(group).id))


async def test_a_pressed_list_is_changed_in_its_place(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.says(chat, ada, "/help")
    shown = bot.last(chat)
    press = str(Address(how=How.PRESSED, message=shown.id, chat_type="private", query="1"))
    said = saying(chat, ada, address=press, text="/subscriptions", about=str(shown.id))
    reply = Reply(document=words("Two left.", Button("Undo", "subscribe vla")), replaces=True)

    await said_by_platform(bot, said, reply)
    await said_by_platform(bot, said, reply, again=True)

    assert bot.last(chat).text == "Two left."
    assert len(bot.said(chat)) == 1


async def test_a_list_that_cannot_be_changed_any_more_is_said_anew(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.says(chat, ada, "/help")
    press = str(Address(how=How.PRESSED, message=9999, chat_type="private", query="1"))

    reply = Reply(document=words("Two left."), replaces=True)
    await said_by_platform(bot, saying(chat, ada, address=press, text="/subscriptions"), reply)

    assert bot.last(chat).text == "Two left."
    assert len(bot.said(chat)) == 2


async def test_a_long_answer_comes_in_parts_once_though_the_link_drops(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.says(chat, ada, "/help")
    known = len(bot.said(chat))
    whole = Document(tuple(para(f"Paragraph {n}. " + "word " * 300) for n in range(12)), summary="Long")
    bot.telegram.misbehave(peer.drop_before(), method="sendMessage", times=1)
    bot.telegram.misbehave(peer.drop_after(), method="sendMessage", times=1)
    channel = await bot.channel(f"telegram:{chat.id}")

    async def reply(again: bool) -> str | None:
        said = saying(chat, ada)
        return await bot.platform.reply(
            channel, said, Reply(document=whole), key="telegram:1/0", first=None, again=again
        )

    await bot.answering.patiently(reply, False)

    told = "\n".join(each.text for each in bot.said(chat)[known:])
    assert [told.count(f"Paragraph {n}.") for n in range(12)] == [1] * 12


async def test_every_part_of_an_answer_can_be_asked_about(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.says(chat, ada, "/help")
    paper = ArxivId.parse("2606.30001")
    long = Document((para("word " * 900), para("word " * 900)), summary="Long")

    reply = Reply(document=long, to=Audience.CHANNEL, paper=paper)
    await said_by_platform(bot, saying(chat, ada), reply)

    said = saying(chat, ada, about=str(bot.last(chat).id))
    assert len(bot.said(chat)) == 4
    assert await bot.answering.paper(said.channel, said) == paper


async def test_a_file_comes_with_a_short_answer_and_after_a_long_one(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.says(chat, ada, "/help")
    known = len(bot.said(chat))
    report = Attachment(name="digest-2026-06-30.md", content="# Digest\n\n中文")
    long = Document((para("word " * 400),), summary="Long")

    await said_by_platform(bot, saying(chat, ada), Reply(document=words("The day."), file=report), key="a/0")
    await said_by_platform(bot, saying(chat, ada), Reply(document=long, file=report), key="b/0")

    short, text, file = bot.said(chat)[known:]
    assert short.text == "The day."
    assert [each.document and each.document.name for each in (short, text, file)] == [
        "digest-2026-06-30.md",
        None,
        "digest-2026-06-30.md",
    ]
    assert file.document is not None
    assert file.document.content.decode() == report.content


async def test_a_question_back_opens_a_reply_for_whoever_pressed_ask(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada <3", id=4711)
    group = bot.telegram.supergroup("Team", ada)
    await bot.says(group, ada, "/help")
    shown = bot.last(group)
    press = str(Address(how=How.PRESSED, message=shown.id, chat_type="supergroup", query="1"))
    ask = Reply(document=words("What do you want to know?"), asks=True, paper=ArxivId.parse("2606.30001"))

    await said_by_platform(bot, saying(group, ada, address=press, text="/ask 2606.30001"), ask)

    sent = next(each.call for each in reversed(bot.telegram.calls) if each.call.method == "sendMessage")
    assert sent.json("reply_markup", "") == {"force_reply": True, "selective": True}
    assert bot.last(group).text == "Ada <3: What do you want to know?"
    assert [each.user for each in bot.last(group).entities] == [4711]


async def test_rich_messages_are_sent_where_they_are_wanted_and_html_where_they_are_unknown(
    bot: TelegramBot,
) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.says(chat, ada, "/help")
    store = bot.parts.store
    await store.change_channel(f"telegram:{chat.id}", lambda known: replace(known, rich=True))
    document = Document((Heading("CombatVLA"), para("A model.")), summary="CombatVLA")

    channel = await bot.channel(f"telegram:{chat.id}")
    for key in "abc":
        bot.telegram.takes_rich = key == "a"
        async with bot.platform.turn(channel):
            await bot.platform.post(channel, document, key=key)

    rich, html, later = bot.said(chat)[-3:]
    assert rich.rich is not None
    assert html.rich is None
    assert later.text == html.text == "CombatVLA\nA model."
    assert [each.call.method for each in bot.telegram.calls].count("sendRichMessage") == 2


async def test_an_answer_to_a_chat_that_is_gone_is_an_error_of_the_chat(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.says(chat, ada, "/help")
    await bot.telegram.blocks(ada)

    with pytest.raises(ChannelGone):
        await said_by_platform(bot, saying(chat, ada), Reply(document=words("Here.")))


# Starting


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"telegram_bot_token": ""}, "@BotFather"),
        ({"telegram_bot_token": "abc"}, "is not a token"),
        ({"telegram_mode": "webhook"}, "TELEGRAM_WEBHOOK_URL"),
        ({"telegram_webhook_secret": "a b"}, "TELEGRAM_WEBHOOK_SECRET may hold letters"),
    ],
)
async def test_a_setting_that_is_missing_is_named_with_an_example(
    tmp_path: Path, settings: dict[str, Any], named: str
) -> None:
    with pytest.raises(InvalidSetting, match=named):
        async with TelegramBot(tmp_path, **settings):
            pass


@pytest.mark.parametrize("token", ["123456:AAE-another-token-of-nobody-012345", "1:x"])
async def test_a_wrong_token_ends_the_start_with_a_sentence_without_the_token(
    tmp_path: Path, token: str
) -> None:
    with pytest.raises(PlatformError, match="TELEGRAM_BOT_TOKEN") as raised:
        async with TelegramBot(tmp_path, telegram_bot_token=token):
            pass

    assert token not in str(raised.value)


async def test_another_program_that_polls_for_long_ends_this_one_with_a_sentence(tmp_path: Path) -> None:
    async def run() -> None:
        async with TelegramBot(tmp_path) as bot:
            bot.telegram.misbehave(peer.conflict(), method="getUpdates")
            ada = bot.telegram.person("Ada")
            await bot.telegram.says(bot.telegram.private(ada), ada, "/help")  # ends the poll in hand
            await asyncio.sleep(30)

    with pytest.raises(PlatformError, match="Another program polls"):
        await run()


async def test_the_whole_process_ends_by_that_and_by_being_stopped(tmp_path: Path) -> None:
    async with TelegramBot(tmp_path) as bot:
        await bot.stop()
        tasks = asyncio.all_tasks()
        app = App(bot.settings(), clock=bot.time.clock, sleep=bot.time.sleep)
        running = asyncio.create_task(app.run())
        ada = bot.telegram.person("Ada")
        chat = bot.telegram.private(ada)
        await bot.telegram.says(chat, ada, "/help")
        await bot.telegram.until(lambda: bot.said(chat), seconds=20)
        app.stop()
        await running

        def ours() -> list[asyncio.Task[Any]]:
            left = [each for each in asyncio.all_tasks() - tasks if "bot/demo" not in repr(each)]
            return [each for each in left if "/bot/" in repr(each)]

        await bot.telegram.until(lambda: not ours())  # raises if they do not end

        bot.telegram.misbehave(peer.conflict(), method="getUpdates")
        with pytest.raises(PlatformError, match="Another program polls"):
            await App(bot.settings(), clock=bot.time.clock, sleep=bot.time.sleep).run()


async def test_another_program_that_stops_polling_is_waited_for(bot: TelegramBot) -> None:
    bot.telegram.misbehave(peer.conflict(), method="getUpdates", times=3)
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)

    await bot.says(chat, ada, "/help")
    await bot.says(chat, ada, "/help")

    assert len(bot.said(chat)) == 2


async def test_a_webhook_that_could_not_be_deleted_at_the_start_is_deleted_later(bot: TelegramBot) -> None:
    await bot.stop()
    await bot.telegram.updates.push_to("http://127.0.0.1:9/", secret="", allowed=None)
    bot.telegram.misbehave(peer.broken(), method="deleteWebhook", times=2)

    await bot.start()
    ada = bot.telegram.person("Ada")
    await bot.says(bot.telegram.private(ada), ada, "/help")

    assert bot.said(bot.telegram.private(ada))


async def test_telegram_that_is_down_at_the_start_is_waited_for(tmp_path: Path) -> None:
    async with TelegramBot(tmp_path) as bot:
        await bot.stop()
        bot.telegram.misbehave(peer.drop_before(), method="getMe", times=5)
        await bot.start()
        ada = bot.telegram.person("Ada")

        await bot.says(bot.telegram.private(ada), ada, "/help")

        assert bot.said(bot.telegram.private(ada))


async def test_a_chat_that_could_not_be_asked_for_is_not_called_unknown(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    group = bot.telegram.group("Team", ada)
    for fault in (peer.drop_before(), peer.bad_gateway(), peer.busy()):
        bot.telegram.misbehave(fault, method="getChat", times=1)
        with capture_logs() as logs:
            place = await bot.platform.place_named(str(group.id))
        assert place is not None
        assert place.title == ""
        assert [each["event"] for each in logs if "chat" in each] == ["chat not looked up"]
    with capture_logs() as logs:
        await bot.platform.place_named("-1009999999999")
    assert [each["event"] for each in logs if "chat" in each] == ["chat not found"]


async def test_a_token_that_is_revoked_is_named_until_it_is_accepted_again(bot: TelegramBot) -> None:
    await bot.telegram.until(lambda: bot.platform.connected)
    assert bot.platform.refusal == ""
    ada = bot.telegram.person("Ada")
    bot.telegram.misbehave(peer.refuse(401, "Unauthorized"), method="getUpdates")
    await bot.telegram.says(bot.telegram.private(ada), ada, "/help")
    await bot.telegram.until(lambda: bool(bot.platform.refusal))
    assert "does not accept TELEGRAM_BOT_TOKEN" in bot.platform.refusal
    assert not bot.platform.connected
    bot.telegram.behave()
    await bot.telegram.says(bot.telegram.private(ada), ada, "/help")  # or its next poll would take a while
    await bot.telegram.until(lambda: not bot.platform.refusal)
    assert bot.platform.connected


async def test_the_chat_of_the_settings_gets_the_first_subscriptions(tmp_path: Path) -> None:
    settings = {"telegram_chat": "-1001234567890/77", "keywords": ("vla",)}
    async with TelegramBot(tmp_path) as bot:
        ada = bot.telegram.person("Ada")
        forum = bot.telegram.supergroup("Team", ada, forum=True, id=-1001234567890)
        bot.telegram.topic(forum, "Papers", id=77)

        await bot.restart(**settings)
        announce(bot, *PAPERS)
        await bot.next_morning()

        assert (await bot.channel("telegram:-1001234567890/77")).title == "Team"
        assert {each.topic for each in bot.said(forum)} == {77}
        assert titles(bot.said(forum)) == PAPERS


async def test_menus_are_set_by_language_and_standing_and_only_when_they_change(bot: TelegramBot) -> None:
    ada, bob = bot.telegram.person("Ada", language="zh-hans"), bot.telegram.person("Bob")
    group = bot.telegram.supergroup("Team", ada, bob)
    await bot.telegram.until(lambda: len(bot.telegram.menus) == 6)

    def offered(person: Person) -> list[str]:
        return [each["command"] for each in bot.telegram.menu(group, person)]

    assert "subscribe" in offered(ada)
    assert "explain" in offered(bob)
    assert "subscribe" not in offered(bob)

    bot.telegram.menus.clear()
    await bot.restart()
    await bot.says(bot.telegram.private(ada), ada, "/help")
    assert not bot.telegram.menus
