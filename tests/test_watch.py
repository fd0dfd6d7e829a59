"""The figures, the pages and the health of a running Paperboy, part by part."""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.notify import ServiceManager
from bot.watch.health import Health
from bot.watch.listener import Listener, Page, unheard
from bot.watch.metrics import exposition
from bot.watch.pulse import LoopLag, Pulse
from bot.watch.ready import tell_of_connections
from bot.watch.seams import CountedPlatform, CountedPurse, CountedReader, CountedSource, timed
from bot.watch.tally import (
    ACK,
    AMBIGUOUS,
    COST,
    DELIVERED,
    FETCHED,
    GAUGES,
    PDF_FAILURES,
    POSTING,
    READING,
    TIMES,
    TOKENS,
    TOTALS,
    Tally,
)
from digest.analysis.budget import Budgets
from digest.channel import Channel
from digest.document import Document, para
from digest.errors import (
    ChannelGone,
    ChannelMoved,
    DeliveryUnknown,
    FullTextError,
    MessageRefused,
    PaperNotFound,
    PlatformUnavailable,
    SourceUnavailable,
    StoreError,
    ThreadGone,
)
from digest.model import ArxivId, CategoryBatch, CategoryDay, DayState, Usage
from digest.people import Incoming
from storage import open_store
from tests.test_notify import Manager

NOW = datetime(2026, 6, 30, 13, tzinfo=UTC)
CHANNEL = Channel(key="slack:T1/C1", platform="slack")
SAID = Incoming(
    id="slack:1", channel="slack:T1/C1", person="slack:T1/U1", name="Ada", text="/help", received_at=NOW
)
NOTE = Document((para("A note"),), summary="A note")


def told(tally: Tally, **gauges: Any) -> dict[str, dict[tuple[str, ...], float]]:
    """The exported samples by name, and by the values of their labels in the order of the names."""
    named = {each.name: each for each in GAUGES}
    text = exposition(tally, {named[name]: values for name, values in gauges.items()}, platforms=["slack"])
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


# Figures


def test_every_figure_is_exported_from_the_start() -> None:
    names = told(Tally(), socket_connected={("slack",): 1.0})
    assert {f"paperboy_{each.name}_total" for each in TOTALS if each is not TOKENS} <= names.keys()
    assert {f"paperboy_{each.name}_bucket" for each in TIMES} <= names.keys()
    assert names["paperboy_socket_connected"] == {("slack",): 1.0}
    assert set(names["paperboy_build_info"].values()) == {1.0}
    assert names["paperboy_delivery_total"]["slack", "sent"] == 0.0
    assert names["process_resident_memory_bytes"][()] > 1e6


def test_durations_are_counted_below_every_bound_they_do_not_exceed() -> None:
    tally = Tally()
    for seconds in (0.05, 0.1, 0.3, 40.0, -1.0):
        tally.took(POSTING, seconds, "slack")

    names = told(tally)

    buckets = names["paperboy_delivery_seconds_bucket"]
    assert [buckets[bound, "slack"] for bound in ("0.1", "0.25", "0.5", "30.0", "+Inf")] == [3, 3, 4, 4, 5]
    assert names["paperboy_delivery_seconds_count"]["slack",] == 5
    assert names["paperboy_delivery_seconds_sum"]["slack",] == pytest.approx(40.45)


def test_a_value_that_is_not_declared_never_becomes_a_label() -> None:
    tally = Tally()
    for number in range(1_000):
        tally.add(FETCHED, f"https://evil/{number}")
        tally.add(DELIVERED, f"Ada {number}", "sent")

    names = told(tally)

    assert names["paperboy_fetch_papers_total"]["other",] == 1_000
    assert len(names["paperboy_fetch_papers_total"]) == 5
    assert names["paperboy_delivery_total"]["other", "sent"] == 1_000


def test_figures_are_declared_once_and_explain_themselves() -> None:
    figures = [*TOTALS, *TIMES, *GAUGES]
    assert len({each.name for each in figures}) == len(figures)
    assert all(each.says.endswith(".") for each in figures)
    assert all(list(each.buckets) == sorted(each.buckets) for each in TIMES)


# Seams


@contextmanager
def passing_on(outcome: object) -> Iterator[None]:
    """The very error that a part raised is raised by what counts for it."""
    if not isinstance(outcome, Exception):
        yield
        return
    with pytest.raises(type(outcome)) as raised:
        yield
    assert raised.value is outcome


