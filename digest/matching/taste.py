"""What a channel likes, from the papers its people saved, liked and dismissed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from digest.matching.likeness import Vector, likeness, vector
from digest.matching.text import PaperText
from digest.model import Paper


def taste(liked: Iterable[Paper], disliked: Iterable[Paper]) -> Callable[[Paper], float] | None:
    """How much a paper is to the channel's taste: 0 to 1, a half where nothing tells.

    That is its likeness to the most alike of the liked papers less that to the most alike of the disliked.
    None where there is neither. For `rank`, as its last criterion: it reorders and hides nothing.
    """
    good, bad = _vectors(liked), _vectors(disliked)
    if not good and not bad:
        return None

    def how_liked(paper: Paper) -> float:
        words = vector(PaperText(paper).topic.keys)
        return (1 + _most_alike(words, good) - _most_alike(words, bad)) / 2

    return how_liked


def _vectors(papers: Iterable[Paper]) -> tuple[Vector, ...]:
    return tuple(vector(PaperText(paper).topic.keys) for paper in papers)


def _most_alike(words: Vector, examples: Iterable[Vector]) -> float:
    return min(1.0, max((likeness(words, each) for each in examples), default=0.0))
