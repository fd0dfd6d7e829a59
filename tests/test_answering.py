"""What is said is kept, answered once, in order, and by people who may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot import demo
from bot.answering import ANSWER, PATIENCE, TRIES, Answering, Hear, Place
from bot.commands import Reply
from bot.engine.local import LocalEngine
from bot.new_channel import NewChannel
from bot.platforms.terminal import render_lines
from digest.channel import Channel, Who
from digest.document import Document
from digest.errors import ChannelMoved, DeliveryUnknown, PaperboyError, PlatformUnavailable
from digest.people import Incoming
from tests.bot_under_test import BotUnderTest
from tests.peers.arxiv import new

ROOM = "room:R1"


@dataclass
class Room:
    """A chat platform whose people see `seen`: text, key and whether it might have been there already."""

    name: str = "room"
    seen: list[tuple[str, str, bool]] = field(default_factory=list)
    faults: list[PaperboyError] = field(default_factory=list)
    standings: dict[str, Who] = field(default_factory=dict)
    private: bool = False
    slow_until: asyncio.Event | None = None

    async def start(self, hear: Hear, /) -> None: ...

    async def reply(
        self,
        channel: Channel,
        incoming: Incoming,
        reply: Reply,
        /,
        *,
        key: str,
        first: str | None,
        again: bool,
    ) -> str | None:
        if self.faults:
            raise self.faults.pop(0)
        self.seen.append((" ".join(render_lines(reply.document, 200, color=False)), key, again))
        return f"m{len(self.seen)}"

    async def first_place(self) -> Place | None:
        return None

    async def place(self, incoming: Incoming, /) -> Place:
        return Place(key=incoming.channel, title="#room", private=self.private, timezone="Asia/Kathmandu")

    async def standing(self, channel: Channel, person: str, /) -> Who:
        return self.standings.get(person, Who.MEMBERS)

    async def listening(self, incoming: Incoming, /) -> None:
        if self.slow_until is not None:
            await self.slow_until.wait()

    async def stop_listening(self) -> None: ...

    async def close(self) -> None: ...

    async def post(
        self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
    ) -> str:
        self.seen.append((document.summary, key, False))
        return f"m{len(self.seen)}"

    async def recover(
        self,
        channel: Channel,
        document: Document,
        /,
        *,
        thread: str | None = None,
        key: str,
        since: datetime | None = None,
    ) -> str | None:
        return None

    def parts(self, channel: Channel, document: Document, /) -> tuple[Document, ...]:
        return (document,)

    def turn(self, channel: Channel, /) -> AbstractAsyncContextManager[None]:
        return nullcontext()


class House:
    """A whole bot with one room."""

    def __init__(self, bot: BotUnderTest) -> None:
        self.bot = bot
        self.room = Room()
        self.store = bot.parts.store
        self.engine = LocalEngine(clock=bot.time.clock)
        self.answering = self._answering()

    def _answering(self) -> Answering:
        return Answering(
            store=self.store,
            desk=self.bot.parts.desk(start_digest=self.bot.reconcile.start_digest),
            platforms={"room": self.room},
            new_channel=NewChannel(self.store, self.bot.parts.settings, self.bot.time.clock),
            engine=self.engine,
            sleep=self.bot.time.sleep,
            after=self.bot.reconcile.tick,
        )

    async def start(self) -> None:
        await self.engine.start({ANSWER: self.answering.answer})

    async def says(self, text: str, *, number: int = 1, by: str = "ada", **more: str) -> bool:
        incoming = Incoming(
            id=f"room:{number}",
            channel=ROOM,
            person=f"room:{by}",
            name=by.title(),
            text=text,
            received_at=self.bot.time.now,
            **more,
        )
        return await self.answering.hear(incoming)

    async def hears(self, text: str, **more: object) -> list[str]:
        await self.says(text, **more)  # type: ignore[arg-type]
        await self.engine.idle()
        return [seen for seen, _, _ in self.room.seen]


_PDF = Path(demo.__file__).parent / "data" / "acl_2020.acl-main.447.pdf"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with BotUnderTest(tmp_path) as bot:
        made = House(bot)
        await made.start()
        yield made
        await made.engine.stop(1.0)


async def test_what_a_platform_delivers_twice_is_answered_once(house: House) -> None:
    assert await house.says("/subscribe vla")
    assert not await house.says("/subscribe vla")
    await house.engine.idle()
    assert not await house.says("/subscribe vla")
    await house.engine.idle()

    assert len(house.room.seen) == 1
    assert [each.query for each in await house.store.subscriptions(ROOM)] == ["vla"]


async def test_what_was_kept_before_a_crash_is_answered_after_it(house: House) -> None:
    await house.engine.stop(0.0)
    await house.says("/subscribe vla")
    assert house.room.seen == []

    await house.start()
    await house.answering.take_up()
    await house.engine.idle()

    assert len(house.room.seen) == 1
    assert await house.store.unanswered() == ()


async def test_an_answer_begun_before_a_crash_may_be_there_already(house: House) -> None:
    await house.engine.stop(0.0)
    await house.says("/help")
    await house.store.begin_answer("room:1")
    await house.start()
    await house.answering.take_up()
    await house.engine.idle()

    assert [(key, again) for _, key, again in house.room.seen] == [("room:1/0", True)]


async def test_an_explanation_is_found_again_under_its_keys_though_its_paper_is_known_by_then(
    house: House,
) -> None:
    house.bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    house.bot.arxiv.add_pdf("2606.30001", _PDF.read_bytes())
    await house.hears("/explain 2606.30001")
    first = {key for _, key, _ in house.room.seen}
    house.room.seen.clear()
    await house.store.accept(replace(await _said(house), id="room:2"))
    await house.store.begin_answer("room:2")  # and killed before it was noted

    await house.answering.take_up()
    await house.engine.idle()

    again = {key.replace("room:2", "room:1") for _, key, _ in house.room.seen}
    assert again == first - {"room:1/passing-1"}
    assert len(again) > 1


async def _said(house: House) -> Incoming:
    return Incoming(
        id="room:1",
        channel=ROOM,
        person="room:ada",
        name="Ada",
        text="/explain 2606.30001",
        received_at=house.bot.time.now,
    )


async def test_what_kills_the_process_each_time_is_given_up_with_a_word(house: House) -> None:
    await house.engine.stop(0.0)
    await house.says("/help")
    for _ in range(TRIES):
        await house.store.begin_answer("room:1")
    await house.start()
    await house.answering.take_up()
    await house.engine.idle()

    assert [seen for seen, _, _ in house.room.seen] == ["That could not be answered; please say it again."]
    assert await house.store.unanswered() == ()


async def outlasts(house: House, outage: timedelta) -> None:
    """Nothing is taken until an outage is over, and then all is."""
    over = house.bot.time.now + outage
    while house.bot.time.now < over:
        house.room.faults = [PlatformUnavailable("down")] * 99
        await house.answering.take_up()
        await house.engine.idle()
        house.bot.time.now += timedelta(minutes=5)
    house.room.faults = []
    house.bot.time.now += timedelta(hours=1)
    await house.answering.take_up()
    await house.engine.idle()


async def test_what_was_done_in_an_outage_is_answered_after_it(house: House) -> None:
    await house.engine.stop(0.0)
    await house.says("/subscribe vla")
    await house.start()

    await outlasts(house, timedelta(hours=12))

    [(seen, key, again)] = house.room.seen
    assert "Subscribed, #1" in seen
    assert (key, again) == ("room:1/0", True)
    assert await house.store.unanswered() == ()


async def test_what_was_done_in_an_outage_and_undone_since_is_not_done_again(house: House) -> None:
    house.room.faults = [PlatformUnavailable("down")] * PATIENCE
    await house.says("/subscribe vla")
    await house.engine.idle()
    await house.says("/unsubscribe vla", number=2)
    await house.engine.idle()

    await outlasts(house, timedelta(0))

    assert [key for _, key, _ in house.room.seen] == ["room:2/0", "room:1/0"]
    assert await house.store.subscriptions(ROOM) == ()


async def test_after_a_day_of_outage_nothing_is_answered_any_more(house: House) -> None:
    await house.says("/help", number=1)
    await house.engine.idle()
    house.room.seen.clear()

    house.room.faults = [PlatformUnavailable("down")] * 99
    await house.says("/help", number=2)
    await outlasts(house, timedelta(hours=26))

    assert house.room.seen == []
    assert await house.store.unanswered() == ()


async def test_an_answer_is_given_up_where_its_group_moved_to_one_that_is_known_by_itself(
    house: House,
) -> None:
    await house.hears("/help")
    await house.store.save_channel(Channel(key="room:R2", platform="room"))
    house.room.faults = [ChannelMoved("It is a supergroup now.", to="room:R2")]

    await house.hears("/help", number=2)

    assert await house.store.unanswered() == ()


async def test_quick_commands_are_answered_in_order_and_slow_ones_hold_up_nobody(house: House) -> None:
    house.room.slow_until = asyncio.Event()
    for number in range(6):
        await house.says("/explain 1911.02782", number=number)
    for number in range(10, 20):
        await house.says(f"/subscribe topic{number}", number=number)
    while len(house.room.seen) < 10:
        await asyncio.sleep(0.001)

    told = [key for _, key, _ in house.room.seen]
    house.room.slow_until.set()
    await house.engine.idle()

    assert told == [f"room:{number}/0" for number in range(10, 20)]


async def test_a_busy_platform_is_waited_for_as_long_as_it_asks(house: House) -> None:
    house.room.faults = [PlatformUnavailable("busy", retry_after=17.0)]
    before = house.bot.time.now

    await house.hears("/help")

    assert len(house.room.seen) == 1
    assert (house.bot.time.now - before).total_seconds() == 17.0


async def test_a_reply_that_may_have_arrived_is_looked_for_before_it_is_said_again(house: House) -> None:
    house.room.faults = [DeliveryUnknown("cut off")]

    await house.hears("/help")

    assert [again for _, _, again in house.room.seen] == [True]


async def test_a_group_that_moved_is_answered_where_it_is_now(house: House) -> None:
    await house.hears("/subscribe vla")
    house.room.faults = [ChannelMoved("It is a supergroup now.", to="room:R2")]
    house.room.seen.clear()
    await house.says("/subscriptions", number=2)
    await house.engine.idle()
    house.bot.time.now = datetime(2026, 6, 30, 14, tzinfo=UTC)

    await house.answering.take_up()
    await house.engine.idle()

    assert [each.query for each in await house.store.subscriptions("room:R2")] == ["vla"]
    assert await house.store.unanswered() == ()
    assert "vla" in house.room.seen[-1][0]


async def test_a_new_channel_has_the_settings_defaults_and_its_own_time_zone(house: House) -> None:
    await house.hears("/help")

    made = await house.store.channel(ROOM)
    assert made is not None
    assert (made.title, made.platform, made.created_by) == ("#room", "room", "room:ada")
    assert made.categories == ("cs.CV", "cs.RO")
    assert made.timezone == "UTC", "TIMEZONE is set, so it goes before the person's own"
    assert made.next_run_at is not None
    assert made.next_run_at > house.bot.time.now


async def test_a_channel_where_nobody_subscribed_gets_no_digest(house: House) -> None:
    house.bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    house.bot.reconcile._platforms = {"room": house.room}
    await house.hears("/help")
    house.room.seen.clear()

    await house.bot.next_morning()
    assert house.room.seen == []
    await house.hears("/subscribe vla", number=2)
    house.room.seen.clear()
    thursday = date(2026, 7, 2)
    house.bot.arxiv.announce("cs.CV", new("2607.00001", "Event-VLA", day=thursday), day=thursday)
    await house.bot.next_morning()

    assert len(house.room.seen) == 2, "a digest and its paper"


async def test_who_may_not_change_a_channel_is_told_who_may(house: House) -> None:
    await house.hears("/help")
    await house.store.change_channel(ROOM, lambda known: replace(known, changes_by=Who.ADMINS))
    house.room.standings = {"room:bo": Who.ADMINS}

    refused = (await house.hears("/subscribe vla", number=2))[-1]
    looked = (await house.hears("/subscriptions", number=3))[-1]
    done = (await house.hears("/subscribe vla", number=4, by="bo"))[-1]

    assert "Only its administrators can change" in refused
    assert "No subscriptions yet" in looked
    assert "Subscribed" in done


async def test_a_plain_sentence_under_a_papers_message_is_a_question_about_it(house: House) -> None:
    house.bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA", abstract="The dataset has nine tasks."))
    house.bot.arxiv.announce("cs.CV", new("2606.30002", "Other-VLA", abstract="The dataset has two tasks."))
    await house.bot.parts.daily.fetch(["cs.CV"])
    await house.hears("/help")
    await house.store.note_message(ROOM, "m50", paper="2606.30001v1", at=house.bot.time.now)

    answered = (await house.hears("How many tasks has the dataset?", number=2, about="m50"))[-1]

    assert "nine tasks" in answered
