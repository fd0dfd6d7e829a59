"""Which of very many phrases occur in a text: sets of words, pairs, triples and fours of words.

The work per text is a lookup for every place and length, however many phrases there are, and nearly all of it
runs inside set intersections. At a million phrases a lookup costs what the memory it touches costs. So words
are interned: equal tuples of interned words are compared without looking at the words. And occurrence is
asked of sets, which are half the size of dictionaries, before the answer is fetched. `tests/bench` measures
this against an automaton.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from typing import Generic, TypeVar

P = TypeVar("P")
C = TypeVar("C")
Phrase = tuple[str, ...]

_LONGEST = 4  # words of the phrases that are looked up whole
_SMALL = 3_000  # phrases up to which one pass over the pairs rules most places out


class PhraseTable(Generic[P]):
    """Phrases and what each stands for. Last words are compared by their keys.

    `keys` in the methods below are the words of the text in the form that last words are compared in: their
    plural keys, or the words themselves. Words and keys are best interned.
    """

    def __init__(self) -> None:
        self._values: dict[Phrase, P] = {}
        self._one: dict[str, Phrase] = {}
        # By their number of words, 2 to _LONGEST; among these the ends of longer ones, looked up in one go.
        self._several: dict[int, set[Phrase]] = {}
        self._longer: dict[Phrase, set[Phrase]] = {}  # by their last _LONGEST words
        self._pairs: frozenset[Phrase] | None = None  # the last two words of all phrases, while they are few

    def __bool__(self) -> bool:
        return bool(self._values)

    def get(self, phrase: Phrase) -> P | None:
        return self._values.get(phrase)

    def put(self, phrase: Phrase, value: P) -> None:
        """Add a phrase that is not there, of interned words; its last word is a key."""
        self._values[phrase] = value
        if len(phrase) == 1:
            self._one[phrase[0]] = phrase
        elif len(phrase) <= _LONGEST:
            self._several.setdefault(len(phrase), set()).add(phrase)
        else:
            self._longer.setdefault(phrase[-_LONGEST:], set()).add(phrase)
            self._several.setdefault(_LONGEST, set()).add(phrase[-_LONGEST:])
        self._pairs = None

    def drop(self, phrase: Phrase) -> None:
        """Remove a phrase that is there."""
        del self._values[phrase]
        if len(phrase) == 1:
            del self._one[phrase[0]]
        elif len(phrase) <= _LONGEST:
            if phrase not in self._longer:
                self._several[len(phrase)].remove(phrase)
        else:
            self._drop_longer(phrase, phrase[-_LONGEST:])
        self._pairs = None

    def _drop_longer(self, phrase: Phrase, end: Phrase) -> None:
        longer = self._longer[end]
        longer.remove(phrase)
        if not longer:
            del self._longer[end]
            if end not in self._values:
                self._several[_LONGEST].remove(end)

    def found(self, words: Sequence[str], keys: Sequence[str]) -> Iterable[P]:
        """What stands for the phrases that occur, each once."""
        return map(self._values.__getitem__, self.occurring(words, keys))

    def occurring(self, words: Sequence[str], keys: Sequence[str]) -> set[Phrase]:
        """The phrases that occur, their last words as keys."""
        found = set(filter(None, map(self._one.get, keys)))
        if len(self._values) > _SMALL:
            for length, phrases in self._several.items():
                found |= phrases.intersection(_runs(words, keys, length))
            if ends := self._longer.keys() & found:
                found -= {end for end in ends if end not in self._values}
                runs = map(ends.__contains__, _runs(words, keys, _LONGEST))
                for end in compress(range(_LONGEST, len(keys) + 1), runs):
                    found.update(self._longer_before(end, words, keys))
        elif self._several or self._longer:
            pairs = map(self._last_pairs().__contains__, _runs(words, keys, 2))
            for end in compress(range(2, len(keys) + 1), pairs):
                found.update(self._all_before(end, words, keys))
        return found

    def _last_pairs(self) -> frozenset[Phrase]:
        if self._pairs is None:
            several = (phrase[-2:] for phrases in self._several.values() for phrase in phrases)
            self._pairs = frozenset(several) | {last[-2:] for last in self._longer}
        return self._pairs

    def _all_before(self, end: int, words: Sequence[str], keys: Sequence[str]) -> Iterator[Phrase]:
        """The phrases of several words that end before a place."""
        for length, phrases in self._several.items():
            run = (*words[max(0, end - length) : end - 1], keys[end - 1])
            if run in phrases and run in self._values:
                yield run
        if self._longer:
            yield from self._longer_before(end, words, keys)

    def _longer_before(self, end: int, words: Sequence[str], keys: Sequence[str]) -> Iterator[Phrase]:
        """The phrases of more than _LONGEST words that end before a place."""
        last = (*words[max(0, end - _LONGEST) : end - 1], keys[end - 1])
        for phrase in self._longer.get(last, ()):
            if tuple(words[max(0, end - len(phrase)) : end - 1]) == phrase[:-1]:
                yield phrase


def _runs(words: Sequence[str], keys: Sequence[str], length: int) -> Iterable[Phrase]:
    """Every run of so many words, the last one as its key."""
    columns = [words[start:] for start in range(length - 1)]
    return zip(*columns, keys[length - 1 :], strict=False)


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
