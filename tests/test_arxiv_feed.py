"""Feeds: RSS, Atom, API answers, and everything that is none of them."""

from __future__ import annotations

import gzip
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.demo.arxiv_feeds import atom, feed_error, rss
from digest.arxiv.feed import parse_feed
from digest.errors import InvalidFeed
from digest.model import Announcement, AnnounceType, ArxivId, Paper
from tests.peers.arxiv import TUESDAY, cross, new, revised

DATA = Path(__file__).parent / "data/arxiv"
DEMO = Path(__file__).parents[1] / "bot/demo/data"
SHARED = Path(__file__).parents[1] / "../shared/data/feeds"
BUILT = datetime(2026, 6, 30, 4, tzinfo=UTC)
CUT = (DATA / "feeds/cs.AI_2026-08-18_cut.rss.xml").read_bytes()


def _rss(*items: str, title: str = "cs.CV updates on arXiv.org", extra: str = "") -> bytes:
    spaces = 'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    channel = f"<title>{title}</title>{extra}" + "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0" {spaces}><channel>{channel}</channel></rss>'.encode()


def test_a_real_atom_feed_gives_clean_papers() -> None:
    feed = parse_feed((DATA / "feeds/cs.AI_2025-08-20_real.atom.xml").read_bytes())

    assert (feed.category, feed.day, feed.problem) == ("cs.AI", date(2025, 8, 20), "")
    assert Counter(each.type for each in feed.announcements) == {AnnounceType.CROSS: 5, AnnounceType.NEW: 2}
    first = feed.announcements[0]
    assert first.paper.id == ArxivId("2508.13426", 1)
    assert first.paper.abstract.startswith("As large language models")
    assert first.paper.authors == ("Chunhua Liu", "Kabir Manandhar Shrestha", "Sukai Huang")
    assert first.paper.categories == ("cs.CL", "cs.AI")
    assert first.paper.licence == "http://creativecommons.org/licenses/by-nc-sa/4.0/"
    assert (first.day, first.listed_in) == (date(2025, 8, 20), ("cs.AI",))


def test_a_feed_of_a_day_has_all_four_announce_types() -> None:
    feed = parse_feed(CUT)

    assert Counter(each.type for each in feed.announcements) == dict.fromkeys(AnnounceType, 10)
    assert feed.day == date(2026, 8, 18)


def test_no_abstract_keeps_arxivs_prefix() -> None:
    for path in (*DATA.glob("feeds/*"), *DEMO.glob("*.rss.xml*")):
        for each in parse_feed(path.read_bytes()).announcements:
            assert "Announce Type" not in each.paper.abstract
            assert not each.paper.title.startswith(("Title:", "arXiv:"))


@pytest.mark.skipif(not SHARED.exists(), reason="the full recorded feeds lie in ../shared/data")
@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("cs.LG_2026-08-18", 551),
        ("cs.AI_2026-06-30", 214),
    ],
)
def test_rss_and_atom_of_a_day_say_the_same(name: str, number: int) -> None:
    rss_feed = parse_feed((SHARED / f"{name}_via-arxiv-feed.rss.xml").read_bytes())
    atom_feed = parse_feed((SHARED / f"{name}_via-arxiv-feed.atom.xml").read_bytes())

    assert len(rss_feed.announcements) == number
    assert rss_feed.announcements == atom_feed.announcements


def test_markup_signs_in_abstracts_survive() -> None:
    paper = new("2606.30001", "AT&T <b>", abstract=r"If $x<y$ & Q\&A, then AT&T &amp; <p>").paper
    for render in (rss, atom):
        read = parse_feed(
            render(
                "cs.CV", [new("2606.30001", paper.title, abstract=paper.abstract)], day=TUESDAY, built=BUILT
            )
        )

        assert read.announcements[0].paper.abstract == paper.abstract
        assert read.announcements[0].paper.title == paper.title


def test_mail_addresses_in_affiliations_do_not_break_the_author_list() -> None:
    creator = "<dc:creator>Jane Doe (Univ. A, jane@x.org), R. Roe</dc:creator>"

    assert parse_feed(_rss(f"<guid>oai:arXiv.org:2606.30001v1</guid>{creator}")).announcements[
        0
    ].paper.authors == ("Jane Doe", "R. Roe")


def test_doi_and_journal_reference_are_read() -> None:
    announced = new("2606.30001", "A", doi="10.1/x", journal_ref="J. 1 (2026)")

    paper = parse_feed(rss("cs.CV", [announced], day=TUESDAY, built=BUILT)).announcements[0].paper

    assert (paper.doi, paper.journal_ref) == ("10.1/x", "J. 1 (2026)")


@pytest.mark.parametrize("render", [rss, atom])
def test_what_the_small_arxiv_writes_is_read_back(render: object) -> None:
    announced = (new("2606.30001", "A"), cross("2606.30002", "B"), revised("2606.30003", "C"))

    feed = parse_feed(render("cs.CV", announced, day=TUESDAY, built=BUILT))  # type: ignore[operator]

    assert [(str(each.paper.id), each.type) for each in feed.announcements] == [
        ("2606.30001v1", "new"),
        ("2606.30002v1", "cross"),
        ("2606.30003v2", "replace"),
    ]


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ("<guid>oai:arXiv.org:2606.30001v1</guid><category>cs.CV</category>", "new"),
        ("<guid>oai:arXiv.org:2606.30001v1</guid><category>cs.RO</category>", "cross"),
        ("<guid>oai:arXiv.org:2606.30001v3</guid><category>cs.CV</category>", "replace"),
        ("<guid>oai:arXiv.org:2606.30001v3</guid><category>cs.RO</category>", "replace-cross"),
        ("<link>https://arxiv.org/abs/hep-th/9901001</link>", "new"),
        (
            "<description>arXiv:2606.30001v2 Announce Type: replace-cross \nAbstract: T</description>",
            "replace-cross",
        ),
    ],
)
def test_an_entry_without_announce_type_is_judged_by_version_and_primary(item: str, kind: str) -> None:
    assert parse_feed(_rss(item)).announcements[0].type == kind


