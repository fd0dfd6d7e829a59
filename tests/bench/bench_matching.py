"""Matching 1,500 real papers: the index against an Aho-Corasick automaton and a loop of patterns.

The automaton gets the words that the index gets, folded by the same code. Times are CPU time, the least of
several rounds taken in turns.
"""

from __future__ import annotations

import gc
import random
import re
import resource
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from sys import intern

import ahocorasick_rs

from digest.matching import Clause, Query, SubscriptionIndex, Term, TermKind, fold, parse_query
from digest.matching.folding import words_of
from digest.matching.spellings import spellings
from digest.matching.text import PaperText
from digest.model import Paper
from tests.labelled import labelled

PAPERS = 1_500
SIZES = (100, 10_000, 100_000, 1_000_000)
PREDECESSOR = (
    "vla, vision language action, traffic prediction, spatio-temporal prediction, time series forecasting, "
    "world model"
)


def run() -> None:
    """Print scan times and ratios for every number of subscriptions, then what comes besides."""
    papers = _papers()
    characters = sum(len(paper.title) + len(paper.abstract) for paper in papers) / len(papers)
    ((folding, _),) = _least([lambda: sum(len(PaperText(paper).stream.keys) for paper in papers)])
    print(f"{PAPERS} papers of {characters:.0f} characters; folding them alone: {folding * 1000:.0f} ms CPU")
    print("Scan = folding and the set of distinct phrases in each paper. Phrases are cut from the texts.")
    print("The automaton gets every spelling that the index knows; plurals and tails are the index's alone.")
    print("phrases    scan ms  automaton ms  ratio  build s  automaton s  hits/paper  index MB")
    phrases = _phrases(papers, SIZES[-1])
    for size in SIZES:
        _scan_row(papers, phrases[:size])
    _exact_row(papers, phrases[:10_000])
    _regex_row(papers, phrases[:10_000])
    _whole_row(papers)


