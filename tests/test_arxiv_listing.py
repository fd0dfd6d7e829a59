"""Every recorded listing page, with the counts that its makers wrote down."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from bot.demo.arxiv_pages import catchup_page, new_page
from digest.arxiv.abstract_page import parse_abs
from digest.arxiv.listing import AUTHORS_SHOWN, Listing, parse_listing
from digest.errors import InvalidFeed
from digest.model import ArxivId
from tests.peers.arxiv import TUESDAY, batch, cross, new, revised

DATA = Path(__file__).parent / "data/arxiv/listings"


def _page(name: str) -> bytes:
    return gzip.decompress((DATA / f"{name}.html.gz").read_bytes())


# Sections as (type or day, shown, declared), then total, next day and pages.
PAGES = {
    "list_new_cs.CV_2026-06-30": ("cs.CV", "new 260/260, cross 8/8, replace 56/56", 324, None, 1),
    "list_new_cs.AI_2026-06-30_show50_skip0": ("cs.AI", "new 50/112", 280, None, 1),
    "list_new_cs.AI_2026-06-30_show50_skip100": ("cs.AI", "new 12/112, cross 38/102", 280, None, 1),
    "list_new_cs.AI_2026-06-30_show25_skip225": ("cs.AI", "replace 25/66", 280, None, 1),
    "list_new_cs.AI_2026-06-30_skip_beyond_end": ("cs.AI", "", 280, None, 1),
    "list_new_econ.EM_no_updates": ("econ.EM", "", 0, None, 1),
    "list_pastweek_cs.CV": ("cs.CV", "2026-06-30 50/269", 589, None, 1),
    "list_pastweek_cs.GT_show2000": (
        "cs.GT",
        "2026-06-30 15/15, 2026-06-29 6/6, 2026-06-26 5/5, 2026-06-25 7/7, 2026-06-24 2/2",
        35,
        None,
        1,
    ),
    "list_recent_cs.CV_skip250_show50": ("cs.CV", "2026-06-30 19/269, 2026-06-29 31/94", 589, None, 1),
    "catchup_cs.AI_2026-06-30_abs": ("cs.AI", "new 112/112, cross 102/102, replace 66/66", 280, None, 1),
    "catchup_cs.GT_2026-06-30_abs": ("cs.GT", "new 12/12, cross 3/3, replace 2/2", 17, None, 1),
    "catchup_cs.GT_2026-06-30_noabs": ("cs.GT", "new 12/12, cross 3/3, replace 2/2", 17, None, 1),
    "catchup_cs.GR_2026-06-26_abs": ("cs.GR", "new 4/4, cross 2/2", 6, "2026-06-29", 1),
    "catchup_cs.CL_2026-06-30_abs_limit60_page1": ("cs.CL", "new 60/117", 178, None, 3),
    "catchup_cs.CL_2026-06-30_abs_limit60_page2": ("cs.CL", "new 57/117, cross 3/20", 178, None, 3),
    "catchup_cs.CL_2026-06-30_abs_limit60_page3": ("cs.CL", "cross 17/20, replace 41/41", 178, None, 3),
    "catchup_cs.CL_2026-06-30_abs_limit60_page4": ("cs.CL", "", 178, None, 3),
    "catchup_cs_2026-06-23_noabs_page1": ("cs", "new 1391/1391, replace 609/926", 2317, "2026-06-24", 2),
    "catchup_cs_2026-06-23_noabs_page2": ("cs", "replace 317/926", 2317, "2026-06-24", 2),
    "catchup_cs_2026-06-23_noabs_page3": ("cs", "", 2317, "2026-06-24", 2),
    "catchup_stat.ML_2026-08-18_abs_real_types": (
        "stat.ML",
        "new 11/11, cross 32/32, replace 29/29",
        72,
        "2026-08-19",
        1,
    ),
    "catchup_cs.CV_2026-06-27_no_announcement": ("cs.CV", "", 0, "2026-06-29", 1),
    "catchup_cs.CV_2026-07-01_not_yet_announced": ("cs.CV", "", 0, None, 1),
    "catchup_econ.EM_2026-06-29_no_updates_in_subject": ("econ.EM", "", 0, "2026-06-30", 1),
    "real_list_new_cs.AI_2026-08-12_fragments": ("cs.AI", "new 2/2, cross 2/2, replace 2/2", 6, None, 1),
    "real_list_new_cs.GL_empty_2026-09-25": ("cs.GL", "", 0, None, 1),
    "real_catchup_cs_2026-09-22_abs_page2_trimmed": ("cs", "replace 3/735", 2274, "2026-09-23", 2),
    "real_catchup_hep-ph_2026-09-19_weekend_noabs": ("hep-ph", "", 0, "2026-09-21", 1),
    "real_catchup_cs.GL_2026-09-24_empty": ("cs.GL", "", 0, "2026-09-25", 1),
    "real_catchup_cs.GL_2026-09-25_empty_latest": ("cs.GL", "", 0, None, 1),
}
REFUSALS = {
    "error400_catchup_bad_subject": "Invalid subject. Subject must be an archive, category or 'grp_physics'",
    "error400_catchup_future_date": "Invalid date: 2026-07-01. Can't request date later than today",
    "error400_catchup_over_90_days": "Invalid date: 2026-03-30. Catchup only allowed for past 90 days",
    "error400_list_bad_category": "Invalid archive or category: cs.ZZ",
    "error400_list_bad_show": "Invalid show value. Valid values: 25, 50, 100, 250, 500, 1000, 2000",
    "error503_list_replica_lag": "temporarily unavailable; please retry in a few minutes",
    "real_error400_catchup_hep-ph_2026-06-01": "Catchup only allowed for past 90 days",
    "abs_404_unknown": "Article 2606.99999 not found",
    "abs_2606.28622": "no arXiv listing page",
    "abs_2606.13621_v3": "no arXiv listing page",
    "abs_2606.13621v1_older_version": "no arXiv listing page",
}


def _sections(listing: Listing) -> str:
    return ", ".join(f"{s.type or s.day} {s.shown}/{s.declared}" for s in listing.sections)


@pytest.mark.parametrize("name", PAGES)
def test_every_recorded_page_has_its_true_counts(name: str) -> None:
    category, sections, total, next_day, pages = PAGES[name]

    listing = parse_listing(_page(name), category)

    assert _sections(listing) == sections
    assert (listing.total, listing.pages) == (total, pages)
    assert listing.next_day == (date.fromisoformat(next_day) if next_day else None)
    assert listing.is_whole
    assert len(listing.announcements) == listing.shown
    assert all(each.paper.title and each.paper.categories for each in listing.announcements)


@pytest.mark.parametrize("name", REFUSALS)
def test_every_other_page_is_refused_in_arxivs_words(name: str) -> None:
    with pytest.raises(InvalidFeed) as caught:
        parse_listing(_page(name), "cs.CV")

    assert REFUSALS[name] in str(caught.value)


def test_all_recorded_pages_are_tested() -> None:
    recorded = {path.name.removesuffix(".html.gz") for path in DATA.iterdir()}

    assert recorded == {*PAGES, *REFUSALS, "fragment_574_authors_cut_at_100"}


@pytest.mark.parametrize(
    ("name", "category", "day"),
    [
        ("list_new_cs.CV_2026-06-30", "cs.CV", date(2026, 6, 30)),
        ("real_list_new_cs.AI_2026-08-12_fragments", "cs.AI", date(2026, 8, 12)),
        ("real_list_new_cs.GL_empty_2026-09-25", "cs.GL", date(2026, 9, 25)),
        ("catchup_cs.CV_2026-07-01_not_yet_announced", "cs.CV", date(2026, 7, 1)),
        ("list_pastweek_cs.CV", "cs.CV", None),
    ],
)
def test_a_page_is_dated_by_its_heading(name: str, category: str, day: date | None) -> None:
    assert parse_listing(_page(name), category).day == day


def test_replacements_are_parted_by_their_primary_category() -> None:
    listing = parse_listing(_page("catchup_stat.ML_2026-08-18_abs_real_types"), "stat.ML")

    assert Counter(each.type for each in listing.announcements) == {
        "new": 11,
        "cross": 32,
        "replace": 12,
        "replace-cross": 17,
    }


def test_an_archives_own_categories_are_at_home_in_it() -> None:
    listing = parse_listing(_page("catchup_cs_2026-06-23_noabs_page2"), "cs")

    assert {each.type for each in listing.announcements} == {"replace"}


def test_old_identifiers_and_versions_are_read() -> None:
    crosses = parse_listing(_page("list_new_cs.CV_2026-06-30"), "cs.CV").sections[1].announcements
    replaced = parse_listing(_page("real_catchup_cs_2026-09-22_abs_page2_trimmed"), "cs").announcements

    assert sum("/" in each.paper.id.id for each in crosses) == 2
    assert [each.paper.id.version for each in replaced] == [3, 5, 4]


def test_addresses_behind_this_https_url_are_restored() -> None:
    papers = [each.paper for each in parse_listing(_page("list_new_cs.CV_2026-06-30"), "cs.CV").announcements]
    texts = [f"{paper.abstract} {paper.comment or ''}" for paper in papers]

    assert not any("this https URL" in text or "this http URL" in text for text in texts)
    assert sum("https://" in text for text in texts) > 50


def test_links_to_other_papers_are_no_entries() -> None:
    ids = {
        each.paper.id.id for each in parse_listing(_page("list_new_cs.CV_2026-06-30"), "cs.CV").announcements
    }

    assert len(ids) == 324


def test_a_long_author_list_is_known_to_be_cut() -> None:
    listing = parse_listing(_page("fragment_574_authors_cut_at_100"), "cs", day=date(2026, 6, 23))

    assert len(listing.announcements[0].paper.authors) == AUTHORS_SHOWN
    assert listing.announcements[0].paper.id == ArxivId("2606.15007", 1)


def test_missing_authors_are_none() -> None:
    listing = parse_listing(_page("catchup_stat.ML_2026-08-18_abs_real_types"), "stat.ML")

    assert not any(each.paper.authors for each in listing.announcements)


def test_a_page_past_the_end_says_so() -> None:
    for name, category in (
        ("list_new_cs.AI_2026-06-30_skip_beyond_end", "cs.AI"),
        ("catchup_cs.CL_2026-06-30_abs_limit60_page4", "cs.CL"),
    ):
        assert parse_listing(_page(name), category).past_the_end


def test_an_entry_that_cannot_be_read_makes_the_page_incomplete() -> None:
    page = _page("catchup_cs.GR_2026-06-26_abs").replace(b'title="Abstract"', b'title="Abs"', 1)

    listing = parse_listing(page, "cs.GR")

    assert not listing.is_whole
    assert len(listing.announcements) == 5


def test_what_the_small_arxiv_writes_is_read_back() -> None:
    announced = [
        new("2606.30001", "A & <B>", comment="5 pages", journal_ref="J. 1", abstract="If $x<y$."),
        cross("2606.30002", "C"),
        revised("2606.30003", "D"),
    ]

    listing = parse_listing(new_page("cs.CV", announced, day=TUESDAY).encode(), "cs.CV")

    assert [each.paper for each in listing.announcements] == [each.paper for each in announced]
    assert [each.type for each in listing.announcements] == ["new", "cross", "replace"]


def test_pages_of_the_small_arxiv_continue_like_arxivs() -> None:
    announced = (*batch(5), cross("2606.90001", "C"), revised("2606.90002", "D"))
    pages = [
        parse_listing(
            catchup_page("cs.CV", announced, day=TUESDAY, next_day=None, number=n, size=3).encode(), "cs.CV"
        )
        for n in (1, 2, 3, 4)
    ]

    assert [_sections(page) for page in pages] == ["new 3/5", "new 2/5, cross 1/1", "replace 1/1", ""]
    assert all((page.total, page.pages) == (7, 3) for page in pages)


def test_an_abstract_page_gives_the_version_it_shows() -> None:
    latest = parse_abs(_page("abs_2606.13621_v3"))
    older = parse_abs(_page("abs_2606.13621v1_older_version"))

    assert (latest.id, older.id) == (ArxivId("2606.13621", 3), ArxivId("2606.13621", 1))
    assert latest.submitted == older.submitted == date(2026, 4, 30)
    assert latest.categories == ("cs.AI", "cs.CR", "cs.GT", "cs.LG", "cs.MA")
    assert latest.authors == ("Achraf Hsain", "Sultan Almuhammadi")
    assert latest.licence == "http://creativecommons.org/licenses/by/4.0/"
    assert latest.comment is not None
    assert latest.comment.endswith("Code: https://github.com/AchrafHsain7/Bastion")


def test_a_page_of_another_kind_is_no_abstract_page() -> None:
    with pytest.raises(InvalidFeed, match="no abstract page"):
        parse_abs(_page("abs_404_unknown"))
