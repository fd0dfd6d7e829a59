"""The ladder: each category-day by the best way there is, and a ledger row that says how."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.demo import arxiv_feeds
from bot.demo.arxiv_pages import new_page
from digest.arxiv import ArxivClient, ArxivSource
from digest.errors import SourceUnavailable
from digest.model import AnnounceType, ArxivId, CategoryBatch, CategoryDay, DayState, EmptyReason
from tests.peers.arxiv import (
    TUESDAY,
    Arxiv,
    batch,
    body,
    busy,
    cross,
    feed_error_400,
    html,
    new,
    revised,
    stall,
    status,
)

MONDAY = TUESDAY - timedelta(days=1)
FRIDAY = TUESDAY - timedelta(days=4)


@pytest.fixture
async def arxiv() -> AsyncIterator[Arxiv]:
    async with Arxiv() as server:
        server.announce("cs.CV", *batch(5, day=MONDAY), *batch(4, day=TUESDAY))
        yield server


@pytest.fixture
async def source(arxiv: Arxiv) -> AsyncIterator[ArxivSource]:
    settings = arxiv.settings(timeout=0.1)
    async with ArxivClient(settings, clock=arxiv.time.clock, sleep=arxiv.time.sleep) as client:
        yield ArxivSource(client, clock=arxiv.time.clock)


async def _fetch(
    source: ArxivSource, day: date = TUESDAY, *, after: CategoryBatch | None = None, category: str = "cs.CV"
) -> CategoryBatch:
    last_ids = frozenset(each.paper.id.id for each in after.announcements) if after else frozenset()
    return await source.announced(category, day, last=after.ledger if after else None, last_ids=last_ids)


def _known(arxiv: Arxiv, day: date = MONDAY) -> CategoryBatch:
    """The batch of a day as it was stored when it was fetched."""
    announcements = arxiv.batch("cs.CV", day)
    row = CategoryDay(
        category="cs.CV",
        day=day,
        state=DayState.COMPLETE,
        source="rss",
        checked_at=arxiv.time.now - timedelta(days=1),
    )
    return CategoryBatch(ledger=row, announcements=announcements)


def _ids(found: CategoryBatch) -> list[str]:
    return sorted(each.paper.id.id for each in found.announcements)


# A good day


async def test_a_fresh_feed_is_complete_after_one_request(arxiv: Arxiv, source: ArxivSource) -> None:
    found = await _fetch(source, after=_known(arxiv))

    assert (found.ledger.state, found.ledger.source, found.ledger.counts) == (
        "complete",
        "rss",
        (("new", 4),),
    )
    assert {each.day for each in found.announcements} == {TUESDAY}
    assert found.ledger.checked_at == arxiv.time.now
    assert found.ledger.next_try is None
    assert arxiv.paths() == ["/rss/cs.CV"]


async def test_the_first_fetch_of_all_is_confirmed_by_the_listing(arxiv: Arxiv, source: ArxivSource) -> None:
    found = await _fetch(source)

    assert (found.ledger.state, found.ledger.source, found.ledger.note) == (DayState.COMPLETE, "rss", "")
    assert found.ledger.total == 4
    assert arxiv.paths() == ["/rss/cs.CV", "/list/cs.CV/new?skip=0&show=2000"]


async def test_a_stale_feed_does_not_spoil_the_first_day(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.stay_stale("cs.CV", MONDAY)

    found = await _fetch(source)

    assert _ids(found) == sorted(each.paper.id.id for each in arxiv.batch("cs.CV", TUESDAY))
    assert found.ledger.source == "list"


async def test_papers_of_a_feed_without_categories_in_its_title_are_listed(
    arxiv: Arxiv, source: ArxivSource
) -> None:
    feed = arxiv.render_feed("rss", "cs.CV", TUESDAY).replace(b"cs.CV updates on arXiv.org", b"Vision")
    arxiv.misbehave("/rss", body(feed.replace(b"/rss/cs.CV", b"/")))

    found = await _fetch(source, after=_known(arxiv))

    assert {each.listed_in for each in found.announcements} == {("cs.CV",)}


async def test_the_feed_of_another_category_is_not_taken(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.announce("cs.LG", *batch(3, first=100))
    arxiv.misbehave("/rss/cs.CV", body(arxiv.render_feed("rss", "cs.LG", TUESDAY)))

    found = await _fetch(source, after=_known(arxiv))

    assert (found.ledger.state, found.ledger.source, found.ledger.total) == (DayState.COMPLETE, "list", 4)


async def test_the_ledger_counts_every_announce_type(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.announce("cs.CV", cross("2606.40001", "C"), revised("2606.40002", "D"))

    found = await _fetch(source)

    assert found.ledger.counts == ((AnnounceType.NEW, 4), (AnnounceType.CROSS, 1), (AnnounceType.REPLACE, 1))
    assert found.ledger.total == 6


async def test_validators_of_the_last_batch_are_sent(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.time.go(MONDAY)
    monday = await _fetch(source, MONDAY)
    arxiv.time.go(TUESDAY)

    await _fetch(source, after=monday)

    assert monday.ledger.etag
    assert arxiv.requests[-1].headers["If-None-Match"] == monday.ledger.etag


async def test_a_settled_day_asked_for_again_is_unchanged(arxiv: Arxiv, source: ArxivSource) -> None:
    first = await _fetch(source)

    again = await _fetch(source, after=first)

    assert again == CategoryBatch(ledger=first.ledger)
    assert len(arxiv.paths()) == 3  # feed and listing, then the feed that has not changed


# Doubts


async def test_yesterdays_batch_under_todays_date_is_not_taken_for_today(
    arxiv: Arxiv, source: ArxivSource
) -> None:
    arxiv.stay_stale("cs.CV", MONDAY)

    found = await _fetch(source, after=_known(arxiv))

    assert (found.ledger.state, found.ledger.source) == (DayState.COMPLETE, "list")
    assert _ids(found) == sorted(each.paper.id.id for each in arxiv.batch("cs.CV", TUESDAY))
    assert "still shows the batch of Monday 29 June" in found.ledger.note


async def test_a_stale_feed_and_a_stale_listing_mean_late(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.time.go(date(2026, 7, 1))
    arxiv.stay_stale("cs.CV", TUESDAY)

    found = await _fetch(source, date(2026, 7, 1), after=_known(arxiv, TUESDAY))

    assert (found.ledger.state, found.announcements) == (DayState.LATE, ())
    assert found.ledger.note == "arXiv still shows Tuesday 30 June."
    assert found.ledger.next_try == arxiv.time.now + timedelta(hours=1)


async def test_a_partly_stale_feed_is_completed_from_the_listing(arxiv: Arxiv, source: ArxivSource) -> None:
    mixed = (*batch(3, day=MONDAY), *batch(2, day=TUESDAY))
    feed = arxiv_feeds.rss("cs.CV", mixed, day=TUESDAY, built=arxiv.time.now)
    arxiv.misbehave("/rss/cs.CV", body(feed))

    found = await _fetch(source, after=_known(arxiv))

    assert found.ledger.state is DayState.COMPLETE
    assert found.ledger.total == 4


async def test_an_unchanged_feed_is_stale_on_a_new_day(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.misbehave("/rss", status(304))

    found = await _fetch(source, after=_known(arxiv))

    assert (found.ledger.state, found.ledger.source) == (DayState.COMPLETE, "list")


async def test_a_feed_dated_otherwise_but_with_fresh_papers_is_taken(
    arxiv: Arxiv, source: ArxivSource
) -> None:
    arxiv.time.go(MONDAY)
    feed = arxiv.render_feed("rss", "cs.CV", TUESDAY)  # bears Monday's date
    arxiv.time.go(TUESDAY)
    arxiv.misbehave("/rss", body(feed))
    arxiv.misbehave("/list", status(404))
    arxiv.misbehave("/catchup", status(404))

    found = await _fetch(source, after=_known(arxiv))

    assert (found.ledger.state, found.ledger.source, found.ledger.total) == (DayState.COMPLETE, "rss", 4)
    assert {each.day for each in found.announcements} == {TUESDAY}
    assert "Not checked against arXiv's listing" in found.ledger.note


async def test_a_feed_of_2000_entries_is_completed_from_the_listing(
    arxiv: Arxiv, source: ArxivSource
) -> None:
    arxiv.announce("cs.LG", *batch(2100), *(revised(f"2605.9{n:04d}", "R") for n in range(200)))

    found = await _fetch(source, category="cs.LG")

    assert (found.ledger.state, found.ledger.source) == (DayState.COMPLETE, "list")
    assert found.ledger.counts == ((AnnounceType.NEW, 2100), (AnnounceType.REPLACE, 200))
    assert arxiv.paths()[-1] == "/list/cs.LG/new?skip=2000&show=2000"


async def test_a_feed_cut_at_2000_without_a_listing_is_truncated(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.announce("cs.LG", *batch(2001))
    arxiv.misbehave("/list", status(500))
    arxiv.misbehave("/catchup", status(500))

    found = await _fetch(source, category="cs.LG")

    assert (found.ledger.state, found.ledger.total) == (DayState.TRUNCATED, 2000)
    assert "cut at 2000 entries" in found.ledger.note
    assert found.ledger.next_try is not None


async def test_a_day_that_came_in_part_is_completed_later(arxiv: Arxiv, source: ArxivSource) -> None:
    partial = CategoryBatch(
        ledger=CategoryDay(
            category="cs.CV", day=TUESDAY, state=DayState.TRUNCATED, checked_at=arxiv.time.now
        ),
        announcements=arxiv.batch("cs.CV", TUESDAY)[:2],
    )

    found = await _fetch(source, after=partial)

    assert (found.ledger.state, found.ledger.total) == (DayState.COMPLETE, 4)
    assert any(path.startswith("/list") for path in arxiv.paths())


# Nothing today


async def test_an_empty_feed_on_a_weekday_is_filled_from_the_listing(
    arxiv: Arxiv, source: ArxivSource
) -> None:
    arxiv.stay_stale("cs.CV", FRIDAY)  # a day without a batch: the feed is empty

    found = await _fetch(source, after=_known(arxiv))

    assert (found.ledger.state, found.ledger.total) == (DayState.COMPLETE, 4)


async def test_an_empty_feed_and_a_listing_without_updates_mean_no_announcement(
    arxiv: Arxiv, source: ArxivSource
) -> None:
    arxiv.announce("econ.EM")

    found = await _fetch(source, category="econ.EM")

    assert (found.ledger.state, found.ledger.reason) == (DayState.EMPTY, EmptyReason.NO_ANNOUNCEMENT)
    assert found.ledger.next_try is None


async def test_a_listing_without_the_papers_of_the_feed_is_not_believed(
    arxiv: Arxiv, source: ArxivSource
) -> None:
    empty = new_page("cs.CV", (), day=TUESDAY)
    arxiv.misbehave("/list", body(empty.encode(), "text/html"))

    found = await _fetch(source)

    assert found.ledger.state is DayState.LATE


async def test_an_empty_feed_without_a_listing_is_late_not_empty(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.announce("econ.EM")
    arxiv.misbehave("/list", status(500))
    arxiv.misbehave("/catchup", status(500))

    found = await _fetch(source, category="econ.EM")

    assert found.ledger.state is DayState.LATE
    assert "its feed is empty" in found.ledger.note


@pytest.mark.parametrize("day", [date(2026, 6, 27), date(2026, 6, 28)])
async def test_a_weekend_day_is_empty_without_a_request(arxiv: Arxiv, source: ArxivSource, day: date) -> None:
    found = await _fetch(source, day)

    assert (found.ledger.state, found.ledger.reason) == (DayState.EMPTY, EmptyReason.WEEKEND)
    assert arxiv.paths() == []


async def test_silence_on_a_known_holiday_is_a_holiday(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.time.go(date(2026, 11, 26))

    found = await _fetch(source, date(2026, 11, 26))

    assert (found.ledger.state, found.ledger.reason) == (DayState.EMPTY, EmptyReason.HOLIDAY)


async def test_papers_on_a_known_holiday_are_announced_all_the_same(
    arxiv: Arxiv, source: ArxivSource
) -> None:
    thanksgiving = date(2026, 11, 26)
    arxiv.time.go(thanksgiving)
    arxiv.announce("cs.CV", *batch(3, day=thanksgiving))

    found = await _fetch(source, thanksgiving)

    assert (found.ledger.state, found.ledger.total) == (DayState.COMPLETE, 3)


async def test_just_after_midnight_a_holiday_is_not_yet_believed(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.time.now = datetime(2026, 11, 26, 5, 5, tzinfo=UTC)

    assert (await _fetch(source, date(2026, 11, 26))).ledger.state is DayState.LATE


async def test_a_day_to_come_is_late_until_it_begins(arxiv: Arxiv, source: ArxivSource) -> None:
    found = await _fetch(source, date(2026, 7, 1))

    assert found.ledger.state is DayState.LATE
    assert found.ledger.next_try == datetime(2026, 7, 1, 4, tzinfo=UTC)
    assert arxiv.paths() == []


# Past days


async def test_a_missed_day_comes_from_catch_up_by_its_announcement_date(
    arxiv: Arxiv, source: ArxivSource
) -> None:
    found = await _fetch(source, MONDAY)

    assert (found.ledger.state, found.ledger.source, found.ledger.total) == (DayState.COMPLETE, "catchup", 5)
    assert {each.day for each in found.announcements} == {MONDAY}
    assert arxiv.paths() == ["/catchup/cs.CV/2026-06-29?abs=True&page=1"]


async def test_catch_up_reads_all_pages() -> None:
    async with Arxiv(page_size=3) as arxiv:
        arxiv.announce("cs.CV", *batch(7, day=MONDAY))
        arxiv.mail(TUESDAY)
        async with ArxivClient(arxiv.settings(), clock=arxiv.time.clock, sleep=arxiv.time.sleep) as client:
            found = await _fetch(ArxivSource(client, clock=arxiv.time.clock), MONDAY)

            assert (found.ledger.state, found.ledger.total) == (DayState.COMPLETE, 7)
            assert len(arxiv.paths()) == 3


async def test_catch_up_that_breaks_off_is_truncated() -> None:
    async with Arxiv(page_size=3) as arxiv:
        arxiv.announce("cs.CV", *batch(7, day=MONDAY))
        async with ArxivClient(
            arxiv.settings(tries=1), clock=arxiv.time.clock, sleep=arxiv.time.sleep
        ) as client:
            arxiv.misbehave("/catchup", status(500), query="page=2")
            found = await _fetch(ArxivSource(client, clock=arxiv.time.clock), MONDAY)

    assert (found.ledger.state, found.ledger.total) == (DayState.TRUNCATED, 3)
    assert found.ledger.note.startswith("Only 3 of 7 listed entries could be read.")
    assert found.ledger.next_try is not None


async def test_a_past_day_without_entries_is_empty_once_a_later_day_is_mailed(
    arxiv: Arxiv, source: ArxivSource
) -> None:
    found = await _fetch(source, FRIDAY)

    assert (found.ledger.state, found.ledger.reason) == (DayState.EMPTY, EmptyReason.NO_ANNOUNCEMENT)


async def test_an_empty_past_day_without_a_later_mailing_is_not_final(
    arxiv: Arxiv, source: ArxivSource
) -> None:
    arxiv.time.go(date(2026, 7, 2))

    found = await _fetch(source, date(2026, 7, 1))

    assert found.ledger.state is DayState.LATE
    assert found.ledger.next_try is not None


async def test_days_beyond_ninety_cannot_be_had(arxiv: Arxiv, source: ArxivSource) -> None:
    found = await _fetch(source, TUESDAY - timedelta(days=92))

    assert (found.ledger.state, found.ledger.next_try) == (DayState.FAILED, None)
    assert "90 days" in found.ledger.note


async def test_yesterday_comes_from_the_new_page_when_catch_up_fails(
    arxiv: Arxiv, source: ArxivSource
) -> None:
    arxiv.time.go(date(2026, 7, 1))  # nothing mailed yet: /new still shows Tuesday
    arxiv.misbehave("/catchup", status(500))

    found = await _fetch(source)

    assert (found.ledger.state, found.ledger.source, found.ledger.total) == (DayState.COMPLETE, "list", 4)


# Faults


@pytest.mark.parametrize(
    "fault",
    [feed_error_400(), status(500), html(), stall(), body(b"<rss><channel><item>"), status(404), body(b"")],
)
async def test_a_broken_rss_feed_is_replaced_by_atom(
    arxiv: Arxiv, source: ArxivSource, fault: object
) -> None:
    arxiv.misbehave("/rss", fault)  # type: ignore[arg-type]

    found = await _fetch(source, after=_known(arxiv))

    assert (found.ledger.state, found.ledger.source, found.ledger.total) == (DayState.COMPLETE, "atom", 4)


async def test_without_any_feed_the_listing_is_read(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.misbehave("/rss", html())
    arxiv.misbehave("/atom", html())

    found = await _fetch(source, after=_known(arxiv))

    assert (found.ledger.state, found.ledger.source, found.ledger.total) == (DayState.COMPLETE, "list", 4)


async def test_without_feed_and_listing_catch_up_is_read(arxiv: Arxiv, source: ArxivSource) -> None:
    for path in ("/rss", "/atom", "/list"):
        arxiv.misbehave(path, status(500))

    found = await _fetch(source, after=_known(arxiv))

    assert (found.ledger.state, found.ledger.source, found.ledger.total) == (DayState.COMPLETE, "catchup", 4)


async def test_an_arxiv_that_is_down_ends_in_the_ledger(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.misbehave("/", status(503))

    found = await _fetch(source, after=_known(arxiv))

    assert (found.ledger.state, found.announcements) == (DayState.FAILED, ())
    assert "HTTP 503" in found.ledger.note
    assert found.ledger.next_try is not None
    assert found.ledger.next_try > arxiv.time.now


async def test_a_long_retry_after_becomes_the_next_try(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.misbehave("/", busy(retry_after=7200))

    found = await _fetch(source)

    assert found.ledger.state is DayState.FAILED
    assert found.ledger.next_try is not None
    assert found.ledger.next_try >= arxiv.time.now + timedelta(hours=2)
    assert len(arxiv.requests) == 1


async def test_a_refusing_arxiv_is_asked_once(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.misbehave("/", status(403))

    for category in ("cs.CV", "cs.AI", "cs.LG"):
        assert (await _fetch(source, category=category)).ledger.state is DayState.FAILED

    assert len(arxiv.requests) == 1


async def test_an_unknown_category_fails_in_arxivs_words(arxiv: Arxiv, source: ArxivSource) -> None:
    found = await _fetch(source, category="cs.ZZ")

    assert found.ledger.state is DayState.FAILED
    assert found.ledger.note == "arXiv has no category “cs.ZZ”; try cs.CV."
    assert found.ledger.next_try == arxiv.time.now + timedelta(days=1)


@pytest.mark.parametrize("category", ["", "../../etc", "cs.CV+cs.AI", "cs.CV/new", "CS", "cs CV"])
async def test_what_cannot_be_a_category_is_never_asked_for(
    arxiv: Arxiv, source: ArxivSource, category: str
) -> None:
    found = await _fetch(source, category=category)

    assert found.ledger.state is DayState.FAILED
    assert "try cs.CV" in found.ledger.note
    assert arxiv.paths() == []


async def test_listing_entries_that_cannot_be_read_are_counted(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.announce("cs.LG", *batch(3))
    arxiv.misbehave("/rss", html())
    arxiv.misbehave("/atom", html())
    page = new_page("cs.LG", arxiv.batch("cs.LG", TUESDAY), day=TUESDAY)
    arxiv.misbehave("/list", body(page.replace('title="Abstract"', "", 1).encode(), "text/html"))

    found = await _fetch(source, category="cs.LG")

    assert (found.ledger.state, found.ledger.total) == (DayState.TRUNCATED, 2)
    assert "Only 2 of 3 listed entries" in found.ledger.note


# Papers


async def test_metadata_comes_from_one_request_per_hundred(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.announce("cs.LG", *batch(150))
    ids = [each.paper.id.bare for each in arxiv.batch("cs.LG", TUESDAY)]

    papers = await source.papers(ids)

    assert [paper.id.bare for paper in papers] == ids
    assert len(arxiv.requests) == 2


async def test_an_unknown_paper_is_left_out(arxiv: Arxiv, source: ArxivSource) -> None:
    assert await source.papers([ArxivId("2606.99999")]) == ()
    known = arxiv.batch("cs.CV", TUESDAY)[0].paper
    assert await source.papers([known.id.bare, ArxivId("2606.99999")]) == (known,)


@pytest.mark.parametrize("fault", [busy(), status(500), html()])
async def test_a_single_paper_comes_from_its_abstract_page_when_the_api_fails(
    arxiv: Arxiv, source: ArxivSource, fault: object
) -> None:
    arxiv.announce("cs.LG", new("2606.30009", "Event-VLA", comment="5 pages"))
    arxiv.misbehave("/api", fault, times=3)  # type: ignore[arg-type]

    (paper,) = await source.papers([ArxivId("2606.30009")])

    assert (paper.title, paper.comment) == ("Event-VLA", "5 pages")


async def test_many_papers_without_the_api_are_a_fault(arxiv: Arxiv, source: ArxivSource) -> None:
    arxiv.misbehave("/api", status(500))

    with pytest.raises(SourceUnavailable):
        await source.papers([ArxivId("2606.30001"), ArxivId("2606.30002")])