class Telling:
    """Plays a part that answers, or fails as it is told to."""

    name = "slack"

    def __init__(self, outcome: object) -> None:
        self._outcome = outcome

    async def _told(self, *_: object, **__: object) -> Any:
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    announced = papers = pdf = read = post = recover = _told


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        ("1.2", "sent"),
        (PlatformUnavailable("busy"), "postponed"),
        (DeliveryUnknown("lost"), "unknown"),
        (MessageRefused("too long"), "refused"),
        (ThreadGone("deleted"), "thread_gone"),
        (ChannelGone("archived"), "channel_gone"),
        (ChannelMoved("supergroup", to="telegram:-1"), "moved"),
        (ValueError("a bug"), "other"),
    ],
)
async def test_deliveries_are_counted_by_how_they_end(outcome: object, result: str) -> None:
    tally, pulse = Tally(), Pulse(lambda: NOW)
    platform = CountedPlatform(Telling(outcome), tally, pulse)  # type: ignore[arg-type]
    with passing_on(outcome):
        assert await platform.post(CHANNEL, NOTE, key="k") == outcome

    assert tally.totals == {(DELIVERED, ("slack", result)): 1.0}
    assert (tally.times.keys() == {(POSTING, ("slack",))}) is (result == "sent")
    assert pulse.successes == ({"delivery": NOW} if result == "sent" else {})


@pytest.mark.parametrize(
    ("outcome", "resolution"),
    [("1.2", "adopted"), (None, "missing"), (PlatformUnavailable("busy"), "unknown")],
)
async def test_messages_of_unknown_fate_are_counted_by_what_was_found(
    outcome: object, resolution: str
) -> None:
    tally = Tally()
    platform = CountedPlatform(Telling(outcome), tally, Pulse(lambda: NOW))  # type: ignore[arg-type]
    with passing_on(outcome):
        assert await platform.recover(CHANNEL, NOTE, key="k") == outcome
    assert tally.totals == {(AMBIGUOUS, ("slack", resolution)): 1.0}


async def test_what_arxiv_gives_is_counted_by_its_source() -> None:
    row = CategoryDay(
        category="cs.CV", day=date(2026, 6, 30), state=DayState.COMPLETE, source="rss", checked_at=NOW
    )
    tally = Tally()
    for batch in (CategoryBatch(ledger=row, announcements=(None,) * 3), CategoryBatch(ledger=row)):  # type: ignore[arg-type]
        source = CountedSource(Telling(batch), tally)  # type: ignore[arg-type]
        assert await source.announced("cs.CV", row.day, last=None, last_ids=frozenset()) is batch
    assert tally.totals == {(FETCHED, ("rss",)): 3.0}


@pytest.mark.parametrize(
    ("error", "reason"),
    [(PaperNotFound("none"), "not_found"), (SourceUnavailable("503"), "unavailable")],
)
async def test_a_pdf_that_cannot_be_had_is_counted_with_the_reason(error: Exception, reason: str) -> None:
    tally = Tally()
    with pytest.raises(type(error)):
        await CountedSource(Telling(error), tally).pdf(ArxivId("2606.30001"))  # type: ignore[arg-type]
    assert tally.totals == {(PDF_FAILURES, (reason,)): 1.0}


async def test_a_pdf_that_cannot_be_read_is_counted_and_timed() -> None:
    tally = Tally()
    with pytest.raises(FullTextError):
        await CountedReader(Telling(FullTextError("broken")), tally).read(b"%PDF-")  # type: ignore[arg-type]
    assert tally.total(PDF_FAILURES, "unreadable") == 1.0
    assert sum(tally.times[READING, ()].counts) == 1


async def test_what_the_model_takes_is_counted_beside_being_remembered(tmp_path: Path) -> None:
    tally = Tally()
    async with open_store(str(tmp_path / "p.db")) as store:
        purse = CountedPurse(store=store, budgets=Budgets(limits={}), clock=lambda: NOW, tally=tally)
        usage = Usage(prompt_tokens=900, cached_tokens=400, completion_tokens=80, cost=0.02)
        await purse.spend(usage, channel="slack:T1/C1", person="slack:T1/U1", model="openai:gpt-5")
        await purse.spend(Usage(), model="openai:gpt-5")
        assert (await store.usage(NOW.date())).prompt_tokens == 900

    counted = {labels: n for (figure, labels), n in tally.totals.items() if figure is TOKENS}
    assert counted == {
        ("openai:gpt-5", "prompt"): 900,
        ("openai:gpt-5", "cached"): 400,
        ("openai:gpt-5", "completion"): 80,
    }
    assert tally.total(COST) == pytest.approx(0.02)


async def test_hearing_is_timed_also_where_it_fails() -> None:
    tally = Tally()

    async def full(_: Incoming) -> bool:
        raise StoreError("The disk is full.")

    with pytest.raises(StoreError):
        await timed(full, "slack", tally)(SAID)
    assert sum(tally.times[ACK, ("slack",)].counts) == 1


