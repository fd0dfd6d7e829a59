"""Matches, the best first: in the title before in the abstract, rare before common, new before cross."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from digest.matching.grammar import parse_query
from digest.matching.index import SubscriptionIndex
from digest.matching.query import Query
from digest.model import Announcement, AnnounceType, ArxivId, Field, Hit, Match, Paper
from digest.union import strongest

_RARENESS_STEPS = 24  # halvings of the commonest phrase that are told apart

Papers = Callable[[ArxivId], Paper | None]


def matches(
    queries: str | Query | Iterable[str | Query],
    announcements: Iterable[Announcement],
    *,
    papers: Papers | None = None,
    liked: Callable[[Paper], float] | None = None,
) -> tuple[Match, ...]:
    """The announcements that any of the queries asks for, the best first, each paper and day once.

    `papers` looks up the examples of `like:`; without it they are sought among the announcements. `liked` is
    that of `rank`. Raises `InvalidQuery`.
    """
    merged = strongest(announcements)
    index = _index([queries] if isinstance(queries, str | Query) else queries, merged, papers)
    return rank((match for each in merged if (match := _match(index, each)) is not None), liked=liked)


def found_by_each(
    queries: Iterable[str | Query],
    announcements: Iterable[Announcement],
    *,
    papers: Papers | None = None,
) -> tuple[tuple[Announcement, ...], ...]:
    """What each query finds by itself, without saying why: for counting many queries in one reading."""
    merged = strongest(announcements)
    several = tuple(queries)
    index = _index(several, merged, papers)
    found: list[list[Announcement]] = [[] for _ in several]
    for each in merged:
        for number in index.keys(_with_listings(each)):
            found[number].append(each)
    return tuple(map(tuple, found))


def _index(
    queries: Iterable[str | Query], announced: Iterable[Announcement], papers: Papers | None
) -> SubscriptionIndex[int]:
    """The queries under their numbers from 0."""
    known = {each.paper.id.id: each.paper for each in announced}
    index: SubscriptionIndex[int] = SubscriptionIndex(papers or (lambda paper: known.get(paper.id)))
    for number, query in enumerate(queries):
        index.add(number, parse_query(query) if isinstance(query, str) else query)
    return index


def _match(index: SubscriptionIndex[int], announcement: Announcement) -> Match | None:
    found = index.match(_with_listings(announcement))
    hits = dict.fromkeys(hit for number in sorted(found) for hit in found[number])
    return Match(announcement=announcement, hits=tuple(hits)) if hits else None


def _with_listings(announcement: Announcement) -> Paper:
    """The paper in all the categories that are known: some feeds name only the primary one."""
    paper = announcement.paper
    categories = tuple(dict.fromkeys((*paper.categories, *announcement.listed_in)))
    return paper if categories == paper.categories else replace(paper, categories=categories)


def rank(
    matches: Iterable[Match],
    *,
    frequencies: Mapping[str, int] | None = None,
    liked: Callable[[Paper], float] | None = None,
) -> tuple[Match, ...]:
    """The matches with their scores, the highest first.

    In this order: a hit in the title or of an author before one in the abstract before a category; the rarer
    the rarest phrase the better (in halvings of its frequency); new, cross, replace, replace-cross; more
    phrases; what the channel liked (`liked` gives 0 to 1). Equals stand by day, the latest first, then
    identifier. `frequencies` tells how many papers have a phrase; without it the matches are counted.
    """
    several = tuple(matches)
    counts = frequencies or Counter(hit.phrase for match in several for hit in match.hits)
    scored = [
        replace(match, score=_score(match, counts) + (liked(match.announcement.paper) / 10 if liked else 0))
        for match in several
    ]
    return tuple(sorted(scored, key=_order))


def _order(match: Match) -> tuple[float, int, str]:
    return -match.score, -match.announcement.day.toordinal(), match.announcement.paper.id.id


_FIELD_STEPS = {Field.TITLE: 2, Field.AUTHOR: 2, Field.ABSTRACT: 1, Field.COMMENT: 1, Field.CATEGORY: 0}


def _score(match: Match, counts: Mapping[str, int]) -> float:
    """Steps of each criterion, every one worth more than all that come after it."""
    best = max((_FIELD_STEPS[hit.field] for hit in match.hits), default=0)
    rareness = max((_rareness(hit, counts) for hit in match.hits), default=0)
    strength = len(AnnounceType) - match.announcement.type.strength
    phrases = min(len(match.hits), 9)
    return best * 10_000.0 + rareness * 100 + strength * 10 + phrases


def _rareness(hit: Hit, counts: Mapping[str, int]) -> int:
    if hit.field is Field.CATEGORY:
        return 0
    return max(0, _RARENESS_STEPS - round(math.log2(max(1, counts.get(hit.phrase, 1)))))
