"""Manners and safety of the one connection to arXiv."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime

import pytest

from digest.arxiv import ArxivClient, ArxivSettings
from digest.arxiv.endpoints import ArxivEndpoints
from digest.arxiv.hosts import Hosts
from digest.arxiv.pacing import Kind
from digest.errors import InvalidSetting, PaperNotFound, SourceUnavailable
from digest.model import ArxivId
from tests.peers.arxiv import TUESDAY, Arxiv, busy, cut_off, html, new, redirect, stall, status

PAPER = ArxivId("2606.30001", 1)
PDF = b"%PDF-1.7\n" + b"x" * 5000 + b"\n%%EOF\n"

Connect = Callable[..., AbstractAsyncContextManager[ArxivEndpoints]]


@pytest.fixture
async def arxiv() -> AsyncIterator[Arxiv]:
    async with Arxiv() as server:
        server.announce("cs.CV", new("2606.30001", "Event-VLA"))
        server.add_pdf("2606.30001", PDF)
        yield server


@pytest.fixture
def connect(arxiv: Arxiv) -> Connect:
    """Endpoints on the loopback arXiv; its time passes only by sleeping, and jitter is its upper bound."""

    @asynccontextmanager
    async def connected(**changes: object) -> AsyncIterator[ArxivEndpoints]:
        client = ArxivClient(
            arxiv.settings(**changes),
            clock=arxiv.time.clock,
            sleep=arxiv.time.sleep,
            jitter=lambda low, high: high,
        )
        async with client:
            yield ArxivEndpoints(client)

    return connected


async def test_requests_keep_three_seconds_apart_and_pages_fifteen(arxiv: Arxiv, connect: Connect) -> None:
    async with connect(feed_gap=3.0, page_gap=15.0) as endpoints:
        await endpoints.feed("rss", "cs.CV")
        await endpoints.papers([PAPER])
        await endpoints.new("cs.CV")
        await endpoints.pdf(PAPER)
        await endpoints.catchup("cs.CV", TUESDAY)
        await endpoints.abstract_page(PAPER)

    times = [(request.at - arxiv.requests[0].at).total_seconds() for request in arxiv.requests]
    assert times == [0, 3, 6, 9, 21, 36]


async def test_concurrent_callers_go_one_after_the_other(arxiv: Arxiv, connect: Connect) -> None:
    async with connect(feed_gap=3.0) as endpoints:
        await asyncio.gather(*(endpoints.feed("rss", "cs.CV") for _ in range(4)))

    times = [(request.at - arxiv.requests[0].at).total_seconds() for request in arxiv.requests]
    assert times == [0, 3, 6, 9]


async def test_the_user_agent_names_paperboy_and_a_contact(arxiv: Arxiv, connect: Connect) -> None:
    async with connect(contact="team@example.org") as endpoints:
        await endpoints.feed("rss", "cs.CV")

    agent = arxiv.requests[0].headers["User-Agent"]
    assert agent.startswith("Paperboy/")
    assert agent.endswith(" (+mailto:team@example.org)")


async def test_validators_are_sent_and_an_unchanged_feed_is_not_read_again(
    arxiv: Arxiv, connect: Connect
) -> None:
    async with connect() as endpoints:
        _, first = await endpoints.feed("rss", "cs.CV")
        feed, answer = await endpoints.feed("rss", "cs.CV", etag=first.etag, last_modified="Tue, 30 Jun 2026")

    assert (feed, answer.status) == (None, 304)
    assert arxiv.requests[1].headers["If-None-Match"] == first.etag
    assert arxiv.requests[1].headers["If-Modified-Since"] == "Tue, 30 Jun 2026"


async def test_retry_after_in_seconds_is_waited_out(arxiv: Arxiv, connect: Connect) -> None:
    arxiv.misbehave("/rss", busy(retry_after=30), times=2)

    async with connect() as endpoints:
        feed, _ = await endpoints.feed("rss", "cs.CV")

    assert feed is not None
    assert arxiv.time.waits == [31.0, 31.0]


async def test_retry_after_as_a_date_is_waited_out(arxiv: Arxiv, connect: Connect) -> None:
    until = format_datetime(arxiv.time.now + timedelta(seconds=40), usegmt=True)
    arxiv.misbehave("/rss", status(503, headers={"Retry-After": until}), times=1)

    async with connect() as endpoints:
        await endpoints.feed("rss", "cs.CV")

    assert arxiv.time.waits == [41.0]


async def test_a_long_retry_after_is_handed_back_and_kept(arxiv: Arxiv, connect: Connect) -> None:
    arxiv.misbehave("/rss", busy(retry_after=3600))

    async with connect() as endpoints:
        for _ in range(3):
            with pytest.raises(SourceUnavailable) as caught:
                await endpoints.feed("rss", "cs.CV")
            assert caught.value.retry_after == pytest.approx(3600, abs=2)
        arxiv.behave()
        await arxiv.time.sleep(3602)
        await endpoints.feed("rss", "cs.CV")

    assert len(arxiv.requests) == 2


async def test_without_retry_after_waits_double_and_end(arxiv: Arxiv, connect: Connect) -> None:
    arxiv.misbehave("/rss", busy())

    async with connect(backoff=4.0) as endpoints:
        with pytest.raises(SourceUnavailable, match="429, too many requests, 4 times in a row"):
            await endpoints.feed("rss", "cs.CV")

    assert arxiv.time.waits == [4.0, 8.0, 16.0]


@pytest.mark.parametrize("code", [500, 502, 503, 504])
async def test_a_passing_fault_of_arxiv_is_tried_again(arxiv: Arxiv, connect: Connect, code: int) -> None:
    arxiv.misbehave("/rss", status(code), times=3)

    async with connect() as endpoints:
        feed, _ = await endpoints.feed("rss", "cs.CV")

    assert feed is not None


async def test_a_refusal_is_never_repeated(arxiv: Arxiv, connect: Connect) -> None:
    arxiv.misbehave("/rss", status(403))

    async with connect() as endpoints:
        for _ in range(3):
            with pytest.raises(SourceUnavailable, match="refuses"):
                await endpoints.feed("rss", "cs.CV")

    assert len(arxiv.requests) == 1


async def test_one_refused_pdf_does_not_shut_out_the_others(arxiv: Arxiv, connect: Connect) -> None:
    arxiv.misbehave("/pdf/2606.30002", status(403))

    async with connect() as endpoints:
        with pytest.raises(SourceUnavailable):
            await endpoints.pdf(ArxivId("2606.30002"))
        assert await endpoints.pdf(PAPER) == PDF

    assert len(arxiv.requests) == 2


async def test_a_redirect_within_arxiv_is_followed(arxiv: Arxiv, connect: Connect) -> None:
    arxiv.misbehave("/catchup/math.MP", redirect("/catchup/cs.CV/2026-06-30?abs=True&page=1", 301))

    async with connect() as endpoints:
        listing = await endpoints.catchup("math.MP", TUESDAY)

    assert listing.total == 1


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/pdf/2606.30001",
        "http://localhost:8080/",
        "http://2130706433/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "https://arxiv.org.evil.example/pdf/1",
        "https://arxiv.org@evil.example/",
        "//evil.example/pdf/2606.30001",
        "ftp://arxiv.org/pdf/2606.30001",
        "file:///etc/passwd",
        "gopher://arxiv.org/",
    ],
)
async def test_a_redirect_elsewhere_is_refused(arxiv: Arxiv, connect: Connect, target: str) -> None:
    arxiv.misbehave("/pdf", redirect(target))

    async with connect() as endpoints:
        with pytest.raises(SourceUnavailable, match="Refused to follow arXiv"):
            await endpoints.pdf(PAPER)

    assert len(arxiv.requests) == 1


async def test_a_redirect_in_circles_ends(arxiv: Arxiv, connect: Connect) -> None:
    arxiv.misbehave("/pdf", redirect("/pdf/2606.30001v1"))

    async with connect() as endpoints:
        with pytest.raises(SourceUnavailable, match="redirected"):
            await endpoints.pdf(PAPER)

    assert len(arxiv.requests) == 6


async def test_a_stalled_connection_is_given_up(arxiv: Arxiv, connect: Connect) -> None:
    arxiv.misbehave("/rss", stall())

    async with connect(timeout=0.05) as endpoints:
        with pytest.raises(SourceUnavailable, match=r"no byte of the feed in 0\.05 s"):
            await endpoints.feed("rss", "cs.CV")

    assert len(arxiv.requests) == 2


async def test_an_answer_that_never_ends_is_cut_by_the_total_time(arxiv: Arxiv, connect: Connect) -> None:
    arxiv.misbehave("/rss", stall())

    async with connect(total_timeout=0.05) as endpoints:
        with pytest.raises(SourceUnavailable, match=r"did not finish .* in 0\.05 s"):
            await endpoints.feed("rss", "cs.CV")


async def test_a_cut_off_body_is_fetched_again(arxiv: Arxiv, connect: Connect) -> None:
    arxiv.misbehave("/pdf", cut_off(PDF, sent=100), times=1)

    async with connect() as endpoints:
        assert await endpoints.pdf(PAPER) == PDF


async def test_a_body_that_is_always_cut_off_is_a_fault(arxiv: Arxiv, connect: Connect) -> None:
    arxiv.misbehave("/pdf", cut_off(PDF, sent=100))

    async with connect() as endpoints:
        with pytest.raises(SourceUnavailable, match="broke off, 4 times in a row"):
            await endpoints.pdf(PAPER)


async def test_a_pdf_above_the_limit_is_not_read(arxiv: Arxiv, connect: Connect) -> None:
    async with connect(max_pdf_bytes=4096) as endpoints:
        with pytest.raises(SourceUnavailable, match="larger than"):
            await endpoints.pdf(PAPER)


async def test_a_web_page_instead_of_a_pdf_is_named(arxiv: Arxiv, connect: Connect) -> None:
    arxiv.misbehave("/pdf", html("arXiv reCAPTCHA"))

    async with connect() as endpoints:
        with pytest.raises(SourceUnavailable, match=r"a web page \(“arXiv reCAPTCHA”\) instead of the PDF"):
            await endpoints.pdf(PAPER)


async def test_a_missing_pdf_is_not_found(arxiv: Arxiv, connect: Connect) -> None:
    async with connect() as endpoints:
        with pytest.raises(PaperNotFound, match=r"2606\.99999v2"):
            await endpoints.pdf(ArxivId("2606.99999", 2))


async def test_an_unreachable_arxiv_is_named() -> None:
    settings = ArxivSettings(rss_url="http://127.0.0.1:9", feed_gap=0.0, tries=1)
    async with ArxivClient(settings) as client:
        with pytest.raises(SourceUnavailable, match=r"127\.0\.0\.1:9 cannot be reached"):
            await client.get("http://127.0.0.1:9/rss/cs.CV", Kind.FEED)


@pytest.mark.parametrize(
    ("changes", "bases"),
    [
        (
            {},
            (
                "https://rss.arxiv.org",
                "https://export.arxiv.org",
                "https://arxiv.org",
                "https://export.arxiv.org",
            ),
        ),
        (
            {"rss_url": "http://m/rss/", "api_url": "http://m/api/query", "url": "http://m//"},
            ("http://m", "http://m", "http://m", "http://m"),
        ),
        (
            {"rss_url": "http://m/x/atom", "api_url": "http://m/api/", "pdf_url": "http://p/pdf"},
            ("http://m/x", "http://m", "https://arxiv.org", "http://p"),
        ),
    ],
)
def test_bases_are_understood_however_they_end(changes: dict[str, str], bases: tuple[str, ...]) -> None:
    assert ArxivSettings(**changes).bases == bases  # type: ignore[arg-type]


def test_a_base_that_is_no_web_address_is_a_setting_to_mend() -> None:
    with pytest.raises(InvalidSetting, match=r"try https://arxiv\.org"):
        Hosts(["arxiv.org"])


def test_a_mirror_may_move_to_https_but_not_back() -> None:
    Hosts(["http://arxiv.org"]).check("https://arxiv.org/pdf/1")
    with pytest.raises(SourceUnavailable):
        Hosts(["https://arxiv.org"]).check("http://arxiv.org/pdf/1")
