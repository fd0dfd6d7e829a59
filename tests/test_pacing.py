"""The pacer on virtual time, against a strict server that counts on its own."""

from __future__ import annotations

import asyncio
import itertools
import random
import selectors
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pacing import DRIFT, Limits, Pacer, Window, slack_limits, telegram_limits

T = TypeVar("T")

SECOND = Window(count=1, seconds=1)
ONE_A_SECOND = Limits(of=lambda key, kind: (SECOND,))
UNLIMITED = Limits(of=lambda key, kind: ())


class Leap(selectors.DefaultSelector):
    """Where a loop would wait for its next timer, time leaps there."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        assert timeout is not None, "every task waits for ever"
        self.now += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._leap = Leap()
        super().__init__(self._leap)

    def time(self) -> float:
        return self._leap.now


def virtually(story: Coroutine[Any, Any, T]) -> T:
    """Run a story from second 0 of a time that passes only while everybody sleeps."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(story)


def now() -> float:
    return asyncio.get_running_loop().time()


def paced(limits: Limits) -> Pacer:
    return Pacer(limits, clock=now, sleep=asyncio.sleep)


Rule = tuple[int, float]  # so many messages in any so many seconds


@dataclass
class StrictServer:
    """Refuses what is over a rule at the moment it arrives, by a clock that may run at another `rate`."""

    channel: Sequence[Rule] = ()
    overall: Sequence[Rule] = ()
    rate: float = 1.0
    refused: int = 0
    arrived: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def post(self, channel: str, *, there: float = 0.0, back: float = 0.0) -> None:
        await asyncio.sleep(there)
        self.arrives(channel, now() * self.rate)
        await asyncio.sleep(back)

    def arrives(self, channel: str, at: float) -> None:
        counted = ((self.arrived[channel], self.channel), (self.arrived["overall"], self.overall))
        over = [
            rule
            for times, rules in counted
            for rule in rules
            if len(times) - bisect_left(times, at - rule[1]) >= rule[0]
        ]
        self.refused += bool(over)
        for times, _ in counted:
            times.append(at)


PRIVATE: Sequence[Rule] = [(1, 1)]
GROUP: Sequence[Rule] = [(1, 1), (20, 60)]
THIRTY: Sequence[Rule] = [(30, 1)]

# Name, our limits, kind of chat, the server's rules, channels, messages for each, and the seconds they take
# at least: one a second in a channel; in a group 24 whole minutes and 20 more; overall 16 times 30, and 20.
MORNINGS: Sequence[tuple[str, Limits, str, Sequence[Rule], Sequence[Rule], int, int, float]] = [
    ("Slack, 1 channel", slack_limits(), "channel", PRIVATE, [], 1, 500, 499),
    ("Slack, 100 channels", slack_limits(), "channel", PRIVATE, [], 100, 5, 4),
    ("Telegram, 1 group", telegram_limits(), "group", GROUP, THIRTY, 1, 500, 24 * 60 + 19),
    ("Telegram, 1 private chat", telegram_limits(), "private", PRIVATE, THIRTY, 1, 500, 499),
    ("Telegram, 100 groups", telegram_limits(), "group", GROUP, THIRTY, 100, 5, 16),
    ("Telegram, 100 private chats", telegram_limits(), "private", PRIVATE, THIRTY, 100, 5, 16),
]


async def morning(
    limits: Limits, kind: str, server: StrictServer, channels: int, each: int, latency: Callable[[], float]
) -> None:
    """All channels get their messages, all of them asked for at once."""
    pacer = paced(limits)

    async def message(channel: str) -> None:
        async with pacer.turn(channel, kind=kind):
            await server.post(channel, there=latency(), back=latency())

    async with asyncio.TaskGroup() as group:
        for channel in range(channels):
            for _ in range(each):
                group.create_task(message(str(channel)))


def figures() -> list[dict[str, Any]]:
    """Print and return what a morning of 500 messages takes, beside the least that a strict server allows."""
    rows = []
    for longest in (0.0, 0.02):
        for name, limits, kind, rules, overall, channels, each, bound in MORNINGS:
            server, chance = StrictServer(rules, overall), random.Random(7)
            latency = lambda chance=chance, longest=longest: chance.uniform(0, longest)  # noqa: E731
            virtually(morning(limits, kind, server, channels, each, latency))
            times = server.arrived["overall"]
            row = {
                "morning": name,
                "round_trip_ms": f"0-{2000 * longest:.0f}",
                "messages": len(times),
                "bound_s": bound,
                "makespan_s": round(times[-1], 2),
                "ratio": round(times[-1] / bound, 4),
                "refused": server.refused,
            }
            print(*(f"{key} {value}" for key, value in row.items()), sep=" · ")
            rows.append(row)
    return rows


