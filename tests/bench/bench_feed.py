"""Reading feeds and listings: time against feedparser and selectolax bare, and what the event loop feels."""

from __future__ import annotations

import asyncio
import gzip
import io
import time
from collections.abc import Callable
from pathlib import Path

import feedparser
from selectolax.lexbor import LexborHTMLParser

from digest.arxiv.feed import parse_feed
from digest.arxiv.listing import parse_listing

ROOT = Path(__file__).parents[2]
FEEDS = [gzip.decompress(path.read_bytes()) for path in sorted((ROOT / "bot/demo/data").glob("*.rss.xml.gz"))]
LISTING = gzip.decompress((ROOT / "tests/data/arxiv/listings/list_new_cs.CV_2026-06-30.html.gz").read_bytes())


def run() -> None:
    """Print ratios to the bare parsers, measured in turns, and the event loop's longest stall."""
    bare, ours = _in_turns(_bare_feeds, _our_feeds)
    entries = sum(len(parse_feed(feed).announcements) for feed in FEEDS)
    print(f"feeds, {entries} entries: {ours:.0f} ms CPU, {ours / bare:.2f} x feedparser bare ({bare:.0f} ms)")
    bare, ours = _in_turns(_bare_listing, _our_listing)
    print(f"listing, 324 entries: {ours:.0f} ms CPU, {ours / bare:.2f} x selectolax bare ({bare:.0f} ms)")
    stall = asyncio.run(_longest_stall())
    print(f"event loop while a feed of {len(FEEDS[-1]) // 1024} KiB is read: longest stall {stall:.0f} ms")


def _bare_feeds() -> None:
    for feed in FEEDS:
        feedparser.parse(io.BytesIO(feed), sanitize_html=False, resolve_relative_uris=False)


def _our_feeds() -> None:
    for feed in FEEDS:
        parse_feed(feed)


def _bare_listing() -> None:
    for node in LexborHTMLParser(LISTING).css("dt, dd"):
        node.text()


def _our_listing() -> None:
    parse_listing(LISTING, "cs.CV")


def _in_turns(one: Callable[[], None], other: Callable[[], None], rounds: int = 7) -> tuple[float, float]:
    """The least CPU time of each in milliseconds, so that what else runs here matters little."""
    least = [float("inf"), float("inf")]
    for _ in range(rounds):
        for number, work in enumerate((one, other)):
            start = time.process_time()
            work()
            least[number] = min(least[number], (time.process_time() - start) * 1000)
    return least[0], least[1]


async def _longest_stall() -> float:
    """Milliseconds that a 1 ms sleep was late by at most, while a feed was read in a thread."""
    reading = asyncio.create_task(asyncio.to_thread(parse_feed, FEEDS[-1]))
    longest = 0.0
    while not reading.done():
        start = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - start - 0.001)
    await reading
    return longest * 1000
