"""Which match comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest

from digest.errors import InvalidQuery
from digest.matching import matches, parse_query, rank
from digest.model import Announcement, AnnounceType, ArxivId, Match, Paper

_DAY = date(2026, 6, 30)


def _announced(
    number: int,
    title: str,
    abstract: str = "",
    kind: AnnounceType = AnnounceType.NEW,
    **paper: tuple[str, ...],
) -> Announcement:
    return Announcement(
        paper=Paper(id=ArxivId(f"2606.{number:05d}"), title=title, abstract=abstract, **paper),
        type=kind,
        day=_DAY,
    )


def _order(query: str | list[str], *announcements: Announcement) -> list[int]:
    found = matches(query, announcements)
    assert list(found) == sorted(found, key=lambda match: -match.score)
    for other in permutations(announcements):
        assert matches(query, other) == found
    return [int(match.announcement.paper.id.id.split(".")[1]) for match in found]


def test_a_hit_in_the_title_comes_before_one_in_the_abstract() -> None:
    assert _order("vla", _announced(1, "Robots", "A VLA."), _announced(2, "A VLA")) == [2, 1]


def test_a_rare_phrase_comes_before_a_common_one() -> None:
    common = [_announced(n, "A robot") for n in (1, 2, 3, 4)]
    assert _order("robot, vla", *common, _announced(9, "A VLA"))[0] == 9


def test_new_comes_before_cross_before_replace() -> None:
    kinds = (AnnounceType.REPLACE_CROSS, AnnounceType.REPLACE, AnnounceType.CROSS, AnnounceType.NEW)
    assert _order("vla", *(_announced(n, "A VLA", "", kind) for n, kind in enumerate(kinds))) == [3, 2, 1, 0]


def test_a_title_weighs_more_than_being_new() -> None:
    assert _order("vla", _announced(1, "x", "VLA"), _announced(2, "VLA", "", AnnounceType.CROSS)) == [2, 1]


def test_a_category_alone_weighs_least_and_an_author_as_much_as_a_title() -> None:
    assert _order(
        ["cat:cs.RO", "vla", "author:Li"],
        _announced(1, "x", "y", categories=("cs.RO",)),
        _announced(2, "x", "VLA"),
        _announced(3, "x", "y", authors=("A. Li",)),
    ) == [3, 2, 1]


def test_what_the_channel_liked_decides_between_equals() -> None:
    found = matches("vla", [_announced(1, "VLA"), _announced(2, "VLA")])
    liked = rank(found, liked=lambda paper: float(paper.id.id.endswith("2")))
    assert [match.announcement.paper.id.id for match in liked] == ["2606.00002", "2606.00001"]


def test_known_frequencies_count_instead_of_those_of_the_day() -> None:
    found = matches("robot, vla", [_announced(1, "A robot"), _announced(2, "A VLA")])
    assert [match.hits[0].phrase for match in rank(found, frequencies={"robot": 3, "vla": 900})] == [
        "robot",
        "vla",
    ]


def test_a_paper_announced_twice_is_matched_once_with_the_strongest_type() -> None:
    new, cross = _announced(1, "VLA"), _announced(1, "VLA", "", AnnounceType.CROSS)
    (match,) = matches("vla", [cross, new])
    assert match.announcement.type is AnnounceType.NEW


def test_several_queries_give_each_paper_once_with_every_distinct_hit() -> None:
    (match,) = matches(["vla, robot", parse_query("robot"), "absent"], [_announced(1, "A VLA robot")])
    assert [hit.phrase for hit in match.hits] == ["vla", "robot"]


def test_a_listing_counts_as_a_category() -> None:
    announced = replace(_announced(1, "x", categories=("cs.CV",)), listed_in=("cs.RO",))
    assert matches("cat:cs.RO", [announced])


def test_an_example_is_sought_among_the_announcements_or_where_the_caller_says() -> None:
    example = _announced(1, "Tactile gloves", "Grasping fabrics with tactile gloves.")
    near = _announced(2, "Gloves", "Grasping fabrics.")
    assert {match.announcement for match in matches("like:2606.00001", [example, near])} == {example, near}
    assert not matches("like:2606.00001", [near])
    assert matches("like:2606.00001", [near], papers={example.paper.id: example.paper}.get)


def test_nothing_found_is_nothing_and_a_bad_query_is_refused() -> None:
    assert matches("vla", []) == ()
    assert rank(()) == ()
    with pytest.raises(InvalidQuery):
        matches("NOT vla", [])


def test_a_match_keeps_its_announcement_and_gets_a_score() -> None:
    announced = _announced(1, "VLA")
    (match,) = matches("vla", [announced])
    assert match == Match(announcement=announced, hits=match.hits, score=match.score)
    assert match.score > 0