def test_a_morning_of_500_messages_takes_hardly_longer_than_a_strict_server_asks_for() -> None:
    rows = figures()

    assert len(rows) == 2 * len(MORNINGS)
    for row in rows:
        assert row["messages"] == 500, row
        assert row["refused"] == 0, row
        assert 1 <= row["ratio"] <= 1.05, row


def test_the_same_server_refuses_messages_that_are_spaced_by_their_starts() -> None:
    async def story() -> StrictServer:
        server, chance = StrictServer(PRIVATE), random.Random(7)
        async with asyncio.TaskGroup() as group:
            for _ in range(100):
                group.create_task(server.post("a", there=chance.uniform(0, 0.1)))
                await asyncio.sleep(DRIFT)
        return server

    assert virtually(story()).refused > 20


def test_the_same_server_refuses_a_leaky_bucket_of_20_a_minute() -> None:
    server = StrictServer([(20, 60)])
    for at in [0.0] * 20 + [3.0 * n for n in range(1, 20)]:  # a full bucket, then what it lets through
        server.arrives("group", at)

    assert server.refused == 19


@dataclass(frozen=True)
class Message:
    channel: str
    asked_at: float
    urgent: bool
    counts: bool
    there: float
    back: float
    fails: bool
    cancelled_after: float | None


SECONDS = st.integers(0, 40).map(lambda tenths: tenths / 10)
MESSAGES = st.builds(
    Message,
    channel=st.sampled_from("abc"),
    asked_at=SECONDS,
    urgent=st.booleans(),
    counts=st.sampled_from([True, True, True, False]),
    there=SECONDS.map(lambda s: s / 3) | st.floats(0, 2),
    back=SECONDS.map(lambda s: s / 3) | st.floats(0, 2),
    fails=st.sampled_from([False, False, False, True]),
    cancelled_after=st.none() | st.none() | SECONDS,
)
RULES = st.lists(st.tuples(st.integers(1, 4), st.sampled_from([0.5, 1.0, 3.0])), max_size=2)


class Refused(Exception):
    """The post failed, whether or not it arrived."""


@settings(max_examples=200, deadline=None)
@given(
    messages=st.lists(MESSAGES, min_size=1, max_size=30),
    channel=RULES,
    overall=RULES,
    rate=st.floats(0.9985, 1.0015),
)
def test_no_server_that_counts_windows_sees_too_many_whatever_the_network_does(
    messages: list[Message], channel: list[Rule], overall: list[Rule], rate: float
) -> None:
    windows = tuple(Window(count=count, seconds=seconds) for count, seconds in channel)
    limits = Limits(
        of=lambda key, kind: windows,
        overall=tuple(Window(count=count, seconds=seconds) for count, seconds in overall),
    )
    server = StrictServer(channel, overall, rate)
    asked: dict[tuple[str, bool, bool], list[int]] = defaultdict(list)
    started: dict[tuple[str, bool, bool], list[int]] = defaultdict(list)
    ended: set[int] = set()
    under_way: set[str] = set()

    async def send(pacer: Pacer, number: int, message: Message) -> None:
        await asyncio.sleep(message.asked_at)
        line = message.channel, message.urgent, message.counts
        asked[line].append(number)
        async with pacer.turn(message.channel, urgent=message.urgent, counts=message.counts):
            assert message.channel not in under_way
            under_way.add(message.channel)
            started[line].append(number)
            try:
                if message.counts:
                    await server.post(message.channel, there=message.there, back=message.back)
                else:
                    await asyncio.sleep(message.there + message.back)
                if message.fails:
                    raise Refused
                ended.add(number)
            finally:
                under_way.remove(message.channel)

    async def story() -> list[BaseException | None]:
        pacer = paced(limits)
        tasks = [asyncio.create_task(send(pacer, n, message)) for n, message in enumerate(messages)]
        for task, message in zip(tasks, messages, strict=True):
            if message.cancelled_after is not None:
                asyncio.get_running_loop().call_later(message.cancelled_after, task.cancel)
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # a cancelled alarm needs a moment to end
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return outcomes

    outcomes = virtually(story())

    assert server.refused == 0
    for number, (message, outcome) in enumerate(zip(messages, outcomes, strict=True)):
        if isinstance(outcome, asyncio.CancelledError):
            assert message.cancelled_after is not None
        else:
            assert isinstance(outcome, Refused) if message.fails else outcome is None
            assert message.fails or number in ended
    for line, numbers in started.items():
        assert numbers == [number for number in asked[line] if number in numbers]


