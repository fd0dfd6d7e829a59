"""Faults of a language model's server that pass."""

import asyncio
from datetime import UTC, datetime

import pytest

from digest.analysis.openai_wire import Patience
from digest.errors import ModelUnavailable
from digest.ports import Finish
from tests.peers import openai as peers
from tests.peers.arxiv import FakeTime
from tests.peers.openai import OpenAIPeer, ok
from tests.peers.openai_client import TURNS, asked, model_of


@pytest.fixture
def time() -> FakeTime:
    return FakeTime(datetime(2026, 6, 30, 13, tzinfo=UTC))


PASSING = {
    "busy": peers.busy(),
    "500": peers.error(500, "The server had an error"),
    "overloaded": peers.error(529, "Overloaded", type="overloaded_error"),
    "bad gateway": peers.bad_gateway(),
    "web page": peers.body(200, "<html>Please log in</html>", "text/html"),
    "malformed": peers.malformed(),
    "no completion": peers.body(200, "[]"),
    "error with 200": peers.body(200, '{"error": {"message": "Upstream is busy", "code": 502}}'),
    "disconnect": peers.disconnect(),
    "disconnect in the middle": peers.disconnect("We pres"),
    "no end": peers.unfinished("We pres"),
    "error in the middle": peers.failing_stream("We pres", message="Provider disconnected", code=502),
    "ended by an error": ok("We pres", finish="error"),
    "empty": ok(""),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
@pytest.mark.parametrize("max_tokens", [200, 4000], ids=["whole", "streamed"])
async def test_a_passing_fault_costs_one_more_try(
    time: FakeTime, fault: peers.Reply, max_tokens: int
) -> None:
    async with OpenAIPeer() as peer:
        peer.script(fault, ok("Yes."))
        answer = await asked(model_of(peer, time), max_tokens=max_tokens)

    assert answer.text == "Yes."
    assert len(peer.requests) == 2
    assert time.waits == [1.0]


async def test_a_short_wish_to_wait_is_granted(time: FakeTime) -> None:
    async with OpenAIPeer() as peer:
        peer.script(peers.busy(7), peers.busy(message="Please try again in 1m2.5s."), ok("Yes."))
        patience = Patience(longest_wait=90)
        answer = await asked(model_of(peer, time, patience=patience))

    assert answer.text == "Yes."
    assert time.waits == [8.0, 63.5]


@pytest.mark.parametrize("wish", [300, "Tue, 30 Jun 2026 13:05:00 GMT"])
async def test_a_long_wish_to_wait_is_passed_on_at_once(time: FakeTime, wish: int | str) -> None:
    async with OpenAIPeer() as peer:
        peer.script(peers.busy(wish))
        with pytest.raises(ModelUnavailable, match=r"It asks to wait 5 min\.") as caught:
            await asked(model_of(peer, time))

    assert caught.value.retry_after == 300
    assert time.waits == []


async def test_an_outage_is_told_after_a_few_tries_that_wait_longer_each(time: FakeTime) -> None:
    async with OpenAIPeer() as peer:
        peer.script(*[peers.bad_gateway()] * 9)
        with pytest.raises(ModelUnavailable, match=r"HTTP 502, a fault of its own\. Tried 3 times"):
            await asked(model_of(peer, time))

    assert time.waits == [1.0, 2.0]


async def test_a_server_that_is_not_there_is_named(time: FakeTime) -> None:
    async with OpenAIPeer() as peer:
        pass
    with pytest.raises(ModelUnavailable, match=r"127\.0\.0\.1:\d+ cannot be reached .*OPENAI_BASE_URL"):
        await asked(model_of(peer, time))


@pytest.mark.parametrize("after", ["", "We present"])
async def test_a_stalled_stream_is_given_up(time: FakeTime, after: str) -> None:
    patience = Patience(begin=0.1, stall=0.1)
    async with OpenAIPeer() as peer:
        peer.script(peers.stalled(after), peers.stalled(after))
        with pytest.raises(ModelUnavailable, match=r"sent nothing for 0\.1 s\. Tried 2 times"):
            await asked(model_of(peer, time, patience=patience))


async def test_a_stream_that_drips_for_ever_is_given_up(time: FakeTime) -> None:
    patience = Patience(begin=5, stall=5, whole=0.1)
    async with OpenAIPeer() as peer:
        peer.script(*[peers.slow("x" * 4000, pause=0.01)] * 2)
        with pytest.raises(ModelUnavailable, match=r"did not finish its answer in 0\.1 s"):
            await asked(model_of(peer, time, patience=patience))


async def test_a_slow_stream_is_waited_for(time: FakeTime) -> None:
    async with OpenAIPeer() as peer:
        peer.script(peers.slow("We present S2ORC." * 10, pause=0.001))
        answer = await asked(model_of(peer, time))

    assert answer.text == "We present S2ORC." * 10


async def test_an_answer_whose_connection_lingers_after_its_end_is_complete(time: FakeTime) -> None:
    async with OpenAIPeer() as peer:
        peer.script(peers.lingering("We present."))
        answer = await asked(model_of(peer, time, patience=Patience(stall=0.1)))

    assert (answer.text, answer.finish) == ("We present.", Finish.STOP)


async def test_a_cancelled_question_closes_its_connection(time: FakeTime) -> None:
    begun = asyncio.Event()
    async with OpenAIPeer() as peer, model_of(peer, time) as model:
        peer.script(peers.stalled("We"))
        question = model.complete(TURNS, max_tokens=2000, on_text=lambda text: begun.set())
        task = asyncio.create_task(question)
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        peer.script(ok("Yes."))
        assert (await model.complete(TURNS, max_tokens=2000)).text == "Yes."


async def test_whoever_watches_is_told_that_a_broken_answer_starts_over(time: FakeTime) -> None:
    seen: list[str] = []
    async with OpenAIPeer() as peer:
        peer.script(peers.disconnect("We pres"), ok("We present."))
        await asked(model_of(peer, time), on_text=seen.append)

    assert seen == ["We pres", "", "We present."]


async def test_a_watcher_that_fails_is_not_taken_for_a_failing_server(time: FakeTime) -> None:
    def watch(text: str) -> None:
        raise ValueError("the terminal is gone")

    async with OpenAIPeer() as peer:
        with pytest.raises(ValueError, match="the terminal is gone"):
            await asked(model_of(peer, time), on_text=watch)