# The listener


async def _page() -> Page:
    return Page(body=b"ok\n")


async def _broken() -> Page:
    raise RuntimeError("a bug")


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener("127.0.0.1:0", {"/healthz": _page, "/broken": _broken})
    await listener.start()
    yield listener
    await listener.close()


async def left(writer: asyncio.StreamWriter) -> None:
    """Close a connection, which the other side may have closed."""
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def ask(listener: Listener, request: bytes) -> tuple[int, bytes]:
    """Status and body of the answer to what was written."""
    host, _, port = listener.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 5)
    await left(writer)
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]) if head else 0, body


@pytest.mark.parametrize(
    ("request_line", "status", "body"),
    [
        (b"GET /healthz HTTP/1.1", 200, b"ok\n"),
        (b"GET /healthz?x=1 HTTP/1.0", 200, b"ok\n"),
        (b"HEAD /healthz HTTP/1.1", 200, b""),
        (b"GET / HTTP/1.1", 404, b"Not here; try /broken, /healthz.\n"),
        (b"POST /healthz HTTP/1.1", 405, b"These pages are for reading.\n"),
        (b"GET http://evil/healthz HTTP/1.1", 400, b"That is not HTTP.\n"),
        (b"\xff\xfe", 400, b"That is not HTTP.\n"),
        (b"GET /broken HTTP/1.1", 500, b"This page is broken; the log says why.\n"),
        (b"GET /" + b"x" * 9_000 + b" HTTP/1.1", 431, b"That is too long.\n"),
    ],
)
async def test_pages_are_served_and_all_else_is_refused(
    listener: Listener, request_line: bytes, status: int, body: bytes
) -> None:
    assert await ask(listener, request_line + b"\r\nHost: x\r\n\r\n") == (status, body)


async def test_whoever_asks_slowly_or_leaves_holds_up_nobody(listener: Listener) -> None:
    host, _, port = listener.url.removeprefix("http://").partition(":")
    slow = [await asyncio.open_connection(host, int(port)) for _ in range(20)]
    for _, writer in slow:
        writer.write(b"GET /heal")
    assert await ask(listener, b"GET /healthz HTTP/1.1\r\n\r\n") == (200, b"ok\n")
    for _, writer in slow:
        await left(writer)
    assert await ask(listener, b"GET /healthz HTTP/1.1\r\n\r\n") == (200, b"ok\n")


@pytest.mark.parametrize(
    ("listen", "why", "advice"),
    [
        ("no-such-host.invalid:8080", "", "an address of this machine: HTTP_LISTEN=127.0.0.1:8080"),
        (
            "192.0.2.7:8080",
            "Cannot assign requested address",
            "an address of this machine: HTTP_LISTEN=127.0.0.1:8080",
        ),
        ("", "Address already in use", "HTTP_LISTEN=127.0.0.1:8081"),
    ],
)
async def test_why_an_address_cannot_be_had_decides_what_to_do(
    listener: Listener, listen: str, why: str, advice: str
) -> None:
    with pytest.raises(OSError) as caught:
        await Listener(listen or listener.url.removeprefix("http://"), {}).start()
    told, to_do = unheard(caught.value)
    assert why in told
    assert "Unknown error" not in told
    assert advice in to_do
    assert ("another port" in to_do) is ("8081" in advice)


def test_a_port_that_is_for_root_is_told_so() -> None:
    assert unheard(PermissionError(errno.EACCES, "Permission denied")) == (
        "Permission denied",
        "Take a port from 1024 on, which needs no rights: HTTP_LISTEN=127.0.0.1:8080.",
    )


async def test_a_taken_port_is_an_os_error(listener: Listener) -> None:
    with pytest.raises(OSError, match="in use"):
        await Listener(listener.url.removeprefix("http://"), {}).start()


# Health