def test_an_entry_with_nothing_but_an_identifier_is_a_paper() -> None:
    announced = parse_feed(_rss("<guid>oai:arXiv.org:2401.00001</guid>")).announcements[0]

    assert announced == Announcement(
        paper=Paper(id=ArxivId("2401.00001"), title="2401.00001"),
        type=AnnounceType.NEW,
        day=date(2024, 1, 1),
        listed_in=("cs.CV",),
    )


def test_empty_elements_are_no_trouble() -> None:
    fields = ("id", "title", "summary", "link", "author", "published", "category", "arxiv:primary_category")
    entry = f"<entry>{''.join(f'<{field}/>' for field in fields)}</entry>"
    good = "<entry><id>oai:arXiv.org:2401.00001v1</id><title/><summary/><arxiv:comment/><author/></entry>"
    spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'

    feed = parse_feed(f"<feed {spaces}><title/><id/>{entry}{good}</feed>".encode())

    assert [str(each.paper.id) for each in feed.announcements] == ["2401.00001v1"]


def test_entries_that_name_no_paper_are_counted_as_a_problem() -> None:
    feed = parse_feed(_rss("<guid>oai:arXiv.org:2401.00001</guid>", "<title>Advertisement</title>"))

    assert len(feed.announcements) == 1
    assert feed.problem == "1 of 2 entries name no arXiv paper."


def test_a_feed_of_several_categories_names_them() -> None:
    assert parse_feed(_rss(title="cs.AI + cs.CV updates on arXiv.org")).categories == ("cs.AI", "cs.CV")


def test_a_weekend_feed_is_empty_and_no_error() -> None:
    feed = parse_feed(_rss(extra="<skipDays><day>Saturday</day><day>Sunday</day></skipDays>"))

    assert (feed.category, feed.announcements) == ("cs.CV", ())


def test_a_saved_api_answer_is_read_like_a_feed() -> None:
    feed = parse_feed((DATA / "api/old_style_id.xml").read_bytes())

    paper = feed.announcements[0].paper
    assert (str(paper.id), paper.submitted) == ("astro-ph/0601001v1", date(2006, 1, 2))
    assert paper.authors == ("Andrew Gould", "Susan Dorsher", "B. Scott Gaudi", "Andrzej Udalski")


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "utf-8-sig"])
def test_any_encoding_is_read(encoding: str) -> None:
    title = "Erdős" if encoding != "latin-1" else "Müller"
    declared = {"utf-16": "UTF-16", "latin-1": "ISO-8859-1", "utf-8-sig": "UTF-8"}[encoding]
    text = (
        f'<?xml version="1.0" encoding="{declared}"?>'
        + _rss(f"<guid>oai:arXiv.org:2401.00001</guid><title>{title}</title>").decode()
    )

    assert parse_feed(text.encode(encoding)).announcements[0].paper.title == title


def test_a_gzipped_feed_is_unpacked() -> None:
    assert parse_feed(gzip.compress(CUT)) == parse_feed(CUT)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This is empty"),
        (b"   \n", "This is empty"),
        (b"<!DOCTYPE html><html><title>Sign in</title></html>", "a web page (“Sign in”)"),
        (b"%PDF-1.7\n...", "a PDF"),
        (b'{"papers": []}', "JSON"),
        (b"<catalog/>", "XML without a feed"),
        (bytes(range(1, 256)), "text or binary data"),
        (gzip.compress(CUT)[:2000], "gzip file is cut off"),
        (_rss("<guid>https://news.example/1</guid>", title="News"), "“News” is not arXiv's"),
        (CUT[:20_000], "cut off"),
        (b'<?xml version="1.0" encoding="\xad"?>' + CUT[40:], "cannot be read as a feed"),
        (CUT[: CUT.rindex(b"</item>") + 7], "cut off: its XML stops in the middle, after 40 entries"),
        (feed_error("cs.ZZ", "Bad category: cs.ZZ."), "arXiv has no feed for “cs.ZZ”: Bad category: cs.ZZ."),
        (
            (DATA / "api/error_400_bad_id.xml").read_bytes(),
            "arXiv refused the query: incorrect id format for abc.",
        ),
    ],
)
def test_what_is_no_feed_is_named_in_one_sentence(content: bytes, words: str) -> None:
    with pytest.raises(InvalidFeed) as caught:
        parse_feed(content)

    assert words in str(caught.value)


def test_broken_xml_that_is_whole_is_used_with_a_warning() -> None:
    feed = parse_feed(CUT.replace(b"AutoWorldModel", b"Auto\x0bWorld&nbsp;Model", 1))

    assert len(feed.announcements) == 40
    assert "broken" in feed.problem


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200)
    | st.builds(lambda cut, noise: CUT[:cut] + noise, st.integers(0, 9000), st.binary(max_size=40))
)
def test_no_bytes_break_the_parser(content: bytes) -> None:
    titles = ["not a feed"]
    with suppress(InvalidFeed):
        titles = [each.paper.title for each in parse_feed(content).announcements]
    assert all(titles)
