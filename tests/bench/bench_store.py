"""Storage: a day's batch against bare sqlite3, the outbox in messages per second, searches."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path

import structlog

from bot.delivery import deliver
from bot.platforms.lines import LineWriter
from digest.channel import Channel, Delivery
from digest.document import Document, para
from digest.model import Announcement, AnnounceType, ArxivId, CategoryBatch, CategoryDay, DayState, Paper
from storage import Store, open_store

PAPERS, MESSAGES, ROUNDS = 1500, 500, 5
DAY = date(2026, 6, 30)
CHANNEL = Channel(key="console:terminal", platform="console")
TEXT = (
    "we propose a vision language action model that grounds manipulation skills in video and evaluate its "
    "generalisation on simulated benchmarks with ablations over data scale and policy architecture"
)
WORDS = TEXT.split()


def run() -> None:
    """Print save_batch as a multiple of executemany on the same rows, and deliveries per second."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_batches(Path(folder)))
        asyncio.run(_deliveries(Path(folder)))


def papers() -> tuple[Paper, ...]:
    """1,500 papers of 1,200 letters, each different."""
    return tuple(
        Paper(
            id=ArxivId(f"2606.{number:05}", 1),
            title=f"Paper {number} on {WORDS[number % len(WORDS)]}",
            abstract=" ".join(WORDS[(number * step) % len(WORDS)] for step in range(190)),
            authors=("Ana Lopez", "李飞飞"),
            categories=("cs.CV", "cs.RO"),
        )
        for number in range(PAPERS)
    )


def batch(told: tuple[Paper, ...]) -> CategoryBatch:
    row = CategoryDay(category="cs.CV", day=DAY, state=DayState.COMPLETE, checked_at=datetime.now(UTC))
    announced = tuple(Announcement(paper=each, type=AnnounceType.NEW, day=DAY) for each in told)
    return CategoryBatch(ledger=row, announcements=announced)


async def _batches(folder: Path) -> None:
    told = papers()
    rounds = [await _round(f"{folder}/{number}-", told) for number in range(ROUNDS)]
    bare, indexed, first, again, search = (min(times) for times in zip(*rounds, strict=True))
    print(f"save_batch of {PAPERS} papers: {first:.0f} ms CPU")
    print(f"  {first / indexed:.2f} x executemany of the rows and the full-text index ({indexed:.0f} ms)")
    print(f"  {first / bare:.2f} x executemany of the rows without an index ({bare:.0f} ms)")
    print(f"  again, with nothing new: {again:.0f} ms")
    print(f"search, newest 20: {search:.2f} ms CPU")


async def _round(prefix: str, told: tuple[Paper, ...]) -> tuple[float, ...]:
    """CPU milliseconds of each thing, measured in turns."""
    bare = _executemany(prefix + "bare.db", told, indexed=False)
    indexed = _executemany(prefix + "indexed.db", told, indexed=True)
    async with open_store(prefix + "store.db") as store:
        first = await _cpu(lambda: store.save_batch(batch(told)))
        again = await _cpu(lambda: store.save_batch(batch(told)))
        search = await _cpu(lambda: store.search("vision language", limit=20))
    return bare, indexed, first, again, search


async def _cpu(call: Callable[[], Awaitable[object]]) -> float:
    before = time.process_time()
    await call()
    return (time.process_time() - before) * 1000


def _executemany(path: str, told: tuple[Paper, ...], *, indexed: bool) -> float:
    """CPU milliseconds of the same rows in the same kind of file, by the least code there is."""
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE papers (number INTEGER PRIMARY KEY, id TEXT UNIQUE, version INTEGER, title TEXT,"
        " abstract TEXT, authors TEXT, categories TEXT);"
        "CREATE TABLE announcements (day TEXT, category TEXT, paper TEXT, type TEXT,"
        " PRIMARY KEY (day, category, paper)) WITHOUT ROWID;"
        "CREATE VIRTUAL TABLE fts USING fts5 (title, abstract, content=papers, content_rowid=number,"
        " tokenize='porter unicode61 remove_diacritics 2');"
    )
    before = time.process_time()
    database.execute("BEGIN IMMEDIATE")
    database.executemany(
        "INSERT INTO papers VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (n, p.id.id, 1, p.title, p.abstract, json.dumps(p.authors), json.dumps(p.categories))
            for n, p in enumerate(told)
        ],
    )
    database.executemany(
        "INSERT INTO announcements VALUES (?, ?, ?, ?)",
        [("2026-06-30", "cs.CV", p.id.id, "new") for p in told],
    )
    if indexed:
        database.execute(
            "INSERT INTO fts (rowid, title, abstract) SELECT number, title, abstract FROM papers"
        )
    database.execute("COMMIT")
    took = (time.process_time() - before) * 1000
    database.close()
    return took


class Lines:
    """A platform that writes each message's lines to a file descriptor, exactly once."""

    name = "console"

    def __init__(self, descriptor: int, state: Path) -> None:
        self._writer = LineWriter(descriptor, state)

    async def post(
        self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
    ) -> str:
        self._writer.write(key, [document.summary] * 20)
        return key

    async def recover(
        self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
    ) -> str | None:
        return None


async def _deliveries(folder: Path) -> None:
    messages = [
        Delivery(
            key=f"message {number}",
            channel=CHANNEL.key,
            position=number,
            document=Document(tuple(para(TEXT) for _ in range(20)), summary="x" * 80),
            parent_key=f"message {number - number % 11}" if number % 11 else None,
        )
        for number in range(MESSAGES)
    ]
    descriptor = os.open(os.devnull, os.O_WRONLY)
    async with open_store(str(folder / "outbox.db")) as store:
        await store.enqueue(CHANNEL.key, DAY, deliveries=messages, papers=(), told=(), done=True)
        wall, cpu = await _delivered(store, Lines(descriptor, folder / "state"))
    os.close(descriptor)
    sync = _fsync_ms(folder / "probe")
    print(f"deliveries of 20 lines: {MESSAGES / wall:.0f} a second, {cpu / MESSAGES * 1000:.2f} ms CPU each")
    print(f"  {wall / MESSAGES * 1000:.2f} ms each, of which this disk's fsync takes {sync:.2f} ms")


async def _delivered(store: Store, platform: Lines) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    report = await deliver(CHANNEL, store=store, platform=platform, clock=lambda: datetime.now(UTC))
    assert report.sent == MESSAGES
    return time.perf_counter() - wall, time.process_time() - cpu


def _fsync_ms(path: Path) -> float:
    with path.open("wb", buffering=0) as file:
        before = time.perf_counter()
        for _ in range(100):
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
        return (time.perf_counter() - before) * 10
