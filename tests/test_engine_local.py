from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from bot.engine import Engine
from bot.engine.local import LocalEngine
from digest.errors import SourceUnavailable, StoreError


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 6, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Gate:
    """A unit that runs until it is opened, and notes what entered and left."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.entered: list[str] = []
        self.left: list[str] = []
        self.most = 0

    async def __call__(self, key: str) -> None:
        self.entered.append(key)
        self.most = max(self.most, len(self.entered) - len(self.left))
        await self.opened.wait()
        self.left.append(key)


async def rest() -> None:
    """Let every task that can run do so."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_unit_that_waits_or_runs_is_not_accepted_again() -> None:
    gate, engine = Gate(), LocalEngine()
    port: Engine = engine
    await port.start({"digest": gate})

    accepted = [await engine.submit("digest", "a", "digest") for _ in range(3)]
    await rest()
    again = await engine.submit("digest", "a", "digest")
    gate.opened.set()
    await engine.idle()

    assert (accepted, again, gate.left) == ([True, False, False], False, ["a"])
    assert await engine.submit("digest", "a", "digest")
    await engine.idle()


async def test_equal_keys_of_different_kinds_are_different_units() -> None:
    gate, engine = Gate(), LocalEngine()
    gate.opened.set()
    await engine.start({"digest": gate, "fetch": gate})

    assert await engine.submit("digest", "a", "digest")
    assert await engine.submit("fetch", "a", "fetch")
    await engine.idle()
    assert gate.left == ["a", "a"]


async def test_a_queue_runs_no_more_units_at_once_than_its_limit_and_in_order() -> None:
    gate, engine = Gate(), LocalEngine(limits={"analyse": 2})
    await engine.start({"analyse": gate})
    for key in "abcdef":
        await engine.submit("analyse", key, "analyse")
    await rest()

    assert gate.entered == ["a", "b"]
    gate.opened.set()
    await engine.idle()
    assert (gate.left, gate.most) == (list("abcdef"), 2)


async def test_what_a_person_waits_for_never_stands_behind_the_mornings_burst() -> None:
    burst, asked, engine = Gate(), Gate(), LocalEngine()
    asked.opened.set()
    await engine.start({"analyse": burst, "answer": asked})
    for number in range(50):
        await engine.submit("analyse", str(number), "analyse")
    await engine.submit("answer", "42", "interactive")
    await rest()

    assert asked.left == ["42"]
    await engine.stop(0)


async def test_a_unit_that_fails_is_logged_and_the_others_go_on() -> None:
    gate, engine = Gate(), LocalEngine()
    gate.opened.set()

    async def refused(key: str) -> None:
        raise StoreError("The disk is full.")

    async def broken(key: str) -> None:
        raise ZeroDivisionError

    await engine.start({"fetch": refused, "digest": broken, "deliver": gate})
    with capture_logs() as logs:
        for kind in ("fetch", "digest", "deliver"):
            await engine.submit(kind, "a", kind)
        await engine.idle()

    assert gate.left == ["a"]
    assert [(entry["event"], entry["kind"], entry["log_level"]) for entry in logs] == [
        ("unit failed", "fetch", "warning"),
        ("unit broke", "digest", "error"),
    ]
    assert logs[0]["error"] == "The disk is full."


async def test_a_unit_that_keeps_failing_is_left_alone_for_longer_each_time() -> None:
    clock = Clock()
    engine = LocalEngine(clock=clock)
    ran: dict[str, list[int]] = {"fails": [], "works": []}
    began = clock()

    async def unit(key: str) -> None:
        second = int((clock() - began).total_seconds())
        ran[key].append(second)
        if key == "fails" and second < 300:
            raise SourceUnavailable("No.")

    await engine.start({"fetch": unit})
    for _ in range(100):
        for key in ran:
            await engine.submit("fetch", key, "fetch")
        await engine.idle()
        clock.forward(5)

    assert ran["works"] == list(range(0, 500, 5))
    assert ran["fails"] == [0, 15, 45, 105, 225, *range(465, 500, 5)]  # 15, 30, 60, 120, 240 s, then forgiven


async def test_a_clock_that_is_set_back_holds_no_unit() -> None:
    clock = Clock()
    engine = LocalEngine(clock=clock)

    async def unit(key: str) -> None:
        raise StoreError("No.")

    await engine.start({"fetch": unit})
    await engine.submit("fetch", "a", "fetch")
    await engine.idle()
    clock.forward(-86_400)

    assert await engine.submit("fetch", "a", "fetch")
    await engine.idle()


async def test_stopping_lets_running_units_end_and_drops_waiting_ones() -> None:
    gate, engine = Gate(), LocalEngine(limits={"fetch": 1})
    await engine.start({"fetch": gate})
    for key in "abc":
        await engine.submit("fetch", key, "fetch")
    await rest()

    stopping = asyncio.create_task(engine.stop(60))
    await rest()
    refused = await engine.submit("fetch", "d", "fetch")
    gate.opened.set()
    await stopping

    assert (gate.entered, gate.left, refused) == (["a"], ["a"], False)


async def test_stopping_cancels_what_outlasts_its_grace() -> None:
    gate, engine = Gate(), LocalEngine()
    await engine.start({"fetch": gate})
    await engine.submit("fetch", "a", "fetch")
    await rest()

    with capture_logs() as logs:
        await engine.stop(0)

    assert (gate.entered, gate.left) == (["a"], [])
    assert logs[0]["event"] == "unit cancelled"
    await engine.stop(0)
    await engine.idle()


async def test_an_engine_that_is_not_started_accepts_nothing() -> None:
    assert not await LocalEngine().submit("fetch", "a", "fetch")


async def test_an_unknown_kind_or_queue_is_a_fault() -> None:
    engine = LocalEngine()
    await engine.start({"fetch": Gate()})

    with pytest.raises(KeyError):
        await engine.submit("dance", "a", "fetch")
    with pytest.raises(KeyError):
        await engine.submit("fetch", "a", "dance")


async def test_ten_thousand_units_leave_nothing_behind() -> None:
    gate, engine = Gate(), LocalEngine()
    gate.opened.set()
    await engine.start({"deliver": gate})
    for number in range(10_000):
        await engine.submit("deliver", str(number), "deliver")
    await engine.idle()

    assert len(gate.left) == 10_000
    assert len(asyncio.all_tasks()) == 1