class Story:
    """Turns on virtual time; `went` tells who went when, in order."""

    def __init__(self, limits: Limits = ONE_A_SECOND) -> None:
        self.pacer = paced(limits)
        self.went: list[tuple[str, float]] = []

    async def turn(self, name: str, channel: str = "a", *, takes: float = 0.0, **options: Any) -> None:
        async with self.pacer.turn(channel, **options):
            self.went.append((name, round(now() / DRIFT, 3)))
            await asyncio.sleep(takes)

    def begin(self, name: str, channel: str = "a", **options: Any) -> asyncio.Task[None]:
        return asyncio.create_task(self.turn(name, channel, **options))

    def order(self) -> str:
        return " ".join(name for name, _ in self.went)

    async def rest(self) -> None:
        """Let every task do what it can do at this moment."""
        for _ in range(10):
            await asyncio.sleep(0)


def test_a_turn_counts_from_its_end() -> None:
    async def story() -> None:
        s = Story()
        await s.turn("first", takes=5 * DRIFT)
        await s.turn("second")
        assert s.went == [("first", 0), ("second", 6)]

    virtually(story())


def test_a_turn_whose_body_raises_counts_and_lets_the_next_go() -> None:
    async def story() -> None:
        s = Story()
        with pytest.raises(Refused):
            async with s.pacer.turn("a"):
                raise Refused
        await s.turn("next")
        assert s.went == [("next", 1)]

    virtually(story())


def test_all_windows_of_a_channel_hold_at_once() -> None:
    async def story() -> None:
        s = Story(Limits(of=lambda key, kind: (SECOND, Window(count=3, seconds=10))))
        for n in range(7):
            await s.turn(str(n))
        assert [at for _, at in s.went] == [0, 1, 2, 10, 11, 12, 20]

    virtually(story())


def test_a_telegram_chat_is_held_to_20_a_minute_unless_it_is_said_to_be_private() -> None:
    async def last(kind: str) -> float:
        s = Story(telegram_limits())
        for n in range(21):
            await s.turn(str(n), kind=kind)
        return s.went[-1][1]

    assert [virtually(last(kind)) for kind in ("private", "group", "")] == [20, 60, 60]


def test_a_slack_workspace_can_be_held_to_a_number_a_minute() -> None:
    async def story() -> None:
        s = Story(slack_limits(per_minute=2))
        await asyncio.gather(*(s.turn(channel, channel) for channel in "abc"))
        assert s.went == [("a", 0), ("b", 0), ("c", 60)]

    virtually(story())


def test_a_limit_that_cannot_be_kept_is_refused() -> None:
    for count, seconds in ((0, 1.0), (-1, 1.0), (1, 0.0), (1, float("nan")), (1, float("inf"))):
        with pytest.raises(ValueError, match="cannot be kept"):
            Window(count=count, seconds=seconds)


def test_a_stalled_post_keeps_only_its_own_channel_waiting() -> None:
    async def story() -> None:
        s = Story(telegram_limits())
        async with asyncio.TaskGroup() as group:
            group.create_task(s.turn("stalled", "a", takes=300 * DRIFT, kind="private"))
            group.create_task(s.turn("behind", "a", kind="private"))
            group.create_task(s.turn("other", "b", kind="private"))
            group.create_task(s.turn("other again", "b", kind="private"))
        assert s.went == [("stalled", 0), ("other", 0), ("other again", 1), ("behind", 301)]

    virtually(story())


def test_channels_share_the_overall_limit_in_order_of_arrival() -> None:
    async def story() -> None:
        s = Story(Limits(of=lambda key, kind: (SECOND,), overall=(Window(count=2, seconds=1),)))
        async with asyncio.TaskGroup() as group:
            for channel in "abcde":
                for n in range(2):
                    group.create_task(s.turn(f"{channel}{n}", channel))
        assert s.order() == "a0 b0 c0 d0 e0 a1 b1 c1 d1 e1"
        assert [at for _, at in s.went] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]

    virtually(story())


