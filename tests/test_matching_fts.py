"""The index and SQLite's FTS5 agree on which real papers have which phrases, and on AND, OR and NOT."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from digest.errors import InvalidQuery
from digest.matching import SubscriptionIndex, fold, parse_query
from digest.model import Paper
from tests.labelled import labelled

# Where the two fold differently on purpose: TeX, addresses, possessives, decimals, signs, Greek, CamelCase.
_OURS = re.compile(
    r"[a-z\d][A-Z]{3}|\b[A-Z]{2}s\b|[\\${}^@'+#*]|://|www\.|\.\w+/|github\.io|\d\.\d|[^\x00-\x7f]"
)


def _papers() -> list[Paper]:
    papers = [announcement.paper for _, announcement in labelled()]
    return [paper for paper in papers if not _OURS.search(paper.title + paper.abstract)]


def _phrases(papers: list[Paper], chance: random.Random, number: int) -> Iterator[str]:
    for _ in range(number):
        words = re.findall(r"[A-Za-z]{2,}", chance.choice(papers).abstract)
        size = min(chance.choice((1, 1, 2, 2, 3, 4)), len(words))
        start = chance.randrange(len(words) - size + 1)
        yield " ".join(words[start : start + size]).lower()


def _queries(papers: list[Paper], chance: random.Random) -> Iterator[tuple[str, str]]:
    """Pairs of one query in our language and in FTS5's."""
    for one, two, three in zip(*(_phrases(papers, chance, 400) for _ in range(3)), strict=True):
        match chance.randrange(6):
            case 0:
                yield f'"{one}"', f'"{one}"'
            case 1:
                yield f'"{one}" AND "{two}"', f'"{one}" AND "{two}"'
            case 2:
                yield f'"{one}" NOT "{two}"', f'"{one}" NOT "{two}"'
            case 3:
                yield f'"{one}" AND "{two}", "{three}"', f'("{one}" AND "{two}") OR "{three}"'
            case 4:
                yield f'title:"{one}"', f'title : "{one}"'
            case _:
                word = one.split()[0]
                if len(word) > 3:
                    yield f"{word[:-1]}*", f'"{word[:-1]}"*'


def _is_taken(query: str) -> bool:
    """Whether a query is neither about stop words alone nor at odds with itself."""
    try:
        parse_query(query)
    except InvalidQuery:
        return False
    return True


def _full_text_search(papers: list[Paper], queries: list[tuple[str, str]]) -> set[tuple[int, int]]:
    """Numbers of queries and of the papers they find."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE VIRTUAL TABLE paper USING fts5(title, abstract, tokenize='unicode61')")
        rows = ((row, paper.title, paper.abstract) for row, paper in enumerate(papers))
        database.executemany("INSERT INTO paper(rowid, title, abstract) VALUES (?, ?, ?)", rows)
        return {
            (number, row)
            for number, (_, theirs) in enumerate(queries)
            for (row,) in database.execute("SELECT rowid FROM paper WHERE paper MATCH ?", (theirs,))
        }


def _index(papers: list[Paper], queries: list[tuple[str, str]]) -> set[tuple[int, int]]:
    index: SubscriptionIndex[int] = SubscriptionIndex()
    for number, (ours, _) in enumerate(queries):
        index.add(number, parse_query(ours))
    return {(number, row) for row, paper in enumerate(papers) for number in index.keys(paper)}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_index_agrees_with_full_text_search_on_texts_that_both_fold_alike(seed: int) -> None:
    papers = _papers()
    queries = [pair for pair in _queries(papers, random.Random(seed)) if _is_taken(pair[0])]
    assert len(queries) > 300
    expected = _full_text_search(papers, queries)
    assert len(papers) > 250
    assert len(expected) > 1_000
    assert {queries[number] for number, _ in _index(papers, queries) ^ expected} == set()


def test_the_index_agrees_with_full_text_search_on_every_text_folded_first() -> None:
    papers = [announcement.paper for _, announcement in labelled()]
    # Not the prefixes: those look at the ends of CamelCase words, too, which folded texts have no more.
    queries = [
        pair for pair in _queries(papers, random.Random(3)) if "*" not in pair[0] and _is_taken(pair[0])
    ]
    folded = [replace(paper, title=fold(paper.title), abstract=fold(paper.abstract)) for paper in papers]
    expected = _full_text_search(folded, queries)
    assert len(expected) > 4_000
    assert {queries[number] for number, _ in _index(papers, queries) ^ expected} == set()
