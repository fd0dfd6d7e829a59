"""Addresses that lead elsewhere: typed, redirected to, or put into feeds; nothing but arXiv may be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from aiohttp import web

from tests.bot_under_test import BotUnderTest, shown
from tests.chaos.figures import Figure, at_least, exactly
from tests.hostile_world.connections import Seen, canary, watched
from tests.peers.arxiv import Fault, new

PAPER = "1911.02782"

# Where a request would go if somebody believed it; {port} is the canary's.
TARGETS = (
    "http://127.0.0.1:{port}/abs/", "http://localhost:{port}/abs/", "http://2130706433:{port}/abs/",
    "http://017700000001:{port}/abs/", "http://0x7f000001:{port}/abs/", "http://0x7f.1:{port}/abs/",
    "http://127.1:{port}/abs/", "http://0:{port}/abs/", "http://0.0.0.0:{port}/abs/",
    "http://[::1]:{port}/abs/", "http://[::ffff:127.0.0.1]:{port}/abs/", "http://[::ffff:7f00:1]:{port}/abs/",
    "http://arxiv.org@127.0.0.1:{port}/abs/", "http://arxiv.org:x@127.0.0.1:{port}/abs/",
    "http://127.0.0.1:{port}\\@arxiv.org/abs/", "http://127.0.0.1:{port}#@arxiv.org/abs/",
    "http://127.0.0.1:{port}?arxiv.org/abs/", "http://①②⑦.⓪.⓪.①:{port}/abs/", "http://127。0。0。1:{port}/abs/",
    "http://%31%32%37.0.0.1:{port}/abs/", "http://169.254.169.254/latest/meta-data/abs/",
    "http://[fd00:ec2::254]/latest/abs/", "http://metadata.google.internal/abs/",
    "http://127.0.0.1.nip.io:{port}/abs/", "http://localtest.me:{port}/abs/",
    "https://arxiv.org.evil.example/abs/", "https://evil.example/arxiv.org/abs/", "https://аrxiv.org/abs/",
    "//127.0.0.1:{port}/abs/", "file:///etc/passwd?/abs/", "gopher://127.0.0.1:{port}/_abs/",
    "ftp://127.0.0.1:{port}/abs/", "ldap://127.0.0.1:{port}/abs/",
)  # fmt: skip
_redirects: list[str] = []  # that were given
_ROUTES = ("/explain {}", "/ask {} What is new?", "/subscribe like:{}", "/start {}")


def run(folder: Path, *, every: int = 1) -> Iterator[Figure]:
    """The figures of the list, or of each so-manieth of it."""
    _redirects.clear()
    tried, answered, seen, allowed, asked = asyncio.run(_run(folder, every))
    yield at_least("addresses typed, redirected to and put into feeds", tried, 60 // every)
    yield exactly("of them met by no clear sentence", tried - answered)
    yield at_least("of them redirects that arXiv gave", len(_redirects), len(TARGETS) // every)
    yield exactly("requests that the canary got", len(asked))
    yield exactly("connections to anywhere but arXiv", len({*seen.addresses} - allowed))
    yield exactly("names looked up but arXiv's", len({*seen.names} - {host for host, _ in allowed}))
    yield at_least("connections to arXiv", len(seen.addresses), 1)


async def _run(folder: Path, every: int) -> tuple[int, int, Seen, set[tuple[str, int]], list[bytes]]:
    tried = answered = 0
    async with canary() as (port, asked), BotUnderTest(folder) as bot:
        bot.arxiv.know(new(PAPER, "S2ORC", abstract="We present a corpus of 81.1M papers.").paper)
        await bot.room()
        targets = [each.format(port=port) for each in TARGETS][::every]
        with watched() as seen:
            for number, target in enumerate(targets):
                tried, answered = tried + 1, answered + await _typed(bot, target, number)
                tried, answered = tried + 1, answered + await _redirected(bot, target, number)
            tried, answered = tried + 1, answered + await _fed(bot, targets)
        host, _, own = bot.arxiv.url.removeprefix("http://").partition(":")
    return tried, answered, seen, {(host, int(own))}, asked


async def _typed(bot: BotUnderTest, target: str, number: int) -> bool:
    said = shown(await bot.hears(_ROUTES[number % len(_ROUTES)].format(target + PAPER)))
    return bool(said.strip()) and "Traceback" not in said


async def _redirected(bot: BotUnderTest, target: str, number: int) -> bool:
    """A PDF and a paper that arXiv says are elsewhere: the abstract stands in, or a sentence says no."""
    paper = f"2605.{number + 1:05}"
    path = ("/pdf", "/api", "/abs")[number % 3]
    bot.arxiv.know(new(paper, f"Paper {number}", abstract="We present a paper. It is short and good.").paper)
    bot.arxiv.misbehave(path, _redirect(target + paper))
    said = shown(await bot.hears(f"/explain {paper}"))
    bot.arxiv.behave()
    return f"Paper {number}" in said or "redirect" in said or "Refused" in said or "address" in said


async def _fed(bot: BotUnderTest, targets: list[str]) -> bool:
    """A feed whose every entry links elsewhere, delivered whole."""
    bot.arxiv.announce("cs.CV", *(new(f"2606.3{n:04}", f"Robot {n}") for n in range(len(targets))))
    bot.arxiv.announce("cs.RO")
    feed = bot.arxiv.render_feed("rss", "cs.CV", bot.arxiv.today).decode()
    for number, target in enumerate(targets):
        foreign = target.replace("&", "&amp;")
        feed = feed.replace(f"https://arxiv.org/abs/2606.3{number:04}", f"{foreign}2606.3{number:04}")
    bot.arxiv.misbehave("/rss/cs.CV", _body(feed))
    await bot.says("/subscribe robot")
    await bot.morning()
    bot.arxiv.behave()
    return len(bot.papers()) > 0


def _redirect(target: str) -> Fault:
    async def fault(request: web.Request) -> web.StreamResponse:
        _redirects.append(target)
        response = web.Response(status=302)
        response.headers["Location"] = target
        return response

    return fault


def _body(text: str) -> Fault:
    async def fault(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type="application/rss+xml")

    return fault
