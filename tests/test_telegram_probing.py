"""Finding a Telegram message that may have arrived, among those of others and of other chats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.demo.telegram_model import Chat, Message
from bot.platforms.telegram.probing import MOST, NOTHING_FOLLOWS, Found, search, top
from digest.channel import Channel, Delivery, DeliveryState
from digest.document import Button, Buttons, Document, para
from tests.peers import telegram as peer
from tests.telegram_bot import TUESDAY, TelegramBot

Ids = st.lists(st.sampled_from([Found.FOREIGN, Found.ANOTHER, Found.NOTHING]), max_size=60)


class Stretches:
    """What stands at each id of a chat; what is beyond is nothing."""

    def __init__(self, *stretches: tuple[Found, int]) -> None:
        self.ids = [found for found, count in stretches for _ in range(count)]
        self.probed: list[int] = []

    async def probe(self, number: int) -> Found:
        self.probed.append(number)
        return self.ids[number] if number < len(self.ids) else Found.NOTHING

    async def find(
        self, *, after: int, newest: int = 0, known: Callable[[int], bool] = lambda _: False
    ) -> int | None:
        async def is_known(number: int) -> bool:
            return known(number)

        return await search(self.probe, after=after, newest=lambda: newest, known=is_known)


@given(before=Ids, between=Ids, after=Ids)
@example(before=[], between=[], after=[])
def test_a_message_above_the_floor_is_found_where_messages_stand_close(
    before: list[Found], between: list[Found], after: list[Found]
) -> None:
    gap = max(
        (len(run) for run in "".join("." if each is Found.NOTHING else "x" for each in between).split("x")),
        default=0,
    )
    before = [Found.NOTHING, *before]  # ids count from 1
    chat = Stretches()
    chat.ids = [*before, *between, Found.OURS, *after]
    place = len(before) + len(between)

    found = asyncio.run(chat.find(after=len(before) - 1))

    assert found == (place if gap < NOTHING_FOLLOWS else None)
    assert len(chat.probed) <= MOST


@given(before=Ids, after=Ids)
def test_a_message_that_did_not_arrive_is_not_found(before: list[Found], after: list[Found]) -> None:
    before = [Found.NOTHING, *before]
    chat = Stretches()
    chat.ids = [*before, *after]

    assert asyncio.run(chat.find(after=len(before) - 1)) is None
    assert len(chat.probed) <= len(after) + NOTHING_FOLLOWS


async def test_gaps_below_the_newest_known_id_do_not_end_the_search() -> None:
    # Private chats share their numbers, so the messages of others are gaps here.
    chat = Stretches((Found.NOTHING, 120), (Found.OURS, 1))

    assert await chat.find(after=10, newest=100) == 120


async def test_a_message_deep_in_a_busy_chat_is_found_from_the_top() -> None:
    chat = Stretches((Found.FOREIGN, 5_000), (Found.OURS, 1), (Found.FOREIGN, 40))

    assert await chat.find(after=100, newest=5_030) == 5_000
    assert len(chat.probed) <= MOST


async def test_a_message_tried_days_ago_is_found_from_the_bottom() -> None:
    chat = Stretches((Found.FOREIGN, 110), (Found.OURS, 1), (Found.FOREIGN, 5_000))

    assert await chat.find(after=100, newest=5_100) == 110
    assert len(chat.probed) == 10


async def test_ids_that_are_known_are_not_touched() -> None:
    chat = Stretches((Found.FOREIGN, 50), (Found.OURS, 1))

    assert await chat.find(after=10, known=lambda number: number < 45) == 50
    assert chat.probed == [45, 46, 47, 48, 49, 50]


async def test_a_search_ends_where_nothing_can_be_concluded() -> None:
    chat = Stretches((Found.FOREIGN, 100_000))

    assert await chat.find(after=1, newest=99_999) is None
    assert len(chat.probed) == MOST


@given(newest=st.integers(1, 2**23), above=st.sampled_from([0, 77]), deleted=st.sampled_from([2, 3, 7]))
def test_the_top_of_a_chat_of_which_nothing_is_known_is_found_in_few_probes(
    newest: int, above: int, deleted: int
) -> None:
    probed = 0

    async def probe(number: int) -> Found:
        nonlocal probed
        probed += 1
        return Found.NOTHING if number > above + newest or not number % deleted else Found.FOREIGN

    found = asyncio.run(top(probe, above=above))

    assert above + newest - 6 <= found <= above + newest
    assert probed <= 150


# On the loopback Telegram


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[TelegramBot]:
    async with TelegramBot(tmp_path, foreign=0.3, seed=7) as bot:
        yield bot


async def outbox(bot: TelegramBot, chat: Chat, count: int, *, topic: int = 0) -> list[Delivery]:
    """Messages that wait for a chat, each with a button that only it has."""
    key = f"telegram:{chat.id}/{topic}" if topic else f"telegram:{chat.id}"
    channel = Channel(
        key=key, platform="telegram", title=chat.title, next_run_at=bot.time.now + timedelta(days=9)
    )
    await bot.parts.store.save_channel(channel)
    parent = Delivery(key=f"{key}/parent", channel=key, position=0, document=told("Parent", key))
    replies = [
        Delivery(
            key=f"{key}/paper/{n:02}",
            channel=key,
            position=n,
            document=told(f"Reply {n:02}", f"{key} {n}"),
            parent_key=parent.key,
        )
        for n in range(1, count)
    ]
    rows = [parent, *replies]
    await bot.parts.store.enqueue(key, TUESDAY, deliveries=rows, papers=(), told=(), done=True)
    return rows


def told(text: str, about: str) -> Document:
    return Document((para(text), Buttons((Button("Explain", f"explain {about}" * 3),))), summary=text)


async def delivered(bot: TelegramBot) -> None:
    for _ in range(60):
        await bot.reconcile.tick()
        await bot.engine.idle()
        if not await bot.parts.store.outbox():
            return
        bot.time.now += timedelta(minutes=5)


def texts(messages: tuple[Message, ...]) -> list[str]:
    return [each.text for each in messages]


def chats(bot: TelegramBot) -> list[tuple[Chat, int]]:
    ada = bot.telegram.person("Ada")
    bob = bot.telegram.person("Bob")
    forum = bot.telegram.supergroup("Forum", ada, forum=True)
    topic, other = (bot.telegram.topic(forum, name) for name in ("Papers", "Robots"))
    return [
        (bot.telegram.private(ada), 0),
        (bot.telegram.private(bob), 0),
        (bot.telegram.group("Lab", ada), 0),
        (bot.telegram.supergroup("Team", ada), 0),
        (bot.telegram.channel("Papers", ada), 0),
        (forum, topic),
        (forum, other),
    ]


async def test_answers_that_are_lost_in_every_kind_of_chat_double_and_lose_nothing(bot: TelegramBot) -> None:
    places = chats(bot)
    rows = {
        place[0].id * 1000 + place[1]: await outbox(bot, *place[:1], 8, topic=place[1]) for place in places
    }
    faults = {"drop after": peer.drop_after(), "cut JSON": peer.cut_after(), "500 after": peer.broken_after()}
    bot.telegram.mix(0.3, seed=3, faults=faults)

    await delivered(bot)

    for chat, topic in places:
        expected = [each.document.summary for each in rows[chat.id * 1000 + topic]]
        shown = bot.telegram.from_bot(chat)
        assert texts(tuple(each for each in shown if each.topic == topic)) == expected
    assert bot.telegram.faults_made
    assert bot.platform.counts.adopted == len(bot.telegram.faults_made)
    assert bot.platform.counts.missing == 0


@pytest.mark.parametrize("in_topic", [False, True])
async def test_the_first_message_to_an_old_chat_is_found_though_nothing_is_known_of_the_chat(
    bot: TelegramBot, in_topic: bool
) -> None:
    chat = bot.telegram.supergroup("Team", bot.telegram.person("Ada"), forum=in_topic)
    topic = bot.telegram.topic(chat, "Papers") if in_topic else 0
    bot.telegram.foreign(chat, 5_000)
    for each in bot.telegram.messages(chat):  # an administrator sees what others say
        bot.telegram.keep(replace(each, hidden=False))
    await bot.platform.stop_listening()
    await outbox(bot, chat, 3, topic=topic)
    bot.telegram.misbehave(peer.drop_after(), times=1)

    await delivered(bot)

    assert texts(bot.telegram.from_bot(chat)) == ["Parent", "Reply 01", "Reply 02"]
    assert bot.platform.counts.adopted == 1


async def test_faults_of_all_kinds_double_and_lose_nothing(bot: TelegramBot) -> None:
    places = chats(bot)
    for chat, topic in places:
        await outbox(bot, chat, 8, topic=topic)
    bot.telegram.mix(0.3, seed=11)

    await delivered(bot)

    for chat, topic in places:
        shown = [each for each in bot.telegram.from_bot(chat) if each.topic == topic]
        assert sorted(texts(tuple(shown))) == ["Parent", *(f"Reply {n:02}" for n in range(1, 8))]
    assert await bot.parts.store.outbox() == ()


@pytest.mark.parametrize("arrived", [True, False])
async def test_after_a_kill_a_message_in_flight_is_adopted_or_sent_once(
    tmp_path: Path, arrived: bool
) -> None:
    async with TelegramBot(tmp_path, foreign=0.3, seed=5) as bot:
        ada = bot.telegram.person("Ada")
        chat = bot.telegram.supergroup("Team", ada)
        bot.telegram.foreign(chat, 200)
        await bot.says(chat, ada, "/somethingelse@paperboy_bot")
        answers = len(bot.said(chat))
        rows = await outbox(bot, chat, 5)
        bot.telegram.misbehave(peer.stall(60) if arrived else stalled_before(), method="sendMessage", times=1)
        unit = asyncio.create_task(bot.reconcile.deliver(f"telegram:{chat.id}"))
        await bot.telegram.until(lambda: len(bot.said(chat)) > answers or not arrived)
        await asyncio.sleep(0.2)
        unit.cancel()
        await asyncio.wait([unit])
        killed = await bot.parts.store.delivery(rows[0].key)

        await bot.restart()
        bot.time.now += timedelta(seconds=30)
        await delivered(bot)

        assert killed is not None
        assert killed.state is DeliveryState.SENDING
        assert texts(bot.said(chat)[answers:]) == [each.document.summary for each in rows]


def stalled_before() -> peer.Fault:
    """Nothing happens, and nothing is answered."""

    async def fault(exchange: peer.Exchange) -> object:
        await asyncio.sleep(60)
        raise AssertionError("unreachable")

    return fault  # type: ignore[return-value]


async def test_what_a_restored_backup_does_not_know_was_sent_is_found(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.supergroup("Team", ada)
    bot.telegram.foreign(chat, 200)
    await bot.says(chat, ada, "/help")
    rows = await outbox(bot, chat, 1)
    await bot.stop()
    backup = (bot.folder / "paperboy.db").read_bytes()
    await bot.start()
    await delivered(bot)
    sent = bot.last(chat)
    await bot.stop()
    (bot.folder / "paperboy.db").write_bytes(backup)
    bot.time.now += timedelta(hours=1)

    await bot.start()
    channel = await bot.channel(f"telegram:{chat.id}")
    found = await bot.platform.recover(channel, rows[0].document, key=rows[0].key)

    assert found == str(sent.id)


async def test_probing_leaves_every_message_with_its_own_buttons(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await outbox(bot, chat, 6)
    await delivered(bot)
    before = {each.id: each.keyboard for each in bot.said(chat)}
    await bot.restart()

    # A message that never arrived, looked for from the first id on.
    channel = await bot.channel(f"telegram:{chat.id}")
    found = await bot.platform.recover(channel, told("Lost", "nothing"), key="lost")

    assert found is None
    assert {each.id: each.keyboard for each in bot.said(chat)} == before


async def test_an_old_answer_that_a_probe_hits_keeps_no_wrong_button(bot: TelegramBot) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.says(chat, ada, "/subscribe vla")
    await bot.restart()

    channel = await bot.channel(f"telegram:{chat.id}")
    await bot.platform.recover(channel, told("Lost", "nothing"), key="lost")

    assert bot.last(chat).labels() == ("☰",)


async def test_probes_are_paced_and_are_no_messages(bot: TelegramBot) -> None:
    chat = bot.telegram.supergroup("Team", bot.telegram.person("Ada"))
    await outbox(bot, chat, 3)
    await delivered(bot)
    begun = bot.time.now

    channel = await bot.channel(f"telegram:{chat.id}")
    await bot.platform.recover(channel, told("Lost", "nothing"), key="lost")

    probes = [each.call.at for each in bot.telegram.calls if each.call.method == "editMessageReplyMarkup"]
    windows = [[other for other in probes if 0 <= (other - each).total_seconds() < 1] for each in probes]
    assert max(map(len, windows)) <= 20
    assert bot.time.now - begun < timedelta(seconds=6)
    assert bot.telegram.refusals == []


async def test_a_chat_that_asks_to_wait_leaves_a_message_unknown_rather_than_doubled(
    bot: TelegramBot,
) -> None:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    rows = await outbox(bot, chat, 2)
    bot.telegram.misbehave(peer.drop_after(), method="sendMessage", times=1)
    bot.telegram.misbehave(peer.busy(5), method="editMessageReplyMarkup", times=1)

    await delivered(bot)

    assert texts(bot.said(chat)) == [each.document.summary for each in rows]