def test_a_channel_keeps_its_place_in_line_when_more_is_asked_for_it() -> None:
    async def story() -> None:
        s = Story(Limits(of=lambda key, kind: (SECOND,), overall=(SECOND,)))
        await asyncio.gather(s.turn("a", "a"), s.turn("b0", "b"), s.turn("c", "c"), s.turn("b1", "b"))
        assert s.order() == "a b0 c b1"

    virtually(story())


def test_a_newcomer_does_not_wait_for_hundreds_of_messages_of_others() -> None:
    async def story() -> float:
        s = Story(telegram_limits())
        async with asyncio.TaskGroup() as group:
            for channel in range(100):
                for _ in range(50):
                    group.create_task(s.turn("digest", str(channel), kind="private"))
            await asyncio.sleep(20)
            asked = now()
            await s.turn("newcomer", "new", kind="private")
            waited = now() - asked
        assert s.went[-1][1] > 160  # the others were far from done
        return waited

    assert virtually(story()) <= 100 / 30 + 1


def test_an_urgent_turn_goes_before_those_that_wait_in_its_channel() -> None:
    async def story() -> None:
        s = Story()
        async with asyncio.TaskGroup() as group:
            for n in range(4):
                group.create_task(s.turn(f"d{n}"))
            await asyncio.sleep(1.5)
            group.create_task(s.turn("answer", urgent=True))
        assert s.order() == "d0 d1 answer d2 d3"

    virtually(story())


def test_an_urgent_turn_goes_before_those_that_wait_for_the_overall_limit() -> None:
    async def story() -> None:
        s = Story(telegram_limits())
        async with asyncio.TaskGroup() as group:
            for channel in range(90):
                group.create_task(s.turn("digest", str(channel), kind="private"))
            await asyncio.sleep(0.5)
            group.create_task(s.turn("answer", "new", urgent=True, kind="private"))
            group.create_task(s.turn("answer in line", "80", urgent=True, kind="private"))
        at = dict(s.went)
        assert (at["answer"], at["answer in line"]) == (1, 1)

    virtually(story())


def test_urgent_turns_go_past_one_that_waits_only_three_times_in_a_row() -> None:
    async def story() -> None:
        in_channel = Story()
        async with asyncio.TaskGroup() as group:
            group.create_task(in_channel.turn("first"))
            for n in range(8):
                group.create_task(in_channel.turn(f"u{n}", urgent=True))
            for n in range(2):
                group.create_task(in_channel.turn(f"d{n}"))
        assert in_channel.order() == "first u0 u1 u2 d0 u3 u4 u5 d1 u6 u7"

        overall = Story(Limits(of=lambda key, kind: (), overall=(SECOND,)))
        async with asyncio.TaskGroup() as group:
            group.create_task(overall.turn("first", "x"))
            for n in range(8):
                group.create_task(overall.turn(f"u{n}", f"u{n}", urgent=True))
            for n in range(2):
                group.create_task(overall.turn(f"d{n}", f"d{n}"))
        assert overall.order() == "first u0 u1 u2 d0 u3 u4 u5 d1 u6 u7"

    virtually(story())


def test_urgent_edits_between_do_not_let_urgent_posts_pass_a_digest_for_ever() -> None:
    async def story() -> None:
        s = Story()
        async with asyncio.TaskGroup() as group:
            group.create_task(s.turn("first"))
            for n in range(10):
                group.create_task(s.turn(f"u{n}", urgent=True))
            group.create_task(s.turn("digest"))
            for _ in range(10):
                await asyncio.sleep(0.9 * DRIFT)
                group.create_task(s.turn("edit", urgent=True, counts=False))
        assert dict(s.went)["digest"] == 4

    virtually(story())


def test_somebody_who_waits_behind_a_digest_of_the_own_channel_is_still_urgent_to_the_others() -> None:
    async def story() -> None:
        s = Story(Limits(of=lambda key, kind: (), overall=(SECOND,)))
        async with asyncio.TaskGroup() as group:
            for n in range(3):
                group.create_task(s.turn(f"u{n}", "a", urgent=True))
            group.create_task(s.turn("digest", "a"))
            group.create_task(s.turn("u3", "a", urgent=True))
            for n in range(20):
                group.create_task(s.turn("others", f"b{n}"))
        assert dict(s.went)["u3"] <= 6

    virtually(story())


