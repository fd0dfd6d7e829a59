"""What a channel likes comes first among equals, and nothing is hidden for it."""

from __future__ import annotations

from datetime import date

from digest.matching import matches, taste
from digest.model import Announcement, AnnounceType, ArxivId, Paper

SOCCER = Paper(id=ArxivId("2606.00001"), title="Soccer", abstract="Robots play soccer on grass with a ball.")
COOKING = Paper(id=ArxivId("2606.00002"), title="Cooking", abstract="Robots cook pasta in a kitchen pan.")


def announced(number: int, title: str, abstract: str, kind: AnnounceType = AnnounceType.NEW) -> Announcement:
    paper = Paper(id=ArxivId(f"2607.{number:05}"), title=title, abstract=abstract)
    return Announcement(paper=paper, type=kind, day=date(2026, 7, 1))


CHOICES = (
    announced(1, "A VLA", "Goals, a ball and grass: soccer."),
    announced(2, "A VLA", "Walls and brushes."),
    announced(3, "A VLA", "Pasta and a pan in the kitchen."),
)


def order(liked: list[Paper], disliked: list[Paper], *more: Announcement) -> list[str]:
    found = matches("vla", (*CHOICES, *more), liked=taste(liked, disliked))
    return [match.announcement.paper.id.id[-1] for match in found]


def test_without_opinions_there_is_no_taste() -> None:
    assert taste([], []) is None
    assert order([], []) == ["1", "2", "3"]


def test_what_is_liked_comes_first_and_what_is_disliked_last() -> None:
    assert order([COOKING], [SOCCER]) == ["3", "2", "1"]
    assert order([SOCCER], [COOKING]) == ["1", "2", "3"]


def test_a_dislike_alone_lowers_and_hides_nothing() -> None:
    assert order([], [SOCCER]) == ["2", "3", "1"]


def test_taste_counts_after_everything_else() -> None:
    cross = announced(4, "A VLA", COOKING.abstract, AnnounceType.CROSS)
    assert order([COOKING], [], cross)[-1] == "4"


def test_a_taste_is_between_0_and_1_for_any_paper() -> None:
    how_liked = taste([COOKING, COOKING], [SOCCER])
    assert how_liked is not None
    papers = [COOKING, SOCCER, Paper(id=ArxivId("2606.00003"), title=""), *(each.paper for each in CHOICES)]
    assert all(0 <= how_liked(each) <= 1 for each in papers)
    assert how_liked(COOKING) > 0.9
    assert how_liked(SOCCER) < 0.2