def _papers() -> list[Paper]:
    """The labelled papers, and as many made of one's title and sentences of two others as are wanted."""
    real = [announcement.paper for _, announcement in labelled()]
    chance = random.Random(1)
    made = []
    for _ in range(PAPERS - len(real)):
        one, two, three = chance.sample(real, 3)
        first, second = (paper.abstract.split(". ") for paper in (two, three))
        abstract = ". ".join(first[: len(first) // 2] + second[len(second) // 2 :])
        made.append(replace(one, abstract=abstract))
    return real + made


def _phrases(papers: Sequence[Paper], number: int) -> list[tuple[str, ...]]:
    """Distinct runs of 1 to 4 words; single words only if they stand in less than 1 % of the papers.

    Where the texts have no more, known words are put together: phrases that nobody will find.
    """
    chance = random.Random(2)
    texts = [[*map(intern, words_of(f"{paper.title}\n{paper.abstract}"))] for paper in papers]
    counts = Counter(word for words in texts for word in set(words))
    vocabulary = list(counts)
    found: dict[tuple[str, ...], None] = {}
    tries = 0
    while len(found) < number:
        tries += 1
        size = chance.choice((1, 2, 2, 2, 3, 3, 4))
        if tries > 4 * number // 5:
            phrase = tuple(chance.choices(vocabulary, k=max(size, 2)))
        else:
            words = chance.choice(texts)
            start = chance.randrange(len(words))
            phrase = tuple(words[start : start + size])
        if len(phrase) > 1 or counts[phrase[0]] < PAPERS / 100:
            found[phrase] = None
    return list(found)


def _scan_row(papers: Sequence[Paper], phrases: Sequence[tuple[str, ...]]) -> None:
    before = _megabytes()
    start = time.process_time()
    index = _index(phrases, TermKind.WORDS)
    build = time.process_time() - start
    memory = _megabytes() - before
    start = time.process_time()
    automaton = _automaton([way for phrase in phrases for way in spellings(phrase)])
    automaton_build = time.process_time() - start
    (ours, hits), (theirs, their_hits) = _least(
        [lambda: _index_hits(index, papers), lambda: _automaton_hits(automaton, papers)]
    )
    assert hits >= their_hits  # ours knows plurals
    print(
        f"{len(phrases):9,}  {ours * 1000:7.0f}  {theirs * 1000:12.0f}  {ours / theirs:5.2f}  {build:7.2f}"
        f"  {automaton_build:11.2f}  {hits / PAPERS:10.1f}  {memory:8.0f}"
    )


def _exact_row(papers: Sequence[Paper], phrases: Sequence[tuple[str, ...]]) -> None:
    """What both can do, exact phrases in folded texts, must come out the same."""
    folded = [replace(paper, title=fold(paper.title), abstract=fold(paper.abstract)) for paper in papers]
    index = _index(phrases, TermKind.EXACT)
    ours = sum(len(index.keys(paper)) for paper in folded)
    theirs = _automaton_hits(_automaton(phrases), folded)
    assert ours == theirs, (ours, theirs)
    print(
        f"exact phrases, {len(phrases):,}: the index and the automaton find the same {ours:,} in all papers"
    )


def _index(phrases: Sequence[tuple[str, ...]], kind: TermKind) -> SubscriptionIndex[int]:
    index: SubscriptionIndex[int] = SubscriptionIndex()
    for number, phrase in enumerate(phrases):
        text = " ".join(phrase)
        term = Term(kind=kind, written=text, inner=text, words=phrase)
        index.add(number, Query(text=text, clauses=(Clause(required=(term,)),)))
    return index


def _automaton(phrases: Sequence[tuple[str, ...]]) -> ahocorasick_rs.AhoCorasick:
    return ahocorasick_rs.AhoCorasick([f" {' '.join(phrase)} " for phrase in phrases])


def _index_hits(index: SubscriptionIndex[int], papers: Sequence[Paper]) -> int:
    return sum(len(index.scan(paper)) for paper in papers)


def _automaton_hits(automaton: ahocorasick_rs.AhoCorasick, papers: Sequence[Paper]) -> int:
    hits = 0
    for paper in papers:
        text = f" {' '.join(PaperText(paper).stream.words)} "  # as in the index, with its keys and tails
        hits += len({found[0] for found in automaton.find_matches_as_indexes(text, overlapping=True)})
    return hits


def _regex_row(papers: Sequence[Paper], phrases: Sequence[tuple[str, ...]]) -> None:
    """The loop that most bots have: a pattern per phrase over every text; a sample of both, multiplied."""
    some_papers, some_phrases = papers[:: PAPERS // 15], phrases[:: len(phrases) // 200]
    patterns = [_pattern(phrase) for phrase in some_phrases]
    texts = [f"{paper.title}\n{paper.abstract}" for paper in some_papers]
    index = _index(phrases, TermKind.WORDS)

    def loop() -> int:
        return sum(pattern.search(text) is not None for text in texts for pattern in patterns)

    (sample, _), (ours, _) = _least([loop, lambda: _index_hits(index, papers)])
    whole = sample * (len(papers) / len(texts)) * (len(phrases) / len(patterns))
    print(
        f"a loop of {len(phrases):,} patterns: {whole:.0f} s, extrapolated from {len(patterns)} patterns on "
        f"{len(texts)} papers: {whole / ours:,.0f} x the index"
    )


def _pattern(phrase: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"\b" + r"[\s\-]+".join(map(re.escape, phrase)) + r"\b", re.IGNORECASE)


def _whole_row(papers: Sequence[Paper]) -> None:
    """A team's day, whole: parse six keywords, match 800 papers, quote the hits."""

    def day() -> int:
        index: SubscriptionIndex[int] = SubscriptionIndex()
        index.add(0, parse_query(PREDECESSOR))
        return sum(len(index.match(paper)) for paper in papers[:800])

    (seconds, hits), *_ = _least([day])
    print(f"six keywords, 800 papers, {hits} matches with snippets: {seconds * 1000:.0f} ms CPU")
    index = _index([("world", f"model{number}") for number in range(100_000)], TermKind.WORDS)
    query = parse_query("vision language action")
    start = time.process_time()
    for number in range(10_000):
        index.add(-1 - number, query)
    print(f"one more subscription among 100,000: {(time.process_time() - start) * 100:.1f} us")


def _least(works: Sequence[Callable[[], int]], rounds: int = 3) -> list[tuple[float, int]]:
    """The least CPU time of each work in seconds, measured in turns, and what it returned."""
    least = [(float("inf"), 0)] * len(works)
    for _ in range(rounds):
        for number, work in enumerate(works):
            gc.collect()
            start = time.process_time()
            result = work()
            least[number] = min(least[number], (time.process_time() - start, result))
    return least


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