def test_a_channel_is_urgent_no_longer_when_the_one_who_waited_is_gone() -> None:
    async def story() -> None:
        s = Story(Limits(of=lambda key, kind: (), overall=(SECOND,)))
        async with asyncio.TaskGroup() as group:
            for name in "abcd":
                group.create_task(s.turn(name, name))
            gone = group.create_task(s.turn("gone", "d", urgent=True))
            await s.rest()
            gone.cancel()
        assert s.order() == "a b c d"

    virtually(story())


def test_retry_after_holds_the_turns_that_wait_and_those_that_come() -> None:
    async def story() -> None:
        s = Story()
        async with asyncio.TaskGroup() as group:
            group.create_task(s.turn("first"))
            group.create_task(s.turn("waits"))
            await asyncio.sleep(0.5 * DRIFT)
            s.pacer.hold("a", 30)
            s.pacer.hold("a", 3)  # does not shorten it
            await asyncio.sleep(10 * DRIFT)
            group.create_task(s.turn("edit", counts=False))
            group.create_task(s.turn("answer", urgent=True))
        assert s.went == [("first", 0), ("answer", 30.5), ("edit", 30.5), ("waits", 31.5)]

    virtually(story())


def test_retry_after_holds_a_channel_that_stands_in_line_for_the_overall_limit() -> None:
    async def story() -> None:
        s = Story(Limits(of=lambda key, kind: (SECOND,), overall=(SECOND,)))
        async with asyncio.TaskGroup() as group:
            for channel in "abc":
                group.create_task(s.turn(channel, channel))
            await s.rest()
            s.pacer.hold("b", 10)
        assert s.went == [("a", 0), ("c", 1), ("b", 10)]

    virtually(story())


def test_no_channel_waits_for_the_retry_after_of_another() -> None:
    async def finished(held: set[str]) -> dict[str, float]:
        """When each of 100 channels has got its five messages."""
        s = Story(telegram_limits())
        refusals = set(held)

        async def message(channel: str) -> None:
            async with s.pacer.turn(channel, kind="private"):
                refused = channel in refusals
                refusals.discard(channel)
                if refused:
                    s.pacer.hold(channel, 300)
            if refused:
                await message(channel)
            s.went.append((channel, now()))

        async with asyncio.TaskGroup() as group:
            for channel in range(100):
                for _ in range(5):
                    group.create_task(message(str(channel)))
        return dict(s.went)

    held = {"0", "41", "99"}
    calm, troubled = virtually(finished(set())), virtually(finished(held))

    for channel, at in troubled.items():
        if channel in held:
            assert 300 < at < 320
        else:
            assert at <= calm[channel] + 1e-6


def test_a_call_that_does_not_count_waits_for_no_window_and_fills_none() -> None:
    async def story() -> None:
        s = Story(Limits(of=lambda key, kind: (SECOND,), overall=(SECOND,)))
        async with asyncio.TaskGroup() as group:
            group.create_task(s.turn("post"))
            group.create_task(s.turn("next post"))
            for n in range(3):
                group.create_task(s.turn(f"edit {n}", counts=False))
        assert s.went == [("post", 0), ("edit 0", 0), ("edit 1", 0), ("edit 2", 0), ("next post", 1)]

    virtually(story())


def test_a_call_that_does_not_count_waits_for_retry_after_and_no_longer() -> None:
    async def story() -> None:
        s = Story()
        await s.turn("post")
        s.pacer.hold("a", 0.5)
        await asyncio.gather(s.turn("next post"), s.turn("edit", counts=False))
        assert s.went == [("post", 0), ("edit", 0.5), ("next post", 1)]

    virtually(story())


def test_calls_that_may_go_at_the_same_moment_go_in_order_of_arrival() -> None:
    async def story() -> None:
        s = Story(UNLIMITED)
        async with asyncio.TaskGroup() as group:
            group.create_task(s.turn("first", takes=1))
            for name in ("post", "edit", "another edit", "another post"):
                group.create_task(s.turn(name, counts="post" in name))
        assert [name for name, _ in s.went] == ["first", "post", "edit", "another edit", "another post"]

    virtually(story())


