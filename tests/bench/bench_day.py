"""The predecessor's day: 800 announcements, 6 keywords, 4 PDFs, beside the bare cost of its parts."""

from __future__ import annotations

import asyncio
import gzip
import io
import re
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from time import process_time

import feedparser
import pymupdf

from bot.demo.replay import DATA, KEYWORDS
from digest.arxiv.feed import parse_feed
from digest.matching import fold, matches
from digest.model import CategoryBatch, CategoryDay, DayState
from digest.reading.assemble import full_text
from digest.reading.limits import Limits
from digest.reading.pdf import open_pdf, read_source
from digest.reading.worker import PdfReader
from storage import open_store

ANNOUNCED = 800
PDFS = [DATA / "acl_2020.acl-main.447.pdf", DATA / "acl_2023.eacl-main.121.pdf"] * 2
LEAN = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_LIGATURES & ~pymupdf.TEXT_PRESERVE_IMAGES


def run() -> None:
    feed, pdfs = _feed(), [path.read_bytes() for path in PDFS]
    floor = _floor(feed, pdfs)
    ours = asyncio.run(_ours(feed, pdfs))
    print(f"{'':12}{'bare':>9}{'ours':>9}{'ratio':>8}   (CPU ms, least of 3)")
    for part in floor:
        print(f"{part:12}{floor[part]:9.0f}{ours[part]:9.0f}{ours[part] / floor[part]:8.2f}")
    bare, whole = sum(floor.values()), sum(ours.values())
    lean = _least(lambda: [_bare_reading(pdf, LEAN) for pdf in pdfs])
    print(f"{'the day':12}{bare:9.0f}{whole:9.0f}{whole / bare:8.2f}   (bar 1.10)")
    detection = _least(lambda: [_read_here(pdf, detect=True) for pdf in pdfs]) - _least(
        lambda: [_read_here(pdf, detect=False) for pdf in pdfs]
    )
    rest = (whole - detection) / bare
    print(f"Finding hidden text takes {detection:.0f} ms of that; without it the day is {rest:.2f}.")
    print(f"Bare get_text('dict') without images: {lean:.0f} ms, so the")
    print(f"day is {whole / (bare - floor['read'] + lean):.2f} x a floor that leaves the images out.")


def _feed() -> bytes:
    """One RSS feed of 800 real entries: the recorded ones, repeated under identifiers of their own."""
    raw = [gzip.decompress((DATA / f"{c}_2026-06-30.rss.xml.gz").read_bytes()) for c in ("cs.CV", "cs.AI")]
    items = [item for body in raw for item in re.findall(rb"<item>.*?</item>", body, flags=re.DOTALL)]
    many = [items[n % len(items)] for n in range(ANNOUNCED)]
    numbered = [re.sub(rb"\d{4}\.\d{5}", b"2606.%05d" % (10000 + n), item) for n, item in enumerate(many)]
    head, tail = raw[0].split(b"<item>", 1)[0], b"</channel></rss>"
    return head + b"\n".join(numbered) + tail


def _floor(feed: bytes, pdfs: list[bytes]) -> dict[str, float]:
    entries = feedparser.parse(io.BytesIO(feed), sanitize_html=False, resolve_relative_uris=False).entries
    texts = [f"{entry.title} {entry.summary}" for entry in entries]
    return {
        "parse": _least(
            lambda: feedparser.parse(io.BytesIO(feed), sanitize_html=False, resolve_relative_uris=False)
        ),
        "match": _least(lambda: [_bare_matching(text) for text in texts]),
        "store": _least(lambda: _bare_store(entries)),
        "read": _least(lambda: [_bare_reading(pdf) for pdf in pdfs]),
    }


def _bare_matching(text: str) -> list[str]:
    folded = f" {' '.join(fold(text))} "
    return [keyword for keyword in KEYWORDS if f" {keyword.lower()} " in folded]


def _bare_store(entries: list[dict[str, str]]) -> None:
    with tempfile.NamedTemporaryFile() as file:
        db = sqlite3.connect(file.name)
        db.executescript(
            "PRAGMA journal_mode=WAL; CREATE TABLE papers (id TEXT PRIMARY KEY, title, abstract, authors);"
            "CREATE VIRTUAL TABLE fts USING fts5 (title, abstract, content=papers, tokenize='porter');"
        )
        rows = [(entry["id"], entry["title"], entry["summary"], entry["author"]) for entry in entries]
        db.executemany("INSERT INTO papers VALUES (?, ?, ?, ?)", rows)
        db.execute("INSERT INTO fts (rowid, title, abstract) SELECT rowid, title, abstract FROM papers")
        db.commit()
        db.close()


def _bare_reading(pdf: bytes, flags: int | None = None) -> list[object]:
    with pymupdf.open(stream=pdf) as document:
        return [page.get_text("dict", flags=flags) for page in document]


def _read_here(pdf: bytes, *, detect: bool) -> object:
    with open_pdf(pdf) as document:
        return full_text(read_source(document, Limits(), detect=detect))


def _least(work: Callable[[], object]) -> float:
    """Least CPU milliseconds of three runs."""
    times = []
    for _ in range(3):
        start = process_time()
        work()
        times.append(process_time() - start)
    return min(times) * 1000


async def _ours(feed: bytes, pdfs: list[bytes]) -> dict[str, float]:
    announcements = parse_feed(feed).announcements
    ledger = CategoryDay(
        category="cs.CV", day=date(2026, 6, 30), state=DayState.COMPLETE, checked_at=datetime.now(UTC)
    )
    with tempfile.TemporaryDirectory() as folder:
        return {
            "parse": _least(lambda: parse_feed(feed)),
            "match": _least(lambda: matches(KEYWORDS, announcements)),
            "store": min([await _stored(f"{folder}/{n}.db", announcements, ledger) for n in range(3)]),
            "read": await _read(pdfs),
        }


async def _stored(path: str, announcements: tuple, ledger: CategoryDay) -> float:
    async with open_store(path) as store:
        start = process_time()
        await store.save_batch(CategoryBatch(ledger=ledger, announcements=announcements))
        return (process_time() - start) * 1000


async def _read(pdfs: list[bytes]) -> float:
    """CPU of the warm worker and of this process, as the operating system counts them."""
    reader = PdfReader()
    try:
        await reader.read(pdfs[0])
        return min([await _reading(reader, pdfs) for _ in range(3)])
    finally:
        await reader.close()


async def _reading(reader: PdfReader, pdfs: list[bytes]) -> float:
    assert reader.pid is not None
    before = _cpu_of(reader.pid) + process_time()
    for pdf in pdfs:
        await reader.read(pdf)
    return (_cpu_of(reader.pid) + process_time() - before) * 1000


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
