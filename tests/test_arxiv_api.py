"""Answers of the export API."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.demo.arxiv_feeds import api_answer
from digest.arxiv.api import batches, parse_api_answer
from digest.errors import InvalidFeed
from digest.model import ArxivId
from tests.peers.arxiv import new

DATA = Path(__file__).parent / "data/arxiv/api"


def test_an_answer_has_what_the_feed_lacks() -> None:
    (paper,) = parse_api_answer((DATA / "old_style_id.xml").read_bytes())

    assert str(paper.id) == "astro-ph/0601001v1"
    assert paper.submitted == date(2006, 1, 2)
    assert paper.journal_ref == "ActaAstron.56:1-50,2006"
    assert paper.comment is not None
    assert paper.comment.startswith("62 pages including 16 figures")
    assert paper.categories == ("astro-ph",)


def test_the_primary_category_comes_first() -> None:
    paper = parse_api_answer((DATA / "ten_results.xml").read_bytes())[0]

    assert paper.categories == ("cs.SE", "cs.AI", "cs.CY", "cs.DB", "cs.LG")
    assert paper.doi == "10.1145/3106237.3106277"


@pytest.mark.parametrize(("name", "number"), [("unknown_id", 0), ("two_ids", 1), ("ten_results", 10)])
def test_unknown_identifiers_are_absent(name: str, number: int) -> None:
    assert len(parse_api_answer((DATA / f"{name}.xml").read_bytes())) == number


def test_an_error_entry_is_arxivs_own_reason() -> None:
    with pytest.raises(InvalidFeed, match="incorrect id format for abc"):
        parse_api_answer((DATA / "error_400_bad_id.xml").read_bytes())


def test_what_the_small_arxiv_answers_is_read_back() -> None:
    paper = new("2606.30001", "A & B", comment="5 pages", submitted=date(2026, 6, 28)).paper

    assert parse_api_answer(api_answer("id_list=2606.30001", [paper])) == (paper,)


def test_a_request_holds_at_most_100_distinct_identifiers() -> None:
    ids = [ArxivId(f"2606.{number:05d}") for number in range(250)]

    assert [len(batch) for batch in batches([*ids, *ids])] == [100, 100, 50]