class Moving:
    """A clock of seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


class StuckStore:
    """A store that refuses, or never answers."""

    def __init__(self, error: str = "", *, never: bool = False) -> None:
        self.error, self.never, self.asked = error, never, 0

    async def channels(self) -> Sequence[Channel]:
        self.asked += 1
        if self.never:
            await asyncio.Event().wait()
        return ()

    async def trouble(self) -> str:
        return self.error


def health(
    store: object,
    *,
    chats: dict[str, Any] | None = None,
    seconds: Moving | None = None,
    patience: float = 2.0,
) -> tuple[Health, Pulse, LoopLag]:
    pulse, lag = Pulse(lambda: NOW, seconds=seconds or Moving()), LoopLag()
    made = Health(
        store=store,  # type: ignore[arg-type]
        chats=chats or {},
        pulse=pulse,
        lag=lag,
        period=20,
        clock=lambda: NOW,
        patience=patience,
    )
    return made, pulse, lag


async def test_a_real_store_is_well_and_is_asked_by_reading_and_writing(tmp_path: Path) -> None:
    async with open_store(str(tmp_path / "p.db")) as store:
        made, _, _ = health(store)
        assert all(part.well for part in await made.alive())
        assert await store.meta("written")


async def test_a_store_that_refuses_is_told_in_its_own_words() -> None:
    made, _, _ = health(StuckStore("The disk is full."))
    assert [(part.name, part.says) for part in await made.alive()] == [
        ("loop", ""),
        ("store", "The disk is full."),
    ]


async def test_many_who_ask_at_once_make_the_store_write_once() -> None:
    store = StuckStore()
    made, _, _ = health(store)
    await asyncio.gather(*(made.alive() for _ in range(50)))
    assert store.asked == 1


async def test_a_store_that_never_answers_holds_up_nobody() -> None:
    store = StuckStore(never=True)
    made, _, _ = health(store, patience=0.05)
    for _ in range(2):
        assert [part.well for part in await made.alive()] == [True, False]
    assert store.asked == 1


async def test_a_scheduler_that_stands_still_is_no_life() -> None:
    seconds = Moving()
    made, pulse, _ = health(StuckStore(), seconds=seconds)
    assert all(part.well for part in await made.alive())
    pulse.ended("tick")
    seconds.at = 61.0
    assert [part.name for part in await made.alive() if not part.well] == ["scheduler"]


async def test_a_stuck_scheduler_is_told(tmp_path: Path) -> None:
    seconds = Moving()
    made, pulse, _ = health(StuckStore(), seconds=seconds)

    async def scheduler() -> str:
        return next(part.says for part in await made.ready() if part.name == "scheduler")

    assert await scheduler() == "It has not looked at the tables yet."
    pulse.ended("tick")
    seconds.at = 60.0
    assert await scheduler() == ""
    seconds.at = 61.0
    assert await scheduler() == "It last looked at the tables 61 s ago."


@pytest.mark.parametrize(
    ("connected", "silent", "refusal", "says"),
    [
        (True, None, "", ""),
        (True, 59, "", ""),
        (True, 61, "", "It last answered 61 s ago."),
        (False, 1, "", "It is not connected; Paperboy goes on trying."),
        (True, 1, "The app is uninstalled.", "The app is uninstalled."),
        (False, 1, "The app is uninstalled.", "The app is uninstalled."),
    ],
)
async def test_a_platform_must_be_connected_take_us_and_have_answered_lately(
    connected: bool, silent: int | None, refusal: str, says: str
) -> None:
    heard = None if silent is None else NOW - timedelta(seconds=silent)
    chat = SimpleNamespace(connected=connected, refusal=refusal, heard_at=heard)
    made, _, _ = health(StuckStore(), chats={"telegram": chat})
    assert (await made.ready())[-1].says == says


async def test_the_service_is_up_after_a_while_whatever_is_not_connected(tmp_path: Path) -> None:
    manager = Manager(str(tmp_path / "notify"))
    service = ServiceManager.of({"NOTIFY_SOCKET": manager.address}, process=0)
    chats = {name: SimpleNamespace(connected=name == "slack", refusal="") for name in ("slack", "telegram")}
    telling = asyncio.create_task(
        tell_of_connections(service, chats, platforms="slack, telegram", within=0.5)
    )
    await asyncio.sleep(0.3)
    assert manager.told() == []
    await manager.until_told("READY=1\nSTATUS=Not connected to telegram; going on trying")
    chats["telegram"].connected = True
    await manager.until_told("STATUS=Connected to slack, telegram")
    chats["slack"].connected = False
    await manager.until_told("STATUS=Not connected to slack; going on trying")
    chats["slack"].connected = True
    await manager.until_told("STATUS=Connected to slack, telegram")
    chats["slack"].refusal = "The app is uninstalled."
    await manager.until_told("STATUS=Not connected to slack; going on trying")
    telling.cancel()
    manager.close()


async def test_a_loop_that_was_blocked_is_late() -> None:
    made, _, lag = health(StuckStore())
    watching = asyncio.create_task(lag.watch())
    await asyncio.sleep(0.1)
    time.sleep(2.2)  # noqa: ASYNC251 - what must be noticed
    await asyncio.sleep(0.05)
    watching.cancel()

    assert lag.worst() > 1.0
    assert [part.well for part in await made.alive()] == [False, True]
