"""Which of very many phrases occur in a text: dictionaries of words, word pairs and word triples.

The work per text is one lookup per word, pair and triple, however many phrases there are, and with many
phrases all of it runs inside `map`. At a million phrases a lookup costs what the memory it touches costs, so
words are interned: equal tuples of interned words are compared without looking at the words. `tests/bench`
measures this against an automaton.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from sys import intern
from typing import Generic, TypeVar

P = TypeVar("P")
C = TypeVar("C")
Phrase = tuple[str, ...]

_MANY = 1_000  # with so many last words, there is one at nearly every place
_DENSE = 10  # if one place in so many has one, looking up all places at once is faster


class PhraseTable(Generic[P]):
    """Phrases and what each stands for, which must be true. Last words are compared by their keys.

    `keys` in the methods below are the words of the text in the form that last words are compared in: their
    plural keys, or the words themselves.
    """

    def __init__(self) -> None:
        self._one: dict[str, P] = {}
        self._two: dict[Phrase, P] = {}
        self._three: dict[Phrase, P] = {}
        self._longer: dict[Phrase, dict[Phrase, P]] = {}  # by their last three words
        self._ends: dict[str, int] = {}  # how many phrases of several words have this last key

    def __bool__(self) -> bool:
        return bool(self._one or self._ends)

    def get(self, phrase: Phrase) -> P | None:
        match len(phrase):
            case 1:
                return self._one.get(phrase[0])
            case 2:
                return self._two.get(phrase)
            case 3:
                return self._three.get(phrase)
            case _:
                return self._longer.get(phrase[-3:], {}).get(phrase)

    def put(self, phrase: Phrase, value: P) -> None:
        """Add a phrase that is not there; its last word is a key."""
        phrase = tuple(map(intern, phrase))
        match len(phrase):
            case 1:
                self._one[phrase[0]] = value
                return
            case 2:
                self._two[phrase] = value
            case 3:
                self._three[phrase] = value
            case _:
                self._longer.setdefault(phrase[-3:], {})[phrase] = value
        _count(self._ends, phrase[-1], 1)

    def drop(self, phrase: Phrase) -> None:
        """Remove a phrase that is there."""
        match len(phrase):
            case 1:
                del self._one[phrase[0]]
                return
            case 2:
                del self._two[phrase]
            case 3:
                del self._three[phrase]
            case _:
                del self._longer[phrase[-3:]][phrase]
                if not self._longer[phrase[-3:]]:
                    del self._longer[phrase[-3:]]
        _count(self._ends, phrase[-1], -1)

    def found(self, words: Sequence[str], keys: Sequence[str]) -> set[P]:
        """What stands for the phrases that occur. Words and keys are best interned."""
        found = set(filter(None, map(self._one.get, keys)))
        if not self._ends:
            return found
        places = range(len(keys)) if len(self._ends) > _MANY else self._end_places(keys)
        if len(places) * _DENSE > len(keys):
            self._add_all(found, words, keys)
        else:
            for place in places:
                found.update(filter(None, self._ending_at(place, words, keys[place])))
        return found

    def _end_places(self, keys: Sequence[str]) -> Sequence[int]:
        """Where the last words of phrases are in the text."""
        return list(compress(range(len(keys)), map(self._ends.__contains__, keys)))

    def _add_all(self, found: set[P], words: Sequence[str], keys: Sequence[str]) -> None:
        found.update(filter(None, map(self._two.get, zip(words, keys[1:], strict=False))))
        triples = list(zip(words, words[1:], keys[2:], strict=False))
        found.update(filter(None, map(self._three.get, triples)))
        if self._longer:
            for place in compress(range(2, len(keys)), map(self._longer.__contains__, triples)):
                found.update(filter(None, self._longer_at(place, words, keys[place])))

    def _ending_at(self, place: int, words: Sequence[str], key: str) -> Iterator[P | None]:
        if place > 0:
            yield self._two.get((words[place - 1], key))
        if place > 1:
            triple = (words[place - 2], words[place - 1], key)
            yield self._three.get(triple)
            if triple in self._longer:
                yield from self._longer_at(place, words, key)

    def _longer_at(self, place: int, words: Sequence[str], key: str) -> Iterator[P | None]:
        phrases = self._longer[words[place - 2], words[place - 1], key]
        for size in set(map(len, phrases)):
            if size <= place + 1:
                yield phrases.get((*words[place + 1 - size : place], key))


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
