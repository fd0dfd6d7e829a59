"""How well the predecessor's keywords find the labelled papers; prints the figures with `pytest -rP`."""

from __future__ import annotations

from collections import Counter

import pytest

from digest.matching import fold, matches
from digest.matching.folding import folded
from digest.matching.likeness import THRESHOLD, Vector, likeness, vector
from digest.matching.text import PaperText
from digest.model import Paper
from tests.labelled import labelled

pytestmark = pytest.mark.quality


def _found(query: str) -> set[str]:
    return {match.announcement.paper.id.id for match in matches(query, [each for _, each in labelled()])}


def _names_it(paper: Paper) -> bool:
    text = f" {fold(paper.title)} {fold(paper.abstract)} "
    return any(f" {phrase} " in text for phrase in ("vla", "vlas", "vision language action"))


def _ends_in_it(paper: Paper) -> bool:
    tails = folded(f"{paper.title}\n{paper.abstract}").tails
    return any(tail in ("vla", "vlas") for _, tail in tails)


def test_the_keywords_find_the_papers_and_not_the_substrings() -> None:
    found = _found("vla, vision language action")
    rows = [(label, announcement.paper) for label, announcement in labelled()]
    hits = Counter(label for label, paper in rows if paper.id.id in found)
    total = Counter(label for label, _ in rows)
    print("hits by label:", ", ".join(f"{label} {hits[label]}/{total[label]}" for label in sorted(total)))
    trapped = [
        paper.title
        for label, paper in rows
        if label == "substring_trap" and paper.id.id in found and not _ends_in_it(paper)
    ]
    print("substring traps hit, those that end in VLA left out:", trapped)
    assert len(trapped) <= 3
    missed = [
        paper.title
        for label, paper in rows
        if label == "vla" and _names_it(paper) and paper.id.id not in found
    ]
    assert missed == []
    assert hits["token_hit_unlabelled"] == total["token_hit_unlabelled"]
    assert hits["random_negative"] == 0


def test_papers_like_an_example_are_mostly_on_its_topic() -> None:
    vectors: dict[str, list[Vector]] = {}
    for label, announcement in labelled():
        vectors.setdefault(label, []).append(vector(PaperText(announcement.paper).topic.keys))
    topic, others = vectors["vla"], vectors["random_negative"]
    near = [likeness(one, other) >= THRESHOLD for one in topic for other in topic if one is not other]
    far = [likeness(one, other) >= THRESHOLD for one in topic for other in others]
    recall, noise = sum(near) / len(near), sum(far) / len(far)
    print(f"like: finds {recall:.0%} of the other papers on the topic and {noise:.2%} of unrelated ones")
    assert recall >= 0.5
    assert noise <= 0.005
