from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery import DeliveryReport, deliver, retry_after
from bot.locale import in_language
from digest.channel import Channel, Delivery, DeliveryState
from digest.document import Document, para
from digest.errors import (
    ChannelGone,
    ChannelMoved,
    DeliveryUnknown,
    MessageRefused,
    PlatformError,
    PlatformUnavailable,
    StoreError,
    ThreadGone,
)
from digest.ports import ChatPlatform
from storage import Store, open_store

CHANNEL = Channel(key="console:terminal", platform="wall")
DAY = date(2026, 6, 30)
PARENT, FIRST, SECOND = "parent", "first", "second"


class Killed(BaseException):
    """The process dies here."""


@dataclass
class Wall:
    """A platform whose readers see `seen`; faults are taken from the front of `faults`, one per call.

    A fault is raised instead of posting; one marked `after` is raised when the message is on the wall.
    """

    name: str = "wall"
    seen: list[tuple[str, str | None]] = field(default_factory=list)  # key, thread
    faults: list[tuple[str, BaseException] | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    recover_faults: list[BaseException] = field(default_factory=list)

    async def post(
        self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
    ) -> str:
        when, fault = (self.faults.pop(0) if self.faults else None) or ("", None)
        if fault is not None and when == "before":
            raise fault
        self.seen.append((key, thread))
        if fault is not None:
            raise fault
        return f"id of {key}"

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
        self.asked.append(key)
        if self.recover_faults:
            raise self.recover_faults.pop(0)
        return f"id of {key}" if key in [seen for seen, _ in self.seen] else None

    def parts(self, channel: Channel, document: Document, /) -> tuple[Document, ...]:
        """One message for each block, where a document has several."""
        return tuple(Document((block,)) for block in document.blocks)

    def turn(self, channel: Channel, /) -> AbstractAsyncContextManager[None]:
        return nullcontext()


class Bench:
    """A store with a digest of a parent and two replies in its outbox, a wall, and a clock."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.wall = Wall()
        self.now = datetime(2026, 6, 30, 9, 0, tzinfo=UTC)

    async def deliver(self) -> DeliveryReport:
        platform: ChatPlatform = self.wall
        return await deliver(CHANNEL, store=self.store, platform=platform, clock=lambda: self.now)

    async def states(self) -> dict[str, str]:
        return {row.key: row.state.value for row in await self.store.outbox(unsent=False)}

    def fails(self, *faults: BaseException | None) -> None:
        self.wall.faults = [None if fault is None else ("before", fault) for fault in faults]


def message(key: str, position: int, parent: str | None = None) -> Delivery:
    document = Document((para(key),))
    return Delivery(key=key, channel=CHANNEL.key, position=position, document=document, parent_key=parent)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with open_store("sqlite:///:memory:") as store:
        await store.save_channel(CHANNEL)
        messages = [message(PARENT, 0), message(FIRST, 1, PARENT), message(SECOND, 2, PARENT)]
        await store.enqueue(CHANNEL.key, DAY, deliveries=messages, papers=(), told=(), done=True)
        yield Bench(store)


async def test_a_parent_goes_out_before_its_replies_and_they_go_into_its_thread(bench: Bench) -> None:
    report = await bench.deliver()

    assert bench.wall.seen == [(PARENT, None), (FIRST, "id of parent"), (SECOND, "id of parent")]
    assert report == DeliveryReport(sent=3)
    row = await bench.store.delivery(FIRST)
    assert row is not None
    assert (row.message_id, row.attempts) == ("id of first", 1)


async def test_delivering_again_sends_nothing(bench: Bench) -> None:
    await bench.deliver()
    report = await bench.deliver()

    assert len(bench.wall.seen) == 3
    assert report == DeliveryReport()


async def test_a_message_is_sending_on_disk_before_it_is_posted(bench: Bench) -> None:
    seen: list[str] = []

    class Watching(Wall):
        async def post(
            self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
        ) -> str:
            seen.append((await bench.states())[key])
            return await super().post(channel, document, thread=thread, key=key)

    bench.wall = Watching()
    await bench.deliver()

    assert seen == ["sending"] * 3


@pytest.mark.parametrize(("when", "posts"), [("before", 1), ("after", 1)])
async def test_a_crash_in_the_middle_of_a_post_neither_loses_nor_repeats_it(
    bench: Bench, when: str, posts: int
) -> None:
    bench.wall.faults = [None, (when, Killed())]
    with pytest.raises(Killed):
        await bench.deliver()
    assert (await bench.states())[FIRST] == "sending"

    report = await bench.deliver()

    keys = [key for key, _ in bench.wall.seen]
    assert keys == [PARENT, FIRST, SECOND]
    assert keys.count(FIRST) == posts
    assert bench.wall.asked == [FIRST]
    assert (report.sent, report.adopted) == ((2, 0) if when == "before" else (1, 1))


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_answer_that_never_came_is_settled_at_once(bench: Bench, when: str) -> None:
    bench.wall.faults = [(when, DeliveryUnknown("The connection was cut."))]

    await bench.deliver()

    assert [key for key, _ in bench.wall.seen] == [PARENT, FIRST, SECOND]
    assert set((await bench.states()).values()) == {"sent"}


async def test_a_platform_that_never_answers_is_left_alone_for_a_while(bench: Bench) -> None:
    bench.fails(DeliveryUnknown("cut"), DeliveryUnknown("cut"))

    report = await bench.deliver()

    assert bench.wall.seen == []
    assert report.left == 3
    assert report.next_try == bench.now + timedelta(seconds=20)


async def test_a_message_that_cannot_be_settled_stays_ambiguous_and_holds_up_the_rest(bench: Bench) -> None:
    bench.wall.faults = [("after", DeliveryUnknown("cut"))]
    bench.wall.recover_faults = [PlatformUnavailable("busy"), DeliveryUnknown("cut")]

    await bench.deliver()
    report = await bench.deliver()

    assert (await bench.states())[PARENT] == "sending"
    assert report.left == 3
    assert (await bench.deliver()).adopted == 1
    assert [key for key, _ in bench.wall.seen] == [PARENT, FIRST, SECOND]


async def test_a_busy_platform_stops_its_channel_for_as_long_as_it_asks(bench: Bench) -> None:
    bench.fails(None, PlatformUnavailable("Slow down.", retry_after=30))

    report = await bench.deliver()
    bench.now += timedelta(seconds=29)
    too_early = await bench.deliver()
    bench.now += timedelta(seconds=1)
    last = await bench.deliver()

    assert (report.sent, report.left) == (1, 2)
    assert report.next_try == too_early.next_try == datetime(2026, 6, 30, 9, 0, 30, tzinfo=UTC)
    assert (too_early.sent, last.sent) == (0, 2)
    assert [key for key, _ in bench.wall.seen] == [PARENT, FIRST, SECOND]


async def test_a_message_that_alone_keeps_failing_is_stepped_over_and_never_given_up(bench: Bench) -> None:
    bench.fails(None, *[PlatformUnavailable("500")] * 8)

    for _ in range(7):
        await bench.deliver()
        bench.now += timedelta(hours=1)
    assert [key for key, _ in bench.wall.seen] == [PARENT]
    await bench.deliver()
    assert [key for key, _ in bench.wall.seen] == [PARENT, SECOND]
    bench.now += timedelta(hours=1)
    await bench.deliver()
    assert [key for key, _ in bench.wall.seen] == [PARENT, SECOND, FIRST]


async def test_a_refused_message_is_buried_with_the_reason_and_the_others_go_out(bench: Bench) -> None:
    bench.fails(None, MessageRefused("msg_too_long"))

    report = await bench.deliver()

    row = await bench.store.delivery(FIRST)
    assert row is not None
    assert (row.state, row.error) == (DeliveryState.DEAD, "msg_too_long")
    assert (report.sent, report.buried, report.left) == (2, 1, 0)


async def test_replies_of_a_buried_parent_go_out_unthreaded(bench: Bench) -> None:
    bench.fails(PlatformError("invalid_blocks"))

    await bench.deliver()

    assert bench.wall.seen == [(FIRST, None), (SECOND, None)]


async def test_a_gone_channel_is_paused_with_the_reason_and_nothing_is_marked_sent(bench: Bench) -> None:
    bench.fails(None, ChannelGone("Paperboy was removed from #papers."))

    report = await bench.deliver()

    channel = await bench.store.channel(CHANNEL.key)
    assert channel is not None
    assert (channel.paused, channel.paused_because) == (True, "Paperboy was removed from #papers.")
    assert await bench.states() == {PARENT: "sent", FIRST: "pending", SECOND: "pending"}
    assert report.paused_because == "Paperboy was removed from #papers."


async def test_a_channel_found_gone_while_settling_keeps_the_message_ambiguous(bench: Bench) -> None:
    bench.wall.faults = [("after", DeliveryUnknown("cut"))]
    bench.wall.recover_faults = [ChannelGone("archived")]

    await bench.deliver()

    assert await bench.states() == {PARENT: "sending", FIRST: "pending", SECOND: "pending"}


async def test_a_message_our_own_code_breaks_on_does_not_silence_the_channel(bench: Bench) -> None:
    bench.fails(None, ZeroDivisionError())

    report = await bench.deliver()

    assert [key for key, _ in bench.wall.seen] == [PARENT, SECOND]
    assert (await bench.states())[FIRST] == "sending"
    assert report.left == 1


async def test_a_store_that_fails_after_a_post_does_not_make_it_repeat(bench: Bench) -> None:
    class Full(Store):
        async def finish_delivery(self, key: str, message_id: str, /) -> None:
            raise StoreError("The disk is full.")

    store = Full(bench.store._driver)
    with pytest.raises(StoreError):
        await deliver(CHANNEL, store=store, platform=bench.wall, clock=lambda: bench.now)

    await bench.deliver()

    assert [key for key, _ in bench.wall.seen] == [PARENT, FIRST, SECOND]


async def test_each_message_waits_for_its_turn_while_none_is_in_flight(bench: Bench) -> None:
    waited: list[dict[str, str]] = []

    class Paced(Wall):
        def turn(self, channel: Channel, /) -> AbstractAsyncContextManager[None]:
            return taken()

    @asynccontextmanager
    async def taken() -> AsyncIterator[None]:
        waited.append(await bench.states())
        yield

    bench.wall = Paced()
    await bench.deliver()

    assert len(waited) == 3
    assert all("sending" not in states.values() for states in waited)


async def test_a_message_that_is_too_long_goes_out_in_parts_in_one_thread(bench: Bench) -> None:
    long = Delivery(
        key="long",
        channel=CHANNEL.key,
        position=3,
        document=Document((para("one"), para("two"), para("three"))),
    )
    reply = message("reply", 4, "long")
    await bench.store.enqueue(CHANNEL.key, DAY, deliveries=[long, reply], papers=(), told=(), done=True)

    await bench.deliver()

    assert bench.wall.seen[3:] == [
        ("long", None),
        ("long~02", "id of long"),
        ("long~03", "id of long"),
        ("reply", "id of long"),
    ]


async def test_a_message_that_was_tried_is_never_split(bench: Bench) -> None:
    await bench.store.begin_delivery(PARENT, at=bench.now)

    assert not await bench.store.split_delivery(PARENT, [Document(()), Document(())])


async def test_a_channel_that_moved_is_followed_with_all_that_belongs_to_it(bench: Bench) -> None:
    await bench.store.add_subscription(CHANNEL.key, "vla", by="ada", at=bench.now)
    bench.fails(None, ChannelMoved("It is a supergroup now.", to="wall:new"))
    await bench.deliver()

    moved = await bench.store.channel("wall:new")
    assert moved is not None
    report = await deliver(moved, store=bench.store, platform=bench.wall, clock=lambda: bench.now)

    assert await bench.store.channel(CHANNEL.key) is None
    assert [each.query for each in await bench.store.subscriptions("wall:new")] == ["vla"]
    assert [key for key, _ in bench.wall.seen] == [PARENT, FIRST, SECOND]
    assert report.sent == 2


async def test_a_channel_that_moved_to_where_another_is_stops_and_says_why(bench: Bench) -> None:
    await bench.store.save_channel(Channel(key="wall:new", platform="wall"))
    bench.fails(ChannelMoved("It is a supergroup now.", to="wall:new"))

    report = await bench.deliver()

    left = await bench.store.channel(CHANNEL.key)
    assert left is not None
    assert left.paused
    assert left.paused_because == report.paused_because
    assert "moved to wall:new" in left.paused_because
    assert "已迁移到 wall:new" in in_language("zh-CN").error(left.paused_because)
    assert set((await bench.states()).values()) == {"pending"}


async def test_a_channel_that_was_followed_by_somebody_else_meanwhile_goes_on(bench: Bench) -> None:
    await bench.store.rename_channel(CHANNEL.key, "wall:new")
    await bench.store.enqueue(
        CHANNEL.key, DAY, deliveries=[message("late", 9)], papers=(), told=(), done=True
    )
    bench.fails(ChannelMoved("It is a supergroup now.", to="wall:new"))

    report = await bench.deliver()

    moved = await bench.store.channel("wall:new")
    assert moved is not None
    assert (moved.paused, report.paused_because) == (False, "")


async def test_a_reply_whose_thread_is_gone_goes_out_without_it(bench: Bench) -> None:
    bench.fails(None, ThreadGone("The thread was deleted."))

    report = await bench.deliver()

    assert bench.wall.seen == [(PARENT, None), (FIRST, None), (SECOND, None)]
    assert report == DeliveryReport(sent=3)


async def test_a_reply_whose_parent_is_of_an_earlier_digest_goes_into_its_thread(bench: Bench) -> None:
    await bench.deliver()
    later = [replace(message("revision", 3, FIRST))]
    await bench.store.enqueue(
        CHANNEL.key, DAY + timedelta(days=1), deliveries=later, papers=(), told=(), done=True
    )

    await bench.deliver()

    assert bench.wall.seen[-1] == ("revision", "id of first")


def test_the_wait_doubles_up_to_an_hour_unless_the_platform_says() -> None:
    waits = [retry_after(attempts).total_seconds() for attempts in (1, 2, 3, 9, 10, 1000)]

    assert waits == [10, 20, 40, 2560, 3600, 3600]
    assert retry_after(9, asked=7).total_seconds() == 7


FAULTS = st.one_of(
    st.none(),
    st.tuples(st.just("before"), st.builds(PlatformUnavailable, st.just("busy"))),
    st.tuples(st.sampled_from(["before", "after"]), st.builds(DeliveryUnknown, st.just("cut"))),
    st.tuples(st.sampled_from(["before", "after"]), st.builds(Killed)),
)


@settings(max_examples=25, deadline=None)
@given(faults=st.lists(FAULTS, max_size=14), unsettled=st.integers(0, 3))
async def test_whatever_fails_every_message_is_seen_once_and_in_order(
    faults: list[tuple[str, BaseException] | None], unsettled: int
) -> None:
    async with open_store("sqlite:///:memory:") as store:
        bench = Bench(store)
        messages = [message(PARENT, 0), *(message(f"reply {n}", n, PARENT) for n in range(1, 5))]
        await store.enqueue(CHANNEL.key, DAY, deliveries=messages, papers=(), told=(), done=True)
        bench.wall.faults = list(faults)
        bench.wall.recover_faults = [DeliveryUnknown("cut") for _ in range(unsettled)]
        for _ in range(40):
            try:
                await bench.deliver()
            except Killed:
                continue
            bench.now += timedelta(hours=2)
        await bench.deliver()

        assert sorted(key for key, _ in bench.wall.seen) == sorted(each.key for each in messages)
        assert bench.wall.seen[0][0] == PARENT
        assert all(thread == "id of parent" for _, thread in bench.wall.seen[1:])
        assert set((await bench.states()).values()) == {"sent"}
