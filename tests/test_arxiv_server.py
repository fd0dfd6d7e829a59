"""The small arXiv of the demo: what it replays, in every form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.demo.arxiv_server import ArxivServer
from digest.arxiv import ArxivClient, ArxivSettings, ArxivSource
from digest.arxiv.endpoints import ArxivEndpoints
from digest.arxiv.mailing import mailing_of, newest_mailing
from digest.model import ArxivId, DayState

DATA = Path(__file__).parents[1] / "bot/demo/data"
DAY = date(2026, 6, 30)
ENTRIES = {"cs.AI": 214, "cs.CL": 2, "cs.CV": 267}


def _morning() -> datetime:
    return datetime(2026, 6, 30, 13, tzinfo=UTC)


@pytest.fixture
async def client() -> AsyncIterator[ArxivClient]:
    async with ArxivServer(clock=_morning) as server:
        server.replay(DATA)
        settings = ArxivSettings(
            rss_url=server.url, api_url=server.url, url=server.url, feed_gap=0.0, page_gap=0.0
        )
        async with ArxivClient(settings, clock=_morning) as connected:
            yield connected


@pytest.mark.parametrize("category", ENTRIES)
async def test_the_recorded_day_is_whole_in_every_form(client: ArxivClient, category: str) -> None:
    arxiv = ArxivEndpoints(client)

    rss, _ = await arxiv.feed("rss", category)
    atom, _ = await arxiv.feed("atom", category)
    new = await newest_mailing(arxiv, category)
    past = await mailing_of(arxiv, category, DAY)

    assert rss is not None
    assert atom is not None
    ids = rss.ids
    assert len(ids) == ENTRIES[category]
    assert (
        atom.ids
        == {each.paper.id.id for each in new.listed}
        == {each.paper.id.id for each in past.listed}
        == ids
    )
    assert new.day == past.day == DAY


async def test_the_demos_day_is_complete_through_the_ladder(client: ArxivClient) -> None:
    source = ArxivSource(client, clock=_morning)

    for category, number in ENTRIES.items():
        found = await source.announced(category, DAY, last=None, last_ids=frozenset())
        assert (found.ledger.state, found.ledger.total, found.ledger.note) == (DayState.COMPLETE, number, "")


async def test_the_shipped_pdfs_are_served_in_any_version(client: ArxivClient) -> None:
    source = ArxivSource(client, clock=_morning)

    for identifier in (ArxivId("1911.02782", 3), ArxivId("1911.02782"), ArxivId("2301.13298", 1)):
        assert (await source.pdf(identifier)).startswith(b"%PDF-")


async def test_comments_come_with_the_api(client: ArxivClient) -> None:
    (paper,) = await ArxivSource(client, clock=_morning).papers([ArxivId("1911.02782")])

    assert paper.comment == "ACL 2020, pages 4969-4983"
    assert paper.licence is None


async def test_the_two_older_papers_are_said_to_be_replayed() -> None:
    assert b"Replayed by Paperboy's demo" in (DATA / "cs.CL_2026-06-30.rss.xml").read_bytes()