def test_a_channel_whose_kind_turns_out_to_be_another_keeps_what_was_counted() -> None:
    windows = {"strict": (Window(count=1, seconds=10),), "mild": (Window(count=3, seconds=10),)}

    async def story() -> None:
        s = Story(Limits(of=lambda key, kind: windows[kind]))
        await s.turn("edit", counts=False)
        for kind in ("strict", "mild", "mild", "mild"):
            await s.turn(kind, kind=kind)
            await s.turn("edit", counts=False)
        assert [at for name, at in s.went if name != "edit"] == [0, 0, 0, 10]

    virtually(story())


def test_a_call_that_does_not_count_waits_for_the_turn_of_its_channel() -> None:
    async def story() -> None:
        s = Story()
        await asyncio.gather(s.turn("post", takes=2 * DRIFT), s.turn("edit", counts=False))
        assert s.went == [("post", 0), ("edit", 2)]

    virtually(story())


def test_one_who_is_cancelled_while_waiting_leaves_no_hole_and_no_task() -> None:
    async def story() -> None:
        s = Story()
        await s.turn("first")
        waiting = [s.begin(f"w{n}") for n in range(4)]
        await s.rest()
        waiting[0].cancel()
        waiting[2].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert s.went == [("first", 0), ("w1", 1), ("w3", 2)]

        waiting = [s.begin(f"x{n}") for n in range(4)]
        await s.rest()
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await s.rest()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    virtually(story())


@pytest.mark.parametrize("cancelled_first", [True, False])
def test_one_who_is_cancelled_at_the_moment_of_the_turn_gives_it_back_uncounted(
    cancelled_first: bool,
) -> None:
    async def story() -> None:
        s = Story(Limits(of=lambda key, kind: (SECOND,), overall=(SECOND,)))
        async with s.pacer.turn("a", counts=False):
            first, second = s.begin("first"), s.begin("second")
            await s.rest()
            if cancelled_first:
                first.cancel()
        if not cancelled_first:
            first.cancel()  # the turn is its own by now, though it has not run yet
        await asyncio.gather(first, second, return_exceptions=True)
        assert first.cancelled()
        assert s.went == [("second", 0)]

    virtually(story())


def test_one_who_is_cancelled_while_posting_counts_from_then_on() -> None:
    async def story() -> None:
        s = Story()
        posting, waiting = s.begin("posting", takes=60), s.begin("waiting")
        await asyncio.sleep(3 * DRIFT)
        posting.cancel()
        await asyncio.gather(posting, waiting, return_exceptions=True)
        assert s.went == [("posting", 0), ("waiting", 4)]

    virtually(story())


def test_channels_that_have_been_idle_for_minutes_are_forgotten() -> None:
    async def story() -> int:
        s, most = Story(telegram_limits()), 0
        for n in range(5000):
            await s.turn("digest", f"channel {n}", kind="private")
            await asyncio.sleep(1)
            most = max(most, s.pacer.remembered)
        return most

    assert virtually(story()) <= 2 * 60 + 2


def test_what_a_channel_still_owes_is_not_forgotten() -> None:
    async def story() -> None:
        s = Story(telegram_limits())
        s.pacer.hold("held", 1000)
        posting = s.begin("posting", "slow", takes=600 * DRIFT, kind="private")
        await asyncio.sleep(45 * DRIFT)
        for n in range(20):
            await s.turn(f"{n}", "group", kind="group")
        await asyncio.sleep(5 * DRIFT)
        await s.turn("newcomer", "new", kind="private")  # a minute is over: what is idle is forgotten
        await s.turn("20", "group", kind="group")
        assert s.went[-1] == ("20", 105)

        for n in range(200):  # and again
            await s.turn("newcomer", f"newer {n}", kind="private")
            await asyncio.sleep(1)
        await s.turn("after slow", "slow", kind="private")
        await s.turn("after hold", "held", kind="private")
        await posting
        at = dict(s.went)
        assert at["after slow"] == at["posting"] + 601
        assert at["after hold"] == 1000

    virtually(story())


async def test_the_pacer_keeps_real_time_where_no_clock_is_given() -> None:
    pacer = Pacer(Limits(of=lambda key, kind: (Window(count=1, seconds=0.03),)))
    starts = []
    for _ in range(3):
        async with pacer.turn("a"):
            starts.append(time.monotonic())

    assert all(later - sooner >= 0.03 for sooner, later in itertools.pairwise(starts))
    assert starts[-1] - starts[0] < 2
