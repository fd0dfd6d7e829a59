"""Which of very many phrases occur in a text: dictionaries of folded words and word pairs.

A phrase of one word is found by its word, a longer one by its last two. The work per text is one lookup per
word and one per pair, whatever the number of phrases; `tests/bench` measures it against an automaton.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Generic, TypeVar

P = TypeVar("P")
C = TypeVar("C")
Phrase = tuple[str, ...]

_FEW = 16
_SHARED: dict[tuple[int, ...], tuple[int, ...]] = {}  # one object for equal tuples: there are very many


class PhraseTable(Generic[P]):
    """Phrases and what each stands for. The last word of a text's phrase is compared by its key.

    `keys` in the methods below are the words of the text in the form that last words are compared in: their
    plural keys, or the words themselves.
    """

    def __init__(self) -> None:
        self._one: dict[str, P] = {}
        self._more: dict[Phrase, P] = {}
        self._sizes: dict[Phrase, tuple[int, ...]] = {}  # of the phrases that end in a pair
        self._others: dict[tuple[Phrase, int], int] = {}  # how many besides the first end so with that size
        self._ends: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._one or self._more)

    def get(self, phrase: Phrase) -> P | None:
        return self._one.get(phrase[0]) if len(phrase) == 1 else self._more.get(phrase)

    def put(self, phrase: Phrase, value: P) -> None:
        """Add a phrase that is not there; its last word is a key."""
        if len(phrase) == 1:
            self._one[phrase[0]] = value
            return
        self._more[phrase] = value
        _count(self._ends, phrase[-1], 1)
        pair, size = phrase[-2:], len(phrase)
        sizes = self._sizes.get(pair, ())
        if size in sizes:
            _count(self._others, (pair, size), 1)
        else:
            longer = (*sizes, size)
            self._sizes[pair] = _SHARED.setdefault(longer, longer)

    def drop(self, phrase: Phrase) -> None:
        """Remove a phrase that is there."""
        if len(phrase) == 1:
            del self._one[phrase[0]]
            return
        del self._more[phrase]
        _count(self._ends, phrase[-1], -1)
        pair, size = phrase[-2:], len(phrase)
        if (pair, size) in self._others:
            _count(self._others, (pair, size), -1)
        elif left := tuple(each for each in self._sizes[pair] if each != size):
            self._sizes[pair] = left
        else:
            del self._sizes[pair]

    def found(self, words: Sequence[str], keys: Sequence[str]) -> Iterator[P]:
        """What stands for the phrases that occur; some may come twice."""
        distinct = set(keys)
        yield from map(self._one.__getitem__, self._one.keys() & distinct)
        ends = self._ends.keys() & distinct
        if not ends:
            return
        if len(ends) <= _FEW:
            pairs = [(words[number - 1], key) for number, key in enumerate(keys) if key in ends and number]
            if self._sizes.keys().isdisjoint(pairs):
                return
        hits = map(self._sizes.__contains__, zip(words, keys[1:], strict=False))
        for number in compress(range(1, len(keys)), hits):
            key = keys[number]
            for size in self._sizes[words[number - 1], key]:
                value = (
                    self._more.get((*words[number + 1 - size : number], key)) if size <= number + 1 else None
                )
                if value is not None:
                    yield value


class PrefixTable(Generic[P]):
    """Phrases whose last word may go on: `quantiz*`, `vision lang*`."""

    def __init__(self) -> None:
        self._by_prefix: dict[str, dict[Phrase, P]] = {}
        self._lengths: dict[str, dict[int, int]] = {}  # by the first letters, which every prefix has

    def __bool__(self) -> bool:
        return bool(self._by_prefix)

    def get(self, phrase: Phrase) -> P | None:
        return self._by_prefix.get(phrase[-1], {}).get(phrase[:-1])

    def put(self, phrase: Phrase, value: P) -> None:
        """Add a phrase that is not there."""
        prefix = phrase[-1]
        self._by_prefix.setdefault(prefix, {})[phrase[:-1]] = value
        _count(self._lengths.setdefault(prefix[:3], {}), len(prefix), 1)

    def drop(self, phrase: Phrase) -> None:
        """Remove a phrase that is there."""
        prefix = phrase[-1]
        del self._by_prefix[prefix][phrase[:-1]]
        if not self._by_prefix[prefix]:
            del self._by_prefix[prefix]
        lengths = self._lengths[prefix[:3]]
        _count(lengths, len(prefix), -1)
        if not lengths:
            del self._lengths[prefix[:3]]

    def found(self, words: Sequence[str]) -> Iterator[P]:
        """What stands for the phrases that occur; some may come twice."""
        for number, word in enumerate(words):
            for length in self._lengths.get(word[:3], ()):
                for before, value in self._by_prefix.get(word[:length], {}).items():
                    start = number - len(before)
                    if start >= 0 and tuple(words[start:number]) == before:
                        yield value


def _count(counts: dict[C, int], key: C, by: int) -> None:
    """Add to a count; a count of zero is forgotten."""
    now = counts.get(key, 0) + by
    if now:
        counts[key] = now
    else:
        del counts[key]
